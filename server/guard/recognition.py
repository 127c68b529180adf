"""How the effect of a write is recognised by reading, after nobody heard whether it was carried out.

A trace says where the effect would be seen: which read shows it, and which of its fields must say what was sent.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from server.guard.entries import Written
from server.text import label
from server.upstream.errors import NotFoundError
from tools.operation import Operation

_DAY = len("2026-11-20")
_PAGE = 100
_NOT_SHOWN = object()

Asked = Mapping[str, Any]
"""What a journaled request said: path placeholders by argument name, then body or query by wire name."""


class Verdict(StrEnum):
    """What reading says about a write."""

    DONE = "done"
    ABSENT = "absent"
    """Its effect is not there."""
    UNSURE = "unsure"


@dataclass(frozen=True)
class Finding:
    """A verdict, what it rests on, and the record that the write made."""

    verdict: Verdict
    reason: str
    record_id: str | None = None


@dataclass(frozen=True)
class Trace:
    """Where to look. read: the tool that shows it. ask: its arguments, by name, from what was asked.

    rows: the field of the record that holds the rows, empty where the answer is a list of them; with filters the record
    is the one of a list that they name. same: what was asked, and the row's field that must say it, `customer.id` where
    it is inside another record. filters: of a list, as `field` from what was asked.
    """

    read: str
    ask: Mapping[str, str] | None = None
    rows: str = ""
    same: Mapping[str, str] | None = None
    filters: Mapping[str, str] | None = None
    without_status: tuple[str, ...] = ("void", "voided", "cancelled", "reversed")


def _listed(read: str, filtered: str, also: str = "", *, ask: Mapping[str, str] | None = None) -> Trace:
    """A row of a list that says what was sent: `filtered` fields narrow the list, `also` are compared besides."""
    narrow = {name: name for name in filtered.split()}
    same = {**narrow, **{name: name for name in also.split()}}
    return Trace(read, ask or {}, "", same, narrow if ask is None else {})


def _within(read: str, rows: str, same: str, **ask: str) -> Trace:
    """A part of a record, such as a payment of a bill."""
    return Trace(read, ask, rows, {name: name for name in same.split()})


TRACES: Mapping[str, Trace] = {
    "create_bill": _listed("list_bills", "vendor_id bill_number", "bill_date"),
    "record_bill_payment": _within(
        "get_bill", "payments", "amount payment_date reference payment_type", bill_id="bill_id"
    ),
    "create_bill_allocation": _within(
        "get_bill", "allocations", "bill_item_id purchase_order_item_id amount", bill_id="bill_id"
    ),
    "create_vendor_credit": _listed("list_vendor_credits", "vendor_id", "amount credit_date reference"),
    "apply_vendor_credit": _within(
        "get_vendor_credit", "applications", "amount bill_id payment_obligation_id", vendor_credit_id="vendor_credit_id"
    ),
    "create_vendor_return": _listed("list_vendor_returns", "vendor_id", "notes"),
    "apply_prepayment": Trace(
        "list_prepayments",
        rows="applications",
        same={name: name for name in ("amount", "bill_id", "payment_obligation_id")},
        filters={"id": "prepayment_id"},
    ),
    "create_prepayment": _listed("list_prepayments", "vendor_id", "amount payment_date reference"),
    "record_purchase_order_payment": _within(
        "get_purchase_order", "payments", "paid_amount payment_date payment_type", id="purchase_order_id"
    ),
    "create_sales_order_shipment": _listed(
        "list_sales_order_shipments", "tracking_number", "ship_date", ask={"sales_order_id": "sales_order_id"}
    ),
    "create_supplier": _listed("list_suppliers", "name", "city"),
    "create_company": _listed("list_companies", "name", "city"),
    "create_contact": _listed("list_contacts", "email", "first_name last_name"),
    "create_invoice": Trace(
        "list_invoices",
        ask={"customer_po_number": "customer_po_number"},
        same={"customer_po_number": "customer_po_number", "order_date": "order_date", "company_id": "customer.id"},
    ),
    "create_sales_order": _listed("list_sales_orders", "order_number"),
    "create_product": _listed("list_products", "sku", "name"),
    "create_bom": _listed("list_boms", "name"),
    "create_unit_class": _listed("list_unit_classes", "name"),
    "create_unit_of_measure": _listed("list_units_of_measure", "name", "description"),
    "create_warehouse": _listed("list_warehouses", "name"),
    "create_warehouse_group": _listed("list_warehouse_groups", "name"),
    "create_channel": _listed("list_channels", "label"),
    "create_custom_field_definition": _listed("list_custom_field_definitions", "label", ask={}),
    "create_integration_mapping": _listed("list_integration_mappings", "name"),
    "create_field_mapping": _listed("list_field_mappings", "field_name", "luminous_value external_value"),
    "billdiary_create_purchase": Trace(
        "billdiary_list_purchases", ask={"q": "ref_no"}, same={"ref_no": "ref_no", "contact_id": "contact.id"}
    ),
    "billdiary_create_purchase_order": _listed("billdiary_list_purchase_orders", "ref_no", ask={"q": "ref_no"}),
    "billdiary_record_purchase_payment": _within("billdiary_get_purchase", "payments", "amount method", id="id"),
    "billdiary_create_purchase_return": _listed("billdiary_list_purchase_returns", "ref_no", ask={"q": "ref_no"}),
    "billdiary_record_purchase_return_payment": _within(
        "billdiary_get_purchase_return", "payments", "amount method", id="id"
    ),
}

_TARGETS: Mapping[str, tuple[str, ...]] = {
    "post_bill": ("posted", "partially_paid", "paid"),
    "reopen_bill": ("draft",),
    "hold_bill": ("hold",),
    "cancel_vendor_credit": ("cancelled", "canceled"),
    "cancel_vendor_return": ("cancelled", "canceled"),
    "generate_vendor_return_credit": ("credited",),
    "process_vendor_return": ("processed", "completed", "credited"),
}
"""Statuses that say that an action was carried out."""

_DELETED = ("deleted", "inactive", "archived", "0")
"""Statuses of records that a deletion keeps, as Luminous does with suppliers and contacts."""

UNRECOGNISED: Mapping[str, str] = {
    "adjust_inventory_stock": "adjustments cannot be listed; compare the stock with what it should be",
    "create_transfer_order": "compare list_transfer_orders of that day, and their items",
    "create_purchase_order": "compare list_purchase_orders of the supplier",
    "create_receiving_report": "compare list_receiving_reports with what was received",
    "create_currency_rate": "compare list_currency_rates with the rate that was sent",
    "create_purchase_order_payment_obligation": "compare list_payment_obligations of the order",
    "create_fulfillment_shipment": "compare list_sales_order_shipments of the order",
    "create_shipment_packages": "compare the packages of the shipment in list_sales_order_shipments",
    "create_customer_return": "compare list_customer_returns with the order's",
    "create_unit_conversion_rule": "compare list_unit_conversion_rules",
    "create_sales_channel_legacy": "compare list_channels",
    "create_field_mapping_and_retry": "compare list_field_mappings, and whether the order was sent again",
    "billdiary_create_purchase_requisition": "compare billdiary_list_purchase_requisitions",
    "billdiary_create_standalone_purchase_return": "compare billdiary_list_purchase_returns",
    "resolve_bill_variance": "compare the variance of the bill",
    "upload_bill_attachment": "compare the attachments that get_bill shows",
    "reverse_prepayment_application": "compare the applications that list_prepayments shows",
    "generate_purchase_order_payment_obligations": "compare list_purchase_order_payment_obligations",
    "upsert_product": "compare list_products with what was sent",
    "add_alternate_sku": "compare get_product with the SKU that was sent",
    "bulk_create_field_mappings": "compare list_field_mappings with what was sent",
    "quick_add_field_mappings": "compare list_field_mappings with what was sent",
    "set_base_currency": "compare get_base_currency with the currency that was sent",
    "update_transaction_cogs": "compare list_transaction_cogs with the cost that was sent",
}
"""Creating and paying operations whose effect cannot be told by a machine, and what a person compares instead."""

Read = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""Reads by tool name and arguments: the answer's data. Raises UpstreamError."""


