"""Building the demo of Zhaoqing again gives the committed files, byte for byte."""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "grids" / "zhaoqing"
BUILT = (
    "counties.geojson",
    "gazetteer.csv",
    "grids.geojson",
    "meta.toml",
    "roster.csv",
    "stations.csv",
    "towns.geojson",
)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    source = Path(os.environ["ALERTCAST_CORPORA"]) / "zhaoqing"
    script = [sys.executable, str(FOLDER / "build.py")]
    subprocess.run([*script, "--from", str(source), "--to", str(tmp_path)], check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(BUILT)
    for name in BUILT:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name
