"""BillDiary: who gets in, what each user sees and may do, and how lists and files come."""

import base64
import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.sandbox import diary as diaries
from tests.server.sandbox.diary import URL, Diary

LISTS = ("/purchase-requisitions", "/purchase-orders", "/purchases", "/purchase-returns")

DEMO = "This feature is disabled in the demo."
LAPSED = "The subscription of this business is not active."


@pytest.fixture
def diary(api: Any) -> Diary:
    return Diary(api)


@pytest.fixture
def seen(reading: Any) -> Diary:
    """For reading only."""
    return Diary(reading)


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer sandbox-viewer"},
        {"Authorization": "bearer  sandbox-viewer "},
        basic("sandbox-viewer:sandbox-viewer"),
        {"Authorization": "", "X-EPOS-API-Key": "sandbox-viewer", "X-EPOS-API-Secret": "sandbox-viewer"},
    ],
)
def test_a_token_a_pair_and_basic_prove_the_same_user(seen: Diary, headers: dict[str, str]) -> None:
    assert seen.send("GET", "/purchases", headers=headers).json()["meta"]["per_page"] == 20
    refused = seen.send("DELETE", "/purchases/1", 403, headers=headers)
    assert refused.json() == {"message": "Unauthorized action."}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer sandbox-nobody"},
        {"Authorization": "Bearer sandboxviewer"},
        {"Authorization": "Bearer sandbox-"},
        {"Authorization": "Basic sandbox"},
        basic("sandbox"),
        basic("sandbox:sandbox-viewer"),
        {"X-EPOS-API-Key": "sandbox"},
        {"X-EPOS-API-Key": "sandbox", "X-EPOS-API-Secret": "other"},
        {"Authorization": "", "X-EPOS-API-Secret": "sandbox"},
    ],
)
@pytest.mark.parametrize("path", ["/purchases", "/purchases/1", "/nothing"])
def test_nothing_else_gets_in(seen: Diary, headers: dict[str, str], path: str) -> None:
    assert seen.send("GET", path, 401, headers=headers).json() == {"message": "Unauthenticated."}


def test_each_api_has_keys_of_its_own(seen: Diary) -> None:
    viewer = {"Authorization": "Bearer sandbox-viewer"}
    seen.api.send("GET", "/bills", 401, headers=viewer)
    seen.api.send("GET", "/bills", 401, headers={"X-EPOS-API-Key": "sandbox", "Authorization": ""})
    seen.api.send("GET", "http://sandbox/elsewhere", 404)
    assert seen.send("GET", "/bills", 404).json() == {"message": "This path is not served here."}
    assert "POST" in seen.send("PUT", "/purchases", 405).headers["allow"]


def test_what_each_user_sees(seen: Diary) -> None:
    everything = {row["id"]: row for row in seen.all("/purchases")}
    assert {row["id"] for row in seen.as_("sandbox-viewer").all("/purchases")} == everything.keys()
    own = seen.as_("sandbox-own").all("/purchases")
    buyers = seen.as_("sandbox-buyer").all("/purchases")
    clerks = seen.as_("sandbox-clerk").all("/purchases")
    assert 0 < len(own) < len(everything)
    assert 0 < len(buyers) < len(everything)
    assert {row["location"]["name"] for row in clerks} == {"Fernhill Shop"}
    assert len(clerks) == sum(row["location"]["name"] == "Fernhill Shop" for row in everything.values())
    assert not {row["id"] for row in own} & {row["id"] for row in buyers}
    hidden = next(iter(everything.keys() - {row["id"] for row in own}))
    assert seen.as_("sandbox-own").get(f"/purchases/{hidden}", 404) == {"message": "Not found"}
    elsewhere = seen.as_("sandbox-demo").first("/purchases")["id"]
    assert elsewhere not in everything
    seen.get(f"/purchases/{elsewhere}", 404)


