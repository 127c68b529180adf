"""What a company pays for a product.

A price agreed with the company comes first. Otherwise it is the price of the company's level, a percentage of the
retail price, or for a company without a level the wholesale price; of which the price schedule that applies takes off
its discount.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, Table, or_, select

from server.sandbox.money import ZERO, cents
from server.sandbox.rows import Record, records
from server.sandbox.tables.goods import (
    price_levels,
    price_schedule_companies,
    price_schedule_levels,
    price_schedule_products,
    price_schedules,
    price_tiers,
    tier_prices,
)
from server.sandbox.tables.parties import companies, company_products

ACTIVE = "active"
AMOUNT_OFF, PERCENTAGE = "amount_off", "percentage"

ONE = Decimal(1)
HUNDRED = Decimal(100)


@dataclass(slots=True)
class Schedule:
    """A price schedule that is valid today."""

    row: Record
    levels: set[int] = field(default_factory=set)
    companies: set[int] = field(default_factory=set)
    products: set[int] = field(default_factory=set)
    tiers: list[Record] = field(default_factory=list)
    """By quantity."""
    by_hand: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    """Prices set by hand, by tier and product."""

    def covers(self, product_id: int) -> bool:
        """Whether it is about the product."""
        return not self.products or product_id in self.products

    def applies_to(self, company: Record) -> bool:
        """Whether the company buys under it."""
        if self.row["global"] or company["id"] in self.companies:
            return True
        return company["price_level_id"] in self.levels

    def tier_price(self, tier: Record, product_id: int, base: Decimal) -> Decimal:
        """What a unit costs at the tier."""
        by_hand = self.by_hand.get((tier["id"], product_id))
        if by_hand is not None:
            return by_hand
        discount: Decimal = tier["discount_amount"]
        if self.row["modification_type"] == PERCENTAGE:
            discount = base * discount / HUNDRED
        return max(cents(base - discount), ZERO)

    def price(self, product_id: int, base: Decimal, quantity: Decimal) -> Decimal:
        """What a unit costs when so many are bought."""
        reached = [tier for tier in self.tiers if tier["quantity"] <= quantity]
        return self.tier_price(reached[-1], product_id, base) if reached else base


class PriceList:
    """The prices of a day, for those companies."""

    def __init__(self, connection: Connection, today: date, buyers: Sequence[Record]) -> None:
        self._connection = connection
        self.buyers = buyers
        self.levels = active_levels(connection)
        self.schedules = valid_schedules(connection, today)
        self._groups = [self._group(company) for company in buyers]

    def prices(self, products: Sequence[Record], quantity: Decimal = ONE) -> dict[int, list[Decimal]]:
        """What each of the companies pays for a unit of each product, in the order of the companies."""
        agreed = agreed_prices(self._connection, [product["id"] for product in products])
        return {product["id"]: self._prices(product, agreed.get(product["id"], {}), quantity) for product in products}

    def _prices(self, product: Record, agreed: dict[int, Decimal], quantity: Decimal) -> list[Decimal]:
        # Companies of one level and the same schedules pay the same: there are far fewer such groups than companies.
        general = {group: self._general(product, group, quantity) for group in set(self._groups)}
        return [
            agreed.get(company["id"], general[group]) for company, group in zip(self.buyers, self._groups, strict=True)
        ]

    def _group(self, company: Record) -> tuple[int | None, tuple[int, ...]]:
        open_to = tuple(index for index, schedule in enumerate(self.schedules) if schedule.applies_to(company))
        return company["price_level_id"], open_to

    def _general(self, product: Record, group: tuple[int | None, tuple[int, ...]], quantity: Decimal) -> Decimal:
        level_id, open_to = group
        base = self.base_price(product, level_id)
        for index in open_to:
            if self.schedules[index].covers(product["id"]):
                return self.schedules[index].price(product["id"], base, quantity)
        return base

    def base_price(self, product: Record, level_id: int | None) -> Decimal:
        """The price before any discount."""
        level = self.levels.get(level_id) if level_id is not None else None
        if level is not None:
            return level_price(product, level)
        wholesale: Decimal = product["wholesale_price"]
        retail: Decimal = product["retail_price"]
        return wholesale or retail


def level_price(product: Record, level: Record) -> Decimal:
    """The price of a product at a level."""
    percent: Decimal = HUNDRED + (level["percent_increase"] or ZERO)
    return max(cents(product["retail_price"] * percent / HUNDRED), ZERO)


def active_levels(connection: Connection) -> dict[int, Record]:
    """The levels in use, by id."""
    query = select(price_levels).where(price_levels.c.status == ACTIVE).order_by(price_levels.c.id)
    return {level["id"]: level for level in records(connection, query)}


def agreed_prices(connection: Connection, product_ids: Collection[int]) -> dict[int, dict[int, Decimal]]:
    """The prices agreed with companies, by product and company."""
    link = company_products.c
    query = (
        select(link.product_id, link.company_id, link.price)
        .where(link.product_id.in_(product_ids), link.price.is_not(None))
        .order_by(link.product_id, link.company_id)
    )
    found: dict[int, dict[int, Decimal]] = {}
    for product_id, company_id, price in connection.execute(query):
        found.setdefault(product_id, {})[company_id] = price
    return found


def buyers(connection: Connection, ids: Collection[int] | None = None) -> list[Record]:
    """The companies of these ids; without ids, all active ones."""
    wanted = companies.c.status == ACTIVE if ids is None else companies.c.id.in_(ids)
    columns = (companies.c.id, companies.c.name, companies.c.price_level_id)
    return records(connection, select(*columns).where(wanted).order_by(companies.c.id))


def valid_schedules(connection: Connection, today: date) -> list[Schedule]:
    """The schedules of that day; the one that counts comes first."""
    own = price_schedules.c
    query = (
        select(price_schedules)
        .where(
            own.status == ACTIVE,
            or_(own.start_date.is_(None), own.start_date <= today),
            or_(own.end_date.is_(None), own.end_date >= today),
        )
        .order_by(own.priority.desc(), own.id)
    )
    found = {row["id"]: Schedule(row) for row in records(connection, query)}
    for schedule_id, level_id in _links(connection, price_schedule_levels, "price_level_id", found):
        found[schedule_id].levels.add(level_id)
    for schedule_id, company_id in _links(connection, price_schedule_companies, "company_id", found):
        found[schedule_id].companies.add(company_id)
    for schedule_id, product_id in _links(connection, price_schedule_products, "product_id", found):
        found[schedule_id].products.add(product_id)
    _add_tiers(connection, found)
    return list(found.values())


def _links(connection: Connection, table: Table, column: str, ids: Collection[int]) -> list[tuple[int, int]]:
    query = select(table.c.price_schedule_id, table.c[column]).where(table.c.price_schedule_id.in_(ids))
    return [(row[0], row[1]) for row in connection.execute(query)]


def _add_tiers(connection: Connection, found: dict[int, Schedule]) -> None:
    tier = price_tiers.c
    mine = tier.price_schedule_id.in_(found) & (tier.status == ACTIVE)
    for row in records(connection, select(price_tiers).where(mine).order_by(tier.quantity, tier.id)):
        found[row["price_schedule_id"]].tiers.append(row)
    by_hand = select(tier.price_schedule_id, tier_prices).join(price_tiers, tier.id == tier_prices.c.price_tier_id)
    for row in records(connection, by_hand.where(mine)):
        found[row["price_schedule_id"]].by_hand[row["price_tier_id"], row["product_id"]] = row["price"]
