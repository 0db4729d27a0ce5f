"""The shape of the house, and its style, are tests like any other."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*command: str) -> None:
    """Run a tool of the test extra over the whole project; fail with all it says."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_imports_point_one_way() -> None:
    (tool,) = entry_points(group="console_scripts", name="lint-imports")
    lint = f"from {tool.module} import {tool.attr} as main; main()"
    done = subprocess.run(
        [sys.executable, "-c", lint],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_style() -> None:
    run("ruff", "check", ".")


def test_format() -> None:
    run("ruff", "format", "--check", ".")


def test_types() -> None:
    run("mypy")


def test_what_serves_reads_no_layers() -> None:
    """What a command brings in with these is brought in by processes of their own."""
    heavy = "geopandas", "pandas", "pyogrio", "matplotlib"
    asked = f"[name for name in {heavy} if name in sys.modules]"
    code = f"import sys, alertcast.cli.serve, alertcast.cli.worker; print({asked})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
