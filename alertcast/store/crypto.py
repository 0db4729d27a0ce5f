"""Phones, names and raw receipts at rest: AES-256-GCM, and a keyed blind index of phones."""

import base64
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12  # bytes, NIST SP 800-38D section 8.2


class DataKeyError(ValueError):
    """The data key is missing, malformed, or not the one the data was written with."""


class Vault:
    """Seals and opens personal data with one 32-byte key, and opens what a former one sealed.

    While a key is replaced there are two, and either opens. One of them is in force: it alone
    seals, and it alone makes indexes, so that equal phones have equal ones (see `data_keys`).
    `fingerprint` names the key in force and gives nothing of it away.
    """

    def __init__(self, key: bytes, former: bytes | None = None) -> None:
        self._newest = _Key(key)
        self._keys = [self._newest] if former is None else [self._newest, _Key(former)]
        self._in_force = self._newest

    @classmethod
    def from_text(cls, text: str, former: str | None = None) -> "Vault":
        """Return the vault of base64 keys, as `new_key` writes them; raises DataKeyError."""
        return cls(_decoded(text), None if former is None else _decoded(former))

    @property
    def fingerprint(self) -> str:
        """Return the name of the key in force."""
        return self._in_force.fingerprint

    @property
    def newest(self) -> str:
        """Return the fingerprint of the key that is to be in force in the end."""
        return self._newest.fingerprint

    @property
    def former(self) -> str | None:
        """Return the fingerprint of the key that is being replaced, if one is."""
        return self._keys[-1].fingerprint if len(self._keys) > 1 else None

    def put_in_force(self, fingerprint: str) -> None:
        """Seal and index with the key of this name from now on; raises DataKeyError if unknown."""
        self._in_force = self._key(fingerprint)

    def seal(self, text: str) -> bytes:
        """Return `text` encrypted; two calls give two different results."""
        return self._in_force.seal(text.encode())

    def open(self, sealed: bytes) -> str:
        """Return what was sealed; raises DataKeyError if it was written with another key."""
        for key in self._keys:
            try:
                return key.open(sealed).decode()
            except InvalidTag:
                continue
        msg = "this data was written with another data key"
        raise DataKeyError(msg)

    def read(self, sealed: bytes) -> str:
        """Return what was sealed, or "" where it can not be opened.

        For what is one of many: a single spoilt record must not keep the others from being told.
        """
        try:
            return self.open(sealed)
        except ValueError:  # spoilt, cut short, or another key
            return ""

    def opens(self, sealed: bytes, fingerprint: str) -> bool:
        """Say whether the key of this name alone opens `sealed`."""
        try:
            self._key(fingerprint).open(sealed)
        except (InvalidTag, ValueError):
            return False
        return True

    def index(self, phone: str) -> str:
        """Return the blind index of an E.164 phone: equal for equal phones, else meaningless."""
        return self._in_force.index(phone.encode())

    def mark(self, content: bytes, fingerprint: str | None = None) -> str:
        """Return what only whoever has the key (None: the one in force) can write under `content`.

        Raises DataKeyError for a key that is not here.
        """
        key = self._in_force if fingerprint is None else self._key(fingerprint)
        return key.mark(content)

    def hash_of_link(self, token: str) -> str:
        """Return the keyed hash of the token of a link: the token can not be had back from it."""
        return self._in_force.hash_of_link(token.encode())

    def hashes_of_link(self, token: str) -> list[str]:
        """Return the hashes under which a link may be kept, one for each key."""
        return [key.hash_of_link(token.encode()) for key in self._keys]

    def _key(self, fingerprint: str) -> "_Key":
        for key in self._keys:
            if key.fingerprint == fingerprint:
                return key
        msg = f"the data key {fingerprint} is not here, only {self.newest}"
        raise DataKeyError(msg)


class _Key:
    """One key, and those that are derived from it: one for each purpose."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            msg = f"the data key has {len(key)} bytes, not 32"
            raise DataKeyError(msg)
        self._cipher = AESGCM(_derived(key, b"alertcast seal"))
        self._index_key = _derived(key, b"alertcast index")
        self._mark_key = _derived(key, b"alertcast mark")
        self.fingerprint = _derived(key, b"alertcast fingerprint").hex()[:16]
        self._link_key = _derived(key, b"alertcast link")

    def seal(self, content: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, None)

    def open(self, sealed: bytes) -> bytes:
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)

    def index(self, phone: bytes) -> str:
        return hmac.digest(self._index_key, phone, "sha256").hex()[:32]

    def mark(self, content: bytes) -> str:
        return hmac.digest(self._mark_key, content, "sha256").hex()

    def hash_of_link(self, token: bytes) -> str:
        return hmac.digest(self._link_key, token, "sha256").hex()


def new_key() -> str:
    """Return a fresh data key in base64, for ALERTCAST_DATA_KEY."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.encode())
    except ValueError as error:
        msg = f"the data key is not 32 bytes in base64 ({error})"
        raise DataKeyError(msg) from None


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)
