"""At the terminal: tokens of other systems, given, listed and revoked."""

import json

from alertcast.core.token import PREFIX
from tests.cli.conftest import Terminal


def test_a_token_is_printed_once_and_never_again(ready: Terminal) -> None:
    result = ready.run("tokens", "add", "platform", "--role", "viewer", "--area", "441224")
    secret = result.stdout.strip()
    assert secret.startswith(PREFIX)
    assert len(secret) > 40
    assert "Token platform (viewer, 441224) is good until" in result.stderr
    for said in (ready.ok("tokens", "list"), ready.ok("tokens", "list", "--json")):
        assert secret[: len(PREFIX) + 6] in said
        assert secret not in said
    assert secret not in ready.ok("audit", "list", "--json")


def test_a_token_is_revoked_for_good(ready: Terminal) -> None:
    ready.ok("tokens", "add", "platform", "--role", "officer", "--days", "30")
    assert ready.facts("tokens", "list")[0]["is_valid"]
    assert "opens nothing any more" in ready.ok("tokens", "revoke", "platform")
    (one,) = ready.facts("tokens", "list")
    assert not one["is_valid"]
    assert one["revoked_by"].startswith("cli")
    assert ready.run("tokens", "revoke", "platform").exit_code == 1
    result = ready.run("tokens", "add", "platform", "--role", "viewer")
    assert (result.exit_code, "there is one already, or was" in result.output) == (1, True)
    acts = [json.loads(line)["action"] for line in ready.ok("audit", "list", "--json").splitlines()]
    assert acts[:2] == ["revoke_token", "add_token"]


def test_what_is_refused(ready: Terminal) -> None:
    for words, why in (
        (("add", "p", "--role", "king"), "is not one of"),
        (("add", "p", "--role", "viewer", "--area", "999"), "no town of the layer in use"),
        (("add", "x" * 65, "--role", "viewer"), "at most 64"),
        (("add", "p", "--role", "viewer", "--days", "0"), "0 is not in the range"),
        (("revoke", "nobody"), "there is none"),
    ):
        result = ready.run("tokens", *words)
        assert result.exit_code != 0, words
        assert why in result.output, words
    assert ready.facts("tokens", "list") == []


def test_a_user_is_limited_to_a_place_there_is(ready: Terminal) -> None:
    add = ("users", "add", "--role", "officer", "--password-stdin", "--area")
    result = ready.run(*add, "44122499", "wu", stdin="correct horse\n")
    assert result.exit_code == 1
    assert "no town of the layer in use lies in it" in result.output
    for number, area in enumerate(("4412", "441224", "441224101", "")):
        ready.ok(*add, area, f"u{number}", stdin="correct horse\n")
