"""The words of integrations: apps, fields that are translated, and the carriers TrackStar knows."""

from difflib import SequenceMatcher
from typing import Any, NamedTuple

TRACKSTAR = "trackstar"

CARRIER = "carrier"
SHIPPING_METHOD = "shipping_method"

GROUP_OF = {
    CARRIER: "shipping",
    SHIPPING_METHOD: "shipping",
    "packaging": "shipping",
    "order_status": "orders",
    "order_type": "orders",
    "payment_method": "payments",
    "payment_terms": "payments",
    "currency": "payments",
    "country": "addresses",
    "state": "addresses",
    "warehouse": "inventory",
    "unit_of_measure": "inventory",
}
"""The group that a field belongs to unless told."""

FIELDS = tuple(GROUP_OF)
GROUPS = tuple(dict.fromkeys(GROUP_OF.values()))

OBJECTS = ("sales_order", "fulfillment_order", "purchase_order", "product", "stock", "cost")
"""What an integration mapping may translate."""


class Carrier(NamedTuple):
    """A carrier of TrackStar's schema."""

    value: str
    name: str
    also: tuple[str, ...] = ()
    """Other names people use."""


CARRIERS = (
    Carrier("ups", "UPS", ("United Parcel Service",)),
    Carrier("ups_mail_innovations", "UPS Mail Innovations"),
    Carrier("fedex", "FedEx", ("Federal Express",)),
    Carrier("fedex_freight", "FedEx Freight"),
    Carrier("usps", "USPS", ("US Postal Service", "United States Postal Service")),
    Carrier("dhl_express", "DHL Express", ("DHL",)),
    Carrier("dhl_ecommerce", "DHL eCommerce"),
    Carrier("ontrac", "OnTrac"),
    Carrier("lasership", "LaserShip"),
    Carrier("amazon_shipping", "Amazon Shipping", ("Amazon Logistics",)),
    Carrier("canada_post", "Canada Post", ("Postes Canada",)),
    Carrier("purolator", "Purolator"),
    Carrier("royal_mail", "Royal Mail"),
    Carrier("dpd", "DPD"),
    Carrier("gls", "GLS", ("General Logistics Systems",)),
    Carrier("tnt", "TNT"),
    Carrier("asendia", "Asendia"),
    Carrier("old_dominion", "Old Dominion", ("Old Dominion Freight Line", "ODFL")),
    Carrier("estes", "Estes", ("Estes Express Lines",)),
    Carrier("xpo", "XPO", ("XPO Logistics",)),
)

SIMILAR = 55
"""Percent from which a carrier is suggested."""
NAMED = 95
"""Percent of a carrier whose name is part of the text, as in `FedEx 2Day`."""
SUGGESTIONS = 5


def suggest_carriers(text: str) -> list[dict[str, Any]]:
    """The carriers whose names resemble the text, the most similar first, with the likeness in percent."""
    words = _words(text)
    rated = [(_likeness(words, carrier), carrier) for carrier in CARRIERS]
    close = sorted((entry for entry in rated if entry[0] >= SIMILAR), key=lambda entry: -entry[0])
    return [{"value": carrier.value, "name": carrier.name, "score": score} for score, carrier in close[:SUGGESTIONS]]


def _likeness(words: list[str], carrier: Carrier) -> int:
    return max(_alike(words, _words(name)) for name in (carrier.value, carrier.name, *carrier.also))


def _alike(words: list[str], name: list[str]) -> int:
    if words == name:
        return 100
    if words[: len(name)] == name:
        return NAMED
    said, known = "".join(words), "".join(name)
    matcher = SequenceMatcher(None, said, known, autojunk=False)
    matching = sum(block.size for block in matcher.get_matching_blocks())
    return 200 * matching // max(1, len(said) + len(known))


def _words(text: str) -> list[str]:
    spaced = "".join(letter if letter.isalnum() else " " for letter in text.casefold())
    return spaced.split()
