"""All operations by name. The definitions that hosts list are built ahead; declarations load when they are called."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.operation import Operation, Toolset
    from tools.overlay import Overlay
    from tools.search import Index

_LUMINOUS = (
    "bills",
    "vendor_credits",
    "payment_obligations",
    "purchase_orders",
    "suppliers",
    "companies",
    "invoices",
    "sales_orders",
    "fulfillment",
    "products",
    "pricing",
    "units",
    "inventory",
    "warehouses",
    "forecast",
    "channels",
    "integrations",
    "currency",
    "metadata",
    "reports",
)
MODULES: Mapping[str, str] = {
    **{name: f"tools.luminous.{name}" for name in _LUMINOUS},
    "billdiary": "tools.billdiary.purchases",
}
"""Where each toolset is declared, in the order in which tools are listed."""
ADOPTED = "adopted"
"""The toolset of operations that come from an overlay instead of a declaration; they are listed last."""

ROOT = Path(__file__).parent
DEFINITIONS = ROOT / "definitions.json"
WORKFLOWS = "workflows"
"""What the workflow tools are enabled by where toolsets are named; they are listed first."""
_SOURCES = (
    "operation.py",
    "schema.py",
    "luminous/*.py",
    "billdiary/*.py",
    "workflows/**/*.py",
    "../schemas/**/*.py",
)


@dataclass(frozen=True)
class Entry:
    """One tool as hosts see it. definition: the members of an MCP tool, in wire spelling."""

    name: str
    toolset: str
    effect: str
    evidence: str
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class WorkflowEntry:
    """One workflow tool as hosts see it. needs: by system, the operations without which it cannot answer."""

    name: str
    needs: Mapping[str, Sequence[str]]
    definition: Mapping[str, Any]

    @property
    def entry(self) -> Entry:
        """The same as the search takes it."""
        return Entry(self.name, WORKFLOWS, "read", "", self.definition)

    def works_with(self, readable: Collection[str]) -> bool:
        """Whether these operations are enough for it."""
        return any(set(operations) <= set(readable) for operations in self.needs.values())


class UnknownToolError(LookupError):
    """No tool has that name. nearest: the name that is most like it."""

    def __init__(self, name: str, nearest: str | None) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = nearest


class UnknownNameError(LookupError):
    """A toolset or tool that was to be enabled or excluded does not exist. The message names the nearest."""


class Operations(Mapping[str, "Operation"]):
    """The operations of a catalogue by name, each loaded when it is first asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __getitem__(self, name: str) -> Operation:
        if name not in self._catalogue:
            raise KeyError(name)
        return self._catalogue.operation(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalogue.entries)

    def __len__(self) -> int:
        return len(self._catalogue)


