"""The database: the same code on SQLite and PostgreSQL, and the two ways to open a transaction.

SQLite runs with WAL and synchronous=FULL; a write begins with BEGIN IMMEDIATE and waits its turn
on one lock of this process, which is fair where SQLite's own busy handler is not.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    URL,
    Connection,
    DateTime,
    Dialect,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.types import TypeDecorator

from alertcast.store import bells, last
from alertcast.store.crypto import Vault
from alertcast.store.together import Together

Tx = Connection
"""An open transaction; every function of the store takes one."""

Item = TypeVar("Item")
T = TypeVar("T")

OnCommit = Callable[[int, bool], None]
"""Told the number of a commit, and whether it is on disk."""

TRIES = 4
"""How often work is begun that PostgreSQL gave up in favour of another writer."""

_CLOCK = text("SELECT clock_timestamp()")

_MIGRATIONS = Path(__file__).with_name("migrations")


class StoreError(Exception):
    """The database can not be used as it is; the message says what to do."""


class Unreachable(StoreError):
    """No connection to the database can be made, so that nobody can say what it holds."""


TROUBLE = (OperationalError, InterfaceError, InternalError, Unreachable)
"""Faults of the database or the way to it, not of what was to be written: they may pass."""


class CanNotKeep(Exception):
    """What was to be written can not be, however often it is tried; the rest can."""


PATIENCE = timedelta(seconds=30)
"""How long PostgreSQL bears a transaction whose process does nothing in it, if nobody says."""


class Database:
    """One database and the vault that opens its personal data.

    Parameters
    ----------
    ring
        Called on PostgreSQL at the end of a transaction for each kind of message written in it.
    patience
        Real time after which PostgreSQL ends a transaction in which nothing is done: its process
        was stopped, or its network cut, and others wait for the rows it has locked. On SQLite, how
        long a writer waits for one of another process.
    """

    def __init__(
        self,
        url: str,
        vault: Vault,
        *,
        ring: bells.Ring | None = None,
        patience: timedelta = PATIENCE,
    ) -> None:
        self.url = make_url(url)
        self.vault = vault
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {
            "pool_pre_ping": not self.is_sqlite,
            "pool_use_lifo": True,  # each connection keeps pages in memory: few of them are used
            "hide_parameters": True,  # what a statement was to write is in no log and no error
        }
        if self.is_sqlite:
            waits = patience.total_seconds()
            options["connect_args"] = {"timeout": waits, "check_same_thread": False}
        else:
            options["connect_args"] = _over_a_network(self.url, patience)
        self._engine = create_engine(self.url, **options)
        self._writer = RLock()
        self._ring = ring
        self._on_commit: OnCommit | None = None
        self._commits = count(1)
        if self.is_sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
        self._together = Together(self._writer, self.write)

    def count_commits(self, told: OnCommit) -> None:
        """From now on tell `told` of every commit, counted from 1."""
        self._on_commit, self._commits = told, count(1)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """Open a transaction that only reads; raises Unreachable."""
        with self._connected() as tx, tx.begin():
            if self.is_sqlite:  # a BEGIN that takes no lock can not fail, and is said most often
                tx.connection.cursor().execute("BEGIN")
            yield tx

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """Open a transaction that writes; it is on disk when the block ends, or not at all.

        Raises Unreachable.
        """
        if not self.is_sqlite:
            with self._connected() as tx, self._begun(tx):
                bells.forget(tx)
                yield tx
                self._ring_all(tx)
            return
        with self._writer, self._connected() as tx, self._begun(tx):
            yield tx

    def together(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction that writes; return what it returned, once that is on disk.

        On SQLite, what several threads ask for at one moment shares one commit. `work` may be begun
        again (another's work failed, a deadlock), so it must touch nothing but the database.
        """
        if self.is_sqlite:
            return self._together.run(work)
        for _ in range(TRIES - 1):
            try:
                with self.write() as tx:
                    return work(tx)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in GIVEN_UP:
                    raise
        with self.write() as tx:
            return work(tx)

    def alike(self, work: Callable[[Tx, list[Item]], list[T]], item: Item) -> T:
        """Run `work` with a list of items as `together` does; return its result for `item`.

        On SQLite, the items that several threads bring at one moment are given to one call of
        `work`, which returns one result for each: that spares statements as well as commits.
        """
        if self.is_sqlite:
            return self._together.run_alike(work, item)
        return self.together(lambda tx: work(tx, [item])[0])

    @contextmanager
    def _begun(self, tx: Tx) -> Iterator[None]:
        with tx.begin(), last.noting(tx):
            if self.is_sqlite:
                tx.exec_driver_sql("BEGIN IMMEDIATE")
            yield
            last.do(tx)
            number = next(self._commits)
            if self._on_commit is not None:
                self._on_commit(number, False)
        if self._on_commit is not None:
            self._on_commit(number, True)

    def _ring_all(self, tx: Tx) -> None:
        if self._ring is not None:
            for kind in bells.noted(tx):
                self._ring(tx, kind)

    def real_now(self, tx: Tx) -> datetime:
        """Return real time, for leases: PostgreSQL's clock, or this machine's on SQLite."""
        if self.is_sqlite:
            return datetime.now(UTC)  # noqa: TID251  it has no clock but this machine's
        found: datetime = tx.execute(_CLOCK).scalar_one()
        return found.astimezone(UTC)

    def real_after(self, tx: Tx, seconds: float) -> datetime:
        """Return the real time `seconds` from now."""
        return self.real_now(tx) + timedelta(seconds=seconds)

    @property
    def address(self) -> dict[str, Any]:
        """Return what a driver needs to open a connection of its own; it holds the password."""
        dialect = self._engine.dialect
        _, found = dialect.create_connect_args(self.url)
        return {**found, **_over_a_network(self.url, PATIENCE)}

    def upgrade(self) -> None:
        """Bring the tables to the version of this program; running it twice changes nothing."""
        with self._remaking() as tx:
            config = _alembic()
            config.attributes["connection"] = tx
            command.upgrade(config, "head")

    @contextmanager
    def _remaking(self) -> Iterator[Tx]:
        """Open a transaction in which SQLite may make a table anew that other tables refer to.

        It alters a constraint in no other way, and would take the old table for rows deleted.
        """
        if not self.is_sqlite:
            with self.write() as tx:
                yield tx
            return
        with self._writer, self._connected() as tx:
            cursor = tx.connection.cursor()
            cursor.execute("PRAGMA foreign_keys=OFF")  # heard outside a transaction only
            try:
                with self._begun(tx):
                    yield tx
                    if torn := cursor.execute("PRAGMA foreign_key_check").fetchone():
                        msg = f"upgrade: rows of {torn[0]} would refer to no {torn[2]}; not made"
                        raise StoreError(msg)
            finally:
                cursor.execute("PRAGMA foreign_keys=ON")

    def check_version(self) -> None:
        """Raise StoreError unless the tables are of the version of this program."""
        with self.read() as tx:
            current = MigrationContext.configure(tx).get_current_revision()
        head = ScriptDirectory.from_config(_alembic()).get_current_head()
        if current != head:
            msg = (
                f"the database is at version {current}, this program needs {head}: "
                "run `alertcast db upgrade`"
            )
            raise StoreError(msg)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _connected(self) -> Connection:
        try:
            return self._engine.connect()
        except OperationalError as error:
            why = (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]
            msg = (
                f"{self.url}: the database can not be reached ({why}): "
                "is it running, and is [database] url right?"
            )
            raise Unreachable(msg) from error


