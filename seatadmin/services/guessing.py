"""Whether a password is easy to guess: what is left of it without what everybody tries first."""

import re
import string
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from seatadmin.text import fold

SHIPPED = Path(__file__).parents[1] / "data" / "common_passwords.txt"

ENOUGH = 6
"""Characters that must be left when everything below is taken away."""

SHORTEST_WORD, SHORTEST_RUN = 3, 3

ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "12345678901234567890",
    "!@#$%^&*()_+",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "qweasdzxc",
)
"""Letters and digits in order, and keys that lie side by side; people go along them both ways."""

_LOOKALIKES = str.maketrans("@4301$5!7", "aaeoissit")
_YEAR = re.compile(r"(19|20)\d\d")
_REPEAT = re.compile(r"(.+?)\1+")
_NOTHING_BUT_REPEATS = re.compile(r"(.{1,10})\1+.{0,3}")
_GAP = "\0"


def is_guessable(text: str, about: Iterable[str] = ()) -> bool:
    """Whether `text` is little more than common words, words `about` the person, and repeats.

    Case, accents, spaces, one kind of separator, and digits that stand for letters do not help.
    """
    bare = _bare(text)
    words = sorted(_common() | set(_words(about)), key=len, reverse=True)
    spellings = {bare, bare.translate(_LOOKALIKES)}
    return bool(_NOTHING_BUT_REPEATS.fullmatch(bare)) or any(
        len(_left(spelling, words)) < ENOUGH for spelling in spellings
    )


def _bare(text: str) -> str:
    folded = fold(text).replace(" ", "")
    marks = {char for char in folded if char in string.punctuation}
    return folded.replace(marks.pop(), "") if len(marks) == 1 else folded


def _left(text: str, words: Iterable[str]) -> str:
    for word in words:
        text = text.replace(word, _GAP)
    text = _REPEAT.sub(r"\1", _YEAR.sub(_GAP, text))
    return _REPEAT.sub(r"\1", _without_runs(text).replace(_GAP, ""))


def _without_runs(text: str) -> str:
    """`text` without pieces of the rows, taken greedily from the left."""
    kept, start = "", 0
    while start < len(text):
        end = start + SHORTEST_RUN
        while end <= len(text) and _is_run(text[start:end]):
            end += 1
        if end > start + SHORTEST_RUN:
            kept, start = kept + _GAP, end - 1
        else:
            kept, start = kept + text[start], start + 1
    return kept


def _is_run(piece: str) -> bool:
    return any(piece in row or piece[::-1] in row for row in ROWS)


def _words(about: Iterable[str]) -> Iterable[str]:
    """The words of names and addresses, also written together."""
    for text in about:
        parts = [part for part in re.split(r"[\W_]+", fold(text)) if part]
        yield from (part for part in (*parts, "".join(parts)) if len(part) >= SHORTEST_WORD)


@cache
def _common() -> frozenset[str]:
    lines = SHIPPED.read_text().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
