"""The modes of writing."""

from __future__ import annotations

from enum import StrEnum


class Writes(StrEnum):
    """What happens to a write."""

    OFF = "off"
    """Write tools are not listed and refused."""
    STRICT = "strict"
    """A person approves each write through the client; where the client cannot ask, it is refused."""
    ASK = "ask"
    """The person is asked where the client can ask; elsewhere the first call gives a plan, confirm_write sends it."""
    ALLOW = "allow"
    """Carried out at once, and journaled."""
