"""The table of tools in the README, made from the catalogue. `python -m tests.tools.readme_table` rewrites it."""

from __future__ import annotations

from pathlib import Path

from tools import catalogue

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- tools: python -m tests.tools.readme_table -->", "<!-- /tools -->"


def table() -> str:
    """One row a toolset: how many operations, by effect, and their names."""
    lines = ["| toolset | read | write | destroy | money | outward | tools |", "|---|---|---|---|---|---|---|"]
    workflows = ", ".join(f"`{name}`" for name in catalogue.load().workflows)
    lines.append(f"| {catalogue.WORKFLOWS} ({len(catalogue.load().workflows)}) | | | | | | {workflows} |")
    entries = list(catalogue.load())
    for toolset in catalogue.MODULES:
        of = [entry for entry in entries if entry.toolset == toolset]
        counts = [
            sum(entry.effect == effect for entry in of) for effect in ("read", "write", "destroy", "money", "outward")
        ]
        names = ", ".join(f"`{entry.name}`" for entry in of)
        cells = " | ".join(str(count or "") for count in counts)
        lines.append(f"| {toolset} ({len(of)}) | {cells} | {names} |")
    return "\n".join(lines)


def rewritten(text: str) -> str:
    """The README with the table as it should be."""
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
