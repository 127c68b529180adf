"""Generates the warehouses and their locations."""

from server.sandbox.seeds import names
from server.sandbox.seeds.ledger import Ledger

GROUPS = (
    ("National", "Everything that ships to customers", ("CMH", "RNO", "CHS")),
    ("West", "Orders from the Rockies to the Pacific", ("RNO", "AUS")),
    ("Showroom", "What is sold over the counter", ("AUS",)),
)
"""Groups of warehouses: name, what they are for, codes of the warehouses."""


def add(ledger: Ledger) -> None:
    """Generate where goods are kept."""
    _warehouses(ledger)
    ids = {warehouse["code"]: warehouse["id"] for warehouse in ledger.rows["warehouses"]}
    for name, description, codes in GROUPS:
        group = ledger.add("warehouse_groups", name=name, description=description, **ledger.stamps())
        for code in codes:
            ledger.link("warehouse_group_members", warehouse_group_id=group["id"], warehouse_id=ids[code])


def home(ledger: Ledger, product_id: int, warehouse_id: int) -> int:
    """The location of the warehouse that a product is kept at."""
    shelves = [
        location["id"]
        for location in ledger.rows["locations"]
        if location["warehouse_id"] == warehouse_id and location["is_pick_location"]
    ]
    return int(shelves[product_id % len(shelves)])


def _warehouses(ledger: Ledger) -> None:
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
            deleted_at=None,
            **ledger.stamps(),
        )
        for shelf in ("A-01", "A-02", "B-01", "Receiving"):
            ledger.add(
                "locations",
                warehouse_id=warehouse["id"],
                name=f"{code}-{shelf}",
                status="active",
                is_pick_location=shelf != "Receiving",
                created_at=warehouse["created_at"],
                updated_at=warehouse["updated_at"],
            )
