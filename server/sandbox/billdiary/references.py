"""Checks that what a body refers to exists and is the business's own."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from server.sandbox.billdiary.wire import Visit
from server.sandbox.rows import Record, find_row, records
from server.sandbox.tables.billdiary import (
    accounts,
    contacts,
    locations,
    products,
    taxes,
    transactions,
    units,
    variations,
)
from server.sandbox.wire import Errors, invalid

PLURALS = {"purchase_requisition_ids": "requisition", "purchase_order_ids": "purchase order"}
"""What the ids of a key belong to."""

_LINE_REFERENCES = {"purchase_line_tax_id": taxes, "sub_unit_id": units, "product_unit_id": units}


def check_head(visit: Visit, sent: Mapping[str, Any]) -> None:
    """The location, the contact and the tax of a transaction. Raises 422."""
    errors: Errors = {}
    for name, table in {"location_id": locations, "contact_id": contacts, "tax_id": taxes}.items():
        wanted = sent.get(name)
        if wanted is not None and wanted not in _known(visit, table, [wanted]):
            errors[name] = [f"The selected {name} is invalid."]
    if errors:
        raise invalid(errors)


def check_products(visit: Visit, lines: list[Record], key: str) -> None:
    """The products, variations, units and taxes of lines. Raises 422."""
    known = _variations(visit, [line["variation_id"] for line in lines])
    own = {
        name: _known(visit, table, {line[name] for line in lines if line.get(name)})
        for name, table in _LINE_REFERENCES.items()
    }
    goods = _known(visit, products, {line["product_id"] for line in lines})
    errors: Errors = {}
    for index, line in enumerate(lines):
        wrong = [name for name in own if line.get(name) and line[name] not in own[name]]
        if line["product_id"] not in goods:
            wrong.append("product_id")
        elif known.get(line["variation_id"]) != line["product_id"]:
            wrong.append("variation_id")
        errors |= {f"{key}.{index}.{name}": [f"The selected {key}.{index}.{name} is invalid."] for name in wrong}
    if errors:
        raise invalid(errors)


def check_sources(visit: Visit, ids: Iterable[int], key: str, type_: str) -> None:
    """The transactions that one was made from. Raises 422."""
    wanted = list(ids)
    mine = (transactions.c.business_id == visit.user.business_id) & (transactions.c.type == type_)
    query = select(transactions.c.id).where(mine, transactions.c.id.in_(wanted))
    known = set(visit.connection.execute(query).scalars())
    unknown = [f"{key}.{index}" for index, source_id in enumerate(wanted) if source_id not in known]
    if unknown:
        raise invalid({path: f"The selected {path} is no known {PLURALS[key]}." for path in unknown})


def check_account(visit: Visit, account_id: int | None, path: str) -> None:
    """The account of a payment. Raises 422."""
    if account_id is not None and account_id not in _known(visit, accounts, [account_id]):
        raise invalid({path: f"The selected {path} is invalid."})


def payment_methods(connection: Connection, location_id: int) -> list[str]:
    """The methods that the location allows."""
    location = find_row(connection, locations, locations.c.id == location_id)
    methods: list[str] = location["payment_methods"] if location else []
    return methods


def _known(visit: Visit, table: Table, ids: Iterable[int]) -> set[int]:
    query = select(table.c.id).where(table.c.business_id == visit.user.business_id, table.c.id.in_(list(ids)))
    return set(visit.connection.execute(query).scalars())


def _variations(visit: Visit, ids: list[int]) -> dict[int, int]:
    """The product of each variation."""
    query = (
        select(variations.c.id, variations.c.product_id)
        .join(products, products.c.id == variations.c.product_id)
        .where(products.c.business_id == visit.user.business_id, variations.c.id.in_(ids))
    )
    return {row["id"]: row["product_id"] for row in records(visit.connection, query)}
