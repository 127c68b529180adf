"""Text that comes from records or from the API is data: made harmless and bounded before anybody reads it."""

from __future__ import annotations

import re
import unicodedata

# Unicode categories: Cc control, Cf format (bidirectional, zero-width, tags), Cs surrogates, Co private use.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co"})
# Letters and marks that are drawn as nothing (Default_Ignorable_Code_Point outside those categories).
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
_BLANKS = re.compile(r"\s+")
_LABEL = re.compile(r"[A-Za-z0-9_./-]+( [A-Za-z0-9_./-]+){0,2}")
_LABEL_LENGTH = 24
ELLIPSIS = "…"


def clean(text: str, length: int) -> str:
    """One line without control, bidirectional and zero-width characters, of at most `length` characters."""
    if len(text) > (most := 4 * length + 400):
        text = text[:most] + " "  # Still too long, so that it is seen to be cut; megabytes take seconds to clean.
    if not text.isascii() or not text.isprintable():
        text = "".join(
            " " if each in "\n\r\t\u2028\u2029" else each
            for each in _INVISIBLE.sub("", text)
            if each in "\n\r\t" or unicodedata.category(each) not in _UNSAFE
        )
        text = _BLANKS.sub(" ", text).strip()
    return text if len(text) <= length else text[: length - 1] + ELLIPSIS


def label(text: str, length: int = _LABEL_LENGTH) -> str:
    """A status, an id or the like, fit to stand among the server's own words: short and plain, or not told."""
    return text if len(text) <= length and _LABEL.fullmatch(text) else "(other)"
