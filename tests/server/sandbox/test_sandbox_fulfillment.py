"""Fulfillment orders: pushed and taken back, shipped, changed; and labels that are really drawn."""

import io
from typing import Any

import pytest
from PIL import Image

from server.sandbox.resources.fulfillment import code128
from tests.server.sandbox import selling

TYPES = {"png": "image/png", "pdf": "application/pdf"}


def test_an_order_is_pushed_once_and_taken_back_where_that_is_possible(api: Any) -> None:
    part = selling.waiting_part(api, destination="ShipStation")
    url = f"/fulfillment-orders/{part['id']}"
    api.post(f"{url}/unpush", 409)
    told = api.post(f"{url}/push", 200, {"debug": True})["data"]
    assert told["success"]
    assert told["debug"]
    pushed = api.get(url)["data"]
    assert pushed["order_status"] == "pushed"
    assert pushed["source_reference_identifier"]
    api.post(f"{url}/push", 409)
    api.post(f"{url}/unpush", 200)
    after = api.get(url)["data"]
    assert {**after, "updated_at": None} == {**part, "updated_at": None}
    kept = api.first("/fulfillment-orders", order_status="pushed", destination="Cartonhaus")
    assert "Cartonhaus" in api.post(f"/fulfillment-orders/{kept['id']}/unpush", 409)["message"]
    api.post(f"/fulfillment-orders/{api.first('/fulfillment-orders', order_status='shipped')['id']}/push", 409)
    assert api.audit() == []


def test_lines_are_taken_out_until_something_was_picked_or_pushed(api: Any) -> None:
    part = selling.waiting_part(api)
    url = f"/fulfillment-orders/{part['id']}"
    line = part["fulfillment_order_items"][0]
    body = {"sales_order_item_id": line["sales_order_item_id"]}
    api.post(f"{url}/push")
    assert list(api.post(f"{url}/remove-so-item", 422, body)["errors"]) == ["allow_pushed"]
    assert api.post(f"{url}/remove-so-item", 200, {**body, "allow_pushed": True})["data"]["success"] is True
    after = api.get(url)["data"]
    assert after["fulfillment_order_items"] == part["fulfillment_order_items"][1:]
    assert after["total"] == pytest.approx(part["total"] - line["quantity"] * line["unit_price"])
    gone = api.post(f"{url}/remove-so-item", 422, {**body, "allow_pushed": True})
    assert list(gone["errors"]) == ["sales_order_item_id"]
    picked = api.first("/fulfillment-orders", order_status="shipped")
    item = {"sales_order_item_id": picked["fulfillment_order_items"][0]["sales_order_item_id"], "allow_pushed": True}
    said = api.post(f"/fulfillment-orders/{picked['id']}/remove-so-item", 422, item)
    assert "picked" in said["message"]
    assert api.audit() == []


def test_shipping_a_fulfillment_order_moves_its_sales_order_on(api: Any) -> None:
    part, order = selling.shippable_part(api)
    url = f"/fulfillment-orders/{part['id']}"
    body = selling.shipment(order, selling.WAREHOUSE, 2, shipment_cost=3)
    sent = api.post(f"{url}/shipments", 201, body)
    assert (sent["sales_order_id"], sent["fulfillment_order_id"]) == (order["id"], part["id"])
    after = api.get(f"/sales-orders/{order['id']}")["data"]
    assert (after["order_status"], after["total"]) == ("partially_shipped", pytest.approx(order["total"] + 3))
    shipped = api.get(url)["data"]
    assert (shipped["order_status"], shipped["sales_order"]["order_status"]) == ("partially_shipped",) * 2
    assert shipped["fulfillment_order_items"][0]["quantity_shipped"] == 2
    too_many = selling.shipment(order, selling.WAREHOUSE, int(order["items"][0]["quantity"]))
    assert list(api.post(f"{url}/shipments", 422, too_many)["errors"]) == ["items.0.quantity"]
    done = api.first("/fulfillment-orders", order_status="shipped")["id"]
    api.post(f"/fulfillment-orders/{done}/shipments", 409, body)
    api.get("/fulfillment-orders/99999999999999999999", 404)
    assert api.audit() == []


def render(api: Any, source: str, status: int = 200, **fields: Any) -> Any:
    return api.send("POST", "/labels/render", status, json={"zpl": source, **fields})


def test_a_label_is_drawn_where_the_source_says(api: Any) -> None:
    source = "^XA^FO100,50^GB80,40,40^FS^FO10,200^A0N,30^FDHello^FS^XZ^XA^XZ"
    response = render(api, source, width=2, height=1.5)
    image = Image.open(io.BytesIO(response.content))
    assert (response.headers["content-type"], image.size) == ("image/png", (406, 305))
    inked = {(x, y) for x in range(406) for y in range(305) if not image.getpixel((x, y))}
    box = {(x, y) for x in range(100, 180) for y in range(50, 90)}
    assert box <= inked
    text = inked - box
    assert text
    assert all(10 <= x < 110 and 200 <= y < 240 for x, y in text)
    blank = Image.open(io.BytesIO(render(api, source, index=1, width=1, height=1).content))
    assert blank.convert("L").getextrema() == (255, 255)


def test_a_barcode_has_the_bars_of_its_text(api: Any) -> None:
    content = render(api, "^XA^BY2^FO20,10^BCN,50,N^FDSO-30100^FS^XZ", width=3, height=1).content
    image = Image.open(io.BytesIO(content))
    drawn = [not image.getpixel((x, 30)) for x in range(20, 20 + 2 * 134)]
    expected = [is_bar for is_bar, width in code128.modules("SO-30100") for _ in range(2 * width)]
    assert drawn == expected + [False] * (len(drawn) - len(expected))
    assert [width for _, width in code128.modules("A")] == [int(digit) for digit in "2112141113231311232331112"]


def test_labels_come_in_the_documented_sizes_and_formats(api: Any) -> None:
    source = "^XA^FO1,1^FDx^FS^XZ"
    assert Image.open(io.BytesIO(render(api, source).content)).size == (813, 1219)
    assert Image.open(io.BytesIO(render(api, source, dpmm="6dpmm", width=1, height=1).content)).size == (152, 152)
    pdf = render(api, source, format="pdf")
    assert (pdf.headers["content-type"], pdf.content[:5]) == (TYPES["pdf"], b"%PDF-")
    for fields, path in (
        ({"dpmm": "7dpmm"}, "dpmm"),
        ({"width": 15.1}, "width"),
        ({"height": 0.05}, "height"),
        ({"format": "gif"}, "format"),
        ({"index": 1}, "index"),
        ({"index": -1}, "index"),
    ):
        assert list(render(api, source, 422, **fields).json()["errors"]) == [path]
    for nothing in ("", "no label"):
        assert list(render(api, nothing, 422).json()["errors"]) == ["zpl"]
