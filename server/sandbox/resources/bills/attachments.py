"""Files attached to bills."""

import base64
import binascii
import re
from urllib.parse import quote

from sqlalchemy import delete

from server.sandbox.resources.bills import record as bill_record
from server.sandbox.rows import Record, get_row, insert_row
from server.sandbox.shapes import Shape, Text, optional, required
from server.sandbox.tables.payables import bill_attachments
from server.sandbox.wire import NO_CONTENT, Answer, Call, Routes, Upload, created, invalid

routes = Routes()

ANY_TYPE = "application/octet-stream"

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes."""

_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+( *;[ -~]*)?", re.ASCII)

FILE = Shape(
    {
        "file_name": required(Text()),
        "content_base64": required(Text(max_length=LARGEST_FILE * 2)),
        "content_type": optional(Text()),
    }
)


@routes.post("/bills/{billId}/attachments")
def upload_bill_attachment(call: Call) -> Answer:
    """Attach a file, sent as multipart `file` or as base64 in JSON."""
    bill = bill_record.load(call)
    upload = _uploaded(call)
    if len(upload.content) > LARGEST_FILE:
        raise invalid({"file": "The file may not be larger than 5 MB."})
    known = _MEDIA_TYPE.fullmatch(upload.content_type)
    row = {
        "bill_id": bill["id"],
        "file_name": _base_name(upload.file_name),
        "content_type": upload.content_type if known else ANY_TYPE,
        "size": len(upload.content),
        "created_at": call.now,
    }
    new_id = insert_row(call.connection, bill_attachments, row | {"content": upload.content})
    return created({"id": new_id, **row})


@routes.get("/bills/{billId}/attachments/{attachmentId}/download")
def download_bill_attachment(call: Call) -> Answer:
    """The file itself."""
    attachment = _load(call)
    name = quote(attachment["file_name"], safe="")
    headers = {
        "content-type": attachment["content_type"],
        "content-disposition": f"attachment; filename*=UTF-8''{name}",
        "x-content-type-options": "nosniff",
    }
    return Answer(content=attachment["content"], headers=headers)


@routes.delete("/bills/{billId}/attachments/{attachmentId}")
def delete_bill_attachment(call: Call) -> Answer:
    """Remove a file."""
    attachment = _load(call)
    call.connection.execute(delete(bill_attachments).where(bill_attachments.c.id == attachment["id"]))
    return NO_CONTENT


def _uploaded(call: Call) -> Upload:
    if call.multipart:
        upload = call.files.get("file")
        if upload is None:
            raise invalid({"file": "The file is required."})
        return upload
    sent = FILE.check(call.json())
    try:
        content = base64.b64decode(sent["content_base64"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid({"content_base64": "The content_base64 is not valid base64."}) from error
    return Upload(sent["file_name"], sent.get("content_type") or ANY_TYPE, content)


def _base_name(name: str) -> str:
    """The last part of a file name, without characters that break a header."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:255] or "file"


def _load(call: Call) -> Record:
    bill = bill_record.load(call)
    wanted = (bill_attachments.c.id == call.id("attachmentId", "Attachment")) & (
        bill_attachments.c.bill_id == bill["id"]
    )
    return get_row(call.connection, bill_attachments, "Attachment", wanted)
