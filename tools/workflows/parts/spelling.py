"""How what people type is searched for, and how well a text fits it: capitals, dashes, slips of the pen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from tools.workflows.parts.parties import plain
from tools.workflows.parts.searched import Searched, Text, Way

LONGEST = 200
"""Characters of a query, and of a text that is compared with it."""
_ALIKE = 78
"""Likeness in percent from which a name is taken for another spelling."""
_AS_A_WHOLE = 8
"""How much more is asked of names that are compared as a whole, where a short one is easily found in a long one."""
_PART = 5
"""Letters and digits of a number from which it is recognised inside of a longer one."""
_ABBREVIATION = 4
"""Letters that may be all of a number, or the beginning of one."""
_PHONE = range(7, 16)
"""Digits of a telephone number."""
_COUNTRY = 3
"""Digits that may stand before a telephone number for its country."""
_TAKEN_FOR = str.maketrans("oi", "01")
"""Letters that are taken for digits."""

_KIND = re.compile(
    r"(?:purchase |sales |customer |vendor |transfer |fulfil?lment |edi )?(?:bill|invoice|order|shipment|parcel"
    r"|tracking|product|item|sku|upc|vendor|supplier|customer|company|contact|e-?mail|phone|tel|credit(?: memo)?"
    r"|prepayment|return|edi|document|control|location|warehouse|channel)(?: (?:number|no|nr|id))?[.:#]*\s+"
    r"(?P<rest>\S.*)",
    re.IGNORECASE,
)
"""What people write before a number or name to say what it is; it stands in no record."""
_ALSO_NAMES = re.compile(
    r"bill|invoice|order|parcel|item|credit|return|document|control|location|phone|tel", re.IGNORECASE
)
"""Bill is also somebody's name: taken off only before what has digits in it."""

Probe = tuple[str, str]
"""An operator of the API and the value it compares with."""
WHOLE: Probe = "", ""
"""The first page of a list, unfiltered."""


@dataclass(frozen=True)
class Probes:
    """What to search a field for. if_cut: when that was more than a page; any_of: one of them brings all that fits.

    if_none, then at_last: when nothing was found anywhere.
    """

    at_first: Sequence[Probe] = ()
    if_cut: Sequence[Probe] = ()
    if_none: Sequence[Probe] = ()
    at_last: Sequence[Probe] = ()
    any_of: bool = False


class Rank(IntEnum):
    """How well a text fits, the best first."""

    EXACT = 0
    ID = 1
    BEGINS = 2
    CONTAINS = 3
    ALIKE = 4


