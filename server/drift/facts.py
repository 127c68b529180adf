"""What an operation takes, as small facts: of the vendor's file and of our declarations, read the same way."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from schemas.common import Evidence, Mark
from schemas.listing import Pages
from server.drift.source import Document, SpecError, pointed
from server.text import clean
from tools.arguments import is_marked, wire_name
from tools.catalogue import Catalogue, system_of
from tools.operation import Operation

METHODS = ("get", "post", "put", "patch", "delete")
LEVELS = 4
"""How deep a field is read: an object or a list is a level, so `packages[].contained_items[].sku` is within."""
_STEPS = 500_000
"""Schemas and fields that are looked at in one file, references followed and alternatives combined."""
_PATH = re.compile(r"(/([A-Za-z0-9._~!$&'()*+,;=:@-]|\{[^{}/]+\})*)+")
_PATH_LENGTH = 300
_JSON = re.compile(r"application/([\w.+-]+\+)?json\b.*")
_NAME_LENGTH = 200
_WORDS = frozenset({"string", "integer", "number", "boolean", "array", "object"})


@dataclass(frozen=True)
class Shape:
    """What a value is. types: of JSON, empty where it is not said. inside: fields of the object, by wire name."""

    types: frozenset[str] = frozenset()
    enum: tuple[str, ...] | None = None
    """Allowed values, texts as they are and others as JSON."""
    values: tuple[Any, ...] = ()
    format: str = ""
    nullable: bool = False
    items: Shape | None = None
    inside: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """One field of an object or of a request. inferred: declared without the vendor's word for it."""

    shape: Shape
    required: bool = False
    inferred: bool = False


Key = tuple[str, str]
"""Where a field travels (path, query, body), and its wire name; of a path its number."""


