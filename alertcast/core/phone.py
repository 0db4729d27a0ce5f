"""What can be said of an E.164 phone number without any library: demo, mainland, dialled, mask."""

import re

DEMO_PREFIX = "+86154"
"""+86 154 is unallocated: demo phones are of this range and can be sent only to loopback."""


UNREADABLE = "（无法读出）"
"""Stands where a name or a phone can not be read."""

_MOBILE = re.compile(r"\+861[3-9]\d{9}")

LOOKS_LIKE = re.compile(r"\+\d{8,15}|(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)")
"""What looks like a telephone number in a text: E.164, or a mobile of mainland China."""

_AS_IT_IS = re.compile(r"1[3-9]\d{9}|[48]00\d{7}|\d{3,6}")
"""Mobile and service numbers of mainland China; any other is a fixed line with its area code."""


def is_demo(phone: str) -> bool:
    """Say whether `phone` (E.164) is of the unallocated range that demos use."""
    return phone.startswith(DEMO_PREFIX)


def is_mainland(phone: str) -> bool:
    """Say whether `phone` (E.164) is in mainland China (+86)."""
    return phone.startswith("+86")


def takes_texts(phone: str) -> bool:
    """Say whether texts may be sent to `phone` (E.164): in mainland China to mobiles only.

    What other countries' numbers are, their carriers know.
    """
    return not is_mainland(phone) or _MOBILE.fullmatch(phone) is not None


def dialled(phone: str) -> str:
    """Return `phone` (E.164) as it is dialled in mainland China, e.g. "13800000011".

    A fixed line gets the 0 before its area code: "07585522000".
    """
    if is_mainland(phone):
        national = phone.removeprefix("+86")
        return national if _AS_IT_IS.fullmatch(national) else f"0{national}"
    return f"00{phone.removeprefix('+')}"


def mask(phone: str) -> str:
    """Return `phone` (E.164) with its middle hidden, e.g. "+86 154****0001"."""
    if is_mainland(phone):
        return f"+86 {beginning(phone)[3:]}****{phone.removeprefix('+86')[-4:]}"
    return f"{beginning(phone)}****{phone[-2:]}"


def beginning(phone: str) -> str:
    """Return what a mask shows of the beginning of `phone` (E.164), e.g. "+86154" or "+852"."""
    return phone[:6] if is_mainland(phone) else phone[:4]


def hidden(text: str) -> str:
    """Return `text` with stars for all but the end of whatever looks like a number in it."""
    return LOOKS_LIKE.sub(lambda found: f"***{found[0][-2:]}", text)
