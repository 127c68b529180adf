"""Arguments that every list operation shares: pages, sorting, filters, and what of the answer to show."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, create_model, model_validator

from schemas.common import Arguments, Mark
from schemas.filters import Filters

MAX_PER_PAGE = 100
"""The most rows the API gives in one page (documented)."""


_INTEGER = WithJsonSchema({"type": "integer"})
_TEXT = WithJsonSchema({"type": "string"})
PageNumber = Annotated[int, Field(ge=1, strict=True), _INTEGER]
PageSize = Annotated[int, Field(ge=1, le=MAX_PER_PAGE, strict=True), _INTEGER]
MaxTokens = Annotated[int, Field(ge=200, le=20_000, strict=True), _INTEGER]
"""The most that an answer may cost."""


def _columns(value: object) -> object:
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


Columns = Annotated[list[str], BeforeValidator(_columns), Field(max_length=100), _TEXT]
"""Columns to show, `id,total_due`; a JSON array is taken too."""


_PAGE = re.compile(r"[1-9][0-9]{0,8}")


def _next_page(value: object) -> str:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not _PAGE.fullmatch(text):
        raise ValueError('must be what the list gave under "More", here the number of a page')
    return text


def _next_part(value: str) -> str:
    if not (value.isascii() and value.isprintable() and 0 < len(value) <= 2_000):
        raise ValueError('must be what the list gave under "More", unchanged')
    return value


COMES_WHOLE = "this list comes whole: nothing comes after it"


def _no_next(value: object) -> str:
    raise ValueError(COMES_WHOLE)


NoNext = Annotated[str, BeforeValidator(_no_next), _TEXT]
NextPage = Annotated[str, BeforeValidator(_next_page), _TEXT]
NextPart = Annotated[str, AfterValidator(_next_part), _TEXT]
"""Where a list goes on, as its last answer said."""

Sort = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]+:(asc|desc)$"), WithJsonSchema({"type": "string"})]
"""`field:asc` or `field:desc`."""


class Shown(Arguments):
    """What every read takes for its answer."""

    max_tokens: Annotated[MaxTokens | None, Mark.LOCAL, Mark.UNLISTED] = None


class ShownRows(Shown):
    """What every list takes for its answer.

    all_pages: to the end, or to where it is too much. next: where it goes on, as its last answer said.
    """

    all_pages: Annotated[bool, Mark.LOCAL, Mark.UNLISTED] = False
    fields: Annotated[Columns | None, Mark.LOCAL, Mark.UNLISTED] = None
    next: Annotated[NoNext | None, Mark.LOCAL, Mark.UNLISTED] = None


class ShownParts(ShownRows):
    """What a list takes that is read by cursor: its `next` is the cursor, and where it began is known by that."""

    next: Annotated[NextPart | None, Mark.LOCAL, Mark.UNLISTED] = None

    @model_validator(mode="before")
    @classmethod
    def _goes_on(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("next"), str):
            return {**{name: value for name, value in given.items() if name != "since"}, "cursor": given["next"]}
        return given


class Sorted(Arguments):
    """The order that every list of Luminous can be asked for (documented convention)."""

    sort: Annotated[Sort | None, Mark.UNLISTED] = None


class ShownOpen(ShownRows, Sorted):
    """What a list takes whose further fields are passed on: filters are such fields, and it may have pages."""

    filters: Annotated[Filters | None, Mark.UNLISTED] = None
    next: Annotated[NextPage | None, Mark.LOCAL, Mark.UNLISTED] = None


SHAPING = frozenset(ShownOpen.model_fields)
"""Arguments of lists that no API knows as a field of its own: they are never passed on as one."""


class Pages(ShownRows):
    """Arguments of a list that comes in pages. `page_size` names the argument that says how many rows a page has.

    sorts: whether `sort` can be asked for. next: the page as the last answer called it; it wins over `page`, which may
    stand there from the call before.
    """

    page_size: ClassVar[str]
    sorts: ClassVar[bool] = True
    page: Annotated[PageNumber, Mark.UNLISTED] = 1
    next: Annotated[NextPage | None, Mark.LOCAL, Mark.UNLISTED] = None


class Paging(Pages):
    """Pages of `per_page` rows."""

    page_size = "per_page"
    per_page: Annotated[PageSize, Mark.UNLISTED] = 10


class LimitPaging(Pages):
    """Pages of `limit` rows, as a few lists call it."""

    page_size = "limit"
    limit: Annotated[PageSize, Mark.UNLISTED] = 10


class Listing(Sorted, Paging):
    """Pages with filters and sorting."""

    filters: Filters | None = None


@cache
def with_shown(model: type[Arguments], many: bool, more: bool = False) -> type[Arguments]:
    """The arguments of a read together with what every read takes for its answer.

    many: the answer is a list, or may be one. more: further fields are passed on in the query.
    """
    if issubclass(model, Shown):
        unsorted = issubclass(model, Pages) and model.sorts and "sort" not in model.model_fields
        return _joined(Sorted, model) if unsorted else model
    if not many:
        return _joined(Shown, model)
    return _joined(ShownParts if "cursor" in model.model_fields else ShownOpen if more else ShownRows, model)


def _joined(shown: type[Arguments], model: type[Arguments]) -> type[Arguments]:
    # The model comes last: it says whether further fields are taken.
    return create_model(model.__name__, __base__=(shown, model), __module__=__name__)
