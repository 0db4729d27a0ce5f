"""Warnings from Caiyun (彩云): v2.6 point by point, or v3's list of the whole country.

Source: https://docs.caiyunapp.com/docs/alert and weather-api/v3/alert/all. Identifiers are the
national ones, so its warnings join those of other feeds. The account's token stands in the address,
which is therefore told to nobody: neither log nor page nor database holds it. The point beside a
warning is where the observatory stands, and no area.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

import requests
from pydantic import AfterValidator, Field, model_validator

from alertcast.core.alert import Alert
from alertcast.core.hazard import HazardTable
from alertcast.core.national_id import NationalId
from alertcast.sources.base import Memory, SourceError, SourceSettings
from alertcast.sources.china_item import parsed, warning
from alertcast.sources.fetch import Answer, Throttled, check_url, fetch
from alertcast.sources.fields import Fields
from alertcast.sources.json_text import items_at, read_json
from alertcast.sources.listing import Listing, ListSettings, ListSource
from alertcast.sources.parsed import Findings, Parsed, Unreadable
from alertcast.sources.points import Points

PUBLISHER = "caiyunapp.com"
BASES = {"v2.6": "https://api.caiyunapp.com", "v3": "https://singer.caiyunhub.com"}
"""Where each version is asked."""

_IN_FORCE = ("预警中", "1")
"""The status of a warning in force, in v2.6 and v3. No other is documented, so none is guessed."""

_COLOURS = {"01": "blue", "02": "yellow", "03": "orange", "04": "red", "91": "white"}
"""The last two digits of v2.6's code; the first two name a hazard, by a numbering of its own."""


def items_in(document: object) -> list[object] | None:
    """Return the warnings of an answer of either version, or one alone; None: it is neither."""
    if not isinstance(document, Mapping):
        return None
    content = Fields(document, Findings()).inner("result").inner("alert").item.get("content")
    if isinstance(content, list):
        return content
    features = document.get("features")
    if isinstance(features, list) and features and all(map(_is_feature, features)):
        return features
    is_one = {"alertId", "pubtimestamp"} <= document.keys() or _is_feature(document)
    return [document] if is_one else None


def parse_item(item: object, number: int, hazards: HazardTable) -> Parsed:
    """Read one warning of either version."""
    outer = Fields(item, findings := Findings())
    fields = Fields(outer.item.get("properties", item), findings)
    words = _in_chinese(fields)
    identifier = fields.needed("alertId", "id")
    national = NationalId.read(identifier or "")
    headline = words.needed("title")
    sent = fields.moment("pubtimestamp", "publish_time")
    _check_status(fields)
    alert: Alert | None = None
    if identifier and headline and sent and not findings.has_error:
        code = fields.text("code") or fields.text("alert_type") or ""
        alert = warning(
            fields,
            hazards,
            identifier=national.text if national else identifier,
            sender=PUBLISHER,
            sent=sent,
            headline=headline,
            colour=_COLOURS.get(code[2:]) if len(code) == 4 else None,
            codes=(("GB/T 35561", f"11B{code[-2:]}"),) if code.startswith("1561102") else (),
            place=fields.text("adcode", "area_code") or "",
            description=words.text("description", "text"),
            effective=sent,
            parameters=(("code", code),) if code else (),
        )
    return parsed(alert, findings, number, identifier)


class CaiyunSettings(ListSettings):
    """The section of a Caiyun source."""

    token_env: str
    version: Literal["v2.6", "v3"] = "v2.6"
    url: Annotated[str, AfterValidator(check_url)] = ""
    points: Points = Field(default_factory=dict)
    in_force: bool = False

    @model_validator(mode="after")
    def _has_points(self) -> Self:
        if (self.version == "v2.6") != bool(self.points):
            msg = "points: v2.6 asks for at least one county; v3 lists the country, and takes none"
            raise ValueError(msg)
        return self


