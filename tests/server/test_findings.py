"""Answers of workflows as text and as data: the same facts, exact numbers, and what is never left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.answers.answer import Answer
from server.answers.budget import compact, tokens
from server.answers.findings import findings_answer
from tools.workflows.findings import Amounts, Findings, Table

CODES = ("AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "JPY", "MXN", "NOK", "PLN", "SEK", "USD")
STOPPED = "the time of 50 s ran out after 12,300 of 1,048,576 rows"


def answered(found: Findings, budget: int) -> Answer:
    answer = findings_answer("cash_requirements", found, {"list_bills": 12}, budget=budget)
    assert tokens(answer.text) <= budget
    assert tokens(compact(answer.structured)) <= budget
    return answer


def amounts(rows: dict[str, int], each: str = "100.00") -> Amounts:
    """So many rows by currency."""
    return Amounts.of(
        [{"currency": code, "total": Decimal(each)} for code, count in rows.items() for _ in range(count)], "total"
    )


@pytest.mark.parametrize("budget", [300, 1_200])
def test_the_main_currency_is_never_the_one_that_is_cut(budget: int) -> None:
    owed = amounts(dict.fromkeys(CODES, 1) | {"USD": 90}, "10000.00")
    owed.merge(amounts(dict.fromkeys(CODES[:11], 2), "5000000.00"))
    answer = answered(Findings({"due": owed, "owed": owed}), budget)
    assert "900000.00 USD and 4 more currencies" in answer.text
    told = answer.structured["facts"]["owed"]
    assert told["USD"] == "900000.00"
    cut = answer.structured.get("currencies_left_out", {"owed": 0})["owed"]
    assert len(told) + cut == len(CODES)
    assert (cut == 0) is (budget == 1_200)


def test_of_as_many_rows_the_largest_currencies_are_told() -> None:
    owed = amounts(dict.fromkeys(CODES[:11], 3))
    owed.merge(amounts({"USD": 3}, "300000.00"))
    assert "900000.00 USD" in answered(Findings({"owed": owed}), 300).text


FACTS = st.dictionaries(
    st.sampled_from(("as_of", "vendor", "owed", "overdue", "bills", "notes", "net", "later")),
    st.one_of(
        st.integers(0, 10**9),
        st.decimals(0, 10**9, places=2),
        st.text("abcde é", max_size=200),
        st.dictionaries(st.sampled_from(CODES), st.integers(1, 3)).map(amounts),
    ),
)
TABLES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), max_size=3, unique_by=lambda each: each[0])


@given(facts=FACTS, tables=TABLES, notes=st.lists(st.sampled_from(("Short.", "Long " * 30)), max_size=4),
       stopped=st.sampled_from(("", STOPPED)), budget=st.integers(200, 1_500))  # fmt: skip
def test_text_and_data_tell_the_same_facts_and_first_of_all_what_was_not_read(
    facts: dict[str, Any], tables: list[tuple[str, int]], notes: list[str], stopped: str, budget: int
) -> None:
    made = [Table(name, ("id", "what"), [{"id": n, "what": "word " * 9} for n in range(many)]) for name, many in tables]
    answer = answered(Findings(facts, made, notes, stopped=stopped), budget)
    data = answer.structured
    assert data.get("stopped", "") == stopped
    assert ("\nNot all was read: " in answer.text.partition("<data>")[0]) is bool(stopped)
    rest = answer.text.partition("<data>\n")[2]
    said = [line.partition(": ")[0] for line in rest.partition("</data>")[0].splitlines()]
    assert [key for key in said if key in facts] == [*data["facts"]]
    # What is not there is counted.
    untold = sum(value != "" for value in facts.values()) - len(data["facts"])
    shown = sum(bool(table["rows"]) for table in data["tables"].values())
    assert data.get("left_out", 0) == untold + len(made) - shown


def test_notes_are_left_out_one_by_one() -> None:
    notes = ["First of all.", *["Something long that is good to know when there is room for it." for _ in range(30)]]
    kept = answered(Findings({"bills": 3}, notes=notes), 300).structured["notes"]
    assert 1 < len(kept) < len(notes)
    assert kept == notes[: len(kept)]


def test_numbers_are_exact_text_by_what_they_are_however_the_api_writes_them() -> None:
    rows = [
        {"id": 7, "units": 5, "cost": Decimal("0.1250"), "total": 12},
        {"id": 8, "units": Decimal("5.0"), "cost": 2, "total": Decimal("3.5")},
        {"id": 9, "units": Decimal("0.25"), "cost": None, "total": Decimal("3")},
    ]
    table = Table("lines", ("id", "units", "cost", "total"), rows, frozenset({"total"}), frozenset({"cost"}))
    answer = answered(Findings({"bills": 3}, [table]), 600)
    assert answer.structured["tables"]["lines"]["rows"] == [
        {"id": 7, "units": "5", "cost": "0.1250", "total": "12.00"},
        {"id": 8, "units": "5", "cost": "2.00", "total": "3.50"},
        {"id": 9, "units": "0.25", "total": "3.00"},
    ]
    assert "8,5,2.00,3.50" in answer.text
    assert answer.structured["facts"]["bills"] == 3
