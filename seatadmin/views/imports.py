"""Import in the browser: upload a roster, say what its columns are, look at the change, make it.

Each step is a page of its own, and works without scripts. Between them the file waits in the
database, so any worker can go on with it.
"""

from typing import Any, ClassVar

from flask import Flask, Response, current_app, flash, jsonify, redirect, request, url_for
from flask_admin import BaseView, expose
from flask_login import current_user
from sqlalchemy.orm import Session

from seatadmin.extensions import begin_write, db
from seatadmin.forms import SeatForm
from seatadmin.inputs import OrganizationField
from seatadmin.models import Sponsor
from seatadmin.permissions import Actor, Permission, allows
from seatadmin.services.imports import mappings, previewing, refused, uploads
from seatadmin.services.imports.roster import WrongRoster
from seatadmin.services.invalid import GENERAL, Invalid, NotFound
from seatadmin.uploads import Upload
from seatadmin.views import errors, progress
from seatadmin.views.gate import SAFE, Gated, actor, answer_once

NOTHING_LEFT = "Everything in the file is there already, just so: there is nothing to import."


def init_app(app: Flask) -> None:
    """Let those who may import send files that are larger than any other request."""
    app.jinja_env.globals["may_import"] = _may_import
    app.url_value_preprocessor(_allow_files)


class UploadForm(SeatForm):
    """A roster to import. Who sees more than one sponsor may say that it is about only one."""

    sponsor = OrganizationField("Sponsor", Sponsor)

    def __init__(self, session: Session, actor: Actor, formdata: Any = None) -> None:
        super().__init__(session, actor, formdata)
        if actor.sponsor_id:
            del self["sponsor"]

    @property
    def about(self) -> int | None:
        """The only sponsor that the file is about."""
        return self._actor.sponsor_id or self.sponsor.data


