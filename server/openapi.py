"""The OpenAPI 3.1 document of the two APIs as the declarations know them: what the sandbox serves, for any client."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from schemas.common import Arguments, File, Mark, Record
from server import __version__
from tools import catalogue
from tools.arguments import is_marked, wire_name
from tools.operation import Effect, Operation, System

Schema = dict[str, Any]

ROOTS = {System.LUMINOUS: "/external/api/v1", System.BILLDIARY: "/api/v1/integration"}
SECURITY: dict[System, list[Schema]] = {
    System.LUMINOUS: [{"token": []}],
    System.BILLDIARY: [{"token": []}, {"key": [], "secret": []}, {"basic": []}],
}
SCHEMES = {
    "token": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-EPOS-API-Key"},
    "secret": {"type": "apiKey", "in": "header", "name": "X-EPOS-API-Secret"},
    "basic": {"type": "http", "scheme": "basic"},
}

REFUSALS = {
    "400": "The request cannot be read.",
    "401": "The key is missing or wrong.",
    "402": "The subscription is not active.",
    "403": "The user, a feature or a lock does not allow it.",
    "404": "There is no such record.",
    "409": "The record's state does not allow it.",
    "422": "Values are wrong; `errors` says which.",
    "429": "Too many requests; `Retry-After` says for how many seconds.",
}

_REF = "#/components/schemas/{model}"
_JSON = "application/json"
_FILE: Schema = {"type": "string", "contentMediaType": "application/octet-stream"}
_OBJECT: Schema = {"type": "object"}
_META: Schema = {
    "type": "object",
    "properties": {name: {"type": ["integer", "null"]} for name in ("current_page", "from", "last_page", "to")}
    | {name: {"type": "integer"} for name in ("per_page", "total")},
}
_ERROR: Schema = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string"},
        "errors": {
            "type": ["object", "array"],
            "additionalProperties": {"type": ["string", "array"], "items": {"type": "string"}},
        },
    },
}


def document(url: str = "http://127.0.0.1:8765") -> str:
    """The document as JSON text."""
    return json.dumps(build(url), indent=2, ensure_ascii=False)


def build(url: str = "http://127.0.0.1:8765") -> Schema:
    """The document."""
    operations = [catalogue.load().operation(entry.name) for entry in catalogue.load()]
    components: Schema = {"Error": _ERROR, "Meta": _META}
    paths: dict[str, Schema] = {}
    for operation in operations:
        item = paths.setdefault(ROOTS[operation.toolset.system] + operation.path, {})
        item[operation.method.lower()] = _operation(operation, operations, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Luminous and BillDiary",
            "version": __version__,
            "description": "Made from the declarations of luminous-mcp for its sandbox; not the vendors' own.",
        },
        "servers": [{"url": url}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": {status: _refusal(said) for status, said in REFUSALS.items()},
            "securitySchemes": SCHEMES,
        },
    }


def _operation(operation: Operation, operations: Iterable[Operation], components: Schema) -> Schema:
    properties, required = _arguments(operation.arguments, components)
    placed = {name: _place(operation, name) for name in properties}
    said: Schema = {
        "operationId": operation.name,
        "tags": [operation.toolset.name],
        "summary": operation.title,
        "description": operation.description.removesuffix(" (open)"),
        "x-effect": operation.effect.value,
        "x-evidence": operation.evidence.value,
        "security": SECURITY[operation.toolset.system],
    }
    parameters = [
        _parameter(operation, name, schema, placed[name], required=name in required)
        for name, schema in properties.items()
        if placed[name] in ("path", "query")
    ]
    if parameters:
        said["parameters"] = parameters
    body = {name: schema for name, schema in properties.items() if placed[name] == "body"}
    if body or operation.method in ("POST", "PUT", "PATCH"):
        said["requestBody"] = _body(operation, body, required)
    said["responses"] = _responses(operation, operations, components)
    return said


def _arguments(model: type[Arguments], components: Schema) -> tuple[dict[str, Schema], set[str]]:
    full = _schema(model, components)
    return full.get("properties", {}), set(full.get("required", ()))


def _schema(model: type[BaseModel], components: Schema) -> Schema:
    """The model's schema; the models inside it go to the components."""
    full: Schema = _tidy(model.model_json_schema(by_alias=False, ref_template=_REF))
    components.update(full.pop("$defs", {}))
    return full


def _tidy(value: Any) -> Any:
    """Without the titles pydantic makes of names."""
    if isinstance(value, dict):
        return {
            key: {name: _tidy(each) for name, each in inner.items()} if key in ("properties", "$defs") else _tidy(inner)
            for key, inner in value.items()
            if key != "title"
        }
    return [_tidy(each) for each in value] if isinstance(value, list) else value


