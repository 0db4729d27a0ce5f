"""The one reader of configuration: every mistake is reported at once, before anything runs.

Sections of sources and channels are kept as they are here: `bootstrap` checks each with the model
that stands beside its class.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from dotenv import dotenv_values
from pydantic import ValidationError

from alertcast.config.sections import Files, Main
from alertcast.core.gazetteer import Gazetteer
from alertcast.core.hazard import HazardTable
from alertcast.core.role import Role, read_roles
from alertcast.core.rules import Rules
from alertcast.core.wording import Texts
from alertcast.core.written import MAIN, Written, held

T = TypeVar("T")

ENV_CONFIG = "ALERTCAST_CONFIG"
"""Names another alertcast.toml than ./alertcast.toml and ./config/alertcast.toml."""

HELD = ("ALERTCAST_DATA_KEY", "ALERTCAST_DATA_KEY_OLD", "ALERTCAST_SECRET_KEY")
"""Variables that a process goes by from its start to its end."""

_PACKAGE = Path(__file__).parents[1]


class ConfigError(Exception):
    """The configuration can not be used; `mistakes` lists everything that is wrong with it.

    `rest` is what was right in it, completed with what is shipped: not to be run, only so that the
    sections of sources and channels can be checked in the same go.
    """

    def __init__(self, mistakes: list[str], rest: "Config | None" = None) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes
        self.rest = rest


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that was configured, read and checked."""

    folder: Path  # of alertcast.toml
    main: Main
    hazards: HazardTable
    rules: Rules
    texts: Texts
    roles: Mapping[str, Role]
    env: Mapping[str, str]  # the environment, and alertcast.env where it has more
    gazetteer: Gazetteer  # the towns that Chinese warnings may name
    written: Written = field(default_factory=dict)  # what each file says, as it was read

    def secret(self, name: str) -> str | None:
        """Return a secret from the environment."""
        return self.env.get(name) or None


def shipped(name: str) -> Path:
    """Return the path of a file that comes with alertcast, e.g. "config/policy.toml"."""
    installed = _PACKAGE / "shipped" / name
    return installed if installed.exists() else _PACKAGE.parent / name


def load(
    path: str | os.PathLike[str] | None = None, env: Mapping[str, str] | None = None
) -> Config:
    """Read the configuration at `path`, else ALERTCAST_CONFIG, else here, else the shipped one.

    Raises
    ------
    ConfigError
        With every mistake in every file.
    """
    env = dict(os.environ if env is None else env)
    found = _find(path, env)
    env = _variables(found.with_name("alertcast.env")) | env
    return from_mapping(_toml(found), folder=_folder(found), env=env, name=found.name)


def from_mapping(
    section: Mapping[str, Any],
    *,
    folder: Path,
    env: Mapping[str, str],
    name: str = "configuration",
    parts: Mapping[str, Mapping[str, Any]] | None = None,
) -> Config:
    """Return the configuration written as `section`.

    `parts`: what the other files say, by their keys in [files]; None: they are looked for in
    `folder`.

    Raises
    ------
    ConfigError
        With every mistake in every file.
    """
    mistakes: list[str] = []
    good = dict(section)
    main = None
    try:
        main = Main.model_validate(section)
    except ValidationError as error:
        mistakes += explained(name, error)
        good = {key: good[key] for key in good.keys() - _first_keys(error)}
    files = main.files if main else Files()
    found = {
        key: _other(folder, getattr(files, key), mistakes) if parts is None else parts.get(key)
        for key in Files.model_fields
    }
    hazards = _read(HazardTable.from_mapping, found["hazards"], files.hazards, mistakes)
    roles = _read(read_roles, found["roles"], files.roles, mistakes)
    texts = _read(Texts.from_mapping, found["texts"], files.texts, mistakes)
    gazetteer = _read(Gazetteer.from_mapping, found["towns"], files.towns, mistakes)
    rules = None
    if hazards is not None and found["roles"] is not None:
        reader = partial(
            Rules.from_mapping,
            roles=frozenset(found["roles"]),
            levels=hazards.ordered,
            hazards=frozenset(hazards.hazards),
            families=frozenset(one.family for one in hazards.hazards.values()),
        )
        rules = _read(reader, found["policy"], files.policy, mistakes)
    if main is None or hazards is None or rules is None or texts is None or roles is None:
        raise ConfigError(mistakes, _rest(good, folder, texts, env))
    if gazetteer is None:
        raise ConfigError(mistakes, _rest(good, folder, texts, env))
    written = {MAIN: section, **{key: part for key, part in found.items() if part is not None}}
    return Config(folder, main, hazards, rules, texts, roles, env, gazetteer, written)


