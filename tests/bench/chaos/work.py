"""The writes that are asked for, each told by a number that the books keep."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

PAID_ON = "2026-11-20"


@dataclass(frozen=True)
class Task:
    """One write: a tool and its arguments. `mark` is found in the record that it makes, and nowhere else."""

    number: int
    tool: str
    arguments: dict[str, Any]
    mark: str


def tasks(count: int, bills: Sequence[dict[str, Any]], seed: int) -> list[Task]:
    """Payments on posted bills, new bills and vendor credits, in a random order."""
    dice = random.Random(seed)
    return [_task(number, dice, bills) for number in range(count)]


def _task(number: int, dice: random.Random, bills: Sequence[dict[str, Any]]) -> Task:
    mark = f"CHAOS-{number:06d}"
    bill = dice.choice(bills)
    kind = dice.randrange(10)
    if kind < 6:
        pay = {"bill_id": bill["id"], "amount": "0.01", "payment_date": PAID_ON, "reference": mark}
        return Task(number, "record_bill_payment", pay, mark)
    if kind < 9:
        line = {"description": "Pallets", "quantity": "1", "unit_cost": "12.50"}
        new = {"vendor_id": bill["vendor_id"], "bill_number": mark, "bill_date": PAID_ON, "items": [line]}
        return Task(number, "create_bill", new, mark)
    credit = {"vendor_id": bill["vendor_id"], "amount": "5.00", "credit_date": PAID_ON, "reference": mark}
    return Task(number, "create_vendor_credit", credit, mark)


class Books:
    """The sandbox's books, read without faults."""

    def __init__(self, base_url: str) -> None:
        headers = {"Authorization": "Bearer sandbox", "X-Sandbox-Fault": "latency=0"}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=30, trust_env=False)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def payable(self, count: int) -> list[dict[str, Any]]:
        """Posted bills with enough left to pay."""
        query = {"status": "posted", "total_due[gte]": 500, "per_page": count, "sort": "id:asc"}
        rows: list[dict[str, Any]] = self._get("/bills", query)["data"]
        return rows

    def effects(self) -> dict[str, int]:
        """How often each mark is on record."""
        found: dict[str, int] = {}
        for row in self._all("/bills", {"bill_number[contains]": "CHAOS-"}):
            found[row["bill_number"]] = found.get(row["bill_number"], 0) + 1
        for row in self._all("/vendor-credits", {"reference[contains]": "CHAOS-"}):
            found[row["reference"]] = found.get(row["reference"], 0) + 1
        for bill in self._all("/bills", {"total_paid[gt]": 0, "status[in]": "posted,partially_paid,paid"}):
            for payment in self._get(f"/bills/{bill['id']}", {})["data"]["payments"]:
                if str(payment["reference"] or "").startswith("CHAOS-"):
                    found[payment["reference"]] = found.get(payment["reference"], 0) + 1
        return found

    def _all(self, path: str, query: dict[str, Any]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        page = last = 1
        while page <= last:
            answer = self._get(path, {**query, "per_page": 100, "page": page, "sort": "id:asc"})
            rows += answer["data"]
            last = answer["meta"]["last_page"]
            page += 1
        return rows

    def _get(self, path: str, query: dict[str, Any]) -> Any:
        answer = self._http.get(path, params=query)
        answer.raise_for_status()
        return answer.json()
