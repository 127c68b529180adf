"""Generates the reports of what was received, and what outside warehouses tell of goods on their way."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from server.sandbox import ordering
from server.sandbox.money import ZERO
from server.sandbox.seeds import names
from server.sandbox.seeds.ledger import Flow, Ledger, Row
from server.sandbox.size import CLOSING_DAY

CARRIERS = ("FedEx Freight", "Old Dominion", "XPO", "Maersk", "UPS")
SOURCES = {"ShipHero": "https://app.shiphero.example", "Extensiv": "https://secure-wms.example"}
RAW_STATUSES = {"received": "Received", "in_transit": "In Transit"}

SECOND_DELIVERY = 12
"""Percent of the shipments that are unloaded in two goes."""


def report(ledger: Ledger, shipment: Row, lines: list[Row]) -> datetime:
    """Report a received shipment, mostly at once; when the last of it was put away.

    The lines say when they were received (`updated_at`) and how much came.
    """
    first = {line["id"]: line["received_quantity"] for line in lines}
    later = timedelta(days=ledger.dice.randint(1, 3))
    apart = ledger.chance(SECOND_DELIVERY) and shipment["received_date"] + later <= CLOSING_DAY
    if apart:
        rest = {line_id: (quantity / 4).quantize(Decimal(1)) for line_id, quantity in first.items()}
        first = {line_id: quantity - rest[line_id] for line_id, quantity in first.items()}
    done = _report(ledger, shipment, lines, first, timedelta())
    if not apart:
        return done
    shipment["received_date"] += later
    done = _report(ledger, shipment, lines, rest, later)
    for line in lines:
        line["updated_at"] = done
    return done


def _report(
    ledger: Ledger, shipment: Row, lines: list[Row], quantities: dict[int, Decimal], later: timedelta
) -> datetime:
    done: datetime = max(line["updated_at"] for line in lines) + later
    row = ledger.add(
        "receiving_reports",
        status="received",
        received_date=done.date(),
        received_at=done,
        received_by=f"{ledger.pick(names.FIRST_NAMES)} {ledger.pick(names.LAST_NAMES)}",
        tracking_number=f"PRO{ledger.dice.randint(10**8, 10**9 - 1)}" if ledger.chance(70) else None,
        shipped_via=ledger.pick(CARRIERS),
        shipping_cost=ledger.decimal(1500, 20000) if ledger.chance(15) else ZERO,
        total_tax=ZERO,
        total_cost=ZERO,
        total_quantity=Decimal(0),
        created_at=done,
        updated_at=done,
    )
    items = [_item(ledger, row, shipment, line, quantities[line["id"]], later) for line in lines]
    row.update(ordering.report_totals(row, items))
    return done


def _item(ledger: Ledger, row: Row, shipment: Row, line: Row, quantity: Decimal, later: timedelta) -> Row:
    item = ledger.add(
        "receiving_report_items",
        receiving_report_id=row["id"],
        purchase_order_item_id=line["id"],
        shipment_id=shipment["id"],
        quantity=quantity,
        received_quantity=quantity,
        unit_cost=line["unit_cost"],
        remarks="One carton dented" if ledger.chance(2) else None,
        **ordering.receipt_amounts(line, quantity),
    )
    ledger.flow(
        Flow(
            at=line["updated_at"] + later,
            product_id=line["product_id"],
            warehouse_id=shipment["warehouse_id"],
            quantity=int(quantity),
            kind="receipt",
            owner="receiving_report_items",
            owner_id=item["id"],
            unit_cost=line["unit_cost"],
        )
    )
    return item


def announce(ledger: Ledger, shipment: Row, order: Row, lines: list[Row]) -> None:
    """Tell of a shipment as the outside warehouse does that it goes to."""
    source = ledger.pick(tuple(SOURCES))
    received = shipment["status"] == "received"
    number = ledger.count("inbound_shipments") + 1
    factory = next(row for row in ledger.rows["suppliers"] if row["id"] == order["supplier_id"])
    told = max(shipment["created_at"] + timedelta(hours=2), shipment["updated_at"])
    inbound = ledger.add(
        "inbound_shipments",
        source=source,
        purchase_order_id=order["id"],
        shipment_id=shipment["id"],
        location_id=None,
        reconciled_at=told if received else None,
        arrival_date=shipment["received_date"],
        external_shipment_id=f"{source[:2].upper()}-{410000 + number}",
        external_warehouse_customer_id=f"C{shipment['warehouse_id']:03d}",
        external_warehouse_id=f"W{shipment['warehouse_id']:03d}",
        external_po_number=order["order_number"],
        external_status="received" if received else "in_transit",
        external_raw_status=RAW_STATUSES[shipment["status"]],
        external_supplier_name=factory["name"],
        external_system_url=f"{SOURCES[source]}/inbound/{410000 + number}",
        external_expected_arrival_date=order["arrival_due_date"],
        external_tracking_numbers=[order["tracking_info"]] if order["tracking_info"] else [],
        external_notes=["Pallets, no forklift needed"] if ledger.chance(10) else [],
        external_ship_from_address=_address(factory),
        external_date_created=datetime.combine(shipment["created_at"].date(), time(18), UTC),
        external_date_updated=told,
        created_at=shipment["created_at"],
        updated_at=told,
    )
    for position, line in enumerate(lines, 1):
        _announce_line(ledger, inbound, position, line)


def _announce_line(ledger: Ledger, inbound: Row, position: int, line: Row) -> None:
    ledger.add(
        "inbound_shipment_items",
        inbound_shipment_id=inbound["id"],
        external_item_id=f"{inbound['external_shipment_id']}-{position}",
        external_id=f"{line['id']}",
        external_sku=line["source_sku"],
        expected_quantity=line["quantity"],
        received_quantity=line["received_quantity"],
        unit_cost=line["unit_cost"],
    )


def _address(factory: Row) -> Row:
    return {
        "street1": factory["street_address"],
        "street2": None,
        "street3": None,
        "city": factory["city"],
        "state": factory["state"],
        "postal_code": factory["zip"],
        "country": factory["country"],
    }
