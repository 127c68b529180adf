"""Custom fields and tags: what a definition wants of values, and where records show them."""

from typing import Any

import pytest

from server.sandbox.endpoint import by_path
from server.sandbox.resources import GROUPS


@pytest.fixture
def define(api: Any) -> Any:
    """Defines a field of companies and contacts."""

    def add(label: str, type_: str, **options: Any) -> Any:
        body = {"label": label, "type": type_, "options": options, "object_types": ["Company", "contacts"]}
        return api.post("/custom-fields", 201, body)["data"]

    return add


def test_values_must_fit_the_definition(api: Any, define: Any) -> None:
    define("Founded", "date")
    define("Staff", "number")
    define("Motto", "string", minLength=3, maxLength=10)
    define("Size class", "dropdown", choices=["S", "M"])
    company = api.first("/companies", **{"custom_fields.Region": "North"})
    for path in (f"/companies/{company['id']}", f"/contacts/{api.first('/contacts')['id']}"):
        good = {"founded": "1999-12-31", "Staff": "12.50", "Motto": "Onward", "Size class": "M"}
        values = api.put(f"{path}/custom-fields", body=good)["data"]
        assert (values["Founded"], values["Staff"], values["Size class"]) == ("1999-12-31", 12.5, "M")
        assert api.get(f"{path}/custom-fields")["data"] == values
        wrong = {"Founded": "31.12.1999", "Staff": "many", "Motto": "No", "Size class": "L", "Colour": "red"}
        errors = api.put(f"{path}/custom-fields", 422, wrong)["errors"]
        assert sorted(errors) == sorted(wrong)
        for label, value in (("Founded", 1999), ("Staff", True), ("Motto", ["a"]), ("Size class", {})):
            assert list(api.put(f"{path}/custom-fields", 422, {label: value})["errors"]) == [label]
        left = api.put(f"{path}/custom-fields", body={"Motto": None, "Staff": ""})["data"]
        assert (left["Motto"], left["Staff"], left["Founded"]) == (None, None, "1999-12-31")
    shown = api.get(f"/companies/{company['id']}")["data"]["custom_fields"]
    assert shown == {"Region": "North", "Founded": "1999-12-31", "Size class": "M"}
    assert api.first("/companies", **{"custom_fields.Founded": "1999-12-31"})["id"] == company["id"]
    body = {"custom_fields": {"Region": "Nowhere", "Anything": 5}}
    assert list(api.post(f"/companies/{company['id']}", 422, body)["errors"]) == ["custom_fields.Region"]
    assert api.audit() == []


def test_a_definition_in_use_is_kept_and_keeps_fitting(api: Any) -> None:
    region = api.get("/custom-fields", object_type="Company")["data"][0]
    path = f"/custom-fields/{region['id']}"
    holder = api.first("/companies", **{"custom_fields.Region": "North"})["id"]
    body = {"object_types": region["object_types"]}
    assert list(api.put(path, 422, {**body, "type": "number"})["errors"]) == ["type"]
    assert list(api.put(path, 422, {**body, "options": {"choices": ["South"]}})["errors"]) == ["options"]
    assert list(api.put(path, 422, {"label": "Area"})["errors"]) == ["object_types"]
    assert list(api.put(path, 422, {**body, "label": "order SOURCE"})["errors"]) == ["label"]
    changed = api.put(path, body={"label": "Sales region", "type": "string", "object_types": []})["data"]
    assert (changed["options"], changed["object_types"]) == (region["options"], [])
    assert api.get(f"/companies/{holder}")["data"]["custom_fields"]["Sales region"] == "North"
    api.send("DELETE", path, 422)
    for row in api.all("/companies", **{"custom_fields.Sales region[set]": ""}):
        api.post(f"/companies/{row['id']}", body={"custom_fields": {}})
    api.send("DELETE", path, 200)
    api.get(path, 404)
    assert api.audit() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "REGION"}, "label"),
        ({"type": "dropdown"}, "options.choices"),
        ({"type": "dropdown", "options": {"choices": []}}, "options.choices"),
        ({"options": {"minLength": 9, "maxLength": 3}}, "options.maxLength"),
        ({"object_types": ["products", "planets"]}, "object_types.1"),
        ({"options": [1]}, "options"),
    ],
)
def test_a_definition_that_is_wrong_names_its_field(api: Any, change: dict[str, Any], field: str) -> None:
    body = {"label": "Shade", "type": "string", "object_types": ["products"], **change}
    assert list(api.post("/custom-fields", 422, body)["errors"]) == [field]


