"""People of a raster put on the study's cells, none lost and none made.

A raster of people per square kilometre or hectare looks like one of counts. Where the two readings differ and the counts
do not fit the study's residents, both sums are said and the user states which is meant.

A raster cell's people are shared out by area among the 250 m cells that it overlaps. Sums are kept: what the raster
holds is on cells, moved ashore, or named as left out. No data is not zero population: the user states which is meant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.windows import Window
from scipy.spatial import cKDTree

from corridor.core.crs import WORKING, project, project_xy, transform_xy, way_to_wgs84
from corridor.core.csv_tables import for_programs
from corridor.core.errors import CrsError, LayerError
from corridor.importers.entry.enter import NewLayer
from corridor.importers.entry.files import LIMITS
from corridor.importers.entry.options import NodataMeans, Options, Per
from corridor.importers.rasters.head import Bounds, Head, bounds_of, opened, read_band
from corridor.schema.catalog import Catalog

CELL_M = 250.0
OFFSET_M = 125.0
"""Middles of cells lie at 125 m and every 250 m from there, as in the shipped table."""
ASHORE_M = 500.0
KNOWN_SHARE = 0.1
"""Of a cell's area; a raster that ends at a border touches the cells beyond it by slivers, and says nothing of them."""
F64 = NDArray[np.float64]
CELLS_LIMIT = 1_000_000
RASTER_CELLS = 50_000_000
"""Over the study, all in memory at once: cells of 13 m and more over the shipped one."""
DENSEST_PER_M2 = 4.0
"""Above this it is no count: WorldPop has up to 1.1 in the densest city of the shipped layers; people per km2 taken for counts would be 19."""
PER_M2: dict[Per, float] = {"km2": 1e-6, "ha": 1e-4}
"""People in a square metre for one of the raster's, by what its values are counted per."""
PLAUSIBLE = 3.0
"""Sums up to so many times the study's, or a so manieth, pass for counts without a question (assumption)."""


@dataclass(frozen=True)
class Shares:
    """What a raster puts on square cells.

    Attributes
    ----------
    x_m, y_m
        (cells,) middles in EPSG:4547 metres.
    people
        (cells,) people.
    known
        (cells,) how much of each cell the raster knows, 0 to 1.
    """

    x_m: F64
    y_m: F64
    people: F64
    known: F64


def share_out(values: F64, valid: NDArray[np.bool_], bounds: Bounds, head: Head) -> Shares:
    """Share a raster's counts out among all 250 m cells it covers, by the area of each part.

    The cells tile the plane, so the sum is kept to rounding.

    Parameters
    ----------
    values
        (rows, columns) people, north up.
    valid
        (rows, columns) booleans; the others count as unknown.
    bounds
        West, south, east, north in the raster's system.
    head
        Its system.

    Returns
    -------
    Shares
        Cells in EPSG:4547 with their people.

    Notes
    -----
    Areas of overlap are those of exactextract (Baston), whose shares are single precision: the sum is set right.
    """
    x_m, y_m = _cells_under(valid, bounds, head.to_wgs84)
    half = CELL_M / 2
    squares = shapely.box(x_m - half, y_m - half, x_m + half, y_m + half)
    back = way_to_wgs84(head.crs, head.name, back=True)

    def there(xy: F64) -> F64:
        lon, lat = project_xy(xy[:, 0], xy[:, 1], WORKING, 4326)
        return np.column_stack(transform_xy(back, lon, lat))

    squares = shapely.transform(squares, there)
    west, south, east, north = bounds
    frame = gpd.GeoDataFrame(geometry=squares, crs=head.crs)
    amounts = np.where(valid, values, 0.0)
    options = {"xmin": west, "ymin": south, "xmax": east, "ymax": north}
    wkt = head.crs.to_wkt()
    rasters = [
        NumPyRasterSource(amounts, name="people", srs_wkt=wkt, **options),
        NumPyRasterSource(valid.astype(float), name="known", srs_wkt=wkt, **options),
    ]
    got = exact_extract(rasters, frame, ["sum", "count"], output="pandas", max_cells_in_memory=30_000_000)
    people = got["people_sum"].to_numpy(float)
    count = got["known_count"].to_numpy(float)
    area = shapely.area(squares) / ((east - west) / values.shape[1] * (north - south) / values.shape[0])
    known = got["known_sum"].to_numpy(float) / np.maximum(area, count)
    people = np.nan_to_num(people)
    people *= float(amounts.sum()) / people.sum()  # shares are single precision: some 1e-8 is set right
    return Shares(x_m, y_m, people, np.clip(np.nan_to_num(known), 0, 1))


