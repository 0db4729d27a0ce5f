"""China's shifted map datums (GCJ-02 of 高德 and 腾讯, BD-09 of 百度) brought back to WGS 84.

Cells drawn on those maps lie some 600 m from where they are; they are converted at import and
never stored. The shift is the one published by the map makers' users; its inverse is found by
iteration and is good to a few centimetres. Outside China there is no shift.
"""

import numpy as np
from numpy.typing import NDArray

SHIFTED = {"gcj-02": False, "gcj02": False, "bd-09": True, "bd09": True}
"""Names of the shifted datums, lower case; True: with Baidu's second shift."""

_A = 6378245.0  # semi-major axis of the Krasovsky 1940 ellipsoid, metres
_E2 = 0.00669342162296594323  # its eccentricity squared
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # west, south, east, north of the shifted part
_ROUNDS = 6

Floats = NDArray[np.float64]


def to_wgs84(lon_lat: Floats, datum: str) -> Floats:
    """Return (n, 2) degrees of a datum of SHIFTED as WGS 84 degrees."""
    shifted = _without_baidu(lon_lat) if SHIFTED[datum.casefold()] else lon_lat
    west, south, east, north = _CHINA
    lon, lat = shifted[:, 0], shifted[:, 1]
    is_shifted = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    true = shifted.copy()
    for _ in range(_ROUNDS):
        true = shifted - _shift(true)
    return np.where(is_shifted[:, None], true, shifted)


def from_wgs84(lon_lat: Floats, datum: str) -> Floats:
    """Return (n, 2) WGS 84 degrees as a map of a datum of SHIFTED draws them."""
    west, south, east, north = _CHINA
    lon, lat = lon_lat[:, 0], lon_lat[:, 1]
    is_shifted = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    drawn = np.where(is_shifted[:, None], lon_lat + _shift(lon_lat), lon_lat)
    return _with_baidu(drawn) if SHIFTED[datum.casefold()] else drawn


def _shift(lon_lat: Floats) -> Floats:
    x, y = lon_lat[:, 0] - 105.0, lon_lat[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    common = 20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root
    north += (common + _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root
    east += (common + _waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))) * 2 / 3
    lat = np.radians(lon_lat[:, 1])
    bend = 1 - _E2 * np.sin(lat) ** 2
    per_lat = _A * (1 - _E2) / bend**1.5
    per_lon = _A / np.sqrt(bend) * np.cos(lat)
    return np.degrees(np.column_stack([east / per_lon, north / per_lat]))


def _waves(t: Floats, *waves: tuple[float, float]) -> Floats:
    total = np.zeros_like(t)
    for height, pace in waves:
        total += height * np.sin(t * pace * np.pi)
    return total


def _with_baidu(lon_lat: Floats) -> Floats:
    x, y = lon_lat.T
    turn = np.pi * 3000 / 180
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * turn)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * turn)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def _without_baidu(lon_lat: Floats) -> Floats:
    x, y = lon_lat[:, 0] - 0.0065, lon_lat[:, 1] - 0.006
    turn = np.pi * 3000 / 180
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * turn)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * turn)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
