"""Where generated rows are collected, and the dice that decide about them."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Select, insert

from server.sandbox.seeds import names
from server.sandbox.size import CLOSING_DAY, Size
from server.sandbox.tables import metadata

OPENING_DAY = date(2025, 6, 1)
"""The first day of the generated books."""

FOUNDED = datetime(2024, 3, 4, 15, 0, tzinfo=UTC)

FIRST_IDS = {
    "companies": 101, "contacts": 501, "products": 1001, "purchase_orders": 2001, "purchase_order_items": 20001,
    "shipments": 3001, "bills": 5001, "bill_items": 50001, "bill_payments": 60001, "invoices": 7001,
    "sales_orders": 9001, "vendor_credits": 11001, "vendor_returns": 12001, "prepayments": 13001,
    "payment_obligations": 14001, "applications": 15001,
    "billdiary_transactions": 30001, "billdiary_lines": 300001, "billdiary_payments": 90001,
}  # fmt: skip
"""Ids start apart from each other, so that one taken for another is found out."""

BATCH = 4000
"""Rows that are collected before they are written."""

Row = dict[str, Any]
Item = TypeVar("Item")


class Flow(NamedTuple):
    """Goods that come into a warehouse or leave it; whole units, negative when they leave."""

    at: datetime
    product_id: int
    warehouse_id: int
    quantity: int
    kind: str
    owner: str
    """Table of the record behind it."""
    owner_id: int
    unit_cost: Decimal | None = None
    """What a unit costs that comes in; goods that leave take the cost of the layers they come from."""


class Store:
    """What all ledgers of one generation share: the database, rows not yet written, ids, and flows of goods."""

    def __init__(self, size: Size, connection: Connection) -> None:
        self.size = size
        self.connection = connection
        self.kept: dict[str, list[Row]] = {}
        self.pending: dict[str, list[Row]] = {}
        self.counts: dict[str, int] = {}
        self.flows: list[Flow] = []
        self.orders: list[tuple[Row, list[Row]]] = []
        self.waiting = 0


class Ledger:
    """Generates rows. Each part of the books rolls dice of its own, so that one part's changes leave others alone.

    Rows may be changed until the next `checkpoint`. Master data, written while `keep` is true, stays in `rows`.
    """

    def __init__(self, store: Store, seed: int, part: str) -> None:
        self._store = store
        self._seed = seed
        self.dice = random.Random(f"{seed} {part}")  # noqa: S311 - believable data, not secrets
        self.keep = False

    def part(self, name: str, *, keep: bool = False) -> "Ledger":
        """The ledger of another part of the same books."""
        other = Ledger(self._store, self._seed, name)
        other.keep = keep
        return other

    @property
    def size(self) -> Size:
        """How large the books are to be."""
        return self._store.size

    @property
    def rows(self) -> dict[str, list[Row]]:
        """The master data by table."""
        return self._store.kept

    @property
    def flows(self) -> list[Flow]:
        """All goods that moved."""
        return self._store.flows

    @property
    def orders(self) -> list[tuple[Row, list[Row]]]:
        """Purchase orders with their lines, by date."""
        return self._store.orders

    def add(self, table: str, **values: Any) -> Row:
        """Add a row under the next id of its table. Every row of a table names the same columns."""
        store = self._store
        number = store.counts.get(table, 0)
        row = {"id": FIRST_IDS.get(table, 1) + number, **values}
        self._put(table, row)
        return row

    def link(self, table: str, **values: Any) -> None:
        """Add a row of a table without ids."""
        self._put(table, values)

    def _put(self, table: str, row: Row) -> None:
        store = self._store
        store.counts[table] = store.counts.get(table, 0) + 1
        store.pending.setdefault(table, []).append(row)
        store.waiting += 1
        if self.keep:
            store.kept.setdefault(table, []).append(row)

    def count(self, table: str) -> int:
        """How many rows the table has so far."""
        return self._store.counts.get(table, 0)

    def flow(self, flow: Flow) -> None:
        """Goods that moved; stock is made of all of them at the end."""
        self._store.flows.append(flow)

    def checkpoint(self) -> None:
        """Everything added so far is as it shall be; it is written when enough has come together."""
        if self._store.waiting >= BATCH:
            self.write()

    def write(self) -> None:
        """Write what was collected, parents before their children."""
        store = self._store
        for table in metadata.sorted_tables:
            rows = store.pending.pop(table.name, None)
            if rows:
                store.connection.execute(insert(table), rows)
        if store.pending:
            raise LookupError(f"no such tables: {', '.join(store.pending)}")
        store.waiting = 0

    def select(self, query: Select[Any]) -> Iterable[Row]:
        """Rows that are written already, a few at a time; the query must order them."""
        self.write()
        for row in self._store.connection.execution_options(yield_per=1000).execute(query).mappings():
            yield dict(row)

    def execute(self, statement: Any, rows: list[Row]) -> None:
        """Change rows that are written already, one set of parameters each."""
        self.write()
        if rows:
            self._store.connection.execute(statement, rows)

    def chance(self, percent: int) -> bool:
        """True in that many cases out of a hundred."""
        return self.dice.randrange(100) < percent

    def pick(self, options: Sequence[Item]) -> Item:
        """One of the options."""
        return options[self.dice.randrange(len(options))]

    def some(self, options: Sequence[Item], count: int) -> list[Item]:
        """Different ones of the options, in their order."""
        chosen = self.dice.sample(range(len(options)), min(count, len(options)))
        return [options[index] for index in sorted(chosen)]

    def decimal(self, low: int, high: int, places: int = 2) -> Decimal:
        """A decimal whose units (10**-places) lie between low and high."""
        return Decimal(self.dice.randint(low, high)).scaleb(-places)

    def moment(self, day: date) -> datetime:
        """A moment in the office hours of that day."""
        return datetime.combine(day, time(8), UTC) + timedelta(seconds=self.dice.randrange(10 * 3600))

    def stamps(self) -> Row:
        """Creation and last change of a record that is older than the books."""
        created = FOUNDED + timedelta(minutes=self.dice.randrange(60 * 24 * 400))
        return {"created_at": created, "updated_at": created + timedelta(minutes=self.dice.randrange(60 * 24 * 60))}

    def recent_day(self) -> date:
        """A day of the books; recent ones are more frequent: the company grows, and what is old is settled."""
        span = (CLOSING_DAY - OPENING_DAY).days
        back = self.dice.randrange(span + 1)
        return CLOSING_DAY - timedelta(days=back * back // span)


def vendors(ledger: Ledger) -> list[tuple[names.Vendor, Row]]:
    """Each vendor with its company record."""
    return list(zip(names.VENDORS, ledger.rows["companies"], strict=False))


def customers(ledger: Ledger) -> list[Row]:
    """The companies that buy."""
    return ledger.rows["companies"][len(names.VENDORS) :]
