"""What hosts are shown of each tool: as reviewed, as built ahead, and portable."""

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from snapshots import COMMAND, FOLDER, texts

from tools import catalogue, meta
from tools.operation import Effect

ENTRIES = {entry.name: entry for entry in catalogue.build()}
WORKFLOWS = {entry.name: entry for entry in catalogue.build_workflows()}
META = {
    meta.FIND: "read",
    meta.DESCRIBE: "read",
    meta.CALL_READ: "read",
    meta.CALL_WRITE: "outward",
    meta.CONFIRM: "outward",
    meta.BATCH: "outward",
    meta.UNDO: "outward",
}
"""Tools over tools, and the effect that their annotations stand for: of a call, the gravest that it may have."""
MOST_CHARACTERS = 107_700
"""Of compact JSON that a host which loads every tool puts into the model's context: about 25,000 tokens."""
SHOWN = {name: entry.definition for name, entry in (ENTRIES | WORKFLOWS).items()} | {
    name: meta.definition(name) for name in META
}
NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
SNAPSHOTS = texts()
HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
ANNOTATIONS = {
    effect: dict(zip(HINTS, values, strict=True))
    for effect, values in {
        "read": (True, False, True, False),
        "write": (False, False, False, False),
        "destroy": (False, True, True, False),
        "money": (False, True, False, False),
        "outward": (False, True, False, True),
    }.items()
}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_definitions_are_as_they_were_reviewed(name: str) -> None:
    path = FOLDER / name
    stored = path.read_text(encoding="utf-8") if path.exists() else ""
    changed = "\n".join(
        difflib.unified_diff(stored.splitlines(), SNAPSHOTS[name].splitlines(), "stored", "now", "", "", 2)
    )
    assert not changed, f"{name} changed; when that is meant, run: {COMMAND}\n{changed}"


def test_there_is_a_snapshot_per_toolset_and_no_other() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(SNAPSHOTS), f"run: {COMMAND}"


def test_the_definitions_built_ahead_are_fresh() -> None:
    built = json.loads(catalogue.DEFINITIONS.read_bytes())
    advice = "tools/definitions.json is stale; run: python -m tools.catalogue"
    assert built["tools"] == [vars(entry) for entry in ENTRIES.values()], advice
    assert built["workflows"] == [vars(entry) for entry in WORKFLOWS.values()], advice
    assert built["source"] == catalogue.source_digest(), advice
    assert [*catalogue.load()] == [*ENTRIES.values()], advice
    assert catalogue.load().workflows == WORKFLOWS, advice


def test_stale_or_missing_definitions_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for content in (None, b"{", b'{"source":"of yesterday","tools":[]}'):
        path = tmp_path / "definitions.json"
        if content is not None:
            path.write_bytes(content)
        monkeypatch.setattr(catalogue, "DEFINITIONS", path)
        assert [*catalogue.load()] == [*ENTRIES.values()]
        assert catalogue.load().workflows == WORKFLOWS


def test_what_workflows_need_are_reads_of_their_system() -> None:
    for entry in WORKFLOWS.values():
        assert entry.needs
        for system, operations in entry.needs.items():
            assert operations or entry.name == "summarize_records"  # Any list will do.
            for name in operations:
                assert ENTRIES[name].effect == "read"
                assert catalogue.system_of(ENTRIES[name].toolset) == system


def test_tools_are_grouped_by_toolset_in_the_order_of_modules() -> None:
    assert [*dict.fromkeys(entry.toolset for entry in catalogue.load())] == [*catalogue.MODULES]


def every_schema(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and all schemas inside it."""
    yield schema
    for each in (*schema.get("properties", {}).values(), *schema.get("anyOf", ())):
        yield from every_schema(each)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from every_schema(schema[key])


@pytest.mark.parametrize("name", SHOWN)
def test_input_schemas_are_portable(name: str) -> None:
    schema = SHOWN[name]["inputSchema"]
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert not {"oneOf", "anyOf", "allOf", "not", "enum", "const"} & set(schema)
    assert not re.search(r'"(\$\w+|definitions)":', json.dumps(schema))
    for each in every_schema(schema):
        assert isinstance(each.get("type", ""), str)
        assert "type" in each or "anyOf" in each
        properties = each.get("properties", {})
        assert [key for key in properties if not NAME.fullmatch(key)] == []
        assert set(each.get("required", ())) <= set(properties)
        assert "required" not in each or each["required"]


@pytest.mark.parametrize("name", SHOWN)
def test_every_tool_says_what_it_is_and_does(name: str) -> None:
    definition = SHOWN[name]
    assert set(definition) == {"name", "title", "description", "inputSchema", "annotations"}
    assert definition["name"] == name
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name)
    assert 1 <= len(definition["description"]) <= 300
    assert definition["description"] == " ".join(definition["description"].split())
    assert definition["title"].strip()
    effect = ENTRIES[name].effect if name in ENTRIES else META.get(name, "read")
    assert definition["annotations"] == ANNOTATIONS[effect]


def test_annotations_follow_from_the_effect() -> None:
    assert {effect.value: effect.annotations for effect in Effect} == ANNOTATIONS


def test_descriptions_and_titles_are_unique() -> None:
    for key in ("description", "title"):
        assert [text for text, n in Counter(shown[key] for shown in SHOWN.values()).items() if n > 1] == []


def test_all_tools_fit_into_one_page_of_25000_tokens() -> None:
    page = [
        *(entry.definition for entry in catalogue.load().workflows.values()),
        *(entry.definition for entry in catalogue.load()),
        *map(meta.definition, (meta.BATCH, meta.UNDO, meta.CONFIRM)),
    ]
    names = [tool["name"] for tool in page]
    assert len(page) == len(set(names)) == len(WORKFLOWS) + len(ENTRIES) + 3
    assert [name for name in names if not NAME.fullmatch(name)] == []
    shown = [{key: tool[key] for key in ("name", "description", "inputSchema")} for tool in page]
    text = json.dumps(shown, separators=(",", ":"), ensure_ascii=False)
    assert len(text) < MOST_CHARACTERS, f"{len(text)} characters: shorten schemas or descriptions"
