"""The base of every list in the panel: Flask-Admin's ModelView over the listing engine.

A view declares its listing, its columns and how they look, its verbs, and, where rows can be saved,
its form and `on_model_change`. Everything that Flask-Admin would do by itself is off.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar

from flask import abort, request
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from werkzeug.wrappers import Response
from wtforms import Form

from seatadmin.config import COUNT_BOUND
from seatadmin.extensions import db
from seatadmin.services import scope
from seatadmin.services.fields import shown
from seatadmin.services.listings import paging
from seatadmin.services.listings.engine import Listing, Page, Query
from seatadmin.views import cells, exports, lists, progress, table, workbooks
from seatadmin.views.addresses import row_id
from seatadmin.views.gate import actor
from seatadmin.views.saved_views import SavedViews

COLUMN_SETS = 100
"""Choices of columns whose tables are kept ready."""


class ListView(SavedViews, ModelView):
    """A list, its export and its rows' pages, within the scope of whoever looks."""

    listing: ClassVar[Listing]
    form_class: ClassVar[type[Form]] = Form
    export_columns: ClassVar[Mapping[str, Any]] = {}
    plural: ClassVar[str] = ""
    empty_text: ClassVar[str] = "Nothing matches."
    search_hint: ClassVar[str] = ""

    can_create = can_edit = can_delete = can_export = column_editable_list = False
    named_filter_urls = True
    more_columns: ClassVar[Sequence[str]] = ()
    """Columns that are shown only when they are chosen."""
    page_size = lists.PAGE_SIZE
    page_size_options = lists.PAGE_SIZES
    list_template = "admin/list.html"
    column_searchable_list: Sequence[str] = ()
    column_formatters: ClassVar[Mapping[str, cells.Format]] = {}
    states: ClassVar[Mapping[Any, int] | None] = None
    """The states between which the row menu and ticks tell; None where nothing acts on rows."""

    def __init__(self, model: Any, **kwargs: Any) -> None:
        super().__init__(model, db, **kwargs)
        self._table = lru_cache(COLUMN_SETS)(self._table_of)

    def for_actor(self) -> Listing:
        """The listing; some depend on who looks."""
        return self.listing

    def get_list_columns(self) -> list[tuple[str, str]]:
        """Columns are the listing's: they need not be the model's."""
        return [(name, self.label(name)) for name in self.column_list]

    get_details_columns = get_export_columns = get_list_columns

    def get_sortable_columns(self) -> dict[str, str]:
        """Whatever the listing can sort by."""
        return {name: name for name in self.listing.sorts}

    @property
    def singular(self) -> str:
        """What one row is called inside a sentence."""
        return self.plural.removesuffix("s").lower()

    def label(self, name: str) -> str:
        """The words at the head of a column."""
        labels = self.column_labels or {}
        return labels.get(name, name.replace("_", " ").capitalize())

    def scaffold_form(self) -> Any:
        """Forms are ours: none is made from the model."""
        return self.form_class

    def exported(self) -> Mapping[str, Any]:
        """The columns of an export by name."""
        return self.export_columns

    def scaffold_filters(self, name: str) -> list[lists.NamedFilter]:
        """A filter of the listing, as Flask-Admin knows filters."""
        return [lists.NamedFilter(name, self.listing.filters[name])]

    def asked(self) -> Query:
        """What the present request asks of this list."""
        return lists.asked(self.for_actor(), self.column_list, self.more_columns)

    def get_one(self, id: Any) -> Any:
        """The row in scope; absent, foreign and malformed ids all answer 404."""
        wanted = row_id(str(id or ""))
        found = scope.get(db.session, actor(), self.model, wanted, self.listing.loads)
        return found or abort(404)

    @expose("/")
    def index_view(self) -> str:
        """The list."""
        asked = self.asked()
        lists.say_malformed(asked)
        fields = self._table(asked.columns).fields
        page = paging.page(db.session, actor(), self.for_actor(), asked, COUNT_BOUND, fields)
        return self.render(
            self.list_template,
            page=page,
            question=asked.without_place,
            address=lambda **place: request.path + lists.address(asked, **place),
            hidden=lists.arguments(asked),
            unsorted=page.query.sort != asked.sort,
        )

    @expose("/details/")
    def details_view(self) -> Any:
        """One row's page."""
        abort(404)

    @expose("/export/<export_type>/")
    def export(self, export_type: str) -> Response:
        """Everything that the search and filters match, as CSV or XLSX."""
        kinds = {"csv": exports.stream_csv, "xlsx": workbooks.send_workbook}
        send = kinds.get(export_type) or abort(404)
        query = self.asked()
        columns = self.exported()
        rows = paging.everything(db.session, actor(), self.for_actor(), query, columns)
        with ExitStack() as told:
            report = told.enter_context(progress.told())
            answer = send(actor(), self.endpoint, list(columns), rows, report)
            answer.call_on_close(told.pop_all().close)  # when the last row has left
        return answer

    def address(self, query: Query) -> str:
        """The query as the last part of an address."""
        return lists.address(query)

    def export_address(self, query: Query) -> str:
        """The same for an export, which has columns of its own."""
        return lists.address(replace(query, columns=()))

    def rows_html(self, page: Page) -> str:
        """The rows of the table, ready."""
        opens = self.states is not None or self.may("edit_view")
        return self._table(page.query.columns).rows_html(page.rows, self.states, opens)

    def _table_of(self, columns: tuple[str, ...]) -> table.Table:
        return table.Table(self.listing, columns or self.column_list, self.column_formatters)

    def heads(self, query: Query) -> list[dict[str, Any]]:
        """The column heads: label, the address that sorts by it, and how it is sorted now."""
        sort, descending = query.sort or self.listing.default_sort[0], query.descending
        others = lists.address(query, sort=None, desc=None).replace("?", "&")
        heads = []
        for name in query.columns or self.column_list:
            state = ("descending" if descending else "ascending") if name == sort else None
            flip = "&desc=1" if state == "ascending" else ""
            sortable = name in self.listing.sorts
            heads.append(
                {
                    "label": self.label(name),
                    "state": state,
                    "href": f"?sort={name}{flip}{others}" if sortable else None,
                }
            )
        return heads

    def column_controls(self, query: Query) -> list[dict[str, Any]]:
        """Every column that can be shown, and whether it is; none where there is no choice."""
        shown = query.columns or self.column_list
        names = (*self.column_list, *self.more_columns) if self.more_columns else ()
        return [
            {
                "name": name,
                "label": self.label(name),
                "shown": name in shown,
                "usual": name in self.column_list,
            }
            for name in names
        ]

    def filter_controls(self, query: Query) -> list[dict[str, Any]]:
        """The filters of the panel, each with what can be chosen and what is."""
        chosen = dict(query.malformed + query.filters)
        return [
            {
                "name": name,
                "label": declared.label,
                "choices": declared.choices(db.session, actor()) if declared.choices else [],
                "lookup": declared.lookup,
                "value": chosen.get(name, ""),
            }
            for name, declared in self.for_actor().filters.items()
        ]

    def in_words(self, query: Query) -> list[tuple[str, str]]:
        """What a query asks for: label and words."""
        asked = [(chip["label"], chip["value"]) for chip in self.chips(query)]
        if query.sort:
            order = "descending" if query.descending else "ascending"
            asked.append(("Order", f"{self.label(query.sort)}, {order}"))
        if query.columns:
            asked.append(("Columns", ", ".join(map(self.label, query.columns))))
        if query.size != lists.PAGE_SIZE:
            asked.append(("Rows on a page", str(query.size)))
        return asked

    def chips(self, query: Query) -> list[dict[str, str]]:
        """The search and the filters in words, each with the address that takes it away."""
        chips = []
        if query.search:
            chips.append(_chip("Search", query.search, replace(query.without_place, search="")))
        for position, (name, value) in enumerate(query.filters):
            declared = self.for_actor().filters[name]
            others = query.filters[:position] + query.filters[position + 1 :]
            without = replace(query.without_place, filters=others)
            words = declared.in_words(db.session, actor(), value)
            chips.append(_chip(declared.label, words, without))
        for position, (name, value) in enumerate(query.malformed):
            others = query.malformed[:position] + query.malformed[position + 1 :]
            without = replace(query.without_place, malformed=others)
            chips.append(_chip(shown(name), shown(value), without))
        return chips


def _chip(label: str, words: str, without: Query) -> dict[str, str]:
    return {"label": label, "value": words, "remove": lists.address(without) or "./"}
