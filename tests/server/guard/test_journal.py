"""The journal: a chain in which every altered row is found, shared by processes, read at a terminal."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from faulty import PAID_ON, Faulty, called, written
from harness import KEY, Api, connect, environment, house, run
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import loopback
from pydantic import SecretStr
from scribe import NOON, pay

from server.guard.entries import Status
from server.guard.journal import Journal
from server.guard.modes import Writes
from server.upstream.connection import Connection

ROWS = 12
TRIGGERS = ("entry_new", "entry_kept", "entry_stays")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of six writes."""
    path = tmp_path_factory.mktemp("sound") / "journal.sqlite3"
    anyio.run(pay, path, "tester", ROWS // 2)
    return path


def copied(journal: Path, to: Path) -> Path:
    """A copy whose triggers are gone, as whoever alters it would have it."""
    for leftover in to.parent.glob(f"{to.name}*"):
        leftover.unlink()
    shutil.copy(journal, to)
    altered(to, *(f"DROP TRIGGER {name}" for name in TRIGGERS))
    return to


def altered(path: Path, *statements: str, **values: Any) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement, values)


def verdict(path: Path) -> tuple[int, str | None]:
    journal = Journal(path, lambda: NOON)
    try:
        return journal.verify()
    finally:
        journal.close()


# The chain

COLUMNS = [
    "at", "event", "write_id", "key", "subject", "principal", "company", "tool", "effect", "plan_id", "summary",
    "request", "amount", "currency", "payee", "before", "seen", "instance", "status", "detail", "record_id",
    "previous", "hash",
]  # fmt: skip


@settings(max_examples=40)
@given(row=st.integers(1, ROWS), column=st.sampled_from(COLUMNS), value=st.sampled_from(["0", "1.26", "x"]))
def test_verify_names_the_row_that_was_altered(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, row: int, column: str, value: str
) -> None:
    path = copied(sound, tmp_path_factory.getbasetemp() / "altered.sqlite3")
    if column == "event":
        value = "approval"  # The table takes four words only.
    if column == "write_id":
        value = "99"  # And a number.
    altered(path, f"UPDATE entry SET {column} = :value WHERE seq = {row}", value=value)
    assert verdict(path) == (row - 1, f"row {row}: it was altered, or the row before it was")


@settings(max_examples=40)
@given(first=st.integers(1, ROWS), count=st.integers(1, ROWS))
def test_verify_names_the_first_row_that_is_missing(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, first: int, count: int
) -> None:
    path = copied(sound, tmp_path_factory.getbasetemp() / "cut.sqlite3")
    altered(path, f"DELETE FROM entry WHERE seq BETWEEN {first} AND {first + count - 1}")
    sound_rows, wrong = verdict(path)
    assert sound_rows == first - 1
    assert wrong is not None
    assert wrong.startswith(f"row {first}: it is missing")


@settings(max_examples=40)
@given(before=st.integers(1, ROWS))
def test_verify_names_a_row_that_was_put_between_others(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, before: int
) -> None:
    path = copied(sound, tmp_path_factory.getbasetemp() / "grown.sqlite3")
    names = ", ".join(COLUMNS)
    altered(
        path,
        f"UPDATE entry SET seq = -seq - 1 WHERE seq >= {before}",
        "UPDATE entry SET seq = -seq WHERE seq < 0",
        f"INSERT INTO entry (seq, {names}) SELECT {before}, {names} FROM entry WHERE seq = {before + 1}",
    )
    # The copy fits where it was put; the row after it does not any more.
    sound_rows, wrong = verdict(path)
    assert sound_rows in (before - 1, before)
    assert wrong == f"row {sound_rows + 1}: it was altered, or the row before it was"


def test_a_row_that_follows_cut_off_ones_does_not_hide_them(sound: Path, tmp_path: Path) -> None:
    path = copied(sound, tmp_path / "journal.sqlite3")
    altered(path, f"DELETE FROM entry WHERE seq > {ROWS - 3}")
    journal = Journal(path, lambda: NOON)
    journal.conclude(1, Status.DONE)
    journal.close()
    assert verdict(path) == (ROWS - 3, f"row {ROWS - 2}: it is missing")


