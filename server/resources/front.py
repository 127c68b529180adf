"""Everything that can be read as a resource: what there is, and reading it. In wire spelling."""

from __future__ import annotations

from typing import Any

import anyio
from anyio import to_thread

from server.caller import Caller
from server.calls import Calls
from server.files.results import SCHEME as RESULTS
from server.files.results import TEMPLATE as A_RESULT
from server.files.results import PartError
from server.files.shelf import SCHEME as FILES
from server.refused import RefusedError
from server.resources import guide, operations, records
from server.resources.records import JSON, Kind

A_FILE = f"{FILES}{{id}}"
A_TOOL = f"{operations.PREFIX}{{tool}}"
_LONGEST = 2_000
"""Characters of an address; longer ones name nothing."""

NO_SUCH_RESOURCE = "No such resource, or it is no longer kept; call the tool again"


class Resources:
    """The resources of one server."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self._kinds: list[Kind] | None = None
        self._lock = anyio.Lock()

    async def kinds(self) -> list[Kind]:
        """The kinds of records that can be read."""
        async with self._lock:
            if self._kinds is None:
                # Loads every declaration; hosts ask for templates together with the tools, which must not wait for it.
                self._kinds = await to_thread.run_sync(records.kinds_of, self.calls.catalogue)
        return self._kinds

    def listed(self, principal: str) -> list[dict[str, Any]]:
        """The guide, and what was kept for a principal: files and results, the latest first."""
        reads = self.calls.reads
        files = [file.link() for file in reads.shelf.of(principal)]
        return [guide.link(), *files, *reads.results.of(principal)]

    async def templates(self) -> list[dict[str, Any]]:
        """What can be read by filling in an address."""
        return [
            {
                "uriTemplate": A_TOOL,
                "name": "operation",
                "title": "About a tool",
                "description": "Effect, evidence, arguments as JSON Schema, and an example of a call",
                "mimeType": JSON,
            },
            {
                "uriTemplate": A_RESULT,
                "name": "result",
                "title": "Rows kept from a large answer",
                "description": "Rows from..to (the first is 1) of what a list read; format csv or json",
            },
            {
                "uriTemplate": A_FILE,
                "name": "file",
                "title": "A file that a tool gave",
                "description": "Kept for a while for who asked for it",
            },
            *(kind.shown() for kind in await self.kinds()),
        ]

    async def read(self, uri: str, caller: Caller) -> dict[str, Any]:
        """The contents of a resource. Raises RefusedError."""
        contents = self._kept(uri, caller.principal)
        if contents is not None:
            return contents
        if uri == guide.URI:
            return {"uri": uri, "mimeType": guide.MARKDOWN, "text": guide.TEXT}
        if uri.startswith(operations.PREFIX):
            content = operations.described(self.calls, uri.removeprefix(operations.PREFIX))
        else:
            content = await self._record(uri, caller)
        return {"uri": uri, "mimeType": JSON, "text": records.text(content)}

    def _kept(self, uri: str, principal: str) -> dict[str, Any] | None:
        """What was kept for that principal; what is another's is as if it were not there."""
        if uri.startswith(FILES):
            file = self.calls.reads.shelf.find(uri, principal)
            contents = file.contents() if file else None
        elif uri.startswith(RESULTS):
            try:
                contents = self.calls.reads.results.read(uri, principal)
            except PartError as error:
                raise RefusedError(str(error)) from None
        else:
            return None
        if contents is None:
            raise RefusedError(NO_SUCH_RESOURCE)
        return contents

    async def _record(self, uri: str, caller: Caller) -> dict[str, Any]:
        if len(uri) <= _LONGEST:
            for kind, value in records.matching(await self.kinds(), uri):
                return await records.read(self.calls, kind, value, caller)
        raise RefusedError("No such resource. resources/templates/list names what can be read.")
