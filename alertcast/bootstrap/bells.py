"""Which engine an installation has: threads of its own, or the bells of many machines."""

from importlib import import_module
from typing import Any

from alertcast.config import Config


def bells_of(config: Config, mistakes: list[str]) -> Any:
    """Return the module of the engine of many machines where that is the one to use, else None.

    It is imported only then: what it is made with need not be installed for SQLite.
    """
    is_alone = is_sqlite(config)
    chosen = config.main.engine.type or ("local" if is_alone else "procrastinate")
    if chosen == "local":
        return None
    if is_alone:
        mistakes.append("engine.type: procrastinate needs a PostgreSQL database, not SQLite")
        return None
    try:
        return import_module("alertcast.engines.procrastinate")
    except ImportError as error:
        mistakes.append(f"engine.type: {error}: run `pip install 'alertcast[postgresql]'`")
        return None


def is_sqlite(config: Config) -> bool:
    """Say whether everything is kept in a file, and so on one machine."""
    return config.main.database.url.startswith("sqlite")
