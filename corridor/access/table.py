"""Travel times between lists of places, exact at the clock time of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from corridor.access.cells import BaseLayer, Place, place_links
from corridor.access.clock import settle
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import service_clock_s
from corridor.progress import Progress, silent

LIMIT_S = 6 * 3600.0


def travel_table(
    compiled: CompiledNetwork,
    base: BaseLayer,
    origins: Sequence[Place],
    destinations: Sequence[Place],
    clock_s: float,
    fixed_wait: bool = False,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Expected minutes door to door: columns from, to, minutes; NaN where there is no way within six hours."""
    start = service_clock_s(clock_s)
    egress = [place_links(base, compiled, d) for d in destinations]
    x, y = np.array([d.x_m for d in destinations]), np.array([d.y_m for d in destinations])
    rows = []
    for done, origin in enumerate(origins):
        progress(origin.name, done, len(origins))
        clock = np.full(len(compiled.points), np.inf)
        points, seconds = place_links(base, compiled, origin)
        np.minimum.at(clock, points, start + seconds)
        settled, _, _ = settle(compiled.kernel, clock, start + LIMIT_S, fixed_wait)
        limit = base.ground.parameters.walk_limit_m
        _, near, metres = base.ground.distances(
            np.array([origin.x_m]),
            np.array([origin.y_m]),
            [origin.region],
            x,
            y,
            [d.region for d in destinations],
            limit,
        )
        on_foot = dict(zip(near.tolist(), base.ground.parameters.walk_s(metres).tolist(), strict=True))
        for j, (destination, (ends, out)) in enumerate(zip(destinations, egress, strict=True)):
            best = min(float(np.min(settled[ends] + out, initial=np.inf)) - start, on_foot.get(j, np.inf))
            rows.append((origin.name, destination.name, best / 60 if np.isfinite(best) else np.nan))
    return pd.DataFrame(rows, columns=["from", "to", "minutes"])
