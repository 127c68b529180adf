"""Open invoices by customer and due date: who owes us how much, and since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from tools.operation import System
from tools.workflows.books import Books, NotFoundError, Row
from tools.workflows.findings import Amounts, Candidate, Findings, Table, UnclearError
from tools.workflows.parts.parties import Vendor, fitting, nearest, plain
from tools.workflows.parts.payables import BUCKETS, MONEY, Aging, days_late
from tools.workflows.parts.reading import read_rows
from tools.workflows.parts.receivables import LIST, invoice_of, is_due
from tools.workflows.parts.record_values import ZERO, amount
from tools.workflows.workflow import Question, workflow

COMPANIES = "list_companies"
_NEEDS = {System.LUMINOUS: (LIST,)}
_CUSTOMERS = 10
_KEPT = 500
_CANDIDATES = 10
_MONEY = MONEY | {"owed", "overdue"}
_COLUMNS = (
    "id", "customer_name", "payment_status", "order_date", "due_date", "days_overdue", "currency", "total", "total_due"
)  # fmt: skip

Days = Annotated[int, Field(ge=0, le=3650, strict=True), WithJsonSchema({"type": "integer"})]
Text = Annotated[str, Field(min_length=1, max_length=255), WithJsonSchema({"type": "string"})]


class LookUpInvoices(Question):
    """Which invoices to look for; everything given must hold."""

    customer: Text | None = Field(None, description="Name or id")
    overdue: bool = False
    due_within_days: Days | None = None
    status: Literal["open", "all"] = "open"
    aging_chart: bool = False


@workflow(_NEEDS)
async def look_up_invoices(wanted: LookUpInvoices, books: Books) -> Findings:
    """Who owes us, what is overdue? Invoices by customer: totals, aging, rows."""
    listed: list[dict[str, Any]] = []
    filters = {"total_due[gt]": 0} if wanted.status == "open" else {}
    stopped = await read_rows(books, LIST, lambda row: listed.append(invoice_of(row)), filters=filters)
    customer = await _customer(wanted.customer, listed, books) if wanted.customer else None
    if customer is not None:
        listed = [each for each in listed if str(each["customer_id"]) == str(customer.id)]
    called_off = sum(amount(each, "total_due") > ZERO and not is_due(each) for each in listed)
    found = _Found(books.today, [each for each in listed if _fits(each, wanted, books.today)])
    return found.findings(wanted, customer, called_off, stopped)


def _fits(invoice: Row, wanted: LookUpInvoices, today: dt.date) -> bool:
    if not is_due(invoice):
        return wanted.status == "all" and not wanted.overdue and wanted.due_within_days is None
    if not wanted.overdue and wanted.due_within_days is None:
        return True
    if wanted.overdue and days_late(invoice, today):
        return True
    due, soon = invoice.get("due_date"), wanted.due_within_days
    return soon is not None and due is not None and today <= due <= today + dt.timedelta(days=soon)


async def _customer(given: str, invoices: Sequence[Row], books: Books) -> Vendor:
    """The customer that is meant: by id, or among those with invoices here and all companies of such a name.

    Raises UnclearError, and NotFoundError for an unknown id or the name of a vendor.
    """
    names = {each["customer_id"]: str(each["customer_name"]) for each in invoices if each["customer_name"]}
    if given.strip().isdigit():
        number = int(given)
        return Vendor(number, names.get(number) or await _company_name(number, books), {})
    here = {number: Vendor(number, name, {}) for number, name in names.items()}
    exact = [each for each in here.values() if plain(each.name) == plain(given)]
    if len(exact) == 1:
        return exact[0]
    customers, vendors = await _companies(given, books, everybody=not fitting(given, [*here.values()]))
    known = [*(here | customers).values()]
    fits = fitting(given, known)
    if len(fits) == 1:
        return fits[0]
    if not fits and fitting(given, vendors):
        raise NotFoundError(
            "No customer has this name, but a vendor does. What we owe: look_up_bills, vendor_position."
        )
    shown = fits[:_CANDIDATES] or nearest(given, known)
    raise UnclearError("customer", "customers", given, [Candidate(each.id, each.name) for each in shown], len(fits))


async def _companies(given: str, books: Books, *, everybody: bool) -> tuple[dict[int, Vendor], list[Vendor]]:
    """Customers by id, and vendors: of all companies, or of those whose name contains its longest word."""
    customers: dict[int, Vendor] = {}
    vendors: list[Vendor] = []

    def take(row: Row) -> None:
        if not isinstance(row.get("id"), int) or not row.get("name"):
            return
        party = Vendor(row["id"], str(row["name"]), {})
        if str(row.get("type") or "").lower() == "vendor":
            vendors.append(party)
        else:
            customers[party.id] = party

    word = max(given.split(), key=len, default=given)
    searches = [{}] if everybody else [{"name[contains]": each} for each in dict.fromkeys((word, word.capitalize()))]
    if books.has(COMPANIES):
        for filters in searches:
            await read_rows(books, COMPANIES, take, filters=filters)
    return customers, vendors


async def _company_name(number: int, books: Books) -> str:
    page = await books.page(COMPANIES, filters={"id": number}, per_page=1)
    company = next((row for row in page.rows if str(row.get("id")) == str(number)), None)
    if company is None:
        raise NotFoundError(f"There is no company {number}.")
    return str(company.get("name") or number)


class _Found:
    """The invoices that fit, counted."""

    def __init__(self, today: dt.date, invoices: Sequence[Row]) -> None:
        self._today = today
        self._invoices = [
            {**each, "days_overdue": days_late(each, today) if is_due(each) else None} for each in invoices
        ]
        self._due = [each for each in self._invoices if is_due(each)]
        self._aging = Aging(today)
        for each in self._due:
            self._aging.add(each)

    def findings(self, wanted: LookUpInvoices, customer: Vendor | None, called_off: int, stopped: str) -> Findings:
        """The answer. called_off: cancelled invoices with an amount due. stopped: why not all was read."""
        facts: dict[str, Any] = {
            **({"customer": customer.name, "customer_id": customer.id} if customer else {}),
            "as_of": self._today,
            "invoices": len(self._invoices),
            "total": Amounts.of(self._invoices, "total"),
            "owed_to_us": self._aging.owed,
            "overdue": self._aging.overdue,
        }
        findings = Findings(facts, notes=[*self._notes(wanted, customer, called_off)], stopped=stopped)
        if self._due:
            findings.tables.append(_without_blank("aging", ("currency", *BUCKETS, "total"), self._aging.rows()))
        if customer is None and self._due:
            findings.tables.append(self._by_customer())
        if self._invoices:
            rows = sorted(self._invoices, key=_order)[:_KEPT]
            columns = [name for name in _COLUMNS if customer is None or name != "customer_name"]
            findings.tables.append(_without_blank("invoices", columns, rows, of=len(self._invoices)))
        if wanted.aging_chart:
            findings.charts += self._aging.charts(f"Owed to us by days overdue, {self._today}")
        return findings

    def _by_customer(self) -> Table:
        """Customers by what they owe, the most first."""
        sums: dict[tuple[Any, Any], dict[str, Any]] = {}
        for each in self._due:
            key = (each["customer_id"], each["currency"])
            row = sums.setdefault(
                key,
                {
                    "customer_id": key[0],
                    "customer": each["customer_name"],
                    "currency": key[1],
                    "invoices": 0,
                    "owed": ZERO,
                    "overdue": ZERO,
                },
            )
            row["invoices"] += 1
            row["owed"] += amount(each, "total_due")
            row["overdue"] += amount(each, "total_due") if each["days_overdue"] else ZERO
        rows = sorted(sums.values(), key=lambda row: (-row["owed"], str(row["customer"])))
        columns = ("customer_id", "customer", "currency", "invoices", "owed", "overdue")
        way_on = "summarize_records of list_invoices by customer.name gives all"
        return _without_blank("by_customer", columns, rows[:_CUSTOMERS], of=len(rows), way_on=way_on)

    def _notes(self, wanted: LookUpInvoices, customer: Vendor | None, called_off: int) -> Iterator[str]:
        if customer is not None and customer.assumed:
            yield "No customer has exactly this name; it was taken for the one above."
        if not self._invoices:
            yield "Nothing open fits; status=all shows paid invoices too." if wanted.status == "open" else "None fits."
        elif self._due:
            yield "Due dates are reckoned from order_date and payment_terms: the API says none."
        if self._aging.undated:
            yield "Some of it has no due date that its terms tell: it is in the total of the aging, and in no bucket."
        if called_off and wanted.status == "open":
            yield f"{called_off} cancelled or void invoices with an amount due are left out."


def _without_blank(name: str, columns: Sequence[str], rows: Sequence[Row], **more: Any) -> Table:
    kept = [column for column in columns if any(row.get(column) not in (None, "") for row in rows)]
    return Table(name, kept, rows, _MONEY, **more)


def _order(invoice: Row) -> tuple[bool, dt.date, Any]:
    """What is due longest first, then what is settled, the latest last."""
    return not is_due(invoice), invoice.get("due_date") or dt.date.max, str(invoice.get("id"))