def _place(operation: Operation, name: str) -> str:
    """Where an argument travels: path, query, body, or nowhere."""
    model = operation.arguments
    if name in operation.path_arguments:
        return "path"
    if is_marked(model, name, Mark.LOCAL):
        return ""
    if operation.method in ("GET", "DELETE"):
        return "body" if is_marked(model, name, Mark.BODY) else "query"
    return "query" if is_marked(model, name, Mark.QUERY) else "body"


def _parameter(operation: Operation, name: str, schema: Schema, place: str, *, required: bool) -> Schema:
    model = operation.arguments
    parameter: Schema = {
        "name": name if place == "path" else wire_name(model, name),
        "in": place,
        "required": required or place == "path",
        "schema": _present(schema),
    }
    if is_marked(model, name, Mark.FILTERS):
        # Every `field[operator]=value` is a parameter of its own.
        parameter |= {"style": "form", "explode": True}
        parameter["schema"] = {"type": "object", "additionalProperties": {"type": "string"}}
    if text := schema.get("description"):
        parameter["description"] = text
    return parameter


def _present(schema: Schema) -> Schema:
    """The schema of a value that is there: in a query, null is not said."""
    branches = [branch for branch in schema.get("anyOf", ()) if branch.get("type") != "null"]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "description", "default")}
    if not branches:
        return rest
    return {**rest, **(branches[0] if len(branches) == 1 else {"anyOf": branches})}


def _body(operation: Operation, body: dict[str, Schema], required: set[str]) -> Schema:
    model = operation.arguments
    schema: Schema = {
        "type": "object",
        "properties": {wire_name(model, name): _present(each) for name, each in body.items()},
    }
    asked = [wire_name(model, name) for name in body if name in required]
    if asked:
        schema["required"] = asked
    files = [name for name in body if is_marked(model, name, Mark.FILE)]
    for name in files:
        schema["properties"][wire_name(model, name)] = {
            "type": "string",
            "contentMediaType": "application/octet-stream",
        }
    content = {"multipart/form-data" if files else _JSON: {"schema": schema}}
    return {"required": bool(asked), "content": content}


def _responses(operation: Operation, operations: Iterable[Operation], components: Schema) -> Schema:
    answer: Schema = {"description": "Done.", "content": _content(operation, components)}
    if links := dict(_links(operation, operations)):
        answer["links"] = links
    responses: Schema = {"200": answer}
    if operation.method == "POST":
        responses["201"] = {**answer, "description": "Made."}
    if operation.effect is not Effect.READ:
        responses["204"] = {"description": "Done; there is nothing to say."}
    statuses = REFUSALS if operation.toolset.system is System.BILLDIARY else REFUSALS.keys() - {"402"}
    return responses | {status: {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}


def _content(operation: Operation, components: Schema) -> Schema:
    if operation.returns is not None and issubclass(operation.returns, File):
        return {"*/*": {}}
    json_content = {_JSON: {"schema": _answer(operation, components)}}
    # Where a file may be asked for instead, its type is the caller's choice.
    return {**json_content, "*/*": {}} if operation.effect is Effect.READ else json_content


def _answer(operation: Operation, components: Schema) -> Schema:
    if operation.returns is None:
        return {"type": ["object", "array"]}
    record = _record(operation.returns, components)
    if operation.many:
        rows = {"type": "array", "items": record}
        page: Schema = {
            "type": "object",
            "properties": {"data": rows, "meta": {"$ref": "#/components/schemas/Meta"}},
        }
        return {"if": _OBJECT, "then": page, "else": rows}
    # Most records come as `data`, a few bare.
    wrapped = {"properties": {"data": record}}
    return {"type": "object", "if": {"required": ["data"]}, "then": wrapped, "else": record}


def _record(record: type[Record], components: Schema) -> Schema:
    name = record.__name__
    if name not in components:
        components[name] = {}
        components[name] = _schema(record, components)
    return {"$ref": _REF.format(model=name)}


def _refusal(text: str) -> Schema:
    return {"description": text, "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}


def _links(source: Operation, operations: Iterable[Operation]) -> Iterator[tuple[str, Schema]]:
    """Operations on the record that this one answers with, and on what belongs to it."""
    if source.returns is None or issubclass(source.returns, File):
        return
    known = set(source.path_arguments)
    found = re.compile(re.escape(source.path) + r"/\{(\w+)\}(/.*)?")
    first = "$response.body#/data/0/id" if source.many else "$response.body#/data/id"
    for target in operations:
        if target.toolset.system is not source.toolset.system or target is source:
            continue
        made = found.fullmatch(target.path)
        new = made[1] if made and source.method in ("GET", "POST") else None
        wanted = set(target.path_arguments)
        if new and wanted - known == {new}:
            values = {name: f"$request.path.{name}" for name in target.path_arguments if name != new} | {new: first}
        elif not source.many and target.path.startswith(f"{source.path}/") and wanted == known and known:
            values = {name: f"$request.path.{name}" for name in target.path_arguments}
        else:
            continue
        yield target.name, {"operationId": target.name, "parameters": values}
