"""What the sandbox answers is what the tools take it for: every record has its declared fields, of their types."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.common import File
from tests.server.sandbox.requests import examples
from tests.server.sandbox.test_sandbox_contract import OPERATIONS, send
from tools import catalogue
from tools.operation import Operation

BY_NAME = {operation["tool"]: operation for operation in OPERATIONS}

BELOW_A_BILL = {"items", "payments", "allocations", "attachments"}

OF_THE_EXPORT = {"total_amount"}
"""What sales orders are called by in the export only."""

NOT_EXPORTED = {
    "id", "channel_id", "company_id", "customer_notes", "customer_po_number", "hold_until_date", "internal_notes",
    "payment_date", "product_total", "ship_by_date", "ship_date", "shipping_revenue", "total", "total_discount",
    "total_order_cost", "total_order_quantity",
}  # fmt: skip

NOT_LISTED_OF_AN_ORDER = {
    "additional_notes", "delivered_to", "delivery_date", "discount_type", "exchange_rate", "lines", "order_tax",
    "pay_term_number", "pay_term_type", "purchase_requisition_ids", "shipping_address", "shipping_charges",
    "shipping_details",
}  # fmt: skip

NOT_LISTED_OF_A_PURCHASE = {
    "additional_notes", "lines", "order_tax", "payments", "purchase_order_ids", "shipping_charges", "staff_note",
}  # fmt: skip

ABSENT: dict[str, set[str]] = {
    "list_bills": BELOW_A_BILL,
    "list_bills_by_vendor": BELOW_A_BILL,
    "list_bills_by_purchase_order": BELOW_A_BILL,
    "get_bills_allocation_inbox": BELOW_A_BILL,
    "list_sales_orders": OF_THE_EXPORT,
    "get_sales_order": OF_THE_EXPORT,
    "create_sales_order": OF_THE_EXPORT,
    "update_sales_order": OF_THE_EXPORT,
    "export_sales_orders": NOT_EXPORTED,
    "billdiary_list_purchase_requisitions": {"lines"},
    "billdiary_list_purchase_orders": NOT_LISTED_OF_AN_ORDER,
    "billdiary_get_purchase_order": {"po_qty_remaining"},
    "billdiary_list_purchases": NOT_LISTED_OF_A_PURCHASE,
    "billdiary_list_purchase_returns": {"parent_purchase_id", "order_tax", "lines", "payments"},
    "billdiary_get_purchase_return": {"parent_purchase_id"},
}
"""Declared fields that an operation's answer is documented without, by operation."""

MADE, MOVED = {"id", "ref_no"}, {"id", "status"}

ONLY: dict[str, set[str]] = {
    "billdiary_create_purchase_requisition": MADE,
    "billdiary_create_purchase_order": MADE,
    "billdiary_update_purchase_order": MADE,
    "billdiary_create_purchase": MADE,
    "billdiary_update_purchase": MADE,
    "billdiary_update_purchase_requisition_status": MOVED,
    "billdiary_update_purchase_order_status": MOVED,
    "billdiary_create_purchase_return": {"id", "ref_no", "parent_purchase_id"},
    "billdiary_create_standalone_purchase_return": {"id", "ref_no", "return_parent_id"},
}
"""All that an operation's answer is documented to have, where that is little of the declared record."""

TOOLS = catalogue.load()
ANSWERING = [name for name in sorted(BY_NAME) if TOOLS.operation(name).returns not in (None, File)]


@pytest.mark.parametrize("name", ANSWERING)
def test_the_answer_is_the_declared_record(api: Any, name: str) -> None:
    operation = TOOLS.operation(name)
    response = send(api, BY_NAME[name], examples()[name](api))
    assert response.headers["content-type"].startswith("application/json")
    for record in records_of(operation, response.json()):
        check(operation, record)


def records_of(operation: Operation, body: Any) -> list[Any]:
    inner = body["data"] if isinstance(body, dict) and "data" in body else body
    if not operation.many:
        return [inner]
    assert isinstance(inner, list), "a list was declared"
    assert inner, "the example finds no row"
    return inner


def check(operation: Operation, record: Any) -> None:
    assert operation.returns is not None
    assert isinstance(record, dict)
    declared = {field.alias or name for name, field in operation.returns.model_fields.items()}
    absent = ONLY.get(operation.name, declared) - ABSENT.get(operation.name, set()) - record.keys()
    assert not absent, f"declared, and not answered: {sorted(absent)}"
    try:
        operation.returns.model_validate_json(json.dumps(record))
    except ValidationError as error:
        pytest.fail(str(error))
