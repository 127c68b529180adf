"""Operations and fields that were adopted from a vendor's API file, laid over the declared catalogue. Pure: no I/O.

An overlay holds what the declarations do not know, and no text of the vendor's but names and enumerated values.
Definitions for hosts are made from it directly; models are built when an operation is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from tools.catalogue import ADOPTED, Entry

if TYPE_CHECKING:
    from tools.operation import Effect, Operation, Toolset

VERSION = 1
Name = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_]{0,63}\Z")]
Path = Annotated[str, Meta(pattern=r"\A(/|(/([A-Za-z0-9._~!$&'()*+,;=:@-]|\{[a-z][a-z0-9_]*\})+)+)\Z", max_length=500)]
Kind = Literal["string", "integer", "number", "boolean", "array", "object", "file", "any"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
_WORDS = 80
_VERBS = {"GET": "Read", "POST": "Create or run", "PUT": "Replace", "PATCH": "Change", "DELETE": "Delete"}
_FILE_SCHEMA = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("path", "file_name", "content_base64")},
}


class OverlayError(ValueError):
    """An overlay cannot be used; the message says why."""


class Adopted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One argument. wire: how the API spells it. of: type of an array's items. fields: those of an object, or of each
    object of an array. extends: only `fields` are new, and join those that the declaration knows."""

    name: Name
    wire: Annotated[str, Meta(min_length=1, max_length=200)]
    place: Literal["path", "query", "body"] = "body"
    type: Kind = "any"
    of: Kind = "any"
    enum: tuple[str | int, ...] = ()
    format: Literal["", "date"] = ""
    required: bool = False
    nullable: bool = False
    extends: bool = False
    fields: tuple[Adopted, ...] = ()


class NewOperation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An operation without a declaration. open: its list of fields is not complete."""

    name: Name
    method: Method
    path: Path
    fields: tuple[Adopted, ...] = ()
    open: bool = False

    @property
    def title(self) -> str:
        """Its name in words."""
        return self.name.replace("_", " ").capitalize()

    @property
    def description(self) -> str:
        """Our words for it: the vendor's own text never reaches a model."""
        literal = [part for part in self.path.split("/") if part and "{" not in part]
        words = " ".join(re.findall(r"[A-Za-z0-9]+", " ".join(literal)))[:_WORDS]
        return f"{_VERBS[self.method]}: {words}. Adopted from the vendor's API file."

    @property
    def takes_more(self) -> bool:
        """Whether its description says that further fields are passed on."""
        return self.open and self.method not in ("GET", "DELETE")

    @property
    def effect(self) -> Effect:
        """What it does, by its method."""
        from tools.operation import Effect

        return {"GET": Effect.READ, "DELETE": Effect.DESTROY}.get(self.method, Effect.WRITE)


class Amendment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a declared operation lacks. path: where it has moved to, its placeholders in the declared order."""

    fields: tuple[Adopted, ...] = ()
    path: Path | None = None


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file that was adopted, and when."""

    title: str
    version: str
    sha256: str
    adopted: str


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[1]
    source: Source
    operations: tuple[NewOperation, ...]
    amendments: dict[Name, Amendment]


class Overlay:
    """What an overlay adds to the declared operations. Raises OverlayError when it is malformed."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        try:
            content = msgspec.convert(stored, _Content)
        except msgspec.ValidationError as error:
            raise OverlayError(str(error)) from None
        self._adopted: dict[str, Operation] = {}
        self._amended: dict[str, Toolset] = {}
        self.source = content.source
        self.amendments = content.amendments
        self.operations = {each.name: each for each in content.operations}
        if len(self.operations) < len(content.operations):
            raise OverlayError("two operations have one name")
        for operation in content.operations:
            _check(operation.fields, operation.name)
            places = [each.name for each in operation.fields if each.place == "path"]
            if sorted(places) != sorted(placeholders(operation.path)):
                raise OverlayError(f"{operation.name}: the arguments of its path are not those of its placeholders")
        for name, amendment in content.amendments.items():
            _check(amendment.fields, name)
            if any(each.place == "path" for each in amendment.fields):
                raise OverlayError(f"{name}: a declared operation gets no further arguments in its path")

    def over(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The entries with what is adopted. A declaration always wins over an adopted operation of its name."""
        declared = set()
        for entry in entries:
            declared.add(entry.name)
            amendment = self.amendments.get(entry.name)
            yield entry if amendment is None else replace(entry, definition=_amended(entry.definition, amendment))
        for operation in self.operations.values():
            if operation.name not in declared:
                yield _entry(operation)

    def adopted(self, name: str) -> Operation:
        """An adopted operation."""
        from tools import overlay_models

        if name not in self._adopted:
            self._adopted[name] = overlay_models.operation(self.operations[name])
        return self._adopted[name]

    def amended(self, declared: Toolset) -> Toolset:
        """A declared toolset with its amendments, so that operations which look for each other find the amended."""
        from tools import overlay_models

        if declared.name not in self._amended:
            self._amended[declared.name] = overlay_models.amended(declared, self.amendments)
        return self._amended[declared.name]


