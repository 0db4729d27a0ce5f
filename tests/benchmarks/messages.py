"""Delivery checks over 60,000 messages: how long an officer waits for what is looked for."""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from alertcast.bootstrap import App, utc_now
from alertcast.store import names
from alertcast.store.db import Tx
from alertcast.store.report_faces import Faces
from alertcast.store.report_messages import Wanted, found
from tests.benchmarks.figures import Figure
from tests.benchmarks.place import place, plan_texts

ROUNDS = 5
SHOWN = 101


def messages(number: int = 60_000) -> Figure:
    """Plan a text for each of `number` people, and look for messages in every way there is."""
    with place(sms=10) as where:
        app = where.open()
        plan_texts(app, number)
        took = {name: _median(app, ask) for name, ask in _questions(app).items()}
        app.close()
    slow = {"name": 3.0, "name in a town": 3.0}
    return Figure(
        f"messages looked for among {number}",
        "within 0.3 s; by name, which opens every name, within 3 s",
        {name: round(seconds, 3) for name, seconds in took.items()},
        all(seconds <= slow.get(name, 0.3) for name, seconds in took.items()),
    )


def _questions(app: App) -> dict[str, Callable[[Tx], object]]:
    vault, now = app.world.db.vault, utc_now()
    with app.world.db.read() as tx:
        layer = app.world.index(tx, 1).grids
        grid = layer[len(layer) // 2]

    def ask(wanted: Wanted) -> Callable[[Tx], object]:
        return lambda tx: found(tx, Faces(vault), wanted, SHOWN)

    old = now - timedelta(days=30)
    return {
        "newest": ask(Wanted()),
        "grid": ask(Wanted(grid_code=grid.code)),
        "grid in a town": ask(Wanted(grid_code=grid.code, area=grid.town_code)),
        "no such grid": ask(Wanted(grid_code="000")),
        "person": ask(Wanted(people=(30_000,))),
        "time": ask(Wanted(since=now - timedelta(hours=1), until=now)),
        "a time without any": ask(Wanted(since=old - timedelta(days=1), until=old)),
        "name": lambda tx: names.named(tx, vault, "无此人"),
        "name in a town": lambda tx: names.named(tx, vault, "无此人", area=grid.town_code),
    }


def _median(app: App, ask: Callable[[Tx], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        with app.world.db.read() as tx:
            begun = time.perf_counter()
            ask(tx)
            took.append(time.perf_counter() - begun)
    return median(took)
