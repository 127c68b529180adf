"""The vocabulary of a workflow's declaration, and the registry of all of them.

@workflow({System.LUMINOUS: ("list_bills",)})
async def look_up_bills(wanted: LookUpBills, books: Books) -> Findings:
    \"\"\"What the model reads.\"\"\"
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, TypeVar, get_type_hints

from pydantic import Field, WithJsonSchema

from schemas.common import Arguments, Mark
from tools.operation import Effect, System
from tools.schema import listed_schema
from tools.workflows.books import Books
from tools.workflows.findings import Findings

MODULES: tuple[str, ...] = (
    "look_up_bills",
    "look_up_invoices",
    "explain_bill",
    "vendor_position",
    "cash_requirements",
    "find_record",
    "match_bill",
    "check_new_bill",
    "close_checklist",
    "summarize_records",
)
"""Where each is declared, one module a tool of the same name, in the order in which they are listed."""

TOOLSET = "workflows"

MaxTokens = Annotated[int, Field(ge=200, le=20_000, strict=True), WithJsonSchema({"type": "integer"})]

LOCAL = (Mark.LOCAL, Mark.UNLISTED)


class Question(Arguments):
    """Arguments that every workflow takes. max_tokens: the answer is no longer than that."""

    max_tokens: Annotated[MaxTokens | None, Mark.UNLISTED] = None


class QuestionToEither(Question):
    """A question that both systems can answer; Luminous does where both are set up and none is named."""

    system: Annotated[System | None, Mark.UNLISTED] = None


Answering = Callable[[Any, Books], Awaitable[Findings]]
A = TypeVar("A", bound=Answering)


@dataclass(frozen=True)
class Workflow:
    """One workflow. needs: by system, the operations without which it cannot answer. tokens: how long its answer is."""

    name: str
    arguments: type[Question]
    answer: Answering
    needs: Mapping[System, tuple[str, ...]]
    tokens: int

    @property
    def definition(self) -> dict[str, Any]:
        """The tool as hosts see it."""
        return {
            "name": self.name,
            "title": self.name.replace("_", " ").capitalize(),
            "description": " ".join((inspect.getdoc(self.answer) or "").split()),
            "inputSchema": listed_schema(self.arguments, fold=False),
            "annotations": Effect.READ.annotations,
        }


_DECLARED: dict[str, Workflow] = {}


def workflow(needs: Mapping[System, tuple[str, ...]], *, tokens: int = 1_200) -> Callable[[A], A]:
    """Declare a workflow: its name, arguments and description are those of the function."""

    def register(answer: A) -> A:
        name = answer.__name__
        arguments = get_type_hints(answer)["wanted"]
        _DECLARED[name] = Workflow(name, arguments, answer, needs, tokens)
        return answer

    return register


def find(name: str) -> Workflow:
    """The declaration of a workflow. Raises KeyError."""
    if name not in MODULES:
        raise KeyError(name)
    import_module(f"tools.workflows.{name}")
    return _DECLARED[name]
