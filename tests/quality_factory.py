"""Small models of habitat quality, and works on a small grid."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine
from shapely.geometry import box

from corridor.ecology.quality.grid import HabitatGrid
from corridor.ecology.quality.model import QualityModel, Threat
from corridor.ecology.quality.quality import (
    QualityReference,
    quality_reference,
    threat_sources,
)

X, Y = 500_000.0, 2_490_000.0
CLASSES = pd.DataFrame(
    {
        "code": [1, 2, 3],
        "habitat_id": ["pond", "wood", "town"],
        "group": ["wetland", "woodland", "built"],
    }
)


def model(
    *threats: Threat, h: tuple[float, ...] = (1, 1, 0), s: Any = None, k: float | None = 0.5
) -> QualityModel:
    """A model for codes 1, 2 and 3; sensitivity 1 (town 0) unless given by threat."""
    suitability, sensitivity = np.full(256, np.nan), np.full((len(threats), 256), np.nan)
    suitability[1:4] = h
    sensitivity[:, 1:4] = (1, 1, 0) if s is None else s
    return QualityModel(threats, suitability, sensitivity, k)


def one_source(shape: tuple[int, int] = (5, 5), at: tuple[int, int] = (2, 2)) -> np.ndarray:
    cells = np.zeros(shape, dtype=bool)
    cells[at] = True
    return cells


PONDS = np.ones((5, 5), dtype=np.uint8)


def grid_of(codes: np.ndarray, cell_m: float = 100.0) -> HabitatGrid:
    return HabitatGrid(codes, Affine(cell_m, 0, X, 0, -cell_m, Y), CLASSES)


def works(*pieces: tuple[str, bool, tuple[float, float, float, float]]) -> gpd.GeoDataFrame:
    """Footprint rows: permanence, operation, and west, south, east, north in metres from the corner at the north-west."""
    rows = [("line", p, o, box(X + w, Y + s, X + e, Y + n)) for p, o, (w, s, e, n) in pieces]
    return gpd.GeoDataFrame(
        rows, columns=["line_id", "permanence", "operation", "geometry"], geometry="geometry", crs=4547
    )


RAIL = Threat("rail", 1, 200, "linear", works="operation")
BUILT = Threat("town", 1, 300, "exponential", habitats=("town",), works="take")


def reference(
    codes: np.ndarray, m: QualityModel | None = None, cell_m: float = 100.0, **options: Any
) -> QualityReference:
    grid = grid_of(codes, cell_m)
    m = m or model(RAIL, BUILT)
    return quality_reference(grid, m, threat_sources(grid, m), **options)
