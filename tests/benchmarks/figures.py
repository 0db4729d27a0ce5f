"""A figure: what was aimed at, what was measured, and what a peer did in the same run."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from statistics import linear_regression

Measures = Mapping[str, float | int | str | None]


@dataclass(frozen=True)
class Figure:
    """One line of the table. `ratio` is ours over the peer's, where there is a peer."""

    name: str
    goal: str
    measured: Measures
    is_met: bool
    peer: Measures = field(default_factory=dict)
    ratio: float | None = None

    def as_json(self) -> str:
        """Return it with when, and under which load, it was measured."""
        return json.dumps({**asdict(self), **circumstances()}, ensure_ascii=False)

    def as_text(self) -> str:
        """Return it as a few lines to read."""
        lines = [
            f"{self.name}: {'met' if self.is_met else 'MISSED'}",
            f"  goal      {self.goal}",
            f"  measured  {_shown(self.measured)}",
        ]
        if self.peer:
            lines.append(f"  peer      {_shown(self.peer)}")
        if self.ratio is not None:
            lines.append(f"  ratio     {self.ratio:.2f}")
        return "\n".join(lines)


def circumstances() -> dict[str, object]:
    """Return when and on what this runs: cores, and the load of the last minute."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def most_in_a_second(times: Sequence[float]) -> int:
    """Return the largest number of `times` (seconds, ascending) within any one second."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def mean_rate(times: Sequence[float]) -> float:
    """Return how many a second there were: the slope of their number over time (least squares).

    Unlike number / duration it does not depend on how late the first or the last one was.
    """
    if len(times) < 2 or times[-1] <= times[0]:
        return 0.0
    begun = times[0]
    return linear_regression([at - begun for at in times], range(len(times))).slope


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def _shown(measures: Measures) -> str:
    return ", ".join(f"{name} {_number(value)}" for name, value in measures.items())


def _number(value: float | int | str | None) -> str:
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value}"
