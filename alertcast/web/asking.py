"""先问一次: what is done here is asked once more, in a sentence, before it is done."""

from flask import render_template, request

PASSED_OVER = ("csrf_token", "sure")


def is_sure() -> bool:
    """Say whether the form was sent from the page that asks."""
    return request.form.get("sure") == "yes"


def ask(question: str, *, button: str, back: str, is_grave: bool = False) -> str:
    """Return the page that asks; its form sends again what was sent, and that it is meant."""
    fields = [
        (name, one)
        for name in request.form
        for one in request.form.getlist(name)
        if name not in PASSED_OVER
    ]
    return render_template(
        "sure.html", question=question, button=button, back=back, fields=fields, is_grave=is_grave
    )
