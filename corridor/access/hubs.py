"""Times between named hubs, exact at the clock time of each, and the control point each journey passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cells import BaseLayer, Place, PlaceLinks
from corridor.access.clock import settle
from corridor.access.journey import LIMIT_S
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import service_clock_s


def hub_table(
    compiled: CompiledNetwork,
    base: BaseLayer,
    hubs: Sequence[tuple[str, Place]],
    links: Mapping[str, PlaceLinks],
    clock_s: float,
    fixed_wait: bool = False,
) -> pd.DataFrame:
    """Columns from_place, to_place, minutes, checkpoint_id; NaN minutes where there is no way within six hours.

    `links`: the points around each hub and seconds to them (:func:`corridor.access.cells.place_links`).
    """
    start = service_clock_s(clock_s)
    rows = []
    for a, origin in hubs:
        clock = np.full(len(compiled.points), np.inf)
        points, seconds = links[a]
        clock[points] = start + seconds
        settled, previous, via = settle(compiled.kernel, clock, start + LIMIT_S, fixed_wait)
        for b, destination in hubs:
            if a == b:
                continue
            ends, out = links[b]
            arrival = settled[ends] + out
            best = float(arrival.min(initial=np.inf)) - start
            checkpoint = (
                _checkpoints(compiled, previous, via, int(ends[arrival.argmin()]))
                if np.isfinite(best)
                else ""
            )
            straight = float(np.hypot(origin.x_m - destination.x_m, origin.y_m - destination.y_m))
            if (
                None is origin.point is destination.point
                and origin.region == destination.region
                and straight <= base.ground.parameters.walk_limit_m
            ):
                on_foot = _walk_s(base, origin, destination)
                if on_foot < best:
                    best, checkpoint = on_foot, ""
            rows.append((a, b, best / 60 if np.isfinite(best) else np.nan, checkpoint))
    return pd.DataFrame(rows, columns=["from_place", "to_place", "minutes", "checkpoint_id"])


def _walk_s(base: BaseLayer, a: Place, b: Place) -> float:
    _, _, metres = base.ground.distances(
        np.array([a.x_m]),
        np.array([a.y_m]),
        [a.region],
        np.array([b.x_m]),
        np.array([b.y_m]),
        [b.region],
        base.ground.parameters.walk_limit_m,
    )
    return base.ground.walk_s(float(metres[0])) if metres.size else np.inf


def _checkpoints(
    compiled: CompiledNetwork, previous: NDArray[np.int32], via: NDArray[np.int32], end: int
) -> str:
    """Control points on the way to a point, in order, joined by '+'."""
    passed: list[str] = []
    while previous[end] >= 0:
        way = int(via[end])
        codes = (
            (compiled.section_board_cp[way], compiled.section_alight_cp[way])
            if way >= 0
            else (compiled.link_cp[-1 - way],)
        )
        passed += [compiled.cp_ids[c] for c in codes if c >= 0]
        end = int(previous[end])
    return "+".join(reversed(passed))
