"""Development areas with planned residents and jobs, and the build-out land state. Called by people.py.

Inputs: published figures (fact ids N01-N12), vertices drawn by hand over the land-use raster of 2024
(roads, coast, estates and ponds as guides; records/{development_areas,outlines}.csv), amateur sketches of The Loop, Kwu Tung North and Fanling North
as orientation (simplified), land utilisation 2024, height of Hong Kong (70 m). Check: drawn area against the
published hectares where there are any. No statutory plan was at hand: every polygon is indicative.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from people_grid import HK, Frame, burn, fine_centre, largest_remainder
from shapely import MultiPolygon, Polygon
from tables import Row, outline, record_rows

from corridor.core.crs import HK80, WORKING, project_xy

# Land that is never built on: fish ponds, woodland, mangrove, reservoirs, streams, bare hill, rocky shore;
# and slopes.
NOT_BUILT = (62, 71, 74, 81, 83, 91, 92)
PONDS = 62
LEAST_PIECE_M2, LEAST_SHARE = 10_000.0, 0.02  # smaller pieces and shares of a cell are left out
STEEP = 0.25  # rise over run on the 70 m height raster: hills, an assumption


def drawn(name: str) -> Polygon:
    """A shape of records/outlines.csv in EPSG:4547."""
    x, y = project_xy(*np.array(outline(name)).T)
    return Polygon(np.column_stack([x, y]))


def slope(sources: Path, index: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rise over run of fine squares on the 70 m height raster; 0 outside it."""
    with rasterio.open(sources / "dem" / "hk-dtm5m_70m_2326.tif") as src:
        band = src.read(1).astype(float)
        band[~np.isfinite(band) | (band < 0)] = 0
        dy, dx = np.gradient(band, abs(src.transform.e), src.transform.a)
        col, row = ~src.transform * project_xy(*fine_centre(index), WORKING, HK80)
    col, row = np.floor(col).astype(int), np.floor(row).astype(int)
    inside = (col >= 0) & (row >= 0) & (col < band.shape[1]) & (row < band.shape[0])
    out = np.zeros(len(index))
    out[inside] = np.hypot(dx, dy)[row[inside], col[inside]]
    return out


def shapes_of(sources: Path, areas: list[Row]) -> list[Polygon | MultiPolygon]:
    """The areas in EPSG:4547; they do not overlap: an earlier one in the list keeps the ground."""
    sketch = gpd.read_file(sources / "hk_future_sketch" / "FutureDevNode.json").to_crs(WORKING)
    shapes = [
        drawn(a["area_id"])
        if a["sketch"] is None
        else sketch.geometry.iloc[a["sketch"]].buffer(0).simplify(30)
        for a in areas
    ]
    for i in range(len(shapes)):
        for j in range(i):
            if shapes[i].intersects(shapes[j]):
                shapes[i] = shapes[i].difference(shapes[j].buffer(1))
                if isinstance(shapes[i], MultiPolygon):
                    shapes[i] = MultiPolygon([p for p in shapes[i].geoms if p.area > LEAST_PIECE_M2])
    return shapes


def area_row(area: Row, shape: Polygon | MultiPolygon, built_on_m2: float) -> Row:
    """The row of an area in development_areas.geojson."""
    return {
        **{c: area[c] for c in ("area_id", "name_en", "name_zh_hant", "name_zh_hans", "region")},
        "planned_residents": area["residents"],
        "planned_jobs": area["jobs"],
        "in_buildout": area["in_buildout"],
        "published_area_ha": area["published_area_ha"],
        "area_ha": round(shape.area / 1e4, 1),
        "built_on_ha": round(built_on_m2 / 1e4, 1) if area["in_buildout"] else None,
        **{c: area[c] for c in ("source", "confidence", "accuracy_m", "method", "note")},
        "geometry": shape,
    }


def additions(area: Row, free_m2: NDArray[np.float64], cell: NDArray[np.int64]) -> list[pd.DataFrame]:
    """Residents and jobs of an area by cell, in proportion to its ground that can be built on."""
    by_cell = pd.Series(free_m2).groupby(cell).sum()
    by_cell = by_cell[by_cell > LEAST_SHARE * by_cell.max()]
    return [
        pd.DataFrame(
            {"cell": by_cell.index, "what": what, "n": largest_remainder(by_cell.to_numpy(), area[what])}
        )
        for what in ("residents", "jobs")
        if area[what]
    ]


def build(
    sources: Path, frame: Frame, land_use: dict[int, NDArray[np.float32]]
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[str]]:
    """The areas (EPSG:4547), the additions by cell, and the report."""
    areas = record_rows("development_areas")
    index = np.flatnonzero(frame.hk_land > 0)
    steep = slope(sources, index) > STEEP
    valley = burn(gpd.GeoDataFrame(geometry=[drawn("long-valley")], crs=WORKING), [1])[index] > 0
    cell, _ = frame.settle(index, HK)
    rows, adds = [], []
    lines = ["Development areas: drawn ha, published ha, ponds ha, built-on ha, residents, jobs:"]
    for area, shape in zip(areas, shapes_of(sources, areas), strict=True):
        inside = burn(gpd.GeoDataFrame(geometry=[shape], crs=WORKING), [1])[index] > 0
        free = frame.hk_land[index].astype(float)
        for code in NOT_BUILT:
            if not (code == PONDS and area["ponds_are_built_on"]):
                free -= land_use[code][index]
        free = np.where(inside & ~steep & ~valley, np.maximum(free, 0), 0.0)
        if area["in_buildout"]:
            adds += additions(area, free, cell)
        rows.append(area_row(area, shape, free.sum()))
        ponds_ha = land_use[PONDS][index][inside].sum() / 1e4
        lines.append(
            f"  {area['area_id']:24s} {shape.area / 1e4:7.0f} {area['published_area_ha'] or '-'!s:>5} {ponds_ha:5.0f} {free.sum() / 1e4:6.0f}"
            f" {area['residents']:>8,} {area['jobs']:>8,}"
            + "  (left out of the build-out)"
            * (not area["in_buildout"])
        )
    table = pd.concat(adds).pivot_table(index="cell", columns="what", values="n", aggfunc="sum", fill_value=0)
    return gpd.GeoDataFrame(rows, crs=WORKING), table.astype(int), lines
