"""`python -m tests.benchmarks [NAME ...]`: measure, and print goal, figure, ratio and peer."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial

from tests.benchmarks import (
    claims,
    correction,
    county,
    enrol,
    killed,
    ladders,
    layers,
    match,
    messages,
    pages,
    parse,
    plan,
    rates,
    receipts,
    warning,
)
from tests.benchmarks.figures import Figure, circumstances

Benchmark = Callable[[], Figure]


def benchmarks(seconds: float, database: str | None) -> dict[str, Benchmark]:
    """Return every benchmark by its name; `seconds`: how long rates are held.

    Those on PostgreSQL are there only with a `database`, which they empty.
    """
    found: dict[str, Benchmark] = {
        "rate_10": partial(rates.rate_10, seconds),
        "rate_100": partial(rates.rate_100, seconds),
        "rate_500": partial(rates.rate_500, seconds),
        "claims": claims.claims_sqlite,
        "receipts": partial(receipts.while_sending, seconds),
        "intake": partial(receipts.intake, seconds / 4),
        "warning": warning.warning,
        "many": rates.many,
        "correction": correction.correction,
        "county": county.county,
        "ladder": ladders.whole_ladder,
        "pages": pages.pages,
        "killed": killed.killed,
        "messages": messages.messages,
        "parse_nws": parse.parse_nws,
        "parse_swic": parse.parse_swic,
        "import_grids": layers.import_grids,
        "import_people": enrol.import_people,
        "plan": plan.plan_sqlite,
        "plan_million": plan.plan_million,
        "match_0.1": partial(match.warm, 0.001),
        "match_1": partial(match.warm, 0.01),
        "match_30": partial(match.warm, 0.3),
        "match_share": match.share_of_area,
        "match_cold": match.cold,
    }
    if database is not None:
        found["claims_postgresql"] = partial(claims.claims_postgresql, database)
        found["plan_postgresql"] = partial(plan.plan_postgresql, database)
        found["correction_postgresql"] = partial(correction.correction, database=database)
        found["intake_postgresql"] = partial(receipts.intake, seconds / 4, database)
    return found


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(benchmarks(0, "")))
    parser.add_argument("--seconds", type=float, default=60.0, help="how long rates are held")
    parser.add_argument("--database", help="a PostgreSQL database that may be emptied")
    parser.add_argument("--json", action="store_true", help="one JSON object for each")
    args = parser.parse_args(given)
    known = benchmarks(args.seconds, args.database)
    if unknown := [name for name in args.names if name not in known]:
        parser.error(f"{', '.join(unknown)}: there is no such benchmark")
    if not args.json:
        print(*(f"{key} {value}" for key, value in circumstances().items()), sep=", ")
    is_met = True
    for name in args.names or known:
        figure = known[name]()
        print(figure.as_json() if args.json else figure.as_text(), flush=True)
        is_met = is_met and figure.is_met
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
