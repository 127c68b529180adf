"""What is owed to each vendor, summed as bills come in."""

from __future__ import annotations

from typing import Any, Literal

from tools.workflows.books import Row
from tools.workflows.findings import Table

Rank = Literal["owed", "overdue"]

_SHOWN = 8
_COLUMNS = ("vendor_id", "vendor", "currency", "owed", "overdue")
_MONEY = frozenset({"owed", "overdue"})


class OwedByVendor:
    """The sums, one row per vendor and currency."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, bill: Row, *, late: bool) -> None:
        """Count a bill that is owed."""
        currency = str(bill.get("currency") or "")
        new = {"vendor_id": bill.get("vendor_id"), "vendor": bill.get("vendor_name"), "currency": currency}
        key = (str(bill.get("vendor_id") or bill.get("vendor_name")), currency)
        sums = self._rows.setdefault(key, {**new, "owed": 0, "overdue": 0})
        sums["owed"] += bill["total_due"]
        if late:
            sums["overdue"] += bill["total_due"]

    def table(self, most: Rank) -> Table:
        """The vendors with the most: first the first one of every currency, then the others."""
        ranked = sorted(self._rows.values(), key=lambda row: (-row[most], -row["owed"], str(row["vendor"])))
        firsts: dict[str, dict[str, Any]] = {}
        for row in ranked:
            firsts.setdefault(row["currency"], row)
        leading = list(firsts.values())
        rows = [*leading, *(row for row in ranked if firsts[row["currency"]] is not row)]
        shown = rows[: max(_SHOWN, len(leading))]
        return Table("by_vendor", _COLUMNS, shown, _MONEY, of=len(rows), way_on="summarize_records gives all")

    def note(self, most: Rank) -> str:
        """In which order the table is."""
        several = len({row["currency"] for row in self._rows.values()}) > 1
        return f"by_vendor: most {most} first{', beginning with the first of every currency' if several else ''}."
