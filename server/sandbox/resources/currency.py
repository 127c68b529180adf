"""Currencies: which can be used, which one the books are kept in, and what they are worth in each other."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select, update

from server.sandbox import ratios, wire
from server.sandbox.filters import Listing, field, fields, page
from server.sandbox.rows import Record, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Day, Number, Shape, Text, optional, required
from server.sandbox.tables.currencies import RATE, currencies, currency_rates
from server.sandbox.wire import Answer, Call, Errors, Routes, as_date, created, data, invalid

routes = Routes()

BASE = Shape({"currency": required(Text())})

RATE_ENTERED = Shape(
    {
        "from": required(Text()),
        "to": required(Text()),
        "rate": required(Number(places=RATE.places, above=True, maximum=Decimal(10_000_000))),
        "date": optional(Day()),
    },
    computed=COMPUTED,
)

_from, _to = currencies.alias("source"), currencies.alias("target")

_ROWS: Select[Any] = (
    select(
        currency_rates.c.id,
        _from.c.code.label("from"),
        _to.c.code.label("to"),
        currency_rates.c.rate,
        currency_rates.c.date,
        currency_rates.c.created_at,
        currency_rates.c.updated_at,
    )
    .join(_from, _from.c.id == currency_rates.c.from_id)
    .join(_to, _to.c.id == currency_rates.c.to_id)
)

RATES = Listing(
    _ROWS,
    {
        **fields(currency_rates.c, "id", "rate", "date", "created_at", "updated_at"),
        "from": field(_from.c.code),
        "to": field(_to.c.code),
    },
    currency_rates.c.id,
    per_page=100,
)


class Worth(NamedTuple):
    """What one unit of a currency is in another, exactly, and the day from which that held."""

    rate: Fraction
    day: date


Market = dict[tuple[int, int], Worth]
"""The newest rates of a day, both ways, by the ids of the currencies."""


@routes.get("/currency/available")
def list_available_currencies(call: Call) -> Answer:
    """The currencies that can be used."""
    return data([_shown(row) for row in _available(call.connection).values()])


@routes.get("/currency/base")
def get_base_currency(call: Call) -> Answer:
    """The currency the books are kept in."""
    return data(_base(call.connection))


@routes.post("/currency/base")
def set_base_currency(call: Call) -> Answer:
    """Keep the books in another currency. Rates stay: they name both of their currencies."""
    sent = BASE.check(call.json())
    errors: Errors = {}
    chosen = _named(_available(call.connection), "currency", sent["currency"], errors)
    if chosen is None:
        raise invalid(errors)
    is_chosen = currencies.c.id == chosen["id"]
    call.connection.execute(update(currencies).values(is_base=is_chosen))
    return data(_base(call.connection))


@routes.get("/currency/rates")
def list_currency_rates(call: Call) -> Answer:
    """All rates, in the order they were entered."""
    return page(call, RATES)


@routes.post("/currency/rates")
def create_currency_rate(call: Call) -> Answer:
    """Enter a rate, of today unless told; it takes the place of an earlier one of that day."""
    sent = RATE_ENTERED.check(call.json())
    source, target = _pair(call.connection, sent["from"], sent["to"])
    if source["id"] == target["id"]:
        raise invalid({"to": "The to must be another currency than the from."})
    ids = {"from_id": source["id"], "to_id": target["id"]}
    stamps = {"created_at": call.now, "updated_at": call.now}
    values = {**ids, "rate": sent["rate"], "date": sent.get("date") or call.today, **stamps}
    rate_id = insert_row(call.connection, currency_rates, values)
    return created(records(call.connection, _ROWS.where(currency_rates.c.id == rate_id))[0])


@routes.get("/currency/rates/convert")
def convert_currency(call: Call) -> Answer:
    """An amount in another currency at the rate of the day, today unless told."""
    amount, day = _amount(call), _day(call)
    source, target = _pair(call.connection, call.argument("from"), call.argument("to"))
    worth = _worth(call.connection, source["id"], target["id"], day)
    if worth is None:
        raise invalid({"to": f"There is no rate from {source['code']} to {target['code']} on {day} or before."})
    return data(
        {
            "amount": amount,
            "from": source["code"],
            "to": target["code"],
            "rate": ratios.as_decimal(worth.rate),
            "converted_amount": ratios.rounded(Fraction(amount) * worth.rate, target["decimals"]),
            "date": worth.day,
        }
    )


def _shown(row: Record) -> dict[str, Any]:
    return {name: row[name] for name in ("code", "name", "symbol", "decimals", "is_base")}


def _available(connection: Connection) -> dict[str, Record]:
    query = select(currencies).where(currencies.c.is_available).order_by(currencies.c.id)
    return {row["code"]: row for row in records(connection, query)}


def _base(connection: Connection) -> dict[str, Any]:
    return _shown(get_row(connection, currencies, "Base currency", currencies.c.is_base))


def _named(known: dict[str, Record], name: str, code: str | None, errors: Errors) -> Record | None:
    """The currency of that code; otherwise what is wrong goes to `errors`."""
    found = known.get((code or "").strip().upper())
    if found is None:
        errors[name] = [f"The {name} is no available currency." if code else f"The {name} is required."]
    return found


def _pair(connection: Connection, source: str | None, target: str | None) -> tuple[Record, Record]:
    known, errors = _available(connection), Errors()
    first, second = _named(known, "from", source, errors), _named(known, "to", target, errors)
    if first is None or second is None:
        raise invalid(errors)
    return first, second


def _amount(call: Call) -> Decimal:
    text = call.argument("amount") or ""
    amount = wire.as_decimal(text)
    if amount is None:
        raise invalid({"amount": "The amount must be a number." if text else "The amount is required."})
    return amount


def _day(call: Call) -> date:
    text = call.argument("date")
    day = as_date(text) if text else call.today
    if day is None:
        raise invalid({"date": "The date must be a real date (YYYY-MM-DD)."})
    return day


def _worth(connection: Connection, source: int, target: int, day: date) -> Worth | None:
    """What one currency is worth in the other: by their own rate, or else by way of a third currency."""
    if source == target:
        return Worth(Fraction(1), day)
    market = _market(connection, day)
    if (source, target) in market:
        return market[source, target]
    for third in _stopovers(connection):
        if (source, third) in market and (third, target) in market:
            first, second = market[source, third], market[third, target]
            return Worth(first.rate * second.rate, min(first.day, second.day))
    return None


def _market(connection: Connection, day: date) -> Market:
    rate = currency_rates.c
    pair = (func.min(rate.from_id, rate.to_id), func.max(rate.from_id, rate.to_id))
    age = func.row_number().over(partition_by=pair, order_by=(rate.date.desc(), rate.id.desc()))
    dated = select(rate.from_id, rate.to_id, rate.rate, rate.date, age.label("age")).where(rate.date <= day).subquery()
    market = Market()
    for row in records(connection, select(dated).where(dated.c.age == 1)):
        value = Fraction(row["rate"])
        market[row["from_id"], row["to_id"]] = Worth(value, row["date"])
        market[row["to_id"], row["from_id"]] = Worth(1 / value, row["date"])
    return market


def _stopovers(connection: Connection) -> Iterator[int]:
    """The base currency, then the others."""
    query = select(currencies.c.id).order_by(currencies.c.is_base.desc(), currencies.c.id)
    yield from connection.execute(query).scalars()
