"""What the bodies of BillDiary's requests must look like."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from server.sandbox.filters import INSTANT, BadValue
from server.sandbox.money import CENT
from server.sandbox.shapes import Choice, Day, Fault, Key, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.wire import Errors

WORKFLOW = ("ordered", "partial", "completed")
"""How far a requisition or an order got."""

RECEIVED = "received"
PURCHASE_STATUSES = (RECEIVED, "pending", "ordered")

FIXED, PERCENTAGE = "fixed", "percentage"
MONTHS = "months"

CUSTOM_FIELDS = tuple(f"custom_field_{number}" for number in range(1, 5))
SHIPPING_FIELDS = tuple(f"shipping_custom_field_{number}" for number in range(1, 6))
EXPENSE_KEYS = tuple(f"additional_expense_key_{number}" for number in range(1, 5))
EXPENSE_VALUES = tuple(f"additional_expense_value_{number}" for number in range(1, 5))

LONG = 5000


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, or a day with a time; without a zone it is UTC."""

    def read(self, value: Any, path: str, errors: Errors) -> datetime:
        """The moment."""
        try:
            moment: datetime = INSTANT.read(value.strip() if isinstance(value, str) else "")
        except BadValue as error:
            raise Fault("The {name} is not a valid date.") from error
        if not 1900 <= moment.year <= 2200:
            raise Fault("The {name} is not a valid date.")
        return moment.replace(tzinfo=UTC, microsecond=0)


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean, as JSON or as a form spells it."""

    def read(self, value: Any, path: str, errors: Errors) -> bool:
        """True or False."""
        known = {"1": True, "0": False, "true": True, "false": False}
        if isinstance(value, str) and value in known:
            return known[value]
        if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
            return bool(value)
        raise Fault("The {name} must be true or false.")


ID = Whole(minimum=1)
MONEY = Number()
PRICE = Number(places=4)
AMOUNT = Number(minimum=CENT)
"""Of a payment."""
QUANTITY = Number(places=4, maximum=Decimal(9_999_999))
SOME_QUANTITY = Number(places=4, above=True, maximum=Decimal(9_999_999))
PERCENT = Number(places=4, maximum=Decimal(100))
RATE = Number(places=10, above=True, maximum=Decimal(1_000_000))
TERM = Number(places=0, maximum=Decimal(9_999))

_PRICED_LINE: dict[str, Key] = {
    "product_id": required(ID),
    "variation_id": required(ID),
    "quantity": required(SOME_QUANTITY),
    "pp_without_discount": required(PRICE),
    "purchase_price": required(PRICE),
    "purchase_price_inc_tax": required(PRICE),
    "item_tax": required(PRICE),
    "discount_percent": optional(PERCENT),
    "purchase_line_tax_id": optional(ID),
    "sub_unit_id": optional(ID),
    "product_unit_id": optional(ID),
    "secondary_unit_quantity": optional(QUANTITY),
    "lot_number": optional(Text()),
    "mfg_date": optional(Day()),
    "exp_date": optional(Day()),
    "purchase_line_id": optional(ID),
}

_TRANSACTION: dict[str, Key] = {
    "contact_id": required(ID),
    "transaction_date": required(Moment()),
    "total_before_tax": required(MONEY),
    "final_total": required(MONEY),
    "exchange_rate": optional(RATE),
    "ref_no": optional(Text()),
    "discount_type": optional(Choice((FIXED, PERCENTAGE))),
    "discount_amount": optional(PRICE),
    "tax_amount": optional(MONEY),
    "shipping_charges": optional(MONEY),
    "tax_id": optional(ID),
    "shipping_details": optional(Text(max_length=LONG)),
    "additional_notes": optional(Text(max_length=LONG)),
    "pay_term_number": optional(TERM),
    "pay_term_type": optional(Choice(("days", MONTHS))),
}

_LOCATION = {"location_id": required(ID)}

ORDER_CHANGE = Shape(
    {
        **_TRANSACTION,
        "delivery_date": optional(Moment()),
        "shipping_address": optional(Text(max_length=LONG)),
        "shipping_status": optional(Text()),
        "delivered_to": optional(Text()),
        "purchase_requisition_ids": optional(Many(ID)),
        "purchases": required(
            Many(Shape({**_PRICED_LINE, "purchase_requisition_line_id": optional(ID)}), minimum=1),
        ),
    }
)

ORDER = Shape({**_LOCATION, **ORDER_CHANGE.keys})

_FIRST_PAYMENT = Shape(
    {
        "amount": required(AMOUNT),
        "method": required(Text()),
        "paid_on": optional(Moment()),
        "account_id": optional(ID),
        "note": optional(Text(max_length=1000)),
        "is_return": optional(Truth()),
    }
)

PURCHASE_CHANGE = Shape(
    {
        **_TRANSACTION,
        "status": required(Choice(PURCHASE_STATUSES)),
        "purchase_order_ids": optional(Many(ID)),
        **{name: optional(Text()) for name in (*CUSTOM_FIELDS, *SHIPPING_FIELDS, *EXPENSE_KEYS)},
        **{name: optional(MONEY) for name in EXPENSE_VALUES},
        "purchases": required(
            Many(Shape({**_PRICED_LINE, "purchase_order_line_id": optional(ID)}), minimum=1),
        ),
    }
)

PURCHASE = Shape({**_LOCATION, **PURCHASE_CHANGE.keys, "payment": optional(Many(_FIRST_PAYMENT))})

REQUISITION = Shape(
    {
        **_LOCATION,
        "delivery_date": optional(Day()),
        "purchases": required(
            Many(
                Shape(
                    {
                        "product_id": required(ID),
                        "variation_id": required(ID),
                        "quantity": optional(QUANTITY),
                        "secondary_unit_quantity": optional(QUANTITY),
                    }
                ),
                minimum=1,
            )
        ),
    }
)

STATUS = Shape({"status": required(Choice(WORKFLOW))})

CARD_FIELDS = ("card_holder_name", "card_transaction_number", "card_type", "card_month", "card_year")
TRANSACTION_NUMBERS = {f"custom_pay_{number}": f"transaction_no_{number}" for number in range(1, 4)}
"""The field with the reference of a payment, by its method."""

PAYMENT = Shape(
    {
        "amount": required(AMOUNT),
        "method": required(Text()),
        "paid_on": optional(Moment()),
        "note": optional(Text(max_length=1000)),
        "account_id": optional(ID),
        **{name: optional(Text()) for name in ("card_number", *CARD_FIELDS, "card_security")},
        **{name: optional(Text()) for name in ("cheque_number", "bank_account_number")},
        **{name: optional(Text()) for name in TRANSACTION_NUMBERS.values()},
    }
)

RETURN = Shape(
    {
        "transaction_id": required(ID),
        "returns": required(
            Many(Shape({"purchase_line_id": required(ID), "quantity": required(QUANTITY)}), minimum=1),
        ),
        "tax_amount": optional(MONEY),
        "ref_no": optional(Text()),
    }
)

STANDALONE_RETURN = Shape(
    {
        **_LOCATION,
        "transaction_date": required(Moment()),
        "final_total": required(MONEY),
        "tax_amount": optional(MONEY),
        "tax_id": optional(ID),
        "contact_id": optional(ID),
        "ref_no": optional(Text()),
        "products": required(
            Many(
                Shape(
                    {
                        "product_id": required(ID),
                        "variation_id": required(ID),
                        "unit_price": required(PRICE),
                        "quantity": required(SOME_QUANTITY),
                        "lot_number": optional(Text()),
                        "exp_date": optional(Day()),
                    }
                ),
                minimum=1,
            )
        ),
    }
)
