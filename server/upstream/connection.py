"""Where an API is and how to prove who asks."""

from __future__ import annotations

import base64
import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from tools.operation import System

BILLDIARY_URL = "https://billdiary.com/api/v1/integration"

_HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:.]+", re.ASCII)
_COMPANY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Connection:
    """One company's API. label: what people call it, shown in plans and the journal.

    headers: what proves who asks; never shown. secrets: every text in them that must not get out.
    """

    label: str
    base_url: str
    system: System = System.LUMINOUS
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def to_company(cls, company: str, token: SecretStr) -> Connection:
        """The connection of a Luminous subdomain. Raises ValueError when the name cannot be one."""
        name = company.strip().lower()
        if not _COMPANY.fullmatch(name):
            raise ValueError(f"{company!r} is no company name; it is the first part of your Luminous address")
        return cls.to_url(f"https://{name}.api.joinluminous.com/external/api/v1", token, name)

    @classmethod
    def to_url(
        cls, base_url: str, token: SecretStr, label: str | None = None, system: System = System.LUMINOUS
    ) -> Connection:
        """The connection to a base URL with a bearer token.

        Raises ValueError unless the URL is https, or http on loopback, and the token can be a header.
        """
        secret = _usable(token)
        host = _checked(base_url)
        headers = {"Authorization": f"Bearer {secret}"}
        return cls(label or host, base_url.strip().rstrip("/"), system, headers, (secret,))

    @classmethod
    def to_billdiary(cls, key: SecretStr, secret: SecretStr, base_url: str = BILLDIARY_URL) -> Connection:
        """The connection to BillDiary with a pair of key and secret. Raises ValueError like `to_url`."""
        pair = (_usable(key), _usable(secret))
        _checked(base_url)
        headers = {"X-EPOS-API-Key": pair[0], "X-EPOS-API-Secret": pair[1]}
        basic = base64.b64encode(":".join(pair).encode()).decode()
        return cls("billdiary", base_url.strip().rstrip("/"), System.BILLDIARY, headers, (*pair, basic))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _usable(secret: SecretStr) -> str:
    text = secret.get_secret_value()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            "the API key has characters that no key has (spaces, line breaks, curly quotes); copy it again"
        )
    return text


def _checked(base_url: str) -> str:
    """The host of a base URL that may be called."""
    try:
        parts = urlsplit(base_url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("the base URL is no address") from None
    if parts.username or parts.password or parts.query or parts.fragment or not host:
        raise ValueError("the base URL must be scheme, host and path only")
    if port == 0 or not _HOST.fullmatch(host):
        raise ValueError("the base URL is no address")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("the base URL must be https (http is for loopback addresses only)")
    return host
