"""Broadcasts: how far each is, grid by grid and person by person; starting one, and stopping it."""

from typing import Annotated

from flask import abort
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.dispatch import desk
from alertcast.dispatch.repeated import SentBefore
from alertcast.dispatch.start import CanNotStart
from alertcast.store import broadcasts, grids, report_counts, report_people, reports, tasks
from alertcast.store.db import Tx
from alertcast.store.report_areas import areas_of, touches, towns_of
from alertcast.store.report_faces import Faces
from alertcast.store.report_facts import Progress as ProgressFacts
from alertcast.web import context
from alertcast.web.context import allow, me, now, world
from alertcast.web.v1.facts import (
    Broadcast,
    BroadcastPage,
    Callout,
    CalloutPage,
    Mode,
    Progress,
    Respondent,
    RespondentPage,
    Stopped,
)
from alertcast.web.v1.operation import Operations
from alertcast.web.v1.paging import Code, Piece
from alertcast.web.v1.problems import Fault, Refused

MOST_PLACES = 5000
"""Codes of one notice; a county is one code."""


class WantedBroadcasts(Piece):
    """Which broadcasts."""

    state: BroadcastState | None = None


class WantedCallouts(Piece):
    """Which grids of a broadcast."""

    state: CalloutState | None = None
    town: Annotated[Code | None, Field(description="Code of a town")] = None


class WantedPeople(Piece):
    """Which people of a broadcast."""

    state: Annotated[
        str | None,
        Field(
            pattern=f"^({'|'.join(report_people.STATES)})$",
            description=", ".join(report_people.STATES),
        ),
    ] = None


def _printable(text: str) -> str:
    if not text.strip() or any(not (one.isprintable() or one == "\n") for one in text):
        msg = "has to say something, in printable characters and line feeds"
        raise ValueError(msg)
    return text


