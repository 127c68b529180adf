"""Errors as answers: what was wrong, in which field, what is allowed, what to call next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from server.answers.answer import Answer
from server.answers.budget import tokens, tokens_of
from server.answers.values import unfenced
from server.text import clean
from server.upstream.errors import InvalidError, RateLimitedError, UpstreamError
from tools.arguments import InvalidArgumentsError

REFUSAL = 300
"""Tokens that a refusal may cost."""
_LEAST = 120
"""Tokens of a refusal however few the caller allows."""
_LONGEST = 2_000
_READABLE = 100
"""Characters of a part below which fewer parts are told."""
_NAME = 64


def error_answer(kind: str, message: str, advice: str = "", **more: Any) -> Answer:
    """An error of a kind, with what to do next."""
    text = f"{message} {advice}".strip()
    error = {"kind": kind, "message": message} | ({"advice": advice} if advice else {}) | more
    return Answer(text, {"status": "refused", "error": error}, is_error=True, always_structured=True)


def shortened(make: Callable[[int, int], Answer], count: int, budget: int, *, least: int = 0) -> Answer:
    """The fullest answer within the budget, as text and as data.

    make: makes it of so many of its `count` parts, each of at most so many characters. Parts get shorter down to
    `least` characters, then fewer, then shorter still.
    """
    answer = make(count, _LONGEST)
    for most, length in _sizes(count, least or _READABLE):
        if max(tokens(answer.text), tokens_of(answer.structured)) <= budget:
            break
        answer = make(most, length)
    return answer


def _sizes(count: int, least: int) -> Iterator[tuple[int, int]]:
    lengths = [int(_LONGEST * 0.85**step) for step in range(34)]
    yield from ((count, length) for length in lengths if length >= least)
    yield from ((most, least) for most in range(count - 1, 0, -1))
    yield from ((min(count, 1), length) for length in lengths if length < least)


def refusal_budget(max_tokens: Any) -> int:
    """What a refusal may cost where the caller allows so much for an answer."""
    given = max_tokens if isinstance(max_tokens, int) and not isinstance(max_tokens, bool) else REFUSAL
    return max(_LEAST, min(REFUSAL, given))


def cut(message: str, length: int) -> str:
    """A harmless message of at most so many characters; of names in a row the first."""
    if len(message := clean(message, max(length, len(message)))) <= length:
        return message
    whole = message[: length - 5].rpartition(", ")[0]
    return f"{whole}, ..." if len(whole) > length // 2 else clean(message, length)


def invalid_arguments(name: str, error: InvalidArgumentsError, budget: int = REFUSAL) -> Answer:
    """Arguments that do not fit; nothing was sent."""

    def make(most: int, length: int) -> Answer:
        said = [(cut(each.argument, min(_NAME, length)), cut(each.message, length)) for each in error.problems[:most]]
        head = f"{name} was not carried out; these arguments do not fit:"
        more = [f"- and {len(error.problems) - most} more"] if most < len(error.problems) else []
        message = "\n".join([head, *(f"- {argument}: {text}" for argument, text in said), *more])
        answer = error_answer("invalid_arguments", message, fields=dict(said))
        if tokens_of(answer.structured) <= budget:
            return answer
        told = "\n".join([head.replace("these", "some"), *more])  # The fields say it, too.
        return replace(answer, content=error_answer("invalid_arguments", told, fields=dict(said)).content)

    return shortened(make, len(error.problems), budget)


def unknown_tool(name: str, nearest: str | None, where: str) -> Answer:
    """No tool of that name. where: what names them all."""
    hint = f" Did you mean {nearest}?" if nearest else ""
    return error_answer("unknown_tool", f"There is no tool {clean(name, 48)!r}.{hint}", f"{where} names them.")


def upstream_error(error: UpstreamError, budget: int = REFUSAL) -> Answer:
    """A call that the API refused or did not answer."""
    fields = list(error.fields.items()) if isinstance(error, InvalidError) else []

    def make(most: int, length: int) -> Answer:
        said = cut(error.said, length)
        told = {cut(name, min(_NAME, length)): cut(" ".join(texts), length) for name, texts in fields[:most]}
        more: dict[str, Any] = ({"said": said} if said else {}) | ({"fields": told} if told else {})
        if isinstance(error, RateLimitedError) and error.retry_after is not None:
            more["retry_after"] = error.retry_after
        message, advice = cut(str(error), max(length, _NAME)), cut(error.advice, max(length, 2 * _NAME))
        answer = error_answer(error.kind, message, advice, **more)
        lines = [*([said] if said else []), *(f"- {name}: {text}" for name, text in told.items())]
        if most < len(fields):
            lines.append(f"- and {len(fields) - most} more")
        if not lines:
            return answer
        quoted = ["<data>", *map(unfenced, lines), "</data>"]
        return replace(answer, text="\n".join([message, *quoted, advice]).rstrip())

    return shortened(make, len(fields), budget)


def api_says(error: UpstreamError) -> list[str]:
    """What the API says about an error, fenced: it may repeat what stands in records."""
    fields = error.fields if isinstance(error, InvalidError) else {}
    said = [error.said] if error.said else []
    said += [f"- {name}: {' '.join(texts)}" for name, texts in fields.items()]
    return ["<data>", *map(unfenced, said), "</data>"] if said else []