class Query:
    """What was asked for, and the spellings it is searched in."""

    def __init__(self, text: str) -> None:
        text = without_kind(text)
        self.text = text
        self.folded = text.casefold()
        self.squashed = squash(text)
        self.digits = max(re.findall(r"[0-9]+", text), key=len, default="")
        self.id = int(text) if re.fullmatch(r"[1-9][0-9]{0,7}", text) else 0
        self.is_email = "@" in text
        # What has digits in it is no name: `MDW-2601` is not, `MDW 2601` and `Studio 54` may be one.
        parts = [part for part in text.split() if not re.search(r"[0-9]", part)]
        words = re.findall(r"[^\W\d_]{2,}", " ".join(parts))
        self.words = [] if self.is_email else sorted(words, key=len, reverse=True)
        self.phone = _phone(text)
        self.may_track = len(self.squashed) >= 8 and sum(map(str.isdigit, text)) >= 8 and self.is_number

    @property
    def is_number(self) -> bool:
        """Whether it may be a number of a document: no email, no telephone number that is written like one."""
        return not self.is_email and not (self.phone and self.text[0] in "+(")

    def waits(self, searched: Searched) -> bool:
        """Whether a field is not searched once something fits exactly."""
        # Digits alone are more often a document's number than a telephone's.
        return searched.way in (Way.PHONE, Way.UNSEARCHED) and self.text.isdigit()

    def probes(self, searched: Searched) -> Probes:
        """How to search a field."""
        contained = ("contains", self.text)
        match searched.way:
            case Way.NUMBER | Way.SKU:
                return self._of_number(searched)
            case Way.DIGITS:
                return Probes([contained] if self.text.isdigit() else [])
            case Way.CODE:
                return self._of_code()
            case Way.TRACKING:
                spellings = dict.fromkeys((self.text, self.text.upper()))
                return Probes([("contains", each) for each in spellings if self.may_track])
            case Way.PARCEL:
                return Probes([WHOLE] if self.may_track else [])
            case Way.NAME:
                return self._of_name(searched.main)
            case Way.BESIDE:
                return self._of_name(False) if len(self.words) > 1 else Probes()
            case Way.LISTED:
                return self._of_listed()
            case Way.EMAIL:
                return Probes([("contains", each) for each in dict.fromkeys((self.text, self.folded)) if self.is_email])
            case Way.PHONE:
                return self._of_phone()
            case Way.ANY:
                return Probes([contained], if_none=self._otherwise(searched))
        return Probes([WHOLE] if self.is_email or self.phone else [])

    def _of_number(self, searched: Searched) -> Probes:
        if not self.is_number or not (self.digits or searched.main):
            return Probes()
        text = self.text
        spellings = list(dict.fromkeys((text, text.upper(), text.lower(), text.title())))
        exact = [("in", ",".join(spellings))] if "," not in text else []
        usual = [("contains", each) for each in dict.fromkeys((text, text.upper()))]
        others = [("contains", each) for each in spellings if ("contains", each) not in usual]
        if not self.digits:  # Words are hardly ever a number.
            return Probes(at_last=usual) if self._is_word else Probes(usual)
        otherwise = self._otherwise(searched)
        if len(self.digits) < 3:
            return Probes(usual, [*exact, *others], otherwise, others if searched.main else [])
        # The digits alone find it with any capitals, and with or without dashes around them.
        return Probes([("contains", self.digits)], [*exact, *usual], otherwise)

    @property
    def _is_word(self) -> bool:
        return " " in self.text or (self.text.isalpha() and len(self.text) > _ABBREVIATION)

    def _otherwise(self, searched: Searched) -> Sequence[Probe]:
        """Spellings that are tried last."""
        found = []
        if searched.main and not self.id:
            # Where dashes between digits were left out, some of the digits still stand together.
            digits = self.phone or self.digits
            found = [digits[-4:]] if len(digits) > 4 else []
        if searched.way is Way.SKU:
            found += _inner(self.text)
        if (searched.main or searched.way is Way.SKU) and (meant := unconfused(self.text)) != self.text:
            found.append(meant.upper())
        return [("contains", each) for each in found]

    def _of_code(self) -> Probes:
        if not self.is_number:
            return Probes()
        text = self.text
        spellings = [("contains", each) for each in dict.fromkeys((text, text.upper(), text.title(), text.lower()))]
        meant = unconfused(text)
        return Probes(spellings[:2], [], [("contains", meant.upper())] if meant != text else [], spellings[2:])

    def _of_name(self, main: bool) -> Probes:
        if not self.words:
            return Probes()
        word, others = self.words[0], self.words[1:3]
        small, capitals = word.lower(), ("contains", word.upper())
        if len(word) < 4:
            return Probes([("contains", small.capitalize()), capitals], at_last=[("contains", small)])
        # Without its first letter it is found small and capitalised. A slip of the pen spares one of its ends.
        size = 3 if len(word) > 5 else 2
        ends = [("contains", small[:size].capitalize()), ("contains", small[-size - 1 :])]
        # What fits has every word, so that each of them alone brings all that fits.
        rarer = [each.lower()[1:] for each in others if len(each) > 3]
        if_cut = [("contains", each) for each in rarer or dict.fromkeys((small.capitalize(), self.text))]
        at_first = [("contains", small[1:])]
        if not main:
            return Probes(at_first, if_cut, any_of=bool(rarer))
        if_none = [*ends, *(("contains", each.lower()[1:]) for each in others if len(each) > 2)]
        return Probes(at_first, if_cut, if_none, [capitals], any_of=bool(rarer))

    def _of_listed(self) -> Probes:
        if not self.is_number or self.text.isdigit():
            return Probes()
        named = [("contains", self.words[0].capitalize() if self.words else self.text)]
        return Probes([WHOLE], named) if self.words else Probes(at_last=[WHOLE])

    def _of_phone(self) -> Probes:
        if not self.phone:
            return Probes()
        # The last four digits stand together however the others are written; in some countries only pairs do.
        end, before = self.phone[-4:], self.phone[-7:-4]
        longer = [("contains", f"{before}{sign}{end}") for sign in ("-", " ", ".", "")]
        pairs = [("contains", f"{end[:2]}{sign}{end[2:]}") for sign in (" ", "-", ".")]
        return Probes([("contains", end)], longer, pairs if not self.text.isdigit() else [])


def _phone(text: str) -> str:
    """The digits of what may be a telephone number, else nothing."""
    digits = "".join(re.findall(r"[0-9]", text))
    return digits if len(digits) in _PHONE and re.fullmatch(r"\+?[0-9(][0-9 ()/.-]*", text) else ""


