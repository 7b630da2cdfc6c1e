"""Folding text, so that what people mean to be the same compares and sorts as the same."""

import unicodedata


def squeeze(text: str | None) -> str:
    """`text` composed (NFC), without surrounding or doubled white space; None becomes empty."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def fold(text: str | None) -> str:
    """A key for comparing, searching and sorting names: no case, no accents, single spaces."""
    decomposed = unicodedata.normalize("NFKD", squeeze(text).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def fold_email(text: str | None) -> str | None:
    """The key under which an e-mail address is unique (NFKC, no case); None when it is blank."""
    return unicodedata.normalize("NFKC", squeeze(text)).casefold() or None
