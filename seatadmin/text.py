"""Folding text, so that what people mean to be the same compares and sorts as the same."""

import unicodedata

LONGEST_KEY = 400
LONGEST_EMAIL = 254
"""What the columns hold. A folded text may be longer than what was typed: ß becomes ss."""


def squeeze(text: str | None) -> str:
    """`text` composed (NFC), without surrounding or doubled white space; None becomes empty."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def fold(text: str | None) -> str:
    """A key for comparing, searching and sorting names: no case, no accents, single spaces."""
    bare = unicodedata.normalize("NFKD", text or "")
    if not bare.isascii():  # most names are, and imports and seeds fold millions
        bare = "".join(char for char in bare if not unicodedata.combining(char))
    return squeeze(bare.casefold())[:LONGEST_KEY].rstrip()


def searchable(text: str | None) -> str:
    """`fold` without commas: "Lovelace, Ada" is found as "lovelace ada"."""
    return fold((text or "").replace(",", " "))


def fold_email(text: str | None) -> str | None:
    """The key under which an e-mail address is unique (NFKC, no case); None when it is blank."""
    composed = unicodedata.normalize("NFKC", text or "").casefold()
    return squeeze(unicodedata.normalize("NFKC", composed))[:LONGEST_EMAIL].rstrip() or None
