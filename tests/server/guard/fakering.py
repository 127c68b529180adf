"""Keyrings for child processes: one that keeps its entries in a file, and ones that go wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class Filed(KeyringBackend):
    """Keeps its entries in the file that FAKERING names."""

    priority = 1.0

    @property
    def _file(self) -> Path:
        return Path(os.environ["FAKERING"])

    def _entries(self) -> dict[str, str]:
        entries: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}
        return entries

    def get_password(self, service: str, username: str) -> str | None:
        return self._entries().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._file.write_text(json.dumps({**self._entries(), f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        entries = self._entries()
        if f"{service} {username}" not in entries:
            raise PasswordDeleteError("no such entry")
        del entries[f"{service} {username}"]
        self._file.write_text(json.dumps(entries))


class Chatty(Filed):
    """Fails with an error of its own that says what was to be kept."""

    def get_password(self, service: str, username: str) -> str | None:
        raise LookupError(f"no prompt for {super().get_password(service, username)}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise LookupError(f"cannot keep {password}")

    def delete_password(self, service: str, username: str) -> None:
        raise LookupError(f"cannot drop {super().get_password(service, username)}")
