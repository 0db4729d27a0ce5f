"""What our own feed hands on of an alert whose message can not be handed on as it came.

It is a message of ours, and says so: own sender, own identifier, and the source in note and
references. The words and the time are the authority's.
"""

import re
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from alertcast.core.alert import Alert, Area, Info, Reference
from alertcast.core.cap_message import message, named
from alertcast.core.national_id import NationalId

MARK = "relay"
"""What identifiers of messages that were written anew begin with."""


def written_anew(alert: Alert, sender: str, office: str) -> Alert:
    """Return the message that stands for `alert`; other words get another identifier.

    A national identifier stays the end of ours, so that a reader who knows it joins both. Contacts
    are left out: they may name a person.
    """
    bare = replace(alert, addresses=(), restriction=None)
    national = NationalId.read(alert.identifier)
    end = national.text if national else named(alert.identifier)
    note = f"Written anew by {office} from {alert.sender},{alert.identifier}"
    return replace(
        bare,
        identifier=f"{MARK}.{_letters(message(bare))}.{end}",
        sender=sender,
        source=alert.sender,
        note=f"{alert.note}\n{note}" if alert.note else note,
        references=(*alert.references, Reference(alert.sender, alert.identifier, alert.sent)),
        infos=tuple(replace(one, contact=None) for one in alert.infos),
    )


def composed(
    *,
    number: int,
    text: str,
    title: str,
    sender: str,
    office: str,
    areas: tuple[Area, ...],
    sent: datetime,
    expires: datetime,
    withdrawn_at: datetime | None = None,
) -> Alert:
    """Return what an office that is an issuing authority wrote itself, or the end of it.

    `number` is the broadcast's. Nothing is graded that nobody graded: severity, urgency and
    certainty are Unknown.
    """
    identifier = f"{named(sender)}.notice.{number}"
    own = Reference(named(sender), identifier, sent)
    info = Info(
        language="zh-CN",
        category=("Safety",),
        event=title[:40],
        urgency="Unknown",
        severity="Unknown",
        certainty="Unknown",
        effective=sent,
        expires=expires,
        sender_name=office,
        headline=title,
        description=text,
        areas=areas,
    )
    return Alert(
        identifier=f"{identifier}.end" if withdrawn_at else identifier,
        sender=sender,
        sent=withdrawn_at or sent,
        status="Actual",
        msg_type="Cancel" if withdrawn_at else "Alert",
        references=(own,) if withdrawn_at else (),
        infos=() if withdrawn_at else (info,),
    )


def _letters(document: bytes) -> str:
    """Return what these bytes, and no others, are called: letters only, as a prefix has to be."""
    digits = sha256(document).hexdigest()[:12]
    return re.sub("[0-9]", lambda one: chr(ord("g") + int(one[0])), digits)
