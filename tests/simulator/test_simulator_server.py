import json
import socket
from pathlib import Path

import pytest
import requests
from twilio.rest import Client

from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from tests.simulator.product import FROM, MovableClock, Product, play


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_it_listens_on_this_machine_only(host: str) -> None:
    simulator = Simulator(DEMO_ACCOUNTS)
    with pytest.raises(ValueError, match="this machine only"):
        simulator.start(host)
    simulator.stop()


def test_a_stopped_simulator_frees_its_port_and_stops_twice() -> None:
    simulator = Simulator(DEMO_ACCOUNTS)
    base_url = simulator.start("localhost")
    with requests.Session() as session:
        assert session.get(f"{base_url}/ledger", timeout=2).status_code == 200
        simulator.stop()
    simulator.stop()
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", int(base_url.rsplit(":", 1)[1])))


def test_a_taken_port_is_said(simulator: Simulator) -> None:
    second = Simulator(DEMO_ACCOUNTS)
    with pytest.raises(OSError, match="in use"):
        second.start(port=int(simulator.base_url.rsplit(":", 1)[1]))
    second.stop()


def test_unknown_addresses_are_answered_as_twilio_does(simulator: Simulator) -> None:
    [(sid, token)] = simulator.accounts.items()
    root = f"{simulator.base_url}/2010-04-01/Accounts/{sid}"
    missing = requests.get(f"{root}/Faxes.json", auth=(sid, token), timeout=2)
    assert (missing.status_code, missing.json()["code"]) == (404, 20404)
    wrong = requests.delete(f"{root}/Messages.json", auth=(sid, token), timeout=2)
    assert (wrong.status_code, wrong.json()["code"]) == (405, 20004)
    nobody = requests.get(f"{root}/Messages.json", timeout=2)
    assert (nobody.status_code, nobody.json()["code"]) == (401, 20003)


def test_the_ledger_is_shown(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    client.messages.create(to="+8615400000001", from_=FROM, body="寒冷")
    client.calls.create(to="+8615400000001", from_=FROM, url=f"{product.url}/voice")
    play(simulator, clock)
    shown = requests.get(f"{simulator.base_url}/ledger", timeout=2).json()
    assert set(shown) == {"messages", "calls", "calls_in", "refused", "inbound", "visits"}
    assert shown["messages"][0]["from"] == FROM
    assert shown["messages"][0]["created"] == "2026-01-20T12:00:00+00:00"
    assert shown["calls"][0]["pressed"][0]["digits"] == "1"


def test_the_ledger_is_kept_as_lines(tmp_path: Path, clock: MovableClock, product: Product) -> None:
    path = tmp_path / "ledger.jsonl"
    [(sid, token)] = DEMO_ACCOUNTS.items()
    with Simulator(DEMO_ACCOUNTS, clock=clock, ledger_path=path) as simulator:
        url = f"{simulator.base_url}/2010-04-01/Accounts/{sid}/Calls.json"
        twiml = "<Response><Say>寒冷</Say></Response>"
        form = {"To": "+8615400000001", "From": FROM, "Twiml": twiml}
        assert requests.post(url, form, auth=(sid, token), timeout=2).status_code == 201
        requests.post(url, {}, auth=(sid, token), timeout=2)
        play(simulator, clock)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines][:2] == ["accepted", "refused"]
    assert lines[0]["to"] == "+8615400000001"
