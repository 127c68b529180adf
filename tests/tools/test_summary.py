"""Sums over rows that come by: the same as worked out at leisure with fractions, and never across currencies."""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.common import Money, Quantity, Record, View
from tools.arguments import InvalidArgumentsError
from tools.workflows.parts.summary import MAX_GROUPS, Line, Summary, SummaryResult


class Vendor(Record):
    name: str | None = None
    limit: Money | None = None


class Sale(Record):
    """A record with a field of each kind."""

    vendor: Vendor | None = None
    status: str | None = None
    day: dt.date | None = None
    currency: str | None = None
    amount: Money | None = None
    pieces: Quantity | None = None
    lines: list[Vendor] | None = None
    view: ClassVar[View] = View("vendor.name", "amount", sums=("amount",))


Row = dict[str, Any]


def summed(rows: Sequence[Row], group_by: Sequence[str], metrics: Sequence[str], **options: Any) -> SummaryResult:
    top = options.pop("top", 20)
    summary = Summary(group_by, metrics, options.pop("record", Sale))
    for start in range(0, len(rows), 3):
        summary.add(rows[start : start + 3])
    return summary.result(top)


def problems(rows: Sequence[Row], group_by: Sequence[str], metrics: Sequence[str], **options: Any) -> str:
    with pytest.raises(InvalidArgumentsError) as caught:
        summed(rows, group_by, metrics, **options)
    return str(caught.value)


def sale(**values: Any) -> Row:
    return {"vendor": {"name": "Acme"}, "status": "paid", "day": "2026-11-20", "currency": "USD", **values}


def keyed(result: SummaryResult) -> dict[Any, Any]:
    """Values by key, a single one without its tuple."""
    bare = [(line.keys[0] if len(line.keys) == 1 else line.keys, line.values) for line in result.groups]
    return {key: values[0] if len(values) == 1 else values for key, values in bare}


# Against a naive computation

NUMBERS = st.one_of(st.none(), st.integers(-(10**18), 10**18), st.decimals(-(10**15), 10**15, places=4))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "vendor": st.one_of(
                st.none(), st.fixed_dictionaries({"name": st.sampled_from([None, "A", "B", "C", "D"])})
            ),
            "status": st.sampled_from(["open", "paid", "", None]),
            "day": st.one_of(st.none(), st.dates().map(dt.date.isoformat)),
            "currency": st.sampled_from(["USD", "EUR", None]),
            "amount": NUMBERS,
            "pieces": NUMBERS,
        }
    ),
    max_size=40,
)
KEYS = st.lists(
    st.sampled_from(["vendor.name", "status", "day", "day:month", "day:quarter", "day:year", "currency"]),
    max_size=3,
    unique=True,
)
METRICS = st.lists(
    st.sampled_from(["count", *(f"{f}:{n}" for f in ("sum", "avg", "min", "max") for n in ("amount", "pieces"))]),
    min_size=1,
    max_size=4,
    unique=True,
)


def naive_key(row: Row, key: str) -> Any:
    field, _, unit = key.partition(":")
    value = (row["vendor"] or {}).get("name") if field == "vendor.name" else row[field]
    if not unit or value is None:
        return value
    day = dt.date.fromisoformat(value)
    quarter = f"{day.year:04d}-Q{-(-day.month // 3)}"
    return {"month": value[:7], "year": value[:4], "quarter": quarter}[unit]


def naive(rows: Sequence[Row], metric: str) -> Fraction | int | None:
    function, _, field = metric.partition(":")
    values = [Fraction(row[field]) for row in rows if row[field] is not None] if field else []
    if function == "count":
        return len(rows)
    if function == "sum":
        return sum(values, Fraction(0))
    if not values:
        return None
    if function == "avg":
        exact = sum(values, Fraction(0)) / len(values)
        return Fraction(round(exact * 10_000), 10_000)  # Rounds half to even, as it should.
    return min(values) if function == "min" else max(values)


def same(line: Line, rows: Sequence[Row], metrics: Sequence[str]) -> bool:
    told = [None if value is None else Fraction(value) for value in line.values]
    return line.rows == len(rows) and told == [naive(rows, metric) for metric in metrics]


