"""Generates the channels that orders come from and go to, and their SKUs."""

from typing import Any, NamedTuple

from server.sandbox.seeds.ledger import Ledger, Row

SALES, FULFILLMENT, END_TO_END = "sales_channel", "fulfillment_channel", "end_to_end_channel"
ACTIVE, DISABLED = 1, 0
CALLER = 1


class Channel(NamedTuple):
    """A channel to be: where it pulls orders from, where it pushes them and stock to, by account."""

    label: str
    type: str
    description: str
    pull: str | None = None
    push: str | None = None
    stocks: str | None = None
    mapping: str | None = None
    """The integration mapping of its orders."""
    more: dict[str, Any] = {}


CHANNELS = (
    Channel(
        "Web store", SALES, "Orders from luminousgoods.example", pull="Shopify storefront", stocks="Shopify storefront",
        mapping="Storefront orders", more={
            "get_products": True, "include_incoming_stocks": True,
            "metafields": [{"key": "store_url", "value": "https://luminousgoods.example"}],
        },
    ),
    Channel(
        "Amazon US", SALES, "Marketplace, merchant fulfilled", pull="Amazon Seller Central",
        stocks="Amazon Seller Central", mapping="Marketplace orders",
        more={"fees": {"percent": "15.00"}, "filters": {"fulfillment": "merchant"}},
    ),
    Channel("Wholesale desk", SALES, "Orders by phone and e-mail", more={"is_customer_specific": True}),
    Channel("Austin showroom till", SALES, "Point of sale", more={"is_pos_channel": True}),
    Channel(
        "Hollow Oak Stores", SALES, "EDI orders of one chain", pull="Hollow Oak Stores EDI", mapping="EDI 850 orders",
        more={"is_customer_specific": True, "api_locked": True, "restrictions": {"currency": "USD"}},
    ),
    Channel("Trade fairs 2025", SALES, "Orders written at fairs", more={"status": DISABLED}),
    Channel(
        "ShipStation parcels", FULFILLMENT, "Parcels from our own docks", push="ShipStation",
        mapping="ShipStation fulfillment", more={"auto_push_mode": "after_delay", "auto_push_order_after_minutes": 30},
    ),
    Channel(
        "Extensiv overflow", FULFILLMENT, "Overflow at the 3PL", push="Extensiv 3PL", stocks="Extensiv 3PL",
        mapping="3PL fulfillment", more={"pull_stocks": True, "pull_shipments": True},
    ),
    Channel(
        "Supplier dropship", FULFILLMENT, "Ships straight from the factory", push="Cartonhaus",
        mapping="3PL fulfillment",
        more={
            "is_dropship": True, "dropship_inventory_not_tracked": True, "dropship_auto_create_po": True,
            "dropship_po_delivery_type": "customer",
        },
    ),
    Channel(
        "Marketplace, fulfilled by 3PL", END_TO_END, "Sold and shipped by partners", pull="Amazon Seller Central",
        push="Extensiv 3PL", stocks="Extensiv 3PL", mapping="Marketplace orders",
        more={"pull_shipments": True, "push_incoming_stocks": True, "push_costs": True},
    ),
)  # fmt: skip

MAPPED = 8
"""One product of so many has no SKU on a channel that sells."""


def add(ledger: Ledger) -> None:
    """Generate the channels."""
    accounts = {account["name"]: account for account in ledger.rows["integration_accounts"]}
    mappings = {mapping["name"]: mapping["id"] for mapping in ledger.rows["integration_mappings"]}
    for plan in CHANNELS:
        channel = _channel(ledger, plan, accounts, mappings)
        if plan.pull:
            _products(ledger, channel)
        for tag in ledger.some(ledger.rows["tags"], 1) if ledger.chance(40) else []:
            ledger.link("taggings", owner="channel", owner_id=channel["id"], tag_id=tag["id"])


def _channel(ledger: Ledger, plan: Channel, accounts: dict[str, Row], mappings: dict[str, int]) -> Row:
    group = ledger.pick(ledger.rows["warehouse_groups"])
    untracked = plan.more.get("dropship_inventory_not_tracked")
    own = {
        "label": plan.label,
        "description": plan.description,
        "channel_type": plan.type,
        "warehouse_group_id": None if untracked else group["id"],
    }
    if plan.more.get("is_dropship"):
        own["dropship_supplier_id"] = ledger.pick(ledger.rows["suppliers"])["id"]
    return ledger.add(
        "channels", **{**_blank(), **own, **_links(ledger, plan, accounts, mappings), **plan.more, **ledger.stamps()}
    )


def _blank() -> Row:
    switches = (
        "api_locked", "is_pos_channel", "is_customer_specific", "push_costs", "get_products", "include_incoming_stocks",
        "push_incoming_stocks", "pull_stocks", "pull_shipments", "is_dropship", "dropship_inventory_not_tracked",
        "dropship_auto_create_po", "dropship_auto_send_po",
    )  # fmt: skip
    empty = (
        "pull_order_options", "push_stock_mapping_id", "push_cost_mapping_id", "dropship_supplier_id",
        "dropship_po_delivery_type", "dropship_po_delivery_warehouse_id", "auto_push_order_after_minutes",
        "auto_push_mode", "deleted_at",
    )  # fmt: skip
    return {
        **dict.fromkeys(switches, False),
        **dict.fromkeys(empty),
        "status": ACTIVE,
        "filters": {},
        "restrictions": {},
        "fees": {},
        "metafields": [],
        "created_by": CALLER,
        "updated_by": CALLER,
    }


def _links(ledger: Ledger, plan: Channel, accounts: dict[str, Row], mappings: dict[str, int]) -> Row:
    pull, push, stocks = (accounts[name] if name else None for name in (plan.pull, plan.push, plan.stocks))
    mapping_id = mappings[plan.mapping] if plan.mapping else None
    return {
        "pull_orders": pull is not None,
        "pull_order_account_id": pull and pull["id"],
        "pull_order_store_id": str(ledger.dice.randint(10_000, 99_999)) if pull and pull["needs_store_id"] else None,
        "pull_order_mapping_id": mapping_id if pull else None,
        "push_orders": push is not None,
        "push_order_account_id": push and push["id"],
        "push_order_store_id": str(ledger.dice.randint(10_000, 99_999)) if push and push["needs_store_id"] else None,
        "push_order_mapping_id": mapping_id if push and not pull else None,
        "push_stocks": stocks is not None,
        "push_stocks_account_id": stocks and stocks["id"],
    }


def _products(ledger: Ledger, channel: Row) -> None:
    """SKUs as the channel spells them."""
    for product in ledger.rows["products"]:
        if ledger.dice.randrange(MAPPED):
            ledger.add(
                "channel_products",
                channel_id=channel["id"],
                channel_sku=f"{channel['id']}-{product['sku']}",
                product_id=product["id"],
                created_at=channel["updated_at"],
                updated_at=channel["updated_at"],
            )
