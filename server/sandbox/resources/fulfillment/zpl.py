"""Reading ZPL: the texts, boxes and barcodes of each label, and where they go.

Understood are ^FO, ^FT, ^LH, ^A, ^CF, ^FD, ^GB, ^BY and ^BC; every barcode is taken for Code 128, and nothing is
turned. Other commands are passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LARGEST = 32_000
"""Dots; the largest number ZPL knows."""

MOST_FIELDS = 200
"""Of one label; what comes after them is not drawn."""

_LABEL = re.compile(r"\^XA(.*?)\^XZ", re.DOTALL | re.IGNORECASE)
_COMMAND = re.compile(r"[\^~]([A-Za-z][A-Za-z0-9@])([^\^~]*)")
_SUBSET = re.compile(r">[:;9]")
"""Marks of a character set inside the text of a barcode."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text, `height` dots high."""

    x: int
    y: int
    height: int
    value: str
    on_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A box or line, drawn `thickness` dots thick."""

    x: int
    y: int
    width: int
    height: int
    thickness: int
    black: bool


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode of bars `module` dots wide at least, with its text below when `readable`."""

    x: int
    y: int
    height: int
    module: int
    value: str
    readable: bool


Mark = Text | Box | Barcode


def labels(source: str) -> list[str]:
    """The source of each label."""
    return _LABEL.findall(source)


def marks(label: str) -> list[Mark]:
    """What is to be drawn on a label."""
    reader = _Reader()
    for name, rest in _COMMAND.findall(label):
        reader.command(name.upper(), rest.strip("\r\n"))
        if len(reader.marks) >= MOST_FIELDS:
            break
    return reader.marks


@dataclass
class _Reader:
    """The printer's settings while the commands of one label go by."""

    marks: list[Mark] = field(default_factory=list)
    home: tuple[int, int] = (0, 0)
    at: tuple[int, int] = (0, 0)
    on_baseline: bool = False
    default_height: int = 9
    height: int | None = None
    module: int = 2
    bar_height: int = 10
    barcode: tuple[int, bool] | None = None

    def command(self, name: str, rest: str) -> None:
        """Take in one command."""
        if name == "FD":
            self._text(rest)
        elif name == "FS":
            self.height, self.barcode, self.on_baseline = None, None, False
        elif name == "A@" or name[0] == "A":
            self.height = self._numbers(rest.partition(",")[2], self.default_height)[0]
        else:
            self._setting(name, rest)

    def _setting(self, name: str, rest: str) -> None:
        if name == "LH":
            self.home = self._place(rest)
        elif name in ("FO", "FT"):
            x, y = self._place(rest)
            self.at, self.on_baseline = (self.home[0] + x, self.home[1] + y), name == "FT"
        elif name == "CF":
            self.default_height = self._numbers(rest.partition(",")[2], self.default_height)[0]
        elif name == "BY":
            self.module, _, self.bar_height = self._numbers(rest, self.module, 0, self.bar_height)
        elif name == "GB":
            self._box(rest)
        elif name[0] == "B":
            _, height, readable, *_ = [*rest.split(","), "", "", ""]
            self.barcode = (self._numbers(height, self.bar_height)[0], readable.strip().upper() != "N")

    def _text(self, value: str) -> None:
        if self.barcode:
            height, readable = self.barcode
            self.marks.append(Barcode(*self.at, height, max(self.module, 1), _SUBSET.sub("", value), readable))
        else:
            height = self.default_height if self.height is None else self.height
            self.marks.append(Text(*self.at, max(height, 1), value, self.on_baseline))

    def _box(self, rest: str) -> None:
        width, height, thickness = self._numbers(rest, 1, 1, 1)
        thickness = max(thickness, 1)
        color = [*rest.split(","), "", "", "", ""][3].strip().upper()
        self.marks.append(Box(*self.at, max(width, thickness), max(height, thickness), thickness, black=color != "W"))

    def _place(self, rest: str) -> tuple[int, int]:
        x, y = self._numbers(rest, 0, 0)
        return x, y

    @staticmethod
    def _numbers(rest: str, *defaults: int) -> list[int]:
        return list(_filled(rest.split(","), defaults))


def _filled(parts: list[str], defaults: tuple[int, ...]) -> Iterator[int]:
    """The whole numbers of the parts, with defaults for those left out."""
    for index, default in enumerate(defaults):
        text = parts[index].strip() if index < len(parts) else ""
        digits = text.partition(".")[0]
        yield min(int(digits[:6]), LARGEST) if digits.isascii() and digits.isdigit() else default
