"""What the terminal shows of the chaos drill: a bar while it runs, a table when it is over."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from alertcast.demo.chaos.cases import ANSWERS, RECEIPTS
from alertcast.demo.chaos.run import Cell, ChaosReport


def bar(console: Console) -> Progress:
    """Return the bar that counts cases."""
    return Progress(
        TextColumn("演练 chaos"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} 例有误 wrong"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def summary(console: Console, drill: ChaosReport) -> None:
    """Print the report for people."""
    console.print(_table(drill))
    for line in drill["doubled"]:
        console.print(
            f"[yellow]短信可能重复 doubled, could not be asked[/]: {line}", soft_wrap=True
        )
    for line in drill["failed"]:
        console.print(f"[red]{line}[/]", soft_wrap=True)
    verdict = "完好 OK" if drill["ok"] else "有误 WRONG"
    where = ", ".join(f"{name} {many}" for name, many in sorted(drill["by_database"].items()))
    console.print(
        f"[bold]{verdict}[/]  种子 seed {drill['seed']}  例 cases {drill['cases']} ({where})  "
        f"强杀 killed {drill['killed']} ({drill['outlived']} 未及 too late)  "
        f"短信 SMS {drill['messages']}  电话 calls {drill['calls']}  "
        f"查询后重发 sent again {drill['resent']}  {drill['seconds']} s",
        soft_wrap=True,
    )


def _table(drill: ChaosReport) -> Table:
    table = Table(
        title="故障矩阵 fault matrix: cases / killed / sent again / texts doubled / wrong"
    )
    table.add_column("provider answers")
    for receipts in RECEIPTS:
        table.add_column(receipts, justify="right")
    cells = {(one["answer"], one["receipts"]): one for one in drill["table"]}
    for answer in ANSWERS:
        table.add_row(answer, *(_cell(cells.get((answer, one))) for one in RECEIPTS))
    return table


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    counts = (cell["cases"], cell["killed"], cell["resent"], cell["doubled"], cell["failed"])
    said = "/".join(map(str, counts))
    return f"[red]{said}[/]" if cell["failed"] else said
