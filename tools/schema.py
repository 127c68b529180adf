"""JSON Schemas of arguments, lean enough for a model's context and plain enough for every host.

Rules: an object at the root without oneOf/anyOf/allOf, no `$ref`, no lists of types, property names of
`[A-Za-z0-9_.-]{1,64}`, no titles, no defaults that say nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from annotated_types import Ge, Gt
from pydantic import BaseModel

from schemas.common import Arguments, Mark
from tools.arguments import is_marked

# additionalProperties: unknown arguments are refused by the server, with the nearest name; saying it in each schema
# would cost more tokens than all descriptions of ids together.
_NOISE = frozenset({"title", "default", "$defs", "writeOnly", "gt", "ge", "additionalProperties"})
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def _lean(schema: dict[str, Any], definitions: dict[str, Any], *, nullable: bool = False) -> dict[str, Any]:
    """One schema without references, titles and noise. `nullable` keeps the null alternative."""
    if "$ref" in schema:
        target = definitions[schema["$ref"].rsplit("/", 1)[-1]]
        said = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**target, "description": None, **said}
    if "anyOf" in schema:
        branches = [branch for branch in schema["anyOf"] if nullable or branch.get("type") != "null"]
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        if len(branches) == 1:
            return _lean({**branches[0], **rest}, definitions)
        return {**_lean(rest, definitions), "anyOf": [_lean(branch, definitions) for branch in branches]}
    lean: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NOISE:
            continue
        if key == "properties":
            lean[key] = {name: _lean(each, definitions) for name, each in value.items()}
        elif key == "items":
            lean[key] = _lean(value, definitions)
        elif key == "description":
            if value:
                lean[key] = " ".join(value.split())
        else:
            lean[key] = value
    return lean


def _bounds(model: type[BaseModel], name: str) -> dict[str, Any]:
    """Lower bounds of decimals, which pydantic loses where a type brings its own schema."""
    bounds: dict[str, Any] = {}
    field = model.model_fields[name]
    if field.annotation not in (Decimal, Decimal | None):
        return bounds
    for mark in field.metadata:
        if isinstance(mark, Gt):
            bounds["exclusiveMinimum"] = mark.gt
        elif isinstance(mark, Ge):
            bounds["minimum"] = mark.ge
    return bounds


def listed_schema(model: type[Arguments], *, fold: bool) -> dict[str, Any]:
    """The input schema as hosts list it, where each token is paid for by everybody.

    Without arguments that are the same in many tools and without null alternatives. fold: nested objects are not
    spelled out; that is for updates, whose creates beside them show the same objects whole.
    """
    schema = input_schema(model)
    properties = {
        name: _listed(each, fold or is_marked(model, name, Mark.FOLDED))
        for name, each in schema["properties"].items()
        if not is_marked(model, name, Mark.UNLISTED)
    }
    return {**schema, "properties": properties}


def _listed(schema: dict[str, Any], fold: bool) -> dict[str, Any]:
    if "anyOf" in schema:
        branches = [branch for branch in schema["anyOf"] if branch.get("type") != "null"]
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        schema = {**branches[0], **rest} if len(branches) == 1 else {**rest, "anyOf": branches}
    if fold and "properties" in schema:
        return {key: value for key, value in schema.items() if key not in ("properties", "required")}
    schema = {key: value for key, value in schema.items() if key != "minItems"}
    if "items" in schema:
        return {**schema, "items": _listed(schema["items"], fold)}
    return schema


def input_schema(model: type[Arguments]) -> dict[str, Any]:
    """The whole input schema of a tool whose arguments are `model`."""
    full = model.model_json_schema(by_alias=False)
    definitions = full.get("$defs", {})
    required = full.get("required", [])
    given = full.get("properties", {})
    properties = {
        name: _lean(given[name], definitions, nullable=is_marked(model, name, Mark.NULLABLE)) | _bounds(model, name)
        for name in sorted(given, key=lambda name: name not in required)
    }
    for name in properties:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no portable property name")
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema
