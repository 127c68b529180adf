"""Where goods for a company go. They are changed together with the company."""

from server.sandbox.filters import Listing, fields, page
from server.sandbox.resources.companies import companies as company_group
from server.sandbox.resources.companies.record import ADDRESS_ROWS, present_addresses
from server.sandbox.rows import records
from server.sandbox.tables.parties import shipping_addresses
from server.sandbox.wire import Answer, Call, Routes, data, not_found

routes = Routes()

ADDRESSES = Listing(ADDRESS_ROWS, fields(shipping_addresses.c, *shipping_addresses.c.keys()), shipping_addresses.c.id)


@routes.get("/companies/{companyId}/shipping-addresses")
def list_company_shipping_addresses(call: Call) -> Answer:
    """The shipping addresses of one company."""
    mine = shipping_addresses.c.company_id == company_group.load(call)
    return page(call, ADDRESSES, mine, present=present_addresses)


@routes.get("/companies/{companyId}/shipping-addresses/{addressId}")
def get_company_shipping_address(call: Call) -> Answer:
    """One shipping address of the company."""
    mine = shipping_addresses.c.company_id == company_group.load(call)
    wanted = shipping_addresses.c.id == call.id("addressId", "Shipping address")
    rows = records(call.connection, ADDRESS_ROWS.where(mine, wanted))
    if not rows:
        raise not_found("Shipping address")
    return data(present_addresses(call.connection, rows)[0])
