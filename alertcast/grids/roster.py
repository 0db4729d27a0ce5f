"""Read a roster (责任人名册): who answers for which place, one post a line."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from alertcast.core.alert import ReasonKind
from alertcast.core.role import Role
from alertcast.core.roster import Person, Post
from alertcast.grids.phones import PhoneError, normalise
from alertcast.grids.places import KnownPlace, KnownPlaces
from alertcast.grids.problem import Problem
from alertcast.grids.table import Row, read_table, yes_or_no

HEADERS = {
    "person": "person",
    "person_code": "person",
    "编号": "person",
    "人员编号": "person",
    "name": "name",
    "姓名": "name",
    "phone": "phone",
    "mobile": "phone",
    "电话": "phone",
    "手机": "phone",
    "手机号": "phone",
    "手机号码": "phone",
    "联系电话": "phone",
    "other_phone": "other_phone",
    "phone2": "other_phone",
    "其他电话": "other_phone",
    "其他号码": "other_phone",
    "备用电话": "other_phone",
    "备用号码": "other_phone",
    "language": "language",
    "语言": "language",
    "drills": "drills",
    "演练": "drills",
    "参加演练": "drills",
    "role": "role",
    "角色": "role",
    "职务": "role",
    "岗位": "role",
    "place": "place",
    "地点": "place",
    "责任区": "place",
    "责任区编码": "place",
    "grid": "grid",
    "网格": "grid",
    "网格编码": "grid",
    "town": "town",
    "镇街": "town",
    "镇街编码": "town",
    "team": "team",
    "工作队": "team",
    "队伍": "team",
}
"""Headers a roster may have, lower case, and our fields."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class RosterRead:
    """The good rows of a roster, and every problem of the others.

    With an error among `problems` the caller imports nothing, unless told to skip bad rows.
    """

    people: tuple[Person, ...]
    posts: tuple[Post, ...]
    problems: tuple[Problem, ...]


def read_roster(
    path: Path, *, roles: Mapping[str, Role], places: KnownPlaces, key: bytes = b""
) -> RosterRead:
    """Read a roster; nothing is raised, every mistake of every line is in `problems`.

    A place is the first filled of the columns place, grid, town. Without a person column people
    are told apart by name and phone; their code is a keyed hash of both, the same at each import
    with the same `key` (at most 64 bytes, a secret, so that no phone can be guessed from it).
    """
    table = read_table(path, HEADERS, frozenset({"name", "phone", "role"}))
    desk = _Desk(path.name, _role_words(roles), places, key, list(table.problems))
    for row in table.rows:
        desk.take(row)
    return RosterRead(tuple(desk.people.values()), tuple(desk.posts), tuple(desk.problems))


