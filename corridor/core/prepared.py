"""Shapes that threads share and ask again and again: prepared, and asked by one thread at a time.

GEOS completes a prepared shape when it is first asked something: two threads that ask it at once may end the program.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = Any
"""A shape or an array of them. The first of two arguments are prepared, and stay so."""
_ONE_AT_A_TIME = RLock()


def intersects(shapes: Shapes, others: Shapes) -> NDArray[np.bool_]:
    """Whether shapes touch others, pair by pair."""
    return _asked(shapely.intersects, shapes, others)


def covers(shapes: Shapes, others: Shapes) -> NDArray[np.bool_]:
    """Whether nothing of the others is outside the shapes, pair by pair."""
    return _asked(shapely.covers, shapes, others)


def contains_xy(shapes: Shapes, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points are inside shapes, pair by pair."""
    return _asked(shapely.contains_xy, shapes, x, y)


def _asked(what: Callable[..., Any], shapes: Shapes, *of: Any) -> NDArray[np.bool_]:
    with _ONE_AT_A_TIME:
        shapely.prepare(shapes)
        return np.asarray(what(shapes, *of))
