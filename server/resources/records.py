"""Records as resources: a template for each operation that gives one record by one id, derived from the catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mcp.shared.uri_template import UriTemplate

from schemas.common import File
from server.answers.answer import MAX_TOKENS
from server.caller import Caller, NotConnectedError
from server.calls import Calls
from server.refused import RefusedError
from server.upstream.errors import ForbiddenError, UnavailableError, UpstreamError
from tools.arguments import InvalidArgumentsError, check
from tools.catalogue import Catalogue
from tools.operation import Effect, Operation, System

SCHEME = "luminous:/"
JSON = "application/json"
RESERVED = frozenset({"files", "guide", "operations", "results"})
"""First parts of addresses that are no records."""


@dataclass(frozen=True)
class Kind:
    """A kind of record. operation: reads one. listing: the name of what lists them, empty where nothing does.

    column: what a row of the list calls the id.
    """

    operation: Operation
    listing: str
    column: str

    @property
    def template(self) -> str:
        """The URI template, such as luminous://bills/{bill_id}."""
        system = "" if self.operation.toolset.system is System.LUMINOUS else f"/{self.operation.toolset.system.value}"
        return f"{SCHEME}{system}{self.operation.path}"

    @cached_property
    def parsed(self) -> UriTemplate:
        """The template, ready to be compared."""
        return UriTemplate.parse(self.template)

    @property
    def argument(self) -> str:
        """The one variable of the template."""
        return self.operation.path_arguments[0]

    def shown(self) -> dict[str, Any]:
        """As a resource template in wire spelling."""
        name = self.operation.name.replace("get_", "", 1)
        return {
            "uriTemplate": self.template,
            "name": name,
            "title": name.replace("_", " ").capitalize().replace("Billdiary", "BillDiary"),
            "description": self.operation.description,
            "mimeType": JSON,
        }


def kinds_of(catalogue: Catalogue) -> list[Kind]:
    """The kinds of records that the enabled operations give, in the catalogue's order."""
    reads = [catalogue.operation(entry.name) for entry in catalogue if entry.effect == "read"]
    lists = {(each.toolset.system, each.path): each for each in reads if each.many and each.method == "GET"}
    return [Kind(each, *_list_of(each, lists)) for each in reads if _gives_one_record(each)]


def _list_of(operation: Operation, lists: Mapping[tuple[System, str], Operation]) -> tuple[str, str]:
    """The list that leads to a record, and its column: the ids, or of one further up what has the argument's name."""
    path = operation.path.partition("/{")[0]
    if found := lists.get((operation.toolset.system, path)):
        return found.name, "id"
    if found := lists.get((operation.toolset.system, path.rpartition("/")[0])):
        return found.name, operation.path_arguments[0]
    return "", ""


def _gives_one_record(operation: Operation) -> bool:
    return (
        operation.effect is Effect.READ
        and operation.method == "GET"
        and len(operation.path_arguments) == 1
        and operation.returns is not None
        and operation.returns is not File
        and not operation.many
        and operation.path.split("/")[1] not in RESERVED
    )


def matching(kinds: list[Kind], uri: str) -> Iterator[tuple[Kind, str]]:
    """The kinds whose template an address fits, with what stands for the id."""
    for kind in kinds:
        found = kind.parsed.match(uri)
        if found and isinstance(value := found.get(kind.argument), str):
            yield kind, value


async def read(calls: Calls, kind: Kind, value: str, caller: Caller) -> dict[str, Any]:
    """The record, as the structured content of its operation. Raises RefusedError."""
    operation = kind.operation
    try:
        arguments = check(operation.asked, {kind.argument: value, "max_tokens": MAX_TOKENS})
        answer = await calls.reads.answer(operation, arguments, [], caller)
    except InvalidArgumentsError as error:
        raise RefusedError(f"{kind.template}: {error}") from None
    except (NotConnectedError, UpstreamError) as error:
        raise refusal(error, kind) from None
    return answer.structured


def refusal(error: NotConnectedError | UpstreamError, kind: Kind) -> RefusedError:
    """What the reader is told about a record that could not be read."""
    if isinstance(error, NotConnectedError):
        return RefusedError(str(error))
    if isinstance(error, ForbiddenError):
        error = error.needing(kind.operation.permission)
    advice = f"{kind.listing} lists the ids." if error.kind == "not_found" and kind.listing else error.advice
    return RefusedError(f"{error} {advice}".rstrip(), asked_wrongly=not isinstance(error, UnavailableError))


def text(content: dict[str, Any]) -> str:
    """JSON as resources carry it."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
