"""Small networks of local buses, and cells beside them.

On the ground of these tests walks are straight: 1.3 times the distance at 1.2 m/s, 13/12 s for a metre. A bus costs
30 s to board; alone it waits half its headway.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from corridor.access.search.cells import Cells
from corridor.access.surroundings.buses import FAR, BusHour, BusStops
from corridor.access.surroundings.points import Points
from corridor.network.bus import BusNetwork
from corridor.network.service import PERIODS
from corridor.network.walk import Ground
from tests.network_factory import ground

EIGHT = 8 * 3600.0
WALK = 1.3 / 1.2
BOARD = 30.0
A, B = (1000.0, 5000.0), (4000.0, 5000.0)
TWO_STOPS = [A, B]


@dataclass(frozen=True)
class Route:
    """Stops by number, seconds from each to the next."""

    stops: tuple[int, ...]
    ride_s: tuple[float, ...]
    headway_s: float
    first_s: float = 0.0
    last_s: float = 86_400.0
    name: str = "T 1"
    fare_hkd: float = 0.0


def buses(xy: list[tuple[float, float]], routes: list[Route]) -> BusNetwork:
    elapsed = [np.concatenate([[0.0], np.cumsum(r.ride_s)]) for r in routes]
    return BusNetwork(
        np.array([x for x, _ in xy], dtype=float),
        np.array([y for _, y in xy], dtype=float),
        np.concatenate([[0], np.cumsum([len(r.stops) for r in routes])]).astype(np.int32),
        np.concatenate([r.stops for r in routes]).astype(np.int32),
        np.concatenate([[*r.ride_s, 0.0] for r in routes]).astype(np.float32),
        np.concatenate(elapsed).astype(np.float32),
        np.array([[r.headway_s] * len(PERIODS) for r in routes], dtype=np.float32),
        np.array([r.first_s for r in routes], dtype=np.float32),
        np.array([r.last_s for r in routes], dtype=np.float32),
        tuple(r.name for r in routes),
        tuple(f"stop {i}" for i in range(len(xy))),
        np.concatenate([np.full(len(r.stops), r.fare_hkd) for r in routes]).astype(np.float32),
    )


def hour_of(net: BusNetwork, clock_s: float = EIGHT, land: Ground | None = None) -> BusHour:
    none = np.empty(0)
    return BusHour(BusStops.of(net, land or ground(), Points(none, none, ())), clock_s)


def seconds(net: BusNetwork, a: tuple[float, float], b: tuple[float, float], clock_s: float = EIGHT) -> float:
    """From place to place by bus, infinite where there is no way."""
    hour = hour_of(net, clock_s)
    start, end = (hour.stops.near(np.array([p[0]]), np.array([p[1]])) for p in (a, b))
    to_end = hour.to_places(end)[:, 0]
    found = float(np.min(to_end[start.column] + start.seconds, initial=np.inf))
    return found if found < FAR else np.inf


def cells_at(xy: list[tuple[float, float]], land: Ground) -> Cells:
    table = pd.DataFrame(xy, columns=["x_m", "y_m"])
    for column in ("residents_census", "jobs_modelled", "residents_buildout_2035", "jobs_buildout_2035"):
        table[column] = 1.0
    return Cells.from_table(table.assign(region=[land.region_at(*p) for p in xy]))


def entries(rows, cell: int) -> dict[int, float]:
    part = slice(rows.start[cell], rows.start[cell + 1])
    return dict(zip(rows.column[part].tolist(), rows.seconds[part].tolist(), strict=True))
