"""What takes a write back: the operation that is its inverse, with the arguments for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.guard.entries import Status, Written
from server.guard.recognition import asked_of, part_of
from tools.operation import Operation
from tools.request import jsonable


class NoUndoError(Exception):
    """The write cannot be taken back by one call; the message says why."""


@dataclass(frozen=True)
class Inverse:
    """The operation that takes a write back, and its arguments."""

    tool: str
    arguments: Mapping[str, Any]


_ACTIONS: Mapping[str, str] = {
    "hold_bill": "unhold_bill",
    "unhold_bill": "hold_bill",
    "post_bill": "reopen_bill",
    "reopen_bill": "post_bill",
    "push_fulfillment_order": "unpush_fulfillment_order",
    "unpush_fulfillment_order": "push_fulfillment_order",
    "link_bill_to_payment_obligation": "unlink_bill_from_payment_obligation",
    "unlink_bill_from_payment_obligation": "link_bill_to_payment_obligation",
    "attach_product_boms": "detach_product_boms",
    "detach_product_boms": "attach_product_boms",
}
"""Actions on the same record, by path and body of the first."""

_LINKS: Mapping[str, tuple[str, str]] = {
    "attach_product_boms": ("boms", "bom_ids"),
    "detach_product_boms": ("boms", "bom_ids"),
    "link_bill_to_payment_obligation": ("bills", "bill_id"),
    "unlink_bill_from_payment_obligation": ("bills", "bill_id"),
}
"""Where the record shows what is tied to it, and the argument that names what to tie or untie."""

_OF_WHAT_WAS_MADE: Mapping[str, str] = {
    "record_bill_payment": "void_bill_payment",
    "apply_vendor_credit": "reverse_vendor_credit_application",
    "apply_prepayment": "reverse_prepayment_application",
    "create_bill_allocation": "delete_bill_allocation",
    "upload_bill_attachment": "delete_bill_attachment",
    "record_purchase_order_payment": "delete_purchase_order_payment",
    "create_vendor_credit": "cancel_vendor_credit",
    "create_vendor_return": "cancel_vendor_return",
}
"""Operations on what the first one made; the last id of their path is that of the record it answered with."""

NEVER = frozenset({"set_contact_portal_password", "set_base_currency", "adjust_inventory_stock"})
"""Writes whose earlier state is not known, or that cannot be taken back by the same means."""


def sets_state(operation: Operation) -> bool:
    """Whether it brings a record into a state, so that after another write it can be meant anew.

    What adds something to a record, such as a line or a file, adds it twice however often others wrote in between.
    """
    return operation.is_update or operation.name in _ACTIONS or operation.name.startswith("set_")


def before_of(
    operation: Operation, asked: Mapping[str, Any], body: Mapping[str, Any] | None, record: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """What an undo would have to put back, as it stands: the fields of an update, or the state that an action ends."""
    if record is None:
        return None
    if operation.is_update and body:
        concerned = part_of(operation, asked, record)
        return None if concerned is None else jsonable({name: concerned[name] for name in body if name in concerned})
    if operation.name not in _ACTIONS:
        return None
    names = [name for name in ("status", "hold_reason") if operation.when and name in record]
    kept = {name: jsonable(record[name]) for name in names}
    if operation.name in _LINKS:
        rows = record.get(tied := _LINKS[operation.name][0])
        if isinstance(rows, list):
            kept[tied] = [str(row.get("id") if isinstance(row, dict) else row) for row in rows]
    return kept


def has_inverse(name: str, tools: Mapping[str, Operation]) -> str | None:
    """The tool that takes a write of that tool back, if there is one."""
    if name in NEVER:
        return None
    known = _ACTIONS.get(name) or _OF_WHAT_WAS_MADE.get(name)
    if known is None and (made := _without(name, "create_")) is not None:
        known = made.replace("create_", "delete_", 1)
    if known is None and tools[name].is_update:
        known = name
    return known if known in tools else None


def may_be_undone(
    operation: Operation,
    before: Mapping[str, Any] | None,
    body: Mapping[str, Any] | None,
    tools: Mapping[str, Operation],
) -> str | None:
    """The tool to name as the inverse of a write that was done; None where an undo would be refused."""
    tool = has_inverse(operation.name, tools)
    if tool == operation.name and (
        not before or set(body or {}) - set(before) or any(map(_has_parts, before.values()))
    ):
        return None
    return tool


def inverse_of(write: Written, tools: Mapping[str, Operation], made_id: str | None) -> Inverse:
    """How to take the write back. made_id: the record that it made, where that is known. Raises NoUndoError."""
    if write.status != Status.DONE:
        raise NoUndoError(f"its outcome is {write.status or 'not known'}, so there is nothing certain to take back")
    tool = has_inverse(write.tool, tools)
    if tool is None:
        raise NoUndoError(f"{write.tool} has no inverse")
    inverse, asked = tools[tool], asked_of(tools[write.tool], write.request)
    if tool == write.tool:
        return Inverse(tool, _values_before(write, inverse, asked))
    wanted = [name for name in inverse.arguments.model_fields if name in inverse.path_arguments]
    arguments = {name: asked[name] for name in wanted if name in asked}
    missing = [name for name in wanted if name not in arguments]
    if missing:
        if len(missing) > 1 or made_id is None:
            raise NoUndoError("what it made is not known")
        arguments[missing[0]] = made_id
    required = [name for name, field in inverse.arguments.model_fields.items() if field.is_required()]
    arguments |= {name: asked[name] for name in required if name not in arguments and name in asked}
    if write.tool in _ACTIONS:
        arguments |= _ended(write, tools[write.tool], asked)
    return Inverse(tool, arguments)


def _ended(write: Written, operation: Operation, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the inverse of an action is told of the state that it ended. Raises NoUndoError where it ended none."""
    before = write.before or {}
    status = before.get("status")
    if status is not None and status not in operation.when:
        raise NoUndoError("the record was in that status already, so it changed nothing")
    tied, named = _LINKS.get(write.tool, ("", ""))
    if tied in before:
        adds = _ACTIONS[write.tool].startswith(("detach", "unlink"))
        ids = asked[named] if isinstance(asked[named], list) else [asked[named]]
        moved = [each for each in ids if (str(each) in before[tied]) is not adds]
        if not moved:
            raise NoUndoError(f"the {tied} are what they were before it, so it changed nothing")
        return {named: moved if isinstance(asked[named], list) else moved[0]}
    reason = before.get("hold_reason")
    return {"reason": reason} if _ACTIONS[write.tool] == "hold_bill" and reason else {}


def _values_before(write: Written, operation: Operation, asked: Mapping[str, Any]) -> dict[str, Any]:
    if not write.before:
        raise NoUndoError("the earlier values are not known")
    sent = sorted(set(write.request.get("body") or {}) - set(write.before))
    if sent:
        raise NoUndoError(f"the earlier {', '.join(sent)} cannot be read, so it is not known")
    lists = sorted(name for name, value in write.before.items() if _has_parts(value))
    if lists:
        # What is stored of lines is not what is sent for them.
        raise NoUndoError(f"{', '.join(lists)} were replaced, and stored ones cannot be sent back as they are")
    return {**{name: asked[name] for name in operation.path_arguments}, **write.before}


def _has_parts(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, list | dict) for each in value))


def _without(name: str, verb: str) -> str | None:
    return name if name.removeprefix("billdiary_").startswith(verb) else None
