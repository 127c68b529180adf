"""All operations by name. The definitions that hosts list are built ahead; declarations load when they are called."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.operation import Operation, Toolset

MODULES: Mapping[str, str] = {
    "bills": "tools.luminous.bills",
    "invoices": "tools.luminous.invoices",
    "suppliers": "tools.luminous.suppliers",
    "companies": "tools.luminous.companies",
}
"""Where each toolset is declared, in the order in which tools are listed."""

ROOT = Path(__file__).parent
DEFINITIONS = ROOT / "definitions.json"
_SOURCES = ("luminous/*.py", "operation.py", "schema.py", "../schemas/*.py", "../schemas/luminous/*.py")


@dataclass(frozen=True)
class Entry:
    """One tool as hosts see it. definition: the members of an MCP tool, in wire spelling."""

    name: str
    toolset: str
    effect: str
    evidence: str
    definition: Mapping[str, Any]


class UnknownToolError(LookupError):
    """No tool has that name. nearest: the name that is most like it."""

    def __init__(self, name: str, nearest: str | None) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = nearest


class Catalogue:
    """The operations that are enabled, in a fixed order."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = {entry.name: entry for entry in entries}

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def toolsets(self) -> dict[str, int]:
        """Number of operations by toolset."""
        counts: dict[str, int] = {}
        for entry in self:
            counts[entry.toolset] = counts.get(entry.toolset, 0) + 1
        return counts

    def operation(self, name: str) -> Operation:
        """The declaration of a tool. Raises UnknownToolError."""
        entry = self.entries.get(name)
        if entry is None:
            from tools.arguments import nearest

            raise UnknownToolError(name, nearest(name, self.entries))
        return toolset(entry.toolset).operations[name]

    def reads_only(self) -> Catalogue:
        """The same without anything that writes."""
        return Catalogue(entry for entry in self if entry.effect == "read")


def toolset(name: str) -> Toolset:
    """The declared toolset of that name."""
    module = import_module(MODULES[name])
    declared: Toolset = getattr(module, name)
    return declared


def load() -> Catalogue:
    """The whole catalogue: from the definitions built ahead, or from the declarations when those have changed since."""
    try:
        built = json.loads(DEFINITIONS.read_bytes())
    except (OSError, ValueError):
        built = {}
    if built.get("source") != source_digest():
        return Catalogue(build())
    return Catalogue(Entry(**each) for each in built["tools"])


def build() -> Iterator[Entry]:
    """Every entry, made from the declarations."""
    from tools.schema import input_schema

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
                    "inputSchema": input_schema(operation.arguments),
                    "annotations": operation.effect.annotations,
                },
            )


def source_digest() -> str:
    """A digest of the declarations' source, by which stale definitions are told. Line ends do not count."""
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        base, _, name = pattern.rpartition("/")
        for path in sorted((ROOT / base).glob(name)):
            digest.update(path.name.encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def write_definitions(path: Path = DEFINITIONS) -> None:
    """Build the definitions and store them, one tool a line so that a change is a line in the review."""
    lines = ",\n".join(json.dumps(vars(entry), separators=(",", ":"), ensure_ascii=False) for entry in build())
    path.write_text(f'{{"source":"{source_digest()}","tools":[\n{lines}\n]}}\n', encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_definitions()
