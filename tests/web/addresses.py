"""Every address of the pages as a test can ask it: what stands for its parts, a form that works.

A new address is found by itself. One with a part that is not in PARTS, or that takes a form and is
not in FORMS, makes the walk fail until it is written down here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pyotp
from flask import Flask
from werkzeug.routing import Rule as Route

from alertcast.core.response import Response
from alertcast.core.roster import Station
from alertcast.core.shift import Seat, Shift
from alertcast.core.token import new_secret
from alertcast.core.upload import UploadKind
from alertcast.dispatch import (
    by_hand,
    call_list,
    drill_plan,
    glass,
    handover,
    respond,
    shift_plan,
    upload_work,
    uploads,
)
from alertcast.dispatch.preview import preview
from alertcast.store import people, second_factors, stations, tokens, users
from alertcast.store import uploads as uploads_kept
from alertcast.web.rules import Rule, rules
from tests.stories.published import Warned, cap, info
from tests.stories.town import (
    COUNTY,
    COUNTY_DESK,
    EAST,
    EAST_LEADER,
    IN_EAST,
    NEXT_TOWN,
    TOWN,
    Town,
)
from tests.web.site import PASSWORD, Disk

PARTS: dict[str, object] = {
    "response_id": 1,
    "broadcast_id": 1,
    "task_id": 1,
    "person_id": 1,
    "code": EAST,
    "alert_id": 1,
    "help_id": 1,
    "quarantine_id": 1,
    "name": "sms",
    "token_id": 1,
    "shift_id": 1,
    "user_id": 1,
    "handover_id": 1,
    "drill_id": 1,
    "layer_id": 1,
    "upload_id": 1,
    "kind": "csv",
    "what": "grids",
}
"""What stands for a part of an address in the stories below."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address as it is asked with one method."""

    route: str
    path: str
    method: str
    rule: Rule

    @property
    def action(self) -> str:
        """Return the action that asking it is."""
        return self.rule.action(self.method)


