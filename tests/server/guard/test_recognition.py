"""How a write is recognised by reading: what is known of each, and that what is not shown is never taken for absent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, get_args

import pytest
from desk import PAID_ON
from faulty import Faulty, called, written
from harness import Api, connect, house

from schemas.common import Record
from server.guard.recognition import _TARGETS, TRACES, UNRECOGNISED, look_alikes
from server.guard.settlement import SETTLE_AFTER
from tools import catalogue
from tools.operation import Effect, Operation

pytestmark = pytest.mark.anyio

TOOLS = catalogue.load().operations
WRITING = [each for each in TOOLS.values() if each.effect is not Effect.READ]
CREATES = re.compile(r"(billdiary_)?(create|record|apply|add|upsert|upload|generate|bulk_create|quick_add)_")


def shows_it(operation: Operation) -> bool:
    """Whether the record, as it reads afterwards, says if the write was carried out."""
    subject = operation.toolset.subject_of(operation)
    ends = operation.method == "DELETE" or operation.name.startswith(("void_", "reverse_"))
    return subject is not None and (ends or operation.is_update)


# What is known of each


async def test_of_every_write_that_creates_or_pays_it_is_known_how_it_is_recognised_or_why_not() -> None:
    wanted = [each for each in WRITING if each.effect is Effect.MONEY or CREATES.match(each.name)]
    assert len(wanted) > 60
    said = (TRACES, UNRECOGNISED, _TARGETS)
    unknown = [each.name for each in wanted if not (any(each.name in known for known in said) or shows_it(each))]
    assert unknown == []
    assert not TRACES.keys() & UNRECOGNISED.keys()


def row_of(record: type[Record] | None, field: str) -> type[Record] | None:
    """The declared record in a field of a record; None where none is declared."""
    declared = record.model_fields[field].annotation if record else None
    found = [declared]
    while found:
        each = found.pop()
        if isinstance(each, type) and issubclass(each, Record):
            return each
        found += get_args(each)
    return None


async def test_traces_name_tools_and_arguments_and_fields_that_there_are() -> None:
    assert {*TRACES, *UNRECOGNISED, *_TARGETS} <= {each.name for each in WRITING}
    for name, trace in TRACES.items():
        operation, read = TOOLS[name], TOOLS[trace.read]
        assert read.effect is Effect.READ
        assert (trace.ask or {}).keys() <= read.arguments.model_fields.keys(), name
        assert not trace.filters or "filters" in read.arguments.model_fields, name
        asked = {*(trace.ask or {}).values(), *(trace.same or {}), *(trace.filters or {}).values()}
        assert asked <= operation.arguments.model_fields.keys(), name
        assert read.many or trace.rows, name
        row = row_of(read.returns, trace.rows) if trace.rows else read.returns
        for field in (trace.same or {}).values():
            parent, _, inner = field.rpartition(".")
            shown = row_of(row, parent) if parent in (row.model_fields if row else ()) else row
            # The declaration of the customer names no fields; the API shows them.
            assert shown is not None, name
            assert inner in shown.model_fields or parent == "customer", f"{name}: {field}"
    for name, reason in UNRECOGNISED.items():
        named = set(re.findall(r"\b(?:billdiary_)?(?:list|get)_\w+", reason))
        assert named <= TOOLS.keys(), name


@pytest.mark.parametrize("name", [name for name in TRACES if not name.startswith("billdiary_")])
async def test_the_api_shows_every_field_by_which_a_write_is_recognised(api: Api, name: str) -> None:
    trace = TRACES[name]
    read = TOOLS[trace.read]
    collection, _, below = read.path.partition("/{")
    if trace.read == "list_sales_order_shipments":
        orders = api.get("/sales-orders", per_page=100, order_status="shipped")["data"]
        answers = (api.get(f"/sales-orders/{each['id']}/shipments")["data"] for each in orders)
    elif below:
        listed = api.get(collection, per_page=100)["data"]
        answers = ([api.get(f"{collection}/{each['id']}")["data"]] for each in listed)
    else:
        answers = iter([api.get(collection, per_page=100)["data"]])
    records = next(each for each in answers if each and (not trace.rows or any(one[trace.rows] for one in each)))
    row = next(one for each in records for one in (each[trace.rows] if trace.rows else [each]))
    for field in (trace.same or {}).values():
        value: Any = row
        for part in field.split("."):
            assert part in value, f"{trace.read} does not show {field}"
            value = value[part]


# What is not shown

PAID = {"bill_id": "7", "amount": "40.00", "payment_date": PAID_ON, "reference": "R-1"}
SHOWN = {"id": 3, "amount": 40, "payment_date": PAID_ON, "reference": "R-1"}
WITHOUT = {name: {key: value for key, value in SHOWN.items() if key != name} for name in SHOWN}
OWED = {"vendor_id": 101, "amount": "30.00", "credit_date": PAID_ON, "reference": "C-1"}
CREDIT = {"id": 4, "vendor_id": 101, "amount": "30.00", "credit_date": f"{PAID_ON}T00:00:00Z", "reference": "C-1"}
APPLIED = {"prepayment_id": "9", "amount": "5.00", "bill_id": 7}
USED = {"id": 5, "amount": 5, "bill_id": 7}


def bill_with(*payments: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": {"id": 7, "payments": list(payments)}}


def listed(*rows: Mapping[str, Any], **meta: Any) -> dict[str, Any]:
    return {"data": list(rows), **({"meta": meta} if meta else {})}


@pytest.mark.parametrize(
    ("tool", "asked", "answer", "ids"),
    [
        ("record_bill_payment", PAID, bill_with(SHOWN), [3]),
        ("record_bill_payment", PAID, bill_with(), []),
        ("record_bill_payment", PAID, bill_with({**SHOWN, "status": "void"}), []),
        ("record_bill_payment", PAID, bill_with({**SHOWN, "reference": None}), []),
        ("record_bill_payment", PAID, bill_with(WITHOUT["reference"]), None),
        ("record_bill_payment", PAID, bill_with(SHOWN, WITHOUT["amount"]), None),
        # A void one that is not whole, and one that differs in what is shown, are told from it all the same.
        ("record_bill_payment", PAID, bill_with({**WITHOUT["reference"], "status": "void"}), []),
        ("record_bill_payment", PAID, bill_with({**WITHOUT["reference"], "amount": 41}), []),
        ("record_bill_payment", PAID, {"data": {"id": 7}}, None),
        ("create_vendor_credit", OWED, listed(CREDIT, total=1), [4]),
        ("create_vendor_credit", OWED, listed(CREDIT), [4]),
        ("create_vendor_credit", OWED, listed(CREDIT, total=2), None),
        ("create_vendor_credit", OWED, listed(total=1), None),
        ("create_vendor_credit", OWED, listed(*[CREDIT] * 100), None),
        ("create_vendor_credit", OWED, listed({**CREDIT, "vendor_id": 102}, total=1), []),
        ("create_vendor_credit", OWED, {"message": "no list"}, None),
        ("apply_prepayment", APPLIED, listed({"id": 9, "applications": [USED]}), [5]),
        ("apply_prepayment", APPLIED, listed({"id": 9, "applications": []}), []),
        ("apply_prepayment", APPLIED, listed({"id": 9}), None),
        # A list that knows no such filter answers with the prepayments of others.
        ("apply_prepayment", APPLIED, listed({"id": 8, "applications": [USED]}), None),
        ("apply_prepayment", APPLIED, listed(), None),
        (
            "create_invoice",
            {"customer_po_number": "C-1", "order_date": PAID_ON, "company_id": 150},
            listed(
                {"id": 1, "customer_po_number": "C-1", "order_date": PAID_ON, "customer": {"id": 151}},
                {"id": 2, "customer_po_number": "C-1", "order_date": PAID_ON, "customer": {"id": "150"}},
            ),
            [2],
        ),
        ("post_bill", {"bill_id": "7"}, bill_with(), None),
    ],
)
async def test_what_is_not_shown_is_neither_there_nor_absent(
    tool: str, asked: dict[str, Any], answer: dict[str, Any], ids: list[int] | None
) -> None:
    async def read(name: str, given: Mapping[str, Any]) -> Any:
        assert name == TRACES[tool].read
        assert given.keys() <= TOOLS[name].arguments.model_fields.keys() | {"per_page"}
        return answer

    found = await look_alikes(TOOLS[tool], asked, read)
    assert (None if found is None else [each["id"] for each in found]) == ids


# Over HTTP, after a lost answer

Write = tuple[str, dict[str, Any]]


def prepayment_application(api: Api) -> Write:
    bill = api.new_bill()
    made = api.post("/prepayments", {"vendor_id": bill["vendor_id"], "amount": 5, "payment_date": PAID_ON})
    return "apply_prepayment", {"prepayment_id": made["id"], "amount": "5.00", "bill_id": bill["id"]}


def invoice(api: Api) -> Write:
    company = api.get("/companies", per_page=1, type="Retail")["data"][0]["id"]
    product = api.get(f"/companies/{company}/products", per_page=1)["data"][0]["id"]
    line = {"product_id": product, "quantity": 1, "unit_price": "4.25"}
    number = f"C-{uuid.uuid4().hex[:12]}"
    return "create_invoice", {
        "company_id": company,
        "order_date": PAID_ON,
        "payment_terms": "Net 30",
        "customer_po_number": number,
        "items": [line],
    }


def credit_of_a_return(api: Api) -> Write:
    order = api.get("/purchase-orders", per_page=1, order_status="completed")["data"][0]
    line = {"purchase_order_item_id": order["items"][0]["id"], "quantity": 1}
    body = {"vendor_id": order["vendor_id"], "purchase_order_id": order["id"], "items": [line]}
    made = api.post("/vendor-returns", body)["id"]
    api.post(f"/vendor-returns/{made}/process")
    return "generate_vendor_return_credit", {"vendor_return_id": made}


def payment_correction(api: Api) -> Write:
    order = next(each for each in api.get("/purchase-orders", per_page=100)["data"] if each["total_due"] > 1)
    body = {"payment_date": PAID_ON, "payment_type": "check", "paid_amount": "0.50"}
    paid = api.post(f"/purchase-orders/{order['id']}/payments", body)["payments"]
    payment_id = max(each["id"] for each in paid)
    given = {"purchase_order_id": order["id"], "payment_id": payment_id, "paid_amount": "0.75"}
    return "update_purchase_order_payment", given


@pytest.mark.parametrize("make", [prepayment_application, invoice, credit_of_a_return, payment_correction])
@pytest.mark.parametrize("reached", [True, False])
async def test_a_lost_answer_is_settled_by_reading(api: Api, make: Callable[[Api], Write], reached: bool) -> None:
    tool, arguments = make(api)
    upstream = Faulty(api.base_url)
    upstream.fault = "cut_after" if reached else "cut_before"
    async with house(api.base_url, upstream=upstream) as here, connect(here.server, "auto") as client:
        assert (await written(client, tool, arguments))["status"] == ("done" if reached else "unknown")
        upstream.fault = ""
        here.clock.advance(seconds=SETTLE_AFTER.total_seconds())
        again = await called(client, tool, arguments)
        assert again.get("already", False) is reached, again
        assert [each.status for each in here.journal.writes()] == ["done" if reached else "failed"]


def detached(api: Api) -> Write:
    """The product stays, so its being there says nothing."""
    product = next(each for each in api.get("/products", per_page=100)["data"] if each["boms"])
    return "detach_product_boms", {"product_id": int(product["id"]), "bom_ids": [product["boms"][0]["id"]]}


def hidden_value(api: Api) -> Write:
    """The one field that can be read is sent as it is."""
    contact = next(each for each in api.get("/contacts", per_page=100)["data"] if each["email"])
    return "update_contact", {
        "contact_id": int(contact["id"]),
        "last_name": contact["last_name"],
        "password": f"hunter2-{uuid.uuid4().hex}",
    }


def hidden_lines(api: Api) -> Write:
    """The note stands already, the lines are others."""
    bill = api.new_bill("draft")
    lines = [{"description": "Crates", "quantity": 1, "unit_cost": "80.00"}]
    return "update_bill", {"bill_id": bill["id"], "due_date": bill["due_date"], "items": lines}


@pytest.mark.parametrize("make", [detached, hidden_value, hidden_lines])
@pytest.mark.parametrize("fault", ["cut_after", "cut_before"])
async def test_what_reading_cannot_tell_stays_open(api: Api, make: Callable[[Api], Write], fault: str) -> None:
    tool, arguments = make(api)
    upstream = Faulty(api.base_url)
    upstream.fault = fault
    async with house(api.base_url, upstream=upstream) as here, connect(here.server, "auto") as client:
        assert (await written(client, tool, arguments))["status"] == "unknown"
        here.clock.advance(hours=1)
        await here.calls.guard.settlement.at_start()
        assert [each.status for each in here.journal.writes()] == ["unknown"]
