"""`alertcast texts`: what is wrong with the words, and what they look like."""

import pytest

from tests.cli.conftest import OFFICE, Terminal

WRONG = """\
[warning.sms]
zh = "【{office}】{headline}。{weather}"
"""


@pytest.fixture
def office(terminal: Terminal) -> Terminal:
    """A folder with a configuration and no keys: texts need none."""
    terminal.write("alertcast.toml", OFFICE)
    terminal.folder.joinpath("inbox").mkdir()
    return terminal


def test_what_is_shipped_is_right(office: Terminal) -> None:
    assert "nothing is wrong" in office.ok("texts", "lint")
    (fact,) = office.facts("texts", "lint")
    assert (fact["ok"], fact["faults"]) == (True, [])


def test_every_fault_is_named(office: Terminal) -> None:
    office.write("texts.toml", WRONG)
    result = office.run("texts", "lint")
    assert result.exit_code == 1
    assert "warning.sms" in result.stdout
    assert "{issuer}" in result.stdout
    (fact,) = office.facts("texts", "lint")
    assert {fault["rule"] for fault in fact["faults"]} == {"slot", "missing"}


def test_check_says_that_a_text_is_wrong(installed: Terminal) -> None:
    assert "texts" in installed.ok("check")
    installed.ok("init", "shipped")
    texts = installed.folder.joinpath("shipped/texts.toml").read_text("utf-8")
    installed.write("texts.toml", texts.replace("涉及{places}。", "", 1))
    result = installed.run("check")
    assert result.exit_code == 1
    assert "warning.sms (zh): must say" in result.stdout


def test_a_text_is_shown_with_its_segments(office: Terminal) -> None:
    shown = office.ok(*["texts", "show", "--hazard", "frost", "--level", "yellow", "--kind", "sms"])
    assert "4 UCS-2 segments" in shown
    assert "霜冻黄色" in shown
    assert "【试验三防】" in shown
    assert "一氧化碳" in shown


def test_in_another_language_and_as_a_drill(office: Terminal) -> None:
    (fact,) = office.facts(
        *[
            "texts",
            "show",
            "--hazard",
            "cold",
            "--level",
            "red",
            "--language",
            "yue",
            "--mode",
            "drill",
        ]
    )
    kinds = {one["kind"]: one for one in fact["texts"]}
    assert set(kinds) == {"sms", "voice", "script", "copy"}
    assert kinds["voice"]["text"].startswith("演练。呢度系试验县三防办")
    assert kinds["voice"]["text"].endswith("演练")
    assert kinds["voice"]["version"].startswith("5-")


def test_a_hazard_that_is_not_there(office: Terminal) -> None:
    result = office.run("texts", "show", "--hazard", "locusts")
    assert result.exit_code == 1
    assert "is not one of cold" in result.stderr
    assert office.run("texts", "show", "--level", "pink").exit_code == 1


def test_what_can_be_recorded_is_listed_with_its_words(office: Terminal) -> None:
    said = office.ok("texts", "recordings", "--language", "yue")
    assert "voice.menu.yue.mp3" in said
    assert "收到请按1。需要帮手请按2。再听一次请按3。" in said
    (fact,) = office.facts("texts", "recordings", "--language", "hak")
    assert {one["tag"] for one in fact["recordings"]} == {"hak"}
    assert office.run("texts", "recordings", "--language", "fr").exit_code == 1


def test_check_names_the_recordings_that_are_missing(installed: Terminal) -> None:
    channel = (
        '[channels.voice]\ntype = "twilio_voice"\nfrom_number = "+15005550006"\n'
        'api_base_url = "http://127.0.0.1:1"\nauth_token_env = "ALERTCAST_SECRET_KEY"\n'
        'account_sid = "AC00000000000000000000000000000000"\nrecordings = "voices"\n'
    )
    installed.write("alertcast.toml", OFFICE + channel)
    assert "there is no folder" in installed.run("check").stderr
    installed.write("voices/voice.menu.yue.mp3", "ID3")
    said = installed.ok("check")
    assert "recordings voice yue" in said
    assert "voice.thanks" in said
    assert "voice.menu" not in said
