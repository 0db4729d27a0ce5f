"""渠道: how each stands, a trial to one's own telephone, and starting again what was stopped."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.channels.base import Outcome
from alertcast.core.phone import mask
from alertcast.dispatch import channel_states
from alertcast.dispatch.try_channel import Trial, try_channel
from alertcast.grids.phones import PhoneError, normalise
from alertcast.web.asking import ask, is_sure
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.show import reason_text, word
from alertcast.web.words import gettext, mark

pages = Blueprint("channels", __name__)

NOT_ASKED = {
    "busy_now": mark("渠道正忙或停用，没有发出，请稍后再试。"),
    "at_work": mark("有下发正在进行，没有发出，请结束后再试。"),
}
"""Why a provider was not even asked, beside the reasons that every message may have."""

OUTCOMES = {
    Outcome.ACCEPTED: mark("渠道已受理，请看手机是否收到。"),
    Outcome.DELIVERED: mark("渠道已送达。"),
    Outcome.THROTTLED: mark("渠道限流，没有发出。"),
    Outcome.REFUSED: mark("渠道拒绝了这个号码或内容。"),
    Outcome.STOPPED: mark("渠道账户异常，不能发送。"),
    Outcome.UNKNOWN: mark("渠道没有回答，不知道是否发出。"),
}
"""What became of a trial."""


@pages.get("/channels")
@needs("configure")
def page() -> str:
    """Show how every channel of the configuration stands."""
    with world().db.read() as tx:
        found = channel_states.listed(world(), tx)
    return render_template("channels/page.html", found=found)


@pages.route("/channels/<name>/try", methods=["GET", "POST"])
@needs("configure")
def attempt(name: str) -> Response | str | tuple[str, int]:
    """Send one test message over this channel to a number that is typed; asked once, recorded."""
    channel = world().channel(name)
    if channel is None or channel.kind == "manual":
        abort(404)
    if request.method == "GET":
        return render_template("channels/try.html", channel=channel)
    allow("configure", [""])
    try:
        phone = normalise(request.form.get("number", "")[:64])
    except PhoneError:
        flash(gettext("这不是可以拨打的号码。没有发出。"), "error")
        return render_template("channels/try.html", channel=channel), 400
    if not is_sure():
        question = gettext("经渠道 {name} 向 {phone} 发一条测试（{kind}）？").format(
            name=name, phone=mask(phone), kind=word("kind", channel.kind)
        )
        back = url_for("channels.attempt", name=name)
        return ask(question, button=gettext("发出测试"), back=back)
    _say(try_channel(world(), channel, phone, me().name, now()))
    return redirect(url_for("channels.page"))


def _say(trial: Trial) -> None:
    if trial.outcome is None:
        known = NOT_ASKED.get(trial.reason or "")
        flash(gettext(known) if known else reason_text(trial.reason), "error")
        return
    is_well = trial.outcome in (Outcome.ACCEPTED, Outcome.DELIVERED)
    parts = (gettext(OUTCOMES[trial.outcome]), reason_text(trial.reason), trial.detail)
    flash(" ".join(filter(None, parts)), "done" if is_well else "error")
