"""Filters, points in time, and what of a list to show."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.common import Moment, Quantity
from schemas.filters import OPERATORS, query_of
from schemas.listing import Columns, Sort

FIELDS = st.from_regex(r"[A-Za-z0-9_.]+", fullmatch=True)
SCALARS = st.one_of(st.text(), st.integers(), st.decimals(allow_nan=False), st.booleans())


def text_of(value: Any) -> str:
    return ("0", "1")[value] if isinstance(value, bool) else str(value)


@given(field=FIELDS, operator=st.sampled_from([op for op in OPERATORS if "set" not in op]), value=SCALARS)
def test_a_filter_is_sent_as_it_is_written(field: str, operator: str, value: Any) -> None:
    assert query_of({field: value}) == {field: text_of(value)}
    key, sent = f"{field}[{operator}]", text_of(value)
    if operator in ("in", "notin") and isinstance(value, str):
        sent = ",".join(part.strip() for part in sent.split(","))
    if operator in ("gt", "gte", "lt", "lte") and isinstance(value, bool):
        with pytest.raises(ValueError, match="takes a number or a date"):
            query_of({key: value})
    else:
        assert query_of({key: value}) == {key: sent}


def test_there_are_twelve_operators() -> None:
    assert sorted(OPERATORS) == sorted(
        "eq neq gt gte lt lte set notset contains notcontains in notin".split()  # noqa: SIM905
    )


@pytest.mark.parametrize("operator", ["in", "notin"])
@given(values=st.lists(st.one_of(st.integers(), st.booleans()), min_size=1))
def test_lists_are_sent_with_commas(operator: str, values: list[Any]) -> None:
    assert query_of({f"id[{operator}]": values}) == {f"id[{operator}]": ",".join(map(text_of, values))}
    assert query_of({f"id[{operator}]": values[0]}) == {f"id[{operator}]": text_of(values[0])}


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"name[in]": ["Candle, Fig", "Soap"]}, "a value with a comma in it"),
        ({"status": []}, "takes at least one value"),
        ({"status": {"in": "posted"}, "status[in]": ["paid"]}, r"status\[in\] is there twice"),
    ],
)
def test_what_cannot_be_sent_as_it_is_meant_is_refused(filters: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        query_of(filters)


def test_filters_written_as_json_text_are_read() -> None:
    assert query_of('{"status": "posted", "total[gt]": 0.10}') == {"status": "posted", "total[gt]": "0.10"}


@pytest.mark.parametrize("operator", ["set", "notset"])
def test_being_set_takes_no_value(operator: str) -> None:
    for nothing in (True, None, ""):
        assert query_of({f"due_date[{operator}]": nothing}) == {f"due_date[{operator}]": ""}
    for value in (False, 0, "no", [True]):
        with pytest.raises(ValueError, match=rf"due_date\[{operator}\] takes no value"):
            query_of({f"due_date[{operator}]": value})


@pytest.mark.parametrize(
    ("operator", "near"),
    [
        *((">", "gt"), (">=", "gte"), ("<", "lt"), ("<=", "lte"), ("=", "eq"), ("!=", "neq"), ("ne", "neq")),
        *(("contain", "contains"), ("not_in", "notin"), ("equal", "eq"), ("GTE", "gte"), ("isset", "set")),
    ],
)
def test_an_unknown_operator_is_refused_with_the_nearest_and_all(operator: str, near: str) -> None:
    with pytest.raises(ValueError, match=rf"did you mean {near}\?.*Operators: eq, neq, .*notin$"):
        query_of({f"total[{operator}]": 1})


@pytest.mark.parametrize(
    "key", ["", "a b", "a[", "a]", "a[gt", "[gt]", "a[gt][lt]", "a[[gt]]", "a&b", "a[gt]=1", "\u00e9", (1,)]
)
def test_a_malformed_key_is_refused_by_its_name(key: Any) -> None:
    with pytest.raises(ValueError, match="is no filter; write field or field"):
        query_of({key: 1})


def test_an_operator_is_not_left_empty() -> None:
    with pytest.raises(ValueError, match="no operator"):
        query_of({"total[]": 1})


@pytest.mark.parametrize("value", [None, [1], {"gt": 1}, object()])
def test_one_value_is_a_text_a_number_or_a_truth(value: Any) -> None:
    with pytest.raises(ValueError, match=r"total\[gt\] takes one value"):
        query_of({"total[gt]": value})
    with pytest.raises(ValueError, match="takes one value"):
        query_of({"total[in]": [[value]]})


def test_other_ways_to_write_a_filter_come_to_the_same() -> None:
    assert query_of({"total": {"gte": 1, "lt": 9}, "status": ["posted", "paid"]}) == {
        "total[gte]": "1",
        "total[lt]": "9",
        "status[in]": "posted,paid",
    }
    with pytest.raises(ValueError, match="no operator 'above'"):
        query_of({"total": {"above": 1}})


@pytest.mark.parametrize("filters", ["status=posted", ["status"], 7, True])
def test_filters_are_an_object(filters: Any) -> None:
    with pytest.raises(ValueError, match="must be an object"):
        query_of(filters)


@given(number=st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_amounts_in_filters_stay_exact(number: Decimal) -> None:
    assert query_of({"total[gt]": float(number)}) == {"total[gt]": repr(float(number))}
    assert Decimal(query_of({"total[gt]": float(number)})["total[gt]"]) == number


MOMENT = TypeAdapter(Moment)


@given(moment=st.datetimes(min_value=dt.datetime(1, 1, 1)).map(lambda each: each.replace(microsecond=0)))  # noqa: DTZ001
def test_a_point_in_time_is_spelled_as_the_api_spells_it(moment: dt.datetime) -> None:
    spelled = f"{moment.date().isoformat()} {moment.time().isoformat()}"
    assert MOMENT.validate_python(spelled) == MOMENT.validate_python(spelled.replace(" ", "T")) == spelled
    assert MOMENT.validate_python(moment.date().isoformat()) == moment.date().isoformat()
    assert MOMENT.validate_python(spelled[:16]) == f"{spelled[:16]}:00"


@pytest.mark.parametrize(
    "value",
    ["2026-02-30", "2026-01-31 24:00", "2026-01-31 10:60", "2026-01-31T10:00:00Z", "2026-01-31 10", "now", "", 7, True],
)
def test_what_is_no_point_in_time_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(value)


@given(number=st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_quantities_keep_four_decimals(number: Decimal) -> None:
    quantity = TypeAdapter(Quantity)
    assert quantity.validate_python(str(number)) == quantity.validate_python(float(number)) == number
    with pytest.raises(ValidationError, match="more than 4 decimals"):
        quantity.validate_python(f"{number}1")


def test_columns_are_a_list_or_names_with_commas() -> None:
    columns = TypeAdapter(Columns)
    assert columns.validate_python("id, total_due,,") == columns.validate_python(["id", "total_due"])


@pytest.mark.parametrize("value", ["id", "id:up", "id:asc:desc", ":asc", "id;drop:asc", "id:asc\n", "-id"])
def test_sorting_says_field_and_direction(value: str) -> None:
    sort = TypeAdapter(Sort)
    assert sort.validate_python("customer.name:desc") == "customer.name:desc"
    with pytest.raises(ValidationError):
        sort.validate_python(value)
