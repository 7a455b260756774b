"""A city's local buses: stops, and for each route-direction its stops, times and headways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corridor.core.arrays import F32, F64, I32
from corridor.core.crs import project_xy
from corridor.core.csr import row_starts
from corridor.network.service import PERIODS
from corridor.schema.line import clock_s

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class BusNetwork:
    """Stops of pattern i are rows ``pattern_start[i]:pattern_start[i+1]``; positions in EPSG:4547 metres.

    No source gives times between the ends of a route, so its run time is shared out by the straight distance from stop
    to stop (assumption).

    Attributes
    ----------
    ride_s
        From this stop to the next, 0 at the last.
    elapsed_s
        From the first stop to this one.
    headway_s
        (pattern, period), 0 where there is no service.
    last_s
        Departures at the first stop.
    label
        Operator and route of each pattern, such as "KMB 68X".
    fare_hkd
        Paid when boarding at this stop, wherever one alights; 0 where the tables state no fares.
    """

    x_m: F64
    y_m: F64
    pattern_start: I32
    stop: I32
    ride_s: F32
    elapsed_s: F32
    headway_s: F32
    first_s: F32
    last_s: F32
    label: tuple[str, ...]
    stop_name: tuple[str, ...]
    fare_hkd: F32

    @classmethod
    def from_tables(cls, stops: pd.DataFrame, patterns: pd.DataFrame) -> BusNetwork:
        """Compile the tables of local buses.

        Parameters
        ----------
        stops
            Of role `bus_stops`: longitude and latitude in WGS84.
        patterns
            Of role `bus_patterns`: run times and headways in seconds, fares in HKD.

        Returns
        -------
        BusNetwork
            Buses pass stops inside a closed area, and a pattern with fewer than two others is left out.
        """
        import pandas as pd

        x, y = project_xy(stops["lon"].to_numpy(float), stops["lat"].to_numpy(float))
        index = {str(s): i for i, s in enumerate(stops["stop_id"])}
        open_to_street = stops["street_access"].astype(int).to_numpy(bool)
        calls = [np.array([index[s] for s in str(row).split()], dtype=np.int32) for row in patterns["stops"]]
        served = []
        for i, (c, run_s, fare) in enumerate(
            zip(calls, patterns["run_s"].astype(float), _boarding_fares(patterns, calls), strict=True)
        ):
            # before closed stops are dropped: the bus still drives past them
            ride, keep = _shared_out(x[c], y[c], run_s), open_to_street[c]
            if keep.sum() > 1:
                served.append((i, c[keep], (np.cumsum(ride) - ride)[keep], fare[keep]))
        some, stop, elapsed, fares = map(list, zip(*served, strict=True))
        headways = patterns[[f"headway_{name}_s" for name, _, _ in PERIODS]].apply(pd.to_numeric)
        return cls(
            x,
            y,
            row_starts([c.size for c in stop]),
            np.concatenate(stop).astype(np.int32),
            np.concatenate([np.append(np.diff(e), 0.0) for e in elapsed]).astype(np.float32),
            np.concatenate(elapsed).astype(np.float32),
            headways.fillna(0.0).to_numpy(np.float32)[some],
            np.array([clock_s(patterns["first"].iloc[i]) for i in some], dtype=np.float32),
            np.array([clock_s(patterns["last"].iloc[i]) for i in some], dtype=np.float32),
            tuple(f"{patterns['operator'].iloc[i]} {patterns['route'].iloc[i]}" for i in some),
            tuple(stops["name_en"].fillna("").astype(str)),
            np.concatenate(fares).astype(np.float32),
        )


def _boarding_fares(patterns: pd.DataFrame, calls: list[I32]) -> list[F64]:
    """HKD at each stop of each pattern: the full fare, and from a step on its lower one.

    A pattern without a fare has the middle one of the others (assumption).
    """
    if "fare_hkd" not in patterns:
        return [np.zeros(c.size) for c in calls]
    full = patterns["fare_hkd"].astype(float)
    full = full.fillna(full.median() if full.notna().any() else 0.0)
    steps = patterns["fare_steps"].fillna("") if "fare_steps" in patterns else [""] * len(patterns)
    found = []
    for c, fare, listed in zip(calls, full, steps, strict=True):
        at_stop = np.full(c.size, fare)
        for place, lower in (step.split(":") for step in listed.split()):
            at_stop[int(place) - 1 :] = float(lower)
        found.append(at_stop)
    return found


def _shared_out(x_m: F64, y_m: F64, run_s: float) -> F64:
    """Seconds from each stop to the next by straight distance, 0 at the last."""
    metres = np.append(np.hypot(np.diff(x_m), np.diff(y_m)), 0.0)
    total = metres.sum()
    if total == 0.0:
        metres[:-1], total = 1.0, metres.size - 1
    return np.asarray(metres * (run_s / total))
