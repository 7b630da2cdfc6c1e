"""Changes: the audit, to read."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import flash, jsonify, redirect, request, url_for
from flask_admin import expose

from seatadmin.extensions import db
from seatadmin.ledger import Change
from seatadmin.permissions import SYSTEM, Permission
from seatadmin.services import finding, plans, reasons
from seatadmin.services.listings import ledger
from seatadmin.services.listings.engine import Listing
from seatadmin.views import cells, saved_views
from seatadmin.views.base import ListView
from seatadmin.views.gate import actor, wants_json


class ChangeView(ListView):
    """Every change that touched something in scope."""

    listing = ledger.changes_for(SYSTEM)
    plural = "Changes"
    empty_text = "No change matches."
    verbs: ClassVar = {
        "index_view": Permission.CHANGE_READ,
        **saved_views.verbs(Permission.CHANGE_READ),
        "details_view": Permission.CHANGE_READ,
        "export": Permission.CHANGE_READ,
        "withdraw_view": Permission.CHANGE_READ,  # and that of the act that is planned
    }
    column_list = (
        "id",
        "at",
        "actor",
        "kind",
        "action",
        "subjects",
        "effective_date",
        "reason",
        "note",
    )
    column_filters = tuple(listing.filters)
    column_labels: ClassVar = {"id": "Change", "at": "When", "actor": "Who"}
    column_formatters: ClassVar = {
        "id": cells.OPENS,
        "at": cells.VARIED,
        "actor": cells.CHANGE_ACTOR,
        "action": cells.Format(cells.words),
        "subjects": cells.CHANGE_SUBJECTS,
        "reason": cells.REASON,
        "note": cells.VARIED,
    }

    def for_actor(self) -> Listing:
        """Counts are of the own subjects only."""
        return ledger.changes_for(actor())

    def exported(self) -> Mapping[str, Any]:
        """What the list shows, as plain values."""
        columns = {"id": Change.id, **self.for_actor().columns}
        return {name: columns[name] for name in self.column_list if name in columns}

    @expose("/details/")
    def details_view(self) -> str:
        """One change with the rows of it that are in scope."""
        change = self.get_one(request.args.get("id"))
        items = ledger.items(db.session, actor(), change)
        return self.render(
            "changes/details.html",
            change=change,
            items=items,
            opens=finding.may_open(actor(), change.subject),
            shown=ledger.SHOWN,
            total=ledger.subjects_of(db.session, actor(), change),
            reason=reasons.label(db.session, change.reason),
            note=ledger.note_of(db.session, change),
            waiting=plans.waiting(db.session, actor(), change),
            may_withdraw=plans.may_withdraw(actor(), change),
            personal=ledger.personal(db.session, [change.id], [i.subject_id for i, _ in items]),
        )

    @expose("/withdraw/", methods=("POST",))
    def withdraw_view(self) -> Any:
        """Give up a plan for everybody in scope for whom it is still to be done."""
        change = self.get_one(request.form.get("id"))
        count = plans.withdraw(db.session, actor(), change.id)
        if wants_json():
            return jsonify(plan_id=change.id, withdrawn=count)
        many = f"{count:,} participant{'' if count == 1 else 's'}"
        flash(f"The plan was withdrawn for {many}." if count else "Nothing is planned.", "success")
        return redirect(url_for("change.details_view", id=change.id))
