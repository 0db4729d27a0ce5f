"""Read a roster (责任人名册): who answers for which place, one post a line."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from alertcast.core.alert import ReasonKind
from alertcast.core.phone import takes_texts
from alertcast.core.role import Role
from alertcast.core.roster import Person, Post
from alertcast.grids import cells
from alertcast.grids.masking import shown
from alertcast.grids.phone_cells import PhoneCells
from alertcast.grids.places import KnownPlace, KnownPlaces
from alertcast.grids.problem import Problem
from alertcast.grids.roster_columns import EXAMPLE, HEADERS, NEVER, role_names
from alertcast.grids.sheet import File
from alertcast.grids.table import Columns, Row, read_table, yes_or_no

LANGUAGE = "zh-CN"
"""What is spoken with whom no row says anything about."""

Watched = Callable[[Sequence[Row]], Iterable[Row]]
"""Hands on the rows of a table one by one, and may show how many are left."""


@dataclass(frozen=True, slots=True)
class RosterRead:
    """The good rows of a roster, and every problem of the others.

    With an error among `problems` the caller imports nothing, unless told to skip bad rows.
    """

    people: tuple[Person, ...]
    posts: tuple[Post, ...]
    problems: tuple[Problem, ...]
    headers: tuple[Columns, ...] = ()  # of the tables that were read


def read_roster(
    file: File,
    *,
    roles: Mapping[str, Role],
    places: KnownPlaces,
    key: bytes = b"",
    area_code: str = "",
    watched: Watched = iter,
) -> RosterRead:
    """Read a roster (CSV, XLSX); nothing is raised, every mistake of every line is in `problems`.

    A place is the first filled of the columns place, grid, town. Without a person column people
    are told apart by name and phone; their code is a keyed hash of both, the same at each import
    with the same `key` (at most 64 bytes, a secret, so that no phone can be guessed from it).
    Fixed lines without area code get `area_code` ("0758"), else the one that all others have.
    """
    table = read_table(file, HEADERS, frozenset({"name", "phone", "role"}), NEVER)
    phones = PhoneCells.of(table.rows, ("phone", "other_phone"), area_code)
    desk = _Desk(_role_words(roles), places, key, phones, list(table.problems))
    for row in watched(table.rows):
        desk.take(row)
    people = tuple(
        one if one.languages else replace(one, languages=LANGUAGE) for one in desk.people.values()
    )
    return RosterRead(people, tuple(desk.posts), tuple(desk.problems), table.headers)


@dataclass(slots=True)
class _Desk:
    """Takes rows one by one, and remembers what it has seen."""

    roles: Mapping[str, Role]
    places: KnownPlaces
    key: bytes
    phones: PhoneCells
    problems: list[Problem]
    people: dict[str, Person] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    seen: dict[tuple[str, str, str], Row] = field(default_factory=dict)  # post -> its row
    rows: dict[str, Row] = field(default_factory=dict)  # person code -> row first seen
    owners: dict[str, str] = field(default_factory=dict)  # phone -> person code

    def take(self, row: Row) -> None:
        """Keep a row's person and post if all of it is right; else say all that is wrong."""
        if row.get("name").casefold().startswith((EXAMPLE, "example")):
            self._tell(row, "example_row", "the example of the template: delete this row", "name")
            return
        before = len(self.problems)
        person, role, place = self._person(row), self._role(row), self._place(row)
        if role is not None and place is not None and place.level not in role.places:
            allowed = " or ".join(role.places)
            message = f"{role.key} is a role in a {allowed}, but {place.code} is a {place.level}"
            self._tell(row, "role_place", message, "role")
        begins, ends = self._day(row, "valid_from"), self._day(row, "valid_to")
        if begins and ends and ends < begins:
            self._tell(row, "days_swapped", f"it ends on {ends}, before it begins", "valid_to")
        wrong = any(one.kind is ReasonKind.ERROR for one in self.problems[before:])
        if wrong or person is None or role is None or place is None:
            return
        first = self.seen.setdefault((person.code, role.key, place.code), row)
        if first is not row:
            rule, message = "duplicate", f"the same person, role and place are on {first.where}"
            if any(row.get(one) != first.get(one) for one in ("valid_from", "valid_to")):
                rule, message = "two_terms", f"{message}, for other days: only one term is kept"
            self._tell(row, rule, message)
            return
        team = row.get("team") or None
        self.posts.append(Post(person.code, role.key, place.code, team, begins, ends))
        known = self.people.setdefault(person.code, person)
        if known is not person:
            self.people[person.code] = _with_more(known, person)
        self.rows.setdefault(person.code, row)
        for what, phone in (("phone", person.phone), ("other_phone", person.other_phone)):
            owner = self.owners.setdefault(phone, person.code) if phone else person.code
            if owner != person.code and self.rows[person.code] is row:
                where = self.rows[owner].where
                message = f"the {what} is also that of the person on {where}"
                self._tell(row, "shared_phone", message, what, ReasonKind.NOTE)

    def _person(self, row: Row) -> Person | None:
        name = unicodedata.normalize("NFKC", row.get("name")).strip()
        if not name:
            self._tell(row, "name_missing", "the name is missing", "name")
        spoken = row.get("language")
        languages = cells.languages(spoken) if spoken else ""
        if languages is None:
            said = shown("language", spoken)
            self._tell(row, "bad_language", f"language {said!r} is not known", "language")
        skills = cells.specialities(row.get("specialities"))
        if skills is None:
            message = "specialities are a few words, with commas between"
            self._tell(row, "bad_specialities", message, "specialities")
        wish = cells.preferences(row.get("prefers"))
        if wish is None:
            said = shown("prefers", row.get("prefers"))
            self._tell(row, "bad_preference", f"preference {said!r} is not known", "prefers")
        kind, number = wish or ("", "")
        phone, other = self._phone(row, "phone"), self._phone(row, "other_phone")
        if phone is None:
            return None
        code = row.get("person") or self._code(name, phone)
        if other and number and takes_texts(phone) != takes_texts(other) == (number == "mobile"):
            phone, other = other, phone
        person = Person(
            code,
            name,
            phone,
            languages or "",
            self._drills(row),
            None if other == phone else other,
            skills or (),
            kind,
        )
        known = self.people.get(person.code)
        if known is not None:
            self._compare(row, known, person)
        return person

    def _compare(self, row: Row, known: Person, person: Person) -> None:
        """Say where a row contradicts an earlier one of the same person."""
        where, who = self.rows[person.code].where, f"person {shown('person', person.code)}"
        if person.other_phone is not None and known.other_phone not in (None, person.other_phone):
            message = f"{who} has another other phone on {where}"
            self._tell(row, "two_other_phones", message, "other_phone")
        if known.phone != person.phone:
            self._tell(row, "two_phones", f"{who} has another phone on {where}", "phone")
        if known.name != person.name:
            self._tell(row, "two_names", f"{who} has another name on {where}", "name")
        if known.languages and person.languages not in ("", known.languages):
            message = f"{who} speaks something else on {where}"
            self._tell(row, "two_languages", message, "language")
        if known.specialities and person.specialities not in ((), known.specialities):
            message = f"{who} has other specialities on {where}: all are kept"
            self._tell(row, "two_specialities", message, "specialities", ReasonKind.NOTE)
        if known.prefers != person.prefers:
            message = f"{who} prefers something else on {where}"
            self._tell(row, "two_preferences", message, "prefers")
        if known.drills != person.drills:
            message = f"{who} is enrolled for drills on one line only; see {where}"
            self._tell(row, "two_drills", message, "drills")

    def _phone(self, row: Row, column: str) -> str | None:
        """Return the phone of a column as E.164; None if there is none, or a bad one."""
        text = row.get(column)
        if column == "phone" and not text:
            column, text = "other_phone", row.get("other_phone")
        elif not text:
            return None
        number, problems = self.phones.read(row, column)
        self.problems += problems
        return number

    def _day(self, row: Row, column: str) -> date | None:
        text = row.get(column)
        found = cells.day(text) if text else None
        if text and found is None:
            message = f"{column} {shown(column, text)!r} is not a day such as 2026-12-31"
            self._tell(row, "bad_day", message, column)
        return found

    def _drills(self, row: Row) -> bool:
        word = row.get("drills")
        is_enrolled = yes_or_no(word) if word else False
        if is_enrolled is None:
            message = f"drills {shown('drills', word)!r} is neither yes nor no"
            self._tell(row, "bad_drills", message, "drills")
        return bool(is_enrolled)

    def _role(self, row: Row) -> Role | None:
        word = _plain(row.get("role"))
        if word in self.roles:
            return self.roles[word]
        said = shown("role", row.get("role"))
        message = f"role {said!r} is not one of roles.toml" if word else "no role"
        self._tell(row, "unknown_role", message, "role")
        return None

    def _place(self, row: Row) -> KnownPlace | None:
        column = next((name for name in ("place", "grid", "town") if row.get(name)), "place")
        code = row.get(column)
        place = self.places.find(code)
        if place is None:
            said = shown(column, code)
            message = f"{column} {said!r} is not in the layer" if code else "no place"
            self._tell(row, f"unknown_{column}", message, column)
        return place

    def _code(self, name: str, phone: str) -> str:
        text = f"{name}\n{phone}".encode()
        return "p" + hashlib.blake2b(text, key=self.key, digest_size=8).hexdigest()

    def _tell(
        self,
        row: Row,
        rule: str,
        message: str,
        column: str = "",
        kind: ReasonKind = ReasonKind.ERROR,
    ) -> None:
        self.problems.append(row.problem(rule, message, column, kind))


def _with_more(known: Person, person: Person) -> Person:
    """Return a person with what a later row says besides."""
    return replace(
        known,
        languages=known.languages or person.languages,
        other_phone=known.other_phone or person.other_phone,
        specialities=tuple(dict.fromkeys((*known.specialities, *person.specialities))),
    )


def _role_words(roles: Mapping[str, Role]) -> dict[str, Role]:
    return {_plain(word): role for role in roles.values() for word in reversed(role_names(role))}


def _plain(word: str) -> str:
    return re.sub(r"[\s“”\"]", "", unicodedata.normalize("NFKC", word)).casefold()
