"""Requests on reports."""

from typing import Any

from tests.server.sandbox.requests import Sent

AUTUMN = {"start_date": "2026-08-21", "end_date": "2026-11-20"}


def get_close_books_invoice_sync_errors(api: Any) -> Sent:
    return Sent(query=AUTUMN)


def get_close_books_sales_summary(api: Any) -> Sent:
    return Sent(query=AUTUMN)


def get_close_books_zero_cost_items(api: Any) -> Sent:
    return Sent(query=AUTUMN)


def get_close_books_zero_valuation_inventory(api: Any) -> Sent:
    return Sent()


def list_stock_discrepancies(api: Any) -> Sent:
    return Sent(query={"warehouse_id": 1})


def get_discrepancy_summary(api: Any) -> Sent:
    return Sent()


def list_edi_documents(api: Any) -> Sent:
    return Sent(query={"type[in]": "850,810", "direction": "inbound", **AUTUMN})


def export_edi_documents(api: Any) -> Sent:
    return Sent(query={"status": "failed"})


def get_edi_summary(api: Any) -> Sent:
    return Sent(query=AUTUMN)


def list_transaction_cogs(api: Any) -> Sent:
    return Sent(query={"date[gte]": "2026-08-01", "sort": "cogs:desc"})


def update_transaction_cogs(api: Any) -> Sent:
    lines = [line["id"] for line in api.get("/reports/transaction-cogs", per_page=2)["data"]]
    return Sent(body={"mode": "sales_item_ids", "sales_item_ids": lines, "cost_per_unit": 3.1234})
