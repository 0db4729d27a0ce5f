"""What a warning says of the others that hold beside it, as county, city and province issue them.

People are told once, in the words of one warning (`core.waiting` says of which); its message names
the others that hold in their places, each by its own headline.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from alertcast.core.alert import Alert
from alertcast.core.broadcast import Broadcast
from alertcast.core.plan import highest, rank
from alertcast.core.waiting import unit
from alertcast.core.wording import Place, Texts
from alertcast.dispatch.compose import of_info, official_language
from alertcast.dispatch.tell import spoken_as
from alertcast.dispatch.world import World
from alertcast.store import alerts, beside
from alertcast.store.db import Tx

MOST = 3
"""Other warnings that one message names: a call must come to its end."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The warnings that hold beside some broadcasts now."""

    world: World
    found: Mapping[tuple[int, int], Mapping[int, str | None]] = field(default_factory=dict)
    """(broadcast, grid) -> alert -> its level there."""
    messages: Mapping[int, Alert] = field(default_factory=dict)

    def said(self, broadcast: Broadcast, kind: str, language: str, places: Iterable[Place]) -> str:
        """Return the sentences for a message about `places`, "" where nothing else holds in any.

        The highest first, and of equal ones that of the smallest unit.
        """
        texts, text_id = Texts(broadcast.wording), f"also.{spoken_as(kind)}"
        ladder = self.world.config.rules.levels
        holding: dict[int, str | None] = {}
        for grid_id in {place.grid_id for place in places if place.grid_id is not None}:
            for alert_id, level in self.found.get((broadcast.id, grid_id), {}).items():
                holding[alert_id] = highest((level, holding.get(alert_id, level)), ladder)
        if not holding or text_id not in texts.by_id:  # frozen before there were any
            return ""
        chosen = sorted(holding, key=lambda one: (rank(holding[one], ladder), *self._age(one)))
        said = (self._one(texts, text_id, language, one, holding[one]) for one in chosen[:MOST])
        return "".join(said)

    def _age(self, alert_id: int) -> tuple[int, float]:
        message = self.messages[alert_id]
        return unit(message.identifier), -message.sent.timestamp()

    def _one(
        self, texts: Texts, text_id: str, language: str, alert_id: int, level: str | None
    ) -> str:
        message, tongue = self.messages[alert_id], official_language(language)
        infos = message.warns_in(tongue)
        info = next((one for one in infos if one.level == level), infos[0])
        return texts.render(text_id, language, of_info(self.world, message, info, tongue))


def now(
    world: World, tx: Tx, broadcast_ids: Iterable[int], places: Iterable[Sequence[Place]]
) -> Beside:
    """Return what may be said beside these broadcasts to whoever is told of any of `places`."""
    ids = {one.grid_id for here in places for one in here if one.grid_id is not None}
    if not ids:
        return Beside(world)
    found: dict[tuple[int, int], dict[int, str | None]] = {}
    for broadcast_id, grid_id, alert_id, level in beside.holding(tx, set(broadcast_ids), ids):
        found.setdefault((broadcast_id, grid_id), {})[alert_id] = level
    named = {alert_id for levels in found.values() for alert_id in levels}
    return Beside(world, found, {one: alerts.load(tx, one) for one in named})
