"""配置: what is in force, in plain words; and another configuration, looked at before it holds."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.access import may
from alertcast.core.broadcast import BroadcastState
from alertcast.core.policy import duration
from alertcast.core.written import MAIN, digest
from alertcast.dispatch import reload
from alertcast.dispatch.reload import OnDisk
from alertcast.store import broadcasts, configurations, ready
from alertcast.store.configurations import Process
from alertcast.web import config_mistakes
from alertcast.web.context import allow, desk, me, needs, now, watched, world
from alertcast.web.ladder import from_level, lasting, needed, policy_title, steps, uses
from alertcast.web.show import word
from alertcast.web.words import gettext

pages = Blueprint("configuration", __name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """One process, and how it stands to what was wanted last."""

    process: Process
    is_this: bool
    is_behind: bool  # it has not followed, and its disk does not hold what was wanted


@pages.get("/configuration")
@needs("see")
def page() -> str:
    """Show policies, roles, texts, channels and sources as they are in force."""
    of = world().config
    lines = reload.lines_of(of, world().db.vault)
    return render_template(
        "configuration/page.html",
        config=of,
        rules=of.rules,
        uses=uses(of.rules),
        steps=steps,
        lasting=lasting,
        from_level=from_level,
        policy_title=policy_title,
        needed=needed,
        every={name: duration(one.get("every", "60s")) for name, one in of.main.sources.items()},
        channels=world().channels,
        version_of=of.texts.version_of,
        settings=_settings(lines) if may(me(), "configure", "") else {},
        digest=digest(lines),
        may_reload=desk().files is not None and may(me(), "configure", ""),
        **_processes(),
    )


@pages.get("/configuration/processes")
@needs("see")
def processes() -> Response:
    """Show by which configuration each process runs; the page asks for it by itself."""
    return watched(lambda: render_template("configuration/processes.html", **_processes()))


@pages.get("/configuration/reload")
@needs("configure")
def changes() -> str:
    """Read and check the files on disk, and show what would be different; nothing is changed."""
    allow("configure", [""])
    return _changes(_on_disk())


@pages.post("/configuration/reload")
@needs("configure")
def follow() -> Response | tuple[str, int]:
    """Let every process run by the files that were looked at, unless they changed meanwhile."""
    allow("configure", [""])
    found = _on_disk()
    if found.mistakes or request.form.get("digest") != found.digest:
        flash(gettext("磁盘上的文件与刚才看的不一样，没有换用。请再看一遍。"), "error")
        return _changes(found), 409
    before = digest(reload.lines_of(world().config, world().db.vault))
    with world().db.write() as tx:
        reload.order(world(), tx, found, before, me().name, now())
    flash(gettext("已下令换用，各进程几秒内跟上；见下面的“进程”。已留下记录。"), "done")
    return redirect(url_for("configuration.page"))


def _on_disk() -> OnDisk:
    files = desk().files
    if files is None:
        abort(404)
    return files.on_disk()


def _changes(found: OnDisk) -> str:
    lost = [] if found.mistakes else reload.lost_kinds(world(), found)
    with world().db.read() as tx:
        return render_template(
            "configuration/reload.html",
            found=found,
            mistakes=[config_mistakes.read(one) for one in found.mistakes],
            lost_channels=[] if found.mistakes else reload.lost_channels(world(), found),
            lost_kinds=[
                (word("kind", kind), mode, ready.length(tx, kind, mode, now()))
                for kind, mode in lost
            ],
            running=len(broadcasts.listed(tx, states=[BroadcastState.RUNNING])),
        )


def _processes() -> dict[str, object]:
    files = desk().files
    with world().db.read() as tx:
        real_now = world().db.real_now(tx)
        wish = configurations.newest_order(tx)
        found = [
            Standing(
                one,
                files is not None and one.name == files.name,
                wish is not None and one.since < wish.at and one.on_disk != wish.digest,
            )
            for one in configurations.processes(tx, real_now)
        ]
    return {"found": found, "wish": wish, "is_one": len({one.process.digest for one in found}) <= 1}


def _settings(lines: dict[str, str]) -> dict[str, str]:
    """Return what alertcast.toml says, secrets masked, by key."""
    file = f"{MAIN}.toml "
    return {line.removeprefix(file): text for line, text in lines.items() if line.startswith(file)}
