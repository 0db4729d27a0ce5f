"""`python -m tests.fuzz TARGET`: coverage-guided fuzzing of the readers, with Atheris.

Needs `pip install -e '.[test,fuzz]'`. It ends at the first input for which something does not hold,
or after --seconds. What it found, and the inputs it learnt from, stay in --folder.
"""

import argparse
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["alertcast"]):
    from tests.fuzz import targets


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(targets.TARGETS))
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"))
    args = parser.parse_args()
    folders = {name: args.folder / args.target / name for name in ("seeds", "learnt", "found")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(targets.seeds(args.target)):
        folders["seeds"].joinpath(f"{number:04}").write_bytes(seed)
    dictionary = args.folder / args.target / "words"
    dictionary.write_text("".join(map(_entry, targets.words(args.target))), "ascii")
    options = [
        f"-dict={dictionary}",
        f"-max_total_time={args.seconds}",
        f"-max_len={targets.LARGEST_SEED}",
        f"-artifact_prefix={folders['found']}/",
        "-rss_limit_mb=1024",
        "-timeout=10",
        "-print_final_stats=1",
        str(folders["learnt"]),
        str(folders["seeds"]),
    ]
    atheris.Setup([sys.argv[0], *options], targets.TARGETS[args.target])
    atheris.Fuzz()


def _entry(word: str) -> str:
    escaped = "".join(f"\\x{byte:02x}" for byte in word.encode())
    return f'"{escaped}"\n'


if __name__ == "__main__":
    main()
