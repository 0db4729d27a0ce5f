"""Every format that is served, each with its address and its one writer."""

from collections.abc import Mapping

from alertcast.simulator.feeds import envelopes, lists, nws, platform
from alertcast.simulator.feeds.entry import CAP_TYPE, JSON_TYPE, Format

_RSS = "application/rss+xml; charset=utf-8"
_ATOM = "application/atom+xml; charset=utf-8"
_GEO = "application/geo+json"

FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format("cap", "/cap/alert.xml", CAP_TYPE, envelopes.alone),
        Format("signed", "/cap/signed.xml", CAP_TYPE, envelopes.signed),
        Format("edxl", "/cap/edxl.xml", "application/xml", envelopes.edxl),
        Format("atom", "/feed/atom.xml", _ATOM, envelopes.atom),
        Format("fat_atom", "/feed/fat.xml", _ATOM, envelopes.fat_atom),
        Format("rss", "/feed/rss.xml", _RSS, envelopes.rss),
        Format("swic", "/v2/cap-alerts/cn-cma-xx/rss.xml", _RSS, envelopes.swic),
        Format("nws", "/alerts/active", _GEO, nws.ACTIVE),
        Format("nws_zone", "/zones/<path:zone>", _GEO, nws.zone),
        Format("cma", "/api/map/alarm", JSON_TYPE, lists.CMA),
        Format("nmc", "/rest/findAlarm", JSON_TYPE, lists.NMC),
        Format(
            "qweather",
            "/weatheralert/v1/current/<lat>/<lon>",
            JSON_TYPE,
            lists.QWEATHER,
            needs_key=True,
        ),
        Format("qweather_v7", "/v7/warning/now", JSON_TYPE, lists.QWEATHER_V7, needs_key=True),
        Format("caiyun", "/v2.6/<token>/<point>/realtime", JSON_TYPE, lists.CAIYUN),
        Format("caiyun_v3", "/v3/alert/all", JSON_TYPE, lists.CAIYUN_ALL),
        Format("platform", "/platform/warnings", JSON_TYPE, platform.WHOLE, needs_key=True),
        Format("platform_pages", "/platform/pages", JSON_TYPE, platform.NUMBERED, needs_key=True),
        Format("platform_next", platform.NEXT, JSON_TYPE, platform.LINKED, needs_key=True),
        Format(
            "platform_cursor", "/platform/cursor", JSON_TYPE, platform.WITH_CURSOR, needs_key=True
        ),
        Format(
            "platform_post",
            "/platform/query",
            JSON_TYPE,
            platform.NUMBERED,
            method="POST",
            needs_key=True,
        ),
    )
}
"""By name, which is also what a fault names."""

DOCUMENT = "document"
"""What a fault names a CAP document that an index leads to."""

FEEDS = (*FORMATS, DOCUMENT)
"""What a fault may name."""
