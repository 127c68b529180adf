"""BillDiary's generated businesses at work: what they number and have in stock, and how their documents are made."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from server.sandbox.billdiary.numbering import spelled
from server.sandbox.money import ZERO
from server.sandbox.seeds.billdiary_parties import Business
from server.sandbox.seeds.ledger import Ledger, Row
from server.sandbox.size import CLOSING_DAY

SHARE = Decimal("0.0001")
"""What prices are rounded to."""

Line = dict[str, Any]


@dataclass
class Desk:
    """A business at work: its master data, what it numbered so far, what is in stock, and what is left of advances."""

    ledger: Ledger
    business: Business
    numbers: dict[str, int] = field(default_factory=dict)
    stock: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    advances: dict[int, Decimal] = field(default_factory=dict)

    def number(self, kind: str, day: date) -> str:
        """The next reference number."""
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return spelled(kind, day.year, self.numbers[kind])

    def move(self, location_id: int, variation_id: int, quantity: Decimal) -> None:
        """Goods come or go."""
        place = (location_id, variation_id)
        self.stock[place] = self.stock.get(place, ZERO) + quantity


def transaction(desk: Desk, type_: str, day: date, deal: Row, **values: Any) -> Row:
    """A transaction of that day; what is not given is empty."""
    moment = desk.ledger.moment(day)
    columns = {
        **dict.fromkeys(("contact_id", "invoice_no", "status", "payment_status", "shipping_status", "document")),
        **dict.fromkeys(("delivery_date", "due_date", "discount_type", "tax_id", "pay_term_number", "pay_term_type")),
        **dict.fromkeys(("shipping_details", "shipping_address", "delivered_to", "additional_notes", "staff_note")),
        **dict.fromkeys(("total_before_tax", "discount_amount", "tax_amount", "shipping_charges", "final_total"), ZERO),
        "exchange_rate": Decimal(1),
        "more": {},
        "return_parent_id": None,
        "ref_no": values.pop("ref_no", None) or desk.number(type_, day),
        "created_at": moment,
        "updated_at": moment,
        "transaction_date": moment,
        **deal,
        **values,
    }
    return desk.ledger.add("billdiary_transactions", business_id=desk.business.row["id"], type=type_, **columns)


def line_of(desk: Desk, goods: tuple[Row, Row, Decimal]) -> Line:
    """Goods, a quantity and a price; now and then a unit of twelve, a discount, a tax, a lot."""
    ledger, (variation, product, price) = desk.ledger, goods
    unit = desk.business.units[1] if ledger.chance(12) else None
    price = price * (unit["multiplier"] if unit else 1)
    discount = Decimal(ledger.pick((5, 10))) if ledger.chance(15) else ZERO
    net = (price * (100 - discount) / 100).quantize(SHARE)
    tax = desk.business.taxes[0] if ledger.chance(30) else None
    item_tax = (net * tax["amount"] / 100).quantize(SHARE) if tax else ZERO
    lot = f"L{ledger.dice.randint(10000, 99999)}" if ledger.chance(20) else None
    return {
        "product_id": product["id"],
        "variation_id": variation["id"],
        "quantity": Decimal(ledger.dice.randint(1, 40)),
        "secondary_unit_quantity": None,
        "quantity_returned": ZERO,
        "sub_unit_id": unit["id"] if unit else None,
        "product_unit_id": None,
        "pp_without_discount": price,
        "discount_percent": discount,
        "purchase_price": net,
        "item_tax": item_tax,
        "purchase_price_inc_tax": net + item_tax,
        "tax_id": tax["id"] if tax else None,
        "requisition_line_id": None,
        "order_line_id": None,
        "lot_number": lot,
        "mfg_date": None,
        "exp_date": CLOSING_DAY + timedelta(days=ledger.dice.randint(60, 700)) if lot else None,
    }