class NewBroadcast(BaseModel):
    """An internal notice (内部通知), live or as a drill, in the office's own words.

    It carries no signal colour, and never the words of a signal unless the office is an authority.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode
    text: Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_printable)]
    places: Annotated[
        list[Code],
        Field(min_length=1, max_length=MOST_PLACES, description="Codes of grids, towns, counties"),
    ]
    again: Annotated[
        bool, Field(description="Send it although some of the grids were sent the same just now")
    ] = False
    night_why: Annotated[
        str,
        Field(max_length=200, description="Why a drill is to begin at night; else it is refused"),
        AfterValidator(_printable),
    ] = ""


def declare(api: Operations) -> None:
    """Declare the operations on broadcasts."""
    _declare_reading(api)
    _declare_people(api)
    _declare_doing(api)


def _declare_reading(api: Operations) -> None:
    @api.get("/broadcasts", BroadcastPage, query=WantedBroadcasts)
    def list_broadcasts(query: WantedBroadcasts) -> BroadcastPage:
        """List the broadcasts that touch the area, the newest first."""
        states = [query.state] if query.state else []
        with world().db.read() as tx:
            found = reports.status(
                tx, area=me().area, limit=query.limit + 1, states=states, before=query.after_id
            )
        items, more = query.of(found, lambda one: one["id"])
        return BroadcastPage(items=[Broadcast.of(one) for one in items], next=more)

    @api.get("/broadcasts/<int:broadcast_id>", Progress)
    def get_broadcast(broadcast_id: int) -> Progress:
        """Show how far a broadcast is, within the area of the token."""
        with world().db.read() as tx:
            return _progress(tx, broadcast_id)

    @api.get("/broadcasts/<int:broadcast_id>/callouts", CalloutPage, query=WantedCallouts)
    def list_callouts(broadcast_id: int, query: WantedCallouts) -> CalloutPage:
        """List the grids of a broadcast by code: who has answered first, and which wait."""
        with world().db.read() as tx:
            cells = _visible(tx, broadcast_id)["grid_list"]
        found = [
            one
            for one in sorted(cells, key=lambda one: one["code"])
            if query.state in (None, one["state"])
            and query.town in (None, one["town_code"])
            and one["code"] > (query.after_text or "")
        ]
        items, more = query.of(found, lambda one: one["code"])
        return CalloutPage(items=[Callout.of(one) for one in items], next=more)


def _declare_people(api: Operations) -> None:
    @api.get("/broadcasts/<int:broadcast_id>/respondents", RespondentPage, query=WantedPeople)
    def list_respondents(broadcast_id: int, query: WantedPeople) -> RespondentPage:
        """List the people of a broadcast: who was told, who answered. Masked."""
        with world().db.read() as tx:
            _visible(tx, broadcast_id)
            standing = report_people.standings(tx, broadcast_id, me().area)
            found = [
                one
                for one in sorted(standing, key=lambda one: one.person_id)
                if query.state in (None, one.state) and one.person_id > (query.after_id or 0)
            ]
            items, more = query.of(found, lambda one: one.person_id)
            faces = Faces(world().db.vault)
            shown = report_people.shown(tx, faces, broadcast_id, list(items))
        return RespondentPage(items=[Respondent.of(one) for one in shown], next=more)


def _declare_doing(api: Operations) -> None:
    @api.post("/broadcasts", Progress, action="start", body=NewBroadcast, status=201, refuses=[409])
    def start_broadcast(body: NewBroadcast, key: str) -> Progress:
        """Start an internal notice, or a drill, for grids, towns or counties.

        It begins at once, or waits for its undo window or for approval: see `state`.
        """
        with world().db.read() as tx:
            _allow_places(tx, body.places)
        try:
            broadcast_id, _ = desk.start_notice(
                world(),
                text=body.text,
                codes=body.places,
                user=me().name,
                mode=body.mode,
                key=key,
                now=now(),
                again=body.again,
                night_why=body.night_why.strip(),
            )
        except SentBefore as error:
            raise Refused(409, "sent_before", str(error)) from None
        except CanNotStart as error:
            raise Refused(409, "can_not_start", str(error)) from None
        context.desk().wake("")
        with world().db.read() as tx:
            return _progress(tx, broadcast_id)

    @api.post("/broadcasts/<int:broadcast_id>/stop", Stopped, action="stop", refuses=[409])
    def stop_broadcast(broadcast_id: int, key: str) -> Stopped:
        """Stop the calling (停止叫应). What has left can not be called back; it is no all-clear."""
        with world().db.read() as tx:
            _visible(tx, broadcast_id)
            allow("stop", towns_of(tx, broadcast_id))
        stopped = desk.cancel(world(), broadcast_id, me().name, now())
        with world().db.read() as tx:
            found = broadcasts.get(tx, broadcast_id)
            if found is None or found.state is not BroadcastState.CANCELLED:
                raise Refused(409, "is_over")
            gone = stopped.gone if stopped else tasks.left(tx, broadcast_id)
        dropped = stopped.dropped if stopped else 0
        return Stopped(id=broadcast_id, state=found.state, dropped=dropped, gone=gone)


def _visible(tx: Tx, broadcast_id: int) -> ProgressFacts:
    report = reports.progress(tx, broadcast_id, area=me().area)
    if report is None or not touches(tx, broadcast_id, me().area):
        abort(404)
    return report


def _progress(tx: Tx, broadcast_id: int) -> Progress:
    report = _visible(tx, broadcast_id)
    people = report_counts.count_people(tx, broadcast_id, me().area)
    is_open = [one for one in report["help_requests"] if one["closed_at"] is None]
    return Progress.of({**report, **report["broadcast"]}, people=people, help_open=len(is_open))


def _allow_places(tx: Tx, codes: list[str]) -> None:
    layer = grids.active_layer(tx)
    areas = areas_of(tx, layer["id"], codes) if layer else {}
    allow("start", areas.values() or [me().area])
    if layer is not None and (unknown := [code for code in codes if code not in areas]):
        faults = [Fault(pointer="/places", detail=f"{code} is not known") for code in unknown]
        raise Refused(422, "unknown_places", errors=faults)