def _check(fields: Iterable[Adopted], owner: str) -> None:
    names = [each.name for each in fields]
    if len(set(names)) < len(names):
        raise OverlayError(f"{owner}: two arguments have one name")
    for each in fields:
        _check(each.fields, f"{owner}.{each.name}")


def placeholders(path: str) -> list[str]:
    """Names of the arguments that stand in a path."""
    return re.findall(r"\{(\w+)\}", path)


def _entry(operation: NewOperation) -> Entry:
    description = operation.description
    return Entry(
        name=operation.name,
        toolset=ADOPTED,
        effect=operation.effect.value,
        evidence="documented",
        definition={
            "name": operation.name,
            "title": operation.title,
            "description": f"{description} (open)" if operation.takes_more else description,
            "inputSchema": _object({}, (), operation.fields),
            "annotations": operation.effect.annotations,
        },
    )


def _amended(definition: Mapping[str, Any], amendment: Amendment) -> dict[str, Any]:
    schema = definition["inputSchema"]
    return {
        **definition,
        "inputSchema": _object(schema["properties"], schema.get("required", ()), amendment.fields),
    }


def _object(properties: Mapping[str, Any], required: Iterable[str], fields: Iterable[Adopted]) -> dict[str, Any]:
    """The schema of an object that has these properties and fields, the required ones first, as it is listed."""
    merged, must = dict(properties), list(required)
    for each in fields:
        if each.extends:
            if each.name in merged:
                merged[each.name] = _extended(merged[each.name], each.fields)
        elif each.name not in merged:
            merged[each.name] = schema_of(each)
            must += [each.name] if each.required else []
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: merged[name] for name in sorted(merged, key=lambda name: name not in must)},
    }
    return schema | ({"required": must} if must else {})


def _extended(schema: Mapping[str, Any], fields: Iterable[Adopted]) -> dict[str, Any]:
    """The schema of a known object, or of a list of them, with further fields."""
    if "items" in schema:
        return {**schema, "items": _extended(schema["items"], fields)}
    if "properties" not in schema:
        return dict(schema)
    inner = _inner(schema["properties"], schema.get("required", ()), fields)
    return {**schema, **inner}


def _inner(properties: Mapping[str, Any], required: Iterable[str], fields: Iterable[Adopted]) -> dict[str, Any]:
    merged, must = dict(properties), list(required)
    for each in fields:
        if each.name not in merged:
            merged[each.name] = schema_of(each)
            must += [each.name] if each.required else []
    schema: dict[str, Any] = {"properties": merged, "type": "object"}
    return schema | ({"required": must} if must else {})


def schema_of(field: Adopted) -> dict[str, Any]:
    """The JSON Schema of one adopted argument, as hosts see it."""
    if field.type == "array":
        return {"items": _plain(field.of, field), "type": "array"}
    return _plain(field.type, field)


def _plain(kind: str, field: Adopted) -> dict[str, Any]:
    if kind == "any":
        return {}
    if kind == "file":
        return dict(_FILE_SCHEMA)
    if kind == "object" and field.fields:
        return _inner({}, (), field.fields)
    if field.enum:
        return {"enum": list(field.enum), "type": kind}
    return {"type": kind, "format": field.format} if field.format else {"type": kind}
