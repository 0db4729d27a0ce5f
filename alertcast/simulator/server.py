"""The simulator as one thing: a carrier and publishers behind one address on this machine.

with Simulator(accounts=DEMO_ACCOUNTS, inbound_url="http://127.0.0.1:8000/...") as simulator:
    ...  # simulator.base_url is what `api_base_url` of a Twilio channel is set to
"""

import logging
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType

from flask import Flask
from waitress import create_server

from alertcast.simulator.calls import CallBook
from alertcast.simulator.carrier import Carrier, answer_errors_as_twilio
from alertcast.simulator.control import control_pages
from alertcast.simulator.conversation import Conversation
from alertcast.simulator.faults import Faults
from alertcast.simulator.feeds.desk import Desk
from alertcast.simulator.feeds.formats import FORMATS
from alertcast.simulator.feeds.publisher import Publisher
from alertcast.simulator.gateway import GatewayDesk
from alertcast.simulator.ledger import Ledger
from alertcast.simulator.messages import SERVICE_NUMBER, MessageCentre
from alertcast.simulator.network import Network
from alertcast.simulator.people import Hearing, People
from alertcast.simulator.timeline import POLL, Clock, Timeline
from alertcast.simulator.webhooks import Webhooks

DEMO_ACCOUNTS: Mapping[str, str] = {"AC" + "d" * 32: "demo-token-for-loopback-only"}
"""Account SID and auth token of a simulator that nobody configured; they open nothing else."""


