"""Acts on rows, one or all that match: perform, preview, and the page that asks first."""

from collections.abc import Sequence
from itertools import product
from typing import Any, ClassVar

from flask import abort, current_app, flash, jsonify, redirect, request, url_for
from flask_admin import expose

from seatadmin.config import COUNT_BOUND
from seatadmin.extensions import db
from seatadmin.hints import Facts, hints
from seatadmin.lifecycle import (
    AccountStatus,
    Act,
    ProgramStatus,
    Transition,
    WrongDate,
    applies,
)
from seatadmin.models import User
from seatadmin.permissions import allows, require
from seatadmin.services import fields, finding, hinting, reasons, status
from seatadmin.services.judging import Order
from seatadmin.services.listings import paging
from seatadmin.services.listings.clauses import whole
from seatadmin.services.listings.engine import Query, total_text
from seatadmin.services.reasons import UnknownReason
from seatadmin.services.regulators import LastRegulator
from seatadmin.services.scope import Selection
from seatadmin.views import lists, logs, progress, refusals
from seatadmin.views.addresses import came_from, return_address
from seatadmin.views.gate import actor, wants_json
from seatadmin.views.outcomes import as_json, as_message
from seatadmin.views.saving import FormView

NAMED = 5
"""So many of the ticked are named before an act."""

STATES = {state: n for n, state in enumerate(product((None, *ProgramStatus), AccountStatus))}
"""A number for each program and account status: a row tells it to its menu."""


class TotalChanged(Exception):
    """All that match are another number of rows than was shown; `total` is the present one."""

    def __init__(self, total: str) -> None:
        super().__init__(f"By now {total} match. Look at them and confirm again.")
        self.total = total


