"""Protected areas, ponds, flats and parks as the builders of designations and wildlife cut them from the sources.

Inputs: see designations.py. Shapes are in EPSG:4547.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import rasterio
import shapely
from land_shapes import close, polygons, read_layer, read_shapes
from rasterio.features import shapes

from corridor.core.crs import HK80, WGS84, project


@dataclass(frozen=True)
class Inputs:
    """The sources in EPSG:4547."""

    protected: gpd.GeoDataFrame
    ponds: Any
    mangrove: Any
    flats: dict[tuple[str, str], Any]
    hk: Any
    sz: Any
    farmland: Any
    utilities: list[Any]
    oct_water: Any


def load(sources: Path) -> Inputs:
    """Read everything once."""
    protected = read_shapes(f"zip://{sources / 'hk_habitat/CountryParksProtectedAreas_shp.zip'}", HK80)
    protected = protected[protected["EndYear"] == 9999].copy()
    protected["ha"] = protected.geometry.area / 1e4
    wet = read_shapes(sources / "derived/hk_lum2024_wetland_polys.gpkg", WGS84)
    deep = read_shapes(sources / "derived/deepbay_mudflat_mangrove_2011_2020.gpkg", WGS84)
    coast = read_layer("coastline.geojson").set_index("region").geometry
    with rasterio.open(sources / "hk_land_use_2024/landuse_2024_10m_epsg2326.tif") as data:
        window = rasterio.windows.from_bounds(820000, 828000, 832000, 845000, data.transform)
        band, transform = data.read(1, window=window), data.window_transform(window)
    found: dict[int, list[Any]] = {52: [], 61: []}
    for code, kept in found.items():
        mask = band == code
        for geometry, _value in shapes(mask.astype("uint8"), mask=mask, connectivity=8, transform=transform):
            kept.append(project(shapely.geometry.shape(geometry), HK80))
    with rasterio.open(sources / "land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif") as data:
        window = rasterio.windows.from_bounds(113.965, 22.5265, 113.990, 22.5365, data.transform)
        band, transform = data.read(1, window=window), data.window_transform(window)
    waters = [
        project(shapely.geometry.shape(geometry))
        for geometry, _value in shapes(band, mask=band == 17, connectivity=4, transform=transform)
    ]
    return Inputs(
        protected=protected,
        ponds=shapely.union_all(wet.geometry[wet["code"] == 62].values),
        mangrove=shapely.union_all(wet.geometry[wet["code"] == 74].values),
        flats={
            (side, kind): shapely.union_all(rows.geometry.values)
            for (side, kind), rows in deep.groupby(["side", "class"])
        },
        hk=coast["hk"],
        sz=coast["sz"],
        farmland=shapely.union_all(shapely.make_valid(found[61])),
        utilities=found[52],
        oct_water=max(waters, key=lambda water: water.area),
    )


def box(west: float, south: float, east: float, north: float) -> Any:
    """A box of degrees in EPSG:4547."""
    return project(shapely.box(west, south, east, north))


def line(*points: tuple[float, float]) -> Any:
    """A line of degrees in EPSG:4547."""
    return project(shapely.LineString(points))


def drawn(*points: tuple[float, float]) -> Any:
    """A polygon of degrees in EPSG:4547."""
    return project(shapely.Polygon(points))


def pick(inputs: Inputs, kind: str, *hectares_each: float) -> list[Any]:
    """Rows of a type in the protected-areas file, found by area in hectares: the nearest one."""
    rows = inputs.protected[inputs.protected["Type"] == kind]
    out = []
    for value in hectares_each:
        gap = (rows["ha"] - value).abs()
        if gap.min() > max(0.003, 1e-4 * value):
            raise SystemExit(f"{kind}: no polygon of {value} ha in the protected-areas file")
        out.append(gap.idxmin())
    return out


def by_area(inputs: Inputs, kind: str, *hectares_each: float) -> Any:
    """The polygons of a type in the protected-areas file, found by area in hectares."""
    return shapely.union_all(inputs.protected.geometry.loc[pick(inputs, kind, *hectares_each)].values)


SSSI = "Sites of Special Scientific Interest"
PARK = "Country Parks and Special Areas"
WETLAND_PARK_HA = 52.63
MARSHES_HA, VILLAGE_HA = 427.517, 4.897
INNER_LAND_HA = (46.9403, 25.5077)
EGRETRY_HA = (3.00553, 1.94635)
TSIM_BEI_TSUI_HA = 0.511658


def calibrated(base: Any, grow: Any, published_ha: float) -> tuple[Any, float]:
    """`base` with as much of `grow` as is within the distance that brings the area to the published one."""
    low, high = 0.0, 2000.0
    for _ in range(30):
        middle = (low + high) / 2
        shape = polygons(
            close(shapely.union_all([base, grow.intersection(base.buffer(middle))]), 40.0), 0.5, 5.0
        )
        low, high = (middle, high) if shape.area < published_ha * 1e4 else (low, middle)
    return shape, middle


def scaled(shape: Any, published_ha: float, cut: Any) -> Any:
    """A drawn shape, less `cut`, scaled about its centre until it has the published area."""
    factor = 1.0
    for _ in range(12):
        trial = shapely.affinity.scale(shape, factor, factor).difference(cut)
        factor *= (published_ha * 1e4 / trial.area) ** 0.5
    return polygons(trial)


@dataclass
class Places:
    """Shapes that several layers use, EPSG:4547."""

    ramsar: Any
    marshes: Any
    futian: Any
    futian_m: float
    sam_po_shue: Any
    hoo_hok_wai: Any
    nam_sang_wai: Any
    wetland_park: Any
    park_extension: Any
    long_valley: Any
    wca: Any


def places(x: Inputs) -> Places:
    """Cut or draw the shapes."""
    ramsar = shapely.union_all(x.protected.geometry[x.protected["Type"] == "Ramsar Site"].values)
    marshes = by_area(x, SSSI, MARSHES_HA)
    green = x.flats["SZ", "intertidal_vegetation"]
    bare = x.flats["SZ", "mudflat"]
    strip = (
        green.buffer(130.0).intersection(box(114.012, 22.50, 114.045, 22.53)).difference(bare.buffer(60.0))
    )
    futian, reach = calibrated(shapely.union_all([green, strip]), bare, 367.64)
    sps = polygons(
        close(x.ponds.intersection(box(114.040, 22.484, 114.066, 22.5165)), 40.0).difference(marshes), 2.0
    )
    wet = shapely.union_all([x.ponds, x.mangrove])
    nsw = polygons(
        close(wet.intersection(box(114.0285, 22.450, 114.056, 22.476)), 40.0).difference(marshes), 5.0
    )
    park = by_area(x, PARK, WETLAND_PARK_HA)
    extension = close(x.ponds.intersection(box(113.998, 22.460, 114.0285, 22.484)), 40.0)
    extension = polygons(extension.difference(shapely.union_all([park, nsw])), 2.0)
    farms = close(x.farmland.intersection(box(114.1070, 22.5020, 114.1180, 22.5125)), 15.0)
    farms = max(shapely.get_parts(polygons(farms)), key=lambda p: p.area)
    valley, _reach = calibrated(farms.representative_point().buffer(150.0).intersection(farms), farms, 37.0)
    parts = shapely.get_parts(
        polygons(close(x.ponds.intersection(box(113.985, 22.44, 114.12, 22.55)), 40.0), 20.0)
    )
    hhw = by_area(x, "Conservation Area", 295.927)
    return Places(
        ramsar, marshes, futian, reach, sps, hhw, nsw, park, extension, valley, shapely.union_all(parts)
    )
