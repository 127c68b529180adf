"""How large a text is for a model. An estimate that errs to the high side, since a budget must hold."""

from __future__ import annotations

import re

_PIECES = re.compile(r"[A-Za-z]+|\d{1,3}|[^\sA-Za-z0-9\x00-\x7f]|[^\sA-Za-z0-9]|\n")
_WORD = 6
"""English words of up to this many letters are mostly one token in current encodings."""


def tokens(text: str) -> int:
    """About how many tokens a text costs."""
    total = 0
    for piece in _PIECES.findall(text):
        first = piece[0]
        if first.isascii():
            total += 1 + (len(piece) - 1) // _WORD
        else:
            total += len(piece.encode("utf-8", "replace"))
    return total
