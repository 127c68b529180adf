"""How large a text is for a model. An estimate that errs to the high side, since a budget must hold.

The text is cut as o200k cuts it before it looks words up; what the pieces cost was measured there. Over tables and JSON
of records the estimate is 5 to 30 % above the true count; over prose, random letters and other scripts up to twice it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from typing import Any

_OTHER = r"\x80-\U0010ffff"
_PIECES = re.compile(
    # A word takes the sign before it along.
    rf"[0-9]{{1,3}}|[^\r\nA-Za-z0-9{_OTHER}]?(?:[A-Z]*[a-z]+|[A-Z]+)|…| ?[^\sA-Za-z0-9{_OTHER}]+[\r\n/]*|\s+|[{_OTHER}]"
)
_PRONOUNCED = re.compile(r"(?i)(?=[a-z]*[aeiouy])(?!.*[^aeiouy]{4})[a-z]{1,14}")
_VOWEL = re.compile("(?i)[aeiou]")
_RARE = re.compile("(?i)[jqvxyz]")
_SCALE = 100
"""Costs are counted in hundredths of a token."""

LIST, ROW, RECORD = 600, 55, 800
"""What an answer may cost unless the caller says otherwise: a list of up to ten rows, each further row, a record."""
_MOST_ROWS = 100
"""Rows that a list shows without being asked for all: as many as the largest page has."""
_JOINED = frozenset(
    ('","', '":"', '":', ',"', '"},{"', '},{"', '":{"', '{"', '"}', '},"', '":[', "</", "><", ">\n", "):\n", "):", '",')
)
"""Signs that are one token together, where they stand in answers."""
_KNOWN = """
all and are as at bag box by for id in inc is it net no not of on one or oz per red sku tea the to up account active
address addresses allocation allow alternate american amount applied approval arrival assembly attachments attributes
available avenue bank base before bill black blue book books brothers canada card carrier cash category central
channel charge charges check china city closed code coffee color companies company complete completed components
contact contacts content conversion cost count country created credentials credit currency current cursor custom
customer data date days default deleted delivery description design destination details direction discount document
down draft east electric email enabled energy exchange expected expiration express external extra factor factory false
farm fees field fields file files filters final first food foods form format france freight from full garden gateway
general germany glass global gold great green group hardware health height hill hold home house identifier image
incoming increase india industries info insurance internal international inventory invoice italy item items label
labels lake last lead length level limit line lines location logistics mapping market measure medical message meta
metadata metal method mexico minimum name national next north note notes number office open operation options order
ordered orders pack package packaging packing page pages paid paper parent partner parts payment payments pending
percent phone pick plastic point poland post posted price prices primary print printing priority private product
products public purchase quantity quotation rate reason receive received record records reference remaining report
requested required response return river road rows royal rules sales schedule service services ship shipment shipping
shop silver size solutions sons sort source south spain start state status steel stock store street studio supplier
supply term terms tiers time tools total tracking trading transaction transfer transport true turkey type types unit
united units until updated user username value variant variants vendor view warehouse water weight west white width
wine with without wood works world
"""
_ZEROS = str.maketrans("123456789", "000000000")
_WORDS = frozenset(_KNOWN.split())
"""Words of records that are one token, most of them alone, all of them after a blank."""


def tokens(text: str) -> int:
    """About how many tokens a text costs; hardly ever less than it does."""
    return -(-sum(map(_cost, _PIECES.findall(text))) // _SCALE)


def tokens_of_lines(lines: Iterable[str]) -> int:
    """About how many tokens lines of a table cost together, their line ends included.

    Cells come again and again, and so do their sizes: which digits a number has does not matter.
    """
    cells = ",".join(lines).translate(_ZEROS).split(",")
    return -(-sum(map(_cell, cells)) // _SCALE)


def fitting(names: Iterable[str], room: int) -> int:
    """How many of the names fit into so many tokens, set apart by commas."""
    return sum(cost <= room * _SCALE for cost in accumulate(map(_cell, names)))


@lru_cache(maxsize=4096)
def _cell(cell: str) -> int:
    return sum(map(_cost, _PIECES.findall(f",{cell}")))


def for_rows(count: int) -> int:
    """What a list of so many rows may cost."""
    return LIST + ROW * max(0, min(count, _MOST_ROWS) - 10)


def tokens_of(value: Any) -> int:
    """About how many tokens a JSON-ready value costs as compact JSON."""
    return tokens(compact(value))


def compact(value: Any) -> str:
    """A JSON-ready value as the text that is sent."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=4096)
def _cost(piece: str) -> int:
    first = piece[0]
    if not first.isascii() and piece != "…":
        return _foreign(first)
    if first.isdigit() or piece.isspace() or piece == "…":
        return _SCALE * (1 + len(piece) // 12)
    if first.isalpha():
        return _word(piece)
    if not piece[-1].isalpha():
        return _signs(piece)
    word = piece[1:]
    alone = _word(word)
    if first in _SELDOM_APART:
        return alone + (0 if first in " _" else 25)
    return alone + (55 if first in _AROUND_VALUES and alone > _SCALE else 95)


_SELDOM_APART = " _.-/("
"""Signs with which many words are one token."""
_AROUND_VALUES = "\",:'"


def _word(word: str) -> int:
    size = len(word)
    if size == 1 or word in _WORDS:
        return _SCALE
    if size == 2:
        return 130 if _VOWEL.search(word) or not (word.istitle() or _RARE.search(word)) else 200
    if word.isupper():
        return size * 60 + 15
    if word[1:].islower() and _PRONOUNCED.fullmatch(word):
        if word.lower() in _WORDS:
            return 110
        return size * 44 + 10
    return size * 70 + 20


def _signs(piece: str) -> int:
    size = len(piece)
    if size == 1 or piece in _JOINED:
        return _SCALE
    return max(_SCALE, size * (74 if len(set(piece)) == 1 or not _UNUSUAL.search(piece) else 100))


_UNUSUAL = re.compile(r"[%&^~|`+;!?*#@<=>$\\]")
"""Signs that are seldom known together with others."""
_FEW_BYTES = (
    # Latin with accents, Greek, Cyrillic, Armenian, Hebrew, Arabic: letters known alone, many in pairs.
    (range(0x80, 0x100), 115),
    (range(0x100, 0x180), 160),
    (range(0x386, 0x3CF), 125),
    (range(0x400, 0x460), 125),
    (range(0x531, 0x588), 140),
    (range(0x5D0, 0x5EB), 130),
    (range(0x621, 0x64B), 125),
)
_PERSIAN = frozenset("پچژگکی")
_EAST_ASIAN = ("gb2312", "shift_jis", "big5", "euc_kr")


def _foreign(letter: str) -> int:
    """A letter beyond ASCII: the usual ones are known alone or in pairs, the others cost up to a token a byte."""
    code = ord(letter)
    if code < 0x800:
        usual = next((cost for letters, cost in _FEW_BYTES if code in letters), 200)
        return 125 if letter in _PERSIAN else usual
    if code >= 0x10000:
        return 400
    words = 0x3000 <= code < 0x3100 or 0x3400 <= code < 0x9B00 or 0x9E00 <= code < 0xD7A4  # Between: fish, birds.
    return 215 if words and any(_in_two_bytes(letter, each) for each in _EAST_ASIAN) else 300


def _in_two_bytes(letter: str, encoding: str) -> bool:
    """Whether an encoding made for the usual letters of a language has this one."""
    try:
        encoded = letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    # Big5 goes on from there with letters that are hardly used.
    return len(encoded) == 2 and (encoding != "big5" or encoded[0] < 0xC9)
