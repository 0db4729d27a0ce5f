"""The one package that knows every concrete class: from a configuration to a running system."""

from alertcast.bootstrap.apart import Apart
from alertcast.bootstrap.app import (
    DATA_KEY,
    OLD_DATA_KEY,
    SECRET_KEY,
    App,
    build,
    installation,
    utc_now,
)
from alertcast.bootstrap.at_work import AtWork
from alertcast.bootstrap.channels import CHANNELS
from alertcast.bootstrap.run import GATHER, Running, running, serving
from alertcast.bootstrap.sources import SOURCES

__all__ = [
    "CHANNELS",
    "DATA_KEY",
    "GATHER",
    "OLD_DATA_KEY",
    "SECRET_KEY",
    "SOURCES",
    "Apart",
    "App",
    "AtWork",
    "Running",
    "build",
    "installation",
    "running",
    "serving",
    "utc_now",
]
