"""The words of the pages: Chinese in the source, English from a catalogue; the page's language.

The catalogue is locale/en/LC_MESSAGES/messages.po. After a change of words, from this folder:
`pybabel compile -d locale`; a test names every text that has no English, and a stale .mo.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from alertcast.core.refusal import Refusal
from alertcast.web.rules import public

pages = Blueprint("words", __name__)

LANGUAGES = {"zh": "中文", "en": "English"}
LOCALE = Path(__file__).with_name("locale")

_english = Translations.load(LOCALE, ["en"])
_chinese = NullTranslations()


def mark(text: str) -> str:
    """Return `text`; says that it is a text of the pages, translated where it is shown."""
    return text


def language() -> str:
    """Return the language of this page: "zh" or "en"."""
    if "language" not in g:
        kept = session.get("language")
        g.language = kept if kept in LANGUAGES else "zh"
    chosen: str = g.language
    return chosen


def gettext(text: str) -> str:
    """Return `text` in the language of this page."""
    return str(_translations().gettext(text))


def refused(error: Refusal) -> str:
    """Return why something is refused, in the language of this page."""
    said = (gettext(one.text).format(**one.slots) for one in error.why)
    return gettext(error.between).join(said) if error.between else "".join(said)


def install(app: Flask) -> None:
    """Let the templates of `app` speak."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        gettext, _ngettext, newstyle=True
    )
    app.context_processor(lambda: {"language": language(), "languages": LANGUAGES})


@contextmanager
def outside(app: Flask, chosen: str) -> Iterator[None]:
    """Let facts be put into words of a language outside of any request, until the block ends."""
    with app.app_context():
        g.language = chosen
        yield


@pages.post("/language")
@public("the log-in page has a language too")
def choose() -> Response:
    """Change the language of the pages for this session."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        session["language"] = wanted
    return redirect(url_for("now.page"))


def _ngettext(one: str, many: str, number: int) -> str:
    return str(_translations().ngettext(one, many, number))


def _translations() -> NullTranslations:
    return _english if language() == "en" else _chinese