def test_returns_are_not_narrowed_to_ones_own(seen: Diary) -> None:
    assert len(seen.as_("sandbox-buyer").all("/purchase-returns")) == len(seen.all("/purchase-returns"))
    clerks = seen.as_("sandbox-clerk").all("/purchase-returns")
    assert 0 < len(clerks) < len(seen.all("/purchase-returns"))


def test_own_requisitions_and_orders(seen: Diary) -> None:
    buyer = seen.as_("sandbox-buyer")
    for path in ("/purchase-requisitions", "/purchase-orders"):
        assert 0 < len(buyer.all(path)) < len(seen.all(path))
    assert {row["created_by"]["name"] for row in buyer.all("/purchase-requisitions")} == {"Bruno Okafor"}


def requests() -> Iterator[tuple[str, str, set[str]]]:
    """Each operation, and the users of the main business who have its permission."""
    requesters, orderers = {"buyer", "clerk"}, {"buyer", "clerk"}
    yield "GET", "/purchase-requisitions", {"viewer", *requesters}
    yield "GET", "/purchase-requisitions/1", {"viewer", *requesters}
    yield "POST", "/purchase-requisitions", requesters
    yield "PUT", "/purchase-requisitions/1/status", requesters
    yield "DELETE", "/purchase-requisitions/1", set()
    yield "GET", "/purchase-orders", {"viewer", *orderers}
    yield "GET", "/purchase-orders/1", {"viewer", *orderers}
    yield "POST", "/purchase-orders", orderers
    yield "PATCH", "/purchase-orders/1", orderers
    yield "PUT", "/purchase-orders/1/status", set()
    yield "DELETE", "/purchase-orders/1", set()
    yield "GET", "/purchases", {"viewer", "own", "buyer", "clerk"}
    yield "GET", "/purchases/1", {"viewer", "own", "buyer", "clerk"}
    yield "GET", "/purchases/check-ref-number", {"buyer", "clerk"}
    yield "POST", "/purchases", {"buyer", "clerk"}
    yield "PUT", "/purchases/1", {"buyer", "clerk"}
    yield "POST", "/purchases/1/payments", {"buyer"}
    yield "DELETE", "/purchases/1", set()
    yield "GET", "/purchase-returns", {"viewer", "buyer", "clerk"}
    yield "GET", "/purchase-returns/1", {"viewer", "buyer", "clerk"}
    yield "POST", "/purchase-returns", {"buyer", "clerk"}
    yield "POST", "/purchase-returns/combined", {"buyer", "clerk"}
    yield "POST", "/purchase-returns/1/payments", {"buyer"}
    yield "DELETE", "/purchase-returns/1", set()


@pytest.mark.parametrize(("method", "path", "allowed"), list(requests()))
def test_permissions(seen: Diary, method: str, path: str, allowed: set[str]) -> None:
    for login in ("viewer", "own", "buyer", "clerk"):
        headers = {"Authorization": f"Bearer sandbox-{login}"}
        answer = seen.api.try_send(method, URL + path, headers=headers, json={} if method != "GET" else None)
        assert (answer.status_code != 403) == (login in allowed), (login, answer.status_code, answer.text)
        assert answer.status_code in {200, 403, 404, 422}
    assert seen.api.try_send(method, URL + path, headers=basic("sandbox:sandbox")).status_code != 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/purchase-orders"),
        ("PUT", "/purchase-orders/1"),
        ("POST", "/purchases"),
        ("PATCH", "/purchases/1"),
        ("POST", "/purchases/1/payments"),
        ("POST", "/purchase-returns"),
        ("POST", "/purchase-returns/combined"),
        ("POST", "/purchase-returns/1/payments"),
    ],
)
def test_what_needs_a_subscription(seen: Diary, method: str, path: str) -> None:
    lapsed = seen.as_("sandbox-lapsed")
    assert lapsed.send(method, path, 402, json={}).json() == {"message": LAPSED}


