"""Amounts in several currencies told in the one that the books are kept in, at the API's own rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tools.workflows.books import Books, ReadFailedError, Row, together
from tools.workflows.findings import Amounts
from tools.workflows.parts.record_values import CENT, ZERO, day, decimal

NEEDS = ("get_base_currency", "convert_currency")

_CODES = ("code", "currency", "base_currency", "base", "result")
_CONVERTED = ("converted_amount", "converted", "result", "value")


@dataclass(frozen=True)
class Converted:
    """A sum in the base currency. rate: of one unit. date: since when that is the rate, where the API says it."""

    amount: Decimal
    rate: Decimal
    date: dt.date | None = None


@dataclass(frozen=True)
class Base:
    """Sums in the base currency. by_currency: each sum that could be converted, by the currency that it was in."""

    code: str
    by_currency: Mapping[str, Converted]
    is_whole: bool
    """Whether every sum could be converted."""

    @property
    def total(self) -> Amounts:
        """All sums together, in the base currency. Only where is_whole it is everything."""
        amounts = Amounts()
        for converted in self.by_currency.values():
            amounts.add(self.code, converted.amount)
        return amounts

    def worth(self, currency: str, amount: Decimal) -> Decimal:
        """About what an amount is in the base currency: for order and pictures, not for sums."""
        converted = self.by_currency.get(currency)
        return (amount * converted.rate).quantize(CENT) if converted else ZERO


async def in_base(books: Books, amounts: Amounts) -> Base | None:
    """The sums in the base currency, or None where that is not told. Each sum is converted as a whole, once."""
    if not books.has(*NEEDS):
        return None
    try:
        code = _code(await books.record("get_base_currency"))
    except ReadFailedError:
        return None
    if not code:
        return None
    wanted = {currency: amount for currency, amount in sorted(amounts.items()) if amount}
    found = await together(*(_convert(books, currency, amount, code) for currency, amount in wanted.items()))
    by_currency = {currency: each for currency, each in zip(wanted, found, strict=True) if each is not None}
    return Base(code, by_currency, is_whole=len(by_currency) == len(wanted))


async def _convert(books: Books, currency: str, amount: Decimal, code: str) -> Converted | None:
    if currency == code:
        return Converted(amount, Decimal(1))
    if not currency:
        return None
    try:
        said = await books.record("convert_currency", amount=amount, from_=currency, to=code)
    except ReadFailedError:
        return None
    converted = _number(said, _CONVERTED)
    if converted is None:
        return None
    rate = _number(said, ("rate", "exchange_rate")) or converted / amount
    return Converted(converted, rate, day(said.get("date") or said.get("rate_date")))


def _code(said: Row) -> str:
    """The base currency's code, wherever the answer has it: what is in it is not documented."""
    for name in _CODES:
        value: Any = said.get(name)
        if isinstance(value, dict):
            value = value.get("code")
        if isinstance(value, str) and len(value) == 3 and value.isalpha():
            return value.upper()
    return ""


def _number(said: Row, names: tuple[str, ...]) -> Decimal | None:
    """The first number under one of these names."""
    return next((number for name in names if (number := decimal(said.get(name))) is not None), None)
