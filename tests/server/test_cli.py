"""The command: what it prints, how it exits, and where its settings come from."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from harness import KEY, PATIENCE, SERVER, Api, environment, reaching, run
from loopback import unused_port

from server.cli import main
from tools import catalogue

DAY = "2026-11-20"
Command = Callable[..., Result]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def command(api: Api, state: Path) -> Command:
    """Runs the command against the sandbox API, without a terminal. The key is in nothing that it prints."""

    def invoke(*arguments: str, key: str = KEY, **settings: str) -> Result:
        variables = {f"LUMINOUS_{name.upper()}": value for name, value in settings.items()}
        env = {"LUMINOUS_BASE_URL": api.base_url, "LUMINOUS_API_KEY": key, "LUMINOUS_STATE": str(state), **variables}
        result = CliRunner().invoke(main, arguments, env=env, prog_name="luminous-mcp")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert key not in result.output
        return result

    return invoke


def payment(bill: dict[str, Any], amount: str = "40.00") -> str:
    return json.dumps({"bill_id": bill["id"], "amount": amount, "payment_date": DAY})


# tools


def test_tools_lists_every_tool_with_effect_evidence_and_cost(command: Command) -> None:
    table = command("tools")
    listed = json.loads(command("tools", "--json").stdout)
    full = catalogue.load()
    known = {entry.name: (entry.effect, entry.evidence) for entry in full} | dict.fromkeys(full.workflows, ("read", ""))
    assert table.exit_code == 0
    assert {row["tool"] for row in listed} == set(known)
    for row in listed:
        assert (row["effect"], row["evidence"]) == known[row["tool"]]
        assert row["tokens"] > 0
        assert f" {row['tool']} " in table.stdout
    assert f"{len(known)} tools in {len({row['toolset'] for row in listed})} toolsets" in table.stdout


@pytest.mark.parametrize("arguments", [["tools", "--json", "--writes", "off"], ["--writes", "off", "tools", "--json"]])
def test_writes_off_lists_no_writes(command: Command, arguments: list[str]) -> None:
    listed = json.loads(command(*arguments).stdout)
    assert len(listed) > 20
    assert {row["effect"] for row in listed} == {"read"}


# call


def test_call_reads(api: Api, command: Command) -> None:
    bill = api.new_bill()
    text = command("call", "get_bill", json.dumps({"bill_id": bill["id"]}))
    structured = command("call", "get_bill", json.dumps({"bill_id": bill["id"]}), "--output", "structured")
    assert (text.exit_code, structured.exit_code) == (0, 0)
    assert f"\nid: {bill['id']}\n" in text.stdout
    assert json.loads(structured.stdout)["record"]["total_due"] == "100.00"
    assert command("call", "list_suppliers").exit_code == 0


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "words"),
    [
        ("get_bil", "{}", 1, "get_bill"),
        ("get_bill", "{}", 1, "bill_id: is required"),
        ("get_bill", '{"bill_id": 17', 2, "no JSON"),
        ("get_bill", "[17]", 2, "JSON object"),
        ("get_bill", "17", 2, "JSON object"),
    ],
)
def test_call_says_what_is_wrong(command: Command, tool: str, arguments: str, code: int, words: str) -> None:
    result = command("call", tool, arguments)
    assert result.exit_code == code
    assert words in result.output
    assert "Traceback" not in result.output


def test_call_of_a_write_changes_nothing_without_a_terminal_and_is_done_with_yes(api: Api, command: Command) -> None:
    bill = api.new_bill()
    pending = command("call", "record_bill_payment", payment(bill))
    assert pending.exit_code == 3
    assert "total_due: 100.00 -> 60.00" in pending.stdout
    assert "--yes" in pending.stderr
    for refusing in ("strict", "off"):
        assert command("call", "record_bill_payment", payment(bill), "--writes", refusing).exit_code == 1
    assert command("call", "record_bill_payment", payment(bill), "--yes", "--writes", "off").exit_code == 1
    assert command("call", "record_bill_payment", payment(bill, "100.01"), "--yes").exit_code == 1
    assert api.bill(bill["id"]) == bill
    done = command("call", "record_bill_payment", payment(bill), "--yes")
    assert done.exit_code == 0
    assert "Done" in done.stdout
    assert api.bill(bill["id"])["total_due"] == 60


@pytest.mark.parametrize(("answer", "code", "due"), [("y", 0, 60), ("n", 1, 100), ("", 1, 100)])
def test_call_of_a_write_asks_the_person_at_the_terminal(
    api: Api, tmp_path: Path, answer: str, code: int, due: int
) -> None:
    if sys.platform == "win32":
        return  # it has no pseudo-terminals
    bill = api.new_bill()
    ours, theirs = os.openpty()
    env = reaching(api.base_url, tmp_path / "journal")
    command = [*SERVER, "call", "record_bill_payment", payment(bill)]
    process = subprocess.Popen(command, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    watch = threading.Timer(PATIENCE, process.kill)
    watch.start()
    shown = b""
    with process, os.fdopen(ours, "r+b", buffering=0) as terminal, contextlib.suppress(OSError):
        # A terminal says by an error that the other side has gone.
        while b"[y/N]" not in shown:
            shown += terminal.read(4096) or b""
        terminal.write(answer.encode() + b"\n")
        while more := terminal.read(4096):
            shown += more
    watch.cancel()
    assert process.returncode == code, shown
    assert b"total_due: 100.00 -> 60.00" in shown
    assert api.bill(bill["id"])["total_due"] == due


# journal


def test_journal_shows_what_was_written(api: Api, command: Command, state: Path) -> None:
    assert "Nothing was written yet" in command("journal").stdout
    assert json.loads(command("journal", "--json").stdout) == []
    assert not state.exists()
    bill = api.new_bill()
    command("call", "record_bill_payment", payment(bill), "--yes")
    command("call", "record_bill_payment", payment(bill, "500.00"), "--yes")
    command("call", "hold_bill", json.dumps({"bill_id": bill["id"]}), "--yes")
    written = json.loads(command("journal", "--json").stdout)
    assert [(each["tool"], each["status"], each["amount"]) for each in written] == [
        ("record_bill_payment", "done", "40.00"),
        ("record_bill_payment", "failed", "500.00"),
        ("hold_bill", "done", None),
    ]
    assert [each["id"] for each in written] == sorted(each["id"] for each in written)
    assert [each["tool"] for each in json.loads(command("journal", "--json", "--limit", "1").stdout)] == ["hold_bill"]
    table = command("journal").stdout
    assert all(word in table for word in ("40.00", "500.00", "failed", f"bill_id {bill['id']}"))


def test_the_journal_of_a_sandbox_in_memory_cannot_be_shown() -> None:
    ended = run(environment(), "journal", "--sandbox")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--state" in ended.stderr


# doctor and serve


def test_doctor_says_whether_the_key_is_good(command: Command) -> None:
    good = command("doctor")
    assert good.exit_code == 0
    assert "key      good" in good.stdout
    assert "read     bills: yes" in good.stdout
    wrong = command("doctor", key="key-that-is-wrong")
    assert wrong.exit_code == 1
    assert "refused" in wrong.stdout


def test_doctor_says_that_nobody_answers(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.upstream.client.TRIES", 1)
    down = command("doctor", base_url=f"http://127.0.0.1:{unused_port()}")
    assert down.exit_code == 1
    assert "not proven" in down.stdout


@pytest.mark.parametrize(
    "address", ["0.0.0.0:1", "[::]:80", "example.com:80", "192.168.1.5:8000", "127.0.0.1", "127.0.0.1:0", "localhost:x"]
)
def test_serving_http_is_refused_anywhere_but_on_this_machine(command: Command, address: str) -> None:
    refused = command("serve", "--http", address)
    assert refused.exit_code == 2
    assert len(refused.stderr.splitlines()) == 1
    assert "--http" in refused.stderr
    assert refused.stdout == ""


# settings


@pytest.fixture
def config(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_an_option_wins_over_the_environment_and_that_over_the_file(
    command: Command, config: Callable[[str], str]
) -> None:
    file = config('writes = "strict"\ncompany = "from-the-file"\n')
    assert "writes   ask" in command("doctor").stdout
    assert "writes   strict" in command("doctor", config=file).stdout
    assert "company  from-the-file" in command("doctor", config=file).stdout
    assert "writes   off" in command("doctor", config=file, writes="off").stdout
    assert "writes   allow" in command("doctor", "--writes", "allow", config=file, writes="off").stdout
    assert "writes   allow" in command("--writes", "allow", "doctor", config=file, writes="off").stdout


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('wirtes = "off"', "wirtes"),
        ('writes = "sometimes"', "writes"),
        ('writes = "off', "config.toml"),
        ("seed = 'x'", "seed"),
        (f'api_key = ["{KEY}"]', "api_key"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(
    command: Command, config: Callable[[str], str], text: str, word: str
) -> None:
    variables = {"api_key": KEY} if "api_key" not in text else {}
    refused = command("doctor", config=config(text), **variables)
    assert refused.exit_code == 2
    assert word in refused.stderr
    assert "Traceback" not in refused.output


def test_the_key_is_taken_from_the_environment_alone(api: Api, config: Callable[[str], str]) -> None:
    file = config(f'api_key = "{KEY}"\nbase_url = "{api.base_url}"\n')
    ended = run(environment() | {"LUMINOUS_CONFIG": file}, "doctor")
    assert ended.returncode == 2
    assert KEY not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "http://example.com"},
        {"base_url": "https://user:pass@example.com"},
        {"base_url": "ftp://127.0.0.1"},
        {"base_url": "", "company": "evil.example/"},
        {"base_url": "", "company": ""},
        {"api_key": " "},
    ],
)
def test_an_address_that_must_not_get_the_key_is_refused(command: Command, settings: dict[str, str]) -> None:
    refused = command("call", "list_bills", **settings)
    assert refused.exit_code == 2
    assert len(refused.stderr.splitlines()) == 1
    assert refused.stdout == ""


# sandbox and demo


def _sandbox(*arguments: str) -> subprocess.Popen[str]:
    command = [*SERVER, "sandbox", "--port", "0", *arguments]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_sandbox_says_its_address_first_keeps_its_books_and_ends_cleanly(tmp_path: Path) -> None:
    numbers = []
    for _ in range(2):
        with _sandbox("--books", str(tmp_path / "kept.books")) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            url = process.stdout.readline().strip()
            headers = {"Authorization": "Bearer sandbox"}
            with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as http:
                numbers.append(http.get("/bills", params={"per_page": 1}).json()["meta"]["total"])
                line = {"description": "Pallets", "quantity": 1, "unit_cost": 1}
                bill = {"vendor_id": 101, "bill_number": f"K-{len(numbers)}", "bill_date": DAY, "items": [line]}
                assert http.post("/bills", json=bill).status_code == 201
            if sys.platform == "win32":
                process.terminate()
                process.wait(PATIENCE)
            else:
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE) == 0
            assert process.stderr.read() == ""
    assert url.startswith("http://127.0.0.1:")
    assert numbers[1] == numbers[0] + 1


def test_a_write_to_the_embedded_books_is_kept_with_books(tmp_path: Path) -> None:
    where = ["--sandbox", "--books", str(tmp_path / "kept.books"), "--state", str(tmp_path), "--output", "structured"]
    env = environment()
    company = json.dumps({"name": "Kept Incorporated"})
    made = run(env, "call", "create_company", company, "--yes", *where)
    assert made.returncode == 0, made.stderr
    company_id = json.loads(made.stdout)["record"]["id"]
    found = run(env, "call", "get_company", json.dumps({"company_id": str(company_id)}), *where)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["record"]["name"] == "Kept Incorporated"


def test_the_embedded_books_have_both_systems(tmp_path: Path) -> None:
    env = environment()
    examined = run(env, "doctor", "--sandbox")
    assert examined.returncode == 0, examined.stderr
    assert examined.stdout.count("key      good") == 2
    assert "read     purchase-returns: yes" in examined.stdout
    where = ["--sandbox", "--books", str(tmp_path / "kept.books"), "--state", str(tmp_path), "--output", "structured"]
    found = run(env, "call", "billdiary_list_purchases", json.dumps({"payment_status": "overdue"}), *where)
    assert found.returncode == 0, found.stderr
    purchase_id = json.loads(found.stdout)["rows"][0]["id"]
    payment = json.dumps({"id": purchase_id, "amount": "0.01", "method": "cash"})
    paid = run(env, "call", "billdiary_record_purchase_payment", payment, "--yes", *where)
    assert paid.returncode == 0, paid.stdout + paid.stderr
    assert json.loads(paid.stdout)["record"]["payment_status"] == "partial"


def test_demo_shows_and_verifies_every_step() -> None:
    ended = run(environment(), "demo")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.rstrip().endswith("Every step was verified.")
    assert "FAILED" not in ended.stdout
    assert ended.stdout.count("verified ") >= 10
    assert ended.stderr == ""


def test_no_command_prints_the_key(api: Api, tmp_path: Path) -> None:
    bill = api.new_bill()
    commands: list[list[str]] = [
        [],
        ["doctor"],
        ["call", "list_bills"],
        ["call", "record_bill_payment", payment(bill), "--yes"],
        ["journal", "--json"],
    ]
    env = reaching(api.base_url, tmp_path)
    processes = [
        subprocess.Popen(
            [*SERVER, *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for arguments in commands
    ]
    for arguments, process in zip(commands, processes, strict=True):
        said, _ = process.communicate(timeout=PATIENCE)
        assert KEY not in said, arguments
