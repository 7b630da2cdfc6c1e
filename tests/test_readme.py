"""The README tells the truth about the rules."""

from docs import tables


def test_has_the_tables_that_the_rules_make() -> None:
    text = tables.README.read_text()

    assert tables.written(text) == text, "run: make tables"
    assert tables.roles() in text
    assert tables.statuses() in text


def test_names_every_permission() -> None:
    assert set(tables.MEANING) == set(tables.Permission)
