"""Arguments that every list operation shares: pages, sorting, filters, and what of the answer to show."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from schemas.common import Arguments, Mark
from schemas.filters import Filters

MAX_PER_PAGE = 100
"""The most rows the API gives in one page (documented)."""


_INTEGER = WithJsonSchema({"type": "integer"})
PageNumber = Annotated[int, Field(ge=1, strict=True), _INTEGER]
PageSize = Annotated[int, Field(ge=1, le=MAX_PER_PAGE, strict=True), _INTEGER]


def _columns(value: object) -> object:
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


Columns = Annotated[list[str], BeforeValidator(_columns), WithJsonSchema({"type": "string"})]
"""Columns to show, `id,total_due`; a JSON array is taken too."""

Sort = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]+:(asc|desc)$"), WithJsonSchema({"type": "string"})]
"""`field:asc` or `field:desc`."""


class Pages(Arguments):
    """Arguments of a list that comes in pages. `page_size` names the argument that says how many rows a page has."""

    page_size: ClassVar[str]
    page: PageNumber = 1
    all_pages: Annotated[bool, Mark.LOCAL, Mark.UNLISTED] = False
    fields: Annotated[Columns | None, Mark.LOCAL, Mark.UNLISTED] = None


class Paging(Pages):
    """Pages of `per_page` rows."""

    page_size = "per_page"
    per_page: PageSize = 10


class LimitPaging(Pages):
    """Pages of `limit` rows, as a few lists call it."""

    page_size = "limit"
    limit: PageSize = 10


class Listing(Paging):
    """Pages with filters and sorting."""

    sort: Sort | None = None
    filters: Filters | None = None
