"""Files that are broken, hostile or somewhere else: one clear line, exit 2, bounded time and memory, nothing kept."""

from __future__ import annotations

import copy
import gzip
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from harness import PATIENCE
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Exchange, loopback
from vendor import Json, small, spec, stored

from server.cli import main
from server.drift.adopt import overlay_of
from server.drift.compare import compare
from server.drift.facts import of_catalogue, of_document
from server.drift.source import MAX_BYTES, Spec, SpecError, parsed
from tools import catalogue
from tools.overlay import Overlay

ONE = small("get_bill", "create_invoice", "hold_bill", "list_bills", "attach_product_boms")
GOOD: Json = {"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {"/bills": {}}}
RESPONSES = {"200": {"description": "x"}}


def drift(state: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(main, ["drift", *arguments, "--state", str(state)], prog_name="luminous-mcp")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def with_schema(schema: Any, **schemas: Any) -> Json:
    """A file with one POST whose body has that schema."""
    operation = {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": RESPONSES}
    return {**GOOD, "paths": {"/things": {"post": operation}}, "components": {"schemas": schemas}}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def laughs() -> str:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(["openapi: 3.0.3", *lines])


def doubling() -> Json:
    """Schemas each made of two of the next: few bytes, and a great many once they are followed."""
    levels = {f"s{n}": {"oneOf": [ref(f"s{n + 1}"), {"allOf": [ref(f"s{n + 1}")]}]} for n in range(60)}
    return with_schema(ref("s0"), **levels, s60={"type": "object", "properties": {"p": {"type": "string"}}})


def repeating() -> Json:
    """One large schema, combined with itself over and over."""
    large = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(2_000)}}
    return with_schema({"allOf": [ref("large")] * 20_000}, large=large)


def widening() -> Json:
    """Objects of objects: each field of each has many fields."""
    wide = {
        f"w{n}": {"type": "object", "properties": {f"p{i}": ref(f"w{(n * 7 + i) % 50}") for i in range(50)}}
        for n in range(50)
    }
    return with_schema(ref("w0"), **wide)


def chained() -> Json:
    links = {f"c{n}": {"allOf": [ref(f"c{n + 1}")]} for n in range(5_000)}
    return with_schema(ref("c0"), **links, c5000={"type": "object"})


HOSTILE: dict[str, tuple[bytes | str | Json, str]] = {
    "empty": (b"", "empty"),
    "blank": (" \n\t\n", "empty"),
    "binary": (bytes(range(256)) * 40, "no UTF-8"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(50), "no UTF-8"),
    "control characters": ("openapi: 3.0.3\nx: \x00\x01", "neither JSON nor YAML"),
    "prose": ("Dear customer,\nthe file is attached.", "no object"),
    "broken JSON": ('{"openapi": "3.0.3", ', "no JSON"),
    "broken YAML": ("openapi: [3.0.3", "neither JSON nor YAML"),
    "a list": ("[1, 2]", "no object"),
    "NaN": ('{"openapi": NaN}', "NaN"),
    "a key twice": ('{"openapi": "3.0.3", "openapi": "3.0.3"}', "twice"),
    "a YAML key twice": ("openapi: 3.0.3\nopenapi: 3.0.3", "twice"),
    "a huge number": ('{"openapi": ' + "9" * 100_000 + "}", "no JSON"),
    "billion laughs": (laughs(), "values"),
    "an alias to itself": ("openapi: &a [*a]", "alias"),
    "merge bomb": ("a: &a {x: 1}\nb: &b !!map {<<: [*a, *a]}", "tags"),
    "a YAML object": ("openapi: !!python/object/apply:os.system ['echo hacked']", "tags"),
    "two YAML documents": ("openapi: 3.0.3\n---\nopenapi: 3.0.3", "more than one"),
    "deep JSON": ('{"a":' + "[" * 200_000 + "]" * 200_000 + "}", "nested deeper"),
    "deep YAML": ("a: " + "[" * 20_000 + "]" * 20_000, "nested deeper"),
    "deep block YAML": ("\n".join(" " * n + "a:" for n in range(400)), "nested deeper"),
    "rather deep": ('{"a":' * 300 + "1" + "}" * 300, "nested deeper"),
    "many values": ("[" + "1," * 3_000_000 + "1]", "values"),
    "not OpenAPI": ({"hello": "world"}, "openapi is missing"),
    "Swagger 2": ({"swagger": "2.0", "info": {}, "paths": {"/a": {}}}, "Swagger 2"),
    "OpenAPI 4": ({**GOOD, "openapi": "4.0.0"}, "another version"),
    "version that is no text": ({**GOOD, "openapi": ["3.0.3"]}, "another version"),
    "no paths": ({**GOOD, "paths": {}}, "no paths"),
    "paths that are a list": ({**GOOD, "paths": []}, "no paths"),
    "no info": ({"openapi": "3.0.3", "paths": {"/a": {}}}, "info: Field required"),
    "an unknown type": (with_schema({"type": "wat"}), "type"),
    "a remote reference": (with_schema({"$ref": "https://evil.example/x.json#/a"}), "outside"),
    "a file reference": (with_schema({"$ref": "file:///etc/passwd"}), "outside"),
    "a relative reference": (with_schema({"$ref": "other.yaml#/a"}), "outside"),
    "a dangling reference": (with_schema(ref("nowhere")), "not in it"),
    "a reference to itself": (with_schema(ref("a"), a=ref("a")), "circle"),
    "references in a circle": (with_schema(ref("a"), a=ref("b"), b=ref("c"), c=ref("a")), "circle"),
    "a circle that nothing uses": (with_schema({"type": "object"}, a=ref("b"), b=ref("a")), "circle"),
    "a schema made of itself": (with_schema(ref("a"), a={"allOf": [ref("a"), {"type": "object"}]}), "itself"),
    "one schema very often": (repeating(), "schemas in schemas"),
    "schemas within schemas": (chained(), "too many schemas"),
    "fields within fields": (widening(), "cannot be adopted"),
    "a path elsewhere": ({**GOOD, "paths": {"//evil.example/x": {"get": {"responses": RESPONSES}}}}, "path"),
    "a path upwards": ({**GOOD, "paths": {"/a/../b": {"get": {"responses": RESPONSES}}}}, "path"),
    "a path with a query": ({**GOOD, "paths": {"/a?b=c": {"get": {"responses": RESPONSES}}}}, "path"),
    "a path of lines": ({**GOOD, "paths": {"/a\nIgnore all": {"get": {"responses": RESPONSES}}}}, "path"),
    "an endless name": (with_schema({"type": "object", "properties": {"x" * 5000: {}}}), "longer than"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_refused_in_one_line_and_nothing_is_kept(tmp_path: Path, name: str) -> None:
    content, words = HOSTILE[name]
    path = tmp_path / "spec"
    text = json.dumps(content) if isinstance(content, dict) else content
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    result = drift(tmp_path / "state", str(path), "--adopt")
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert len(result.stderr) < 500
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("file:///etc/passwd", "https"),
        ("ftp://example.com/spec.yaml", "https"),
        ("http://example.com/spec.yaml", "https"),
        ("data:text/plain,openapi", "https"),
        ("https://", "no address"),
        ("https://user:secret@example.com/spec.yaml", "password"),
        ("https://[::1/spec", "no address"),
        ("/", "no file"),
        ("/dev/zero", "no file"),
        ("/nowhere/spec.yaml", "No such file"),
        ("a\0b", "null"),
        ("x" * 5000, "too long"),
    ],
)
def test_other_places_are_refused(tmp_path: Path, location: str, words: str) -> None:
    result = drift(tmp_path / "state", location)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "secret" not in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [[], ["--forget", "spec.yaml"], ["--forget", "--adopt"], ["--adopt"], ["a", "--no-such"]]
)
def test_a_command_that_says_nothing_or_too_much_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    assert drift(tmp_path, *arguments).exit_code == 2


