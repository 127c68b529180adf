"""What bills are looked for: the arguments of look_up_bills."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from schemas.common import Money
from tools.workflows.parts.document_numbers import Reference
from tools.workflows.parts.parties import plain
from tools.workflows.workflow import QuestionToEither

Status = Literal["open", "all", "draft", "posted", "partially_paid", "paid", "hold", "void"]

Days = Annotated[int, Field(ge=0, le=3650, strict=True), WithJsonSchema({"type": "integer"})]
Text = Annotated[str, Field(min_length=1, max_length=255), WithJsonSchema({"type": "string"})]


def _currency(value: object) -> str:
    code = value.strip().upper() if isinstance(value, str) else ""
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise ValueError("must be a currency code of three letters, such as EUR")
    return code


Currency = Annotated[str, BeforeValidator(_currency), WithJsonSchema({"type": "string"})]


class LookUpBills(QuestionToEither):
    """What bills to look for; everything given must hold."""

    vendor: Reference | None = Field(None, description="Name or id")
    number: Reference | None = Field(None, description="Of the bill or its PO")
    status: Status | None = Field(None, description="Default open: something is due")
    overdue: bool = False
    due_within_days: Days | None = None
    amount_min: Money | None = None
    amount_max: Money | None = None
    text: Text | None = None
    currency: Currency | None = None
    aging_chart: bool = False

    @model_validator(mode="after")
    def _range_is_one(self) -> LookUpBills:
        if self.amount_min is not None and self.amount_max is not None and self.amount_max < self.amount_min:
            raise ValueError("amount_max is less than amount_min")
        if self.text is not None and not plain(self.text):
            raise ValueError("text has no letter or digit to look for")
        return self

    @property
    def wants(self) -> str:
        """The status to look for: a search by number or text looks everywhere."""
        return self.status or ("all" if self.number or self.text else "open")

    @property
    def measured(self) -> str:
        """Which amount amount_min and amount_max are about: what is due, where only what is due is looked for."""
        only_due = self.wants == "open" or self.overdue or self.due_within_days is not None
        return "total_due" if only_due else "total"

    @property
    def is_narrow(self) -> bool:
        """Whether only some of the open bills are looked for, other than those of a vendor."""
        given = (self.number, self.due_within_days, self.amount_min, self.amount_max, self.text, self.currency)
        return self.overdue or any(each is not None for each in given)
