"""Currencies and exchange rates. No answer of theirs is documented."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, WithJsonSchema

Rate = Annotated[Decimal, Field(gt=0), WithJsonSchema({"type": "number"})]
"""An exchange rate. Prices have at most 4 decimals; rates such as 0.006734 have more."""
