"""Reading the policy: exact to the cent, and what cannot be used is refused with file and line."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from pathlib import Path

import pytest
from harness import Api, reaching, run
from hypothesis import given, settings
from hypothesis import strategies as st

from server.guard import policy as policy_module
from server.guard.policy import Decision, Policy, PolicyError, read_policy
from tools import catalogue

KNOWN = catalogue.load()
CENT = Decimal("0.01")


def read(folder: Path, text: str) -> Policy:
    path = folder / f"{uuid.uuid4().hex}.toml"
    path.write_text(text, encoding="utf-8")
    return read_policy(path, {entry.name: entry.effect for entry in KNOWN}, KNOWN.toolsets)


def test_the_documented_example_is_read_to_the_cent(tmp_path: Path) -> None:
    example = (policy_module.__doc__ or "").partition("\n\n")[2]
    found = read(tmp_path, example)
    assert found.companies == ("acme",)
    assert found.tools == {"delete_bill_payment": Decision.DENY}
    assert found.limits.per_vendor_per_day == {"USD": Decimal("8000.50")}
    assert found.limits.writes_per_hour == 60
    assert found.four_eyes is not None
    assert found.four_eyes.above == {"USD": Decimal(2500)}
    assert found.quiet_hours is not None
    assert (found.quiet_hours.start, found.quiet_hours.end) == (dt.time(20), dt.time(6, 30))


@given(st.decimals(min_value=CENT, max_value=Decimal("99999999999999.99"), places=2))
@settings(max_examples=50)
def test_an_amount_is_read_exactly_as_it_is_written(tmp_path_factory: pytest.TempPathFactory, amount: Decimal) -> None:
    found = read(tmp_path_factory.getbasetemp(), f'[limits]\nper_write = {{ USD = {amount}, EUR = "{amount}" }}\n')
    assert found.limits.per_write == {"USD": amount, "EUR": amount}
    assert {type(each) for each in found.limits.per_write.values()} == {Decimal}


UNUSABLE = {
    "unknown key": ('# mine\ncompanys = ["acme"]', 2, "companys"),
    "unknown table": ("\n[limit]\nper_write = { USD = 5 }", 2, "limit"),
    "unknown limit": ("[limits]\nper_write = { USD = 5 }\nper_week = { USD = 5 }", 3, "limits.per_week"),
    "unknown limit, dotted": ("# a\nlimits.per_week = { USD = 5 }", 2, "limits.per_week"),
    "unknown limit, quoted": ("[limits]\n\n'per week' = { USD = 5 }", 3, "limits.per week"),
    "another spelling of from": ('[quiet_hours]\nto = "06:00"\nstart = "20:00"', 3, "quiet_hours.start"),
    "unknown effect": ('[effects]\nmoney = "person"\nread = "deny"', 3, "effects.read"),
    "unknown decision": ('[effects]\nwrite = "confirm"\nmoney = "maybe"', 3, "effects.money"),
    "unknown toolset": ('[toolsets]\nbils = "deny"', 2, "did you mean bills?"),
    "unknown tool": (
        '[tools]\npost_bill = "deny"\nrecord_bill_paymnt = "deny"',
        3,
        "did you mean record_bill_payment?",
    ),
    "a tool that reads": ('[tools]\nget_bill = "deny"', 2, "only reads"),
    "a list where a table belongs": ("limits = [5]", 1, "limits"),
    "no amount": ('[limits]\nper_write = { USD = "much" }', 2, "limits.per_write.USD: must be an amount"),
    "no amount but a truth": ("[limits]\nper_day = { USD = true }", 2, "must be an amount"),
    "nothing": ("[limits.per_write]\nEUR = 1\nUSD = 0", 3, "more than zero"),
    "less than nothing": ("[limits.per_write]\nUSD = -5", 2, "more than zero"),
    "half a cent": ("[limits.per_write]\nUSD = 0.005", 2, "two decimals"),
    "infinite": ("[limits.per_write]\nUSD = inf", 2, "more than zero"),
    "not a number": ("[limits.per_write]\nUSD = nan", 2, "more than zero"),
    "beyond all counting": ("[limits.per_write]\nUSD = 1e30", 2, "limits.per_write.USD"),
    "no currency": ("[limits.per_write]\nusd = 5", 2, "limits.per_write.usd"),
    "no writes at all": ("[limits]\nwrites_per_hour = 0", 2, "limits.writes_per_hour"),
    "half a write": ("[limits]\nwrites_per_hour = 1.5", 2, "limits.writes_per_hour"),
    "no window": ("repeat_window_hours = 0", 1, "repeat_window_hours"),
    "a day as a number": ("books_closed_through = 20261031", 1, "must be a day"),
    "no company": ("# none\ncompanies = []", 2, "companies: the list is empty"),
    "companies as a text": ('companies = "acme"', 1, "companies"),
    "a limit that the day's stops": (
        "[limits]\nper_day = { USD = 5 }\nper_write = { USD = 5.01 }",
        3,
        "limits.per_write.USD: is more than per_day allows",
    ),
    "a limit that the vendor's stops": (
        "[limits.per_vendor_per_day]\nUSD = 5\n[limits.per_write]\nEUR = 1\nUSD = 6",
        5,
        "more than per_vendor_per_day allows",
    ),
    "four eyes that are never needed": (
        "[limits]\nper_write = { USD = 5 }\n[four_eyes]\nabove = { USD = 5 }",
        4,
        "four_eyes.above.USD: is never reached",
    ),
    "four eyes without an amount": ("[four_eyes]", 1, "four_eyes.above"),
    "half of the hours": ('[quiet_hours]\nfrom = "20:00"', 1, "quiet_hours: from and to go together"),
    "no hours": ('[quiet_hours]\nzone = "UTC"', 1, "needs from and to, or days"),
    "hours of no length": ('[quiet_hours]\nfrom = "20:00"\nto = "20:00"', 1, "leaves nothing quiet"),
    "an hour that no day has": ('[quiet_hours]\nto = "06:00"\nfrom = "24:30"', 3, "quiet_hours.from"),
    "a day that no week has": ('[quiet_hours]\ndays = ["sat",\n"someday"]', 2, "quiet_hours.days"),
    "every day": ('[quiet_hours]\ndays = ["mon","tue","wed","thu","fri","sat","sun"]', 1, "all days are quiet"),
    "no zone": ('[quiet_hours]\ndays = ["sat"]\nzone = "Mars/Olympus"', 1, "no time zone Mars/Olympus"),
    "a zone out of the folder": ('[quiet_hours]\ndays = ["sat"]\nzone = "../../etc/passwd"', 1, "no time zone"),
    "a key twice": ("repeat_window_hours = 2\n\nrepeat_window_hours = 3", 3, "overwrite"),
    "no TOML": ("companies = [\n'acme'", 2, "array"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_used_is_refused_with_file_and_line(tmp_path: Path, case: str) -> None:
    text, line, words = UNUSABLE[case]
    for spelled in (text, text.replace("\n", "\r\n")):
        path = tmp_path / "rules.toml"
        path.write_bytes(spelled.encode())
        with pytest.raises(PolicyError) as error:
            read_policy(path, {entry.name: entry.effect for entry in KNOWN}, KNOWN.toolsets)
        assert str(error.value).startswith(f"{path}, line {line}: "), error.value
        assert words in str(error.value)


def test_a_file_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    with pytest.raises(PolicyError, match=r"rules\.toml: No such file"):
        read_policy(path, {}, ())
    path.write_bytes(b"# fine\ncompanies = ['\xff']")
    with pytest.raises(PolicyError, match=r"rules\.toml, line 2: this is not UTF-8"):
        read_policy(path, {}, ())


def test_a_server_does_not_start_with_a_policy_that_cannot_be_used(api: Api, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[tools]\n\npost_bil = "deny"\n')
    ended = run(reaching(api.base_url, tmp_path / "journal"), "--policy", str(rules))
    assert ended.returncode == 2
    assert f"{rules}, line 3: tools.post_bil: there is no such tool; did you mean post_bill?" in ended.stderr
    assert "Traceback" not in ended.stderr
