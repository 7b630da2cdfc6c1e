"""Reading pages as a test needs them: by the markup that the interface promises, never by looks."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

VOID = frozenset({"base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


class Node:
    """An element: its tag, its attributes, and what stands in it."""

    def __init__(self, tag: str, attrs: dict[str, str]) -> None:
        self.tag, self.attrs = tag, attrs
        self.children: list[Node | str] = []

    def __iter__(self) -> Iterator["Node"]:
        """Every element below, in the order of the page."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child

    def having(self, *attrs: str, **values: str) -> list["Node"]:
        """The elements below that carry these attributes, and these values."""
        return [
            node
            for node in self
            if node.attrs.keys() >= set(attrs)
            and all(node.attrs.get(name) == value for name, value in values.items())
        ]

    @property
    def text(self) -> str:
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join("".join(parts).split())

    @property
    def raw_text(self) -> str:
        """As it stands, for a text area."""
        parts = (child if isinstance(child, str) else child.raw_text for child in self.children)
        return "".join(parts)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(text: str) -> Node:
    """The page as a tree."""
    builder = _Builder()
    builder.feed(text)
    return builder.root


class Cell(str):
    """What a cell says: `data-value` where there is one, else its text, which is in `words`."""

    words: str

    def __new__(cls, node: Node) -> "Cell":
        cell = super().__new__(cls, node.attrs.get("data-value", node.text))
        cell.words = node.text
        return cell


def cells(node: Node) -> dict[str, Cell]:
    """Field -> cell, of a row or of a whole page of details."""
    return {found.attrs["data-field"]: Cell(found) for found in node.having("data-field")}


def controls(node: Node) -> dict[str, Any]:
    """Name -> value of what a form would post as it stands."""
    values: dict[str, Any] = {}
    for field in node.having("name"):
        if field.tag == "select":
            options = [option for option in field if option.tag == "option"]
            chosen = [option for option in options if "selected" in option.attrs] or options[:1]
            values[field.attrs["name"]] = _value(chosen[0]) if chosen else ""
        elif field.tag == "textarea":
            values[field.attrs["name"]] = field.raw_text.removeprefix("\n")
        elif field.tag == "input" and field.attrs.get("type") not in ("checkbox", "radio"):
            values[field.attrs["name"]] = field.attrs.get("value", "")
    return values


def _value(option: Node) -> str:
    return option.attrs.get("value", option.text)
