"""`alertcast simulator`: a carrier and publishers on this machine, and what the carrier took."""

import signal
import threading
from pathlib import Path

import click
import requests

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.simulator_feeds import KEYS, fault, warn
from alertcast.cli.simulator_feeds import sections as feed_sections
from alertcast.cli.simulator_gateway import environment, sections
from alertcast.simulator.messages import SERVICE_NUMBER
from alertcast.simulator.people import People
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator, run_alone

PORT = 8090
"""Where the simulator listens unless told otherwise."""

CHANNELS = """\
The simulator listens at {url}  (Ctrl-C stops it)

Point channels of alertcast.toml at it:

[channels.sms]
type = "twilio_sms"
account_sid = "{account}"
from_number = "{number}"
api_base_url = "{url}"

[channels.voice]
type = "twilio_voice"
account_sid = "{account}"
from_number = "{number}"
api_base_url = "{url}"

and write into alertcast.env beside it:

TWILIO_AUTH_TOKEN={token}

A feed of warnings: {feed}
What was sent: `alertcast simulator ledger --url {url}`"""


GATEWAY = """\
The simulator listens at {url}  (Ctrl-C stops it)

Connect its plain gateway in alertcast.toml:

{sections}
and write into alertcast.env beside it:

{environment}

What was sent: `alertcast simulator ledger --url {url}`"""


FEEDS = """\
The simulator listens at {url}  (Ctrl-C stops it)

Connect its publishers in alertcast.toml, all or some:

{sections}
and write into alertcast.env beside it:

{environment}

Publish a warning:
  alertcast simulator warn --headline 怀集县气象台发布寒冷红色预警信号 --url {url}"""


@click.group(
    invoke_without_command=True,
    epilog="\b\nExample:\n  alertcast simulator\n"
    "  alertcast simulator --gateway\n"
    "  alertcast simulator --feeds\n"
    "  alertcast simulator --inbound-url http://127.0.0.1:8080/callbacks/sms/inbound",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535))
@click.option("--seed", default=0, show_default=True, help="Which people answer, and how.")
@click.option("--inbound-url", help="Where people's texts are sent: .../callbacks/NAME/inbound.")
@click.option("--voice-url", help="Asked when people call: .../callbacks/NAME/inbound-voice.")
@click.option("--gateway", is_flag=True, help="Show how its plain gateway is connected instead.")
@click.option("--feeds", is_flag=True, help="Show how its publishers are connected instead.")
@click.option("--templates-only", is_flag=True, help="The gateway takes no free text in SMS.")
@click.option(
    "--ledger",
    "ledger_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Append all that happens to this file, as JSON lines.",
)
@click.pass_context
def command(
    ctx: click.Context,
    host: str,
    port: int,
    seed: int,
    inbound_url: str | None,
    voice_url: str | None,
    gateway: bool,
    feeds: bool,
    templates_only: bool,
    ledger_path: Path | None,
) -> None:
    """Run a carrier that speaks Twilio's protocol and reaches nobody, until Ctrl-C.

    A plain gateway, as mainland providers have them, is beside it, and publishers of warnings in
    every format that is read.
    """
    if ctx.invoked_subcommand is not None:
        return
    simulator = Simulator(
        DEMO_ACCOUNTS,
        People(seed),
        inbound_url=inbound_url,
        voice_url=voice_url,
        ledger_path=ledger_path,
    )
    try:
        url = simulator.start(host, port)
    except (OSError, ValueError) as error:
        simulator.stop()
        raise Refused(str(error)) from None
    simulator.gateway.is_strict = templates_only
    simulator.gateway.lines.inbound_url = inbound_url
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    if feeds:
        named = "\n".join(f"{name}={value}" for name, value in KEYS.items())
        said = FEEDS.format(url=url, sections=feed_sections(url), environment=named)
    else:
        said = _how(simulator, url, gateway or templates_only, templates_only)
    click.echo(said)
    run_alone(simulator, host, port, stopped)


@command.command(epilog="\b\nExample:\n  alertcast simulator ledger --json | jq .calls")
@click.option("--url", default=f"http://127.0.0.1:{PORT}", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: all of it.")
def ledger(url: str, as_json: bool) -> None:
    """Print what a running simulator was given: messages, calls, refusals, texts from people."""
    try:
        answer = requests.get(f"{url.rstrip('/')}/ledger", timeout=10)
        answer.raise_for_status()
        book = answer.json()
    except requests.RequestException as error:
        raise Refused(f"{url}: no simulator answers ({type(error).__name__})") from None
    if as_json:
        output.json_line(book)
        return
    rows = [
        (one["created"], kind, one["to"], _pressed(one), one["body"] or " ".join(one["spoken"]))
        for kind, listed in (("message", book["messages"]), ("call", book["calls"]))
        for one in listed
    ]
    output.table(("at", "kind", "to", "pressed", "text"), sorted(rows))
    click.echo(
        f"{len(book['messages'])} messages, {len(book['calls'])} calls, "
        f"{len(book['refused'])} refused, {len(book['inbound'])} texts from people."
    )


command.add_command(warn)
command.add_command(fault)


def _how(simulator: Simulator, url: str, is_gateway: bool, templates_only: bool) -> str:
    """Return how alertcast.toml is to be written to reach the simulator."""
    if is_gateway:
        shown = sections(url, templates_only=templates_only)
        return GATEWAY.format(url=url, sections=shown, environment=environment())
    account, token = next(iter(DEMO_ACCOUNTS.items()))
    return CHANNELS.format(
        url=url, account=account, token=token, number=SERVICE_NUMBER, feed=simulator.feed_url
    )


def _pressed(call: dict[str, list[dict[str, str]]]) -> str:
    return " ".join(press["digits"] or "-" for press in call["pressed"])