def asked_of(operation: Operation, request: Mapping[str, Any]) -> dict[str, Any]:
    """What a request said, from the form in which the journal keeps it."""
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(operation.path))
    match = re.fullmatch(pattern, str(request.get("path", "")))
    path = {name: unquote(value) for name, value in match.groupdict().items()} if match else {}
    return {**(request.get("query") or {}), **(request.get("body") or {}), **path}


async def look_alikes(operation: Operation, asked: Asked, read: Read) -> list[Mapping[str, Any]] | None:
    """Records that look like the effect of such a write; None where none can be told by looking."""
    trace = TRACES.get(operation.name)
    if trace is None:
        return None
    compared = {field: asked[name] for name, field in (trace.same or {}).items() if asked.get(name) is not None}
    if not compared:
        return None
    data = await read(trace.read, _arguments(trace, asked))
    rows = _rows(data, trace, asked)
    if rows is None or (not trace.rows and _has_more(data, rows)):
        return None  # They are not shown here, or there is more than was looked at: neither says that it is not there.
    standing = [row for row in rows if row.get("status") not in trace.without_status]
    likely = []
    for row in standing:
        shown = {field: _at(row, field) for field in compared if _at(row, field) is not _NOT_SHOWN}
        if all(_same(value, compared[field]) for field, value in shown.items()):
            if len(shown) < len(compared):
                return None  # What would tell it from others is not shown.
            likely.append(row)
    return likely


