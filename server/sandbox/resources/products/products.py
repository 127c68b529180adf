"""Products and kits: list, look up, enter, change, delete, export."""

from server.sandbox.exports import cursor_page
from server.sandbox.filters import page
from server.sandbox.resources.products import store
from server.sandbox.resources.products.deletion import delete_products
from server.sandbox.resources.products.lookup import load, product_by_id, product_by_sku
from server.sandbox.resources.products.record import (
    PRODUCTS,
    ROWS,
    WHOLE,
    catalogue,
    present,
    present_for_export,
    searched,
)
from server.sandbox.resources.products.shapes import ACTIVE, PRODUCT, UPSERT, body_of
from server.sandbox.resources.products.skus import Claim, sku_faults
from server.sandbox.resources.products.units import rule_fault
from server.sandbox.resources.products.variants import variants_of
from server.sandbox.rows import Record, find_row, records
from server.sandbox.shapes import Shape, Text, Whole, optional, required
from server.sandbox.tables.goods import products
from server.sandbox.wire import Answer, Call, Routes, data, done, invalid

routes = Routes()

ALTERNATE = Shape(
    {
        "sku": required(Text()),
        "alternate_sku": required(Text()),
        "unit_conversion_rule_id": optional(Whole(minimum=1)),
    }
)


@routes.get("/products")
def list_products(call: Call) -> Answer:
    """All products and kits."""
    return page(call, catalogue(call), WHOLE, *searched(call.argument("q")), present=present)


@routes.get("/products/export")
def export_products(call: Call) -> Answer:
    """The active products in the order of their last change."""
    active = products.c.status == ACTIVE
    return cursor_page(call, PRODUCTS, WHOLE, active, present=present_for_export)


@routes.get("/products/{id}")
def get_product(call: Call) -> Answer:
    """One product, kit or variant."""
    return _show(call, load(call, "id")["id"])


@routes.post("/products")
def create_product(call: Call) -> Answer:
    """Enter a product, with its variants or as a kit."""
    return _show(call, store.create(call, PRODUCT.check(body_of(call))), 201)


@routes.patch("/products")
def upsert_product(call: Call) -> Answer:
    """Change the product of that id or SKU; without one, enter it."""
    body = body_of(call)
    sent = UPSERT.check(body, partial=True)
    product = _wanted(call, sent)
    if product is None:
        return _show(call, store.create(call, UPSERT.check(body)), 201)
    store.change(call, product, sent)
    return _show(call, product["id"])


@routes.post("/products/{id}")
def update_product(call: Call) -> Answer:
    """Change what is sent."""
    product = load(call, "id")
    store.change(call, product, PRODUCT.check(body_of(call), partial=True))
    return _show(call, product["id"])


@routes.delete("/products/{id}")
def delete_product(call: Call) -> Answer:
    """Delete a product, and its variants, that nothing else refers to."""
    product = load(call, "id")
    below = [variant["id"] for variant in variants_of(call.connection, [product["id"]])]
    delete_products(call.connection, [*below, product["id"]])
    if product["parent_id"] is not None:
        store.touch(call, product["parent_id"])
    return done("Product deleted.")


@routes.post("/products/alternate-sku")
def add_alternate_sku(call: Call) -> Answer:
    """One more SKU to find a product by."""
    sent = ALTERNATE.check(call.json())
    product = find_row(call.connection, products, products.c.sku == sent["sku"])
    faults = sku_faults(call.connection, [Claim("alternate_sku", sent["alternate_sku"])])
    faults |= rule_fault(call.connection, sent, "")
    if product is None:
        faults["sku"] = "The sku is no known product."
    if faults or product is None:
        raise invalid(faults)
    store.add_alternate_sku(call, product["id"], {**sent, "sku": sent["alternate_sku"]})
    return _show(call, product["id"], 201)


def _wanted(call: Call, sent: Record) -> Record | None:
    """The product an upsert is about; what it was found by is taken out of the body."""
    product_id = sent.pop("id", None)
    if product_id is not None:
        product = product_by_id(call.connection, product_id)
        if product is None:
            raise invalid({"id": "The id is no known product."})
        return product
    if not sent.get("sku"):
        raise invalid({"sku": "The sku is required without an id."})
    product = product_by_sku(call.connection, sent["sku"])
    if product is not None:
        del sent["sku"]
    return product


def _show(call: Call, product_id: int, status: int = 200) -> Answer:
    rows = records(call.connection, ROWS.where(products.c.id == product_id))
    return data(present(call.connection, rows)[0], status)
