"""The 250 m grid of the people layers and the helpers that its builders share (not a builder itself).

The grid is in EPSG:4547 with its origin at (460000, 2430000): cell c{c}r{r} has its centre at (460000 + 250
(c + 0.5), 2430000 + 250 (r + 0.5)). Sharing out is done on 50 m squares ("fine" squares, 5 x 5 in a cell,
row 0 in the south), and only whole people on 250 m cells leave the builders.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy import ndimage
from scipy.spatial import cKDTree
from tables import records

from corridor.core.crs import HK80, WORKING, project_xy

X0, Y0, CELL, FINE = 460_000.0, 2_430_000.0, 250.0, 50.0
PER = int(CELL / FINE)
COLS, ROWS = 428, 412  # to 567 km E, 2533 km N: both cities whole
FCOLS, FROWS = COLS * PER, ROWS * PER
HK, SZ = 1, 2
LEAST_LAND = 5  # fine squares of 25

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DISTRICTS = records("districts")
"""District by id, Hong Kong's first: names, residents of the census (2021; 2020 in Shenzhen)."""
DISTRICT_IDS = list(DISTRICTS)
CENSUS: dict[str, int] = {i: r["residents"] for i, r in DISTRICTS.items()}
BY_BOUNDARY: dict[str, str] = {r["name_in_boundaries"]: i for i, r in DISTRICTS.items()}
"""Id of a district by its name in the source of the boundaries."""


def fine_index(x: Floats, y: Floats) -> Ints:
    """Index of the fine square of each point of EPSG:4547, -1 outside the grid."""
    c = np.floor((x - X0) / FINE).astype(np.int64)
    r = np.floor((y - Y0) / FINE).astype(np.int64)
    inside = (c >= 0) & (c < FCOLS) & (r >= 0) & (r < FROWS)
    return np.where(inside, r * FCOLS + c, -1)


