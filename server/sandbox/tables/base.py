"""What tables are made of. Money and quantities are stored as scaled integers and never become floats."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
)


class Scaled(TypeDecorator[Decimal]):
    """An exact decimal kept as an integer of `places` decimals.

    Read back with at least `shown` decimals; zeros beyond those are dropped.
    """

    impl = Integer
    cache_ok = True

    def __init__(self, places: int, shown: int) -> None:
        super().__init__()
        self.places = places
        self.shown = shown

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        """Scale up; a value finer than the column is a programming error, not something to round away."""
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if scaled != (units := int(scaled)):
            raise ValueError(f"{value} has more than {self.places} decimals")
        return units

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        """Scale down."""
        if value is None:
            return None
        units, places = int(value), self.places
        while places > self.shown and units % 10 == 0:
            units, places = units // 10, places - 1
        return Decimal(units).scaleb(-places)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, to the second, kept as sortable ISO text."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """ISO 8601 with Z."""
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z" if value else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """An aware datetime."""
        return datetime.fromisoformat(value) if value else None


MONEY = Scaled(2, shown=2)
UNIT_PRICE = Scaled(4, shown=2)
QUANTITY = Scaled(4, shown=0)

metadata = MetaData()


def key() -> Column[int]:
    """The id."""
    return Column("id", Integer, primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False, cascade: bool = False) -> Column[int]:
    """A reference to the id of another table's row; with `cascade` the row goes when that one does."""
    target_id = ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None)
    return Column(name, Integer, target_id, nullable=nullable, index=True)


def text(name: str, *, nullable: bool = True, index: bool = False) -> Column[str]:
    """A text column."""
    return Column(name, String, nullable=nullable, index=index)


def flag(name: str) -> Column[bool]:
    """A boolean, false unless set."""
    return Column(name, Boolean, nullable=False, default=False)


def stamps() -> tuple[Column[datetime], Column[datetime]]:
    """When the record was made and last changed."""
    return (
        Column("created_at", Instant, nullable=False, index=True),
        Column("updated_at", Instant, nullable=False, index=True),
    )


def table(name: str, *parts: Any) -> Table:
    """A table whose ids are never given out twice."""
    # AUTOINCREMENT: the id of a deleted row is never given to another one.
    return Table(name, metadata, *parts, sqlite_autoincrement=True)
