"""What an installation is configured to be: its sections, and the reader of its files."""

from alertcast.config.load import (
    HELD,
    Config,
    ConfigError,
    as_held,
    explained,
    from_mapping,
    load,
    shipped,
    stamps,
)
from alertcast.config.passing import passed_on, taken_over
from alertcast.config.sections import LONGEST_BASE, Main

__all__ = [
    "HELD",
    "LONGEST_BASE",
    "Config",
    "ConfigError",
    "Main",
    "as_held",
    "explained",
    "from_mapping",
    "load",
    "passed_on",
    "shipped",
    "stamps",
    "taken_over",
]
