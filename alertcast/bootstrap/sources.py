"""Every kind of source, and the feeds that a configuration names."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from alertcast.config import Config, explained
from alertcast.core.jurisdiction import Jurisdiction
from alertcast.core.policy import duration
from alertcast.scheduler import Feed
from alertcast.sources.base import OF_EVERY_SOURCE, TIMES, Source, SourceError
from alertcast.sources.caiyun import Caiyun
from alertcast.sources.cma_map import CmaMap
from alertcast.sources.feed import Feed as CapFeed
from alertcast.sources.folder import Folder
from alertcast.sources.inbound import Inbound
from alertcast.sources.mapped import MappedJson
from alertcast.sources.mapping import MappedSettings
from alertcast.sources.nmc import Nmc
from alertcast.sources.nws_api import NwsApi
from alertcast.sources.qweather import QWeather
from alertcast.sources.swic import Swic

SOURCES: dict[str, type[Any]] = {
    "folder": Folder,
    "feed": CapFeed,
    "nws": NwsApi,
    "swic": Swic,
    "cma_map": CmaMap,
    "nmc": Nmc,
    "qweather": QWeather,
    "caiyun": Caiyun,
    "inbound": Inbound,
    "json": MappedJson,
}
"""Every kind of source by the `type` of its section."""


def feeds_of(config: Config, mistakes: list[str]) -> dict[str, Feed]:
    """Return the feeds that can be made; why the others can not is added to `mistakes`."""
    found: dict[str, Feed] = {}
    for name, section in config.main.sources.items():
        where = f"sources.{name}"
        rest = {key: value for key, value in section.items() if key not in OF_EVERY_SOURCE}
        kind = SOURCES.get(str(section.get("type")))
        if kind is None:
            mistakes.append(
                f"{where}.type: {section.get('type')!r} is not one of {', '.join(sorted(SOURCES))}"
            )
            continue
        if wrong := _wrong_times(section):
            mistakes += [f"{where}.{one}" for one in wrong]
            continue
        every = duration(section.get("every", "60s"))
        if "jurisdiction" in section:
            try:
                Jurisdiction.read(section["jurisdiction"])
            except ValueError as error:
                mistakes.append(f"{where}.jurisdiction: {error}")
                continue
        try:
            settings = kind.Settings.model_validate(_from_folder(config, rest))
            if isinstance(settings, MappedSettings):
                mistakes += [f"{where}.{fault}" for fault in settings.faults(config.hazards)]
            found[name] = Feed(_source(kind, name, settings, config.env), every)
        except ValidationError as error:
            mistakes += explained(where, error)
        except SourceError as error:
            mistakes.append(f"{where}: {error}")
    return found


def _wrong_times(section: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the times that a section of any kind of source may have."""
    found = []
    for key in TIMES & section.keys():
        try:
            duration(section[key])
        except ValueError as error:
            found.append(f"{key}: {error}")
    return sorted(found)


def _source(kind: type[Any], name: str, settings: Any, env: Mapping[str, str]) -> Source:
    has_secret = kind in (QWeather, Caiyun, Inbound, MappedJson)
    made: Source = kind(name, settings, env) if has_secret else kind(name, settings)
    return made


def _from_folder(config: Config, section: dict[str, Any]) -> dict[str, Any]:
    if "path" in section:
        section = section | {"path": config.folder / str(section["path"])}
    if isinstance(section.get("certificates"), list):
        files = [config.folder / str(one) for one in section["certificates"]]
        section = section | {"certificates": files}
    return section
