"""An installed alertcast works from an empty folder: all it needs is in the wheel."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources.documents import cap

ROOT = Path(__file__).parents[2]
COUNTY = (
    "<areaDesc>怀集县</areaDesc><geocode><valueName>adcode</valueName>"
    "<value>441224</value></geocode>"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from this checkout, unpacked where nothing of the checkout is seen."""
    built, site = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(built)]
    subprocess.run([*pip, "wheel", *build, str(ROOT)], check=True)
    (wheel,) = built.glob("alertcast-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True)
    return site


def run(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in `folder`, with nothing of ours in the environment."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("ALERTCAST")}
    program = "from alertcast.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=env | {"PYTHONPATH": str(site), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_an_installed_alertcast_works_from_an_empty_folder(site, tmp_path):
    (tmp_path / "warning.xml").write_bytes(cap(COUNTY))
    match = run(site, tmp_path, "alerts", "match", "warning.xml", "--json")
    assert match.returncode == 0, match.stderr
    grids = json.loads(match.stdout)["grids"]
    assert len(grids) > 300
    check = run(site, tmp_path, "check")
    assert check.returncode == 2
    assert check.stderr.splitlines() == [
        "mistake: environment: ALERTCAST_DATA_KEY is not set: `alertcast init` makes one"
    ]
    for arguments in (["init"], ["db", "upgrade"], ["check"]):
        result = run(site, tmp_path, *arguments)
        assert result.returncode == 0, result.stderr


def test_it_is_the_wheel_that_was_tried(site):
    program = "import alertcast; print(alertcast.__file__)"
    env = os.environ | {"PYTHONPATH": str(site)}
    found = subprocess.run([sys.executable, "-c", program], env=env, cwd=site, capture_output=True)
    assert Path(found.stdout.decode().strip()).is_relative_to(site)
    assert list(site.glob("alertcast/web/templates/**/*.html"))
