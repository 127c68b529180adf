"""The records that can be searched for by what people call them: which fields of which lists, what is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tools.workflows.books import Row


class Way(StrEnum):
    """How people write what stands in a field."""

    NUMBER = "number"
    SKU = "sku"
    """A number that others write something before or behind."""
    DIGITS = "digits"
    """A number without any letters."""
    CODE = "code"
    """A short name, with or without digits."""
    TRACKING = "tracking"
    """Where a carrier's long number may stand."""
    PARCEL = "parcel"
    """A carrier's number the API cannot filter by; the first page is looked through."""
    NAME = "name"
    BESIDE = "beside"
    """The name of what a person belongs to; it is given beside the person's own."""
    LISTED = "listed"
    """The name in a short list, which is read whole."""
    EMAIL = "email"
    PHONE = "phone"
    ANY = "any"
    """The API's own search, which looks at several fields and not at capitals."""
    UNSEARCHED = "unsearched"
    """An email or telephone number the API cannot filter by; the first page is looked through."""


@dataclass(frozen=True)
class Searched:
    """A field that a list is filtered by. main: a number that may have no digits, a name that may be misspelled."""

    name: str
    way: Way = Way.NUMBER
    main: bool = False


@dataclass(frozen=True)
class Text:
    """Where a row holds what a query may name; dots go into objects and lists.

    own: it names this record itself, and not another one it belongs to. said: what the field is called in answers.
    beside: the path of a name that people give together with this one. is_part: a query may hold it and more.
    """

    path: str
    own: bool = True
    is_name: bool = False
    said: str = ""
    is_phone: bool = False
    beside: str = ""
    is_part: bool = False

    @property
    def name(self) -> str:
        """What it is called."""
        return self.said or self.path


@dataclass(frozen=True)
class Kind:
    """A kind of records. look: the operation that looks at one; by: its argument, where a query may be an id of these.

    label, status, date, amount: where a row has them, the first that is there. seldom: not searched once another kind
    fits exactly.
    """

    name: str
    operation: str
    look: str
    fields: Sequence[Searched]
    texts: Sequence[Text]
    label: Sequence[str]
    by: str = ""
    status: Sequence[str] = ("status",)
    date: Sequence[str] = ()
    amount: Sequence[str] = ()
    seldom: bool = False


_CONTACT = (
    Text("contact.supplier_business_name", False, True, "contact"),
    Text("contact.name", False, True, "contact"),
    Text("contact.contact_id", False),
    Text("contact.mobile", False, is_phone=True),
)


def _diary(name: str, plural: str) -> Kind:
    return Kind(
        name,
        f"billdiary_list_{plural}",
        f"billdiary_get_{plural.removesuffix('s')}",
        (Searched("q", Way.ANY, main=True),),
        (Text("ref_no"), *_CONTACT),
        ("ref_no", "contact.supplier_business_name", "contact.name"),
        status=("payment_status", "status"),
        date=("transaction_date",),
        amount=("final_total",),
    )


