"""Statistics (叫应统计): how fast people were called and answered, as the page shows it."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from alertcast.dispatch.statistics import statistics
from alertcast.web.context import me, now, world
from alertcast.web.v1.facts import Facts, Mode
from alertcast.web.v1.operation import Operations

USUAL = timedelta(days=90)
"""What is counted where no first day is named."""

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
"""Days further off mean these."""


def _written(day: object) -> object:
    if isinstance(day, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
        msg = "a day is written YYYY-MM-DD"
        raise ValueError(msg)
    return day


Day = Annotated[date, BeforeValidator(_written)]


class Wanted(BaseModel):
    """Of which time, and whether of what was live or of drills."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: Annotated[Day | None, Field(description="First day, local; else 90 days before")] = None
    until: Annotated[Day | None, Field(description="Last day, local; else today")] = None
    mode: Mode = "live"


class Measure(Facts):
    """How many, and how many of them in time; who answers in 5 minutes does so in 15 too."""

    total: int
    called: int
    called_3: Annotated[int, Field(description="Called within 3 minutes")]
    answered: int
    answered_5: Annotated[int, Field(description="Answered within 5 minutes of the first call")]
    answered_15: int
    answered_60: int


class Group(Measure):
    """What is counted under one key."""

    key: str
    name: str


class Statistics(Facts):
    """How fast people were called and answered, in the area of the token."""

    since: AwareDatetime
    until: AwareDatetime
    mode: Mode
    broadcasts: int
    grids: Measure
    by_county: Annotated[list[Group], Field(description="Grids")]
    by_role: Annotated[list[Group], Field(description="People called, once for each grid")]
    by_channel: Annotated[list[Group], Field(description="Messages")]
    over_time: Annotated[list[Group], Field(description="Grids, by weeks or months")]
    by_broadcast: Annotated[list[Group], Field(description="Grids; the key is the id")]


def declare(api: Operations) -> None:
    """Declare the operation on statistics."""

    @api.get("/statistics", Statistics, query=Wanted)
    def get_statistics(query: Wanted) -> Statistics:
        """Count how many grids were called within 3 minutes and answered for within 5, 15, 60.

        By county, channel and role, and over time; drills and what was live are never counted
        together.
        """
        until = _near(query.until or world().local(now()).date())
        since = _near(query.since or until - USUAL)
        begin, end = _midnight(min(since, until)), _midnight(max(since, until) + timedelta(days=1))
        with world().db.read() as tx:
            found = statistics(world(), tx, begin, end, mode=query.mode, area=me().area)
        return Statistics.model_validate(found)


def _near(day: date) -> date:
    return min(max(day, EARLIEST), LATEST)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), world().config.main.office.zone)
