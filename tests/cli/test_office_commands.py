"""`alertcast check`, `init`, `poll`, `users`, `broadcast`, `status`: refusals first."""

import sqlite3
import stat
import sys
from contextlib import closing

import pytest

from alertcast.bootstrap import installation
from alertcast.store import passwords, users
from alertcast.store.crypto import new_key
from tests.cli.conftest import AT_ANY_HOUR, OFFICE, lines
from tests.sources.documents import cap

EAST = "<areaDesc>东村</areaDesc><polygon>24,112 24,112.1 24.1,112.1 24.1,112 24,112</polygon>"


def warning(**changes: str) -> str:
    """A warning of today for the eastern village."""
    times = {"sent": "2090-01-01T00:00:00+08:00", "expires": "2099-01-01T00:00:00+08:00"}
    return cap(EAST, **(times | changes)).decode()


# check and init


def test_five_mistakes_of_a_configuration_are_five_lines(terminal):
    terminal.write(
        "alertcast.toml",
        OFFICE.replace('name = "试验县三防办"\n', "", 1)
        + '[web]\nport = "http"\n[channels.dove]\ntype = "pigeon"\n[sources.tv]\ntype = "tv"\n',
    )
    result = terminal.run("check")
    assert result.exit_code == 2
    keys = (
        "office.name",
        "web.port",
        "ALERTCAST_DATA_KEY",
        "channels.dove.type",
        "sources.tv.type",
    )
    said = result.stderr.splitlines()
    assert len(said) == 5
    for line, key in zip(said, keys, strict=True):
        assert line.startswith("mistake: ")
        assert key in line
    (fact,) = terminal.facts("check")
    assert (fact["ok"], len(fact["mistakes"])) == (False, 5)


def test_a_database_that_is_not_there_is_not_made_by_looking(terminal):
    terminal.ok("init")
    result = terminal.run("check")
    assert result.exit_code == 1
    assert "run `alertcast db upgrade`" in result.stdout
    assert terminal.run("status").exit_code == 1
    assert not list(terminal.folder.glob("*.sqlite3"))


def test_another_data_key_is_named_before_anything_is_done(ready, monkeypatch):
    ready.ok("status")
    monkeypatch.setenv("ALERTCAST_DATA_KEY", new_key())
    result = ready.run("status")
    assert result.exit_code == 1
    assert "another data key" in result.stderr


def test_init_writes_what_check_accepts_and_never_overwrites(terminal):
    terminal.ok("init", "office")
    folder = terminal.folder / "office"
    secrets = folder / "alertcast.env"
    if sys.platform != "win32":
        assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    kept = secrets.read_bytes()
    (folder / "alertcast.toml").unlink()
    again = terminal.run("init", "office")
    assert again.exit_code == 1
    assert "alertcast.env" in again.stderr
    assert secrets.read_bytes() == kept
    assert not (folder / "alertcast.toml").exists()


def test_a_new_installation_is_right_after_an_upgrade(terminal):
    terminal.ok("init")
    assert "up to date" in terminal.ok("db", "upgrade")
    assert "up to date" in terminal.ok("db", "upgrade")
    (fact,) = terminal.facts("check")
    assert fact["ok"] is True
    assert [one["what"] for one in fact["findings"]][-3:] == ["grids", "roster", "users"]


def test_an_address_that_does_not_reach_us_is_said(installed):
    installed.write("alertcast.toml", OFFICE + '[web]\npublic_base_url = "http://127.0.0.1:9"\n')
    result = installed.run("check", "--live", "--json")
    assert result.exit_code == 1
    address = lines(result)[0]["findings"][-1]
    assert (address["what"], address["ok"]) == ("public address", False)


def test_check_names_the_sources_that_are_believed_wherever_they_warn(ready):
    (found,) = ready.facts("check")
    (said,) = (one for one in found["findings"] if one["what"] == "jurisdiction")
    assert "inbox" in said["detail"]
    ready.write("alertcast.toml", OFFICE + 'jurisdiction = { codes = ["4412"] }\n')
    (found,) = ready.facts("check")
    (said,) = (one for one in found["findings"] if one["what"] == "jurisdiction")
    assert said["detail"] == "declared by every source"


# poll


def test_a_poll_says_what_each_source_brought_and_what_was_refused(ready):
    ready.write("inbox/good.xml", warning())
    ready.write("inbox/bad.xml", "<alert>")
    result = ready.run("poll", "--json")
    assert result.exit_code == 1
    (taken,) = lines(result)
    assert (taken["source"], taken["new"], taken["refused"]) == ("inbox", [1], 1)
    (status,) = ready.facts("status")
    assert [one["decision"] for one in status["warnings"]] == ["broadcast"]
    assert len(status["put_aside"]) == 1


def test_a_source_that_is_not_there_is_a_usage_error(ready):
    assert ready.run("poll", "radio").exit_code == 2
    ready.write("alertcast.toml", OFFICE.split("[sources")[0])
    assert ready.run("poll").exit_code == 2


