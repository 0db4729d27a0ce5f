"""What a new roster would change, as it is shown before it is written: nobody is named in full."""

from collections.abc import Sequence

import click

from alertcast.cli import output
from alertcast.core.roster_diff import Change, Difference, Held
from alertcast.grids.masking import shown

MOST_LINES = 20
"""Changes that are printed as lines of a table; --json has more of them."""

MOST_FACTS = 1_000
"""Changes that --json holds one by one."""


def fact(found: Difference) -> dict[str, object]:
    """Return the changes ready for JSON: the counts of all, and the first of them one by one."""
    return {
        **{what: found.count(what) for what in ("added", "changed", "removed")},
        "posts_added": found.posts_added,
        "posts_removed": found.posts_removed,
        "people": [_fact(one) for one in found.changes[:MOST_FACTS]],
    }


def show(found: Difference, against: str) -> None:
    """Print the changes against the roster in use."""
    click.echo(
        f"Against {against}: {found.count('added')} people added, {found.count('changed')} "
        f"changed, {found.count('removed')} removed; {found.posts_added} posts added, "
        f"{found.posts_removed} removed."
    )
    first = sorted(found.changes, key=lambda one: one.what, reverse=True)[:MOST_LINES]
    if first:
        rows = (
            (one.what, _name(one), ", ".join(one.fields), *map(_held, one.posts)) for one in first
        )
        output.table(("", "person", "differs in", "new posts", "posts gone"), rows)
    if len(found.changes) > MOST_LINES:
        click.echo(f"... and {len(found.changes) - MOST_LINES} more (--json shows them).")


def _fact(change: Change) -> dict[str, object]:
    gained, gone = change.posts
    return {
        "what": change.what,
        "name": _name(change),
        "fields": change.fields,
        "posts_added": [{"role": role, "place": place} for role, place in gained],
        "posts_removed": [{"role": role, "place": place} for role, place in gone],
    }


def _name(change: Change) -> str:
    one = change.after or change.before
    return shown("name", one.name) if one else ""


def _held(posts: Sequence[Held]) -> str:
    return ", ".join(f"{role} {place}" for role, place in posts)
