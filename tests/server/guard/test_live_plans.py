"""Whatever is called in whatever order: a write is sent for the confirmation of a live plan, and for nothing else."""

from __future__ import annotations

from typing import Any

import anyio
from desk import FITTING, Recording, confirmed
from harness import ERAS, connect, house
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools import catalogue

PLAN_ID = r"plan_[A-Za-z0-9_-]{16,}"


WRITES = [entry for entry in catalogue.load() if entry.effect != "read"]
SOME = {
    "integer": st.sampled_from([1, 7, 0, -3, "x", None, 10**20]),
    "number": st.sampled_from([1, "2.50", 0, -1, 1.234567, "1e5", None]),
    "string": st.sampled_from(["2026-11-20", "a text", "", "x@y.example", "../companies", "plan_x", 5, None]),
    "boolean": st.sampled_from([True, False, "yes"]),
    "array": st.sampled_from(
        [[], ["a"], [{"quantity": 1, "unit_cost": "2.00"}], [{"product_id": 1, "quantity": 1}], "x"]
    ),
    "object": st.sampled_from([{}, {"a": 1}, "x"]),
}


def kinds_of(entry: catalogue.Entry) -> dict[str, str]:
    return {name: each.get("type", "string") for name, each in entry.definition["inputSchema"]["properties"].items()}


def fitting(entry: catalogue.Entry) -> dict[str, Any]:
    kinds = kinds_of(entry)
    return {name: FITTING[kinds[name]] for name in entry.definition["inputSchema"].get("required", ())}


def anything(entry: catalogue.Entry) -> st.SearchStrategy[dict[str, Any]]:
    values = {name: SOME[kind] for name, kind in kinds_of(entry).items()}
    required = {name: values[name] for name in fitting(entry)}
    optional = {name: value for name, value in values.items() if name not in required} | {"surprise": st.just(1)}
    return st.fixed_dictionaries(required, optional={name: optional[name] for name in sorted(optional)[:4]})


STEPS = st.one_of(
    st.sampled_from(WRITES).map(lambda entry: (entry.name, fitting(entry))),
    st.sampled_from(WRITES).flatmap(lambda entry: st.tuples(st.just(entry.name), anything(entry))),
    st.tuples(st.just("confirm_write"), st.integers(0, 3)),
    st.tuples(st.just("confirm_write"), st.text(max_size=40) | st.from_regex(PLAN_ID, fullmatch=True)),
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=2, max_size=12), st.sampled_from(ERAS))
def test_no_write_reaches_luminous_without_the_confirmation_of_a_live_plan(
    steps: list[tuple[str, Any]], era: str
) -> None:
    async def play() -> None:
        upstream = Recording()
        offered: list[dict[str, Any]] = []
        taken: list[dict[str, Any]] = []
        used: list[dict[str, Any]] = []
        async with house("http://127.0.0.1:9", upstream=upstream) as here, connect(here.server, era) as client:
            for tool, given_arguments in steps:
                if tool != "confirm_write":
                    result = await client.call_tool(tool, given_arguments)
                    if result.structured_content["status"] == "confirmation_required":
                        offered.append(result.structured_content)
                elif isinstance(given_arguments, str):
                    result = await confirmed(client, given_arguments)
                    assert result.is_error
                elif given_arguments < len(offered):
                    plan = offered[given_arguments]
                    result = await confirmed(client, plan["plan_id"])
                    assert result.is_error == (plan in used)
                    # The same write planned twice is answered with its first outcome, and that uses the plan up.
                    already = (result.structured_content or {}).get("already", False)
                    taken += [] if already or plan in used else [plan]
                    used.append(plan)
                assert [each.shown() for each in upstream.writes] == [plan["request"] for plan in taken]

    anyio.run(play)
