"""Files that go up to an API, and where files that come down are saved."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, WithJsonSchema, model_validator

from schemas.common import Arguments, Mark, Nested, ShortText

MAX_UPLOAD = 5 * 1024 * 1024
"""Bytes of a file that is sent."""

_BASE64 = Annotated[str, Field(max_length=MAX_UPLOAD * 4 // 3 + 4), WithJsonSchema({"type": "string"})]


class FileInput(Nested):
    """A file to send: a path inside the folders that the user allowed (--files), or its content of at most 5 MB."""

    path: str | None = None
    file_name: ShortText | None = None
    content_base64: _BASE64 | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.content_base64 is None):
            raise ValueError("give exactly one of path and content_base64")
        if self.content_base64 is not None and self.file_name is None:
            raise ValueError("give file_name with content_base64")
        return self


class Download(Arguments):
    """Arguments of an operation that answers with a file."""

    save_to: Annotated[str | None, Mark.LOCAL, Mark.UNLISTED] = None
