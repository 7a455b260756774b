"""Small networks written by hand, for cases whose answer stands in a comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from corridor.network.compiled import CompiledNetwork, compile_network
from corridor.network.service import PERIODS, Checkpoint, Line, Link, Network, Only, Pattern, Stop
from corridor.network.stations import Names, Station
from corridor.network.walk import Ground, WalkParameters

ALL_DAY = {name: 600.0 for name, _, _ in PERIODS}


def names(text: str) -> Names:
    return Names(text, text, text)


def station(station_id: str, x_m: float = 0.0, region: str = "hk", system: str = "road") -> Station:
    return Station(station_id, names(station_id), x_m, 1000.0, region, system, "existing", True, 10.0)


def pattern(
    pattern_id: str,
    stops: Sequence[str],
    run_s: Sequence[float],
    headway_s: float | Mapping[str, float],
    first: float = 0.0,
    last: float = 86_400.0,
    clearance: Mapping[str, str] | None = None,
    only: Mapping[str, Only] | None = None,
) -> Pattern:
    """Without dwell: arrival is departure. `only` says where passengers only board or alight."""
    clock = np.concatenate([[0.0], np.cumsum(run_s)])
    calls = tuple(
        Stop(s, float(t), float(t), (clearance or {}).get(s), (only or {}).get(s, ""))
        for s, t in zip(stops, clock, strict=True)
    )
    headways = (
        {name: headway_s for name, _, _ in PERIODS} if isinstance(headway_s, int | float) else headway_s
    )
    return Pattern(pattern_id, pattern_id, calls, headways, first, last, False)


def checkpoint(
    checkpoint_id: str,
    clearance_s: float = 600.0,
    open_s: float = 0.0,
    close_s: float = 86_400.0,
    kind: str = "hall",
) -> Checkpoint:
    return Checkpoint(
        checkpoint_id,
        names(checkpoint_id),
        kind,
        (0.0, 1000.0),
        (50.0, 1000.0),
        (False, False),
        "co_location",
        open_s,
        close_s,
        "existing",
        clearance_s,
        clearance_s / 2,
        clearance_s * 2,
        True,
        1000.0,
    )


def network(
    stations: Sequence[Station],
    patterns: Sequence[Pattern],
    links: Sequence[Link] = (),
    checkpoints: Sequence[Checkpoint] = (),
) -> Network:
    lines = {
        p.line_id: Line(p.line_id, names(p.line_id), "metro", "existing", "", "", False) for p in patterns
    }
    return Network(
        "test",
        {s.station_id: s for s in stations},
        lines,
        tuple(patterns),
        tuple(links),
        {c.checkpoint_id: c for c in checkpoints},
        {},
    )


def ground(code: int = 1, columns: int = 400) -> Ground:
    """A strip of land 50 km long and 10 km wide, all of one side."""
    return Ground(np.full((80, columns), code, dtype=np.uint8), 0.0, 0.0, 125.0, WalkParameters())


def compiled(net: Network) -> CompiledNetwork:
    return compile_network(net, ground())
