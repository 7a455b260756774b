"""A scenario's network as frames with shapes, EPSG:4326."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
from shapely.geometry import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from corridor.core.crs import WORKING, frame_in_wgs84
from corridor.ecology.works.profile import Work
from corridor.network.service import DAY_S, Line, Network
from corridor.schema.rows import in_columns
from corridor.schema.scenario import Scenario


def lines(network: Network, works: Sequence[Work]) -> gpd.GeoDataFrame:
    """List the lines of a scenario, EPSG:4326.

    Existing lines run straight from stop to stop, as the tables hold no alignments of them; what is built follows its drawn
    alignment, a row for each part.
    """
    rows: list[dict[str, Any]] = []
    shapes: list[BaseGeometry] = []
    built = {work.line_id for work in works}
    for line in network.lines.values():
        legs = {
            tuple(sorted((a.station_id, b.station_id)))
            for p in network.patterns
            if p.line_id == line.line_id
            for a, b in pairwise(p.stops)
        }
        if legs and line.line_id not in built:
            rows.append(_line_row(line))
            shapes.append(MultiLineString([_chord(network, *leg) for leg in sorted(legs)]))
    for work in works:
        for part in work.parts:
            rows.append(_line_row(network.lines[work.line_id]) | {
                "status": work.status, "added": True, "counterfactual": work.counterfactual, "colour": "",
                "part_id": part.part_id, "structure": part.structure,
            })  # fmt: skip
            shapes.append(work.course(part))
    return _frame(rows, shapes)


def _line_row(line: Line) -> dict[str, Any]:
    """A line as it runs; what is built of it is said part by part."""
    return {
        "line_id": line.line_id, **in_columns(line.names), "mode": line.mode, "axis": line.axis, "status": line.status,
        "added": line.added, "counterfactual": False, "colour": line.colour, "part_id": "", "structure": "",
    }  # fmt: skip


def _chord(network: Network, a: str, b: str) -> LineString:
    return LineString([(network.stations[s].x_m, network.stations[s].y_m) for s in (a, b)])


def stations(network: Network, scenario: Scenario) -> gpd.GeoDataFrame:
    """Every station of a network as a layer.

    Parameters
    ----------
    network
        The scenario's network.
    scenario
        The scenario, for what it opens.

    Returns
    -------
    geopandas.GeoDataFrame
        Points in EPSG:4326 by station_id, with names, region, system, status, accuracy_m (of the position, metres) and `added`:
        whether the scenario opens the station, or serves it by a line that it adds or changes.
    """
    served = {s for work in scenario.works for s in (*work.opens, *work.stops)}
    for change in scenario.line_changes:
        served |= {*(change.stops or ()), *(stop.id for stop in change.add_stops)}
    listed = sorted(network.stations.values(), key=lambda s: s.station_id)
    rows = [
        {
            "station_id": s.station_id, **in_columns(s.names), "region": s.region, "system": s.system, "status": s.status,
            "added": s.station_id in served and s.status != "existing", "accuracy_m": s.accuracy_m,
        }
        for s in listed
    ]  # fmt: skip
    return _frame(rows, [Point(s.x_m, s.y_m) for s in listed])


def checkpoints(network: Network) -> gpd.GeoDataFrame:
    """Control points, open and closed, as a layer.

    Returns
    -------
    geopandas.GeoDataFrame
        Points in EPSG:4326 midway between the halls, by checkpoint_id, with names, kind, regime, opening hours "HH:MM",
        mean, low and high clearance time in minutes, passengers a day in 2025 and design capacity, status, and `changed` by
        the scenario.
    """
    listed = sorted(
        (c for c in network.checkpoints.values() if c.status in {"existing", "closed"}),
        key=lambda c: c.checkpoint_id,
    )
    rows = [
        {
            "checkpoint_id": c.checkpoint_id, **in_columns(c.names), "kind": c.kind, "regime": c.regime, "open": _clock(c.open_s),
            "close": _clock(c.close_s), "clearance_mean_min": c.clearance_s / 60, "clearance_low_min": c.clearance_low_s / 60,
            "clearance_high_min": c.clearance_high_s / 60, "clearance_assumed": c.clearance_assumed, "daily_2025": c.daily_2025,
            "design_capacity_pax_day": c.design_capacity_pax_day, "status": c.status, "changed": c.changed,
        }
        for c in listed
    ]  # fmt: skip
    return _frame(rows, [Point(*np.nanmean([c.south_xy_m, c.north_xy_m], axis=0)) for c in listed])


def _frame(rows: Sequence[dict[str, Any]], shapes: Sequence[BaseGeometry]) -> gpd.GeoDataFrame:
    """Rows with shapes of EPSG:4547 as a frame in EPSG:4326."""
    return frame_in_wgs84(gpd.GeoDataFrame(list(rows), geometry=list(shapes), crs=WORKING))


def _clock(seconds: float) -> str:
    return "24:00" if seconds == DAY_S else f"{int(seconds) // 3600:02d}:{int(seconds) % 3600 // 60:02d}"
