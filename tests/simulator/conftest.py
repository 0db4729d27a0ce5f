from collections.abc import Iterator

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from alertcast.simulator.people import People
from alertcast.simulator.server import Simulator
from tests.simulator.product import PEOPLE, SID, TOKEN, MovableClock, Product


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def product(clock: MovableClock) -> Iterator[Product]:
    product = Product(clock)
    yield product
    product.close()


@pytest.fixture
def simulator(clock: MovableClock, product: Product) -> Iterator[Simulator]:
    people = People(overrides=PEOPLE)
    inbound = f"{product.url}/inbound"
    simulator = Simulator({SID: TOKEN}, people, clock, inbound, webhook_timeout=0.3)
    with simulator:
        yield simulator


@pytest.fixture
def client(simulator: Simulator) -> Iterator[Client]:
    yield from sdk(simulator, TOKEN)


@pytest.fixture
def stranger(simulator: Simulator) -> Iterator[Client]:
    yield from sdk(simulator, "another token")


def sdk(simulator: Simulator, token: str) -> Iterator[Client]:
    http = TwilioHttpClient(timeout=2)
    http.session.trust_env = False
    client = Client(SID, token, http_client=http)
    client.api.base_url = simulator.base_url
    yield client
    http.session.close()
