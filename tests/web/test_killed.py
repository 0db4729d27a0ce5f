"""The process is killed while it takes receipts: what it has answered 2xx is on disk."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Thread

import pytest
import requests
from sqlalchemy import select

from alertcast.simulator.webhooks import signature
from alertcast.store.schema import receipt
from tests.databases import DATA_KEY, KINDS, MovableDatabase, database
from tests.ports import free_port

TOKEN = "t" * 32
CONFIG = """\
[office]
name = "怀集县三防指挥部办公室"
short_name = "怀集三防"
check_number = "0758-5522000"

[database]
url = "{database}"

[web]
port = {port}
public_base_url = "http://127.0.0.1:{port}"

[sources.inbox]
type = "folder"
path = "inbox"

[channels.sms]
type = "twilio_sms"
account_sid = "AC00000000000000000000000000000000"
from_number = "+15005550006"
api_base_url = "http://127.0.0.1:1"
"""


@contextmanager
def serving(db: MovableDatabase, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `alertcast serve` until the block ends; it answers when it begins."""
    (folder / "inbox").mkdir()
    url = db.url.render_as_string(hide_password=False)
    file = folder / "alertcast.toml"
    file.write_text(CONFIG.format(database=url.replace("\\", "/"), port=port), "utf-8")
    env = os.environ | {
        "ALERTCAST_DATA_KEY": DATA_KEY,
        "ALERTCAST_SECRET_KEY": DATA_KEY,
        "TWILIO_AUTH_TOKEN": TOKEN,
    }
    command = [sys.executable, "-m", "alertcast", "--config", str(file), "serve"]
    with (folder / "log").open("wb") as said:
        process = subprocess.Popen(command, env=env, stdout=said, stderr=said)
        try:
            end = time.monotonic() + 60
            while not is_up(port):
                assert process.poll() is None, (folder / "log").read_text("utf-8")
                assert time.monotonic() < end
                time.sleep(0.05)
            yield process
        finally:
            process.kill()
            process.wait(10)


def is_up(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_answered_is_kept(tmp_path: Path, kind: str) -> None:
    port, numbers = free_port(), count()
    answered: list[str] = []

    def report() -> None:
        with requests.Session() as session:
            while True:
                token = f"tok-{next(numbers)}"
                url = f"http://127.0.0.1:{port}/callbacks/sms/{token}/status"
                form = {"MessageSid": "SM" + "1" * 32, "MessageStatus": "sent"}
                headers = {"X-Twilio-Signature": signature(TOKEN, url, form)}
                try:
                    answer = session.post(url, data=form, headers=headers, timeout=20)
                except requests.RequestException:
                    return
                assert answer.status_code == 204
                answered.append(token)

    with database(kind, tmp_path) as db:
        with serving(db, tmp_path, port) as process:
            threads = [Thread(target=report) for _ in range(16)]
            for thread in threads:
                thread.start()
            while len(answered) < 200:
                assert process.poll() is None
                time.sleep(0.001)
            process.kill()
            for thread in threads:
                thread.join()
        with db.read() as tx:
            kept = set(tx.execute(select(receipt.c.token)).scalars())
    assert set(answered) - kept == set()
