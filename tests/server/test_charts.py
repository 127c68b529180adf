"""Pictures beside the numbers."""

import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.answers.charts import png
from tools.workflows.findings import Chart

PNG = b"\x89PNG\r\n\x1a\n"

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40)


def chart(values: Sequence[str], title: str = "Owed", **series: Sequence[str]) -> Chart:
    numbers = {name: [Decimal(each) for each in given] for name, given in {"owed": values, **series}.items()}
    return Chart(title, [f"bar {index}" for index in range(len(values))], numbers, "USD")


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(PNG)
    return int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])


def test_a_chart_is_the_same_picture_each_time() -> None:
    first = png(chart(["1200.50", "0", "3.01"], bills=["5", "6", "7"]))
    assert size(first) == (880, 495)
    assert first == png(chart(["1200.50", "0", "3.01"], bills=["5", "6", "7"]))
    assert first != png(chart(["1200.50", "0", "3.02"], bills=["5", "6", "700"]))


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        r"\frac{1}{0}$",
        "$" * 30,
        "_hidden",
        "",
        "😀 買掛金 \u202eevil\u200b",
        "a\nb\tc",
        "x" * 500,
        "%s {0}",
    ],
)
def test_any_text_is_drawn_as_it_is_and_warns_of_nothing(text: str) -> None:
    # Warnings are errors here: a sign that the font has not, a label that a legend leaves out.
    amounts = [Decimal(1), Decimal(2)]
    drawn = png(Chart(text, [text, "other"], {text: amounts, f"{text}2": amounts}, text))
    assert size(drawn) == (880, 495)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=40))
def test_any_amounts_are_drawn_in_a_picture_of_the_usual_size(pairs: list[tuple[Decimal, Decimal]]) -> None:
    labels = [str(index) for index in range(len(pairs))]
    drawn = png(Chart("Cash", labels, {"in": [a for a, _ in pairs], "out": [b for _, b in pairs]}, "EUR"))
    assert size(drawn) == (880, 495)


def test_negative_amounts_hang_below_zero_and_none_at_all_is_said() -> None:
    assert len({png(chart([value])) for value in ("5", "-5", "0")}) == 3
    assert size(png(Chart("Nothing", [], {}))) == (880, 495)
    assert size(png(Chart("Nothing", [], {"owed": []}))) == (880, 495)


def test_what_is_more_than_there_are_colors_is_drawn_as_one() -> None:
    many = {f"vendor {index}": [Decimal(index)] for index in range(12)}
    few = {**{f"vendor {index}": [Decimal(index)] for index in range(7)}, "others": [Decimal(7 + 8 + 9 + 10 + 11)]}
    assert png(Chart("Owed", ["now"], many)) == png(Chart("Owed", ["now"], few))


QUIET = """
import sys
from decimal import Decimal
from server.answers.findings import findings_answer, picture
from tools.workflows.findings import Chart, Findings
answer = findings_answer("x", Findings({"owed": Decimal(1)}), {"list_bills": 1}, budget=500)
assert "matplotlib" not in sys.modules
drawn = Findings({"owed": Decimal(1)}, charts=[Chart("Owed", ["now"], {"owed": [Decimal(1)]})])
blocks = [picture(chart) for chart in drawn.charts]
assert "matplotlib" in sys.modules
assert "matplotlib.pyplot" not in sys.modules
print([block["mimeType"] for block in blocks])
"""


def test_the_plotting_library_is_loaded_only_for_a_chart() -> None:
    done = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("['image/png']\n", 0), done.stderr
