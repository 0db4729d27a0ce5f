"""Lengths and areas on the WGS 84 ellipsoid, in plain numpy: degrees in, kilometres out."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

EQUATOR_KM = 6378.137  # semi-major axis a of WGS 84, kilometres
FLATTENING = 1 / 298.257223563  # f of WGS 84
MEAN_RADIUS_KM = 6371.0088  # mean radius (2a + b) / 3, kilometres

_POLE_KM = EQUATOR_KM * (1 - FLATTENING)  # semi-minor axis b
_E2 = FLATTENING * (2 - FLATTENING)  # eccentricity squared
_VINCENTY_ROUNDS = 12  # the direct problem converges to under a millimetre within five

Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]


def area_km2(geometries: Geometries) -> Floats:
    """Return the area of each geometry, WGS 84 (lon, lat), in square kilometres.

    Vertices are taken to Lambert's cylindrical equal-area projection by the authalic latitude
    (Snyder, Map Projections, equations 3-12 and 10-15), so that areas compare true at any latitude;
    edges are straight there, which is exact enough for anything smaller than a county.
    """
    return np.asarray(shapely.area(shapely.transform(geometries, _equal_area)), dtype=np.float64)


def ring_around(lon: float, lat: float, radius_km: float, points: int) -> Floats:
    """Return (points, 2) lon, lat at `radius_km` from a point, anticlockwise from north.

    Solved on the ellipsoid by Vincenty's direct formulae (Survey Review 1975). Longitudes run on
    past 180 degrees rather than jump.
    """
    azimuth = -np.linspace(0.0, 2 * np.pi, points, endpoint=False)
    sin_az, cos_az = np.sin(azimuth), np.cos(azimuth)
    tan_u = (1 - FLATTENING) * np.tan(np.radians(lat))
    cos_u = 1 / np.sqrt(1 + tan_u**2)
    sin_u = tan_u * cos_u
    sin_alpha = cos_u * sin_az
    cos2_alpha = 1 - sin_alpha**2
    sigma, cos_2m = _arc(radius_km, np.arctan2(tan_u, cos_az), cos2_alpha)
    sin_s, cos_s = np.sin(sigma), np.cos(sigma)
    across = sin_u * sin_s - cos_u * cos_s * cos_az
    latitude = np.arctan2(
        sin_u * cos_s + cos_u * sin_s * cos_az,
        (1 - FLATTENING) * np.hypot(sin_alpha, across),
    )
    turn = np.arctan2(sin_s * sin_az, cos_u * cos_s - sin_u * sin_s * cos_az)
    c = FLATTENING / 16 * cos2_alpha * (4 + FLATTENING * (4 - 3 * cos2_alpha))
    bend = sigma + c * sin_s * (cos_2m + c * cos_s * (2 * cos_2m**2 - 1))
    longitude = turn - (1 - c) * FLATTENING * sin_alpha * bend
    return np.column_stack([lon + np.degrees(longitude), np.degrees(latitude)])


def perimeter_km(geometries: Geometries) -> Floats:
    """Return the length of all rings of each polygon, WGS 84 (lon, lat), in kilometres.

    Each segment is measured on the mean sphere at the latitude of its middle: good to a half per
    cent for segments of less than a hundred kilometres.
    """
    rings, owner = shapely.get_rings(shapely.get_parts(geometries), return_index=True)
    part_of = np.repeat(np.arange(len(geometries)), shapely.get_num_geometries(geometries))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    step = np.radians(np.diff(points, axis=0))
    middle = np.radians(points[:-1, 1] + points[1:, 1]) / 2
    length = np.hypot(step[:, 0] * np.cos(middle), step[:, 1]) * MEAN_RADIUS_KM
    length[np.diff(ring) != 0] = 0.0  # from the end of one ring to the begin of the next
    total = np.bincount(part_of[owner[ring[:-1]]], length, len(geometries))
    return np.asarray(total, dtype=np.float64)


def gap_km(one: BaseGeometry, other: BaseGeometry) -> float:
    """Return the distance between two WGS 84 geometries in kilometres, on the mean sphere.

    The nearest points are found in degrees stretched to the latitude between them, so the answer
    is for a sentence ("nearest grid 12 km away"), not for a decision.
    """
    narrow = np.cos(np.radians((one.centroid.y + other.centroid.y) / 2))
    line = shapely.shortest_line(
        shapely.transform(one, lambda xy: xy * [narrow, 1.0]),
        shapely.transform(other, lambda xy: xy * [narrow, 1.0]),
    )
    (lon1, lat1), (lon2, lat2) = np.radians(shapely.get_coordinates(line) / [narrow, 1.0])
    half = np.sin((lat2 - lat1) / 2) ** 2
    half += np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return float(2 * MEAN_RADIUS_KM * np.arcsin(np.sqrt(min(half, 1.0))))


def metres_between(shapes: Geometries, lon: Floats, lat: Floats) -> Floats:
    """Return how far each shape, WGS 84 (lon, lat), is from its own point, in metres; 0 within it.

    Around the point the ellipsoid is laid flat by its two radii of curvature, at the latitude
    between the point and each vertex: within 0.1 % of the geodesic up to some 50 km. A shape
    across the antimeridian from its point is taken the short way round.
    """
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    middle = np.radians((xy[:, 1] + lat[owner]) / 2)
    bend = 1 - _E2 * np.sin(middle) ** 2
    across = np.radians((xy[:, 0] - lon[owner] + 180) % 360 - 180)
    along = np.radians(xy[:, 1] - lat[owner])
    flat = np.column_stack(
        [
            across * np.cos(middle) * EQUATOR_KM / np.sqrt(bend),
            along * EQUATOR_KM * (1 - _E2) / bend**1.5,
        ]
    )
    laid = shapely.set_coordinates(np.array(shapes, dtype=object), flat * 1000)
    return np.asarray(shapely.distance(laid, shapely.Point(0, 0)), dtype=np.float64)


def _equal_area(lon_lat: Floats) -> Floats:
    sin_lat = np.sin(np.radians(lon_lat[:, 1]))
    q = _authalic(sin_lat)
    return np.column_stack(
        [EQUATOR_KM * np.radians(lon_lat[:, 0]), EQUATOR_KM * q / 2],
    )


def _authalic(sin_lat: Floats) -> Floats:
    e = np.sqrt(_E2)
    straight = sin_lat / (1 - _E2 * sin_lat**2)
    return np.asarray((1 - _E2) * (straight + np.arctanh(e * sin_lat) / e), dtype=np.float64)


def _arc(radius_km: float, sigma_1: Floats, cos2_alpha: Floats) -> tuple[Floats, Floats]:
    u2 = cos2_alpha * (EQUATOR_KM**2 - _POLE_KM**2) / _POLE_KM**2
    a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    first = radius_km / (_POLE_KM * a)
    sigma = first
    for _ in range(_VINCENTY_ROUNDS):
        cos_2m = np.cos(2 * sigma_1 + sigma)
        even = np.cos(sigma) * (2 * cos_2m**2 - 1)
        odd = b / 6 * cos_2m * (4 * np.sin(sigma) ** 2 - 3) * (4 * cos_2m**2 - 3)
        sigma = first + b * np.sin(sigma) * (cos_2m + b / 4 * (even - odd))
    return sigma, np.cos(2 * sigma_1 + sigma)
