"""The payments that the terms of an order or a bill ask for: all at once, or a deposit and the balance."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.sandbox import terms
from server.sandbox.money import CENT, ZERO, cents

DEPOSIT, BALANCE, FULL = "deposit", "balance", "full"
KINDS = (DEPOSIT, BALANCE, FULL)

_DEPOSIT = re.compile(r"(\d{1,2})\s*%\s*(?:deposit|down|advance)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Planned:
    """A payment to come."""

    kind: str
    amount: Decimal
    due_date: date


def planned(
    total: Decimal, day: date, term: str | None, *, deposit: Decimal = ZERO, custom_days: int | None = None
) -> list[Planned]:
    """The payments of an order or bill of that day and total; they add up to it exactly.

    The deposit is due on the day itself, the rest when the term says. Without a `deposit`, the term may name one in
    percent, such as `30% deposit, Net 60`. Nothing is planned for a total of nothing.
    """
    first = min(deposit or deposit_of(total, term), total)
    rest = total - first
    due = terms.due_date(day, known_term(term), custom_days)
    deposits = [Planned(DEPOSIT, first, day)] if first >= CENT else []
    balances = [Planned(BALANCE if deposits else FULL, rest, due)] if rest >= CENT else []
    return deposits + balances


def deposit_of(total: Decimal, term: str | None) -> Decimal:
    """The deposit that the term names in percent, if any."""
    found = _DEPOSIT.search(term or "")
    return cents(total * int(found[1]) / 100) if found else ZERO


def known_term(term: str | None) -> str | None:
    """The label within a term that is written with more than that, such as `30% deposit, Net 60`."""
    if term is None or term in terms.LABELS:
        return term
    longest_first = sorted(terms.LABELS, key=len, reverse=True)
    return next((label for label in longest_first if label.lower() in term.lower()), None)
