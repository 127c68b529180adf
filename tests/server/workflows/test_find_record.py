"""find_record: whatever a number, SKU, name or email stands for, among all kinds at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

pytestmark = pytest.mark.anyio

REQUESTS = 24

NUMBERED = {
    "bill": "select id, bill_number as number from bills",
    "purchase_order": "select purchase_order_id as id, number from purchase_order_numbers",
    "sales_order": "select id, order_number as number from sales_orders",
    "product": "select id, sku as number from products where parent_id is null",
    "shipment": "select id, reference_number as number from shipments",
    "receiving_report": "select id, tracking_number as number from receiving_reports",
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


async def test_nothing_fits(here: Desk) -> None:
    answer = await here.ask("find_record", query="zzqqxxvv-77")
    assert answer.structured["facts"]["found"] == 0
    assert "Nothing fits" in answer.text


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