def cell_of_fine(index: Ints) -> Ints:
    """Index of the 250 m cell of each fine square."""
    return (index // FCOLS) // PER * COLS + (index % FCOLS) // PER


def fine_centre(index: Ints) -> tuple[Floats, Floats]:
    return X0 + FINE * (index % FCOLS + 0.5), Y0 + FINE * (index // FCOLS + 0.5)


def cell_centre(cell: Ints) -> tuple[Floats, Floats]:
    return X0 + CELL * (cell % COLS + 0.5), Y0 + CELL * (cell // COLS + 0.5)


def burn(frame: gpd.GeoDataFrame, values: list[int]) -> Ints:
    """Rasterise polygons of EPSG:4547 on the fine squares (by centre), flattened, row 0 in the south."""
    north_up = from_origin(X0, Y0 + FROWS * FINE, FINE, FINE)
    out = rasterize(
        zip(frame.geometry, values, strict=True), (FROWS, FCOLS), transform=north_up, dtype="int32"
    )
    return np.ascontiguousarray(out[::-1]).astype(np.int64).ravel()


def nearest_label(labels: Ints, wanted: NDArray[np.bool_], reach: float = 5_000.0) -> Ints:
    """Labels (0 = none) spread to the wanted squares from the nearest labelled one within `reach` metres."""
    grid = labels.reshape(FROWS, FCOLS)
    distance, (rows, cols) = ndimage.distance_transform_edt(grid == 0, return_indices=True)
    out = np.where(distance * FINE <= reach, grid[rows, cols], 0).ravel()
    return np.where(wanted, out, 0)


def sample(path: Path, index: Ints) -> NDArray[np.generic]:
    """Value of a raster at the centres of fine squares (nearest cell); the raster's CRS must be EPSG:4326."""
    lon, lat = project_xy(*fine_centre(index), WORKING, 4326)
    with rasterio.open(path) as src:
        if src.crs is not None and src.crs.to_epsg() != 4326:
            raise SystemExit(f"{path}: expected EPSG:4326, found {src.crs}")
        band = src.read(1)
        col, row = ~src.transform * (lon, lat)
    col, row = np.floor(col).astype(int), np.floor(row).astype(int)
    inside = (col >= 0) & (row >= 0) & (col < band.shape[1]) & (row < band.shape[0])
    out = np.zeros(len(index), dtype=band.dtype)
    out[inside] = band[row[inside], col[inside]]
    return out


def land_use_counts(path: Path) -> dict[int, NDArray[np.float32]]:
    """Area in square metres of each land-use class of the 10 m raster (EPSG:2326) on each fine square."""
    counts: dict[int, NDArray[np.float32]] = {}
    with rasterio.open(path) as src:
        a, e, left, top = src.transform.a, src.transform.e, src.transform.c, src.transform.f
        step = 200
        for first in range(0, src.height, step):
            band = src.read(1, window=((first, min(first + step, src.height)), (0, src.width)))
            rows, cols = np.nonzero(band > 0)
            if not len(rows):
                continue
            x, y = project_xy(left + a * (cols + 0.5), top + e * (rows + first + 0.5), HK80, WORKING)
            index, code = fine_index(x, y), band[rows, cols]
            for value in np.unique(code):
                layer = counts.setdefault(int(value), np.zeros(FROWS * FCOLS, dtype=np.float32))
                hit = index[code == value]
                np.add.at(layer, hit[hit >= 0], abs(a * e))
    return counts


def largest_remainder(values: Floats, total: int) -> Ints:
    """Whole numbers that sum to `total`, in proportion to the values; ties go to the first."""
    if values.sum() <= 0:
        raise ValueError("nothing to round")
    exact = values * (total / values.sum())
    out = np.floor(exact).astype(np.int64)
    short = int(total - out.sum())
    order = np.argsort(-(exact - out), kind="stable")
    out[order[:short]] += 1
    return out


def rake(rows: pd.DataFrame, value: str, margins: list[tuple[str, pd.Series]], rounds: int = 60) -> Floats:
    """Iterative proportional fitting of a column to totals by each key; the last margin holds exactly."""
    v = rows[value].to_numpy(dtype=float).copy()
    codes = [(rows[key].to_numpy(), target) for key, target in margins]
    for _ in range(rounds):
        for key, target in codes:
            have = pd.Series(v).groupby(key).sum()
            factor = (target.reindex(have.index) / have).replace([np.inf, -np.inf], 0).fillna(0)
            v *= pd.Series(key).map(factor).to_numpy()
    return v


@dataclass(frozen=True)
class Frame:
    """What each fine square and each cell is: land, region, district, and which cells may hold people."""

    hk_land: NDArray[np.float32]  # square metres of land of Hong Kong on each fine square
    sz_zone: Ints  # 1-based row of the traffic zone, 0 outside
    cell_region: Ints  # HK, SZ, 0 where the centre is not on land
    cell_district: Ints  # 1-based index in DISTRICT_IDS, 0 none
    fine_district: Ints  # the same by fine square

    def settle(self, index: Ints, region: int) -> tuple[Ints, Floats]:
        """The cell that counts each fine square's people, and how far they are moved (0: they stay).

        It is its own cell, or the nearest whose centre is on the land of the same region.
        """
        cell = cell_of_fine(index)
        ok = np.flatnonzero(self.cell_region == region)
        tree = cKDTree(np.column_stack(cell_centre(ok)))
        out, moved = cell.copy(), np.zeros(len(cell))
        bad = self.cell_region[cell] != region
        if bad.any():
            distance, hit = tree.query(np.column_stack(fine_centre(index[bad])))
            out[bad] = ok[hit]
            moved[bad] = distance
        return out, moved


def build_frame(sources: Path, land_use: dict[int, NDArray[np.float32]]) -> Frame:
    size = FROWS * FCOLS
    hk_land = np.zeros(size, dtype=np.float32)
    for layer in land_use.values():
        hk_land += layer
    zones = gpd.read_file(sources / "shenzhen_zones" / "SZ_districts.shp").to_crs(WORKING)
    sz_zone = burn(zones, list(range(1, len(zones) + 1)))
    is_hk = hk_land >= 0.5 * FINE * FINE
    sz_zone[is_hk] = 0
    region = np.where(is_hk, HK, np.where(sz_zone > 0, SZ, 0))

    hk = hk_districts(sources)
    sz = gpd.read_file(sources / "districts" / "shenzhen_10_districts.json").to_crs(WORKING)
    ids = {k: i + 1 for i, k in enumerate(DISTRICT_IDS)}
    hk_label = burn(hk, [ids[d] for d in hk.district_id])
    sz_label = burn(sz, [ids[BY_BOUNDARY[q]] for q in sz.qh])
    fine_district = np.where(
        region == HK,
        nearest_label(hk_label, region == HK),
        np.where(region == SZ, nearest_label(sz_label, region == SZ), 0),
    )
    # A cell belongs to the region whose land is nearest to its centre, within one fine square (some 75 m).
    grid = region.reshape(FROWS, FCOLS)
    distance, (rr, cc) = ndimage.distance_transform_edt(grid == 0, return_indices=True)
    mid = PER // 2
    near = distance[mid::PER, mid::PER] <= 1.5
    cell_region = np.where(near, grid[rr, cc][mid::PER, mid::PER], 0)
    # A cell that is nearly all water (a rock, a bridge, a spit) holds nobody.
    for one in (HK, SZ):
        squares = (grid == one).reshape(ROWS, PER, COLS, PER).sum(axis=(1, 3))
        cell_region = np.where((cell_region == one) & (squares < LEAST_LAND), 0, cell_region)
    cell_region = cell_region.ravel()
    # Its district is the one with most land of that region in it.
    fine = np.flatnonzero(fine_district > 0)
    cells = cell_of_fine(fine)
    same = cell_region[cells] == region[fine]
    table = (
        pd.DataFrame({"cell": cells[same], "district": fine_district[fine][same], "n": 1})
        .groupby(["cell", "district"], as_index=False)
        .n.sum()
        .sort_values(["cell", "n", "district"], ascending=[True, False, True])
        .drop_duplicates("cell")
    )
    cell_district = np.zeros(ROWS * COLS, dtype=np.int64)
    cell_district[table.cell] = table.district
    cell_region = np.where(cell_district > 0, cell_region, 0)
    return Frame(hk_land, sz_zone, cell_region, cell_district, fine_district)


def hk_districts(sources: Path, year: int = 2021) -> gpd.GeoDataFrame:
    """The 18 districts: as in 2001, or with the change of 2016 (Tin Hau and Victoria Park to Wan Chai)."""
    land = gpd.read_file(sources / "districts" / "dc_land.json")
    land["district_id"] = [BY_BOUNDARY[n] for n in land.DC_ENG]
    if year < 2016:
        return land.to_crs(WORKING)[["district_id", "geometry"]]
    wards = gpd.read_file(sources / "districts" / "dcca_land.json")
    moved = wards[(wards.DC_CODE == "C") & wards.DCCA_ENG.isin(["Tin Hau", "Victoria Park"])]
    if len(moved) != 2:
        raise SystemExit("dcca_land.json: Tin Hau and Victoria Park not found")
    land = land.to_crs(WORKING)
    piece = moved.to_crs(WORKING).geometry.buffer(1).union_all()
    shape = land.geometry.buffer(0)
    land["geometry"] = [
        g.union(piece) if n == "Wan Chai" else g.difference(piece) if n == "Eastern" else g
        for n, g in zip(land.DC_ENG, shape, strict=True)
    ]
    return land[["district_id", "geometry"]]


def planning_units(sources: Path, index: Ints, hk_land: NDArray[np.float32]) -> pd.DataFrame:
    """Planning unit (292) and census group (211) of each fine square.

    It is that of the nearest point of a planning unit in the same district, with the boundaries of 2001, in
    which nearly all units nest.
    """
    folder = sources / "hk_census_2021"
    points = pd.read_csv(folder / "tpu_origins_v3.csv", dtype={"id": str}).merge(
        pd.read_csv(folder / "stpug_tpu_crosswalk_v3.csv", dtype=str)[["stpug_id", "tpu_id"]],
        left_on="id",
        right_on="tpu_id",
        validate="one_to_one",
    )
    x, y = project_xy(points.lon, points.lat)
    old = hk_districts(sources, 2001)
    frame = gpd.GeoDataFrame(points, geometry=gpd.points_from_xy(x, y), crs=WORKING)
    number = {d: i + 1 for i, d in enumerate(old.district_id)}
    home = gpd.sjoin_nearest(frame, old).drop_duplicates("tpu_id").sort_index()
    home_number = home.district_id.map(number).to_numpy()
    label = nearest_label(burn(old, list(number.values())), hk_land > 0, reach=20_000)[index]
    fx, fy = fine_centre(index)
    unit = np.full(len(index), -1)
    for k in number.values():
        squares, units = np.flatnonzero(label == k), np.flatnonzero(home_number == k)
        _, hit = cKDTree(np.column_stack([x[units], y[units]])).query(
            np.column_stack([fx[squares], fy[squares]])
        )
        unit[squares] = units[hit]
    if (unit < 0).any():
        raise SystemExit("a square of land is in no district")
    return pd.DataFrame({"unit": points.tpu_id.to_numpy()[unit], "group": points.stpug_id.to_numpy()[unit]})