def test_a_source_that_fails_is_exit_code_1(ready):
    (ready.folder / "inbox").rmdir()
    assert ready.run("poll", "inbox").exit_code == 1


def test_the_log_is_key_value_on_standard_error_and_only_if_asked_for(ready):
    ready.write("inbox/good.xml", warning())
    assert "source polled" not in ready.run("poll").stderr
    said = ready.run("-v", "poll").stderr
    assert 'level=info event="source polled" source=inbox' in said


# users


def test_a_password_that_is_short_or_typed_differently_is_not_taken(installed):
    add = ("users", "add", "wang", "--role", "officer")
    assert installed.run(*add, "--password-stdin", stdin="short\n").exit_code == 2
    assert installed.run(*add, stdin="correct horse\nwrong horse\n").exit_code == 1
    assert installed.facts("users", "list") == []
    installed.ok(*add, stdin="correct horse\ncorrect horse\n")
    assert installed.run(*add, "--password-stdin", stdin="correct horse\n").exit_code == 1
    assert installed.run("users", "add", "x", "--role", "king").exit_code == 2


def test_who_was_disabled_may_do_nothing_more(ready):
    assert ready.run("users", "disable", "nobody").exit_code == 1
    ready.ok("users", "disable", "li")
    (user,) = ready.facts("users", "list")
    assert (user["name"], user["is_disabled"]) == ("li", True)
    result = ready.run(*notice("E01"))
    assert result.exit_code == 1
    assert "may not start" in result.stderr


def test_a_new_password_is_taken_and_recorded_but_opens_no_disabled_log_in(ready):
    change = ("users", "password")
    assert "there is none" in ready.run(*change, "nobody", stdin="x\n").stderr
    assert ready.run(*change, "li", "--password-stdin", stdin="short\n").exit_code == 2
    before = kept_user(ready, "li")
    ready.ok("users", "disable", "li")
    assert "new password" in ready.ok(*change, "li", stdin="battery staple\nbattery staple\n")
    after = kept_user(ready, "li")
    assert not passwords.is_right(before["password"], "battery staple")
    assert passwords.is_right(after["password"], "battery staple")
    assert after["is_disabled"]
    assert after["audit"] == ["add_user", "disable_user", "change_password"]


def kept_user(terminal, name):
    """The row of a user, with what was done to it."""
    with closing(sqlite3.connect(terminal.folder / "alertcast.sqlite3")) as database:
        database.row_factory = sqlite3.Row
        (row,) = database.execute("SELECT * FROM user WHERE name = ?", [name]).fetchall()
        done = "SELECT action FROM audit WHERE subject = ? ORDER BY id"
        actions = database.execute(done, [f"user:{row['id']}"]).fetchall()
    return dict(row) | {"audit": [one["action"] for one in actions]}


# broadcast and status


