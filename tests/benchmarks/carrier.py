"""The simulator as a process of its own, whose people all read their texts and press 1.

    python -m tests.benchmarks.carrier PORT LEDGER [--silent] [--people varied]

Every text gets two receipts (after 2 s and after 4 s), or none with `--silent`. With
`--people varied` people are as different as those of `alertcast simulator`.
"""

import argparse
import signal
import threading
from pathlib import Path

from alertcast.simulator.faults import Fault
from alertcast.simulator.people import Behaviour, People
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator, run_alone


class Alike(People):
    """People who all do the same."""

    def of(self, phone: str) -> Behaviour:
        return _EVERYBODY


_EVERYBODY = Behaviour()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.carrier")
    parser.add_argument("port", type=int)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--people", choices=("alike", "varied"), default="alike")
    args = parser.parse_args()
    people = Alike() if args.people == "alike" else People()
    simulator = Simulator(DEMO_ACCOUNTS, people, ledger_path=args.ledger)
    if args.silent:
        simulator.faults.set(Fault("receipts_none"))
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    run_alone(simulator, "127.0.0.1", args.port, stopped)


if __name__ == "__main__":
    main()
