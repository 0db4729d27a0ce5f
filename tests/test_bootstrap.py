"""From a configuration to an installation: what is missing is told in one go."""

import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from alertcast.bootstrap import build, installation, running
from alertcast.channels.manual import ManualChannel
from alertcast.channels.twilio_sms import TwilioSms
from alertcast.config import ConfigError, from_mapping
from alertcast.sources.folder import Folder
from alertcast.store import pulses
from alertcast.store.crypto import new_key
from tests.sources.signers import signer

OFFICE = {"name": "试验县三防办", "short_name": "试验三防", "check_number": "0758-0000000"}
SMS = {"type": "twilio_sms", "account_sid": "AC" + "0" * 32, "from_number": "+15005550006"}

OBSERVATORY = signer("observatory")


def built(folder: Path, env: dict[str, str], **sections: object):
    return build(from_mapping({"office": OFFICE, **sections}, folder=folder, env=env))


def test_every_mistake_of_every_section_and_secret_is_told(tmp_path):
    sections = {
        "channels": {
            "dove": {"type": "pigeon"},
            "sms": SMS | {"rate": 0},
            "voice": SMS | {"type": "twilio_voice"},
        },
        "sources": {
            "inbox": {"type": "folder", "every": "soon", "path": "inbox"},
            "feed": {"type": "feed", "url": "not an address"},
            "tv": {"type": "television"},
        },
    }
    with pytest.raises(ConfigError) as caught:
        built(tmp_path, {}, **sections)
    starts = [
        "environment: ALERTCAST_DATA_KEY is not set",
        "channels.dove.type: 'pigeon' is not one of gateway, manual, twilio_sms, twilio_voice",
        "channels.sms: rate: ",
        "channels.voice: ",  # its token is not in the environment
        "sources.inbox.every: ",
        "sources.feed: url: ",
        "sources.tv.type: ",
    ]
    assert len(caught.value.mistakes) == len(starts)
    for mistake, start in zip(caught.value.mistakes, starts, strict=True):
        assert mistake.startswith(start)


