"""Faults over real HTTP: what a client sees, and what the books hold afterwards."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sandbox.books import Books
from server.sandbox.faults import Fault, FaultsError, Kind, Plan, Rules, read_header, read_rules
from server.sandbox.serve import Stop, serve

HEADER = "X-Sandbox-Fault"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where books of the module's own answer."""
    stop, ready, urls = Stop(), threading.Event(), []

    def said(url: str) -> None:
        urls.append(url)
        ready.set()

    with Books.open(size="small") as books:
        thread = threading.Thread(target=serve, args=(books,), kwargs={"port": 0, "on_ready": said, "stop": stop})
        thread.start()
        assert ready.wait(10)
        yield urls[0]
        stop.now()
        thread.join(10)


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer sandbox"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=10) as client:
        yield client


def pay(client: httpx.Client, fault: str) -> tuple[httpx.Response | None, int]:
    """Pay a cent on a posted bill while something goes wrong; what was answered, and how many payments came of it."""
    bill = client.get("/bills", params={"status": "posted", "per_page": 1}).json()["data"][0]
    path = f"/bills/{bill['id']}"
    before = len(client.get(path).json()["data"]["payments"])
    answer = None
    try:
        body = {"amount": 0.01, "payment_date": "2026-11-20"}
        answer = client.post(f"{path}/payments", json=body, headers={HEADER: fault})
    except httpx.TransportError:
        pass
    return answer, len(client.get(path).json()["data"]["payments"]) - before


@pytest.mark.parametrize("fault", ["cut_before", "status=429 retry_after=7", "status=500", "status=502", "status=503"])
def test_what_goes_wrong_before_leaves_nothing_behind(client: httpx.Client, fault: str) -> None:
    answer, made = pay(client, fault)
    assert made == 0
    if fault == "cut_before":
        assert answer is None
    else:
        assert answer is not None
        assert str(answer.status_code) in fault
        assert answer.headers.get("retry-after") == {429: "7", 503: "1"}.get(answer.status_code)


@pytest.mark.parametrize("fault", ["cut_after", "truncated"])
def test_a_cut_after_the_commit_leaves_a_payment_nobody_heard_of(client: httpx.Client, fault: str) -> None:
    assert pay(client, fault) == (None, 1)


def test_a_spoiled_answer_is_no_sign_that_nothing_happened(client: httpx.Client) -> None:
    answer, made = pay(client, "malformed")
    assert made == 1
    assert answer is not None
    with pytest.raises(ValueError, match=r"Expecting|delimiter|Unterminated"):
        answer.json()
    answer, made = pay(client, "wrong_type")
    assert made == 1
    assert answer is not None
    assert answer.headers["content-type"].startswith("text/html")


def test_slowness_changes_nothing_but_the_time(client: httpx.Client) -> None:
    for fault in ("latency=150", "drip=5"):
        started = time.monotonic()
        answer, made = pay(client, fault)
        assert made == 1
        assert answer is not None
        assert answer.json()["data"]["amount"] == 0.01
        assert time.monotonic() - started > 0.05


def test_several_faults_and_faults_that_are_none(client: httpx.Client) -> None:
    started = time.monotonic()
    assert pay(client, "latency=100, cut_after") == (None, 1)
    assert time.monotonic() - started > 0.1
    answer, made = pay(client, "explode")
    assert made == 0
    assert answer is not None
    assert answer.status_code == 400
    assert "cut_before" in answer.json()["message"]


RULES = """
seed = 3
[[fault]]
kind = "status"
status = 503
method = "post"
path = "*/bills/*/payments"
after = 1
times = 2
"""


def test_rules_of_a_run_strike_where_and_as_often_as_they_say(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(RULES, encoding="utf-8")
    plan = Plan(read_rules(path))
    calls = [("POST", "/external/api/v1/bills/1/payments")] * 5 + [("GET", "/external/api/v1/bills")]
    assert [len(plan.strike(*call)) for call in calls] == [0, 1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fault = 3", "array"),
        ("[[fault]]\nkind = 'explode'", "fault\\[0\\].kind|\\$.fault"),
        ("[[fault]]\nkind = 'drip'\nspeed = 3", "speed"),
        ("[[fault]]\nkind = 'drip'\nrate = 1.5", "rate"),
        ("[[fault]", "line 1"),
    ],
)
def test_rules_that_cannot_be_are_refused_at_the_start(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError, match=said):
        read_rules(path)
    with pytest.raises(FaultsError, match="cannot be read"):
        read_rules(tmp_path / "missing.toml")


@given(rate=st.floats(0, 1), seed=st.integers(0, 99))
def test_a_rate_is_a_share_and_the_seed_decides(rate: float, seed: int) -> None:
    rules = Rules(fault=[Fault(kind=Kind.DRIP, rate=rate)], seed=seed)
    struck = [[len(plan.strike("GET", "/")) for _ in range(400)] for plan in (Plan(rules), Plan(rules))]
    assert struck[0] == struck[1]
    assert abs(sum(struck[0]) - 400 * rate) < 80


@given(text=st.text(max_size=60))
def test_no_header_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(FaultsError):
        assert all(fault.kind in Kind for fault in read_header(text))


def test_the_plain_api_is_untouched(client: httpx.Client) -> None:
    answer: Any = client.get("/bills", params={"per_page": 2})
    assert (answer.status_code, len(answer.json()["data"])) == (200, 2)
