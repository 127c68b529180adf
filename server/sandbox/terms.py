"""Payment terms: the labels the API knows and the due date each one gives."""

from datetime import date, timedelta

CUSTOM = "Custom"
DUE_ON_RECEIPT = "Due on receipt"

DAYS = {DUE_ON_RECEIPT: 0, "Net 15": 15, "Net 30": 30, "Net 45": 45, "Net 60": 60, "2/10 Net 30": 30}
"""Days from the bill's date to its due date, by label. The discount of `2/10 Net 30` does not move the due date."""

LABELS = (*DAYS, CUSTOM)


def days_of(term: str | None, custom_days: int | None = None) -> int:
    """Days until due; `custom_days` counts only for the term Custom."""
    if term == CUSTOM:
        return custom_days or 0
    return DAYS.get(term or DUE_ON_RECEIPT, 0)


def due_date(bill_date: date, term: str | None, custom_days: int | None = None) -> date:
    """The day a bill of that date and term falls due."""
    return bill_date + timedelta(days=days_of(term, custom_days))
