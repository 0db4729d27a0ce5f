"""What can not be kept is not answered 2xx: the provider hears 503, comes again, and is heard."""

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from alertcast.channels.base import Callback
from alertcast.dispatch import receive
from alertcast.dispatch.depth import COUNTED_EVERY, Depth
from alertcast.store.db import Database
from alertcast.web import create_app
from tests.databases import out_of_reach
from tests.stories.town import EAST_LEADER, IN_EAST, Town
from tests.web.site import Site
from tests.web.test_callbacks import post


def post_to(town: Town, db: Database, callback: Callback) -> TestResponse:
    app = create_app(replace(town.world, db=db), lambda: town.now, secret_key="secret")
    path = callback.url.removeprefix("http://127.0.0.1")
    form = {key: list(values) for key, values in callback.form.items()}
    return app.test_client().post(path, data=form, headers=dict(callback.headers))


@pytest.mark.parametrize(("what", "said"), [("status", {"word": "busy"}), ("keys", {"key": "1"})])
def test_while_the_database_is_out_of_reach(
    site: Site, town: Town, what: str, said: dict[str, str]
) -> None:
    town.warn(over=IN_EAST, level="red")
    token = next(r.token for r in town.voice.outbox if r.phone == EAST_LEADER)
    callback = town.voice.callback(what, token, **said)
    with out_of_reach(town.db) as gone:
        answer = post_to(town, gone, callback)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert town.states() == {"东村": "open"}
    assert town.requests(EAST_LEADER, "voice") == ["accepted"]
    assert post(site, callback).status_code in (200, 204)
    town.tick()
    assert (what, town.states(), town.requests(EAST_LEADER, "voice")) in (
        ("status", {"东村": "open"}, ["busy"]),
        ("keys", {"东村": "answered"}, ["accepted"]),
    )


def test_a_forged_one_is_never_believed_however_the_database_is(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    real = town.voice.callback("keys", town.voice.outbox[0].token, key="1")
    with out_of_reach(town.db) as gone:
        assert post_to(town, gone, replace(real, form={"key": ["2"]})).status_code == 503
    assert post(site, replace(real, form={"key": ["2"]})).status_code == 403
    assert (town.states(), town.help_requests()) == ({"东村": "open"}, [])


def test_when_too_many_receipts_wait_the_provider_comes_again_and_people_do_not(town: Town) -> None:
    town.configure(dispatch={"receipts_most": 2})
    site = Site(town)
    town.warn(over=IN_EAST, level="red")
    call = next(r.token for r in town.voice.outbox if r.phone == EAST_LEADER)
    words = [
        town.sms.callback("status", town.sms.outbox[0].token, word=word)
        for word in ("queued", "sent", "delivered")
    ]
    for callback in words:
        receive.receive(town.world, callback, town.now)
    assert post(site, words[2]).status_code == 503
    assert post(site, town.voice.callback("keys", call, key="1")).status_code == 200
    assert town.states() == {"东村": "answered"}
    town.tick()
    assert town.receipts(town.sms.outbox[0].phone)[:1] == [("queued", "repeated")]


def test_how_many_wait_is_counted_once_a_second(town: Town) -> None:
    town.configure(dispatch={"receipts_most": 1})
    town.warn(over=IN_EAST)
    depth, world = Depth(), town.world
    assert not depth.is_too_deep(world, 0.0)
    for _ in range(2):
        callback = town.sms.callback("status", town.sms.outbox[0].token, word="sent")
        receive.receive(world, callback, town.now)
    assert not depth.is_too_deep(world, COUNTED_EVERY / 2)
    assert depth.is_too_deep(world, COUNTED_EVERY)
    receive.apply_kept(world, town.now)
    assert depth.is_too_deep(world, 1.5 * COUNTED_EVERY)
    assert not depth.is_too_deep(world, 2.0 * COUNTED_EVERY)
