"""An allowed rate is kept: no less is sent, nor more in any second, by the carrier's ledger."""

import time

from alertcast.bootstrap import running, serving, utc_now
from alertcast.cli.installed import settled
from alertcast.core.task import TaskState
from alertcast.store import receipts, tasks
from alertcast.store.crypto import new_key
from tests.benchmarks.figures import Figure, mean_rate, most_in_a_second
from tests.benchmarks.place import Place, memory, place, plan_texts

GOAL = "mean 97-100 % of the allowed rate, no second above 102 % + 1"


def rate_10(seconds: float = 60) -> Figure:
    """Send 10 texts a second, two receipts for each."""
    return _held("10 texts/s, two receipts each", 10, seconds, is_silent=False)


def rate_100(seconds: float = 60) -> Figure:
    """Send 100 texts a second, two receipts for each."""
    return _held("100 texts/s, two receipts each", 100, seconds, is_silent=False)


def rate_500(seconds: float = 60) -> Figure:
    """Send 500 texts a second, without receipts."""
    return _held("500 texts/s, no receipts", 500, seconds, is_silent=True)


def many(number: int = 54_000, rate: float = 500) -> Figure:
    """Send 54,000 texts at 500 a second; the memory of the process is looked at meanwhile."""
    ideal = number / rate
    with place(sms=rate, is_silent=True) as where:
        sent, sizes, _, cpu = _sent(where, number, ideal * 2 + 30)
    took = sent[-1] - sent[0] if sent else float("inf")
    early = sizes[len(sizes) // 4] if sizes else 0.0
    grown = max(sizes[len(sizes) // 4 :], default=0.0) - early
    return Figure(
        f"{number} texts at {rate:g}/s",
        f"within 5 % of {ideal:.0f} s, memory flat (not 10 % more than after the first quarter)",
        {
            "seconds": round(took, 1),
            "texts": len(sent),
            "of the ideal": round(took / ideal, 3),
            "CPU ms a text": _each(cpu, sent),
            "MB after a quarter": round(early),
            "MB more at most": round(grown, 1),
        },
        len(sent) == number and took <= ideal * 1.05 and grown <= early * 0.1,
    )


def _held(name: str, rate: float, seconds: float, *, is_silent: bool) -> Figure:
    number = int(rate * seconds)
    with place(sms=rate, is_silent=is_silent) as where:
        sent, _, delivered, cpu = _sent(where, number, seconds * 2 + 30, is_silent=is_silent)
    share, most = mean_rate(sent) / rate, most_in_a_second(sent)
    measured = {
        "mean share": round(share, 4),
        "most in a second": most,
        "texts": len(sent),
        "seconds": round(sent[-1] - sent[0], 2) if sent else None,
        "CPU ms a text": _each(cpu, sent),
    }
    if not is_silent:
        measured["delivered"] = delivered
    is_whole = len(sent) == number and (is_silent or delivered == number)
    is_met = is_whole and 0.97 <= round(share, 3) <= 1.0 and most <= 1.02 * rate + 1
    return Figure(name, GOAL, measured, is_met)


def _each(cpu: float, sent: list[float]) -> float:
    return round(cpu / len(sent) * 1000, 2) if sent else float("nan")


def _sent(
    where: Place, number: int, patience: float, *, is_silent: bool = True
) -> tuple[list[float], list[float], int, float]:
    """Plan and send.

    Return when each was taken, the memory meanwhile, how many were delivered, and the seconds of
    processor time that the product took until all were sent.
    """
    app = where.open()
    plan_texts(app, number)
    settled()  # as `alertcast serve` has
    sizes: list[float] = []
    delivered = 0
    with (
        running(app) as at_work,
        serving(app, secret_key=new_key(), wake=at_work.wake, host="127.0.0.1", port=where.port),
    ):
        before = time.process_time()
        taken = where.book.wait_for(number, patience, lambda: sizes.append(memory()))
        cpu = time.process_time() - before
        end = time.monotonic() + (0 if is_silent else 20)
        while time.monotonic() < end and delivered < len(taken):
            time.sleep(0.5)
            with app.world.db.read() as tx:
                delivered = tasks.moving(tx, [TaskState.DELIVERED])
    with app.world.db.read() as tx:
        left = receipts.how_many_wait(tx)
    app.close()
    if left:
        raise SystemExit(f"{left} receipts were not applied at {utc_now()}")
    return sorted(one.at for one in taken), sizes, delivered, cpu
