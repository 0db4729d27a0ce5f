"""Second factors (动态码): the key of each user's app, sealed, and the codes for a lost phone.

A code of the app (RFC 6238: six digits, 30 seconds) is taken one step early or late, and once.
"""

import hashlib
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, insert, select, update

from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.schema import recovery_code, second_factor

RECOVERY = 10
"""Codes for a lost phone that a user has."""

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another
_LENGTH = 10  # 49 bits
_DRIFT = (0, -1, 1)  # steps that a phone's clock may be off


def has_one(tx: Tx, user_id: int) -> bool:
    """Say whether a user has to show a code at log-in."""
    rows = select(second_factor.c.id).where(
        second_factor.c.user_id == user_id, second_factor.c.confirmed_at.is_not(None)
    )
    return tx.execute(rows).first() is not None


def offer(tx: Tx, vault: Vault, user_id: int) -> str:
    """Make a key for a user's app, instead of any before; it counts once it is confirmed."""
    secret = pyotp.random_base32()
    remove(tx, user_id)
    row = insert(second_factor).values(user_id=user_id, secret=vault.seal(secret), last_step=0)
    tx.execute(row)
    return secret


def offered(tx: Tx, vault: Vault, user_id: int) -> str | None:
    """Return the key that was made for a user and is not confirmed yet."""
    rows = select(second_factor.c.secret).where(
        second_factor.c.user_id == user_id, second_factor.c.confirmed_at.is_(None)
    )
    sealed = tx.execute(rows).scalar()
    return None if sealed is None else vault.open(sealed)


def confirm(tx: Tx, vault: Vault, user_id: int, code: str, real_now: datetime) -> list[str]:
    """Let the key that was offered count if `code` is of it; return recovery codes, else []."""
    if offered(tx, vault, user_id) is None or not _is_of_app(tx, vault, user_id, code, real_now):
        return []
    is_it = second_factor.c.user_id == user_id
    tx.execute(update(second_factor).where(is_it).values(confirmed_at=real_now))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(RECOVERY)]
    rows = [{"user_id": user_id, "digest": _digest(one)} for one in codes]
    tx.execute(insert(recovery_code), rows)
    return [f"{one[:5]}-{one[5:]}" for one in codes]


def is_right(tx: Tx, vault: Vault, user_id: int, code: str, real_now: datetime) -> str:
    """Return by what a code is right: "app", "recovery" (it is used up), or "" if it is not."""
    said = "".join(one for one in code.lower() if one.isalnum())
    if said.isdecimal() and len(said) == 6:
        return "app" if _is_of_app(tx, vault, user_id, said, real_now) else ""
    rows = delete(recovery_code).where(
        recovery_code.c.user_id == user_id, recovery_code.c.digest == _digest(said)
    )
    return "recovery" if tx.execute(rows).rowcount else ""


def left(tx: Tx, user_id: int) -> int:
    """Return how many recovery codes a user has left."""
    rows = select(recovery_code.c.id).where(recovery_code.c.user_id == user_id)
    return len(tx.execute(rows).all())


def remove(tx: Tx, user_id: int) -> bool:
    """Let a user log in without a code; False if that is so already."""
    tx.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    rows = delete(second_factor).where(second_factor.c.user_id == user_id)
    return bool(tx.execute(rows).rowcount)


def _is_of_app(tx: Tx, vault: Vault, user_id: int, code: str, real_now: datetime) -> bool:
    rows = select(second_factor).where(second_factor.c.user_id == user_id).with_for_update()
    row = tx.execute(rows).mappings().first()
    if row is None:
        return False
    app = pyotp.TOTP(vault.open(row["secret"]))
    now = app.timecode(real_now)
    for step in (now + drift for drift in _DRIFT):
        if step > row["last_step"] and secrets.compare_digest(app.generate_otp(step), code):
            is_it = second_factor.c.id == row["id"]
            tx.execute(update(second_factor).where(is_it).values(last_step=step))
            return True
    return False


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
