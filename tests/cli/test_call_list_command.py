"""`alertcast broadcast call-list`: the list is fetched when service and database are dead."""

import io
import os
import stat
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from alertcast.bootstrap import installation
from alertcast.dispatch import call_list, desk
from alertcast.scheduler import tick
from alertcast.store import audit
from tests.cli.conftest import Terminal

AT = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)


@pytest.fixture
def dead(ready: Terminal) -> Terminal:
    """An installation that called a county, wrote its list, and lost its database."""
    app = installation()
    desk.start_notice(
        app.world, text="请检查驿站", codes=["441224"], user="li", mode="live", key="k", now=AT
    )
    tick(app.world, AT)
    assert call_list.write_due(app.world, AT) == 1
    app.close()
    for file in ready.folder.glob("alertcast.sqlite3*"):
        file.rename(file.with_name(f"lost-{file.name}"))
    return ready


def fetch(terminal: Terminal, out: str, *more: str) -> str:
    return terminal.ok(
        "broadcast", "call-list", 1, "--county", "441224", "--out", out, "--by", "王值班", *more
    )


def test_as_pdf(dead: Terminal) -> None:
    fetch(dead, "list.pdf")
    (page,) = PdfReader(io.BytesIO(dead.folder.joinpath("list.pdf").read_bytes())).pages
    text = page.extract_text()
    for words in ("13800138000", "张三", "第一书记", "冷坑镇东村", "请检查驿站", "王值班"):
        assert words in text


def test_as_csv_readable_by_its_owner_only(dead: Terminal) -> None:
    fetch(dead, "list.csv")
    path = dead.folder / "list.csv"
    assert "李四" in path.read_text("utf-8-sig")
    assert os.name == "nt" or stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_county_it_says_which_there_are(dead: Terminal) -> None:
    assert "441224" in dead.ok("broadcast", "call-list", 1)


def test_the_service_records_it_when_it_is_back(dead: Terminal) -> None:
    fetch(dead, "list.csv")
    for file in dead.folder.glob("lost-*"):
        file.rename(file.with_name(file.name.removeprefix("lost-")))
    app = installation()
    call_list.clear(app.world, AT)
    with app.world.db.read() as tx:
        (row,) = [row for row in audit.listed(tx) if row["action"] == "call_list_offline"]
    app.close()
    assert (row["user"], row["subject"], row["detail"]["form"]) == ("王值班", "broadcast:1", "csv")


def test_a_broken_configuration_is_only_in_the_way(dead: Terminal) -> None:
    dead.write("alertcast.toml", "[office")
    result = dead.run("broadcast", "call-list", 1, "--county", "441224", "--out", "x.csv")
    assert result.exit_code == 2
    fetch(dead, "x.csv", "--folder", str(dead.folder / "calllists"))
    assert dead.folder.joinpath("x.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["1", "--county", "441224"], 2, "--out needs a name that ends in .pdf or .csv"),
        (["1", "--county", "441224", "--out", "x.doc"], 2, "ends in .pdf or .csv"),
        (["1", "--county", "441225", "--out", "x.pdf"], 1, "there is no call list"),
        (["2"], 1, "broadcast 2: there is no call list"),
    ],
)
def test_refusals(dead: Terminal, arguments: list[str], code: int, words: str) -> None:
    result = dead.run("broadcast", "call-list", *arguments)
    assert (result.exit_code, words in result.stderr) == (code, True), result.stderr


def test_without_the_key_nothing_opens(dead: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALERTCAST_DATA_KEY")
    result = dead.run("broadcast", "call-list", 1, "--county", "441224", "--out", "x.pdf")
    assert result.exit_code == 2
    monkeypatch.setenv("ALERTCAST_DATA_KEY", "A" * 43 + "=")
    result = dead.run("broadcast", "call-list", 1, "--county", "441224", "--out", "x.pdf")
    assert result.exit_code == 1
    assert "another data key" in result.stderr
    assert not dead.folder.joinpath("x.pdf").exists()


def test_a_font_that_can_not_be_embedded_is_done_without(dead: Terminal) -> None:
    toml = dead.folder / "alertcast.toml"
    dead.write("alertcast.toml", toml.read_text("utf-8") + '\n[call_list]\nfont = "no.ttf"\n')
    fetch(dead, "list.pdf")
    assert dead.folder.joinpath("list.pdf").read_bytes().startswith(b"%PDF")
