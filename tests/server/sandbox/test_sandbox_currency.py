"""Currencies: the rate of the day, both ways and by way of others, and the currency the books are kept in."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

CENT = Decimal("0.01")
CONVERT = "/currency/rates/convert"


def rate(api: Any, code: str, day: str) -> Decimal:
    """The seeded rate of that day, exactly as it is stored."""
    return Decimal(str(api.first("/currency/rates", **{"from": code, "to": "USD", "date": day})["rate"]))


def convert(api: Any, amount: str, source: str, target: str, **asked: Any) -> Any:
    return api.get(CONVERT, **{"amount": amount, "from": source, "to": target, **asked})["data"]


def test_the_newest_rate_on_or_before_the_day_counts(api: Any) -> None:
    october, november = rate(api, "EUR", "2026-10-01"), rate(api, "EUR", "2026-11-01")
    for day, expected in (("2026-10-01", october), ("2026-10-31", october), ("2026-11-01", november)):
        found = convert(api, "1000.00", "EUR", "usd", date=day)
        assert Decimal(str(found["rate"])) == expected
        assert Decimal(str(found["converted_amount"])) == (1000 * expected).quantize(CENT)
    assert convert(api, "1000.00", "EUR", "USD")["date"] == "2026-11-01"
    api.get(CONVERT, 422, **{"amount": 1, "from": "EUR", "to": "USD", "date": "2025-03-31"})


def test_rates_hold_both_ways_and_across(api: Any) -> None:
    euro, pound = rate(api, "EUR", "2026-11-01"), rate(api, "GBP", "2026-11-01")
    back = convert(api, "250.10", "USD", "EUR")["converted_amount"]
    assert Decimal(str(back)) == (Decimal("250.10") / euro).quantize(CENT, ROUND_HALF_UP)
    across = convert(api, "-1999.99", "EUR", "GBP")["converted_amount"]
    assert Decimal(str(across)) == (Decimal("-1999.99") * euro / pound).quantize(CENT, ROUND_HALF_UP)
    same = convert(api, "5", "GBP", "GBP")
    assert (same["rate"], same["converted_amount"]) == (1, 5)


def test_a_rate_takes_the_place_of_an_earlier_one_of_its_day(api: Any) -> None:
    body = {"from": "USD", "to": "JPY", "rate": "150.25", "date": "2026-11-02"}
    made = api.post("/currency/rates", 201, body)["data"]
    assert (made["from"], made["to"], made["rate"], made["date"]) == ("USD", "JPY", 150.25, "2026-11-02")
    assert convert(api, "10.01", "USD", "JPY")["converted_amount"] == 1504
    api.post("/currency/rates", 201, {**body, "rate": 150})
    assert convert(api, "10.01", "USD", "JPY")["converted_amount"] == 1502
    api.post("/currency/rates", 201, {"from": "JPY", "to": "USD", "rate": "0.008"})
    assert convert(api, "10", "USD", "JPY")["converted_amount"] == 1250
    assert convert(api, "10", "USD", "JPY", date="2026-11-19")["converted_amount"] == 1500
    assert api.audit() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rate": 0}, "rate"),
        ({"rate": "1.00000000001"}, "rate"),
        ({"from": "XXX"}, "from"),
        ({"from": "MXN"}, "from"),
        ({"to": "eur"}, "to"),
        ({"date": "2026-02-30"}, "date"),
        ({"id": 4}, "id"),
    ],
)
def test_a_rate_that_is_wrong_names_its_field(api: Any, change: dict[str, Any], field: str) -> None:
    body = {"from": "EUR", "to": "USD", "rate": 1.1, **change}
    assert list(api.post("/currency/rates", 422, body)["errors"]) == [field]


def test_only_an_available_currency_becomes_the_base(api: Any) -> None:
    before = convert(api, "1000", "GBP", "CAD")
    assert api.get("/currency/base")["data"]["code"] == "USD"
    assert list(api.post("/currency/base", 422, {"currency": "MXN"})["errors"]) == ["currency"]
    assert api.post("/currency/base", body={"currency": "eur"})["data"]["code"] == "EUR"
    available = {row["code"]: row["is_base"] for row in api.get("/currency/available")["data"]}
    assert available == {"USD": False, "EUR": True, "GBP": False, "CAD": False, "JPY": False}
    assert convert(api, "1000", "GBP", "CAD") == before
    assert api.audit() == []


def test_every_month_has_its_rates(reading: Any) -> None:
    rates = reading.all("/currency/rates")
    for code in ("EUR", "GBP", "CAD"):
        days = [row["date"] for row in rates if (row["from"], row["to"]) == (code, "USD")]
        assert (len(days), days[0], days[-1]) == (20, "2025-04-01", "2026-11-01")
    assert sorted(reading.get(CONVERT, 422, amount="much")["errors"]) == ["amount"]
    assert sorted(reading.get(CONVERT, 422, amount="1")["errors"]) == ["from", "to"]
