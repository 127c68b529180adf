"""Turns a checked call into the HTTP request that the API expects. Pure: no I/O."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
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
class FilePart:
    """A file to be sent, under the name of its field."""

    field_name: str
    name: str
    content_type: str
    content: bytes = field(repr=False)

    def shown(self) -> dict[str, Any]:
        """What plans and journals tell of a file: never its content."""
        known = {"file_name": self.name, "content_type": self.content_type, "size": len(self.content)}
        return {**known, "sha256": hashlib.sha256(self.content).hexdigest()}


@dataclass(frozen=True)
class Request:
    """One request, relative to the API's base URL.

    path: percent-encoded. query: in sending order. body: what becomes JSON, its values still typed; form fields where
    there are files.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = field(default=None, repr=False)
    files: tuple[FilePart, ...] = ()

    def shown(self) -> dict[str, Any]:
        """The request for a plan or the journal: JSON-ready, exact amounts as text, secrets masked."""
        shown: dict[str, Any] = {"method": self.method, "path": self.path}
        if self.query:
            shown["query"] = dict(self.query)
        if self.body is not None:
            shown["body"] = jsonable(self.body)
        if self.files:
            shown["files"] = {each.field_name: each.shown() for each in self.files}
        return shown

    def form(self) -> dict[str, str]:
        """The body as form fields, nested ones spelled `products[0][quantity]` as PHP reads them."""
        return dict(_fields("", self.body or {}))


def _fields(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _fields(f"{name}[{key}]" if name else str(key), each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _fields(f"{name}[{index}]", each)
    elif isinstance(value, SecretStr):
        yield name, value.get_secret_value()
    elif value is not None:
        yield name, _query_text(value)


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
        return "1" if value else "0"  # The documented spelling (starred=1); the word would be no number to a database.
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
        if name not in path
        and not (name in model.model_fields and any(is_marked(model, name, mark) for mark in (Mark.LOCAL, Mark.FILE)))
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


def compose(operation: Operation, arguments: Arguments, files: Sequence[FilePart] = ()) -> Request:
    """The request of one call. files: the loaded files of arguments that are files.

    Raises InvalidArgumentsError when a path value cannot be part of a path.
    """
    model = type(arguments)
    path = _path(operation, arguments)
    given = _given(operation, arguments)
    if operation.method in ("GET", "DELETE"):
        # Where a deletion has a body, further fields are part of that.
        known = {name: is_marked(model, name, Mark.BODY) for name in model.model_fields}
        in_body = {name for name in given if known.get(name, any(known.values()))}
        query = _query(model, {name: value for name, value in given.items() if name not in in_body})
        given = {name: given[name] for name in in_body}
    else:
        in_query = {name for name in given if name in model.model_fields and is_marked(model, name, Mark.QUERY)}
        query = _query(model, {name: value for name, value in given.items() if name in in_query})
        given = {name: value for name, value in given.items() if name not in in_query}
    body = {
        (wire_name(model, name) if name in model.model_fields else name): _body_value(value)
        for name, value in given.items()
    }
    return Request(operation.method, path, query, body or None, _renamed(model, files))


def _renamed(model: type[Arguments], files: Sequence[FilePart]) -> tuple[FilePart, ...]:
    return tuple(replace(each, field_name=wire_name(model, each.field_name)) for each in files)
