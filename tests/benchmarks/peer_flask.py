"""The peer of receipts: a Flask view that checks the signature, updates a row, and commits.

It does less than ours: no raw receipt is kept, nothing is encrypted, and no task follows.
"""

import os

from flask import Flask, Response, request
from sqlalchemy import create_engine, event, text

from alertcast.simulator.webhooks import signature

app = Flask(__name__)
engine = create_engine(os.environ["BENCHMARK_DATABASE"])
base, token = os.environ["BENCHMARK_BASE"], os.environ["BENCHMARK_TOKEN"]
MOVE = text("UPDATE attempt SET state = :state, rank = 2 WHERE token = :token AND rank <= 2")

if engine.dialect.name == "sqlite":

    @event.listens_for(engine, "connect")
    def _prepare(connection, _record):  # type: ignore[no-untyped-def]
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}").close()


@app.post("/callbacks/<channel>/<attempt>/status")
def status(channel: str, attempt: str) -> Response:
    form = request.form.to_dict()
    if request.headers["X-Twilio-Signature"] != signature(token, base + request.path, form):
        return Response(status=403)
    with engine.begin() as tx:
        tx.execute(MOVE, {"state": form["MessageStatus"], "token": attempt})
    return Response(status=204)
