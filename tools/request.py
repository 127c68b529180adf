"""Turns a checked call into the HTTP request that the API expects. Pure: no I/O."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, SecretStr

from schemas.common import Arguments, Mark
from schemas.listing import Pages
from tools.arguments import InvalidArgumentsError, Problem, is_marked, wire_name
from tools.operation import Operation

MASK = "***"
_SHOWN = 1_000
"""Characters of a text that plans and journals show; a file's content is told by its length and digest."""


@dataclass(frozen=True)
class Request:
    """One request, relative to the API's base URL.

    path: percent-encoded. query: in sending order. body: what becomes JSON, its values still typed.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = field(default=None, repr=False)

    def shown(self) -> dict[str, Any]:
        """The request for a plan or the journal: JSON-ready, exact amounts as text, secrets masked."""
        shown: dict[str, Any] = {"method": self.method, "path": self.path}
        if self.query:
            shown["query"] = dict(self.query)
        if self.body is not None:
            shown["body"] = jsonable(self.body)
        return shown


def jsonable(value: Any) -> Any:
    """A value as plain JSON for people and journals: Decimal and dates as text, secrets masked."""
    if isinstance(value, dict):
        return {str(key): jsonable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(each) for each in value]
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str) and len(value) > _SHOWN:
        return f"({len(value)} characters, sha256 {hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:16]})"
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _path(operation: Operation, arguments: Arguments) -> str:
    parts = {name: str(getattr(arguments, name)) for name in operation.path_arguments}
    for name, part in parts.items():
        if part in ("", ".", ".."):
            raise InvalidArgumentsError([Problem(name, "cannot stand in a path")])
    return operation.path.format(**{name: quote(part, safe="") for name, part in parts.items()})


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_query_text(each) for each in value)
    return str(jsonable(value))


def _given(operation: Operation, arguments: Arguments) -> dict[str, Any]:
    """Values to send besides the path, by argument name, in declared order; pages are always said."""
    model = type(arguments)
    names = [name for name in model.model_fields if name in arguments.model_fields_set]
    if issubclass(model, Pages):
        names += [name for name in ("page", model.page_size) if name not in names]
    names += list(arguments.model_extra or {})
    path = set(operation.path_arguments)
    return {
        name: getattr(arguments, name)
        for name in names
        if name not in path and not (name in model.model_fields and is_marked(model, name, Mark.LOCAL))
    }


def _query(model: type[Arguments], given: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for name, value in given.items():
        if value is None:
            continue
        known = name in model.model_fields
        if known and is_marked(model, name, Mark.FILTERS):
            pairs += value.items()
        elif isinstance(value, dict):
            wire = wire_name(model, name) if known else name
            pairs += [(f"{wire}[{key}]", _query_text(each)) for key, each in value.items()]
        else:
            pairs.append((wire_name(model, name) if known else name, _query_text(value)))
    return tuple(pairs)


def _body_value(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, exclude_unset=True)
    if isinstance(value, list):
        return [_body_value(each) for each in value]
    return value


def compose(operation: Operation, arguments: Arguments) -> Request:
    """The request of one call.

    Raises InvalidArgumentsError when a path value cannot be part of a path.
    """
    model = type(arguments)
    path = _path(operation, arguments)
    given = _given(operation, arguments)
    if operation.method in ("GET", "DELETE"):
        return Request(operation.method, path, _query(model, given))
    body = {
        (wire_name(model, name) if name in model.model_fields else name): _body_value(value)
        for name, value in given.items()
    }
    return Request(operation.method, path, body=body or None)
