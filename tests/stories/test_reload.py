"""The configuration is read again while it runs: whole or not at all, and what runs keeps its own.

Nothing here restarts a process.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from alertcast.cli.installed import reread
from alertcast.core.written import differences, digest
from alertcast.dispatch.reload import OnDisk
from alertcast.dispatch.watch import Pulse
from alertcast.store import audit, configurations
from tests.databases import KINDS, database
from tests.stories.filed_town import ENV, SMS, VOICE, FiledTown
from tests.stories.town import EAST_LEADER, EAST_SECRETARY, IN_EAST, IN_WEST, WEST_LEADER

FIRST_CALL = 'kinds = ["sms"]\nwithin = "10m"'
"""Of the policy for orange: a text, and ten minutes until the first call."""


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FiledTown]:
    with database(request.param, tmp_path) as db:
        yield FiledTown(db, tmp_path)


def follow(town: FiledTown) -> None:
    """Want what lies on the disk, and let the process look."""
    assert town.at_work.want("admin").mistakes == ()
    town.at_work.look()


def test_files_with_mistakes_change_nothing_and_each_is_named(town: FiledTown) -> None:
    before = town.process()
    town.edit('roles = ["town_desk"]', 'roles = ["dog"]')
    town.write(SMS, '[channels.dove]\ntype = "pigeon"', "[web]\nport = -1")
    found = town.at_work.want("admin")
    known = [
        "alertcast.toml: web.port: Input should be greater than or equal to 0",
        "policy.toml: policy red: rung 3: unknown role 'dog'",
        "channels.dove.type: 'pigeon' is not one of gateway, manual, twilio_sms, twilio_voice",
    ]
    assert [one for one in found.mistakes if one in known] == known
    town.at_work.look()
    after = town.process()
    assert (after.digest, after.since) == (before.digest, before.since)
    assert (after.on_disk, after.mistakes) == ("", len(found.mistakes))
    assert town.audited() == []
    with town.db.read() as tx:
        assert configurations.newest_order(tx) is None
    town.warn(over=IN_EAST)
    assert town.messages(EAST_LEADER) == [("sms", "underway", None)]


def test_a_running_broadcast_keeps_its_policy_and_the_next_has_the_new(town: FiledTown) -> None:
    town.warn(over=IN_EAST)
    town.edit(FIRST_CALL, FIRST_CALL.replace("10m", "2m"))
    follow(town)
    town.warn(over=IN_WEST)
    town.tick(minutes=3)
    assert len(town.requests(EAST_LEADER, "voice")) == 0
    assert len(town.requests(WEST_LEADER, "voice")) == 1
    town.tick(minutes=7)
    assert len(town.requests(EAST_LEADER, "voice")) == 1


def test_who_wanted_it_and_what_held_before_and_after_is_on_record(town: FiledTown) -> None:
    before = town.process().digest
    town.edit(FIRST_CALL, FIRST_CALL.replace("10m", "2m"))
    follow(town)
    after = town.process().digest
    assert town.audited() == [("admin", "reload_configuration")]
    with town.db.read() as tx:
        (row,) = audit.listed(tx)
        old, new = (configurations.lines_of(tx, one) for one in (before, after))
    known = {"digest_before": before, "digest": after}
    assert row["detail"] == {**known, "changed": 1, "waiting": 0}
    assert old is not None
    assert new is not None
    (one,) = differences(old, new)
    assert (one.file, one.key) == ("policy.toml", "policies.orange.rungs[1].within")
    assert (one.before, one.after, one.kind) == ("10m", "2m", "changed")


def test_what_waits_goes_by_hand_where_its_channel_is_gone(town: FiledTown) -> None:
    town.climb_first(IN_EAST)
    town.write(VOICE)
    follow(town)
    town.tick()
    assert town.sms.outbox == []
    assert town.to_dial() == [EAST_LEADER, EAST_SECRETARY]


def test_another_process_that_carries_it_still_is_left_to_do_so(town: FiledTown) -> None:
    town.climb_first(IN_EAST)
    Pulse(town.db, "elsewhere").write("send sms live")
    town.write(VOICE)
    follow(town)
    town.tick()
    assert town.to_dial() == []
    town.rest(seconds=91)
    assert town.to_dial() == [EAST_LEADER, EAST_SECRETARY]


def test_a_channel_that_was_added_carries_what_waits(town: FiledTown) -> None:
    town.write(SMS)
    follow(town)
    town.warn(over=IN_EAST)
    town.write(SMS, VOICE)
    follow(town)
    town.tick(minutes=10)
    assert town.requests(EAST_LEADER, "voice") == ["accepted"]
    assert town.to_dial() == []


def test_killed_after_it_was_wanted_the_next_start_has_all_of_it(town: FiledTown) -> None:
    town.edit(FIRST_CALL, FIRST_CALL.replace("10m", "2m"))
    wanted = town.at_work.want("admin")
    town.at_work = town.opened("second")  # the first never looks again
    assert town.process("second").digest == wanted.digest
    began = town.process("second").since
    town.at_work.look()
    assert town.process("second").since == began  # it has that already


def test_what_can_not_begin_leaves_the_other_at_work(town: FiledTown) -> None:
    before = town.process().digest
    town.write(SMS, VOICE, "[duty]\nahead = 3")
    town.breaks = True
    follow(town)
    assert town.process().digest == before
    assert town.lives == ["begin 0758-5522000"]
    town.breaks = False
    town.at_work.look()
    assert town.process().digest != before
    assert town.at_work.app.config.main.duty.ahead == 3


def test_where_its_pages_can_not_be_shown_the_new_one_ends_and_the_old_goes_on(
    town: FiledTown,
) -> None:
    def fails(_: object) -> None:
        msg = "no pages"
        raise RuntimeError(msg)

    before = town.at_work.app
    town.at_work.follow(fails)
    text = town.path.read_text("utf-8")
    town.path.write_text(text.replace("0758-5522000", "0758-5522111"), "utf-8")
    follow(town)
    assert town.at_work.app is before
    assert town.lives == ["begin 0758-5522000", "begin 0758-5522111", "end 0758-5522111"]


def test_what_is_written_after_the_files_were_looked_at_is_not_followed(
    town: FiledTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = town.process().digest
    town.edit(FIRST_CALL, FIRST_CALL.replace("10m", "2m"))
    wanted = town.at_work.want("admin")
    looked = town.at_work._look_at_files

    def and_then_somebody_writes() -> OnDisk:
        found = looked()
        if found.digest == wanted.digest:
            town.write(SMS, VOICE, "[duty]\nahead = 3")
        return found

    monkeypatch.setattr(town.at_work, "_look_at_files", and_then_somebody_writes)
    town.at_work.look()
    assert town.process().digest == before


def test_a_file_of_variables_in_other_letters_is_a_mistake(town: FiledTown) -> None:
    town.path.with_name("alertcast.env").write_bytes("密码=秘密\n".encode("gbk"))
    assert any("alertcast.env" in one for one in town.at_work.want("admin").mistakes)
    town.at_work.look()
    assert town.process().mistakes == 1


def test_a_signal_while_the_database_is_gone_ends_nothing(
    town: FiledTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        why = "the server has gone away"
        raise OperationalError(why, None, ConnectionError())

    town.edit(FIRST_CALL, FIRST_CALL.replace("10m", "2m"))
    monkeypatch.setattr("alertcast.dispatch.reload.order", gone)
    reread(town.at_work)
    assert town.lives == ["begin 0758-5522000"]


def test_the_new_one_is_at_work_before_the_old_one_ends(town: FiledTown) -> None:
    seen = town.lives
    town.at_work.follow(lambda app: seen.append(f"pages {app.config.main.office.check_number}"))
    text = town.path.read_text("utf-8")
    town.path.write_text(text.replace("0758-5522000", "0758-5522111"), "utf-8")
    old = town.at_work.app
    follow(town)
    assert seen == [
        "begin 0758-5522000",
        "begin 0758-5522111",
        "pages 0758-5522111",
        "end 0758-5522000",
    ]
    assert old.config.main.office.check_number == "0758-5522000"  # a step that has it, has it all
    assert old.world.db is town.at_work.app.world.db


def test_what_a_process_keeps_to_its_end_waits_and_is_said(town: FiledTown) -> None:
    town.write(SMS, VOICE, "[web]\nport = 9999", "[duty]\nahead = 3")
    found = town.at_work.on_disk()
    assert {one.key: one.waits for one in found.differs} == {"duty.ahead": False, "web.port": True}
    follow(town)
    main = town.at_work.app.config.main
    assert (main.duty.ahead, main.web.port) == (3, 8080)
    one = town.process()
    assert one.digest != one.on_disk == found.digest
    assert [left.key for left in town.at_work.on_disk().differs] == ["web.port"]


def test_a_process_with_other_files_goes_on_and_says_so(town: FiledTown) -> None:
    elsewhere = town.folder / "elsewhere"
    shutil.copytree(town.path.parent, elsewhere)
    other = town.opened("other", elsewhere / "alertcast.toml")
    before = town.process("other").digest
    assert before == town.process().digest
    town.edit(FIRST_CALL, FIRST_CALL.replace("10m", "2m"))
    follow(town)
    other.look()
    assert town.process("other").digest == town.process("other").on_disk == before
    shutil.copy(town.policy, elsewhere)
    other.look()
    assert town.process("other").digest == town.process().digest != before


def test_a_wish_holds_for_ten_minutes(town: FiledTown) -> None:
    elsewhere = town.folder / "elsewhere"
    shutil.copytree(town.path.parent, elsewhere)
    other = town.opened("other", elsewhere / "alertcast.toml")
    before = town.process("other").digest
    town.edit(FIRST_CALL, FIRST_CALL.replace("10m", "2m"))
    follow(town)
    shutil.copy(town.policy, elsewhere)
    town.rest(seconds=660)
    other.look()
    assert town.process("other").digest == before != town.process("other").on_disk


def test_a_process_that_ends_or_falls_silent_is_on_no_list(town: FiledTown) -> None:
    other = town.opened("other")
    assert [one.name for one in town.processes()] == ["first", "other"]
    other.__exit__(None, None, None)
    assert [one.name for one in town.processes()] == ["first"]
    town.rest(seconds=180)
    assert town.processes() == []


def test_no_secret_is_kept_but_that_it_changed_is_seen(town: FiledTown) -> None:
    beat = '[heartbeat]\nurl = "https://beat.example/{}"'
    town.write(SMS, VOICE, beat.format("first-secret"))
    follow(town)
    one = town.process().digest
    town.write(SMS, VOICE, beat.format("second-secret"))
    town.path.with_name("alertcast.env").write_text("CAIYUN_TOKEN=third-secret\n", "utf-8")
    found = town.at_work.on_disk()
    assert [(one.file, one.key) for one in found.differs] == [
        ("alertcast.toml", "heartbeat.url"),
        ("alertcast.env", "CAIYUN_TOKEN"),
    ]
    follow(town)
    assert town.at_work.app.config.env["CAIYUN_TOKEN"] == "third-secret"
    with town.db.read() as tx:
        for kept in (one, town.process().digest):
            lines = configurations.lines_of(tx, kept)
            assert lines is not None
            assert digest(lines) == kept
            assert "-secret" not in str(lines)
    assert "-secret" not in str(found.differs)
    assert ENV["ALERTCAST_DATA_KEY"] not in str(found)
