"""A file as an answer: what it is, a preview, a link to all of it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from server.answers import table
from server.answers.answer import Answer
from server.answers.values import FACT, unfenced
from server.files.shelf import KeptFile, is_text
from server.text import clean

_PREVIEW_TOKENS = 1_500
_PREVIEW_BYTES = 64 * 1024
_LARGEST_PICTURE = 1024 * 1024
_PICTURES = ("image/png", "image/jpeg")


def file_answer(name: str, file: KeptFile, saved: Path | None = None) -> Answer:
    """The answer of an operation that gives a file. saved: where it was written, if it was asked for."""
    facts: dict[str, Any] = {
        "file_name": file.name,
        "content_type": file.content_type,
        "size": len(file.content),
        "uri": file.uri,
    }
    kind = clean(file.content_type, 80) or "unknown type"
    lines = [f"{name}: {kind}, {len(file.content)} bytes; all of it is the resource {file.uri}"]
    if saved is not None:
        facts["saved_to"] = str(saved)
        lines.append(f"Saved to {saved}")
    if is_text(file.content_type):
        shown, more = _preview(file.content)
        facts["preview"] = "\n".join(shown)
        lines += ["<data>", *shown, "</data>"]
        lines += [f"{more} more lines."] if more else []
    blocks: list[dict[str, Any]] = [{"type": "resource_link", **file.link()}]
    if file.content_type in _PICTURES and len(file.content) <= _LARGEST_PICTURE:
        picture = base64.b64encode(file.content).decode()
        blocks.append({"type": "image", "data": picture, "mimeType": file.content_type})
    return Answer("\n".join(lines), {"operation": name, "record": facts}, blocks=tuple(blocks))


def _preview(content: bytes) -> tuple[list[str], int]:
    """The first lines, and how many are left out."""
    lines = content[:_PREVIEW_BYTES].decode("utf-8-sig", "replace").splitlines()
    shown = table.within(_PREVIEW_TOKENS, [unfenced(clean(line, FACT)) for line in lines])
    return shown, max(0, content.count(b"\n") + (not content.endswith(b"\n")) - len(shown)) if content else 0
