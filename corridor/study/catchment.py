"""Who lives and works around places: straight distances, and 15 minutes on foot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.cells import Place
from corridor.access.surroundings.points import on_foot, points_of_places
from corridor.network.walk import Points
from corridor.schema.comparison import BUILDOUT, TODAY

if TYPE_CHECKING:
    from corridor.study.study import Study

WALK_MIN = 15
RADII_M = (500, 1000)
CATCHMENTS = (*(f"{m}m" for m in RADII_M), f"walk_{WALK_MIN}min")
"""Around a place: straight distances, and the cells that one walks to in 15 min."""
CELL_HA = 6.25
"""A cell of 250 m."""

Cells = NDArray[np.bool_]


def catchments(study: Study, places: Sequence[Place]) -> dict[str, list[Cells]]:
    """Cells around places, by name of the catchment: (cell,) flags of each place. Cells of the other side are in none."""
    cells = study.cells
    same = [np.array([r == p.region for r in cells.region]) for p in places]
    away = [np.hypot(cells.x_m - p.x_m, cells.y_m - p.y_m) for p in places]
    found = {f"{m}m": [s & (d <= m) for s, d in zip(same, away, strict=True)] for m in RADII_M}
    walks = on_foot(study.ground, points_of_places(places), Points(cells.x_m, cells.y_m, cells.region))
    within = []
    for i in range(len(places)):
        cell, seconds = walks.row(i)
        flags = np.zeros(len(cells.region), dtype=bool)
        flags[cell[seconds <= 60 * WALK_MIN]] = True
        within.append(flags)
    return found | {CATCHMENTS[-1]: within}


def people_in(study: Study, chosen: Cells) -> dict[str, float]:
    """Who is in some cells.

    Returns
    -------
    dict
        area_ha, of these cells (only inhabited or worked ones are known); residents and jobs of today and ``_planned`` on the
        build-out; per_ha, residents and jobs a hectare; jobs_per_100_residents; mix, ``1 - |R - J| / (R + J)``: 1 where there
        are as many jobs as residents, 0 where there is one kind alone.
    """
    residents, jobs = (float(study.cells.people(TODAY, what)[chosen].sum()) for what in ("residents", "jobs"))
    area_ha, both = CELL_HA * float(chosen.sum()), residents + jobs
    return {
        "area_ha": area_ha,
        "residents": residents,
        "jobs": jobs,
        "residents_planned": float(study.cells.people(BUILDOUT)[chosen].sum()),
        "jobs_planned": float(study.cells.people(BUILDOUT, "jobs")[chosen].sum()),
        "per_ha": both / area_ha if area_ha else np.nan,
        "jobs_per_100_residents": 100 * jobs / residents if residents else np.nan,
        "mix": 1 - abs(residents - jobs) / both if both else np.nan,
    }
