"""Pages beside the floor: a table of tasks, timed round-robin by one client."""

from collections.abc import Iterator
from itertools import combinations
from urllib.parse import urlencode

from bench.client import Client, csrf_token_in, field_values
from bench.goals import Result
from bench.samples import Samples
from bench.serving import FLOOR, serving
from bench.settings import Environment
from bench.timing import Task, Timing, round_robin
from seatadmin.services.listings.people import PARTICIPANTS

LIST = "/admin/participant/"
SEATS = "/admin/"

Page = tuple[str, str, str]
"""The goal that a page counts for, its name, its address."""


def addresses(known: Samples) -> list[Page]:
    """Every page that is measured."""
    return [
        *_sorted(known),
        *_filtered(known),
        *_searched(known),
        ("seats", "seat usage", SEATS),
        ("profile", "profile open", f"{LIST}details/?id={known.participant}"),
        ("profile", "edit open", _edit(known)),
    ]


def measure(place: Environment, known: Samples) -> Iterator[Result]:
    """Each page and the saving of a form, as times of the floor. Saving changes a row."""
    pages = addresses(known)
    with serving(place, FLOOR, "/") as floor, serving(place) as product:
        hello, staff = Client(floor.port), Client(product.port).sign_in()
        tasks: dict[str, Task] = {"floor": _getting(hello, "/")}
        tasks |= {name: _getting(staff, path) for _, name, path in pages}
        tasks["edit save"] = _saving(staff, _edit(known))
        timings = round_robin(tasks)
    yield from results([*pages, ("profile", "edit save", "")], timings)


def results(pages: list[Page], timings: dict[str, Timing]) -> Iterator[Result]:
    """Timings as times of the floor."""
    floor = timings["floor"]
    for goal, name, _ in pages:
        timing = timings[name]
        detail = f"{timing} ms, floor {floor}"
        yield Result(goal, name, timing.p50 / floor.p50, detail)


def _getting(client: Client, path: str) -> Task:
    return lambda: client.get(path).seconds


def _saving(client: Client, path: str) -> Task:
    """Post the form with another occupation each time; opening it is not counted."""

    def save() -> float:
        page = client.get(path).text
        client.csrf_token = csrf_token_in(page) or client.csrf_token
        fields = field_values(page)
        fields["occupation"] = "Roofer" if fields["occupation"] == "Welder" else "Welder"
        return client.post(path, fields, 302).seconds

    return save


def _sorted(known: Samples) -> Iterator[Page]:
    for sort in PARTICIPANTS.sorts:
        for desc, word in (("", "up"), ("1", "down")):
            order = {"sort": sort, "desc": desc}
            deep = known.deep[sort]
            yield "list", f"list by {sort}, {word}", _list(**order)
            yield "list", f"deep by {sort}, {word}, next", _list(**order, after=str(deep))
            yield "list", f"deep by {sort}, {word}, previous", _list(**order, before=str(deep))


def _filtered(known: Samples) -> Iterator[Page]:
    for names in [(name,) for name in known.filters] + list(combinations(known.filters, 2)):
        chosen = {f"flt{i}_{name}_equals": known.filters[name] for i, name in enumerate(names)}
        yield "filter", f"filter {' + '.join(names)}", _list(**chosen)


def _searched(known: Samples) -> Iterator[Page]:
    terms = (
        ("frequent", "frequent part of a name", known.last_name[:4]),
        ("frequent", "frequent first name", "maria"),
        ("rare", "rare", known.email.split("@")[0][-8:]),
        ("rare", "absent", "xqzwv"),
        ("rare", "full e-mail", known.email),
        ("rare", "apprentice number", known.apprentice_number),
        ("rare", "two letters", known.last_name[:2]),
        ("rare", "one letter", known.last_name[:1]),
    )
    for goal, name, term in terms:
        yield goal, f"search, {name}", _list(search=term)


def _list(**parameters: str) -> str:
    given = {name: value for name, value in parameters.items() if value}
    return f"{LIST}?{urlencode(given)}"


def _edit(known: Samples) -> str:
    return f"{LIST}edit/?id={known.participant}"
