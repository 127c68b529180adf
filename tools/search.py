"""Finds the tool for a task, by what a tool says and by how people ask for it.

Tools become documents of canonical words (see `tools.words`). A tool is as good as its best phrases, its whole text
(BM25) and its name are like the question. What the question wants done (see `tools.question`: to read or to change,
one record or many) decides between neighbours.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt
from pathlib import Path

from tools import vocabulary
from tools.catalogue import Entry
from tools.question import Question
from tools.words import BILLDIARY, KINDS, action_word, is_action, rewritten, sensed, spoken, stem, stems_of

PHRASES_FOLDER = Path(__file__).with_name("phrases")
"""How people ask for each tool; one TOML file a toolset, read when somebody searches."""

_LONGEST_TEXT, _LONGEST_QUESTION, _LONGEST_WORD = 2_000, 80, 24
"""Characters and words that are read of a question, and letters of a word that may be a slip."""
_SLIP = 0.8
"""Similarity from which an unknown word is taken for a slip of a known one."""

# What a tool is worth: the sum of these, all about 0 to 1
_BEST_PHRASE, _SECOND_PHRASE = 1.2, 0.7
_WHOLE_TOOL = 2.0
_NAME = 0.5

# Weights of words
_USUAL = 4.0
"""A word that counts this much in a tool is counted as one of the tool's words; less, as a part of one."""
_OBJECT = 1.3
"""The thing that a tool is about weighs more than other words."""
_INDIRECT = 0.9
"""A word after a preposition weighs less than what the question is about."""
_ACTION = 1.4
"""The kind of action, as a word among the others."""
_SYSTEM = 0.3
"""The name of a system, as a word; _FOREIGN decides by it."""
_SATURATION, _LENGTH = 2.0, 0.2
"""BM25's k1 and b."""


@dataclass(frozen=True)
class Found:
    """A tool and how well it fits; higher is better."""

    entry: Entry
    score: float


