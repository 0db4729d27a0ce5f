"""A roster is imported: each cell is read and checked, each number sealed and written.

`alertcast roster import` does all that it does for an office: it compares with the roster in use,
writes, and looks at what the roster lacks. One person in ten has another number, one in a hundred
shares one, and numbers are typed as people type them.
"""

import csv
import json
from pathlib import Path
from time import perf_counter, process_time

from click.testing import CliRunner

from alertcast.cli import main
from tests.benchmarks.figures import Figure
from tests.benchmarks.place import memory, place, settle, village

GOAL = 5_000.0  # people a second
IN_A_GRID = 10
ROLES = ("党支部书记", "“邻里先锋”第一书记", "副书记", "工作队员", "居民联络员")


def import_people(number: int = 100_000) -> Figure:
    """Import a CSV of so many people, ten in a grid, into SQLite."""
    with place() as where:
        app = where.open()
        settle(app, number // IN_A_GRID, in_a_grid=1)
        app.close()
        file = where.folder / "people.csv"
        _write(file, number)
        before = memory()
        begun, cpu = perf_counter(), process_time()
        command = ["--config", str(where.config), "roster", "import", str(file)]
        options = ["--name", "large", "--allow-removals", "--json"]
        done = CliRunner(env=where.env).invoke(main, [*command, *options])
        seconds, cpu = perf_counter() - begun, process_time() - cpu
        grown = memory() - before
    if done.exit_code:
        raise RuntimeError(done.output)
    said = json.loads(done.stdout)
    rate = number / cpu
    return Figure(
        f"import, {number} people",
        f"at least {GOAL:g} people a second, every check and encryption on",
        {
            "people": said["people"],
            "people a second of processor time": round(rate),
            "processor seconds": round(cpu, 2),
            "seconds": round(seconds, 2),
            "notes": len(said["problems"]),
            "MB more": round(grown),
        },
        said["imported"] and said["people"] == number and rate >= GOAL,
    )


def _write(file: Path, number: int) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["姓名", "手机号", "备用电话", "岗位", "责任区编码", "参加演练"])
        for one in range(number):
            other = f"{one % 9000 + 20000:05d}" if one % 10 == 0 else ""
            writer.writerow(
                [
                    f"{'赵钱孙李周吴郑王'[one % 8]}{one}",
                    _typed(one - 1 if one % 100 == 99 else one),
                    f"0758-55{other}" if other else "",
                    ROLES[one % len(ROLES)],
                    village(one // IN_A_GRID),
                    "是" if one % 2 else "否",
                ]
            )


def _typed(one: int) -> str:
    """Return a number of the range for demos, in one of the ways people type one."""
    plain = f"154{one:08d}"
    return (plain, f"+86{plain}", f"{plain[:3]}-{plain[3:7]}-{plain[7:]}", f" {plain} ")[one % 4]
