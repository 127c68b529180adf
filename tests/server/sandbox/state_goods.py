"""What should be where: a model of stock by location, of what it cost, and of the orders that move it.

It shares nothing with the sandbox. Goods leave a warehouse from its pick locations first and at the oldest cost first.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from tests.server.sandbox.state_ledger import NOTHING, cents

Part = tuple[Decimal, Decimal]
"""A quantity and what a unit of it cost."""


class ShortageError(Exception):
    """Less is there than is to leave."""


@dataclass
class Layer:
    """Goods of one cost in a warehouse, and how many of them are left."""

    left: Decimal
    cost: Decimal


@dataclass
class Shelves:
    """The stock of some products."""

    warehouses: dict[int, list[int]]
    """Locations by warehouse, in the order in which they are emptied; the first one takes what names no place."""
    levels: dict[tuple[int, int], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """By product and location."""
    layers: dict[tuple[int, int], list[Layer]] = field(default_factory=lambda: defaultdict(list))
    """By product and warehouse, the oldest first."""

    def warehouse_of(self, location: int) -> int:
        """Where a location is."""
        return next(warehouse for warehouse, inside in self.warehouses.items() if location in inside)

    def within(self, product: int, warehouse: int) -> Decimal:
        """How much is in a warehouse."""
        return sum((self.levels[product, location] for location in self.warehouses[warehouse]), NOTHING)

    def fullest(self, product: int) -> int:
        """The warehouse with most of a product."""
        return min(self.warehouses, key=lambda warehouse: (-self.within(product, warehouse), warehouse))

    def put(self, product: int, location: int, parts: list[Part]) -> None:
        """Goods come."""
        for quantity, cost in parts:
            self.levels[product, location] += quantity
            self.layers[product, self.warehouse_of(location)].append(Layer(quantity, cost))

    def take(self, product: int, location: int, quantity: Decimal) -> list[Part]:
        """Goods leave a location; raises ShortageError."""
        if self.levels[product, location] < quantity:
            raise ShortageError
        self.levels[product, location] -= quantity
        parts: list[Part] = []
        for layer in self.layers[product, self.warehouse_of(location)]:
            taken = min(layer.left, quantity)
            if taken:
                layer.left -= taken
                quantity -= taken
                parts.append((taken, layer.cost))
        return parts

    def gather(self, product: int, warehouse: int, quantity: Decimal) -> list[Part]:
        """Goods leave a warehouse; raises ShortageError."""
        parts: list[Part] = []
        for location in self.warehouses[warehouse]:
            taken = min(self.levels[product, location], quantity)
            if taken:
                parts += self.take(product, location, taken)
                quantity -= taken
        if quantity:
            raise ShortageError
        return parts

    def newest_cost(self, product: int, warehouse: int) -> Decimal | None:
        """What the latest goods cost that came to a warehouse, gone or not."""
        layers = self.layers[product, warehouse]
        return layers[-1].cost if layers else None

    def shown(self, product: int) -> dict[int, Decimal]:
        """What is at which location."""
        return {location: level for (owner, location), level in self.levels.items() if owner == product and level}


def worth(parts: list[Part]) -> Decimal:
    """What goods cost, part by part in whole cents."""
    return sum((cents(quantity * cost) for quantity, cost in parts), NOTHING)


@dataclass
class OrderLine:
    """A line of a purchase order."""

    id: int
    product: int
    quantity: Decimal
    cost: Decimal
    received: Decimal = NOTHING

    @property
    def left(self) -> Decimal:
        """What is still to come."""
        return self.quantity - self.received


@dataclass
class Receipt:
    """Goods of an order line that came to a location."""

    line: OrderLine
    location: int
    quantity: Decimal


@dataclass
class Order:
    """A purchase order."""

    id: int
    vendor: int
    currency: str
    terms: str
    warehouse: int | None
    shipping: Decimal
    lines: dict[int, OrderLine]
    status: str = "active"
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """What it costs."""
        return sum((cents(line.quantity * line.cost) for line in self.lines.values()), self.shipping)

    @property
    def plannable(self) -> Decimal:
        """What its planned payments may come to."""
        return NOTHING if self.status == "deleted" else self.total

    @property
    def left(self) -> Decimal:
        """What is still to come."""
        return sum((line.left for line in self.lines.values()), NOTHING)


@dataclass
class VendorReturn:
    """Goods that go back to a vendor."""

    id: int
    vendor: int
    currency: str
    warehouse: int | None
    lines: list[tuple[OrderLine, Decimal]]
    status: str = "draft"
    credit: int | None = None

    @property
    def total(self) -> Decimal:
        """What they are worth."""
        return sum((cents(quantity * line.cost) for line, quantity in self.lines), NOTHING)

    def of(self, line: OrderLine) -> Decimal:
        """How much of an order line goes back with it."""
        return sum((quantity for one, quantity in self.lines if one is line), NOTHING)


@dataclass
class Sale:
    """A sales order of one line, and the warehouse it was last shipped from."""

    id: int
    line: int
    product: int
    cost: Decimal
    quantity: Decimal
    total: Decimal
    shipped: Decimal = NOTHING
    warehouse: int | None = None


@dataclass
class CustomerReturn:
    """Goods that come back of a sale."""

    id: int
    sale: Sale
    quantity: Decimal
    location: int | None
    restock: bool
    kind: str
    status: str = "Pending"
