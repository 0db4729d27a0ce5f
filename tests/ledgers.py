"""The book of a carrier in another process, read back from what it says over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from alertcast.simulator.ledger import Accepted, Ledger


def read_ledger(book: Mapping[str, Sequence[Mapping[str, Any]]]) -> Ledger:
    """Return what GET /ledger of a simulator says was taken and refused."""
    ledger = Ledger()
    for row in (*book["messages"], *book["calls"]):
        ledger.accept(_accepted(row))
    for row in book["refused"]:
        at = datetime.fromisoformat(row["at"])
        ledger.refuse(row["kind"], row["to"], row["code"], at)
    return ledger


def _accepted(row: Mapping[str, Any]) -> Accepted:
    return Accepted(
        kind=row["kind"],
        sid=row["sid"],
        account=row["account"],
        to=row["to"],
        from_=row["from"],
        body=row["body"],
        status_callback=row["status_callback"],
        created=datetime.fromisoformat(row["created"]),
        real=datetime.fromisoformat(row["real"]),
    )
