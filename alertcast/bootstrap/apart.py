"""A file that was sent to the page is worked on in a process of its own, with less of the machine.

Whatever is in it can then neither hold up what sends warnings nor bring it down.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from tempfile import TemporaryDirectory
from threading import Thread

import structlog

log = structlog.get_logger()

LONGEST = 30 * 60.0
"""Real seconds after which such a process is ended."""


def apart(config: str | None) -> Callable[[int], None]:
    """Return what begins to work on a file, by its id; raises OSError if nothing can begin."""
    named = [] if config is None else ["--config", config]

    def begin(upload_id: int) -> None:
        command = [sys.executable, "-m", "alertcast", *named, "uploads", "work", str(upload_id)]
        folder = TemporaryDirectory(prefix="alertcast-")  # killed, it leaves nothing elsewhere
        process = subprocess.Popen(  # noqa: S603  our own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": folder.name},
        )
        Thread(target=_await, args=(process, upload_id, folder), daemon=True).start()

    return begin


def _await(
    process: subprocess.Popen[bytes], upload_id: int, folder: TemporaryDirectory[str]
) -> None:
    with folder:
        try:
            status = process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
    if status:
        log.error("process of an upload failed", upload=upload_id, status=status)
