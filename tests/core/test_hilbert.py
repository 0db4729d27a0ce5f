"""The order along a Hilbert curve."""

import numpy as np
import shapely

from alertcast.core.hilbert import distance_along_curve, order_along_curve


def test_each_point_of_a_square_is_passed_once_and_each_step_is_to_a_neighbour():
    x, y = np.meshgrid(np.arange(32, dtype=np.uint64), np.arange(32, dtype=np.uint64))
    x, y = x.ravel(), y.ravel()
    distance = distance_along_curve(x, y)
    assert sorted(distance.tolist()) == list(range(1024))
    order = np.argsort(distance)
    steps = np.abs(np.diff(x[order].astype(int))) + np.abs(np.diff(y[order].astype(int)))
    assert (steps == 1).all()


def test_the_corners_of_the_whole_square_are_told_apart():
    most = np.uint64(65535)
    corners = np.array([0, 0, most, most], dtype=np.uint64), np.array([0, most, most, 0], np.uint64)
    assert (np.diff(distance_along_curve(*corners).astype(float)) > 0).all()


def test_what_lies_on_both_sides_of_the_meridian_comes_last():
    boxes = shapely.bounds([shapely.box(-180, 0, 180, 1), shapely.box(178, 0, 179, 1)])
    assert order_along_curve(boxes).tolist() == [1, 0]


def test_equal_boxes_stay_in_order_and_no_box_makes_no_order():
    assert order_along_curve(np.ones((3, 4))).tolist() == [0, 1, 2]
    assert order_along_curve(np.zeros((0, 4))).tolist() == []
