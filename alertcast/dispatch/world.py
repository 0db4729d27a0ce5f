"""Everything a step needs besides the time: the database, the rules, the words and the channels."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any, cast

from alertcast.channels.abilities import ReadsNumbers, TakesTemplates
from alertcast.channels.base import Channel
from alertcast.config import Config
from alertcast.core.broadcast import Broadcast
from alertcast.core.by_town import Towns
from alertcast.core.grid import GridIndex
from alertcast.core.opening import is_open, opens_at
from alertcast.core.phone import is_demo
from alertcast.core.policy import Policy, read_policy
from alertcast.dispatch.forged import Tally
from alertcast.dispatch.indexes import index_of
from alertcast.sources.mapping import MappedSettings
from alertcast.sources.signed import SignedSettings
from alertcast.store.db import Database, Tx

KEPT = 64
"""How many broadcasts' policies are kept read."""

KEPT_LAYERS = 2
"""How many layers' indexes are kept: the one in use, and the one that was while it was built."""


@dataclass(frozen=True)
class World:
    """One installation. Steps are functions of a world and the time."""

    config: Config
    db: Database
    channels: tuple[Channel, ...]  # in the order of the configuration: the first that can, carries
    is_demo: bool = False  # an installation with simulator channels only
    signed: Mapping[str, SignedSettings] = field(default_factory=dict)
    """The rules of signatures of every source that is configured, by name."""
    mapped: Mapping[str, MappedSettings] = field(default_factory=dict)
    """The mappings of those sources that are read by one, by name."""
    forged: Tally = field(default_factory=Tally)
    _indexes: dict[int, GridIndex] = field(default_factory=dict)
    _towns: dict[int, Towns] = field(default_factory=dict)
    _policies: dict[int, dict[str, Policy]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _building: Lock = field(default_factory=Lock)  # of an index, which may take its time

    def carried_into(self, config: Config) -> dict[str, Any]:
        """Return what a world with another configuration need not find out anew."""
        before = self.config
        kept: dict[str, Any] = {"forged": self.forged, "_policies": self._policies}
        if config.main.match == before.main.match:
            kept |= {"_indexes": self._indexes, "_building": self._building}
        if (config.gazetteer, config.hazards) == (before.gazetteer, before.hazards):
            kept |= {"_towns": self._towns}
        return kept

    def channel(self, name: str) -> Channel | None:
        """Return the channel called `name`, or None."""
        return next((one for one in self.channels if one.name == name), None)

    def route(
        self,
        kind: str,
        mode: str,
        phone: str,
        avoid: Collection[str] = (),
        *,
        slow: Collection[str] = (),
        never: Collection[str] = (),
        text: tuple[str, str] | None = None,
        at: datetime | None = None,
    ) -> tuple[Channel | None, str]:
        """Return the channel that carries `kind` to `phone`, or None and why there is none.

        A channel named in `avoid` carries only what no other can, one in `slow` only what else one
        in `avoid` would, one in `never` nothing. A live
        channel never carries a drill, nor a drill channel anything live. With `text` (its id and
        language) a channel that has no approved template for it is passed over; with `at` (product
        time) one whose line is closed then.
        """
        able, reason = self._able(kind, mode, phone, text)
        if never:
            able = [one for one in able if one.name not in never]
        if at is not None and any(one.settings.quiet for one in able):
            local = self.local(at)
            able = [one for one in able if is_open(one.settings.quiet, local)]
            reason = "time_block"
        if len(able) > 1:
            able.sort(key=lambda one: (one.name in avoid, one.name in slow))
        return (able[0], "") if able else (None, reason)

    def is_told_by(self, beginning: str, kind: str, mode: str) -> bool:
        """Say whether all numbers that begin so go the same way: `route` may be asked with it."""
        return bool(beginning) and not any(
            (isinstance(one, ReadsNumbers) and one.reads_numbers)
            or any(
                more != beginning and more.startswith(beginning) for more in one.settings.prefixes
            )
            for one in self.channels
            if one.kind == kind and one.is_drill == (mode == "drill")
        )

    def refusals(self, phone: str) -> tuple[str | None, ...]:
        """Return what each channel says of `phone` (E.164): those with equal answers go one way."""
        return tuple(_refusal(one, phone) for one in self.channels) if phone else ()

    def is_any_idle(
        self, kind: str, mode: str, busy: Collection[str], resting: Collection[str]
    ) -> bool:
        """Say whether a channel has nothing to do that may be preferred to all that are `busy`.

        One that only does what a busy channel in front of it can do waits for that to rest.
        """
        before: list[tuple[str, ...]] = []
        for one in self.channels:
            if one.kind != kind or one.is_drill != (mode == "drill") or one.name in resting:
                continue
            carries = one.settings.prefixes or ("",)
            if one.name in busy:
                before.append(carries)
            elif not all(_covers(before, prefix) for prefix in carries):
                return True
        return False

    def opens(
        self, kind: str, mode: str, phone: str, text: tuple[str, str] | None, at: datetime
    ) -> datetime | None:
        """Return when, from `at` on, the first line opens that carries this; None: never."""
        able, _ = self._able(kind, mode, phone, text)
        local = self.local(at)
        openings = [opens_at(one.settings.quiet, local) for one in able]
        return min((one for one in openings if one is not None), default=None)

    def _able(
        self, kind: str, mode: str, phone: str, text: tuple[str, str] | None
    ) -> tuple[list[Channel], str]:
        if not phone:
            return [], "unreadable"
        reason = "no_channel"
        able: list[Channel] = []
        for one in self.channels:
            if one.kind != kind or one.is_drill != (mode == "drill"):
                continue
            refusal = _refusal(one, phone) or _lacks(one, text)
            if refusal is None:
                able.append(one)
            reason = refusal or reason
        return able, reason

    def kinds(self) -> set[tuple[str, str]]:
        """Return each (kind, mode) that some channel carries."""
        return {(one.kind, "drill" if one.is_drill else "live") for one in self.channels}

    def local(self, at: datetime) -> datetime:
        """Return `at` in the office's time zone."""
        return at.astimezone(self.config.main.office.zone)

    def index(self, tx: Tx, layer_id: int) -> GridIndex:
        """Return the index of a layer; a layer never changes, so it is built once."""
        with self._building:
            if layer_id not in self._indexes:
                for old in list(self._indexes)[: 1 - KEPT_LAYERS]:
                    del self._indexes[old]
                    self._towns.pop(old, None)
                self._indexes[layer_id] = index_of(self.config, tx, layer_id)
            return self._indexes[layer_id]

    def towns(self, tx: Tx, layer_id: int) -> Towns:
        """Return what reads the towns of a layer out of texts; built once, like its index."""
        grids_of_layer = self.index(tx, layer_id).grids
        with self._lock:
            if layer_id not in self._towns:
                gazetteer = self.config.gazetteer.of_layer(grids_of_layer)
                self._towns[layer_id] = Towns(gazetteer, self.config.hazards)
            return self._towns[layer_id]

    def freeze_policies(self, policies: Iterable[Policy]) -> dict[str, dict[str, object]]:
        """Return the policies as they are stored with a broadcast."""
        return {policy.name: dict(policy.frozen()) for policy in policies}

    def policies(self, broadcast: Broadcast) -> dict[str, Policy]:
        """Return the policies frozen in a broadcast; they never change, so they are read once."""
        with self._lock:
            if broadcast.id not in self._policies:
                if len(self._policies) >= KEPT:
                    self._policies.clear()
                self._policies[broadcast.id] = {
                    name: read_policy(name, section, None)
                    for name, section in broadcast.policies.items()
                }
            return self._policies[broadcast.id]

    def freeze_texts(self, *prefixes: str, hazard: str | None = None) -> dict[str, dict[str, str]]:
        """Return the texts whose ids begin with one of `prefixes`, as stored with a broadcast.

        Texts for other hazards than `hazard` and its family are left out.
        """
        table = self.config.hazards
        kinds = {*table.hazards, *(one.family for one in table.hazards.values())}
        others = kinds - {hazard, table.family(hazard)}
        return {
            text_id: dict(versions)
            for text_id, versions in self.config.texts.by_id.items()
            if text_id.startswith(prefixes) and others.isdisjoint(text_id.split("."))
        }

    def text_versions(self, wording: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """Return the version of each frozen text, as stored with a broadcast."""
        return {text_id: self.config.texts.version_of(text_id) for text_id in wording}

    def level_names(self, language: str = "zh") -> Mapping[str, str]:
        """Return the word for each level."""
        hazards = self.config.hazards
        return {level: hazards.level_name(level, language) for level in hazards.ordered}


def _covers(carried: Iterable[tuple[str, ...]], prefix: str) -> bool:
    return any(prefix.startswith(prefixes) for prefixes in carried)


def _refusal(channel: Channel, phone: str) -> str | None:
    if channel.settings.prefixes and not phone.startswith(channel.settings.prefixes):
        return "not_allowed"
    if is_demo(phone) and not channel.is_loopback:
        return channel.refusal(phone) or "demo_number"
    return channel.refusal(phone)


def _lacks(channel: Channel, text: tuple[str, str] | None) -> str | None:
    if text is None or not _takes_templates(type(channel)):
        return None
    return None if cast(TakesTemplates, channel).has_template(*text) else "template_missing"


@cache
def _takes_templates(kind: type[Channel]) -> bool:
    """Say whether channels of a class are of that sort; asked for every text, and slow to find."""
    return issubclass(kind, TakesTemplates)
