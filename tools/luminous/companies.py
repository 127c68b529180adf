"""Companies (customers and vendors) and their contacts: 14 operations."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.common import (
    Arguments,
    Count,
    CustomFields,
    Email,
    Evidence,
    Id,
    Mark,
    Moment,
    Page,
    Password,
    ShortText,
    TextId,
)
from schemas.filters import Filters
from schemas.listing import LimitPaging, Listing, Paging
from schemas.luminous.companies import (
    ClientType,
    Company,
    CompanyProduct,
    Contact,
    NewShippingAddress,
    PriceOverride,
    TagNames,
)
from tools.operation import System, Toolset

companies = Toolset("companies", System.LUMINOUS, Evidence.CLIENT)


class CompanyRef(Arguments):
    """Names one company; the API documents its id as a string."""

    company_id: TextId


class CompanyFields(Arguments):
    """What can be stored about a company."""

    client_type: ClientType | None = Field(None, description="Customer type; a new name creates it")
    parent_company_id: Id | None = None
    address: ShortText | None = None
    address_line_2: ShortText | None = None
    city: ShortText | None = None
    state: ShortText | None = None
    postal_code: ShortText | None = None
    country: ShortText | None = None
    phone: ShortText | None = None
    fein: ShortText | None = None
    tax_exempt: bool | None = None
    notes: str | None = None
    payment_term: str | None = None
    due_date_days: Count | None = Field(None, description="With payment_term Custom")
    tags: TagNames | None = None
    custom_fields: CustomFields | None = None
    shipping_addresses: Annotated[list[NewShippingAddress] | None, Mark.FOLDED] = None


@companies.read("GET", "/companies", returns=Page[Company])
class ListCompanies(Listing):
    """Customers and vendors. Find a vendor by name here, then list_bills_by_vendor."""


@companies.read("GET", "/companies/{company_id}", returns=Company, evidence=Evidence.DOCUMENTED)
class GetCompany(CompanyRef, extra="allow"):
    """One company with terms, price level, tags and addresses."""


@companies.read("GET", "/companies/{company_id}/contacts", returns=Page[Contact], evidence=Evidence.DOCUMENTED)
class ListCompanyContacts(CompanyRef, LimitPaging):
    """Contacts of one company; list_contacts has everybody's."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    status: str | None = None
    company_name: Annotated[str | None, Field(serialization_alias="company.name")] = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    filters: Filters | None = None


@companies.read("GET", "/companies/{company_id}/products", returns=Page[CompanyProduct])
class ListCompanyProducts(CompanyRef, Paging):
    """Products tied to one company."""

    filters: Filters | None = None


@companies.read("GET", "/companies/{company_id}/product-price-overrides", returns=Page[PriceOverride])
class ListCompanyPriceOverrides(CompanyRef, extra="allow"):
    """Prices agreed with one company instead of the list price."""


@companies.write("POST", "/companies", returns=Company, evidence=Evidence.DOCUMENTED)
class CreateCompany(CompanyFields):
    """Add a customer or vendor."""

    name: ShortText


@companies.write("POST", "/companies/{company_id}", returns=Company)
class UpdateCompany(CompanyRef, CompanyFields, extra="allow"):
    """Change a company; only the fields given. tags and shipping_addresses replace the stored ones."""

    name: ShortText | None = None


@companies.destroy("DELETE", "/companies/{company_id}")
class DeleteCompany(CompanyRef, extra="allow"):
    """Delete a company."""


class ContactRef(Arguments):
    """Names one contact."""

    contact_id: Id


class ContactFields(Arguments):
    """What can be stored about a contact, besides names and companies."""

    email: Annotated[Email | None, Mark.NULLABLE] = None
    phone_1: Annotated[ShortText | None, Mark.NULLABLE] = None
    phone_2: ShortText | None = None
    receiving_bank_name: ShortText | None = None
    receiving_bank_address: ShortText | None = None
    is_primary: bool | None = None
    receive_quotation_pdf: bool | None = None
    receive_purchase_order_pdf: bool | None = None
    receive_purchase_order_invoice_pdf: bool | None = None
    tags: TagNames | None = None
    password: Password | None = Field(None, description="Opens a B2B portal login; needs an email")


@companies.read("GET", "/contacts", returns=Page[Contact])
class ListContacts(Listing):
    """Contacts of all companies."""


@companies.read("GET", "/contacts/{contact_id}", returns=Contact, evidence=Evidence.DOCUMENTED)
class GetContact(ContactRef):
    """One contact with its companies and tags."""


@companies.write("POST", "/contacts", returns=Contact, evidence=Evidence.DOCUMENTED)
class CreateContact(ContactFields):
    """Add a contact. Give exactly one of company_id and company_ids."""

    first_name: ShortText
    last_name: ShortText | None = None
    company_id: Id | None = None
    company_ids: list[Id] | None = Field(None, min_length=1)


@companies.write("POST", "/contacts/{contact_id}", returns=Contact, evidence=Evidence.DOCUMENTED)
class UpdateContact(ContactRef, ContactFields):
    """Change a contact; only the fields given. company_id moves it to that company."""

    # The page types first_name and company_id as nullable, yet says that neither may be emptied.
    first_name: ShortText | None = None
    last_name: Annotated[ShortText | None, Mark.NULLABLE] = None
    company_id: Id | None = None


@companies.destroy("DELETE", "/contacts/{contact_id}")
class DeleteContact(ContactRef, extra="allow"):
    """Deactivate a contact; it stays on record as inactive."""


@companies.destroy("POST", "/contacts/{contact_id}/b2b-portal-password", returns=Contact, evidence=Evidence.DOCUMENTED)
class SetContactPortalPassword(ContactRef):
    """Set or replace a contact's B2B portal password. The contact needs an email."""

    password: Password
