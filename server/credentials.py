"""Keys in the system's keyring, for people who do not want them in their environment."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import SecretStr

from server.settings import data_folder

SERVICE = "luminous-mcp"
LUMINOUS, BILLDIARY = "LUMINOUS_API_KEY", "BILLDIARY_TOKEN"
"""The environment variables that a kept key stands in for."""

_NAMES_FILE = "logins.json"


class KeyringFailedError(Exception):
    """The keyring cannot be used; the text says why, and never what was to be kept."""


def kept(name: str, company: str | None = None) -> SecretStr | None:
    """The key that was kept under that name, if there is one and the keyring opens."""
    entry = _entry(name, company)
    if entry not in _names():
        return None  # Loading the keyring takes longer than everything else at the start.
    import keyring

    try:
        found = keyring.get_password(SERVICE, entry)
    except Exception:  # Each keyring has errors of its own.
        return None
    return SecretStr(found) if found else None


def keep(name: str, secret: SecretStr, company: str | None = None) -> None:
    """Keep a key. Raises KeyringFailedError."""
    import keyring

    entry = _entry(name, company)
    try:
        keyring.set_password(SERVICE, entry, secret.get_secret_value())
        there = keyring.get_password(SERVICE, entry) == secret.get_secret_value()
        _write_names(_names() | {entry} if there else _names() - {entry})
    except Exception as error:  # Each keyring has errors of its own, and their texts may say what was to be kept.
        raise KeyringFailedError(f"the keyring cannot be used ({type(error).__name__}); set {name} instead") from None
    if not there:
        raise KeyringFailedError(f"this keyring keeps nothing; set {name} instead")


def forget(name: str, company: str | None = None) -> bool:
    """Drop a key; whether there was one. Raises KeyringFailedError."""
    import keyring
    from keyring.errors import PasswordDeleteError

    entry = _entry(name, company)
    try:
        keyring.delete_password(SERVICE, entry)
    except PasswordDeleteError:
        return False
    except Exception as error:
        raise KeyringFailedError(f"the keyring cannot be used ({type(error).__name__})") from None
    finally:
        _write_names(_names() - {entry})
    return True


def _entry(name: str, company: str | None) -> str:
    return f"{name}@{company}" if company and name == LUMINOUS else name


def _file() -> Path:
    return data_folder() / _NAMES_FILE


def _names() -> set[str]:
    """Under which names something was kept; never what."""
    try:
        return set(json.loads(_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return set()


def _write_names(names: set[str]) -> None:
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sorted(names)), encoding="utf-8")
