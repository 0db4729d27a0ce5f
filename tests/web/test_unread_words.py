"""What a reader's code, and the words of a failed poll, say to an officer."""

import re
from pathlib import Path

import pytest

import alertcast.sources
from alertcast.web.unread_words import BEGINNINGS, UNREADABLE, poll_failure, unreadable
from tests.stories.town import Town
from tests.web.site import Site

CODE = re.compile(r"""(?:Unreadable|\.error)\(f?"([a-z_]+)""")


def codes() -> set[str]:
    """Return the codes with which readers refuse, as they stand in their sources."""
    files = Path(alertcast.sources.__file__).parent.glob("*.py")
    return {code for file in files for code in CODE.findall(file.read_text(encoding="utf-8"))}


def test_every_code_of_a_reader_says_something() -> None:
    found = codes()
    assert {"not_xml", "no_sent", "bad_time"} <= found
    assert [
        one for one in found if not (one in UNREADABLE or one.startswith(tuple(BEGINNINGS)))
    ] == []


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        (
            "http://a/: ReadTimeout: HTTPConnectionPool(host='a', port=80): Read timed out.",
            "没有及时答复",
        ),
        ("http://a/: answered 503 Service Unavailable", "对方很忙"),
        ("http://a/: answered 401 Unauthorized", "对方不让访问，请检查密钥"),
        ("http://a/: answered 500 Internal Server Error", "对方出错"),
        ("http://a/: ConnectionError: Failed to establish a new connection", "连不上"),
        ("http://a/: SSLError: certificate verify failed", "对方的证书不可信"),
        ("something that nobody foresaw", ""),
    ],
)
def test_what_the_words_of_a_failed_poll_say(site: Site, detail: str, said: str) -> None:
    with site.app.test_request_context():
        assert poll_failure(detail) == said


def test_pages_say_it_in_chinese_with_the_readers_words_behind(site: Site, town: Town) -> None:
    town.publish("<alert>")
    officer, admin = site.user("officer"), site.user("admin")
    with site.app.test_request_context():
        said = unreadable("not_xml")
    for address in ("/", "/quarantine/1"):
        (technical,) = officer.page(address).select("small.mark[lang=en]")
        assert "not well-formed XML" in technical.text
        assert said in technical.parent.text
    chip = admin.page("/sources").select_one(".chip.state")
    assert chip.text == "有读不出的"
    assert "state-waiting" in chip["class"]
