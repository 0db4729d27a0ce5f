"""The demo of one small town: its report, and that it notices what must not happen."""

import functools
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from alertcast.channels.base import Channel, Outcome, Request, Sent
from alertcast.cli import demo as family
from alertcast.cli import main
from alertcast.demo.run import once

TOWN = "下帅壮族瑶族乡"  # five grids


class Between:
    """Something between dispatch and a channel; all but `send` is the channel's own."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.seen = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.channel, name)


class Doubling(Between):
    """Sends the third message twice."""

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        self.seen += 1
        if self.seen == 3:
            self.channel.send(requests)
        return self.channel.send(requests)


class Dropping(Between):
    """Says that the third message was taken, and drops it."""

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        self.seen += 1
        if self.seen == 3:
            return [Sent(one.token, Outcome.ACCEPTED, "SM" + "0" * 32) for one in requests]
        return self.channel.send(requests)


def play(monkeypatch: pytest.MonkeyPatch, wrap: Callable[[Channel], Any], *options: str) -> Result:
    monkeypatch.setattr(family, "once", functools.partial(once, wrap=wrap))
    arguments = ["demo", "--once", "--town", TOWN, "--speed", "2000", *options]
    return CliRunner().invoke(main, arguments)


def only_sms(spoil: type[Between]) -> Callable[[Channel], Any]:
    return lambda channel: spoil(channel) if channel.name == "sms" else channel


def test_an_unknown_town_is_named() -> None:
    result = CliRunner().invoke(main, ["demo", "--once", "--town", "无此镇"])
    assert result.exit_code == 1
    assert "无此镇" in result.stderr


def test_whoever_watches_without_a_terminal_is_told_at_once_where_the_page_is() -> None:
    command = [sys.executable, "-m", "alertcast", "demo", "--town", TOWN, "--port", "0"]
    with subprocess.Popen(command, stdout=-1, stderr=subprocess.STDOUT, text=True) as demo:
        try:
            assert demo.stdout is not None
            said = next(line for line in demo.stdout if "值班页面" in line)
            address = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert address, said
            assert requests.get(f"{address[0]}/login", timeout=60).status_code == 200
        finally:
            demo.terminate()


def test_json_without_once_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["demo", "--json"]).exit_code == 2


def test_a_sender_that_sends_twice_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    result = play(monkeypatch, only_sms(Doubling), "--json")
    assert result.exit_code == 1, result.output
    assert json.loads(result.stdout)["duplicates"] >= 1


def test_a_sender_that_drops_one_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    result = play(monkeypatch, only_sms(Dropping), "--json")
    assert result.exit_code == 1, result.output
    night = json.loads(result.stdout)
    assert night["lost"] >= 1
    assert night["duplicates"] == 0


def test_a_good_night_is_reported_broadcast_by_broadcast(monkeypatch: pytest.MonkeyPatch) -> None:
    result = play(monkeypatch, lambda channel: channel, "--json")
    assert result.exit_code == 0, result.output
    night = json.loads(result.stdout)
    assert (night["duplicates"], night["lost"], night["wrong"]) == (0, 0, [])
    purposes = [one["purpose"] for one in night["broadcasts"]]
    assert purposes == ["warning", "warning", "station", "warning", "all_clear"]
    warnings = [one for one in night["broadcasts"] if one["purpose"] == "warning"]
    assert [one["grids"]["total"] for one in warnings] == [5, 5, 5]
    for one in warnings:
        assert one["state"] == "closed"
        assert one["people"]["told"] > 0
        assert one["attempts"] >= sum(one["tasks"]["sms"].values()) - 2
        assert one["acknowledged"] > 0
        assert len(one["unreached"]) == one["grids"].get("unreached", 0)
    assert night["messages"] + night["calls"] > 0


def test_the_table_is_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    result = play(monkeypatch, lambda channel: channel)
    assert result.exit_code == 0, result.output
    assert "重复 duplicates 0" in result.stdout
