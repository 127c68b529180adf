"""Whatever is called in whatever order: without a confirmation nothing is written, in no mode but `allow`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import mcp_types as types
import pytest
from desk import FITTING, Recording
from harness import ERAS, Api, connect, house
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.caller import Caller
from server.calls import Surface
from server.guard.modes import Writes
from server.guard.policy import Policy
from tools import catalogue

KNOWN_WRITES = [entry for entry in catalogue.load() if entry.effect != "read"]
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [1, 7, "2.50", "2026-11-20", "plan_AAAAAAAAAAAAAAAAAAAAAA", True, None, [], {}, "../bills"]
)


def fitting(entry: catalogue.Entry) -> dict[str, Any]:
    schema = entry.definition["inputSchema"]
    return {name: FITTING[schema["properties"][name].get("type", "string")] for name in schema.get("required", ())}


@st.composite
def _write(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A call of a tool that writes: mostly one that fits, sometimes spoilt, sometimes meant as a repeat."""
    entry = draw(st.sampled_from(KNOWN_WRITES))
    arguments = fitting(entry)
    names = sorted(entry.definition["inputSchema"]["properties"])
    if names and draw(st.sampled_from([True, False])):
        arguments[draw(st.sampled_from(names))] = draw(VALUES)
    if draw(st.integers(0, 3)) == 0:
        arguments["repeat"] = draw(st.sampled_from([True, False, "true"]))
    return entry.name, arguments


def _through(door: str) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return _write().map(lambda call: (door, {"name": call[0], "arguments": call[1]}))


def _batch(calls: list[tuple[str, dict[str, Any]]]) -> tuple[str, dict[str, Any]]:
    return "plan_batch", {"writes": [{"tool": tool, "arguments": arguments} for tool, arguments in calls]}


STEPS = st.one_of(
    _write(),
    _through("call_write_tool"),
    _through("call_read_tool"),
    st.lists(_write(), min_size=1, max_size=3).map(_batch),
    st.integers(-1, 9).map(lambda number: ("plan_undo", {"journal_id": number})),
    (st.text(max_size=30) | st.from_regex(r"plan_[A-Za-z0-9_-]{22}", fullmatch=True)).map(
        lambda plan_id: ("confirm_write", {"plan_id": plan_id})
    ),
)
GUARDED = st.one_of(
    st.tuples(
        st.sampled_from([Writes.OFF, Writes.STRICT, Writes.ASK]),
        st.sampled_from(
            [
                {},
                {"effects": {"money": "person", "write": "deny"}},
                {"toolsets": {"bills": "person"}, "tools": {"hold_bill": "confirm"}},
                {"four_eyes": {"above": {"USD": 1}}},
                {"limits": {"writes_per_hour": 1}},
                {"quiet_hours": {"days": ["sat"]}},
            ]
        ),
    ),
    # Also where writes are allowed, a rule that asks for more is kept.
    st.tuples(
        st.just(Writes.ALLOW),
        st.fixed_dictionaries(
            {
                "effects": st.fixed_dictionaries(
                    dict.fromkeys(
                        ("write", "destroy", "money", "outward"), st.sampled_from(["confirm", "person", "deny"])
                    )
                )
            }
        ),
    ),
)


@pytest.fixture(scope="module")
def journal_with_writes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of writes that can be taken back."""
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite3"
    done: list[tuple[str, dict[str, Any]]] = [
        ("hold_bill", {"bill_id": 7}),
        ("record_bill_payment", {"bill_id": 7, "amount": "1.00", "payment_date": "2026-11-20"}),
        ("update_bill", {"bill_id": 7, "notes": "later"}),
    ]

    async def write() -> None:
        upstream = Recording()
        async with (
            house("http://127.0.0.1:9", upstream=upstream, writes=Writes.ALLOW, journal=path) as here,
            connect(here.server, "auto") as client,
        ):
            for tool, arguments in done:
                await client.call_tool(tool, arguments)
        assert len(upstream.writes) == len(done)

    anyio.run(write)
    return path


async def _no(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
    return types.ElicitResult(action="decline")


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(STEPS, min_size=1, max_size=10),
    guarded=GUARDED,
    era=st.sampled_from(ERAS),
    surface=st.sampled_from(Surface),
    can_ask=st.booleans(),
)
def test_without_a_confirmation_no_write_leaves(
    journal_with_writes: Path,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, dict[str, Any]]],
    guarded: tuple[Writes, dict[str, Any]],
    era: str,
    surface: Surface,
    can_ask: bool,
) -> None:
    mode, rules = guarded
    path = tmp_path_factory.getbasetemp() / "copy.sqlite3"
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()
    shutil.copy(journal_with_writes, path)
    upstream = Recording()

    async def play() -> None:
        async with (
            house(
                "http://127.0.0.1:9",
                upstream=upstream,
                writes=mode,
                policy=Policy.model_validate(rules),
                journal=path,
                surface=surface,
            ) as here,
            connect(here.server, era, elicitation_callback=_no if can_ask else None) as client,
        ):
            before = len(here.journal.writes())
            for tool, arguments in steps:
                said = (await client.call_tool(tool, arguments)).structured_content or {}
                assert said.get("status", "done") != "done" or said.get("already") is True, (tool, said)
            assert len(here.journal.writes()) == before

    anyio.run(play)
    assert upstream.writes == []


@pytest.fixture
def counted(api: Api) -> Iterator[list[httpx.Request]]:
    """Every request that is no GET, on its way to the sandbox."""
    sent: list[httpx.Request] = []
    real = httpx.AsyncClient.send

    async def send(self: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        if request.method != "GET":
            sent.append(request)
        return await real(self, request, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.AsyncClient, "send", send)
        yield sent


@pytest.mark.anyio
@pytest.mark.parametrize("mode", [Writes.OFF, Writes.STRICT, Writes.ASK])
async def test_over_http_every_writing_tool_is_planned_without_a_write(
    api: Api, counted: list[httpx.Request], mode: Writes
) -> None:
    async with house(api.base_url, writes=mode, front=False) as here:
        for entry in KNOWN_WRITES:
            for can_ask in (True, False):
                await here.calls.call(entry.name, fitting(entry), Caller("tester", can_ask))
    assert counted == []