def test_the_command_says_what_is_wrong_and_fails(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    shutil.copy(sound, path)
    env = environment(LUMINOUS_STATE=str(path))
    whole = run(env, "journal", "--verify")
    assert (whole.returncode, whole.stdout.strip()) == (0, f"{ROWS} rows, all as they were written.")
    copied(sound, path)
    altered(path, "UPDATE entry SET amount = '999.00' WHERE seq = 5")
    broken = run(env, "journal", "--verify")
    assert broken.returncode == 1
    assert "row 5: it was altered" in broken.stdout
    assert "4 rows before it are sound" in broken.stdout


def test_processes_that_write_at_the_same_time_keep_one_whole_chain(tmp_path: Path) -> None:
    path, times = tmp_path / "journal.sqlite3", 25
    scribe = str(Path(__file__).with_name("scribe.py"))
    commands = [[sys.executable, scribe, str(path), name, str(times)] for name in ("ann", "ben", "cem", "dot")]
    for process in [subprocess.Popen(command) for command in commands]:
        assert process.wait(60) == 0
    assert verdict(path) == (2 * times * len(commands), None)
    journal = Journal(path, lambda: NOON)
    writes = journal.writes(1000)
    journal.close()
    assert {each.status for each in writes} == {"done"}
    said = [each.request["body"]["reference"] for each in writes]
    assert len(set(said)) == len(said) == times * len(commands)
    assert list(tmp_path.glob("*.alive")) == []


def test_a_disk_that_was_full_leaves_a_journal_that_works(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal(path, lambda: NOON)
    journal.conclude(1, Status.DONE)
    database = journal._database
    assert database is not None
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")
    journaled = 0
    while journaled < 1000:
        try:
            journal.conclude(1, Status.DONE, "x" * 500)
        except sqlite3.OperationalError as error:
            assert "full" in str(error)  # noqa: PT017 - how many rows fit is not the test's to know
            break
        journaled += 1
    database.execute("PRAGMA max_page_count = 100000")
    journal.conclude(1, Status.DONE)
    verified = journal.verify()
    journal.close()
    assert verified == (journaled + 2, None)


# The first version

FIRST_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    event TEXT NOT NULL CHECK (event IN ('intent', 'outcome')),
    write_id INTEGER,
    principal TEXT, company TEXT, tool TEXT, effect TEXT, plan_id TEXT, summary TEXT,
    request TEXT, amount TEXT, currency TEXT,
    status TEXT, detail TEXT, record_id TEXT
);
CREATE INDEX IF NOT EXISTS entry_write ON entry (write_id);
CREATE TRIGGER IF NOT EXISTS entry_new BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_kept BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""
INTENT = (
    "INSERT INTO entry (at, event, principal, company, tool, effect, plan_id, summary, request, amount, currency)"
    " VALUES (?, 'intent', 'ann', 'test', 'record_bill_payment', 'money', 'plan_x', 'Record bill payment', ?, ?, 'USD')"
)
OUTCOME = "INSERT INTO entry (at, event, write_id, status, detail, record_id) VALUES (?, 'outcome', ?, ?, ?, ?)"


def first_version(path: Path) -> None:
    """A journal as the first version left it: a write that was done, and one whose process ended."""
    at = "2026-11-20T09:00:00.000Z"
    request = json.dumps({"method": "POST", "path": "/bills/7/payments", "body": {"amount": "40.00"}})
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(FIRST_SCHEMA)
        with database:
            database.execute(INTENT, (at, request, "40.00"))
            database.execute(OUTCOME, (at, 1, "done", "status 201", "31"))
            database.execute(INTENT, (at, request, "41.00"))


def test_a_journal_of_the_first_version_is_taken_over_into_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    first_version(path)
    anyio.run(pay, path, "tester", 1)
    assert verdict(path) == (5, None)
    journal = Journal(path, lambda: NOON)
    seen = [(each.id, each.principal, each.amount, each.status, each.record_id) for each in journal.writes()]
    left = [each.id for each in journal.unsettled()]
    journal.close()
    assert seen == [
        (4, "tester", "1.25", "done", "7"),
        (3, "ann", "41.00", None, None),
        (1, "ann", "40.00", "done", "31"),
    ]
    assert left == [3]
    for statement in ("UPDATE entry SET amount = '1'", "DELETE FROM entry"):
        with pytest.raises(sqlite3.IntegrityError):
            altered(path, statement)
    copied(path, tmp_path / "altered.sqlite3")
    altered(tmp_path / "altered.sqlite3", "UPDATE entry SET record_id = '32' WHERE seq = 2")
    assert verdict(tmp_path / "altered.sqlite3")[0] == 1


def test_processes_that_start_at_the_same_time_take_it_over_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    first_version(path)
    scribe = str(Path(__file__).with_name("scribe.py"))
    commands = [[sys.executable, scribe, str(path), name, "1"] for name in ("ann", "ben", "cem")]
    for process in [subprocess.Popen(command) for command in commands]:
        assert process.wait(60) == 0
    assert verdict(path) == (3 + 2 * len(commands), None)


# At a terminal


@pytest.fixture
async def kept(api: Api, tmp_path: Path) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """A journal of three days, with each outcome, and the two bills that it is about."""
    path, upstream = tmp_path / "state" / "journal.sqlite3", Faulty(api.base_url)
    first, second = api.new_bill(), api.new_bill()
    async with house(api.base_url, journal=path, upstream=upstream) as here, connect(here.server, "auto") as client:
        await written(client, "hold_bill", {"bill_id": first["id"]})
        here.clock.advance(days=1)
        await written(client, "unhold_bill", {"bill_id": first["id"]})
        payment = {"bill_id": second["id"], "payment_date": PAID_ON}
        await written(client, "record_bill_payment", {**payment, "amount": "12.34"})
        here.clock.advance(days=1)
        await written(client, "record_bill_payment", {**payment, "amount": "1000.00"})
        upstream.fault = "cut_before"
        await written(client, "record_bill_payment", {**payment, "amount": "23.45"})
    return path, first, second


@pytest.mark.anyio
async def test_the_command_shows_the_writes_that_were_asked_for(
    kept: tuple[Path, dict[str, Any], dict[str, Any]],
) -> None:
    path, first, second = kept
    env = environment(LUMINOUS_STATE=str(path), TZ="UTC")

    def ids(*options: str) -> list[int]:
        ended = run(env, "journal", "--json", *options)
        assert ended.returncode == 0, ended.stderr
        return [each["id"] for each in json.loads(ended.stdout)]

    assert ids() == [1, 3, 5, 7, 9]
    assert ids("--since", "2026-11-22") == [3, 5, 7, 9]
    assert ids("--since", "2026-11-22T12:00:01+00:00") == [7, 9]
    assert ids("--tool", "record_bill_payment") == [5, 7, 9]
    assert ids("--record", str(first["id"])) == [1, 3]
    assert ids("--record", f"/bills/{second['id']}") == [5, 7, 9]
    assert ids("--outcome", "failed") == [7]
    assert ids("--outcome", "unknown") == [9]
    assert ids("--outcome", "done", "--tool", "record_bill_payment", "--since", "2026-11-22") == [5]
    assert ids("--limit", "2") == [7, 9]
    assert ids("--outcome", "begun") == []
    shown = run({**env, "COLUMNS": "300"}, "journal", "--record", str(second["id"])).stdout
    assert "12.34 USD" in shown or f"12.34 {second['currency']}" in shown
    assert "unknown" in shown
    assert run(env, "journal", "--since", "yesterday").returncode == 2


# What is in the file


@pytest.mark.anyio
async def test_the_file_holds_amounts_and_ids_and_no_secret_and_no_file(api: Api, tmp_path: Path) -> None:
    path, bill = tmp_path / "journal.sqlite3", api.new_bill()
    password, card, code = "hunter2-Sekret-4711", "4111111111111111", "9173-code"
    content = f"the content of a scan {uuid.uuid4().hex}".encode()
    long_note = f"{uuid.uuid4().hex} " * 100
    contact = next(each for each in api.get("/contacts", per_page=50)["data"] if each["email"])
    writes: list[tuple[str, dict[str, Any]]] = [
        ("update_bill", {"bill_id": bill["id"], "notes": long_note}),
        ("set_contact_portal_password", {"contact_id": int(contact["id"]), "password": password}),
        (
            "upload_bill_attachment",
            {
                "bill_id": bill["id"],
                "file": {"file_name": "scan.pdf", "content_base64": base64.b64encode(content).decode()},
            },
        ),
        ("record_bill_payment", {"bill_id": bill["id"], "amount": "43.21", "payment_date": PAID_ON}),
        (
            "billdiary_record_purchase_payment",
            {"id": 4321, "amount": "98.76", "method": "card", "card_number": card, "card_security": code},
        ),
    ]
    with loopback(lambda exchange: exchange.json({"data": {"id": 4321, "final_total": 100}})) as other:
        billdiary = Connection.to_billdiary(SecretStr("bd-key-unseen"), SecretStr("bd-secret-unseen"), other.base_url)
        async with (
            house(api.base_url, journal=path, billdiary=billdiary, writes=Writes.ALLOW) as here,
            connect(here.server, "auto") as client,
        ):
            for tool, arguments in writes:
                said = await called(client, tool, arguments)
                assert said["status"] == "done", said
            held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    held += path.read_bytes()
    for secret in (password, card, code, KEY, "bd-key-unseen", "bd-secret-unseen", long_note[:60]):
        assert secret.encode() not in held, secret
    for form in (content, base64.b64encode(content)[:24]):
        assert form not in held
    for known in (
        b"43.21",
        b"98.76",
        b"/purchases/4321/payments",
        f"/bills/{bill['id']}/payments".encode(),
        b"scan.pdf",
    ):
        assert known in held, known