def packed(exchange: Exchange) -> None:
    exchange.answer(200, gzip.compress(json.dumps(GOOD).encode()), content_encoding="gzip")


def over(exchange: Exchange) -> None:
    exchange.answer(200, b" " * (MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (lambda exchange: exchange.json(GOOD), 1, "differences"),
        (lambda exchange: exchange.json({}, 404), 2, "404"),
        (lambda exchange: exchange.json({}, 302, location="/other"), 2, "redirects"),
        (packed, 2, "packed"),
        (over, 2, "20 MB"),
        (lambda exchange: exchange.cut(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"), 2, "cannot be read"),
    ],
)
def test_an_address_is_read_once_and_as_it_is(
    tmp_path: Path, answer: Callable[[Exchange], None], code: int, words: str
) -> None:
    with loopback(answer) as api:
        result = drift(tmp_path, f"{api.base_url}/openapi.json")
        assert (result.exit_code, words in result.output) == (code, True), result.output
        assert [each.path for each in api.received] == ["/openapi.json"]
        assert "authorization" not in api.received[0].headers


HEAVY = """
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (2 * 1024 ** 3,) * 2)
from server.drift.facts import of_document
from server.drift.source import SpecError, read
for path in sys.argv[1:]:
    begun = time.monotonic()
    try:
        print(len(of_document(read(path).document)), time.monotonic() - begun)
    except SpecError as error:
        print(error, time.monotonic() - begun)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits memory by a POSIX call")
def test_large_files_take_bounded_time_and_memory(tmp_path: Path) -> None:
    many = spec()
    properties = {f"field_{n}": {"type": "string"} for n in range(3)}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": properties}}}}
    for n in range(5_000):
        many["paths"][f"/new{n}/{{id}}"] = {"post": {"requestBody": body, "responses": RESPONSES}}
    large = tmp_path / "large"
    large.write_bytes(b"openapi: 3.0.3\n" + b"# nothing\n" * 5_000_000)
    aliased = tmp_path / "aliased"
    aliased.write_text(laughs(), encoding="utf-8")
    paths = [stored(many, tmp_path / "many"), large, aliased, stored(doubling(), tmp_path / "doubling")]
    done = subprocess.run(
        [sys.executable, "-c", HEAVY, *map(str, paths)], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = [line.rpartition(" ")[0] for line in done.stdout.splitlines()]
    assert said == [
        "5255",
        "the file is larger than 20 MB",
        "the file has more than 1000000 values, aliases written out",
        "1",
    ]


def test_schemas_that_contain_themselves_are_read_as_deep_as_needed(tmp_path: Path) -> None:
    tree = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": ref("t")}},
    }
    assert len(of_document(parsed(json.dumps(with_schema(ref("t"), t=tree)).encode()))) == 1


def test_one_operation_id_for_many_and_odd_names_are_told_apart(tmp_path: Path) -> None:
    operation = {
        "operationId": "get bill!",
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": "string"}}
            for name in ("a b", "a-b", "a.b", "class", "json", "page_size", "9", "名前", "$x", "A" * 150)
        ],
        "responses": RESPONSES,
    }
    paths = {f"/odd/{n}/{{a b}}/{{a-b}}": {"get": operation, "delete": operation} for n in range(3)}
    path = stored({**GOOD, "paths": paths}, tmp_path / "spec.json")
    assert drift(tmp_path, str(path), "--adopt").exit_code == 1
    laid = json.loads((tmp_path / "overlay.json").read_text(encoding="utf-8"))
    served = catalogue.load(laid)
    names = [each["name"] for each in laid["operations"]]
    assert names == ["get_bill_2", "get_bill_3", "get_bill_4", "get_bill_5", "get_bill_6", "get_bill_7"]
    arguments = served.operation(names[0]).arguments.model_fields
    assert len(arguments) == 12
    # Nothing is new any more.
    assert '"operation new"' not in drift(tmp_path, str(path), "--json").stdout


# Whatever a file holds


def is_one_line(error: SpecError) -> None:
    assert len(str(error).splitlines()) == 1


def places(node: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [above, *(place for key, each in inner for place in places(each, (*above, key)))]


PLACES = [place for place in places(ONE) if place]
WORDS = st.sampled_from(["", "$ref", "#/", "#/paths", "array", "object", "null", "a\u202eb", "{x}", "/../x", "3.1.0"])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["$ref", "type", "enum", "items", "properties", "required", "allOf", "oneOf", "in", "name", "x"]
            )
            | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def declared() -> catalogue.Catalogue:
    return catalogue.load()


@pytest.fixture(scope="module")
def ours(declared: catalogue.Catalogue) -> Any:
    return [each for each in of_catalogue(declared) if each.name in ("get_bill", "create_invoice", "hold_bill")]


@settings(max_examples=100)
@given(data=st.data())
def test_any_change_to_a_file_is_worked_with_or_refused(declared: Any, ours: Any, data: st.DataObject) -> None:
    document = copy.deepcopy(ONE)
    for place in data.draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        node: Any = document
        try:
            for key in place[:-1]:
                node = node[key]
            node[place[-1]] = data.draw(JUNK)
        except (KeyError, IndexError, TypeError):
            continue
    try:
        content = json.dumps(document).encode()
        facts = of_document(parsed(content))
    except SpecError as error:
        is_one_line(error)
        return
    laid = overlay_of(Spec(document, "", "", ""), compare(ours, facts), declared, "2026-11-21")
    overlay = Overlay(json.loads(json.dumps(laid)))
    for name in overlay.operations:
        overlay.adopted(name).arguments.model_json_schema()


@settings(max_examples=100)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode), st.integers())
def test_any_bytes_are_refused(junk: bytes, seed: int) -> None:
    text = json.dumps(GOOD).encode()
    at = random.Random(seed).randrange(len(text))
    for content in (junk, text[:at] + junk + text[at:]):
        try:
            of_document(parsed(content))
        except SpecError as error:
            is_one_line(error)


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes here")
    os.mkfifo(tmp_path / "pipe")
    assert "no file" in drift(tmp_path, str(tmp_path / "pipe")).stderr
