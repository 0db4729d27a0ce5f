"""At the terminal: who may log in, what they may do, and an end to waits and log-ins."""

import json

from alertcast.bootstrap import installation
from alertcast.store import lockouts, second_factors, sessions, users
from tests.cli.conftest import Terminal

PASSWORD = "correct horse\n"


def add(ready: Terminal, name: str, *more: str) -> None:
    ready.ok("users", "add", name, "--role", "officer", "--password-stdin", *more, stdin=PASSWORD)


def listed(ready: Terminal, name: str) -> dict[str, object]:
    return next(one for one in ready.facts("users", "list") if one["name"] == name)


def recorded(ready: Terminal) -> list[tuple[str, dict[str, object]]]:
    found = [json.loads(line) for line in ready.ok("audit", "list", "--json").splitlines()]
    return [(one["action"], one["detail"]) for one in reversed(found)]


def test_a_user_gets_another_role_and_area(ready: Terminal) -> None:
    add(ready, "wang", "--area", "441224101")
    assert "approver, 441224101" in ready.ok("users", "change", "wang", "--role", "approver")
    assert "approver, everywhere" in ready.ok("users", "change", "wang", "--area", "")
    ready.ok("users", "change", "wang", "--role", "approver")  # as it is: nothing to record
    wang = listed(ready, "wang")
    assert (wang["role"], wang["area"]) == ("approver", "")
    changed = [detail for action, detail in recorded(ready) if action == "change_user"]
    assert changed == [
        {
            "role": "approver",
            "area": "441224101",
            "role_before": "officer",
            "area_before": "441224101",
        },
        {"role": "approver", "area": "", "role_before": "approver", "area_before": "441224101"},
    ]
    result = ready.run("users", "change", "wang", "--area", "999")
    assert (result.exit_code, "no town of the layer" in result.output) == (1, True)


def test_who_was_disabled_is_enabled_again(ready: Terminal) -> None:
    add(ready, "wang")
    ready.ok("users", "disable", "wang")
    assert listed(ready, "wang")["is_disabled"]
    ready.ok("users", "enable", "wang")
    assert not listed(ready, "wang")["is_disabled"]
    assert [action for action, _ in recorded(ready)][-2:] == ["disable_user", "enable_user"]


def test_every_log_in_of_somebody_is_ended(ready: Terminal) -> None:
    add(ready, "wang")
    app = installation(ready.folder / "alertcast.toml")
    with app.world.db.write() as tx:
        found = users.by_name(tx, "wang")
        assert found is not None
        for _ in range(2):
            sessions.begin(tx, found[0].id, "", app.world.db.real_now(tx))
    assert "logged in 2 times" in ready.ok("users", "log-out", "wang")
    assert "logged in 0 times" in ready.ok("users", "log-out", "wang")
    app.close()


def test_a_wait_is_ended_for_a_name_or_an_address(ready: Terminal) -> None:
    add(ready, "wang")
    app = installation(ready.folder / "alertcast.toml")
    db = app.world.db
    marks = lockouts.of_stranger(db.vault, "wang", "203.0.113.7")

    def waits() -> bool:
        with db.write() as tx:
            return bool(lockouts.begin(tx, marks, db.real_now(tx))[0])

    for words in (("wang",), ("--address", "203.0.113.7")):
        assert [waits() for _ in range(6)] == [False] * 5 + [True]
        assert "need not wait" in ready.ok("users", "unlock", *words)
    assert not waits()
    assert [action for action, _ in recorded(ready)][-2:] == ["unlock_user", "unlock_address"]
    app.close()


def test_what_is_refused(ready: Terminal) -> None:
    for words in (("change", "wu"), ("enable", "wu"), ("log-out", "wu"), ("unlock", "wu")):
        result = ready.run("users", *words)
        assert (result.exit_code, "there is none" in result.output) == (1, True), words
    for words in ((), ("wang", "--address", "203.0.113.7")):
        assert ready.run("users", "unlock", *words).exit_code == 2, words


def test_whoever_lost_the_phone_is_asked_for_no_code(ready: Terminal) -> None:
    add(ready, "wang")
    app = installation(ready.folder / "alertcast.toml")
    db = app.world.db
    with db.write() as tx:
        found = users.by_name(tx, "wang")
        assert found is not None
        second_factors.offer(tx, db.vault, found[0].id)
    assert "logs in without a code now" in ready.ok("users", "no-code", "wang")
    assert "never been asked" in ready.ok("users", "no-code", "wang")
    app.close()
