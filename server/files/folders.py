"""The folders that the user allowed. Nothing is read or written anywhere else, and nothing is written over."""

from __future__ import annotations

import base64
import binascii
import hashlib
import mimetypes
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from schemas.files import MAX_UPLOAD, FileInput
from server.text import clean
from tools.arguments import InvalidArgumentsError, Problem
from tools.request import FilePart


class Folders:
    """Allowed folders, none by default. Paths are followed to their real end before they are compared."""

    def __init__(self, allowed: Sequence[Path] = ()) -> None:
        self._allowed = tuple(Path(os.path.realpath(each)) for each in allowed)

    def load(self, field: str, given: FileInput) -> FilePart:
        """The file that an argument names. Raises InvalidArgumentsError; the message tells no more than it must."""
        if given.path is not None:
            path = self._inside(f"{field}.path", given.path)
            content = _read(f"{field}.path", path)
            name = given.file_name or path.name
        else:
            content = _decoded(f"{field}.content_base64", given.content_base64 or "")
            name = given.file_name or "file"
        name = clean(Path(name).name, 200) or "file"
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return FilePart(field, name, kind, content)

    def target(self, given: str) -> Path:
        """Where a new file would be written. Raises InvalidArgumentsError when it is outside or exists."""
        path = self._inside("save_to", given)
        if path.exists():
            raise _problem("save_to", "there is a file of that name already; name another")
        return path

    def save(self, given: str, content: bytes) -> Path:
        """Write a new file. Raises InvalidArgumentsError when it is outside, exists, or its folder does not."""
        path = self.target(given)
        try:
            # "x": the check and the creation are one step, so nothing can come in between.
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            raise _problem("save_to", "there is a file of that name already; name another") from None
        except OSError:
            raise _problem("save_to", "cannot be written; name a file in an existing folder") from None
        return path

    def _inside(self, field: str, given: str) -> Path:
        if not self._allowed:
            raise _problem(field, "no folder is allowed; the user allows one by starting the server with --files DIR")
        try:
            os.fsencode(given)
        except ValueError:
            raise _problem(field, "is no path") from None  # Half of a character.
        if "\0" in given:
            raise _problem(field, "is no path")
        candidates = [Path(given)] if Path(given).is_absolute() else [folder / given for folder in self._allowed]
        for candidate in candidates:
            path = Path(os.path.realpath(candidate))
            if any(path.is_relative_to(folder) and path != folder for folder in self._allowed):
                return path
        raise _problem(field, f"is outside the allowed folders: {', '.join(map(str, self._allowed))}")


def digest(content: bytes) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _read(field: str, path: Path) -> bytes:
    try:
        # Opened once and then looked at: what is read is what was checked. O_NONBLOCK: a pipe must not hang the call.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        raise _problem(field, "cannot be read; is it there?") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _problem(field, "is no regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(MAX_UPLOAD + 1)
    finally:
        os.close(descriptor)
    if len(content) > MAX_UPLOAD:
        raise _problem(field, f"is larger than {MAX_UPLOAD // 2**20} MB")
    return content


def _decoded(field: str, text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _problem(field, "is no base64") from None
    if len(content) > MAX_UPLOAD:
        raise _problem(field, f"is larger than {MAX_UPLOAD // 2**20} MB")
    return content


def _problem(field: str, message: str) -> InvalidArgumentsError:
    return InvalidArgumentsError([Problem(field, message)])
