"""Makes stock of everything that came in and went out: movements, cost layers and what is left where."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import NamedTuple

from server.sandbox.money import ZERO, cents
from server.sandbox.seeds.ledger import OPENING_DAY, Flow, Ledger, Row
from server.sandbox.seeds.places import home
from server.sandbox.stock import TRANSFER_IN, TRANSFER_OUT

OPENED = datetime.combine(OPENING_DAY, time(6), UTC)

Shelf = tuple[int, int]
"""A product in a warehouse."""


def add(ledger: Ledger) -> None:
    """Generate what is there: as much to begin with that nothing ever left which was not there."""
    shelves: dict[Shelf, list[Flow]] = defaultdict(list)
    for flow in ledger.flows:
        shelves[flow.product_id, flow.warehouse_id].append(flow)
    costs = {product["id"]: product["cost"] for product in ledger.rows["products"]}
    flows = [*_openings(ledger, shelves, costs), *ledger.flows]
    ledger.flows.clear()
    shelves.clear()
    flows.sort(key=lambda flow: flow.at)
    stocked = _Stock(ledger, costs)
    for flow in flows:
        stocked.move(flow)
        ledger.checkpoint()
    stocked.finish()


def _openings(ledger: Ledger, shelves: dict[Shelf, list[Flow]], costs: dict[int, Decimal]) -> Iterator[Flow]:
    for product in ledger.rows["products"]:
        for warehouse in ledger.rows["warehouses"]:
            shelf = (product["id"], warehouse["id"])
            needed = _shortage(shelves.get(shelf, ()))
            spare = ledger.dice.randint(0, 30) * 4 if needed or ledger.chance(60) else 0
            if needed + spare:
                yield Flow(
                    OPENED, *shelf, needed + spare, "opening", "warehouses", warehouse["id"], costs[product["id"]]
                )


def _shortage(flows: Iterable[Flow]) -> int:
    """How far below nothing the stock would fall at its lowest."""
    level = lowest = 0
    for flow in sorted(flows, key=lambda flow: flow.at):
        level += flow.quantity
        lowest = min(lowest, level)
    return -lowest


class _Layer:
    __slots__ = ("remaining", "row")

    def __init__(self, row: Row, remaining: int) -> None:
        self.row = row
        self.remaining = remaining


class _Part(NamedTuple):
    quantity: int
    unit_cost: Decimal


class _Stock:
    """Layers and levels while the flows run by."""

    def __init__(self, ledger: Ledger, costs: dict[int, Decimal]) -> None:
        self._ledger = ledger
        self._costs = costs
        self._homes: dict[Shelf, int] = {}
        self._layers: dict[Shelf, deque[_Layer]] = defaultdict(deque)
        self._levels: dict[Shelf, int] = defaultdict(int)
        self._touched: dict[Shelf, datetime] = {}
        self._under_way: dict[tuple[int, int], list[_Part]] = {}

    def move(self, flow: Flow) -> None:
        """Book one flow."""
        shelf = (flow.product_id, flow.warehouse_id)
        if flow.quantity > 0:
            for part in self._parts(shelf, flow):
                self._into(shelf, flow, part)
        else:
            parts = self._out_of(shelf, -flow.quantity)
            if flow.kind == TRANSFER_OUT:
                self._under_way[flow.owner_id, flow.product_id] = parts
            cost = sum((cents(part.quantity * part.unit_cost) for part in parts), ZERO)
            self._book(shelf, flow, flow.quantity, -cost)
        self._levels[shelf] += flow.quantity
        self._touched[shelf] = flow.at

    def _parts(self, shelf: Shelf, flow: Flow) -> list[_Part]:
        """What comes in by its costs; goods that were sent here keep theirs."""
        if flow.kind == TRANSFER_IN:
            return self._under_way.pop((flow.owner_id, flow.product_id))
        return [_Part(flow.quantity, flow.unit_cost if flow.unit_cost is not None else self._last_cost(shelf))]

    def _last_cost(self, shelf: Shelf) -> Decimal:
        layers = self._layers[shelf]
        cost: Decimal = layers[-1].row["unit_cost"] if layers else self._costs[shelf[0]]
        return cost

    def _into(self, shelf: Shelf, flow: Flow, part: _Part) -> None:
        self._book(shelf, flow, part.quantity, cents(part.quantity * part.unit_cost))
        row = {
            "product_id": shelf[0],
            "warehouse_id": shelf[1],
            "movement_id": self._ledger.count("stock_movements"),
            "received_on": flow.at.date(),
            "quantity": part.quantity,
            "unit_cost": part.unit_cost,
        }
        self._layers[shelf].append(_Layer(row, part.quantity))

    def _out_of(self, shelf: Shelf, quantity: int) -> list[_Part]:
        layers = self._layers[shelf]
        parts = []
        while quantity:
            oldest = layers[0]
            taken = min(quantity, oldest.remaining)
            oldest.remaining -= taken
            quantity -= taken
            if taken:
                parts.append(_Part(taken, oldest.row["unit_cost"]))
            if not oldest.remaining and len(layers) > 1:
                self._write(layers.popleft())
        return parts

    def _book(self, shelf: Shelf, flow: Flow, quantity: int, cost: Decimal) -> None:
        self._ledger.add(
            "stock_movements",
            product_id=shelf[0],
            warehouse_id=shelf[1],
            location_id=self._home(shelf),
            kind=flow.kind,
            quantity=quantity,
            cost=cost,
            owner=flow.owner,
            owner_id=flow.owner_id,
            remarks=None,
            moved_at=flow.at,
        )

    def _home(self, shelf: Shelf) -> int:
        if shelf not in self._homes:
            self._homes[shelf] = home(self._ledger, *shelf)
        return self._homes[shelf]

    def _write(self, layer: _Layer) -> None:
        self._ledger.add("cost_layers", **layer.row, remaining=layer.remaining, is_exhausted=not layer.remaining)

    def finish(self) -> None:
        """Write what is left."""
        for shelf in sorted(self._layers):
            for layer in self._layers[shelf]:
                self._write(layer)
            self._ledger.checkpoint()
        for shelf, level in sorted(self._levels.items()):
            self._ledger.add(
                "stocks",
                product_id=shelf[0],
                warehouse_id=shelf[1],
                location_id=self._home(shelf),
                on_hand=level,
                updated_at=self._touched[shelf],
            )