def test_a_business_without_subscription_still_reads_requests_and_deletes(diary: Diary) -> None:
    lapsed = diary.as_("sandbox-lapsed")
    found = lapsed.first("/purchases")
    wanted = {"location_id": found["location"]["id"], "purchases": [{**diaries.goods(lapsed), "quantity": 1}]}
    lapsed.post("/purchase-requisitions", wanted)
    unreturned = {row["id"] for row in lapsed.all("/purchases")} - {
        row["return_parent_id"] for row in lapsed.all("/purchase-returns")
    }
    lapsed.delete(f"/purchases/{min(unreturned)}")
    assert diary.api.audit() == []


def test_what_a_demo_refuses(diary: Diary) -> None:
    demo = diary.as_("sandbox-demo")
    for method, path in (
        ("POST", "/purchases/1/payments"),
        ("POST", "/purchase-returns"),
        ("POST", "/purchase-returns/combined"),
        ("POST", "/purchase-returns/1/payments"),
        ("DELETE", "/purchase-returns/1"),
    ):
        assert demo.send(method, path, 403).json() == {"message": DEMO}
    demo.post("/purchases", diaries.purchase(demo))
    assert diary.api.audit() == []


def test_features_that_are_switched_off(seen: Diary) -> None:
    plain = seen.as_("sandbox-basic")
    for path, what in (("/purchase-requisitions", "requisitions"), ("/purchase-orders", "orders")):
        said = {"message": f"Purchase {what} are not enabled for this business."}
        assert plain.get(path, 403) == said
        assert plain.get(f"{path}/1", 403) == said
        assert plain.send("POST", path, 403, json={}).json() == said
        assert plain.send("PATCH", f"{path}/1/status", 403, json={}).json() == said
        assert plain.delete(f"{path}/1", 403) == said
    assert plain.all("/purchases")


@pytest.mark.parametrize("path", LISTS)
def test_lists_come_in_pages_newest_first(seen: Diary, path: str) -> None:
    page = seen.get(path)
    rows = seen.all(path)
    total = len(rows)
    assert page["meta"] == {"current_page": 1, "last_page": -(-total // 20), "per_page": 20, "total": total}
    assert page["data"] == rows[:20]
    assert [row["transaction_date"] for row in rows] == sorted((r["transaction_date"] for r in rows), reverse=True)
    assert len({row["id"] for row in rows}) == total
    assert seen.get(path, page=10**9)["data"] == []


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("per_page", "101"),
        ("per_page", "0"),
        ("page", "x"),
        ("page", "-1"),
        ("location_id", "abc"),
        ("start_date", "2026-13-01"),
        ("end_date", "01/02/2026"),
        ("q", "a"),
        ("format", "xml"),
    ],
)
def test_what_a_query_may_not_say(seen: Diary, path: str, name: str, value: str) -> None:
    assert list(seen.get(path, 422, **{name: value})["errors"]) == [name]


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/purchase-requisitions", "status", "received"),
        ("/purchase-requisitions", "required_by_end", "soon"),
        ("/purchase-orders", "status", "done"),
        ("/purchase-orders", "contact_id", "-"),
        ("/purchases", "payment_status", "unpaid"),
        ("/purchases", "status", "completed"),
        ("/purchases/check-ref-number", "contact_id", "x"),
        ("/purchase-returns", "contact_id", "1.5"),
    ],
)
def test_what_single_lists_may_not_be_asked(seen: Diary, path: str, name: str, value: str) -> None:
    assert list(seen.get(path, 422, **{name: value})["errors"]) == [name]


