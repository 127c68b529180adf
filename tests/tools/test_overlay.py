"""An overlay over the catalogue: what it adds, that lists and models agree, and what it may not do."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tools import catalogue
from tools.arguments import InvalidArgumentsError, check
from tools.overlay import Overlay, OverlayError
from tools.request import compose
from tools.schema import listed_schema

Json = dict[str, Any]
FIELDS: list[Json] = [
    {"name": "widget_id", "wire": "widget_id", "place": "path", "type": "integer", "required": True},
    {"name": "dry_run", "wire": "dry-run", "place": "query", "type": "boolean"},
    {"name": "amount", "wire": "amount", "type": "number", "required": True},
    {"name": "kind", "wire": "kind", "type": "string", "enum": ["a", "b c"]},
    {"name": "level", "wire": "level", "type": "integer", "enum": [1, 2]},
    {"name": "day", "wire": "day", "type": "string", "format": "date", "nullable": True},
    {"name": "tags", "wire": "tags", "type": "array", "of": "string"},
    {"name": "modes", "wire": "modes", "type": "array", "of": "string", "enum": ["x", "y"]},
    {"name": "loose", "wire": "loose", "type": "any"},
    {"name": "file", "wire": "file", "type": "file"},
    {
        "name": "lines",
        "wire": "theLines",
        "type": "array",
        "of": "object",
        "fields": [{"name": "sku_code", "wire": "skuCode", "type": "string", "required": True}],
    },
]
OVERLAY: Json = {
    "version": 1,
    "source": {"title": "x", "version": "1", "sha256": "0", "adopted": "2026-11-21"},
    "operations": [
        {"name": "fix_widget", "method": "POST", "path": "/widgets/{widget_id}/fix", "fields": FIELDS},
        {"name": "drop_widgets", "method": "DELETE", "path": "/widgets", "open": True},
    ],
    "amendments": {
        "get_bill": {"path": "/payables/{bill_id}"},
        "post_bill": {"path": "/payables/{bill_id}/post"},
        "create_invoice": {
            "fields": [
                {"name": "urgency", "wire": "urgency", "type": "string", "enum": ["low", "high"], "required": True},
                {
                    "name": "items",
                    "wire": "items",
                    "extends": True,
                    "fields": [{"name": "batch", "wire": "batchNo", "type": "string"}],
                },
            ]
        },
        "no_longer_declared": {"fields": [FIELDS[3]]},
    },
}


@pytest.fixture(scope="module")
def served() -> catalogue.Catalogue:
    return catalogue.load(OVERLAY)


@pytest.mark.parametrize("name", ["fix_widget", "drop_widgets", "create_invoice", "get_bill", "list_bills"])
def test_what_is_listed_is_what_the_models_take(served: catalogue.Catalogue, name: str) -> None:
    entry, operation = served.entries[name], served.operation(name)
    assert dict(entry.definition) == {
        "name": name,
        "title": operation.title,
        "description": operation.description,
        "inputSchema": listed_schema(operation.arguments, fold=operation.is_update),
        "annotations": operation.effect.annotations,
    }
    assert (entry.effect, entry.evidence) == (operation.effect.value, operation.evidence.value)


def test_adopted_operations_come_last_in_a_toolset_of_their_own(served: catalogue.Catalogue) -> None:
    declared = catalogue.load()
    assert [*served.entries] == [*declared.entries, "fix_widget", "drop_widgets"]
    assert served.toolsets == {**declared.toolsets, "adopted": 2}
    assert {entry.name: entry.effect for entry in served.narrowed(toolsets=["adopted"])} == {
        "fix_widget": "write",
        "drop_widgets": "destroy",
    }
    assert "fix_widget" not in served.reads_only()
    assert served.narrowed(tools=["fix_widget"]).operation("fix_widget").method == "POST"
    assert catalogue.system_of("adopted") == "luminous"
    with pytest.raises(catalogue.UnknownNameError):
        declared.narrowed(toolsets=["adopted"])


def test_arguments_travel_where_and_as_the_vendor_says(served: catalogue.Catalogue) -> None:
    operation = served.operation("fix_widget")
    given = {"widget_id": 3, "dry_run": False, "amount": 0.123456789, "day": None, "lines": [{"sku_code": "A"}]}
    request = compose(operation, check(operation.arguments, given))
    assert request.shown() == {
        "method": "POST",
        "path": "/widgets/3/fix",
        "query": {"dry-run": "0"},
        "body": {"amount": "0.123456789", "day": None, "theLines": [{"skuCode": "A"}]},
    }


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        ({"kind": "c"}, "kind"),
        ({"level": 3}, "level"),
        ({"day": "2026-02-30"}, "day"),
        ({"amount": "much"}, "amount"),
        ({"widget_id": "../x"}, "widget_id"),
        ({"lines": [{}]}, "lines.0"),
        ({"modes": ["z"]}, "modes.0"),
        ({"dry_run": "maybe"}, "dry_run"),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
def test_adopted_arguments_are_checked(served: catalogue.Catalogue, wrong: Json, argument: str) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        check(served.operation("fix_widget").arguments, {"widget_id": 3, "amount": 1, **wrong})
    assert all(each.argument.startswith(argument) for each in caught.value.problems)


def test_an_amended_operation_keeps_what_it_is(served: catalogue.Catalogue) -> None:
    """Its effect, its answer, and its place among the others: the guard reads a record at the path it has moved to."""
    declared, amended = catalogue.load().operation("post_bill"), served.operation("post_bill")
    assert (amended.effect, amended.when, amended.returns) == (declared.effect, declared.when, declared.returns)
    assert amended.path == "/payables/{bill_id}/post"
    subject = amended.toolset.subject_of(amended)
    assert subject is served.operation("get_bill")
    assert subject.path == "/payables/{bill_id}"
    assert declared.path == "/bills/{bill_id}/post"
    line = {"sku": "A", "quantity": 1, "unit_price": 1, "batch": "B"}
    model = served.operation("create_invoice").arguments
    with pytest.raises(InvalidArgumentsError, match="urgency: is required"):
        check(model, {"items": [line]})
    with pytest.raises(InvalidArgumentsError, match="batch"):
        check(catalogue.load().operation("create_invoice").arguments, {"items": [line]})


def test_a_declaration_wins_over_an_adopted_operation_of_its_name() -> None:
    overlay = copy.deepcopy(OVERLAY)
    overlay["operations"][1]["name"] = "get_bill"
    served = catalogue.load(overlay)
    assert served.entries["get_bill"].toolset == "bills"
    assert len(served) == len(catalogue.load()) + 1


def wrong(*place: Any, value: Any) -> Json:
    overlay = copy.deepcopy(OVERLAY)
    node: Any = overlay
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    return overlay


@pytest.mark.parametrize(
    "overlay",
    [
        {},
        wrong("version", value=2),
        wrong("more", value=1),
        wrong("operations", 0, "method", value="TRACE"),
        wrong("operations", 0, "path", value="//evil.example/{widget_id}"),
        wrong("operations", 0, "path", value="https://evil.example/{widget_id}"),
        wrong("operations", 0, "path", value="/widgets/{widget_id!r}"),
        wrong("operations", 0, "path", value="/widgets/{other}"),
        wrong("operations", 0, "path", value="/widgets/{widget_id}\n"),
        wrong("operations", 0, "name", value="Not A Name"),
        wrong("operations", 0, "name", value="drop_widgets"),
        wrong("operations", 0, "fields", 1, "name", value="amount"),
        wrong("operations", 0, "fields", 1, "name", value="__class__"),
        wrong("operations", 0, "fields", 1, "type", value="float"),
        wrong("operations", 0, "fields", 10, "fields", 0, "name", value="Bad"),
        wrong("amendments", "create_invoice", "fields", 0, "place", value="path"),
        wrong("amendments", "Bad Name", value={}),
    ],
)
def test_a_malformed_overlay_is_refused(overlay: Json) -> None:
    with pytest.raises(OverlayError) as caught:
        Overlay(overlay)
    assert len(str(caught.value).splitlines()) == 1