class Index:
    """The tools of a catalogue, ready to be searched. Built when first asked."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)

    def find(self, query: str, effect: str | None = None, limit: int = 8) -> list[Found]:
        """The tools that fit a question best. effect: only tools with this effect."""
        words = spoken(query[:_LONGEST_TEXT])[:_LONGEST_QUESTION]
        question = Question([self._spelled(word) for word in words])
        weights = self._weights(question)
        best, second = self._phrases(weights)
        whole = self._wholes(weights)
        found = []
        for row in sorted(best.keys() | whole.keys()):
            tool = self._tools[row]
            if effect in (None, tool.entry.effect):
                score = _BEST_PHRASE * best[row] + _SECOND_PHRASE * second[row] + _WHOLE_TOOL * whole[row]
                score += _NAME * self._named(tool, weights)
                found.append(Found(tool.entry, score * _fit(question, tool)))
        found.sort(key=lambda each: (-each.score, each.entry.name))
        return found[: max(limit, 0)]

    @cached_property
    def _tools(self) -> list[_Tool]:
        asked: dict[str, str] = {}
        for path in sorted(PHRASES_FOLDER.glob("*.toml")):
            asked |= tomllib.loads(path.read_text(encoding="utf-8"))
        return [_Tool(entry, asked.get(entry.name, "")) for entry in self._entries]

    @cached_property
    def _rarity(self) -> dict[str, float]:
        """Weights of words: the fewer tools use a word, and the less they do, the more it tells."""
        uses: dict[str, float] = defaultdict(float)
        for tool in self._tools:
            for word, count in tool.counts.items():
                uses[word] += min(1.0, count / _USUAL)
        rarity = {word: log(1 + len(self._tools) / count) for word, count in uses.items()}
        for thing in {tool.thing for tool in self._tools}:
            if thing in rarity:
                rarity[thing] *= _OBJECT
        rarity[BILLDIARY] = _SYSTEM
        for kind in KINDS:
            rarity[action_word(kind)] = _ACTION
        return rarity

    @cached_property
    def _phrase_rows(self) -> list[int]:
        """Of each phrase, the row of its tool."""
        return [row for row, tool in enumerate(self._tools) for _ in tool.phrases]

    @cached_property
    def _phrase_postings(self) -> dict[str, list[tuple[int, float]]]:
        """Word to the phrases that have it, with its weight in them."""
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, phrase in enumerate(phrase for tool in self._tools for phrase in tool.phrases):
            weights = {word: self._rarity[word] for word in phrase}
            length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
            for word, weight in weights.items():
                postings[word].append((number, weight / length))
        return postings

    @cached_property
    def _tool_postings(self) -> dict[str, list[tuple[int, float]]]:
        """Word to the tools that have it, with BM25's term weight between 0 and 1."""
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        lengths = [sum(tool.counts.values()) for tool in self._tools]
        average = sum(lengths) / max(len(lengths), 1)
        for row, tool in enumerate(self._tools):
            for word, count in tool.counts.items():
                damped = _SATURATION * (1 - _LENGTH + _LENGTH * lengths[row] / average)
                postings[word].append((row, count / (count + damped)))
        return postings

    @cached_property
    def _known(self) -> dict[str, None]:
        """Every word as it is written; stems would make strange neighbours of a slip."""
        words = [word for tool in self._tools for word in tool.said]
        words += [word for form in (*vocabulary.TERMS, *vocabulary.ACTIONS) for word in form.split()]
        return dict.fromkeys([*words, *sorted(vocabulary.NOISE)])

    @cached_property
    def _known_stems(self) -> frozenset[str]:
        return stems_of(self._known)

    @cached_property
    def _choices(self) -> list[str]:
        return [word for word in self._known if len(word) > 3 and word.isalpha()]

    def _spelled(self, word: str) -> str:
        """The word, or the known one that it is a slip of. Numbers and short codes stay."""
        if not 3 < len(word) <= _LONGEST_WORD or not word.isalpha() or stem(word) in self._known_stems:
            return word
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extractOne

        near = extractOne(word, self._choices, scorer=OSA.normalized_similarity, score_cutoff=_SLIP)
        return word if near is None else str(near[0])

    def _weights(self, question: Question) -> dict[str, float]:
        """What counts in a question, and how much."""
        known = [token for token in question.tokens if token.word in self._rarity and token.at not in question.numbers]
        shared = Counter(token.at for token in known)  # a form that stands for two words must not count twice
        weights: dict[str, float] = {}
        for token in known:
            weight = self._rarity[token.word] / sqrt(shared[token.at])
            if not question.mentions[token.word].direct:
                weight *= _INDIRECT
            weights[token.word] = max(weight, weights.get(token.word, 0.0))
        if question.action in KINDS:
            action = action_word(question.action)
            weights[action] = self._rarity[action]
        return weights

    def _phrases(self, weights: Mapping[str, float]) -> tuple[dict[int, float], dict[int, float]]:
        """By row: how like the question the best phrase is, and the second best (cosine)."""
        products: dict[int, float] = {}
        for word, weight in weights.items():
            # A kind of action adds only to phrases that have a word before it, unless nothing else is asked
            adds_only = is_action(word) and len(weights) > 1
            for number, share in self._phrase_postings.get(word, ()):
                if number in products:
                    products[number] += weight * share
                elif not adds_only:
                    products[number] = weight * share
        length = sqrt(sum(weight * weight for weight in weights.values()))
        best: dict[int, float] = defaultdict(float)
        second: dict[int, float] = defaultdict(float)
        for number, product in products.items():
            row, likeness = self._phrase_rows[number], product / length
            if likeness > best[row]:
                best[row], second[row] = likeness, best[row]
            elif likeness > second[row]:
                second[row] = likeness
        return best, second

    def _wholes(self, weights: Mapping[str, float]) -> dict[int, float]:
        """By row: how much of the question the whole tool covers (BM25)."""
        content = {word: weight for word, weight in weights.items() if not is_action(word)}
        total = sum(content.values()) or 1.0
        covered: dict[int, float] = defaultdict(float)
        for word, weight in content.items():
            for row, share in self._tool_postings.get(word, ()):
                covered[row] += weight * share / total
        return covered

    def _named(self, tool: _Tool, weights: Mapping[str, float]) -> float:
        """How much of the tool's name the question has."""
        asked = sum(self._rarity[word] for word in tool.name if word in weights)
        return asked / (sum(self._rarity[word] for word in tool.name) or 1.0)


# Tools as documents

_IN_NAME, _IN_DESCRIPTION, _IN_PHRASE = 16.0, 1.6, 1.0
"""What an occurrence of a word counts in the text of a whole tool."""

_BUYING = frozenset({"bills", "purchase_orders", "vendor_credits", "payment_obligations", "suppliers", "billdiary"})
_SELLING = frozenset({"invoices", "sales_orders", "fulfillment", "channels"})
"""Toolsets whose documents are read as buying or as selling, whatever words they use."""
_CREATING = frozenset(
    {"create", "add", "record", "upload", "attach", "link", "apply", "upsert", "bulk", "quick", "generate"}
)
_UPDATING = frozenset({"update", "set", "replace", "toggle", "adjust"})
_DELETING = frozenset({"delete", "detach", "remove", "unlink", "cancel", "void", "reverse"})
"""First words of names, by kind of action."""


