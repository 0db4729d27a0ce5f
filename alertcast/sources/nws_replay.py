"""Times of recorded NWS collections, counted from the moment of replay, as in weather.gov's tests.

"date:now -2 minutes" and "date:today 09:00:-06 +2 days" (a clock time, its offset in hours). A live
feed never holds them, so they are read only where a person replays a file.
"""

import re
from datetime import datetime, timedelta, timezone

_NOW = re.compile(r"date:now ([+-]\d{1,9}) (second|minute|hour|day)s?", re.ASCII)
_TODAY = re.compile(r"date:today (\d\d):(\d\d):([+-]\d\d) ([+-]\d{1,5}) days?", re.ASCII)


def replayed(text: str, now: datetime) -> datetime | None:
    """Return the time that `text` means when it is replayed at `now`; None: no such notation."""
    if match := _NOW.fullmatch(text):
        step = timedelta(**{f"{match.group(2)}s": int(match.group(1))})
        return _moved(now.replace(microsecond=0), step)
    if match := _TODAY.fullmatch(text):
        hour, minute, offset, days = (int(group) for group in match.groups())
        if hour > 23 or minute > 59 or abs(offset) > 14:
            return None
        today = now.astimezone(timezone(timedelta(hours=offset)))
        clock = today.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return _moved(clock, timedelta(days=days))
    return None


def _moved(time: datetime, step: timedelta) -> datetime | None:
    try:
        return time + step
    except OverflowError:
        return None
