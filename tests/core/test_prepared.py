"""Prepared shapes answer as others do, and threads may share them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import shapely

from corridor.core import prepared

RACE = """
from concurrent.futures import ThreadPoolExecutor
import numpy as np, shapely
from corridor.core.prepared import intersects
rng = np.random.default_rng(0)
for _ in range(60):
    areas = shapely.buffer(shapely.points(rng.uniform(0, 100, (60, 2))), 20, quad_segs=200)
    others = shapely.buffer(shapely.points(rng.uniform(0, 100, (60, 2))), 5, quad_segs=20)
    with ThreadPoolExecutor(4) as pool:
        found = [each.result() for each in [pool.submit(intersects, areas, others) for _ in range(4)]]
    assert all((each == found[0]).all() for each in found)
"""
"""Without the lock two of three such processes end with a segmentation fault."""


def test_answers_are_those_of_shapes_that_are_not_prepared() -> None:
    rng = np.random.default_rng(1)
    areas = shapely.buffer(shapely.points(rng.uniform(0, 10, (50, 2))), 2)
    others = shapely.buffer(shapely.points(rng.uniform(0, 10, (50, 2))), 0.5)
    bare = shapely.from_wkb(shapely.to_wkb(areas))
    assert (prepared.intersects(areas, others) == shapely.intersects(bare, others)).all()
    assert (prepared.covers(areas, others) == shapely.covers(bare, others)).all()
    x, y = rng.uniform(0, 10, (2, 50))
    assert (prepared.contains_xy(areas, x, y) == shapely.contains_xy(bare, x, y)).all()
    assert prepared.intersects(areas[0], areas[0]) and shapely.is_prepared(areas).all()


def test_threads_may_ask_the_same_shapes_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", RACE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-500:]
