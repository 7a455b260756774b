"""What hk_bus.py prints to be checked: speeds, a second reading of the tables, positions against older ones."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from hk_bus_patterns import Pattern
from hk_bus_records import OPERATORS
from hk_bus_stops import Place, Stop
from scipy.spatial import cKDTree
from tables import NETWORK, read

from corridor.core.crs import project_xy


def report_speeds(patterns: Sequence[Pattern]) -> Iterator[str]:
    """Speeds by operator."""
    for operator in OPERATORS:
        v = [p.speed_kmh for p in patterns if p.record.operator == operator]
        low, q1, mid, q3, high = np.percentile(v, [0, 25, 50, 75, 100])
        yield f"{operator}: km/h, straight from stop to stop: {low:.1f} least, quartiles {q1:.1f} {mid:.1f} {q3:.1f}, {high:.1f} most"


def report_summary(patterns: Sequence[Pattern], folder: Path) -> Iterator[str]:
    """Minutes and departures beside the second reading of the same tables."""
    second: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in read(folder / "bus_headways_summary.csv"):
        second[row["op"], row["route"], row["first_stop"], row["last_stop"], row["n_stops"]].append(row)
    minutes, departures, seen = [], [], 0
    for p in patterns:
        raw = p.record.raw["stops"]
        rows = second.get((p.record.operator, p.record.route, str(raw[0]), str(raw[-1]), str(len(raw))), [])
        runs = [float(r["run_min"]) for r in rows if r["run_min"]]
        if runs:
            seen += 1
            minutes.append(min(abs(p.run_s / 60 - r) for r in runs))
            departures.append(min(abs(len(p.record.departures()) - int(r["wk_deps"] or 0)) for r in rows))
    same = sum(m == 0 for m in minutes)
    yield f"summary: {seen} of {len(patterns)} patterns found; minutes equal in {same}, mean difference {np.mean(minutes):.2f}, largest {max(minutes):g}"
    yield f"summary: departures equal in {sum(d == 0 for d in departures)}, mean difference {np.mean(departures):.2f}"


def report_positions(
    places: Sequence[Place],
    stops: dict[tuple[str, str], Stop],
    number: dict[tuple[str, str], int],
    sources: Path,
) -> Iterator[str]:
    """Positions against the stops of 2024, and the stop nearest to each MTR station."""
    x, y = project_xy([p.lon for p in places], [p.lat for p in places])
    with sqlite3.connect(
        f"file:{sources / 'hk_bus_kmb_ctb_db' / 'bus.db'}?mode=ro&immutable=1", uri=True
    ) as db:
        old = {str(k): (lon, lat) for k, lon, lat in db.execute("select stop, long, lat from stops")}
    same = [(k, old[k[1]]) for k in number if k[0] in {"KMB", "CTB"} and k[1] in old]
    ox, oy = project_xy([float(p[0]) for _, p in same], [float(p[1]) for _, p in same])
    at = np.array([number[k] - 1 for k, _ in same])
    own = np.array([stops[k].xy for k, _ in same])
    moved = np.hypot(own[:, 0] - ox, own[:, 1] - oy)
    merged = np.hypot(x[at] - ox, y[at] - oy)
    yield (
        f"stops of 2024 (same operator's id, {len(same)} of KMB and CTB): median {np.median(moved):.1f} m, 95th {np.percentile(moved, 95):.0f}, "
        f"over 100 m {int((moved > 100).sum())}; after joining median {np.median(merged):.1f} m, 95th {np.percentile(merged, 95):.0f}"
    )
    mtr = [r for r in read(NETWORK / "stations_hk.csv") if r["system"] == "metro"]
    mx, my = project_xy([float(r["lon"]) for r in mtr], [float(r["lat"]) for r in mtr])
    gap, _ = cKDTree(np.column_stack([x, y])).query(np.column_stack([mx, my]))
    far = sorted(((round(g), r["name_en"]) for g, r in zip(gap, mtr, strict=True)), reverse=True)[:5]
    yield f"stop nearest to {len(mtr)} MTR stations: median {np.median(gap):.0f} m, farthest {', '.join(f'{n} {g}' for g, n in far)}"
