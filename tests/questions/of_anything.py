"""Questions about whatever comes along: numbers without a name, the month end, BillDiary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asking import Ledger
from books_say import table
from question import Call, Question, Says, groups, summary


def a_parcel(books: Ledger) -> Mapping[str, Any]:
    """A shipment that went to a customer a year ago."""
    return books.rows(
        "select o.id, o.order_number, s.tracking_number from sales_order_shipments s join sales_orders o"
        " on o.id = s.sales_order_id where s.ship_date between '2025-10-01' and '2025-11-30'"
        " and length(s.tracking_number) > 9 order by s.id limit 1"
    )[0]


ANYTHING = (
    Question(
        "Can we close October?",
        [
            Call(
                "close_checklist",
                {"start_date": "2026-10-01", "end_date": "2026-10-31"},
                lambda books: Says(
                    {
                        "draft_bills": str(
                            books.value(
                                "select count(*) from bills where status = 'draft'"
                                " and bill_date between '2026-10-01' and '2026-10-31'"
                            )
                        ),
                        "bills_on_hold": str(
                            books.value(
                                "select count(*) from bills where status = 'hold' and bill_date <= '2026-10-31'"
                            )
                        ),
                        "invoice_sync_errors": str(
                            books.value(
                                "select count(distinct e.invoice_id) from invoice_sync_errors e"
                                " where e.occurred_at between '2026-10-01' and '2026-10-31T23:59:59Z'"
                            )
                        ),
                    }
                ),
            )
        ],
        "select count(*) from bills",
    ),
    Question(
        "What is 679710-CAN-004?",
        [
            Call(
                "find_record",
                {"query": "679710-can-004"},
                lambda books: Says(
                    rows={
                        "records": table(
                            books,
                            "select 'product' as kind, p.id, p.sku || ' ' || p.name as record from alternate_skus a"
                            " join products p on p.id = a.product_id where a.sku = '679710-CAN-004'",
                        )
                    }
                ),
            )
        ],
        "select count(*) from products",
    ),
    Question(
        "A customer asks about a parcel by its tracking number: which order is it?",
        [
            Call(
                "find_record",
                lambda books: {"query": a_parcel(books)["tracking_number"]},
                lambda books: Says(
                    rows={
                        "records": [
                            {
                                "kind": "shipment",
                                "id": str(a_parcel(books)["id"]),
                                "record": a_parcel(books)["order_number"],
                                "match": "exact tracking_number",
                            }
                        ]
                    }
                ),
            )
        ],
        "select count(*) from sales_order_shipments",
    ),
    Question(
        "What did each BillDiary location buy, and what of it is unpaid?",
        [
            summary(
                "billdiary_list_purchases",
                groups(
                    "select l.name as 'location.name', t.payment_status, sum(t.final_total) as 'sum:final_total',"
                    " count(*) as count from billdiary_transactions t"
                    " join billdiary_locations l on l.id = t.location_id"
                    " where t.type = 'purchase' and t.business_id = 1 group by 1, 2 order by 3 desc",
                    money_in=["sum:final_total"],
                ),
                by=["location.name", "payment_status"],
                metrics=["sum:final_total", "count"],
            )
        ],
        "select count(*) from billdiary_transactions where type = 'purchase' and business_id = 1",
    ),
)
