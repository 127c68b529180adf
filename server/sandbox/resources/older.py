"""Older spellings: paths and methods that the vendor's command line client uses, or used, for operations of today."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from server.sandbox.resources.bills import bills
from server.sandbox.resources.currency import convert_currency
from server.sandbox.resources.integrations import accounts, field_mappings, orders
from server.sandbox.resources.payment_obligations import obligations
from server.sandbox.resources.products import products
from server.sandbox.resources.products.lookup import load
from server.sandbox.resources.sales_orders.orders import update_sales_order
from server.sandbox.shapes import Shape, Text, required
from server.sandbox.wire import Answer, Call, Handler, Routes

routes = Routes()

_MAPPINGS = "/integration-field-mappings"

SAME: Mapping[tuple[str, str], Handler] = {
    ("/bills/duplicate-check", "GET"): bills.check_duplicate_bill,
    ("/bills/vendor/{vendorId}", "GET"): bills.list_bills_by_vendor,
    ("/bills/purchase-order/{purchaseOrderId}", "GET"): bills.list_bills_by_purchase_order,
    ("/bills/{billId}", "POST"): bills.update_bill,
    ("/currency/convert", "GET"): convert_currency,
    ("/sales-orders/{id}", "POST"): update_sales_order,
    (_MAPPINGS, "GET"): field_mappings.list_field_mappings,
    (_MAPPINGS, "POST"): field_mappings.create_field_mapping,
    (f"{_MAPPINGS}/field-names", "GET"): field_mappings.list_field_names,
    (f"{_MAPPINGS}/groups", "GET"): field_mappings.list_groups,
    (f"{_MAPPINGS}/bulk", "POST"): field_mappings.create_field_mappings,
    (f"{_MAPPINGS}/bulk-delete", "POST"): field_mappings.delete_field_mappings,
    (f"{_MAPPINGS}/create-and-retry", "POST"): orders.create_and_retry,
    (f"{_MAPPINGS}/auto-carrier-mapping", "POST"): accounts.toggle_auto_carrier_mapping,
    (f"{_MAPPINGS}/{{id}}", "GET"): field_mappings.get_field_mapping,
    (f"{_MAPPINGS}/{{id}}", "POST"): field_mappings.update_field_mapping,
    (f"{_MAPPINGS}/{{id}}", "PUT"): field_mappings.update_field_mapping,
    (f"{_MAPPINGS}/{{id}}", "DELETE"): field_mappings.delete_field_mapping,
}
"""Operations that are the same but for their path or method."""

routes.handlers.update(SAME)

ALTERNATE = Shape({"sku": required(Text())})


@routes.get(f"{_MAPPINGS}/suggest-carrier")
def suggest_carrier(call: Call) -> Answer:
    """The carriers that the text in the query may mean."""
    return orders.suggest_carrier(_with_body(call, {"carrier": call.argument("carrier")}))


@routes.post("/payment-obligations/{paymentObligationId}/unlink-bill")
def unlink_bill(call: Call) -> Answer:
    """Untie the obligation from the bill that the body names."""
    sent = obligations.LINK.check(call.json())
    path = {**call.path, "billId": str(sent["bill_id"])}
    return obligations.unlink_bill_from_payment_obligation(replace(call, path=path))


@routes.post("/products/{id}/alternate-skus")
def add_alternate_sku(call: Call) -> Answer:
    """One more SKU to find the product in the path by."""
    sent = ALTERNATE.check(call.json())
    body = {"sku": load(call, "id")["sku"], "alternate_sku": sent["sku"]}
    return products.add_alternate_sku(_with_body(call, body))


def _with_body(call: Call, body: Mapping[str, Any]) -> Call:
    return replace(call, body=msgspec.json.encode(body))
