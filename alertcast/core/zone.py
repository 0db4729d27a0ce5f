"""Time zones, by their names in the IANA list."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def known_zone(name: str) -> str:
    """Return the name of a time zone as it was given. Raises ValueError if there is none."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        msg = f"{name!r} is not a time zone of the IANA list"
        raise ValueError(msg) from None
    return name
