"""Which points of a network an edit concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from corridor.core.arrays import BOOL, F32
from corridor.network.compiled import CompiledNetwork

Row = tuple[tuple[int, ...], bytes]
"""Points of a pattern or link, and everything else that times along it depend on."""
_COURSE = ("pattern_start", "stop_point", "link_start", "link_to")
"""Where patterns and links lead: where two networks have the same, each is set against its own."""


def changed_points(before: CompiledNetwork, after: CompiledNetwork) -> BOOL:
    """Points where a pattern or link calls that only one of two networks has, or has otherwise.

    Times from all other points can change only by way of these, so an edit is computed again from here.

    Parameters
    ----------
    before, after
        Two networks with the same points in the same order.

    Returns
    -------
    ndarray of bool, shape (points,)
    """
    changed = np.zeros(len(after.points), dtype=bool)
    if all(np.array_equal(getattr(before, name), getattr(after, name)) for name in _COURSE):
        stops, links = (~(f(before) == f(after)).all(axis=1) for f in (_stops, _links))
        of_stop = after.pattern_of_stop
        changed[after.stop_point[np.isin(of_stop, of_stop[stops])]] = True
        changed[after.link_origin[links]] = changed[after.link_to[links]] = True
        return changed
    rows = [Counter(_rows(n)) for n in (before, after)]
    for points, _ in (*(rows[0] - rows[1]), *(rows[1] - rows[0])):
        changed[list(points)] = True
    return changed


def _rows(network: CompiledNetwork) -> Iterator[Row]:
    point, stops = network.stop_point.tolist(), _stops(network)
    for first, end in zip(network.pattern_start[:-1], network.pattern_start[1:], strict=True):
        yield tuple(point[first:end]), stops[first:end].tobytes()
    ends = zip(network.link_origin.tolist(), network.link_to.tolist(), strict=True)
    for (a, b), row in zip(ends, _links(network), strict=True):
        yield (a, b), row.tobytes()


def _stops(network: CompiledNetwork) -> F32:
    """What times depend on at each stop of a pattern."""
    ride = [network.stop_ride_s, network.stop_dwell_s, network.stop_alight_s]
    here = [_clearance(network)[network.stop_alight_cp], _boardings(network)[network.stop_board]]
    return np.column_stack([*ride, *here])


def _links(network: CompiledNetwork) -> F32:
    """What times depend on along each link."""
    return np.column_stack([network.link_s, _clearance(network)[np.maximum(network.link_cp, -1)]])


def _clearance(network: CompiledNetwork) -> F32:
    """Hours and seconds of each control point; the last row is for none."""
    return _and_none(np.column_stack([network.cp_open_s, network.cp_close_s, network.cp_clear_s]))


def _boardings(network: CompiledNetwork) -> F32:
    """What each boarding offers; the last row is for none."""
    own = [network.board_s, network.board_first_s, network.board_last_s]
    return _and_none(np.column_stack([*own, network.board_headway_s, _clearance(network)[network.board_cp]]))


def _and_none(rows: F32) -> F32:
    none = np.full((1, rows.shape[1]), -1.0)
    return np.vstack([rows, none]).astype(np.float32)
