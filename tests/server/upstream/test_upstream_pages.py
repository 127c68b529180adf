"""Lists: rows and counts of one page, and all pages at once."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from listed import DELAYS, METAS, List

from schemas.luminous.bills import Bill
from server.upstream.errors import InvalidError, NotFoundError, UnavailableError, UpstreamError
from server.upstream.pages import MAX_ROWS, AllRows, PageOfRows, at_page, page_of, read_all
from server.upstream.stream import LANES
from tools.request import Request

ROWS = [{"id": 1}, {"id": 2}]


class TestPageOf:
    @pytest.mark.parametrize(
        ("data", "total", "last", "paged"),
        [
            ({"data": ROWS, "meta": {"total": 25, "last_page": 3, "per_page": 10}}, 25, 3, True),
            ({"data": ROWS, "meta": {"total": 25, "per_page": 10}}, 25, 3, True),
            ({"data": ROWS, "meta": {"total": 20, "per_page": 10}}, 20, 2, True),
            ({"data": ROWS, "meta": {"total": 25}}, 25, 5, True),
            ({"data": ROWS, "meta": {"total": 0}}, 0, 1, True),
            ({"data": ROWS, "meta": {"last_page": 4}}, None, 4, True),
            ({"data": ROWS, "meta": {"current_page": 1, "per_page": 2}}, None, None, True),
            ({"data": ROWS, "pagination": {"total": 25, "last_page": 3}}, 25, 3, True),
            ({"data": ROWS, "meta": {"total": "25", "per_page": "10", "last_page": "3"}}, 25, 3, True),
            ({"data": {"data": ROWS, "meta": {"total": 25, "last_page": 3}}}, 25, 3, True),
            ({"data": ROWS, "meta": {"total": True, "last_page": -1}}, None, None, True),
            ({"data": ROWS, "meta": {"total": "\u00b2", "last_page": "many"}}, None, None, True),
            ({"data": ROWS, "meta": None}, None, None, False),
            ({"data": ROWS, "meta": []}, None, None, False),
            ({"data": ROWS}, None, None, False),
            (ROWS, None, None, False),
        ],
    )
    def test_counts_are_found_wherever_the_api_puts_them(
        self, data: Any, total: int | None, last: int | None, paged: bool
    ) -> None:
        assert page_of(data, 5) == PageOfRows(ROWS, total, last, paged)

    def test_an_empty_list_has_no_rows_and_where_rows_are_not_declared_any_value_is_one(self) -> None:
        assert page_of([], 10, Bill).rows == page_of({"data": []}, 10).rows == []
        assert page_of(["a", 1, None], 10).rows == [{"value": "a"}, {"value": 1}, {"value": None}]

    @pytest.mark.parametrize("data", [None, {}, {"data": None}, {"data": {"id": 1}}, {"rows": []}, "text", 7, True])
    def test_what_is_no_list_is_refused(self, data: Any) -> None:
        with pytest.raises(UnavailableError, match="not the list"):
            page_of(data, 10)

    @pytest.mark.parametrize("data", [[1, 2], {"data": [{"id": 1}, None]}, {"data": ["a"], "meta": {"total": 1}}])
    def test_values_in_the_place_of_records_are_refused(self, data: Any) -> None:
        with pytest.raises(UnavailableError, match="not the list"):
            page_of(data, 10, Bill)

    def test_another_page_is_the_same_request_but_for_its_number(self) -> None:
        request = Request("GET", "/bills", (("page", "1"), ("per_page", "10"), ("status", "1")))
        assert at_page(request, 3).query == (("page", "3"), ("per_page", "10"), ("status", "1"))


def read(
    read_page: Callable[[int], Awaitable[PageOfRows]],
    per_page: int,
    told: list[tuple[int, int | None]] | None = None,
    **options: Any,
) -> AllRows:
    """Read all pages in a loop of its own, which hypothesis needs."""

    async def progress(done: int, total: int | None) -> None:
        if told is not None:
            told.append((done, total))

    async def run() -> AllRows:
        with anyio.fail_after(10):
            return await read_all(read_page, per_page, progress, **options)

    return anyio.run(run)


def ids(result: AllRows) -> list[int]:
    return [row["id"] for row in result.rows]


LATE_FIRST = [30, 20, 15, 10, 5, 1]


class TestReadAll:
    @settings(deadline=None)
    @given(pages=st.integers(0, 12), rest=st.integers(0, 99), per_page=st.integers(1, 100), delays=DELAYS)
    @pytest.mark.parametrize("meta", METAS)
    @example(pages=1, rest=5, per_page=10, delays=LATE_FIRST)
    @example(pages=2, rest=0, per_page=10, delays=[*LATE_FIRST[::-1]])
    def test_every_row_is_there_once_and_in_order(
        self, meta: str, pages: int, rest: int, per_page: int, delays: list[int]
    ) -> None:
        total = min(pages * per_page + rest % per_page, MAX_ROWS)
        listed = List(total, per_page, meta, delays)
        result = read(listed.page, per_page)
        assert ids(result) == [*range(total)]
        assert result.stopped == ""
        assert result.total == (total if meta in ("full", "no last_page") else None)
        assert listed.most <= LANES

    @settings(deadline=None, max_examples=30)
    @given(total=st.integers(0, 500), delays=DELAYS)
    def test_a_list_without_pages_is_taken_once(self, total: int, delays: list[int]) -> None:
        assert ids(read(List(total, 10, "none", delays).page, 10)) == [*range(total)]

    def test_six_pages_are_read_at_once_and_none_twice(self) -> None:
        listed = List(1000, 10)
        read(listed.page, 10)
        assert listed.most == 6
        assert sorted(listed.asked) == [*range(1, 101)]

    @pytest.mark.parametrize("meta", METAS)
    @pytest.mark.parametrize("per_page", [100, 10, 30])
    def test_a_longer_list_is_cut_at_the_budget_and_says_so(self, meta: str, per_page: int) -> None:
        listed = List(MAX_ROWS + 501, per_page, meta)
        result = read(listed.page, per_page)
        pages = -(-MAX_ROWS // per_page)
        assert ids(result) == [*range(pages * per_page)]
        assert max(listed.asked) == pages
        assert "2000 rows" in result.stopped
        assert result.stopped.endswith("go on with next")

    @pytest.mark.parametrize("meta", METAS)
    def test_a_list_of_just_the_budget_is_not_cut(self, meta: str) -> None:
        result = read(List(MAX_ROWS, 100, meta).page, 100)
        assert len(result.rows) == MAX_ROWS
        assert result.stopped == "" or meta == "neither"

    @pytest.mark.parametrize("stuck", [1, 4])
    def test_when_time_runs_out_the_rows_without_a_gap_are_given(self, stuck: int) -> None:
        listed = List(100, 10)

        async def page(number: int) -> PageOfRows:
            if number == stuck:
                await anyio.sleep_forever()
            return await listed.page(number)

        result = read(page, 10, seconds=0.05)
        assert ids(result) == [*range((stuck - 1) * 10)]
        assert f"ran out after {(stuck - 1) * 10} rows" in result.stopped

    @pytest.mark.parametrize("error", [NotFoundError("a"), InvalidError("b", {"page": ("c",)}), UnavailableError("d")])
    @pytest.mark.parametrize("failing", [1, 2, 9])
    def test_a_page_that_fails_fails_the_list_with_its_own_error(self, error: UpstreamError, failing: int) -> None:
        listed = List(100, 10)

        async def page(number: int) -> PageOfRows:
            if number == failing:
                raise error
            return await listed.page(number)

        with pytest.raises(UpstreamError) as caught:
            read(page, 10)
        assert caught.value is error

    def test_of_several_failures_one_is_told(self) -> None:
        async def page(number: int) -> PageOfRows:
            raise NotFoundError(str(number))

        with pytest.raises(NotFoundError):
            read(page, 10)

    def test_a_list_that_shrinks_meanwhile_is_told(self) -> None:
        listed = List(100, 10)

        async def page(number: int) -> PageOfRows:
            if number == 8:
                listed.total = 75
            return await listed.page(number)

        result = read(page, 10)
        assert ids(result) == [*range(75)]
        assert result.stopped == "the list changed while it was read: 75 of 100 rows"
        assert not result.ended_early

    def test_a_list_that_grows_meanwhile_is_no_trouble(self) -> None:
        listed = List(95, 10)

        async def page(number: int) -> PageOfRows:
            if number == 8:
                listed.total = 99
            return await listed.page(number)

        result = read(page, 10)
        assert ids(result)[:95] == [*range(95)]
        assert result.stopped == ""

    def test_progress_goes_up_and_names_the_end_as_soon_as_it_is_known(self) -> None:
        told: list[tuple[int, int | None]] = []
        read(List(95, 10).page, 10, told)
        assert [done for done, _ in told] == [*range(1, 11)]
        assert {total for _, total in told} == {10}
