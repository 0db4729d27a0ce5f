"""Alerts: which are in force, what they say unaltered, and why each was, or was not, told."""

from typing import Literal

from flask import abort

from alertcast.dispatch import explain
from alertcast.store import report_alerts
from alertcast.web.context import world
from alertcast.web.v1.alert_facts import Alert, AlertPage, Explained
from alertcast.web.v1.operation import Operations
from alertcast.web.v1.paging import Piece


class Wanted(Piece):
    """Which alerts."""

    standing: Literal["in_force", "superseded", "ended", "expired"] | None = None


def declare(api: Operations) -> None:
    """Declare the operations on alerts."""

    @api.get("/alerts", AlertPage, query=Wanted)
    def list_alerts(query: Wanted) -> AlertPage:
        """List alerts, the newest first.

        Those in force: `standing=in_force`. Alerts are official and for everybody: they are not
        limited to the area of the token.
        """
        with world().db.read() as tx:
            found = report_alerts.warnings(
                tx, query.limit + 1, before=query.after_id, standing=query.standing
            )
        items, more = query.of(found, lambda one: one["alert_id"])
        return AlertPage(items=[Alert.of(one) for one in items], next=more)

    @api.get("/alerts/<int:alert_id>", Alert)
    def get_alert(alert_id: int) -> Alert:
        """Show one alert, unaltered, and what was decided on it."""
        with world().db.read() as tx:
            found = report_alerts.warning(tx, alert_id)
        if found is None:
            abort(404)
        return Alert.of(found)

    @api.get("/alerts/<int:alert_id>/explain", Explained)
    def explain_alert(alert_id: int) -> Explained:
        """Say why an alert was, or was not, told."""
        with world().db.read() as tx:
            found = explain.explain(world(), tx, alert_id)
        if found is None:
            abort(404)
        return Explained.of(found, alert=found["warning"])