KINDS = (
    Kind(
        "bill", "list_bills", "get_bill",
        (Searched("bill_number", main=True),),
        (Text("bill_number"),),
        ("bill_number", "vendor_name"),
        "bill_id", date=("bill_date",), amount=("total",),
    ),
    Kind(
        "invoice", "list_invoices", "get_invoice",
        (Searched("customer_po_number"), Searched("sales_order.order_number"), Searched("customer.name", Way.NAME)),
        (
            Text("customer_po_number"), Text("sales_order.order_number", own=False),
            Text("customer.name", own=False, is_name=True),
        ),
        ("sales_order.order_number", "customer.name"),
        "id", status=("payment_status", "status"), date=("order_date",), amount=("total",),
    ),
    Kind(
        "purchase_order", "list_purchase_orders", "get_purchase_order",
        (Searched("order_numbers", main=True), Searched("tracking_info", Way.TRACKING)),
        (Text("order_numbers"), Text("tracking_info", own=False)),
        ("order_numbers", "supplier.name"),
        "id", status=("order_status",), date=("order_date",), amount=("total_cost",),
    ),
    Kind(
        "sales_order", "list_sales_orders", "get_sales_order",
        (
            Searched("order_number", main=True), Searched("customer_po_number"), Searched("customer_email", Way.EMAIL),
            Searched("company.name", Way.NAME),
        ),
        (
            Text("order_number"), Text("customer_po_number"), Text("customer_email", own=False),
            Text("company.name", own=False, is_name=True),
        ),
        ("order_number", "company.name"),
        "id", status=("order_status",), date=("order_date",), amount=("total",),
    ),
    Kind(
        "product", "list_products", "get_product",
        (Searched("q", Way.ANY), Searched("sku", Way.SKU), Searched("name", Way.NAME, main=True)),
        (
            Text("sku", is_part=True), Text("upc"), Text("alternate_skus.sku", said="alternate_sku"),
            Text("variants.sku"), Text("name", is_name=True),
        ),
        ("sku", "name"),
        "id", amount=("retail_price",),
    ),
    Kind(
        "company", "list_companies", "get_company",
        (Searched("name", Way.NAME, main=True), Searched("phone", Way.PHONE)),
        (
            Text("name", is_name=True), Text("shipping_email"), Text("shipping_addresses.email"),
            Text("phone", is_phone=True), Text("shipping_phone", is_phone=True),
        ),
        ("name",),
        "company_id", status=("type", "status"),
    ),
    Kind(
        "supplier", "list_suppliers", "get_supplier",
        (Searched("name", Way.NAME, main=True), Searched("email or phone", Way.UNSEARCHED)),
        (
            Text("name", is_name=True), Text("email", own=False), Text("contacts.email", own=False),
            Text("phone", own=False, is_phone=True), Text("contacts.phone", own=False, is_phone=True),
        ),
        ("name",),
        "supplier_id", status=("country",),
    ),
    Kind(
        "contact", "list_contacts", "get_contact",
        (
            Searched("last_name", Way.NAME, main=True), Searched("first_name", Way.NAME), Searched("email", Way.EMAIL),
            Searched("phone", Way.PHONE), Searched("phone_2", Way.PHONE), Searched("company.name", Way.BESIDE),
        ),
        (
            Text("email"), Text("phone", is_phone=True), Text("phone_1", is_phone=True), Text("phone_2", is_phone=True),
            Text("full_name", is_name=True), Text("last_name", is_name=True),
            Text("full_name", own=False, is_name=True, said="name and company", beside="company.name"),
        ),
        ("full_name", "company.name"),
        "contact_id",
    ),
    Kind(
        "shipment", "list_inbound_shipments", "get_inbound_shipment",
        (
            Searched("external_shipment_id"), Searched("external_po_number"), Searched("tracking_number", Way.PARCEL),
        ),
        (
            Text("external_shipment_id"), Text("external_tracking_numbers", said="tracking_number"),
            Text("external_po_number", own=False),
        ),
        ("external_shipment_id", "external_supplier_name"),
        status=("external_status",), date=("arrival_date", "external_expected_arrival_date"),
    ),
    Kind(
        "shipment", "list_purchase_order_shipments", "get_purchase_order_shipment",
        (Searched("reference_number"),),
        (Text("reference_number"),),
        ("reference_number",),
        status=("shipment_status.name", "status"), date=("shipping_date",),
    ),
    Kind(
        "receiving_report", "list_receiving_reports", "get_receiving_report",
        (Searched("tracking_number"),),
        (Text("tracking_number"),),
        ("tracking_number",),
        date=("received_date",), amount=("total_cost",),
    ),
    Kind(
        "vendor_credit", "list_vendor_credits", "get_vendor_credit",
        (Searched("reference", main=True),),
        (Text("reference"),),
        ("reference", "vendor_name"),
        "vendor_credit_id", date=("credit_date",), amount=("amount",),
    ),
    Kind(
        "prepayment", "list_prepayments", "list_prepayments",
        (Searched("reference", main=True),),
        (Text("reference"),),
        ("reference", "vendor_name"),
        "id", date=("payment_date",), amount=("amount",),
    ),
    Kind(
        "vendor_return", "list_vendor_returns", "get_vendor_return",
        (), (),
        ("vendor_name",),
        "vendor_return_id", date=("return_date",), amount=("total",), seldom=True,
    ),
    Kind(
        "fulfillment_order", "list_fulfillment_orders", "get_fulfillment_order",
        (Searched("order_number"), Searched("source_reference_identifier")),
        (Text("order_number"), Text("source_reference_identifier")),
        ("order_number", "ship_to.company"),
        "id", status=("order_status",), date=("ship_by_date",), amount=("total",), seldom=True,
    ),
    Kind(
        "transfer_order", "list_transfer_orders", "get_transfer_order",
        (Searched("number"),),
        (Text("number"),),
        ("number", "source_warehouse.name", "destination_warehouse.name"),
        "id", date=("date",), seldom=True,
    ),
    Kind(
        "edi_document", "list_edi_documents", "list_edi_documents",
        (Searched("control_number", Way.DIGITS),),
        (Text("control_number"),),
        ("control_number", "type", "partner"),
        date=("document_date",), seldom=True,
    ),
    Kind(
        "location", "list_locations", "get_location",
        (Searched("name", Way.CODE),),
        (Text("name"),),
        ("name",),
        seldom=True,
    ),
    Kind(
        "warehouse", "list_warehouses", "get_warehouse",
        (Searched("name", Way.LISTED),),
        (Text("name", is_name=True), Text("code")),
        ("name", "code"),
    ),
    Kind(
        "channel", "list_channels", "get_channel",
        (Searched("label", Way.LISTED),),
        (Text("label", is_name=True),),
        ("label", "channelType"),
        status=(),
    ),
    _diary("billdiary_purchase", "purchases"),
    _diary("billdiary_order", "purchase_orders"),
    _diary("billdiary_requisition", "purchase_requisitions"),
    _diary("billdiary_return", "purchase_returns"),
)  # fmt: skip

PARCELS = Kind(
    "shipment", "export_sales_orders", "list_sales_order_shipments",
    (),
    tuple(
        Text(f"shipments.{name}", said=name)
        for name in ("tracking_number", "bol_number", "pro_number", "partner_reference_number")
    ),
    ("order_number",),
    status=("order_status",), date=("order_date",), amount=("total_amount",),
)  # fmt: skip
"""What went to customers. Its tracking numbers stand only in the export of sales orders, which cannot be searched."""

NAMES = tuple(dict.fromkeys(each.name for each in KINDS))
"""All kinds, as answers call them."""


def values(row: Row, path: str) -> Iterator[Any]:
    """What a row holds under a path, each element of lists on the way."""
    found: list[Any] = [row]
    for part in path.split("."):
        found = [each.get(part) for each in found if isinstance(each, dict)]
        found = [inner for each in found for inner in (each if isinstance(each, list) else [each])]
    return (each for each in found if each is not None and each != "")


def first(row: Row, paths: Sequence[str]) -> Any:
    """The first value that any of the paths has."""
    return next((value for path in paths for value in values(row, path)), None)
