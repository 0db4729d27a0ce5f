"""The external heartbeat (dead-man switch): sent only while all is well, so silence is the alarm.

Somebody outside, e.g. a monitoring service or a second machine, expects it and calls a human when
it stays away. It says nothing: neither what is called nor whom.
"""

from datetime import datetime

import requests
import structlog

from alertcast.core.watch import BEAT, KINDS, Finding, is_well
from alertcast.dispatch.watch import Pulse, look
from alertcast.dispatch.world import World

log = structlog.get_logger()

TRIED = "heartbeat"
"""Pulse of the heartbeat itself, delivered or not: proves that the database takes writes."""


class Heartbeat:
    """Beats once each time it is asked, unless something is unwell."""

    def __init__(self, world: World, pulse: Pulse) -> None:
        """Take the pulse by which a delivered beat is known."""
        self._world, self._pulse = world, pulse
        self._unwell: frozenset[str] = frozenset()

    def beat(self, now: datetime) -> bool:
        """Send the heartbeat if all is well; say whether it was delivered.

        A database that can not be written raises, or keeps this waiting: no beat either way.
        """
        section = self._world.config.main.heartbeat
        if not section.url:
            return False
        self._pulse.write(TRIED)
        with self._world.db.read() as tx:
            found = look(self._world, tx, now)
        if not is_well(found):
            self._withhold(found)
            return False
        self._unwell = frozenset()
        return self._deliver(section.url)

    def _withhold(self, found: list[Finding]) -> None:
        unwell = frozenset(f"{one.what} {one.subject}".strip() for one in found if KINDS[one.what])
        if unwell != self._unwell:
            log.error("heartbeat withheld", unwell=sorted(unwell))
        self._unwell = unwell

    def _deliver(self, url: str) -> bool:
        section = self._world.config.main.heartbeat
        try:
            answer = requests.request(
                section.method,
                url,
                timeout=section.timeout.total_seconds(),
                allow_redirects=False,  # whoever answers with a log-in page has not taken it
            )
        except requests.RequestException as error:  # its address may hold a token: not logged
            log.error("heartbeat not delivered", why=type(error).__name__)
            return False
        if not answer.ok or answer.is_redirect:
            log.error("heartbeat not delivered", why=f"HTTP {answer.status_code}")
            return False
        self._pulse.write(BEAT)
        return True