def notice(code: str, user: str = "li", *more: str) -> tuple[str, ...]:
    start = ("broadcast", "start", "--notice", "今晚检查驿站", "--mode", "drill")
    return (*start, "--to", code, "--user", user, *AT_ANY_HOUR, *more)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--mode", "drill", "--user", "li"), 2, "either --alert or --notice"),
        (("--mode", "drill", "--user", "li", "--notice", "a"), 2, "--notice needs --to"),
        (("--user", "li", "--alert", "1"), 2, "--mode"),
        (("--mode", "live", "--user", "li", "--alert", "1"), 1, "there is no alert"),
        (("--mode", "live", "--user", "li", "--notice", "a", "--to", "E09"), 1, "E09"),
        (("--mode", "live", "--user", "ghost", "--notice", "a", "--to", "E01"), 1, "ghost"),
        (
            ("--mode", "live", "--user", "li", "--notice", "寒冷红色预警信号", "--to", "E01"),
            1,
            "预警信号",
        ),
    ],
)
def test_a_start_that_is_not_right_is_refused_with_the_reason(ready, arguments, code, said):
    result = ready.run("broadcast", "start", *arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert ready.facts("broadcast", "list") == []


def test_the_same_notice_again_has_to_be_meant(ready):
    ready.ok(*notice("E01"))
    refused = ready.run(*notice("E01"))
    assert (refused.exit_code, "#1; to send it once more: --again" in refused.stderr) == (1, True)
    assert len(ready.facts("broadcast", "list")) == 1
    ready.ok(*notice("E01", "li", "--again"))
    assert len(ready.facts("broadcast", "list")) == 2


def test_an_officer_of_another_county_may_not_start_or_stop(ready):
    area = ("--role", "officer", "--area", "441223", "--password-stdin")
    refused = ready.run("users", "add", "far", *area, stdin="correct horse\n")
    assert "no town of the layer in use lies in it" in refused.stderr
    with closing(installation()) as app, app.world.db.write() as tx:  # as if the layer had changed
        users.add(tx, "far", "", "officer", "441223", app.clock())
    assert ready.run(*notice("E01", "far")).exit_code == 1
    ready.ok(*notice("E01"))
    assert ready.run("broadcast", "cancel", "1", "--user", "far").exit_code == 1


def test_the_same_key_is_one_broadcast(ready):
    for _ in range(2):
        (fact,) = ready.facts(*notice("441224101", "li", "--key", "tonight"))
        assert fact == {"broadcast": 1, "state": "running"}
    (listed,) = ready.facts("broadcast", "list")
    assert listed["grids"] == {"open": 2}


def test_a_broadcast_is_stopped_once(ready):
    ready.ok(*notice("E01"))
    (fact,) = ready.facts("broadcast", "cancel", "1", "--user", "li")
    assert fact["broadcast"] == 1
    assert ready.run("broadcast", "cancel", "1", "--user", "li").exit_code == 1
    assert ready.run("broadcast", "cancel", "2", "--user", "li").exit_code == 1
    assert "1 cancelled" in ready.ok("broadcast", "list")


def test_the_script_and_the_copy_are_printed(ready):
    ready.ok(*notice("E01"))
    said = ready.ok("broadcast", "script", "1")
    assert "script (zh):\n" in said
    assert "copy (en):\n" in said
    (fact,) = ready.facts("broadcast", "script", "1", "--kind", "script", "--language", "yue")
    assert (set(fact), set(fact["script"])) == ({"broadcast", "script"}, {"yue"})
    assert ready.run("broadcast", "script", "1", "--language", "fr").exit_code == 1
    assert ready.run("broadcast", "script", "9").exit_code == 1


def test_a_broadcast_is_corrected_once(ready):
    ready.ok(*notice("E01"))
    correct = ("broadcast", "correct", "1", "--reason", "area", "--user", "li")
    (fact,) = ready.facts(*correct, "--detail", "应为西村")
    assert (fact["correction"], fact["new"], fact["told"]) == (2, True, {"phones": 0})
    (again,) = ready.facts(*correct)
    assert (again["correction"], again["new"]) == (2, False)
    assert "was corrected before, by 2" in ready.ok(*correct)
    purposes = [one["purpose"] for one in ready.facts("broadcast", "list")]
    assert purposes == ["correction", "desk"]
    assert "0 phones to be told" in ready.ok(
        "broadcast", "correct", "2", "--reason", "mistake", "--not-again", "--user", "li"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("1", "--user", "li"), 2, "--reason"),
        (("1", "--reason", "weather", "--user", "li"), 2, "weather"),
        (("9", "--reason", "area", "--user", "li"), 1, "there is none"),
        (("1", "--reason", "area", "--user", "nobody"), 1, "user nobody"),
        (("1", "--reason", "area", "--detail", "红色预警", "--user", "li"), 1, "红色预警"),
        (("1", "--reason", "area", "--call-again", "7", "--user", "li"), 1, "alert 7"),
        (("1", "--reason", "area", "--call-again", "7", "--not-again", "--user", "li"), 2, "both"),
    ],
)
def test_a_correction_that_is_not_right_is_refused_with_the_reason(ready, arguments, code, said):
    ready.ok(*notice("E01"))
    result = ready.run("broadcast", "correct", *arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert len(ready.facts("broadcast", "list")) == 1


def test_only_an_approver_approves_and_only_what_waits(ready):
    ready.ok(*notice("E01"))
    assert "may not approve" in ready.run("broadcast", "approve", "1", "--user", "li").stderr
    ready.ok(
        *("users", "add", "chen", "--role", "approver", "--password-stdin"), stdin="correct horse\n"
    )
    result = ready.run("broadcast", "approve", "1", "--user", "chen")
    assert (result.exit_code, "does not wait" in result.stderr) == (1, True)


def test_before_a_broadcast_begins_status_says_how_long_it_would_take(ready):
    ready.write("alertcast.toml", f'{OFFICE}[dispatch]\nundo = "1h"\n')
    ready.ok(*notice("E01"))
    (report,) = ready.facts("status", "1")
    found = report["estimate"]
    assert found["messages"] == {"manual": 1}  # no channel is configured
    assert found["ends_at"] == report["broadcast"]["starts_at"]
    assert "1 manual" in ready.ok("status", "1")


def test_an_alert_is_relayed_by_its_identifier(ready):
    ready.write("inbox/good.xml", warning(identifier="A-9"))
    ready.ok("poll")
    ready.ok(
        "broadcast", "start", "--alert", "A-9", "--mode", "drill", "--user", "li", *AT_ANY_HOUR
    )
    listed = ready.facts("broadcast", "list")
    assert [(one["mode"], one["purpose"]) for one in listed] == [
        ("drill", "warning"),
        ("live", "warning"),
    ]


def test_status_says_who_was_told_and_masks_them(ready):
    assert ready.run("status", "1").exit_code == 1
    ready.ok(*notice("E01"))
    (report,) = ready.facts("status", "1")
    assert report["grids"]["total"] == 1
    assert report["people"]["total"] == len(report["people_list"]) > 0
    assert "13800138000" not in ready.ok("status", "1", "--json")
    assert "running (drill)" in ready.ok("status", "1")
    assert "broadcasts running" in ready.ok("status")
