"""Requests on custom fields and tags of records of any kind."""

from typing import Any

from tests.server.sandbox.requests import Sent


def _definition(api: Any, label: str) -> Any:
    return next(row for row in api.get("/custom-fields")["data"] if row["label"] == label)


def _record(api: Any, kind: str = "invoices") -> dict[str, Any]:
    return {"recordType": kind, "recordId": api.first(f"/{kind}")["id"]}


def _tagged(api: Any) -> dict[str, Any]:
    record = _record(api)
    api.post(f"/invoices/{record['recordId']}/tags", body={"tags": ["Rush", "A/B test"]})
    return record


def list_custom_field_definitions(api: Any) -> Sent:
    return Sent(query={"object_type": "sales-orders"})


def get_custom_field_definition(api: Any) -> Sent:
    return Sent({"customFieldId": _definition(api, "Region")["id"]})


def create_custom_field_definition(api: Any) -> Sent:
    options = {"choices": ["Retail", "Wholesale"], "minLength": 0, "maxLength": 255, "helpText": "Where it sells"}
    return Sent(
        body={"label": "Industry", "type": "dropdown", "options": options, "object_types": ["companies", "products"]}
    )


def update_custom_field_definition(api: Any) -> Sent:
    options = {"choices": ["North", "South", "East", "West", "Abroad"], "minLength": 0, "maxLength": 9, "helpText": "-"}
    body = {"label": "Sales region", "type": "dropdown", "options": options, "object_types": ["companies", "contacts"]}
    return Sent({"customFieldId": _definition(api, "Region")["id"]}, body=body)


def delete_custom_field_definition(api: Any) -> Sent:
    made = api.post("/custom-fields", 201, {"label": "Short-lived", "type": "number"})["data"]
    return Sent({"customFieldId": made["id"]})


def get_custom_field_values(api: Any) -> Sent:
    return Sent(_record(api))


def update_custom_field_values(api: Any) -> Sent:
    return Sent(_record(api), body={"Order source": "Phone"})


def list_record_tags(api: Any) -> Sent:
    return Sent(_tagged(api))


def attach_record_tags(api: Any) -> Sent:
    return Sent(_record(api), body={"tags": ["Rush", "Brand new"]})


def replace_record_tags(api: Any) -> Sent:
    return Sent(_record(api), body={"tags": ["Rush", "Brand new"]})


def detach_record_tag(api: Any) -> Sent:
    return Sent({**_tagged(api), "tag": "Rush"})
