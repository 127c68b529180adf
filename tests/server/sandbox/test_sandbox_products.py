"""Products, their variants, kits and BOMs: what they may consist of, what they are called, and when they may go."""

from typing import Any

import pytest


@pytest.fixture
def trivet(api: Any) -> dict[str, Any]:
    """A product with two variants, an alternate SKU and tags."""
    body = {
        "name": "Trivet",
        "sku": "TRV",
        "retail_price": 9,
        "wholesale_price": 4.5,
        "unit_cost": "2.1250",
        "category": {"name": "Kitchen"},
        "subcategory": {"name": "Cork"},
        "alternate_skus": ["OLD-TRV"],
        "tags": ["Seasonal", "New"],
        "variants": [
            {"name": "Round", "sku": "TRV-R", "retail_price": 10, "variant_attributes": {"Shape": "round"}},
            {"name": "Square", "sku": "TRV-S", "custom_fields": {"Care instructions": "Wipe"}},
        ],
    }
    made: dict[str, Any] = api.post("/products", 201, body)["data"]
    return made


def product(api: Any, sku: str) -> dict[str, Any]:
    found: dict[str, Any] = api.first("/products", sku=sku)
    return found


def refused(api: Any, path: str, body: Any, method: str = "POST") -> list[str]:
    """The field paths that a body is refused for."""
    return list(api.send(method, path, 422, json=body).json()["errors"])


def test_a_product_is_shown_with_everything_it_was_made_with(api: Any, trivet: dict[str, Any]) -> None:
    assert (trivet["type"], trivet["status"], trivet["sellable"], trivet["discontinued"]) == (
        "PRODUCT", "active", True, False,
    )  # fmt: skip
    assert (trivet["category"]["name"], trivet["subcategory"]["name"]) == ("Kitchen", "Cork")
    assert (trivet["unit_cost"], trivet["landed_cost"]) == (2.125, 2.125)
    assert [tag["name"] for tag in trivet["tags"]] == ["Seasonal", "New"]
    round_, square = trivet["variants"]
    assert (round_["retail_price"], round_["wholesale_price"], round_["unit_cost"]) == (10, 4.5, 2.125)
    assert round_["variant_attributes"] == {"Shape": "round"}
    assert square["custom_fields"] == [{"name": "Care instructions", "value": "Wipe"}]
    assert api.get(f"/products/{round_['id']}")["data"]["parent_id"] == trivet["id"]
    again = api.post("/products", 201, {"name": "Mat", "sku": "MAT", "category": {"name": "Kitchen"}})["data"]
    assert again["category"] == trivet["category"]
    assert api.audit() == []


def test_weights_are_kept_as_given_and_totalled(api: Any) -> None:
    body = {"name": "Anvil", "sku": "ANV", "product_weight": [{"unit": "lb", "value": 1}, {"unit": "oz", "value": 4}]}
    anvil = api.post("/products", 201, {**body, "box_weight": {"unit": "kg", "value": "2"}, "pallet_weight": 3.5})
    anvil = anvil["data"]
    assert anvil["product_weight"] == [{"unit": "lb", "value": 1}, {"unit": "oz", "value": 4}]
    assert (anvil["product_weight_oz"], anvil["product_weight_lb"]) == (20, 1.25)
    assert (anvil["box_weight_oz"], anvil["box_weight_lb"]) == (70.5479, 4.4092)
    assert (anvil["pallet_weight"], anvil["carton_weight"]) == ([{"unit": "lb", "value": 3.5}], [])
    assert [row["sku"] for row in api.all("/products", **{"product_weight_lb": "1.25", "sku[contains]": "ANV"})] == [
        "ANV"
    ]
    priced = api.get(f"/products/{anvil['id']}/company-pricing", company_id="150")["data"]
    assert priced["product_weight"] == 1.25
    exported = api.get("/products/export", since="2026-11-21T09:30:00Z")["data"]
    assert [(row["product_weight"], row["box_weight"]) for row in exported] == [
        ({"unit": "lb", "value": 1.25}, {"unit": "kg", "value": 2})
    ]
    path = f"/products/{anvil['id']}"
    wrong = {
        "product_weight": {"unit": "stone", "value": 1},
        "box_weight": [{"unit": "lb", "value": -1}],
        "carton_weight": {},
    }
    assert refused(api, path, wrong) == ["product_weight.unit", "box_weight.0.value", "carton_weight"]
    assert api.post(path, 200, {"product_weight_oz": 3})["data"]["product_weight_oz"] == 20
    assert api.post(path, 200, {"product_weight": None})["data"]["product_weight_lb"] is None
    assert api.audit() == []


