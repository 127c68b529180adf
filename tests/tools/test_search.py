"""The right tool for a question, as people of the trade ask it; and an answer to any text at all."""

import tomllib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.retrieval import questions, ranks, recall
from tools import catalogue
from tools.search import PHRASES_FOLDER, Index

ENTRIES = list(catalogue.build())
NAMES = {entry.name for entry in ENTRIES}
INDEX = Index(ENTRIES)
QUESTIONS = questions()
LIMIT = 8

SAME = {
    "create_bill": ["enter a bill", "key in a purchase invoice", "book an AP invoice", "new vendor invoice"],
    "list_bills": ["all supplier invoices", "list vendor bills", "show AP invoices"],
    "list_invoices": ["all customer invoices", "list AR invoices", "show receivables"],
    "list_purchase_orders": ["all POs", "list purchase orders", "which orders did we place with suppliers"],
    "get_sales_order": ["SO 1009", "show sales order 1009", "so 1009"],
    "list_inventory_stock": ["stock on hand", "inventory on hand", "what is in stock"],
    "record_bill_payment": ["pay bill 77", "settle vendor invoice 77", "we paid bill 77"],
    "void_bill_payment": ["void a bill payment", "the check for bill 77 bounced"],
    "hold_bill": ["put bill 77 on hold", "block bill 77 from payment"],
    "get_bills_aging": ["AP aging", "payables overdue by vendor", "aged payables", "ageing of vendor bills"],
    "list_receiving_reports": ["all receiving reports", "all GRNs", "list goods receipts"],
    "list_bill_allocations": ["landed cost of bill 77", "how is bill 77 allocated"],
    "list_vendor_credits": ["vendor credits", "supplier credit memos", "credit notes from vendors"],
    "list_oms_shipping_methods": ["shipping methods of the OMS", "shipping methods of the 3PL"],
    "list_boms": ["all BOMs", "all kits", "list assemblies", "all recipes"],
    "list_prepayments": ["all prepayments", "deposits paid to vendors", "advances to suppliers"],
    "list_currency_rates": ["exchange rates", "FX rates"],
    "create_transfer_order": ["move 20 mugs to another warehouse", "new stock transfer"],
    "list_warehouses": ["all warehouses", "list our DCs", "which distribution centres do we have"],
}
"""Ways to ask for the same."""


def found(query: str, limit: int = LIMIT) -> list[str]:
    return [each.entry.name for each in INDEX.find(query, limit=limit)]


@pytest.mark.parametrize(("tool", "query"), [(tool, query) for tool, queries in SAME.items() for query in queries])
def test_the_words_of_the_trade_mean_the_same(tool: str, query: str) -> None:
    assert tool in found(query, 3)


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("vender statment", "vendor statement"),
        ("recieving reports", "receiving reports"),
        ("purchse order 12", "purchase order 12"),
        ("invetory levels", "inventory levels"),
        ("delete warehose group 3", "delete warehouse group 3"),
    ],
)
def test_a_slip_finds_what_the_right_spelling_finds(slip: str, right: str) -> None:
    assert found(slip, 3) == found(right, 3)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("show bill 12", "show all bills"),
        ("show warehouse 12", "show all warehouses"),
        ("show sales order 12", "show all sales orders"),
        ("details of this vendor return", "which vendor returns are there"),
    ],
)
def test_an_id_asks_for_one_record_and_a_plural_for_many(one: str, many: str) -> None:
    assert found(one, 1)[0].startswith("get_")
    assert found(many, 1)[0].startswith("list_")


@pytest.mark.parametrize("thing", ["contact", "warehouse", "product", "supplier", "field mapping", "custom field"])
def test_the_verb_decides_between_tools_for_one_thing(thing: str) -> None:
    verbs = {"create": "add a new", "update": "rename the", "delete": "get rid of a"}
    assert {verb: found(f"{words} {thing}", 1)[0].split("_")[0] for verb, words in verbs.items()} == {
        verb: verb for verb in verbs
    }


def test_billdiary_is_found_when_it_is_named() -> None:
    assert found("list purchase orders in BillDiary", 1) == ["billdiary_list_purchase_orders"]
    assert found("list purchase orders", 1) == ["list_purchase_orders"]


@pytest.mark.parametrize("effect", ["read", "write", "money", "destroy", "outward"])
def test_an_effect_leaves_only_tools_with_it(effect: str) -> None:
    for query in ("delete bill payment", "push fulfillment order", "show all bills", "post the bill"):
        assert {each.entry.effect for each in INDEX.find(query, effect=effect)} <= {effect}
    assert "list_bills" in [each.entry.name for each in INDEX.find("enter a bill", effect="read")]


def test_the_same_index_is_built_from_the_same_tools() -> None:
    again = Index(catalogue.build())
    for one in QUESTIONS[::10]:
        assert again.find(one.question) == INDEX.find(one.question)
        assert found(one.question, 3) == found(one.question)[:3]


def test_an_index_without_tools_finds_nothing() -> None:
    assert Index(()).find("all bills") == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        " \n\t",
        '"',
        "*",
        "NEAR(bill, 2)",
        'bill" OR name:*',
        "-bill AND NOT ^invoice",
        "'; DROP TABLE tool; --",
        "\0\ud800",
        "請求書を支払う",
        "счёт поставщика",
        "bill " * 2_000,
        "b" * 10_000,
        "9" * 10_000,
        "Bill,;:.?! " * 1_000,
    ],
)
def test_hostile_queries_are_answered_within_the_limit(query: str) -> None:
    assert len(found(query)) <= LIMIT


WORDS = st.sampled_from(["bill", "POs", "no.", "77", "delete", "open", "of", "the", "take", "off", ",", "SO", "Acme"])


@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)), st.integers(0, 20))
def test_any_text_is_answered(query: str, limit: int) -> None:
    answer = INDEX.find(query, limit=limit)
    assert len(answer) <= limit
    assert [each.score for each in answer] == sorted((each.score for each in answer), reverse=True)
    assert len({each.entry.name for each in answer}) == len(answer)


def test_every_question_of_the_set_names_tools_that_exist() -> None:
    assert {tool for one in QUESTIONS for tool in one.tools} <= NAMES
    assert all(one.tools for one in QUESTIONS)


def test_phrases_cover_every_tool_once() -> None:
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(PHRASES_FOLDER.glob("*.toml"))]
    counts = Counter(name for file in files for name in file)
    assert counts == dict.fromkeys([*NAMES, "close_checklist"], 1)  # The workflow that is not always listed.
    assert all(phrases.strip() for file in files for phrases in file.values())


def test_the_right_tool_is_found_for_the_questions_of_the_set() -> None:
    """A guard against decay, below what is measured by tests.bench.retrieval."""
    places = ranks(INDEX, QUESTIONS)
    assert recall(places, 1) >= 0.83
    assert recall(places, 5) >= 0.96
