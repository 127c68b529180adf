"""Files that come with a transaction in a multipart body."""

import re

from sqlalchemy import delete, update

from server.sandbox.billdiary.wire import Visit
from server.sandbox.rows import insert_row
from server.sandbox.tables.billdiary import documents, transactions
from server.sandbox.wire import Upload, invalid

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes."""

DOCUMENT, SHIPPING = "document", "shipping_documents"


def keep(visit: Visit, transaction_id: int) -> None:
    """Keep the document that was sent in place of the one before, and shipping documents beside those before.

    Raises 422 for a file that is too large.
    """
    for name, upload in visit.files.items():
        kind = name.partition("[")[0]
        if len(upload.content) > LARGEST_FILE and kind in (DOCUMENT, SHIPPING):
            raise invalid({name: f"The {name} may not be larger than 5 MB."})
        if kind == SHIPPING or name == DOCUMENT:
            _keep(visit, transaction_id, kind, upload)


def _keep(visit: Visit, transaction_id: int, kind: str, upload: Upload) -> None:
    mine = documents.c.transaction_id == transaction_id
    file_name = f"{int(visit.now.timestamp())}_{_base_name(upload.file_name)}"
    if kind == DOCUMENT:
        visit.connection.execute(delete(documents).where(mine, documents.c.kind == DOCUMENT))
        named = update(transactions).where(transactions.c.id == transaction_id)
        visit.connection.execute(named.values(document=file_name))
    row = {"transaction_id": transaction_id, "kind": kind, "file_name": file_name}
    content = {"content_type": upload.content_type, "content": upload.content}
    insert_row(visit.connection, documents, row | content)


def _base_name(name: str) -> str:
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:200] or "file"
