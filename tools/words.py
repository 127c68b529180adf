"""How text becomes canonical words: the few words to which questions and documents are both rewritten.

A text is taken apart into spoken words and the stops between them. Words are compared by their stems. Forms of the
vocabulary, also those split by other words, give way to canonical words; noise is left out; a word of several senses
is made plain by whether the text is about buying or selling. Verbs become kinds of action, which are marked words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from tools import vocabulary


class Token(NamedTuple):
    """A canonical word, and where in the text the words are that it stands for."""

    word: str
    at: int
    size: int


# Kinds of action

KINDS = ("create", "update", "delete", "list")
"""The kinds of action."""

_MARK = "!"
"""What the canonical word for a kind of action begins with, and no other word."""


def action_word(kind: str) -> str:
    """The canonical word for a kind of action."""
    return _MARK + kind


def is_action(word: str) -> bool:
    """Whether a canonical word stands for a kind of action."""
    return word.startswith(_MARK)


def kind_of(token: Token) -> str | None:
    """The kind of action that a token stands for."""
    return token.word.removeprefix(_MARK) if is_action(token.word) else None


# Spoken words

STOPS = frozenset(",;:.?!\n")
"""What stands between the clauses of a text."""

_ASIDE = re.compile(r"(?<=[a-z0-9,] )[A-Z][a-z]+(?=[^\w-]|$)")
"""A capital inside a sentence: a name that says nothing ("Target" the customer), unless the trade knows the word."""
_NAME = re.compile(r"[A-Za-z][\w'-]*")
_SPOKEN = re.compile(r"\d+(?:[.,]\d+)+|[a-z0-9]+|[,;:.?!](?=\s|$)|\n")
_PREFIX = re.compile(r"\b(un|re|pre|inter|e)-")
_SHORT = ((re.compile(r"\bSOs?\b|\bso (?=#?\d)"), "sales order "), (re.compile(r"\bTOs?\b"), "transfer order "))
_FULFILLMENT = re.compile(r"\b(FO|fo)s?\b")
"""Short for orders; "so" and "to" are mostly words, so they count in capitals, and "so" before a number."""


def spoken(text: str) -> list[str]:
    """The words of a text and the stops between its clauses, in small letters."""
    names = _NAME.findall(text)
    capitals = sum(name[0].isupper() for name in names)
    if capitals * 2 <= len(names):  # else capitals tell nothing
        text = _ASIDE.sub(_without_aside, text)
    shouted = len(names) > 2 and text.isupper()
    if not shouted:  # else "TO" is a word
        for short, long in _SHORT:
            text = short.sub(long, text)
    text = _FULFILLMENT.sub("fulfillment order", text)
    text = text.lower().replace("\u2019", "'").replace("'s", "").replace("s'", "s").replace("n't", " not")
    return _SPOKEN.findall(_PREFIX.sub(r"\1", text))


def _without_aside(match: re.Match[str]) -> str:
    """The name if the trade may know it, else nothing."""
    name = match[0]
    return name if name.endswith("s") or (stem(name.lower()),) in _FORMS else ""


# Stems

_IRREGULAR = {
    "sent": "send", "paid": "pay", "bought": "buy", "held": "hold", "shipped": "ship", "gone": "go", "spent": "spend",
    "written": "write", "wrote": "write", "took": "take", "taken": "take", "settings": "configuration",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its ending, roughly: receive, receives, received and receiving become one."""
    word = _IRREGULAR.get(word, word)
    if len(word) < 3 or word.isdigit() or word in ("this", "always", "plus"):
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes")):
        word = word[:-2]
    elif is_plural(word) and not word.endswith("is"):
        word = word[:-1]
    if word.endswith("ied"):
        word = word[:-3] + "y"
    for suffix in ("ing", "ed"):
        base = word.removesuffix(suffix)
        if base != word and len(base) >= 3 and re.search("[aeiouy]", base):
            doubled = len(base) > 3 and base[-1] == base[-2] and base[-1] not in "ls"
            word = base[:-1] if doubled else base
            break
    if len(word) > 6 and word.endswith(("tion", "sion")):
        word = word[:-3]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def stems_of(words: Iterable[str]) -> frozenset[str]:
    """The stems of some words."""
    return frozenset(map(stem, words))


def is_plural(word: str) -> bool:
    """Whether a word looks like a plural."""
    return word.endswith("s") and not word.endswith(("ss", "us"))


def is_noise(word: str) -> bool:
    """Whether a word tells nothing by itself."""
    return stem(word) in _NOISE


