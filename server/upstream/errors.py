"""What can go wrong upstream, as a small tree. Messages are for the model that must act on them.

Nothing of an upstream body gets in here, save the API's own short messages, stripped and bounded. They are kept apart:
they repeat what stands in records, which is anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class UpstreamError(Exception):
    """A call that the remote API did not carry out, or did not answer.

    kind: stable name for programs. advice: what to do or call next. said: what the API itself says about it.
    """

    kind = "upstream"
    advice = ""

    def __init__(self, message: str, *, advice: str | None = None, said: str = "") -> None:
        super().__init__(message)
        self.said = said
        if advice is not None:
            self.advice = advice

    @property
    def full(self) -> str:
        """The message with the API's own, for people and the journal."""
        return f"{self} {self.said}".rstrip()


class AuthenticationError(UpstreamError):
    """401: the key is missing, wrong or revoked."""

    kind = "authentication"
    advice = "Ask the user to check the API key (luminous-mcp doctor tests it)."


class ForbiddenError(UpstreamError):
    """403: the key may not do this, the feature is off, or the record is locked."""

    kind = "forbidden"
    advice = "Do not retry; ask the user whether the key has this permission and the feature is on."

    def needing(self, permission: str) -> ForbiddenError:
        """The same error, naming the permission that the operation is documented to need."""
        if not permission or self.advice != type(self).advice:
            return self  # What has advice of its own (402) is about something else.
        return ForbiddenError(str(self), advice=f"It needs the permission {permission}. {self.advice}", said=self.said)


class NotFoundError(UpstreamError):
    """404: no such record."""

    kind = "not_found"
    advice = "Check the id with a list or search tool."


class ConflictError(UpstreamError):
    """409: the record is not in a state that allows this."""

    kind = "conflict"
    advice = "Read the record again and see what its state allows."


class InvalidError(UpstreamError):
    """422 and 400: the API refused the values. fields: what it says about each."""

    kind = "invalid"
    advice = "Correct these fields and call again."

    def __init__(self, message: str, fields: Mapping[str, tuple[str, ...]] | None = None, *, said: str = "") -> None:
        super().__init__(message, said=said)
        self.fields = dict(fields or {})

    def filtered_by(self, names: Sequence[str]) -> InvalidError:
        """The same error of a list, naming the fields by which it is known to be filtered."""
        error = InvalidError(str(self), self.fields, said=self.said)
        error.advice = f"It is known to be filtered by {', '.join(names)}. {self.advice}"
        return error


class RateLimitedError(UpstreamError):
    """429, still after waiting. retry_after: seconds the API asks for, if it says."""

    kind = "rate_limited"

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message, advice=f"Wait {retry_after or 60} s before the next call.")
        self.retry_after = retry_after


class UnavailableError(UpstreamError):
    """No usable answer: not reachable, too slow, broken, too large. Nothing was changed."""

    kind = "unavailable"
    advice = "Nothing was changed. Try again in a while."


class UnexpectedAnswerError(UpstreamError):
    """An answer of another shape than is documented, which cannot be understood. The message names fields only."""

    kind = "unexpected_answer"
    advice = "Use the list and get tools, which show what it gives."


class OutcomeUnknownError(UpstreamError):
    """A write left, and whether the API carried it out is not known."""

    kind = "outcome_unknown"
    advice = "Do not repeat it. Read the record first and see whether the change is there."
