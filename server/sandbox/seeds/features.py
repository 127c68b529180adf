"""Enters the features of the company's plan."""

from server.sandbox.features import FEATURES
from server.sandbox.seeds.ledger import Ledger


def add(ledger: Ledger) -> None:
    """Enter all features as enabled."""
    for name in FEATURES:
        ledger.link("features", name=name, enabled=True)
