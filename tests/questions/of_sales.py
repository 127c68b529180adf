"""Questions about orders of customers, what they owe, and what the goods cost."""

from __future__ import annotations

from books_say import CENTS_OF_SOLD, SOLD, average, table
from question import Call, Question, Says, groups, summary

SALES = (
    Question(
        "What did each sales channel sell so far, cancelled orders left out?",
        [
            summary(
                "list_sales_orders",
                groups(
                    "select channel_id, sum(total) as 'sum:total', count(*) as count from sales_orders"
                    " where order_status <> 'cancelled' group by 1 order by 2 desc",
                    money_in=["sum:total"],
                ),
                by=["channel_id"],
                metrics=["sum:total", "count"],
                **{"order_status[neq]": "cancelled"},
            ),
            Call(
                "list_channels",
                {"fields": "id,label"},
                lambda books: Says(
                    rows={"rows": table(books, "select id, label from channels order by id")}, some=True
                ),
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
