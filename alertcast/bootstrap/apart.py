"""A file that was sent to the page is worked on in a process of its own, with less of the machine.

Whatever is in it can then neither hold up what sends warnings nor bring it down. That process goes
by the configuration of the one that begins it, not by what lies on the disk by then.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from tempfile import TemporaryDirectory
from threading import Lock, Thread

import structlog

from alertcast.bootstrap.app import App
from alertcast.config import passed_on
from alertcast.core.upload import Broken
from alertcast.dispatch import uploads
from alertcast.store.db import TROUBLE

log = structlog.get_logger()

LONGEST = 30 * 60.0
"""Real seconds after which such a process is ended."""


class Apart:
    """Begins to work on files, by their ids, and sees how it ends."""

    def __init__(self, app: Callable[[], App], longest: float = LONGEST) -> None:
        """Take what returns the installation that is at work at this moment, and a LONGEST."""
        self._app, self._longest = app, longest
        self._at_it: Counter[int] = Counter()
        self._lock = Lock()

    def __call__(self, upload_id: int) -> None:
        """Begin; raises OSError if nothing can begin."""
        command = [sys.executable, "-m", "alertcast", "uploads", "work", str(upload_id), "--given"]
        folder = TemporaryDirectory(prefix="alertcast-")  # killed, it leaves nothing elsewhere
        said = passed_on(self._app().config).encode()
        process = subprocess.Popen(  # noqa: S603  our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": folder.name},
        )
        with self._lock:
            self._at_it[upload_id] += 1
        Thread(target=self._await, args=(process, said, upload_id, folder), daemon=True).start()

    def working(self, upload_id: int) -> int:
        """Return how many processes that were begun here are at work on a file."""
        with self._lock:
            return self._at_it[upload_id]

    def _await(
        self,
        process: subprocess.Popen[bytes],
        said: bytes,
        upload_id: int,
        folder: TemporaryDirectory[str],
    ) -> None:
        why = None
        with folder, process:  # waits for it, and lets go what it did not read
            try:
                process.communicate(said, self._longest)
            except subprocess.TimeoutExpired:
                why = Broken.TIME
                process.kill()
        with self._lock:
            self._at_it[upload_id] -= 1
            is_last = not self._at_it[upload_id]
        if process.returncode:
            log.error("process of an upload failed", upload=upload_id, status=process.returncode)
        if process.returncode and is_last:
            why = why or (Broken.CRASHED if process.returncode < 0 else Broken.ENDED)  # by a signal
            try:
                uploads.fail(self._app().world, upload_id, why)
            except TROUBLE:
                log.warning("end of an upload could not be told")  # its silence tells it
