"""What is done with a message that the signature rules of its sources do not let act by itself."""

from alertcast.core.signature import Verdict
from alertcast.store import witnesses
from alertcast.store.db import Tx

SAID = {
    Verdict.VERIFIED: "签名有效",
    Verdict.UNSIGNED: "没有签名",
    Verdict.UNTRUSTED: "签名证书不受信任",
    Verdict.INVALID: "签名无效",
}
"""Each verdict in the officer's words."""


def why_held(tx: Tx, alert_id: int) -> str:
    """Return the sentence that tells the officer what each source's signature is worth."""
    said = "，".join(
        f"{one['source']} {SAID[Verdict(one['signature'])]}"
        for one in witnesses.of_alert(tx, alert_id)
    )
    return f"签名未通过验证（{said}），请值班员向发布单位核实。"
