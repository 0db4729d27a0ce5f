"""The polygonal part of a shape: valid, and nothing but polygons."""

import shapely
from shapely.geometry.base import BaseGeometry

_LEAST_AREA = 1e-10  # square degrees, about one square metre: less is a line with rounding


def polygonal(shape: BaseGeometry) -> BaseGeometry | None:
    """Return the valid polygonal part of a shape, or None if it encloses nothing.

    A bow-tie keeps both its wings and a star its heart: nobody who was inside a ring is lost.
    """
    mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    parts = [p for p in shapely.get_parts(mended).tolist() if p.geom_type == "Polygon"]
    usable = [part for part in parts if part.area > _LEAST_AREA]
    return shapely.union_all(usable) if usable else None
