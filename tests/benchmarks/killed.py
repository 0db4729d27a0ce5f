"""`alertcast serve` is killed in the middle of a fan-out, and started again at once."""

import time
from collections import Counter

from tests.benchmarks.figures import Figure
from tests.benchmarks.place import place, plan_texts


def killed(number: int = 4000, rate: float = 100, after: float = 5, lease: float = 30) -> Figure:
    """Kill it (SIGKILL) after some seconds of sending; see in the ledger when it went on."""
    with place(sms=rate, is_silent=True, lease=lease) as where:
        app = where.open()
        plan_texts(app, number)
        app.close()
        with where.serve() as process:
            where.book.wait_for(int(rate * after), 60)
            process.kill()
            process.wait()
        died = time.time()
        with where.serve():
            back = time.time()
            where.book.wait_for(number, number / rate + 4 * lease)
    new = [one.at for one in where.book.taken if one.at > died]
    first = min(new) - died if new else float("inf")
    told = Counter(one.phone for one in where.book.taken)
    return Figure(
        "killed in mid fan-out and started again",
        f"first new request within the lease ({lease:g} s); none lost",
        {
            "first request after s": round(first, 2),
            "of which starting s": round(back - died, 2),
            "texts": len(told),
            "twice": sum(number > 1 for number in told.values()),
            "last after s": round(max(new) - died, 1) if new else None,
        },
        first <= lease and len(told) == number,
    )