def _cells_under(valid: NDArray[np.bool_], bounds: Bounds, there: Transformer) -> tuple[F64, F64]:
    """Middles of all cells that a raster's valid cells may touch."""
    west, south, east, north = bounds
    rows, columns = np.nonzero(valid)
    width, height = (east - west) / valid.shape[1], (north - south) / valid.shape[0]
    low_x, high_x = np.full(len(rows), np.inf), np.full(len(rows), -np.inf)
    low_y, high_y = low_x.copy(), high_x.copy()
    for dx in (0.0, 0.5, 1.0):  # an edge is a little curved in the plane: its middle is looked at too
        for dy in (0.0, 0.5, 1.0):
            lon, lat = transform_xy(there, west + (columns + dx) * width, north - (rows + dy) * height)
            x, y = project_xy(lon, lat)
            low_x, high_x = np.minimum(low_x, x), np.maximum(high_x, x)
            low_y, high_y = np.minimum(low_y, y), np.maximum(high_y, y)
    first_i, last_i = (np.floor((v + m) / CELL_M).astype(np.int64) for v, m in ((low_x, -1.0), (high_x, 1.0)))
    first_j, last_j = (np.floor((v + m) / CELL_M).astype(np.int64) for v, m in ((low_y, -1.0), (high_y, 1.0)))
    found = []
    for di in range(int((last_i - first_i).max(initial=0)) + 1):
        for dj in range(int((last_j - first_j).max(initial=0)) + 1):
            inside = (first_i + di <= last_i) & (first_j + dj <= last_j)
            found.append(np.column_stack([first_i[inside] + di, first_j[inside] + dj]))
    ij = np.unique(np.concatenate(found), axis=0) if found else np.empty((0, 2), dtype=np.int64)
    middles = ij.astype(np.float64) * CELL_M + OFFSET_M
    return middles[:, 0], middles[:, 1]


def population_layer(path: Path, catalog: Catalog, options: Options) -> NewLayer:
    """The study's table of cells with residents from a raster of people per raster cell.

    Parameters
    ----------
    path
        A GeoTIFF.
    catalog
        The study's.
    options
        ``nodata_means`` where the raster knows nothing of cells with people.

    Raises
    ------
    LayerError
        For a raster that cannot be used, or where it must be stated what no data means.
    """
    table, districts = catalog.table("cells"), catalog.vector("districts")
    limits = replace(LIMITS, cells=RASTER_CELLS, cell_bytes=18)  # two copies as numbers, two masks
    with opened(path, tuple(districts.total_bounds), options, limits) as (raster, head):
        values, valid, bounds = read_counts(raster, head, options.per)
        cell_m2 = _cell_area_m2(raster, head)
    shares, total = share_out(values, valid, bounds, head), float(values[valid].sum())
    if options.per is None:
        _ask_density(path.name, shares, table, total, cell_m2)
    people, notes = on_cells(shares, table, districts, options.nodata_means, path.name, total)
    if options.per in PER_M2:
        notes = (f"people per {options.per} times the area of each cell (some {cell_m2:,.0f} m2)", *notes)
    notes = (*head.notes(), *notes)
    origin = options.origin.or_source(f"own file {path.name}")
    data = for_programs(people).encode()
    return NewLayer("cells", "table", ".csv", data, origin, notes, "cells", path.name)


def read_counts(
    raster: rasterio.DatasetReader, head: Head, per: Per | None = None
) -> tuple[F64, NDArray[np.bool_], Bounds]:
    """Counts over the study, which of them are known, and their bounds.

    Parameters
    ----------
    raster
        The file, open.
    head
        Its head.
    per
        What its values are counted per: ``cell`` (as by default), or the unit of area of a density.

    Returns
    -------
    tuple
        (rows, columns) people, north up, (rows, columns) booleans, and west, south, east, north in the raster's system.

    Raises
    ------
    LayerError
        For what cannot be people: negative cells, nobody, more than 4 a square metre.
    """
    values, valid = read_band(raster, head, head.window)
    if raster.transform.e > 0:  # the first row is the southern one
        values, valid = values[::-1], valid[::-1]
    wrong = valid & (values < 0)
    if wrong.any():
        nodata = "none" if head.nodata is None else f"{head.nodata:g}"
        what = f"has {wrong.sum():,} negative cells (least {values[wrong].min():g}; nodata is {nodata})"
        remedy = "give the nodata value that is meant with --nodata"
        raise LayerError.at(head.name, what, "counts of people", remedy)
    if not valid.any() or values[valid].sum() == 0:
        what = "holds nobody over the study"
        raise LayerError.at(head.name, what, "counts of people", "choose another file")
    area_m2 = _cell_area_m2(raster, head)
    if not (np.isfinite(area_m2) and area_m2 > 0):
        what = f"has cells without an area on the earth in {head.crs.name}"
        expected = "cells within the range of the system"
        raise CrsError.at(head.name, what, expected, "state the right CRS with --crs")
    if per in PER_M2:
        values = values * PER_M2[per] * _areas_m2(raster, head)
    most = float(values[valid].max())
    if most / area_m2 > DENSEST_PER_M2:
        what = f"has {most:,.0f} people in a cell of {area_m2:,.0f} m2, {values[valid].sum():,.0f} in all"
        expected = f"people per raster cell, at most {DENSEST_PER_M2:g} a square metre"
        remedy = "if it holds people per km2 or ha, give --per km2 or --per ha"
        raise LayerError.at(head.name, what, expected, remedy)
    return values, valid, bounds_of(raster, head.window)


