"""Reads an OpenAPI file from a path or an https URL. What is broken, too large or points elsewhere is refused."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml
from openapi_pydantic import parse_obj
from pydantic import ValidationError

from server.text import clean
from server.upstream.connection import is_loopback

MAX_BYTES = 20 * 1024 * 1024
MAX_NODES = 1_000_000
"""Values and keys of a file, after YAML aliases are written out."""
MAX_DEPTH = 100
_WAIT = 10.0
_WHOLE = 60.0
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_VERSION = re.compile(r"3\.(\d+)(\.\d+)?(-\S*)?")
_SHOWN = 120
Document = dict[str, Any]


class SpecError(Exception):
    """The file is no OpenAPI 3.x file that can be worked with. One line that says why."""


@dataclass(frozen=True)
class Spec:
    """An OpenAPI file that was read. title and version are the vendor's, made harmless."""

    document: Document
    sha256: str
    title: str
    version: str


def read(location: str) -> Spec:
    """Read, check and parse the file at a path or URL. Raises SpecError."""
    content = _fetched(location) if _is_url(location) else _loaded(Path(location))
    document = parsed(content)
    info = document["info"]
    return Spec(
        document,
        hashlib.sha256(content).hexdigest(),
        clean(str(info.get("title", "")), _SHOWN),
        clean(str(info.get("version", "")), 40),
    )


def _is_url(location: str) -> bool:
    # One letter and a colon is a drive.
    return _SCHEME.match(location) is not None


