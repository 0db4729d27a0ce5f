"""The one warning that is published to the office."""

from datetime import UTC, datetime

from shapely import box

from tests.machines.office import Office
from tests.stories.published import Warned, cap, info


def warn(office: Office) -> None:
    """Publish a red warning over all grids."""
    now = datetime.now(UTC)
    warned = Warned(f"44122441600000_{now:%Y%m%d%H%M%S}01", now)
    document = cap(warned, info(now, box(-1, -1, 2, 2), "red"))
    (office.inbox / ".warning").write_text(document, "utf-8")
    (office.inbox / ".warning").rename(office.inbox / "warning.xml")