def _ask_density(name: str, shares: Shares, table: pd.DataFrame, total: float, cell_m2: float) -> None:
    """Refuse counts that do not fit the study's residents while the same numbers read as a density do.

    Raises
    ------
    LayerError
        With the sum as counts, as people per km2 or ha, and that of the study on the same cells.
    """
    known = shares.known >= KNOWN_SHARE
    covered = set(zip(shares.x_m[known], shares.y_m[known], strict=True))
    same = [xy in covered for xy in zip(table["x_m"], table["y_m"], strict=True)]
    before = float(table["residents_census"].to_numpy(float)[same].sum())
    sums: dict[Per, float] = {"cell": total, **{per: total * cell_m2 * m2 for per, m2 in PER_M2.items()}}
    off = {per: abs(np.log(max(people, 1.0) / max(before, 1.0))) for per, people in sums.items()}
    nearest = min(off, key=off.__getitem__)
    if nearest == "cell" or off["cell"] <= np.log(PLAUSIBLE) or off[nearest] > np.log(PLAUSIBLE):
        return
    raise LayerError.at(
        name,
        f"holds {total:,.0f} people as counts, {sums[nearest]:,.0f} as people per {nearest}; the study has {before:,.0f} on "
        "the same cells",
        "word of what its values are",
        f"give --per {nearest} if they are people per {nearest}, --per cell if they are people per raster cell",
    )


