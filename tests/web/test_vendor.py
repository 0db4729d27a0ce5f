"""What others wrote is what they published, and beside it stands what it is and its licence."""

from hashlib import sha256
from pathlib import Path

import pytest

from alertcast import web

OURS = Path(web.__file__).parent / "static/vendor"
OF_TESTS = Path(__file__).parents[1] / "browser/vendor"
PUBLISHED = {
    OURS / "leaflet/leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    OURS
    / "leaflet/leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
    OF_TESTS / "axe/axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
}


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.name)
def test_nothing_of_it_was_changed(path: Path) -> None:
    assert sha256(path.read_bytes()).hexdigest() == PUBLISHED[path]


@pytest.mark.parametrize("folder", (OURS, OF_TESTS), ids=("pages", "tests"))
def test_each_has_its_licence_and_its_line(folder: Path) -> None:
    listed = (folder / "README.md").read_text("utf-8")
    found = [one for one in folder.iterdir() if one.is_dir()]
    assert found
    for one in found:
        assert (one / "LICENSE").is_file(), one
        assert f"| `{one.name}` |" in listed
