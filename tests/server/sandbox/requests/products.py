"""Requests on products, their prices and bills of materials."""

from typing import Any

from tests.server.sandbox.requests import Sent

POUND = {"unit": "lb", "value": 1.5}
WEIGHTS = {f"{what}_weight": POUND for what in ("product", "dimensional", "box", "carton", "shipping", "pallet")}
LENGTHS = {
    f"{what}_{side}": 4.5
    for what in ("product", "box", "carton", "shipping", "pallet")
    for side in ("length", "width", "height")
}
LEVELS = {"qty_low_alert": 24, "qty_reorder_threshold": 48, "qty_minimum": 12}


def list_products(api: Any) -> Sent:
    return Sent(query={"category.name": "Tableware", "retail_price[gte]": "5", "sort": "sku:desc"})


def get_product(api: Any) -> Sent:
    return Sent({"id": api.first("/products", sku="APR-001-M")["id"]})


def create_product(api: Any) -> Sent:
    return Sent(body={**_product(api), "variants": [_variant(api)]})


def upsert_product(api: Any) -> Sent:
    body = {**_product(api), **LEVELS, "id": _plain(api)["id"], "priority_list_id": 3}
    return Sent(body={**body, "variants": [{**_variant(api), **LEVELS}]})


def update_product(api: Any) -> Sent:
    weights = {"product_weight": 1.5, **dict.fromkeys(("box_weight", "carton_weight"), "1.75")}
    weights |= dict.fromkeys(("shipping_weight", "pallet_weight"), "2")
    variant = {**_variant(api), **LEVELS, "product_weight": 1.25, "box_weight": "2"}
    return Sent({"id": _plain(api)["id"]}, body={**_product(api), **LEVELS, **weights, "variants": [variant]})


def delete_product(api: Any) -> Sent:
    return Sent({"id": api.post("/products", 201, {"name": "Trivet", "sku": "TRV-1"})["data"]["id"]})


def add_alternate_sku(api: Any) -> Sent:
    return Sent(body={"sku": "MUG-001", "alternate_sku": "SLATE-MUG"})


def export_products(api: Any) -> Sent:
    return Sent(query={"since": "2024-01-01", "limit": 20})


def list_product_pricing(api: Any) -> Sent:
    return Sent(query={"q": "mug", "sellable": "true", "per_page": 5})


def get_product_pricing(api: Any) -> Sent:
    return Sent({"productId": _plain(api)["id"]})


def list_products_company_pricing(api: Any) -> Sent:
    return Sent(query={"company_id": "150,151"})


def get_product_company_pricing(api: Any) -> Sent:
    return Sent({"productId": _plain(api)["id"]}, {"company_id": "150"})


def list_boms(api: Any) -> Sent:
    return Sent(query={"sort": "name:asc"})


def get_bom(api: Any) -> Sent:
    return Sent({"bomId": api.first("/boms")["id"]})


def create_bom(api: Any) -> Sent:
    return Sent(body=_bom(api))


def update_bom(api: Any) -> Sent:
    return Sent({"bomId": api.first("/boms")["id"]}, body=_bom(api))


def delete_bom(api: Any) -> Sent:
    return Sent({"bomId": api.post("/boms", 201, _bom(api))["data"]["id"]})


def attach_product_boms(api: Any) -> Sent:
    bom = api.post("/boms", 201, _bom(api))["data"]
    return Sent({"productId": _plain(api)["id"]}, body={"bom_ids": [bom["id"]]})


def detach_product_boms(api: Any) -> Sent:
    sent = attach_product_boms(api)
    api.post(f"/products/{sent.path['productId']}/boms", 200, sent.body)
    return sent


def _plain(api: Any) -> Any:
    return api.first("/products", sku="MUG-001")


def _goods(api: Any) -> dict[str, Any]:
    dock = _plain(api)["default_receiving_location_id"]
    return {
        "supplier_id": api.first("/suppliers")["id"],
        "image_url": "https://shop.example/trivet.jpg",
        "sellable": True,
        "default_receiving_location_id": dock,
        "description": "Cork",
        "wholesale_price": 4.25,
        "retail_price": 9,
        "unit_cost": 2.125,
        **WEIGHTS,
        **LENGTHS,
    }


def _product(api: Any) -> dict[str, Any]:
    category = api.first("/products", sku="MUG-001")
    return {
        **_goods(api),
        "name": "Trivet",
        "sku": "TRV-1",
        "category_id": category["category"]["id"],
        "sub_category_id": category["subcategory"]["id"],
        "lot_tracking": False,
        "upc": "800000000017",
        "custom_fields": {"Care instructions": "Wipe clean"},
        "tags": ["Seasonal"],
    }


def _variant(api: Any) -> dict[str, Any]:
    own = {"name": "Trivet, round", "sku": "TRV-1-R", "discontinued": False}
    return {**_goods(api), **own, "variant_attributes": {"Shape": "round"}}


def _bom(api: Any) -> dict[str, Any]:
    part = api.first("/products", sku="BOX-001")
    pair = api.first("/unit-of-measures", name="Pair")
    item = {"product_id": part["id"], "sku": "BOX-001", "quantity": 2, "note": "Flat", "uom_id": pair["id"], "order": 1}
    return {
        "name": "Mug, boxed twice",
        "items": [item],
        "extra_costs": [{"name": "Labour", "quantity": 1, "unit_price": 0.75}],
    }
