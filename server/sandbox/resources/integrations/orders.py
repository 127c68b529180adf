"""Field mappings for the sake of orders: suggested, taken over from recent orders, or made to push an order again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, literal, select, union

from server.sandbox.resources.fulfillment.orders import push_fulfillment_order
from server.sandbox.resources.integrations import field_mappings as mapped
from server.sandbox.resources.integrations.accounts import ACCOUNT, known_account
from server.sandbox.resources.integrations.vocabulary import CARRIER, NAMED, SHIPPING_METHOD, suggest_carriers
from server.sandbox.rows import Record, find_row, records
from server.sandbox.shapes import COMPUTED, Shape, Text, Whole, optional, required
from server.sandbox.tables.fulfillment import fulfillment_orders
from server.sandbox.tables.integrations import field_mappings
from server.sandbox.tables.selling import sales_orders
from server.sandbox.wire import Answer, Call, Routes, WireError, created, data, invalid

routes = Routes()

RECENT = timedelta(days=90)
"""How far quick-add looks back."""

TRANSLATED = {CARRIER: sales_orders.c.carrier_code, SHIPPING_METHOD: sales_orders.c.service_code}
"""What of an order is translated, by the field of its mappings."""

CREATE_AND_RETRY = Shape(
    {
        ACCOUNT: required(Whole(minimum=1)),
        **mapped.VALUES,
        "sales_order_id": optional(Whole(minimum=1), nullable=False),
    },
    computed=COMPUTED,
)
QUICK_ADD = Shape({ACCOUNT: optional(Whole(minimum=1))})
SUGGEST = Shape({"carrier": required(Text())})


@routes.post("/integration/field-mappings/suggest-carrier")
def suggest_carrier(call: Call) -> Answer:
    """The carriers of TrackStar that a text may mean; nothing is stored."""
    carrier = SUGGEST.check(call.json())["carrier"]
    return data({"carrier": carrier, "suggestions": suggest_carriers(carrier)})


@routes.post("/integration/field-mappings/quick-add")
def quick_add(call: Call) -> Answer:
    """Map the values of recent orders to themselves where they are not mapped yet."""
    account_id = QUICK_ADD.check(call.json()).get(ACCOUNT)
    if account_id is not None:
        known_account(call.connection, account_id, ACCOUNT)
    values = [
        {"field_name": row["field_name"], "luminous_value": row["value"], "external_value": row["value"]}
        for row in _recent_values(call, account_id)
    ]
    new = [{**value, ACCOUNT: account_id} for value in values]
    return created(mapped.add(call, new, [""] * len(new)))


@routes.post("/integration/field-mappings/create-and-retry")
def create_and_retry(call: Call) -> Answer:
    """Map one value, and push what was held back of the order for lack of it."""
    sent = CREATE_AND_RETRY.check(call.json())
    order_id = sent.pop("sales_order_id", None)
    order = order_id and find_row(call.connection, sales_orders, sales_orders.c.id == order_id)
    if order_id is not None and not order:
        raise invalid({"sales_order_id": "The sales_order_id is no known sales order."})
    account = known_account(call.connection, sent[ACCOUNT], ACCOUNT)
    mapping = mapped.add(call, [sent], [""])[0]
    return created({**mapping, "retry": _retry(call, order, account) if order else None})


def _recent_values(call: Call, account_id: int | None) -> list[Record]:
    """The values of recent orders that no mapping of the account or of all accounts translates."""
    recent = sales_orders.c.order_date >= call.today - RECENT
    queries = [
        select(literal(name).label("field_name"), column.label("value"))
        .where(recent, column.is_not(None), column != "")
        .where(~_translation(literal(name), column, account_id))
        for name, column in TRANSLATED.items()
    ]
    values = union(*queries).subquery()
    return records(call.connection, select(values).order_by(values.c.field_name, values.c.value).limit(mapped.MOST))


def _translation(name: Any, value: ColumnElement[str], account_id: int | None) -> ColumnElement[bool]:
    stored = field_mappings.c
    owner = stored.app_integration_account_id
    return exists().where(
        stored.field_name == name, stored.luminous_value == value, owner.is_(None) | (owner == account_id)
    )


def _retry(call: Call, order: Record, account: Record) -> dict[str, Any]:
    """Push what the account waits for of the order, once all of its values are translated."""
    _map_carrier(call, order, account)
    missing = _untranslated(call.connection, order, account["id"])
    waiting = [] if missing else _waiting(call.connection, order["id"], account)
    pushes = [{"fulfillment_order_id": part_id, **_push(call, part_id)} for part_id in waiting]
    return {"sales_order_id": order["id"], "missing_fields": missing, "pushes": pushes}


def _push(call: Call, part_id: int) -> dict[str, Any]:
    try:
        told = push_fulfillment_order(replace(call, path={"id": str(part_id)}, body=b""))
    except WireError as error:
        return {"success": False, "message": error.message}
    return {name: told.body["data"][name] for name in ("success", "message")}


def _waiting(connection: Connection, order_id: int, account: Record) -> list[int]:
    """The fulfillment orders that are to go to the account and have not."""
    own = fulfillment_orders.c
    query = select(own.id).where(
        own.sales_order_id == order_id, own.destination == account["name"], own.pushed_at.is_(None)
    )
    return list(connection.execute(query.order_by(own.id)).scalars())


def _untranslated(connection: Connection, order: Record, account_id: int) -> list[str]:
    """The fields of the order whose values no active mapping translates for the account."""
    stored = field_mappings.c
    owner = stored.app_integration_account_id
    missing = []
    for name, column in TRANSLATED.items():
        value = order[column.name]
        translates = (stored.field_name == name, stored.luminous_value == value, stored.is_active)
        if value and not find_row(connection, field_mappings, *translates, owner.is_(None) | (owner == account_id)):
            missing.append(name)
    return missing


def _map_carrier(call: Call, order: Record, account: Record) -> None:
    """Map the order's carrier by its name, where the account is set to that and nobody has mapped it."""
    if not account["auto_carrier_mapping"] or CARRIER not in _untranslated(call.connection, order, account["id"]):
        return
    value = order[TRANSLATED[CARRIER].name]
    best = suggest_carriers(value)[:1]
    if not best or best[0]["score"] < NAMED:
        return
    found = {"field_name": CARRIER, "luminous_value": value, "external_value": best[0]["value"], ACCOUNT: account["id"]}
    if mapped.identity(found) not in mapped.known(call.connection, [found]):
        mapped.add(call, [{**found, "notes": "Mapped by the carrier's name."}], [""])
