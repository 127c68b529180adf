"""Errors as answers: what was wrong, in which field, what is allowed, what to call next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from server.answers.answer import Answer
from server.answers.values import unfenced
from server.text import clean
from server.upstream.errors import InvalidError, RateLimitedError, UpstreamError
from tools.arguments import InvalidArgumentsError


def error_answer(kind: str, message: str, advice: str = "", **more: Any) -> Answer:
    """An error of a kind, with what to do next."""
    text = f"{message} {advice}".strip()
    error = {"kind": kind, "message": message} | ({"advice": advice} if advice else {}) | more
    return Answer(text, {"status": "refused", "error": error}, is_error=True, always_structured=True)


def invalid_arguments(name: str, error: InvalidArgumentsError) -> Answer:
    """Arguments that do not fit; nothing was sent."""
    lines = [f"- {problem.argument}: {problem.message}" for problem in error.problems]
    return error_answer(
        "invalid_arguments",
        "\n".join([f"{name} was not carried out; these arguments do not fit:", *lines]),
        fields={problem.argument: problem.message for problem in error.problems},
    )


def unknown_tool(name: str, nearest: str | None, where: str) -> Answer:
    """No tool of that name. where: what names them all."""
    hint = f" Did you mean {nearest}?" if nearest else ""
    return error_answer("unknown_tool", f"There is no tool {clean(name, 64)!r}.{hint}", f"{where} names them.")


def upstream_error(error: UpstreamError) -> Answer:
    """A call that the API refused or did not answer."""
    more: dict[str, Any] = {}
    if error.said:
        more["said"] = error.said
    if isinstance(error, InvalidError) and error.fields:
        more["fields"] = {name: " ".join(said) for name, said in error.fields.items()}
    if isinstance(error, RateLimitedError) and error.retry_after is not None:
        more["retry_after"] = error.retry_after
    answer = error_answer(error.kind, str(error), error.advice, **more)
    if quoted := api_says(error):
        return replace(answer, text="\n".join([str(error), *quoted, error.advice]).rstrip())
    return answer


def api_says(error: UpstreamError) -> list[str]:
    """What the API says about an error, fenced: it may repeat what stands in records."""
    fields = error.fields if isinstance(error, InvalidError) else {}
    said = [error.said] if error.said else []
    said += [f"- {name}: {' '.join(texts)}" for name, texts in fields.items()]
    return ["<data>", *map(unfenced, said), "</data>"] if said else []
