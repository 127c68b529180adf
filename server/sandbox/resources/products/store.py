"""Making and changing products. Arrays that are sent take the place of the stored ones."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from server.sandbox.resources import tagging
from server.sandbox.resources.products import variants
from server.sandbox.resources.products.components import replace_kit_items, replace_substitutions
from server.sandbox.resources.products.composition import with_wholes
from server.sandbox.resources.products.deletion import TAGGED_AS
from server.sandbox.resources.products.own import Faults, blank, columns_of
from server.sandbox.resources.products.shapes import KIT, PRODUCT_TYPE
from server.sandbox.resources.products.skus import claims_of, sku_faults
from server.sandbox.resources.products.units import rule_fault
from server.sandbox.rows import Record, get_row, insert_row, records, same_rows
from server.sandbox.tables.goods import alternate_skus, kit_items, products
from server.sandbox.wire import Call, invalid


def create(call: Call, sent: Record) -> int:
    """A new product; its id. Raises 422."""
    faults: Faults = {}
    wanted = _type(call.connection, None, sent, faults)
    sent_variants = sent.get("variants") or []
    variant_ids = variants.matches([], sent_variants, faults)
    faults |= sku_faults(call.connection, claims_of(sent, None, sent_variants, variant_ids))
    values = columns_of(call, sent, "", faults)
    _raise(faults)
    product_id = insert_row(call.connection, products, {**blank(call), **values, "type": wanted})
    _replace_arrays(call, product_id, sent, variant_ids)
    return product_id


def change(call: Call, product: Record, sent: Record) -> None:
    """Change what is sent of a product. Raises 409, 422."""
    faults: Faults = {}
    product_id = product["id"]
    wanted = _type(call.connection, product, sent, faults)
    stored = variants.variants_of(call.connection, [product_id])
    sent_variants = sent.get("variants") or []
    variant_ids = variants.matches(stored, sent_variants, faults)
    _raise(faults)
    if "variants" in sent:
        variants.remove_others(call.connection, product_id, variant_ids)
    if "alternate_skus" in sent:
        sent = _replaced_alternate_skus(call.connection, product_id, sent)
    faults |= sku_faults(call.connection, claims_of(sent, product_id, sent_variants, variant_ids))
    values = columns_of(call, sent, "", faults, product)
    _raise(faults)
    _write(call, product_id, {**values, "type": wanted})
    if wanted != KIT:
        call.connection.execute(delete(kit_items).where(kit_items.c.kit_id == product_id))
    if product["parent_id"] is not None:
        _write(call, product["parent_id"], {})  # it is shown inside its product, which therefore changed, too
    _replace_arrays(call, product_id, sent, variant_ids)


def touch(call: Call, product_id: int) -> None:
    """Something that belongs to the product changed."""
    _write(call, product_id, {})


def _replaced_alternate_skus(connection: Connection, product_id: int, sent: Record) -> Record:
    """Make way for the alternate SKUs that are sent; those that are stored already are not sent on."""
    mine = alternate_skus.c.product_id == product_id
    stored = records(connection, select(alternate_skus).where(mine).order_by(alternate_skus.c.id))
    rows = [{"sku": alternate["sku"], **_rule_of(alternate)} for alternate in sent["alternate_skus"] or []]
    if same_rows(stored, rows):
        return {name: value for name, value in sent.items() if name != "alternate_skus"}
    connection.execute(delete(alternate_skus).where(mine))
    return sent


def _write(call: Call, product_id: int, values: Record) -> None:
    changed = {**values, "updated_at": call.now}
    call.connection.execute(update(products).where(products.c.id == product_id).values(changed))


def _type(connection: Connection, product: Record | None, sent: Record, faults: Faults) -> str:
    """What the product is to be, a product or a kit; what does not go with that is a fault."""
    items = sent.get("kit_items") or []
    implied = KIT if product is None and items else PRODUCT_TYPE
    wanted: str = sent.get("type") or (product["type"] if product else implied)
    if wanted == PRODUCT_TYPE and items:
        faults["kit_items"] = "The kit_items go with the type KIT only."
    if wanted == KIT and not _has_items(connection, product, sent):
        faults["kit_items"] = "The kit_items of a kit may not be empty."
    if wanted == KIT and _has_variants(connection, product, sent):
        faults["variants"] = "The variants do not go with the type KIT."
    if product and product["parent_id"] is not None:
        if sent.get("variants"):
            faults["variants"] = "The variants cannot be those of a variant."
        if wanted == KIT:
            faults["type"] = "The type of a variant is PRODUCT."
    return wanted


def _has_items(connection: Connection, product: Record | None, sent: Record) -> bool:
    if "kit_items" in sent or product is None:
        return bool(sent.get("kit_items"))
    return _any(connection, kit_items.c.kit_id, product["id"])


def _has_variants(connection: Connection, product: Record | None, sent: Record) -> bool:
    if "variants" in sent or product is None:
        return bool(sent.get("variants"))
    return _any(connection, products.c.parent_id, product["id"])


def _any(connection: Connection, column: Any, value: int) -> bool:
    return bool(connection.execute(select(func.count()).where(column == value)).scalar_one())


def _replace_arrays(call: Call, product_id: int, sent: Record, variant_ids: Sequence[int | None]) -> None:
    faults: Faults = {}
    connection = call.connection
    product = get_row(connection, products, "Product", products.c.id == product_id)
    if "kit_items" in sent:
        wholes = with_wholes(connection, [product_id])
        replace_kit_items(connection, product_id, sent["kit_items"] or [], wholes, faults)
    if "substitutions" in sent:
        replace_substitutions(connection, product_id, sent["substitutions"] or [], faults)
    if "variants" in sent:
        variants.replace(call, product, sent["variants"] or [], variant_ids, faults)
    shared = {name: product[name] for name in variants.SHARED}
    connection.execute(update(products).where(products.c.parent_id == product_id).values(shared))
    if "alternate_skus" in sent:
        _replace_alternate_skus(connection, product_id, sent["alternate_skus"] or [], faults)
    if "tags" in sent:
        tagging.retag(connection, TAGGED_AS, product_id, sent["tags"] or [])
    _raise(faults)


def _replace_alternate_skus(connection: Connection, product_id: int, sent: Sequence[Record], faults: Faults) -> None:
    for index, alternate in enumerate(sent):
        faults |= rule_fault(connection, alternate, f"alternate_skus.{index}.")
    rows = [
        {"product_id": product_id, "sku": alternate["sku"], **_rule_of(alternate)} for alternate in sent if not faults
    ]
    if rows:
        connection.execute(insert(alternate_skus), rows)


def add_alternate_sku(call: Call, product_id: int, alternate: Record) -> None:
    """One more alternate SKU of a product."""
    row = {"product_id": product_id, "sku": alternate["sku"], **_rule_of(alternate)}
    insert_row(call.connection, alternate_skus, row)
    touch(call, product_id)


def _rule_of(alternate: Record) -> Record:
    return {"unit_conversion_rule_id": alternate.get("unit_conversion_rule_id")}


def _raise(faults: Faults) -> None:
    if faults:
        raise invalid(faults)
