"""The lines of a return to a vendor: which received order lines the goods came with, and what may still go back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from server.sandbox.money import cents
from server.sandbox.resources.products.lookup import product_by_id, product_by_sku
from server.sandbox.resources.settlement import CANCELLED
from server.sandbox.rows import Record, records
from server.sandbox.shapes import Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.credits import vendor_return_items, vendor_returns
from server.sandbox.tables.purchasing import purchase_order_items, purchase_orders
from server.sandbox.wire import invalid

MILLION = Decimal(1_000_000)
NOTHING = Decimal(0)

LINE = Shape(
    {
        "purchase_order_item_id": optional(Whole(minimum=1)),
        "product_id": optional(Whole(minimum=1)),
        "sku": optional(Text()),
        "quantity": required(Number(places=4, above=True, maximum=MILLION)),
        "unit_cost": optional(Number(places=4, maximum=MILLION)),
        "reason": optional(Text(max_length=1000)),
    },
)

_returned = (
    select(func.coalesce(func.sum(vendor_return_items.c.quantity), NOTHING))
    .join(vendor_returns, vendor_returns.c.id == vendor_return_items.c.vendor_return_id)
    .where(
        vendor_return_items.c.purchase_order_item_id == purchase_order_items.c.id, vendor_returns.c.status != CANCELLED
    )
    .scalar_subquery()
    .label("returned_quantity")
)


@dataclass(frozen=True, slots=True)
class Found:
    """The lines to store, and what they have in common."""

    lines: list[dict[str, Any]]
    currency: str
    purchase_order_id: int | None


def resolve(connection: Connection, vendor_id: int, order_id: int | None, sent: Sequence[Mapping[str, Any]]) -> Found:
    """Find the order line that each line's goods came with. Raises 422 with every fault."""
    search = _Search(connection, vendor_id, order_id)
    for index, line in enumerate(sent):
        search.add(line, f"items.{index}")
    if search.errors:
        raise invalid(search.errors)
    order_ids = {ordered["purchase_order_id"] for ordered in search.orders}
    lines = [_line(number, *found) for number, found in enumerate(zip(sent, search.orders, strict=True), 1)]
    return Found(lines, search.orders[0]["currency"], order_ids.pop() if len(order_ids) == 1 else None)


class _Search:
    """Order lines of a vendor, found one after the other; each can take back only so much."""

    def __init__(self, connection: Connection, vendor_id: int, order_id: int | None) -> None:
        self._connection = connection
        self._among = [purchase_orders.c.vendor_id == vendor_id]
        if order_id is not None:
            self._among.append(purchase_orders.c.id == order_id)
        self._taken: dict[int, Decimal] = {}
        self.orders: list[Record] = []
        self.errors: dict[str, str] = {}

    def add(self, line: Mapping[str, Any], path: str) -> None:
        """Find the line's order line, the newest that can take the goods back."""
        name = next((name for name in ("purchase_order_item_id", "product_id", "sku") if line.get(name)), "product_id")
        place = f"{path}.{name}"
        if not line.get(name):
            self.errors[place] = f"The {place} is required without sku or purchase_order_item_id."
            return
        wanted = self._wanted(name, line[name])
        candidates = [] if wanted is None else self._candidates(wanted)
        if not candidates:
            self.errors[place] = f"The {place} is nothing that was ordered from this vendor."
            return
        best = next((ordered for ordered in candidates if self._left(ordered) >= line["quantity"]), None)
        if best is None:
            most = max(map(self._left, candidates))
            said = f"The {path}.quantity may not be greater than the {most:f} that were received and are not returned."
            self.errors[f"{path}.quantity"] = said
        elif self.orders and best["currency"] != self.orders[0]["currency"]:
            self.errors[place] = f"The {place} was ordered in {best['currency']}, the first item was not."
        else:
            self._taken[best["id"]] = self._taken.get(best["id"], NOTHING) + line["quantity"]
            self.orders.append(best)

    def _left(self, ordered: Record) -> Decimal:
        left: Decimal = ordered["received_quantity"] - ordered["returned_quantity"]
        return max(left - self._taken.get(ordered["id"], NOTHING), NOTHING)

    def _wanted(self, name: str, value: Any) -> ColumnElement[bool] | None:
        if name == "purchase_order_item_id":
            return self._is(purchase_order_items.c.id, value)
        find = product_by_id if name == "product_id" else product_by_sku
        product = find(self._connection, value)
        return self._is(purchase_order_items.c.product_id, product["id"]) if product else None

    @staticmethod
    def _is(column: ColumnElement[int], value: int) -> ColumnElement[bool]:
        return column == value

    def _candidates(self, wanted: ColumnElement[bool]) -> list[Record]:
        names = ("id", "purchase_order_id", "product_id", "received_quantity", "unit_cost")
        query = (
            select(*(purchase_order_items.c[name] for name in names), purchase_orders.c.currency, _returned)
            .join(purchase_orders, purchase_orders.c.id == purchase_order_items.c.purchase_order_id)
            .where(wanted, *self._among)
            .order_by(purchase_order_items.c.id.desc())
        )
        return records(self._connection, query)


def _line(number: int, line: Mapping[str, Any], ordered: Record) -> dict[str, Any]:
    cost = ordered["unit_cost"] if line.get("unit_cost") is None else line["unit_cost"]
    return {
        "line_number": number,
        "purchase_order_item_id": ordered["id"],
        "product_id": ordered["product_id"],
        "quantity": line["quantity"],
        "unit_cost": cost,
        "line_total": cents(line["quantity"] * cost),
        "reason": line.get("reason"),
    }
