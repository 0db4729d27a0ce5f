"""The shapes of the reports: what a page, the CLI and the JSON say, key by key.

Times are aware; names and phones are masked unless they were opened.
"""

from datetime import datetime
from typing import TypedDict


class TaskFacts(TypedDict):
    """What became of one message to a person."""

    kind: str
    purpose: str
    state: str
    tries: int
    reason: str | None


class AnswerFacts(TypedDict):
    """The last thing a person answered."""

    value: str  # 1 understood, 2 needs help
    via: str
    at: datetime
    by_user: str | None


class PersonFacts(TypedDict):
    """One person of a broadcast."""

    person_id: int
    name: str
    phone: str
    other_phone: str | None  # used where the first does not reach the person
    specialities: list[str]  # doctor, electrician, boat
    roles: list[str]
    places: list[str]
    grids: int  # callouts the person stands for
    counts: bool  # an answer of this person answers for at least one grid
    elsewhere: bool  # also stands for grids outside the area that was asked for
    state: str  # see `standing_of`
    tasks: list[TaskFacts]
    answer: AnswerFacts | None


class BroadcastFacts(TypedDict):
    """One broadcast, without what it froze."""

    id: int
    key: str
    purpose: str
    mode: str
    state: str
    title: str
    hazard: str | None
    created_at: datetime
    created_by: str
    starts_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    corrects_id: int | None  # the broadcast that was wrong


class AnsweredBy(TypedDict):
    """Whose answer came first for a grid."""

    role: str
    at: datetime
    via: str
    value: str


class RelayFacts(TypedDict):
    """What holds of one grid: how many its leader has told (转告)."""

    households_told: int
    households_not_told: int
    growers_told: int | None
    role: str
    at: datetime
    via: str
    by_user: str | None


class RelaySum(TypedDict):
    """The sum over some grids, and of how many of them anything was said."""

    grids: int
    grids_said: int
    households_told: int
    households_not_told: int
    growers_told: int


class TownRelay(RelaySum):
    """The sum of one town."""

    code: str
    name: str
    county: str


class GridFacts(TypedDict):
    """One grid of a broadcast."""

    code: str
    name: str
    town_code: str
    town: str
    county: str
    level: str | None
    state: str
    rung: int  # -1 before the first
    rungs: int  # of its policy
    next_step_at: datetime | None
    opened_at: datetime
    ended_at: datetime | None
    matched_by: str
    share: float | None
    counted_by: str | None  # share, area or part: why the touch of its shape was enough
    respondents: int
    answered_by: AnsweredBy | None
    relay: RelayFacts | None


class GridCounts(TypedDict):
    """How many grids there are, and how many in each state."""

    total: int
    by_state: dict[str, int]


class TextBack(TypedDict):
    """One text sent to us whose words are no answer."""

    person_id: int
    name: str  # masked unless opened
    phone: str
    text: str
    at: datetime


class HelpFacts(TypedDict):
    """One help request."""

    id: int
    broadcast_id: int
    person_id: int
    role: str
    places: list[str]
    area: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    done: str | None


class Progress(TypedDict):
    """How far a broadcast is; nobody is named."""

    broadcast: BroadcastFacts
    grids: GridCounts
    grid_list: list[GridFacts]
    tasks: dict[str, dict[str, int]]  # kind -> state -> how many
    attempts: int
    acknowledged: int  # acknowledgements written
    help_requests: list[HelpFacts]
    relay: RelaySum
    relay_towns: list[TownRelay]  # empty before anything was said
    corrected_by: int | None  # the broadcast that says it was wrong


class UnreachedPerson(TypedDict):
    """Somebody who was to answer for a grid that nobody answered for."""

    person_id: int
    role: str
    counts: bool  # an answer of this person would answer for the grid
    name: str
    phone: str
    other_phone: str | None
    state: str


class Unreached(TypedDict):
    """A grid that nobody answered for, and who was to."""

    code: str
    name: str
    town: str
    county: str
    level: str | None
    people: list[UnreachedPerson]


class DeliveryReport(Progress):
    """Everything about a broadcast, name by name."""

    people: dict[str, int]  # total, told, answered, and how many are in each standing
    people_list: list[PersonFacts]
    unreached: list[Unreached]
    texts_back: list[TextBack]  # what could not be read
    scripts: dict[str, dict[str, str]]  # script and copy -> language -> text, as frozen
    wording_versions: dict[str, str]  # text id -> version and digest
    uncorrected: list[PersonFacts]  # of a correction: whom it has not reached so far


class StatusRow(BroadcastFacts):
    """One broadcast in the list of all."""

    grids: GridCounts
