"""`alertcast texts`: check the words of messages, and look at them filled with an example."""

from dataclasses import asdict

import click

from alertcast.cli import output
from alertcast.cli.failure import REFUSED, Refused
from alertcast.config import Config, load
from alertcast.core.pieces import to_record
from alertcast.core.wording import TextError
from alertcast.dispatch import drafts

KINDS = ("sms", "voice", "script", "copy")
PURPOSES = ("warning", "all_clear", "part_clear", "downgrade", "correction", "desk")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group()
def command() -> None:
    """Check the words of messages, and look at them."""


@command.command(epilog="\b\nExample:\n  alertcast texts lint\n  alertcast texts lint --json")
@JSON
@click.pass_context
def lint(ctx: click.Context, as_json: bool) -> None:
    """Find fault with texts.toml: what a text must say, must not say, and how long it may be.

    Every text is filled with an example for each hazard and level. Exit code 1: something is wrong.
    """
    config = load(ctx.obj)
    faults, count = drafts.mistakes(config), len(config.texts.by_id)
    if as_json:
        found = [asdict(fault) for fault in faults]
        output.json_line({"ok": not faults, "texts": count, "faults": found})
    elif faults:
        rows = ((f.text_id, f.language, f.rule, f.message) for f in faults)
        output.table(("text", "language", "rule", "what"), rows)
    else:
        click.echo(f"{count} texts: nothing is wrong with them.")
    ctx.exit(REFUSED if faults else 0)


@command.command(
    epilog="\b\nExample:\n  alertcast texts show --hazard cold --level red --kind sms\n"
    "  alertcast texts show --purpose all_clear --language en --json"
)
@click.option("--purpose", type=click.Choice(PURPOSES), default="warning", show_default=True)
@click.option("--kind", type=click.Choice(KINDS), help="Only this one of the four.")
@click.option("--hazard", metavar="KEY", help="A hazard of hazards.toml.")
@click.option("--level", metavar="KEY", help="A level of hazards.toml.")
@click.option("--language", default="zh", show_default=True, help="zh, yue, hak, en ...")
@click.option("--mode", type=click.Choice(["live", "drill"]), default="live", show_default=True)
@JSON
@click.pass_obj
def show(
    config: str | None,
    purpose: str,
    kind: str | None,
    hazard: str | None,
    level: str | None,
    language: str,
    mode: str,
    as_json: bool,
) -> None:
    """Show a text filled with an example: which one wins, its version, its SMS segments.

    The most specific text wins: hazard and level, hazard, then those of its family, then the rest.
    """
    loaded = load(config)
    _known(loaded, hazard, level)
    try:
        found = [
            drafts.show(loaded, f"{purpose}.{one}", language, hazard, level, mode)
            for one in ([kind] if kind else KINDS)
        ]
    except TextError as error:
        raise Refused(str(error)) from None
    if as_json:
        output.json_line({"texts": [asdict(one) for one in found]})
        return
    for one in found:
        size = one.segments
        click.echo(
            f"{one.text_id} ({one.language}), version {one.version}: {len(one.text)} characters, "
            f"{size.count} {size.encoding} segments, about {one.seconds:.0f} s to say"
        )
        click.echo(f"  {one.text}\n")


@command.command(
    epilog="\b\nExample:\n  alertcast texts recordings --language yue\n"
    "  alertcast texts recordings --language hak --json"
)
@click.option("--language", default="zh", show_default=True, help="zh, yue, hak, en ...")
@JSON
@click.pass_obj
def recordings(config: str | None, language: str, as_json: bool) -> None:
    """List what can be recorded for calls: the name of each file, and the words to be read.

    A voice channel whose `recordings` names a folder plays NAME.LANGUAGE.mp3 (or .wav) instead of
    speaking those words. What is not recorded is spoken.
    """
    found = [one for one in to_record(load(config).texts) if one.tag == language]
    if not found:
        raise Refused(f"no text of a call is written in {language!r}")
    if as_json:
        output.json_line({"recordings": [asdict(one) for one in found]})
        return
    output.table(("file", "words"), [(f"{one.name}.{one.tag}.mp3", one.words) for one in found])


def _known(config: Config, hazard: str | None, level: str | None) -> None:
    """Refuse a hazard or level that hazards.toml does not have."""
    table = config.hazards
    if hazard is not None and hazard not in table.hazards:
        raise Refused(f"hazard {hazard!r} is not one of {', '.join(table.hazards)}")
    if level is not None and level not in table.levels:
        raise Refused(f"level {level!r} is not one of {', '.join(table.ordered)}")
