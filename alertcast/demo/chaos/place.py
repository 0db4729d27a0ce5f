"""Where a lane plays: a database that is as new before each case, and installations ready for it.

All that a case could make again and again is made before the forks: addresses stay the same, so
that installations, their statements and their pages do. What a life learns, it learns after them.
"""

import gc
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Thread

from flask import Flask

from alertcast.bootstrap import App
from alertcast.demo.chaos import product
from alertcast.demo.chaos.carrier import Carrier, Line, listening
from alertcast.demo.chaos.cases import Case
from alertcast.demo.chaos.judge import Verdict, verdict
from alertcast.demo.chaos.processes import await_threads, ended, fork, heard
from alertcast.demo.chaos.town import Ports, installation, settle
from alertcast.simulator.ledger import Ledger
from alertcast.store import playground
from alertcast.store.crypto import Vault
from alertcast.store.db import Database

WARMING = Case(0, "", "5xx before", "error_before", "twice", False, True, 0, ())
"""What is played to compile what a case needs."""


@dataclass(frozen=True, slots=True)
class Room:
    """What all lanes share."""

    template: Path  # a SQLite file with the town in it
    postgresql: str | None  # address of a database
    key: str  # of the vault
    wrap: product.Wrap
    pages: Flask
    carrier: Carrier
    warms: bool  # there are so many cases that it pays to play one more to warm each place
    number: int = 0  # of the lane


class Place:
    """One database, and what is ready to run on it. Raises OSError if it can not be made."""

    def __init__(self, room: Room, ports: Ports, database: str) -> None:
        self.room, self.ports = room, ports
        self.folder = room.template.with_name(f"{database}-{room.number}")
        self._schema = f"alertcast_chaos_{os.getppid()}_{room.number}"
        self._is_sqlite = database == "sqlite"
        if self._is_sqlite:
            url = f"sqlite:///{self.folder / 'town.sqlite3'}"
        else:
            url = playground.inside(room.postgresql or "", self._schema)
        self._url, self._vault = url, Vault.from_text(room.key)
        if not self._is_sqlite and ended(fork(self._make)):
            msg = f"{self._schema}: the schema could not be made"
            raise OSError(msg)
        self.db = Database(url, self._vault)
        self._apps: dict[tuple[bool, bool], App] = {}
        self._is_cold = True

    def ready(self, case: Case) -> App:
        """Return the installation of a case; its folder is as new, its database after `renew`."""
        if self.room.warms and self._is_cold and self._apps:  # it is not the first case
            self._is_cold = False
            self._warm()
        self._clean()
        kind = case.lags, case.asks
        if kind not in self._apps:
            self._apps[kind] = self._installation(case)
        return self._apps[kind]

    def _clean(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        if self._is_sqlite:
            shutil.copyfile(self.room.template, self.folder / "town.sqlite3")

    def renew(self) -> None:
        """Leave nothing in the database but the town; to be done by a process that has forked."""
        if not self._is_sqlite:
            with self.db.write() as tx:
                playground.clear(tx)

    def judge(self, case: Case, ledger: Ledger) -> Verdict:
        """Return the verdict on a case."""
        return verdict(self.db, ledger, can_be_asked=case.asks)

    def close(self) -> None:
        """Leave nothing behind."""
        if not self._is_sqlite:
            ended(fork(self._drop))

    def _installation(self, case: Case) -> App:
        app = installation(case, self.folder, self._url, self.ports, self.room.key)
        return replace(app, world=replace(app.world, db=self.db))

    def _warm(self) -> None:
        """Play a case in this process, so that all it needs is compiled; forget the rest."""
        self._clean()
        with heard(self.folder / "said.log"):
            app = self._installation(WARMING)
            self.renew()
            with listening(self.folder) as listener:
                judge = partial(self.judge, WARMING)
                carry = partial(Carrier().carry, listener, WARMING, self.ports, judge)
                carrier = Thread(target=carry, daemon=True)
                carrier.start()
                line = Line(self.folder)
                with suppress(product.Stuck):  # on a busy machine; no case is judged here
                    product.play(app, self.room.pages, line, None, lambda channel: channel)
                line.judged()
                line.end()
                carrier.join()
            app.close()
        await_threads()
        gc.collect()
        gc.freeze()

    def _make(self) -> None:
        db = Database(self.room.postgresql or "", self._vault)
        playground.create(db, self._schema)
        db.close()
        db = Database(self._url, self._vault)
        db.upgrade()
        playground.watch(db)
        settle(db)
        with db.write() as tx:
            playground.furnish(tx)
        db.close()

    def _drop(self) -> None:
        db = Database(self.room.postgresql or "", self._vault)
        playground.drop(db, self._schema)
        db.close()