GIVEN_UP = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for a transaction that lost against another: serialization, deadlock."""


@contextmanager
def savepoint(tx: Tx) -> Iterator[None]:
    """Undo this block alone if what it writes can not be written.

    Raises CanNotKeep, named after the fault. What may pass at another try (a lost connection, a
    deadlock, somebody who wrote the same row first) is raised as it is.
    """
    try:
        with tx.begin_nested():
            yield
    except (*TROUBLE, IntegrityError):
        raise
    except Exception as error:
        raise CanNotKeep(type(error).__name__) from error


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Return what makes of a time what is written: text where the database keeps no zone."""
        write = as_text if dialect.name == "sqlite" else in_utc
        return lambda value: None if value is None else write(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return what makes of what was read an aware time in UTC."""
        read = _from_text if dialect.name == "sqlite" else in_utc
        return lambda value: None if value is None else read(value)


def as_text(at: datetime) -> str:
    """Return an aware time as SQLite keeps it: in UTC, of one length, without its zone."""
    return in_utc(at).isoformat(" ", "microseconds")[:26]


def _from_text(found: str) -> datetime:
    return datetime.fromisoformat(f"{found}+00:00")


def in_utc(at: datetime) -> datetime:
    """Return an aware time in UTC; raises ValueError for one without a zone."""
    if at.tzinfo is None:
        msg = "a time without a zone was about to be stored"
        raise ValueError(msg)
    return at.astimezone(UTC)


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _over_a_network(url: URL, patience: timedelta) -> dict[str, Any]:
    """Return how psycopg connects so that neither side waits for ever for one that is gone."""
    milliseconds = int(patience.total_seconds() * 1000)
    server = {
        "idle_in_transaction_session_timeout": milliseconds,
        "tcp_user_timeout": milliseconds,
        "tcp_keepalives_idle": 10,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
    }
    said = url.query.get("options", "")
    words = [said if isinstance(said, str) else " ".join(said)]
    return {
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": milliseconds,
        "options": " ".join([*words, *(f"-c {key}={number}" for key, number in server.items())]),
    }


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN: an event would slow each statement
    connection.create_function("decode", 2, _decode, deterministic=True)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-4096",  # KiB of each connection; the machine keeps the file in memory as well
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _decode(text: str | None, _form: str) -> bytes | None:
    """Do what PostgreSQL's function of this name does, for hexadecimal digits."""
    return None if text is None else bytes.fromhex(text)
