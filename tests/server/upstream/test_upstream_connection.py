"""Where requests, and the key with them, may go."""

import pytest
from pydantic import SecretStr

from server.upstream.connection import Connection
from tools.operation import System

KEY = SecretStr("lum_live_key_Zq81")


@pytest.mark.parametrize("company", ["acme", " Acme\n", "ACME", "a", "7", "a-b-1", "a" * 63])
def test_a_company_is_reached_at_its_own_address(company: str) -> None:
    connection = Connection.to_company(company, KEY)
    name = company.strip().lower()
    assert (connection.label, connection.base_url) == (name, f"https://{name}.api.joinluminous.com/external/api/v1")
    assert connection.headers == {"Authorization": f"Bearer {KEY.get_secret_value()}"}
    assert "lum_live" not in f"{connection!r}{connection}"


@pytest.mark.parametrize(
    "company",
    [
        *("", " ", "-a", "a-", "a" * 64, "a.b", "acme.api.joinluminous.com", "https://acme", "a/b", "a@b", "a:80"),
        *(
            "evil.example/",
            "evil.example#",
            "evil.example?",
            "a\nb",
            "a b",
            "a\u0131",
            "\u0430cme",
            "a_b",
            "a%2e",
        ),
    ],
)
def test_what_cannot_be_a_company_leads_nowhere(company: str) -> None:
    with pytest.raises(ValueError, match="is no company name"):
        Connection.to_company(company, KEY)


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://api.example/v1", "api.example"),
        ("https://api.example:8443/v1/", "api.example"),
        (" HTTPS://api.example ", "api.example"),
        ("http://127.0.0.1:8000/api", "127.0.0.1"),
        ("http://127.9.9.9", "127.9.9.9"),
        ("http://localhost:8000", "localhost"),
        ("http://[::1]:8000/api/", "::1"),
    ],
)
def test_an_address_is_https_or_this_machine(url: str, label: str) -> None:
    connection = Connection.to_url(url, KEY)
    assert (connection.label, connection.base_url) == (label, url.strip().rstrip("/"))
    assert Connection.to_url(url, KEY, "Acme").label == "Acme"


@pytest.mark.parametrize(
    "url",
    [
        *("http://api.example", "http://127.0.0.1.evil.example", "http://localhost.evil.example", "http://0.0.0.0"),
        *(
            "http://127.1.evil.example",
            "http://[::ffff:8.8.8.8]",
            "http://10.0.0.1",
            "http://2130706433",
            "http://[::]",
        ),
        *("ftp://api.example", "file:///etc/passwd", "api.example", "//api.example", "javascript:alert(1)", "", " "),
        *("https://", "https:///v1", "https://:443", "https://api.example?x=1", "https://api.example#x"),
        *("https://api.example:99999", "https://api.example:port", "https://api .example", "https://[::1"),
    ],
)
def test_no_other_address_is_taken(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Connection.to_url(url, KEY)


@pytest.mark.parametrize(
    "url", ["https://ann:s3cret@api.example", "https://ann@api.example", "https://:s3cret@api.example"]
)
def test_credentials_in_an_address_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="scheme, host and path only") as caught:
        Connection.to_url(url, KEY)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "a b", "a\nb", "\u201cabc\u201d", "a\u00e9"])
def test_a_key_that_fits_no_header_is_refused_and_not_repeated(key: str) -> None:
    for make in (
        lambda: Connection.to_url("https://api.example", SecretStr(key)),
        lambda: Connection.to_billdiary(SecretStr("good"), SecretStr(key)),
    ):
        with pytest.raises(ValueError, match="API key") as caught:
            make()
        assert not key or key not in str(caught.value)


def test_billdiary_takes_a_pair_and_nothing_of_it_is_shown() -> None:
    connection = Connection.to_billdiary(SecretStr("k1"), SecretStr("s1"))
    assert connection.headers == {"X-EPOS-API-Key": "k1", "X-EPOS-API-Secret": "s1"}
    assert connection.system is System.BILLDIARY
    assert set(connection.secrets) == {"k1", "s1", "azE6czE="}
    assert "s1" not in repr(connection)
