"""Build layers/land/habitat.tif, habitat_source.tif and land_use.tif.

Inputs (under --sources):
- hk_land_use_2024/landuse_2024_10m_epsg2326.tif: land use of Hong Kong, 27 classes, 10 m, end 2024;
- deep_bay_mudflat/MudflatElevation_DeepBayHK_2011-2020.tif: inner Deep Bay, both sides, 30 m;
- land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif: local climate zones, about 100 m (Liu and Shi 2020);
- derived/geomaps_coastline_1m_2017_clip.gpkg: OpenStreetMap coastline, for land of other cities only;
- districts/shenzhen_10_districts.json: which land belongs to Shenzhen;
- hk_habitat/HabitatMapHK_8class_2018-2022.tif: a second habitat map of Hong Kong, for comparison only;
- layers/land/coastline.geojson, built before; habitat_classes.csv and land_use_classes.csv there, written by hand;
- and records/{climate_zone_habitats,habitat_areas}.csv.

Method, in the order of precedence:
1. Hong Kong land: the 27 land uses become habitat classes (LAND_USE), the majority class of each 30 m cell.
2. Inner Deep Bay, where Hong Kong's grid is silent: intertidal vegetation is mangrove, bare flat is mudflat.
3. Shenzhen land (coastline.geojson): local climate zones become habitat classes (LCZ). Water zones are
   freshwater. No wetland class exists there: ponds and mangrove outside inner Deep Bay are not known.
4. Water between the two lands up the Shenzhen River (east of RIVER_EAST, no wider than 400 m) is freshwater.
5. Lau Fau Shan to Ha Pak Nai, west of the mudflat study: a strip of STRIP_M along the shore is mudflat. The
   flats are there (E15); the width is an assumption.
6. All other water of the box is marine. Land of other cities is 0, not assessed.

Checks printed: hectares by class against the grid at 10 m, against published figures and the second map.
Cells are 0.00028 degrees (28.8 by 31.0 m).

Licence: compilation CC BY 4.0; Planning Department via DATA.GOV.HK (attribution); Liu and Shi 2020 (MIT,
cite); Deep Bay study (facts); OpenStreetMap (ODbL 1.0).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from land_shapes import BOX, OSM_CLIP, OUT, mainland_and_islands, read_layer, read_shapes
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.transform import Affine, from_origin
from rasterio.warp import reproject
from scipy import ndimage
from tables import read, record_rows, sources_argument

from corridor.core.crs import HK80, WGS84, project, project_xy

STEP = 0.00028
LAND_USE_STEP = 0.0005
STRIP_M = 400.0
#: West of this longitude water between the cities is the bay, east of it the river.
RIVER_EAST = 114.045
#: East of this longitude the boundary runs over land (Sha Tau Kok).
LAND_BORDER_EAST = 114.20
#: The study of the flats ends here; the shore of the assumed strip runs from here to Ha Pak Nai.
STRIP_BOX = (113.930, 22.424, 113.9832, 22.480)

SOURCES = {
    1: "Hong Kong land utilisation 2024",
    2: "Deep Bay mudflat study 2011-2020",
    3: "local climate zones 2018-2019 (Shenzhen)",
    4: "sea and river by the coastline",
    5: "assumed intertidal strip, Lau Fau Shan to Ha Pak Nai",
}

CLASSES = read(OUT / "habitat_classes.csv")
LAND_USE = {int(r["code"]): int(r["habitat_code"]) for r in read(OUT / "land_use_classes.csv")}
"""Habitat code of each land use of Hong Kong."""
LCZ = {r["zone"]: r["habitat_code"] for r in record_rows("climate_zone_habitats")}
"""Habitat code of each local climate zone. Low plants hold farmland too, which the scheme does not tell apart."""


def grid(step: float) -> tuple[Affine, tuple[int, int]]:
    """Transform and shape of the box at a step in degrees."""
    west, south, east, north = BOX
    return from_origin(west, north, step, step), (round((north - south) / step), round((east - west) / step))


def cell_hectares(transform: Affine, shape: tuple[int, int]) -> np.ndarray:
    """Hectares of a cell in each row, measured in EPSG:4547 at the middle of the box."""
    rows = np.arange(shape[0] + 1)
    lat = transform.f + rows * transform.e
    middle = (BOX[0] + BOX[2]) / 2
    x0, y0 = project_xy(np.full_like(lat, middle), lat)
    x1, y1 = project_xy(np.full_like(lat, middle + transform.a), lat)
    width, height = np.hypot(x1 - x0, y1 - y0), np.hypot(np.diff(x0), np.diff(y0))
    return (width[:-1] + width[1:]) / 2 * height / 1e4


def warp(
    band: np.ndarray,
    source: Affine,
    epsg: int,
    transform: Affine,
    shape: tuple[int, int],
    how: Resampling,
    fill: int = 0,
) -> np.ndarray:
    """A band on the grid of the box; `fill` outside the band."""
    out = np.full(shape, fill, dtype=band.dtype)
    reproject(
        band,
        out,
        src_transform=source,
        src_crs=f"EPSG:{epsg}",
        dst_transform=transform,
        dst_crs=f"EPSG:{WGS84}",
        resampling=how,
        init_dest_nodata=False,
    )
    return out


def recode(band: np.ndarray, table: dict[int, int]) -> np.ndarray:
    """Codes of a band looked up in a table; unknown codes become 0."""
    lookup = np.zeros(256, dtype="uint8")
    for code, value in table.items():
        lookup[code] = value
    return lookup[band.astype("uint8")]


def others_land(sources: Path, transform: Affine, shape: tuple[int, int], land: np.ndarray) -> np.ndarray:
    """Land in the box that belongs to neither city (Dongguan, Huizhou, Zhuhai)."""
    osm = rasterize(
        [(f, 1) for f in mainland_and_islands(sources)], shape, transform=transform, dtype="uint8"
    ).astype(bool)
    with rasterio.open(sources / "land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif") as data:
        lcz = warp(data.read(1), data.transform, WGS84, transform, shape, Resampling.nearest)
    longitude = transform.c + transform.a * (np.arange(shape[1]) + 0.5)
    latitude = transform.f + transform.e * (np.arange(shape[0]) + 0.5)
    beyond = (latitude[:, None] > OSM_CLIP[3]) | (longitude[None, :] > OSM_CLIP[2])
    dry_cells = np.where(beyond, (lcz != 17) & (lcz > 0), osm)
    # inside the waters of the two cities their own coast is known better
    own = read_shapes(sources / "districts/shenzhen_10_districts.json", target=WGS84).geometry.values
    inside = rasterize([(g, 1) for g in own], shape, transform=transform, dtype="uint8").astype(bool)
    hongkong = (latitude[:, None] < 22.57) & (longitude[None, :] > 113.82) & (longitude[None, :] < 114.46)
    return dry_cells & ~land & ~inside & ~hongkong


def habitat(sources: Path) -> tuple[np.ndarray, np.ndarray, Affine, dict[int, float]]:
    """Habitat codes, source codes, transform, hectares of the Hong Kong grid at 10 m."""
    transform, shape = grid(STEP)
    coast = read_layer("coastline.geojson").set_index("region").geometry
    lands = {
        r: rasterize([(project(coast[r], 4547, WGS84), 1)], shape, transform=transform, dtype="uint8") == 1
        for r in ("hk", "sz")
    }
    out, origin = np.zeros(shape, dtype="uint8"), np.zeros(shape, dtype="uint8")

    with rasterio.open(sources / "hk_land_use_2024/landuse_2024_10m_epsg2326.tif") as data:
        fine = recode(data.read(1), LAND_USE)
        fine_ha = {code: float((fine == code).sum()) / 100 for code in range(1, 14)}
        hongkong = warp(fine, data.transform, HK80, transform, shape, Resampling.mode)
    with rasterio.open(sources / "deep_bay_mudflat/MudflatElevation_DeepBayHK_2011-2020.tif") as data:
        height = data.read(1)
        # the value gives the class: -2 vegetation, 0 and above bare flat, -3 water, -1 land
        flats = np.select([height == -2, height >= 0, height == -3, height == -1], [6, 7, 8, 99], 0).astype(
            "uint8"
        )
        flats = warp(flats, data.transform, HK80, transform, shape, Resampling.nearest)
    with rasterio.open(sources / "land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif") as data:
        lcz = warp(recode(data.read(1), LCZ), data.transform, WGS84, transform, shape, Resampling.nearest)

    def put(mask: np.ndarray, values: np.ndarray | int, source: int) -> None:
        mask = mask & (out == 0)
        out[mask] = values[mask] if isinstance(values, np.ndarray) else values
        origin[mask] = source

    put(hongkong > 0, hongkong, 1)
    put(np.isin(flats, (6, 7)), flats, 2)
    put(lands["sz"], np.where(lcz > 0, lcz, 13), 3)
    others = others_land(sources, transform, shape, lands["hk"] | lands["sz"] | (out > 0))
    water = (out == 0) & ~others
    # water that the sea does not reach is at land borders: not assessed
    parts, _count = ndimage.label(water)
    sea = parts == parts[rowcol(transform, 113.82, 22.30)]
    daya_bay = parts == parts[rowcol(transform, 114.56, 22.675)]
    sea |= daya_bay
    longitude = transform.c + transform.a * (np.arange(shape[1]) + 0.5)
    near_both = (distance_m(lands["hk"], transform) < 400) & (distance_m(lands["sz"], transform) < 400)
    latitude = transform.f + transform.e * (np.arange(shape[0]) + 0.5)
    between = near_both & (longitude[None, :] > RIVER_EAST) & (latitude[:, None] > 22.49)
    put(water & between & (longitude[None, :] < LAND_BORDER_EAST), 9, 4)
    put(water & between & ~sea, np.where(lcz > 0, lcz, 13), 3)
    # inlets that the sea reaches only under a bridge (Tai Ho, Tai O, Kai Tak) are sea too
    sea |= water & (latitude[:, None] < 22.57) & (longitude[None, :] > 113.82) & (longitude[None, :] < 114.46)
    west, south, east, north = STRIP_BOX
    strip_land = lands["hk"] & (latitude[:, None] > 22.41) & (longitude[None, :] < 114.02)
    strip = (distance_m(strip_land, transform) < STRIP_M) & sea
    strip &= (longitude[None, :] > west) & (longitude[None, :] < east)
    strip &= (latitude[:, None] > south) & (latitude[:, None] < north)
    put(strip, 7, 5)
    put(sea, 8, 4)
    print(f"water not reached by the sea, left not assessed: {int((water & (out == 0)).sum())} cells")
    return out, origin, transform, fine_ha


def rowcol(transform: Affine, lon: float, lat: float) -> tuple[int, int]:
    """Row and column of a point."""
    column, row = ~transform * (lon, lat)
    return int(row), int(column)


def distance_m(mask: np.ndarray, transform: Affine) -> np.ndarray:
    """Distance in metres of each cell to the mask, by cell sizes (0.3 per cent true)."""
    sizes = (abs(transform.e) * 110_750.0, transform.a * 102_900.0)
    return ndimage.distance_transform_edt(~mask, sampling=sizes).astype("float32")


def report(
    out: np.ndarray, origin: np.ndarray, transform: Affine, sources: Path, fine: dict[int, float]
) -> None:
    """Print hectares by class and source, and against other figures."""
    area = cell_hectares(transform, out.shape)

    def total(mask: np.ndarray) -> float:
        return float((mask.sum(axis=1) * area).sum())

    print(
        "hectares: class, all, from the Hong Kong grid (at 10 m), Deep Bay study, Shenzhen, coastline, strip"
    )
    for r in CLASSES:
        code, name = int(r["code"]), r["habitat_id"]
        parts = [total((out == code) & (origin == s)) for s in (1, 2, 3, 4, 5)]
        print(
            f"  {code:2d} {name:12s} {sum(parts):9.0f} | {parts[0]:8.0f} ({fine[code]:8.0f}) | "
            + " | ".join(f"{p:8.0f}" for p in parts[1:])
        )
    print(f"  not assessed {total(out == 0):.0f} ha (land of other cities)")
    for r in record_rows("habitat_areas"):
        code, value, what = r["habitat_code"], r["published_ha"], r["source"]
        here = total((out == code) & (origin == 1))
        print(f"  class {code}: {here:.0f} ha here, {value} ha: {what} ({100 * (here / value - 1):+.1f} %)")
    with rasterio.open(sources / "hk_habitat/HabitatMapHK_8class_2018-2022.tif") as data:
        other = warp(data.read(1), data.transform, HK80, transform, out.shape, Resampling.nearest, 255)
    # classes of the second map beside those of ours; its water and wetland hold ponds, swamp and wet farmland
    pairs = (
        ((1, 8), (1,)),
        ((2,), (2,)),
        ((3,), (3,)),
        ((4,), (11,)),
        ((5,), (13, 12)),
        ((6, 7), (4, 5, 6, 7, 9)),
    )
    for theirs, ours in pairs:
        one, two = np.isin(other, theirs), np.isin(out, ours) & (other != 255) & (origin != 3)
        both = total(one & two)
        print(
            f"  second map {theirs}: {total(one):.0f} ha, ours {ours}: {total(two):.0f} ha, "
            f"both {both:.0f} ha ({100 * both / total(one):.0f} % of its)"
        )
    ponds = (out == 5) & (other != 255)
    print(
        f"  fish ponds that it calls water or wetland: {total(ponds & np.isin(other, (6, 7))):.0f} "
        f"of {total(ponds):.0f} ha"
    )


def write(name: str, band: np.ndarray, transform: Affine) -> None:
    """A uint8 GeoTIFF, deflated, 0 is no data."""
    path = OUT / name
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=band.shape[0],
        width=band.shape[1],
        count=1,
        dtype="uint8",
        crs=f"EPSG:{WGS84}",
        transform=transform,
        nodata=0,
        compress="deflate",
        zlevel=9,
        predictor=1,
        tiled=True,
        blockxsize=512,
        blockysize=512,
    ) as data:
        data.write(band, 1)
    print(f"{name}: {band.shape[1]} x {band.shape[0]}, {path.stat().st_size / 1e3:.0f} kB")


def land_use(sources: Path) -> None:
    """Hong Kong's 27 land uses at 0.0005 degrees."""
    transform, shape = grid(LAND_USE_STEP)
    with rasterio.open(sources / "hk_land_use_2024/landuse_2024_10m_epsg2326.tif") as data:
        band = warp(data.read(1).astype("uint8"), data.transform, HK80, transform, shape, Resampling.mode)
    rows, columns = np.nonzero(band)
    top, left = rows.min(), columns.min()
    band = band[top : rows.max() + 1, left : columns.max() + 1]
    write("land_use.tif", band, transform * Affine.translation(left, top))


def build(sources: Path) -> None:
    """Write the rasters and their tables, and print the checks."""
    out, origin, transform, fine = habitat(sources)
    write("habitat.tif", out, transform)
    write("habitat_source.tif", origin, transform)
    land_use(sources)
    report(out, origin, transform, sources, fine)


def main() -> None:
    """Command line."""
    build(sources_argument(__doc__ or ""))


if __name__ == "__main__":
    main()
