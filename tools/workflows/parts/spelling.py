"""How what people type is searched for, and how well a text fits it: capitals, dashes, slips of the pen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from tools.workflows.parts.parties import plain
from tools.workflows.parts.searched import Searched, Way

LONGEST = 200
"""Characters of a query, and of a text that is compared with it."""
_ALIKE = 78
"""Likeness in percent from which a name is taken for another spelling."""
_AS_A_WHOLE = 8
"""How much more is asked of names that are compared as a whole, where a short one is easily found in a long one."""

_KIND = re.compile(
    r"(?:purchase |sales |customer )?(?:bill|invoice|order|shipment|parcel|tracking|product|item|sku|upc|vendor"
    r"|supplier|customer|company|contact|e-?mail)(?: (?:number|no|nr|id))?[.:#]*\s+(?P<rest>\S.*)",
    re.IGNORECASE,
)
"""What people write before a number or name to say what it is; it stands in no record."""
_ALSO_NAMES = re.compile(r"bill|invoice|order|parcel|item", re.IGNORECASE)
"""Bill is also somebody's name: taken off only before what has digits in it."""

Probe = tuple[str, str]
"""An operator of the API and the value it compares with."""


@dataclass(frozen=True)
class Probes:
    """What to search a field for. if_cut: when that was more than a page. if_none: when nothing was found anywhere."""

    at_first: Sequence[Probe] = ()
    if_cut: Sequence[Probe] = ()
    if_none: Sequence[Probe] = ()


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
        self.id = int(text) if re.fullmatch(r"[1-9][0-9]{0,8}", text) else 0
        self.is_email = "@" in text
        # What has digits in it is no name: `MDW-2601` is not, `MDW 2601` and `Studio 54` may be one.
        parts = [part for part in text.split() if not re.search(r"[0-9]", part)]
        words = re.findall(r"[^\W\d_]{2,}", " ".join(parts))
        self.word = "" if self.is_email else max(words, key=len, default="")
        self.is_phone = bool(re.fullmatch(r"\+?(?=.*[ ()/.-])[0-9(][0-9 ()/.-]{5,19}", text))
        self.may_track = len(self.squashed) >= 8 and sum(map(str.isdigit, text)) >= 8 and not self.is_email

    def probes(self, searched: Searched) -> Probes:
        """How to search a field."""
        if searched.way is Way.NUMBER:
            return self._of_number(searched.main)
        if searched.way is Way.NAME:
            return self._of_name(searched.main)
        if searched.way is Way.EMAIL:
            return Probes([("contains", each) for each in dict.fromkeys((self.text, self.folded)) if self.is_email])
        if searched.way is Way.ANY:
            return Probes([("contains", self.text)], if_none=self._end_of_digits(searched.main))
        wanted = {Way.PHONE: self.is_phone, Way.UNSEARCHED: self.is_email}[searched.way]
        return Probes([("contains", self.text)] if wanted else [])

    def _of_number(self, main: bool) -> Probes:
        if self.is_email or not (self.digits or main):
            return Probes()
        text = self.text
        spellings = list(dict.fromkeys((text, text.upper(), text.lower(), text.title())))
        contained = [("contains", each) for each in spellings]
        if not self.digits:
            return Probes(contained[:2])
        exact = [("in", ",".join(spellings))] if "," not in text else []
        if len(self.digits) < 3:
            return Probes(contained[:2], [*exact, *contained[2:]], contained[2:])
        # The digits alone find it with any capitals, and with or without dashes around them.
        return Probes([("contains", self.digits)], [*exact, *contained[:2]], self._end_of_digits(main))

    def _end_of_digits(self, main: bool) -> Sequence[Probe]:
        """Where dashes between digits were left out, some of the digits still stand together."""
        left_out = main and len(self.digits) > 4 and not self.id
        return [("contains", self.digits[-4:])] if left_out else []

    def _of_name(self, main: bool) -> Probes:
        word = self.word
        if not word:
            return Probes()
        small, capitals = word.lower(), ("contains", word.upper())
        if len(word) < 4:
            return Probes([("contains", small.capitalize()), capitals], if_none=[("contains", small)])
        # Without its first letter it is found small and capitalised. A slip of the pen spares one of its ends.
        size = 3 if len(word) > 5 else 2
        ends = [("contains", small[:size].capitalize()), ("contains", small[-size - 1 :])]
        whole = [("contains", small.capitalize()), ("contains", self.text)]
        return Probes([("contains", small[1:])], whole, [capitals, *ends] if main else [])


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


def fit(query: Query, text: str, is_name: bool = False) -> tuple[Rank, int] | None:
    """How a text fits, and how far it is from what was asked for among those of its rank. None: not at all."""
    folded, squashed = text.casefold(), squash(text)
    if folded == query.folded:
        return Rank.EXACT, 0
    if squashed and squashed == query.squashed:
        return Rank.EXACT, 1
    if folded.startswith(query.folded):
        return Rank.BEGINS, len(text)
    if query.squashed and squashed.startswith(query.squashed):
        return Rank.BEGINS, len(text) + LONGEST
    if is_name and _words_begin(query.text, text):
        return Rank.BEGINS, len(text) + 2 * LONGEST
    if query.folded in folded:
        whole = query.folded in re.split(r"[^\w]+", folded)
        return Rank.CONTAINS, len(text) + (0 if whole else LONGEST)
    if len(query.squashed) > 1 and query.squashed in squashed:
        return Rank.CONTAINS, len(text) + 2 * LONGEST
    return _alike(query, text) if is_name else None


def _words_begin(wanted: str, name: str) -> bool:
    words, parts = plain(wanted).split(), plain(name).split()
    return bool(words) and all(any(part.startswith(word) for part in parts) for word in words)


def _alike(query: Query, name: str) -> tuple[Rank, int] | None:
    from rapidfuzz.distance.OSA import normalized_similarity
    from rapidfuzz.fuzz import WRatio

    wanted, name = plain(query.text), plain(name)
    if not query.word or len(wanted) < 4 or len(name) < 4:
        return None
    best = [max(100 * normalized_similarity(word, part) for part in name.split()) for word in wanted.split()]
    # Word by word two letters may have changed places; as a whole words may be written together.
    score = max(sum(best) / len(best), WRatio(wanted, name) - _AS_A_WHOLE)
    return (Rank.ALIKE, 100 - int(score)) if score >= _ALIKE else None
