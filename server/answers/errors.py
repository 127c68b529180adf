"""Errors as answers: what was wrong, in which field, what is allowed, what to call next."""

from __future__ import annotations

from typing import Any

from server.answers.answer import Answer
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
    message = str(error)
    if isinstance(error, InvalidError) and error.fields:
        more["fields"] = {name: " ".join(said) for name, said in error.fields.items()}
        message = "\n".join([message, *(f"- {name}: {said}" for name, said in more["fields"].items())])
        message += "\n"
    if isinstance(error, RateLimitedError) and error.retry_after is not None:
        more["retry_after"] = error.retry_after
    return error_answer(error.kind, message, error.advice, **more)
