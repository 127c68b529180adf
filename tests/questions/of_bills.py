"""Questions about bills and vendors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asking import Ledger, money
from books_say import OWED, TODAY, aging, amounts, number, owed, table
from question import Call, Question, Says, groups, summary


def a_held_bill(books: Ledger) -> Mapping[str, Any]:
    """The largest bill on hold."""
    return books.rows("select * from bills where status = 'hold' and currency = 'USD' order by total_due desc limit 1")[
        0
    ]


def a_dearer_line(books: Ledger) -> Mapping[str, Any]:
    """The first line that costs more than was ordered, of the last posted bill that has one."""
    return books.rows(
        "select b.id, b.bill_number, i.line_number, i.line_total, p.unit_cost as ordered, i.unit_cost as billed"
        " from bills b"
        " join bill_items i on i.bill_id = b.id join purchase_order_items p on p.id = i.purchase_order_item_id"
        " where i.unit_cost > p.unit_cost and b.status = 'posted' order by b.id desc, i.line_number limit 1"
    )[0]


def dearer(books: Ledger) -> Says:
    """What a match says of that line."""
    line = a_dearer_line(books)
    cells = {
        "line": str(line["line_number"]),
        "unit_cost": number(line["billed"]),
        "order_cost": number(line["ordered"]),
        "amount": str(money(line["line_total"])),
        "verdict": "price",
    }
    return Says({"bill_id": str(line["id"])}, {"lines": [cells]}, some=True)


THIS_WEEK = f"due_date between '{TODAY}' and '2026-11-27'"

BILLS = (
    Question(
        "What do we owe Acme, and how much of it is overdue?",
        [
            Call(
                "look_up_bills",
                {"vendor": "acme"},
                lambda books: Says(
                    {
                        "owed": owed(books, "vendor_id = 101"),
                        "overdue": owed(books, f"vendor_id = 101 and due_date < '{TODAY}'"),
                    },
                    {"aging": aging(books, "vendor_id = 101")},
                ),
            )
        ],
        "select count(*) from bills where vendor_id = 101",
    ),
    Question(
        "What do we owe in all, by currency and by how late it is?",
        [
            Call(
                "look_up_bills",
                {},
                lambda books: Says(
                    {"owed": owed(books), "overdue": owed(books, f"due_date < '{TODAY}'")}, {"aging": aging(books)}
                ),
            )
        ],
        "select count(*) from bills",
    ),
    Question(
        "Which bills fall due within the next seven days, and how much is that?",
        [
            Call(
                "look_up_bills",
                {"due_within_days": 7},
                lambda books: Says(
                    {
                        "bills": str(books.value(f"select count(*) from bills where {OWED} and {THIS_WEEK}")),
                        "owed": owed(books, THIS_WEEK),
                    }
                ),
            )
        ],
        f"select count(*) from bills where {OWED}",
    ),
    Question(
        "How many bills did we get per month this year, and for how much, by currency?",
        [
            summary(
                "list_bills",
                groups(
                    "select substr(bill_date, 1, 7) as 'bill_date:month', currency, count(*) as count,"
                    " sum(total) as 'sum:total' from bills where bill_date >= '2026-01-01' group by 1, 2"
                    " order by case currency when 'USD' then 0 when 'EUR' then 1 else 2 end, 1",
                    money_in=["sum:total"],
                ),
                by=["bill_date:month"],
                metrics=["count", "sum:total"],
                max_tokens=1_500,
                **{"bill_date[gte]": "2026-01-01"},
            )
        ],
        "select count(*) from bills",
    ),
    Question(
        "Who are our five largest vendors in dollars this year, void bills left out?",
        [
            summary(
                "list_bills",
                groups(
                    "select c.name as vendor_name, sum(b.total) as 'sum:total' from bills b"
                    " join companies c on c.id = b.vendor_id where b.bill_date >= '2026-01-01' and b.status <> 'void'"
                    " and b.currency = 'USD' group by 1 order by 2 desc limit 5",
                    money_in=["sum:total"],
                    first=True,
                ),
                by=["vendor_name"],
                metrics=["sum:total"],
                top=5,
                currency="USD",
                **{"bill_date[gte]": "2026-01-01", "status[neq]": "void"},
            )
        ],
        "select count(*) from bills where currency = 'USD'",
    ),
    Question(
        "Which unpaid dollar bill is the largest?",
        [
            Call(
                "list_bills",
                {
                    "filters": {"currency": "USD", "status[in]": "posted,partially_paid"},
                    "sort": "total_due:desc",
                    "per_page": 1,
                },
                lambda books: Says(
                    rows={
                        "rows": table(
                            books,
                            "select id, bill_number, total_due from bills where currency = 'USD'"
                            " and status in ('posted', 'partially_paid') order by total_due desc limit 1",
                            money_in=["total_due"],
                        )
                    }
                ),
            )
        ],
        "select count(*) from bills where status in ('posted', 'partially_paid')",
    ),
    Question(
        "How do we stand with Northline Packaging, credits and all?",
        [
            Call(
                "vendor_position",
                {"vendor": "Northline Packaging"},
                lambda books: Says(
                    {
                        "owed": owed(books, "vendor_id = 102"),
                        "credits": amounts(
                            books.rows(
                                "select currency, sum(remaining_amount) as value from vendor_credits"
                                " where vendor_id = 102 and status in ('open', 'partially_applied') group by 1"
                            )
                        ),
                        "open_orders": str(
                            books.value(
                                "select count(*) from purchase_orders where vendor_id = 102 and order_status = 'active'"
                            )
                        ),
                    },
                    {"aging": aging(books, "vendor_id = 102")},
                ),
            )
        ],
        "select count(*) from bills where vendor_id = 102",
    ),
    Question(
        "How much cash do we need until the end of the year?",
        [
            Call(
                "cash_requirements",
                {"until": "2026-12-31", "by": "month"},
                lambda books: Says(
                    {
                        "required": amounts(
                            books.rows(
                                "select currency, sum(total_due) as value from"
                                f" (select currency, total_due from bills where {OWED} and due_date <= '2026-12-31'"
                                " union all select currency, total_due from payment_obligations where bill_id is null"
                                " and total_due > 0 and status in ('open', 'partially_paid')"
                                " and due_date <= '2026-12-31') group by 1"
                            )
                        ),
                        "bills": str(
                            books.value(f"select count(*) from bills where {OWED} and due_date <= '2026-12-31'")
                        ),
                    }
                ),
            )
        ],
        f"select count(*) from bills where {OWED}",
    ),
    Question(
        "Which vendor credits can we still use?",
        [
            summary(
                "list_vendor_credits",
                lambda books: Says(
                    rows={
                        "total": table(
                            books,
                            "select currency, sum(remaining_amount) as 'sum:remaining_amount', count(*) as count"
                            " from vendor_credits where status in ('open', 'partially_applied')"
                            " group by 1 order by 3 desc",
                            money_in=["sum:remaining_amount"],
                        )
                    }
                ),
                metrics=["sum:remaining_amount", "count"],
                **{"status[in]": ["open", "partially_applied"]},
            )
        ],
        "select count(*) from vendor_credits",
    ),
    Question(
        "Why is this bill not paid?",
        [
            Call(
                "explain_bill",
                lambda books: {"bill": a_held_bill(books)["bill_number"]},
                lambda books: Says(
                    {
                        "status": "hold",
                        "hold_reason": str(a_held_bill(books)["hold_reason"]),
                        "due": f"{money(a_held_bill(books)['total_due'])} USD",
                    }
                ),
            )
        ],
        "select count(*) from bills where status = 'hold'",
    ),
    Question(
        "Does this bill agree with what we ordered and got?",
        [
            Call(
                "match_bill",
                lambda books: {"bill": a_dearer_line(books)["bill_number"]},
                dearer,
            )
        ],
        "select count(*) from purchase_order_items",
    ),
    Question(
        "Metro Dock sent invoice MDW 2601 over 4,217.62. Do we have it already?",
        [
            Call(
                "check_new_bill",
                {"vendor": "Metro Dock", "bill_number": "MDW 2601", "bill_date": "2026-11-19", "total": 4217.62},
                lambda books: Says(
                    rows={
                        "similar_bills": table(
                            books,
                            "select id, bill_number, status, total from bills where bill_number = 'MDW-2601'",
                            money_in=["total"],
                        )
                    }
                ),
            )
        ],
        "select count(*) from bills where vendor_id = 132",
    ),
)
