"""Callbacks as a provider sends them; a forged one changes nothing and is counted."""

from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from alertcast.channels.base import Callback
from alertcast.store import channels
from tests.channels.carrier import TOKEN
from tests.channels.conftest import PUBLIC, make_sms
from tests.stories.town import EAST_LEADER, Town
from tests.web.site import Site


def post(site: Site, callback: Callback) -> TestResponse:
    path = callback.url.removeprefix("http://127.0.0.1")
    form = {key: list(values) for key, values in callback.form.items()}
    return site.app.test_client().post(path, data=form, headers=dict(callback.headers))


def forged(town: Town) -> dict[str, int]:
    with town.db.read() as tx:
        return {row["name"]: row["forged"] for row in channels.listed(tx) if row["forged"]}


def test_a_key_pressed_in_a_call_answers_for_the_grid(site: Site, town: Town) -> None:
    town.warn(level="red")
    token = next(r.token for r in town.voice.outbox if r.phone == EAST_LEADER)
    answer = post(site, town.voice.callback("keys", token, key="1"))
    assert answer.status_code == 200
    assert "已经记录" in answer.text
    assert town.states()["东村"] == "answered"
    assert site.rung == 1


def test_a_text_message_answers_too(site: Site, town: Town) -> None:
    town.warn()
    callback = town.sms.callback("inbound", phone=EAST_LEADER, text="收到")
    assert post(site, callback).status_code == 204
    assert town.states()["东村"] == "answered"


def test_a_receipt_wakes_no_sender(site: Site, town: Town) -> None:
    town.warn()
    callback = town.sms.callback("status", town.sms.outbox[0].token, word="delivered")
    assert post(site, callback).status_code == 204
    assert site.rung == 0


def test_a_forged_callback_is_refused_and_counted(site: Site, town: Town) -> None:
    town.warn(level="red")
    token = next(r.token for r in town.voice.outbox if r.phone == EAST_LEADER)
    answer = site.app.test_client().post(f"/callbacks/voice/{token}/keys", data={"key": "1"})
    assert answer.status_code == 403
    assert town.states()["东村"] == "open"
    assert forged(town) == {"voice": 1}
    assert "累计拒绝 1 次" in site.user("viewer").get("/").text


def test_a_channel_we_do_not_have_is_not_found(site: Site) -> None:
    assert site.app.test_client().post("/callbacks/nobody/x/status").status_code == 404


def test_the_signature_is_checked_over_the_undecoded_public_address(town: Town) -> None:
    town.channels = [make_sms()]
    town.configure(web={"public_base_url": PUBLIC})
    site = Site(town)
    raw = "/callbacks/sms/tok_en-1/status?note=%E5%B7%B2%20x%2B"
    form = {"MessageSid": "SM" + "1" * 32, "MessageStatus": "delivered", "To": "+86154"}
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + raw, form)
    for headers, expected in (({"X-Twilio-Signature": signature}, 204), ({}, 403)):
        answer = site.app.test_client().post(
            raw, data=form, headers=headers, environ_overrides={"REQUEST_URI": raw}
        )
        assert answer.status_code == expected


def test_a_recording_that_is_not_there(site: Site) -> None:
    for path in ("/callbacks/voice/recordings/x.mp3", "/callbacks/none/recordings/x.mp3"):
        assert site.visitor().get(path).status_code == 404
