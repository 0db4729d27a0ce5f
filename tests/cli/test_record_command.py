"""`alertcast broadcast record`: who may take it out, masked or not, and what is recorded of it."""

import json
import stat

import pytest
from pypdf import PdfReader

from tests.cli.conftest import AT_ANY_HOUR, Terminal

PHONE, NAME = "13800138000", "张三"
RECORD = ("broadcast", "record", "1")


@pytest.fixture
def told(ready: Terminal) -> Terminal:
    """An installation that has started a drill in the eastern village."""
    start = ("broadcast", "start", "--notice", "今晚检查驿站", "--mode", "drill", "--to", "E01")
    ready.ok(*start, "--user", "li", *AT_ANY_HOUR)
    return ready


def deeds(terminal: Terminal) -> list[str]:
    taken = [one for one in terminal.facts("audit", "list") if one["subject"] == "record:1"]
    return [one["action"] for one in taken]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--user", "li"), 2, "--format is one of"),
        (("--user", "li", "--out", "record.doc"), 2, "--format is one of"),
        (("--user", "li", "--format", "pdf"), 2, "needs --out"),
        (("--user", "ghost", "--format", "json"), 1, "ghost"),
    ],
)
def test_what_is_not_right_is_refused_and_nothing_is_written(told, arguments, code, said):
    before = sorted(told.folder.iterdir())
    result = told.run(*RECORD, *arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert sorted(told.folder.iterdir()) == before
    assert deeds(told) == []


def test_of_a_broadcast_that_does_not_exist_there_is_none(told):
    result = told.run("broadcast", "record", "9", "--format", "json", "--user", "li")
    assert result.exit_code == 1
    assert "broadcast 9" in result.stderr


def test_it_is_shown_masked_and_recorded(told):
    said = told.ok(*RECORD, "--format", "json", "--user", "li")
    whole = json.loads(said)
    assert whole["exported"]["by"] == "li"
    assert whole["exported"]["is_masked"]
    assert [one["name"] for one in whole["record"]["grids"]] == ["东村"]
    assert PHONE not in said
    assert NAME not in said
    assert deeds(told) == ["export_record"]


def test_with_a_reason_it_is_whole_and_the_reason_is_recorded(told):
    said = told.ok(*RECORD, "--format", "json", "--user", "li", "--unmask", "上级检查")
    assert PHONE in said
    assert NAME in said
    assert sorted(deeds(told)) == ["export_record", "unmask"]
    assert "上级检查" in told.ok("audit", "list")


def test_a_viewer_may_not_see_whole_numbers(told):
    add = ("users", "add", "qian", "--role", "viewer", "--password-stdin")
    told.ok(*add, stdin="correct horse\n")
    told.ok(*RECORD, "--format", "csv", "--user", "qian")
    result = told.run(*RECORD, "--format", "csv", "--user", "qian", "--unmask", "好奇")
    assert result.exit_code == 1
    assert "may not unmask" in result.stderr
    assert PHONE not in result.output
    assert deeds(told) == ["export_record"]


def test_a_file_is_for_its_owner_only_and_has_the_checksum_of_the_facts(told):
    out = told.write("record.pdf", "of before")
    out.chmod(0o644)
    said = told.ok(*RECORD, "--out", out, "--user", "li")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    told.ok(*RECORD, "--out", told.folder / "record.xlsx", "--user", "li")
    checksum = json.loads(told.ok(*RECORD, "--format", "json", "--user", "li"))["checksum"]["value"]
    assert f"SHA-256 {checksum}" in said
    text = "".join(page.extract_text() for page in PdfReader(out).pages)
    assert checksum in text.replace("\n", "")


def test_it_is_written_in_the_language_that_is_asked_for(told):
    assert "应叫人" in told.ok(*RECORD, "--format", "csv", "--user", "li")
    said = told.ok(*RECORD, "--format", "csv", "--user", "li", "--language", "en")
    assert "应叫人" not in said