@settings(deadline=None, max_examples=300)
@given(rows=ROWS, group_by=KEYS, metrics=METRICS, top=st.integers(-5, 5).filter(bool))
def test_every_line_is_what_its_rows_make(rows: list[Row], group_by: list[str], metrics: list[str], top: int) -> None:
    result = summed(rows, group_by, metrics, top=top)
    apart = any("amount" in metric for metric in metrics)
    by_currency: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        by_currency[row["currency"] if apart else None].append(row)
    assert result.rows == len(rows)
    assert {line.currency for line in result.totals} == (set(by_currency) or {None})
    for total in result.totals:
        members = by_currency[total.currency]
        assert same(total, members, metrics)
        groups: dict[Any, list[Row]] = defaultdict(list)
        for row in members:
            groups[tuple(naive_key(row, key) for key in group_by)].append(row)
        lines = [line for line in result.groups if line.currency == total.currency]
        told = [line for line in lines if not line.others]
        # A single other group is told as well.
        most = len(groups) if len(groups) == abs(top) + 1 else abs(top)
        assert len(told) == (min(most, len(groups)) if group_by else 0)
        for line in told:
            assert same(line, groups.pop(line.keys), metrics)
        for folded in lines[len(told) :]:
            assert folded.others == len(groups)
            assert same(folded, [row for each in groups.values() for row in each], metrics)
        last = min((naive_rank(line.values[0], top) for line in told), default=None)
        assert last is None or all(naive_rank(naive(each, metrics[0]), top) <= last for each in groups.values())


def naive_rank(value: Any, top: int) -> tuple[bool, Fraction]:
    return value is not None, Fraction(value or 0) * (1 if top > 0 else -1)


# Keys


@pytest.mark.parametrize(
    ("unit", "key"),
    [
        ("day", "2027-01-01"),
        ("week", "2026-W53"),
        ("month", "2027-01"),
        ("quarter", "2027-Q1"),
        ("year", "2027"),
    ],
)
@pytest.mark.parametrize("written", ["2027-01-01", "2027-01-01T00:00:00Z", "2027-01-01 23:59:59"])
def test_dates_are_grouped_by_periods(unit: str, key: str, written: str) -> None:
    assert keyed(summed([sale(day=written)], [f"day:{unit}"], ["count"])) == {key: 1}


def test_periods_stand_in_their_order_and_other_groups_by_size() -> None:
    days = ["2026-03-01", "2026-01-01", "2026-03-02", None, "2026-02-01", "no day"]
    rows = [sale(day=day, status=str(day)[:7]) for day in days]
    assert [*keyed(summed(rows, ["day:month"], ["count"]))] == ["2026-01", "2026-02", "2026-03", "no day", None]
    assert next(iter(keyed(summed(rows, ["status"], ["count"])))) == "2026-03"


def test_what_is_no_plain_value_is_a_key_too() -> None:
    values = [["a", 1, None], {"id": 7, "name": "Acme"}, {"id": 8, "name": "Acme"}, True, 1, Decimal("1.0"), [], {}]
    result = summed([sale(status=value) for value in values], ["status"], ["count"])
    assert keyed(result) == {1: 2, "a, 1": 1, "Acme (7)": 1, "Acme (8)": 1, "true": 1, "": 2}


def test_long_texts_are_bounded_and_still_told_apart() -> None:
    rows = [sale(status="x" * 100_000 + end) for end in "aab"]
    counts = keyed(summed(rows, ["status"], ["count"]))
    assert sorted(counts.values()) == [1, 2]
    assert all(len(key) <= 200 for key in counts)


# Figures


def test_sums_are_exact_where_floats_and_28_digits_are_not() -> None:
    rows = [sale(amount=Decimal("0.1"))] * 3 + [sale(amount=Decimal("99999999999999999999999999999.99"))]
    assert summed(rows, [], ["sum:amount"]).totals[0].values == (Decimal("100000000000000000000000000000.29"),)


def test_numbers_that_cannot_be_added_exactly_are_refused() -> None:
    rows = [sale(amount=Decimal("1E+1000000")), sale(amount=Decimal("0.01"))]
    assert "too long" in problems(rows, [], ["sum:amount"])
    assert "too long" in problems([{**row, "status": str(n)} for n, row in enumerate(rows)], ["status"], ["sum:amount"])


@pytest.mark.parametrize(
    ("amounts", "average"), [(["1", "2", "2"], "1.6667"), (["0.00005", "0.00015"], "0.0001"), (["1.50", "1.50"], "1.5")]
)
def test_an_average_has_four_places_at_most(amounts: list[str], average: str) -> None:
    rows = [sale(amount=Decimal(amount)) for amount in [*amounts]] + [sale(amount=None)]
    assert summed(rows, [], ["avg:amount"]).totals[0].values == (Decimal(average),)


def test_dates_have_a_first_and_a_last() -> None:
    rows = [sale(day=day) for day in ("2026-03-01", None, "2025-12-31", "2026-11-20")]
    assert summed(rows, [], ["min:day", "max:day"]).totals[0].values == ("2025-12-31", "2026-11-20")


def test_numbers_written_as_text_count_where_the_record_says_they_are_numbers() -> None:
    rows = [sale(amount="10.50", price="10.50"), sale(amount=Decimal("0.25"), price="1")]
    assert summed(rows, [], ["sum:amount"]).totals[0].values == (Decimal("10.75"),)
    assert "sum:price: price is text" in problems(rows, [], ["sum:price"])


# Currencies


