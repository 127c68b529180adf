"""Questions before money leaves, and about what is owed and not billed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asking import Ledger, money
from books_say import OWED, TODAY, amounts, table
from question import Call, Question, Says


def a_bill_paid_on_its_order(books: Ledger) -> Mapping[str, Any]:
    """The first open bill whose order was paid in full itself."""
    return books.rows(
        "select b.bill_number, b.currency, o.total_paid from bills b"
        " join purchase_orders o on o.id = b.purchase_order_id"
        " where b.total_due > 0 and o.total_paid = o.total_cost order by b.id limit 1"
    )[0]


def paid_on_order(books: Ledger) -> Says:
    """What is said of it."""
    bill = a_bill_paid_on_its_order(books)
    paid = str(money(bill["total_paid"]))
    point = {"what": "its order was paid in full already, look before paying", "amount": paid, "blocks": "no"}
    return Says({"paid_on_order": f"{paid} {bill['currency']}"}, {"before_payment": [point]}, some=True)


ACCRUED = f"""
    select o.currency, sum(i.line_total) as value from receiving_reports r
    join receiving_report_items i on i.receiving_report_id = r.id
    join purchase_order_items p on p.id = i.purchase_order_item_id join purchase_orders o on o.id = p.purchase_order_id
    where r.received_date <= '{TODAY}' and not exists (select 1 from bills b
        where b.purchase_order_id = o.id and b.status <> 'void' and b.bill_date <= '{TODAY}') group by 1
"""

PAYING = (
    Question(
        "Can we pay this bill?",
        [Call("explain_bill", lambda books: {"bill": a_bill_paid_on_its_order(books)["bill_number"]}, paid_on_order)],
        "select count(*) from purchase_order_payments",
    ),
    Question(
        "Which vendors do we owe most?",
        [
            Call(
                "look_up_bills",
                {},
                lambda books: Says(
                    {"owed_bills": str(books.value(f"select count(*) from bills where {OWED}"))},
                    {
                        "by_vendor": table(
                            books,
                            "select vendor_id, currency, sum(total_due) as owed from bills"
                            f" where {OWED} and currency = 'USD' group by 1, 2 order by 3 desc limit 3",
                            money_in=["owed"],
                        )
                    },
                    some=True,
                ),
            )
        ],
        f"select count(*) from bills where {OWED}",
    ),
    Question(
        "Which overdue bills have at least 5,000 still to pay?",
        [
            Call(
                "look_up_bills",
                {"overdue": True, "amount_min": 5000},
                lambda books: Says(
                    {
                        "bills": str(
                            books.value(
                                f"select count(*) from bills where {OWED} and due_date < '{TODAY}'"
                                " and total_due >= 500000"
                            )
                        )
                    }
                ),
            )
        ],
        f"select count(*) from bills where {OWED}",
    ),
    Question(
        "Which unpaid bills do not match their order?",
        [
            Call(
                "match_bill",
                {},
                lambda books: Says(
                    rows={
                        "by_currency": table(
                            books,
                            "select currency, count(*) as bills, sum(exists (select 1 from bill_items i"
                            " join purchase_order_items p on p.id = i.purchase_order_item_id where i.bill_id = bills.id"
                            " and (i.unit_cost <> p.unit_cost or i.quantity > p.received_quantity))) as do_not_match"
                            f" from bills where {OWED} and purchase_order_id is not null group by 1 order by 1",
                        )
                    }
                ),
            )
        ],
        f"select count(*) from bills where {OWED} and purchase_order_id is not null",
    ),
    Question(
        "What have we received up to today and not been billed for?",
        [
            Call(
                "close_checklist",
                {"start_date": "2026-11-01", "end_date": TODAY},
                lambda books: Says({"receipts_not_billed_by_then_amount": amounts(books.rows(ACCRUED))}),
            )
        ],
        "select count(*) from receiving_reports",
    ),
)
