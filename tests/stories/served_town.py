"""The small town behind a simulated carrier: over real HTTP, with the page's server for callbacks.

Carrier and town share one clock, which only `tick` moves; the carrier's may be `behind`.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from alertcast.bootstrap import App, serving
from alertcast.channels.base import Channel
from alertcast.channels.gateway import Gateway
from alertcast.channels.twilio_base import TwilioChannel
from alertcast.simulator.people import Behaviour, Hearing, People, Pickup
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from alertcast.store.outbox import planned_messages
from tests.databases import MovableDatabase
from tests.ports import free_port
from tests.stories.town import EVERYBODY, Town

PATIENCE = 20.0  # real seconds in which the carrier must have done what is due

INSTANT = timedelta(seconds=0.1)
"""By how much time passes at least; what people do meanwhile is done at its end."""

SILENT = Behaviour(calls=(Hearing(Pickup.NO_ANSWER, ()),))


class ServedTown(Town):
    """A town whose people own telephones of the simulated carrier; they all press 1 at once."""

    def __init__(self, db: MovableDatabase, folder: Path) -> None:
        super().__init__(db, folder)
        people = People(0, {phone: Behaviour() for phone, _, _ in EVERYBODY})
        self.behind = timedelta(0)  # by how much the carrier's clock is behind ours
        self.carrier = Simulator(DEMO_ACCOUNTS, people, lambda: self.now - self.behind)
        self.port = free_port()
        self.public = f"http://127.0.0.1:{self.port}"
        self._open = ExitStack()

    def made(self, api: str) -> Sequence[Channel]:
        """Return the channels by which this town is reached; `api` is the carrier's address."""
        raise NotImplementedError

    def around(self, **env: str) -> dict[str, Any]:
        """Return what every channel of this town is made with."""
        return {"env": env, "public_base_url": self.public, "clock": self._clock}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            api = self.carrier.start()
            stack.callback(self.carrier.stop)
            self.settings["web"] = {"public_base_url": self.public}
            self.channels = list(self.made(api))
            stack.callback(self._close)
            app = App(self.world.config, self.world, {}, self._clock)
            page = {"secret_key": "secret", "host": "127.0.0.1", "port": self.port}
            stack.enter_context(serving(app, wake=lambda *_: None, **page))
            self._open = stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.close()

    def texted(self) -> dict[str, str]:
        """Return where the text message to each phone stands."""
        with self.db.read() as tx:
            planned = planned_messages(tx, self.db.vault)
        return {one.phone: one.state.value for one in planned if one.kind == "sms"}

    def after_the_grace(self) -> None:
        """Let real time pass, so that the carrier may be asked about a lost answer."""
        self.db.ahead += timedelta(minutes=1)
        self.tick()

    def _close(self) -> None:
        for channel in self.channels:
            if isinstance(channel, TwilioChannel | Gateway):
                channel.close()

    def _clock(self) -> datetime:
        return self.now

    def _next(self) -> datetime:
        own, due = super()._next(), self.carrier.next_due()
        if due is None:
            return own
        return min(own, max(due + self.behind, self.now + INSTANT))

    def _do_all(self) -> None:
        super()._do_all()
        self.carrier.wake()
        end = time.monotonic() + PATIENCE
        while self.carrier.pending(self.now - self.behind):
            assert time.monotonic() < end, "the carrier does not come to rest"
            time.sleep(0.005)
