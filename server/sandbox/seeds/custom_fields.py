"""Generates the definitions of custom fields, and the values of records that have no place of their own for them."""

from typing import Any

from server.sandbox.seeds.ledger import Ledger, Row
from server.sandbox.size import CLOSING_DAY

REGIONS = ["North", "South", "East", "West"]
SOURCES = ["Web", "Phone", "Show", "Fair"]
LANGUAGES = ["English", "Spanish", "French", "German"]

FIELDS: tuple[tuple[str, str, dict[str, Any], list[str]], ...] = (
    ("Region", "dropdown", {"choices": REGIONS, "helpText": "Where the sales team looks after it"}, ["companies"]),
    ("Order source", "dropdown", {"choices": SOURCES}, ["invoices", "sales-orders"]),
    ("Gift note", "string", {"maxLength": 200}, ["sales-orders", "sales-order-items"]),
    ("Care instructions", "string", {"maxLength": 500}, ["products"]),
    ("Launch date", "date", {}, ["products"]),
    ("Shelf life in days", "number", {}, ["products"]),
    ("Last audit", "date", {"helpText": "When the factory was last visited"}, ["suppliers"]),
    ("Quality score", "number", {}, ["suppliers"]),
    ("Preferred language", "dropdown", {"choices": LANGUAGES}, ["contacts"]),
    ("Approval code", "string", {"minLength": 4, "maxLength": 12}, ["bills", "purchase-orders"]),
)  # fmt: skip
"""Label, type, options, and the kinds of records that have it."""


def add(ledger: Ledger) -> None:
    """Generate the definitions, and what contacts and suppliers have in them."""
    fields = {
        label: ledger.add(
            "custom_field_definitions",
            label=label,
            type=type_,
            options=options,
            object_types=object_types,
            **ledger.stamps(),
        )
        for label, type_, options, object_types in FIELDS
    }
    for contact in ledger.rows["contacts"]:
        if ledger.chance(30):
            _value(ledger, "contact", contact, fields["Preferred language"], ledger.pick(LANGUAGES))
    for supplier in ledger.rows["suppliers"]:
        score = ledger.decimal(60, 100, places=1)
        _value(ledger, "supplier", supplier, fields["Quality score"], f"{score.normalize():f}")
        visited = CLOSING_DAY.replace(day=ledger.dice.randint(1, 20), month=ledger.dice.randint(1, 11))
        _value(ledger, "supplier", supplier, fields["Last audit"], visited.isoformat())


def _value(ledger: Ledger, owner: str, record: Row, field: Row, value: str) -> None:
    own = {"owner": owner, "owner_id": record["id"]}
    ledger.link("custom_field_values", **own, definition_id=field["id"], value=value)
