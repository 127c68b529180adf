"""What is reported of a vendor's file: nothing where it says what the contract says, and each change once."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import yaml
from vendor import Json, at, body, changed, path_of, spec

from server.drift.compare import Comparison, Kind, compare
from server.drift.facts import Facts, of_catalogue, of_document
from server.drift.source import parsed
from tools import catalogue

Change = Callable[[Json], Any]


@pytest.fixture(scope="module")
def ours() -> Sequence[Facts]:
    return of_catalogue(catalogue.load())


@pytest.fixture(scope="module")
def vendors() -> Json:
    return spec()


def compared(ours: Sequence[Facts], document: Json) -> Comparison:
    return compare(ours, of_document(parsed(json.dumps(document).encode())))


def told(found: Comparison) -> list[tuple[str, ...]]:
    return [(each.kind.value, each.tool or each.operation, each.field) for each in found.differences]


def test_a_file_that_says_what_the_contract_says_differs_in_nothing(ours: Sequence[Facts], vendors: Json) -> None:
    found = compared(ours, vendors)
    assert found.differences == []
    assert len(found.pairs) == 255


def test_what_is_only_inferred_is_told_apart(ours: Sequence[Facts], vendors: Json) -> None:
    found = compared(ours, vendors)
    kinds = {each.kind for each in found.unconfirmed}
    assert kinds == {Kind.FIELD_GONE, Kind.NO_LONGER_REQUIRED, Kind.ENUM_CHANGED}
    about = {(each.tool, each.field) for each in found.unconfirmed}
    assert {("create_bill", "bill_number"), ("record_bill_payment", "amount")} <= about
    assert all(each.after == "any" for each in found.unconfirmed if each.kind is Kind.ENUM_CHANGED)


def move(tool: str, path: str, **said: Any) -> Change:
    def change(document: Json) -> None:
        old, method = path_of(tool)
        moved = document["paths"][old].pop(method)
        document["paths"][path] = {method: {**moved, **said}}

    return change


def field(tool: str, name: str, schema: Json) -> Change:
    return lambda document: body(document, tool)["properties"].update({name: schema})


def query(tool: str, name: str, schema: Json) -> Change:
    parameter = {"name": name, "in": "query", "schema": schema}
    return lambda document: at(document, tool)["parameters"].append(parameter)


def remove(tool: str) -> Change:
    path, method = path_of(tool)
    return lambda document: document["paths"][path].pop(method)


def parameter(document: Json, tool: str, name: str) -> Json:
    found: Json = next(each for each in at(document, tool)["parameters"] if each["name"] == name)
    return found


CHANGES: dict[str, tuple[Change, tuple[str, str, str]]] = {
    "operation new": (
        lambda document: document["paths"].update(
            {"/widgets/{widgetId}": {"get": {"responses": {"200": {"description": "x"}}}}}
        ),
        ("operation new", "GET /widgets/{widgetId}", ""),
    ),
    "operation gone": (remove("get_bills_aging"), ("operation gone", "get_bills_aging", "")),
    "operation moved by its name": (
        move("post_bill", "/payables/{billId}/finalize"),
        ("operation moved", "post_bill", ""),
    ),
    "operation moved by its look": (
        move("create_invoice", "/sales/invoices", operationId="somethingElse"),
        ("operation moved", "create_invoice", ""),
    ),
    "field new in a body": (
        field("create_invoice", "priority", {"type": "string"}),
        ("field new", "create_invoice", "priority"),
    ),
    "field new in a query": (
        query("get_bills_aging", "currency", {"type": "string"}),
        ("field new", "get_bills_aging", "currency"),
    ),
    "field new inside a list": (
        lambda document: body(document, "create_invoice")["properties"]["items"]["items"]["properties"].update(
            {"batch": {"type": "string"}}
        ),
        ("field new", "create_invoice", "items[].batch"),
    ),
    "field gone from a query": (
        lambda document: at(document, "get_bills_aging").update(
            parameters=[parameter(document, "get_bills_aging", "vendor_id")]
        ),
        ("field gone", "get_bills_aging", "as_of_date"),
    ),
    "field gone from a list": (
        lambda document: body(document, "adjust_inventory_stock")["properties"]["adjustment_entries"]["items"][
            "properties"
        ].pop("sku"),
        ("field gone", "adjust_inventory_stock", "adjustment_entries[].sku"),
    ),
    "field newly required": (
        lambda document: parameter(document, "get_bills_aging", "vendor_id").update(required=True),
        ("field newly required", "get_bills_aging", "vendor_id"),
    ),
    "field no longer required": (
        lambda document: body(document, "create_transfer_order").update(required=[]),
        ("field no longer required", "create_transfer_order", ""),
    ),
    "type changed": (
        lambda document: parameter(document, "get_bills_aging", "vendor_id").update(schema={"type": "string"}),
        ("type changed", "get_bills_aging", "vendor_id"),
    ),
    "type of a path changed": (
        lambda document: parameter(document, "post_bill", "billId").update(schema={"type": "string", "format": "uuid"}),
        ("type changed", "post_bill", "bill_id"),
    ),
    "a day became a moment": (
        lambda document: parameter(document, "get_bills_aging", "as_of_date")["schema"].update(format="date-time"),
        ("type changed", "get_bills_aging", "as_of_date"),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_reported_once(ours: Sequence[Facts], vendors: Json, name: str) -> None:
    change, (kind, tool, place) = CHANGES[name]
    found = told(compared(ours, changed(vendors, change)))
    if place:
        assert found == [(kind, tool, place)]
    else:
        assert {(each[0], each[1]) for each in found} == {(kind, tool)}
        assert len(found) == len(set(found))


def enumerated(tool: str) -> tuple[str, list[Any]]:
    document = spec()
    properties = body(document, tool)["properties"]
    return next((name, each["enum"]) for name, each in properties.items() if "enum" in each)


def test_other_values_of_an_enumeration_are_reported_and_a_missing_list_is_not(
    ours: Sequence[Facts], vendors: Json
) -> None:
    tool = next(
        tool
        for tool in ("create_custom_field_definition", "create_product", "create_sales_order")
        if "enum" in json.dumps(body(vendors, tool))
    )
    name, values = enumerated(tool)

    def more(document: Json) -> None:
        body(document, tool)["properties"][name]["enum"] = [*values, "brand_new"]

    def none(document: Json) -> None:
        del body(document, tool)["properties"][name]["enum"]

    assert told(compared(ours, changed(vendors, more))) == [("enum changed", tool, name)]
    without = compared(ours, changed(vendors, none))
    assert told(without) == []
    assert len(without.unconfirmed) == len(compared(ours, vendors).unconfirmed) + 1


def test_an_operation_that_could_have_moved_to_two_places_is_gone_and_they_are_new(
    ours: Sequence[Facts], vendors: Json
) -> None:
    document = changed(vendors, move("create_invoice", "/sales/invoices", operationId="x"))
    document["paths"]["/other/invoices"] = copy.deepcopy(document["paths"]["/sales/invoices"])
    document["paths"]["/other/invoices"]["post"]["operationId"] = "y"
    kinds = sorted(each[0] for each in told(compared(ours, document)))
    assert kinds == ["operation gone", "operation new", "operation new"]


def test_a_common_prefix_of_all_paths_is_no_difference(ours: Sequence[Facts], vendors: Json) -> None:
    document = {**vendors, "paths": {f"/api/v1{path}": item for path, item in vendors["paths"].items()}}
    assert told(compared(ours, document)) == []


def test_yaml_references_and_combined_schemas_say_the_same(ours: Sequence[Facts], vendors: Json) -> None:
    document = copy.deepcopy(vendors)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for tool in ("create_invoice", "create_purchase_order"):
        media = at(document, tool)["requestBody"]["content"]["application/json"]
        schemas[f"{tool}/body"] = media["schema"]
        media["schema"] = {"allOf": [{"$ref": f"#/components/schemas/{tool}~1body"}, {"type": "object"}]}
    text = yaml.safe_dump(document, sort_keys=False)
    assert compare(ours, of_document(parsed(text.encode()))).differences == []


def test_types_as_openapi_3_1_spells_them_say_the_same(ours: Sequence[Facts], vendors: Json) -> None:
    def renewed(node: Any) -> Any:
        if isinstance(node, list):
            return [renewed(each) for each in node]
        if not isinstance(node, dict):
            return node
        made = {key: renewed(each) for key, each in node.items() if key != "nullable"}
        if node.get("nullable") is True and isinstance(node.get("type"), str):
            made["type"] = [node["type"], "null"]
        return made

    assert told(compared(ours, {**renewed(vendors), "openapi": "3.1.0"})) == []