class ImportView(Gated, BaseView):
    """The steps of an import. An upload is known to nobody but its owner."""

    verbs: ClassVar = {
        "index": Permission.PARTICIPANT_IMPORT,
        "columns": Permission.PARTICIPANT_IMPORT,
        "preview": Permission.PARTICIPANT_IMPORT,
        "apply": Permission.PARTICIPANT_IMPORT,
        "cancel": Permission.PARTICIPANT_IMPORT,
        "result": Permission.PARTICIPANT_IMPORT,
        "refused": Permission.PARTICIPANT_IMPORT,
        "progress": Permission.SEATS_READ,  # of whatever one has started oneself
    }
    asking = frozenset({"index", "columns"})  # long reading first; then they commit by themselves

    def create_blueprint(self, admin: Any) -> Any:
        """A file that is too large is told in words about files."""
        blueprint = super().create_blueprint(admin)
        blueprint.register_error_handler(413, _too_large)
        return blueprint

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Choose a file; reading it leads on to its columns."""
        posted = request.form if request.method == "POST" else None
        form = UploadForm(db.session, actor(), posted)
        if posted is None:
            return self._start(form)
        file = request.files.get("file")
        if not form.validate() or not file or not file.filename:
            return self._start(form, "" if file and file.filename else "Choose a file.")
        try:
            packed, digest = uploads.read(file.stream)
        except WrongRoster as wrong:
            return self._start(form, str(wrong))
        begin_write(db.session)
        name = file.filename

        def kept() -> Any:
            upload = uploads.store(db.session, actor(), name, form.about, packed, digest)
            return redirect(url_for(".columns", id=upload.id))

        return answer_once(kept, also=[("file", digest)])

    @expose("/columns/", methods=("GET", "POST"))
    def columns(self) -> Any:
        """Say what each column is; a dry run leads on to what would change."""
        upload = self._upload()
        if upload.change_id:
            return redirect(url_for(".result", id=upload.id))
        if request.method in SAFE:
            return self._columns(upload, upload.fields, {})
        texts = [request.form.get(f"column{n}", "") for n in range(len(upload.header))]
        try:
            fields = mappings.chosen(upload.header, texts)
        except Invalid as wrong:
            return self._columns(upload, texts, wrong.errors)
        begin_write(db.session)
        upload = self._upload()
        upload.fields, upload.create_employers = fields, "create_employers" in request.form
        db.session.commit()
        try:
            with progress.told() as report:
                found = previewing.preview(db.session, actor(), upload, report)
        except WrongRoster as wrong:
            return self._columns(upload, texts, {GENERAL: str(wrong)})
        begin_write(db.session)
        previewing.keep(db.session, self._upload(), found)
        db.session.commit()
        return redirect(url_for(".preview", id=upload.id))

    @expose("/preview/")
    def preview(self) -> Any:
        """What the import would change, line by line."""
        upload = self._upload()
        if upload.change_id:
            return redirect(url_for(".result", id=upload.id))
        if upload.findings is None:
            return redirect(url_for(".columns", id=upload.id))
        return self._preview(upload)

    @expose("/apply/", methods=("POST",))
    def apply(self) -> Any:
        """Import. When lines are refused, only if that was agreed to."""
        upload = self._upload(lock=True)
        if upload.change_id:
            return redirect(url_for(".result", id=upload.id))
        skip = "skip_refused" in request.form
        try:
            with progress.told() as report:
                answer = previewing.perform(db.session, actor(), upload, skip, report)
        except (WrongRoster, Invalid) as wrong:
            return self._nothing_written(str(wrong))
        if answer.change_id:
            return redirect(url_for(".result", id=upload.id))
        if answer.refused and not skip:
            count = len(answer.refused)
            lines = "1 line is" if count == 1 else f"{count:,} lines are"
            return self._nothing_written(
                f"Nothing was imported, because {lines} refused. Mend the file, or agree to import"
                " the other lines."
            )
        return self._nothing_written(NOTHING_LEFT)

    @expose("/result/")
    def result(self) -> Any:
        """What the import has done."""
        upload = self._upload()
        if not upload.change_id:
            return redirect(url_for(".preview", id=upload.id))
        return self.render("imports/result.html", upload=upload, found=upload.findings)

    @expose("/refused/")
    def refused(self) -> Response:
        """The refused lines as CSV."""
        upload = self._upload()
        data = uploads.refused(db.session, upload)
        if data is None:
            raise NotFound
        return Response(
            refused.unpacked(data),
            mimetype="text/csv",
            headers={"Content-Disposition": 'attachment; filename="refused-lines.csv"'},
        )

    @expose("/cancel/", methods=("POST",))
    def cancel(self) -> Any:
        """Throw an upload away."""
        uploads.erase(db.session, self._upload())
        flash("The file was thrown away. Nothing of it was imported.", "success")
        return redirect(url_for(".index"))

    @expose("/progress/")
    def progress(self) -> Any:
        """How far one's own import, batch or export has come."""
        return jsonify(progress.so_far())

    def _upload(self, lock: bool = False) -> Upload:
        return uploads.mine(db.session, actor(), request.values.get("id", ""), lock)

    def _start(self, form: UploadForm, wrong: str = "") -> str:
        return self.render(
            "imports/start.html",
            form=form,
            wrong=wrong,
            waiting=uploads.waiting(db.session, actor()),
            most_mb=current_app.config["IMPORT_MAX_BYTES"] // 1024**2,
        )

    def _columns(self, upload: Upload, fields: Any, wrong: dict[str, str]) -> str:
        return self.render(
            "imports/columns.html",
            upload=upload,
            choices=mappings.CHOICES,
            columns=[
                {
                    "name": name,
                    "field": field or "",
                    "examples": examples,
                    "wrong": wrong.get(str(n)),
                }
                for n, (name, field, examples) in enumerate(
                    zip(upload.header, fields, uploads.sample(db.session, upload), strict=True)
                )
            ],
            wrong=wrong,
            create_employers=upload.create_employers or "create_employers" in request.form,
        )

    def _preview(self, upload: Upload, wrong: str = "") -> str:
        return self.render(
            "imports/preview.html",
            upload=upload,
            found=upload.findings,
            wrong=wrong,
            dropped=uploads.dropped(upload),
            before=uploads.imported_before(db.session, upload),
        )

    def _nothing_written(self, why: str) -> str:
        db.session.rollback()
        return self._preview(self._upload(), why)


def _allow_files(endpoint: str | None, _values: Any) -> None:
    """Before the form is read, which happens before any view is entered."""
    if endpoint == "import.index" and request.method == "POST" and _may_import():
        request.max_content_length = current_app.config["IMPORT_MAX_BYTES"]


def _may_import() -> bool:
    person = current_user
    return person.is_authenticated and allows(person.role, Permission.PARTICIPANT_IMPORT)


def _too_large(_error: Exception) -> Any:
    most = current_app.config["IMPORT_MAX_BYTES"] // 1024**2
    return errors.answer(413, f"A file of up to {most} MB can be imported: import it in parts.")
