"""BillDiary's rules of the wire: what a handler is given, how bodies are read, and what its errors say."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.sandbox.billdiary.users import May, User
from server.sandbox.wire import Answer, Call, WireError, as_id

BASE_PATH = "/api/v1/integration"

_PART = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){0,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Call):
    """A request of a user whose key is good."""

    user: User
    form: tuple[tuple[str, str], ...] = ()
    """The fields of a multipart body, in their order."""

    def sent(self) -> dict[str, Any]:
        """The body as an object, whether it came as JSON or as a form."""
        return nested(self.form) if self.multipart else self.json()

    def record_id(self) -> int:
        """The id out of the path. Raises 404 when it cannot be one."""
        number = as_id(self.path["id"])
        if number is None:
            raise not_found()
        return number

    def require(self, *permissions: May) -> None:
        """Refuse a user who has none of the permissions. Raises 403."""
        if not self.user.may(*permissions):
            raise forbidden()

    def require_requisitions(self) -> None:
        """Refuse where requisitions are switched off. Raises 403."""
        if not self.user.has_requisitions:
            raise WireError(403, "Purchase requisitions are not enabled for this business.")

    def require_orders(self) -> None:
        """Refuse where purchase orders are switched off. Raises 403."""
        if not self.user.has_orders:
            raise WireError(403, "Purchase orders are not enabled for this business.")

    def require_no_demo(self) -> None:
        """Refuse in a demo. Raises 403."""
        if self.user.is_demo:
            raise WireError(403, "This feature is disabled in the demo.")

    def require_subscription(self) -> None:
        """Refuse where the subscription has run out. Raises 402."""
        if not self.user.is_subscribed:
            raise WireError(402, "The subscription of this business is not active.")


Handler = Callable[[Visit], Answer]


class Operations:
    """The operations of one resource group, by path and method."""

    def __init__(self) -> None:
        self.handlers: dict[tuple[str, str], Handler] = {}

    def serve(self, path: str, *methods: str) -> Callable[[Handler], Handler]:
        """Serve the methods on the path."""

        def add(handler: Handler) -> Handler:
            self.handlers |= {(path, method): handler for method in methods}
            return handler

        return add


def not_found() -> WireError:
    """404, whatever was looked for."""
    return WireError(404, "Not found")


def forbidden() -> WireError:
    """403: the user lacks the permission."""
    return WireError(403, "Unauthorized action.")


def blocked(message: str) -> WireError:
    """422: the state of the record does not allow it."""
    return WireError(422, message)


def told(message: str, data: Mapping[str, Any], status: int = 200) -> Answer:
    """What a write answers: a sentence and the keys of the record."""
    return Answer({"message": message, "data": dict(data)}, status)


def nested(form: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Form fields as an object: `purchases[0][quantity]` is read as PHP reads it, `ids[]` appends."""
    root: dict[str, Any] = {}
    for name, value in form:
        parts = _NAME.fullmatch(name)
        keys = [parts[1], *_PART.findall(parts[2])] if parts else [name]
        target = root
        for key in keys[:-1]:
            inner = target.get(key)
            if not isinstance(inner, dict):
                inner = target[key] = {}
            target = inner
        target[keys[-1] or str(len(target))] = value
    return {name: _listed(value) for name, value in root.items()}


def _listed(value: Any) -> Any:
    """The value with every object whose keys are all numbers made an array."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(each) for key, each in value.items()}
    numbers = {as_id(key): each for key, each in inner.items()}
    if None in numbers:
        return inner
    return [numbers[number] for number in sorted(number for number in numbers if number is not None)]
