"""Values that fit what was typed of an argument: of a resource template or a prompt. An API that fails offers none."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio

from schemas.common import Arguments
from schemas.listing import MAX_PER_PAGE, Pages
from server.answers.answer import MAX_TOKENS
from server.caller import Caller, NotConnectedError
from server.calls import Calls
from server.files.results import SCHEME as RESULTS
from server.files.results import TEMPLATE as A_RESULT
from server.files.shelf import SCHEME as FILES
from server.prompts import Prompts
from server.refused import RefusedError
from server.resources import operations
from server.resources.front import A_FILE, A_TOOL, Resources
from server.resources.records import Kind
from server.text import clean
from server.upstream.errors import UpstreamError
from tools.arguments import InvalidArgumentsError, check
from tools.prompts.prompt import STATUSES, Completes, completes
from tools.workflows.parts.parties import plain

log = logging.getLogger(__name__)

MOST = 100
"""Values in one answer (protocol)."""
_SECONDS = 60.0
"""How long rows that were read stand for what there is: hosts ask at every key."""
_PATIENCE = 5.0
"""Seconds that somebody who types waits."""
_MOST_KEPT = 200
_LIKELY = 60
"""Similarity in percent from which a name is offered for a misspelled one."""
_NAME = 120
_MONTHS = 18
_CONTACT = "contact.supplier_business_name,contact.name"
"""Who sold, in BillDiary's purchases: a business, or a person."""


@dataclass(frozen=True)
class Options:
    """What can be chosen from. complete: nothing that could be chosen is missing."""

    values: Sequence[str]
    complete: bool = True


NONE = Options(())


class Completion:
    """Completes arguments. Rows that were read for it are kept for a minute."""

    def __init__(self, calls: Calls, resources: Resources, prompts: Prompts) -> None:
        self._calls = calls
        self._resources = resources
        self._prompts = prompts
        self._kept: dict[tuple[str, ...], tuple[float, Options]] = {}

    async def of_template(self, uri: str, argument: str, typed: str, caller: Caller) -> dict[str, Any]:
        """Values of a template's variable. Raises RefusedError where there is no such template or variable."""
        principal, reads = caller.principal, self._calls.reads
        if uri == A_TOOL and argument == "tool":
            return completion(alike(operations.names(self._calls), typed))
        if uri == A_FILE and argument == "id":
            return completion(_beginning((file.uri.removeprefix(FILES) for file in reads.shelf.of(principal)), typed))
        if uri == A_RESULT and argument in ("id", "from", "to", "format"):
            kept = (str(link["uri"]).removeprefix(RESULTS) for link in reads.results.of(principal))
            values = {"id": kept, "format": ("csv", "json")}.get(argument, ())
            return completion(_beginning(values, typed))
        kind = next((each for each in await self._resources.kinds() if uri == each.template), None)
        if kind is None:
            raise RefusedError("No such resource template; resources/templates/list names them")
        if argument != kind.argument:
            raise RefusedError(f"{kind.template} has no variable {clean(argument, 64)!r}, only {kind.argument}")
        options = await self._offered(("ids", kind.listing, kind.column), partial(self._ids, kind, caller))
        return completion(_beginning(options.values, typed, options.complete))

    async def of_prompt(self, name: str, argument: str, typed: str, caller: Caller) -> dict[str, Any]:
        """Values of a prompt's argument. Raises RefusedError where there is no such prompt or argument."""
        model = self._prompts.find(name).model
        if argument not in model.model_fields:
            names = ", ".join(model.model_fields)
            raise RefusedError(f"{name} has no argument {clean(argument, 64)!r}. Arguments: {names}")
        match completes(model, argument):
            case Completes.VENDOR:
                return completion(await self._vendors(typed[:_NAME], caller))
            case Completes.WAREHOUSE:
                options = await self._read("list_warehouses", "name", caller)
                return completion(alike(options.values, typed, options.complete))
            case Completes.CURRENCY:
                options = await self._read("list_available_currencies", "code", caller)
                return completion(_beginning(options.values, typed.upper(), options.complete))
            case Completes.STATUS:
                return completion(alike(STATUSES, typed))
            case Completes.MONTH:
                return completion(_beginning(self._months(), typed))
        return completion(NONE)

    # What there is to choose from

    async def _vendors(self, typed: str, caller: Caller) -> Options:
        """Names of vendors: of all where they are one page, else of those whose name contains what was typed."""
        if "list_companies" not in self._calls.catalogue:
            latest = await self._read("billdiary_list_purchases", _CONTACT, caller)
            return alike(latest.values, typed, latest.complete)
        vendor = {"type": "Vendor"}
        everybody = await self._read("list_companies", "name", caller, filters=vendor, sort="name:asc")
        if everybody.complete or not typed.strip():
            return alike(everybody.values, typed, everybody.complete)
        found: dict[str, None] = {}
        complete = True
        for spelling in dict.fromkeys((typed.strip(), typed.strip().capitalize())):  # `contains` looks at capitals.
            options = await self._read("list_companies", "name", caller, filters={**vendor, "name[contains]": spelling})
            found |= dict.fromkeys(options.values)
            complete = complete and options.complete
        return alike(list(found) or everybody.values, typed, complete)

    async def _ids(self, kind: Kind, caller: Caller) -> Options:
        """Ids on the first page of the list that leads to a kind of record, the newest first."""
        options = await self._column(kind.listing, kind.column, caller, sort="id:desc")
        return Options(sorted(options.values, key=_as_number, reverse=True), options.complete)

    def _months(self) -> list[str]:
        today = self._calls.today()
        months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(_MONTHS)]
        return [f"{year}-{month + 1:02}" for year, month in months]

    async def _read(self, listing: str, column: str, caller: Caller, **wanted: Any) -> Options:
        """The same as `_column`, from what was read lately where that is known."""
        key = (listing, column, *(str(each) for each in wanted.items()))
        return await self._offered(key, partial(self._column, listing, column, caller, **wanted))

    async def _column(self, listing: str, column: str, caller: Caller, **wanted: Any) -> Options:
        """The values of a column on the first page of a list; nothing where that is not enabled.

        column: `a,b` is a, or b where that is empty.
        """
        if listing not in self._calls.catalogue:
            return NONE
        operation = self._calls.catalogue.operation(listing)
        model = operation.asked
        arguments = check(model, _page(model, fields=column, max_tokens=MAX_TOKENS, **wanted))
        answer = (await self._calls.reads.answer(operation, arguments, [], caller)).structured
        rows, total = answer.get("rows", []), answer.get("total")
        found = (next((row[name] for name in column.split(",") if row.get(name)), None) for row in rows)
        values = dict.fromkeys(clean(str(value), _NAME) for value in found if value is not None)
        return Options(list(values), not operation.in_pages or (isinstance(total, int) and total <= len(rows)))

    async def _offered(self, key: tuple[str, ...], read: Callable[[], Awaitable[Options]]) -> Options:
        """What was read lately, or is read now; nothing while the API fails."""
        now = anyio.current_time()
        known = self._kept.get(key)
        if known is not None and now - known[0] < _SECONDS:
            return known[1]
        options: Options | None = None
        try:
            with anyio.move_on_after(_PATIENCE):
                options = await read()
        except (UpstreamError, NotConnectedError, InvalidArgumentsError) as error:
            log.info("nothing to complete %s with: %s", key[0], type(error).__name__)
        if options is None:
            return NONE
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = (now, options)
        return options


