"""Answers of workflows stay within their budget of tokens, and what does not fit is said and can be read."""

from __future__ import annotations

import json
from typing import Any

import mcp_types as types
import pytest
from asking import Desk
from harness import connect
from hypothesis import given, settings
from hypothesis import strategies as st

from server.answers.answer import Output
from server.answers.budget import tokens
from server.app import build_server

pytestmark = pytest.mark.anyio

QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("look_up_bills", {}),
    ("look_up_bills", {"vendor": "acme", "status": "all"}),
    ("look_up_bills", {"system": "billdiary"}),
    ("explain_bill", {"bill": "5851"}),
    ("vendor_position", {"vendor": "tidewater"}),
    ("cash_requirements", {"by": "day"}),
    ("find_record", {"query": "PO-1040"}),
    ("match_bill", {"bill": "5851"}),
    ("match_bill", {}),
    ("check_new_bill", {"vendor": "acme", "bill_number": "ACI2967", "bill_date": "2026-11-10", "total": "800.96"}),
    ("close_checklist", {}),
    ("summarize_records", {"operation": "list_bills", "group_by": "vendor_name", "top": 500}),
)


def whole(answer: Any) -> str:
    return json.dumps(answer.structured, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize(("tool", "asked"), QUESTIONS)
async def test_an_answer_is_at_most_1500_tokens_unless_more_is_asked_for(
    here: Desk, tool: str, asked: dict[str, Any]
) -> None:
    answer = await here.ask(tool, **asked)
    assert tokens(answer.text) <= 1_500
    assert tokens(whole(answer)) <= 1_500


@settings(max_examples=40)
@given(question=st.sampled_from(QUESTIONS), most=st.integers(200, 2_500))
async def test_no_answer_is_longer_than_the_caller_allows(
    here: Desk, question: tuple[str, dict[str, Any]], most: int
) -> None:
    tool, asked = question
    answer = await here.ask(tool, max_tokens=most, **asked)
    assert tokens(answer.text) <= most
    assert tokens(whole(answer)) <= most


async def test_rows_that_do_not_fit_are_kept_for_who_asked(here: Desk) -> None:
    server = build_server(here.house.calls, Output.TEXT, lambda: "tester")
    async with connect(server, "auto") as client:
        result = await client.call_tool("look_up_bills", {"overdue": True})
        (link,) = [block for block in result.content if isinstance(block, types.ResourceLink)]
        (part,) = (await client.read_resource(f"{link.uri}?from=100&to=131&format=json")).contents
        rows = json.loads(part.text)["rows"]
    answer = await here.ask("look_up_bills", overdue=True, max_tokens=20_000)
    assert [row["id"] for row in rows] == [row["id"] for row in answer.structured["tables"]["bills"]["rows"]][99:]
