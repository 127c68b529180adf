"""Rows as their record declares them, whatever an API writes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.luminous.bills import Bill
from schemas.luminous.companies import Company
from schemas.luminous.purchase_orders import PurchaseOrder
from server.upstream.declared import as_declared, as_understood
from server.upstream.errors import UnexpectedAnswerError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("id", "sku", "name")), inner),
    max_leaves=6,
)


def test_a_row_as_documented_is_left_alone() -> None:
    line = {"id": 1, "quantity": Decimal(2), "unit_cost": Decimal("1.25"), "sku": "A"}
    row = {
        "id": 7,
        "status": "posted",
        "total_due": Decimal("5.00"),
        "due_date": "2026-11-20",
        "items": [line],
        "new": {},
    }
    assert as_declared(row, Bill) is row
    assert as_declared({"total": "1"}, None) == {"total": "1"}


@pytest.mark.parametrize(
    ("field", "given_", "meant"),
    [
        ("total_due", "100.00", Decimal("100.00")),
        ("total_due", "-3", Decimal(-3)),
        ("total_due", " 7.5 ", Decimal("7.5")),
        ("total_due", "", None),
        ("currency", {"id": 3, "code": "EUR"}, "EUR"),
        ("currency", {"code": {}}, None),
        ("vendor_id", "101", 101),
        ("vendor_id", Decimal("101.0"), 101),
        ("vendor_id", Decimal("1e999999"), None),
        ("vendor_id", "abc", None),
        ("status", {"name": "draft"}, None),
        ("status", ["draft"], None),
        ("items", "none", None),
        ("items", [{"id": "5", "quantity": "2"}, "x", None], [{"id": 5, "quantity": Decimal(2)}]),
    ],
)
def test_what_is_written_otherwise_is_understood_or_not_known(field: str, given_: Any, meant: Any) -> None:
    assert as_declared({"id": 1, field: given_}, Bill) == {"id": 1, field: meant}


NO_AMOUNTS = ("about 5", "1,234.50", "$5", "1e2", "NaN", True, {"amount": 5}, [5], Decimal("1e400"), 10**31)


@pytest.mark.parametrize("given_", NO_AMOUNTS)
def test_an_amount_that_is_no_plain_number_is_never_taken_for_nothing(given_: Any) -> None:
    with pytest.raises(UnexpectedAnswerError, match=r"no plain number: total_due\."):
        as_declared({"id": 1, "total_due": given_}, Bill)
    assert as_understood({"id": "1", "total_due": given_}, Bill) == {"id": 1, "total_due": given_}


@given(row=st.dictionaries(st.sampled_from(sorted({*Bill.model_fields, *PurchaseOrder.model_fields, "other"})), JSON))
def test_declared_fields_have_their_shape_and_others_stay(row: dict[str, Any]) -> None:
    for record in (Bill, PurchaseOrder, Company):
        understood = as_understood(row, record)
        assert as_understood(understood, record) == understood
        assert all(understood[name] is not None for name, value in row.items() if value is not None)
        try:
            found = as_declared(row, record)
        except UnexpectedAnswerError:
            continue
        assert found.keys() == row.keys()
        assert as_declared(found, record) == found
        assert found.get("other") == row.get("other")
        for name in ("id", "vendor_id"):
            if name in record.model_fields:
                assert not isinstance(found.get(name), list | dict)
        if record is Bill:
            assert found.get("total_due") is None or type(found["total_due"]) in (int, Decimal)
            assert all(isinstance(each, dict) for each in found.get("items") or [])
