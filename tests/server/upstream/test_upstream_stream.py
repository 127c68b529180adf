"""Pages as they arrive: all rows, few at a time, within the time, and nothing left running."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listed import DELAYS, METAS, List
from virtual import run

from server.upstream.errors import NotFoundError, UnavailableError, UpstreamError
from server.upstream.pages import PageOfRows
from server.upstream.stream import LANES, PageStream, stream_cursor, stream_pages


async def silent(done: int, total: int | None) -> None:
    """No client listens."""


async def taken(pages: PageStream) -> list[int]:
    return [row["id"] async for rows in pages for row in rows]


def read(listed: List, *, seconds: float = 10, **options: Any) -> tuple[list[int], PageStream]:
    """Read a list in a loop of its own, which hypothesis needs."""

    async def run() -> tuple[list[int], PageStream]:
        async with stream_pages(listed.page, listed.per_page, silent, seconds=seconds, **options) as pages:
            return await taken(pages), pages

    return anyio.run(run)


@settings(deadline=None)
@given(pages=st.integers(0, 30), rest=st.integers(0, 99), per_page=st.integers(1, 100), delays=DELAYS)
@pytest.mark.parametrize("meta", METAS)
def test_every_row_comes_once_and_it_is_said_that_it_was_all(
    meta: str, pages: int, rest: int, per_page: int, delays: list[int]
) -> None:
    total = pages * per_page + rest % per_page
    listed = List(total, per_page, meta, delays)
    ids, stream = read(listed)
    assert sorted(ids) == [*range(total)]
    assert (stream.read, stream.stopped) == (total, "")
    assert stream.total == (total if meta in ("full", "no last_page") else None)
    assert listed.most <= LANES


@settings(deadline=None, max_examples=30)
@given(total=st.integers(0, 500), delays=DELAYS)
def test_a_list_without_pages_is_taken_once(total: int, delays: list[int]) -> None:
    assert read(List(total, 10, "none", delays))[0] == [*range(total)]


def test_pages_are_handed_on_in_the_order_they_arrive() -> None:
    assert read(List(30, 10, delays=[9, 1, 5]))[0] == [*range(10, 20), *range(20, 30), *range(10)]


@pytest.mark.anyio
async def test_no_more_pages_are_read_ahead_than_twice_the_lanes() -> None:
    listed = List(2_000, 10)
    async with stream_pages(listed.page, 10, silent, seconds=10) as pages:
        ahead = []
        async for _ in pages:
            for _ in range(30):
                await anyio.lowlevel.checkpoint()
            ahead.append(len(listed.asked) - pages.pages)
    assert len(ahead) == 200
    assert max(ahead) == 2 * LANES
    assert listed.most == LANES


@pytest.mark.anyio
async def test_when_the_time_ends_what_is_there_is_given_and_the_rest_counted() -> None:
    ticks: Iterator[int] = iter(range(1_000))
    listed = List(100_000, 10)
    async with stream_pages(listed.page, 10, silent, seconds=50, clock=lambda: next(ticks)) as pages:
        ids = await taken(pages)
    assert 0 < len(ids) == pages.read < 600
    assert pages.stopped == f"the time of 50 s ran out after {len(ids)} of 100,000 rows"
    assert listed.under_way == 0


@pytest.mark.anyio
@pytest.mark.parametrize("stuck", [1, 7])
async def test_a_page_that_never_comes_does_not_outlast_the_time(stuck: int) -> None:
    listed = List(100, 10)

    async def page(number: int) -> PageOfRows:
        if number == stuck:
            await anyio.sleep_forever()
        return await listed.page(number)

    async with stream_pages(page, 10, silent, seconds=0.05) as pages:
        assert sorted(await taken(pages)) == [n for n in range(100) if n // 10 != stuck - 1]
    assert "ran out after 90 of 100 rows" in pages.stopped


@pytest.mark.anyio
async def test_a_client_that_does_not_take_its_reports_does_not_outlast_the_time() -> None:
    async def deaf(done: int, total: int | None) -> None:
        await anyio.sleep_forever()

    with anyio.fail_after(5):
        async with stream_pages(List(1_000, 10).page, 10, deaf, seconds=0.05) as pages:
            assert len(await taken(pages)) < 200
    assert "ran out" in pages.stopped


@pytest.mark.anyio
async def test_progress_goes_up_to_the_last_page_in_about_a_hundred_steps() -> None:
    told: list[tuple[int, int | None]] = []

    async def progress(done: int, total: int | None) -> None:
        told.append((done, total))

    async with stream_pages(List(99_995, 10).page, 10, progress, seconds=60) as pages:
        await taken(pages)
    done = [each for each, _ in told]
    assert done == sorted(set(done))
    assert told[-1] == (10_000, 10_000)
    assert 90 <= len(told) <= 120


@pytest.mark.anyio
@pytest.mark.parametrize("failing", [1, 2, 9])
async def test_a_page_that_fails_raises_its_own_error(failing: int) -> None:
    listed, error = List(1_000, 10), NotFoundError("gone")

    async def page(number: int) -> PageOfRows:
        if number == failing:
            raise error
        return await listed.page(number)

    with pytest.raises(UpstreamError) as caught:
        async with stream_pages(page, 10, silent, seconds=10) as pages:
            await taken(pages)
    assert caught.value is error
    assert listed.under_way == 0


@pytest.mark.parametrize("meta", ["full", "no last_page", "no total", "neither"])
@settings(deadline=None, max_examples=30)
@given(rows=st.integers(0, 29), delays=DELAYS)
def test_what_an_api_says_of_pages_behind_the_end_fails_nothing(meta: str, rows: int, delays: list[int]) -> None:
    listed = List(rows, 10, meta, delays)
    end = max(1, -(-rows // 10))
    if meta == "neither" and rows % 10 == 0:
        return  # Of such a list an empty page alone tells the end.
    turn = listed.at

    def at(number: int) -> PageOfRows:
        if number > end:
            raise NotFoundError(f"no page {number}")
        return turn(number)

    listed.at = at  # type: ignore[method-assign]
    ids, stream = read(listed)
    assert (sorted(ids), stream.stopped) == ([*range(rows)], "")


def test_where_no_page_tells_the_end_a_page_that_fails_counts() -> None:
    async def page(number: int) -> PageOfRows:
        if number == 3:
            raise NotFoundError("no page 3")
        return PageOfRows([{"id": 10 * number + n} for n in range(10)], paged=True)

    async def work() -> None:
        async with stream_pages(page, 10, silent, seconds=10) as pages:
            await taken(pages)

    with pytest.raises(NotFoundError, match="no page 3"):
        run(work)


def test_what_fails_when_the_time_is_over_does_not_take_away_what_was_read() -> None:
    async def page(number: int) -> PageOfRows:
        if number > 3:
            await anyio.sleep(2.5)
            raise UnavailableError("too late")
        return PageOfRows([{"id": number}], total=100, last=100, paged=True)

    async def work() -> PageStream:
        async with stream_pages(page, 1, silent, seconds=2, ahead=False) as pages:
            async for _ in pages:
                await anyio.sleep(1)
        return pages

    stream = run(work)
    assert stream.read > 0
    assert "the time of 2 s ran out after" in stream.stopped


@pytest.mark.anyio
async def test_an_error_of_the_reader_ends_the_lanes_and_stays_as_it_is() -> None:
    listed, error = List(1_000, 10), ValueError("no")

    async def reader() -> None:
        async with stream_pages(listed.page, 10, silent, seconds=10) as pages:
            await pages.take()
            raise error

    with pytest.raises(ValueError, match="no") as caught:
        await reader()
    assert caught.value is error
    assert listed.under_way == 0


@pytest.mark.anyio
async def test_leaving_and_cancelling_end_the_lanes() -> None:
    left, cancelled = List(1_000, 10), List(1_000, 10)
    async with stream_pages(left.page, 10, silent, seconds=10) as pages:
        await pages.take()
    assert left.under_way == 0
    with anyio.CancelScope() as scope:
        async with stream_pages(cancelled.page, 10, silent, seconds=10) as pages:
            async for _ in pages:
                scope.cancel()
    assert scope.cancelled_caught
    assert cancelled.under_way == 0
    assert len(cancelled.asked) < 20


@pytest.mark.parametrize(("later", "read_rows"), [(75, 75), (120, 100)])
def test_a_list_that_changes_meanwhile_is_read_and_that_is_told(later: int, read_rows: int) -> None:
    listed = List(100, 10)
    turn = listed.at

    def at(number: int) -> PageOfRows:
        if number == 8:
            listed.total = later
        return turn(number)

    listed.at = at  # type: ignore[method-assign]
    ids, stream = read(listed)
    assert len(ids) == stream.read == read_rows
    assert stream.stopped == f"the list changed while it was read: {read_rows} of {max(later, 100)} rows"


class Grows(List):
    """A list whose newest rows come first, and to which rows are added before a page is answered."""

    def __init__(self, per_page: int, delays: list[int], added: dict[int, int]) -> None:
        super().__init__(10 * per_page, per_page, delays=delays)
        self.added = added

    def at(self, number: int) -> PageOfRows:
        self.total += self.added.pop(number, 0)
        return super().at(number)

    def rows(self, start: int, end: int) -> list[dict[str, Any]]:
        return [{"id": self.total - number, "total": 7} for number in range(start, end)]


@settings(deadline=None)
@given(delays=DELAYS, added=st.dictionaries(st.integers(1, 10), st.integers(1, 5), max_size=2), ahead=st.booleans())
def test_no_row_of_a_list_that_grows_counts_twice_and_what_is_missing_is_said(
    delays: list[int], added: dict[int, int], ahead: bool
) -> None:
    listed = Grows(10, delays, dict(added))
    ids, stream = read(listed, ahead=ahead)
    assert len(set(ids)) == len(ids) == stream.read
    assert (set(ids) == {*range(1, listed.total + 1)}) == (stream.stopped == "")
    if stream.stopped:
        assert stream.stopped == f"the list changed while it was read: {len(ids)} of {listed.total} rows"


def test_rows_of_one_record_on_two_pages_are_several_rows() -> None:
    lines = [{"id": number // 3, "line": number % 3} for number in range(50)]

    async def page(number: int) -> PageOfRows:
        return PageOfRows(lines[10 * number - 10 : 10 * number], total=50, last=5, paged=True)

    async def work() -> int:
        async with stream_pages(page, 10, silent, seconds=10) as pages:
            await taken(pages)
        assert pages.stopped == ""
        return pages.read

    assert run(work) == 50


@pytest.mark.parametrize("named", [19, 21])
def test_rows_that_are_not_as_many_as_the_api_says_are_told(named: int) -> None:
    listed = List(20, 10)
    turn = listed.at

    def at(number: int) -> PageOfRows:
        return replace(turn(number), total=named)

    listed.at = at  # type: ignore[method-assign]
    assert read(listed)[1].stopped == f"the API counts {named} rows and gave 20"


def test_a_limit_of_pages_is_kept_and_told() -> None:
    ids, stream = read(List(100, 10), limit=4)
    assert sorted(ids) == [*range(40)]
    assert "40 of 100 rows" in stream.stopped
    assert read(List(40, 10), limit=4)[1].stopped == ""


class Export:
    """An export of so many rows in parts of ten."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.asked: list[str] = []

    async def part(self, cursor: str) -> PageOfRows:
        self.asked.append(cursor)
        await anyio.lowlevel.checkpoint()
        start = int(cursor or 0)
        end = min(start + 10, self.rows)
        return PageOfRows([{"id": n} for n in range(start, end)], cursor=str(end) if end < self.rows else "")


