"""Large answers: what is not shown is kept whole for who asked, and read in parts as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from harness import ERAS, Api, connect, house, text_of
from hypothesis import given
from hypothesis import strategies as st
from mcp import MCPError

from schemas.luminous.bills import Bill
from server.answers.values import jsonable, kinds
from server.caller import Caller
from server.files import results
from server.files.results import PartError, Results
from server.upstream.replies import decode

pytestmark = pytest.mark.anyio


class Ticks:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def read(kept: Results, uri: str, who: str = "anna") -> dict[str, Any]:
    found = kept.read(uri, who)
    assert found is not None
    return found


def rows_in(text: str) -> list[dict[str, str]]:
    table, _, said = text.rpartition("# rows ")
    assert said
    return list(csv.DictReader(io.StringIO(table)))


async def test_large_answers_are_made_beside_the_event_loop(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeping two thousand orders takes most of a second; other calls go on meanwhile."""
    threads: list[threading.Thread] = []
    keep = Results.keep

    def noted(*given: Any, **more: Any) -> Any:
        threads.append(threading.current_thread())
        return keep(*given, **more)

    monkeypatch.setattr(Results, "keep", noted)
    async with house(api.base_url, front=False) as here:
        for tool, asked in (("list_sales_orders", {"all_pages": True}), ("look_up_bills", {"status": "all"})):
            await here.calls.call(tool, {**asked, "max_tokens": 600}, Caller("anna"))
    assert len(threads) == 2
    assert threading.main_thread() not in threads


def test_results_kept_by_several_threads_are_all_there() -> None:
    kept = Results(Ticks())
    rows = [{"id": number} for number in range(50)]
    keepers = [threading.Thread(target=lambda: [kept.keep("anna", "rows", rows) for _ in range(5)]) for _ in range(8)]
    for each in keepers:
        each.start()
    for each in keepers:
        each.join()
    assert len([*kept.of("anna")]) == 40


@pytest.mark.parametrize("era", ERAS)
async def test_rows_that_are_not_shown_are_read_from_the_link(api: Api, era: str) -> None:
    asked = {"filters": {"currency": "EUR"}, "sort": "id:asc"}
    stored = api.get("/bills", per_page=100, currency="EUR", sort="id:asc")
    async with house(api.base_url) as here, connect(here.server, era) as client:
        result = await client.call_tool("list_bills", {**asked, "all_pages": True, "max_tokens": 500})
        (found,) = re.findall(r"all are in (luminous://results/\d+)", text_of(result))
        listed = [resource.uri for resource in (await client.list_resources()).resources]
        uri, parts = found, []
        while uri:
            (contents,) = (await client.read_resource(uri)).contents
            part = json.loads(contents.text) if "json" in uri else None
            parts += part["rows"] if part else []
            uri = part.get("more", "") if part else f"{found}?from=1&to=40&format=json"
        table = (await client.read_resource(f"{found}?from=3&to=5")).contents[0]
        for wrong in ("from=0", "from=x", "from=5&to=4", "from=9999", "format=xml", "rows=3"):
            with pytest.raises(MCPError, match=r"from|There are rows|format is|takes from"):
                await client.read_resource(f"{found}?{wrong}")
        here.principal = "somebody else"
        with pytest.raises(MCPError, match="No such resource"):
            await client.read_resource(found)
        assert found not in [resource.uri for resource in (await client.list_resources()).resources]
    assert found in listed
    assert re.search(rf"rows left out to stay within 500 tokens: .*; all are in {found}", text_of(result))
    # Every row once and in order, whole, with every digit of its amounts.
    total = stored["meta"]["total"]
    assert len(parts) == total > 40
    for row, there in zip(parts, stored["data"], strict=False):
        assert row["id"] == there["id"]
        assert row.keys() == there.keys()
        assert Decimal(row["total_due"]) == Decimal(str(there["total_due"]))
    assert table.mime_type == "text/csv"
    assert [row["id"] for row in rows_in(table.text)] == [str(row["id"]) for row in stored["data"][2:5]]
    assert f"# rows 3-5 of {total}; more: {found}?from=6&to=8&format=csv" in table.text


ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(["name", "vendor", "lines", "note", "a,b"]),
        st.one_of(
            st.integers(-(10**30), 10**30),
            st.text(max_size=60),
            st.none(),
            st.booleans(),
            st.dictionaries(st.sampled_from(["id", "name"]), st.text(max_size=9), max_size=2),
            st.lists(st.integers(), max_size=3),
        ),
        min_size=1,
    ),
    min_size=1,
    max_size=30,
)


