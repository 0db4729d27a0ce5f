"""What `alertcast simulator --gateway` prints is a configuration that works."""

import tomllib
from pathlib import Path

import pytest

from alertcast.bootstrap import build
from alertcast.channels.abilities import LooksUp
from alertcast.channels.base import Outcome, Request
from alertcast.cli.simulator_gateway import environment, sections
from alertcast.config import from_mapping
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from alertcast.store.crypto import new_key

OFFICE = {"name": "试验县三防办", "short_name": "试验三防", "check_number": "0758-0000000"}
SLOTS = {"issuer": "怀集县气象台", "hazard": "寒冷", "level": "橙色", "places": "冷坑镇东村"}


@pytest.mark.parametrize("templates_only", [False, True])
def test_the_sections_are_right_and_reach_the_gateway(tmp_path: Path, templates_only: bool) -> None:
    with Simulator(DEMO_ACCOUNTS) as simulator:
        simulator.gateway.is_strict = templates_only
        shown = tomllib.loads(sections(simulator.base_url, templates_only=templates_only))
        name, secret = environment().split("=")
        env = {name: secret, "ALERTCAST_DATA_KEY": new_key()}
        app = build(from_mapping({"office": OFFICE, **shown}, folder=tmp_path, env=env))
        sms, voice = app.world.channels
        one = Request("t" * 15, "+8615400000001", "寒冷。", "warning.sms", SLOTS)
        try:
            (sent,) = sms.send([one])
            assert sent.outcome is Outcome.ACCEPTED
            assert isinstance(sms, LooksUp)
            assert sms.status_of(sent.provider_ref or "") is not None
            assert voice.send([one])[0].outcome is Outcome.ACCEPTED
        finally:
            app.close()
