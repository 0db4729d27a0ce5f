"""What an installation is configured to be: its sections, and the reader of its files."""

from alertcast.config.load import Config, ConfigError, explained, from_mapping, load, shipped
from alertcast.config.sections import LONGEST_BASE, Main

__all__ = [
    "LONGEST_BASE",
    "Config",
    "ConfigError",
    "Main",
    "explained",
    "from_mapping",
    "load",
    "shipped",
]