_NOISE = vocabulary.NOISE | stems_of(vocabulary.NOISE)

BILLDIARY = stem("billdiary")
"""The canonical word for the other system."""


# Rewriting to the vocabulary's forms


def _forms(table: Mapping[str, str], mark: str = "") -> dict[tuple[str, ...], tuple[str, ...]]:
    """A table of the vocabulary by stems; where two forms have the same stems, the first holds."""
    forms: dict[tuple[str, ...], tuple[str, ...]] = {}
    for form, canonical in table.items():
        stems = tuple(map(stem, re.findall(r"[a-z0-9]+", form.replace("'s", ""))))
        forms.setdefault(stems, tuple(mark + word if mark else stem(word) for word in canonical.split()))
    return forms


def _form_sizes() -> dict[str, list[int]]:
    sizes: dict[str, set[int]] = defaultdict(set)
    for form in _FORMS:
        sizes[form[0]].add(len(form))
    return {first: sorted(lengths, reverse=True) for first, lengths in sizes.items()}


_FORMS = _forms(vocabulary.ACTIONS, _MARK) | _forms(vocabulary.TERMS)
_FORM_SIZES = _form_sizes()
"""Lengths of the forms that begin with a stem, longest first."""


def rewritten(words: Sequence[str]) -> list[Token]:
    """The canonical words of a text; longest forms first, noise left out."""
    stems = tuple(map(stem, words))
    tokens: list[Token] = []
    at = 0
    while at < len(stems):
        form = _form_at(stems, at)
        if form:
            tokens += [Token(word, at, len(form)) for word in _FORMS[form]]
        elif stems[at] not in _NOISE and stems[at] not in STOPS:
            tokens.append(Token(stems[at], at, 1))
        at += len(form) or 1
    return _joined(words, stems, tokens)


def _form_at(stems: tuple[str, ...], at: int) -> tuple[str, ...]:
    """The longest form that begins at a place; empty if none does."""
    for size in _FORM_SIZES.get(stems[at], ()):
        if (form := stems[at : at + size]) in _FORMS:
            return form
    return ()


# Split forms

_LONGEST_GAP = 8
"""How far behind the first word of a split form the second may be."""
_SPLIT_FORMS = [
    (stem(first), stem(second), [action_word(word) if word in KINDS else stem(word) for word in meant.split()])
    for first, second, meant in vocabulary.SPLIT_FORMS
]
_SPLIT_STARTS = frozenset(first for first, _, _ in _SPLIT_FORMS)


def _joined(words: Sequence[str], stems: Sequence[str], tokens: list[Token]) -> list[Token]:
    """Split forms added; where one is a kind of action, it takes the place of the first word's."""
    if _SPLIT_STARTS.isdisjoint(stems):
        return tokens
    for first, second, meant in _SPLIT_FORMS:
        if first not in stems:
            continue
        at = stems.index(first)
        after = stems[at + 1 : at + 1 + _LONGEST_GAP]
        if second not in after:
            continue
        between = words[at : at + 1 + after.index(second)]
        if not STOPS.isdisjoint(between):
            continue
        if is_action(meant[0]):
            if Token(action_word("delete"), at, 1) in tokens:
                continue
            tokens = [token for token in tokens if token.at != at or not is_action(token.word)]
        tokens = [*tokens, *(Token(word, at, 1) for word in meant)]
    return sorted(tokens, key=lambda token: token.at)


# Senses

_BUYING_WORDS = stems_of(vocabulary.BUYING)
_SELLING_WORDS = stems_of(vocabulary.SELLING)
_SENSES = {
    stem(word): tuple(tuple(map(stem, sense.split())) for sense in senses) for word, senses in vocabulary.SENSES.items()
}
"""Word to what it means in buying, in selling, and where nothing tells which."""


def sensed(tokens: Sequence[Token], buys: int = 0) -> list[Token]:
    """The same with words of several senses made plain. buys: 1 if it is about buying, -1 if about selling."""
    if not buys:
        bought = sum(token.word in _BUYING_WORDS for token in tokens)
        sold = sum(token.word in _SELLING_WORDS for token in tokens)
        buys = bought - sold
    if buys > 0:
        sense = 0
    elif buys < 0:
        sense = 1
    else:
        sense = 2
    plain: list[Token] = []
    for token in tokens:
        meant = _SENSES[token.word][sense] if token.word in _SENSES else (token.word,)
        plain += [Token(word, token.at, token.size) for word in meant]
    return plain
