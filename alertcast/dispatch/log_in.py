"""A log-in: the tries are counted first, then the password is looked at, then a session begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alertcast.core.access import User
from alertcast.dispatch.world import World
from alertcast.store import audit, lockouts, passwords, second_factors, sessions, users
from alertcast.store.db import Tx
from alertcast.store.lockouts import Marks


@dataclass(frozen=True, slots=True)
class Known:
    """A browser that some users have logged in from before."""

    browser: str
    user_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a try: the user if all was right, else how long the next has to wait."""

    user: User | None
    marks: Marks
    wait: timedelta = timedelta(0)


def try_password(
    world: World, name: str, password: str, address: str, known: Known | None, now: datetime
) -> Tried:
    """Look at a name and a password; nobody learns which of both was wrong.

    The try stays counted until `begin`, or `forget`.
    """
    db = world.db
    with db.write() as tx:
        found = users.by_name(tx, name)
        if found is not None and known is not None and found[0].id in known.user_ids:
            marks = lockouts.of_known(db.vault, name, known.browser)
        else:
            marks = lockouts.of_stranger(db.vault, name, address)
        wait, closed = lockouts.begin(tx, marks, db.real_now(tx))
        if closed and found is not None:
            subject = f"user:{found[0].id}"
            audit.record(tx, "", "wrong_passwords", subject, now, by=sorted(closed))
    if wait:
        return Tried(None, marks, wait)
    user, kept = found or (None, None)
    if not passwords.is_right(kept, password) or user is None or user.is_disabled:
        return Tried(None, marks)
    if kept is not None and passwords.is_old(kept):
        new = passwords.hashed(password)
        with db.write() as tx:
            users.rehash(tx, user.id, kept, new)
    return Tried(user, marks)


def needs_code(world: World, user: User) -> bool:
    """Say whether somebody whose password was right has to show a code as well."""
    with world.db.read() as tx:
        return second_factors.has_one(tx, user.id)


def lacks_code(world: World, tx: Tx, user: User) -> bool:
    """Say whether somebody's role must have a second factor, and this one has none."""
    must = user.role in world.config.main.login.second_factor
    return must and not second_factors.has_one(tx, user.id)


def try_code(world: World, user_id: int, marks: Marks, code: str, now: datetime) -> Tried:
    """Look at the code of somebody whose password was right; counted as the password was."""
    db = world.db
    with db.write() as tx:
        wait, closed = lockouts.begin(tx, marks, db.real_now(tx))
        if closed:
            audit.record(tx, "", "wrong_passwords", f"user:{user_id}", now, by=sorted(closed))
    if wait:
        return Tried(None, marks, wait)
    with db.write() as tx:
        found = users.by_id(tx, user_id)
        by = second_factors.is_right(tx, db.vault, user_id, code, db.real_now(tx))
        if found is None or found[0].is_disabled or not by:
            return Tried(None, marks)
        if by == "recovery":
            left = second_factors.left(tx, user_id)
            audit.record(tx, found[0].name, "recovery_code", f"user:{user_id}", now, left=left)
    return Tried(found[0], marks)


def begin(
    world: World, user: User, marks: Marks, address: str, now: datetime, *, way: str = ""
) -> str:
    """Begin the session of somebody who was right in all; return the secret for the cookie."""
    with world.db.write() as tx:
        lockouts.passed(tx, marks)
        more = {"way": way} if way else {}
        audit.record(tx, user.name, "log_in", f"user:{user.id}", now, **more)
        return sessions.begin(tx, user.id, address, world.db.real_now(tx))


def forget(world: World, marks: Marks) -> None:
    """Count a right password no more that nobody logs in with."""
    with world.db.write() as tx:
        lockouts.passed(tx, marks)


def clear(world: World) -> None:
    """Remove sessions that have run out, and counts that count no more."""
    with world.db.write() as tx:
        real_now = world.db.real_now(tx)
        sessions.clear(tx, world.config.main.login.limits, real_now)
        lockouts.clear(tx, real_now)
