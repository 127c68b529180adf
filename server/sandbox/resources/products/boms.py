"""Bills of materials: what a product is made of, and what its making costs besides."""

from decimal import Decimal

from sqlalchemy import Connection, delete, func, select, update

from server.sandbox.filters import page
from server.sandbox.money import cents
from server.sandbox.resources.products.bom_record import BOMS, present
from server.sandbox.resources.products.components import component_of
from server.sandbox.resources.products.composition import with_wholes
from server.sandbox.resources.products.shapes import COMPONENT, LONGEST_TEXT
from server.sandbox.rows import Record, get_row, insert_row, records, replace_rows
from server.sandbox.shapes import COMPUTED, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.goods import bom_extra_costs, bom_items, boms, product_boms
from server.sandbox.wire import Answer, Call, Routes, conflict, data, done, invalid

routes = Routes()

MILLION = Decimal(1_000_000)

ITEM = Shape(
    {**COMPONENT, "note": optional(Text(max_length=LONGEST_TEXT)), "order": optional(Whole(maximum=1_000_000))},
)

EXTRA_COST = Shape(
    {
        "name": required(Text()),
        "quantity": required(Number(places=4, above=True, maximum=MILLION)),
        "unit_price": required(Number(places=4, maximum=MILLION)),
    },
)

BOM = Shape(
    {
        "name": required(Text()),
        "items": required(Many(ITEM, minimum=1)),
        "extra_costs": optional(Many(EXTRA_COST)),
    },
    computed=COMPUTED,
)


@routes.get("/boms")
def list_boms(call: Call) -> Answer:
    """All bills of materials."""
    return page(call, BOMS, present=present)


@routes.get("/boms/{bomId}")
def get_bom(call: Call) -> Answer:
    """One bill of materials."""
    return _show(call, _load(call)["id"])


@routes.post("/boms")
def create_bom(call: Call) -> Answer:
    """Write a bill of materials."""
    sent = BOM.check(call.json())
    _check_name(call.connection, sent["name"], None)
    bom_id = insert_row(call.connection, boms, {"name": sent["name"], "created_at": call.now, "updated_at": call.now})
    _replace_lines(call, bom_id, sent)
    return _show(call, bom_id, 201)


@routes.post("/boms/{bomId}")
def update_bom(call: Call) -> Answer:
    """Change what is sent; lines that are sent take the place of the stored ones."""
    bom = _load(call)
    sent = BOM.check(call.json(), partial=True)
    name = str(sent.get("name", bom["name"]))
    _check_name(call.connection, name, bom["id"])
    changed = update(boms).where(boms.c.id == bom["id"]).values(name=name, updated_at=call.now)
    call.connection.execute(changed)
    _replace_lines(call, bom["id"], sent)
    return _show(call, bom["id"])


@routes.delete("/boms/{bomId}")
def delete_bom(call: Call) -> Answer:
    """Delete a bill of materials that no product is made by."""
    bom_id = _load(call)["id"]
    made = _made_by(call.connection, bom_id)
    if made:
        raise conflict(f"BOM {bom_id} cannot be deleted: product {made[0]} is made by it. Detach it first.")
    call.connection.execute(delete(boms).where(boms.c.id == bom_id))
    return done("BOM deleted.")


def _load(call: Call) -> Record:
    return get_row(call.connection, boms, "BOM", boms.c.id == call.id("bomId", "BOM"))


def _show(call: Call, bom_id: int, status: int = 200) -> Answer:
    rows = records(call.connection, BOMS.rows.where(boms.c.id == bom_id))
    return data(present(call.connection, rows)[0], status)


def _check_name(connection: Connection, name: str, bom_id: int | None) -> None:
    same = func.casefold(boms.c.name) == name.casefold()
    taken = select(boms.c.id).where(same, boms.c.id.is_distinct_from(bom_id))
    if connection.execute(taken).first():
        raise invalid({"name": "The name has already been taken."})


def _made_by(connection: Connection, bom_id: int) -> list[int]:
    """The products that are made by the BOM."""
    query = select(product_boms.c.product_id).where(product_boms.c.bom_id == bom_id)
    return list(connection.execute(query.order_by(product_boms.c.product_id)).scalars())


def _replace_lines(call: Call, bom_id: int, sent: Record) -> None:
    if "items" in sent:
        _replace_items(call, bom_id, sent["items"])
    if "extra_costs" in sent:
        old = bom_extra_costs.c.bom_id == bom_id
        rows = [_extra_cost(call, bom_id, cost) for cost in sent["extra_costs"] or []]
        replace_rows(call.connection, bom_extra_costs, old, rows)


def _replace_items(call: Call, bom_id: int, sent: list[Record]) -> None:
    wholes = with_wholes(call.connection, _made_by(call.connection, bom_id))
    faults: dict[str, str] = {}
    rows = []
    for index, line in enumerate(sent):
        product = component_of(call.connection, line, f"items.{index}", wholes, faults)
        if product is not None:
            rows.append(_item(call, bom_id, product, line, index + 1))
    if faults:
        raise invalid(faults)
    replace_rows(call.connection, bom_items, bom_items.c.bom_id == bom_id, rows)


def _item(call: Call, bom_id: int, product: Record, line: Record, place: int) -> Record:
    order = line.get("order")
    return {
        "bom_id": bom_id,
        "product_id": product["id"],
        "quantity": line["quantity"],
        "note": line.get("note"),
        "uom_id": line.get("uom_id"),
        "order": place if order is None else order,
        "created_at": call.now,
        "updated_at": call.now,
    }


def _extra_cost(call: Call, bom_id: int, cost: Record) -> Record:
    total = cents(cost["quantity"] * cost["unit_price"])
    return {**cost, "bom_id": bom_id, "line_total": total, "created_at": call.now, "updated_at": call.now}
