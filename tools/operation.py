"""The vocabulary of a declaration: Operation, Effect, Toolset.

One class is one operation. Its docstring is what the model reads, its fields are the arguments, the decorator of
its toolset says the rest:

    @bills.read("GET", "/bills/{bill_id}", returns=Bill)
    class GetBill(BillRef):
        \"\"\"One bill with its lines, payments, allocations and attachments.\"\"\"
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar, get_args, get_origin

from schemas.common import Arguments, Evidence, Page, Record
from schemas.listing import Pages, with_shown

A = TypeVar("A", bound=Arguments)
Returns = Any
"""A Record class, `Page[Record class]`, or None where the answer is not known to carry a record."""


class Effect(StrEnum):
    """What a call does to the company's books. Annotations and guard rules follow from it."""

    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"
    MONEY = "money"
    OUTWARD = "outward"
    """Leaves Luminous: an order management system, a carrier."""

    @property
    def annotations(self) -> dict[str, bool]:
        """The four MCP tool annotations, all explicit."""
        return {
            "readOnlyHint": self is Effect.READ,
            "destructiveHint": self in (Effect.DESTROY, Effect.MONEY, Effect.OUTWARD),
            "idempotentHint": self in (Effect.READ, Effect.DESTROY),
            "openWorldHint": self is Effect.OUTWARD,
        }


class System(StrEnum):
    """Which remote API an operation belongs to."""

    LUMINOUS = "luminous"
    BILLDIARY = "billdiary"

    @property
    def label(self) -> str:
        """Its name for people."""
        return "BillDiary" if self is System.BILLDIARY else "Luminous"


@dataclass(frozen=True)
class Operation:
    """One documented call of a remote API, as declared.

    path: with placeholders that are argument names. many: it answers with a list of `returns`. when: statuses in which
    the record takes this action, empty where any does or none is known (`inferred`). permission: what the caller's user
    must be allowed to do there, where it is documented.
    """

    name: str
    toolset: Toolset
    effect: Effect
    method: str
    path: str
    arguments: type[Arguments]
    returns: type[Record] | None
    many: bool
    evidence: Evidence
    title: str
    when: tuple[str, ...] = ()
    permission: str = ""

    @cached_property
    def path_arguments(self) -> tuple[str, ...]:
        """Names of the arguments that stand in the path, in order."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @cached_property
    def asked(self) -> type[Arguments]:
        """The arguments of a read together with what every read takes for its answer.

        Where nothing is known of the answer it may be a list.
        """
        return with_shown(self.arguments, self.many or self.returns is None, self.accepts_more and self.method == "GET")

    @property
    def is_update(self) -> bool:
        """Whether it changes a record that a create beside it makes."""
        return self.name.removeprefix("billdiary_").startswith(("update_", "upsert_"))

    @cached_property
    def plain_path(self) -> str:
        """The path with nameless placeholders."""
        return re.sub(r"\{\w+\}", "{}", self.path)

    @property
    def accepts_more(self) -> bool:
        """Whether the list of arguments is known to be incomplete: further fields are then passed on as they are.

        Said by the declaration: `class CreateBill(Arguments, extra="allow")`.
        """
        return self.arguments.model_config.get("extra") == "allow"

    @property
    def in_pages(self) -> bool:
        """Whether page and per_page can be asked for."""
        return issubclass(self.arguments, Pages)

    @property
    def description(self) -> str:
        """What the model reads: the docstring of the declaration. "(open)": further fields are taken and passed on.

        Of reads and deletions the server's instructions say so for all of them at once.
        """
        text = " ".join((inspect.getdoc(self.arguments) or "").split())
        has_body = self.method not in ("GET", "DELETE")
        return f"{text} (open)" if self.accepts_more and has_body else text


def snake(name: str) -> str:
    """A class name as the name of a tool or an argument."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


@dataclass
class Toolset:
    """A group of operations that are enabled together. `evidence` is that of its methods and paths unless said."""

    name: str
    system: System
    evidence: Evidence = Evidence.DOCUMENTED
    operations: dict[str, Operation] = field(default_factory=dict, repr=False)

    def read(self, method: str, path: str, **said: Any) -> Callable[[type[A]], type[A]]:
        """Declare an operation that changes nothing."""
        return self._declare(Effect.READ, method, path, **said)

    def write(self, method: str, path: str, **said: Any) -> Callable[[type[A]], type[A]]:
        """Declare an operation that creates or changes records."""
        return self._declare(Effect.WRITE, method, path, **said)

    def destroy(self, method: str, path: str, **said: Any) -> Callable[[type[A]], type[A]]:
        """Declare an operation that deletes or overwrites what cannot be read back."""
        return self._declare(Effect.DESTROY, method, path, **said)

    def money(self, method: str, path: str, **said: Any) -> Callable[[type[A]], type[A]]:
        """Declare an operation that changes what is owed, paid or posted."""
        return self._declare(Effect.MONEY, method, path, **said)

    def outward(self, method: str, path: str, **said: Any) -> Callable[[type[A]], type[A]]:
        """Declare an operation that reaches a third party."""
        return self._declare(Effect.OUTWARD, method, path, **said)

    def subject_of(self, operation: Operation) -> Operation | None:
        """The read that shows the record which `operation` concerns: the longest path that leads to it.

        Placeholders are compared by place: the same id is `{id}` on one page and `{order_id}` on another.
        """
        reads = [
            each
            for each in self.operations.values()
            if each.effect is Effect.READ
            and each.method == "GET"
            and not each.many
            and each.path_arguments
            and f"{operation.plain_path}/".startswith(f"{each.plain_path}/")
            and each.returns is not None
        ]
        return max(reads, key=lambda each: len(each.path), default=None)

    def _declare(
        self,
        effect: Effect,
        method: str,
        path: str,
        *,
        returns: Returns = None,
        evidence: Evidence | None = None,
        title: str | None = None,
        when: tuple[str, ...] = (),
        permission: str = "",
    ) -> Callable[[type[A]], type[A]]:
        origin: object = get_origin(returns)
        many = origin is Page

        def register(arguments: type[A]) -> type[A]:
            name = snake(arguments.__name__)
            if name in self.operations:
                raise ValueError(f"{name} is declared twice")
            operation = Operation(
                name=name,
                toolset=self,
                effect=effect,
                method=method,
                path=path,
                arguments=arguments,
                returns=get_args(returns)[0] if many else returns,
                many=many,
                evidence=evidence or self.evidence,
                title=title or _title(name),
                when=when,
                permission=permission,
            )
            unknown = set(operation.path_arguments) - set(arguments.model_fields)
            if unknown:
                raise ValueError(f"{name}: the path names {sorted(unknown)}, which are no arguments")
            self.operations[name] = operation
            return arguments

        return register
