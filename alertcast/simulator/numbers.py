"""What the carrier takes for a number, a sender, and a web address in a create."""

import re
from collections.abc import Mapping

from alertcast.simulator.errors import Refusal
from alertcast.simulator.webhooks import is_loopback

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")


def check_to(to: str, magic: Mapping[str, int], *, missing: int) -> None:
    """Raise Refusal unless `to` is an E.164 number that may be reached."""
    if not to:
        raise Refusal(missing)
    if to in magic:
        raise Refusal(magic[to])
    if not _E164.fullmatch(to):
        raise Refusal(21211)


def check_from(sender: str, magic: Mapping[str, int]) -> None:
    """Raise Refusal unless `sender` is a number, a short code or an alphanumeric name."""
    if sender in magic:
        raise Refusal(magic[sender])
    if not _SENDER.fullmatch(sender):
        raise Refusal(21212)


def check_address(url: str | None, code: int, name: str) -> None:
    """Raise Refusal(`code`) if `url` leads off this machine: a simulator never calls out."""
    if url is not None and not is_loopback(url):
        raise Refusal(code, detail=f"{name}: the simulator calls loopback addresses only")
