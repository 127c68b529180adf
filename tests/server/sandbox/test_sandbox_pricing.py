"""What a company pays: its own price, else its level's price less the discount of the schedule that counts."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from server.sandbox.money import cents
from server.sandbox.tables.goods import price_schedules

RETAIL, WHOLESALE, PARTNER = 1, 2, 3


@pytest.fixture
def alone(api: Any) -> Any:
    """The API, with no price schedule in force but the named one."""

    def only(name: str | None) -> None:
        with api.books.transaction() as connection:
            others = price_schedules.c.name.is_distinct_from(name)
            connection.execute(update(price_schedules).where(others).values(status="inactive"))

    return only


def company(api: Any, level: str | None) -> int:
    query = {"price_level.name": level} if level else {"price_level.name[notset]": ""}
    found: int = api.first("/companies", status="active", **query)["id"]
    return found


def product(api: Any, **fields: Any) -> int:
    body = {"name": "Lamp", "sku": "LAMP", "retail_price": "19.99", "wholesale_price": "11.50", **fields}
    made: int = api.post("/products", 201, body)["data"]["id"]
    return made


def price(api: Any, product_id: int, company_id: int) -> Decimal:
    priced = api.get(f"/products/{product_id}/company-pricing", company_id=str(company_id))["data"]
    (entry,) = priced["company_prices"]
    assert entry["company_id"] == company_id
    return Decimal(str(entry["price"]))


def test_a_level_is_a_percentage_of_the_retail_price(api: Any, alone: Any) -> None:
    alone(None)
    lamp = product(api)
    found = {level: price(api, lamp, company(api, level)) for level in ("Retail", "Wholesale", None)}
    assert found == {"Retail": Decimal("19.99"), "Wholesale": Decimal("16.89"), None: Decimal("11.50")}
    gift = product(api, sku="GIFT", wholesale_price=0)
    assert price(api, gift, company(api, None)) == Decimal("19.99")


def test_the_schedule_of_the_highest_priority_counts(api: Any) -> None:
    key = next(row for row in api.all("/price-schedules") if row["name"] == "Key accounts")
    buyer = next(int(c["id"]) for c in key["companies"] if api.get(f"/companies/{c['id']}")["data"]["price_level"])
    level = api.get(f"/companies/{buyer}")["data"]["price_level"]["percent_increase"]
    overridden = {row["product_id"] for row in api.get(f"/companies/{buyer}/product-price-overrides")["data"]}
    mugs = api.all("/products", **{"sku[contains]": "MUG-", "type": "PRODUCT"})
    mug = next(mug for mug in mugs if mug["id"] not in overridden)
    base = cents(Decimal(str(mug["retail_price"])) * (100 + Decimal(str(level))) / 100)
    assert price(api, mug["id"], buyer) == cents(base * Decimal("0.96"))
    apron = api.first("/products", sku="APR-001")
    base = cents(Decimal(str(apron["retail_price"])) * (100 + Decimal(str(level))) / 100)
    assert price(api, apron["id"], buyer) == base, "the volume discount begins with two dozen"


def test_a_price_agreed_with_the_company_comes_first(api: Any) -> None:
    rows = api.all("/products/pricing")
    row = next(row for row in rows if row["company_pricing"])
    entry = row["company_pricing"][0]
    assert price(api, row["id"], entry["company"]["id"]) == Decimal(str(entry["price"]))
    agreed = api.get(f"/companies/{entry['company']['id']}/product-price-overrides")["data"]
    assert entry["price"] in [own["price"] for own in agreed if own["product_id"] == row["id"]]
    assert any(row["company_pricing"] is None for row in rows)


def test_every_active_company_has_a_price(api: Any) -> None:
    everybody = api.all("/companies", status="active")
    rows = api.get("/products/company-pricing", per_page=5)
    assert rows["meta"]["total"] == api.get("/products")["meta"]["total"]
    for row in rows["data"]:
        assert [entry["company_id"] for entry in row["company_prices"]] == [company["id"] for company in everybody]
    apron = api.first("/products", sku="APR-001")
    priced = api.get(f"/products/{apron['id']}/company-pricing", company_id="150, 151")["data"]
    for part in (priced, *priced["variants"]):
        assert [entry["company_id"] for entry in part["company_prices"]] == [150, 151]
    for wrong in ("1x", "150,,151", "999999"):
        answer = api.get("/products/company-pricing", 422, company_id=wrong)
        assert list(answer["errors"]) == ["company_id"]


def test_pricing_shows_what_each_level_pays_at_which_quantity(api: Any, alone: Any) -> None:
    alone("Volume discount")
    lamp = product(api)
    shown = api.get(f"/products/{lamp}/pricing")
    assert (shown["is_active"], shown["company_pricing"]) == (True, None)
    schedule = shown["pricing_schedule"]
    assert (schedule["name"], schedule["modification_type"]) == ("Volume discount", "PERCENTAGE")
    wholesale = next(level for level in schedule["price_levels"] if level["id"] == WHOLESALE)
    assert wholesale["amount"] == -15.5
    assert [(tier["min_quantity"], tier["price"]) for tier in wholesale["tiers"]] == [
        (0, 16.89),
        (24, 16.38),
        (96, 16.05),
        (240, 15.54),
    ]
    alone(None)
    assert api.get(f"/products/{lamp}/pricing")["pricing_schedule"] is None


def test_a_schedule_counts_only_in_its_time(api: Any) -> None:
    names = {
        row["pricing_schedule"]["name"]
        for row in api.all("/products/pricing", **{"sku[contains]": "CAN-"})
        if row["pricing_schedule"]
    }
    assert names == {"Holiday season 2026"}
    for later in ("Spring launch 2027", "Holiday season 2025", "Card clearance"):
        assert later not in {row["pricing_schedule"]["name"] for row in api.all("/products/pricing")}


def test_levels_and_schedules_are_bare_records(reading: Any) -> None:
    level = reading.get(f"/price-levels/{PARTNER}")
    assert (level["id"], level["name"], level["percent_increase"]) == (PARTNER, "Partner", -22)
    listed = reading.get("/price-schedules", limit=3, counting_algorithm="each_item")
    assert (len(listed["data"]), listed["meta"]["per_page"], listed["meta"]["total"]) == (3, 3, 7)
    key = next(row for row in reading.all("/price-schedules") if row["companies"])
    assert reading.get(f"/price-schedules/{key['id']}") == key
    assert {type(company["id"]) for company in key["companies"]} == {str}
    assert {tier["price_schedule_id"] for tier in key["tiers"]} == {str(key["id"])}
    assert (key["global"], key["price_levels"]) == (False, [])
    for path in ("/price-levels/99", "/price-levels/x", "/price-schedules/0", f"/price-schedules/{10**30}"):
        reading.get(path, 404)
