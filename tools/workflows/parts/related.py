"""Fields that rows lack and a related record has: the name of a vendor whose id a row says, an order's currency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.common import View
from tools.arguments import InvalidArgumentsError, Problem
from tools.workflows.books import Books, ReadFailedError, Row

CURRENCY = "currency"


@dataclass(frozen=True)
class _Relation:
    """id: the field of a row that says which record. operation: the list that has it. field: what is taken of it."""

    id: str
    operation: str
    field: str


_RELATIONS: Mapping[str, _Relation] = {
    "vendor_name": _Relation("vendor_id", "list_companies", "name"),
    "company_name": _Relation("company_id", "list_companies", "name"),
    "supplier_name": _Relation("supplier_id", "list_suppliers", "name"),
    "channel_name": _Relation("channel_id", "list_channels", "label"),
    "warehouse_name": _Relation("warehouse_id", "list_warehouses", "name"),
    "location_name": _Relation("location_id", "list_locations", "name"),
    "sku": _Relation("product_id", "list_products", "sku"),
    "product_name": _Relation("product_id", "list_products", "name"),
    CURRENCY: _Relation("purchase_order_id", "list_purchase_orders", CURRENCY),
}
"""By the field that is asked for. Lines and shipments of orders say no currency: their amounts are in the order's."""

_AT_ONCE = 100
"""Ids in one filter: as many as a page has rows, and the URL stays well below what servers take."""


@dataclass
class _Known:
    """What a field of related records is, by their ids, as far as it was looked up."""

    relation: _Relation
    values: dict[str, Any] = field(default_factory=dict)


class Related:
    """Adds to rows the fields that are asked for and that only related records have.

    asked: names of fields. view: of the rows, which says where in them the currency stands. unknown: by field, of how
    many rows it could not be told.
    """

    def __init__(self, books: Books, asked: Iterable[str], view: View) -> None:
        self.unknown: Counter[str] = Counter()
        self._books = books
        self._asked_for = [*asked]
        self._asked = [name for name in dict.fromkeys(self._asked_for) if name in _RELATIONS]
        self._view = view
        self._known: dict[str, _Known] | None = None
        self._inside = False
        """Whether the currency stands in an object or a list inside the rows."""

    async def rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The same rows with these fields. Raises InvalidArgumentsError where amounts would be mixed."""
        if not self._asked or not rows:
            return rows
        if self._known is None:
            self._known = self._decide(rows)
        if not (self._known or self._inside):
            return rows
        for known in self._known.values():
            await self._look_up(known, rows)
        return [self._completed(row) for row in rows]

    def _decide(self, rows: Sequence[Row]) -> dict[str, _Known]:
        """Which fields have to be looked up: the first rows show what they carry."""
        missing = [name for name in self._asked if not any(name in row for row in rows)]
        if CURRENCY in missing and any(self._view.currency_of(row) is not None for row in rows):
            self._inside = True
            missing.remove(CURRENCY)
        relations = {name: _RELATIONS[name] for name in missing if name in _RELATIONS}
        if CURRENCY in missing and not self._books.has(_RELATIONS[CURRENCY].operation):
            self._refuse_mixed()
        return {
            name: _Known(relation)
            for name, relation in relations.items()
            if self._books.has(relation.operation) and any(row.get(relation.id) is not None for row in rows)
        }

    async def _look_up(self, known: _Known, rows: Sequence[Row]) -> None:
        relation = known.relation
        ids = {str(row[relation.id]) for row in rows if row.get(relation.id) is not None}
        new = sorted(ids - set(known.values))
        for start in range(0, len(new), _AT_ONCE):
            some = new[start : start + _AT_ONCE]
            try:
                page = await self._books.page(relation.operation, filters={"id[in]": some})
            except ReadFailedError:
                if relation is _RELATIONS[CURRENCY]:
                    self._refuse_mixed()
                page = None  # The rows still count, told apart as those of which the name is not known.
            found = {str(each.get("id")): each.get(relation.field) for each in page.rows} if page else {}
            known.values |= {each: found.get(each) for each in some}

    def _refuse_mixed(self) -> None:
        """Amounts are not added where they are in the currencies of other records, and these cannot be read."""
        within = self._view.within
        if within and within not in self._asked_for:
            text = (
                f"the amounts are in the currency of each {within}, which cannot be read; count, or group_by {within}"
            )
            raise InvalidArgumentsError([Problem("metrics", text)])

    def _completed(self, row: Row) -> Row:
        added = {name: known.values.get(str(row.get(known.relation.id))) for name, known in (self._known or {}).items()}
        if self._inside:
            added[CURRENCY] = self._view.currency_of(row)
        self.unknown.update(name for name, value in added.items() if value is None)
        return {**row, **added}
