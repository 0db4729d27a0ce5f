"""Points that a publisher is asked about: one for each of our counties, by administrative code."""

from typing import Annotated

from pydantic import AfterValidator

from alertcast.core.jurisdiction import check_prefix

Point = tuple[float, float]
"""Latitude, longitude; degrees, WGS 84."""


def check_code(code: str) -> str:
    """Return the six digits of a county's administrative code, else raise ValueError."""
    if len(check_prefix(code)) != 6:
        msg = f"{code!r} is not six digits, e.g. 441224"
        raise ValueError(msg)
    return code


def check_points(points: dict[str, Point]) -> dict[str, Point]:
    """Return points that lie in the world, else raise ValueError."""
    for code, (lat, lon) in points.items():
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            msg = f"{code}: latitude {lat}, longitude {lon} is outside the world"
            raise ValueError(msg)
    return points


Points = Annotated[
    dict[Annotated[str, AfterValidator(check_code)], Point], AfterValidator(check_points)
]
