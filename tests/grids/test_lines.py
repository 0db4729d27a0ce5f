"""What the command line says of the grids an alert touches."""

import json

from alertcast.core.grid import Grid, Hit, Matched, NearMiss
from alertcast.grids.lines import grazed_lines, grid_lines

GRID = Grid("441224101201", "双甘村", "village", "441224101", "冷坑镇", "441224", "怀集县")


def test_share_is_null_when_matched_by_code():
    by_code = Hit(GRID, None, None, "town code")
    by_shape = Hit(GRID, "red", 0.123456, "polygon")
    lines = grid_lines(Matched((by_code, by_shape), ()))
    assert json.loads(json.dumps(lines))[0] == {
        "code": "441224101201",
        "name": "双甘村",
        "level": None,
        "share": None,
        "matched_by": "town code",
        "counted_by": None,
    }
    assert lines[1]["share"] == 0.1235


def test_what_is_only_grazed_has_its_share_however_small():
    lines = grazed_lines(Matched((), (), (NearMiss(GRID, 0.0000041),)))
    assert lines == [{"code": "441224101201", "name": "双甘村", "share": 0.000004}]
