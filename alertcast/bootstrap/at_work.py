"""An installation at work that can be given another configuration without being stopped.

A configuration is replaced whole: everything that was made with the old one (rules, channels,
sources, schedule, senders, pages) stays as it is and ends its work, while everything made anew with
the other begins. So no step ever sees a part of either; that both are at work for a moment is what
several processes are all the time.
"""

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from alertcast.bootstrap.app import App, build, checked
from alertcast.bootstrap.run import Running
from alertcast.config import Config, ConfigError, load, stamps
from alertcast.core.written import digest
from alertcast.dispatch import reload
from alertcast.dispatch.reload import OnDisk
from alertcast.store import configurations
from alertcast.store.configurations import Process
from alertcast.store.db import TROUBLE, StoreError

log = structlog.get_logger()

Begin = Callable[[App], AbstractContextManager[Running]]
"""Lets an installation work, until the block ends."""


class AtWork:
    """What a process does, by the configuration that holds for it now."""

    def __init__(
        self,
        app: App,
        begin: Begin,
        *,
        does: str,
        path: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        settle: Callable[[], None] = lambda: None,
        name: str = "",
    ) -> None:
        """Take an installation that was made from the files at `path` and the variables `env`.

        `does`: the command, for people; `settle` is called when another one is at work;
        `name`: of this process, if not HOST:PID.
        """
        self.app = app
        self._begin, self._does, self._settle = begin, does, settle
        self._path = None if path is None else Path(path).resolve()
        self._env = dict(os.environ if env is None else env)
        self._name = name or f"{socket.gethostname()[:48]}:{os.getpid()}"
        self._stack = ExitStack()
        self._running: Running | None = None
        self._retired: App | None = None  # a page of it may still be under way
        self._told: list[Callable[[App], None]] = []
        self._done = 0  # number of the last wish that was followed
        self._seen: tuple[object, OnDisk] | None = None  # the files when last looked at

    @property
    def name(self) -> str:
        """Return the name of this process."""
        return self._name

    def __enter__(self) -> Self:
        """Begin the work."""
        with ExitStack() as stack:
            self._running = stack.enter_context(self._begin(self.app))
            self._has_begun()
            self._stack = stack.pop_all()
        self.look()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let what is under way finish."""
        self._stack.close()
        try:
            with self.app.world.db.write() as tx:
                configurations.forget(tx, self._name)
        except TROUBLE:
            log.warning("process could not be taken off the list")  # it falls silent
        for app in filter(None, (self.app, self._retired)):
            app.hang_up()

    def wake(self, steps: str = "") -> None:
        """Let the steps whose name begins with `steps` look for work now; "": everything."""
        if self._running is not None:
            self._running.wake(steps)

    def follow(self, told: Callable[[App], None]) -> None:
        """From now on tell `told` of each installation that takes the place of this one."""
        self._told.append(told)

    def on_disk(self) -> OnDisk:
        """Read and check the files as they are now; nothing is changed."""
        try:
            config = load(self._path, self._env)
            app = build(config, before=self.app)
        except ConfigError as error:
            return OnDisk("", {}, (), mistakes=tuple(checked(error, self.app)))
        app.hang_up()
        return self._described(config, app)

    def look(self) -> None:
        """Follow a wish that waits, and say what this process runs by; call it again and again.

        What goes wrong is logged, and done at the next look.
        """
        try:
            self._follow_wish()
            self._report()
        except (*TROUBLE, StoreError):
            log.warning("configuration could not be looked at: the database is in trouble")
        except Exception:  # the work goes on by the configuration that holds
            log.exception("configuration could not be looked at")

    def want(self, user: str) -> OnDisk:
        """Let every process run by what lies on its disk, if it is what lies on this one."""
        found, world = self.on_disk(), self.app.world
        if not found.mistakes:
            with world.db.write() as tx:
                reload.order(world, tx, found, self._digest, user, self.app.clock())
        return found

    def _follow_wish(self) -> None:
        db = self.app.world.db
        with db.read() as tx:
            wish = reload.to_follow(tx, self._done, db.real_now(tx))
        if wish is None:
            return
        if wish.digest == self._digest and wish.at <= self._since:
            self._done = wish.id  # it began with that
        elif self._look_at_files().digest == wish.digest and self._replace(wish.digest):
            self._done = wish.id
            log.info("another configuration holds", digest=self._digest, wish=wish.id)

    def _replace(self, wanted: str) -> bool:
        """Begin with what lies on the disk, and then end what is at work.

        False if somebody has written there since it was looked at; what can not begin, or not show
        its pages, ends again.
        """
        config = load(self._path, self._env)
        if digest(reload.lines_of(config, self.app.world.db.vault)) != wanted:
            return False
        new = build(config, before=self.app)
        with ExitStack() as stack:
            undo = stack.enter_context(ExitStack())
            undo.callback(new.hang_up)
            running = stack.enter_context(self._begin(new))
            for told in self._told:
                told(new)
            undo.pop_all()
            before, self._stack, self._running = self._stack, stack.pop_all(), running
        retired, self._retired, self.app = self._retired, self.app, new
        before.close()
        if retired is not None:
            retired.hang_up()
        self._has_begun()
        self._settle()
        return True

    def _has_begun(self) -> None:
        world = self.app.world
        found = reload.lines_of(self.app.config, world.db.vault)
        self._digest, self._seen = digest(found), None
        with world.db.write() as tx:
            self._since = world.db.real_now(tx)
            configurations.keep(tx, self._digest, found, self._since)

    def _look_at_files(self) -> OnDisk:
        """Return what lies on the disk, read again only if somebody wrote there."""
        try:
            now: object = stamps(self._path, self._env)
        except ConfigError as error:
            now = str(error)
        if self._seen is None or self._seen[0] != now:
            self._seen = now, self.on_disk()
        return self._seen[1]

    def _report(self) -> None:
        found, db = self._look_at_files(), self.app.world.db
        with db.write() as tx:
            one = Process(
                self._name,
                self._does,
                self._digest,
                self._since,
                found.digest,
                len(found.mistakes),
                db.real_now(tx),
            )
            configurations.report(tx, one)

    def _described(self, config: Config, app: App) -> OnDisk:
        vault = self.app.world.db.vault
        found = reload.lines_of(config, vault)
        return OnDisk(
            digest(found),
            found,
            reload.compared(self.app.config, config, vault),
            channels=tuple(one.name for one in app.world.channels),
            queues=frozenset(app.world.kinds()),
        )
