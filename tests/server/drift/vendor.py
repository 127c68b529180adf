"""A vendor's OpenAPI file, made from the facts of tests/reference/contract.json, and ways to change it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
CONTRACT: list[Json] = [
    fact
    for fact in json.loads((Path(__file__).parents[2] / "reference" / "contract.json").read_text(encoding="utf-8"))
    if fact["system"] == "luminous"
]
JSON = "application/json"


def spec(**members: Any) -> Json:
    """A fresh file with every Luminous operation of the contract."""
    paths: Json = {}
    for fact in CONTRACT:
        paths.setdefault(fact["path"], {})[fact["method"].lower()] = operation(fact)
    return {
        "openapi": "3.0.3",
        "info": {"title": "Luminous", "version": "1.0"},
        "paths": paths,
        "components": {"schemas": {}},
        **members,
    }


def small(*tools: str) -> Json:
    """The same with these operations only."""
    paths: Json = {}
    for fact in CONTRACT:
        if fact["tool"] in tools:
            paths.setdefault(fact["path"], {})[fact["method"].lower()] = operation(fact)
    return {"openapi": "3.0.3", "info": {"title": "Luminous", "version": "1.0"}, "paths": paths}


def operation(fact: Json) -> Json:
    """One operation of the contract as OpenAPI says it."""
    parameters = [
        {"name": each["name"], "in": "path", "required": True, "schema": schema(each)} for each in fact["path_params"]
    ] + [
        {"name": each["name"], "in": "query", "required": bool(each.get("required")), "schema": schema(each)}
        for each in fact["query_params"]
    ]
    made: Json = {
        "operationId": re.sub(r"_(\w)", lambda match: match[1].upper(), fact["tool"]),
        "parameters": parameters,
        "responses": {"200": {"description": "as documented"}},
    }
    if fact["body"] is not None:
        body: Json = {"type": "object", "properties": {}}
        for each in fact["body"]["fields"]:
            if not each["name"].startswith("<"):
                put(body, each["name"].replace(".*", "[]").split("."), each)
        kind = fact["body"]["content_type"] or JSON
        made["requestBody"] = {"content": {kind: {"schema": body}}}
    return made


def put(above: Json, parts: list[str], facts: Json) -> None:
    """Enter a field of the contract, such as `items[].sku`, into the schema of a body."""
    name, rest = parts[0].removesuffix("[]"), parts[1:]
    properties = above.setdefault("properties", {})
    here = properties.setdefault(name, {})
    if parts[0].endswith("[]"):
        here["type"] = "array"
        here = here.setdefault("items", {})
    if rest:
        inner = here.get("items", here) if here.get("type") == "array" else here
        if inner is here and here.get("type", "object") == "object":
            here["type"] = "object"
        elif inner is not here:
            inner["type"] = "object"
        put(inner, rest, facts)
        return
    for key, value in schema(facts).items():
        here.setdefault(key, value)
    if facts.get("required"):
        above.setdefault("required", []).append(name)


def schema(facts: Json) -> Json:
    """The schema of one value."""
    said = facts.get("type", "")
    made: Json = {}
    if array := re.fullmatch(r"array<(\w+)>", said) or re.fullmatch(r"(\w+)\[\]", said):
        made = {"type": "array", "items": {} if array[1] == "unknown" else {"type": array[1]}}
    elif said == "file":
        made = {"type": "string", "format": "binary"}
    elif said:
        made = {"type": said}
    if "enum" in facts:
        made.get("items", made)["enum"] = facts["enum"]
    if "format" in facts:
        made["format"] = facts["format"]
    if facts.get("nullable"):
        made["nullable"] = True
    return made


def at(document: Json, tool: str) -> Json:
    """The operation of a tool in a file."""
    fact = next(each for each in CONTRACT if each["tool"] == tool)
    found: Json = document["paths"][fact["path"]][fact["method"].lower()]
    return found


def path_of(tool: str) -> tuple[str, str]:
    """Path and method of a tool."""
    fact = next(each for each in CONTRACT if each["tool"] == tool)
    return fact["path"], fact["method"].lower()


def body(document: Json, tool: str) -> Json:
    """The schema of a tool's body in a file."""
    content = at(document, tool)["requestBody"]["content"]
    found: Json = next(iter(content.values()))["schema"]
    return found


def changed(document: Json, change: Callable[[Json], None]) -> Json:
    """A copy that was changed."""
    made = copy.deepcopy(document)
    change(made)
    return made


def stored(document: Any, path: Path) -> Path:
    """The file as JSON."""
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
