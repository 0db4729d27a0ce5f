"""Grids of the layer in use, and whether all is well: what a system asks before it starts one."""

from typing import Annotated

from pydantic import Field

from alertcast.dispatch.watch import first_page
from alertcast.store import grids, report_areas
from alertcast.web.context import me, now, world
from alertcast.web.health import readiness
from alertcast.web.v1.facts import Grid, GridPage, Health
from alertcast.web.v1.operation import Operations
from alertcast.web.v1.paging import Code, Piece


class Wanted(Piece):
    """Which grids."""

    place: Annotated[Code | None, Field(description="Code of a county, a town or a grid")] = None


def declare(api: Operations) -> None:
    """Declare the operations on places and health."""

    @api.get("/grids", GridPage, query=Wanted)
    def list_grids(query: Wanted) -> GridPage:
        """List the grids of the layer in use that lie in the area, by code."""
        with world().db.read() as tx:
            layer = grids.active_layer(tx)
            found = (
                report_areas.grids_in(
                    tx,
                    layer["id"],
                    me().area,
                    place=query.place or "",
                    after=query.after_text or "",
                    limit=query.limit + 1,
                )
                if layer
                else []
            )
        items, more = query.of(found, lambda one: one["code"])
        return GridPage(items=[Grid.of(one) for one in items], next=more)

    @api.get("/health", Health)
    def get_health() -> Health:
        """Say whether warnings are told, and what is red in the area."""
        checks = readiness(world())
        with world().db.read() as tx:
            found = first_page(world(), tx, now(), me().area)
        return Health.of(
            found,
            is_ready=all(checks.values()),
            checks=checks,
            warnings=len(found["warnings"]),
            running=len(found["running"]),
            approvals=len(found["approvals"]),
            held=len(found["held"]),
            help_open=len(found["help_open"]),
            unreached=sum(one["grids"] for one in found["unreached"]),
            failing=[one["name"] for one in found["failing"]],
            stopped=sorted(found["stopped"]),
        )
