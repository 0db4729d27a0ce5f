"""The small town of the drill: two villages, four people, one red warning; and its installation."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from shapely import box

from alertcast.bootstrap import App, build
from alertcast.config import Config, Main, from_mapping
from alertcast.core.grid import Grid
from alertcast.core.roster import Person, Post
from alertcast.demo.chaos.cases import LAG, Case
from alertcast.simulator.gateway_reports import DEMO_TOKEN, PUSH_HEADER
from alertcast.simulator.people import Behaviour, Hearing, Pickup
from alertcast.simulator.server import DEMO_ACCOUNTS
from alertcast.store import grids, people
from alertcast.store.db import Database

START = datetime(2026, 12, 26, 15, 40, tzinfo=UTC)
"""Product time at which the warning is published: 23:40 in Huaiji."""

LEASE = 1.0
"""Real seconds, scaled down from 30."""

GRACE = 1.0
"""Real seconds beyond what a provider's list lags, scaled down from 30."""

TIMEOUT = 1.0
"""Real seconds that we wait for a provider's answer, scaled down from 10."""

_COUNTY, _TOWN = "441224", "441224101"
_ROLES = ("branch_leader", "first_secretary")
_OFFICE = {
    "name": "怀集县三防指挥部办公室",
    "short_name": "怀集三防",
    "check_number": "0758-5522000",
}
_NO_ANSWER, _BUSY = Hearing(Pickup.NO_ANSWER, ()), Hearing(Pickup.BUSY, ())

PEOPLE: dict[str, Behaviour] = {
    "+8615400000001": Behaviour(),
    "+8615400000002": Behaviour(calls=(_NO_ANSWER, Hearing())),
    "+8615400000003": Behaviour(calls=(_BUSY, Hearing(keys=("3", "1")))),
    "+8615400000004": Behaviour(calls=(Hearing(Pickup.VOICEMAIL, ()),)),
}
"""Who owns the telephones, and what they do; two people a village."""


class TownClock:
    """Product time of a case, which somebody moves."""

    now = START

    def __call__(self) -> datetime:
        """Return product time, aware, UTC."""
        return self.now


@dataclass(frozen=True, slots=True)
class Ports:
    """Where product and carrier are reached on this machine."""

    product: int
    carrier: int

    @property
    def product_address(self) -> str:
        """Return the address of the product."""
        return f"http://127.0.0.1:{self.product}"

    @property
    def carrier_address(self) -> str:
        """Return the address of the carrier."""
        return f"http://127.0.0.1:{self.carrier}"


def installation(case: Case, folder: Path, url: str, ports: Ports, key: str) -> App:
    """Return the installation of a case, not running.

    Cases that differ neither in `lags` nor in `asks` have the same one.
    """
    base, carrier = ports.product_address, ports.carrier_address
    account, token = next(iter(DEMO_ACCOUNTS.items()))
    twilio: dict[str, object] = {
        "account_sid": account,
        "from_number": "+15005550006",
        "api_base_url": carrier,
        "rate": 1000.0,
        "burst": 200.0,
        "timeout": TIMEOUT,
    }
    sms = twilio | {"type": "twilio_sms"} if case.asks else _gateway(carrier)
    voice = twilio | {"type": "twilio_voice", "machine_detection": True}
    lag = LAG if case.lags else 0.0
    main = Main.model_validate(
        {
            "office": _OFFICE,
            "database": {"url": url},
            "engine": {"type": "local"},
            "web": {"port": ports.product, "public_base_url": base, "threads": 2},
            "sources": {"feed": {"type": "feed", "url": f"{carrier}/feed/atom.xml"}},
            "channels": {"sms": sms, "voice": voice},
        }
    )
    # a configuration counts in whole seconds
    scaled = {"lease": timedelta(seconds=LEASE), "grace": timedelta(seconds=GRACE + lag)}
    dispatch = main.dispatch.model_copy(update=scaled)
    config = replace(
        _shipped(),
        folder=folder,
        main=main.model_copy(update={"dispatch": dispatch}),
        env={
            "TWILIO_AUTH_TOKEN": token,
            "GATEWAY_TOKEN": DEMO_TOKEN,
            "ALERTCAST_DATA_KEY": key,
        },
    )
    return build(config, clock=TownClock(), is_demo=True)


