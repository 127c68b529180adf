"""Questions about orders of customers, what they owe, and what the goods cost."""

from __future__ import annotations

from asking import Ledger, money
from books_say import CENTS_OF_SOLD, SOLD, TODAY, average, table
from question import Call, Question, Says, groups, summary

FALLS_DUE = "date(i.order_date, '+' || substr(i.payment_terms, 5) || ' days')"
"""The books have the terms Net 15, Net 30 and Net 45."""


def late_customers(books: Ledger) -> Says:
    """Who owes for longer than agreed, the most first."""
    query = (
        "select c.name as customer, count(*) as invoices, sum(i.total_due) as overdue"
        " from invoices i join companies c on c.id = i.company_id"
        f" where i.status = 'active' and i.total_due > 0 and {FALLS_DUE} < '{TODAY}'"
        " group by c.id order by 3 desc limit 5"
    )
    total = books.value(
        f"select sum(total_due) from invoices i where status = 'active' and total_due > 0 and {FALLS_DUE} < '{TODAY}'"
    )
    return Says({"overdue": str(money(total))}, {"by_customer": table(books, query, money_in=["overdue"])}, first=True)


SALES = (
    Question(
        "Which customers are overdue, and by how much?",
        [Call("look_up_invoices", {"overdue": True}, late_customers)],
        "select count(*) from invoices",
    ),
    Question(
        "What did each sales channel sell so far, cancelled orders left out?",
        [
            summary(
                "list_sales_orders",
                groups(
                    "select c.label as channel_name, sum(o.total) as 'sum:total', count(*) as count"
                    " from sales_orders o join channels c on c.id = o.channel_id"
                    " where o.order_status <> 'cancelled' group by 1 order by 2 desc",
                    money_in=["sum:total"],
                ),
                by=["channel_name"],
                metrics=["sum:total", "count"],
                **{"order_status[neq]": "cancelled"},
            ),
        ],
        "select count(*) from sales_orders",
    ),
    Question(
        "How many sales orders are there in which status, and what are they worth?",
        [
            summary(
                "list_sales_orders",
                groups(
                    "select order_status, count(*) as count, sum(total) as 'sum:total' from sales_orders"
                    " group by 1 order by 2 desc, 1",
                    money_in=["sum:total"],
                ),
                by=["order_status"],
                metrics=["count", "sum:total"],
            )
        ],
        "select count(*) from sales_orders",
    ),
    Question(
        "Is the average sales order getting larger from quarter to quarter?",
        [
            summary(
                "list_sales_orders",
                lambda books: Says(
                    rows={
                        "groups": [
                            {
                                "order_date:quarter": f"{row['year']}-Q{row['quarter']}",
                                "count": str(row["count"]),
                                "avg:total": average(row["total"], row["count"]),
                            }
                            for row in books.rows(
                                "select substr(order_date, 1, 4) as year,"
                                " (substr(order_date, 6, 2) + 2) / 3 as quarter,"
                                " count(*) as count, sum(total) as total"
                                " from sales_orders group by 1, 2"
                            )
                        ]
                    }
                ),
                by=["order_date:quarter"],
                metrics=["count", "avg:total"],
            )
        ],
        "select count(*) from sales_orders",
    ),
    Question(
        "Which ten SKUs cost us most in goods sold?",
        [
            summary(
                "list_transaction_cogs",
                groups(
                    f"select p.sku, sum({CENTS_OF_SOLD}) as 'sum:cogs', sum(i.quantity_shipped) as 'sum:quantity'"
                    f" from {SOLD} group by 1 order by 2 desc limit 10",
                    money_in=["sum:cogs"],
                    counts=["sum:quantity"],
                    first=True,
                ),
                by=["sku"],
                metrics=["sum:cogs", "sum:quantity"],
                top=10,
            )
        ],
        f"select count(*) from {SOLD}",
    ),
    Question(
        "Which customers owe us most?",
        [
            summary(
                "list_invoices",
                groups(
                    "select c.name as 'customer.name', sum(i.total_due) as 'sum:total_due' from invoices i"
                    " join companies c on c.id = i.company_id where i.total_due > 0 group by 1 order by 2 desc limit 5",
                    money_in=["sum:total_due"],
                    first=True,
                ),
                by=["customer.name"],
                metrics=["sum:total_due"],
                top=5,
                **{"total_due[gt]": 0},
            )
        ],
        "select count(*) from invoices",
    ),
    Question(
        "Which trading partners have most failed EDI documents?",
        [
            summary(
                "list_edi_documents",
                groups(
                    "select c.name as partner, count(*) as count"
                    " from edi_documents d join companies c on c.id = d.company_id"
                    " where d.status = 'failed' group by 1 order by 2 desc, 1 limit 3",
                    first=True,
                ),
                by=["partner"],
                top=3,
                status="failed",
            )
        ],
        "select count(*) from edi_documents",
    ),
)
