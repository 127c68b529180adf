"""Where the API is and how to prove who asks."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

_HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:.]+", re.ASCII)
_COMPANY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Connection:
    """One company's API. label: what people call it, shown in plans and the journal."""

    label: str
    base_url: str
    token: SecretStr

    @classmethod
    def to_company(cls, company: str, token: SecretStr) -> Connection:
        """The connection of a customer subdomain. Raises ValueError when the name cannot be one."""
        _check_token(token)
        name = company.strip().lower()
        if not _COMPANY.fullmatch(name):
            raise ValueError(f"{company!r} is no company name; it is the first part of your Luminous address")
        return cls(name, f"https://{name}.api.joinluminous.com/external/api/v1", token)

    @classmethod
    def to_url(cls, base_url: str, token: SecretStr, label: str | None = None) -> Connection:
        """The connection to a given base URL. Raises ValueError unless it is https, or http on loopback."""
        _check_token(token)
        try:
            parts = urlsplit(base_url.strip())
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("the base URL is no address") from None
        if port == 0 or not _HOST.fullmatch(host):
            raise ValueError("the base URL is no address")
        if parts.username or parts.password or parts.query or parts.fragment or not host:
            raise ValueError("the base URL must be scheme, host and path only")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
            raise ValueError("the base URL must be https (http is for loopback addresses only)")
        return cls(label or host, base_url.strip().rstrip("/"), token)


def _check_token(token: SecretStr) -> None:
    text = token.get_secret_value()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            "the API key has characters that no key has (spaces, line breaks, curly quotes); copy it again"
        )


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
