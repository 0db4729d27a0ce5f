"""Red for a county: 506 people are called for the first time, at five calls a second."""

from alertcast.bootstrap import running, serving
from alertcast.store.crypto import new_key
from tests.benchmarks.figures import Figure
from tests.benchmarks.place import place, settle
from tests.benchmarks.warning import publish


def county(number: int = 506, rate: float = 5) -> Figure:
    """Publish a red warning; everybody picks up, hears it, and presses 1."""
    with place(sms=10, voice=rate) as where:
        app = where.open()
        settle(app, number, in_a_grid=2)
        with (
            running(app) as at_work,
            serving(
                app, secret_key=new_key(), wake=at_work.wake, host="127.0.0.1", port=where.port
            ),
        ):
            publish(where, "red")
            first: dict[str, float] = {}

            def look() -> None:
                for one in where.book.taken:
                    if one.kind == "call":
                        first.setdefault(one.phone, one.at)

            where.book.wait_for(2 * number, number / rate * 3 + 30, look)
            look()
        app.close()
    took = max(first.values()) - min(first.values()) if first else float("inf")
    return Figure(
        f"red for a county: {number} people called",
        f"each for the first time within {180 * number / 506:.0f} s, at {rate:g} calls/s",
        {"people": len(first), "seconds": round(took, 1), "ideal": round(number / rate, 1)},
        len(first) == number and took <= 180 * number / 506,
    )
