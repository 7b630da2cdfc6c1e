"""`flask audit` …"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select, text

from seatadmin.extensions import db
from seatadmin.ledger import Change, ChangeSeal
from seatadmin.models import Participant
from seatadmin.services import seeding
from tests.databases import Database, PostgreSQLDatabase
from tests.installation import app_over
from tests.views.browsing import Person
from tests.views.conftest import World, stored, world  # noqa: F401 (fixtures)


@pytest.fixture
def seeded(app: Flask) -> Flask:
    with app.app_context():
        seeding.seed(db.session, seeding.Size(40, 2, 4), "a password of nobody", date.today())
        db.session.commit()
    return app


def run(app: Flask, *args: str) -> Any:
    return app.test_cli_runner().invoke(args=["audit", *args])


def tamper(app: Flask, *damage: str) -> None:
    """Go round the triggers, as somebody who owns the database can."""
    with app.app_context():
        sqlite = db.engine.dialect.name == "sqlite"
        names = ("change", "change_item", "change_scope", "change_seal")
        if not sqlite:
            for name in names:
                db.session.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER ALL"))
        else:
            for name in names:
                for verb in ("update", "delete"):
                    db.session.execute(text(f"DROP TRIGGER {name}_no_{verb}"))
            db.session.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in damage:
            db.session.execute(text(statement))
        db.session.commit()


def test_verify_finds_a_sound_audit_whole(seeded: Flask) -> None:
    answer = run(seeded, "verify")

    assert answer.exit_code == 0
    assert answer.output.startswith("All 3 chains of ")


def test_verify_names_what_was_altered(seeded: Flask) -> None:
    tamper(seeded, "UPDATE change_item SET new_account_status = 'x' WHERE change_id = 7")

    answer = run(seeded, "verify")

    assert answer.exit_code == 1
    assert answer.output.startswith("Chain of sponsor 2, change 7: change_item: one of the 3 rows")
    assert answer.output.endswith("Error: The audit was tampered with: 1 breaks.\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_verify_misses_the_tail_that_a_kept_head_had(
    seeded: Flask, tmp_path: Path, form: str
) -> None:
    kept = tmp_path / "heads"
    kept.write_text(run(seeded, "head", "--format", form).output)
    assert run(seeded, "verify", "--head", str(kept)).exit_code == 0
    with seeded.app_context():
        last = db.session.scalar(select(func.max(ChangeSeal.change_id)))
    tables = ("change_seal", "change_scope", "change_item")
    tamper(
        seeded,
        *(f"DELETE FROM {table} WHERE change_id = {last}" for table in tables),  # noqa: S608
        f"DELETE FROM change WHERE id = {last}",  # noqa: S608
    )

    assert run(seeded, "verify").exit_code == 0
    answer = run(seeded, "verify", "--head", str(kept))
    assert answer.exit_code == 1
    assert "was cut off" in answer.output


def test_verify_takes_no_other_file_for_heads(seeded: Flask, tmp_path: Path) -> None:
    (tmp_path / "heads").write_text("hello")

    answer = run(seeded, "verify", "--head", str(tmp_path / "heads"))

    assert answer.exit_code == 1
    assert "no output of `flask audit head`" in answer.output


def test_head_prints_the_last_link_of_each_chain(seeded: Flask) -> None:
    lines = [line.split() for line in run(seeded, "head").output.splitlines()]

    assert [sponsor for sponsor, *_ in lines] == ["0", "1", "2"]
    assert json.loads(run(seeded, "head", "--format", "json").output) == [
        {"sponsor_id": int(sponsor), "sequence": int(number), "digest": digest}
        for sponsor, number, digest in lines
    ]


def test_seal_takes_up_what_is_older_than_the_chains(seeded: Flask) -> None:
    tamper(seeded, "DELETE FROM change_seal")
    assert run(seeded, "verify").exit_code == 1

    assert run(seeded, "seal").exit_code == 0
    assert run(seeded, "verify").exit_code == 0


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_grants_are_for_postgresql(app: Flask) -> None:
    answer = run(app, "grants", "--role", "app")

    assert answer.exit_code == 1
    assert "SQLite has no roles" in answer.output


@pytest.fixture
def restricted(app: Flask, database: Database, world: World) -> Iterator[Flask]:  # noqa: F811
    """The app, signed in to PostgreSQL as a role that has what `grants` gives."""
    assert isinstance(database, PostgreSQLDatabase)
    role = f"{database.name}_app"  # roles belong to the server, which all workers share
    with psycopg.connect(database.url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {role} LOGIN")
        assert run(app, "grants", "--role", role, "--apply").exit_code == 0
        url = database.url.replace("postgres@", f"{role}@")
        with app_over(url) as app:
            yield app
        owner.execute(f"DROP OWNED BY {role}")
        owner.execute(f"DROP ROLE {role}")


on_postgresql = [
    pytest.mark.postgresql,
    pytest.mark.parametrize("installation", ["postgresql"], indirect=True),
]


class TestGrants:
    pytestmark = on_postgresql

    @pytest.mark.usefixtures("postgresql_programs")
    def test_let_the_product_work(
        self,
        restricted: Flask,
        world: World,  # noqa: F811
        tmp_path: Path,
    ) -> None:
        person = Person(restricted, world.regulator)
        path = "/admin/participant/"

        answer = person.post(f"{path}action/", action="cancel", rowid=world.active["north"])
        assert answer.status == 302
        deleted = person.post(f"{path}delete/", id=world.active["south"], confirm="Active South")
        assert deleted.status == 302
        assert person.get(f"{path}export/csv/").status == 200
        with restricted.app_context():
            assert db.session.get(Participant, world.active["north"]).program_status == "cancelled"
            assert db.session.scalar(select(func.count()).select_from(Change)) >= 3
        assert run(restricted, "verify").exit_code == 0
        saved = restricted.test_cli_runner().invoke(args=["backup", str(tmp_path / "backup")])
        assert saved.exit_code == 0, saved.output

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE change SET action = 'x'",
            "DELETE FROM change_item",
            "DELETE FROM change_scope",
            "UPDATE change_seal SET digest = 'x'",
            "UPDATE change_personal SET new = 'x'",
            "TRUNCATE change_seal",
            "TRUNCATE change CASCADE",
            "ALTER TABLE change DISABLE TRIGGER ALL",
            "DROP TRIGGER change_no_update ON change",
            "DROP TABLE change_seal",
            "SET session_replication_role = replica",
            "CREATE TABLE mine (id int)",
        ],
    )
    def test_let_nobody_rewrite_the_audit(self, restricted: Flask, statement: str) -> None:
        with restricted.app_context(), pytest.raises(Exception, match=r"denied|must be owner"):
            db.session.execute(text(statement))
