"""Who may do what, and where."""

import pytest

from alertcast.core.access import ACTIONS, ROLES, User, may


def user(role: str, area: str = "", *, is_disabled: bool = False) -> User:
    return User(1, "wang", role, area, is_disabled)


ALLOWED = {
    "viewer": {"see"},
    "officer": {"see", "unmask", "start", "stop", "call", "respond", "correct"}
    | {"answer", "close_help", "log"},
    "approver": {"see", "unmask", "start", "stop", "call", "respond", "correct"}
    | {"answer", "close_help", "log", "approve", "plan"},
    "admin": {"see", "unmask", "configure", "audit", "plan"},
    "auditor": {"see", "audit"},
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_the_whole_table(role: str, action: str) -> None:
    assert may(user(role), action, "441224") is (action in ALLOWED[role])


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_with_a_closed_account(action: str) -> None:
    assert not any(may(user(role, is_disabled=True), action, "") for role in ROLES)


@pytest.mark.parametrize(
    ("own", "asked", "expected"),
    [
        ("441224", "", False),
        ("441224", "4412", False),
        ("441224", "441225", False),
        ("441224", "441224", True),
        ("441224", "441224101", True),
        ("", "441224101", True),
        ("", "", True),
    ],
)
def test_only_in_the_own_area(own: str, asked: str, expected: bool) -> None:
    assert may(user("officer", own), "start", asked) is expected


def test_nobody_with_a_role_that_does_not_exist() -> None:
    assert not may(user("root"), "see", "")


def test_a_misspelt_action_is_an_error() -> None:
    with pytest.raises(KeyError):
        may(user("admin"), "sea", "")
