"""Requests on price levels and price schedules."""

from typing import Any

from tests.server.sandbox.requests import Sent


def list_price_levels(api: Any) -> Sent:
    return Sent(query={"status": "active", "sort": "percent_increase:asc"})


def get_price_level(api: Any) -> Sent:
    return Sent({"levelId": api.first("/price-levels")["id"]})


def list_price_schedules(api: Any) -> Sent:
    return Sent(query={"limit": 5, "modification_type": "percentage", "name[contains]": "a"})


def get_price_schedule(api: Any) -> Sent:
    return Sent({"scheduleId": api.first("/price-schedules")["id"]})