def addresses(app: Flask, **parts: object) -> Iterator[Address]:
    """Yield every address that somebody must be logged in for; `parts` replaces some of PARTS."""
    known, parts = rules(app), PARTS | parts
    for route in app.url_map.iter_rules():
        rule = known[route.endpoint]
        for method in sorted((route.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            if not rule.why_open and rule.by == "log-in":  # of the API: tests/web/v1/test_walk.py
                yield Address(route.rule, _path(app, route, parts), method, rule)


def _path(app: Flask, route: Route, parts: Mapping[str, object]) -> str:
    unknown = route.arguments - parts.keys()
    assert not unknown, f"{route.rule}: say in PARTS what stands for {sorted(unknown)}"
    named = {name: parts[name] for name in route.arguments}
    return app.url_map.bind("localhost").build(route.endpoint, named)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that does something, and the story it is sent in."""

    fields: Callable[[Town], dict[str, Any]] = field(default=lambda town: {})
    story: Callable[[Town], None] = field(default=lambda town: _warn(town))
    area: str = COUNTY  # of somebody who may
    elsewhere: tuple[str, ...] = ("441225", NEXT_TOWN)  # of those who may not
    is_kept: bool = True  # what it does is in the database; else in the session alone
    parts: Mapping[str, object] = field(default_factory=dict)  # where they differ from PARTS


def story_of_a_night(town: Town) -> None:
    """Let there be one of everything that a page can show."""
    town.warn(level="red")
    town.press("2", EAST_LEADER)
    town.publish("<alert>")
    _handed_over(town)
    _planned(town)
    sent(town)


def _warn(town: Town) -> None:
    town.warn()


def _wait_for_approval(town: Town) -> None:
    town.limit_people_quietly(1)
    town.warn()


def _wait_for_an_officer(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    town.warn()


def _end_that_names_nothing(town: Town) -> None:
    town.lift(None)  # alert 1
    town.warn()


def _contradicted(town: Town) -> None:
    warned = Warned("any-1", town.now)  # alert 1
    for source, level in (("inbox", "orange"), ("second", "blue")):
        town.publish(cap(warned, info(town.now, IN_EAST, level)), source)


def _written_list(town: Town) -> None:
    town.configure(call_list={"folder": str(town.folder / "lists")})
    town.warn()
    call_list.write_due(town.world, town.now)


def _person(town: Town) -> dict[str, Any]:
    return {"person_id": town._person(EAST_LEADER), "outcome": "1", "sure": "yes"}


def _token(town: Town) -> None:
    with town.db.write() as tx:
        tokens.add(
            tx,
            "平台",
            secret=new_secret(),
            role="viewer",
            area=COUNTY,
            user="admin",
            now=town.now,
            expires_at=town.now + timedelta(days=365),
        )


def _user_of_the_county(town: Town) -> None:
    with town.db.write() as tx:
        users.add(tx, "li", "", "viewer", COUNTY, town.now)  # user 1


def _station(town: Town) -> None:
    found = Station("S1", "东村驿站", EAST, "陈某", "+8613800000061", "全天", True)
    with town.db.write() as tx:
        roster = people.active_roster(tx)
        assert roster is not None
        stations.replace(tx, town.db.vault, roster["id"], [found])


def _why(town: Town) -> dict[str, Any]:
    return {"why": "打电话叫应"}


def _wait_for_a_second_person(town: Town) -> None:
    town.need_a_second_person(1)
    town.notice("今晚降温", TOWN, NEXT_TOWN)


def _begin_alone(town: Town) -> None:
    _wait_for_a_second_person(town)
    glass.break_glass(town.world, 1, "wang", "来不及", town.now)


def _written(town: Town) -> dict[str, Any]:
    wish: dict[str, Any] = {"text": "今晚降温", "codes": [TOWN], "mode": "live"}
    with town.db.read() as tx:
        new = by_hand.of_notice(town.world, tx, **wish, user="", key="", now=town.now)
        seen = preview(town.world, tx, new, town.now).seen
    return wish | {"codes": TOWN, "seen": seen, "sure": "yes"}


def _looked_at(town: Town) -> dict[str, Any]:
    with town.db.read() as tx:
        new, _ = by_hand.of_alert(
            town.world, tx, 1, user="", mode="live", key="", now=town.now, only=[TOWN, NEXT_TOWN]
        )
        seen = preview(town.world, tx, new, town.now).seen
    places = {"place": [TOWN, NEXT_TOWN]}
    return {"mode": "live", "seen": seen, "word": "怀集县", **places}


def _on_duty(town: Town) -> None:
    begin = town.now + timedelta(hours=1)
    one = Shift(COUNTY, Seat.DESK, "p0051", begin, begin + timedelta(hours=8))
    shift_plan.bring_in(town.world, [one], "li", town.now)


def _drill(town: Town) -> dict[str, Any]:
    return {"text": "防冻演练", "codes": TOWN, "date": "2026-12-27", "at": "10:00"}


def _planned(town: Town) -> None:
    drill_plan.schedule(
        town.world,
        text="防冻演练",
        codes=[TOWN],
        starts_at=town.now + timedelta(hours=20),
        user="wang",
        key="k1",
        now=town.now,
    )


def _handed_over(town: Town) -> None:
    handover.hand_over(town.world, COUNTY, "注意冷坑镇", "zhang", town.now)


def _table(town: Town) -> dict[str, Any]:
    table = f"日期,开始,结束,地区,值班员\n2026-12-27,08:00,20:00,{COUNTY},p0051\n"
    return {"file": (BytesIO(table.encode()), "duty.csv"), "what": "import"}


def _shift(town: Town) -> dict[str, Any]:
    who = f"{COUNTY}:{town._person(COUNTY_DESK)}"
    hours = {"date": "2026-12-27", "from": "08:00", "to": "20:00"}
    return {"who": who, "seat": "desk", **hours}


def _code(town: Town) -> dict[str, Any]:
    with town.db.write() as tx:
        found = users.by_name(tx, "near")
        assert found is not None
        secret = second_factors.offer(tx, town.db.vault, found[0].id)
        return {"code": pyotp.TOTP(secret).at(town.db.real_now(tx))}


ROWS = f"姓名,手机号,岗位,责任区编码\n赵六,13800000077,副书记,{EAST}\n"
SPOILT = f"{ROWS}钱七,138,村长,E99\n"


def sent(town: Town, text: str = SPOILT) -> int:
    """Send a roster to the page, and let it be looked at."""
    taken = uploads.take(
        town.world,
        UploadKind.ROSTER,
        "people.csv",
        "town",
        text.encode(),
        options={},
        by="admin",
        now=town.now,
    )
    assert isinstance(taken, int), taken
    upload_work.work(town.world, taken, lambda: town.now)
    return taken


def _confirmed(town: Town) -> dict[str, Any]:
    with town.db.read() as tx:
        found = uploads_kept.get(tx, 1)
        assert found is not None
    return {"seen": found.seen, "skip_bad": "yes", "allow_removals": "yes"}


DECIDED = {
    "kind": "freeze",
    "level": "IV",
    "area": COUNTY,
    "office": "怀集县三防指挥部",
    "document": "怀三防2026-3号",
    "at": "2026-12-26T17:20",
}


def _respond(town: Town) -> None:
    one = Response("freeze", "IV", COUNTY, "怀集县", "三防指挥部", "1号", town.now)
    respond.begin(town.world, one, "wang", town.now)


EVERYWHERE: dict[str, Any] = {"area": "", "elsewhere": (COUNTY,)}
"""Of a form that is about no place: only somebody without an area may send it."""


def _with_drill_channels(town: Town) -> None:
    town.add_drill_channels()


FORMS: dict[str, Form] = {
    "/roster/confirm": Form(
        lambda town: {"kind": "sms", "sure": "yes"}, _with_drill_channels, **EVERYWHERE
    ),
    "/configuration/reload": Form(lambda town: {"digest": Disk().on_disk().digest}, **EVERYWHERE),
    "/broadcasts/<int:broadcast_id>/stop": Form(),
    "/broadcasts/<int:broadcast_id>/people/<int:person_id>/call": Form(),
    "/broadcasts/<int:broadcast_id>/skip": Form(lambda town: {"code": EAST, "rung": 0}),
    "/broadcasts/<int:broadcast_id>/grids/<code>/add": Form(
        lambda town: {"name": "老陈", "phone": "13900000077", "sure": "yes"}
    ),
    "/broadcasts/<int:broadcast_id>/correct": Form(lambda town: {"fault": "area"}),
    "/broadcasts/<int:broadcast_id>/approve": Form(
        lambda town: {"sure": "yes"},
        story=_wait_for_approval,
        parts={"broadcast_id": 2},  # 1: the leader is asked
    ),
    "/broadcasts/<int:broadcast_id>/numbers": Form(_why, elsewhere=("441225",), is_kept=False),
    "/broadcasts/<int:broadcast_id>/call-list": Form(
        lambda town: {"county": COUNTY, "form": "csv"}, _written_list
    ),
    "/broadcasts/<int:broadcast_id>/record": Form(
        lambda town: {"form": "csv"}, elsewhere=("441225",)
    ),
    "/broadcasts/<int:broadcast_id>/answer": Form(_person),
    "/broadcasts/<int:broadcast_id>/relay": Form(_person),
    "/messages": Form(lambda town: {"number": EAST_LEADER}, elsewhere=()),
    "/help/<int:help_id>/close": Form(lambda town: {"done": "已派车"}, story_of_a_night),
    "/manual/numbers": Form(_why, elsewhere=(), is_kept=False),
    "/alerts/<int:alert_id>/start": Form(lambda town: _looked_at(town), _wait_for_an_officer),
    "/broadcasts/<int:broadcast_id>/break-glass": Form(
        lambda town: {"why": "来不及"}, _wait_for_a_second_person
    ),
    "/broadcasts/<int:broadcast_id>/seen": Form(story=_begin_alone),
    "/alerts/<int:alert_id>/dismiss": Form(
        lambda town: {"why": "测试"}, _end_that_names_nothing, **EVERYWHERE
    ),
    "/alerts/<int:alert_id>/note": Form(lambda town: {"until": 99}, _contradicted, **EVERYWHERE),
    "/alerts/<int:alert_id>/lift": Form(
        lambda town: {"lifted": 2, "sure": "yes"}, _end_that_names_nothing, **EVERYWHERE
    ),
    "/alerts/<int:alert_id>/confirm-end": Form(
        lambda town: {
            "said_by": "气象台",
            "document": "电话核实",
            "sure": "yes",
            "at": f"{town.now.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%dT%H:%M}",
        },
        **EVERYWHERE,
    ),
    "/quarantine/<int:quarantine_id>/retry": Form(story=story_of_a_night, **EVERYWHERE),
    "/channels/<name>/restart": Form(**EVERYWHERE),
    "/tokens": Form(lambda town: {"name": "平台", "role": "viewer", "area": COUNTY, "days": 30}),
    "/tokens/<int:token_id>/revoke": Form(story=_token),
    "/duty": Form(_shift),
    "/duty/numbers": Form(_why, elsewhere=(), is_kept=False),
    "/duty/table": Form(_table),
    "/duty/<int:shift_id>/remove": Form(lambda town: {"sure": "yes"}, _on_duty),
    "/users": Form(lambda town: {"name": "li", "role": "viewer", "area": COUNTY, "sure": "yes"}),
    "/users/<int:user_id>": Form(
        lambda town: {"do": "disable", "sure": "yes"}, _user_of_the_county, parts={"user_id": 1}
    ),
    "/channels/<name>/try": Form(
        lambda town: {"number": EAST_LEADER, "sure": "yes"}, lambda town: None, **EVERYWHERE
    ),
    "/sources/<name>/poll": Form(
        lambda town: {"sure": "yes"}, lambda town: None, parts={"name": "inbox"}, **EVERYWHERE
    ),
    "/audit/verify": Form(**EVERYWHERE),
    "/stations/numbers": Form(_why, elsewhere=(), is_kept=False),
    "/stations/tonight": Form(lambda town: {"code": "S1", "said": "open", "sure": "yes"}, _station),
    "/drills": Form(_drill),
    "/drills/<int:drill_id>/cancel": Form(lambda town: {"sure": "yes"}, _planned),
    "/duty/log": Form(lambda town: {"text": "已电话核实"}, elsewhere=()),
    "/duty/handover": Form(lambda town: {"text": "注意冷坑镇"}, elsewhere=()),
    "/duty/handover/<int:handover_id>/accept": Form(story=_handed_over),
    "/start/notice": Form(lambda town: _written(town)),
    "/account/password": Form(
        lambda town: {"old": PASSWORD, "new": "new in January", "again": "new in January"},
        elsewhere=(),
    ),
    "/account/log-out-elsewhere": Form(elsewhere=()),
    "/account/code/offer": Form(elsewhere=()),
    "/account/code/confirm": Form(lambda town: _code(town), elsewhere=()),
    "/account/code/remove": Form(lambda town: {"old": PASSWORD}, elsewhere=(), is_kept=False),
    "/response": Form(lambda town: DECIDED),
    "/response/<int:response_id>/end": Form(lambda town: DECIDED, _respond),
    "/uploads": Form(
        lambda town: {"kind": "roster", "name": "x", "file": (BytesIO(ROWS.encode()), "x.csv")},
        **EVERYWHERE,
    ),
    "/uploads/<int:upload_id>/check": Form(story=sent, **EVERYWHERE),
    "/uploads/<int:upload_id>/apply": Form(_confirmed, sent, **EVERYWHERE),
    "/uploads/<int:upload_id>/discard": Form(story=sent, **EVERYWHERE),
    "/logout": Form(elsewhere=()),
}
"""By route, for each that takes a form from somebody who is logged in."""
