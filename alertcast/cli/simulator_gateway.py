"""The sections of alertcast.toml that connect the simulator's plain gateway."""

from alertcast.simulator.gateway_reports import DEMO_TOKEN, PUSH_HEADER

SECRET = "GATEWAY_TOKEN"  # noqa: S105  the variable's name
"""Environment variable that the sections take the gateway's token from."""


def sections(url: str, *, templates_only: bool = False) -> str:
    """Return the sections of an SMS and a voice channel at the simulator `url`, as TOML."""
    if templates_only:
        sms = _SMS.replace("ITEM", _PARAMS).replace("FIELDS", 'template = "{template}"\n')
        sms += _TEMPLATES
    else:
        sms = _SMS.replace("ITEM", 'text = "{text}"').replace("FIELDS", "")
    return _filled(f"{sms}{_COMMON.replace('NAME', 'sms')}\n{_VOICE}", url) + _filled(
        _COMMON.replace("NAME", "voice"), url
    )


def environment() -> str:
    """Return the line of alertcast.env that goes with them."""
    return f"{SECRET}={DEMO_TOKEN}"


def _filled(text: str, url: str) -> str:
    return text.replace("URL", url).replace("HEADER", PUSH_HEADER).replace("SECRET", SECRET)


_PARAMS = 'params = "{slots}"'

_SMS = """\
[channels.sms]
type = "gateway"
kind = "sms"
rate = 20
batch_size = 20
ref_bytes = 15

[channels.sms.request]
url = "URL/gateway/sms"

[channels.sms.request.fields]
FIELDSitems = "{batch}"

[channels.sms.request.each]
phone = "{phone_national}"
ref = "{ref}"
callback = "{callback}"
ITEM
"""

_TEMPLATES = """
[channels.sms.templates]
"warning.sms" = { id = "DEMO_WARNING", slots = ["issuer", "hazard", "level", "places"] }
"all_clear.sms" = { id = "DEMO_ALL_CLEAR", slots = ["issuer", "hazard"] }
"desk.sms" = { id = "DEMO_NOTICE", slots = ["places"] }

[channels.sms.slots]
places = { most = 20, cut = true }
"""

_VOICE = """\
[channels.voice]
type = "gateway"
kind = "voice"
rate = 10
ref_bytes = 15

[channels.voice.request]
url = "URL/gateway/calls"

[channels.voice.request.fields]
items = "{batch}"

[channels.voice.request.each]
phone = "{phone_national}"
ref = "{ref}"
callback = "{callback}"
text = "{text}收到请按1。需要支援请按2。重听请按3。"
"""

_COMMON = """
[channels.NAME.signing]
type = "header"
header = "Authorization"
value = "Bearer {secret}"
secret_env = "SECRET"

[channels.NAME.answer]
ok = { path = "code", values = ["OK"] }
code = "code"

[channels.NAME.answer.each]
list = "results"
ref = "ref"
ok = { path = "code", values = ["OK"] }
id = "id"
code = "code"

[channels.NAME.codes]
LIMIT = { outcome = "throttled", reason = "throttled", wait = 1 }
QUEUE_FULL = { outcome = "throttled", reason = "throttled", wait = 60 }
KEY_ILLEGAL = { outcome = "stopped", reason = "account" }
PARAM_ILLEGAL = { reason = "slot_unfit" }
TEMPLATE_ILLEGAL = { reason = "template_missing" }
NUMBER_ILLEGAL = { reason = "wrong_number" }
NO_SUCH_NUMBER = { reason = "wrong_number" }
LANDLINE = { reason = "landline" }
BLACKLISTED = { reason = "opted_out" }
SWITCHED_OFF = { reason = "switched_off" }

[channels.NAME.words]
ACCEPTED = "queued"
SENT = "sent"
DELIVERED = "delivered"
UNDELIVERED = "failed"
ANSWERED = "connected"
COMPLETED = "completed"
BUSY = "busy"
NO_ANSWER = "no_answer"
FAILED = "failed"

[channels.NAME.receipts]
list = ""
ref = "ref"
id = "id"
phone = "phone"
state = "state"
code = "code"
key = "dtmf"
proof = { type = "header", header = "HEADER", secret_env = "SECRET" }

[channels.NAME.look_up]
method = "GET"
url = "URL/gateway/query"
encoding = "query"
fields = { ref = "{ref}" }
list = "data.items"
ref = "ref"
id = "id"
state = "state"
absent = { path = "code", values = ["NOT_FOUND"] }

[channels.NAME.status]
method = "GET"
url = "URL/gateway/query"
encoding = "query"
fields = { id = "{id}" }
list = "data.items"
ref = "ref"
id = "id"
state = "state"
code = "code"
absent = { path = "code", values = ["NOT_FOUND"] }
"""
