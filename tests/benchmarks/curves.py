"""`python -m tests.benchmarks.curves LOOKS PICTURE`: draw what a soak looked at (see `soak`)."""

import json
import sys
from pathlib import Path

from matplotlib import pyplot

NAMES = {
    "memory": "resident memory, MB",
    "files": "open files",
    "threads": "threads",
    "waiting": "oldest due message, s",
    "receipts": "oldest receipt not applied, s",
}
"""What is drawn, one curve below the other."""


def main(looks: Path, picture: Path) -> None:
    rows = json.loads(looks.read_text("utf-8"))
    pyplot.rcParams["svg.hashsalt"] = "alertcast"  # the same picture of the same looks
    figure, axes = pyplot.subplots(len(NAMES), sharex=True, figsize=(8, 9), layout="constrained")
    for axis, (name, label) in zip(axes, NAMES.items(), strict=True):
        axis.plot([one["minutes"] for one in rows], [one[name] for one in rows], linewidth=1)
        axis.set_title(label, loc="left", fontsize=9)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    axes[-1].set_xlabel("minutes")
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
