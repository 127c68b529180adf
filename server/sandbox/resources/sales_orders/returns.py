"""Customer returns: goods that come back of a sales order, and money that goes back for them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server.sandbox.filters import page
from server.sandbox.money import ZERO, cents
from server.sandbox.resources.sales_orders import record as order_record
from server.sandbox.resources.sales_orders import restocking, return_record
from server.sandbox.resources.sales_orders.lines import MILLION, spelled
from server.sandbox.resources.sales_orders.return_record import PENDING, RECEIVED, REFUND_ONLY, RETURN_ONLY, TYPES
from server.sandbox.rows import Record, find_row, insert_row
from server.sandbox.shapes import COMPUTED, Choice, Day, Flag, Many, Number, Shape, Whole, optional, required
from server.sandbox.tables.returns import customer_refunds, customer_return_items, customer_returns
from server.sandbox.tables.selling import sales_orders
from server.sandbox.tables.stock import locations
from server.sandbox.wire import Answer, Call, Errors, Routes, conflict, done, invalid

routes = Routes()

LINE = Shape(
    {
        "sales_order_item_id": required(Whole(minimum=1)),
        "quantity": required(Number(places=4, above=True, maximum=MILLION)),
        "uom_id": optional(Whole(minimum=1)),
        "location_id": optional(Whole(minimum=1)),
        "lot_id": optional(Whole(minimum=1)),
    }
)

RETURN = Shape(
    {
        "sales_order_id": required(Whole(minimum=1)),
        "items": required(Many(LINE, minimum=1)),
        "order_date": optional(Day()),
        "is_posted": optional(Whole(maximum=1)),
        "restock": optional(Flag()),
        "transaction_type": optional(Choice(TYPES)),
    },
    computed=COMPUTED,
)

RESTOCK = Shape({"restock": required(Flag())})


@routes.get("/returns")
def list_customer_returns(call: Call) -> Answer:
    """All returns."""
    return page(call, return_record.RETURNS, present=return_record.present)


@routes.get("/returns/{id}")
def get_customer_return(call: Call) -> Answer:
    """One return."""
    return return_record.show(call, return_record.load(call)["id"])


@routes.post("/returns")
def create_customer_return(call: Call) -> Answer:
    """Take back, or refund, what was shipped of an order; it waits to be received unless it is posted."""
    sent = RETURN.check(call.json())
    order = find_row(call.connection, sales_orders, sales_orders.c.id == sent["sales_order_id"])
    if order is None:
        raise invalid({"sales_order_id": "The sales_order_id is no known sales order."})
    ordered = {line["id"]: line for line in order_record.lines_of(call.connection, [order["id"]])[order["id"]]}
    _check_lines(call.connection, order["id"], sent["items"], ordered)
    kind = sent.get("transaction_type") or RETURN_ONLY
    made = {
        "sales_order_id": order["id"],
        "status": PENDING,
        "transaction_type": kind,
        "restock": kind != REFUND_ONLY and _restocks(order, sent.get("restock")),
        "order_date": sent.get("order_date") or call.today,
        "created_at": call.now,
        "updated_at": call.now,
    }
    return_id = insert_row(call.connection, customer_returns, made)
    names = ("sales_order_item_id", "quantity", "uom_id", "location_id", "lot_id")
    rows = [{"customer_return_id": return_id, **{name: line.get(name) for name in names}} for line in sent["items"]]
    call.connection.execute(insert(customer_return_items), rows)
    if kind != RETURN_ONLY:
        _refund(call, return_id, sent["items"], ordered)
    if sent.get("is_posted"):
        _receive(call, {"id": return_id, **made})
    return return_record.show(call, return_id, 201)


@routes.patch("/returns/{id}/receive")
def receive_customer_return(call: Call) -> Answer:
    """The goods have arrived; they go into stock where the return says so."""
    returned = return_record.load(call)
    _require_pending(returned, "received")
    _receive(call, returned)
    return return_record.show(call, returned["id"])


@routes.patch("/returns/{id}/restock")
def set_customer_return_restock(call: Call) -> Answer:
    """Say whether receiving the return puts its goods into stock."""
    returned = return_record.load(call)
    restock = RESTOCK.check(call.json())["restock"]
    _require_pending(returned, "changed")
    if restock and returned["transaction_type"] == REFUND_ONLY:
        raise conflict(f"Return {returned['id']} cannot restock: it is a refund without goods.")
    _change(call, returned["id"], restock=restock)
    return return_record.show(call, returned["id"])


@routes.delete("/returns/{id}")
def delete_customer_return(call: Call) -> Answer:
    """Delete a return; what it put into stock is taken out again."""
    returned = return_record.load(call)
    if returned["status"] == RECEIVED and returned["restock"]:
        restocking.take_out(call, returned)
    call.connection.execute(delete(customer_returns).where(customer_returns.c.id == returned["id"]))
    return done("Customer return deleted.")


def _restocks(order: Record, wish: bool | None) -> bool:
    """Goods go back into stock unless told otherwise; those of an order apart from stock only when told."""
    return not order["skip_inventory"] if wish is None else wish


def _receive(call: Call, returned: Record) -> None:
    if returned["restock"]:
        restocking.put_back(call, returned)
    _change(call, returned["id"], status=RECEIVED, received_at=call.now)


def _require_pending(returned: Record, action: str) -> None:
    if returned["status"] != PENDING:
        raise conflict(f"Return {returned['id']} cannot be {action}: its status is {returned['status']}.")


def _change(call: Call, return_id: int, **values: Any) -> None:
    changed = {**values, "updated_at": call.now}
    call.connection.execute(update(customer_returns).where(customer_returns.c.id == return_id).values(changed))


def _check_lines(
    connection: Connection, order_id: int, sent: Sequence[Mapping[str, Any]], ordered: Mapping[int, Record]
) -> None:
    """Raises 422 for lines of other orders, for more than was shipped, and for unknown locations."""
    errors: Errors = {}
    taken: dict[int, Decimal] = defaultdict(Decimal, return_record.returned(connection, order_id))
    ids = [line["location_id"] for line in sent if line.get("location_id")]
    known = set(connection.execute(select(locations.c.id).where(locations.c.id.in_(ids))).scalars())
    for index, line in enumerate(sent):
        path, line_id = f"items.{index}", line["sales_order_item_id"]
        if line_id not in ordered:
            name = f"{path}.sales_order_item_id"
            errors[name] = [f"The {name} is no line of this sales order."]
        else:
            left = ordered[line_id]["quantity_shipped"] - taken[line_id]
            taken[line_id] += line["quantity"]
            if line["quantity"] > left:
                name = f"{path}.quantity"
                errors[name] = [f"The {name} is more than the {spelled(max(left, Decimal(0)))} that can come back."]
        if line.get("location_id") and line["location_id"] not in known:
            errors[f"{path}.location_id"] = [f"The {path}.location_id is no known location."]
    if errors:
        raise invalid(errors)


def _refund(call: Call, return_id: int, sent: Sequence[Mapping[str, Any]], ordered: Mapping[int, Record]) -> None:
    """Give back what the customer owes for the goods after discount."""
    amount = sum((refund_of(ordered[line["sales_order_item_id"]], line["quantity"]) for line in sent), ZERO)
    row = {"customer_return_id": return_id, "amount": amount, "created_at": call.now, "updated_at": call.now}
    insert_row(call.connection, customer_refunds, row)


def refund_of(line: Record, quantity: Decimal) -> Decimal:
    """What is refunded for so much of an order line."""
    return cents(line["line_total"] * quantity / line["quantity"])
