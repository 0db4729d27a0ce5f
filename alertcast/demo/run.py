"""A demo from beginning to end: watched on the page, or played once for its report."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import Event

from rich.live import Live

from alertcast.channels.base import Channel
from alertcast.demo.play import Player
from alertcast.demo.report import NightReport, report
from alertcast.demo.show import page, progress
from alertcast.demo.stage import Stage, set_up


def once(
    *,
    speed: float,
    seed: int = 0,
    town: str | None = None,
    live: Live | None = None,
    wrap: Callable[[Channel], Channel] = lambda channel: channel,
) -> NightReport:
    """Play the night to its end, passing over quiet hours, and return its report.

    `speed`: product seconds in a real second, at most: the clock waits for whatever is due.
    `wrap` may put something between dispatch and each channel.
    """
    begun = time.monotonic()
    stopped = Event()
    with set_up(speed=speed, skip=None, seed=seed, town=town, wrap=wrap) as stage:
        player = Player(stage)
        player.start()
        with _shown(live):
            player.wait(lambda: _show(live, stage), stopped)
        stage.clock.stop()
        return report(stage, time.monotonic() - begun)


def watch(
    *, speed: float, seed: int, port: int, live: Live, stopped: Event, town: str | None = None
) -> None:
    """Play the night for somebody who watches the page; after its end the page stays open.

    Quiet hours pass `QUIET_SPEED` times faster. Returns when `stopped` is set.
    """
    with set_up(speed=speed, skip=QUIET_SPEED, seed=seed, port=port, town=town) as stage:
        player = Player(stage)
        if not live.console.is_terminal:  # which is shown nothing until the end
            live.console.print(page(stage))
        with live:
            live.update(progress(stage))
            player.start()
            player.wait(lambda: _show(live, stage), stopped)
            while not stopped.wait(0.5):
                _show(live, stage)
        stage.clock.stop()


QUIET_SPEED = 15.0
"""How much faster than the rest a quiet stretch passes while somebody watches."""


def _shown(live: Live | None) -> AbstractContextManager[object]:
    return nullcontext() if live is None else live


def _show(live: Live | None, stage: Stage) -> None:
    if live is not None:
        live.update(progress(stage))
