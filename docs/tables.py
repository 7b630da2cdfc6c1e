"""The README's tables, made from the rules. `python -m docs.tables` writes them into README.md."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from seatadmin.lifecycle import ACCOUNT_ACTIONS, TRANSITIONS, Transition
from seatadmin.permissions import GRANTS, REACH, Permission, Role, allows

README = Path(__file__).parent.parent / "README.md"

MEANING = {
    Permission.SEATS_READ: "seat usage",
    Permission.SEATS_TAKE: "reinstate, reactivate (they take a seat)",
    Permission.PARTICIPANT_READ: "participants: read",
    Permission.PARTICIPANT_EXPORT: "participants: export",
    Permission.PARTICIPANT_CREATE: "participants: create",
    Permission.PARTICIPANT_IMPORT: "participants: import",
    Permission.PARTICIPANT_EDIT: "participants: edit",
    Permission.PARTICIPANT_REASSIGN: "participants: change employer, number, registration date",
    Permission.PARTICIPANT_DEACTIVATE: "participants: deactivate the account (not recommended)",
    Permission.PARTICIPANT_DELETE: "participants: delete (not recommended)",
    Permission.PARTICIPANT_REPORT: "participants: note that the agency was told",
    Permission.PROGRAM_END: "end a program (suspend, complete, cancel)",
    Permission.USER_READ: "users: read",
    Permission.USER_EXPORT: "users: export",
    Permission.STAFF_EDIT: "staff: create, edit",
    Permission.STAFF_DEACTIVATE: "staff: deactivate, reactivate",
    Permission.SPONSOR_READ: "sponsors: read",
    Permission.SPONSOR_EDIT: "sponsors: create, edit, seat limits",
    Permission.EMPLOYER_READ: "employers: read",
    Permission.EMPLOYER_EDIT: "employers: create, edit",
    Permission.CHANGE_READ: "changes (the audit): read",
    Permission.ACCOUNT_OWN: "own account: password, sign-ins",
}


def roles() -> str:
    """Who may do what, in whose rows."""
    head = ["", *(role.label for role in Role)]
    reach = ["rows in reach", *({"all": "all"}.get(REACH[r], f"own {REACH[r]}") for r in Role)]
    granted = (
        [MEANING[permission], *("yes" if allows(role, permission) else "no" for role in Role)]
        for permission in GRANTS
    )
    return _table(head, [reach, *granted])


def statuses() -> str:
    """What each act does to program and account."""
    head = ["act", "program", "account", "needs"]
    acts = []
    for act in TRANSITIONS.values():
        sources = " or ".join(sorted(act.sources))
        acts.append([act.name, f"{sources} → {act.target}", act.account, _needs(act)])
    for action in ACCOUNT_ACTIONS.values():
        acts.append(
            [action.name, "stays", action.account, "a free seat" if action.takes_seat else ""]
        )
    return _table(head, acts)


def _needs(act: Transition) -> str:
    needs = ["a date (today if none is given)"]
    if act.carries_reason:
        needs.append("a reason (in a batch it may follow later)")
    if act.takes_seat:
        needs.append("a free seat")
    if act.corrects:
        needs.append(f"a note when {' or '.join(sorted(act.corrects))}")
    return ", ".join(needs)


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def written(text: str) -> str:
    """`text` with both tables as the rules are now."""
    for name, make in (("roles", roles), ("statuses", statuses)):
        text = _between(text, name, make)
    return text


def _between(text: str, name: str, make: Callable[[], str]) -> str:
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    block = f"{start}\n\n{make()}\n\n{end}"
    return re.sub(f"{start}.*?{end}", lambda _match: block, text, flags=re.DOTALL)


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
