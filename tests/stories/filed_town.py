"""The small town by a configuration in files, which are edited while it is at work."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from alertcast.bootstrap import App, AtWork, Running, installation
from alertcast.channels.base import Channel
from alertcast.config import shipped
from alertcast.dispatch.world import World
from alertcast.store import configurations
from alertcast.store.configurations import Process
from tests.databases import DATA_KEY, MovableDatabase
from tests.stories.town import OFFICE, Town

ENV = {"ALERTCAST_DATA_KEY": DATA_KEY, "TWILIO_AUTH_TOKEN": "of-this-test"}
CARRIER = 'account_sid = "AC00000000000000000000000000000000"\nfrom_number = "+15005550006"\n'
SMS = f'[channels.sms]\ntype = "twilio_sms"\n{CARRIER}'
VOICE = f'[channels.voice]\ntype = "twilio_voice"\n{CARRIER}'


class FiledTown(Town):
    """A town whose steps go by what its process runs by; the carrier is in memory as ever."""

    def __init__(self, db: MovableDatabase, folder: Path) -> None:
        super().__init__(db, folder)
        self.path = folder / "office" / "alertcast.toml"
        self.path.parent.mkdir()
        self.write(SMS, VOICE)
        shutil.copy(shipped("config/policy.toml"), self.policy)
        self.lives: list[str] = []  # what began and ended, by the number of levels told
        self.breaks = False  # what begins next does not
        self.at_work = self.opened("first")

    @property
    def policy(self) -> Path:
        """The file of the policy."""
        return self.path.with_name("policy.toml")

    @property
    def world(self) -> World:
        """What a step of this process is given at this moment."""
        world = self.at_work.app.world
        named = {one.name for one in world.channels}
        carrying = cast("tuple[Channel, ...]", tuple(c for c in self.channels if c.name in named))
        return replace(world, channels=carrying)

    def write(self, *sections: str) -> None:
        """Write alertcast.toml anew."""
        office = "".join(f'{key} = "{value}"\n' for key, value in OFFICE.items())
        self._replace(self.path, "\n".join([f"[office]\n{office}", *sections]))

    def edit(self, old: str, new: str) -> None:
        """Change words of the policy."""
        text = self.policy.read_text("utf-8")
        assert old in text
        self._replace(self.policy, text.replace(old, new))

    def opened(self, name: str, path: Path | None = None) -> AtWork:
        """Start a process of that name, by the files there are."""
        path = path or self.path
        app = installation(path, ENV, clock=lambda: self.now)
        app.world.db.close()
        app = App(app.config, replace(app.world, db=self.db), app.feeds, app.clock)
        process = AtWork(app, self._begin, does="serve", path=path, env=ENV, name=name)
        return process.__enter__()

    def processes(self) -> Sequence[Process]:
        """Return what is known of the processes at work."""
        with self.db.read() as tx:
            return configurations.processes(tx, self.db.real_now(tx))

    def process(self, name: str = "first") -> Process:
        """Return what is known of one process."""
        (found,) = (one for one in self.processes() if one.name == name)
        return found

    @contextmanager
    def _begin(self, app: App) -> Iterator[Running]:
        if self.breaks:
            msg = "no thread can be started"
            raise RuntimeError(msg)
        life = app.config.main.office.check_number
        self.lives.append(f"begin {life}")
        try:
            yield cast(Any, None)  # nobody is woken
        finally:
            self.lives.append(f"end {life}")

    def _replace(self, file: Path, text: str) -> None:
        file.write_text(text, "utf-8")
