"""Accounts: who has a log-in and what it may do; each change is recorded as it is made.

The same for the terminal and the pages. Raises AccountError with a sentence for either.
"""

from datetime import datetime

from alertcast.core.access import User
from alertcast.store import (
    audit,
    lockouts,
    passwords,
    report_areas,
    second_factors,
    sessions,
    users,
)
from alertcast.store.db import Database, Tx


class AccountError(Exception):
    """It can not be done; the message says why."""


def add(tx: Tx, by: str, name: str, password: str, role: str, area: str, now: datetime) -> User:
    """Let somebody log in, with a password of which only the hash is kept."""
    _check_area(tx, area)
    try:
        user_id = users.add(tx, name, passwords.hashed(password), role, area, now)
    except ValueError as error:
        raise AccountError(str(error)) from None
    audit.record(tx, by, "add_user", _subject(user_id), now, role=role, area=area)
    return User(user_id, name, role, area)


def set_password(tx: Tx, by: str, user: User, password: str, now: datetime) -> None:
    """Give somebody a new password, and log them out everywhere; who was disabled stays so."""
    users.change(tx, user.name, password=passwords.hashed(password))
    audit.record(tx, by, "change_password", _subject(user.id), now)


def change(tx: Tx, by: str, user: User, role: str, area: str, now: datetime) -> None:
    """Give somebody another role or area; it holds at once."""
    if (role, area) == (user.role, user.area):
        return
    _check_area(tx, area)
    users.change(tx, user.name, role=role, area=area)
    before = {"role_before": user.role, "area_before": user.area}
    audit.record(tx, by, "change_user", _subject(user.id), now, role=role, area=area, **before)


def disable(tx: Tx, by: str, user: User, now: datetime) -> None:
    """Let somebody log in no more; what they did stays on record."""
    users.change(tx, user.name, is_disabled=True)
    audit.record(tx, by, "disable_user", _subject(user.id), now)


def enable(tx: Tx, by: str, user: User, now: datetime) -> None:
    """Let somebody log in again who was disabled, with the password as it was."""
    users.change(tx, user.name, is_disabled=False)
    audit.record(tx, by, "enable_user", _subject(user.id), now)


def unlock(db: Database, tx: Tx, by: str, user: User, now: datetime) -> None:
    """Let somebody try at once again after too many wrong passwords."""
    lockouts.forget_name(tx, db.vault, user.name)
    audit.record(tx, by, "unlock_user", _subject(user.id), now)


def confirm_second_factor(db: Database, tx: Tx, user: User, code: str, now: datetime) -> list[str]:
    """Ask somebody for a code at each log-in; return the recovery codes, [] if it is wrong."""
    codes = second_factors.confirm(tx, db.vault, user.id, code, db.real_now(tx))
    if codes:
        audit.record(tx, user.name, "add_second_factor", _subject(user.id), now)
    return codes


def remove_second_factor(tx: Tx, by: str, user: User, now: datetime) -> bool:
    """Let somebody log in without a code: the phone is lost; False if that is so already."""
    if not second_factors.remove(tx, user.id):
        return False
    audit.record(tx, by, "remove_second_factor", _subject(user.id), now)
    return True


def log_out(tx: Tx, by: str, user: User, now: datetime, *, but: int | None = None) -> int:
    """End every session of somebody, but for one if it is named; return how many ended."""
    ended = sessions.end_all(tx, user.id, but=but)
    audit.record(tx, by, "log_out_everywhere", _subject(user.id), now, sessions=ended)
    return ended


def _check_area(tx: Tx, area: str) -> None:
    if why := report_areas.unknown(tx, area):
        raise AccountError(why)


def _subject(user_id: int) -> str:
    return f"user:{user_id}"