class Catalogue:
    """The tools that are enabled, in a fixed order.

    overlay: what was adopted besides the declarations. readable: the operations that workflows may use; also those
    that are no tools here, unless they were excluded or their system is not set up.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        overlay: Overlay | None = None,
        workflows: Iterable[WorkflowEntry] = (),
        readable: Mapping[str, Entry] | None = None,
    ) -> None:
        self.entries = {entry.name: entry for entry in entries}
        self.workflows = {entry.name: entry for entry in workflows}
        self.readable = self.entries if readable is None else readable
        self._overlay = overlay

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def index(self) -> Index:
        """Search over these operations."""
        from tools.search import Index

        return Index(self)

    @cached_property
    def toolsets(self) -> dict[str, int]:
        """Number of operations by toolset."""
        counts: dict[str, int] = {}
        for entry in self:
            counts[entry.toolset] = counts.get(entry.toolset, 0) + 1
        return counts

    @cached_property
    def operations(self) -> Operations:
        """Every operation by name."""
        return Operations(self)

    def operation(self, name: str) -> Operation:
        """The declaration of a tool. Raises UnknownToolError."""
        entry = self.entries.get(name)
        if entry is None:
            from tools.arguments import nearest

            raise UnknownToolError(name, nearest(name, [*self.entries, *self.workflows]))
        return self._declaration(entry)

    def read_by_workflows(self, name: str) -> Operation:
        """The declaration of an operation that workflows may use. Raises KeyError."""
        return self._declaration(self.readable[name])

    def _declaration(self, entry: Entry) -> Operation:
        name = entry.name
        if self._overlay is None:
            return toolset(entry.toolset).operations[name]
        if entry.toolset == ADOPTED:
            return self._overlay.adopted(name)
        return self._overlay.amended(toolset(entry.toolset)).operations[name]

    def narrowed(
        self, *, toolsets: Sequence[str] = (), tools: Sequence[str] = (), exclude_tools: Sequence[str] = ()
    ) -> Catalogue:
        """Only these toolsets and tools (all when none are named), without the excluded tools.

        Raises UnknownNameError.
        """
        _must_exist("toolset", toolsets, dict.fromkeys([WORKFLOWS, *MODULES, *self.toolsets]))
        _must_exist("tool", [*tools, *exclude_tools], [*self.entries, *self.workflows])
        named = bool(toolsets or tools)
        chosen = [
            entry
            for entry in self
            if entry.name not in exclude_tools and (not named or entry.toolset in toolsets or entry.name in tools)
        ]
        readable = {name: entry for name, entry in self.readable.items() if name not in exclude_tools}
        seen = {entry.name for entry in chosen}
        workflows = (
            entry
            for entry in self.workflows.values()
            if entry.name not in exclude_tools
            and entry.works_with(readable)
            and (not named or WORKFLOWS in toolsets or entry.name in tools or entry.works_with(seen))
        )
        return Catalogue(chosen, self._overlay, workflows, readable)

    def of_systems(self, systems: Collection[str]) -> Catalogue:
        """Only what belongs to these systems."""
        readable = {name: entry for name, entry in self.readable.items() if system_of(entry.toolset) in systems}
        workflows = (entry for entry in self.workflows.values() if entry.works_with(readable))
        chosen = (entry for entry in self if entry.name in readable)
        return Catalogue(chosen, self._overlay, workflows, readable)

    def reads_only(self) -> Catalogue:
        """The same without anything that writes."""
        reads = (entry for entry in self if entry.effect == "read")
        return Catalogue(reads, self._overlay, self.workflows.values(), self.readable)


def _must_exist(kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    from tools.arguments import nearest

    everything = list(known)
    for name in names:
        if name not in everything:
            near = nearest(name, everything)
            hint = f"; did you mean {near}?" if near else ""
            among = f" Toolsets: {', '.join(everything)}" if kind == "toolset" else ""
            raise UnknownNameError(f"there is no {kind} {name!r}{hint}{among}")


def system_of(toolset_name: str) -> str:
    """The system that a toolset belongs to, without loading its declarations."""
    return "luminous" if toolset_name == ADOPTED else MODULES[toolset_name].split(".")[1]


def toolset(name: str) -> Toolset:
    """The declared toolset of that name."""
    module = import_module(MODULES[name])
    declared: Toolset = getattr(module, name)
    return declared


def load(overlay: Mapping[str, Any] | None = None) -> Catalogue:
    """The whole catalogue, with what an overlay adds. Raises tools.overlay.OverlayError when that is malformed."""
    entries, workflows = _declared()
    if overlay is None:
        return Catalogue(entries, None, workflows)
    from tools.overlay import Overlay

    laid = Overlay(overlay)
    return Catalogue(laid.over(entries), laid, workflows)


def _declared() -> tuple[Iterable[Entry], Iterable[WorkflowEntry]]:
    """From the definitions built ahead, or from the declarations when those have changed since."""
    try:
        built = json.loads(DEFINITIONS.read_bytes())
    except (OSError, ValueError):
        built = {}
    if built.get("source") != source_digest():
        return build(), build_workflows()
    return (Entry(**each) for each in built["tools"]), (WorkflowEntry(**each) for each in built["workflows"])


def build() -> Iterator[Entry]:
    """Every entry, made from the declarations."""
    from tools.schema import listed_schema

    for name in MODULES:
        for operation in toolset(name).operations.values():
            yield Entry(
                name=operation.name,
                toolset=name,
                effect=operation.effect.value,
                evidence=operation.evidence.value,
                definition={
                    "name": operation.name,
                    "title": operation.title,
                    "description": operation.description,
                    "inputSchema": listed_schema(operation.arguments, fold=operation.is_update),
                    "annotations": operation.effect.annotations,
                },
            )


def build_workflows() -> Iterator[WorkflowEntry]:
    """Every workflow's entry, made from the declarations."""
    from tools.workflows.workflow import MODULES as NAMES
    from tools.workflows.workflow import find

    for name in NAMES:
        workflow = find(name)
        needs = {system.value: list(operations) for system, operations in workflow.needs.items()}
        yield WorkflowEntry(name, needs, workflow.definition)


def source_digest() -> str:
    """A digest of the declarations' source, by which stale definitions are told. Line ends do not count."""
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        base = ROOT.parent if pattern.startswith("../") else ROOT
        for path in sorted(base.glob(pattern.removeprefix("../"))):
            digest.update(path.name.encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def write_definitions(path: Path = DEFINITIONS) -> None:
    """Build the definitions and store them, one tool a line so that a change is a line in the review."""
    tools, workflows = (
        ",\n".join(json.dumps(vars(entry), separators=(",", ":"), ensure_ascii=False) for entry in entries)
        for entries in (build(), build_workflows())
    )
    text = f'{{"source":"{source_digest()}","workflows":[\n{workflows}\n],"tools":[\n{tools}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_definitions()
