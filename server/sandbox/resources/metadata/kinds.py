"""The kinds of records that carry custom fields and tags, by the names the API gives them."""

from dataclasses import dataclass

from sqlalchemy import Table

from server.sandbox.rows import Record, get_row
from server.sandbox.tables.goods import products
from server.sandbox.tables.parties import companies, contacts, suppliers
from server.sandbox.tables.payables import bills
from server.sandbox.tables.purchasing import purchase_orders, shipments
from server.sandbox.tables.receivables import invoices
from server.sandbox.tables.selling import sales_order_items, sales_orders
from server.sandbox.tables.stock import warehouses
from server.sandbox.wire import Call, not_found


@dataclass(frozen=True)
class Kind:
    """One kind of records."""

    name: str
    """As paths and definitions spell it, such as sales-orders."""
    owner: str
    """As tags and values name the kind of record they belong to, such as sales_order."""
    table: Table
    keeps_values: bool = False
    """Whether the records keep their custom fields by label in a column of their own."""

    @property
    def title(self) -> str:
        """What one record is called in messages."""
        return self.owner.replace("_", " ").capitalize()

    @property
    def spellings(self) -> frozenset[str]:
        """All names the kind goes by in lower case, those of its model among them."""
        return frozenset(
            {self.name, self.owner, self.owner.replace("_", "-"), self.owner.replace("_", ""), self._plain}
        )

    @property
    def _plain(self) -> str:
        return self.name.replace("-", "_")


KINDS = (
    Kind("sales-orders", "sales_order", sales_orders),
    Kind("sales-order-items", "sales_order_item", sales_order_items),
    Kind("invoices", "invoice", invoices, keeps_values=True),
    Kind("products", "product", products, keeps_values=True),
    Kind("companies", "company", companies, keeps_values=True),
    Kind("contacts", "contact", contacts),
    Kind("suppliers", "supplier", suppliers),
    Kind("purchase-orders", "purchase_order", purchase_orders),
    Kind("shipments", "shipment", shipments),
    Kind("bills", "bill", bills),
    Kind("warehouses", "warehouse", warehouses),
)

_BY_PATH = {kind.name: kind for kind in KINDS}
_BY_SPELLING = {spelling: kind for kind in KINDS for spelling in kind.spellings}


def kind_called(text: str) -> Kind | None:
    """The kind of that name, however it is spelled: sales-orders, sales_order, SalesOrder."""
    return _BY_SPELLING.get(text.strip().casefold())


def record_of(call: Call) -> tuple[Kind, Record]:
    """The record named in the path, and its kind. Raises 404."""
    kind = _BY_PATH.get(call.path["recordType"])
    if kind is None:
        raise not_found("Record type")
    wanted = kind.table.c.id == call.id("recordId", kind.title)
    return kind, get_row(call.connection, kind.table, kind.title, wanted)
