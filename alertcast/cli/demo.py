"""`alertcast demo`: a cold night in Huaiji, played on the real parts against simulators."""

import signal
import threading

import click
from rich.console import Console
from rich.live import Live

from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.demo.play import Stuck
from alertcast.demo.run import once, watch
from alertcast.demo.show import summary
from alertcast.demo.stage import NoSuchTown


@click.command(
    epilog="\b\nExample:\n  alertcast demo\n  alertcast demo --once --json | jq .duplicates"
)
@click.option("--once", "is_once", is_flag=True, help="Play to the end, report, and leave.")
@click.option("--json", "as_json", is_flag=True, help="With --once: the report as one JSON object.")
@click.option(
    "--speed",
    type=click.FloatRange(min=1, max=100_000),
    help="Seconds of the night in one real second, at most. [60; 600 with --once]",
)
@click.option("--seed", type=int, default=0, help="Another seed: people behave differently.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of the page; 0: any.")
@click.option("--town", help="Play with one town of Huaiji only, e.g. 冷坑镇.")
def command(
    is_once: bool, as_json: bool, speed: float | None, seed: int, port: int, town: str | None
) -> None:
    """Play a cold night in Huaiji county: nothing leaves this machine, nobody is real.

    With --once: exit code 0 only if no message was lost or doubled, counted from the carrier's own
    ledger, and every broadcast came to its end; otherwise 1.
    """
    if as_json and not is_once:
        raise click.UsageError("--json goes with --once")
    console = Console(stderr=as_json)
    live = Live(console=console, refresh_per_second=4, transient=is_once)
    try:
        if not is_once:
            _watch(live, speed or 60, seed, port, town)
            return
        shown = live if console.is_terminal else None
        night = once(speed=speed or 600, seed=seed, town=town, live=shown)
    except (Stuck, NoSuchTown) as error:
        raise Refused(str(error)) from None
    if as_json:
        output.json_line(night)
    else:
        summary(console, night)
    if not night["ok"]:
        raise click.exceptions.Exit(1)


def _watch(live: Live, speed: float, seed: int, port: int, town: str | None) -> None:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    live.console.print("正在搭建模拟环境…  Setting up; Ctrl-C ends the demo.")
    watch(speed=speed, seed=seed, port=port, live=live, stopped=stopped, town=town)
