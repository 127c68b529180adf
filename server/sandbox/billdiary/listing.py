"""Lists of transactions: what their query strings may say, the visible rows, pages, and everything as CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, false, func, or_, select

from server.sandbox.billdiary.users import May
from server.sandbox.billdiary.wire import Visit, not_found
from server.sandbox.exports import CSV, download
from server.sandbox.rows import Record, records
from server.sandbox.tables.billdiary import contacts, transactions
from server.sandbox.wire import Answer, as_date, as_id, invalid

PER_PAGE, LARGEST_PER_PAGE, LARGEST_PAGE = 20, 100, 10**9
SHORTEST_SEARCH = 2

BOM = "\ufeff"
BATCH = 500
"""Rows that are read at a time where all are wanted."""

Condition = ColumnElement[bool]
Present = Callable[[Connection, Sequence[Record]], list[dict[str, Any]]]
Query = dict[str, str]


@dataclass(frozen=True)
class TransactionList:
    """A list of one type of transaction."""

    type: str
    file_name: str
    columns: tuple[str, ...]
    """The keys of a row, in the order of the CSV."""
    present: Present
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Parameters that take one of a few words."""
    exact: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    """Parameters that a column must equal."""
    ids: tuple[str, ...] = ("location_id",)
    ranges: Mapping[tuple[str, str], ColumnElement[Any]] = field(
        default_factory=lambda: {("start_date", "end_date"): transactions.c.transaction_date}
    )
    """Pairs of days, and the column that lies between them."""
    searched: tuple[ColumnElement[Any], ...] = (transactions.c.ref_no,)
    rows: Select[Any] = field(default_factory=lambda: select(transactions))

    def visible(self, visit: Visit, view_all: May | None = None, view_own: May | None = None) -> list[Condition]:
        """What the user may see: transactions of its business at its locations, with `view_own` alone its own."""
        return [*visible(visit, self.type), *own(visit, view_all, view_own)]

    def answer(self, visit: Visit, *where: Condition) -> Answer:
        """The page that the query asks for, or with `format=csv` every row as a file."""
        query = sent(visit)
        conditions = [*where, *self._conditions(query)]
        number, size = _whole(query, "page", 1, LARGEST_PAGE), _whole(query, "per_page", PER_PAGE, LARGEST_PER_PAGE)
        if wants_csv(query):
            return csv_file(self.file_name, self.columns, self._every_row(visit, conditions))
        matching = self.rows.where(*conditions)
        count = matching.with_only_columns(func.count(), maintain_column_froms=True)
        total = visit.connection.execute(count).scalar_one()
        shown = matching.order_by(*_NEWEST_FIRST).limit(size).offset((number - 1) * size)
        meta = {
            "current_page": number,
            "last_page": max(1, -(-total // size)),
            "per_page": size,
            "total": total,
        }
        rows = self.present(visit.connection, records(visit.connection, shown))
        return Answer({"data": rows, "meta": meta})

    def _every_row(self, visit: Visit, conditions: Sequence[Condition]) -> Iterator[dict[str, Any]]:
        matching, start = self.rows.where(*conditions).order_by(*_NEWEST_FIRST), 0
        while rows := records(visit.connection, matching.limit(BATCH).offset(start)):
            yield from self.present(visit.connection, rows)
            start += BATCH

    def _conditions(self, query: Query) -> Iterator[Condition]:
        for name in self.ids:
            if name in query:
                yield transactions.c[name] == _id(query, name)
        for name, allowed in self.statuses.items():
            if name in query and query[name] not in allowed:
                raise invalid({name: f"The {name} must be one of {', '.join(allowed)}."})
        for name, column in self.exact.items():
            if name in query:
                yield column == query[name]
        for (first, last), column in self.ranges.items():
            start, end = _day(query, first), _day(query, last)
            if start and end:
                yield column.between(datetime.combine(start, time(), UTC), datetime.combine(end, time(23, 59, 59), UTC))
        if "q" in query:
            yield self._search(query["q"])

    def _search(self, text: str) -> Condition:
        if len(text) < SHORTEST_SEARCH:
            raise invalid({"q": f"The q must be at least {SHORTEST_SEARCH} characters."})
        number = as_id(text)
        by_id = transactions.c.id == number if number is not None else false()
        return or_(by_id, *(func.instr(func.casefold(column), text.casefold()) > 0 for column in self.searched))


_NEWEST_FIRST = (transactions.c.transaction_date.desc(), transactions.c.id.desc())

CONTACT_FIELDS = tuple(contacts.c[name] for name in ("contact_id", "name", "supplier_business_name", "mobile", "email"))
"""What a search looks through of a contact."""


def visible(visit: Visit, type_: str) -> list[Condition]:
    """Transactions of the type in the user's business, at its permitted locations."""
    conditions = [of_business(visit, type_)]
    if visit.user.location_ids is not None:
        conditions.append(transactions.c.location_id.in_(visit.user.location_ids))
    return conditions


def of_business(visit: Visit, type_: str) -> Condition:
    """Transactions of the type in the user's business, visible or not."""
    return (transactions.c.business_id == visit.user.business_id) & (transactions.c.type == type_)


def own(visit: Visit, view_all: May | None, view_own: May | None) -> list[Condition]:
    """The user's own ones, for who has only the permission to see those."""
    if view_all and view_own and not visit.user.may(view_all) and visit.user.may(view_own):
        return [transactions.c.created_by == visit.user.id]
    return []


def find(visit: Visit, *where: Condition, record_id: int | None = None) -> Record:
    """The transaction of the path, or of `record_id`. Raises 404."""
    wanted = visit.record_id() if record_id is None else record_id
    rows = records(visit.connection, select(transactions).where(transactions.c.id == wanted, *where))
    if not rows:
        raise not_found()
    return rows[0]


def sent(visit: Visit) -> Query:
    """The query's parameters that are not blank, trimmed; the last one counts when one is repeated."""
    return {name: text.strip() for name, text in visit.query if text.strip()}


def wants_csv(query: Query) -> bool:
    """Whether the answer shall be a file. Raises 422 for other formats than json and csv."""
    kind = query.get("format", "json")
    if kind not in ("json", "csv"):
        raise invalid({"format": "The format must be one of json, csv."})
    return kind == "csv"


def one(visit: Visit, file_name: str, record: Callable[[], dict[str, Any]]) -> Answer:
    """A single record, or with `format=csv` one row that holds its JSON."""
    as_file = wants_csv(sent(visit))
    found = record()
    if not as_file:
        return Answer({"data": found})
    return csv_file(f"{file_name}-{found['id']}", ("data_json",), [{"data_json": found}])


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Answer:
    """The rows as CSV in UTF-8 with a byte order mark; what is nested is JSON in its cell."""
    text = io.StringIO(newline="")
    text.write(BOM)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return download(f"{name}.csv", CSV, text.getvalue().encode())


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return Answer(value).payload().decode()
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _id(query: Query, name: str) -> int:
    number = as_id(query[name])
    if number is None:
        raise invalid({name: f"The {name} must be an integer."})
    return number


def optional_id(query: Query, name: str) -> int | None:
    """The id of that name, if it was sent. Raises 422."""
    return _id(query, name) if name in query else None


def _day(query: Query, name: str) -> date | None:
    if name not in query:
        return None
    day = as_date(query[name])
    if day is None:
        raise invalid({name: f"The {name} does not match the format Y-m-d."})
    return day


def _whole(query: Query, name: str, default: int, largest: int) -> int:
    if name not in query:
        return default
    number = as_id(query[name])
    if number is None or not 1 <= number <= largest:
        raise invalid({name: f"The {name} must be between 1 and {largest}."})
    return number
