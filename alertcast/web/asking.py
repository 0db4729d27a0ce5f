"""先问一次: what is done here is asked once more, in a sentence, before it is done."""

from collections.abc import Mapping, Sequence

from flask import render_template, request

from alertcast.store.report_facts import BroadcastFacts

PASSED_OVER = ("csrf_token", "sure")


def is_sure() -> bool:
    """Say whether the form was sent from the page that asks."""
    return request.form.get("sure") == "yes"


def ask(
    question: str,
    *,
    button: str,
    back: str,
    is_grave: bool = False,
    about: Sequence[str] = (),
    broadcast: BroadcastFacts | None = None,
    more: Mapping[str, object] | None = None,
) -> str:
    """Return the page that asks; its form sends again what was sent, and that it is meant.

    `about`: what else it says, line by line; `broadcast`: which one it is about; `more`: fields
    that take the place of what was sent.
    """
    added = more or {}
    fields: list[tuple[str, object]] = [
        (name, one)
        for name in request.form
        for one in request.form.getlist(name)
        if name not in PASSED_OVER and name not in added
    ]
    return render_template(
        "sure.html",
        question=question,
        button=button,
        back=back,
        fields=[*fields, *added.items()],
        is_grave=is_grave,
        about=about,
        broadcast=broadcast,
    )
