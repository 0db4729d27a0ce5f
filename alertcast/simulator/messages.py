"""Text messages: taken, sent, delivered or not, and perhaps answered by their reader.

Source: twilio.com/docs/messaging/api/message-resource and the guide to outbound status callbacks.
Receipts: `sent`, then `delivered` or `undelivered`; `sent` may be the last word.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alertcast.simulator.errors import MAGIC_FROM_SMS, MAGIC_TO_SMS, Refusal
from alertcast.simulator.ledger import Accepted, Inbound
from alertcast.simulator.network import API_VERSION, Network, Receipts, rfc2822
from alertcast.simulator.numbers import check_address, check_from, check_to
from alertcast.simulator.people import Reading
from alertcast.simulator.reader import link_in, press, preview
from alertcast.simulator.resources import Shelf
from alertcast.simulator.timeline import real_time

LONGEST = 1600
"""Most characters in a body."""

PREVIEWED = 1.0
"""Product seconds after the last receipt until a telephone has fetched a link by itself."""

SERVICE_NUMBER = "+15005550006"
"""The sender that a messaging service chooses."""


@dataclass(slots=True)
class Message:
    """One message as the API shows it."""

    sid: str
    account: str
    to: str
    from_: str | None
    service: str | None
    body: str
    status: str
    created: datetime  # product time
    updated: datetime
    sent: datetime | None = None
    code: int | None = None
    direction: str = "outbound-api"
    born: float = field(default_factory=time.monotonic)

    def as_json(self) -> dict[str, object]:
        """Return the Message resource."""
        uri = f"/{API_VERSION}/Accounts/{self.account}/Messages/{self.sid}"
        return {
            "account_sid": self.account,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": rfc2822(self.created),
            "date_sent": rfc2822(self.sent),
            "date_updated": rfc2822(self.updated),
            "direction": self.direction,
            "error_code": self.code,
            "error_message": None if self.code is None else f"Error {self.code}",
            "from": self.from_,
            "messaging_service_sid": self.service,
            "num_media": "0",
            "num_segments": "0" if self.from_ is None else str(segments(self.body)),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }

    def moment(self, name: str) -> datetime | None:
        """Return the date that the filter `name` asks about."""
        return self.sent if name == "DateSent" else None


def segments(body: str) -> int:
    """Return how many parts `body` is sent in: 70, then 67 UTF-16 units each; ASCII 160 and 153."""
    if body.isascii():
        units, alone, part = len(body), 160, 153
    else:
        units, alone, part = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if units <= alone else -(-units // part)


class MessageCentre:
    """Takes messages, and plays what becomes of them."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.shelf: Shelf[Message] = Shelf("Messages")

    def create(self, account: str, form: Mapping[str, str]) -> Message:
        """Take a message; raises Refusal. Its receipts begin, early ones before this returns."""
        self._check(form)
        to, now = form["To"], self._network.now()
        service = form.get("MessagingServiceSid") or None
        reading = self._network.people.of(to).sms
        if reading.refused is not None:
            raise Refusal(reading.refused)
        message = Message(
            sid="SM" + secrets.token_hex(16),
            account=account,
            to=to,
            from_=form.get("From") or None,
            service=service,
            body=form.get("Body", ""),
            status="accepted" if service else "queued",
            created=now,
            updated=now,
        )
        self._keep(message, form)
        receipts = self._network.receipts(account, "message", form.get("StatusCallback"))
        _Delivery(self, self._network, message, reading, receipts).begin()
        return message

    def text_in(self, account: str, phone: str, to: str, body: str, at: datetime) -> None:
        """Let the person at `phone` send `body` to the number `to` at `at` (product time)."""
        network = self._network
        sid = "SM" + secrets.token_hex(16)
        self.shelf.add(
            Message(sid, account, to, phone, None, body, "received", at, at, at, None, "inbound")
        )
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": account,
            "From": phone,
            "To": to,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": str(segments(body)),
            "SmsStatus": "received",
            "ApiVersion": API_VERSION,
        }
        answer = None
        if network.inbound_url is not None:
            answer = network.webhooks.send(network.inbound_url, form, network.accounts[account])
        status = answer.status if answer else None
        network.ledger.receive(Inbound(sid, phone, to, body, at, status))

    def _check(self, form: Mapping[str, str]) -> None:
        sender, body = form.get("From", ""), form.get("Body", "")
        check_to(form.get("To", ""), MAGIC_TO_SMS, missing=21604)
        if sender:
            check_from(sender, MAGIC_FROM_SMS)
        elif not form.get("MessagingServiceSid"):
            raise Refusal(21603)
        if not (body or form.get("MediaUrl") or form.get("ContentSid")):
            raise Refusal(21602)
        if len(body) > LONGEST:
            raise Refusal(21617)
        check_address(form.get("StatusCallback"), 21609, "StatusCallback")

    def _keep(self, message: Message, form: Mapping[str, str]) -> None:
        self._network.ledger.accept(
            Accepted(
                kind="message",
                sid=message.sid,
                account=message.account,
                to=message.to,
                from_=message.from_,
                body=message.body,
                status_callback=form.get("StatusCallback"),
                created=message.created,
                real=real_time(),
            )
        )
        self.shelf.add(message)


