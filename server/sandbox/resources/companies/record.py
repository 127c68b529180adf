"""Companies as they are shown, with their type, price level, tags and shipping addresses."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from server.sandbox.filters import Listing, field, fields
from server.sandbox.resources import tagging
from server.sandbox.rows import Record, records
from server.sandbox.tables.goods import price_levels
from server.sandbox.tables.parties import companies, company_types, shipping_addresses

_OWN = (
    "id", "status", "name", "created_at", "updated_at", "phone", "address", "address_line_2", "city", "state",
    "postal_code", "country", "payment_term", "tax_exempt", "tax_rate", "due_date_days", "notes", "fein", "currency",
    "parent_company_id",
)  # fmt: skip

_LEVEL = ("id", "created_at", "updated_at", "status", "name", "type", "percent_increase")

ROWS: Select[Any] = select(
    companies, company_types.c.name.label("type"), *(price_levels.c[name].label(f"level_{name}") for name in _LEVEL)
).select_from(
    companies.outerjoin(company_types, companies.c.type_id == company_types.c.id).outerjoin(
        price_levels, companies.c.price_level_id == price_levels.c.id
    )
)

ADDRESS_ROWS: Select[Any] = select(shipping_addresses, companies.c.name.label("company_name")).join(
    companies, companies.c.id == shipping_addresses.c.company_id
)

COMPANIES = Listing(
    ROWS,
    {
        **fields(companies.c, *_OWN),
        "type": field(company_types.c.name),
        "client_type.name": field(company_types.c.name),
        "price_level.name": field(price_levels.c.name),
        "tag": tagging.tag_field("company", companies.c.id),
    },
    companies.c.id,
)


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as whole companies."""
    ids = [row["id"] for row in rows]
    addresses = _addresses_of(connection, ids)
    tags = tagging.tags_of(connection, "company", ids)
    return [_present(row, addresses.get(row["id"], []), tags.get(row["id"], [])) for row in rows]


def _present(row: Record, addresses: list[dict[str, Any]], tags: list[dict[str, Any]]) -> dict[str, Any]:
    default = next((address for address in addresses if address["is_default"]), None)
    shown = {name: row[name] for name in _OWN}
    level = {name: row[f"level_{name}"] for name in _LEVEL} if row["price_level_id"] else None
    return {
        **shown,
        "type": row["type"],
        "full_address": joined(row),
        **_shipping_fields(default),
        "price_level": level,
        "tags": tags,
        "custom_fields": row["custom_fields"],
        "default_shipping": default,
        "shipping_addresses": addresses,
    }


def _shipping_fields(default: Mapping[str, Any] | None) -> dict[str, Any]:
    address = default or {}
    names = ("first_name", "last_name", "email", "phone", "address", "city", "state", "postal_code", "country")
    shown = {f"shipping_{name}": address.get(name) for name in names}
    return {**shown, "shipping_full_address": address.get("full_address")}


def present_addresses(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as whole shipping addresses."""
    return [
        {
            **row,
            "full_address": joined(row),
            "full_name": " ".join(filter(None, (row["first_name"], row["last_name"]))),
        }
        for row in rows
    ]


def _addresses_of(connection: Connection, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    query = ADDRESS_ROWS.where(shipping_addresses.c.company_id.in_(ids)).order_by(shipping_addresses.c.id)
    found: dict[int, list[dict[str, Any]]] = {}
    for address in present_addresses(connection, records(connection, query)):
        found.setdefault(address["company_id"], []).append(address)
    return found


def joined(row: Mapping[str, Any]) -> str:
    """An address in one line."""
    place = " ".join(_present_parts(row["state"], row["postal_code"]))
    return ", ".join(_present_parts(row["address"], row["address_line_2"], row["city"], place, row["country"]))


def _present_parts(*parts: str | None) -> Iterable[str]:
    return (part for part in parts if part)
