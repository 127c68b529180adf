"""Text that comes from records or from the API is data: made harmless and bounded before anybody reads it."""

from __future__ import annotations

import re
import unicodedata

# Unicode categories: Cc control, Cf format (bidirectional, zero-width, tags), Cs surrogates, Co private use.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co"})
_BLANKS = re.compile(r"\s+")
ELLIPSIS = "…"


def clean(text: str, length: int) -> str:
    """One line without control, bidirectional and zero-width characters, of at most `length` characters."""
    if not text.isascii() or not text.isprintable():
        text = "".join(
            " " if each in "\n\r\t\u2028\u2029" else each
            for each in text
            if each in "\n\r\t" or unicodedata.category(each) not in _UNSAFE
        )
        text = _BLANKS.sub(" ", text).strip()
    return text if len(text) <= length else text[: length - 1] + ELLIPSIS
