"""What both forecasts have in common: a table that is computed at times, read by page, by row and as a file."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, exists, func, select

from server.sandbox import features
from server.sandbox.exports import every_row, file_kind, file_of
from server.sandbox.filters import Field, Listing, page
from server.sandbox.rows import records
from server.sandbox.tables.stock import stock_movements
from server.sandbox.wire import Answer, Call, data, not_found

FORMATS = ("export", "format")
"""Query parameters that say what kind of file is wanted; the first one given counts."""

COUNTED = ("qty_onhand", "qty_incoming", "sale_within_7_days", "sale_within_30_days", "sale_within_90_days")


@dataclass(frozen=True)
class Forecast:
    """A materialized forecast and its operations. All of them answer 403 when the company's plan lacks the feature."""

    table: Table
    rows: Select[Any]
    fields: dict[str, Field]
    file_name: str

    @property
    def listing(self) -> Listing:
        """Its rows as a list."""
        return Listing(self.rows, self.fields, self.table.c.id, parameters=frozenset(FORMATS))

    def page(self, call: Call) -> Answer:
        """One page."""
        features.require(call.connection, features.FORECAST)
        return page(call, self.listing)

    def export(self, call: Call) -> Answer:
        """The rows that the filters let through, as CSV or as a workbook."""
        features.require(call.connection, features.FORECAST)
        kind = file_kind(call, next((name for name in FORMATS if call.argument(name)), FORMATS[0]))
        return file_of(self.file_name, list(self.fields), every_row(call, self.listing), kind)

    def row(self, call: Call) -> Answer:
        """One row by its id."""
        features.require(call.connection, features.FORECAST)
        return data(self._rows_where(call, self.table.c.id == call.id("id", "Forecast row"))[0])

    def of_product(self, call: Call) -> list[Any]:
        """The rows of the product named in the path, at least one. Raises 404."""
        features.require(call.connection, features.FORECAST)
        return self._rows_where(call, self.table.c.product_id == call.id("rfqId", "Forecast row"))

    def refresh_status(self, call: Call) -> Answer:
        """When the rows were computed; they are stale once a day has passed or goods have moved since."""
        features.require(call.connection, features.FORECAST)
        computed = select(func.max(self.table.c.refreshed_at, type_=self.table.c.refreshed_at.type), func.count())
        refreshed_at, count = call.connection.execute(computed.select_from(self.table)).one()
        moved = select(exists().where(stock_movements.c.moved_at > refreshed_at))
        stale = (
            refreshed_at is None
            or refreshed_at.date() < call.today
            or bool(call.connection.execute(moved).scalar_one())
        )
        return Answer({"refreshed_at": refreshed_at, "total_records": count, "is_stale": stale})

    def _rows_where(self, call: Call, condition: Any) -> list[Any]:
        found = records(call.connection, self.rows.where(condition).order_by(self.table.c.id))
        if not found:
            raise not_found("Forecast row")
        return found
