"""From the click on 更正 to the first correction at the carrier, while thousands of texts wait.

Through the page of `alertcast serve`, over HTTP. Once the one that is corrected has been told to
all, and texts of another wait; once it is the one whose texts wait. Nobody gets two texts but those
who are told of the correction: a second text to a phone is one.
"""

import time
from collections import Counter
from collections.abc import Sequence

from alertcast.bootstrap import App, utc_now
from alertcast.dispatch import desk
from alertcast.store import users
from alertcast.store.passwords import hashed
from tests.benchmarks.figures import Figure
from tests.benchmarks.pages import PASSWORD, officer, token
from tests.benchmarks.place import SQLITE, Place, Taken, place, settle, village

IN_A_GRID = 10
MOST = 2.0
PATIENCE = 120.0


def correction(
    told: int = 200, waiting: int = 5000, rate: float = 100, database: str = SQLITE
) -> Figure:
    """Measure both: what all were told is wrong, and what is being told is."""
    all_told = _corrected(told, waiting, rate, database, is_all_told=True)
    under_way = _corrected(told, waiting, rate, database, is_all_told=False)
    return Figure(
        f"corrections while {waiting} texts wait, at {rate:g} a second",
        f"the first at the carrier within {MOST:g} s of the click",
        {
            "told to all s": round(all_told[0], 2),
            "corrections": len(all_told),
            "the last s": round(all_told[-1], 2),
            "under way s": round(under_way[0], 2),
        },
        max(all_told[0], under_way[0]) <= MOST,
    )


def _corrected(
    told: int, waiting: int, rate: float, database: str, *, is_all_told: bool
) -> list[float]:
    """Return when each correction was at the carrier, in seconds after the click."""
    with place(sms=rate, is_silent=True, database=database) as where:
        app = where.open()
        settle(app, told + waiting, in_a_grid=IN_A_GRID)
        with app.world.db.write() as tx:
            users.add(tx, "officer", hashed(PASSWORD), "approver", "", utc_now())
        first = told // IN_A_GRID
        wrong = _notice(app, range(first))
        with where.serve():
            where.book.wait_for(told, PATIENCE)
            after = _notice(app, range(first, first + waiting // IN_A_GRID))
            where.book.wait_for(told + told // 2, PATIENCE)
            clicked = _click(where, wrong if is_all_told else after)
            end = time.monotonic() + PATIENCE
            wanted = told if is_all_told else 1
            while len(found := _again(where.book.look())) < wanted and time.monotonic() < end:
                time.sleep(0.05)
        app.close()
    return [at - clicked for at in found] or [float("inf")]


def _notice(app: App, cells: range) -> int:
    broadcast, _ = desk.start_notice(
        app.world,
        text="今晚有霜冻，请通知各户关好门窗",
        codes=[village(cell) for cell in cells],
        user="officer",
        mode="live",
        key=str(cells),
        now=utc_now(),
    )
    return broadcast


def _click(where: Place, broadcast: int) -> float:
    """Correct a broadcast on its page; return when, in seconds since 1970."""
    session, url = officer(where.base), f"{where.base}/broadcasts/{broadcast}/correct"
    form = {"csrf_token": token(session.get(url, timeout=60).text), "fault": "mistake"}
    clicked = time.time()
    answer = session.post(url, data=form, allow_redirects=False, timeout=60)
    if answer.status_code != 302:
        raise SystemExit(f"the page answered {answer.status_code}")
    return clicked


def _again(taken: Sequence[Taken]) -> list[float]:
    """Return when phones were sent to that had been sent to before."""
    times: Counter[str] = Counter()
    found = []
    for one in taken:
        times[one.phone] += 1
        if times[one.phone] > 1:
            found.append(one.at)
    return found
