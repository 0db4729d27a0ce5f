"""The simulator's publishers: how each is connected, and what they publish while it runs."""

import json
from pathlib import Path
from typing import Any

import click
import requests

from alertcast.cli.failure import Refused
from alertcast.simulator.faults import FAULTS
from alertcast.simulator.feeds.formats import FEEDS, FORMATS
from alertcast.simulator.feeds.publisher import CERTIFICATE

KEYS = {"SIMULATOR_KEY": "any"}
"""Variables of alertcast.env that the sections name; what is in them does not matter here."""

_POINTS = 'points = { "441224" = [23.91, 112.18] }'
_REGION = 'region = ["4412"]'
_POST = 'method = "POST"\nbody = { size = 20 }\n'
_PAGING = {
    "platform_pages": 'paging = { parameter = "page", total = "result.total" }\n',
    "platform_next": 'paging = { next = "result.next" }\n',
    "platform_cursor": 'paging = { cursor = "result.cursor", parameter = "cursor" }\n',
    "platform_post": f'{_POST}paging = {{ parameter = "page", total = "result.total" }}\n',
}
_MAPPED = """\
type = "json"
url = "ADDRESS"
region = ["4412"]
sender = "platform.simulator"
token_env = "SIMULATOR_KEY"
items = "result.rows"
ok = { path = "status", values = ["ok"] }
times = { format = "%Y%m%d%H%M%S" }
PAGING
[sources.NAME.fields]
id = "warnId"
headline = "title"
text = "content"
issuer = "unit.name"
time = "issueTime"
expires = "endTime"
state = "state"
replaces = "old"
area = "where.name"
codes = "where.adcodes"

[sources.NAME.states]
"发布" = "alert"
"更新" = "update"
"解除" = "cancel"
"演练" = "exercise"
"""
_OTHERS = {
    "swic": f'type = "swic"\nurl = "ADDRESS"\n{_REGION}\n',
    "nws": 'type = "nws"\nbase_url = "BASE"\nuser_agent = "alertcast desk@example.org"\n',
    "cma": f'type = "cma_map"\nurl = "ADDRESS"\n{_REGION}\n',
    "nmc": f'type = "nmc"\nurl = "ADDRESS"\n{_REGION}\n',
    "qweather": f'type = "qweather"\napi_host = "BASE"\nkey_env = "SIMULATOR_KEY"\n{_POINTS}\n',
    "qweather_v7": 'type = "qweather"\nversion = "v7"\napi_host = "BASE"\n'
    f'key_env = "SIMULATOR_KEY"\n{_POINTS}\n',
    "caiyun": f'type = "caiyun"\nurl = "BASE"\ntoken_env = "SIMULATOR_KEY"\n{_REGION}\n{_POINTS}\n',
    "caiyun_v3": 'type = "caiyun"\nversion = "v3"\nurl = "BASE"\n'
    f'token_env = "SIMULATOR_KEY"\n{_REGION}\n',
}


def sections(url: str) -> str:
    """Return a section of alertcast.toml for every format of the simulator at `url`."""
    names = [name for name in FORMATS if name != "nws_zone"]
    return "\n".join(_section(name, url) for name in names)


def _section(name: str, url: str) -> str:
    text = 'type = "feed"\nurl = "ADDRESS"\n'
    if name.startswith("platform"):
        text = _MAPPED.replace("PAGING\n", _PAGING.get(name, ""))
    text = _OTHERS.get(name, text)
    address = url + FORMATS[name].rule
    filled = text.replace("ADDRESS", address).replace("BASE", url).replace("NAME", name)
    note = f"# its certificate: {url}{CERTIFICATE}\n" if name == "signed" else ""
    return f"[sources.{name}]\n{note}{filled}"


@click.command(
    epilog="\b\nExample:\n  alertcast simulator warn --headline 怀集县气象台发布寒冷红色预警信号\n"
    "  alertcast simulator warn warning.xml",
)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--headline", help="What is published, instead of files.")
@click.option("--text", help="Its full text.")
@click.option("--event", help="Its event, e.g. 寒冷; else as the headline says.")
@click.option("--level", help="Its level, e.g. red; else as the headline says.")
@click.option("--place", help="Administrative code; 441224 if left out.")
@click.option("--kind", type=click.Choice(["Alert", "Update", "Cancel"]))
@click.option("--replaces", multiple=True, help="Identifier of a warning published before.")
@click.option("--hours", type=float, help="How long it holds; 24 if left out.")
@click.option("--url", default="http://127.0.0.1:8090", show_default=True)
def warn(files: tuple[Path, ...], url: str, **words: Any) -> None:
    """Let a running simulator publish a warning, in every format at once.

    FILES are CAP documents, which go out byte for byte.
    """
    row = {key: value for key, value in words.items() if value}
    if bool(files) == bool(row):
        msg = "either FILES, or --headline and what belongs to it"
        raise click.UsageError(msg)
    bodies = [file.read_bytes() for file in files] or [json.dumps(row).encode()]
    for body in bodies:
        click.echo(_ask(url, "POST", "/warnings", body)["identifier"])


@click.command(
    epilog="\b\nExample:\n  alertcast simulator fault feed_throttled --kind cma --every 3\n"
    "  alertcast simulator fault none",
)
@click.argument("name", metavar="FAULT", type=click.Choice([*FAULTS, "none"]))
@click.option(
    "--kind",
    metavar="KIND",
    type=click.Choice(["message", "call", *FEEDS]),
    help="message or call; of a feed_ fault its format, or document. Left out: any.",
)
@click.option("--nth", type=click.IntRange(1), help="Once, at the n-th event.")
@click.option("--every", type=click.IntRange(1), help="At every n-th.")
@click.option("--share", type=click.FloatRange(0, 1), help="At this share of the events.")
@click.option("--seconds", type=float, help="The wait or lag, where the fault has one.")
@click.option("--url", default="http://127.0.0.1:8090", show_default=True)
def fault(name: str, url: str, **words: Any) -> None:
    """Let something go wrong at a running simulator; `none`: nothing any more.

    What there is stands in docs/simulator.md; a wrong word lists it.
    """
    if name == "none":
        _ask(url, "DELETE", "/faults")
        return
    row = {"fault": name} | {key: value for key, value in words.items() if value is not None}
    _ask(url, "POST", "/faults", json.dumps(row).encode())


def _ask(url: str, method: str, path: str, body: bytes | None = None) -> Any:
    """Return what the simulator answers; raises Refused with what it says is wrong."""
    try:
        answer = requests.request(method, url.rstrip("/") + path, data=body, timeout=10)
    except requests.RequestException as error:
        raise Refused(f"{url}: no simulator answers ({type(error).__name__})") from None
    said = answer.json() if answer.content else {}
    if not answer.ok:
        raise Refused(said.get("error", f"{url}: answered {answer.status_code}"))
    return said
