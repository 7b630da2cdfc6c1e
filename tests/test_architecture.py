"""The code …

What the design says about it and no other tool checks.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.permissions import Role

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "seatadmin").rglob("*.py"))
SERVICES = sorted((ROOT / "seatadmin" / "services").rglob("*.py"))
MIGRATIONS = sorted((ROOT / "migrations").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

LONGEST = 300
"""Lines of a file."""

OF_THE_REQUEST = {"request", "flash", "current_app", "current_user", "session", "g"}
"""What Flask and Flask-Login know about who asks, and services do not."""

STATUSES = {*AccountStatus, *ProgramStatus} - {"active"}
"""Status words that mean nothing else; "active" is a plain word too, and a column."""


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(), name(path)))


def found(path: Path, *lines: int) -> str:
    return ", ".join(f"{name(path)}:{line}" for line in lines)


of_package = pytest.mark.parametrize("path", PACKAGE, ids=name)
of_services = pytest.mark.parametrize("path", SERVICES, ids=name)
of_templates = pytest.mark.parametrize("path", TEMPLATES, ids=name)


def test_imports_in_one_direction_only(capsys: pytest.CaptureFixture[str]) -> None:
    failed = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)

    assert not failed, capsys.readouterr().out


@of_services
def test_of_services_does_not_know_who_asks(path: Path) -> None:
    wrong = [
        node.lineno
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("flask")
        and OF_THE_REQUEST & {alias.name for alias in node.names}
    ]

    assert not wrong, found(path, *wrong)


@of_services
def test_of_services_never_commits(path: Path) -> None:
    wrong = [
        node.lineno
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and ast.unparse(node.func.value) != "savepoint"
    ]

    assert not wrong, found(path, *wrong)


@of_services
def test_of_services_says_what_it_does(path: Path) -> None:
    tree = ast.parse(path.read_text())
    silent = [
        node.lineno
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert ast.get_docstring(tree), found(path, 1)
    assert not silent, found(path, *silent)


@of_package
def test_names_statuses_only_where_they_are_defined(path: Path) -> None:
    if path.name == "lifecycle.py":
        return
    known = list(nodes(path))  # held, so that no id is given away
    docstrings = {
        id(node.value)
        for node in known
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    wrong = [
        node.lineno
        for node in known
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value in STATUSES
        and id(node) not in docstrings
    ]

    assert not wrong, found(path, *wrong)


@of_package
def test_compares_roles_only_where_permissions_are_defined(path: Path) -> None:
    """What a role may do is asked of `allows`, `REACH` and `MANAGES`. Which users of a role there
    are may be asked of the database."""
    if path.name == "permissions.py":
        return
    wrong = [
        node.lineno
        for node in nodes(path)
        if (isinstance(node, ast.Compare) and _compares_a_role(node))
        or (isinstance(node, ast.MatchValue) and _tells_a_role(node.value))
    ]

    assert not wrong, found(path, *wrong)


def _compares_a_role(node: ast.Compare) -> bool:
    sides = [node.left, *node.comparators]
    parts = [part for side in sides for part in getattr(side, "elts", [side])]
    in_sql = any(ast.unparse(part) == "User.role" for part in parts)
    return not in_sql and any(map(_tells_a_role, parts))


def _tells_a_role(node: ast.expr) -> bool:
    """`Role.X`, or the value of one."""
    if isinstance(node, ast.Constant):
        return node.value in set(Role) - {Role.SPONSOR}  # "sponsor" is a field and a table too
    return isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("Role")


@of_templates
def test_decides_by_no_status_and_no_role_in_a_template(path: Path) -> None:
    words = "|".join(STATUSES | (set(Role) - {Role.SPONSOR}))
    expressions = re.findall(r"{[{%].*?[%}]}", path.read_text(), re.DOTALL)

    wrong = [
        text
        for text in expressions
        if re.search(rf"""["'](?:{words})["']|\.role\s*(?:[!=]=|in\b|is\b|not\b)""", text)
    ]

    assert not wrong


@of_templates
def test_runs_no_script_and_sets_no_style_inside_markup(path: Path) -> None:
    wrong = re.findall(
        r"""\son[a-z]+\s*=|javascript:|\sstyle\s*=|<script(?![^>]*\bsrc=)""", path.read_text()
    )

    assert not wrong


@pytest.mark.parametrize("path", MIGRATIONS, ids=name)
def test_of_migrations_stays_as_it_was_when_the_package_changes(path: Path) -> None:
    imported = {
        module
        for node in nodes(path)
        for module in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert not {module for module in imported if module.split(".")[0] in ("seatadmin", "app")}


@pytest.mark.parametrize("path", [*PACKAGE, *TEMPLATES], ids=name)
def test_comes_in_files_that_one_can_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST
