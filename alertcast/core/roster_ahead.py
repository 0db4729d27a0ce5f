"""What a roster would lack that is read and not written yet; counted as it will be once it is.

What answers tell (unconfirmed numbers, people whom nothing reached) is known only of one in use.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from alertcast.core.grid import Grid
from alertcast.core.roster import Person, Post
from alertcast.core.roster_gaps import ENDS_WITHIN, Gap


def lacks(
    people: Sequence[Person],
    posts: Sequence[Post],
    cells: Iterable[Grid],
    *,
    leads: Collection[str],
    day: date,
) -> dict[Gap, int]:
    """Return how many there would be of each gap that can be foreseen, on a local day."""
    led = [one for one in posts if one.role in leads and _holds(one, day)]
    return {
        Gap.NO_LEADER: len(without_leader(posts, cells, leads=leads, day=day)),
        Gap.SEVERAL: _several(led),
        Gap.SHARED: _shared(people),
        Gap.ENDS: _ends(posts, day),
    }


def without_leader(
    posts: Iterable[Post], cells: Iterable[Grid], *, leads: Collection[str], day: date
) -> list[Grid]:
    """Return the grids that nobody would lead, on a local day."""
    places = {one.place for one in posts if one.role in leads and _holds(one, day)}
    return [one for one in cells if not places & {one.code, one.parent_code}]


def _holds(post: Post, day: date) -> bool:
    has_begun = post.valid_from is None or post.valid_from <= day
    return has_begun and (post.valid_to is None or post.valid_to >= day)


def _several(led: Iterable[Post]) -> int:
    places: dict[str, set[str]] = defaultdict(set)
    for one in led:
        places[one.person_code].add(one.place)
    return sum(len(them) > 1 for them in places.values())


def _shared(people: Iterable[Person]) -> int:
    owners: dict[str, set[str]] = defaultdict(set)
    for one in people:
        for number in filter(None, (one.phone, one.other_phone)):
            owners[number].add(one.code)
    return len(set().union(*(them for them in owners.values() if len(them) > 1)))


def _ends(posts: Sequence[Post], day: date) -> int:
    """Return how many people hold posts that run out soon with nobody to hold them after."""
    last: dict[tuple[str, str], date] = {}
    for one in posts:
        held = (one.role, one.place)
        last[held] = max(last.get(held, date.min), one.valid_to or date.max)
    return len(
        {
            one.person_code
            for one in posts
            if one.valid_to is not None
            and one.valid_to <= day + ENDS_WITHIN
            and last[one.role, one.place] <= one.valid_to
        }
    )