def test_amounts_in_two_currencies_are_told_apart_and_other_numbers_are_not() -> None:
    rows = [sale(amount=1, pieces=1), sale(amount=2, pieces=2, currency="EUR"), sale(amount=4, pieces=4)]
    result = summed(rows, ["status"], ["sum:amount"])
    assert [(line.keys, line.currency, line.values) for line in result.groups] == [
        (("paid",), "USD", (5,)),
        (("paid",), "EUR", (2,)),
    ]
    assert [(line.currency, line.values) for line in result.totals] == [("USD", (5,)), ("EUR", (2,))]
    assert result.money == (True,)
    assert keyed(summed(rows, ["status"], ["sum:pieces"])) == {"paid": 7}
    assert keyed(summed(rows, ["status"], ["count"])) == {"paid": 3}


def test_what_nothing_is_known_of_may_be_an_amount() -> None:
    rows = [{"net": 1, "currency": {"code": "USD"}}, {"net": 2, "currency": {"code": "EUR"}}]
    for record in (None, Sale):
        assert [line.currency for line in summed(rows, [], ["sum:net"], record=record).totals] == ["USD", "EUR"]
    assert summed([{"net": 1}, {"net": 2}], [], ["sum:net"], record=None).totals[0].currency is None


def test_the_most_are_told_in_each_currency_and_the_rest_is_one_line() -> None:
    rows = [sale(amount=n, status=f"s{n}", currency=c) for n, c in itertools.product(range(1, 6), ("USD", "EUR"))]
    result = summed(rows, ["status"], ["sum:amount", "count"], top=2)
    told = [(line.currency, line.keys[0], line.values, line.others) for line in result.groups]
    assert told == [
        (currency, *rest)
        for currency in ("USD", "EUR")
        for rest in (("s5", (5, 1), 0), ("s4", (4, 1), 0), (None, (6, 3), 3))
    ]
    assert result.found == 10


def test_grouping_by_the_currency_is_enough_to_keep_it_apart() -> None:
    rows = [sale(amount=1), sale(amount=2, currency="EUR")]
    result = summed(rows, ["currency"], ["sum:amount"])
    assert keyed(result) == {"USD": 1, "EUR": 2}
    assert [line.currency for line in result.totals] == ["USD", "EUR"]


# What is refused


@pytest.mark.parametrize(
    ("group_by", "metrics", "said"),
    [
        (["vendor_nam"], ["count"], "group_by: vendor_nam: no row has vendor_nam; did you mean vendor.name?"),
        (["status"], ["sum:amuont"], "metrics: sum:amuont: no row has amuont; did you mean amount?"),
        (["lines.name"], ["count"], "no row has lines.name"),
        (["status"], ["sum:status"], "status is text and cannot be added up; numbers here are amount"),
        (["status"], ["sum:day"], "day is a date and cannot be added up"),
        (["status"], ["max:status"], "status is text and cannot be compared"),
        (["status:month"], ["count"], "status:month: status is no date; dates here are day"),
        (["day:decade"], ["count"], "day: dates are grouped by day, week, month, quarter, year"),
        (["status"], ["median:amount"], "must be count, sum:field"),
        (["status"], ["sum"], "must be count, sum:field"),
        (["status"], ["count:status"], "count takes no field"),
        (["a", "b", "c", "d"], ["count"], "at most 3"),
        (["<data>"], ["count"], "names of fields"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(group_by: list[str], metrics: list[str], said: str) -> None:
    assert said in problems([sale(amount=1, lines=[{"name": "x"}])], group_by, metrics)


def test_all_that_is_wrong_is_told_at_once() -> None:
    said = problems([sale()], ["nope", "status:month"], ["sum:never"])
    assert all(each in said for each in ("nope", "status:month", "never"))


def test_a_field_that_is_declared_may_be_missing_everywhere() -> None:
    result = summed([{"id": 1}], ["status"], ["sum:amount", "max:pieces"])
    assert keyed(result) == {None: (0, None)}


def test_text_among_numbers_and_numbers_among_dates_are_refused_whenever_they_come() -> None:
    assert "amount is text" in problems([sale(amount=n) for n in (1, 2, 3, 4, "x")], [], ["sum:amount"])
    assert "cannot be compared" in problems([sale(day=n) for n in ("2026-01-01", None, 5, 4)], [], ["max:day"])
    assert "cannot be compared" in problems([sale(day=n) for n in (5, None, 5, "2026-01-01")], [], ["max:day"])


def test_too_many_groups_are_refused_with_a_way_out() -> None:
    summary = Summary(["id"], ["count"])
    summary.add([{"id": n} for n in range(MAX_GROUPS)])
    with pytest.raises(InvalidArgumentsError, match=r"more than 10,000 groups.*coarser"):
        summary.add([{"id": -1}])


def test_no_rows_make_a_total_of_nothing() -> None:
    result = summed([], ["status"], ["count", "sum:amount", "avg:amount"])
    assert (result.groups, result.rows, result.found) == ([], 0, 0)
    assert result.totals == [Line((), 0, (0, Decimal(0), None))]
