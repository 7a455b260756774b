"""A sketch on the real study with one cell in sixteen, and a drawing on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from corridor.access.search.cells import Cells
from corridor.access.surroundings.base import BaseLayer
from corridor.sketch.scored import Sketcher
from corridor.study.access import Access
from corridor.study.study import Study

COAST: dict[str, Any] = {
    "id": "coast",
    "title": "A line along the coast",
    "line": {
        "points": [
            {"lonlat": [113.97331, 22.39508], "station": "tuen-mun"},
            {"lonlat": [113.977, 22.388]},
            {"lonlat": [113.985, 22.3815], "name": "Sam Shing"},
            {"lonlat": [114.0049, 22.3768], "name": "So Kwun Wat"},
        ],
        "structures": ["bored_tunnel", "bored_tunnel", "viaduct"],
        "headway_min": {"peak": 4, "off_peak": 6},
        "hours": ["06:00", "24:00"],
        "speed_kmh": 60,
    },
}


class Thin(Sketcher):
    """One on the cells of its edit, without travellers, who need all cells."""

    travellers = None

    @property
    def cells(self) -> Cells:
        return self.edit.access.base.cells


@pytest.fixture(scope="session")
def sketcher(study: Study) -> Sketcher:
    made = Thin(study)
    table = study.catalog.table("cells").iloc[::16].reset_index(drop=True)
    base = BaseLayer(Cells.from_table(table), study.ground, study.buses)
    thin = Access(base, study.parameters, study.gazetteer)
    made.edit = replace(study.edit(made.do_minimum), access=thin)
    return made
