"""What products cost: base prices, schedules with their tiers, and the prices of each company."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from server.sandbox.filters import page
from server.sandbox.resources.pricing.prices import (
    PriceList,
    Schedule,
    active_levels,
    agreed_prices,
    buyers,
    level_price,
    valid_schedules,
)
from server.sandbox.resources.products.lookup import load
from server.sandbox.resources.products.record import ROWS, WHOLE, catalogue, present_plainly, searched
from server.sandbox.resources.products.shapes import ACTIVE
from server.sandbox.resources.products.variants import variants_of
from server.sandbox.rows import Record, records
from server.sandbox.tables.goods import products
from server.sandbox.wire import Answer, Call, Routes, as_id, data, invalid

routes = Routes()

MOST_COMPANIES = 1000
"""That a query may name."""


@routes.get("/products/pricing")
def list_product_pricing(call: Call) -> Answer:
    """All products with their prices."""

    def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
        return _pricing(call, rows)

    return page(call, catalogue(call), WHOLE, *searched(call.argument("q")), present=present)


@routes.get("/products/{productId}/pricing")
def get_product_pricing(call: Call) -> Answer:
    """One product with its prices, bare."""
    return Answer(_pricing(call, [load(call, "productId")])[0])


@routes.get("/products/company-pricing")
def list_products_company_pricing(call: Call) -> Answer:
    """All products with what each company pays for them."""
    price_list = _price_list(call)

    def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
        return _with_company_prices(call, rows, price_list)

    return page(call, catalogue(call), WHOLE, present=present)


@routes.get("/products/{productId}/company-pricing")
def get_product_company_pricing(call: Call) -> Answer:
    """One product with what each company pays for it."""
    product_id = load(call, "productId")["id"]
    rows = records(call.connection, ROWS.where(products.c.id == product_id))
    return data(_with_company_prices(call, rows, _price_list(call))[0])


def _pricing(call: Call, rows: Sequence[Record]) -> list[dict[str, Any]]:
    schedules = valid_schedules(call.connection, call.today)
    levels = active_levels(call.connection)
    agreed = agreed_prices(call.connection, [row["id"] for row in rows])
    names = {company["id"]: company["name"] for company in buyers(call.connection)}
    return [
        {
            **{name: row[name] for name in ("id", "name", "sku", "wholesale_price", "retail_price")},
            "is_active": row["status"] == ACTIVE,
            "pricing_schedule": _schedule(row, schedules, levels),
            "company_pricing": _overrides(agreed.get(row["id"], {}), names) or None,
        }
        for row in rows
    ]


def _schedule(product: Record, schedules: Sequence[Schedule], levels: Mapping[int, Record]) -> dict[str, Any] | None:
    """The schedule that counts for the product, with what each of its levels pays from which quantity on."""
    schedule = next((schedule for schedule in schedules if schedule.covers(product["id"])), None)
    if schedule is None:
        return None
    shown = [level for level in levels.values() if not schedule.levels or level["id"] in schedule.levels]
    return {
        "id": schedule.row["id"],
        "name": schedule.row["name"],
        "modification_type": schedule.row["modification_type"].upper(),
        "price_levels": [
            {
                "id": level["id"],
                "name": level["name"],
                "amount": level["percent_increase"],
                "tiers": _tiers(product, schedule, level_price(product, level)),
            }
            for level in shown
        ],
    }


def _tiers(product: Record, schedule: Schedule, base: Decimal) -> list[dict[str, Any]]:
    single = {"min_quantity": Decimal(0), "price": base, "is_overridden": False}
    return [
        single,
        *(
            {
                "min_quantity": tier["quantity"],
                "price": schedule.tier_price(tier, product["id"], base),
                "is_overridden": (tier["id"], product["id"]) in schedule.by_hand,
            }
            for tier in schedule.tiers
        ),
    ]


def _overrides(agreed: Mapping[int, Decimal], names: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {"company": {"id": company_id, "name": names[company_id]}, "price": price}
        for company_id, price in agreed.items()
        if company_id in names
    ]


def _price_list(call: Call) -> PriceList:
    return PriceList(call.connection, call.today, _companies(call))


def _companies(call: Call) -> list[Record]:
    """The companies the query names; all active ones when it names none. Raises 422."""
    text = call.argument("company_id")
    if not text:
        return buyers(call.connection)
    numbers = [as_id(part.strip()) for part in text.split(",")]
    ids = {number for number in numbers if number is not None}
    if None in numbers or len(ids) > MOST_COMPANIES:
        raise invalid({"company_id": f"The company_id must be up to {MOST_COMPANIES} ids, separated by commas."})
    found = buyers(call.connection, ids)
    if len(found) != len(ids):
        unknown = min(ids - {company["id"] for company in found})
        raise invalid({"company_id": f"The company_id {unknown} is no known company."})
    return found


def _with_company_prices(call: Call, rows: Sequence[Record], price_list: PriceList) -> list[dict[str, Any]]:
    below = variants_of(call.connection, [row["id"] for row in rows])
    prices = price_list.prices([*rows, *below])
    shown = present_plainly(call.connection, rows)
    for product in shown:
        for priced in (product, *product["variants"]):
            priced["company_prices"] = _of_companies(price_list.buyers, prices[priced["id"]])
    return shown


def _of_companies(companies: Sequence[Record], prices: Sequence[Decimal]) -> list[dict[str, Any]]:
    return [
        {"company_id": company["id"], "company_name": company["name"], "price": price}
        for company, price in zip(companies, prices, strict=True)
    ]
