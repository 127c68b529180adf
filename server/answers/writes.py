"""Plans and outcomes of writes as answers. A program acts on them, so they are structured in every output mode."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from server.answers.answer import Answer
from server.answers.errors import upstream_error
from server.answers.records import record_answer
from server.answers.values import FACT, unfenced
from server.guard.guard import Outcome
from server.guard.journal import Status
from server.guard.plan import Plan
from server.text import clean
from server.upstream.errors import ForbiddenError, UpstreamError


def plan_text(plan: Plan) -> str:
    """A plan as people read it before they agree."""
    lines = [plan.summary]
    if plan.money:
        lines.append(f"Money: {plan.money}")
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


def plan_answer(plan: Plan) -> Answer:
    """A plan that waits for confirmation."""
    expires = plan.expires_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = (
        f"Nothing was changed yet. Plan {plan.id}:\n{plan_text(plan)}\n"
        f"Show it to the user. If the user agrees: confirm_write with this plan_id, before {expires}."
    )
    structured: dict[str, Any] = {
        "status": "confirmation_required",
        "plan_id": plan.id,
        "tool": plan.operation.name,
        "summary": plan.summary,
        "request": plan.request.shown(),
        "changes": [{"field": each.field, "before": each.before, "after": each.after} for each in plan.changes],
        "warnings": list(plan.warnings),
        "expires_at": expires,
    }
    if plan.money:
        structured["money"] = {"amount": f"{plan.money.amount:f}", "currency": plan.money.currency}
    return Answer(text, structured, always_structured=True)


def outcome_answer(outcome: Outcome) -> Answer:
    """What came of a write that was confirmed."""
    plan = outcome.plan
    structured: dict[str, Any] = {
        "status": outcome.status.value,
        "plan_id": plan.id,
        "tool": plan.operation.name,
        "summary": plan.summary,
        "journal_id": outcome.journal_id,
        "warnings": list(plan.warnings),
    }
    if outcome.status is Status.DONE:
        text = f"Done (journal {outcome.journal_id}): {plan.summary}"
        data = outcome.reply.data if outcome.reply else None
        if isinstance(data, dict):
            record = record_answer(
                f"{plan.operation.toolset.system.label} answered", data.get("data", data), plan.operation.returns
            )
            text = f"{text}\n{record.text}"
            structured["record"] = record.structured["record"]
        return Answer(text, structured, always_structured=True)
    said = {Status.FAILED: "Failed", Status.UNKNOWN: "Outcome unknown"}.get(outcome.status, "Not carried out")
    text = f"{said} (journal {outcome.journal_id}): {plan.summary}"
    if isinstance(outcome.error, UpstreamError):
        forbidden = outcome.error if isinstance(outcome.error, ForbiddenError) else None
        error = upstream_error(forbidden.needing(plan.operation.permission) if forbidden else outcome.error)
        text = f"{text}\n{error.text}"
        structured["error"] = error.structured["error"]
    return Answer(text, structured, is_error=True, always_structured=True)


def refusal_answer(message: str, *, plan_id: str | None = None, tool: str | None = None) -> Answer:
    """A write that was not sent."""
    error = {"kind": "refused", "message": message}
    structured: dict[str, Any] = {"status": "refused", "error": error, "summary": message}
    structured |= {key: value for key, value in (("plan_id", plan_id), ("tool", tool)) if value}
    return Answer(message, structured, is_error=True, always_structured=True)
