"""Nodes as the layer has them, and the trips across the boundary between their surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.search.cells import Place
from corridor.demand.predict import Demand
from corridor.demand.zones import Zones
from corridor.schema.region import Sides
from corridor.schema.rows import number_of, row_name, rows_of, text_of
from corridor.schema.text import Text

if TYPE_CHECKING:
    from corridor.study.study import Study

TRIPS_WITHIN_M = 2_000.0
"""Trips of a zone are those of the nearest node of its side, if its centre is so near (assumption)."""


@dataclass(frozen=True)
class Node:
    """One row of the layer of nodes, with the planned figures of its development areas.

    Attributes
    ----------
    axis
        Axis of the region.
    planned_residents, planned_jobs
        Sums of its development areas; NaN where it has none.
    in_buildout
        Whether the build-out counts any of these areas.
    """

    node_id: str
    name: Text
    place: Place
    axis: str
    planned_residents: float
    planned_jobs: float
    in_buildout: bool
    confidence: str


def nodes_of(study: Study) -> tuple[Node, ...]:
    """In the order of the layer; none where the study has no such layer."""
    areas = (
        study.catalog.vector("development_areas").set_index("area_id")
        if study.catalog.having("development_areas")
        else pd.DataFrame(columns=["planned_residents", "planned_jobs", "in_buildout"])
    )
    return tuple(_node(study, row, areas) for row in rows_of(study.catalog.table_if_any("nodes")))


def _node(study: Study, row: dict[str, object], areas: pd.DataFrame) -> Node:
    own = areas.loc[[a for a in text_of(row.get("area_ids")).split() if a in areas.index]]
    residents, jobs = (
        float(pd.to_numeric(own[c]).sum()) if len(own) else np.nan
        for c in ("planned_residents", "planned_jobs")
    )
    lon, lat = number_of(row["lon"]) or 0.0, number_of(row["lat"]) or 0.0
    return Node(
        text_of(row["node_id"]),
        row_name(row),
        study.position(text_of(row["node_id"]), lon, lat),
        text_of(row.get("axis")),
        residents,
        jobs,
        bool(pd.to_numeric(own["in_buildout"]).sum()),
        text_of(row["confidence"]),
    )


def trips_between(nodes: Sequence[Node], sides: Sides, zones: Zones, demands: Sequence[Demand]) -> pd.DataFrame:  # fmt: skip
    """Trips a day across the boundary between the surroundings of nodes, both directions.

    The trips of a zone are those of the nearest node of its side, if its centre is within :data:`TRIPS_WITHIN_M`; those of
    other zones are left out. Trips on one side are not modelled.

    Parameters
    ----------
    nodes, sides, zones
        Nodes, the ids of the two sides, and the zones of demand.
    demands
        Of a scenario and of its reference.

    Returns
    -------
    pandas.DataFrame
        from (on the south side), to, trips_per_day, reference_per_day; a row for each pair.
    """
    side = np.array([sides.index(n.place.region) for n in nodes], dtype=int)
    nearest = _nearest(nodes, side, zones)
    south, north = np.flatnonzero(side == 0), np.flatnonzero(side == 1)
    now, before = (_between(nearest, len(nodes), demand)[np.ix_(south, north)].ravel() for demand in demands)
    ids = np.array([n.node_id for n in nodes], dtype=object)
    starts, ends = np.repeat(ids[south], len(north)), np.tile(ids[north], len(south))
    return pd.DataFrame({"from": starts, "to": ends, "trips_per_day": now, "reference_per_day": before})


def _nearest(nodes: Sequence[Node], side: NDArray[np.int64], zones: Zones) -> NDArray[np.int64]:
    """(zone,) number of the node whose trips those of a zone are; -1 for none."""
    if not nodes:
        return np.full(len(zones), -1)
    x, y = np.asarray(zones.centre_x_m), np.asarray(zones.centre_y_m)
    away = np.array([np.hypot(x - n.place.x_m, y - n.place.y_m) for n in nodes])
    away[side[:, None] != zones.side[None, :]] = np.inf
    return np.where(away.min(axis=0) <= TRIPS_WITHIN_M, away.argmin(axis=0), -1)


def _between(nearest: NDArray[np.int64], count: int, demand: Demand) -> NDArray[np.float64]:
    """(south node, north node) trips of both directions."""
    total, sides = np.zeros((count, count)), demand.base.model.sides
    for (_, d), flow in demand.flows.items():
        at, to = (nearest[sides[k]] for k in (d, 1 - d))
        rows, columns = np.flatnonzero(at >= 0), np.flatnonzero(to >= 0)
        pairs = (at[rows][:, None], to[columns][None, :])
        np.add.at(total, pairs if d == 0 else pairs[::-1], flow.trips[np.ix_(rows, columns)])
    return total
