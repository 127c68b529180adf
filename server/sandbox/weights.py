"""Weights of products: as they come in, as they are kept, and as they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from server.sandbox.rows import Record
from server.sandbox.shapes import Choice, Fault, Many, Number, Shape, required
from server.sandbox.tables.goods import WEIGHTS
from server.sandbox.wire import Errors

POUND = Decimal(16)
"""Ounces of a pound."""

OUNCES = {"oz": Decimal(1), "lb": POUND, "g": Decimal("0.03527396195"), "kg": Decimal("35.27396195")}
"""Ounces of each unit."""

PLACES = 4
LARGEST = Decimal(1_000_000)

_VALUE = Number(places=PLACES, maximum=LARGEST)
_PART = Shape({"unit": required(Choice(tuple(OUNCES))), "value": required(_VALUE)})
_PARTS = Many(_PART, maximum=len(OUNCES))

Part = dict[str, Any]
"""`unit` and `value`; a weight of pounds and ounces has two of them."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight: `{unit, value}`, several of these, or a plain number of pounds as in former times."""

    def read(self, value: Any, path: str, errors: Errors) -> list[Part]:
        """The parts of the weight."""
        if isinstance(value, list):
            return _PARTS.read(value, path, errors)
        if not isinstance(value, dict):
            return [{"unit": "lb", "value": _VALUE.read(value, path, errors)}]
        if not _PART.keys.keys() & value.keys():
            raise Fault("The {name} must have a unit and a value.")
        return [_PART.read(value, path, errors)]


def stored(name: str, parts: Sequence[Part] | None) -> Record:
    """The columns of one weight."""
    if not parts:
        return {name: None, f"{name}_oz": None, f"{name}_lb": None}
    ounces = sum((OUNCES[part["unit"]] * part["value"] for part in parts), Decimal(0))
    kept = [{"unit": part["unit"], "value": f"{part['value'].normalize():f}"} for part in parts]
    return {name: kept, f"{name}_oz": _rounded(ounces), f"{name}_lb": _rounded(ounces / POUND)}


def in_parts(row: Record) -> Record:
    """All weights as lists and its product shows them, with their totals."""
    shown: Record = {}
    for name in WEIGHTS:
        shown[name] = [{"unit": part["unit"], "value": Decimal(part["value"])} for part in row[name] or []]
        shown |= totals(row, name)
    return shown


def in_one(row: Record) -> Record:
    """All weights as an export shows them: one value each, in pounds when there were several."""
    shown: Record = {}
    for name in WEIGHTS:
        parts = row[name] or []
        single = {"unit": "lb", "value": row[f"{name}_lb"]} if parts else None
        if len(parts) == 1:
            single = {"unit": parts[0]["unit"], "value": Decimal(parts[0]["value"])}
        shown[name] = single
        shown |= totals(row, name)
    return shown


def in_pounds(row: Record) -> Record:
    """All weights as plain numbers."""
    shown: Record = {}
    for name in WEIGHTS:
        shown[name] = row[f"{name}_lb"]
        shown |= totals(row, name)
    return shown


def totals(row: Record, name: str) -> Record:
    """One weight in ounces and in pounds."""
    return {f"{name}_{unit}": row[f"{name}_{unit}"] for unit in ("oz", "lb")}


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-PLACES), rounding=ROUND_HALF_UP)
