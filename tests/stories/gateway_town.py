"""The small town behind a plain gateway: mapped by configuration, over HTTP, pushes and fetches.

The gateway is the simulator's.
"""

from typing import Any

from alertcast.channels.base import Channel
from alertcast.channels.gateway import Gateway
from alertcast.channels.gateway_ask import AskableGateway
from alertcast.dispatch import pull, send
from alertcast.simulator.gateway_reports import DEMO_TOKEN, PUSH_HEADER
from tests.stories.served_town import ServedTown
from tests.stories.town import Town

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


class GatewayTown(ServedTown):
    """A town whose only provider is a plain gateway."""

    def made(self, api: str) -> list[Channel]:
        self.base = api
        return [self._made("sms", section(api, "sms")), self._made("voice", section(api, "voice"))]

    def connect(self, name: str, keys: dict[str, Any]) -> Gateway:
        """Configure a channel, in the place of one of the same name."""
        made = self._made(name, keys)
        for one in self.channels:
            if isinstance(one, Gateway) and one.name == name:
                one.close()
        # in place: the page's server holds the same list
        self.channels[:] = [one for one in self.channels if one.name != name] + [made]
        return made

    def fetch(self) -> int:
        """Fetch once from every channel that is fetched from; return how much came."""
        return sum(pull.pull(self.world, one.name, self.now).events for one in self.channels)

    def send_only(self) -> None:
        """Hand over what is due, and do nothing else."""
        for kind, mode in sorted(self.world.kinds()):
            while send.send_due(self.world, kind, mode, self.now):
                pass

    def _made(self, name: str, keys: dict[str, Any]) -> Gateway:
        settings = Gateway.Settings.model_validate(keys)
        kind = Gateway if settings.look_up is None else AskableGateway
        around = self.around(GATEWAY_TOKEN=DEMO_TOKEN)
        return kind(name, settings, **around, digest=self.db.vault.index)

    def _do_all(self) -> None:
        super()._do_all()
        self.fetch()
        pull.apply_early(self.world, self.now)
        Town._do_all(self)  # what the gateway has told is acted on
