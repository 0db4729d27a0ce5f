"""Proof that a callback comes from Twilio: the HMAC over its public address and form.

Source: twilio.com/docs/usage/webhooks/webhooks-security, checked with the SDK's own validator. The
address must be the one Twilio was given, undecoded: behind a proxy a server sees another one.
"""

from collections.abc import Sequence
from hmac import compare_digest

from twilio.request_validator import RequestValidator

from alertcast.channels.base import Callback, Forged

SIGNATURE = "x-twilio-signature"


class Signatures:
    """The tokens that may sign: one, or two while one replaces the other."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._validators = [RequestValidator(token) for token in tokens]

    def verify(self, callback: Callback) -> None:
        """Raise Forged unless one of the tokens signed `callback`."""
        headers = {name.lower(): value for name, value in callback.headers.items()}
        signature = headers.get(SIGNATURE)
        if not signature:
            raise Forged(f"channel {callback.channel}: a callback without a signature")
        form = _Form(callback.form)
        try:
            is_real = any(_signed(one, callback.url, form, signature) for one in self._validators)
        except ValueError:  # no web address, or letters that no form can hold
            is_real = False
        if not is_real:
            raise Forged(f"channel {callback.channel}: a callback with a false signature")


class _Form(dict[str, Sequence[str]]):
    """A form as the SDK's validator wants it: keys that may have several values."""

    def getlist(self, key: str) -> Sequence[str]:
        return self[key]


def _signed(validator: RequestValidator, url: str, form: _Form, signature: str) -> bool:
    """Say whether `signature` is right; over the very address first, which is nearly always so.

    The SDK tries the address with a port and without, at thrice the cost.
    """
    expected = validator.compute_signature(url, form)
    if compare_digest(expected.encode(), signature.encode()):
        return True
    return bool(validator.validate(url, form, signature))
