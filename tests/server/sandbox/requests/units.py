"""Requests on unit classes, units of measure and conversion rules."""

from typing import Any

from tests.server.sandbox.requests import Sent

CLASSES, UNITS, RULES = "/unit-classes", "/unit-of-measures", "/unit-conversion-rules"


def _class(api: Any, name: str = "Count") -> int:
    found: int = api.first(CLASSES, name=name)["id"]
    return found


def _unit(api: Any, name: str) -> int:
    found: int = api.first(UNITS, name=name)["id"]
    return found


def _rule(api: Any, type_: str = "SKU") -> Any:
    return api.first(RULES, type=type_)


def _pair(api: Any, start: str, end: str) -> dict[str, int]:
    return {"base_unit_of_measure_id": _unit(api, start), "converted_unit_of_measure_id": _unit(api, end)}


def list_unit_classes(api: Any) -> Sent:
    return Sent(query={"name[contains]": "e", "sort": "name:desc", "per_page": 3})


def get_unit_class(api: Any) -> Sent:
    return Sent({"id": _class(api)})


def create_unit_class(api: Any) -> Sent:
    return Sent(body={"name": "Area", "base_class": False})


def update_unit_class(api: Any) -> Sent:
    return Sent({"id": _class(api)}, body={"name": "Pieces", "base_class": True})


def delete_unit_class(api: Any) -> Sent:
    return Sent({"id": api.post(CLASSES, 201, {"name": "Area"})["data"]["id"]})


def set_base_unit_of_measure(api: Any) -> Sent:
    return Sent({"unitClassId": _class(api), "unitOfMeasureId": _unit(api, "Dozen")})


def list_units_of_measure(api: Any) -> Sent:
    return Sent(query={"unit_class.name": "Weight", "sort": "name:asc"})


def get_unit_of_measure(api: Any) -> Sent:
    return Sent({"id": _unit(api, "Case")})


def create_unit_of_measure(api: Any) -> Sent:
    body = {"name": "Score", "description": "Twenty pieces", "base_unit": False, "conversion_factor": 20}
    return Sent(body={"unit_class_id": _class(api), **body})


def update_unit_of_measure(api: Any) -> Sent:
    body = {"unit_class_id": _class(api), "name": "Tray", "description": "Eight", "conversion_factor": 8}
    return Sent({"id": _unit(api, "Inner pack")}, body={**body, "base_unit": False})


def delete_unit_of_measure(api: Any) -> Sent:
    body = {"unit_class_id": _class(api), "name": "Score", "description": "Twenty pieces"}
    return Sent({"id": api.post(UNITS, 201, body)["data"]["id"]})


def list_unit_conversion_rules(api: Any) -> Sent:
    return Sent(query={"type": "SYSTEM", "sort": "id:desc"})


def get_unit_conversion_rule(api: Any) -> Sent:
    return Sent({"id": _rule(api)["id"]})


def resolve_unit_conversion_rule(api: Any) -> Sent:
    return Sent(query={"product_id": _rule(api)["product_id"], **_pair(api, "Case", "Each")})


def create_unit_conversion_rule(api: Any) -> Sent:
    pair = _pair(api, "Inner pack", "Each")
    return Sent(body={"type": "SKU", **pair, "conversion_factor": 8.5, "product_id": _rule(api)["product_id"]})


def update_unit_conversion_rule(api: Any) -> Sent:
    rule = _rule(api)
    kept = ("type", "base_unit_of_measure_id", "converted_unit_of_measure_id", "product_id")
    return Sent({"id": rule["id"]}, body={**{name: rule[name] for name in kept}, "conversion_factor": 30})


def delete_unit_conversion_rule(api: Any) -> Sent:
    return Sent({"id": _rule(api)["id"]})