def test_a_product_is_found_by_all_its_skus(api: Any, trivet: dict[str, Any]) -> None:
    for sku in ("TRV", "OLD-TRV", "TRV-S"):
        assert [row["id"] for row in api.all("/products", sku=sku)] == [trivet["id"]]
    assert trivet["id"] not in [row["id"] for row in api.all("/products", **{"sku[neq]": "OLD-TRV"})]
    assert [row["id"] for row in api.all("/products", q="old-t")] == [trivet["id"]]
    line = {"sku": "OLD-TRV", "quantity": 1, "unit_cost": 1}
    bill = {"vendor_id": 101, "bill_number": "A-1", "bill_date": "2026-11-02", "items": [line]}
    assert api.post("/bills", 201, bill)["data"]["items"][0]["product_id"] == trivet["id"]
    invoice = {"company_id": 150, "order_date": "2026-11-02", "payment_terms": "Net 30"}
    line = {"sku": "OLD-TRV", "quantity": 1, "unit_price": 1}
    assert api.post("/invoices", 201, {**invoice, "items": [line]})["data"]["items"][0]["sku"] == "TRV"


def test_a_sku_names_one_product(api: Any, trivet: dict[str, Any]) -> None:
    for taken in ("TRV", "TRV-R", "OLD-TRV", "MUG-001"):
        assert refused(api, "/products", {"name": "X", "sku": taken}) == ["sku"]
        new = {"name": "X", "sku": "X", "variants": [{"name": "Y", "sku": "Y"}, {"name": "Z", "sku": taken}]}
        assert refused(api, "/products", new) == ["variants.1.sku"]
        assert refused(api, "/products", {"name": "X", "sku": "X", "alternate_skus": ["X-2", taken]}) == [
            "alternate_skus.1"
        ]
        again = {"sku": "MUG-001", "alternate_sku": taken}
        assert refused(api, "/products/alternate-sku", again) == ["alternate_sku"]
    twice = {"name": "X", "sku": "X", "variants": [{"name": "Y", "sku": "X"}], "alternate_skus": ["X"]}
    assert refused(api, "/products", twice) == ["variants.0.sku", "alternate_skus.0"]
    assert refused(api, f"/products/{trivet['id']}", {"sku": "OLD-TRV"}) == ["sku"]
    assert refused(api, "/products/alternate-sku", {"sku": "OLD-TRV", "alternate_sku": "X"}) == ["sku"]
    named = api.post("/products/alternate-sku", 201, {"sku": "TRV", "alternate_sku": "NEW-TRV"})["data"]
    assert [alternate["sku"] for alternate in named["alternate_skus"]] == ["OLD-TRV", "NEW-TRV"]
    kept = api.post(f"/products/{trivet['id']}", 200, {"sku": "TRV", "alternate_skus": ["NEW-TRV"]})["data"]
    assert [alternate["sku"] for alternate in kept["alternate_skus"]] == ["NEW-TRV"]
    assert api.audit() == []


def test_an_update_changes_what_is_sent_and_replaces_arrays(api: Any, trivet: dict[str, Any]) -> None:
    path = f"/products/{trivet['id']}"
    changed = api.post(path, 200, {"name": "Pot stand", "discontinued": True})["data"]
    assert (changed["name"], changed["discontinued"], changed["retail_price"]) == ("Pot stand", True, 9)
    assert [variant["sku"] for variant in changed["variants"]] == ["TRV-R", "TRV-S"]
    round_ = trivet["variants"][0]
    kept = {"sku": "TRV-R", "wholesale_price": 5}
    changed = api.post(path, 200, {"variants": [kept, {"name": "Oval", "sku": "TRV-O"}], "tags": []})["data"]
    assert [(v["sku"], v["name"], v["retail_price"], v["wholesale_price"]) for v in changed["variants"]] == [
        ("TRV-R", "Round", 10, 5),
        ("TRV-O", "Oval", 9, 4.5),
    ]
    assert (changed["variants"][0]["id"], changed["tags"]) == (round_["id"], [])
    api.get(f"/products/{trivet['variants'][1]['id']}", 404)
    assert refused(api, path, {"variants": [{"sku": "TRV-N"}]}) == ["variants.0.name"]
    assert refused(api, path, {"variants": [{"sku": "A", "id": 1001}]}) == ["variants.0.id"]
    assert refused(api, f"/products/{round_['id']}", {"variants": [{"name": "A", "sku": "A"}]}) == ["variants"]
    moved = api.post(path, 200, {"category": None})["data"]
    assert (moved["category"], moved["subcategory"]) == (None, None)
    assert api.get(f"/products/{round_['id']}")["data"]["category"] is None
    for name in ("id", "created_at", "total_cost"):
        assert refused(api, path, {name: 1}) == [name]
    assert api.audit() == []