def test_tags_come_and_go_on_records_of_any_kind(api: Any) -> None:
    bill, invoice = api.first("/bills")["id"], api.first("/invoices")["id"]
    for path in (f"/bills/{bill}", f"/invoices/{invoice}"):
        replaced = api.put(f"{path}/tags", body={"tags": ["Rush", "New/old"]})
        assert replaced["message"] == "Tags replaced successfully"
        assert [tag["name"] for tag in replaced["tags"]] == ["Rush", "New/old"]
        attached = api.post(f"{path}/tags", body={"tags": ["Rush", "Prepay"]})["tags"]
        assert sorted(tag["name"] for tag in attached) == ["New/old", "Prepay", "Rush"]
        assert api.get(f"{path}/tags")["data"] == attached
        api.send("DELETE", f"{path}/tags/New/old", 200)
        api.send("DELETE", f"{path}/tags/{attached[0]['id']}", 200)
        api.send("DELETE", f"{path}/tags/New/old", 404)
        assert len(api.get(f"{path}/tags")["data"]) == 1
        assert list(api.put(f"{path}/tags", 422, {"tags": ["ok", 4]})["errors"]) == ["tags.1"]
    assert len(api.get(f"/invoices/{invoice}")["data"]["tags"]) == 1
    assert api.put(f"/invoices/{invoice}/tags", body={"tags": []})["tags"] == []
    assert api.audit() == []


@pytest.mark.parametrize("path", ["/planets/1", "/bills/0", "/bills/99999999999999999999", "/invoices/x", "/tags/1"])
def test_records_that_do_not_exist_carry_nothing(reading: Any, path: str) -> None:
    reading.get(f"{path}/custom-fields", 404)
    reading.send("PUT", f"{path}/tags", 404, json={"tags": ["Rush"]})


def test_paths_of_any_record_come_last(reading: Any) -> None:
    paths = [path for path, _ in by_path(group.handlers for group in GROUPS)]
    general = [path for path in paths if path.startswith("/{")]
    assert paths[-len(general) :] == general
    assert {path.split("/")[3] for path in general} == {"tags", "custom-fields"}
    assert not [path for path in paths if path not in general and path.split("/")[3:4] in (["tags"], ["custom-fields"])]
    assert reading.get("/unit-conversion-rules/resolve", 422)["errors"]


def test_definitions_are_filtered_and_sorted_without_pages(reading: Any) -> None:
    rows = reading.get("/custom-fields", page=2, per_page=1)["data"]
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    numbers = reading.get("/custom-fields", type="number", sort="label:desc")["data"]
    assert numbers == sorted((row for row in rows if row["type"] == "number"), key=lambda row: row["label"])[::-1]
    both = reading.get("/custom-fields", **{"object_type": "products", "type[neq]": "number"})["data"]
    assert both == [row for row in rows if "products" in row["object_types"] and row["type"] != "number"]
    assert 0 < len(both) < len(rows)
    for query in ({"colour": "red"}, {"type[gt]": "a"}, {"sort": "colour:asc"}):
        reading.get("/custom-fields", 422, **query)


@pytest.mark.parametrize(
    ("path", "create"),
    [
        ("/companies", {"name": "Shop"}),
        ("/products", {"name": "Trivet", "sku": "TRV", "category_id": 1}),
    ],
)
def test_custom_fields_are_filtered_by_the_type_they_are_defined_with(
    api: Any, path: str, create: dict[str, Any]
) -> None:
    kind = path.removeprefix("/")
    for label, type_ in (("Weight", "number"), ("Made", "date"), ("Motto", "string")):
        api.post("/custom-fields", 201, {"label": label, "type": type_, "object_types": [kind]})
    given = [
        {"Weight": 9.5, "Made": "2026-03-01", "Motto": "one"},
        {"Weight": 10, "Made": "2026-11-01", "Motto": "Two"},
        {"Weight": -0.000001, "Motto": "three"},
    ]
    made = []
    for number, values in enumerate(given):
        body = {**create, **({"sku": f"TRV-{number}"} if "sku" in create else {}), "name": f"Made {number}"}
        made.append(api.post(path, 201, {**body, "custom_fields": values})["data"]["id"])

    def found(**query: str) -> list[int]:
        return [made.index(row["id"]) for row in api.all(path, **{"name[contains]": "Made ", **query})]

    assert found(**{"custom_fields.Weight[gte]": "9.5"}) == [0, 1]
    assert found(**{"custom_fields.Weight[gt]": "9.50000001"}) == [1]
    assert found(**{"custom_fields.Weight": "10.00"}) == found(**{"custom_fields[Weight][in]": "10,11"}) == [1]
    assert found(**{"custom_fields.Weight[lt]": "0"}) == [2]
    assert found(sort="custom_fields.Weight:desc") == [1, 0, 2]
    assert found(**{"custom_fields.Made[gt]": "2026-03-01"}) == [1]
    assert found(**{"custom_fields[Made][lte]": "2026-11-01"}) == [0, 1]
    assert found(**{"custom_fields.Made[notset]": ""}) == [2]
    assert found(**{"custom_fields.Motto[contains]": "wo"}) == [1]
    wrong = {"Weight[contains]": "1", "Weight": "heavy", "Made[in]": "2026-03-01", "Made": "March", "Motto[gt]": "a"}
    for key, value in wrong.items():
        errors = api.get(path, 422, **{f"custom_fields.{key}": value})["errors"]
        assert list(errors) == [f"custom_fields.{key.partition('[')[0]}"]
