"""Companies, contacts and suppliers: how they are written, how they read, what is refused."""

from typing import Any

import pytest

ADDRESS = {"address_1": "1 Dock Rd", "city": "Austin", "state": "TX", "country": "USA", "zip": "78701"}


def test_a_company_is_written_one_way_and_read_another(api: Any) -> None:
    body = {
        "name": "New Corner Shop",
        "client_type": {"name": "Franchise"},
        "payment_term": "Net 45",
        "address": "2 High St",
        "city": "Austin",
        "tags": ["Key account", "Brand new"],
        "custom_fields": {"Region": "North", "Score": 1.5},
        "shipping_addresses": [ADDRESS, {**ADDRESS, "address_2": "Dock B", "first_name": "Ida", "is_default": True}],
    }
    company = api.post("/companies", 201, body)["data"]
    assert (company["type"], company["due_date_days"], company["status"]) == ("Franchise", 45, "active")
    assert [tag["name"] for tag in company["tags"]] == ["Key account", "Brand new"]
    assert company["full_address"] == "2 High St, Austin"
    assert company["default_shipping"]["id"] == company["shipping_addresses"][1]["id"]
    assert company["shipping_addresses"][0]["postal_code"] == "78701"
    assert (company["shipping_address"], company["shipping_first_name"]) == ("1 Dock Rd", "Ida")
    assert company["shipping_full_address"] == "1 Dock Rd, Dock B, Austin, TX 78701, USA"
    assert api.get(f"/companies/{company['id']}")["data"] == company
    assert api.first("/companies", **{"custom_fields.Region": "North", "name": body["name"]})["id"] == company["id"]

    changed = api.post(f"/companies/{company['id']}", body={"shipping_addresses": [ADDRESS], "tags": []})["data"]
    assert len(changed["shipping_addresses"]) == 1
    assert changed["default_shipping"]["is_default"] is True
    assert (changed["tags"], changed["name"], changed["payment_term"]) == ([], "New Corner Shop", "Net 45")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"payment_term": "Net 31"}, "payment_term"),
        ({"payment_term": "Custom"}, "due_date_days"),
        ({"client_type": {"id": 99}}, "client_type.id"),
        ({"parent_company_id": 9}, "parent_company_id"),
        ({"shipping_addresses": [{**ADDRESS, "zip": ""}]}, "shipping_addresses.0.zip"),
        ({"tags": ["ok", 3]}, "tags.1"),
        ({"tax_exempt": "maybe"}, "tax_exempt"),
    ],
)
def test_a_company_that_is_wrong_names_its_field(api: Any, change: dict[str, Any], field: str) -> None:
    before = api.books.fingerprint()
    assert list(api.post("/companies", 422, {"name": "Shop", **change})["errors"]) == [field]
    assert api.books.fingerprint() == before


def test_only_companies_without_paper_are_deleted(api: Any) -> None:
    vendor = api.first("/bills")["vendor_id"]
    customer = api.first("/invoices")["customer"]["id"]
    assert "bills" in api.send("DELETE", f"/companies/{vendor}", 409).json()["message"]
    assert "invoices" in api.send("DELETE", f"/companies/{customer}", 409).json()["message"]
    company = api.post("/companies", 201, {"name": "Short-lived", "tags": ["Rush"], "shipping_addresses": [ADDRESS]})
    company_id = company["data"]["id"]
    contact = api.post("/contacts", 201, {"first_name": "Ida", "company_id": company_id})["data"]
    api.send("DELETE", f"/companies/{company_id}", 200)
    api.get(f"/companies/{company_id}", 404)
    assert api.get(f"/contacts/{contact['id']}")["data"]["company"] is None


def test_price_overrides_are_the_agreed_prices(reading: Any) -> None:
    company = reading.first("/companies", type="Wholesale")["id"]
    products = {row["id"]: row for row in reading.all(f"/companies/{company}/products")}
    overrides = reading.get(f"/companies/{company}/product-price-overrides")["data"]
    for row in overrides:
        assert row["sku"] == products[row["product_id"]]["sku"]
        assert row["price"] < products[row["product_id"]]["wholesale_price"]


def test_contacts_speak_in_string_ids_and_two_names_of_the_phone(api: Any) -> None:
    body = {"first_name": "Zoë", "last_name": "Ito", "phone_1": "555-1", "company_ids": [150, 151], "is_primary": True}
    contact = api.post("/contacts", 201, body)["data"]
    assert (contact["phone"], contact["phone_1"], contact["full_name"]) == ("555-1", "555-1", "Zoë Ito")
    assert (contact["company_id"], contact["company"]["id"]) == ("150", "150")
    assert isinstance(contact["id"], str)
    assert [company["id"] for company in contact["companies"]] == [150, 151]
    assert api.first("/companies/151/contacts", phone="555-1")["company"]["id"] == "151"
    assert api.first("/contacts", **{"company.name[eq]": contact["company"]["name"], "last_name": "Ito"}) == contact

    moved = api.post(f"/contacts/{contact['id']}", body={"company_id": 152, "phone_1": None})["data"]
    assert (moved["company_id"], moved["phone"], moved["is_primary"]) == ("152", None, True)
    api.send("DELETE", f"/contacts/{contact['id']}", 200)
    assert api.get(f"/contacts/{contact['id']}")["data"]["status"] == "inactive"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"company_id": None}, "company_id"),
        ({"company_ids": [150]}, "company_id"),
        ({"company_id": 9}, "company_id"),
        ({"email": "nobody"}, "email"),
        ({"password": "long enough"}, "email"),
        ({"email": "a@b.co", "password": "short"}, "password"),
        ({"first_name": ""}, "first_name"),
    ],
)
def test_a_contact_that_is_wrong_names_its_field(api: Any, change: dict[str, Any], field: str) -> None:
    assert list(api.post("/contacts", 422, {"first_name": "Ida", "company_id": 150, **change})["errors"]) == [field]


