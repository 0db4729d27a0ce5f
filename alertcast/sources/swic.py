"""China's warnings as CAP, from the WMO Severe Weather Information Centre: an index, and bodies.

Source: https://severeweather.wmo.int. The index keeps the newest 500 items of the whole country,
each named by its national identifier; a body is some 90 kB. So only what may concern the region is
fetched. What has left the index stays in force until it ends or runs out.
"""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from alertcast.core.national_id import NationalId
from alertcast.sources.base import SourceSettings
from alertcast.sources.cap_xml import Entry
from alertcast.sources.feed import Feed, FeedSettings
from alertcast.sources.fetch import check_url
from alertcast.sources.region import Region


class SwicSettings(FeedSettings):
    """The section of a SWIC source."""

    region: Region  # first digits of the administrative codes of our places
    url: Annotated[str, AfterValidator(check_url)] = Field(
        default="https://severeweather.wmo.int/v2/cap-alerts/cn-cma-xx/rss.xml"
    )


class Swic(Feed):
    """China's feed at SWIC."""

    Settings: ClassVar[type[SourceSettings]] = SwicSettings
    settings: SwicSettings

    def __init__(self, name: str, settings: SwicSettings) -> None:
        super().__init__(name, settings)

    def wanted(self, entries: list[Entry]) -> list[Entry]:
        """Return what may concern the region, then what does not say whom it concerns."""
        keys = [(entry, NationalId.read(entry.key)) for entry in super().wanted(entries)]
        ours = [entry for entry, key in keys if key and key.concerns(self.settings.region)]
        return ours + [entry for entry, key in keys if key is None]
