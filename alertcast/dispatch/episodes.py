"""Which episode (本轮预警) a warning belongs to."""

from collections.abc import Sequence
from datetime import datetime

from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, episodes, reaches
from alertcast.store.db import Tx


def episode_of(
    world: World, tx: Tx, hazard: str | None, earlier: Sequence[int], codes: set[str], now: datetime
) -> int:
    """Return the episode that a warning belongs to, or open a new one.

    It goes on with that of the alerts it refers to, else with one of the same hazard family of
    which a warning is still in force over any of the grids `codes`: what ran out is over, and the
    next warning is news. Where there are several, as of counties under the warning of their city,
    they are one from now on: who was told of one is told no more, and no end while another holds.
    """
    so_far = (alerts.facts(tx, one)["episode_id"] for one in earlier)
    goes_on = (one for one in so_far if one is not None and not broadcasts.is_ended(tx, one))
    known = next(goes_on, None)
    if hazard is None:
        return int(known) if known is not None else broadcasts.open_episode(tx, "unknown", now)
    family = world.config.hazards.episode(hazard)
    opened = broadcasts.open_episodes(tx, family)
    met = [one for one in opened if one == known or _holds_in(tx, one, codes)]
    if known is None:
        known = met[0] if met else broadcasts.open_episode(tx, family, now)
    for other in met if known in met else ():
        if other != known:
            episodes.join(tx, known, other, world.config.rules.levels, now)
    return int(known)


def _holds_in(tx: Tx, episode_id: int, codes: set[str]) -> bool:
    """Say whether any warning of an episode is in force that knows one of the grids `codes`."""
    if not alerts.in_episode(tx, episode_id):
        return False
    standings, reached = broadcasts.standings(tx, episode_id), reaches.reached(tx, episode_id)
    return bool(codes & (standings.keys() | reached.keys()))
