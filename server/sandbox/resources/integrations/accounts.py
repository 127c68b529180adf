"""Integration accounts: what the systems behind them offer, and their setting for carriers."""

from sqlalchemy import Connection, select, update

from server.sandbox.resources.integrations.vocabulary import TRACKSTAR
from server.sandbox.rows import Record, find_row, get_row, records
from server.sandbox.shapes import Flag, Shape, Whole, optional, required
from server.sandbox.tables.integrations import integration_accounts, oms_shipping_methods
from server.sandbox.wire import Answer, Call, Routes, data, invalid

routes = Routes()

ACCOUNT = "app_integration_account_id"

TOGGLE = Shape({ACCOUNT: required(Whole(minimum=1)), "enabled": optional(Flag(), nullable=False)})


@routes.get("/integration-accounts/{id}/shipping-methods")
def list_shipping_methods(call: Call) -> Answer:
    """What the order system of a TrackStar account ships with."""
    what = "Integration account"
    account = get_row(call.connection, integration_accounts, what, integration_accounts.c.id == call.id("id", what))
    if account["app"] != TRACKSTAR:
        raise invalid(
            {"id": f"Shipping methods can be fetched from TrackStar accounts only, not from {account['app']}."}
        )
    offered = oms_shipping_methods.c
    query = (
        select(offered.id, offered.code, offered.name, offered.carrier)
        .where(offered.app_integration_account_id == account["id"])
        .order_by(offered.id)
    )
    return data(records(call.connection, query))


@routes.post("/integration/field-mappings/auto-carrier-mapping")
def toggle_auto_carrier_mapping(call: Call) -> Answer:
    """Turn the setting over, or set it as `enabled` says."""
    sent = TOGGLE.check(call.json())
    account = known_account(call.connection, sent[ACCOUNT], ACCOUNT)
    enabled = sent.get("enabled", not account["auto_carrier_mapping"])
    changed = {"auto_carrier_mapping": enabled, "updated_at": call.now}
    call.connection.execute(
        update(integration_accounts).where(integration_accounts.c.id == account["id"]).values(changed)
    )
    return data({ACCOUNT: account["id"], "name": account["name"], "auto_carrier_mapping": enabled})


def known_account(connection: Connection, account_id: int, path: str) -> Record:
    """The account. Raises 422 at the path for one there is not."""
    account = find_row(connection, integration_accounts, integration_accounts.c.id == account_id)
    if account is None:
        raise invalid({path: f"The {path} is no known integration account."})
    return account
