"""The carrier's process: the simulator, product time, and the ledger that outlives every kill.

It is spoken to over a socket of the case's folder; one line of talk at a time, from whoever lives.
"""

import time
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from alertcast.demo.chaos.cases import Case
from alertcast.demo.chaos.town import PEOPLE, START, Ports, warning
from alertcast.simulator.ledger import Ledger
from alertcast.simulator.people import People
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator

PATIENCE = 60.0
"""Real seconds in which the carrier must have done what is due."""

LOOK = 0.002
"""Real seconds between two tries to reach a carrier that is being born."""

Judge = Callable[[Ledger], Any]
"""Holds the ledger against the database; what it returns is sent to whoever asked."""


class Carrier:
    """A carrier of one case, which can be made before the case is known; `start` begins it."""

    def __init__(self) -> None:
        self._clock = _Clock()
        self._simulator = Simulator(
            DEMO_ACCOUNTS,
            People(0, PEOPLE),
            self._clock,
            webhook_timeout=2.0,
            workers=2,
            threads=4,
            poll=None,  # whoever asks for rest has moved the clock
        )

    def carry(self, listener: Listener, case: Case, ports: Ports, judge: Judge) -> None:
        """Be the carrier of `case` until somebody says so."""
        simulator, base = self._simulator, ports.product_address
        simulator.inbound_url = f"{base}/callbacks/sms/inbound"
        simulator.voice_url = f"{base}/callbacks/voice/inbound-voice"
        simulator.faults.set(*case.faults())
        identifier, document = warning()
        simulator.start(port=ports.carrier)
        try:
            simulator.publisher.publish_document(document, "寒冷红色预警信号", START, identifier)
            is_on = True
            while is_on:
                with listener.accept() as talk:
                    is_on = self._talk(talk, judge)
        finally:
            simulator.stop()

    def _talk(self, talk: Connection, judge: Judge) -> bool:
        """Answer until the other side hangs up or dies; False: the carrier is to end."""
        clock, simulator = self._clock, self._simulator
        while True:
            try:
                match talk.recv():
                    case ("rest", to):
                        clock.now = max(clock.now, to or clock.now)
                        simulator.wake()
                        simulator.rest(clock.now, PATIENCE)
                        talk.send((clock.now, simulator.next_due()))
                    case ("judge",):
                        simulator.rest(clock.now, PATIENCE)
                        talk.send(judge(simulator.ledger))
                    case _:
                        return False
            except (EOFError, OSError):  # it was killed, as intended
                return True


def listening(folder: Path) -> Listener:
    """Return what the carrier of a case is spoken to through."""
    return Listener(str(folder / "carrier"), "AF_UNIX")


class Line:
    """A line of talk with the carrier."""

    def __init__(self, folder: Path) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._talk = Client(str(folder / "carrier"), "AF_UNIX")
            except OSError:  # the carrier has just been born
                if time.monotonic() > end:
                    raise
                time.sleep(LOOK)
            else:
                return

    def rest(self, to: datetime | None = None) -> tuple[datetime, datetime | None]:
        """Move product time on to `to`, and wait until all that is due has been done.

        Returns product time, and when the next thing is due at the carrier.
        """
        now, due = self._ask("rest", to)
        return now, due

    def judged(self) -> Any:
        """Return what the judge says of the ledger."""
        return self._ask("judge")

    def end(self) -> None:
        """Let the carrier end."""
        self._talk.send(("end",))
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._talk.close()

    def _ask(self, *words: Any) -> Any:
        self._talk.send(words)
        return self._talk.recv()


class _Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now
