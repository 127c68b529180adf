"""What follows from an update besides the fields that are sent: entries that go, sums that are computed anew."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from desk import PAID_ON, YES, Person, confirmed, payment, planned, policy
from harness import ERAS, Api, connect, house, text_of
from loopback import Exchange, loopback
from pydantic import SecretStr

from server.guard.modes import Writes
from server.upstream.connection import Connection

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Replacing:
    """An update that sends the array `name` of the record at `path`. kept: ids of the entries that stay."""

    tool: str
    arguments: dict[str, Any]
    path: str
    name: str
    kept: set[int]
    anew: str = ""


def first_product(api: Api, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/products", per_page=1, **query)["data"][0]
    return found


def ids(entries: list[dict[str, Any]]) -> set[int]:
    return {int(each["id"]) for each in entries}


def new_order(api: Api) -> dict[str, Any]:
    """A purchase order of four lines and two payments that nothing hangs on."""
    product = first_product(api)["id"]
    body = {
        "supplier_id": int(api.get("/suppliers", per_page=1)["data"][0]["id"]),
        "order_date": PAID_ON,
        "items": [{"product_id": product, "quantity": 5, "unit_price": price} for price in ("1.5", "2.5", "3.5", "4")],
        "payments": [
            {"payment_date": PAID_ON, "payment_type": "check", "paid_amount": paid} for paid in ("1.00", "2.00")
        ],
    }
    made: dict[str, Any] = api.post("/purchase-orders", body)
    return made


def order_lines(api: Api) -> Replacing:
    order = new_order(api)
    kept, *_ = order["items"]
    same = {"product_id": kept["product_id"]}
    lines = [{"id": kept["id"], **same, "quantity": 7}, {**same, "quantity": 1, "unit_price": "9.00"}]
    anew = "computed anew: order_cost, total_cost, total_due"
    arguments = {"id": order["id"], "items": lines}
    return Replacing("update_purchase_order", arguments, f"/purchase-orders/{order['id']}", "items", {kept["id"]}, anew)


def order_payments(api: Api) -> Replacing:
    order = new_order(api)
    *_, kept = order["payments"]
    arguments = {"id": order["id"], "payments": [{"id": kept["id"], "paid_amount": "2.50"}]}
    anew = "computed anew: total_paid, total_due"
    return Replacing(
        "update_purchase_order", arguments, f"/purchase-orders/{order['id']}", "payments", {kept["id"]}, anew
    )


def variants(api: Api) -> Replacing:
    """One stays by its id, one by its SKU alone."""
    skus = [f"V-{uuid.uuid4().hex[:10]}" for _ in range(4)]
    made = [{"sku": sku, "name": f"Variant {sku}"} for sku in skus]
    product = api.post("/products", {"sku": f"P-{skus[0]}", "name": "Lamp", "variants": made})
    one, two, *_ = api.get(f"/products/{product['id']}")["data"]["variants"]
    sent = [{"id": int(one["id"]), "sku": one["sku"]}, {"sku": two["sku"], "name": "Renamed"}]
    arguments = {"id": int(product["id"]), "variants": sent}
    return Replacing("update_product", arguments, f"/products/{product['id']}", "variants", ids([one, two]))


@pytest.mark.parametrize("make", [order_lines, order_payments, variants])
async def test_exactly_the_entries_go_that_the_plan_names(api: Api, make: Callable[[Api], Replacing]) -> None:
    case = make(api)
    before: list[dict[str, Any]] = api.get(case.path)["data"][case.name]
    going = [str(each["id"]) for each in before if int(each["id"]) not in case.kept]
    sent = len(case.arguments[case.name])
    said = f"{case.name}: the {sent} sent take the place of the {len(before)} stored; these go: {', '.join(going)}"
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        result = await client.call_tool(case.tool, case.arguments)
        plan = result.structured_content
        assert plan["consequences"] == [said, *([case.anew] if case.anew else ())]
        assert f"Consequences:\n- {said}" in text_of(result).partition("<data>")[0]
        assert api.get(case.path)["data"][case.name] == before
        assert not (await confirmed(client, plan["plan_id"])).is_error
    after = ids(api.get(case.path)["data"][case.name])
    assert ids(before) - after == {int(each) for each in going}
    assert ids(before) & after == case.kept


async def test_what_replaces_nothing_and_moves_no_sum_has_no_consequences(api: Api) -> None:
    order = new_order(api)
    every = [{"id": each["id"], "quantity": each["quantity"]} for each in order["items"]]
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        noted = await planned(client, "update_purchase_order", {"id": order["id"], "public_note": "At the back door"})
        whole = await planned(client, "update_purchase_order", {"id": order["id"], "items": every})
        taxed = await planned(client, "update_purchase_order", {"id": order["id"], "total_tax": "1.00"})
    assert noted["consequences"] == []
    assert whole["consequences"][0] == "items: the 4 sent take the place of the 4 stored; none of them goes"
    assert taxed["consequences"] == ["computed anew: order_cost, total_cost, total_due"]


async def test_of_many_entries_the_first_are_named_and_the_others_counted() -> None:
    record = {"id": 7, "items": [{"id": number} for number in range(1, 101)], "payments": [{"paid_amount": 5}]}
    with loopback(lambda exchange: exchange.json({"data": record})) as upstream:
        async with house(upstream.base_url) as here, connect(here.server, "auto") as client:
            arguments = {"id": 7, "items": [{"id": 1, "quantity": 1}], "payments": []}
            payments, lines = (await planned(client, "update_purchase_order", arguments))["consequences"]
    assert lines.endswith(f"these go: {', '.join(map(str, range(2, 22)))} and 79 more")
    assert payments == "payments: the 0 sent take the place of the 1 stored", "without ids nothing can be named"


async def test_a_line_of_billdiary_stays_by_the_key_of_its_own() -> None:
    stored = {"id": 7, "status": "received", "lines": [{"id": number} for number in (11, 12, 13)]}
    line = {
        "product_id": 1,
        "variation_id": 2,
        "quantity": 3,
        "pp_without_discount": "2.00",
        "purchase_price": "2.00",
        "purchase_price_inc_tax": "2.00",
        "item_tax": 0,
    }
    purchase = {
        "id": 7,
        "contact_id": 1,
        "transaction_date": PAID_ON,
        "status": "received",
        "total_before_tax": "12.00",
        "final_total": "12.00",
        "purchases": [{**line, "purchase_line_id": 12}, line],
    }

    def answer(exchange: Exchange) -> None:
        exchange.json({"data": stored})

    with loopback(answer) as upstream:
        billdiary = Connection.to_billdiary(SecretStr("key"), SecretStr("secret"), upstream.base_url)
        async with (
            house(upstream.base_url, billdiary=billdiary) as here,
            connect(here.server, "auto") as client,
        ):
            plan = await planned(client, "billdiary_update_purchase", purchase)
    assert plan["consequences"][0].endswith("these go: 11, 13")


@pytest.mark.parametrize("era", ERAS)
async def test_whoever_agrees_is_told_the_consequences(api: Api, era: str) -> None:
    case, person = order_lines(api), Person(YES)
    async with (
        house(api.base_url, writes=Writes.STRICT) as here,
        connect(here.server, era, elicitation_callback=person) as client,
    ):
        other = {"tool": "record_bill_payment", "arguments": payment(api.new_bill())}
        both = {"writes": [{"tool": case.tool, "arguments": case.arguments}, other]}
        assert not (await client.call_tool("plan_batch", both)).is_error
    (asked,) = person.asked
    assert "items: the 2 sent take the place of the 4 stored; these go:" in asked.partition("<data>")[0]


async def test_a_second_person_is_told_the_consequences(api: Api) -> None:
    order = new_order(api)
    paid, _ = order["payments"]
    given = {"purchase_order_id": order["id"], "payment_id": paid["id"], "paid_amount": "40.00"}
    rules = policy(four_eyes={"above": {order["currency"]: "30.00"}})
    async with house(api.base_url, policy=rules) as here, connect(here.server, "auto") as client:
        plan = await planned(client, "update_purchase_order_payment", given)
        assert (await confirmed(client, plan["plan_id"])).is_error
        (proposal,) = here.journal.proposals()
    assert plan["consequences"] == ["computed anew: total_paid, total_due"]
    assert proposal.writes[0]["consequences"] == plan["consequences"]