def ids_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of records."""
    return [str(row["id"]) for row in rows if isinstance(row.get("id"), int | str)]


@dataclass(frozen=True)
class Others:
    """Other writes of the same tool. open: those whose effects might be taken for this one's. made: ids of records."""

    open: Sequence[Written] = ()
    made: Sequence[str] = ()


async def recognise(
    operation: Operation, write: Written, others: Callable[[], Awaitable[Others]], read: Read
) -> Finding:
    """Whether a write was carried out, by reading. Raises UpstreamError.

    others: asked for after reading, so that nothing that was read can be of a write that is not among them.
    """
    asked = asked_of(operation, write.request)
    if operation.name in TRACES:
        return await _by_trace(operation, write, asked, others, read)
    if operation.name in UNRECOGNISED:
        return Finding(Verdict.UNSURE, UNRECOGNISED[operation.name])
    subject = operation.toolset.subject_of(operation)
    if subject is None:
        return Finding(Verdict.UNSURE, "nothing that can be read shows its effect")
    named = {name: asked[name] for name in operation.path_arguments if name in asked}
    ids = dict(zip(subject.path_arguments, named.values(), strict=False))
    try:
        record = _record(await read(subject.name, ids))
    except NotFoundError:
        gone = operation.method == "DELETE" and operation.plain_path == subject.plain_path
        return Finding(Verdict.DONE, "the record is gone") if gone else Finding(Verdict.UNSURE, "the record is gone")
    return _by_record(operation, write, asked, record, subject)


async def _by_trace(
    operation: Operation, write: Written, asked: Asked, others: Callable[[], Awaitable[Others]], read: Read
) -> Finding:
    found = await look_alikes(operation, asked, read)
    if found is None or write.seen is None:
        return Finding(Verdict.UNSURE, f"compare {TRACES[operation.name].read} with what was sent")
    known = await others()
    new = [each for each in ids_of(found) if each not in write.seen and each not in known.made]
    shows = TRACES[operation.name].read
    if not new:
        return Finding(Verdict.ABSENT, f"{shows} does not show it")
    alike = sorted({write.id, *(each.id for each in known.open if _alike(operation, asked, each))})
    if len(new) == len(alike):
        # Each of them made one; which is whose does not matter, but it must not be counted twice.
        return Finding(Verdict.DONE, f"{shows} shows it", new[alike.index(write.id)])
    if len(alike) > 1:
        them = ", ".join(str(each) for each in alike if each != write.id)
        reason = f"{shows} shows {len(new)} like it, and as much was asked for by journal {them}, which is open too"
        return Finding(Verdict.UNSURE, reason)
    return Finding(Verdict.UNSURE, f"{shows} shows several like it: {', '.join(label(each, 40) for each in new[:5])}")


def _alike(operation: Operation, asked: Asked, rival: Written) -> bool:
    """Whether the effects of both look the same where they are looked for."""
    theirs = asked_of(operation, rival.request)
    return all(
        name not in asked or name not in theirs or _same(theirs[name], asked[name])
        for name in (TRACES[operation.name].same or {})
    )


def _by_record(
    operation: Operation, write: Written, asked: Asked, record: Mapping[str, Any], subject: Operation
) -> Finding:
    look = f"compare {subject.name} with what was sent"
    status = label(str(record.get("status")))
    if targets := _TARGETS.get(operation.name):
        done = record.get("status") in targets
        return Finding(Verdict.DONE if done else Verdict.ABSENT, f"the record's status is {status}")
    if operation.name == "unhold_bill":
        held = record.get("status") == "hold"
        return Finding(Verdict.ABSENT if held else Verdict.DONE, f"the record's status is {status}")
    below = operation.path_arguments[len(subject.path_arguments) :]
    if below:
        return _by_part(operation, write, str(asked.get(below[-1])), record, look)
    if operation.method == "DELETE" and operation.plain_path == subject.plain_path:
        if str(record.get("status")).lower() in _DELETED or record.get("deleted_at") is not None:
            return Finding(Verdict.DONE, f"the record's status is {status}")
        return Finding(Verdict.ABSENT, "the record is still there")
    return _by_values(write, record, look)


