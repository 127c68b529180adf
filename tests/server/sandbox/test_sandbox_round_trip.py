"""What GET answers, sent back as an update: taken as it is, and nothing changes."""

from dataclasses import dataclass
from typing import Any

import pytest

from server.sandbox.shapes import COMPUTED

STAMPS = {"updated_at", "updatedAt"}


@dataclass(frozen=True)
class Updatable:
    """A resource with an update operation."""

    path: str
    method: str = "POST"
    sent_to: str = "{path}/{id}"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def send(self, api: Any, record: dict[str, Any], body: dict[str, Any]) -> Any:
        """Update the record with this body."""
        path = self.sent_to.format(path=self.path, id=record["id"])
        return api.try_send(self.method, path, json=body)


RESOURCES = [
    Updatable("/bills", "PUT"),
    Updatable("/boms"),
    Updatable("/channels", "PUT"),
    Updatable("/companies"),
    Updatable("/contacts"),
    Updatable("/custom-fields", "PUT"),
    Updatable("/integration/field-mappings", "PUT"),
    Updatable("/integration/field-mappings"),
    Updatable("/integration-mappings", "PUT"),
    Updatable("/integration-mappings"),
    Updatable("/payment-obligations"),
    Updatable("/products"),
    Updatable("/products", "PATCH", "{path}"),
    Updatable("/purchase-orders", "PUT"),
    Updatable("/sales-orders", "PATCH"),
    Updatable("/suppliers"),
    Updatable("/transfer-orders", "PUT"),
    Updatable("/unit-classes"),
    Updatable("/unit-conversion-rules"),
    Updatable("/unit-of-measures"),
    Updatable("/warehouse-groups", "PUT"),
    Updatable("/warehouses", "PUT"),
]


@pytest.mark.parametrize("resource", RESOURCES, ids=str)
def test_an_answer_sent_back_is_taken_and_changes_nothing(api: Any, resource: Updatable) -> None:
    rows = api.get(resource.path, per_page=100)["data"]
    assert rows
    for row in rows:
        path = f"{resource.path}/{row['id']}"
        before = api.get(path)["data"]
        body = {name: value for name, value in before.items() if name not in COMPUTED}
        response = resource.send(api, before, body)
        assert response.status_code == 200, (path, response.text)
        assert without_stamps(api.get(path)["data"]) == without_stamps(before), path
    assert api.audit() == []


@pytest.mark.parametrize("resource", RESOURCES, ids=str)
def test_what_is_computed_is_refused(api: Any, resource: Updatable) -> None:
    record = api.get(f"{resource.path}/{api.first(resource.path)['id']}")["data"]
    sent = COMPUTED if resource.method != "PATCH" or resource.path != "/products" else COMPUTED - {"id"}
    response = resource.send(api, record, {**record, **dict.fromkeys(sent, 1)})
    assert response.status_code == 422, response.text
    assert response.json()["errors"].keys() >= sent


def without_stamps(value: Any) -> Any:
    """The value without the moments of its last change, at any depth."""
    if isinstance(value, dict):
        return {name: without_stamps(inner) for name, inner in value.items() if name not in STAMPS}
    return [without_stamps(inner) for inner in value] if isinstance(value, list) else value