def settle(db: Database) -> None:
    """Import the town's grids and roster."""
    cells = [
        Grid(
            code=f"4412241010{number:02d}",
            name=f"第{number + 1}村",
            kind="village",
            town_code=_TOWN,
            town="冷坑镇",
            county_code=_COUNTY,
            county="怀集县",
            geometry=box(number, 0, number + 1, 1),
        )
        for number in range(2)
    ]
    folk = [Person(f"p{n}", f"某{n}", phone) for n, phone in enumerate(PEOPLE)]
    posts = [Post(one.code, _ROLES[n % 2], cells[n // 2].code) for n, one in enumerate(folk)]
    with db.write() as tx:
        grids.import_layer(
            tx, "town", cells, sha256="1" * 64, is_approximate=True, attribution="", now=START
        )
        people.import_roster(tx, db.vault, "town", folk, posts, sha256="2" * 64, now=START)


def warning() -> tuple[str, bytes]:
    """Return the identifier and the CAP document of the warning."""
    identifier = f"{_COUNTY}41600000_{START:%Y%m%d%H%M%S}"
    ends = START + timedelta(hours=24)
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{identifier}</identifier><sender>observatory</sender>"
        f"<sent>{START.isoformat()}</sent><status>Actual</status><msgType>Alert</msgType>"
        "<scope>Public</scope><info><language>zh-CN</language><category>Met</category>"
        "<event>寒冷</event><urgency>Expected</urgency><severity>Extreme</severity>"
        f"<certainty>Likely</certainty><expires>{ends.isoformat()}</expires>"
        "<senderName>怀集县气象台</senderName>"
        "<headline>怀集县气象台发布寒冷红色预警信号</headline>"
        "<area><areaDesc>怀集县</areaDesc><polygon>-1,-1 -1,3 2,3 2,-1 -1,-1</polygon></area>"
        "</info></alert>"
    )
    return identifier, document.encode()


@cache
def _shipped() -> Config:
    """Return the policies, hazards, roles and texts that come with alertcast, read once."""
    return from_mapping({"office": _OFFICE}, folder=Path("nowhere"), env={})


def _gateway(carrier: str) -> dict[str, Any]:
    """Return a gateway for texts that answers no question about what it took."""
    ok = {"path": "code", "values": "OK"}
    return {
        "type": "gateway",
        "kind": "sms",
        "rate": 1000.0,
        "burst": 200.0,
        "batch_size": 1,
        "ref_bytes": 15,
        "timeout": TIMEOUT,
        "signing": {
            "type": "header",
            "header": "Authorization",
            "value": "Bearer {secret}",
            "secret_env": "GATEWAY_TOKEN",
        },
        "request": {
            "url": f"{carrier}/gateway/sms",
            "fields": {"items": "{batch}"},
            "each": {
                "phone": "{phone_national}",
                "ref": "{ref}",
                "text": "{text}",
                "callback": "{callback}",
            },
        },
        "answer": {
            "ok": ok,
            "code": "code",
            "each": {"list": "results", "ref": "ref", "ok": ok, "id": "id", "code": "code"},
        },
        "codes": {
            code: {"outcome": "throttled", "reason": "throttled", "wait": 0.1}
            for code in ("LIMIT", "QUEUE_FULL")
        },
        "words": {
            "ACCEPTED": "queued",
            "SENT": "sent",
            "DELIVERED": "delivered",
            "UNDELIVERED": "failed",
        },
        "receipts": {
            "ref": "ref",
            "id": "id",
            "phone": "phone",
            "state": "state",
            "code": "code",
            "list": "",
            "proof": {"type": "header", "header": PUSH_HEADER, "secret_env": "GATEWAY_TOKEN"},
        },
    }
