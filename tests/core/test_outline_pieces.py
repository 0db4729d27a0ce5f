"""An outline in a few pieces: a box that it meets is never said to be clear of it."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from alertcast.core.outline_pieces import pieces_of
from tests.made_up import stray


def near(shape, boxes, most):
    """Say of each box whether any piece is near."""
    pieces = pieces_of(shape, most)
    found = [
        pieces.are_near(boxes, np.full(len(boxes), number)) for number in range(len(pieces.stray))
    ]
    return np.any(found, axis=0)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    points=st.integers(3, 200),
    most=st.sampled_from([1, 2, 7, 32, 1000]),
)
def test_no_box_that_the_outline_meets_is_missed(seed, points, most):
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = rng.uniform(0.2, 1.0, points)
    star = shapely.Polygon(
        np.column_stack([112 + radius * np.cos(angle), 23 + radius * np.sin(angle)])
    )
    shape = shapely.union(star, stray(rng, 112.0, 23.0, 0.5).buffer(0))
    west, south = rng.uniform(111, 113, 500), rng.uniform(22, 24, 500)
    size = 10 ** rng.uniform(-3, 0, 500)
    boxes = np.column_stack([west, south, west + size, south + size])
    corners = shapely.get_coordinates(shape)
    boxes[:100] = np.tile(corners[rng.integers(0, len(corners), 100)], 2)
    boxes[:100] += [-1e-6, -1e-6, 1e-6, 1e-6]  # around a point of the outline itself
    meets = shapely.intersects(shapely.boundary(shape), shapely.box(*boxes.T))
    assert meets[:100].all()
    assert (near(shape, boxes, most) | ~meets).all()


def test_boxes_far_from_the_outline_are_clear_of_it():
    circle = shapely.Point(0, 0).buffer(1.0, 256)
    inside, outside = shapely.box(-0.4, -0.4, 0.4, 0.4), shapely.box(0.9, 0.9, 2, 2)
    boxes = shapely.bounds([inside, outside])
    assert not near(circle, boxes, 64).any()
    assert near(circle, shapely.bounds([shapely.box(0.5, 0.5, 2, 2)]), 64).all()


def test_one_long_side_is_near_only_what_lies_along_it():
    triangle = shapely.Polygon([(0, 0), (10, 10), (0, 10)])
    along, beside = shapely.box(4, 4.1, 4.2, 4.3), shapely.box(6, 3, 7, 4)
    assert near(triangle, shapely.bounds([along, beside]), 3).tolist() == [True, False]


@pytest.mark.parametrize("shape", [shapely.Polygon(), shapely.MultiPolygon()])
def test_nothing_has_no_outline(shape):
    assert len(pieces_of(shape, 32).stray) == 0


def test_a_hole_has_an_outline_too():
    ring = shapely.Point(0, 0).buffer(2).difference(shapely.Point(0, 0).buffer(1))
    assert near(ring, shapely.bounds([shapely.box(0.9, -0.1, 1.1, 0.1)]), 32).all()
    assert not near(ring, shapely.bounds([shapely.box(-0.2, -0.2, 0.2, 0.2)]), 32).any()
