"""The room of an answer is shared among its tables: never more than there is, and nothing is left that a row needs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.answers.sharing import LEFT_OUT, Size, rows_shown

COSTS = st.integers(1, 40)
SIZES = st.builds(
    lambda whole, more, columns, rows: Size(whole, whole + more, columns, rows),
    COSTS,
    st.integers(0, 20),
    COSTS,
    st.lists(COSTS, max_size=12),
)


@given(st.lists(SIZES, max_size=6), st.integers(0, 1_500))
def test_tables_keep_within_the_room_and_leave_none_that_a_row_needs(sizes: list[Size], room: int) -> None:
    shown = rows_shown(sizes, room)
    left = room - sum(size.cost(count) for size, count in zip(sizes, shown, strict=True))
    assert left >= 0
    for size, count in zip(sizes, shown, strict=True):
        assert LEFT_OUT <= count <= len(size.rows)
        assert count == len(size.rows) or size.step(count) > left
    if sum(size.all for size in sizes) <= room:
        assert shown == [len(size.rows) for size in sizes]
