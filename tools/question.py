"""What a question is about, and what it wants done.

The things that it mentions, the numbers of records, whether it is about one record or several, and the kind of action.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools import vocabulary
from tools.words import BILLDIARY, STOPS, is_noise, is_plural, kind_of, rewritten, sensed, stems_of

_HOW_TO = re.compile(r"(how (do|can|to|should|would|could)|is (there|it) (a way|possible))\b")
_MANY = stems_of(vocabulary.MANY)
_ONE = stems_of(vocabulary.ONE)
_FINDING = frozenset({"find", "search"})
"""Stems of verbs for what is not known by its number."""
_NUMBER_WORDS = frozenset({"no", "number", "id", "nr"})


@dataclass
class Mention:
    """How a question mentions a thing. direct: as what it is about, not after a preposition."""

    plural: bool = False
    numbered: bool = False
    direct: bool = False


class Question:
    """A question, taken apart.

    tokens: its canonical words. mentions: how it mentions each of them. numbers: the places of the numbers of records.
    many, one, record: whether it asks for several records, for one, for one by its number. billdiary: whether it names
    that system. action: a kind of action, or "do" for a change of another kind, or none.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        tokens = rewritten(words)
        # Where several tokens cover a place, the first holds
        self._at = {token.at + step: token for token in reversed(tokens) for step in range(token.size)}
        self.tokens = sensed(tokens)
        self.mentions = self._mentioned()
        stems = stems_of(words)
        finds = not stems.isdisjoint(_FINDING)
        numbered = {place: thing for place in range(1, len(words)) if (thing := self._numbered(place)) is not None}
        self.numbers = frozenset(numbered)
        if not finds:
            things = set(numbered.values())
            for token in self.tokens:
                if token.at in things:
                    self.mentions[token.word].numbered = True
        pointed = any(self._is_pointed(place) for place in range(len(words) - 1))
        self.many = finds or not stems.isdisjoint(_MANY)
        self.one = not finds and (pointed or not stems.isdisjoint(_ONE))
        self.record = not finds and bool(numbered)
        self.billdiary = BILLDIARY in self.mentions
        self.action = self._wanted()
        if self.action is None and (self.many or self.one or self.record):
            self.action = "list"

    def _word(self, place: int) -> str:
        """The word at a place; empty behind the last."""
        return self._words[place] if place < len(self._words) else ""

    def _kind_at(self, place: int) -> str | None:
        """The kind of action whose form begins at a place."""
        token = self._at.get(place)
        return kind_of(token) if token and token.at == place else None

    # What it wants done

    def _wanted(self) -> str | None:
        """The kind of action: of the verb that a clause begins with, else of any verb, else of what has happened."""
        asks, beginning = False, True
        verb = event = participle = None
        asks_how = _HOW_TO.match(" ".join(self._words[:5]))
        for place, word in enumerate(self._words):
            if word in STOPS:
                beginning = True
                continue
            if beginning and word in vocabulary.ASKING and not asks_how:
                asks = True
            if beginning and not asks and (request := self._requested(place)):
                return request
            if kind := self._kind_at(place):
                if word.endswith("ed"):
                    participle = participle or kind
                else:
                    verb = verb or kind
            elif word in vocabulary.EVENTS and (beginning or self._words[place - 1] in vocabulary.HAPPENING):
                event = "do"
            if word in vocabulary.LINKING:
                beginning = True
            elif word not in vocabulary.LEADING:
                beginning = False
        return "list" if asks else verb or event or participle

    def _requested(self, place: int) -> str | None:
        """The kind of action if a request begins here."""
        word, following = self._word(place), self._word(place + 1)
        if kind := self._kind_at(place):
            return None if word.endswith("ed") else kind
        if word in vocabulary.NOUN_OR_VERB and (following in vocabulary.POINTING or self._is_quantity(place + 1)):
            return "create"
        if following and word in vocabulary.UNDOING:
            return "delete"
        return "do" if following and word in vocabulary.DEEDS else None

    def _is_quantity(self, place: int) -> bool:
        """Whether here is a number of things, as in "20 mugs"."""
        return self._word(place).isdigit() and self._is_several(place + 1)

    def _is_several(self, place: int) -> bool:
        """Whether here is a plural that tells something."""
        word = self._word(place)
        return is_plural(word) and not is_noise(word)

    # What it is about

    def _mentioned(self) -> dict[str, Mention]:
        mentions: dict[str, Mention] = defaultdict(Mention)
        indirect = list(self._indirect())
        for token in self.tokens:
            mention = mentions[token.word]
            mention.direct |= not indirect[token.at]
            mention.plural |= is_plural(self._words[token.at + token.size - 1])
        return dict(mentions)

    def _indirect(self) -> Iterator[bool]:
        """Of each word, whether a preposition came before it in its part of the sentence."""
        indirect = False
        for place, word in enumerate(self._words):
            token = self._at.get(place)
            if word in vocabulary.PREPOSITIONS and not (token and token.size > 1):
                indirect = True
            elif word in STOPS or word in vocabulary.LINKING or self._kind_at(place):
                indirect = False
            yield indirect

    def _numbered(self, place: int) -> int | None:
        """If a word is the number of a record ("bill 812"), the place of the thing that it numbers."""
        word, before = self._words[place], self._words[place - 1]
        if not word[0].isdigit() or before[0].isdigit() or before in vocabulary.MEASURED:
            return None
        counted = self._at.get(place + 1)
        if counted and not kind_of(counted) and self._is_several(place + 1):
            return None  # "order 500 units"
        thing = self._at.get(place - 1)
        if thing is None and before in _NUMBER_WORDS:
            thing = self._at.get(place - 2)
            if thing is None:
                return place  # "number 812": of what is not said
        return None if thing is None or kind_of(thing) else thing.at

    def _is_pointed(self, place: int) -> bool:
        """Whether this word and the next are "this bill" or the like."""
        following = self._words[place + 1]
        return (
            self._words[place] in ("this", "that", "one")
            and following.isalpha()
            and not (is_plural(following) or is_noise(following))
        )
