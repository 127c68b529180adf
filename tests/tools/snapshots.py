"""Snapshots of the tools' definitions, one file per toolset, so that a change is seen in the review.

`python -m tests.tools.snapshots` writes them anew.
"""

import json
from pathlib import Path

from tools import catalogue

FOLDER = Path(__file__).parents[1] / "snapshots"
COMMAND = "python -m tests.tools.snapshots"


def texts() -> dict[str, str]:
    """What belongs into the folder: text by file name."""
    definitions: dict[str, dict[str, object]] = {name: {} for name in (catalogue.WORKFLOWS, *catalogue.MODULES)}
    for workflow in catalogue.build_workflows():
        definitions[catalogue.WORKFLOWS][workflow.name] = dict(workflow.definition)
    for entry in catalogue.build():
        definitions[entry.toolset][entry.name] = dict(entry.definition)
    return {
        f"{toolset}.json": json.dumps(tools, indent=2, ensure_ascii=False) + "\n"
        for toolset, tools in definitions.items()
    }


def write() -> None:
    """Make the folder hold exactly `texts()`."""
    FOLDER.mkdir(exist_ok=True)
    new = texts()
    for path in FOLDER.glob("*.json"):
        if path.name not in new:
            path.unlink()
    for name, text in new.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
