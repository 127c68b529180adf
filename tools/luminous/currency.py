"""Currencies and exchange rates: 6 operations.

All are known from the vendor's client, which prints the answers unread. `from` is a reserved word: from_ here.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.common import Arguments, Evidence, Money, Page
from schemas.luminous.currency import ExchangeRate, Rate
from tools.operation import System, Toolset

currency = Toolset("currency", System.LUMINOUS, Evidence.CLIENT)

INFERRED = Evidence.INFERRED


@currency.read("GET", "/currency/available")
class ListAvailableCurrencies(Arguments, extra="allow"):
    """Currencies that can be used."""


@currency.read("GET", "/currency/base")
class GetBaseCurrency(Arguments, extra="allow"):
    """The currency that the books are kept in."""


@currency.money("POST", "/currency/base")
class SetBaseCurrency(Arguments, extra="allow"):
    """Change the currency that the books are kept in."""

    currency: str = Field(description="Code, such as EUR")


@currency.read("GET", "/currency/rates", returns=Page[ExchangeRate])
class ListCurrencyRates(Arguments, extra="allow"):
    """Exchange rates on record."""


@currency.money("POST", "/currency/rates")
class CreateCurrencyRate(Arguments, extra="allow"):
    """Add an exchange rate. Its field names are guesses; list_currency_rates shows those stored."""

    from_: Annotated[str, INFERRED] = Field(serialization_alias="from")
    to: Annotated[str, INFERRED]
    rate: Annotated[Rate, INFERRED]


@currency.read("GET", "/currency/rates/convert")
class ConvertCurrency(Arguments, extra="allow"):
    """An amount in another currency at today's rate. Use it rather than computing."""

    amount: Money
    from_: str = Field(serialization_alias="from", description="Code, such as EUR")
    to: str