def _cell_area_m2(raster: rasterio.DatasetReader, head: Head) -> float:
    """Area of the raster cell in the middle of the window."""
    return float(_areas_m2(raster, head, head.window.height // 2)[0, 0])


def _areas_m2(raster: rasterio.DatasetReader, head: Head, row: int | None = None) -> F64:
    """(rows, 1) areas of the raster's cells north up, those in the middle column: of one row, or of every one."""
    w = head.window
    rows = range(w.height) if row is None else [row]
    if raster.transform.e > 0:
        rows = list(rows)[::-1]
    middles = [Window(w.col_off + w.width // 2, w.row_off + r, 1, 1) for r in rows]
    corners = np.array([shapely.box(*bounds_of(raster, one)).exterior.coords for one in middles])
    lon, lat = transform_xy(head.to_wgs84, corners[..., 0], corners[..., 1])
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return np.full((len(middles), 1), np.nan)
    x, y = project_xy(lon, lat)
    return np.asarray(shapely.area(shapely.polygons(np.stack([x, y], axis=-1))))[:, None]


def on_cells(
    shares: Shares,
    table: pd.DataFrame,
    districts: gpd.GeoDataFrame,
    nodata_means: NodataMeans | None,
    name: str,
    total: float,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table with new residents: known cells, new ones on the study's land, people off it moved to the nearest cell.

    Jobs stay. The planned build-out keeps its distance: what it adds to the earlier residents is added to the new.

    Parameters
    ----------
    shares
        What the raster puts on cells.
    table
        The layer of cells.
    districts
        The layer of districts.
    nodata_means
        Of cells of which the raster knows nothing: zero, or keep the study's.
    name
        The file, for messages.
    total
        People in the raster over the study.

    Returns
    -------
    tuple
        The new table, and what was done.
    """
    place = {xy: i for i, xy in enumerate(zip(shares.x_m, shares.y_m, strict=True))}
    index = np.array([place.get(xy, -1) for xy in zip(table["x_m"], table["y_m"], strict=True)])
    before = table["residents_census"].to_numpy(float)
    there = np.where(index >= 0, shares.people[index], 0.0)
    known = np.where(index >= 0, shares.known[index], 0.0) >= KNOWN_SHARE
    _ask_nodata(name, before, known, nodata_means)
    people = there + np.where(~known & (nodata_means == "keep"), before, 0.0)
    new, moved = _off_the_table(shares, index, districts)
    everything = _with_new(table, new)
    residents = np.concatenate([people, new["people"].to_numpy(float)])
    tree = cKDTree(everything[["x_m", "y_m"]].to_numpy(float))
    away, to = map(np.asarray, tree.query(moved[["x_m", "y_m"]].to_numpy(float).reshape(-1, 2)))
    near, amounts = away <= ASHORE_M, moved["people"].to_numpy(float)
    np.add.at(residents, to[near].astype(np.int64), amounts[near])
    ashore, left = float(amounts[near].sum()), float(amounts[~near].sum())
    whole = to_whole(residents)
    grown = (everything["residents_buildout_2035"] - everything["residents_census"]).to_numpy(float)
    everything["residents_census"] = whole
    if "residents_even" in everything:
        everything["residents_even"] = whole
    everything["residents_buildout_2035"] = np.maximum(whole + grown, 0).astype(np.int64)
    notes = [
        f"{total:,.0f} people in the raster over the study; {whole.sum():,} residents on {len(everything):,} cells, "
        f"{len(new):,} of them new; {before.sum():,.0f} before",
        f"{ashore:,.0f} people on cells off the study's land moved to the nearest cell within {ASHORE_M:.0f} m",
        f"{left:,.0f} people farther off every district left out",
        "jobs are as before; the build-out adds to the new residents what it added to the earlier ones (assumption)",
    ]
    missing = int((~known).sum())
    if missing:
        kept = float(before[~known].sum())
        what = f"keep their {kept:,.0f} residents" if nodata_means == "keep" else "have no residents now"
        notes.insert(1, f"{missing:,} cells of which the raster knows nothing {what}")
    return everything, tuple(notes)


def _ask_nodata(name: str, before: F64, known: NDArray[np.bool_], means: NodataMeans | None) -> None:
    unknown = ~known & (before > 0)
    if unknown.any() and means is None:
        raise LayerError.at(
            name,
            f"knows nothing of {unknown.sum():,} cells where {before[unknown].sum():,.0f} people live in the study",
            "word of what no data means",
            "give --nodata-means zero (nobody lives there) or --nodata-means keep (the study's figures stay)",
        )


def _off_the_table(
    shares: Shares, index: NDArray[np.int64], districts: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """New cells with people in a district, and cells with people off every district."""
    used = np.zeros(len(shares.people), dtype=bool)
    used[index[index >= 0]] = True
    rest = np.flatnonzero(~used & (shares.people > 0))
    if len(rest) > CELLS_LIMIT:
        what = f"makes {len(rest):,} new cells"
        raise LayerError.at("population", what, f"at most {CELLS_LIMIT:,}", "cut the raster")
    land = project(np.asarray(districts.geometry.array))
    shapely.prepare(land)
    points = shapely.points(shares.x_m[rest], shares.y_m[rest])
    at, where = shapely.STRtree(land).query(points, predicate="intersects")
    first = np.unique(at, return_index=True)[1]
    at, where = at[first], where[first]
    frame = pd.DataFrame({"x_m": shares.x_m[rest], "y_m": shares.y_m[rest], "people": shares.people[rest]})
    within = {c: districts[c].to_numpy()[where] for c in ("region", "district_id")}
    new = frame.iloc[at].assign(**within)
    return new.reset_index(drop=True), frame.drop(index=at).reset_index(drop=True)


def _with_new(table: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    lon, lat = project_xy(new["x_m"], new["y_m"], WORKING, 4326)
    ids = [f"own-{int(x)}-{int(y)}" for x, y in zip(new["x_m"], new["y_m"], strict=True)]
    rows = new.assign(cell_id=ids, lon=np.round(lon, 6), lat=np.round(lat, 6))
    rows = rows.astype({"x_m": np.int64, "y_m": np.int64}).reindex(columns=table.columns, fill_value=0)
    return pd.concat([table, rows], ignore_index=True) if len(rows) else table.copy()


def to_whole(values: F64) -> NDArray[np.int64]:
    """Whole numbers with the same rounded sum: the largest remainders are rounded up (Hamilton).

    Examples
    --------
    >>> to_whole(np.array([1.4, 1.4, 1.2])).tolist()
    [2, 1, 1]
    """
    floor = np.floor(values)
    missing = int(np.rint(values.sum()) - floor.sum())
    order = np.argsort(-(values - floor), kind="stable")
    floor[order[:missing]] += 1
    return floor.astype(np.int64)
