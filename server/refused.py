"""Why a resource, a prompt or a completion is not given, in words for whoever asked."""

from __future__ import annotations


class RefusedError(Exception):
    """Not given. The message says what is wrong and what to ask instead; nothing of an upstream body is in it.

    asked_wrongly: another request would be answered; else the other side fails, and the same may work later.
    """

    def __init__(self, message: str, *, asked_wrongly: bool = True) -> None:
        super().__init__(message)
        self.asked_wrongly = asked_wrongly
