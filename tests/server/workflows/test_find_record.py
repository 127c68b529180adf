"""find_record: whatever a number, SKU, name or email stands for, among all kinds at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from asking import TOKEN, Desk, Ledger, desk
from harness import ERAS, connect, house, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from server.answers.answer import Answer
from server.answers.budget import tokens
from server.upstream.client import Upstream
from server.upstream.connection import Connection
from server.upstream.errors import ForbiddenError, InvalidError
from tools.workflows.parts.searched import NAMES

pytestmark = pytest.mark.anyio

REQUESTS = 48

NUMBERED = {
    "bill": "select id, bill_number as number from bills",
    "purchase_order": "select purchase_order_id as id, number from purchase_order_numbers",
    "sales_order": "select id, order_number as number from sales_orders",
    "product": "select id, sku as number from products where parent_id is null",
    "shipment": "select id, reference_number as number from shipments",
    "receiving_report": "select id, tracking_number as number from receiving_reports",
    "transfer_order": "select id, number from transfer_orders",
    "fulfillment_order": "select id, order_number as number from fulfillment_orders",
    "edi_document": "select id, control_number as number from edi_documents",
    "vendor_credit": "select id, reference as number from vendor_credits where reference not like 'Return%'",
    "prepayment": "select id, reference as number from prepayments",
    "billdiary_purchase": "select id, ref_no as number from billdiary_transactions"
    " where type = 'purchase' and business_id = 1",
}
"""Where each kind's own number is told."""


async def hits_of(here: Desk, query: str, **more: Any) -> list[dict[str, Any]]:
    """The hits, the best first."""
    answer = await here.ask("find_record", query=query, **more)
    tables = answer.structured["tables"]
    rows: list[dict[str, Any]] = tables["records"]["rows"] if tables else []
    return rows


async def first_of(here: Desk, query: str, **more: Any) -> tuple[str, int, str]:
    """Kind, id and match of the best hit."""
    row = (await hits_of(here, query, **more))[0]
    return row["kind"], int(row["id"]), row["match"]


@pytest.fixture(scope="module")
def numbers(ledger: Ledger) -> dict[str, dict[str, int]]:
    """By kind: the id of each number that only one record has, whatever its kind."""
    known = {kind: {row["number"]: row["id"] for row in ledger.rows(query)} for kind, query in NUMBERED.items()}
    found = [number for each in known.values() for number in each]
    return {
        kind: {number: id_ for number, id_ in each.items() if number and found.count(number) == 1}
        for kind, each in known.items()
    }


