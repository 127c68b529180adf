"""Tags of records of any kind."""

from typing import Any

from sqlalchemy import update

from server.sandbox.resources import tagging
from server.sandbox.resources.metadata.fields import touched
from server.sandbox.resources.metadata.kinds import Kind, record_of
from server.sandbox.rows import Record
from server.sandbox.shapes import Many, Shape, required
from server.sandbox.wire import Answer, Call, Routes, data, done, not_found

routes = Routes()

MORE = Shape({"tags": required(Many(tagging.NAME, minimum=1, maximum=tagging.MOST))})
ALL = Shape({"tags": required(Many(tagging.NAME, maximum=tagging.MOST))})


@routes.get("/{recordType}/{recordId}/tags")
def list_record_tags(call: Call) -> Answer:
    """The record's tags."""
    kind, record = record_of(call)
    return data(_tags(call, kind, record))


@routes.post("/{recordType}/{recordId}/tags")
def attach_record_tags(call: Call) -> Answer:
    """Add tags to those the record has."""
    kind, record = record_of(call)
    sent = MORE.check(_body(call))
    present = [tag["name"] for tag in _tags(call, kind, record)]
    _retag(call, kind, record, [*present, *sent["tags"]])
    return _answer(call, kind, record, "Tags attached successfully")


@routes.put("/{recordType}/{recordId}/tags")
def replace_record_tags(call: Call) -> Answer:
    """Give the record exactly these tags."""
    kind, record = record_of(call)
    sent = ALL.check(_body(call))
    _retag(call, kind, record, sent["tags"])
    return _answer(call, kind, record, "Tags replaced successfully")


@routes.delete("/{recordType}/{recordId}/tags/{tag:path}")
def detach_record_tag(call: Call) -> Answer:
    """Take one tag off the record, by its name or id. Raises 404 where the record does not have it."""
    kind, record = record_of(call)
    present = _tags(call, kind, record)
    named = call.path["tag"]
    gone = next((tag for tag in present if tag["name"] == named), None)
    gone = gone or next((tag for tag in present if str(tag["id"]) == named), None)
    if gone is None:
        raise not_found("Tag")
    _retag(call, kind, record, [tag["name"] for tag in present if tag is not gone])
    return done("Tag detached successfully")


def _body(call: Call) -> dict[str, Any]:
    body = call.json()
    if "tags[]" in body:  # the key as forms spell it
        body.setdefault("tags", body["tags[]"])
    return body


def _tags(call: Call, kind: Kind, record: Record) -> list[dict[str, Any]]:
    return tagging.tags_of(call.connection, kind.owner, [record["id"]]).get(record["id"], [])


def _retag(call: Call, kind: Kind, record: Record, names: list[str]) -> None:
    tagging.retag(call.connection, kind.owner, record["id"], names)
    if stamps := touched(kind, call.now):
        call.connection.execute(update(kind.table).where(kind.table.c.id == record["id"]).values(stamps))


def _answer(call: Call, kind: Kind, record: Record, message: str) -> Answer:
    return Answer({"message": message, "tags": _tags(call, kind, record)})
