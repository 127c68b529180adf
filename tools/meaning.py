"""What names of fields mean in the trade: which known name stands for the same thing, however it is spelled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set

_SAME = (
    ("customer", "client", "buyer", "company"),
    ("vendor", "supplier", "seller", "factory"),
    ("supplier", "contact"),
    ("company", "vendor"),
    ("name", "title", "label"),
    ("number", "no", "num", "nr", "ref", "reference"),
    ("date", "day", "on"),
    ("amount", "total", "sum", "value"),
    ("due", "open", "outstanding", "balance", "remaining", "owed"),
    ("product", "item", "article"),
    ("sku", "code"),
    ("quantity", "qty"),
    ("price", "rate"),
    ("warehouse", "location"),
    ("note", "remark", "comment", "memo"),
    ("status", "state"),
    ("received", "arrival", "arrived"),
    ("list", "search", "find", "get", "show", "read"),
    ("create", "add", "new", "enter"),
    ("delete", "remove"),
    ("update", "change", "edit", "set"),
    ("pay", "payment"),
)
"""Words of which one may stand for the other. A company is a customer or a vendor; those two are never the same."""
_TAKES_BACK = frozenset(("void", "delete", "remove", "cancel", "reverse", "undo"))
"""What nobody is sent to who did not ask for it."""
_APART = frozenset(("vendor", "supplier"))
"""Words that stand for each other only where one of them is not there."""
_FILLERS = frozenset(("by", "at", "of", "the", "is", "to", "in", "for"))
_SHORT = {"po": ("purchase", "order"), "so": ("sales", "order"), "uom": ("unit", "of", "measure")}
_LEAST = 0.45
"""Share of words that two names must have in common."""
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


def meant(name: str, known: Sequence[str]) -> str | None:
    """The known name that means what `name` says: `customer.name` for company_name. None where none does."""
    asked = _words(name)
    spoken = {each: _words(each) for each in known}
    # The vendor of an order is not its supplier, who may only make the goods.
    literal = {word for word in {*asked} & _APART if any(word in words for words in spoken.values())}
    scored = [(_alike(asked, spoken[each], literal), _preferred(each), _spelling(name, each), each) for each in known]
    best = max(scored, default=None)
    if best is not None and best[0] >= _LEAST:
        return best[3]
    return next((each for each in known if literal & {*spoken[each]}), None)


def _words(name: str) -> tuple[str, ...]:
    found = (word.lower() for word in _WORDS.findall(name))
    words = dict.fromkeys(_single(each) for word in found for each in _SHORT.get(word, (word,)))
    return tuple(word for word in words if word not in _FILLERS)


def _single(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) else word


def _alike(asked: Iterable[str], known: Iterable[str], literal: Set[str]) -> float:
    """The share of words that both have; those that only mean the same count a little less. literal: words that do not
    stand for others here."""
    asked, rest = list(asked), list(known)
    if _TAKES_BACK & set(rest) and not _TAKES_BACK & set(asked):
        return 0.0
    size = len(rest)
    common = 0.0
    for word in asked:
        found = word if word in rest else None
        if found is None and word not in literal:
            found = next((each for each in rest if _synonyms(word, each)), None)
        if found is not None:
            rest.remove(found)
            common += 1 if found == word else 0.95
    return common / max(1, len(asked) + size - int(common + 0.99)) if common else 0.0


def _synonyms(one: str, other: str) -> bool:
    return any(one in words and other in words for words in _SAME)


def _preferred(name: str) -> int:
    """Of names that mean as much, people look for what something is called, then for its number."""
    return 2 if name.endswith("name") else 1 if name.endswith("id") else 0


def _spelling(one: str, other: str) -> float:
    from rapidfuzz.distance import DamerauLevenshtein

    return DamerauLevenshtein.normalized_similarity(one.lower(), other.lower())