def _by_values(write: Written, record: Mapping[str, Any], look: str) -> Finding:
    """What the fields that were sent say now, and said before."""
    sent, before = write.request.get("body") or {}, write.before or {}
    # A field that was sent as it stood tells nothing of the others.
    telling = {name: value for name, value in before.items() if name not in sent or not _same(value, sent[name])}
    body = {name: value for name, value in sent.items() if not isinstance(value, list | dict)}
    whole = len(body) == len(sent) or not telling.keys().isdisjoint(body)
    if body and whole and body.keys() <= record.keys() and _fits(record, body):
        return Finding(Verdict.DONE, "it says what was sent")
    if telling and _fits(record, telling):
        return Finding(Verdict.ABSENT, "it is as it was before")
    return Finding(Verdict.UNSURE, look)


def _by_part(operation: Operation, write: Written, part_id: str, record: Mapping[str, Any], look: str) -> Finding:
    """What was done to a part of the record, such as one of its payments."""
    rows = _parts(operation, record)
    if rows is None:
        return Finding(Verdict.UNSURE, look)
    part = next((each for each in rows if str(each.get("id")) == part_id), None)
    if operation.method == "DELETE":
        return Finding(Verdict.ABSENT, "it is still there") if part else Finding(Verdict.DONE, "it is gone")
    if part is not None and operation.name.split("_")[0] in ("void", "reverse"):
        undone = part.get("status") in ("void", "voided", "reversed") or part.get("reversed_at") is not None
        return Finding(Verdict.DONE if undone else Verdict.ABSENT, f"its status is {label(str(part.get('status')))}")
    if part is not None and operation.is_update:
        return _by_values(write, part, look)
    return Finding(Verdict.UNSURE, look)


def part_of(operation: Operation, asked: Asked, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the operation is about: the record itself, or the part that its path leads to, where the record shows it."""
    subject = operation.toolset.subject_of(operation)
    below = operation.path_arguments[len(subject.path_arguments) :] if subject else ()
    if not below:
        return record
    wanted = str(asked.get(below[-1]))
    return next((each for each in _parts(operation, record) or () if str(each.get("id")) == wanted), None)


def _parts(operation: Operation, record: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """The parts among which the path leads to one: `payments` of `/bills/{}/payments/{}`; None where none are shown."""
    place = re.search(r"/([\w-]+)/\{\}[^{}]*$", operation.plain_path)
    rows = record.get(place[1].replace("-", "_")) if place else None
    return _dicts(rows)


def _arguments(trace: Trace, asked: Asked) -> dict[str, Any]:
    named = {argument: asked[name] for argument, name in (trace.ask or {}).items() if name in asked}
    filters = {field: str(asked[name]) for field, name in (trace.filters or {}).items() if asked.get(name) is not None}
    if filters:
        named["filters"] = filters
    return named if trace.rows else {**named, "per_page": _PAGE}


def _rows(data: Any, trace: Trace, asked: Asked) -> list[Mapping[str, Any]] | None:
    inner = data.get("data", data) if isinstance(data, dict) else data
    if not trace.rows:
        return _dicts(inner)
    if isinstance(inner, dict):
        return _dicts(inner.get(trace.rows))
    named = {field: asked.get(name) for field, name in (trace.filters or {}).items()}
    # The list may not know the filter: then the record may be further on, or not be found at all.
    record = next((each for each in _dicts(inner) or () if _fits(each, named)), None)
    return None if record is None else _dicts(record.get(trace.rows))


def _dicts(value: Any) -> list[Mapping[str, Any]] | None:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else None


def _at(row: Any, field: str) -> Any:
    """What a row says in a field, also in one of a record inside it, such as `customer.id`."""
    for name in field.split("."):
        if not isinstance(row, dict) or name not in row:
            return _NOT_SHOWN
        row = row[name]
    return row


def _has_more(data: Any, rows: Sequence[Any]) -> bool:
    """Whether the list goes on after these rows, or may."""
    meta = data.get("meta") if isinstance(data, dict) else None
    total = meta.get("total") if isinstance(meta, dict) else None
    return len(rows) >= _PAGE or (isinstance(total, int) and total > len(rows))


def _record(data: Any) -> Mapping[str, Any]:
    inner = data.get("data", data) if isinstance(data, dict) else {}
    return inner if isinstance(inner, dict) else {}


def _fits(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(_same(row.get(name), value) for name, value in wanted.items())


def _same(stored: Any, sent: Any) -> bool:
    """Whether two spellings mean the same: 12.5 and "12.50", 7 and "7", a moment and its day."""
    if stored is None or sent is None:
        return stored is sent
    left, right = str(stored).strip(), str(sent).strip()
    if left == right or (len(right) == _DAY and left.startswith(right) and left[_DAY : _DAY + 1] in ("T", " ")):
        return True
    try:
        return Decimal(left) == Decimal(right)
    except InvalidOperation:
        return False
