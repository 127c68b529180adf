"""The main job, shown on the embedded books: a real MCP client talks over stdio to a real server process.

Each step checks what it shows; the demo succeeds only if every check holds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult
from rich.console import Console
from rich.markup import escape

from server.listing import console
from tools import catalogue

VENDOR = "Tidewater"
PAID_ON = "2026-11-20"
"""The closing day of the embedded books."""

_SERVER = (sys.executable, "-P", "-m", "server")
_OPEN = ("posted", "partially_paid", "hold")
_SHOWN_LINES = 12


class _Demo:
    """Prints steps and remembers whether everything that was checked holds."""

    def __init__(self, screen: Console) -> None:
        self.screen = screen
        self.failed = 0

    def step(self, number: int, title: str) -> None:
        self.screen.print(f"\n[bold cyan]{number}. {escape(title)}[/]")

    def say(self, text: str) -> None:
        self.screen.print(f"   {escape(text)}")

    def show(self, text: str) -> None:
        """An answer as the assistant sees it, shortened."""
        lines = text.splitlines()
        if len(lines) > _SHOWN_LINES:
            cut = len(lines) - _SHOWN_LINES
            lines = [*lines[: _SHOWN_LINES - 3], f"... {cut} more lines ...", *lines[-3:]]
        for line in lines:
            self.screen.print(f"   [dim]|[/] {escape(line)}", overflow="ellipsis", no_wrap=True)

    def check(self, holds: bool, text: str) -> None:
        self.failed += not holds
        mark = "[green]verified[/]" if holds else "[bold red]FAILED[/]"
        self.screen.print(f"   {mark} {escape(text)}")


async def run_demo() -> int:
    """Show every step. Returns 0 only if every check held."""
    demo = _Demo(console())
    with tempfile.TemporaryDirectory(prefix="luminous-mcp-demo-") as folder:
        journal = Path(folder) / "journal.sqlite3"
        arguments = [*_SERVER[1:], "--sandbox", "--output", "both", "--state", str(journal)]
        async with Client(StdioServerParameters(command=_SERVER[0], args=arguments)) as client:
            await _connect(demo, client)
            await _question(demo, client)
            await _long_list(demo, client)
            plan_id = await _payment(demo, client)
        _journal(demo, journal, plan_id)
    verdict = "[bold green]Every step was verified.[/]" if not demo.failed else f"[bold red]{demo.failed} failed.[/]"
    demo.screen.print(f"\n{verdict}")
    return 1 if demo.failed else 0


async def _connect(demo: _Demo, client: Client) -> None:
    demo.step(1, "Connect to the server over stdio")
    listed = {tool.name for tool in (await client.list_tools()).tools}
    demo.say(f"protocol {client.protocol_version}, {len(listed)} tools")
    known = catalogue.load()
    demo.say(", ".join(f"{name} {count}" for name, count in known.toolsets.items()) + ", and confirm_write")
    demo.check(set(known.entries) < listed, "every documented operation of these toolsets is a tool")


async def _question(demo: _Demo, client: Client) -> None:
    demo.step(2, f'"What do we owe {VENDOR}, and what is overdue?"')
    answer = await _call(demo, client, "look_up_bills", {"vendor": VENDOR})
    demo.show(_text(answer))
    facts = _structured(answer)["facts"]
    owed, overdue = Decimal(facts["owed"]["USD"]), Decimal(facts["overdue"]["USD"])
    demo.say(f"We owe {facts['vendor']} {owed} USD, of which {overdue} is overdue on {facts['as_of']}.")
    wanted = {"vendor_id": facts["vendor_id"], "fields": "id,status,total_due", "all_pages": True}
    bills = _rows(await _call(demo, client, "list_bills_by_vendor", wanted))
    demo.check(owed == _sum(row["total_due"] for row in bills if row["status"] in _OPEN), "the open bills add up to it")
    report = await _call(demo, client, "get_bills_aging", {"vendor_id": facts["vendor_id"]})
    (row,) = _structured(report)["record"]["vendors"]
    late = Decimal(row["total"]) - Decimal(row["current"])
    demo.check((owed, overdue) == (Decimal(row["total"]), late), "the API's own aging report says the same")


async def _long_list(demo: _Demo, client: Client) -> None:
    demo.step(3, "A list of some hundred bills: a page with a summary, then everything, then sums over all")
    wanted = {"filters": {"status": "posted"}, "sort": "due_date:asc"}
    page = await _call(demo, client, "list_bills", wanted)
    demo.show(_text(page))
    everything = await _call(demo, client, "list_bills", {**wanted, "all_pages": True, "fields": "id,due_date"})
    demo.show(_text(everything))
    rows, total = _rows(everything), _structured(page)["total"]
    demo.check(len({row["id"] for row in rows}) == total > 100, f"all {total} bills were read, each once")
    demo.check(rows == sorted(rows, key=lambda row: str(row["due_date"])), "they are in the order that was asked for")
    asked = {"operation": "list_bills", "group_by": "status", "metrics": "count"}
    counts = await _call(demo, client, "summarize_records", asked)
    demo.show(_text(counts))
    by_status = {row["status"]: row["count"] for row in _structured(counts)["tables"]["groups"]["rows"]}
    demo.check(by_status["posted"] == total, f"counted by status it is {total} as well")


async def _payment(demo: _Demo, client: Client) -> str:
    demo.step(4, "A payment: planned, confirmed, and never made twice")
    wanted = {"filters": {"status": "posted", "currency": "USD", "total_due[gte]": 500}, "per_page": 1}
    bill_id = _rows(await _call(demo, client, "list_bills", wanted))[0]["id"]
    before = await _bill(demo, client, bill_id)
    amount = Decimal("250.00")
    payment = {"bill_id": bill_id, "amount": str(amount), "payment_date": PAID_ON, "reference": "DEMO-1"}
    planned = await _call(demo, client, "record_bill_payment", payment)
    demo.show(_text(planned))
    plan = _structured(planned)
    demo.check(plan["status"] == "confirmation_required", "the first call gave a plan")
    demo.check(await _bill(demo, client, bill_id) == before, "the bill was read again and is unchanged")
    done = await _call(demo, client, "confirm_write", {"plan_id": plan["plan_id"]})
    demo.show(_text(done))
    after = await _bill(demo, client, bill_id)
    paid = Decimal(after["total_paid"]) - Decimal(before["total_paid"])
    due = Decimal(before["total_due"]) - Decimal(after["total_due"])
    demo.check(paid == due == amount, f"the bill was read again and is paid by exactly {paid}")
    again = await _call(demo, client, "confirm_write", {"plan_id": plan["plan_id"]}, refused=True)
    demo.show(_text(again))
    demo.check(again.is_error, "a second confirmation is refused")
    demo.check(await _bill(demo, client, bill_id) == after, "and changed nothing")
    return str(plan["plan_id"])


def _journal(demo: _Demo, path: Path, plan_id: str) -> None:
    demo.step(5, "The journal of what was written")
    command = [*_SERVER, "journal", "--state", str(path)]
    demo.show(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603
    listed = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)  # noqa: S603
    writes = json.loads(listed.stdout)
    demo.check(
        [(each["plan_id"], each["status"]) for each in writes] == [(plan_id, "done")], "it holds that one payment"
    )


async def _call(
    demo: _Demo, client: Client, tool: str, arguments: dict[str, Any], *, refused: bool = False
) -> CallToolResult:
    demo.screen.print(f"   [bold]{tool}[/] {escape(json.dumps(arguments))}")
    result = await client.call_tool(tool, arguments)
    if not isinstance(result, CallToolResult) or (result.is_error and not refused):
        demo.check(False, f"{tool} answers")
        raise SystemExit(1)
    return result


async def _bill(demo: _Demo, client: Client, bill_id: int) -> dict[str, Any]:
    record: dict[str, Any] = _structured(await _call(demo, client, "get_bill", {"bill_id": bill_id}))["record"]
    return record


def _structured(result: CallToolResult) -> dict[str, Any]:
    structured: dict[str, Any] = result.structured_content
    return structured


def _rows(result: CallToolResult) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _structured(result)["rows"]
    return rows


def _text(result: CallToolResult) -> str:
    return "\n".join(getattr(block, "text", "") for block in result.content)


def _sum(amounts: Iterable[str]) -> Decimal:
    return sum((Decimal(amount) for amount in amounts), Decimal(0))
