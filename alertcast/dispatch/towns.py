"""Where a warning holds: its areas by town, and then the grids that they touch, each at its level.

Every step that asks which grids an alert touches asks here: a Chinese warning of a whole county is
read town by town before it is matched. The kept alert stays as it came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from alertcast.core.alert import Alert, Area, Info, ReasonKind
from alertcast.core.by_town import ByTown
from alertcast.core.code_places import key_of, with_shapes, without_shape
from alertcast.core.grid import Grid, GridIndex, Hit, Matched
from alertcast.core.kept import kept_levels
from alertcast.core.plan import highest
from alertcast.core.touch import Touch
from alertcast.dispatch import levels
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, code_places, reaches, references
from alertcast.store import grids as layers
from alertcast.store.db import Tx


@dataclass(frozen=True, slots=True)
class Reach:
    """Which grids an alert touches, and how its towns were read."""

    matched: Matched
    by_town: ByTown
    lifted: frozenset[str]  # codes of the grids in whose towns the alert ends the signal


def match(world: World, tx: Tx, layer_id: int, message: Alert) -> Matched:
    """Return the grids of a layer that an alert touches, each at the level that holds there."""
    return reach(world, tx, layer_id, message).matched


def reach(world: World, tx: Tx, layer_id: int, message: Alert) -> Reach:
    """Return the grids of a layer that an alert touches, and how its towns were read."""
    read = read_towns(world, tx, layer_id, message)
    index, areas = world.index(tx, layer_id), read.areas()
    coded = without_shape(areas)
    keys = {key_of(code) for codes in coded.values() for code in codes}
    areas, drawn = with_shapes(areas, coded, code_places.shapes(tx, keys), index.names)
    matched = _matched(world, index, areas, read.infos)
    if read.silent or read.presumed or read.kept:
        before = _before(world, tx, message, read.infos)
        if read.kept:
            matched, read = _with_kept(world, tx, index.grids, message, read, matched, before)
        matched = replace(matched, hits=_with_unnamed(index.grids, read, matched, before))
    matched = replace(matched, reasons=(*read.reasons, *drawn, *matched.reasons))
    grids = index.grids if read.lifted else ()
    lifted = frozenset(grid.code for grid in grids if grid.town_code in read.lifted)
    return Reach(matched, read, lifted | _cleared(world, tx, layer_id, message, matched))


def _matched(
    world: World,
    index: GridIndex,
    areas: Sequence[tuple[Area, str | None]],
    infos: Sequence[Info],
) -> Matched:
    """Match areas by the rules of touch of this hazard's policies."""
    return index.match(
        areas,
        levels=world.config.hazards.ordered,
        touch=world.config.main.match.touch,
        touch_at=world.config.rules.touch_at(_hazard(infos)),
    )


def _cleared(
    world: World, tx: Tx, layer_id: int, message: Alert, matched: Matched
) -> frozenset[str]:
    """Return the codes of the grids for which an update gives all clear, and warns of nothing.

    A spot in a grid is not the grid: it has to be all of it, or all that was warned of it.
    """
    language = world.config.main.office.language
    said = [area for info in message.cleared_in(language) for area in info.areas]
    if not said:
        return frozenset()
    earlier = [alerts.load(tx, one) for one in references.referenced(tx, message)]
    warned = [area for one in earlier for info in one.infos_in(language) for area in info.areas]
    over = _over(world, tx, layer_id, said, warned)
    return frozenset(over) - {hit.grid.code for hit in matched.hits}


def lost_in(matched: Matched) -> str:
    """Return one sentence on what could not be located beside what was; "" where nothing was."""
    lost = [r.message for r in matched.reasons if r.code in _LOST and r.kind is ReasonKind.ERROR]
    return f"另有范围无法定位（{'；'.join(lost[:3])}），请值班员核对。" if lost else ""


def over_in(found: Reach) -> frozenset[str] | None:
    """Return the only grids that an alert may be taken to leave out; None: all it does not touch.

    Where any of its places can not be found, only what it ends in so many words is over.
    """
    is_lost = any(reason.kind is ReasonKind.ERROR for reason in found.matched.reasons)
    return found.lifted if is_lost else None


_LOST = frozenset({"no_place", "bad_code", "outside_world", "around_pole"})
"""Reasons for which a part of the warned place is not known; a code unknown here is elsewhere."""

WHOLE = 0.95
"""Share of what was warned of a grid from which all of it is taken to be over: maps differ."""


def over_by(world: World, tx: Tx, later: Sequence[Alert], earlier: Alert) -> set[str]:
    """Return the codes of the grids in which messages speak for all that `earlier` warns of.

    A grid on the border of what goes on outside their areas is none of them.
    """
    layer = layers.active_layer(tx)
    if layer is None:
        return set()
    language = world.config.main.office.language
    said = [area for one in later for info in one.infos_in(language) for area in info.areas]
    warned = [area for info in earlier.infos_in(language) for area in info.areas]
    return _over(world, tx, layer["id"], said, warned)