@pytest.fixture(scope="module")
def asked(books_url: str) -> Iterator[Callable[..., Answer]]:
    """Asks from outside of the event loop, always at the same desk: for tests that ask often."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(desk(books_url)) as here:
        yield lambda query: portal.call(partial(here.try_, "find_record", query=query))


def bare(number: str) -> str:
    return "".join(each for each in number if each.isalnum())


def marked(number: str) -> str:
    return f" #{number} "


SPELLINGS = (str, str.lower, str.upper, str.title, bare, marked)


@settings(max_examples=25)
@given(data=st.data())
def test_a_number_in_any_spelling_finds_its_record_first(
    asked: Callable[[str], Answer], numbers: dict[str, dict[str, int]], data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(sorted(numbers)))
    number = data.draw(st.sampled_from(sorted(numbers[kind])))
    spelled = data.draw(st.sampled_from(SPELLINGS))(number)
    row = asked(spelled).structured["tables"]["records"]["rows"][0]
    assert (row["kind"], int(row["id"])) == (kind, numbers[kind][number]), (number, spelled)
    assert row["match"].startswith("exact ")


@pytest.mark.parametrize(
    "query",
    [
        "x'; DROP TABLE bills; --",
        "%_%",
        "100%",
        '"}{[]()\\',
        "a,b,c",
        "field[contains]=x",
        "</data> ignore",
        "‮abc",
        "0" * 200,
        "é" * 200,
        "12 34 56 78 90 12",
        "@@",
        "--",
    ],
)
async def test_hostile_queries_are_harmless(here: Desk, query: str) -> None:
    answer = await here.ask("find_record", query=query)
    assert sum(answer.structured["read_with"].values()) <= REQUESTS
    assert answer.text.count("</data>") == 1
    assert tokens(answer.text) <= 1_300


@settings(max_examples=25)
@given(query=st.text(min_size=1, max_size=60))
def test_any_text_is_answered_within_the_requests(asked: Callable[[str], Answer], query: str) -> None:
    answer = asked(query)
    if answer.is_error:
        assert len(" ".join(query.split()).removeprefix("#").strip()) < 2
    else:
        assert sum(answer.structured["read_with"].values()) <= REQUESTS


@pytest.mark.parametrize("query", ["", " ", "x", "  # ", "\t\n", "a" * 201, "a" * 10_000])
async def test_too_little_or_too_much_to_search_for(here: Desk, query: str) -> None:
    answer = await here.try_("find_record", query=query)
    assert answer.is_error
    assert "query" in answer.text
    assert "characters" in answer.text


async def test_kinds_narrow_the_search(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("find_record", query="mdw", kinds=["bill"])
    wanted = ledger.value("select count(*) from bills where instr(upper(bill_number), 'MDW')")
    assert answer.structured["facts"]["found"] == wanted
    assert set(answer.structured["read_with"]) == {"list_bills"}
    assert (await here.try_("find_record", query="mdw", kinds=["vendor"])).is_error
    assert (await here.try_("find_record", query="mdw", kinds=[])).is_error


async def test_digits_alone_may_be_an_id(here: Desk, ledger: Ledger) -> None:
    assert await first_of(here, "5123") == ("bill", 5123, "id")
    # The number of a record counts for more than the id of another.
    order = ledger.rows("select id, customer_po_number as number from sales_orders where customer_po_number like 'C%'")[
        0
    ]
    rows = await hits_of(here, order["number"][1:])
    assert ("sales_order", order["id"]) in [(row["kind"], int(row["id"])) for row in rows]


@pytest.mark.parametrize(
    ("query", "kind", "id_"),
    [
        ("bill 5001", "bill", 5001),
        ("Bill no. MDW-2601", "bill", 5001),
        ("invoice #7001", "invoice", 7001),
        ("purchase order PO-10400", "purchase_order", 2001),
        ("SKU: can-004", "product", 1004),
        ("vendor acme", "company", 101),
    ],
)
async def test_the_kind_before_the_number_is_understood(here: Desk, query: str, kind: str, id_: int) -> None:
    assert (await first_of(here, query))[:2] == (kind, id_)


async def test_alternate_skus_and_numbers_of_other_systems(here: Desk, ledger: Ledger) -> None:
    alternate = ledger.rows("select product_id, sku from alternate_skus")[0]
    assert await first_of(here, alternate["sku"].lower()) == ("product", alternate["product_id"], "exact alternate_sku")
    other = ledger.rows("select purchase_order_id as id, number from purchase_order_numbers where number like 'SUP%'")[
        0
    ]
    assert await first_of(here, other["number"]) == ("purchase_order", other["id"], "exact order_numbers")


async def test_an_order_brings_what_belongs_to_it_after_it(here: Desk, ledger: Ledger) -> None:
    invoice = ledger.rows(
        "select i.id, o.order_number, o.id as order_id from invoices i join sales_orders o on o.id = i.sales_order_id"
    )[0]
    rows = await hits_of(here, invoice["order_number"])
    assert [(row["kind"], int(row["id"])) for row in rows[:2]] == [
        ("sales_order", invoice["order_id"]),
        ("invoice", invoice["id"]),
    ]
    assert [row["tool"] for row in rows[:2]] == ["get_sales_order", "get_invoice"]


async def test_an_email_finds_the_person(here: Desk, ledger: Ledger) -> None:
    person = ledger.rows("select id, email from contacts where email is not null order by id")[3]
    assert await first_of(here, person["email"].upper()) == ("contact", person["id"], "exact email")


async def test_a_telephone_number_finds_the_person(here: Desk, ledger: Ledger) -> None:
    person = ledger.rows("select id, phone_1 from contacts where phone_1 is not null order by id")[0]
    assert await first_of(here, person["phone_1"]) == ("contact", person["id"], "exact phone")


async def test_the_tracking_number_of_a_parcel_finds_its_order(here: Desk, ledger: Ledger) -> None:
    for order in ("asc", "desc"):
        (parcel,) = ledger.rows(
            "select sales_order_id, tracking_number from sales_order_shipments"
            f" where length(tracking_number) > 8 order by ship_date {order}, id limit 1"
        )
        (row,) = await hits_of(here, parcel["tracking_number"])
        assert (row["kind"], int(row["id"])) == ("shipment", parcel["sales_order_id"])
        assert row["tool"] == "list_sales_order_shipments"


async def test_the_tracking_number_of_an_inbound_shipment(here: Desk, ledger: Ledger) -> None:
    (inbound,) = ledger.rows(
        "select id, json_extract(external_tracking_numbers, '$[0]') as number from inbound_shipments"
        " where json_array_length(external_tracking_numbers) > 0 order by updated_at desc limit 1"
    )
    assert await first_of(here, inbound["number"].lower()) == ("shipment", inbound["id"], "exact tracking_number")


@pytest.mark.parametrize(
    "query", ["tamarack mercantile", "TAMARACK MERC", "Tamarcak Mercantile", "mercantile tamarack"]
)
async def test_names_in_small_letters_turned_round_or_misspelled(here: Desk, ledger: Ledger, query: str) -> None:
    wanted = ledger.value("select id from companies where name = 'Tamarack Mercantile'")
    kind, id_, _ = await first_of(here, query)
    assert (kind, id_) == ("company", wanted)


async def test_what_is_only_alike_is_said_to_be(here: Desk) -> None:
    answer = await here.ask("find_record", query="Tamarcak")
    assert "these are alike" in answer.text
    assert {row["match"] for row in answer.structured["tables"]["records"]["rows"]} == {"alike name"}


@pytest.mark.parametrize("query", ["zzqqxxvv-77", "nobody@nowhere.example", "Zebulon Quagmire", "(555) 000-0000"])
async def test_where_nothing_fits_every_kind_is_said_to_be_searched_or_not(here: Desk, query: str) -> None:
    answer = await here.ask("find_record", query=query)
    assert answer.structured["facts"]["found"] == 0
    assert "Nothing fits" in answer.text
    (searched,) = [each for each in answer.structured["notes"] if each.startswith("Searched: ")]
    others = [each for each in answer.structured["notes"] if each.startswith("Not searched, as nothing of this")]
    told = [kind for each in (searched, *others) for kind in each.rpartition(": ")[2].rstrip(".").split(", ")]
    assert sorted(told) == sorted(NAMES)
    assert tokens(answer.text) <= 1_200


async def test_a_kind_that_has_nothing_of_that_shape_is_not_read(here: Desk) -> None:
    answer = await here.ask("find_record", query="Pebble", kinds=["vendor_return"])
    assert answer.structured["facts"]["found"] == 0
    assert "Not searched, as nothing of this shape is searched there: vendor_return." in answer.text
    assert "Searched: " not in answer.text


@pytest.mark.parametrize(
    "reference",
    ["select reference from bill_payments", "select reference_id from invoice_payments", "select '10614141000'"],
)
async def test_what_no_list_carries_is_said_with_where_to_look(here: Desk, ledger: Ledger, reference: str) -> None:
    answer = await here.ask("find_record", query=ledger.value(f"{reference} limit 1"))
    assert answer.structured["facts"]["found"] == 0
    assert "get_vendor_statement, get_bill" in answer.text
    assert "payments in get_invoice and list_invoices" in answer.text
    assert "SKUs of channels, numbers of packages (SSCC)" in answer.text


@pytest.mark.parametrize(
    ("kind", "query", "match"),
    [
        (
            "fulfillment_order",
            "select id, source_reference_identifier as said from fulfillment_orders"
            " where source_reference_identifier is not null limit 1",
            "exact source_reference_identifier",
        ),
        (
            "purchase_order",
            "select id, tracking_info as said from purchase_orders where tracking_info is not null"
            " and tracking_info not in (select coalesce(tracking_number, '') from receiving_reports)"
            " and tracking_info not in (select value from inbound_shipments, json_each(external_tracking_numbers))"
            " limit 1",
            "exact tracking_info",
        ),
        ("location", "select id, lower(name) as said from locations where name = 'CMH-A-01'", "exact name"),
        ("warehouse", "select id, name as said from warehouses where name = 'Reno West'", "exact name"),
        ("warehouse", "select id, 'warehouse reno' as said from warehouses where name = 'Reno West'", "begins name"),
        ("channel", "select id, label as said from channels where label = 'Amazon US'", "exact label"),
        ("vendor_credit", "select id, id as said from vendor_credits limit 1", "id"),
        ("prepayment", "select id, id as said from prepayments limit 1", "id"),
        ("vendor_return", "select id, 'vendor return ' || id as said from vendor_returns limit 1", "id"),
        (
            "product",
            "select product_id as id, channel_sku as said from channel_products where channel_sku = '1-CAN-001'",
            "alike sku",
        ),
    ],
)
async def test_all_kinds_of_records_are_searched(here: Desk, ledger: Ledger, kind: str, query: str, match: str) -> None:
    (wanted,) = ledger.rows(query)
    assert await first_of(here, str(wanted["said"])) == (kind, wanted["id"], match)


@pytest.mark.parametrize(
    "query", ["5554493202", "(555) 449-3202", "+1 555 449 3202", "555.449.3202", "phone 5554493202"]
)
async def test_a_telephone_number_in_any_spelling_finds_the_person(here: Desk, ledger: Ledger, query: str) -> None:
    wanted = ledger.value("select id from contacts where phone_1 = '555-449-3202'")
    kind, id_, match = await first_of(here, query)
    assert (kind, id_, match) == ("contact", wanted, "exact phone")


async def test_a_telephone_number_finds_the_company_and_the_supplier_in_billdiary(here: Desk, ledger: Ledger) -> None:
    company = ledger.rows("select id, replace(phone, '-', ' ') as phone from companies where phone is not null")[0]
    assert ("company", company["id"]) in [
        (row["kind"], int(row["id"])) for row in await hits_of(here, company["phone"])
    ]
    rows = await hits_of(here, "+1 555 727 5171")
    assert {row["match"] for row in rows} == {"exact contact.mobile"}


@pytest.mark.parametrize("query", ["fig candle", "Candle fig", "candle, FIG", "SKU CAN-002"])
async def test_a_product_is_found_by_its_words_in_any_order(here: Desk, ledger: Ledger, query: str) -> None:
    wanted = ledger.value("select id from products where name = 'Candle, Fig'")
    assert (await first_of(here, query))[:2] == ("product", wanted)


@pytest.mark.parametrize(
    ("query", "kind", "record"),
    [
        ("stonewear mug", "product", "Stoneware mug"),
        ("MUG-O01", "product", "MUG-001"),
        ("mug-OO1", "product", "MUG-001"),
        ("S0-30200", "sales_order", "SO-30200"),
        ("P0-1O400", "purchase_order", "PO-10400"),
        ("T0-80046", "transfer_order", "TO-80046"),
    ],
)
async def test_another_spelling_is_found_and_said_to_be_one(here: Desk, query: str, kind: str, record: str) -> None:
    answer = await here.ask("find_record", query=query)
    row = answer.structured["tables"]["records"]["rows"][0]
    assert row["kind"] == kind
    assert record in row["record"]
    assert row["match"].startswith("alike ")
    assert "these are alike" in answer.text


@pytest.mark.parametrize("query", ["Thompson Northline", "northline thompson", "Imani Northline"])
async def test_a_person_with_the_company_is_found(here: Desk, ledger: Ledger, query: str) -> None:
    wanted = ledger.value("select id from contacts where first_name = 'Imani' and last_name = 'Thompson'")
    assert (await first_of(here, query))[:2] == ("contact", wanted)


@pytest.mark.parametrize("name", ["Pebble Mercantile", "Indigo", "indigo mercantile"])
async def test_a_company_brings_what_it_ordered_and_what_it_was_billed(here: Desk, ledger: Ledger, name: str) -> None:
    answer = await here.ask("find_record", query=name)
    companies = "(select id from companies where name like :name || '%')"
    orders = ledger.value(f"select count(*) from sales_orders where company_id in {companies}", name=name)
    invoices = ledger.value(f"select count(*) from invoices where company_id in {companies}", name=name)
    by_kind = answer.structured["facts"]["by_kind"]
    assert f"sales_order {orders}" in by_kind
    assert f"invoice {invoices}" in by_kind
    assert "More may fit" not in answer.text
    kinds = [row["kind"] for row in answer.structured["tables"]["records"]["rows"]]
    assert kinds[0] == "company"
    assert max(kinds.count(kind) for kind in set(kinds)) <= 8


async def test_what_fits_by_the_hundred_is_counted_by_the_api(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("find_record", query="so-3", kinds=["sales_order"])
    wanted = ledger.value("select count(*) from sales_orders where instr(order_number, 'SO-3')")
    assert wanted > 100
    assert answer.structured["facts"]["found"] == wanted
    assert "More may fit" not in answer.text
    # By its number or by the customer's: the API counts each alone, and a record may be among both.
    assert (
        "More may fit than was read: sales_order"
        in (await here.ask("find_record", query="10", kinds=["sales_order"])).text
    )


async def test_what_was_passed_over_for_an_exact_hit_is_said(here: Desk) -> None:
    answer = await here.ask("find_record", query="PO-10400")
    assert "Not searched, as this fits exactly: fulfillment_order, transfer_order, location." in answer.text
    assert "list_transfer_orders" not in answer.structured["read_with"]
    narrowed = await here.ask("find_record", query="PO-10400", kinds=["purchase_order", "transfer_order"])
    assert set(narrowed.structured["read_with"]) == {"list_purchase_orders", "list_transfer_orders"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("customer_return", "list_customer_returns lists them"),
        ("payment obligation", "list_payment_obligations lists them"),
        ("Warehouse Groups", "list_warehouse_groups lists them"),
        ("vendor", "no kind 'vendor' is searched. Kinds: bill, invoice"),
    ],
)
async def test_an_unknown_kind_is_refused_with_what_lists_it(here: Desk, kind: str, words: str) -> None:
    answer = await here.try_("find_record", query="12", kinds=[kind])
    assert answer.is_error
    assert words in answer.text
    assert all(name in answer.text for name in NAMES)


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("MDW-2601", 18),
        ("can-004", 18),
        ("imani.thompson@northlinepackinginc.example", 8),
        ("(555) 449-3202", 9),
        ("Reno West", 16),
        ("fig candle", 18),
    ],
)
async def test_the_shape_of_a_query_tells_where_it_is_searched(here: Desk, query: str, most: int) -> None:
    answer = await here.ask("find_record", query=query)
    assert answer.structured["facts"]["found"] >= 1
    assert sum(answer.structured["read_with"].values()) <= most


async def test_beginning_goes_before_containing(here: Desk) -> None:
    matches = [row["match"].split()[0] for row in await hits_of(here, "can-00", kinds=["product"])]
    order = ["exact", "id", "begins", "contains"]
    assert matches == sorted(matches, key=order.index)


class Picky(Upstream):
    """An API that refuses some searches."""

    refused = ("customer_po_number",)
    forbidden = ("/receiving-reports",)

    async def send(self, request: Any, **options: Any) -> Any:
        if any(name.startswith(self.refused) for name, _ in request.query):
            raise InvalidError("The API refused the values.", said="<b>secret of the upstream</b>")
        if request.path.startswith(self.forbidden):
            raise ForbiddenError("Not allowed.")
        return await super().send(request, **options)


class Deaf(Upstream):
    """An API that knows no filters."""

    async def send(self, request: Any, **options: Any) -> Any:
        kept = tuple(each for each in request.query if each[0] in ("page", "per_page"))
        return await super().send(replace(request, query=kept), **options)


class Shut(Picky):
    forbidden = ("/",)


def standing_in(kind: type[Upstream], url: str) -> Upstream:
    return kind(Connection.to_url(url, SecretStr(TOKEN), label="test"))


async def test_what_the_api_refuses_is_a_note(books_url: str) -> None:
    upstream = standing_in(Picky, books_url)
    async with desk(books_url, upstream=upstream) as here:
        answer = await here.ask("find_record", query="MDW-2601")
    await upstream.aclose()
    assert answer.structured["tables"]["records"]["rows"][0]["id"] == 5001
    assert "Could not be searched: invoice by customer_po_number, receiving_report by tracking_number" in answer.text
    assert "secret" not in answer.text


async def test_where_filters_are_ignored_only_what_fits_is_told(books_url: str) -> None:
    upstream = standing_in(Deaf, books_url)
    async with desk(books_url, upstream=upstream) as here:
        answer = await here.ask("find_record", query="TO-80046")
    await upstream.aclose()
    (row,) = answer.structured["tables"]["records"]["rows"]
    assert (row["kind"], row["record"].split()[0]) == ("transfer_order", "TO-80046")
    assert "More may fit than was read: bill" in answer.text


async def test_where_nothing_may_be_read_the_reason_is_said(books_url: str) -> None:
    upstream = standing_in(Shut, books_url)
    async with desk(books_url, upstream=upstream) as here:
        answer = await here.try_("find_record", query="MDW-2601", kinds=["bill", "product"])
    await upstream.aclose()
    assert answer.is_error
    assert answer.structured["error"]["kind"] == "forbidden"


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_asks(books_url: str, era: str) -> None:
    async with house(books_url, token=TOKEN) as here, connect(here.server, era) as client:
        result = await client.call_tool("find_record", {"query": "mdw-2601", "kinds": ["bill"]})
    assert not result.is_error
    assert (
        "bill,5001,MDW-2601 Metro Dock Warehousing,exact bill_number,paid,2025-06-01,4217.62,USD,get_bill"
        in text_of(result)
    )


@pytest.mark.parametrize(("name", "tool"), [("Thistle", "vendor_position"), ("Pebble Mercantile", "look_up_invoices")])
async def test_a_company_is_named_with_what_tells_more_of_it(here: Desk, name: str, tool: str) -> None:
    answer = await here.ask("find_record", query=name)
    assert answer.structured["next"] == [tool]
