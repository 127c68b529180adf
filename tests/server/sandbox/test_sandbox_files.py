"""Files: attachments of bills, and bills read out of a CSV."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

CSV = """vendor,bill_number,bill_date,type,sku,description,quantity,unit_cost,tax_amount
Möller & Söhne Druckerei GmbH,R-1,2026-11-02,,MUG-001,,12,3.5,1.25
möller & söhne druckerei gmbh,r-1,2026-11-02,freight,,Freight,1,20,
Northline,R-2,2026-11-02,,,Tape,1,1,
Acme Components Inc,R-3,2026-02-30,,,Tape,0,1,
"""


def test_a_file_comes_back_byte_by_byte(api: Any, draft: Callable[..., dict[str, Any]]) -> None:
    path = f"/bills/{draft()['id']}/attachments"
    content = bytes(range(256)) * 3
    files = {"file": ("../Rechnung Nº 5.pdf", content, "application/pdf")}
    sent = api.send("POST", path, 201, files=files).json()["data"]
    assert (sent["file_name"], sent["size"], sent["content_type"]) == ("Rechnung Nº 5.pdf", 768, "application/pdf")
    got = api.send("GET", f"{path}/{sent['id']}/download", 200)
    assert got.content == content
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''Rechnung%20N%C2%BA%205.pdf"

    text = {"file_name": "a.txt", "content_base64": base64.b64encode(b"hello").decode(), "content_type": "text/plain"}
    second = api.post(path, 201, text)["data"]
    assert api.send("GET", f"{path}/{second['id']}/download", 200).text == "hello"
    bill = path.removesuffix("/attachments")
    assert [a["id"] for a in api.get(bill)["data"]["attachments"]] == [sent["id"], second["id"]]
    assert api.send("DELETE", f"{path}/{sent['id']}", 204).content == b""
    api.send("GET", f"{path}/{sent['id']}/download", 404)
    api.send("GET", f"/bills/5001/attachments/{second['id']}/download", 404)


def test_files_that_are_missing_broken_or_too_large_are_refused(api: Any) -> None:
    path = "/bills/5001/attachments"
    assert list(api.send("POST", path, 422, files={"other": b"x"}).json()["errors"]) == ["file"]
    assert list(api.post(path, 422, {"file_name": "a", "content_base64": "%%"})["errors"]) == ["content_base64"]
    assert list(api.send("POST", path, 422, files={"file": b"x" * (5 * 1024 * 1024 + 1)}).json()["errors"]) == ["file"]
    api.send("POST", path, 413, content=b" " * (9 * 1024 * 1024))
    broken = {"content-type": "multipart/form-data; boundary=x"}
    api.send("POST", path, 400, content=b"--y\r\nnonsense", headers=broken)


@pytest.mark.parametrize("form", ["json", "multipart"])
def test_an_import_is_read_and_not_stored(api: Any, form: str) -> None:
    before = api.books.fingerprint()
    options: dict[str, Any] = {"json": {"content": CSV}} if form == "json" else {"files": {"file": ("b.csv", CSV)}}
    parsed = api.send("POST", "/bills/import/parse", 200, **options).json()["data"]
    (bill,) = parsed["bills"]
    assert (bill["bill_number"], bill["currency"], bill["due_date"]) == ("R-1", "EUR", "2026-12-02")
    assert [(i["type"], i["description"], i["line_total"]) for i in bill["items"]] == [
        ("product", "Stoneware mug, Slate", 42),
        ("freight", "Freight", 20),
    ]
    assert (bill["subtotal"], bill["total"], bill["duplicate"]) == (62, 63.25, False)
    assert [(e["row"], e["field"]) for e in parsed["errors"]] == [(4, "vendor"), (5, "bill_date"), (5, "quantity")]
    assert api.books.fingerprint() == before
    api.send("POST", "/bills/import/parse", 422, files={"file": ("b.csv", b"\xff\xfe")})
    api.post("/bills/import/parse", 422, {})
