"""Makes stock of everything that came in and went out: movements, cost layers and what is left where."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from decimal import Decimal

from server.sandbox.money import ZERO, cents
from server.sandbox.seeds.ledger import OPENING_DAY, Flow, Ledger, Row

OPENED = datetime.combine(OPENING_DAY, time(6), UTC)

Shelf = tuple[int, int]
"""A product in a warehouse."""


def add(ledger: Ledger) -> None:
    """Generate what is there: as much to begin with that nothing ever left which was not there."""
    shelves: dict[Shelf, list[Flow]] = defaultdict(list)
    for flow in ledger.flows:
        shelves[flow.product_id, flow.warehouse_id].append(flow)
    places = _places(ledger)
    costs = {product["id"]: product["cost"] for product in ledger.rows["products"]}
    flows = [*_openings(ledger, shelves, costs), *ledger.flows]
    ledger.flows.clear()
    shelves.clear()
    flows.sort(key=lambda flow: flow.at)
    stocked = _Stock(ledger, places)
    for flow in flows:
        stocked.move(flow)
        ledger.checkpoint()
    stocked.finish()


def _places(ledger: Ledger) -> dict[int, list[int]]:
    places: dict[int, list[int]] = defaultdict(list)
    for location in ledger.rows["locations"]:
        if location["is_pick_location"]:
            places[location["warehouse_id"]].append(location["id"])
    return places


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


class _Stock:
    """Layers and levels while the flows run by."""

    def __init__(self, ledger: Ledger, places: dict[int, list[int]]) -> None:
        self._ledger = ledger
        self._places = places
        self._layers: dict[Shelf, deque[_Layer]] = defaultdict(deque)
        self._levels: dict[Shelf, int] = defaultdict(int)
        self._touched: dict[Shelf, datetime] = {}

    def move(self, flow: Flow) -> None:
        """Book one flow."""
        shelf = (flow.product_id, flow.warehouse_id)
        places = self._places[flow.warehouse_id]
        cost = self._into(shelf, flow) if flow.quantity > 0 else -self._out_of(shelf, -flow.quantity)
        self._levels[shelf] += flow.quantity
        self._touched[shelf] = flow.at
        self._ledger.add(
            "stock_movements",
            product_id=flow.product_id,
            warehouse_id=flow.warehouse_id,
            location_id=places[flow.product_id % len(places)],
            kind=flow.kind,
            quantity=flow.quantity,
            cost=cost,
            owner=flow.owner,
            owner_id=flow.owner_id,
            remarks=None,
            moved_at=flow.at,
        )

    def _into(self, shelf: Shelf, flow: Flow) -> Decimal:
        unit_cost = flow.unit_cost if flow.unit_cost is not None else self._last_cost(shelf)
        row = {
            "product_id": shelf[0],
            "warehouse_id": shelf[1],
            "movement_id": self._ledger.count("stock_movements") + 1,
            "received_on": flow.at.date(),
            "quantity": flow.quantity,
            "unit_cost": unit_cost,
        }
        self._layers[shelf].append(_Layer(row, flow.quantity))
        return cents(flow.quantity * unit_cost)

    def _last_cost(self, shelf: Shelf) -> Decimal:
        cost: Decimal = self._layers[shelf][-1].row["unit_cost"]
        return cost

    def _out_of(self, shelf: Shelf, quantity: int) -> Decimal:
        layers, cost = self._layers[shelf], ZERO
        while quantity:
            oldest = layers[0]
            taken = min(quantity, oldest.remaining)
            oldest.remaining -= taken
            quantity -= taken
            cost += cents(taken * oldest.row["unit_cost"])
            if not oldest.remaining and len(layers) > 1:
                self._write(layers.popleft())
        return cost

    def _write(self, layer: _Layer) -> None:
        self._ledger.add("cost_layers", **layer.row, remaining=layer.remaining, is_exhausted=not layer.remaining)

    def finish(self) -> None:
        """Write what is left."""
        for shelf in sorted(self._layers):
            for layer in self._layers[shelf]:
                self._write(layer)
            self._ledger.checkpoint()
        for (product_id, warehouse_id), level in sorted(self._levels.items()):
            places = self._places[warehouse_id]
            where = {"warehouse_id": warehouse_id, "location_id": places[product_id % len(places)]}
            self._ledger.add(
                "stocks",
                product_id=product_id,
                **where,
                on_hand=level,
                updated_at=self._touched[product_id, warehouse_id],
            )
