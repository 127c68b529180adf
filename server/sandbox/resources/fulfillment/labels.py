"""Labels: ZPL rendered as an image or a document."""

from decimal import Decimal
from typing import Any

from server.sandbox.resources.fulfillment import zpl
from server.sandbox.resources.fulfillment.drawing import draw, encoded
from server.sandbox.shapes import Choice, Number, Shape, Text, Whole, optional, required
from server.sandbox.wire import Answer, Call, Routes, invalid

routes = Routes()

MM_PER_INCH = Decimal("25.4")
LONGEST_SOURCE = 100_000

DENSITIES = {"6dpmm": 6, "8dpmm": 8, "12dpmm": 12, "24dpmm": 24}
"""Dots per millimetre by name."""

DEFAULT_DENSITY = "8dpmm"
DEFAULT_SIZE = {"width": Decimal(4), "height": Decimal(6)}
"""Inches."""

MEDIA_TYPES = {"png": "image/png", "pdf": "application/pdf"}

_inches = Number(places=16, minimum=Decimal("0.1"), maximum=Decimal(15))

LABEL = Shape(
    {
        "zpl": required(Text(max_length=LONGEST_SOURCE)),
        "dpmm": optional(Choice(tuple(DENSITIES))),
        "width": optional(_inches),
        "height": optional(_inches),
        "format": optional(Choice(tuple(MEDIA_TYPES))),
        "index": optional(Whole()),
    }
)


@routes.post("/labels/render")
def render_zpl_label(call: Call) -> Answer:
    """Draw one label of the source; the first one unless told."""
    sent = LABEL.check(call.json())
    sources = zpl.labels(sent["zpl"])
    if not sources:
        raise invalid({"zpl": "The zpl holds no label (^XA to ^XZ)."})
    index = sent.get("index") or 0
    if index >= len(sources):
        raise invalid({"index": f"The index is beyond the last label, {len(sources) - 1}."})
    density = DENSITIES[sent.get("dpmm") or DEFAULT_DENSITY]
    image = draw(zpl.marks(sources[index]), (_dots(sent, "width", density), _dots(sent, "height", density)))
    kind = sent.get("format") or "png"
    # A float for the picture's resolution, which Pillow takes in no other way.
    return Answer(
        content=encoded(image, kind, float(density * MM_PER_INCH)), headers={"content-type": MEDIA_TYPES[kind]}
    )


def _dots(sent: dict[str, Any], name: str, density: int) -> int:
    inches: Decimal = sent.get(name) or DEFAULT_SIZE[name]
    return int((inches * MM_PER_INCH * density).to_integral_value())