def _inner(text: str) -> list[str]:
    """A number without what may have been written before or behind it."""
    parts = re.split(r"([-_/ .])", text.upper())
    if len(parts) < 5:
        return []
    inner = ("".join(parts[2:]), "".join(parts[:-2]))
    return [each for each in inner if len(squash(each)) >= _PART and re.search(r"[0-9]", each)]


def unconfused(text: str) -> str:
    """A number with O for 0 and I for 1, or the other way round, where a part of it mixes letters and digits."""
    return "".join(map(_one_kind, re.split(r"([^0-9A-Za-z]+)", text)))


def _one_kind(part: str) -> str:
    if part.isalpha() or part.isdigit() or not part.isalnum():
        return part
    sure = re.sub(r"[oi01]", "", part.lower())
    if sure.isalpha():
        return part.translate(str.maketrans("01", "OI"))
    return part.translate(str.maketrans("oiOI", "0101")) if sure.isdigit() or not sure else part


def without_kind(text: str) -> str:
    """The number or name alone: `invoice no. 7001` is `7001`."""
    said = _KIND.fullmatch(text)
    if said is None or len(said["rest"]) < 2:
        return text
    rest: str = said["rest"].removeprefix("#").strip()
    return text if _ALSO_NAMES.match(text) and not re.search(r"[0-9]", rest) else rest


def squash(text: str) -> str:
    """Letters and digits alone, small."""
    return "".join(each for each in text.casefold() if each.isalnum())


def fit(query: Query, text: str, among: Text) -> tuple[Rank, int] | None:
    """How a text fits, and how far it is from what was asked for among those of its rank. None: not at all."""
    folded, squashed = text.casefold(), squash(text)
    if folded == query.folded:
        return Rank.EXACT, 0
    if among.is_phone:
        return _as_phone(query, text)
    if squashed and squashed == query.squashed:
        return Rank.EXACT, 1
    if folded.startswith(query.folded):
        return Rank.BEGINS, len(text)
    if query.squashed and squashed.startswith(query.squashed):
        return Rank.BEGINS, len(text) + LONGEST
    if among.is_name and _words_begin(query.text, text):
        return Rank.BEGINS, len(text) + 2 * LONGEST
    if query.folded in folded:
        whole = query.folded in re.split(r"[^\w]+", folded)
        return Rank.CONTAINS, len(text) + (0 if whole else LONGEST)
    if len(query.squashed) > 1 and query.squashed in squashed:
        return Rank.CONTAINS, len(text) + 2 * LONGEST
    if among.is_name:
        return _alike(query, text)
    return _as_number(query, squashed, among)


def _as_phone(query: Query, text: str) -> tuple[Rank, int] | None:
    """The same telephone number, with or without the codes before it."""
    digits = "".join(re.findall(r"[0-9]", text))
    short, long = sorted((digits, query.phone), key=len)
    if len(short) < _PHONE.start or not long.endswith(short):
        return None
    missing = len(long) - len(short)
    same = not missing or (len(short) > 8 and missing <= _COUNTRY)
    return (Rank.EXACT if same else Rank.CONTAINS), 1 + missing


def _as_number(query: Query, squashed: str, among: Text) -> tuple[Rank, int] | None:
    """A number in which letters were taken for digits, or one that was asked for with more around it."""
    if not query.digits or not query.is_number:
        return None
    if len(squashed) > 3 and squashed.translate(_TAKEN_FOR) == query.squashed.translate(_TAKEN_FOR):
        return Rank.ALIKE, 0
    if among.is_part and len(squashed) >= _PART and squashed in query.squashed:
        return Rank.ALIKE, len(query.squashed) - len(squashed)
    return None


def _words_begin(wanted: str, name: str) -> bool:
    words, parts = plain(wanted).split(), plain(name).split()
    return bool(words) and all(any(part.startswith(word) for part in parts) for word in words)


def _alike(query: Query, name: str) -> tuple[Rank, int] | None:
    from rapidfuzz.distance.OSA import normalized_similarity
    from rapidfuzz.fuzz import WRatio

    wanted, name = plain(query.text), plain(name)
    if not query.words or len(wanted) < 4 or len(name) < 4:
        return None
    best = [max(100 * normalized_similarity(word, part) for part in name.split()) for word in wanted.split()]
    # Word by word two letters may have changed places; as a whole words may be written together.
    score = max(sum(best) / len(best), WRatio(wanted, name) - _AS_A_WHOLE)
    return (Rank.ALIKE, 100 - int(score)) if score >= _ALIKE else None
