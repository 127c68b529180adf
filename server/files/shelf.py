"""Files that came from an API, kept in memory for a while and read as resources by who asked for them."""

from __future__ import annotations

import base64
import secrets
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SCHEME = "luminous://files/"
_MOST = 50
_MOST_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True)
class KeptFile:
    """A file on the shelf."""

    uri: str
    name: str
    content_type: str
    content: bytes
    principal: str

    def link(self) -> dict[str, Any]:
        """As a resource in a list or a tool result, in wire spelling."""
        return {"uri": self.uri, "name": self.name, "mimeType": self.content_type, "size": len(self.content)}

    def contents(self) -> dict[str, Any]:
        """As the contents of a resource, in wire spelling: text where it is text."""
        known = {"uri": self.uri, "mimeType": self.content_type}
        if is_text(self.content_type):
            return {**known, "text": self.content.decode("utf-8-sig", "replace")}
        return {**known, "blob": base64.b64encode(self.content).decode()}


class Shelf:
    """The latest files, bounded in number and bytes."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, KeptFile] = OrderedDict()

    def keep(self, principal: str, name: str, content_type: str, content: bytes) -> KeptFile:
        """Put a file on the shelf; the oldest ones make room."""
        file = KeptFile(f"{SCHEME}{secrets.token_urlsafe(12)}", name, content_type, content, principal)
        self._files[file.uri] = file
        while len(self._files) > _MOST or sum(len(each.content) for each in self._files.values()) > _MOST_BYTES:
            self._files.popitem(last=False)
        return file

    def of(self, principal: str) -> Iterator[KeptFile]:
        """Files that a principal asked for, newest first."""
        return (file for file in reversed(self._files.values()) if file.principal == principal)

    def find(self, uri: str, principal: str) -> KeptFile | None:
        """A file of that principal, or None."""
        file = self._files.get(uri)
        return file if file is not None and file.principal == principal else None


def is_text(content_type: str) -> bool:
    """Whether content of a type can be read as text."""
    return content_type.startswith("text/") or content_type in (
        "application/csv",
        "application/json",
        "application/xml",
    )