@given(ROWS, st.integers(1, 9))
def test_parts_put_together_are_the_whole(rows: list[dict[str, Any]], size: int) -> None:
    kept = Results(Ticks())
    rows = [{**row, "id": number} for number, row in enumerate(rows)]
    uri = kept.keep("anna", "list_bills", rows).uri
    first, seen, cells = 1, [], []
    while first <= len(rows):
        query = f"?from={first}&to={first + size - 1}"
        part = json.loads(read(kept, f"{uri}{query}&format=json")["text"])
        assert part["result"] == f"rows {first}-{first + len(part['rows']) - 1} of {len(rows)}"
        assert ("more" in part) == (first + len(part["rows"]) <= len(rows))
        seen += part["rows"]
        table = read(kept, f"{uri}{query}")["text"]
        assert all(ord(each) >= 32 or each == "\n" for each in table)
        assert "</data" not in table
        cells += rows_in(table)
        first += size
    assert [row["id"] for row in seen] == list(range(len(rows)))
    assert [cell["id"] for cell in cells] == [str(number) for number in range(len(rows))]
    assert seen == [jsonable(row) for row in rows]


def test_amounts_keep_every_digit_and_text_is_complete() -> None:
    row = decode(
        b'{"id": 1, "total": 7, "total_due": 1234567890123.45, "vendor": {"name": "A"}, "notes": "%s"}' % (b"x" * 5_000)
    )
    kept = Results(Ticks())
    uri = kept.keep("anna", "list_bills", [row], kinds(Bill)).uri
    (cells,) = rows_in(read(kept, uri)["text"])
    assert (cells["total"], cells["total_due"], cells["vendor.name"]) == ("7.00", "1234567890123.45", "A")
    assert len(cells["notes"]) == 5_000


def test_a_part_is_bounded_whatever_is_asked_for() -> None:
    kept = Results(Ticks())
    uri = kept.keep("anna", "list_bills", [{"id": number, "note": "漢" * 300} for number in range(2_000)]).uri
    part = json.loads(read(kept, f"{uri}?from=1&to=2000&format=json")["text"])
    assert 0 < len(part["rows"]) < 2_000
    assert len(json.dumps(part, ensure_ascii=False)) < 70_000
    following = json.loads(read(kept, part["more"])["text"])
    assert following["rows"][0]["id"] == len(part["rows"])
    huge = kept.keep("anna", "get_anything", [{"id": 7, "lines": [{"text": "y" * 900}] * 5_000}]).uri
    assert len(read(kept, huge)["text"]) < 70_000
    assert rows_in(read(kept, huge)["text"])[0]["id"] == "7"


def test_results_are_kept_for_an_hour_and_for_one_principal() -> None:
    clock = Ticks()
    kept = Results(clock)
    uri = kept.keep("anna", "list_bills", [{"id": 1}]).uri
    assert kept.read(uri, "berta") is None
    assert list(kept.of("berta")) == []
    assert [link["uri"] for link in kept.of("anna")] == [uri]
    clock.now += results.LIFETIME - 1
    assert kept.read(uri, "anna") is not None
    clock.now += 1
    assert kept.read(uri, "anna") is None
    assert list(kept.of("anna")) == []


def test_results_are_bounded_in_number_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_MOST_BYTES", 100_000)
    monkeypatch.setattr(results, "_LARGEST", 20_000)
    kept = Results(Ticks())
    for number in range(80):
        kept.keep("anna", "list_bills", [{"id": number}])
    assert len(list(kept.of("anna"))) == 50
    for _ in range(9):
        kept.keep("anna", "list_bills", [{"id": 1, "note": "z" * 900}] * 20)
    assert 1 <= sum(link["size"] for link in kept.of("anna")) <= 100_000
    large = kept.keep("anna", "list_bills", [{"id": 1, "note": "z" * 900}] * 100)
    assert large.size <= 20_000
    assert len(large.rows) < large.total == 100
    assert f"{len(large.rows)} kept of 100" in read(kept, large.uri)["text"]
    with pytest.raises(PartError, match=f"rows 1 to {len(large.rows)}"):
        kept.read(f"{large.uri}?from=100", "anna")


def test_what_is_kept_takes_as_much_memory_as_is_counted() -> None:
    kept = Results(Ticks())
    rows = [{"id": number, "note": f"{number} paid in full " * 40 + "🧾"} for number in range(2_000)]
    tracemalloc.start()
    held = sum(kept.keep("anna", "list_bills", rows).held for _ in range(3))
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert 0.8 * held < taken < 1.2 * held


def test_a_key_that_looks_like_a_formula_heads_no_column_unguarded() -> None:
    kept = Results(Ticks())
    uri = kept.keep("anna", "list_bills", [{"=1+1": "a", "@SUM(A1)": "b", "id": 7}]).uri
    assert read(kept, uri)["text"].splitlines()[:2] == ["'=1+1,'@SUM(A1),id", "a,b,7"]
    assert json.loads(read(kept, f"{uri}?format=json")["text"])["rows"] == [{"=1+1": "a", "@SUM(A1)": "b", "id": 7}]
