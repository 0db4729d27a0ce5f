"""The small town behind a real carrier: the Twilio SDK, HTTP, signatures and the page's server.

The carrier is the simulator on loopback; it and the town share one clock, which only `tick` moves.
"""

import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from alertcast.bootstrap import App, serving
from alertcast.channels.twilio_sms import TwilioSms
from alertcast.channels.twilio_voice import TwilioVoice
from alertcast.simulator.people import Behaviour, People
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from alertcast.store.outbox import planned_messages
from tests.databases import MovableDatabase
from tests.stories.town import EVERYBODY, Town

PATIENCE = 20.0  # real seconds in which the carrier must have done what is due


class HttpTown(Town):
    """A town whose people own telephones of the simulated carrier; they all press 1 at once."""

    def __init__(self, db: MovableDatabase, folder: Path) -> None:
        super().__init__(db, folder)
        self.carrier = Simulator(
            DEMO_ACCOUNTS, People(0, {phone: Behaviour() for phone, _, _ in EVERYBODY}), self._clock
        )
        self.port = _free_port()
        self.recordings: Path | None = None

    def __enter__(self) -> "HttpTown":
        base = f"http://127.0.0.1:{self.port}"
        api = self.carrier.start()
        self.carrier.inbound_url = f"{base}/callbacks/sms/inbound"
        self.carrier.voice_url = f"{base}/callbacks/voice/inbound-voice"
        account, token = next(iter(DEMO_ACCOUNTS.items()))
        common = {"account_sid": account, "from_number": "+15005550006", "api_base_url": api}
        common |= {"rate": 1000, "burst": 100}
        around: dict[str, Any] = {
            "env": {"TWILIO_AUTH_TOKEN": token},
            "public_base_url": base,
            "clock": self._clock,
        }
        sms = TwilioSms.Settings(type="twilio_sms", two_way=True, **common)
        voice = TwilioVoice.Settings(type="twilio_voice", machine_detection=True, **common)
        if self.recordings is not None:
            voice = voice.model_copy(update={"recordings": str(self.recordings)})
        drill = TwilioSms.Settings(type="twilio_sms", drill=True, **common)
        self.channels = [
            TwilioSms("sms", sms, **around),
            TwilioVoice("voice", voice, texts=self.world.config.texts, **around),
            TwilioSms("drill", drill, **around),
        ]
        self.settings["web"] = {"public_base_url": base}
        app = App(self.world.config, self.world, {}, self._clock)
        self.server = serving(
            app, secret_key="secret", wake=lambda _: None, host="127.0.0.1", port=self.port
        )
        self.server.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.carrier.stop()
        self.server.__exit__(None, None, None)
        for channel in self.channels:
            channel.close()  # type: ignore[attr-defined]

    def texted(self) -> dict[str, str]:
        """Return where the text message to each phone stands."""
        with self.db.read() as tx:
            planned = planned_messages(tx, self.db.vault)
        return {one.phone: one.state.value for one in planned if one.kind == "sms"}

    def after_the_grace(self) -> None:
        """Let real time pass, so that the carrier may be asked about a lost answer."""
        self.db.ahead += timedelta(minutes=1)
        self.tick()

    def _clock(self) -> Any:
        return self.now

    def _do_all(self) -> None:
        super()._do_all()
        self.carrier.wake()
        end = time.monotonic() + PATIENCE
        while self.carrier.pending(self.now):
            assert time.monotonic() < end, "the carrier does not come to rest"
            time.sleep(0.005)
        super()._do_all()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
