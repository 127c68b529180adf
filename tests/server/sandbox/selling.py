"""Orders, shipments and returns that tests begin with."""

from typing import Any

from sqlalchemy import func, select

from server.sandbox.tables.stock import stocks

ADDRESS: dict[str, Any] = {
    "name": "Dana Whitfield",
    "company": "Clover Mercantile",
    "street1": "14 Harbor Ave",
    "street2": "Dock 2",
    "street3": "Rear",
    "city": "Austin",
    "state": "TX",
    "postal_code": "78701",
    "country": "USA",
    "phone": "555-301-2200",
}

SHIP_TO: dict[str, Any] = {
    **{name: value for name, value in ADDRESS.items() if name != "postal_code"},
    "postalCode": "78701",
    "residential": False,
}


def on_shelf(api: Any, quantity: int = 12) -> tuple[int, int]:
    """A product, and a warehouse that has so many of it in one place."""
    enough = select(stocks.c.product_id, stocks.c.warehouse_id).where(stocks.c.on_hand >= quantity)
    with api.books.transaction() as connection:
        product_id, warehouse_id = connection.execute(enough.order_by(stocks.c.id).limit(1)).one()
    return product_id, warehouse_id


def channel(api: Any) -> int:
    """A channel that orders come from."""
    found: int = api.first("/channels", channelType="sales_channel")["id"]
    return found


def new_order(api: Any, product_id: int, quantity: int = 10, **fields: Any) -> Any:
    """An order of one line at 12.50."""
    body = {
        "channel_id": channel(api),
        "order_number": "T-1001",
        "order_date": "2026-11-20",
        "order_status": "awaiting_shipment",
        "company_id": 150,
        "items": [{"product_id": product_id, "quantity": quantity, "unit_price": "12.50"}],
        **fields,
    }
    return api.post("/sales-orders", 201, body)["data"]


def shipment(order: Any, warehouse_id: int, quantity: int = 4, **fields: Any) -> dict[str, Any]:
    """A body that ships so much of the order's first line."""
    line = order["items"][0]
    return {
        "ship_date": "2026-11-20",
        "tracking_number": "794612345678",
        "carrier_code": "fedex",
        "warehouse_id": warehouse_id,
        "ship_to": SHIP_TO,
        "items": [
            {
                "product_id": line["product_id"],
                "order_item_id": line["id"],
                "quantity": quantity,
                "unit_price": 12.5,
                "weight": {"value": 3.5, "units": "ounces"},
            }
        ],
        **fields,
    }


def shipped(api: Any, quantity: int = 4) -> tuple[Any, Any]:
    """A new order with a shipment of its first line."""
    product_id, warehouse_id = on_shelf(api)
    order = new_order(api, product_id)
    return order, api.post(f"/sales-orders/{order['id']}/shipments", 201, shipment(order, warehouse_id, quantity))


def new_return(api: Any, **fields: Any) -> Any:
    """A return of three of four shipped."""
    order, _ = shipped(api)
    line = {"sales_order_item_id": order["items"][0]["id"], "quantity": 3}
    return api.post("/returns", 201, {"sales_order_id": order["id"], "items": [line], **fields})["data"]


def full_shipment(order: Any, warehouse_id: int) -> dict[str, Any]:
    """A body with everything that can be said about a shipment."""
    texts = ("bol_number", "pro_number", "partner_reference_number", "service_code", "package_code")
    said: dict[str, Any] = dict.fromkeys(texts, "REF-1")
    return shipment(
        order,
        warehouse_id,
        **said,
        is_return=False,
        shipment_cost=8.4,
        insurance_cost=1,
        weight={"value": 14, "units": "ounces"},
        dimensions={"units": "inches", "length": 12, "width": 8, "height": 6},
    )


WAREHOUSE = 1


def waiting_part(api: Any, **filters: Any) -> Any:
    """A fulfillment order that can be pushed."""
    return api.first("/fulfillment-orders", order_status="pending", **{"destination[set]": "", **filters})


def shippable_part(api: Any, quantity: int = 4) -> tuple[Any, Any]:
    """A fulfillment order with its sales order, whose first line the warehouse has enough of."""
    for part in api.all("/fulfillment-orders", **{"order_status[in]": "pending,pushed"}):
        order = api.get(f"/sales-orders/{part['sales_order_id']}")["data"]
        if order["order_status"] != "on_hold" and in_stock(api, order["items"][0]["product_id"], quantity):
            return part, order
    raise LookupError("no fulfillment order can be shipped")


def in_stock(api: Any, product_id: int, quantity: int) -> bool:
    """Whether the warehouse has so many of the product."""
    there = select(func.sum(stocks.c.on_hand)).where(
        stocks.c.product_id == product_id, stocks.c.warehouse_id == WAREHOUSE
    )
    with api.books.transaction() as connection:
        return (connection.execute(there).scalar_one() or 0) >= quantity
