"""The engine of many machines: local threads, woken over PostgreSQL by Procrastinate's doorbells.

A doorbell is one job per kind of message, with a queueing lock: however many messages are written,
at most one waits to be fetched. It carries no message. Whoever fetches it wakes its own threads,
which claim under a lease as ever; a bell that was lost is made good by their poll, one too many
finds nothing to claim. So nothing here relies on what becomes of a job.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from threading import Event, Thread
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from psycopg import AsyncConnection
from sqlalchemy import Connection

from alertcast.engines.base import Engine

log = structlog.get_logger()

BELL = "alertcast.bell"
"""Name of the one kind of job there is."""

LOCK_TIMEOUT = "250ms"
"""How long a writer waits for another one that rings the same bell, or for whoever fetches it."""

AGAIN = 5.0
"""Real seconds before a listener that lost the database tries again."""

STALLED = 60.0
"""Real seconds after which the job of a dead listener is cleared away."""


class Doorbell:
    """Rings, inside the transaction that wrote messages, for whoever sends them on any machine."""

    def __init__(self) -> None:
        self._app = App(connector=SyncPsycopgConnector())  # never opened: it uses our connections

    def ring(self, tx: Connection, kind: str) -> None:
        """Put the bell of `kind` into its queue, unless it is there; never undoes the messages.

        Within a savepoint: a bell that can not be rung costs one poll.
        """
        bell = self._app.configure_task(
            BELL,
            queue=_queue(kind),
            queueing_lock=_queue(kind),
            task_kwargs={"kind": kind},
            connection=tx.connection.driver_connection,
        )
        try:
            with tx.begin_nested():
                tx.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                bell.defer()
                tx.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")  # of what follows
        except AlreadyEnqueued:
            log.debug("bell rings already", kind=kind)
        except ConnectorException as error:
            log.warning("bell not rung", kind=kind, why=type(error.__cause__).__name__)


class ProcrastinateEngine:
    """A local engine whose threads are also woken by the bells of other machines."""

    def __init__(self, threads: Engine, kinds: Collection[str], address: Mapping[str, Any]) -> None:
        """Take the engine to wake, the kinds it sends, and psycopg's arguments for a connection."""
        self._threads = threads
        self._queues = [_queue(kind) for kind in sorted(kinds)]
        self._address = dict(address)
        self._stopped = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told_to_stop: asyncio.Event | None = None
        self._listener = Thread(target=self._listen, name="doorbell", daemon=True)

    def start(self) -> None:
        """Start the threads, and listen."""
        for name in ("procrastinate", "psycopg.pool"):  # what matters of it is logged here
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._threads.start()
        if self._queues:
            self._listener.start()

    def wake(self, steps: str = "") -> None:
        """Let the steps of this process whose name begins with `steps` look for work now."""
        self._threads.wake(steps)

    @property
    def is_busy(self) -> bool:
        """Say whether a step of this process is at work at this moment."""
        return self._threads.is_busy

    def stop(self, timeout: float = 30.0) -> bool:
        """Stop listening and claiming, let what is under way finish; False: not within `timeout`.

        A listener that hangs on a dead database is left behind: it holds nothing.
        """
        self._stopped.set()
        loop, told = self._loop, self._told_to_stop
        if loop is not None and told is not None and not loop.is_closed():
            loop.call_soon_threadsafe(told.set)
        done = self._threads.stop(timeout)
        if self._listener.is_alive():
            self._listener.join(1.0)
        return done

    def _listen(self) -> None:
        try:
            asyncio.run(self._listen_until_stopped())
        except Exception:  # the poll finds everything all the same
            log.exception("listener failed")

    async def _listen_until_stopped(self) -> None:
        self._loop, self._told_to_stop = asyncio.get_running_loop(), asyncio.Event()
        if self._stopped.is_set():
            return
        stopped = asyncio.create_task(self._told_to_stop.wait())
        while not stopped.done():
            worker = asyncio.create_task(self._work())
            await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
            worker.cancel()
            (ended,) = await asyncio.gather(worker, return_exceptions=True)
            if not stopped.done():
                why = type(ended).__name__ if ended else "a part of it ended"
                log.warning("listener lost the database; polling goes on", why=why)
                await asyncio.wait({stopped}, timeout=AGAIN)

    async def _work(self) -> None:
        """Fetch bells until cancelled, or until the database is gone."""
        connector = PsycopgConnector(
            kwargs=self._address,
            configure=_commit_each,
            min_size=1,
            max_size=2,
            timeout=10.0,
        )
        app = App(connector=connector)

        @app.task(name=BELL)
        async def answer(kind: str) -> None:
            log.debug("bell heard", kind=kind)
            self._threads.wake(f"send {kind}")

        async with app.open_async():
            await self._clear_away(app)
            self._threads.wake()  # whatever was rung while nobody listened
            await app.run_worker_async(
                queues=self._queues,
                install_signal_handlers=False,
                delete_jobs="always",
                shutdown_graceful_timeout=1.0,
                stalled_worker_timeout=STALLED,
            )

    async def _clear_away(self, app: App) -> None:
        """Delete the bells that listeners held when they died; they block nothing, but stay."""
        for queue in self._queues:
            dead = await app.job_manager.get_stalled_jobs(
                queue=queue, seconds_since_heartbeat=STALLED
            )
            for job in dead:
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)


async def _commit_each(connection: AsyncConnection[Any]) -> None:
    """Let each statement be a transaction: a listener that stands still must lock no bell."""
    await connection.set_autocommit(True)


def _queue(kind: str) -> str:
    return f"alertcast-{kind}"
