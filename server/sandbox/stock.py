"""Goods in and out: every movement changes what is at a location and the cost layers of its warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from server.sandbox.money import cents
from server.sandbox.rows import insert_row
from server.sandbox.tables.stock import cost_layers, locations, stock_movements, stocks
from server.sandbox.wire import conflict

NOTHING = Decimal(0)

OPENING, RECEIPT, SHIPMENT, ADJUSTMENT = "opening", "receipt", "shipment", "adjustment"
TRANSFER_IN, TRANSFER_OUT, CUSTOMER_RETURN, VENDOR_RETURN = (
    "transfer_in",
    "transfer_out",
    "customer_return",
    "vendor_return",
)
KINDS = (OPENING, RECEIPT, SHIPMENT, ADJUSTMENT, TRANSFER_IN, TRANSFER_OUT, CUSTOMER_RETURN, VENDOR_RETURN)


@dataclass(frozen=True, slots=True)
class Place:
    """Where goods are: a location of a warehouse."""

    warehouse_id: int
    location_id: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why goods move: the kind of movement and the record behind it."""

    kind: str
    owner: str | None = None
    """Table of the record."""
    owner_id: int | None = None
    remarks: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Goods of one cost."""

    quantity: Decimal
    unit_cost: Decimal


def default_place(connection: Connection, warehouse_id: int) -> Place:
    """The warehouse's first active location, its pick location before others. Raises 409 when it has none."""
    query = (
        select(locations.c.id)
        .where(locations.c.warehouse_id == warehouse_id, locations.c.status == "active")
        .order_by(locations.c.is_pick_location.desc(), locations.c.id)
        .limit(1)
    )
    location_id = connection.execute(query).scalar_one_or_none()
    if location_id is None:
        raise conflict(f"Warehouse {warehouse_id} has no active location.")
    return Place(warehouse_id, location_id)


def on_hand(connection: Connection, product_id: int, place: Place | None = None) -> Decimal:
    """How much of a product is at the place; without one, everywhere."""
    query = select(func.coalesce(func.sum(stocks.c.on_hand), NOTHING)).where(stocks.c.product_id == product_id)
    if place:
        query = query.where(stocks.c.location_id == place.location_id)
    quantity: Decimal = connection.execute(query).scalar_one()
    return quantity


def on_hand_in(connection: Connection, product_id: int, warehouse_id: int) -> Decimal:
    """How much of a product is in the warehouse."""
    return sum((there for _, there in shelves(connection, product_id, warehouse_id)), NOTHING)


def shelves(connection: Connection, product_id: int, warehouse_id: int) -> list[tuple[Place, Decimal]]:
    """The places of a warehouse where the product is, pick locations first, and how much is at each."""
    query = (
        select(stocks.c.location_id, stocks.c.on_hand)
        .join(locations, locations.c.id == stocks.c.location_id)
        .where(stocks.c.product_id == product_id, stocks.c.warehouse_id == warehouse_id, stocks.c.on_hand > NOTHING)
        .order_by(locations.c.is_pick_location.desc(), locations.c.id)
    )
    return [(Place(warehouse_id, row.location_id), row.on_hand) for row in connection.execute(query)]


def gather(
    connection: Connection, product_id: int, warehouse_id: int, quantity: Decimal
) -> list[tuple[Place, Decimal]]:
    """How much to take from which place of the warehouse. Raises 409 when there is not that much in it."""
    taken: list[tuple[Place, Decimal]] = []
    missing = quantity
    for place, there in shelves(connection, product_id, warehouse_id):
        if missing > 0:
            taken.append((place, min(there, missing)))
            missing -= taken[-1][1]
    if missing > 0:
        there = quantity - missing
        raise conflict(f"Product {product_id}: {_plain(quantity)} are needed, {_plain(there)} are on hand.")
    return taken


