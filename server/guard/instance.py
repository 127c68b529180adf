"""Whether a process that began a write still lives: it holds a lock on a file of its own beside the journal."""

from __future__ import annotations

import contextlib
import re
import secrets
from pathlib import Path

from filelock import FileLock, Timeout

_NAME = re.compile(r"[0-9a-f]{16}")


class Instance:
    """This process, as others on the same journal see it. Without a path nobody else can."""

    def __init__(self, name: str, lock: FileLock | None) -> None:
        self.name = name
        self._lock = lock

    @classmethod
    def begin(cls, journal: Path | None) -> Instance:
        """Show that this process lives, until it ends, however it ends."""
        name = secrets.token_hex(8)
        if journal is None:
            return cls(name, None)
        # Not a lock of this thread alone: the journal works in whichever thread is free.
        lock = FileLock(_path(journal, name), thread_local=False)
        lock.acquire(timeout=5)
        return cls(name, lock)

    def end(self) -> None:
        """Take the sign of life away."""
        if self._lock is not None:
            self._lock.release()
            Path(self._lock.lock_file).unlink(missing_ok=True)

    @staticmethod
    def is_alive(journal: Path | None, name: str) -> bool:
        """Whether that process lives."""
        if journal is None or not _NAME.fullmatch(name):
            return False
        path = _path(journal, name)
        if not path.exists():
            return False
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            return True
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        return False


def _path(journal: Path, name: str) -> Path:
    return journal.with_name(f"{journal.name}.{name}.alive")