@dataclass(frozen=True)
class Facts:
    """One operation. places: the names in its path. open: its list of fields is not complete."""

    method: str
    path: str
    name: str
    """The tool, or the vendor's operationId."""
    places: tuple[str, ...] = ()
    fields: Mapping[Key, Field] = field(default_factory=dict)
    open: bool = False
    flat: bool = True
    """Whether its body, if any, is an object, whose fields can be arguments."""
    filters: bool = False
    evidence: str = "documented"

    @property
    def key(self) -> tuple[str, str]:
        """Method and path with nameless placeholders."""
        return self.method, plain(self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def plain(path: str) -> str:
    """A path with nameless placeholders and no slash at its end."""
    return re.sub(r"\{[^{}/]*\}", "{}", path).rstrip("/") or "/"


def bare(wire: str) -> str:
    """A wire name without the brackets by which PHP marks a list."""
    return wire.removesuffix("[]")


# Schemas


class Reader:
    """Reads schemas of one document. Raises SpecError: circles, or more than can be looked at."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._steps = 0
        self._known: dict[tuple[str, int], Shape] = {}

    def _step(self, number: int) -> None:
        self._steps += number
        if self._steps > _STEPS:
            raise SpecError("the file has too many schemas in schemas")

    def resolved(self, node: Any) -> Document:
        """The object that a node is or refers to; an empty one where it is something else."""
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            self._step(1)
            node = pointed(self.document, node["$ref"])
        return node if isinstance(node, dict) else {}

    def shape(self, schema: Any, levels: int = LEVELS, above: frozenset[str] = frozenset()) -> Shape:
        """What a schema allows. above: references that this very value has come through."""
        self._step(1)
        if not isinstance(schema, dict):
            return Shape()
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return self._own(schema, levels, above)
        if reference in above:
            raise SpecError(f"the file has a schema that is made of itself: {clean(reference, 120)!r}")
        if (reference, levels) not in self._known:
            target = pointed(self.document, reference)
            self._known[reference, levels] = self.shape(target, levels, above | {reference})
        return self._known[reference, levels]

    def _own(self, schema: Document, levels: int, above: frozenset[str]) -> Shape:
        shape = self._plain(schema, levels)
        for part in _listed(schema.get("allOf")):
            shape = self._both(shape, self.shape(part, levels, above))
        for word in ("oneOf", "anyOf"):
            parts = [self.shape(part, levels, above) for part in _listed(schema.get(word)) if not _is_null(part)]
            if parts:
                shape = self._both(shape, reduce(self._either, parts))
            if len(parts) < len(_listed(schema.get(word))):
                shape = replace(shape, nullable=True)
        return shape

    def _plain(self, schema: Document, levels: int) -> Shape:
        said = schema.get("type")
        types = {each for each in (said if isinstance(said, list) else [said]) if isinstance(each, str)}
        nullable = "null" in types or schema.get("nullable") is True
        types &= _WORDS
        values = _listed(schema.get("enum")) or ([schema["const"]] if schema.get("const") is not None else [])
        nullable = nullable or None in values
        values = [each for each in values if isinstance(each, str | int | float)]
        properties = schema.get("properties")
        required = {each for each in _listed(schema.get("required")) if isinstance(each, str)}
        if not types and isinstance(properties, dict) and properties:
            types = {"object"}
        if not types and "items" in schema:
            types = {"array"}
        if not types and values:
            types = {_type_of(each) for each in values}
        shown = schema.get("format")
        kind = shown if isinstance(shown, str) else ""
        if types == {"string"} and kind == "binary":
            types = {"file"}
        items = self.shape(schema["items"], levels - 1) if levels and "items" in schema else None
        inside: dict[str, Field] = {}
        if levels and isinstance(properties, dict):
            for name, each in properties.items():
                inside[_name(name)] = Field(self.shape(each, levels - 1), name in required)
        return Shape(
            frozenset(types - {"integer"} if "number" in types else types),
            tuple(sorted({_text(each) for each in values})) if values else None,
            tuple(values),
            kind,
            nullable,
            items,
            inside,
        )

    def _both(self, one: Shape, other: Shape) -> Shape:
        """What two schemas allow that must hold together."""
        self._step(1 + len(one.inside) + len(other.inside) + len(one.values) + len(other.values))
        enum, values = (one.enum, one.values) if one.enum is not None else (other.enum, other.values)
        inside = dict(one.inside)
        for name, each in other.inside.items():
            mine = inside.get(name)
            inside[name] = (
                each if mine is None else Field(self._both(mine.shape, each.shape), mine.required or each.required)
            )
        types = one.types & other.types or one.types or other.types
        return Shape(
            types,
            enum,
            values,
            one.format or other.format,
            one.nullable or other.nullable,
            one.items or other.items,
            inside,
        )

    def _either(self, one: Shape, other: Shape) -> Shape:
        """What two schemas allow of which one must hold."""
        self._step(1 + len(one.inside) + len(other.inside) + len(one.values) + len(other.values))
        inside: dict[str, Field] = {}
        for name in [*one.inside, *(each for each in other.inside if each not in one.inside)]:
            mine, theirs = one.inside.get(name), other.inside.get(name)
            if mine is not None and theirs is not None:
                inside[name] = Field(self._either(mine.shape, theirs.shape), mine.required and theirs.required)
            else:
                inside[name] = replace(mine or theirs or Field(Shape()), required=False)
        listed = one.enum is not None and other.enum is not None
        return Shape(
            one.types | other.types if one.types and other.types else frozenset(),
            tuple(sorted({*(one.enum or ()), *(other.enum or ())})) if listed else None,
            (*one.values, *other.values) if listed else (),
            one.format if one.format == other.format else "",
            one.nullable or other.nullable,
            one.items or other.items,
            inside,
        )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "integer" if isinstance(value, int) else "number"


def _name(name: str) -> str:
    if not name or len(name) > _NAME_LENGTH:
        raise SpecError(f"the file has a field whose name is empty or longer than {_NAME_LENGTH} characters")
    return bare(name) or name


# The vendor's file


def of_document(document: Document) -> list[Facts]:
    """Every operation of a vendor's file. HEAD, OPTIONS and TRACE carry nothing of their own. Raises SpecError."""
    reader = Reader(document)
    found: dict[tuple[str, str], Facts] = {}
    for path, item in document["paths"].items():
        if len(path) > _PATH_LENGTH or not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
            raise SpecError(f"the file has a path that is none: {clean(path, 120)!r}")
        if "//" in path:
            raise SpecError(f"the file has a path with an empty part: {clean(path, 120)!r}")
        whole = reader.resolved(item)
        for method in METHODS:
            if isinstance(whole.get(method), dict):
                try:
                    facts = _of_operation(reader, method.upper(), path, whole, whole[method])
                except RecursionError:
                    raise SpecError("the file refers through too many schemas") from None
                found.setdefault(facts.key, facts)
    return list(found.values())


def _of_operation(reader: Reader, method: str, path: str, item: Document, said: Document) -> Facts:
    parameters: dict[Key, Document] = {}
    for each in [*_listed(item.get("parameters")), *_listed(said.get("parameters"))]:
        parameter = reader.resolved(each)
        parameters[str(parameter.get("in")), _name(str(parameter.get("name") or ""))] = parameter
    places = tuple(re.findall(r"\{([^{}/]*)\}", path))
    fields: dict[Key, Field] = {}
    for number, name in enumerate(places):
        known = parameters.get(("path", name), {"schema": {"type": "string"}})
        fields["path", str(number)] = Field(_parameter(reader, known), required=True)
    for (place, name), parameter in parameters.items():
        if place == "query":
            fields["query", name] = Field(_parameter(reader, parameter), parameter.get("required") is True)
    request = reader.resolved(said.get("requestBody"))
    body = _body(reader, request) if request and method != "GET" else None
    if body is not None:
        must = request.get("required") is True or any(each.required for each in body.inside.values())
        fields |= {("body", name): replace(each, required=each.required and must) for name, each in body.inside.items()}
    name = said.get("operationId")
    return Facts(
        method,
        path,
        name if isinstance(name, str) else "",
        places,
        fields,
        open=body is not None and not body.inside,
        flat=body is None or not body.types or "object" in body.types,
    )


def _parameter(reader: Reader, parameter: Document) -> Shape:
    if "schema" in parameter:
        return reader.shape(parameter["schema"])
    content = parameter.get("content")
    media = next(iter(content.values()), None) if isinstance(content, dict) else None
    return reader.shape(media.get("schema") if isinstance(media, dict) else None)


def _body(reader: Reader, request: Document) -> Shape | None:
    content = request.get("content")
    kinds = content if isinstance(content, dict) else {}
    ranked = sorted(kinds, key=lambda kind: (not _JSON.fullmatch(kind), not kind.startswith("multipart/form-data")))
    media = kinds[ranked[0]] if ranked else None
    return reader.shape(media.get("schema"), LEVELS + 1) if isinstance(media, dict) else None


# Our declarations


def of_catalogue(catalogue: Catalogue, system: str = "luminous") -> list[Facts]:
    """Every operation of a system."""
    entries = [entry for entry in catalogue if system_of(entry.toolset) == system]
    return [_of_declaration(catalogue.operation(entry.name)) for entry in entries]


def _of_declaration(operation: Operation) -> Facts:
    model = operation.arguments
    schema = model.model_json_schema(by_alias=True, mode="serialization")
    reader = Reader(schema)
    required = set(schema.get("required", ()))
    fields: dict[Key, Field] = {}
    for name in model.model_fields:
        marks = {mark for mark in (*Mark, *Evidence) if is_marked(model, name, mark)}
        if marks & {Mark.LOCAL, Mark.FILTERS}:
            continue
        wire = wire_name(model, name)
        shape = Shape(frozenset({"file"})) if Mark.FILE in marks else reader.shape(schema["properties"][wire])
        if name in operation.path_arguments:
            key = "path", str(operation.path_arguments.index(name))
        else:
            key = _place(operation, marks), bare(wire)
        guessed = Evidence.INFERRED in marks or (_is_paging(operation, name) and operation.evidence != "documented")
        fields[key] = Field(replace(shape, nullable=Mark.NULLABLE in marks), wire in required, guessed)
    return Facts(
        operation.method,
        operation.path,
        operation.name,
        operation.path_arguments,
        fields,
        open=operation.accepts_more,
        filters=any(is_marked(model, name, Mark.FILTERS) for name in model.model_fields),
        evidence=operation.evidence.value,
    )


def _place(operation: Operation, marks: Container[Mark | Evidence]) -> str:
    """Where an argument travels that is not in the path."""
    if Mark.QUERY in marks or (operation.method in ("GET", "DELETE") and Mark.BODY not in marks):
        return "query"
    return "body"


def _is_paging(operation: Operation, name: str) -> bool:
    model = operation.arguments
    return issubclass(model, Pages) and name in ("page", model.page_size)


def described(shape: Shape) -> str:
    """A shape in a few words."""
    text = "|".join(sorted(shape.types)) or "any"
    if shape.items is not None and shape.items.types:
        text += f" of {'|'.join(sorted(shape.items.types))}"
    return f"{text} ({shape.format})" if shape.format in ("date", "date-time") else text


def listed(values: Iterable[str] | None) -> str:
    """Enumerated values for a report."""
    return "any" if values is None else ", ".join(clean(each, 60) for each in values)