def test_an_upsert_finds_its_product_by_id_or_sku(api: Any, trivet: dict[str, Any]) -> None:
    api.send("PATCH", "/products", 200, json={"sku": "OLD-TRV", "upc": "4006381333931"})
    api.send("PATCH", "/products", 200, json={"id": trivet["id"], "sku": "TRV-2", "qty_minimum": 5})
    found = api.get(f"/products/{trivet['id']}")["data"]
    assert (found["sku"], found["upc"], found["qty_minimum"]) == ("TRV-2", "4006381333931", 5)
    made = api.send("PATCH", "/products", 201, json={"sku": "TRV", "name": "Another"}).json()["data"]
    assert made["id"] > trivet["id"]
    assert refused(api, "/products", {"sku": "TRV-3"}, "PATCH") == ["name"]
    assert refused(api, "/products", {"name": "Nameless"}, "PATCH") == ["sku"]
    assert refused(api, "/products", {"id": 10**9, "name": "Nobody"}, "PATCH") == ["id"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"category_id": 999}, "category_id"),
        ({"category_id": 1, "sub_category_id": 12}, "sub_category_id"),
        ({"subcategory": {"name": "Lost"}}, "subcategory.name"),
        ({"supplier_id": 999}, "supplier_id"),
        ({"supplier": {"name": "Nobody"}}, "supplier.name"),
        ({"default_receiving_location_id": 999}, "default_receiving_location_id"),
        ({"variants": [{"sku": "V", "name": "V", "supplier_id": 999}]}, "variants.0.supplier_id"),
        ({"retail_price": -1}, "retail_price"),
        ({"retail_price": None}, "retail_price"),
        ({"type": "BUNDLE"}, "type"),
        ({"type": "KIT"}, "kit_items"),
        ({"kit_items": [{"quantity": 1}]}, "kit_items.0.product_id"),
        ({"kit_items": [{"sku": "MUG-001", "quantity": 0}]}, "kit_items.0.quantity"),
        ({"kit_items": [{"sku": "MUG-001", "quantity": 1, "uom_id": 999}]}, "kit_items.0.uom_id"),
        ({"kit_items": [{"sku": "MUG-001", "quantity": 1}], "type": "PRODUCT"}, "kit_items"),
        ({"kit_items": [{"sku": "MUG-001", "quantity": 1}], "variants": [{"sku": "V", "name": "V"}]}, "variants"),
        ({"substitutions": [{"sku": "NOPE"}]}, "substitutions.0.sku"),
        ({"alternate_skus": [{"sku": "V"}, {"sku": " "}]}, "alternate_skus.1.sku"),
        ({"tags": ["New", ""]}, "tags.1"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(api: Any, body: dict[str, Any], path: str) -> None:
    before = api.books.fingerprint()
    assert path in refused(api, "/products", {"name": "New", "sku": "NEW", **body})
    assert api.books.fingerprint() == before


def test_a_kit_is_priced_by_its_items(api: Any) -> None:
    mug = product(api, "MUG-001")
    dozen = api.first("/unit-of-measures", name="Dozen")
    items = [
        {"product_id": mug["id"], "quantity": 2},
        {"sku": "BOX-001", "quantity": 1, "price": "0.9950", "uom_id": dozen["id"]},
    ]
    kit = api.post("/products", 201, {"name": "Pair of mugs", "sku": "KIT", "kit_items": items})["data"]
    assert kit["type"] == "KIT"
    first, second = kit["kit_items"]
    assert (first["price"], first["total"]) == (mug["retail_price"], round(mug["retail_price"] * 2, 2))
    assert (second["price"], second["total"], second["base_uom_quantity"]) == (0.995, 1, 12)
    assert second["original_price"] == product(api, "BOX-001")["retail_price"]
    found = api.all("/products", **{"kit_items.product_id": mug["id"], "type": "KIT"})
    assert kit["id"] in [row["id"] for row in found]
    path = f"/products/{kit['id']}"
    replaced = api.post(path, 200, {"kit_items": items[:1]})["data"]
    assert [item["product_id"] for item in replaced["kit_items"]] == [mug["id"]]
    assert refused(api, path, {"kit_items": []}) == ["kit_items"]
    plain = api.post(path, 200, {"type": "PRODUCT"})["data"]
    assert (plain["type"], plain["kit_items"]) == ("PRODUCT", [])
    assert api.audit() == []


def test_nothing_is_a_part_of_itself(api: Any) -> None:
    def kit(sku: str, *parts: str) -> int:
        items = [{"sku": part, "quantity": 1} for part in parts]
        made: int = api.post("/products", 201, {"name": sku, "sku": sku, "kit_items": items})["data"]["id"]
        return made

    inner = kit("INNER", "MUG-001")
    outer = kit("OUTER", "BOX-001", "INNER")
    into_itself = {"kit_items": [{"sku": "MUG-001", "quantity": 1}, {"sku": "INNER", "quantity": 1}]}
    assert refused(api, f"/products/{inner}", into_itself) == ["kit_items.1.sku"]
    assert refused(api, f"/products/{inner}", {"kit_items": [{"product_id": outer, "quantity": 1}]}) == [
        "kit_items.0.product_id"
    ]
    mug = product(api, "MUG-001")["id"]
    around = api.post("/boms", 201, {"name": "Around", "items": [{"sku": "OUTER", "quantity": 1}]})["data"]
    plain = api.post("/boms", 201, {"name": "Plain", "items": [{"sku": "BOX-002", "quantity": 1}]})["data"]
    path = f"/products/{mug}/boms"
    assert refused(api, path, {"bom_ids": [plain["id"], around["id"]]}) == ["bom_ids.1"]
    api.post(path, 200, {"bom_ids": [plain["id"]]})
    made_of = {"items": [{"sku": "BOX-002", "quantity": 1}, {"product_id": outer, "quantity": 1}]}
    assert refused(api, f"/boms/{plain['id']}", made_of) == ["items.1.product_id"]
    assert refused(api, f"/boms/{plain['id']}", {"items": [{"sku": "MUG-001", "quantity": 1}]}) == ["items.0.sku"]
    assert api.audit() == []


def test_a_bom_is_costed_and_replaces_its_lines(api: Any) -> None:
    box, jar = product(api, "BOX-001"), product(api, "JAR-001")
    pair = api.first("/unit-of-measures", name="Pair")
    api.post("/products/alternate-sku", 201, {"sku": "JAR-001", "alternate_sku": "GLASS-JAR"})
    items = [
        {"product_id": box["id"], "quantity": 1, "uom_id": pair["id"], "order": 2},
        {"sku": "GLASS-JAR", "quantity": "1.5", "note": "Rinsed", "order": 1},
    ]
    costs = [{"name": "Labour", "quantity": "0.25", "unit_price": 18.5}]
    bom = api.post("/boms", 201, {"name": "Boxed jar", "items": items, "extra_costs": costs})["data"]
    assert [(i["product"]["sku"], i["base_quantity"], i["unit_of_measure"]["name"]) for i in bom["items"]] == [
        ("JAR-001", 1.5, "Each"),
        ("BOX-001", 2, "Pair"),
    ]
    assert bom["extra_costs"][0]["line_total"] == 4.63
    expected = round(jar["unit_cost"] * 1.5, 2) + round(box["unit_cost"] * 2, 2) + 4.63
    assert bom["total_cost"] == pytest.approx(expected, abs=0.011)
    path = f"/boms/{bom['id']}"
    renamed = api.post(path, 200, {"name": "Jar in a box"})["data"]
    assert (len(renamed["items"]), len(renamed["extra_costs"])) == (2, 1)
    replaced = api.post(path, 200, {"items": items[:1], "extra_costs": None})["data"]
    assert (len(replaced["items"]), replaced["extra_costs"]) == (1, [])
    assert refused(api, "/boms", {"name": "jar in a BOX", "items": items}) == ["name"]
    assert refused(api, path, {"items": []}) == ["items"]
    assert refused(api, path, {"items": [{"quantity": 1}]}) == ["items.0.product_id"]
    assert refused(api, path, {"items": [{"sku": "NOPE", "quantity": 1}]}) == ["items.0.sku"]
    kept = api.post(path, 200, {"extra_costs": [{**costs[0], "line_total": 5}]})["data"]["extra_costs"]
    assert kept[0]["line_total"] == 4.63
    assert refused(api, path, {"total_cost": 5}) == ["total_cost"]
    assert api.audit() == []


def test_boms_are_attached_and_detached(api: Any) -> None:
    mug = product(api, "MUG-002")["id"]
    boms = [
        api.post("/boms", 201, {"name": name, "items": [{"sku": "BOX-003", "quantity": 1}]})["data"]["id"]
        for name in ("One", "Two")
    ]
    path = f"/products/{mug}/boms"
    before = [bom["id"] for bom in api.get(f"/products/{mug}")["data"]["boms"]]
    api.post(path, 200, {"bom_ids": boms})
    api.post(path, 200, {"bom_ids": [boms[0]]})
    assert [bom["id"] for bom in api.get(f"/products/{mug}")["data"]["boms"]] == [*before, *boms]
    assert [row["id"] for row in api.all("/products", **{"bom.id": boms[0]})] == [mug]
    assert str(mug) in api.send("DELETE", f"/boms/{boms[0]}", 409).json()["message"]
    api.send("DELETE", path, 200, json={"bom_ids": [boms[0]]})
    assert refused(api, path, {"bom_ids": boms}, "DELETE") == ["bom_ids.0"]
    assert refused(api, path, {"bom_ids": [boms[0], 999]}) == ["bom_ids.1"]
    assert refused(api, path, {"bom_ids": []}) == ["bom_ids"]
    api.send("DELETE", f"/boms/{boms[0]}", 200)
    api.get(f"/boms/{boms[0]}", 404)
    assert api.audit() == []


def test_a_product_goes_when_nothing_needs_it(api: Any, trivet: dict[str, Any]) -> None:
    path = f"/products/{trivet['id']}"
    round_ = trivet["variants"][0]
    kit = {"name": "Set", "sku": "SET", "kit_items": [{"product_id": round_["id"], "quantity": 1}]}
    kit_id = api.post("/products", 201, kit)["data"]["id"]
    assert "kit items" in api.send("DELETE", path, 409).json()["message"]
    assert "kit items" in api.post(path, 409, {"variants": []})["message"]
    api.send("DELETE", f"/products/{kit_id}", 200)
    bom = {"name": "Cork", "items": [{"product_id": trivet["id"], "quantity": 1}]}
    bom_id = api.post("/boms", 201, bom)["data"]["id"]
    assert "bom items" in api.send("DELETE", path, 409).json()["message"]
    api.send("DELETE", f"/boms/{bom_id}", 200)
    assert "stock" in api.send("DELETE", f"/products/{product(api, 'MUG-001')['id']}", 409).json()["message"]
    api.send("DELETE", path, 200)
    for gone in (trivet["id"], round_["id"]):
        api.get(f"/products/{gone}", 404)
    again = api.post("/products", 201, {"name": "Trivet", "sku": "OLD-TRV"})["data"]
    assert again["id"] > trivet["id"]
    assert api.audit() == []


def test_the_export_gives_every_active_product_once(api: Any) -> None:
    hidden = api.post("/products", 201, {"name": "Retired", "sku": "RET", "status": "inactive"})["data"]["id"]
    mug = product(api, "MUG-001")["id"]
    rows: list[Any] = []
    query: dict[str, Any] = {"since": "2024-01-01"}
    while True:
        part = api.get("/products/export", limit=30, **query)
        rows += part["data"]
        if not part["has_more"]:
            break
        query = {"cursor": part["next_cursor"]}
        api.post(f"/products/{mug}", 200, {"upc": str(len(rows))})  # what changes meanwhile is left for the next export
    assert part["next_cursor"] is None
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids))
    assert set(ids) == {row["id"] for row in api.all("/products")} - {hidden, mug}
    following = api.get("/products/export", since=part["meta"]["cutoff"])
    assert [row["id"] for row in following["data"]] == [mug]
    assert refused(api, "/products/export?since=2020-01-01&limit=1001", None, "GET") == ["limit"]
