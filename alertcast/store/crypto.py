"""Phones, names and raw receipts at rest: AES-256-GCM, and a keyed blind index of phones."""

import base64
import hashlib
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
    """Seals and opens personal data with one 32-byte key.

    `fingerprint` names the key and gives nothing of it away.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            msg = f"the data key has {len(key)} bytes, not 32"
            raise DataKeyError(msg)
        self._cipher = AESGCM(_derived(key, b"alertcast seal"))
        self._index_key = _derived(key, b"alertcast index")
        self._mark_key = _derived(key, b"alertcast mark")
        self.fingerprint = _derived(key, b"alertcast fingerprint").hex()[:16]
        self._link_key = _derived(key, b"alertcast link")

    @classmethod
    def from_text(cls, text: str) -> "Vault":
        """Return the vault of a base64 key, as `new_key` writes it; raises DataKeyError."""
        try:
            return cls(base64.urlsafe_b64decode(text.encode()))
        except ValueError as error:
            msg = f"the data key is not 32 bytes in base64 ({error})"
            raise DataKeyError(msg) from None

    def seal(self, text: str) -> bytes:
        """Return `text` encrypted; two calls give two different results."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes) -> str:
        """Return what was sealed; raises DataKeyError if it was written with another key."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
        except InvalidTag:
            msg = "this data was written with another data key"
            raise DataKeyError(msg) from None

    def read(self, sealed: bytes) -> str:
        """Return what was sealed, or "" where it can not be opened.

        For what is one of many: a single spoilt record must not keep the others from being told.
        """
        try:
            return self.open(sealed)
        except ValueError:  # spoilt, cut short, or another key
            return ""

    def index(self, phone: str) -> str:
        """Return the blind index of an E.164 phone: equal for equal phones, else meaningless."""
        return hmac.digest(self._index_key, phone.encode(), "sha256").hex()[:32]

    def mark(self, content: bytes) -> str:
        """Return what only whoever has the key can write under `content`."""
        return hmac.new(self._mark_key, content, hashlib.sha256).hexdigest()

    def hash_of_link(self, token: str) -> str:
        """Return the keyed hash of the token of a link: the token can not be had back from it."""
        return hmac.new(self._link_key, token.encode(), hashlib.sha256).hexdigest()


def new_key() -> str:
    """Return a fresh data key in base64, for ALERTCAST_DATA_KEY."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)