def parts(read_part: Callable[[str], Awaitable[PageOfRows]], **options: Any) -> tuple[list[int], PageStream]:
    async def run() -> tuple[list[int], PageStream]:
        async with stream_cursor(read_part, silent, **{"seconds": 10, **options}) as pages:
            return await taken(pages), pages

    return anyio.run(run)


@pytest.mark.parametrize("rows", [0, 7, 10, 995])
def test_an_export_is_read_from_cursor_to_cursor(rows: int) -> None:
    export = Export(rows)
    ids, stream = parts(export.part)
    assert ids == [*range(rows)]
    assert stream.stopped == ""
    assert export.asked == ["", *map(str, range(10, rows, 10))]


def test_an_export_that_does_not_move_on_is_refused() -> None:
    async def part(cursor: str) -> PageOfRows:
        return PageOfRows([{"id": 1}], cursor="same")

    with pytest.raises(UnavailableError, match="again and again"):
        parts(part)


def test_an_export_without_end_stops_with_its_time() -> None:
    ticks = iter(range(1_000))
    ids, stream = parts(Export(10**9).part, seconds=50, clock=lambda: next(ticks))
    assert stream.stopped == f"the time of 50 s ran out after {len(ids)} rows"
    assert ids == [*range(len(ids))]
    assert ids