def test_mistakes_of_files_sections_and_secrets_are_told_together(tmp_path):
    path = tmp_path / "alertcast.toml"
    path.write_text(
        '[office]\nname = "试验"\nshort_name = "试"\ncheck_number = "1"\n[web]\nport = -1\n'
        '[channels.dove]\ntype = "pigeon"\n[sources.inbox]\ntype = "folder"\n',
        "utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        installation(path, {"ALERTCAST_DATA_KEY": "c2hvcnQ="})
    found = caught.value.mistakes
    assert [mistake.split(": ")[:2] for mistake in found] == [
        ["alertcast.toml", "web.port"],
        ["environment", "ALERTCAST_DATA_KEY"],
        ["channels.dove.type", found[2].split(": ")[1]],
        ["sources.inbox", "path"],
    ]


def test_certificates_are_looked_for_beside_the_configuration(tmp_path):
    OBSERVATORY.write(tmp_path)
    feed = {"type": "feed", "url": "https://example.org/", "certificates": ["observatory.pem"]}
    env = {"ALERTCAST_DATA_KEY": new_key()}
    with closing(built(tmp_path, env, sources={"cap": feed})) as app:
        assert app.feeds["cap"].source.settings.certificates == (OBSERVATORY.certificate,)
    feed["certificates"] = ["gone.pem"]
    with pytest.raises(ConfigError, match=r"sources.cap: certificates: .*gone.pem: No such file"):
        built(tmp_path, env, sources={"cap": feed})


@pytest.mark.parametrize(
    ("channel", "base", "why"),
    [
        (SMS, "http://alerts.example.cn", "does not begin with https://"),
        (SMS, f"https://{'a' * 40}.example.cn", "is longer than 40 characters"),
        (SMS | {"type": "twilio_voice"}, "https://alerts.example.cn", "only text messages"),
    ],
)
def test_links_that_could_not_be_sent_are_a_mistake(tmp_path, channel, base, why):
    env = {"ALERTCAST_DATA_KEY": new_key(), "TWILIO_AUTH_TOKEN": "t"}
    web = {"public_base_url": base}
    with pytest.raises(ConfigError, match=why) as caught:
        built(tmp_path, env, web=web, channels={"one": channel | {"links": True}})
    assert len(caught.value.mistakes) == 1
    built(tmp_path, env, web=web, channels={"one": channel}).close()


def test_links_may_have_a_shorter_address_of_their_own(tmp_path):
    env = {"ALERTCAST_DATA_KEY": new_key(), "TWILIO_AUTH_TOKEN": "t"}
    sections = {
        "web": {"public_base_url": f"https://{'a' * 40}.example.cn"},
        "links": {"base_url": "https://yj.example.cn/"},
        "channels": {"sms": SMS | {"links": True}},
    }
    app = built(tmp_path, env, **sections)
    assert app.config.main.links.base_url == "https://yj.example.cn"
    app.close()
    with pytest.raises(ConfigError, match="more than 40 characters"):
        built(tmp_path, env, links={"base_url": f"https://{'a' * 40}.cn"})


def test_a_whole_configuration_is_put_together_and_nothing_is_touched(tmp_path):
    app = built(
        tmp_path,
        {"ALERTCAST_DATA_KEY": new_key(), "TWILIO_AUTH_TOKEN": "token"},
        channels={"sms": SMS, "hand": {"type": "manual"}},
        sources={"inbox": {"type": "folder", "path": "in", "every": "10s"}},
        database={"url": "sqlite:///kept.sqlite3"},
    )
    assert [type(channel) for channel in app.world.channels] == [TwilioSms, ManualChannel]
    assert isinstance(app.feeds["inbox"].source, Folder)
    assert app.feeds["inbox"].every == timedelta(seconds=10)
    assert app.world.db.url.database == (tmp_path / "kept.sqlite3").as_posix()
    assert list(tmp_path.iterdir()) == []
    app.close()


def test_what_runs_has_a_pulse(tmp_path):
    (tmp_path / "inbox").mkdir()
    env = {"ALERTCAST_DATA_KEY": new_key(), "TWILIO_AUTH_TOKEN": "t" * 32}
    sources = {"inbox": {"type": "folder", "path": "inbox"}}
    app = built(tmp_path, env, channels={"sms": SMS}, sources=sources)
    app.world.db.upgrade()
    whats = {"tick", "watch", "receipts", "call_list", "feed inbox", "send sms live"}
    with running(app):
        deadline = time.monotonic() + 10
        begun = felt(app)
        assert begun.keys() == whats
        while felt(app) == begun and time.monotonic() < deadline:
            time.sleep(0.05)
        assert felt(app) != begun
    app.close()


def felt(app):
    with app.world.db.read() as tx:
        return pulses.latest(tx, app.world.db.real_now(tx))


def test_the_engine_of_many_machines_needs_their_database(tmp_path):
    env = {"ALERTCAST_DATA_KEY": new_key()}
    with pytest.raises(ConfigError) as caught:
        built(tmp_path, env, engine={"type": "procrastinate"})
    assert caught.value.mistakes == [
        "engine.type: procrastinate needs a PostgreSQL database, not SQLite"
    ]


def test_without_the_package_the_engine_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "alertcast.engines.procrastinate", None)
    env = {"ALERTCAST_DATA_KEY": new_key()}
    database = {"url": "postgresql+psycopg://nobody@/nowhere"}
    with pytest.raises(ConfigError, match=r"pip install 'alertcast\[postgresql\]'"):
        built(tmp_path, env, database=database)
    built(tmp_path, env, database=database, engine={"type": "local"}).close()


def test_a_jurisdiction_with_a_mistake_is_refused_by_name(tmp_path):
    env = {"ALERTCAST_DATA_KEY": new_key()}
    inbox = {"type": "folder", "path": "inbox", "jurisdiction": {"codes": ["441"]}}
    with pytest.raises(ConfigError) as caught:
        built(tmp_path, env, sources={"inbox": inbox})
    assert caught.value.mistakes == [
        "sources.inbox.jurisdiction: '441' is not 2, 4 or 6 digits of an administrative code, "
        "e.g. 4412"
    ]