class ActingView(FormView):
    """A list of users on whose rows staff act. `acts` is what the batch menu offers, in order."""

    acts: ClassVar[Sequence[Act]] = ()
    row_acts: ClassVar[Sequence[Act]] = ()
    population: ClassVar[type[User]]
    states = STATES
    asking = frozenset({"action_preview", "action_confirm"})

    def init_actions(self) -> None:
        """Flask-Admin's table of actions: ours, in the order of their declaration."""
        self._actions = [(act.name, act.label) for act in self.acts]
        self._actions_data = {act.name: (None, act.label, None) for act in self.acts}

    def offered(self, acts: Sequence[Act]) -> tuple[Act, ...]:
        """Those of `acts` that the signed-in person may do."""
        return tuple(act for act in acts if allows(actor().role, act.permission))

    @property
    def every_act(self) -> tuple[Act, ...]:
        """What the signed-in person may do to one row, in the order of the menus."""
        return self.offered((*self.acts, *self.row_acts))

    def act_label(self, act: Act) -> str:
        """What the row menu calls an act."""
        return act.label

    def row_menu(self, row: Any) -> list[Act]:
        """The acts that would change a row."""
        program, account = row.program_status, row.account_status
        return [act for act in self.every_act if applies(act, program, account)]

    def states_of(self, act: Act) -> str:
        """The numbers of the states in which `act` would change a row."""
        return " ".join(str(number) for state, number in STATES.items() if applies(act, *state))

    @expose("/action/", methods=("POST",))
    def action_view(self) -> Any:
        """Perform an act on the selected rows."""
        try:
            with progress.told() as report:
                outcome = status.perform(db.session, self._order(), report)
        except (ValueError, TotalChanged, LastRegulator) as wrong:
            db.session.rollback()
            return self._asked_wrongly(wrong)
        refusals.note_outcome(self._act().name, outcome)
        logs.refused(row.why.name.lower() for row in outcome.refused)
        if wants_json():
            return as_json(outcome, self._malformed_ids(), 409 if outcome.lacked_seats else 200)
        message, tone = as_message(self._act(), outcome, self._malformed_ids(), self.endpoint)
        flash(message, tone)  # type: ignore[arg-type]  # Flask keeps any JSON value
        return redirect(return_address(url_for(f"{self.endpoint}.index_view")))

    @expose("/action/preview/", methods=("GET", "POST"))
    def action_preview(self) -> Any:
        """What the act would do, in numbers. Changes nothing."""
        try:
            outcome = status.preview(db.session, self._order())
        except (ValueError, TotalChanged) as wrong:
            return self._asked_wrongly(wrong)
        return as_json(outcome, self._malformed_ids(), 200)

    @expose("/action/confirm/", methods=("GET", "POST"))
    def action_confirm(self) -> Any:
        """The page that shows what the act would do, and asks for date, reason and note."""
        try:
            asked = self._order()
        except (ValueError, TotalChanged) as wrong:
            return self._asked_wrongly(wrong)
        return self._confirm_page(asked, {}, 200)

    def _act(self) -> Act:
        """The act that is asked for, if the person may do it: that is settled before all else."""
        known = {act.name: act for act in (*self.acts, *self.row_acts)}
        act = known.get(request.values.get("action", "")) or abort(404)
        require(actor(), act.permission)
        return act

    def _order(self) -> Order:
        """The order in the request. Raises ValueError (with a message), `NotPermitted`."""
        return status.order(
            db.session,
            actor(),
            self._act(),
            self._selection(),
            effective_date=_date(request.values.get("effective_date", "")),
            reason=request.values.get("reason"),
            note=fields.clean_note(request.values.get("note")),
            population=self.population,
        )

    def _selection(self) -> Selection:
        if request.values.get("selection") != "all":
            return Selection(tuple(_ids(_row_ids())))
        query = self.asked()
        expected = request.values.get("expect")
        if expected and expected.replace(",", "") != self._total(query).replace(",", ""):
            raise TotalChanged(self._total(query))
        return Selection(matching=self.listing.matching(db.session, actor(), query))

    def _total(self, query: Query) -> str:
        found = paging.total(db.session, actor(), self.listing, query, COUNT_BOUND)
        return total_text(found, COUNT_BOUND)

    def _malformed_ids(self) -> list[str]:
        if request.values.get("selection") == "all":
            return []
        return [text for text in _row_ids() if not _ids([text])]

    def _asked_wrongly(self, wrong: Exception) -> Any:
        """An order that cannot be carried out: nothing was changed, nothing typed is lost."""
        field = _field_of(wrong)
        code = 422 if isinstance(wrong, ValueError) else 409
        if wants_json() or request.path.endswith("/preview/"):
            total = {"total": wrong.total} if isinstance(wrong, TotalChanged) else {}
            return jsonify(error=str(wrong), errors={field: str(wrong)}, **total), code
        known = status.order(
            db.session, actor(), self._act(), _now_selected(self), population=self.population
        )
        return self._confirm_page(known, {field: str(wrong)}, 200 if code == 422 else code)

    def _confirm_page(self, asked: Order, errors: dict[str, str], code: int) -> Any:
        everything = request.values.get("selection") == "all"
        found = self.asked() if everything else None
        ids = asked.selection.ids
        known = finding.names(db.session, actor(), ids[:NAMED]) if ids else {}
        page = self.render(
            "admin/confirm.html",
            act=asked.act,
            is_transition=isinstance(asked.act, Transition),
            outcome=status.preview(db.session, asked),
            hints=list(hints(asked.act, _facts(asked))),
            reasons=reasons.offered(db.session),
            names=[known[id] for id in ids[:NAMED] if id in known],
            unnamed=max(0, len(ids) - NAMED),
            row_ids=",".join(map(str, ids)),
            everything=lists.arguments(found) if found else None,
            expect=self._total(found) if found else None,
            typed=request.values,
            errors=errors,
            back=return_address(came_from(url_for(f"{self.endpoint}.index_view"))),
        )
        return page, code


def _facts(asked: Order) -> Facts:
    """What hints about an order depend on."""
    days = current_app.config
    return hinting.facts(db.session, asked, days["REPORT_DAYS"], days["PROBATION_DAYS"])


def _row_ids() -> list[str]:
    """The ids as they came: repeated `rowid`, or one `rowids` with commas."""
    listed = request.values.get("rowids", "").split(",")
    return [text.strip() for text in (*request.values.getlist("rowid"), *listed) if text.strip()]


def _ids(texts: Sequence[str]) -> list[int]:
    ids = []
    for text in texts:
        try:
            ids.append(whole(text))
        except ValueError:
            continue  # listed as refused by `_malformed_ids`
    return list(dict.fromkeys(ids))


def _now_selected(view: ActingView) -> Selection:
    """The selection, whatever total was expected of it."""
    if request.values.get("selection") == "all":
        return Selection(matching=view.listing.matching(db.session, actor(), view.asked()))
    return Selection(tuple(_ids(_row_ids())))


def _date(text: str) -> Any:
    try:
        return fields.parse_date(text) if text.strip() else None
    except ValueError as wrong:
        raise WrongDate(str(wrong)) from None


def _field_of(wrong: Exception) -> str:
    if isinstance(wrong, WrongDate):
        return "effective_date"
    if isinstance(wrong, UnknownReason):
        return "reason"
    return "note" if isinstance(wrong, ValueError) else ""
