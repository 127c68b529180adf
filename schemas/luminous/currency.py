"""Currencies and exchange rates. No answer of theirs is documented; the fields of a rate are `inferred`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field, WithJsonSchema

from schemas.common import Record, View

Rate = Annotated[Decimal, Field(gt=0), WithJsonSchema({"type": "number"})]
"""An exchange rate. Prices have at most 4 decimals; rates such as 0.006734 have more."""


class ExchangeRate(Record):
    """What one unit of a currency is worth in another from a day on (`inferred`)."""

    id: int | None = None
    date: dt.date | None = None
    from_: str | None = Field(None, alias="from")
    to: str | None = None
    rate: Decimal | None = None
    view: ClassVar[View] = View("date", "from", "to", "rate", newest="date")