def test_a_contact_belongs_to_one_company_or_several_never_to_none(api: Any) -> None:
    assert list(api.post("/contacts", 422, {"first_name": "Ida"})["errors"]) == ["company_id"]
    assert list(api.post("/contacts", 422, {"first_name": "Ida", "company_ids": []})["errors"]) == ["company_ids"]
    assert list(api.post("/contacts", 422, {"first_name": "Ida", "company_ids": [150, 9]})["errors"]) == [
        "company_ids.1"
    ]


def test_a_portal_password_needs_an_email_of_its_own_and_is_kept_nowhere(api: Any, tmp_path: Any) -> None:
    secret = "correct horse battery"
    new = {"first_name": "Ida", "company_id": 150}
    path = f"/contacts/{api.post('/contacts', 201, new)['data']['id']}"
    assert list(api.post(f"{path}/b2b-portal-password", 422, {"password": secret})["errors"]) == ["email"]
    api.post(path, body={"email": "ida@example.com"})
    shown = api.post(f"{path}/b2b-portal-password", body={"password": secret})
    assert shown["data"]["has_portal_login"] is True
    assert list(api.post(f"{path}/b2b-portal-password", 422, {})["errors"]) == ["password"]
    taken = api.post("/contacts", 422, {**new, "email": "IDA@example.com", "password": secret})
    assert list(taken["errors"]) == ["email"]
    assert secret not in str(shown)
    api.books.close()
    assert all(secret.encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_suppliers_are_listed_while_active(api: Any) -> None:
    assert len(api.all("/suppliers")) == 11
    contact = api.first("/contacts", **{"phone[set]": ""})
    body = {"name": "Kyoto Paper", "contact_ids": [int(contact["id"])], "factory_admin_id": 4}
    supplier = api.post("/suppliers", 201, body)["data"]
    assert (supplier["status"], supplier["supplier_admin_id"]) == (1, 4)
    assert (supplier["contact_name"], supplier["contact_phone"]) == (contact["full_name"], contact["phone"])
    path = f"/suppliers/{supplier['id']}"
    changed = api.post(path, body={"city": "Kyoto", "contact_ids[]": []})["data"]
    assert (changed["name"], changed["city"], changed["contacts"]) == ("Kyoto Paper", "Kyoto", [])
    assert list(api.post(path, 422, {"contact_ids": [9]})["errors"]) == ["contact_ids.0"]
    assert list(api.post("/suppliers", 422, {"city": "Kyoto"})["errors"]) == ["name"]
    api.send("DELETE", path, 200)
    assert api.get(path)["data"]["status"] == 0
    assert supplier["id"] not in {row["id"] for row in api.all("/suppliers")}


def test_a_custom_term_takes_the_days_the_company_has(api: Any) -> None:
    company = api.post("/companies", 201, {"name": "New Corner Shop", "payment_term": "Net 45"})["data"]
    path = f"/companies/{company['id']}"
    changed = api.post(path, 200, {"payment_term": "Custom"})["data"]
    assert (changed["payment_term"], changed["due_date_days"]) == ("Custom", 45)
    assert list(api.post(path, 422, {"payment_term": "Custom", "due_date_days": None})["errors"]) == ["due_date_days"]


def test_contacts_are_found_and_sorted_by_their_full_name(api: Any) -> None:
    ida = api.post("/contacts", 201, {"company_id": 101, "first_name": "Ida", "last_name": "Zweig"})["data"]
    plato = api.post("/contacts", 201, {"company_id": 101, "first_name": "Plato"})["data"]
    for contact in (ida, plato):
        assert [row["id"] for row in api.get("/contacts", full_name=contact["full_name"])["data"]] == [contact["id"]]
    names = [row["full_name"] for row in api.all("/contacts", sort="full_name:desc")]
    assert names == sorted(names, reverse=True)


def test_a_portal_password_is_set_at_its_older_path_too(api: Any) -> None:
    contact = api.post("/contacts", 201, {"company_id": 101, "first_name": "Ida", "email": "ida@zweig.example"})["data"]
    path = f"/contacts/{contact['id']}/password"
    assert api.post(path, 200, {"password": "Sesame-12345"})["data"]["has_portal_login"] is True
    assert list(api.post(path, 422, {})["errors"]) == ["password"]
