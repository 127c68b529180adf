"""Units of measure: what they are in each other, and that a change of the base unit leaves that as it was."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sandbox import ratios

EXACT = st.fractions(min_value=Fraction(-(10**9)), max_value=Fraction(10**9))


@pytest.fixture
def count(api: Any) -> dict[str, int]:
    """The ids of the units that things are counted in, by name."""
    return {unit["name"]: unit["id"] for unit in api.first("/unit-classes", name="Count")["unit_of_measures"]}


def factors(api: Any, class_name: str) -> dict[tuple[str, str], Any]:
    rules = api.get("/unit-conversion-rules", type="SYSTEM", per_page=100)["data"]
    ids = {unit["id"] for unit in api.first("/unit-classes", name=class_name)["unit_of_measures"]}
    return {
        (rule["base_unit_of_measure"]["name"], rule["converted_unit_of_measure"]["name"]): rule["conversion_factor"]
        for rule in rules
        if rule["base_unit_of_measure_id"] in ids
    }


def rule_of(start: int, end: int, factor: Any, product_id: int | None = None) -> dict[str, Any]:
    pair = {"base_unit_of_measure_id": start, "converted_unit_of_measure_id": end, "conversion_factor": factor}
    return {"type": "SYSTEM", **pair} if product_id is None else {"type": "SKU", **pair, "product_id": product_id}


@given(ratio=EXACT, places=st.integers(0, 4))
def test_ratios_are_rounded_half_away_from_zero_and_by_less_than_a_step(ratio: Fraction, places: int) -> None:
    error = Fraction(ratios.rounded(ratio, places)) - ratio
    assert abs(error) <= Fraction(1, 2 * 10**places)
    assert Fraction(ratios.rounded(-ratio, places)) == -Fraction(ratios.rounded(ratio, places))


def test_another_base_unit_leaves_every_conversion_as_it_was(api: Any, count: dict[str, int]) -> None:
    class_id = api.first("/unit-classes", name="Count")["id"]
    before = factors(api, "Count")
    assert before["Case", "Each"] == 24
    changed = api.post(f"/unit-classes/{class_id}/default-unit-of-measure/{count['Dozen']}")["data"]
    assert changed["base_unit_of_measure"]["name"] == "Dozen"
    assert [unit["name"] for unit in changed["unit_of_measures"] if unit["base_unit"]] == ["Dozen"]
    after = factors(api, "Count")
    assert (after["Case", "Dozen"], after["Gross", "Dozen"], after["Inner pack", "Dozen"]) == (2, 12, 0.5)
    assert (after["Each", "Dozen"], after["Pair", "Dozen"]) == (0.0833333333333333, 0.166666666666667)
    assert ("Case", "Each") not in after
    api.post(f"/unit-classes/{class_id}/default-unit-of-measure/{count['Each']}")
    assert factors(api, "Count") == before
    assert api.audit() == []


def test_a_unit_counts_from_the_base_of_its_class(api: Any) -> None:
    area = api.post("/unit-classes", 201, {"name": "Area"})["data"]
    assert (area["unit_of_measures"], area["base_unit_of_measure"]) == ([], None)
    unit = {"unit_class_id": area["id"], "description": "-"}
    errors = api.post("/unit-of-measures", 422, {**unit, "name": "Hectare", "conversion_factor": 10000})["errors"]
    assert list(errors) == ["conversion_factor"]
    metre = api.post(
        "/unit-of-measures", 201, {**unit, "name": "Square metre", "base_unit": True, "conversion_factor": 1}
    )["data"]
    assert (metre["base_unit"], metre["unit_conversion_rules"]) == (True, [])
    hectare = api.post("/unit-of-measures", 201, {**unit, "name": "Hectare", "conversion_factor": "10000"})["data"]
    rule = hectare["unit_conversion_rules"][0]
    assert (rule["type"], rule["conversion_factor"], rule["product"]) == ("SYSTEM", 10000, None)
    assert rule["converted_unit_of_measure"]["name"] == "Square metre"

    loose = api.post("/unit-of-measures", 201, {**unit, "name": "Morgen"})["data"]
    said = api.post(f"/unit-classes/{area['id']}/default-unit-of-measure/{loose['id']}", 409)["message"]
    assert "Morgen" in said
    api.post(f"/unit-of-measures/{loose['id']}", body={"conversion_factor": 2500, "base_unit": True})
    assert factors(api, "Area") == {("Hectare", "Morgen"): 4, ("Square metre", "Morgen"): 0.0004}
    assert list(api.post(f"/unit-of-measures/{loose['id']}", 422, {"base_unit": False})["errors"]) == ["base_unit"]
    weight = api.first("/unit-classes", name="Weight")["id"]
    api.post(f"/unit-of-measures/{hectare['id']}", 409, {"unit_class_id": weight})
    api.post(f"/unit-classes/{weight}/default-unit-of-measure/{hectare['id']}", 404)
    assert api.audit() == []


def test_a_products_own_rule_comes_before_that_of_the_class(api: Any, count: dict[str, int]) -> None:
    rule = api.first("/unit-conversion-rules", type="SKU")
    assert rule["product"]["id"] == rule["product_id"]
    asked = {name: rule[name] for name in ("base_unit_of_measure_id", "converted_unit_of_measure_id")}
    resolve = "/unit-conversion-rules/resolve"
    assert api.get(resolve, product_id=rule["product_id"], **asked)["data"] == rule
    api.send("DELETE", f"/unit-conversion-rules/{rule['id']}", 204)
    general = api.get(resolve, product_id=rule["product_id"], **asked)["data"]
    assert (general["type"], general["conversion_factor"], general["product_id"]) == ("SYSTEM", 24, None)
    nothing = {"base_unit_of_measure_id": count["Pair"], "converted_unit_of_measure_id": count["Gross"]}
    api.get(resolve, 404, product_id=rule["product_id"], **nothing)
    assert sorted(api.get(resolve, 422, product_id="x")["errors"]) == [
        "base_unit_of_measure_id", "converted_unit_of_measure_id", "product_id",
    ]  # fmt: skip


def test_rules_that_make_no_sense_are_refused(api: Any, count: dict[str, int]) -> None:
    gram = api.first("/unit-of-measures", name="Gram")["id"]
    product = api.first("/unit-conversion-rules", type="SKU")["product_id"]
    case, each = count["Case"], count["Each"]
    wrong = {
        "converted_unit_of_measure_id": [
            rule_of(case, case, 1), rule_of(case, each, 20), rule_of(case, 999999, 1), rule_of(case, gram, 500),
            rule_of(case, each, 20, product),
        ],
        "conversion_factor": [rule_of(each, case, 0), rule_of(each, case, -1), rule_of(each, case, 10**12)],
        "product_id": [
            rule_of(each, case, 2, 9), {**rule_of(each, case, 2), "type": "SKU"},
            {**rule_of(each, case, 2, product), "type": "SYSTEM"},
        ],
        "base_unit_of_measure_id": [rule_of(2**63 - 1, case, 1)],
    }  # fmt: skip
    for field, bodies in wrong.items():
        for body in bodies:
            assert list(api.post("/unit-conversion-rules", 422, body)["errors"]) == [field], body
    crossing = api.post("/unit-conversion-rules", 201, rule_of(case, gram, "1250.5", product))["data"]
    assert crossing["conversion_factor"] == 1250.5
    assert list(api.post(f"/unit-conversion-rules/{crossing['id']}", 422, rule_of(case, each, 2))["errors"]) == [
        "converted_unit_of_measure_id"
    ]
    assert api.audit() == []


def test_what_is_in_use_is_not_deleted(api: Any, count: dict[str, int]) -> None:
    count_class = api.first("/unit-classes", name="Count")["id"]
    assert "units" in api.send("DELETE", f"/unit-classes/{count_class}", 409).json()["message"]
    made = {"unit_class_id": count_class, "name": "Score", "description": "Twenty pieces", "conversion_factor": 20}
    score = api.post("/unit-of-measures", 201, made)["data"]
    path = f"/unit-of-measures/{score['id']}"
    assert "conversion rules" in api.send("DELETE", path, 409).json()["message"]
    for rule in score["unit_conversion_rules"]:
        api.send("DELETE", f"/unit-conversion-rules/{rule['id']}", 204)
    api.send("DELETE", path, 204)
    api.get(path, 404)
    assert list(api.post("/unit-classes", 422, {"name": "weight"})["errors"]) == ["name"]
    body = {"unit_class_id": count_class, "name": "DOZEN", "description": "-"}
    assert list(api.post("/unit-of-measures", 422, body)["errors"]) == ["name"]


def test_lists_have_the_short_meta_of_their_documentation(reading: Any) -> None:
    for path in ("/unit-classes", "/unit-of-measures", "/unit-conversion-rules"):
        assert reading.get(path, per_page=2)["meta"].keys() == {"current_page", "per_page", "total"}
    names = [row["name"] for row in reading.get("/unit-of-measures", base_unit="true")["data"]]
    assert names == ["Each", "Kilogram", "Metre", "Litre", "Hour"]
