"""Drawing a label: black on white, dot by dot."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from server.sandbox.resources.fulfillment import code128
from server.sandbox.resources.fulfillment.zpl import Barcode, Box, Mark, Text

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

BLACK, WHITE = 0, 1

CAPTION = 20
"""Height of the text below a barcode, in dots."""

LETTERS_PER_HEIGHT = 4
"""So many letters at least are as wide together as they are high."""

TALLEST = 1500
"""Dots; higher text is drawn that high."""


def draw(marks: Iterable[Mark], size: tuple[int, int]) -> "Image":
    """The label as an image of so many dots."""
    from PIL import Image, ImageDraw  # only here: it is slow to load and seldom needed

    image = Image.new("1", size, WHITE)
    pen = ImageDraw.Draw(image)
    for mark in marks:
        if mark.x < size[0] and mark.y < size[1]:
            _draw(pen, mark, size)
    return image


def encoded(image: "Image", kind: str, dots_per_inch: float) -> bytes:
    """The image as a PNG or PDF file."""
    content = io.BytesIO()
    if kind == "pdf":
        image.save(content, "PDF", resolution=dots_per_inch)
    else:
        image.save(content, "PNG", dpi=(dots_per_inch, dots_per_inch))
    return content.getvalue()


def _draw(pen: "ImageDraw", mark: Mark, size: tuple[int, int]) -> None:
    if isinstance(mark, Box):
        _box(pen, mark)
    elif isinstance(mark, Barcode):
        _barcode(pen, mark, size)
    else:
        _text(pen, mark, size)


def _box(pen: "ImageDraw", box: Box) -> None:
    color = BLACK if box.black else WHITE
    corners = (box.x, box.y, box.x + box.width - 1, box.y + box.height - 1)
    if 2 * box.thickness >= min(box.width, box.height):
        pen.rectangle(corners, fill=color)
    else:
        pen.rectangle(corners, outline=color, width=box.thickness)


def _barcode(pen: "ImageDraw", barcode: Barcode, size: tuple[int, int]) -> None:
    x = barcode.x
    for is_bar, width in code128.modules(barcode.value[: size[0]]):
        if is_bar:
            pen.rectangle((x, barcode.y, x + width * barcode.module - 1, barcode.y + barcode.height - 1), fill=BLACK)
        x += width * barcode.module
        if x > size[0]:
            break
    if barcode.readable:
        _text(pen, Text(barcode.x, barcode.y + barcode.height + CAPTION // 5, CAPTION, barcode.value), size)


def _text(pen: "ImageDraw", text: Text, size: tuple[int, int]) -> None:
    from PIL import ImageFont

    height = min(text.height, TALLEST)
    letters = text.value[: 1 + LETTERS_PER_HEIGHT * size[0] // height]
    printable = "".join(letter if letter.isprintable() else " " for letter in letters)
    anchor = "ls" if text.on_baseline else "la"
    pen.text((text.x, text.y), printable, fill=BLACK, font=ImageFont.load_default(height), anchor=anchor)
