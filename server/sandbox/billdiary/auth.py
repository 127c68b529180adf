"""Finds out who asks: a pair of key and secret in headers of its own or as HTTP Basic, or a bearer token."""

import base64
import binascii
import hmac
from typing import Any

from sqlalchemy import Connection, select
from starlette.datastructures import Headers

from server.sandbox.billdiary.users import OWNER, User
from server.sandbox.tables.billdiary import businesses, users

KEY, SECRET = "x-epos-api-key", "x-epos-api-secret"


def credential(headers: Headers) -> str | None:
    """What proves who asks; None when nothing does. Key and secret are two proofs of one user, so they are alike."""
    if KEY in headers or SECRET in headers:
        return _pair(headers.get(KEY, ""), headers.get(SECRET, ""))
    scheme, _, text = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return text.strip() or None
    return _basic(text.strip()) if scheme.lower() == "basic" else None


def _pair(key: str, secret: str) -> str | None:
    return key if key and hmac.compare_digest(key.encode(), secret.encode()) else None


def _basic(text: str) -> str | None:
    try:
        key, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return _pair(key, secret)


def find_user(connection: Connection, credential: str | None, token: str) -> User | None:
    """The user whose credential it is, in a sandbox with that token."""
    if credential is None or not credential.startswith(token):
        return None
    rest = credential.removeprefix(token)
    if rest and not rest.startswith("-"):
        return None
    query = (
        select(*users.c, *(column for column in businesses.c if column.name not in users.c))
        .join(businesses, businesses.c.id == users.c.business_id)
        .where(users.c.login == (rest[1:] if rest else OWNER))
    )
    row = connection.execute(query).mappings().first()
    return _user(dict(row)) if row is not None else None


def _user(row: dict[str, Any]) -> User:
    location_ids = row["location_ids"]
    return User(
        permissions=frozenset(row["permissions"]),
        location_ids=None if location_ids is None else tuple(location_ids),
        **{name: row[name] for name in User.__slots__ if name not in ("permissions", "location_ids")},
    )
