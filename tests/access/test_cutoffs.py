"""Which ways of a cell can bring a destination within a cut-off, or out of it, between two networks."""

from __future__ import annotations

import numpy as np
import pytest

from corridor.access.reach.change import Look, Points, may_cross, spans_of
from corridor.access.reach.kernels import FAR, Left
from corridor.access.search.rows import Rows

NO_ROWS = Rows(np.zeros(2, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))
CUTOFFS = np.array([1800, 3600], np.int16)


def left(*seconds: list[int]) -> Left:
    """One point, a row for each step."""
    rows = np.array([[FAR] * len(seconds[0]), *seconds], np.int16)
    return Left.of(np.arange(1, len(seconds) + 1, dtype=np.int32).reshape(-1, 1), rows)


def spans(before: Left, after: Left) -> tuple[np.ndarray, np.ndarray]:
    one = np.zeros(1, np.int32)
    points = Points(one, one, np.empty(0, np.bool_), NO_ROWS, NO_ROWS)
    none = np.empty(0, np.int32)
    look = Look(np.ones(1, np.bool_), np.full(1, -1, np.int32), none, none, np.empty(0, np.float32))
    return spans_of(before, after, points, look)


def may(before: Left, after: Left, seconds: float) -> bool:
    """Whether a cell that reaches the one point in some seconds may gain or lose a destination."""
    zero = np.zeros(1, np.int32)
    look = Look(np.ones(1, np.bool_), zero, zero - 1, zero, np.array([seconds], np.float32))
    return bool(may_cross(0, look, spans(before, after), CUTOFFS))


def test_only_destinations_that_differ_make_a_span() -> None:
    least, most = spans(left([1000, 200, 9000], [1000, 200, 9000]), left([900, 200, 9000], [700, 200, 9000]))
    assert (least.tolist(), most.tolist()) == ([700], [1000])


@pytest.mark.parametrize(
    ("seconds", "crosses"),
    [
        (2600.0, False),  # 3,500 s and 3,600 s: both within 60 min
        (2601.0, True),  # 3,501 s and 3,601 s
        (2700.0, True),  # 3,600 s and 3,700 s: the cut-off itself is within
        (2701.0, False),  # 3,601 s and 3,701 s: neither
        (2700.4, True),  # whole seconds count
        (850.0, True),  # 1,750 s and 1,850 s, at the other cut-off
        (0.0, False),
    ],
)
def test_a_way_counts_where_a_cut_off_is_between_both_times(seconds: float, crosses: bool) -> None:
    one, other = left([1000, 300]), left([900, 300])
    assert may(one, other, seconds) is crosses
    assert may(other, one, seconds) is crosses


def test_a_destination_that_only_one_network_reaches_crosses_every_cut_off_beyond() -> None:
    assert may(left([int(FAR)]), left([900]), 0.0)
    assert not may(left([int(FAR)]), left([3601]), 0.0)
