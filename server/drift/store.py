"""Keeps the overlay in the data folder."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MAX_BYTES = 50 * 1024 * 1024


def read(path: Path) -> Mapping[str, Any] | None:
    """What is stored, None where nothing is. Raises OSError, and ValueError when it is no overlay."""
    if not path.exists():
        return None
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError("it is too large")
    try:
        stored = json.loads(path.read_bytes())
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(stored, dict):
        raise ValueError("it holds no object")
    return stored


def write(path: Path, overlay: Mapping[str, Any]) -> None:
    """Store an overlay in place of an earlier one: all of it or nothing. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            json.dump(overlay, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def forget(path: Path) -> bool:
    """Drop the overlay. Returns whether there was one. Raises OSError."""
    if not path.exists():
        return False
    path.unlink()
    return True