def cost_of(connection: Connection, product_id: int, warehouse_id: int) -> Decimal | None:
    """What a unit of the newest layer in the warehouse cost, or None where the product never was."""
    layer = cost_layers.c
    query = (
        select(layer.unit_cost)
        .where(layer.product_id == product_id, layer.warehouse_id == warehouse_id)
        .order_by(layer.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def receive(
    connection: Connection, at: datetime, product_id: int, place: Place, parts: Sequence[Part], cause: Cause
) -> None:
    """Goods come in: one movement and one layer for each cost."""
    for part in parts:
        cost = cents(part.quantity * part.unit_cost)
        movement_id = _move(connection, at, product_id, place, part.quantity, cost, cause)
        layer = {
            "product_id": product_id,
            "warehouse_id": place.warehouse_id,
            "movement_id": movement_id,
            "received_on": at.date(),
            "quantity": part.quantity,
            "remaining": part.quantity,
            "unit_cost": part.unit_cost,
            "is_exhausted": False,
        }
        connection.execute(insert(cost_layers).values(layer))


def issue(
    connection: Connection, at: datetime, product_id: int, place: Place, quantity: Decimal, cause: Cause
) -> list[Part]:
    """Goods leave, oldest layers first; what they cost. Raises 409 when less than that is at the place."""
    there = on_hand(connection, product_id, place)
    if there < quantity:
        raise conflict(f"Product {product_id}: {_plain(quantity)} are needed, {_plain(there)} are on hand.")
    parts = _take(connection, product_id, place.warehouse_id, quantity)
    cost = sum((cents(part.quantity * part.unit_cost) for part in parts), Decimal("0.00"))
    _move(connection, at, product_id, place, -quantity, -cost, cause)
    return parts


def transfer(
    connection: Connection, at: datetime, product_id: int, places: tuple[Place, Place], quantity: Decimal, cause: Cause
) -> None:
    """Goods go from the first place to the second and keep their costs. Raises 409 when there are too few."""
    origin, target = places
    out = Cause(TRANSFER_OUT, cause.owner, cause.owner_id, cause.remarks)
    parts = issue(connection, at, product_id, origin, quantity, out)
    into = Cause(TRANSFER_IN, cause.owner, cause.owner_id, cause.remarks)
    receive(connection, at, product_id, target, parts, into)


def _move(
    connection: Connection,
    at: datetime,
    product_id: int,
    place: Place,
    quantity: Decimal,
    cost: Decimal,
    cause: Cause,
) -> int:
    where = {"product_id": product_id, "warehouse_id": place.warehouse_id, "location_id": place.location_id}
    change = upsert(stocks).values(**where, on_hand=quantity, updated_at=at)
    change = change.on_conflict_do_update(
        index_elements=["product_id", "location_id"],
        set_={"on_hand": stocks.c.on_hand + change.excluded.on_hand, "updated_at": change.excluded.updated_at},
    )
    connection.execute(change)
    why = {"kind": cause.kind, "owner": cause.owner, "owner_id": cause.owner_id, "remarks": cause.remarks}
    return insert_row(connection, stock_movements, {**where, "quantity": quantity, "cost": cost, "moved_at": at, **why})


def _take(connection: Connection, product_id: int, warehouse_id: int, quantity: Decimal) -> list[Part]:
    layer = cost_layers.c
    query = (
        select(layer.id, layer.remaining, layer.unit_cost)
        .where(layer.product_id == product_id, layer.warehouse_id == warehouse_id, layer.is_exhausted.is_(False))
        .order_by(layer.received_on, layer.id)
    )
    parts: list[Part] = []
    missing = quantity
    for row in connection.execute(query).all():
        taken = min(missing, row.remaining)
        left = row.remaining - taken
        after = {"remaining": left, "is_exhausted": left == 0}
        connection.execute(update(cost_layers).where(layer.id == row.id).values(after))
        parts.append(Part(taken, row.unit_cost))
        missing -= taken
        if not missing:
            break
    if missing:
        raise LookupError(f"the layers of product {product_id} in warehouse {warehouse_id} are short of its stock")
    return parts


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