class Simulator:
    """A carrier that speaks Twilio's REST API, a plain gateway beside it, and publishers.

    Parameters
    ----------
    accounts
        Account SID to auth token.
    people
        Who owns the phones; None: the population of seed 0.
    clock
        Product time, aware, UTC; None: the machine's time. Call `wake` after moving it.
    inbound_url
        Loopback address to which people's texts are sent, signed; may be set later.
    voice_url
        Loopback address that is asked what to say to people who call; may be set later.
    ledger_path
        A file to which everything is appended as JSON lines.
    webhook_timeout
        Real seconds that the product has to answer; Twilio's limit is 15.
    workers
        How many requests to the product may be under way at once.
    threads
        How many requests are served at once; a hang (see faults) holds one.
    poll
        Longest real seconds between two looks at `clock`; None: `wake` is called at each move.
    """

    def __init__(
        self,
        accounts: Mapping[str, str],
        people: People | None = None,
        clock: Clock | None = None,
        inbound_url: str | None = None,
        *,
        voice_url: str | None = None,
        ledger_path: Path | None = None,
        webhook_timeout: float = 15.0,
        workers: int = 8,
        threads: int = 16,
        poll: float | None = POLL,
    ) -> None:
        self.accounts = accounts
        self.people = people or People()
        self.faults = Faults()
        self.ledger = Ledger(ledger_path)
        self.base_url = ""
        self._closing = threading.Event()
        self.publisher = Publisher(self.faults, self._closing)
        self._timeline = Timeline(clock, workers, poll=poll)
        self._webhooks = Webhooks(webhook_timeout, connections=workers + threads)
        self._threads = threads
        self._network = Network(
            accounts=accounts,
            people=self.people,
            timeline=self._timeline,
            webhooks=self._webhooks,
            ledger=self.ledger,
            faults=self.faults,
            inbound_url=inbound_url,
            voice_url=voice_url,
        )
        self._messages = MessageCentre(self._network)
        self._calls = CallBook(self._network)
        self.gateway = GatewayDesk(self._network, self._closing)
        self._pages = self._app()
        self._stop_serving: Callable[[], None] | None = None

    @property
    def inbound_url(self) -> str | None:
        """Where people's texts are sent; None: nowhere."""
        return self._network.inbound_url

    @inbound_url.setter
    def inbound_url(self, url: str | None) -> None:
        self._network.inbound_url = url

    @property
    def voice_url(self) -> str | None:
        """What is asked when people call; None: nothing."""
        return self._network.voice_url

    @voice_url.setter
    def voice_url(self, url: str | None) -> None:
        self._network.voice_url = url

    @property
    def feed_url(self) -> str:
        """The address of the Atom index, once started."""
        return self.base_url + FORMATS["atom"].rule

    def start(self, host: str = "127.0.0.1", port: int = 0, *, allow_remote: bool = False) -> str:
        """Serve in threads of its own; port 0 takes a free one. Returns the base URL.

        Raises
        ------
        ValueError
            `host` is no loopback address and `allow_remote` is not set.
        OSError
            The port is taken.
        """
        address = ip_address("127.0.0.1" if host == "localhost" else host)
        if not (address.is_loopback or allow_remote):
            raise ValueError(f"host {host}: the simulator listens on this machine only")
        port, self._stop_serving = _serve(self._pages, str(address), port, self._threads)
        self._timeline.start()
        shown = f"[{address}]" if address.version == 6 else str(address)
        self.base_url = f"http://{shown}:{port}"
        return self.base_url

    def stop(self) -> None:
        """Stop serving and calling; what was under way is ended. Stopping twice does nothing."""
        self._closing.set()
        self._timeline.stop()
        if self._stop_serving is not None:
            self._stop_serving()
            self._stop_serving = None
        self._webhooks.close()
        self.gateway.close()
        self.ledger.close()

    def pending(self, now: datetime) -> int:
        """Return how many events are due at or before `now` (product time) or under way."""
        return self._timeline.pending(now)

    def rest(self, now: datetime, patience: float) -> bool:
        """Wait until nothing is due at or before `now` (product time) or under way; say if so.

        `patience`: longest real seconds to wait.
        """
        return self._timeline.rest(now, patience)

    def next_due(self) -> datetime | None:
        """Return the product time of the next event; None: nothing will happen by itself."""
        return self._timeline.next_due()

    def wake(self) -> None:
        """Look at the clock again at once: to be called after it was moved."""
        self._timeline.wake()

    def call_in(self, phone: str, does: Hearing | None = None, to: str = SERVICE_NUMBER) -> None:
        """Let the person at `phone` (E.164) call the product's number `to`, now."""
        network, does = self._network, does or Hearing()
        Conversation.call_in(network, self._calls, phone, to, does, network.now())

    def text_in(self, phone: str, body: str, to: str = SERVICE_NUMBER) -> None:
        """Let the person at `phone` (E.164) send `body` to the product's number `to`, now."""
        account, now = next(iter(self.accounts)), self._network.now()
        self._timeline.at(now, lambda due: self._messages.text_in(account, phone, to, body, due))

    def __enter__(self) -> "Simulator":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _app(self) -> Flask:
        app = Flask(__name__, static_folder=None)
        carrier = Carrier(self._network, self._messages, self._calls, self._closing)
        app.register_blueprint(carrier.blueprint())
        app.register_blueprint(self.gateway.blueprint())
        app.register_blueprint(self.publisher.blueprint())
        app.register_blueprint(Desk(self.publisher, self._network.now).blueprint())
        app.register_blueprint(control_pages(self.ledger, self.faults))
        answer_errors_as_twilio(app)
        return app


def run_alone(simulator: Simulator, host: str, port: int, stopped: threading.Event) -> None:
    """Serve until `stopped` is set or Ctrl-C is pressed: what `alertcast simulator` does.

    A simulator that was started already is not started again, so that the caller can first say
    what its `base_url` is. Raises as `Simulator.start` does.
    """
    if not simulator.base_url:
        simulator.start(host, port)
    try:
        stopped.wait()
    except KeyboardInterrupt:
        stopped.set()
    finally:
        simulator.stop()


def _serve(app: Flask, host: str, port: int, threads: int) -> tuple[int, Callable[[], None]]:
    """Serve `app` in a thread; return the port, and what ends it and frees every socket."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a burst of creates is ordinary
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family)
    server = create_server(
        app.wsgi_app,
        sockets=[listener],
        threads=threads,
        ident=None,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=True,
        connection_limit=1000,
    )
    thread = threading.Thread(target=server.run, name="simulator-http", daemon=True)
    thread.start()

    def close_all() -> None:
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        server.close()

    def stop() -> None:
        server.task_dispatcher.shutdown()
        with suppress(OSError):  # a request that ended just now has let it run, and all is closed
            server.trigger.pull_trigger(close_all)  # by the thread that owns the sockets
        thread.join(timeout=5)

    return int(server.effective_port), stop
