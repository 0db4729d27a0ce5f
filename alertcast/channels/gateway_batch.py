"""Messages become requests to a gateway, several numbers in one where it takes them.

Its answer is for each number, or for all of them. A lost answer leaves the whole batch unknown; a
batch refused as a whole is halved until it is clear whose fault it was.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from alertcast.channels import in_time
from alertcast.channels.base import Outcome, Request, Sent
from alertcast.channels.gateway_fill import Missing, Values, fill, fill_address, fill_text
from alertcast.channels.gateway_http import Answer, Lost, NotConnected, Wire, scrubbed
from alertcast.channels.gateway_parts import Meaning
from alertcast.channels.gateway_records import Reader, passes
from alertcast.channels.gateway_settings import GatewaySettings, text_key
from alertcast.core.dotted import listed, text_at
from alertcast.core.phone import dialled
from alertcast.core.rewriting import Limit, Unfit, fitted, plain

BRIEF_WAIT = 2.0
"""Real seconds until a request is made again that found no connection, or came too fast."""

_STOPPED = Meaning(outcome=Outcome.STOPPED, reason="account")
_BRIEFLY = Meaning(outcome=Outcome.THROTTLED, reason="throttled", wait=BRIEF_WAIT)
_REFUSED = Meaning(outcome=Outcome.REFUSED, reason="not_delivered")
_UNKNOWN = Meaning(outcome=Outcome.UNKNOWN, reason="unknown_outcome")


@dataclass(frozen=True, slots=True)
class _Item:
    """One message, and what its placeholders stand for."""

    request: Request
    values: Values


class Desk:
    """Hands messages over by one channel's section; `address` gives the callback of a token."""

    def __init__(
        self,
        settings: GatewaySettings,
        wire: Wire,
        reader: Reader,
        address: Callable[[str], str],
    ) -> None:
        self._settings, self._wire = settings, wire
        self._reader, self._address = reader, address

    def hand_over(self, requests: Sequence[Request]) -> list[Sent]:
        """Return one answer for each request, in any order; raises nothing."""
        items: list[_Item] = []
        answers: list[Sent] = []
        for one in requests:
            try:
                item = _Item(one, self._values(one))
                self._try_out(item)
            except Unfit as unfit:
                answers.append(
                    Sent(one.token, Outcome.REFUSED, reason=unfit.reason, detail=str(unfit))
                )
            except Missing as missing:
                answers.append(
                    Sent(one.token, Outcome.REFUSED, reason="slot_unfit", detail=str(missing))
                )
            except UnicodeError:  # letters that no request can hold
                answers.append(Sent(one.token, Outcome.REFUSED, reason="not_delivered"))
            else:
                items.append(item)
        for batch in self._batches(items):
            answers += self._send(batch)
        return answers

    def _values(self, one: Request) -> Values:
        values: dict[str, Any] = {
            "phone": one.phone,
            "phone_national": dialled(one.phone),
            "text": one.text,
            "language": one.language,
            "ref": one.token,
            "callback": self._address(one.token),
        }
        if not self._settings.templates:
            return values
        key = text_key(one.template, one.language, self._settings.templates)
        if key is None:
            raise Unfit("template", "template_missing", f"none is approved for {one.template}")
        template = self._settings.templates[key]
        slots = {name: self._slot(name, one.slots.get(name)) for name in template.slots}
        named = {self._name(name): value for name, value in slots.items()}
        values |= {
            "template": template.id,
            "slots": named,
            "slots_json": json.dumps(named, ensure_ascii=False, separators=(",", ":")),
            "slot_values": list(slots.values()),
        }
        return values | {f"slots.{name}": value for name, value in slots.items()}

    def _slot(self, name: str, value: str | None) -> str:
        if value is None:
            raise Unfit(name, "slot_unfit", "has no value in this text")
        part = self._settings.slots.get(name)
        limit = Limit(part.most, part.most_bytes, part.cut) if part else Limit()
        text = plain(value, self._settings.replace)
        return fitted(name, text, limit, self._settings.forbidden)

    def _name(self, slot: str) -> str:
        part = self._settings.slots.get(slot)
        return (part and part.name) or slot

    def _try_out(self, item: _Item) -> None:
        """Fill the request once, so that what has no value is known before anything leaves."""
        self._shared(item)
        fill(self._settings.request.each, item.values)

    def _shared(self, item: _Item) -> str:
        """Return what all messages of one request must have in common."""
        request = self._settings.request
        values = dict.fromkeys(("secret", "unix", "unix_ms", "signature", *_MANY), "") | dict(
            item.values
        )
        parts = [
            fill_address(request.url, values),
            fill(request.fields, values),
            [fill_text(header, values) for header in request.headers.values()],
        ]
        return json.dumps(parts, ensure_ascii=False, sort_keys=True)

    def _batches(self, items: Sequence[_Item]) -> Iterable[list[_Item]]:
        size = self._settings.batch_size
        groups: dict[str, list[_Item]] = {}
        for at, item in enumerate(items):
            groups.setdefault(self._shared(item) if size > 1 else str(at), []).append(item)
        for group in groups.values():
            for start in range(0, len(group), size):
                yield group[start : start + size]

    def _send(self, batch: Sequence[_Item]) -> list[Sent]:
        request = self._settings.request
        values = dict(batch[0].values) | {
            "batch": [fill(request.each, one.values) for one in batch],
            "phones": [one.request.phone for one in batch],
            "phones_national": [dialled(one.request.phone) for one in batch],
        }
        ends = [one.request.leave_by for one in batch if one.request.leave_by is not None]
        try:
            with in_time.until(min(ends, default=None)):
                answer = self._wire.ask(request, values)
        except NotConnected as trouble:
            meaning = Meaning(outcome=Outcome.THROTTLED, reason="no_connection", wait=BRIEF_WAIT)
            return [_sent(one, meaning, detail=str(trouble)) for one in batch]
        except Lost as trouble:
            return [_sent(one, _UNKNOWN, detail=str(trouble)) for one in batch]
        except UnicodeError as trouble:  # letters that no request can hold
            return [_sent(one, _REFUSED, detail=type(trouble).__name__) for one in batch]
        return self._read(batch, answer)

    def _read(self, batch: Sequence[_Item], answer: Answer) -> list[Sent]:
        part = self._settings.answer
        code = text_at(answer.body, part.code)
        meaning = self._meaning(answer, code)
        if meaning is None:
            return self._accepted(batch, answer.body)
        if meaning.outcome is Outcome.REFUSED and len(batch) > 1:
            half = len(batch) // 2
            return [*self._send(batch[:half]), *self._send(batch[half:])]
        words = scrubbed(text_at(answer.body, part.message))
        wait = answer.retry_after if answer.retry_after is not None else meaning.wait
        code = code or str(answer.status)
        return [_sent(one, meaning, code=code, wait=wait, detail=words) for one in batch]

    def _meaning(self, answer: Answer, code: str | None) -> Meaning | None:
        """Return what is wrong with an answer as a whole; None: it is the answer asked for."""
        part, status = self._settings.answer, answer.status
        # it may have been processed before the gateway failed
        if status >= 500 or status == 408:
            return _UNKNOWN
        if status < 300 and answer.body is None:
            return _UNKNOWN
        if status < 300 and (part.ok is None or passes(part.ok, answer.body)):
            return None
        if code is not None and (known := self._settings.codes.get(code)):
            return known
        if status == 429:
            return _BRIEFLY
        if 300 <= status < 400 or status in (401, 403, 404, 405):
            return _STOPPED
        if status < 300 and part.ok and text_at(answer.body, part.ok.path) is None:
            return _UNKNOWN  # a body that says neither yes nor no
        return self._settings.codes.get("*", _REFUSED)

    def _accepted(self, batch: Sequence[_Item], body: Any) -> list[Sent]:
        part = self._settings.answer
        if part.each is None:
            provider_id = text_at(body, part.id)
            return [self._taken(one, provider_id, bool(part.id)) for one in batch]
        entries = listed(body, part.each.list) or []
        return [
            self._answered(one, self._entry(one, at, batch, entries))
            for at, one in enumerate(batch)
        ]

    def _entry(self, one: _Item, at: int, batch: Sequence[_Item], entries: list[Any]) -> Any:
        """Return the entry of one message; None: there is none that is surely its own."""
        each = self._settings.answer.each
        if each is None:
            return None
        if each.ref is not None:
            token = one.request.token
            return next((e for e in entries if text_at(e, each.ref) == token), None)
        if each.phone is not None:
            found = ((e, text_at(e, each.phone)) for e in entries)
            phone = one.request.phone
            return next((e for e, said in found if said and self._reader.e164(said) == phone), None)
        return entries[at] if len(entries) == len(batch) else None

    def _answered(self, one: _Item, entry: Any) -> Sent:
        each = self._settings.answer.each
        if each is None or entry is None:
            return _sent(one, _UNKNOWN, detail="the answer does not name this message")
        if each.ok is None or passes(each.ok, entry):
            return self._taken(one, text_at(entry, each.id), bool(each.id))
        code = text_at(entry, each.code)
        codes = self._settings.codes
        meaning = codes.get(code or "") or codes.get("*", _REFUSED)
        words = scrubbed(text_at(entry, each.message))
        return _sent(one, meaning, code=code, wait=meaning.wait, detail=words)

    def _taken(self, one: _Item, provider_id: str | None, needs_id: bool) -> Sent:
        if needs_id and provider_id is None:
            return _sent(one, _UNKNOWN, detail="an answer without an id")
        ref = self._reader.ref(provider_id, one.request.phone)
        is_last = self._settings.answer.is_last
        outcome = Outcome.DELIVERED if is_last else Outcome.ACCEPTED
        return Sent(one.request.token, outcome, provider_ref=ref)


_MANY = ("batch", "phones", "phones_national")


def _sent(
    one: _Item,
    meaning: Meaning,
    *,
    code: str | None = None,
    wait: float | None = None,
    detail: str = "",
) -> Sent:
    return Sent(
        one.request.token,
        meaning.outcome,
        code=code[:32] if code else None,
        reason=None if meaning.outcome is Outcome.ACCEPTED else meaning.reason,
        retry_after=meaning.wait if wait is None else wait,
        detail=detail,
    )