class _Tool:
    """What the search knows of one tool."""

    def __init__(self, entry: Entry, asked: str) -> None:
        self.entry = entry
        self.said: list[str] = []
        self.buys = 1 if entry.toolset in _BUYING else -1 if entry.toolset in _SELLING else 0
        plain = entry.name.removeprefix("billdiary_")
        schema = entry.definition["inputSchema"]
        self.verb = plain.split("_")[0]
        self.billdiary = entry.toolset == "billdiary"
        self.needs_record = any(name.endswith("id") for name in schema.get("required", ()))
        self.name = self._read(entry.name.replace("_", " "))
        things = list(self._read(plain.partition("_by_")[0].replace("_", " ")))
        self.thing = things[-1] if things else ""
        # "For X use that_tool" is about the other tool.
        own = (part for part in re.split(r"[.;:]\s", str(entry.definition["description"])) if "_" not in part)
        description = self._read(". ".join(own))
        phrases = self._read_each(asked)
        self.counts: dict[str, float] = defaultdict(float)
        for weight, texts in (
            (_IN_NAME, [self.name]),
            (_IN_DESCRIPTION, [description]),
            (_IN_PHRASE, phrases),
        ):
            for text in texts:
                for word in text:
                    self.counts[word] += weight
        kind = [] if self.action is None else [action_word(self.action)]
        self.phrases = [dict.fromkeys([*text, *kind]) for text in (self.name, description, *phrases)]

    @property
    def action(self) -> str | None:
        """Its kind of action; none when the name says more than a kind."""
        if self.entry.effect == "read":
            return "list"
        if self.verb in _DELETING or "bulk_delete" in self.entry.name:
            return "delete"
        if self.verb in _CREATING:
            return "create"
        return "update" if self.verb in _UPDATING else None

    def _read(self, text: str) -> dict[str, None]:
        """The canonical words of a text, without kinds of action."""
        return dict.fromkeys(word for part in self._read_each(text) for word in part)

    def _read_each(self, text: str) -> list[dict[str, None]]:
        """The same of each part of a text, parted by semicolons."""
        parts: list[list[str]] = [[]]
        for word in spoken(text):
            if word == ";":
                parts.append([])
            else:
                parts[-1].append(word)
                self.said.append(word)
        return [
            dict.fromkeys(token.word for token in sensed(rewritten(part), self.buys) if not is_action(token.word))
            for part in parts
        ]


# How a tool fits what a question wants done: the product of those of these that apply

_SAME_ACTION, _OTHER_ACTION = 1.06, 0.8
_CHANGE_UNASKED = 0.92
"""A tool that changes something, for a question without any verb."""
_WRONG_NUMBER, _ODD_NUMBER = 0.85, 0.92
"""A list where one record is named, or one record where several are; the second where it is only likely."""
_ADD_TO, _ADDED_TO = 0.85, 1.35
"""In "add a note to a bill" no bill is created, one is updated."""
_FOREIGN = 0.4
"""A tool of the other system, when the question does not name it."""


def _fit(question: Question, tool: _Tool) -> float:
    """A factor for the score of a tool."""
    reads = tool.entry.effect == "read"
    factor = _number_fit(question, tool) if reads else 1.0
    if question.action == "do":
        if reads:
            factor *= _OTHER_ACTION
    elif question.action is None:
        if not reads:
            factor *= _CHANGE_UNASKED
    elif tool.action is not None or question.action == "list":
        factor *= _SAME_ACTION if tool.action == question.action else _OTHER_ACTION
    mention = question.mentions.get(tool.thing)
    if question.action == "create" and mention and not mention.direct:
        if tool.action == "create":
            factor *= _ADD_TO
        elif tool.action == "update":
            factor *= _ADDED_TO
    if tool.billdiary != question.billdiary:
        factor *= _FOREIGN
    return factor


def _number_fit(question: Question, tool: _Tool) -> float:
    """A factor for a tool that reads: whether it reads one record or several, as the question wants."""
    factor = 1.0
    mention = question.mentions.get(tool.thing)
    if mention and tool.verb == "get" and tool.needs_record:
        if mention.plural and not mention.numbered:
            factor *= _WRONG_NUMBER
        elif question.many and not (question.one or mention.numbered):
            factor *= _ODD_NUMBER
    elif mention and tool.verb in ("list", "export"):
        if mention.numbered or (question.one and not mention.plural and not tool.needs_record):
            factor *= _WRONG_NUMBER
        elif not mention.plural and not question.many:
            factor *= _ODD_NUMBER
    wants_many = question.many and not (question.record or question.one)
    odd = wants_many if tool.needs_record else question.record
    return factor * _ODD_NUMBER if odd else factor
