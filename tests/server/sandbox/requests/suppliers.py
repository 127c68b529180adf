"""Requests on suppliers."""

from typing import Any

from tests.server.sandbox.requests import Sent


def list_suppliers(api: Any) -> Sent:
    return Sent(query={"country[set]": "", "sort": "name:asc"})


def get_supplier(api: Any) -> Sent:
    return Sent({"supplierId": api.first("/suppliers")["id"]})


def create_supplier(api: Any) -> Sent:
    return Sent(body={"name": "Tannery Row", "default_payment_term": "Net 45"})


def update_supplier(api: Any) -> Sent:
    return Sent({"supplierId": api.first("/suppliers")["id"]}, body={"name": "Tannery Row"})


def delete_supplier(api: Any) -> Sent:
    return Sent({"supplierId": api.first("/suppliers")["id"]})