def _page(model: type[Arguments], **wanted: Any) -> dict[str, Any]:
    """The arguments of a first page, as far as the list takes them."""
    size = {model.page_size: MAX_PER_PAGE} if issubclass(model, Pages) else {}
    return {**size, **{name: value for name, value in wanted.items() if name in model.model_fields}}


def _as_number(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isascii() and text.isdigit() else (-1, text)


def _beginning(values: Iterable[str], typed: str, complete: bool = True) -> Options:
    """The values that begin with what was typed."""
    return Options([value for value in values if value.startswith(typed)], complete)


def alike(values: Sequence[str], typed: str, complete: bool = True) -> Options:
    """The values that begin with what was typed, then those that contain it; else those spelled most like it."""
    wanted = _bare(typed)
    if not wanted:
        return Options(values, complete)
    bare = [(_bare(value), value) for value in values]
    begun = [value for text, value in bare if text.startswith(wanted)]
    inside = [value for text, value in bare if wanted in text and not text.startswith(wanted)]
    if begun or inside:
        return Options([*begun, *inside], complete)
    from rapidfuzz.fuzz import WRatio

    scored = sorted(((WRatio(wanted, text), value) for text, value in bare), key=lambda item: -item[0])
    return Options([value for score, value in scored if score >= _LIKELY][:10], complete)


def _bare(text: str) -> str:
    return plain(text.replace("_", " "))


def completion(options: Options) -> dict[str, Any]:
    """The answer in wire spelling. total is told where it is known."""
    values = list(options.values)
    answer: dict[str, Any] = {
        "values": values[:MOST],
        "hasMore": bool(values) and (len(values) > MOST or not options.complete),
    }
    if options.complete:
        answer["total"] = len(values)
    return answer