@dataclass(slots=True)
class _Delivery:
    """The way of one message: its statuses, each some product seconds after the create."""

    centre: MessageCentre
    network: Network
    message: Message
    reading: Reading
    receipts: Receipts

    def begin(self) -> None:
        steps = self._steps()
        if self.receipts.are_early:
            for _, status in steps:
                self._reach(status, self.message.created, is_last=status == steps[-1][1])
            self._await_reply(self.message.created)
        else:
            self._await(steps)

    def _steps(self) -> list[tuple[float, str]]:
        reading = self.reading
        steps = [(0.0, "queued")] if self.message.service else []
        if reading.status in ("delivered", "undelivered"):
            steps.append((reading.after / 2, "sent"))
        return [*steps, (reading.after, reading.status)]

    def _await(self, steps: list[tuple[float, str]]) -> None:
        (after, status), rest = steps[0], steps[1:]

        def step(due: datetime) -> None:
            self._reach(status, due, is_last=not rest)
            if rest:
                self._await(rest)
            else:
                self._await_reply(due)

        self.network.timeline.at(self.message.created + timedelta(seconds=after), step)

    def _reach(self, status: str, at: datetime, *, is_last: bool) -> None:
        message = self.message
        if status == "queued":
            message.from_ = message.from_ or SERVICE_NUMBER
        else:
            message.sent = message.sent or at
        if status in ("undelivered", "failed"):
            message.code = self.reading.code
        message.status, message.updated = status, at
        self.receipts.tell(self._form(at), at, is_last=is_last)

    def _form(self, at: datetime) -> dict[str, str]:
        message = self.message
        form = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "AccountSid": message.account,
            "From": message.from_ or "",
            "To": message.to,
            "MessageStatus": message.status,
            "SmsStatus": message.status,
            "ApiVersion": API_VERSION,
        }
        if message.service:
            form["MessagingServiceSid"] = message.service
        if message.code is not None:
            form["ErrorCode"] = str(message.code)
        if message.status in ("delivered", "undelivered"):
            form["RawDlrDoneDate"] = at.strftime("%y%m%d%H%M")
        return form

    def _await_reply(self, at: datetime) -> None:
        text, message = self.reading.reply, self.message
        if message.status not in ("sent", "delivered"):
            return
        link = link_in(message.body)
        if link is not None and self.reading.previews:
            soon = at + timedelta(seconds=PREVIEWED)
            self.network.timeline.at(soon, lambda due: preview(self.network, message.to, link, due))
        if text is None:
            return

        def reply(due: datetime) -> None:
            if link is not None:
                press(self.network, message.to, link, text, self.reading.counts, due)
                return
            to = message.from_ or SERVICE_NUMBER
            self.centre.text_in(message.account, message.to, to, text, due)

        self.network.timeline.at(at + timedelta(seconds=self.reading.reply_after), reply)
