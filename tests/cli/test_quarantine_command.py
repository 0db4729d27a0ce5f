"""`alertcast alerts quarantine`: list, show and retry, in an installation."""

from alertcast.bootstrap import installation
from alertcast.store import quarantine
from alertcast.store.quarantine import ReasonFacts
from tests.cli.conftest import Terminal, lines
from tests.cli.test_office_commands import warning

COMMAND = ("alerts", "quarantine")


def put_aside(ready: Terminal, text: str = "<alert>\x1b[31m") -> None:
    ready.write("inbox/bad.xml", text)
    assert ready.run("poll").exit_code == 1


def test_what_was_put_aside_is_listed_with_its_reason(ready: Terminal) -> None:
    assert ready.facts(*COMMAND, "list") == []
    put_aside(ready)
    (one,) = ready.facts(*COMMAND, "list")
    assert (one["source"], one["left"]) == ("inbox", None)
    assert one["reasons"]
    assert "put aside" in ready.ok(*COMMAND, "list")


def test_a_document_is_shown_and_can_not_steer_the_terminal(ready: Terminal) -> None:
    put_aside(ready, "<alert>\x1b[31m\u202e\r\n二")
    said = ready.ok(*COMMAND, "show", 1)
    assert "\x1b" not in said
    assert "\\x1b[31m\\u202e\\r\n二" in said
    (shown,) = ready.facts(*COMMAND, "show", 1)
    assert shown["bytes"] == len("<alert>\x1b[31m\u202e\r\n二".encode())
    assert shown["reasons"]


def test_a_document_is_written_byte_for_byte_into_a_new_file(ready: Terminal) -> None:
    put_aside(ready)
    out = ready.folder / "document.xml"
    ready.ok(*COMMAND, "show", 1, "--out", out)
    assert out.read_bytes() == b"<alert>\x1b[31m"
    refused = ready.run(*COMMAND, "show", 1, "--out", out)
    assert refused.exit_code == 1
    assert "nothing was written" in refused.output


def test_a_number_that_is_not_there_is_refused(ready: Terminal) -> None:
    assert ready.run(*COMMAND, "show", 7).exit_code == 1
    result = ready.run(*COMMAND, "retry", 7, "--json")
    assert result.exit_code == 1
    assert "none in quarantine" in lines(result)[0]["error"]


def test_retry_wants_numbers_or_all(ready: Terminal) -> None:
    assert ready.run(*COMMAND, "retry").exit_code == 2
    assert ready.run(*COMMAND, "retry", 1, "--all").exit_code == 2


def test_retry_says_what_still_can_not_be_read(ready: Terminal) -> None:
    put_aside(ready)
    result = ready.run(*COMMAND, "retry", "--all", "--json")
    assert result.exit_code == 1
    (line,) = lines(result)
    assert line["left"]
    assert line["new"] == []
    assert "read again" in ready.ok(*COMMAND, "list")


def keep(source: str) -> None:
    """Put a warning aside that can be read today, as an older program did."""
    app = installation()
    reason = ReasonFacts(item=0, code="unknown", kind="error", where="", message="not understood")
    with app.world.db.write() as tx:
        quarantine.put_aside(
            tx,
            app.world.db.vault,
            source=source,
            location="inbox/1.xml",
            raw=warning().encode(),
            reasons=[reason],
            now=app.clock(),
        )
    app.close()


def test_retry_decides_on_what_can_be_read_now(ready: Terminal) -> None:
    keep("inbox")
    result = ready.run(*COMMAND, "retry", 1, "--json")
    assert result.exit_code == 0
    (line,) = lines(result)
    assert [one["decision"] for one in line["new"]] == ["broadcast"]
    assert "was known" in ready.ok(*COMMAND, "retry", 1)
    assert ready.facts(*COMMAND, "list") == []
    assert [one["id"] for one in ready.facts(*COMMAND, "list", "--all")] == [1]


def test_one_whose_source_is_gone_is_refused_and_holds_up_no_other(ready: Terminal) -> None:
    keep("observatory")
    keep("inbox")
    result = ready.run(*COMMAND, "retry", "--all", "--json")
    assert result.exit_code == 1
    gone, good = lines(result)
    assert "source 'observatory' is not configured any more" in gone["error"]
    assert "[sources.observatory]" in gone["error"]
    assert good["error"] is None
    assert [one["source"] for one in ready.facts(*COMMAND, "list")] == ["observatory"]
    assert "can not be read again: source 'observatory'" in ready.ok(*COMMAND, "show", 1)
