"""The trouble spots of a layer as GeoJSON, to be laid over it in a mapping program."""

import json
from collections.abc import Iterable

import shapely

from alertcast.grids.problem import Problem


def trouble_spots(problems: Iterable[Problem]) -> str:
    """Return a GeoJSON document (RFC 7946, WGS 84) with a feature for each finding with a place."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "rule": one.rule,
                "kind": one.kind.value,
                "where": one.where,
                "what": one.message,
            },
            "geometry": json.loads(shapely.to_geojson(one.spot)),
        }
        for one in problems
        if one.spot is not None
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
