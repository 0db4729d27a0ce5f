"""The small town behind a plain gateway: mapped by configuration, over HTTP, pushes and fetches.

The gateway is the simulator's; town and gateway share one clock, which only `tick` moves.
"""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from alertcast.bootstrap import App, serving
from alertcast.channels.gateway import Gateway
from alertcast.channels.gateway_ask import AskableGateway
from alertcast.dispatch import pull, send
from alertcast.simulator.gateway_reports import DEMO_TOKEN, PUSH_HEADER
from alertcast.simulator.people import Behaviour, Hearing, People, Pickup
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from alertcast.store.outbox import planned_messages
from tests.databases import MovableDatabase
from tests.stories.http_town import _free_port
from tests.stories.town import EVERYBODY, Town

PATIENCE = 20.0  # real seconds in which the gateway must have done what is due
SILENT = Behaviour(calls=(Hearing(Pickup.NO_ANSWER, ()),))

WORDS = {
    "ACCEPTED": "queued",
    "SENT": "sent",
    "DELIVERED": "delivered",
    "UNDELIVERED": "failed",
    "ANSWERED": "connected",
    "COMPLETED": "completed",
    "BUSY": "busy",
    "NO_ANSWER": "no_answer",
    "FAILED": {"state": "failed", "reason": "wrong_number"},
}
CODES = {
    "LIMIT": {"outcome": "throttled", "reason": "throttled", "wait": 1},
    "QUEUE_FULL": {"outcome": "throttled", "reason": "throttled", "wait": 1},
    "KEY_ILLEGAL": {"outcome": "stopped", "reason": "account"},
    "NUMBER_ILLEGAL": {"reason": "wrong_number"},
    "NO_SUCH_NUMBER": {"reason": "wrong_number"},
    "SWITCHED_OFF": {"reason": "switched_off"},
    "PARAM_ILLEGAL": {"reason": "slot_unfit"},
}
RECORD = {
    "ref": "ref",
    "id": "id",
    "phone": "phone",
    "state": "state",
    "code": "code",
    "key": "dtmf",
}
ITEM = {"phone": "{phone_national}", "ref": "{ref}", "text": "{text}"}
RECEIPTS = RECORD | {
    "list": "",
    "proof": {"type": "header", "header": PUSH_HEADER, "secret_env": "GATEWAY_TOKEN"},
}


def section(base: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return a channel's section: several numbers a request, pushed receipts, look-up."""
    path = "calls" if kind == "voice" else "sms"
    ask = {"method": "GET", "url": f"{base}/gateway/query", "encoding": "query"}
    found = {"list": "data.items", "absent": {"path": "code", "values": "NOT_FOUND"}} | RECORD
    ok = {"path": "code", "values": "OK"}
    return {
        "type": "gateway",
        "kind": kind,
        "rate": 1000,
        "burst": 100,
        "batch_size": 20,
        "ref_bytes": 15,
        "timeout": 2,
        "signing": {
            "type": "header",
            "header": "Authorization",
            "value": "Bearer {secret}",
            "secret_env": "GATEWAY_TOKEN",
        },
        "request": {
            "url": f"{base}/gateway/{path}",
            "fields": {"items": "{batch}"},
            "each": ITEM | {"callback": "{callback}"},
        },
        "answer": {
            "ok": ok,
            "code": "code",
            "each": {"list": "results", "ref": "ref", "ok": ok, "id": "id", "code": "code"},
        },
        "codes": CODES,
        "words": WORDS,
        "receipts": RECEIPTS,
        "look_up": ask | found | {"fields": {"ref": "{ref}"}},
        "status": ask | found | {"fields": {"id": "{id}"}},
    } | more


def fetched(base: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return a section of a provider that calls nobody: its receipts are fetched."""
    asked = "call" if kind == "voice" else "message"
    signed = {"url": f"{base}/gateway/receipts/ack", "fields": {"ids": "{ids}"}}
    whole = section(base, kind, **more)
    whole["request"] = whole["request"] | {"each": ITEM}
    del whole["receipts"]
    return whole | {
        "pull": RECORD
        | {
            "method": "GET",
            "url": f"{base}/gateway/receipts",
            "encoding": "query",
            "fields": {"kind": asked, "limit": "{limit}"},
            "limit": 3,
            "list": "data.items",
            "mark": "serial",
            "acknowledge": signed,
        }
    }


class GatewayTown(Town):
    """A town whose only provider is a plain gateway; all its people press 1 at once."""

    def __init__(self, db: MovableDatabase, folder: Path) -> None:
        super().__init__(db, folder)
        people = People(0, {phone: Behaviour() for phone, _, _ in EVERYBODY})
        self.carrier = Simulator(DEMO_ACCOUNTS, people, self._clock)
        self.port = _free_port()

    def __enter__(self) -> "GatewayTown":
        self.base = self.carrier.start()
        public = f"http://127.0.0.1:{self.port}"
        self.around: dict[str, Any] = {
            "env": {"GATEWAY_TOKEN": DEMO_TOKEN},
            "public_base_url": public,
            "clock": self._clock,
            "digest": self.db.vault.index,
        }
        self.settings["web"] = {"public_base_url": public}
        self.channels = []
        self.connect("sms", section(self.base, "sms"))
        self.connect("voice", section(self.base, "voice"))
        app = App(self.world.config, self.world, {}, self._clock)
        self.server = serving(
            app, secret_key="secret", wake=lambda *_: None, host="127.0.0.1", port=self.port
        )
        self.server.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.carrier.stop()
        self.server.__exit__(None, None, None)
        for channel in self.channels:
            if isinstance(channel, Gateway):
                channel.close()

    def connect(self, name: str, keys: dict[str, Any]) -> Gateway:
        """Configure a channel, in the place of one of the same name."""
        settings = Gateway.Settings.model_validate(keys)
        kind = Gateway if settings.look_up is None else AskableGateway
        made = kind(name, settings, **self.around)
        old = [one for one in self.channels if one.name == name]
        for one in old:
            one.close()  # type: ignore[attr-defined]
        # in place: the page's server holds the same list
        self.channels[:] = [one for one in self.channels if one.name != name] + [made]
        return made

    def texted(self) -> dict[str, str]:
        """Return where the text message to each phone stands."""
        with self.db.read() as tx:
            planned = planned_messages(tx, self.db.vault)
        return {one.phone: one.state.value for one in planned if one.kind == "sms"}

    def after_the_grace(self) -> None:
        """Let real time pass, so that the gateway may be asked about a lost answer."""
        self.db.ahead += timedelta(minutes=1)
        self.tick()

    def fetch(self) -> int:
        """Fetch once from every channel that is fetched from; return how much came."""
        return sum(pull.pull(self.world, one.name, self.now) for one in self.channels)

    def send_only(self) -> None:
        """Hand over what is due, and do nothing else."""
        for kind, mode in sorted(self.world.kinds()):
            while send.send_due(self.world, kind, mode, self.now):
                pass

    def _clock(self) -> Any:
        return self.now

    def _do_all(self) -> None:
        super()._do_all()
        self.carrier.wake()
        end = time.monotonic() + PATIENCE
        while self.carrier.pending(self.now):
            assert time.monotonic() < end, "the gateway does not come to rest"
            time.sleep(0.005)
        self.fetch()
        pull.apply_early(self.world, self.now)
        super()._do_all()
