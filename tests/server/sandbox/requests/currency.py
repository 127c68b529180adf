"""Requests on currencies and their rates."""

from typing import Any

from tests.server.sandbox.requests import Sent


def list_available_currencies(api: Any) -> Sent:
    return Sent()


def get_base_currency(api: Any) -> Sent:
    return Sent()


def set_base_currency(api: Any) -> Sent:
    return Sent(body={"currency": "EUR"})


def list_currency_rates(api: Any) -> Sent:
    return Sent(query={"from": "GBP", "date[gte]": "2026-01-01", "sort": "date:desc"})


def create_currency_rate(api: Any) -> Sent:
    return Sent(body={"from": "JPY", "to": "USD", "rate": 0.006734, "date": "2026-11-02"})


def convert_currency(api: Any) -> Sent:
    return Sent(query={"amount": "1250.50", "from": "EUR", "to": "GBP"})
