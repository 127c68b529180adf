"""Plans and outcomes of writes as answers. A program acts on them, so they are structured in every output mode."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from server.answers.answer import MAX_TOKENS, Answer
from server.answers.budget import tokens
from server.answers.errors import api_says, upstream_error
from server.answers.records import record_answer
from server.answers.values import FACT, unfenced
from server.guard.entries import Status, Written
from server.guard.guard import Outcome
from server.guard.plan import AnyPlan, Plan
from server.text import clean, label
from server.upstream.errors import ForbiddenError, UpstreamError


def plan_text(plan: AnyPlan) -> str:
    """A plan as people read it before they agree."""
    if isinstance(plan, Plan):
        return _plan_text(plan)
    parts = [f"{number}. {_plan_text(each)}" for number, each in enumerate(plan.plans, 1)]
    said = f"{len(parts)} writes, carried out in this order up to the first that fails:"
    return "\n".join([said, *parts])


def _plan_text(plan: Plan) -> str:
    lines = [plan.summary]
    if plan.money:
        lines.append(f"Money: {plan.money}")
    if plan.two_persons:
        lines.append("A second person must confirm it too.")
    lines += ["Consequences:", *(f"- {each}" for each in plan.consequences)] if plan.consequences else []
    lines += ["Warnings:", *(f"- {warning}" for warning in plan.warnings)] if plan.warnings else []
    shown = plan.request.shown()
    body = json.dumps(shown.get("body"), ensure_ascii=False) if "body" in shown else ""
    lines += ["<data>", unfenced(f"Request: {shown['method']} {shown['path']} {clean(body, 2 * FACT)}".rstrip())]
    lines += [unfenced(f"Query {name}: {_value(value)}") for name, value in shown.get("query", {}).items()]
    lines += [unfenced(f"File {name}: {_value(facts)}") for name, facts in shown.get("files", {}).items()]
    lines += [unfenced(f"{each.field}: {_value(each.before)} -> {_value(each.after)}") for each in plan.changes]
    return "\n".join([*lines, "</data>"])


def _value(value: Any) -> str:
    if value is None:
        return "(nothing)"
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 300)


def plan_answer(plan: AnyPlan) -> Answer:
    """A plan that waits for confirmation."""
    expires = plan.expires_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = (
        f"Nothing was changed yet. Plan {plan.id}:\n{plan_text(plan)}\n"
        f"Show it to the user. If the user agrees: confirm_write with this plan_id, before {expires}."
    )
    facts = _facts(plan) if isinstance(plan, Plan) else {"writes": [_facts(each) for each in plan.plans]}
    structured: dict[str, Any] = {
        "status": "confirmation_required",
        "plan_id": plan.id,
        "tool": plan.tool,
        "summary": plan.summary,
        "warnings": list(plan.warnings),
        "expires_at": expires,
    }
    if tokens(json.dumps(facts)) > MAX_TOKENS:
        for each in facts.get("writes", [facts]):
            body = json.dumps(each["request"].get("body"))
            digest = hashlib.sha256(body.encode()).hexdigest()[:16]
            each["request"] = {**each["request"], "body": f"({len(body)} characters, sha256 {digest})"}
    return Answer(text, {**structured, **facts}, always_structured=True)


def _facts(plan: Plan) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "tool": plan.operation.name,
        "summary": plan.summary,
        "request": plan.request.shown(),
        "changes": [{"field": each.field, "before": each.before, "after": each.after} for each in plan.changes],
        "consequences": list(plan.consequences),
        "warnings": list(plan.warnings),
        "two_persons": plan.two_persons,
    }
    if plan.money:
        facts["money"] = {"amount": f"{plan.money.amount:f}", "currency": plan.money.currency}
    return facts


def outcome_answer(outcome: Outcome, undo: str | None = None) -> Answer:
    """What came of a write that was confirmed. undo: the tool that takes it back."""
    plan = outcome.plan
    structured = _came_of(outcome)
    if outcome.status is Status.DONE:
        text = f"Done (journal {outcome.journal_id}): {plan.summary}"
        if outcome.note:
            text = f"{text}\n{outcome.note}"
        if undo:
            structured["undo"] = undo
            text = f"{text}\nTo take it back: plan_undo({outcome.journal_id}), which uses {undo}."
        data = outcome.reply.data if outcome.reply else None
        if isinstance(data, dict):
            record = record_answer(
                f"{plan.operation.toolset.system.label} answered", data.get("data", data), plan.operation.returns
            )
            text = f"{text}\n{record.text}"
            structured["record"] = record.structured["record"]
        return Answer(text, structured, always_structured=True)
    text = f"{_SAID[outcome.status]} (journal {outcome.journal_id}): {plan.summary}"
    if outcome.status is Status.UNKNOWN and outcome.note:
        text = f"{text}\nLooked into: {outcome.note}. The same write is refused until that is settled."
    if isinstance(outcome.error, UpstreamError):
        forbidden = outcome.error if isinstance(outcome.error, ForbiddenError) else None
        error = upstream_error(forbidden.needing(plan.operation.permission) if forbidden else outcome.error)
        text = f"{text}\n{error.text}"
        structured["error"] = error.structured["error"]
    return Answer(text, structured, is_error=True, always_structured=True)


_SAID = {
    Status.DONE: "Done",
    Status.FAILED: "Failed",
    Status.UNKNOWN: "Outcome unknown",
    Status.REFUSED: "Not carried out",
}


def _came_of(outcome: Outcome) -> dict[str, Any]:
    plan = outcome.plan
    return {
        "status": outcome.status.value,
        "plan_id": plan.id,
        "tool": plan.operation.name,
        "summary": plan.summary,
        "journal_id": outcome.journal_id,
        "warnings": list(plan.warnings),
    }


def batch_answer(outcomes: Sequence[Outcome]) -> Answer:
    """What came of each write of a batch."""
    done = sum(each.status is Status.DONE for each in outcomes)
    lines = [f"{done} of {len(outcomes)} writes were done."]
    for number, each in enumerate(outcomes, 1):
        journal = f" (journal {each.journal_id})" if each.journal_id else ""
        said = each.note or (str(each.error) if each.error else "")
        lines.append(f"{number}. {_SAID[each.status]}{journal}: {each.plan.summary}{f': {said}' if said else ''}")
        lines += api_says(each.error) if isinstance(each.error, UpstreamError) else ()
    every = done == len(outcomes)
    status = Status.DONE if every else next(each.status for each in outcomes if each.status is not Status.DONE)
    structured = {
        "status": status.value,
        "tool": "plan_batch",
        "summary": lines[0],
        "writes": [{**_came_of(each), "note": each.note} for each in outcomes],
    }
    return Answer("\n".join(lines), structured, is_error=not every, always_structured=True)


def already_answer(earlier: Written) -> Answer:
    """The outcome of the very same write, carried out before."""
    made = f" It made record {label(earlier.record_id, 40)}." if earlier.record_id else ""
    text = (
        f"Done already (journal {earlier.id}, {earlier.at}): {earlier.summary}{made} Nothing was sent now."
        " To do the very same once more on purpose, call again with repeat=true."
    )
    structured = {
        "status": "done",
        "already": True,
        "tool": earlier.tool,
        "summary": earlier.summary,
        "journal_id": earlier.id,
        "record_id": earlier.record_id,
        "warnings": [],
    }
    return Answer(text, structured, always_structured=True)


def refusal_answer(message: str, *, plan_id: str | None = None, tool: str | None = None) -> Answer:
    """A write that was not sent."""
    error = {"kind": "refused", "message": message}
    structured: dict[str, Any] = {"status": "refused", "error": error, "summary": message}
    structured |= {key: value for key, value in (("plan_id", plan_id), ("tool", tool)) if value}
    return Answer(message, structured, is_error=True, always_structured=True)
