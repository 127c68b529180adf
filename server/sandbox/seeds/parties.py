"""Generates companies, what they deal in, their contacts, and suppliers."""

from decimal import Decimal

from server.sandbox import terms
from server.sandbox.seeds import names
from server.sandbox.seeds.ledger import Ledger, Row, customers, vendors


def add(ledger: Ledger) -> None:
    """Generate everybody the company deals with."""
    _companies(ledger)
    _assortments(ledger)
    _contacts(ledger)
    _suppliers(ledger)


def _companies(ledger: Ledger) -> None:
    for vendor in names.VENDORS:
        place = {"city": vendor.city, "state": vendor.state, "country": vendor.country}
        _company(ledger, vendor.name, 1, place, term=vendor.term, currency=vendor.currency, price_level_id=None)
    kinds = len(names.CUSTOMER_LAST)
    for number in range(ledger.size.customers):
        series, index = divmod(number, len(names.CUSTOMER_FIRST) * kinds)
        city, state, postal_code = ledger.pick(names.CITIES)
        place = {"city": city, "state": state, "country": "USA", "postal_code": postal_code}
        name = f"{names.CUSTOMER_FIRST[index // kinds]} {names.CUSTOMER_LAST[index % kinds]}"
        branch = f" of {city} {series}" if series else ""
        kind = 3 if index % kinds == kinds - 1 else 2
        term = ledger.pick(("Net 15", "Net 30", "Net 30", "Net 45"))
        _company(ledger, name + branch, kind, place, term=term, currency="USD", price_level_id=kind - 1)
    ledger.rows["companies"][5]["notes"] = names.HOSTILE_TEXTS[0]


def _company(
    ledger: Ledger, name: str, type_id: int, place: Row, *, term: str, currency: str, price_level_id: int | None
) -> None:
    street = f"{ledger.dice.randint(1, 990)} {ledger.pick(names.STREETS)}"
    address = {
        "address": street,
        "address_line_2": f"Suite {ledger.dice.randint(100, 900)}" if ledger.chance(25) else None,
        "postal_code": f"{ledger.dice.randint(10000, 98999)}",
        **place,
    }
    company = ledger.add(
        "companies",
        **address,
        status="active" if ledger.chance(96) else "inactive",
        name=name,
        type_id=type_id,
        parent_company_id=None,
        phone=_phone(ledger),
        payment_term=term,
        due_date_days=terms.days_of(term),
        tax_exempt=type_id == 3,
        tax_rate=None if type_id == 3 else ledger.decimal(0, 950),
        currency=currency,
        price_level_id=price_level_id,
        notes="Key account, call before shipping" if ledger.chance(10) else None,
        fein=f"{ledger.dice.randint(10, 98)}-{ledger.dice.randint(1000000, 9999999)}",
        custom_fields={"Region": ledger.pick(("North", "South", "East", "West"))} if ledger.chance(40) else {},
        **ledger.stamps(),
    )
    if type_id != 1:
        _shipping_addresses(ledger, company, address)
    for tag in ledger.some(ledger.rows["tags"], ledger.dice.randrange(3) if ledger.chance(35) else 0):
        ledger.link("taggings", owner="company", owner_id=company["id"], tag_id=tag["id"])


def _shipping_addresses(ledger: Ledger, company: Row, address: Row) -> None:
    for number in range(1 + ledger.chance(30)):
        person = {"first_name": ledger.pick(names.FIRST_NAMES), "last_name": ledger.pick(names.LAST_NAMES)}
        street = f"{ledger.dice.randint(1, 990)} {ledger.pick(names.STREETS)}"
        ledger.add(
            "shipping_addresses",
            company_id=company["id"],
            **{**address, "address": street, "address_line_2": None},
            **person,
            phone=_phone(ledger),
            email=f"receiving@{_domain(company['name'])}",
            is_default=number == 0,
            created_at=company["created_at"],
            updated_at=company["updated_at"],
        )


def _assortments(ledger: Ledger) -> None:
    everything = ledger.rows["products"]
    for vendor, company in vendors(ledger):
        if vendor.trade == "goods":
            for product in ledger.some(everything, ledger.dice.randint(4, 9)):
                ledger.link("company_products", company_id=company["id"], product_id=product["id"], price=None)
    for company in customers(ledger):
        for product in ledger.some(everything, ledger.dice.randint(3, 8)):
            price = (product["wholesale_price"] * Decimal("0.95")).quantize(Decimal("0.01"))
            own = price if ledger.chance(40) else None
            ledger.link("company_products", company_id=company["id"], product_id=product["id"], price=own)


def _contacts(ledger: Ledger) -> None:
    for company in ledger.rows["companies"]:
        for position in range(1 + ledger.chance(20)):
            first, last = ledger.pick(names.FIRST_NAMES), ledger.pick(names.LAST_NAMES)
            contact = ledger.add(
                "contacts",
                status="active" if ledger.chance(95) else "inactive",
                first_name=first,
                last_name=last,
                email=f"{_plain(first)}.{_plain(last)}@{_domain(company['name'])}",
                phone_1=_phone(ledger),
                phone_2=_phone(ledger) if ledger.chance(20) else None,
                receiving_bank_name=None,
                receiving_bank_address=None,
                has_portal_login=company["type_id"] != 1 and ledger.chance(30),
                **ledger.stamps(),
            )
            ledger.link(
                "contact_companies",
                contact_id=contact["id"],
                company_id=company["id"],
                position=0,
                is_primary=position == 0,
                receive_quotation_pdf=ledger.chance(20),
                receive_purchase_order_pdf=company["type_id"] == 1,
                receive_purchase_order_invoice_pdf=False,
            )


def _suppliers(ledger: Ledger) -> None:
    contacts = ledger.rows["contacts"]
    for number, (name, city, state, postal_code, country) in enumerate(names.SUPPLIERS):
        admin = ledger.dice.randint(1, 9)
        supplier = ledger.add(
            "suppliers",
            status=0 if number == len(names.SUPPLIERS) - 1 else 1,
            name=name,
            description=f"Makes goods in {city}",
            street_address=f"{ledger.dice.randint(1, 400)} {ledger.pick(names.STREETS)}",
            city=city,
            state=state,
            zip=postal_code,
            country=country,
            factory_admin_id=admin,
            bank_name=f"Bank of {country}",
            routing_number=f"{ledger.dice.randint(10**8, 10**9 - 1)}",
            account_number=f"{ledger.dice.randint(10**9, 10**10 - 1)}",
            swift_code=f"BK{country[:2].upper()}{city[:4].upper()}",
            default_payment_term=ledger.pick(("Net 30", "Net 45", "Net 60")),
            created_by=admin,
            updated_by=admin,
            **ledger.stamps(),
        )
        for position, contact in enumerate(ledger.some(contacts, ledger.dice.randint(1, 2))):
            link = {"supplier_id": supplier["id"], "contact_id": contact["id"], "position": position}
            ledger.link("supplier_contacts", **link)


def _phone(ledger: Ledger) -> str:
    return f"555-{ledger.dice.randint(200, 989)}-{ledger.dice.randint(1000, 9999)}"


def _plain(text: str) -> str:
    return text.lower().replace("ë", "e").replace("é", "e")


def _domain(company: str) -> str:
    words = "".join(letter for letter in company.lower() if letter.isascii() and letter.isalnum())
    return f"{words[:24]}.example"