def test_filters(seen: Diary) -> None:
    rows = seen.all("/purchases")
    one = rows[10]
    place, supplier = one["location"]["id"], one["contact"]["id"]
    for name, value, fits in (
        ("location_id", place, lambda row: row["location"]["id"] == place),
        ("contact_id", supplier, lambda row: row["contact"]["id"] == supplier),
        ("status", "pending", lambda row: row["status"] == "pending"),
        ("payment_status", "partial", lambda row: row["payment_status"] == "partial"),
        ("q", one["ref_no"].lower(), lambda row: row["ref_no"] == one["ref_no"]),
        ("q", one["contact"]["mobile"], lambda row: row["contact"]["mobile"] == one["contact"]["mobile"]),
        ("q", str(one["id"]), lambda row: row["id"] == one["id"]),
        ("q", " ", lambda row: True),
        ("unknown", "x", lambda row: True),
    ):
        assert seen.all("/purchases", **{name: value}) == [row for row in rows if fits(row)], name
    day = one["transaction_date"][:10]
    within = [row for row in rows if row["transaction_date"][:10] == day]
    assert seen.all("/purchases", start_date=day, end_date=day) == within
    assert seen.all("/purchases", start_date=day) == rows
    assert seen.all("/purchases", end_date="1999-01-01") == rows
    overdue = seen.all("/purchases", payment_status="overdue")
    assert overdue
    assert {row["payment_status"] for row in overdue} == {"due", "partial"}
    orders = seen.all("/purchase-orders", shipping_status="packed")
    assert {row["shipping_status"] for row in orders} == {"packed"}
    linked = next(row for row in seen.all("/purchase-returns") if row["parent_purchase"])
    assert linked in seen.all("/purchase-returns", q=linked["parent_purchase"]["ref_no"])
    needed = seen.all("/purchase-requisitions", required_by_start="2026-10-01", required_by_end="2026-10-31")
    assert {row["delivery_date"][:7] for row in needed} == {"2026-10"}


@pytest.mark.parametrize("path", LISTS)
def test_csv_has_every_row_and_json_in_its_cells(seen: Diary, path: str) -> None:
    answer = seen.send("GET", path, params={"format": "csv", "per_page": 1, "page": 9})
    assert answer.content.startswith(b"\xef\xbb\xbfid,ref_no,")
    assert answer.headers["content-type"] == "text/csv; charset=UTF-8"
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    rows = seen.all(path)
    assert [row["id"] for row in table] == [str(row["id"]) for row in rows]
    for cells, row in zip(table, rows, strict=True):
        assert list(cells) == list(row)
        assert json.loads(cells["location"]) == row["location"]
        assert cells["transaction_date"] == row["transaction_date"]
        if "final_total" in row:
            assert cells["final_total"] == f"{row['final_total']:.2f}"


def test_a_csv_without_rows_has_its_header(seen: Diary) -> None:
    text = seen.send("GET", "/purchases", params={"format": "csv", "q": "no such thing"}).content
    assert text.decode("utf-8-sig").count("\r\n") == 1


@pytest.mark.parametrize("path", LISTS)
def test_a_single_record_as_csv_is_its_json(seen: Diary, path: str) -> None:
    one = f"{path}/{seen.first(path)['id']}"
    answer = seen.send("GET", one, params={"format": "csv"})
    assert answer.content.startswith(b"\xef\xbb\xbfdata_json\r\n")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [json.loads(row["data_json"]) for row in table] == [seen.detail(one)]
    assert list(seen.get(one, 422, format="pdf")["errors"]) == ["format"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("record_id", ["1", "0", "abc", "-3", "99999999999999999999", "%00", "1.5"])
def test_what_is_not_there(seen: Diary, path: str, record_id: str) -> None:
    assert seen.get(f"{path}/{record_id}", 404) == {"message": "Not found"}
    assert seen.delete(f"{path}/{record_id}", 404) == {"message": "Not found"}


def test_an_id_is_of_one_type_only(seen: Diary) -> None:
    order = seen.first("/purchase-orders")["id"]
    for path in set(LISTS) - {"/purchase-orders"}:
        seen.get(f"{path}/{order}", 404)


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"a": NaN}'])
def test_malformed_json_is_400(seen: Diary, body: bytes) -> None:
    seen.send("POST", "/purchases", 400, content=body)


def test_an_error_inside_says_something_went_wrong(
    diary: Diary, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    body, before = diaries.purchase(diary), diary.api.books.fingerprint()
    monkeypatch.setattr("server.sandbox.billdiary.settlement.settle", lambda *_: 1 / 0)
    with caplog.at_level("CRITICAL"):
        assert diary.post("/purchases", body, 500) == {"message": "something_went_wrong"}
    assert diary.api.books.fingerprint() == before
