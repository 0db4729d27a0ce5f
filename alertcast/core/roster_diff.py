"""What a new roster changes: who is added, changed and removed, and whether that is too much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

Held = tuple[str, str]
"""Role and place of a post."""

Terms = tuple[str | None, date | None, date | None]
"""Team of a post, the first and the last day of it."""

FIELDS = ("name", "phone", "other_phone", "languages", "drills", "specialities", "prefers")
"""What is compared of a person, beside the posts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A person as two rosters are compared; phones are blind indexes."""

    name: str
    phone: str
    other_phone: str | None
    languages: str
    drills: bool
    posts: Mapping[Held, Terms]
    specialities: tuple[str, ...] = ()
    prefers: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One person of either roster, or the same one of both."""

    before: Entry | None  # None: added
    after: Entry | None  # None: removed

    @property
    def what(self) -> str:
        """Return added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def fields(self) -> tuple[str, ...]:
        """Return which fields differ; of a change only."""
        old, new = self.before, self.after
        if old is None or new is None:
            return ()
        return tuple(name for name in FIELDS if getattr(old, name) != getattr(new, name))

    @property
    def posts(self) -> tuple[tuple[Held, ...], tuple[Held, ...]]:
        """Return the posts that are new or whose terms are, and those that are gone."""
        old = self.before.posts if self.before else {}
        new = self.after.posts if self.after else {}
        gained = (held for held, terms in new.items() if held not in old or old[held] != terms)
        return tuple(sorted(gained)), tuple(sorted(old.keys() - new.keys()))


@dataclass(frozen=True, slots=True)
class Difference:
    """All that a new roster changes."""

    changes: tuple[Change, ...]  # added, changed, removed, each in the order of its roster
    people: int  # of the roster in use
    posts: int  # theirs

    def count(self, what: str) -> int:
        """Return how many people are added, changed or removed."""
        return sum(one.what == what for one in self.changes)

    @property
    def posts_added(self) -> int:
        """Return how many posts are new, or have another team or other days."""
        return sum(len(one.posts[0]) for one in self.changes)

    @property
    def posts_removed(self) -> int:
        """Return how many posts are gone."""
        return sum(len(one.posts[1]) for one in self.changes)

    def removes_more_than(self, share: float) -> bool:
        """Say whether more than this share (0..1) of the people, or of the posts, is removed."""
        people, posts = self.count("removed"), self.posts_removed
        return people > share * self.people or posts > share * self.posts


def compare(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Difference:
    """Return what makes of the roster `before` the one `after`; both by the codes of people.

    Whoever has another code, the same name and one post at least in common is the same person:
    without codes of the roster's own, a new phone makes a new code.
    """
    gone = {code: one for code, one in before.items() if code not in after}
    known = {(one.name, held): code for code, one in gone.items() for held in one.posts}
    added, changed = [], []
    for code, one in after.items():
        old = before.get(code)
        if old is None:
            same = next((known[one.name, h] for h in one.posts if (one.name, h) in known), "")
            old = gone.pop(same, None)
        if old is None:
            added.append(Change(None, one))
        elif old != one:
            changed.append(Change(old, one))
    removed = [Change(one, None) for one in gone.values()]
    posts = sum(len(one.posts) for one in before.values())
    return Difference((*added, *changed, *removed), len(before), posts)
