"""Undo: what can be taken back is put back as it was, by a plan of its own; what cannot says why."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk import PAID_ON, YES, Person, confirmed, payment, planned, refused, written
from harness import ERAS, KEY, Api, connect, everything, house, text_of
from loopback import Exchange, loopback
from pydantic import SecretStr

from server.guard.entries import Status
from server.guard.journal import Journal
from server.guard.modes import Writes
from server.guard.plan import Plan, Sum
from server.guard.policy import Policy
from server.guard.undo import NEVER, has_inverse
from server.upstream.connection import Connection
from tools import catalogue
from tools.arguments import check
from tools.operation import Operation, System
from tools.request import compose

pytestmark = pytest.mark.anyio

KNOWN = catalogue.load()
TOOLS = KNOWN.operations
TOUCHED = {"updated_at", "updatedAt", "updated_by", "posted_at", "pushed_at"}
"""What every write changes, an undo too."""
PDF = {"file_name": "scan.pdf", "content_base64": "JVBERi0xCg=="}


@dataclass(frozen=True)
class Case:
    """A write and where its effect is seen. gone: what it makes must not be there after the undo."""

    arguments: dict[str, Any]
    look: tuple[str, ...] = ()
    gone: str = ""


def first(api: Api, path: str, **query: Any) -> dict[str, Any]:
    """One stored record, whole."""
    row = api.get(path, per_page=1, **query)["data"][0]
    record: dict[str, Any] = api.get(f"{path}/{row['id']}")["data"]
    return record


def fresh() -> str:
    return f"T {uuid.uuid4().hex[:10]}"


def of_bill(status: str) -> Callable[[Api], Case]:
    def case(api: Api) -> Case:
        bill = api.new_bill(status)
        return Case({"bill_id": bill["id"]}, (f"/bills/{bill['id']}",))

    return case


def update(path: str, field: str, value: Any, argument: str = "", **query: Any) -> Callable[[Api], Case]:
    """An update of one field of a stored record."""

    def case(api: Api) -> Case:
        record = first(api, path, **query)
        assert record[field] not in (None, value), "the case would show nothing"
        name = argument or "id"
        return Case({name: int(record["id"]), field: value}, (f"{path}/{record['id']}",))

    return case


def create(path: str, **arguments: Any) -> Callable[[Api], Case]:
    """A record that nothing else hangs on."""
    return lambda api: Case({name: fresh() if value is fresh else value for name, value in arguments.items()}, (), path)


def _payment(api: Api) -> Case:
    bill = api.new_bill()
    return Case(payment(bill), (f"/bills/{bill['id']}",))


def _attachment(api: Api) -> Case:
    bill = api.new_bill()
    return Case({"bill_id": bill["id"], "file": PDF}, (f"/bills/{bill['id']}",))


def _allocation(api: Api) -> Case:
    order = first(api, "/purchase-orders", order_status="completed")
    line = {"description": "Freight", "quantity": 1, "unit_cost": "20.00"}
    bill = {"vendor_id": order["vendor_id"], "bill_number": fresh(), "bill_date": PAID_ON, "items": [line]}
    made = api.bill(api.post("/bills", bill)["id"])
    given = {"bill_item_id": made["items"][0]["id"], "purchase_order_item_id": order["items"][0]["id"]}
    return Case({"bill_id": made["id"], **given, "amount": "10.00"}, (f"/bills/{made['id']}",))


def _credit(api: Api) -> Case:
    vendor = api.new_bill()["vendor_id"]
    return Case({"vendor_id": vendor, "amount": "5.00", "credit_date": PAID_ON, "reference": fresh()})


def _apply_credit(api: Api) -> Case:
    bill = api.new_bill()
    made = api.post("/vendor-credits", {"vendor_id": bill["vendor_id"], "amount": 5, "credit_date": PAID_ON})
    look = (f"/bills/{bill['id']}", f"/vendor-credits/{made['id']}")
    return Case({"vendor_credit_id": made["id"], "amount": "5.00", "bill_id": bill["id"]}, look)


def _apply_prepayment(api: Api) -> Case:
    bill = api.new_bill()
    made = api.post("/prepayments", {"vendor_id": bill["vendor_id"], "amount": 5, "payment_date": PAID_ON})
    return Case({"prepayment_id": made["id"], "amount": "5.00", "bill_id": bill["id"]}, (f"/bills/{bill['id']}",))


def _vendor_return(api: Api) -> Case:
    order = first(api, "/purchase-orders", order_status="completed")
    line = {"purchase_order_item_id": order["items"][0]["id"], "quantity": 1}
    return Case({"vendor_id": order["vendor_id"], "purchase_order_id": order["id"], "items": [line]})


def _order(api: Api) -> Case:
    order = first(api, "/purchase-orders")
    line = {"product_id": order["items"][0]["product_id"], "quantity": 2, "unit_price": "3.00"}
    given = {"supplier_id": order["supplier_id"], "order_date": PAID_ON, "warehouse_id": order["warehouse_id"]}
    return Case({**given, "items": [line]}, (), "/purchase-orders")


def _order_payment(api: Api) -> Case:
    order = next(each for each in api.get("/purchase-orders", per_page=100)["data"] if each["total_due"] > 10)
    given = {"payment_date": PAID_ON, "payment_type": "cash", "paid_amount": "5.00"}
    return Case({"purchase_order_id": order["id"], **given}, (f"/purchase-orders/{order['id']}",))


def _order_payment_update(api: Api) -> Case:
    case = _order_payment(api)
    order_id = case.arguments["purchase_order_id"]
    paid = {"payment_date": PAID_ON, "payment_type": "cash", "paid_amount": 5, "remarks": "first"}
    api.post(f"/purchase-orders/{order_id}/payments", paid)
    made = api.get(f"/purchase-orders/{order_id}")["data"]["payments"][-1]
    given = {"purchase_order_id": order_id, "payment_id": made["id"], "remarks": "second", "paid_amount": "4.00"}
    return Case(given, case.look)


def _obligation(api: Api, *, linked: bool) -> Case:
    every = api.get("/payment-obligations", per_page=100)["data"]
    open_ones = [each for each in every if each["status"] == "open" and (each["bill_id"] is not None) is linked]
    for each in open_ones:
        bills = [each["bill_id"]] if linked else [_bill_of(api, each["vendor_id"], each["currency"])]
        if bills[0] is not None:
            look = (f"/payment-obligations/{each['id']}",)
            return Case({"payment_obligation_id": each["id"], "bill_id": bills[0]}, look)
    raise AssertionError("no such obligation in the books")


def _bill_of(api: Api, vendor_id: int, currency: str) -> int | None:
    query = {"vendor_id": vendor_id, "currency": currency, "status": "posted", "per_page": 1}
    rows = api.get("/bills", **query)["data"]
    return rows[0]["id"] if rows else None


def _link(api: Api) -> Case:
    return _obligation(api, linked=False)


def _unlink(api: Api) -> Case:
    return _obligation(api, linked=True)


def _boms(api: Api, *, attached: bool) -> Case:
    rows = api.get("/products", per_page=100)["data"]
    product = next(each for each in rows if bool(each["boms"]) is attached)
    boms = [each["id"] for each in product["boms"]] or [first(api, "/boms")["id"]]
    return Case({"product_id": int(product["id"]), "bom_ids": boms}, (f"/products/{product['id']}",))


def _fulfillment(api: Api, *, pushed: bool) -> Case:
    query = {"order_status": "pushed" if pushed else "pending", "per_page": 100}
    giving_back = [
        each for each in api.get("/fulfillment-orders", **query)["data"] if each["destination"] == "ShipStation"
    ]
    return Case({"id": giving_back[0]["id"]}, (f"/fulfillment-orders/{giving_back[0]['id']}",))


def _contact(api: Api) -> Case:
    company = int(first(api, "/companies")["id"])
    given = {"first_name": "Ann", "email": f"{uuid.uuid4().hex}@x.example", "company_id": company}
    return Case(given, (), "/contacts")


def _bom(api: Api) -> Case:
    product = first(api, "/products")
    return Case({"name": fresh(), "items": [{"product_id": int(product["id"]), "quantity": 1}]}, (), "/boms")


def _product(api: Api) -> Case:
    return Case({"name": fresh(), "sku": uuid.uuid4().hex[:12].upper()}, (), "/products")


def _unit(api: Api) -> Case:
    klass = api.post("/unit-classes", {"name": fresh()})
    given = {"unit_class_id": int(klass["id"]), "name": fresh(), "description": "Of a test", "base_unit": True}
    return Case(given, (), "/unit-of-measures")


def _rule(api: Api) -> Case:
    product = int(first(api, "/products")["id"])
    units = {"base_unit_of_measure_id": 3, "converted_unit_of_measure_id": 1, "conversion_factor": "11"}
    return Case({"type": "SKU", "product_id": product, **units}, (), "/unit-conversion-rules")


def _rule_update(api: Api) -> Case:
    rule = first(api, "/unit-conversion-rules")
    names = ("id", "type", "base_unit_of_measure_id", "converted_unit_of_measure_id")
    given = {name: rule[name] for name in names}
    return Case({**given, "conversion_factor": "7"}, (f"/unit-conversion-rules/{rule['id']}",))


def _field_mapping_update(api: Api) -> Case:
    row = first(api, "/integration/field-mappings")
    given = {name: row[name] for name in ("id", "field_name", "luminous_value", "app_integration_account_id")}
    return Case({**given, "external_value": fresh()}, (f"/integration/field-mappings/{row['id']}",))


def _definition_update(api: Api) -> Case:
    row = first(api, "/custom-fields")
    given = {"custom_field_id": row["id"], "object_types": row["object_types"], "label": fresh()}
    return Case(given, (f"/custom-fields/{row['id']}",))


def _channel(api: Api) -> Case:
    group = first(api, "/warehouse-groups")["id"]
    return Case({"label": fresh(), "channel_type": "sales_channel", "warehouse_group_id": group}, (), "/channels")


def _bill_status(api: Api) -> Case:
    bill = api.new_bill("draft")
    return Case({"bill_id": bill["id"], "status": "posted"}, (f"/bills/{bill['id']}",))


def _obligation_status(api: Api) -> Case:
    obligation_id = _obligation(api, linked=False).arguments["payment_obligation_id"]
    look = (f"/payment-obligations/{obligation_id}",)
    return Case({"payment_obligation_id": obligation_id, "status": "cancelled"}, look)


def _customer_return(api: Api) -> Case:
    for order in api.get("/sales-orders", order_status="shipped", sort="id:desc", per_page=20)["data"]:
        line = api.get(f"/sales-orders/{order['id']}")["data"]["items"][0]
        given = {"sales_order_id": order["id"], "items": [{"sales_order_item_id": line["id"], "quantity": 1}]}
        return Case(given, (), "/returns")
    raise AssertionError("no such order in the books")


CASES: dict[str, Callable[[Api], Case]] = {
    "hold_bill": of_bill("posted"),
    "unhold_bill": of_bill("hold"),
    "post_bill": of_bill("draft"),
    "reopen_bill": of_bill("posted"),
    "record_bill_payment": _payment,
    "create_bill_allocation": _allocation,
    "upload_bill_attachment": _attachment,
    "create_vendor_credit": _credit,
    "apply_vendor_credit": _apply_credit,
    "apply_prepayment": _apply_prepayment,
    "create_vendor_return": _vendor_return,
    "link_bill_to_payment_obligation": _link,
    "unlink_bill_from_payment_obligation": _unlink,
    "create_purchase_order": _order,
    "record_purchase_order_payment": _order_payment,
    "update_purchase_order_payment": _order_payment_update,
    "attach_product_boms": lambda api: _boms(api, attached=False),
    "detach_product_boms": lambda api: _boms(api, attached=True),
    "create_supplier": create("/suppliers", name=fresh, city="Hull"),
    "create_company": create("/companies", name=fresh),
    "create_contact": _contact,
    "create_product": _product,
    "create_bom": _bom,
    "create_unit_class": create("/unit-classes", name=fresh),
    "create_unit_of_measure": _unit,
    "create_warehouse": create("/warehouses", name=fresh),
    "create_warehouse_group": create("/warehouse-groups", name=fresh),
    "create_channel": _channel,
    "create_field_mapping": create(
        "/integration/field-mappings", field_name="carrier", luminous_value=fresh, external_value=fresh
    ),
    "create_integration_mapping": create("/integration-mappings", name=fresh),
    "create_custom_field_definition": create("/custom-fields", label=fresh, type="string"),
    "update_bill": update("/bills", "due_date", "2027-01-31", "bill_id", status="posted"),
    "update_payment_obligation": update(
        "/payment-obligations", "due_date", "2027-01-31", "payment_obligation_id", status="open"
    ),
    "create_unit_conversion_rule": _rule,
    "create_customer_return": _customer_return,
    "push_fulfillment_order": lambda api: _fulfillment(api, pushed=False),
    "unpush_fulfillment_order": lambda api: _fulfillment(api, pushed=True),
    "update_bill_status": _bill_status,
    "update_payment_obligation_status": _obligation_status,
    "update_purchase_order": update("/purchase-orders", "arrival_due_date", "2027-01-31", order_status="active"),
    "update_sales_order": update("/sales-orders", "customer_po_number", "Another number"),
    "update_unit_conversion_rule": _rule_update,
    "update_field_mapping": _field_mapping_update,
    "update_custom_field_definition": _definition_update,
    "update_supplier": update("/suppliers", "city", "Elsewhere", "supplier_id"),
    "update_company": update("/companies", "city", "Elsewhere", "company_id"),
    "update_contact": update("/contacts", "last_name", "Elsewhere", "contact_id"),
    "update_product": update("/products", "description", "Something else"),
    "update_bom": update("/boms", "name", "Another name", "bom_id"),
    "update_unit_class": update("/unit-classes", "name", "Another name"),
    "update_unit_of_measure": update("/unit-of-measures", "name", "Another name"),
    "update_warehouse": update("/warehouses", "name", "Another name"),
    "update_warehouse_group": update("/warehouse-groups", "name", "Another name"),
    "update_channel": update("/channels", "label", "Another name", "channel_id"),
    "update_integration_mapping": update("/integration-mappings", "name", "Another name"),
}
NOT_IN_THE_SANDBOX = {
    "billdiary_create_purchase_requisition",
    "billdiary_update_purchase_requisition_status",
    "billdiary_create_purchase_order",
    "billdiary_update_purchase_order",
    "billdiary_update_purchase_order_status",
    "billdiary_create_purchase",
    "billdiary_update_purchase",
    "billdiary_create_purchase_return",
    "update_custom_field_values",
    "upsert_product",
    "update_transaction_cogs",
}


def seen(api: Api, case: Case) -> list[Any]:
    """The records, without the marks that each write leaves."""
    return [_settled(api.get(path)["data"]) for path in case.look]


def _settled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _standing(_settled(each), name) for name, each in value.items() if name not in TOUCHED}
    return [_settled(each) for each in value] if isinstance(value, list) else value


def _standing(value: Any, name: str) -> Any:
    """A voided payment and a reversed application stay on record, and count for nothing."""
    if name in ("payments", "applications"):
        return [each for each in value if each.get("status") not in ("void", "reversed")]
    return value


def is_gone(api: Api, path: str) -> bool:
    """Whether a record was deleted: it is not there, or stays on record as deleted or inactive."""
    answer = httpx.get(api.base_url + path, headers={"Authorization": f"Bearer {KEY}"})
    if answer.status_code == 404:
        return True
    record = answer.json()["data"]
    return record.get("order_status") == "deleted" or record.get("status") in (0, "inactive")


@pytest.mark.parametrize("tool", CASES)
async def test_what_is_undone_is_as_it_was_before(api: Api, tool: str) -> None:
    case = CASES[tool](api)
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        before = seen(api, case)
        done = await written(client, tool, case.arguments)
        assert done["undo"] == has_inverse(tool, TOOLS)
        assert not case.look or seen(api, case) != before, "the write changed nothing that is looked at"
        changed = seen(api, case)
        plan = await planned(client, "plan_undo", {"journal_id": done["journal_id"]})
        assert plan["tool"] == done["undo"]
        assert seen(api, case) == changed, "planning an undo changed something"
        result = await confirmed(client, plan["plan_id"])
        assert result.structured_content["status"] == "done", text_of(result)
        last, _ = here.journal.writes()
        assert last.tool == done["undo"]
        made = (done.get("record") or {}).get("id")
    assert seen(api, case) == before
    if case.gone:
        assert made is not None
        assert is_gone(api, f"{case.gone}/{made}")
    elif not case.look:
        path = {"create_vendor_credit": "/vendor-credits", "create_vendor_return": "/vendor-returns"}[tool]
        assert api.get(f"{path}/{made}")["data"]["status"] == "cancelled"


@pytest.mark.parametrize("era", ERAS)
async def test_an_undo_is_confirmed_like_any_write(api: Api, era: str) -> None:
    bill, person = api.new_bill(), Person(YES)
    async with house(api.base_url, writes=Writes.STRICT) as here:
        async with connect(here.server, era, elicitation_callback=person) as client:
            await client.call_tool("hold_bill", {"bill_id": bill["id"]})
            done = await client.call_tool("plan_undo", {"journal_id": here.journal.writes()[0].id})
            assert done.structured_content["status"] == "done", text_of(done)
        async with connect(here.server, era) as client:
            assert "approval of a person" in await refused(client, "plan_undo", {"journal_id": 1})
    assert len(person.asked) == 2
    assert "status: hold -> " in person.asked[1] or "Unhold bill" in person.asked[1]
    assert api.bill(bill["id"])["status"] == "posted"


async def test_an_undo_can_be_undone_and_a_reason_comes_back(api: Api) -> None:
    bill = api.new_bill("hold")
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        journal_id = (await written(client, "unhold_bill", {"bill_id": bill["id"]}))["journal_id"]
        for status in ("hold", "posted", "hold"):
            journal_id = (await written(client, "plan_undo", {"journal_id": journal_id}))["journal_id"]
            assert api.bill(bill["id"])["status"] == status
        assert len(here.journal.writes()) == 4
    assert api.bill(bill["id"])["hold_reason"] == bill["hold_reason"] == "checking"


async def test_what_was_attached_before_stays_attached(api: Api) -> None:
    product = next(each for each in api.get("/products", per_page=100)["data"] if each["boms"])
    there = product["boms"][0]["id"]
    boms = [each["id"] for each in api.get("/boms", per_page=100)["data"] if each["id"] != there]
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        idle = await written(client, "attach_product_boms", {"product_id": int(product["id"]), "bom_ids": [there]})
        assert "changed nothing" in await refused(client, "plan_undo", {"journal_id": idle["journal_id"]})
        for other in boms:
            given = {"product_id": int(product["id"]), "bom_ids": [there, other]}
            plan = await planned(client, "attach_product_boms", given)
            both = (await confirmed(client, plan["plan_id"])).structured_content
            if both["status"] == "done":  # Else the product itself is a part of it.
                break
        await written(client, "plan_undo", {"journal_id": both["journal_id"]})
        assert len(here.journal.writes()) > 2
    assert first_boms(api, product) == [each["id"] for each in product["boms"]]


def first_boms(api: Api, product: dict[str, Any]) -> list[int]:
    return [each["id"] for each in api.get(f"/products/{product['id']}")["data"]["boms"]]


# Refusals


def row(journal: Journal, operation: Operation, status: str | None, company: str = "test") -> int:
    """A write of that tool in the journal, with made-up ids."""
    arguments = check(TOOLS["get_bill"].arguments, {"bill_id": 1})
    path = operation.path.format(**dict.fromkeys(operation.path_arguments, "1"))
    request = compose(TOOLS["get_bill"], arguments)
    plan = Plan(
        id=uuid.uuid4().hex,
        operation=operation,
        arguments=arguments,
        request=type(request)(operation.method, path, body={"anything": "sent"}),
        principal="tester",
        company=company,
        summary=operation.title,
        changes=(),
        warnings=(),
        money=Sum(Decimal(1), "USD"),
        fingerprint="",
        made_at=journal._clock(),
        expires_at=journal._clock(),
    )
    write_id = journal.intend(plan, Policy().repeat_window)
    if status is not None:
        journal.conclude(write_id, Status(status), "as the test says", "1")
    return write_id


async def test_every_write_has_an_inverse_that_is_tried_here_or_says_why_it_has_none() -> None:
    def nothing(exchange: Exchange) -> None:
        exchange.json({"message": "nothing here"}, 404)

    writes = [operation for name, operation in TOOLS.items() if KNOWN.entries[name].effect != "read"]
    with_inverse = {each.name for each in writes if has_inverse(each.name, TOOLS)}
    assert with_inverse == set(CASES) | NOT_IN_THE_SANDBOX
    assert set(CASES).isdisjoint(NOT_IN_THE_SANDBOX)
    assert set(TOOLS) >= NEVER
    with loopback(nothing) as upstream:
        billdiary = Connection.to_url(upstream.base_url, SecretStr("token"), "test", System.BILLDIARY)
        async with (
            house(upstream.base_url, billdiary=billdiary) as here,
            connect(here.server, "auto") as client,
        ):
            for operation in writes:
                if operation.name in with_inverse:
                    continue
                write_id = row(here.journal, operation, "done")
                said = await refused(client, "plan_undo", {"journal_id": write_id})
                assert f"Write {write_id} cannot be taken back: {operation.name} has no inverse" in said
        assert upstream.writes == []


@pytest.mark.parametrize(
    ("status", "words"),
    [("failed", "its outcome is failed"), ("unknown", "its outcome is unknown"), (None, "its outcome is not known")],
)
async def test_what_was_not_certainly_done_is_not_taken_back(api: Api, status: str | None, words: str) -> None:
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        write_id = row(here.journal, TOOLS["hold_bill"], status)
        assert words in await refused(client, "plan_undo", {"journal_id": write_id})
        assert len(here.journal.writes()) == 1


async def test_a_write_of_another_company_or_of_no_journal_is_not_taken_back(api: Api) -> None:
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        write_id = row(here.journal, TOOLS["hold_bill"], "done", company="elsewhere")
        said = await refused(client, "plan_undo", {"journal_id": write_id})
        assert "it was written to elsewhere, and this is test" in said
        for number in (0, -1, 2, 4711, 10**15):
            assert "there is no write" in await refused(client, "plan_undo", {"journal_id": number})


async def test_an_undo_that_would_restore_only_a_part_is_refused(api: Api) -> None:
    bill = api.new_bill()
    secret = {"contact_id": int(first(api, "/contacts")["id"]), "last_name": "New", "password": "hunter2-4711"}
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        noted = await written(client, "update_bill", {"bill_id": bill["id"], "notes": "later", "due_date": PAID_ON})
        said = await refused(client, "plan_undo", {"journal_id": noted["journal_id"]})
        assert "notes had no value before, and update_bill cannot take a value away" in said
        password = await written(client, "update_contact", secret)
        assert "undo" not in password
        said = await refused(client, "plan_undo", {"journal_id": password["journal_id"]})
        assert "the earlier password cannot be read" in said
        lines = [{"description": "Crates", "quantity": 1, "unit_cost": "100.00"}]
        draft = api.new_bill("draft")
        replaced = await written(client, "update_bill", {"bill_id": draft["id"], "items": lines})
        assert "undo" not in replaced
        said = await refused(client, "plan_undo", {"journal_id": replaced["journal_id"]})
        assert "items were replaced" in said
        assert len(here.journal.writes()) == 3


async def test_an_undo_needs_what_its_tool_needs(api: Api) -> None:
    bill = api.new_bill()
    rules = Policy.model_validate({"tools": {"unhold_bill": "deny"}})
    async with house(api.base_url, policy=rules) as here, connect(here.server, "auto") as client:
        held = await written(client, "hold_bill", {"bill_id": bill["id"]})
        said = await refused(client, "plan_undo", {"journal_id": held["journal_id"]})
        assert "tools.unhold_bill is deny" in said
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        paid = await written(client, "record_bill_payment", payment(api.new_bill()))
        here.calls.catalogue = KNOWN.narrowed(exclude_tools=["void_bill_payment"])
        said = await refused(client, "plan_undo", {"journal_id": paid["journal_id"]})
        assert "void_bill_payment, which is not enabled here" in said
        assert "plan_" not in said.replace("plan_undo", "")
    assert api.bill(bill["id"])["status"] == "hold"


async def test_without_writes_nothing_is_undone(api: Api, tmp_path: Path) -> None:
    bill, path = api.new_bill(), tmp_path / "journal.sqlite3"
    async with house(api.base_url, journal=path) as here, connect(here.server, "auto") as client:
        held = await written(client, "hold_bill", {"bill_id": bill["id"]})
    async with house(api.base_url, journal=path, writes=Writes.OFF) as here, connect(here.server, "auto") as client:
        result = await client.call_tool("plan_undo", {"journal_id": held["journal_id"]})
        assert result.is_error
        assert "plan_id" not in json.dumps(everything(result))
    assert api.bill(bill["id"])["status"] == "hold"
