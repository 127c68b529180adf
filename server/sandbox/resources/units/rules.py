"""Rules that convert between units: of a whole class, or of one product, which come first."""

from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, delete, select, update

from server.sandbox.filters import page
from server.sandbox.ratios import as_decimal
from server.sandbox.resources.products.lookup import product_by_id
from server.sandbox.resources.units.bases import ACTIVE, SKU, SYSTEM
from server.sandbox.resources.units.record import RULES, present_rules
from server.sandbox.resources.units.units import FACTOR
from server.sandbox.rows import find_row, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Choice, Shape, Whole, optional, required
from server.sandbox.tables.units import unit_conversion_rules, units_of_measure
from server.sandbox.wire import NO_CONTENT, Answer, Call, Errors, Routes, as_id, data, invalid, not_found

routes = Routes()

FROM, TO, PRODUCT = "base_unit_of_measure_id", "converted_unit_of_measure_id", "product_id"

_id = Whole(minimum=1)

RULE = Shape(
    {
        "type": required(Choice((SYSTEM, SKU))),
        FROM: required(_id),
        TO: required(_id),
        "conversion_factor": required(FACTOR),
        PRODUCT: optional(_id),
    },
    computed=COMPUTED,
)

_rule = unit_conversion_rules.c


@routes.get("/unit-conversion-rules")
def list_unit_conversion_rules(call: Call) -> Answer:
    """The rules of classes and of products."""
    return page(call, RULES, present=present_rules)


@routes.get("/unit-conversion-rules/resolve")
def resolve_unit_conversion_rule(call: Call) -> Answer:
    """The rule that holds for a product: its own, else that of the class."""
    asked = _asked(call)
    pair = (_rule[FROM] == asked[FROM]) & (_rule[TO] == asked[TO])
    mine = _rule.product_id == asked[PRODUCT]
    # The product's own rule comes first: a null sorts after it.
    query = select(_rule.id).where(pair, mine | _rule.product_id.is_(None)).order_by(_rule.product_id.desc())
    rule_id = call.connection.execute(query).scalars().first()
    if rule_id is None:
        raise not_found("Unit conversion rule")
    return _show(call, rule_id)


@routes.get("/unit-conversion-rules/{id}")
def get_unit_conversion_rule(call: Call) -> Answer:
    """One rule."""
    return _show(call, _load(call))


@routes.post("/unit-conversion-rules")
def create_unit_conversion_rule(call: Call) -> Answer:
    """Create a rule."""
    values = _values(call)
    made = {"status": ACTIVE, "created_at": call.now, "updated_at": call.now}
    return _show(call, insert_row(call.connection, unit_conversion_rules, {**made, **values}), 201)


@routes.post("/unit-conversion-rules/{id}")
def update_unit_conversion_rule(call: Call) -> Answer:
    """Put another rule in the place of this one; it is sent as a whole."""
    rule_id = _load(call)
    change = update(unit_conversion_rules).where(_rule.id == rule_id)
    call.connection.execute(change.values(**_values(call, rule_id), updated_at=call.now))
    return _show(call, rule_id)


@routes.delete("/unit-conversion-rules/{id}")
def delete_unit_conversion_rule(call: Call) -> Answer:
    """Delete a rule."""
    call.connection.execute(delete(unit_conversion_rules).where(_rule.id == _load(call)))
    return NO_CONTENT


def _load(call: Call) -> int:
    rule_id = call.id("id", "Unit conversion rule")
    get_row(call.connection, unit_conversion_rules, "Unit conversion rule", _rule.id == rule_id)
    return rule_id


def _show(call: Call, rule_id: int, status: int = 200) -> Answer:
    rows = records(call.connection, RULES.rows.where(_rule.id == rule_id))
    return data(present_rules(call.connection, rows)[0], status)


def _asked(call: Call) -> dict[str, int]:
    errors: dict[str, str] = {}
    asked: dict[str, int] = {}
    for name in (PRODUCT, FROM, TO):
        text = call.argument(name) or ""
        number = as_id(text)
        if number is None:
            errors[name] = f"The {name} must be an integer." if text else f"The {name} is required."
        else:
            asked[name] = number
    if errors:
        raise invalid(errors)
    return asked


def _values(call: Call, rule_id: int | None = None) -> dict[str, Any]:
    """The columns of the rule that was sent. Raises 422 for one that makes no sense or is there already."""
    body = call.json()
    stored = find_row(call.connection, unit_conversion_rules, _rule.id == rule_id) if rule_id else None
    kept = stored["conversion_factor"] if stored else None
    if kept is not None and body.get("conversion_factor") == as_decimal(kept):
        body = {**body, "conversion_factor": 1}  # what is shown of a ratio without an end stands for the ratio
    else:
        kept = None
    sent = RULE.check(body)
    errors = {**_unit_faults(call.connection, sent), **_product_faults(call.connection, sent)}
    if errors:
        raise invalid(errors)
    product_id = sent.get(PRODUCT)
    same = (_rule[FROM] == sent[FROM]) & (_rule[TO] == sent[TO]) & _rule.product_id.is_not_distinct_from(product_id)
    if call.connection.execute(select(_rule.id).where(same, _rule.id.is_distinct_from(rule_id))).first():
        raise invalid({TO: f"The {TO} has a rule with this unit already."})
    return {**sent, PRODUCT: product_id, "conversion_factor": kept or Fraction(sent["conversion_factor"])}


def _unit_faults(connection: Connection, sent: dict[str, Any]) -> Errors:
    units = {name: find_row(connection, units_of_measure, units_of_measure.c.id == sent[name]) for name in (FROM, TO)}
    errors: Errors = {name: [f"The {name} is no known unit of measure."] for name in units if units[name] is None}
    start, end = units[FROM], units[TO]
    if start is None or end is None:
        return errors
    if start["id"] == end["id"]:
        return {TO: [f"The {TO} must be another unit than the {FROM}."]}
    if sent["type"] == SYSTEM and start["unit_class_id"] != end["unit_class_id"]:
        return {TO: [f"The {TO} is a unit of another class; only a product's rule converts between classes."]}
    return {}


def _product_faults(connection: Connection, sent: dict[str, Any]) -> Errors:
    product_id = sent.get(PRODUCT)
    if sent["type"] == SYSTEM:
        return {PRODUCT: [f"The {PRODUCT} goes with the type {SKU} only."]} if product_id is not None else {}
    if product_id is None:
        return {PRODUCT: [f"The {PRODUCT} is required with the type {SKU}."]}
    if product_by_id(connection, product_id) is None:
        return {PRODUCT: [f"The {PRODUCT} is no known product."]}
    return {}