def as_held(new: Config, old: Config) -> Config:
    """Return `new` with what a process that began with `old` can not change while it runs."""
    section = held(new.written[MAIN], old.written[MAIN])
    env = {name: value for name, value in new.env.items() if name not in HELD}
    env |= {name: old.env[name] for name in HELD if name in old.env}
    written = {**new.written, MAIN: section}
    return replace(new, main=Main.model_validate(section), env=env, written=written)


def stamps(path: str | os.PathLike[str] | None, env: Mapping[str, str]) -> list[tuple[str, int]]:
    """Return what changes as soon as somebody writes a file of the configuration.

    Files that are in its folder, and those that `[files]` names elsewhere. Raises ConfigError.
    """
    found = _find(path, env)
    folder = _folder(found)
    names = {"alertcast.env", *_named(found)}
    files = {found, *folder.glob("*.toml"), *(folder / name for name in names)}
    return sorted((str(one), one.stat().st_mtime_ns) for one in files if one.is_file())


def _folder(found: Path) -> Path:
    """Return the folder that the other files are in."""
    return Path.cwd() if found == shipped("config/alertcast.toml") else found.parent


def _named(found: Path) -> set[str]:
    try:
        files = _toml(found).get("files", {})
    except ConfigError:
        return set()
    return {str(one) for one in files.values()} if isinstance(files, Mapping) else set()


def explained(where: str, error: ValidationError) -> list[str]:
    """Return a line for each mistake that a model found, naming the key and the rule."""
    return [
        f"{where}: {'.'.join(str(part) for part in found['loc']) or '(all)'}: {found['msg']}"
        for found in error.errors(include_url=False, include_context=False)
    ]


def _first_keys(error: ValidationError) -> set[object]:
    return {found["loc"][0] if found["loc"] else "" for found in error.errors()}


def _rest(
    good: Mapping[str, Any], folder: Path, texts: Texts | None, env: Mapping[str, str]
) -> Config | None:
    """Return the shipped configuration with the `good` sections and `texts` in it.

    None where the shipped one is itself the one with mistakes.
    """
    whole = shipped("config/alertcast.toml")
    if folder == whole.parent:
        return None
    try:
        section = {**_toml(whole), **good, "files": {}}
        config = from_mapping(section, folder=whole.parent, env=env)
    except ConfigError:
        return None
    return replace(config, folder=folder, texts=texts or config.texts)


def _read(
    reader: Callable[[Mapping[str, Any]], T],
    section: Mapping[str, Any] | None,
    name: str,
    mistakes: list[str],
) -> T | None:
    if section is None:
        return None
    try:
        return reader(section)
    except ValueError as error:
        mistakes += [f"{name}: {found}" for found in getattr(error, "mistakes", [str(error)])]
        return None


def _find(path: str | os.PathLike[str] | None, env: Mapping[str, str]) -> Path:
    named = path or env.get(ENV_CONFIG)
    if named:
        found = Path(named)
        if not found.is_file():
            raise ConfigError([f"{found}: there is no such file"])
        return found.resolve()
    for here in (Path("alertcast.toml"), Path("config/alertcast.toml")):
        if here.is_file():
            return here.resolve()
    return shipped("config/alertcast.toml")


def _other(folder: Path, name: str, mistakes: list[str]) -> Mapping[str, Any] | None:
    path = folder / name
    if not path.is_file():
        path = shipped(f"config/{name}")
    try:
        return _toml(path)
    except ConfigError as error:
        mistakes += error.mistakes
        return None


def _variables(path: Path) -> dict[str, str]:
    try:
        return {name: text for name, text in dotenv_values(path).items() if text}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path.name}: {error}"]) from None


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path.name}: {error}"]) from None
