"""Bills by status and currency, summed as they come in."""

from __future__ import annotations

from typing import Any

from tools.workflows.books import Row
from tools.workflows.findings import Table
from tools.workflows.parts.payables import MONEY
from tools.workflows.parts.record_values import ZERO, amount

_SUMS = ("total", "total_due")


class ByStatus:
    """The sums, one row per status and currency."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, bill: Row) -> None:
        """Count a bill."""
        key = (str(bill.get("status") or ""), str(bill.get("currency") or ""))
        new = {"status": key[0], "currency": key[1], "bills": 0, **dict.fromkeys(_SUMS, ZERO)}
        sums = self._rows.setdefault(key, new)
        sums["bills"] += 1
        for column in _SUMS:
            sums[column] += amount(bill, column)

    def table(self) -> Table:
        """The rows in the order of their names."""
        rows = [self._rows[key] for key in sorted(self._rows)]
        return Table("by_status", ("status", "currency", "bills", *_SUMS), rows, MONEY)
