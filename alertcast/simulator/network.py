"""What messages and calls have in common: the clock, the people, the book, and status callbacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from alertcast.simulator.faults import Fault, Faults, Stage
from alertcast.simulator.ledger import Ledger
from alertcast.simulator.people import People
from alertcast.simulator.timeline import Timeline
from alertcast.simulator.webhooks import Webhooks

API_VERSION = "2010-04-01"

Form = Mapping[str, str]


@dataclass(slots=True)
class Network:
    """The one telephone network that a simulator is. `inbound_url` may be set at any time."""

    accounts: Mapping[str, str]  # account SID to auth token
    people: People
    timeline: Timeline
    webhooks: Webhooks
    ledger: Ledger
    faults: Faults
    inbound_url: str | None = None  # where people's texts are sent; None: nobody hears them
    voice_url: str | None = None  # which is asked what callers hear; None: nobody answers them

    def now(self) -> datetime:
        """Return the product's time."""
        return self.timeline.clock()

    def receipts(self, account: str, kind: str, url: str | None) -> "Receipts":
        """Return the way in which one message or call (`kind`) reports to `url`."""
        fault = self.faults.strike(Stage.RECEIPT, kind)
        return Receipts(self, account, url, fault)


@dataclass(slots=True)
class Receipts:
    """The status callbacks of one message or call, and what goes wrong with them."""

    network: Network
    account: str
    url: str | None  # None: nobody asked for callbacks
    fault: Fault | None
    _held: list[Form] = field(default_factory=list)

    @property
    def are_early(self) -> bool:
        """Say whether the first ones go out before the create is answered."""
        return self.fault is not None and self.fault.fault == "receipts_early"

    def tell(self, form: Form, due: datetime, *, is_last: bool) -> None:
        """Report `form`, which became true at `due` (product time); `is_last`: nothing follows."""
        if self.url is None:
            return
        match self.fault.fault if self.fault else None:
            case "receipts_none":
                return
            case "receipts_twice":
                self._send(form)
                self._send(form)
            case "receipts_late" if self.fault:
                late = due + timedelta(seconds=self.fault.seconds)
                self.network.timeline.at(late, lambda _: self._send(form))
            case "receipts_reversed":
                self._held.append(form)
                if is_last:
                    for held in reversed(self._held):
                        self._send(held)
            case "receipts_forged":
                self._send(form, is_forged=True)
            case _:
                self._send(form)

    def _send(self, form: Form, *, is_forged: bool = False) -> None:
        if self.url is None:
            return
        network, sid = self.network, form.get("CallSid") or form["MessageSid"]
        token = "not the token of this account" if is_forged else network.accounts[self.account]
        answer = network.webhooks.send(self.url, form, token)
        if not answer.is_good and not is_forged:
            what = f"answered {answer.status}" if answer.status else "gave no answer"
            network.ledger.note(sid, 11200, f"the status callback {what}", network.now())


def rfc2822(moment: datetime | None) -> str | None:
    """Return `moment` (aware, UTC) as Twilio writes dates: to the second; None stays None."""
    return None if moment is None else format_datetime(moment)
