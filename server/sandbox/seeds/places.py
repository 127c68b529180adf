"""Generates the warehouses and their locations."""

from server.sandbox.seeds import names
from server.sandbox.seeds.ledger import Ledger


def add(ledger: Ledger) -> None:
    """Generate where goods are kept."""
    for name, code, city, state, postal_code in names.WAREHOUSES:
        warehouse = ledger.add(
            "warehouses",
            name=name,
            status="active",
            code=code,
            address=f"{ledger.dice.randint(1, 990)} {ledger.pick(names.STREETS)}",
            address_line_2=None,
            city=city,
            state=state,
            postal_code=postal_code,
            country="USA",
            contact_name=f"{ledger.pick(names.FIRST_NAMES)} {ledger.pick(names.LAST_NAMES)}",
            email=f"dock.{code.lower()}@luminous.example",
            phone=f"555-{ledger.dice.randint(200, 989)}-{ledger.dice.randint(1000, 9999)}",
            parent_id=None,
            **ledger.stamps(),
        )
        for shelf in ("A-01", "A-02", "B-01", "Receiving"):
            ledger.add(
                "locations",
                warehouse_id=warehouse["id"],
                name=f"{code}-{shelf}",
                status="active",
                parent_id=None,
                is_pick_location=shelf != "Receiving",
                created_at=warehouse["created_at"],
                updated_at=warehouse["updated_at"],
            )
