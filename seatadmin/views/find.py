"""Finding anything by its name: rows, pages, what one can do. A page, and the palette's answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask import jsonify, request, url_for
from flask_admin import BaseView, expose

from seatadmin.extensions import db
from seatadmin.lifecycle import TRANSITIONS, Transition
from seatadmin.permissions import Permission, allows
from seatadmin.services import finding
from seatadmin.text import fold
from seatadmin.views.gate import Gated, actor, wants_json


@dataclass(frozen=True, slots=True)
class Action:
    """Something that one can do, as the page on which it is done."""

    label: str
    permission: Permission
    endpoint: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def _on_programs(act: Transition) -> Action:
    """An act, as the list of the participants to whom it can be done."""
    sources = enumerate(sorted(act.sources))
    filters = {f"flt{i}_program_status_equals": status.value for i, status in sources}
    return Action(f"{act.label} a program…", act.permission, "participant.index_view", filters)


def _listed(label: str, name: str) -> Action:
    filters = {f"flt0_{name}_equals": "1"}
    return Action(label, Permission.PARTICIPANT_READ, "participant.index_view", filters)


ACTIONS = (
    Action("New participant", Permission.PARTICIPANT_CREATE, "participant.create_view"),
    *(_on_programs(act) for act in TRANSITIONS.values()),
    _listed("Participants out of step", "out_of_step"),
    _listed("Cancellations without a reason", "reason_missing"),
    _listed("Endings to report to the agency", "to_report"),
    _listed("Planned changes", "planned"),
    Action("Import participants", Permission.PARTICIPANT_IMPORT, "import.index"),
    Action(
        "Export participants",
        Permission.PARTICIPANT_EXPORT,
        "participant.export",
        {"export_type": "csv"},
    ),
    Action("New user", Permission.STAFF_EDIT, "user.create_view"),
    Action("Export users", Permission.USER_EXPORT, "user.export", {"export_type": "csv"}),
    Action("New employer", Permission.EMPLOYER_EDIT, "employer.create_view"),
    Action("New sponsor", Permission.SPONSOR_EDIT, "sponsor.create_view"),
)
"""In the order in which they are offered."""


SHORTCUTS = (
    ("/", "Find anything (Ctrl K too)"),
    ("?", "These shortcuts"),
    ("n", "New, on a list"),
    ("j", "Next row"),
    ("k", "Previous row"),
    ("x", "Select the row"),
)
"""What `shortcuts.js` does, beside the lists."""

LISTS = ("participant", "user", "sponsor", "employer", "change")
"""The lists that are reached by g and their first letter."""


@dataclass(frozen=True, slots=True)
class Found:
    """One result: what kind of thing, its name, what tells it from others, where it is."""

    kind: str
    label: str
    detail: str
    href: str


class FindView(Gated, BaseView):
    """The search of everything. It stands in the head of every page, not in the menu."""

    verbs: ClassVar = {"find": Permission.SEATS_READ}

    @expose("/")
    def find(self) -> Any:
        """What the query finds; without one, every page and action."""
        text = request.args.get("q", "")
        results = [*self._rows(text), *self._pages(text), *_actions(text)]
        if wants_json():
            return jsonify(results=results)
        return self.render(
            "find/results.html", text=text, results=results, shortcuts=[*SHORTCUTS, *self._keys()]
        )

    def _rows(self, text: str) -> Iterator[Found]:
        for hit in finding.find(db.session, actor(), text):
            address = url_for(f"{hit.subject}.details_view", id=hit.id)
            yield Found(hit.subject.capitalize(), hit.name, hit.detail, address)

    def _keys(self) -> Iterator[tuple[str, str]]:
        for view in self._accessible():
            if view.endpoint in LISTS:
                yield f"g {view.endpoint[0]}", view.name

    def _accessible(self) -> Iterator[Any]:
        return (view for view in self.admin._views if view.is_accessible())

    def _pages(self, text: str) -> Iterator[Found]:
        for view in self._accessible():
            if _named(view.name, text):
                address = url_for(f"{view.endpoint}.{view._default_view}")
                yield Found("Page", view.name, "", address)


def _actions(text: str) -> Iterator[Found]:
    for action in ACTIONS:
        if allows(actor().role, action.permission) and _named(action.label, text):
            address = url_for(action.endpoint, **action.arguments)
            yield Found("Action", action.label, "", address)


def _named(label: str, text: str) -> bool:
    """Whether each word of `text` stands in a label."""
    return all(word in fold(label) for word in fold(text).split())
