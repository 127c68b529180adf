"""Drives workers over a sandbox with faults, kills some of them, and counts what became of every write."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from server.guard.journal import Journal
from tests.bench.chaos.work import Books, Task, tasks
from tests.bench.chaos.worker import FastClock

KINDS = ("latency", "cut_before", "cut_after", "truncated", "malformed", "wrong_type", "drip")
ROOT = Path(__file__).parents[3]
"""From where `tests` can be imported."""
STATUSES = (429, 500, 502, 503)


@dataclass(frozen=True)
class Report:
    """What became of the writes."""

    writes: int
    killed: int
    """Processes killed in the middle."""
    done: int
    unsettled: int
    """Not done after all tries, and reported as such."""
    doubled: int
    """On record more than once."""
    lost: int
    """Reported as done, and not on record."""
    unreported: int
    """On record, and neither reported nor journaled as done."""
    open: int
    """Outcomes that the journal leaves open."""
    rows: int
    altered: str
    """What is wrong with the journal, if anything."""
    seconds: float

    @property
    def clean(self) -> bool:
        """Whether nothing went wrong."""
        return not (self.doubled or self.lost or self.unreported or self.altered)


def rules(rate: float, seed: int) -> str:
    """Each kind of fault with an equal share of the rate, on every request."""
    share = rate / (len(KINDS) + len(STATUSES))
    lines = [f"seed = {seed}"]
    lines += [f'[[fault]]\nkind = "{kind}"\nms = {0 if kind == "drip" else 5}\nrate = {share:.5f}' for kind in KINDS]
    lines += [f'[[fault]]\nkind = "status"\nstatus = {status}\nrate = {share:.5f}' for status in STATUSES]
    return "\n".join(lines)


@contextmanager
def sandbox(faults: Path) -> Iterator[str]:
    """A sandbox with these faults; its base URL."""
    command = [sys.executable, "-m", "server.sandbox", "--port", "0", "--faults", str(faults), "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def run(writes: int, *, kills: int, rate: float = 0.2, seed: int = 1, share: int = 50, lanes: int = 2) -> Report:
    """Let workers carry out that many writes, `share` each, `lanes` workers at a time on one journal."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "faults.toml").write_text(rules(rate, seed), encoding="utf-8")
        with sandbox(here / "faults.toml") as url:
            books = Books(url)
            wanted = tasks(writes, books.payable(80), seed)
            start = time.time()
            killed = _work_off(wanted, url, here, start, kills, random.Random(seed), share, lanes)
            report = _judge(wanted, here, books.effects(), killed, FastClock(start), time.monotonic() - started)
            books.close()
    return report


def _work_off(
    wanted: Sequence[Task],
    url: str,
    here: Path,
    start: float,
    kills: int,
    dice: random.Random,
    share: int,
    lanes: int,
) -> int:
    log, left, killed = here / "log.jsonl", list(wanted), 0
    log.touch()
    while left:
        batches = [left[lane * share : (lane + 1) * share] for lane in range(lanes)]
        workers = [_worker(batch, url, here, start) for batch in batches if batch]
        for process in workers:
            if killed < kills:
                # Not a timed kill alone: a share of them comes while the first requests are under way.
                time.sleep(dice.uniform(0.9, 1.6))
                process.kill()
                killed += process.wait() != 0
        for process in workers:
            process.wait()
        told = {each["number"] for each in _told(log)}
        left = [task for task in left if task.number not in told]
    return killed


def _worker(batch: Sequence[Task], url: str, here: Path, start: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bench.chaos.worker", "--url", url, "--start", repr(start)]
    command += ["--journal", str(here / "journal.sqlite3"), "--log", str(here / "log.jsonl")]
    with (here / "stderr.txt").open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT)
    assert process.stdin is not None
    for task in batch:
        process.stdin.write(json.dumps(asdict(task)) + "\n")
    process.stdin.close()
    return process


def _told(log: Path) -> list[dict[str, object]]:
    told = []
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            told.append(json.loads(line))
        except ValueError:
            continue  # The line that was being written when the process was killed.
    return told


def _judge(
    wanted: Sequence[Task], here: Path, effects: dict[str, int], killed: int, clock: FastClock, seconds: float
) -> Report:
    told = {each["number"]: each["said"] for each in _told(here / "log.jsonl")}
    journal = Journal(here / "journal.sqlite3", clock)
    rows, altered = journal.verify()
    written = journal.writes(10**9)
    still_open = sum(each.is_open for each in written)
    journal.close()
    journaled = {_mark_of(each.request) for each in written if each.status in ("done", "unknown", None)}
    done = [task for task in wanted if told.get(task.number) == "done"]
    return Report(
        writes=len(wanted),
        killed=killed,
        done=len(done),
        unsettled=len(wanted) - len(done),
        doubled=sum(count > 1 for count in effects.values()),
        lost=sum(effects.get(task.mark, 0) == 0 for task in done),
        unreported=sum(mark not in journaled for mark in effects),
        open=still_open,
        rows=rows,
        altered=altered or "",
        seconds=seconds,
    )


def _mark_of(request: dict[str, object]) -> str:
    body = request.get("body")
    return str(body.get("reference") or body.get("bill_number") or "") if isinstance(body, dict) else ""