def _loaded(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SpecError(f"{path} is no file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SpecError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > MAX_BYTES:
        raise SpecError(_too_large())
    return content


def _fetched(url: str) -> bytes:
    _check_address(url)
    deadline = time.monotonic() + _WHOLE
    content = bytearray()
    # What is packed could unpack to anything, so it is asked for as it is.
    headers = {"Accept-Encoding": "identity", "Accept": "application/json, application/yaml, text/yaml, */*"}
    try:
        with (
            httpx.Client(timeout=_WAIT, follow_redirects=False, headers=headers) as http,
            http.stream("GET", url) as response,
        ):
            if response.is_redirect:
                raise SpecError("the address redirects to another one; give that one")
            if response.status_code != 200:
                raise SpecError(f"the address answers with status {response.status_code}")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise SpecError("the address answers packed content, which is not unpacked here")
            for chunk in response.iter_raw():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise SpecError(_too_large())
                if time.monotonic() > deadline:
                    raise SpecError(f"the address took longer than {_WHOLE:.0f} seconds")
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise SpecError(f"the address cannot be read: {clean(str(error), _SHOWN) or type(error).__name__}") from None
    return bytes(content)


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise SpecError("that is no address") from None
    if not host and parts.scheme in ("http", "https"):
        raise SpecError("that is no address")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise SpecError("only files and https addresses are read (http from loopback addresses)")
    if parts.username or parts.password:
        raise SpecError("an address with a password in it is not read")


def _too_large() -> str:
    return f"the file is larger than {MAX_BYTES // 1024 // 1024} MB"


def parsed(content: bytes) -> Document:
    """The document in a file's bytes, safe to walk and valid OpenAPI 3.x. Raises SpecError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError("the file is no UTF-8 text") from None
    if not text.strip():
        raise SpecError("the file is empty")
    document = _json(text) if text.lstrip().startswith(("{", "[")) else _yaml(text)
    if not isinstance(document, dict):
        raise SpecError("the file is no OpenAPI 3.x file: it holds no object")
    _check_tree(document)
    _check_references(document)
    return _validated(document)


def _json(text: str) -> Any:
    # Before anything is built: each value but the first stands after one of these.
    if sum(text.count(each) for each in ",[{") > 2 * MAX_NODES:
        raise SpecError(f"the file has more than {MAX_NODES} values")
    try:
        return json.loads(text, parse_constant=_no_number, object_pairs_hook=_unique)
    except RecursionError:
        raise SpecError(_too_deep()) from None
    except ValueError as error:
        raise SpecError(f"the file is no JSON: {clean(str(error), _SHOWN)}") from None


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> Document:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise SpecError("the file has an object with one key twice")
    return made


_PLAIN = (
    (re.compile(r"~|null|Null|NULL|"), lambda text: None),
    (re.compile(r"true|True|TRUE"), lambda text: True),
    (re.compile(r"false|False|FALSE"), lambda text: False),
    (re.compile(r"[-+]?[0-9]{1,400}"), int),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)
"""Unquoted words of YAML 1.2 that are no text. In YAML 1.1 an enumerated `no` or a date would be more of them."""


@dataclass
class _Open:
    """A YAML mapping or list that is being read. size: values in it so far, aliases written out."""

    made: Any
    anchor: str | None
    size: int = 1
    key: str | None = None

    def add(self, value: Any, size: int) -> None:
        self.size += size
        if self.size > MAX_NODES:
            raise SpecError(f"the file has more than {MAX_NODES} values, aliases written out")
        if isinstance(self.made, list):
            self.made.append(value)
        elif self.key is None:
            # Status codes are often written as numbers.
            if isinstance(value, dict | list):
                raise SpecError("the file has a mapping as a key")
            self.key = value if isinstance(value, str) else json.dumps(value)
        else:
            if self.key in self.made:
                raise SpecError("the file has an object with one key twice")
            self.made[self.key] = value
            self.key = None


def _yaml(text: str) -> Any:
    try:
        return _built(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, RecursionError) or "nesting depth" in str(error):
            raise SpecError(_too_deep()) from None  # PyYAML has a limit of its own since 6.0.4.
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark else ""
        problem = clean(str(getattr(error, "problem", None) or error), _SHOWN)
        raise SpecError(f"the file is neither JSON nor YAML: {problem}{place}") from None


def _built(events: Iterator[Any]) -> Any:
    """The value that YAML events say. Tags make no objects; an alias counts as much as what it stands for."""
    root = _Open([], None)
    above = [root]
    anchors: dict[str, tuple[Any, int]] = {}
    for event in events:
        if getattr(event, "tag", None) is not None and event.tag != "!":
            raise SpecError("the file has YAML tags, which have no place in OpenAPI")
        if isinstance(event, yaml.DocumentStartEvent) and root.made:
            raise SpecError("the file has more than one YAML document")
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            above.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))
            if len(above) > MAX_DEPTH + 1:
                raise SpecError(_too_deep())
            continue
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            ended = above.pop()
            value, size, anchor = ended.made, ended.size, ended.anchor
        elif isinstance(event, yaml.ScalarEvent):
            value, size, anchor = _scalar(event), 1, event.anchor
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                raise SpecError("the file has a YAML alias to something that is not there, or that it is in itself")
            (value, size), anchor = anchors[event.anchor], None
        else:
            continue
        if anchor:
            anchors[anchor] = value, size
        above[-1].add(value, size)
    return root.made[0] if root.made else None


def _scalar(event: Any) -> Any:
    if event.implicit[0]:
        for pattern, made in _PLAIN:
            if pattern.fullmatch(event.value):
                return made(event.value)
    return event.value


def _too_deep() -> str:
    return f"the file is nested deeper than {MAX_DEPTH} levels"


def _check_tree(document: Document) -> None:
    """Depth and size; and no reference leaves the file."""
    waiting: list[tuple[Any, int]] = [(document, 1)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if seen > MAX_NODES:
            raise SpecError(f"the file has more than {MAX_NODES} values")
        if depth > MAX_DEPTH:
            raise SpecError(_too_deep())
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#/"):
                raise SpecError(f"the file refers to something outside it: $ref {clean(reference, _SHOWN)!r}")
            if node.get("required") == []:
                del node["required"]  # Generators write it often; the parser rightly calls it invalid in 3.0.
            waiting += ((each, depth + 1) for each in node.values())
        elif isinstance(node, list):
            waiting += ((each, depth + 1) for each in node)


def _check_references(document: Document) -> None:
    """Every reference leads somewhere, and not back to itself."""
    ends: set[str] = set()
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(reference := node.get("$ref"), str):
                _follow(document, reference, ends)
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _follow(document: Document, reference: str, ends: set[str]) -> None:
    passed: set[str] = set()
    while reference not in ends:
        if reference in passed:
            raise SpecError(f"the file refers in a circle: $ref {clean(reference, _SHOWN)!r}")
        passed.add(reference)
        target = pointed(document, reference)
        following = target.get("$ref") if isinstance(target, dict) else None
        if not isinstance(following, str):
            break
        reference = following
    ends |= passed


def pointed(document: Document, reference: str) -> Any:
    """What a reference inside the document points at. Raises SpecError."""
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isascii() and key.isdigit() and len(key) < 8 and int(key) < len(node):
            node = node[int(key)]
        else:
            raise SpecError(f"the file refers to something that is not in it: $ref {clean(reference, _SHOWN)!r}")
    return node


def _validated(document: Document) -> Document:
    said = document.get("openapi")
    if "swagger" in document:
        raise SpecError("the file is a Swagger 2 file; OpenAPI 3.x is needed")
    version = _VERSION.fullmatch(str(said)) if said is not None else None
    if version is None:
        raise SpecError("the file is no OpenAPI 3.x file: openapi is missing or another version")
    if not isinstance(document.get("paths"), dict) or not document["paths"]:
        raise SpecError("the file has no paths")
    # The parser knows the releases of its time; later ones add to 3.1.
    known = {**document, "openapi": "3.0.3" if version[1] == "0" else "3.1.0"}
    try:
        parse_obj(known)
    except ValidationError as error:
        # Each place may be a reference or the thing itself: of those the thing was meant, and what got furthest.
        errors = error.errors(include_url=False, include_input=False)
        first = max(errors, key=lambda each: ("Reference" not in each["loc"], len(each["loc"])))
        place = ".".join(str(each) for each in first["loc"][1:])
        raise SpecError(f"the file is no valid OpenAPI: {clean(place, 200)}: {clean(first['msg'], _SHOWN)}") from None
    except RecursionError:
        raise SpecError(_too_deep()) from None
    return document
