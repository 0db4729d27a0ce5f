"""Many connections that report receipts, as a provider does: signed, over HTTP, kept open.

    python -m tests.benchmarks.callers FILE

FILE is JSON: {port, base, token, receipts: [[address, id]], connections, seconds, rate or null,
most or null}: it ends after so many seconds, or receipts.
It prints JSON: seconds, and for each answer its status and how long it took in seconds.
"""

import asyncio
import json
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from alertcast.simulator.webhooks import signature


def request(base: str, path: str, sid: str, token: str) -> bytes:
    """Return one whole HTTP request of a status callback of Twilio."""
    form = {
        "MessageSid": sid,
        "SmsSid": sid,
        "AccountSid": "AC" + "d" * 32,
        "From": "+15005550006",
        "To": "+8615400000000",
        "MessageStatus": "sent",
        "SmsStatus": "sent",
        "ApiVersion": "2010-04-01",
    }
    body = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {base.partition('//')[2]}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {signature(token, base + path, form)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def report(work: dict[str, Any]) -> dict[str, Any]:
    """Send receipts over all connections until it is over; each waits for its answer."""
    requests = [request(work["base"], path, sid, work["token"]) for path, sid in work["receipts"]]
    numbers, begun, most = count(), time.perf_counter(), work["most"]
    answers: list[tuple[int, float]] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", work["port"])
        while True:
            number = next(numbers)
            due = begun + number / work["rate"] if work["rate"] else time.perf_counter()
            if due >= begun + work["seconds"] or (most is not None and number >= most):
                break
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(requests[number % len(requests)])
            status, is_kept = await _answer(reader)
            # from when it was due: a connection that is late for its turn is part of the wait
            answers.append((status, time.perf_counter() - due))
            if not is_kept:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", work["port"])
        writer.close()

    await asyncio.gather(*(one() for _ in range(work["connections"])))
    return {"seconds": time.perf_counter() - begun, "answers": answers}


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = 0
    for line in head.split("\r\n"):
        if line.startswith("content-length:"):
            length = int(line.partition(":")[2])
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1]), "connection: close" not in head


if __name__ == "__main__":
    print(json.dumps(asyncio.run(report(json.loads(Path(sys.argv[1]).read_text("utf-8"))))))
