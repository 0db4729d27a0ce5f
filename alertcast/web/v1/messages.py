"""Messages: which there are, and the story of one, attempt by attempt and receipt by receipt."""

from typing import Annotated, Literal

from flask import abort
from pydantic import Field

from alertcast.core.task import TaskState
from alertcast.store import report_messages
from alertcast.store.report_faces import Faces
from alertcast.web.context import me, world
from alertcast.web.v1.message_facts import Message, MessagePage, Story
from alertcast.web.v1.operation import Operations
from alertcast.web.v1.paging import Code, Piece

LARGEST = 10**18 - 1


class Wanted(Piece):
    """Which messages."""

    broadcast: Annotated[int | None, Field(ge=1, le=LARGEST, description="Its id")] = None
    person: Annotated[int | None, Field(ge=1, le=LARGEST, description="Its id")] = None
    grid: Annotated[Code | None, Field(description="Code of a grid")] = None
    state: TaskState | None = None
    kind: Literal["sms", "voice", "robot", "manual"] | None = None


def declare(api: Operations) -> None:
    """Declare the operations on messages."""

    @api.get("/messages", MessagePage, query=Wanted)
    def list_messages(query: Wanted) -> MessagePage:
        """List messages about the area, the newest first. Masked."""
        wanted = report_messages.Wanted(
            broadcast_id=query.broadcast,
            people=() if query.person is None else (query.person,),
            state=query.state or "",
            kind=query.kind or "",
            grid_code=query.grid or "",
            area=me().area,
            before=query.after_id,
        )
        with world().db.read() as tx:
            found = report_messages.found(tx, Faces(world().db.vault), wanted, query.limit + 1)
        items, more = query.of(found, lambda one: one["id"])
        return MessagePage(items=[Message.of(one) for one in items], next=more)

    @api.get("/messages/<int:task_id>", Story)
    def get_message(task_id: int) -> Story:
        """Tell the story of one message: attempts, and what the provider said of each. Masked."""
        with world().db.read() as tx:
            found = report_messages.story(tx, Faces(world().db.vault), task_id, area=me().area)
        if found is None:
            abort(404)
        return Story.of(found)
