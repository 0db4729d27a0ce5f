"""Who may do what, and where: one function, `may`."""

from dataclasses import dataclass

ROLES = ("viewer", "officer", "approver", "admin", "auditor")
"""值班查看, 值班员, 带班领导, 管理员, 审计."""

ACTIONS: dict[str, frozenset[str]] = {
    "see": frozenset(ROLES),
    "unmask": frozenset({"officer", "approver", "admin"}),  # see a whole phone number; recorded
    "start": frozenset({"officer", "approver"}),
    "stop": frozenset({"officer", "approver"}),
    "call": frozenset({"officer", "approver"}),  # call again, skip a rung, add a person
    "respond": frozenset({"officer", "approver"}),  # write down a response level (应急响应)
    "correct": frozenset({"officer", "approver"}),  # tell whoever was told that it was wrong
    "approve": frozenset({"approver"}),
    "answer": frozenset({"officer", "approver"}),  # write down a spoken answer
    "close_help": frozenset({"officer", "approver"}),
    "log": frozenset({"officer", "approver"}),  # write the shift log, hand over, take over
    "plan": frozenset({"approver", "admin"}),  # say who is on duty when
    "configure": frozenset({"admin"}),
    "audit": frozenset({"auditor", "admin"}),
}
"""Each action, and the roles that may do it."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a log-in. `area` is an administrative code prefix; "" is everywhere."""

    id: int
    name: str
    role: str
    area: str = ""
    is_disabled: bool = False


def may(user: User, action: str, area: str) -> bool:
    """Say whether `user` may do `action` in the place with code `area` ("" means everywhere).

    Raises KeyError for an action that does not exist: a misspelt check must not pass.
    """
    if user.is_disabled or user.role not in ACTIONS[action]:
        return False
    return lies_in(area, user.area)


def lies_in(code: str, area: str) -> bool:
    """Say whether a town or county, by its code, lies in a user's area.

    A grid lies where its town does: it may have kept a code of before its town was merged, so ask
    by its `town_code`. Of rows, `store.report_areas` asks the same.
    """
    return code.startswith(area)
