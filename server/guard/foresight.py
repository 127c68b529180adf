"""What a write would change on the record as it stands, and what about it deserves a warning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schemas.common import Arguments
from server.guard.plan import Change, Sum
from server.guard.recognition import part_of
from server.text import clean, label
from tools.operation import Effect, Operation
from tools.request import jsonable

_TEXT = 200
_NAMED = 20
_BY_ID = (("id", "id"),)
_REPLACED: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    **{name: (name, _BY_ID) for name in ("items", "payments", "extra_costs", "kit_items", "shipping_addresses")},
    "variants": ("variants", (*_BY_ID, ("sku", "sku"))),
    "purchases": ("lines", (("purchase_line_id", "id"),)),
}
"""Arrays that take the place of the stored ones, as documented: the stored array, and by which key of a sent entry and
of a stored one that one stays."""
_PAID_SUMS = ("total_paid", "total_due")
_SUMS = ("order_cost", "subtotal", "product_total", "total_cost", "total", "final_total", "total_due")
_MOVES_PAID = re.compile(r"payments?|paid_amount")
_MOVES_SUMS = re.compile(r"tax|shipping_c|total_shipping|discount|amount|cost|price|quantity")
_CURRENCY = re.compile(r"[A-Za-z]{3}")


@dataclass
class Foresight:
    """What a rule adds to a plan."""

    changes: list[Change] = field(default_factory=list)
    consequences: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    money: Sum | None = None


@dataclass(frozen=True)
class Look:
    """A read that a rule needs besides the record itself: which tool, with which arguments."""

    tool: str
    arguments: Mapping[str, Any]


Record = Mapping[str, Any]
Rule = Callable[[Arguments, Record, "Mapping[str, Any] | None", Foresight], None]
"""(arguments, record, what the look found or None, foresight to fill)"""


def foresee(
    operation: Operation,
    arguments: Arguments,
    body: Mapping[str, Any] | None,
    record: Record | None,
    found: Mapping[str, Any] | None,
) -> Foresight:
    """The difference a write makes, its money and its warnings.

    body: what would be sent. record: the record that the write concerns, None where it creates one.
    """
    from server.guard.rules import RULES

    foresight = Foresight()
    _check_status(operation, record, foresight)
    rule = RULES.get(operation.name)
    if rule is not None:
        rule(arguments, record or {}, found, foresight)
    if foresight.money is None and operation.effect is Effect.MONEY:
        foresight.money = _amount_of(arguments, record or {})
    if not foresight.changes:
        concerned = part_of(operation, arguments.model_dump(), record) if record is not None else None
        foresight.changes = _difference(operation, body, concerned)
    if record is not None and body and operation.is_update:
        foresight.consequences += [*_replaced(body, record), *_recomputed(body, record)]
    return foresight


def _replaced(body: Mapping[str, Any], record: Record) -> Iterator[str]:
    """Arrays that are sent take the place of the stored ones: which entries go with that."""
    for name, sent in body.items():
        place, keys = _REPLACED.get(name, ("", ()))
        stored = record.get(place)
        if not isinstance(sent, list) or not isinstance(stored, list) or not stored:
            continue
        said = f"{name}: the {len(sent)} sent take the place of the {len(stored)} stored"
        known = [each for each in stored if isinstance(each, dict) and each.get("id") is not None]
        if len(known) < len(stored):
            yield said  # Which of them go cannot be told.
            continue
        gone = [str(each["id"]) for each in known if not any(_stays(each, one, keys) for one in sent)]
        named = ", ".join(label(each, 40) for each in gone[:_NAMED])
        more = f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
        yield f"{said}; these go: {named}{more}" if gone else f"{said}; none of them goes"


def _stays(stored: Record, sent: Any, keys: Iterable[tuple[str, str]]) -> bool:
    """Whether the sent entry is the stored one: by the first of the keys that it has."""
    given = [(sent[key], stored.get(place)) for key, place in keys if sent.get(key)] if isinstance(sent, dict) else []
    return bool(given) and str(given[0][0]) == str(given[0][1])


def _recomputed(body: Mapping[str, Any], record: Record) -> Iterator[str]:
    """Sums that the API computes anew when lines, payments or amounts of the record change."""
    paid = [name for name in body if _MOVES_PAID.fullmatch(name)]
    others = [name for name in body if name not in paid and (name in _REPLACED or _MOVES_SUMS.search(name))]
    moved = [*(_SUMS if others else ()), *(_PAID_SUMS if paid else ())]
    sums = [name for name in dict.fromkeys(moved) if name in record and name not in body]
    if sums:
        yield f"computed anew: {', '.join(sums)}"


def _amount_of(arguments: Arguments, record: Record) -> Sum | None:
    """The money that arguments name, where no rule knows better."""
    for name in ("amount", "paid_amount", "final_total", "total"):
        value = getattr(arguments, name, None)
        if isinstance(value, Decimal):
            return Sum(value, currency_of(record))
    return None


def currency_of(record: Record) -> str:
    """The currency of a record, if it says one that looks like one."""
    currency = record.get("currency")
    return currency if isinstance(currency, str) and _CURRENCY.fullmatch(currency) else ""


def money_at(record: Record, name: str) -> Decimal | None:
    """An amount of a record as Decimal, None where it is missing or no number."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value)
    except ArithmeticError:
        return None
    return amount if amount.is_finite() else None  # NaN cannot be compared with what is paid.


def _check_status(operation: Operation, record: Record | None, foresight: Foresight) -> None:
    status = record.get("status") if record else None
    if operation.when and isinstance(status, str) and status not in operation.when:
        expected = " or ".join(operation.when)
        foresight.warnings.append(
            f"status: the record is {label(status)!r}, and this is done to {expected} ones; Luminous may refuse it"
        )


def _difference(operation: Operation, body: Mapping[str, Any] | None, record: Record | None) -> list[Change]:
    on_record_itself = operation.method in ("PUT", "PATCH") or (record is not None and _is_update(operation))
    if operation.effect is Effect.DESTROY and operation.method == "DELETE":
        return [Change(operation.path.rsplit("/", 2)[-2], "on record", "deleted")]
    if not body:
        return []
    changes = []
    for name, value in body.items():
        before = _shown(record.get(name)) if record is not None and on_record_itself else None
        after = _shown(value)
        if before != after:
            changes.append(Change(name, before, after))
    return changes


def _is_update(operation: Operation) -> bool:
    subject = operation.toolset.subject_of(operation)
    return subject is not None and subject.plain_path == operation.plain_path


def _shown(value: Any) -> Any:
    """A value as a plan shows it: exact, masked, bounded; lists by their length."""
    value = jsonable(value)
    if isinstance(value, list):
        return f"{len(value)} entries" if any(isinstance(each, dict) for each in value) else value[:20]
    if isinstance(value, dict):
        return {clean(str(key), 80): _shown(each) for key, each in list(value.items())[:40]}
    return clean(value, _TEXT) if isinstance(value, str) else value
