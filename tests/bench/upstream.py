"""A bare upstream on loopback: pages of made-up bills, as fast as one process can answer.

Run: upstream.py BILLS DELAY_MS [REQUESTS_PER_SECOND]

With a number of requests per second it refuses what is more than that in any second, and `/requests` tells how many
requests came and how many of them were refused.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

BILLS = int(sys.argv[1])
DELAY = int(sys.argv[2]) / 1000
LIMIT = int(sys.argv[3]) if len(sys.argv) > 3 else 0
STATUSES = ("draft", "posted", "paid", "hold")


def bill(number: int) -> dict[str, object]:
    """One bill in the shape of the API."""
    total = 100 + number % 900 + 0.25
    paid = total if number % 4 == 2 else 0
    return {
        "id": number,
        "bill_number": f"B-{number:06d}",
        "vendor_id": 1 + number % 40,
        "vendor_name": f"Vendor {1 + number % 40}",
        "status": STATUSES[number % 4],
        "bill_date": "2026-10-01",
        "due_date": "2026-10-31",
        "currency": "USD",
        "total": total,
        "total_paid": paid,
        "total_due": total - paid,
        "notes": "Ship complete",
        "created_at": "2026-10-01T10:00:00Z",
        "updated_at": "2026-10-02T10:00:00Z",
    }


class Limit:
    """So many requests in any second. came, refused: how many so far."""

    def __init__(self) -> None:
        self.accepted: deque[float] = deque()
        self.came = self.refused = 0

    def refuses(self) -> bool:
        """Whether there were too many."""
        now = time.monotonic()
        self.came += 1
        while self.accepted and self.accepted[0] <= now - 1:
            self.accepted.popleft()
        if LIMIT and len(self.accepted) >= LIMIT:
            self.refused += 1
            return True
        if LIMIT:
            self.accepted.append(now)
        return False


LIMITED = Limit()
REFUSAL = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"


def figures() -> bytes:
    """The whole response about the requests so far."""
    body = json.dumps({"data": [{"came": LIMITED.came, "refused": LIMITED.refused}]}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@lru_cache(maxsize=512)
def answer(target: str) -> bytes:
    """The whole response to a request target."""
    query = {key: int(values[-1]) for key, values in parse_qs(urlsplit(target).query).items() if values[-1].isdigit()}
    page, size = query.get("page", 1), query.get("per_page", 10)
    first, last = (page - 1) * size + 1, min(page * size, BILLS)
    meta = {"current_page": page, "last_page": -(-BILLS // size), "per_page": size, "total": BILLS}
    body = json.dumps({"data": [bill(number) for number in range(first, last + 1)], "meta": meta}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, kept alive."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            if target.startswith("/requests"):
                writer.write(figures())
            elif LIMITED.refuses():
                writer.write(REFUSAL)
            else:
                response = answer(target)
                if DELAY:
                    await asyncio.sleep(DELAY)
                writer.write(response)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Serve on a free port and print the base URL."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
