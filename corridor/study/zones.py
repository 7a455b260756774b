"""Zones: squares of 1 km of one side of the boundary, and means of what their cells have."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from shapely import box

from corridor.access.search.cells import Cells
from corridor.core.crs import WGS84, WORKING, project

ZONE_M = 1_000.0


@dataclass(frozen=True)
class Zones:
    """The zones of a study.

    Attributes
    ----------
    of_cell
        (cell,) index of the zone of each cell.
    frame
        zone_id, region, district_id, residents, jobs; squares in EPSG:4326.
    weight
        (cell,) what means are weighted by: residents, and a thousandth of a job where nobody lives.
    """

    of_cell: NDArray[np.int64]
    frame: gpd.GeoDataFrame
    weight: NDArray[np.float64]

    def means(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Means over the cells of each zone.

        Parameters
        ----------
        values
            (measure, cell), NaN where nothing is known or reached.

        Returns
        -------
        numpy.ndarray
            (measure, zone), float32; NaN where less than half of the weight is reached: a mean over the few near cells would
            make new reach look worse.
        """
        zone_of, n = self.of_cell, len(self.frame)
        whole = np.bincount(zone_of, self.weight, n)
        out = np.full((len(values), n), np.nan, dtype=np.float32)
        for i, row in enumerate(values):
            known = np.isfinite(row)
            total = np.bincount(zone_of[known], self.weight[known], n)
            with np.errstate(invalid="ignore", divide="ignore"):
                out[i] = np.where(
                    total > 0.5 * whole,
                    np.bincount(zone_of[known], self.weight[known] * row[known], n) / total,
                    np.nan,
                )
        return out


def zones_of(cells: Cells) -> Zones:
    """The zones in which the cells of a study are."""
    col, row = (cells.x_m // ZONE_M).astype(int), (cells.y_m // ZONE_M).astype(int)
    frame = cells.table.assign(
        zone_id=[f"{r}-{c}-{w}" for r, c, w in zip(cells.region, col, row, strict=True)], col=col, row=row
    )
    frame["jobs"], frame["residents"] = cells.people(what="jobs"), cells.people()
    grouped = frame.groupby("zone_id", sort=True)
    cells_of = frame.groupby(["zone_id", "district_id"]).size()
    district = cells_of.sort_values(ascending=False, kind="stable").reset_index("district_id")["district_id"]
    zones = grouped.agg(
        region=("region", "first"),
        residents=("residents", "sum"),
        jobs=("jobs", lambda jobs: jobs.sum(skipna=False)),
        col=("col", "first"),
        row=("row", "first"),
    ).reset_index()
    zones.insert(2, "district_id", zones["zone_id"].map(district.groupby(level=0).first()))
    x, y = zones["col"].to_numpy() * ZONE_M, zones["row"].to_numpy() * ZONE_M
    squares = project(box(x, y, x + ZONE_M, y + ZONE_M), WORKING, WGS84)
    # a zone in which nobody lives still has a mean: over its jobs, or over its cells
    weight = cells.people() + 1e-3 * (np.nan_to_num(cells.people(what="jobs")) + 1)
    return Zones(
        grouped.ngroup().to_numpy(),
        gpd.GeoDataFrame(zones.drop(columns=["col", "row"]), geometry=squares, crs=WGS84),
        weight,
    )
