"""The page of a list's saved views: open, save what is shown now, delete."""

from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_admin import expose

from seatadmin.extensions import db
from seatadmin.permissions import Permission
from seatadmin.services import saved_views
from seatadmin.services.invalid import Invalid
from seatadmin.services.listings.engine import Query
from seatadmin.views import lists
from seatadmin.views.addresses import row_id
from seatadmin.views.gate import SAFE, Gated, actor, wants_json


def verbs(reading: Permission) -> dict[str, Permission]:
    """Whoever may read a list may keep views of it."""
    return {"saved_views": reading, "forget_view": reading}


class SavedViews(Gated):
    """What every list has beside its rows. A view is opened by the list's own address."""

    @expose("/views/", methods=("GET", "POST"))
    def saved_views(self) -> Any:
        """The own views of this list, and the form that saves what the address asks for."""
        asked = self.asked()
        if request.method in SAFE:
            lists.say_malformed(asked)
            return self._views_page(asked)
        if asked.malformed:
            abort(400, "A filter of this view has a value that it cannot take.")
        query, name = asked, lists.clean(request.form.get("name"))
        given = request.form.get("replace")
        try:
            view = saved_views.save(
                db.session,
                actor(),
                self.endpoint,
                name,
                lists.address(query).removeprefix("?"),
                replace=row_id(given) if given else None,
            )
        except Invalid as wrong:
            return self._not_saved(wrong, query, name)
        if wants_json():
            return jsonify(id=view.id, name=view.name, query=view.query)
        flash(f"“{view.name}” was saved.", "success")
        return redirect(url_for(".saved_views") + lists.address(query))

    @expose("/views/delete/", methods=("POST",))
    def forget_view(self) -> Any:
        """Delete one of them."""
        name = saved_views.remove(
            db.session, actor(), self.endpoint, row_id(request.form.get("id"))
        )
        if wants_json():
            return jsonify(deleted=name)
        flash(f"“{name}” was deleted.", "success")
        return redirect(url_for(".saved_views"))

    def _not_saved(self, wrong: Invalid, query: Query, name: str) -> Any:
        """What was typed, with the message; a name that is taken may be given once more."""
        taken = wrong.view_id if isinstance(wrong, saved_views.NameTaken) else None
        if wants_json():
            errors = {field: [message] for field, message in wrong.errors.items()}
            code = 422 if taken is None else 409
            return jsonify(error="Not saved.", errors=errors, replace=taken), code
        return self._views_page(query, name=name, errors=wrong.errors, taken=taken)

    def _views_page(self, query: Query, **typed: Any) -> Any:
        found = saved_views.listed(db.session, actor(), self.endpoint)
        return self.render(
            "admin/views.html",
            views=found,
            question=lists.address(query),
            words=self.in_words(query),
            **typed,
        )
