"""Runs the chaos drill with a spoilt sender between dispatch and each channel: what it must notice.

python -m tests.demo.spoilt impatient CASE...  prints the report as JSON
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

from alertcast.channels.base import Outcome, Request, Sent
from alertcast.demo.chaos.cases import Case, Kill
from alertcast.demo.chaos.run import run


class Between:
    """Something between dispatch and a channel; all but `send` is the channel's own."""

    def __init__(self, channel: Any) -> None:
        self.channel = channel

    def __getattr__(self, name: str) -> Any:
        return getattr(self.channel, name)


class Honest(Between):
    """Sends as it is told."""

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        return list(self.channel.send(requests))


class Impatient(Between):
    """Sends again whatever got no answer, and asks nobody."""

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        sent = self.channel.send(requests)
        lost = any(one.outcome is Outcome.UNKNOWN for one in sent)
        return list(self.channel.send(requests) if lost else sent)


class Careless(Between):
    """Takes it that whatever got no answer has arrived."""

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        return [
            Sent(one.token, Outcome.ACCEPTED, "SM" + "0" * 32)
            if one.outcome is Outcome.UNKNOWN
            else one
            for one in self.channel.send(requests)
        ]


SENDERS = {"honest": Honest, "impatient": Impatient, "careless": Careless}


def case(number: int, answer: str, fault: str | None, *kills: Kill, asks: bool = True) -> Case:
    """Return a case on SQLite whose first message and first call meet `fault`."""
    return Case(number, "sqlite", answer, fault, "in order", False, asks, 1, kills)


CASES = {
    "calm": case(1, "ok", None),
    "after": case(2, "5xx after", "error_after"),
    "before": case(3, "reset before", "reset_before"),
    "gateway": case(4, "5xx after", "error_after", asks=False),
    "killed": case(5, "ok", None, Kill(10, is_after=True), Kill(1, is_after=False)),
}


def main(sender: str, *names: str) -> None:
    """Run it."""
    report = run([CASES[name] for name in names], wrap=SENDERS[sender])
    print(json.dumps(report))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
