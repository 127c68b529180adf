"""Suppliers (factories): 5 operations."""

from __future__ import annotations

from schemas.common import Arguments, Evidence, Id, Page
from schemas.listing import Listing
from schemas.luminous.suppliers import Supplier
from tools.operation import System, Toolset

suppliers = Toolset("suppliers", System.LUMINOUS, Evidence.CLIENT)


class SupplierRef(Arguments):
    """Names one supplier."""

    supplier_id: Id


class SupplierFields(Arguments):
    """What can be stored about a supplier."""

    name: str | None = None
    description: str | None = None
    street_address: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    factory_admin_id: Id | None = None
    bank_name: str | None = None
    routing_number: str | None = None
    account_number: str | None = None
    swift_code: str | None = None
    default_payment_term: str | None = None
    contact_ids: list[Id] | None = None


@suppliers.read("GET", "/suppliers", returns=Page[Supplier])
class ListSuppliers(Listing):
    """Active suppliers (factories that make goods). Who sends bills is a company: list_companies."""


@suppliers.read("GET", "/suppliers/{supplier_id}", returns=Supplier)
class GetSupplier(SupplierRef, extra="allow"):
    """One supplier with address, bank details and contacts."""


@suppliers.write("POST", "/suppliers", returns=Supplier)
class CreateSupplier(SupplierFields, extra="allow"):
    """Add a supplier."""


@suppliers.write("POST", "/suppliers/{supplier_id}", returns=Supplier, evidence=Evidence.DOCUMENTED)
class UpdateSupplier(SupplierRef, SupplierFields, extra="allow"):
    """Change a supplier; only the fields given. contact_ids replaces the stored ones."""


@suppliers.destroy("DELETE", "/suppliers/{supplier_id}")
class DeleteSupplier(SupplierRef, extra="allow"):
    """Delete a supplier."""