class Caiyun(ListSource):
    """The warnings at some points, or of the whole country."""

    Settings: ClassVar[type[SourceSettings]] = CaiyunSettings
    settings: CaiyunSettings

    def __init__(self, name: str, settings: CaiyunSettings, env: Mapping[str, str]) -> None:
        """Take the token out of `env`; raises SourceError if it is missing."""
        super().__init__(name, settings)
        self._token = env.get(settings.token_env, "")
        if not self._token:
            msg = f"environment: {settings.token_env} is not set"
            raise SourceError(msg)
        self._base = (settings.url or BASES[settings.version]).rstrip("/")
        self.lists_in_force = settings.in_force

    def ask(self, session: requests.Session, memory: Memory) -> Listing | None:
        """Return what is listed."""
        if self.settings.version == "v3":
            return self._all(session, memory)
        return self._at_points(session)

    def identifier(self, item: object) -> str | None:
        """Return what an item is called."""
        fields = Fields(item, Findings())
        name = fields.inner("properties").text("id") or fields.text("alertId", "id")
        national = NationalId.read(name or "")
        return national.text if national else name

    def _all(self, session: requests.Session, memory: Memory) -> Listing | None:
        url = f"{self._base}/v3/alert/all?token={self._token}&region_code=CN"
        answer = self._fetch(session, url, self.conditions(memory))
        if answer.is_unchanged:
            return None
        items = tuple(items_at(answer.body, "features"))
        etag = answer.etag or answer.headers.get("x-cy-etag", "")
        known = {"etag": etag} if etag else {}
        return Listing(items, answer.content_type, f"{self._base}/v3/alert/all", known)

    def _at_points(self, session: requests.Session) -> Listing:
        """Ask for each point; the same warning at two of them is one item."""
        found: dict[str, bytes] = {}
        problems: list[str] = []
        busy: SourceError | None = None
        kind = ""
        for lat, lon in self.settings.points.values():
            url = f"{self._base}/v2.6/{self._token}/{lon:.4f},{lat:.4f}/realtime?alert=true"
            try:
                answer = self._fetch(session, url, {})
                kind = answer.content_type
                for raw in _listed(answer.body):
                    found.setdefault(self.identifier(read_json(raw)) or raw.decode(), raw)
            except Throttled as error:
                busy = error
                problems.append(str(error))
                break
            except (SourceError, Unreadable) as error:
                problems.append(str(error))
        said = "; ".join(problems)
        if problems and not found:
            raise busy or SourceError(said)
        where = f"{self._base}/v2.6"
        has_failed = bool(problems)
        return Listing(
            tuple(found.values()), kind, where, {}, not has_failed, said, busy, has_failed
        )

    def _fetch(self, session: requests.Session, url: str, conditions: Mapping[str, str]) -> Answer:
        headers = {"Accept": "application/json", **conditions}
        try:
            return fetch(session, url, self.settings, headers)
        except SourceError as error:
            error.args = tuple(str(one).replace(self._token, "***") for one in error.args)
            raise


def _listed(body: bytes) -> list[bytes]:
    """Return the warnings of v2.6's answer for one point; raises Unreadable."""
    answer = Fields(read_json(body), Findings())
    said = (answer.text("status"), answer.inner("result").inner("alert").text("status"))
    if said != ("ok", "ok"):
        raise Unreadable("not_caiyun", f"the answer's status is {said[0]!r}, of alerts {said[1]!r}")
    return items_at(body, "result", "alert", "content")


def _is_feature(item: object) -> bool:
    properties = item.get("properties") if isinstance(item, Mapping) else None
    known = {"alert_type", "publish_time", "region_code"}
    return isinstance(properties, Mapping) and known <= properties.keys()


def _in_chinese(fields: Fields) -> Fields:
    """Return where headline and text stand: in v3 there may be several languages."""
    data = fields.item.get("data")
    if not isinstance(data, list):
        return fields
    each = [Fields(one, fields.findings) for one in data]
    chinese = (one for one in each if (one.text("language_code") or "").startswith("zh"))
    return next(chinese, each[0] if each else fields)


def _check_status(fields: Fields) -> None:
    """Refuse a status whose meaning is not known."""
    status = fields.text("status") or ""
    if status not in _IN_FORCE:
        message = f"{status[:40]!r} is not one of {', '.join(_IN_FORCE)}"
        fields.findings.error("unknown_word", "status", message)
