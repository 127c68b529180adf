"""Questions about stock, orders to suppliers and warehouses."""

from __future__ import annotations

from books_say import number
from question import Question, Says, groups, summary

COUNTED = (
    "select n.warehouse_id, n.quantity + coalesce((select sum(m.quantity) from stock_movements m"
    " where m.product_id = n.product_id and m.warehouse_id = n.warehouse_id and m.id > n.last_movement_id"
    " and m.kind <> 'adjustment'), 0) as counted, coalesce((select sum(l.remaining) from cost_layers l"
    " where l.product_id = n.product_id and l.warehouse_id = n.warehouse_id), 0) as layered from warehouse_counts n"
)
"""What was counted in a warehouse and moved since, beside what its cost layers still hold."""

GOODS = (
    Question(
        "What did the goods cost that left each warehouse for customers this year?",
        [
            summary(
                "get_consumption_report",
                groups(
                    "select w.name as warehouse_name, sum(-m.cost) as 'sum:cost', sum(-m.quantity) as 'sum:quantity'"
                    " from stock_movements m join warehouses w on w.id = m.warehouse_id where m.kind = 'shipment'"
                    " and m.quantity < 0 and m.moved_at >= '2026-01-01' group by 1 order by 2 desc",
                    money_in=["sum:cost"],
                    counts=["sum:quantity"],
                ),
                by=["warehouse_name"],
                metrics=["sum:cost", "sum:quantity"],
                type="shipment",
                **{"date[gte]": "2026-01-01"},
            )
        ],
        "select count(*) from stock_movements where kind = 'shipment'",
    ),
    Question(
        "Which five products did we order most of from suppliers?",
        [
            summary(
                "list_purchase_order_items",
                groups(
                    "select p.sku as 'product.sku', sum(i.quantity) as 'sum:quantity'"
                    " from purchase_order_items i join purchase_orders o on o.id = i.purchase_order_id"
                    " join products p on p.id = i.product_id where o.order_status <> 'deleted'"
                    " group by 1 order by 2 desc limit 5",
                    counts=["sum:quantity"],
                    first=True,
                ),
                by=["product.sku"],
                metrics=["sum:quantity"],
                top=5,
            )
        ],
        "select count(*) from purchase_order_items",
    ),
    Question(
        "What did the jars cost that we ordered, in each currency?",
        [
            summary(
                "list_purchase_order_items",
                groups(
                    "select o.currency, p.sku as 'product.sku', sum(i.line_total) as 'sum:line_total'"
                    " from purchase_order_items i join purchase_orders o on o.id = i.purchase_order_id"
                    " join products p on p.id = i.product_id where o.order_status <> 'deleted' and p.sku like 'JAR-%'"
                    " group by 1, 2 order by instr('USD GBP EUR', o.currency), 3 desc",
                    money_in=["sum:line_total"],
                ),
                by=["product.sku"],
                metrics=["sum:line_total"],
                top=100,
                **{"product.sku[contains]": "JAR-"},
            )
        ],
        "select count(*) from purchase_order_items",
    ),
    Question(
        "How many purchase orders are still open, and how many units are to come?",
        [
            summary(
                "list_purchase_orders",
                groups(
                    "select order_status, count(*) as count, sum(total_qty_remaining) as 'sum:total_qty_remaining'"
                    " from purchase_orders where order_status = 'active' group by 1",
                    counts=["sum:total_qty_remaining"],
                    some=True,
                ),
                by=["order_status"],
                metrics=["count", "sum:total_qty_remaining"],
            )
        ],
        "select count(*) from purchase_orders",
    ),
    Question(
        "What is our stock worth, by category?",
        [
            summary(
                "get_inventory_aging",
                groups(
                    "select category, sum(value) as 'sum:total_value', sum(units) as 'sum:qty_onhand' from"
                    " (select c.name as category, sum((l.remaining * l.unit_cost + 500000) / 1000000) as value,"
                    " sum(l.remaining) as units from cost_layers l join products p on p.id = l.product_id"
                    " join categories c on c.id = p.category_id where l.remaining > 0 group by p.id)"
                    " group by 1 order by 2 desc",
                    money_in=["sum:total_value"],
                    counts=["sum:qty_onhand"],
                ),
                by=["category"],
                metrics=["sum:total_value", "sum:qty_onhand"],
            )
        ],
        "select count(*) from cost_layers where remaining > 0",
    ),
    Question(
        "Where do the stock counts and the cost layers differ, by warehouse?",
        [
            summary(
                "list_stock_discrepancies",
                groups(
                    "select w.name as warehouse_name, count(*) as count,"
                    " sum(d.counted - d.layered) as 'sum:difference'"
                    f" from ({COUNTED}) d join warehouses w on w.id = d.warehouse_id where d.counted <> d.layered"
                    " group by 1 order by 2 desc",
                    counts=["sum:difference"],
                ),
                by=["warehouse_name"],
                metrics=["count", "sum:difference"],
            )
        ],
        "select count(*) from warehouse_counts",
    ),
    Question(
        "How many units of CAN-002 are on their way to us?",
        [
            summary(
                "list_purchase_order_items",
                lambda books: Says(
                    rows={
                        "total": [
                            {
                                "sum:quantity": number(row["ordered"]),
                                "sum:received_quantity": number(row["received"]),
                            }
                            for row in books.rows(
                                "select sum(i.quantity) as ordered, sum(i.received_quantity) as received"
                                " from purchase_order_items i join purchase_orders o on o.id = i.purchase_order_id"
                                " join products p on p.id = i.product_id"
                                " where p.sku = 'CAN-002' and o.order_status <> 'deleted'"
                            )
                        ]
                    }
                ),
                metrics=["sum:quantity", "sum:received_quantity"],
                **{"product.sku": "CAN-002"},
            )
        ],
        "select count(*) from purchase_order_items",
    ),
)
