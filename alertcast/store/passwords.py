"""Passwords are kept as argon2id hashes; those of earlier versions are still understood.

The parameters are the first that OWASP's Password Storage Cheat Sheet names: 19 MiB, two passes,
one lane. A machine that answers eight log-ins at once needs 152 MiB for them.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from werkzeug.security import check_password_hash

SHORTEST = 10
"""Fewest characters of a password."""

LONGEST = 1024
"""Most characters: more is nobody's password, and costs time to look at."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hashed(password: str) -> str:
    """Return the hash of a password, as the users table keeps it."""
    return _HASHER.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Say whether `kept` is the hash of `password`; None, of nobody, takes as long to say no."""
    if len(password) > LONGEST:
        return False
    if kept is None:
        _is_argon2_of(_nobodys(), password)
        return False
    if kept.startswith("$argon2"):
        return _is_argon2_of(kept, password)
    return check_password_hash(kept, password)  # scrypt, of a version before


def is_old(kept: str) -> bool:
    """Say whether a hash is weaker than new ones are."""
    return not kept.startswith("$argon2") or _HASHER.check_needs_rehash(kept)


def _is_argon2_of(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return hashed("")
