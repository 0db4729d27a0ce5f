"""What the terminal shows while a night is played, and after it."""

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from alertcast.demo.night import ZONE
from alertcast.demo.report import NightReport
from alertcast.demo.stage import PASSWORD, USER, Stage
from alertcast.store.report_facts import StatusRow
from alertcast.store.reports import status

STATES = {
    "answered": ("已应答", "green"),
    "open": ("叫应中", "yellow"),
    "unreached": ("未叫通", "red"),
    "superseded": ("转入新一轮", "dim"),
    "cancelled": ("已停止", "dim"),
}
"""States of a grid: the word and the colour they are shown in."""


def progress(stage: Stage) -> RenderableType:
    """Return the picture of this moment: the time, and how far each broadcast is."""
    with stage.app.world.db.read() as tx:
        rows = list(reversed(status(tx)))
    now = stage.clock().astimezone(ZONE)
    calls, messages = len(stage.simulator.ledger.calls()), len(stage.simulator.ledger.messages())
    head = Text.assemble(
        ("模拟 DEMO  ", "bold magenta"),
        (f"{now:%m-%d %H:%M:%S}", "bold"),
        f"   短信 SMS {messages}   电话 calls {calls}",
    )
    return Panel(
        Group(head, page(stage), _table(rows)), title="怀集县寒冷之夜  A cold night in Huaiji"
    )


def page(stage: Stage) -> Text:
    """Return where the page is, and how to log in."""
    where = f"值班页面 page: {stage.address}   用户 user: {USER}   密码 password: {PASSWORD}"
    return Text(where, overflow="fold")


def summary(console: Console, night: NightReport) -> None:
    """Print the delivery report for people."""
    table = Table(title="下发报告 delivery report", title_justify="left")
    for name in ("下发", "网格", "短信 SMS", "电话 calls", "请求", "应答", "求助", "未叫通"):
        table.add_column(name)
    for one in night["broadcasts"]:
        table.add_row(
            one["title"],
            _counts(one["grids"]),
            _counts(one["tasks"].get("sms", {})),
            _counts(one["tasks"].get("voice", {})),
            str(one["attempts"]),
            str(one["acknowledged"]),
            str(one["help_requests"]),
            str(len(one["unreached"])),
        )
    console.print(table)
    for one in night["broadcasts"]:
        for cell in one["unreached"]:
            console.print(f"未叫通 unreached: {cell['grid']}: {'、'.join(cell['people'])}")
    verdict = "完好 OK" if night["ok"] else "有误 WRONG"
    console.print(
        f"[bold]{verdict}[/]  短信 {night['messages']}  电话 {night['calls']}  "
        f"重复 duplicates {night['duplicates']}  丢失 lost {night['lost']}  "
        f"{night['seconds']} s"
    )
    for line in night["wrong"]:
        console.print(f"[red]{line}[/]")


def _table(rows: list[StatusRow]) -> Table:
    table = Table.grid(padding=(0, 2))
    for row in rows:
        counts = row["grids"]["by_state"]
        total = row["grids"]["total"]
        done = total - counts.get("open", 0)
        bar: RenderableType = ProgressBar(total=total, completed=done, width=24) if total else ""
        table.add_row(Text(row["title"], overflow="ellipsis", no_wrap=True), bar, _states(counts))
    return table


def _states(counts: dict[str, int]) -> Text:
    shown = [(STATES[state], counts[state]) for state in STATES if counts.get(state)]
    return Text("  ").join(Text(f"{word} {number}", colour) for (word, colour), number in shown)


def _counts(by_state: dict[str, int]) -> str:
    return "\n".join(f"{name} {number}" for name, number in by_state.items() if number)