def _over(
    world: World, tx: Tx, layer_id: int, said: Sequence[Area], warned: Sequence[Area]
) -> set[str]:
    """Return the codes of the grids in which `said` covers all of `warned`, or all there is."""
    own = _shares(world, tx, layer_id, said)
    both = _shares(world, tx, layer_id, [*said, *warned]) if warned else dict.fromkeys(own, 1.0)
    return {code for code, share in own.items() if share >= WHOLE * both[code]}


def _shares(world: World, tx: Tx, layer_id: int, areas: Sequence[Area]) -> dict[str, float]:
    """Return how much (0..1) of each grid lies in any of these areas; by a code, all of it."""
    index = world.index(tx, layer_id)
    pairs: list[tuple[Area, str | None]] = [(area, None) for area in areas]
    coded = without_shape(pairs)
    keys = {key_of(code) for codes in coded.values() for code in codes}
    pairs, _ = with_shapes(pairs, coded, code_places.shapes(tx, keys), index.names)
    hits = index.match(pairs, touch=Touch(share=0.0)).hits
    return {hit.grid.code: 1.0 if hit.share is None else hit.share for hit in hits}


def read_towns(world: World, tx: Tx, layer_id: int, message: Alert) -> ByTown:
    """Return the infos of an alert in the office's language, their areas by town."""
    infos = message.warns_in(world.config.main.office.language)
    return world.towns(tx, layer_id).by_town(infos)


def is_partial_end(world: World, tx: Tx, message: Alert) -> bool:
    """Say whether an end is one of some towns only, and the signal holds in others."""
    layer = layers.active_layer(tx)
    if layer is None:
        return False
    found = reach(world, tx, layer["id"], message)
    return found.by_town.is_partial_end and bool(found.matched.hits)


def is_read(by_town: ByTown) -> bool:
    """Say whether it is known where an alert holds: its text or its geometry says it, or asks."""
    areas = [area for info in by_town.infos for area in info.areas]
    is_said = any(area.sentence or area.polygons or area.circles for area in areas)
    return is_said or by_town.doubt is not None


def _with_kept(
    world: World,
    tx: Tx,
    grids: Sequence[Grid],
    message: Alert,
    read: ByTown,
    matched: Matched,
    before: Mapping[str, str | None],
) -> tuple[Matched, ByTown]:
    """Return the hits of towns that keep a level which the text does not write at that level.

    Where a warning before is missing, it is the higher one, and the doubt stays.
    """
    here = {h.grid.code: h.level for h in matched.hits if h.grid.town_code in read.kept}
    held = kept_levels(
        {grid.code: grid.town_code for grid in grids},
        read.kept,
        here,
        read.had,
        before,
        world.config.rules.levels,
        is_complete=len(read.infos) == 1 and _knows_references(tx, message),
    )
    hits = tuple(replace(h, level=held.levels.get(h.grid.code, h.level)) for h in matched.hits)
    return replace(matched, hits=hits), read.written() if held.is_known else read


def _knows_references(tx: Tx, message: Alert) -> bool:
    """Say whether every alert that a message refers to was kept."""
    others = [one for one in message.references if one.identifier != message.identifier]
    return all(references.referenced(tx, replace(message, references=(one,))) for one in others)


def _with_unnamed(
    grids: Sequence[Grid], read: ByTown, matched: Matched, before: Mapping[str, str | None]
) -> tuple[Hit, ...]:
    """Return the hits with those in towns that the text leaves out: what held there before it.

    Where no earlier warning over the place is known, the level that the text says was in force.
    """
    unnamed = read.silent | read.presumed
    counties = {code[:6] for code in unnamed}
    is_known = any(grid.code in before for grid in grids if grid.county_code in counties)
    if not is_known:
        before = {grid.code: read.was for grid in grids if grid.town_code in read.silent}
    kept = [h for h in matched.hits if not (is_known and h.grid.town_code in read.presumed)]
    codes = {hit.grid.code for hit in kept}
    more = [
        Hit(grid, before[grid.code], None, "town code")
        for grid in grids
        if grid.town_code in unnamed and before.get(grid.code) and grid.code not in codes
    ]
    return (*kept, *more)


def _before(
    world: World, tx: Tx, message: Alert, infos: Sequence[Info]
) -> Mapping[str, str | None]:
    """Return what held before an alert, by grid code: by those it refers to, else its episode.

    Of its episode, what was sent later tells nothing of what held before; nor does it itself.
    """
    ladder = world.config.rules.levels
    earlier = references.referenced(tx, message)
    if earlier:
        reached = reaches.reach_of(tx, earlier)
        return {code: highest(found, ladder) for code, found in reached.items()}
    hazard = _hazard(infos)
    family = world.config.hazards.episode(hazard) if hazard else "unknown"
    found: levels.Levels = {}
    for episode_id in broadcasts.open_episodes(tx, family):
        known = ((one, alerts.facts(tx, one)) for one in alerts.in_episode(tx, episode_id))
        later = [n for n, a in known if a["sent"] > message.sent or a["key"] == message.key]
        held = levels.in_force(world, tx, episode_id, without=later)
        found = levels.joined(world, found, held)
    return found


def _hazard(infos: Sequence[Info]) -> str | None:
    return next((info.hazard for info in infos if info.hazard), None)
