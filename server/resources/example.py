"""Arguments that pass, made up from a declaration: what a first call of a tool can look like."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from schemas.common import Arguments, Mark
from tools.arguments import InvalidArgumentsError, check, is_marked
from tools.schema import input_schema

Json = dict[str, Any]

_BY_NAME: dict[str, Any] = {
    "start_date": "2026-11-01",
    "end_date": "2026-11-30",
    "since": "2026-11-01",
    "sort": "id:desc",
    "fields": "id",
    "currency": "USD",
    "country": "US",
    "state": "OH",
    "city": "Dayton",
    "street1": "712 Union St",
    "postal_code": "45402",
    "carrier": "ups",
    "carrier_code": "ups",
    "tracking_number": "1Z999AA10123456784",
    "name": "Northline",
    "label": "Northline",
    "description": "Pallets",
    "sku": "CAN-002",
    "reference": "CHK-1042",
    "reason": "Waits for the credit note",
    "note": "As agreed with the vendor",
    "notes": "As agreed with the vendor",
    "remarks": "As agreed with the vendor",
    "password": "long-and-secret",
    "method": "bank_transfer",
    "quantity": 12,
    "unit_cost": 4.25,
    "rate": 1.08,
    "conversion_factor": 12,
    "from_": "EUR",
    "to": "USD",
    "email": "ap@example.com",
    "file": {"path": "invoice.pdf"},
    "save_to": "download.csv",
    "zpl": "^XA^FO50,50^ADN,36,20^FDBox 1^FS^XZ",
    "object_type": "companies",
    "filters": {"id[gt]": 1000},
    "query": "Acme",
    "vendor": "Acme",
    "operation": "list_bills",
    "group_by": "status",
    "metrics": "count,sum:total_due",
    "status": "posted",
    "bill": "42",
    "tool": "list_bills",
}
"""Values of arguments whose name says what they are."""
_FIRST = ("filters", "status", "name", "sort")
"""Arguments that say most about a tool where it requires none."""
_TEXTS = ("A-1042", "42", "2026-11-20", "USD", "ap@example.com", "id:asc", "posted")
"""Texts that are tried in turn where a name says nothing."""
_NUMBERS = (42, 10, 1)
_TRIES = 40


def example(model: type[Arguments]) -> Json:
    """Arguments with everything that is required and, where that says little, one that is not.

    Raises InvalidArgumentsError when none were found that pass.
    """
    schema = input_schema(model)
    properties: Json = schema["properties"]
    required = list(schema.get("required", ()))
    others = [name for name in properties if name not in required and _is_telling(model, name)]
    failure: InvalidArgumentsError | None = None
    for more in _additions(required, others):
        names = [*required, *more]
        try:
            return _fitting(model, {name: properties[name] for name in names}, names)
        except InvalidArgumentsError as error:
            failure = failure or error
    raise failure or InvalidArgumentsError([])


def _is_telling(model: type[Arguments], name: str) -> bool:
    return not any(is_marked(model, name, mark) for mark in (Mark.UNLISTED, Mark.FOLDED))


def _additions(required: list[str], others: list[str]) -> Iterator[tuple[str, ...]]:
    """What to add to the required: one argument where only ids or nothing are, then none, then whatever it takes."""
    if others and all(name.endswith("id") for name in required):
        telling = next((name for name in _FIRST if name in others), None)
        yield (telling,) if telling else tuple(others[:2])
    yield ()
    for count in (1, 2, 3):
        yield from combinations(others[:12], count)


def _fitting(model: type[Arguments], properties: Json, names: list[str]) -> Json:
    """Values that pass: where one is refused, the next candidate takes its place. Raises InvalidArgumentsError."""
    tried = dict.fromkeys(names, 0)
    for _ in range(_TRIES):
        made = {name: _sample(name, schema, tried[name]) for name, schema in properties.items()}
        try:
            check(model, made)
        except InvalidArgumentsError as error:
            refused = {problem.argument.partition(".")[0] for problem in error.problems} & set(names)
            if not refused or max(tried[name] for name in refused) > len(_TEXTS):
                raise
            for name in refused:
                tried[name] += 1
        else:
            return made
    raise InvalidArgumentsError([])


def _sample(name: str, schema: Json, turn: int) -> Any:
    """A value for an argument: the `turn`th candidate."""
    if "anyOf" in schema:
        return _sample(name, schema["anyOf"][turn % len(schema["anyOf"])], turn // len(schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        choices = schema.get("enum") or [schema["const"]]
        return choices[turn % len(choices)]
    known = _BY_NAME.get(name)
    if turn == 0 and known is not None and isinstance(known, _PYTHON.get(schema.get("type", ""), object)):
        return known
    match schema.get("type"):
        case "integer":
            return _integer(name, turn)
        case "number":
            return (120.5, 10, 1)[turn % 3]
        case "boolean":
            return turn % 2 == 0
        case "array":
            return [_sample(name.removesuffix("s"), schema.get("items", {}), turn)]
        case "object":
            return _object(schema, turn)
    return _text(name, schema, turn)


_PYTHON: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "array": list,
    "object": dict,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def _integer(name: str, turn: int) -> int:
    usual = {"per_page": 10, "limit": 10, "page": 1}.get(name)
    candidates = _NUMBERS if usual is None else (usual, *_NUMBERS)
    return candidates[turn % len(candidates)]


def _object(schema: Json, turn: int) -> Json:
    inner: Json = schema.get("properties", {})
    names = schema.get("required") or list(inner)[:1]
    if turn:
        names = list(dict.fromkeys([*names, *list(inner)[:turn]]))
    return {name: _sample(name, inner[name], 0) for name in names} or {"note": "text"}


def _text(name: str, schema: Json, turn: int) -> str:
    if schema.get("format") == "date" or (not turn and name.endswith("_date")):
        return "2026-11-20"
    if not turn and name.endswith("id"):
        return "42"
    candidates = _TEXTS if not turn else (*_TEXTS[1:], _TEXTS[0])
    return candidates[(turn - 1) % len(candidates)] if turn else candidates[0]
