"""API tokens: what another system shows instead of a log-in, with a role, an area and an end."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from alertcast.core.access import User

PREFIX = "alertcast_"
"""What a token begins with, so that one that leaked into a file is recognised."""

_SHOWN = 6  # characters of its secret part by which a token can be told from another


@dataclass(frozen=True, slots=True)
class Token:
    """One token, without its secret."""

    id: int
    name: str  # whose it is
    hint: str  # its first characters
    role: str
    area: str
    created_at: datetime
    created_by: str
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None

    def is_valid(self, now: datetime) -> bool:
        """Say whether it opens anything at `now` (real time)."""
        return self.revoked_at is None and now < self.expires_at

    def as_user(self) -> User:
        """Return who acts where it is shown; the audit calls it token:NAME."""
        return User(self.id, f"token:{self.name}", self.role, self.area)


def new_secret() -> str:
    """Return a fresh token: 256 bits, shown once and kept nowhere."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what is kept of a token. Of 256 random bits a plain hash gives nothing away."""
    return sha256(secret.encode()).hexdigest()


def hint(secret: str) -> str:
    """Return the first characters of a token."""
    return secret[: len(PREFIX) + _SHOWN]
