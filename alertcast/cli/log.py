"""How the log looks: one line per event, key=value or JSON, and never a telephone number in it."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from alertcast.core.phone import hidden

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}

TALKATIVE = ("twilio", "urllib3", "requests", "apscheduler", "alembic")
"""Libraries that would log requests with their numbers, or ordinary things: only their errors."""


def configure(level: str, style: str, stream: TextIO | None = None) -> None:
    """Send the log, ours and that of libraries, to `stream`, else to standard error.

    `level` is a key of LEVELS; `style` is "logfmt" or "json". Doing it again replaces it all.
    """
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [
        structlog.processors.format_exc_info,
        without_phones,
        _renderer(style),
    ]
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: structlog.PrintLogger(stream or sys.stderr),
        cache_logger_on_first_use=False,  # standard error may be another one next time
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*first, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [one for one in root.handlers if not isinstance(one, _Ours)] + [
        _Ours(handler)
    ]
    root.setLevel(max(LEVELS[level], logging.WARNING))
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)


def without_phones(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Mask what looks like a telephone number, wherever it came from: a provider's words, a fault.

    We log none ourselves; this is for the texts of others.
    """
    return {key: _masked(value) for key, value in event.items()}


class _Ours(logging.Handler):
    """The handler of this module, known again when it is to be replaced."""

    def __init__(self, inner: logging.Handler) -> None:
        super().__init__()
        self._inner = inner

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        self._inner.emit(record)


def _renderer(style: str) -> Processor:
    if style == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])


def _masked(value: Any) -> Any:
    match value:
        case str():
            return hidden(value)
        case list() | tuple():
            return [_masked(one) for one in value]
        case Mapping() | MutableMapping():
            return {key: _masked(one) for key, one in value.items()}
        case _:
            return value