@dataclass(slots=True)
class _Desk:
    """Takes rows one by one, and remembers what it has seen."""

    file: str
    roles: Mapping[str, Role]
    places: KnownPlaces
    key: bytes
    problems: list[Problem]
    people: dict[str, Person] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    seen: dict[tuple[str, str, str], int] = field(default_factory=dict)  # post -> its line
    lines: dict[str, int] = field(default_factory=dict)  # person code -> line first seen
    owners: dict[str, str] = field(default_factory=dict)  # phone -> person code

    def take(self, row: Row) -> None:
        """Keep a row's person and post if all of it is right; else say all that is wrong."""
        before = len(self.problems)
        person, role, place = self._person(row), self._role(row), self._place(row)
        if role is not None and place is not None and place.level not in role.places:
            allowed = " or ".join(role.places)
            message = f"{role.key} is a role in a {allowed}, but {place.code} is a {place.level}"
            self._tell(row, "role_place", message)
        if len(self.problems) > before or person is None or role is None or place is None:
            return
        line = self.seen.setdefault((person.code, role.key, place.code), row.line)
        if line != row.line:
            self._tell(row, "duplicate", f"the same person, role and place are on line {line}")
            return
        self.posts.append(Post(person.code, role.key, place.code, row.get("team") or None))
        known = self.people.setdefault(person.code, person)
        if known.other_phone is None and person.other_phone is not None:
            self.people[person.code] = replace(known, other_phone=person.other_phone)
        self.lines.setdefault(person.code, row.line)
        for what, phone in (("phone", person.phone), ("other phone", person.other_phone)):
            owner = self.owners.setdefault(phone, person.code) if phone else person.code
            if owner != person.code and self.lines[person.code] == row.line:
                message = f"the {what} is also that of the person on line {self.lines[owner]}"
                self._tell(row, "shared_phone", message, ReasonKind.NOTE)

    def _person(self, row: Row) -> Person | None:
        name = unicodedata.normalize("NFKC", row.get("name")).strip()
        if not name:
            self._tell(row, "name_missing", "the name is missing")
        language = row.get("language") or "zh-CN"
        if not _LANGUAGE.fullmatch(language):
            self._tell(row, "bad_language", f"language {language!r} is not a BCP 47 tag")
        try:
            phone = normalise(row.get("phone"))
        except PhoneError as error:
            self._tell(row, error.rule, str(error))
            return None
        code = row.get("person") or self._code(name, phone)
        drills, other = self._drills(row), self._other_phone(row, phone)
        person = Person(code, name, phone, language, drills, other)
        known = self.people.get(person.code)
        line = self.lines.get(person.code)
        if known is not None and other is not None and known.other_phone not in (None, other):
            message = f"person {person.code} has another other phone on line {line}"
            self._tell(row, "two_other_phones", message)
        if known is not None and known.phone != phone:
            self._tell(row, "two_phones", f"person {person.code} has another phone on line {line}")
        if known is not None and known.name != name:
            self._tell(row, "two_names", f"person {person.code} has another name on line {line}")
        if known is not None and known.drills != person.drills:
            message = (
                f"person {person.code} is enrolled for drills on one line only; see line {line}"
            )
            self._tell(row, "two_drills", message)
        return person

    def _other_phone(self, row: Row, first: str) -> str | None:
        if not row.get("other_phone"):
            return None
        try:
            other = normalise(row.get("other_phone"))
        except PhoneError as error:
            self._tell(row, error.rule, f"other {error}")
            return None
        return None if other == first else other

    def _drills(self, row: Row) -> bool:
        word = row.get("drills")
        is_enrolled = yes_or_no(word) if word else False
        if is_enrolled is None:
            self._tell(row, "bad_drills", f"drills {word!r} is neither yes nor no")
        return bool(is_enrolled)

    def _role(self, row: Row) -> Role | None:
        word = _plain(row.get("role"))
        if word in self.roles:
            return self.roles[word]
        message = f"role {row.get('role')!r} is not one of roles.toml" if word else "no role"
        self._tell(row, "unknown_role", message)
        return None

    def _place(self, row: Row) -> KnownPlace | None:
        column = next((name for name in ("place", "grid", "town") if row.get(name)), "place")
        code = row.get(column)
        place = self.places.find(code)
        if place is None:
            message = f"{column} {code!r} is not in the layer" if code else "no place"
            self._tell(row, f"unknown_{column}", message)
        return place

    def _code(self, name: str, phone: str) -> str:
        text = f"{name}\n{phone}".encode()
        return "p" + hashlib.blake2b(text, key=self.key, digest_size=8).hexdigest()

    def _tell(self, row: Row, rule: str, message: str, kind: ReasonKind = ReasonKind.ERROR) -> None:
        self.problems.append(Problem(self.file, f"line {row.line}", rule, message, kind))


def _role_words(roles: Mapping[str, Role]) -> dict[str, Role]:
    return {
        _plain(word): role
        for role in roles.values()
        for word in (*role.words, role.en, role.zh, role.key)
    }


def _plain(word: str) -> str:
    return re.sub(r"[\s“”\"]", "", unicodedata.normalize("NFKC", word)).casefold()
