"""Charts as PNG pictures. The plotting library is imported when the first one is drawn."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from server.text import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer

    from tools.workflows.findings import Chart

_WIDE, _HIGH = 8, 4.5
_DPI = 110
_LABEL = 24
_TITLE = 80
_COLORS = ("#1f5a8a", "#e08e2b", "#4b9b6e", "#b5453c", "#7a5ca8", "#8a6d4f", "#c76b98", "#7f7f7f")
_OTHERS = "others"
_SLANTED_FROM = 8
"""Labels from which they are written at an angle."""
_CROWDED_FROM = 14
"""Bars from which the amounts are written upright."""
_LONG = 10**12
"""Amounts from which digits are left out: written out they would push the bars off the picture."""
_HIGHEST = Decimal("1e30")
"""Bars are drawn no higher; what is written on them is still the amount."""

Written = Callable[[str, int], str]
"""Text as it is written, of at most so many characters."""


def png(chart: Chart) -> bytes:
    """A chart of stacked bars, as wide as a screen's column. The amounts on it come from exact sums."""
    import matplotlib.style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # The same chart is the same picture, whatever the machine's own settings are.
    with matplotlib.style.context("default"):
        figure = Figure(figsize=(_WIDE, _HIGH), dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        _draw(figure.add_subplot(), chart, _written())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _draw(axes: Axes, chart: Chart, text: Written) -> None:
    series = _few(chart.series)
    bars = _bars(axes, len(chart.labels), series)
    _amounts(axes, [sum(values, Decimal(0)) for values in zip(*series.values(), strict=True)], series)
    labels = [text(label, _LABEL) for label in chart.labels]
    axes.set_xticks(range(len(labels)), labels, parse_math=False, **_turned(len(labels)))
    axes.set_title(text(chart.title, _TITLE), fontsize=11, parse_math=False)
    axes.set_ylabel(text(chart.unit, _LABEL), parse_math=False)
    axes.yaxis.set_major_formatter(lambda value, _: _short(Decimal(value)))
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.12)
    if not chart.labels or not series:
        axes.text(0.5, 0.5, "nothing to show", transform=axes.transAxes, ha="center")
    if len(series) > 1:
        _legend(axes, bars, [text(name, _LABEL) for name in series])


def _turned(labels: int) -> dict[str, Any]:
    """How so many labels fit side by side."""
    if labels <= _SLANTED_FROM:
        return {"fontsize": 9}
    degrees, size = (90, 7) if labels > _CROWDED_FROM else (40, 9)
    return {"rotation": degrees, "fontsize": size, "ha": "right", "va": "center", "rotation_mode": "anchor"}


def _bars(axes: Axes, count: int, series: Mapping[str, Sequence[Decimal]]) -> list[BarContainer]:
    """Each series upon the ones before it; what is below zero hangs from it."""
    above, below = [Decimal(0)] * count, [Decimal(0)] * count
    drawn = []
    for color, values in zip(_COLORS, series.values(), strict=False):
        heights = [max(min(value, _HIGHEST), -_HIGHEST) for value in values]
        bottoms = [below[place] if height < 0 else above[place] for place, height in enumerate(heights)]
        for place, height in enumerate(heights):
            (below if height < 0 else above)[place] += height
        # Only the picture is drawn in floats.
        drawn.append(axes.bar(range(count), list(map(float, heights)), 0.7, list(map(float, bottoms)), color=color))
    axes.axhline(0, color="black", linewidth=0.8)
    return drawn


def _amounts(axes: Axes, totals: Sequence[Decimal], series: Mapping[str, Sequence[Decimal]]) -> None:
    """The total of each bar at its end."""
    crowded = len(totals) > _CROWDED_FROM
    for place, total in enumerate(totals):
        parts = [max(min(values[place], _HIGHEST), -_HIGHEST) for values in series.values()]
        end = sum((part for part in parts if (part < 0) == (total < 0)), Decimal(0))
        axes.annotate(
            _short(total, cents=not crowded),
            (place, float(end)),
            ha="center",
            va="top" if total < 0 else "bottom",
            fontsize=6 if crowded else 8,
            rotation=90 if crowded else 0,
            xytext=(0, -3 if total < 0 else 3),
            textcoords="offset points",
        )


def _legend(axes: Axes, bars: Sequence[BarContainer], names: Sequence[str]) -> None:
    # A name that begins with an underscore is left out of a legend, so none does.
    legend = axes.legend(bars, [f" {name}" if name.startswith("_") else name for name in names], fontsize=8)
    legend.set_frame_on(False)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _few(series: Mapping[str, Sequence[Decimal]]) -> dict[str, Sequence[Decimal]]:
    """As many series as there are colors; the rest is one."""
    most = len(_COLORS)
    names = list(series)
    if len(names) <= most:
        return dict(series)
    kept: dict[str, Sequence[Decimal]] = {name: series[name] for name in names[: most - 1]}
    rest = [series[name] for name in names[most - 1 :]]
    return {**kept, _OTHERS: [sum(values, Decimal(0)) for values in zip(*rest, strict=True)]}


def _short(amount: Decimal, *, cents: bool = True) -> str:
    """An amount as it is written on the picture: in whole units from a thousand."""
    if abs(amount) >= _LONG:
        return f"{amount:.3e}"
    return f"{amount:,.0f}" if abs(amount) >= 1000 or not cents else f"{amount:,.2f}"


def _written() -> Written:
    """Bounds and cleans text, and puts a mark where the font has no sign: drawing it would warn and leave a box."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties()))

    def written(text: str, length: int) -> str:
        return "".join(sign if font.get_char_index(ord(sign)) else "?" for sign in clean(text, length))

    return written
