"""What the builders of land and nature layers share: the study box, reading, cleaning and writing shapes.

Lengths and areas are measured in EPSG:4547; files are WGS84 longitude and latitude.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from tables import LAYERS

from corridor.core.crs import WGS84, WORKING, project

OUT = LAYERS / "land"

#: The study box of the rasters, degrees: west, south, east, north.
BOX = (113.74, 22.13, 114.65, 22.87)
#: The clip of the OpenStreetMap coastline: west, south, east, north.
OSM_CLIP = (113.6, 22.05, 114.6, 22.759421)


def read_shapes(path: Path | str, epsg: int | None = None, target: int = WORKING) -> gpd.GeoDataFrame:
    """A vector file in EPSG:4547 (or another target), by way of WGS84, with valid geometries.

    `epsg` replaces the CRS of the file where the file names none or names it without a code.
    """
    frame = gpd.read_file(path)
    code = epsg or frame.crs.to_epsg()
    moved = [project(geometry, code, target) for geometry in frame.geometry]
    return gpd.GeoDataFrame(
        frame.drop(columns=frame.geometry.name), geometry=shapely.make_valid(np.array(moved)), crs=target
    )


def polygons(geometry: Any, least_ha: float = 0.0, fill_ha: float = 0.0) -> Any:
    """Only the polygons of a geometry, those of `least_ha` and more, with holes under `fill_ha` filled."""
    kept = []
    for part in shapely.get_parts(shapely.make_valid(geometry)):
        for single in shapely.get_parts(part):
            if single.geom_type != "Polygon" or single.area < max(least_ha * 1e4, 1e-6):
                continue
            holes = [h for h in single.interiors if shapely.Polygon(h).area >= fill_ha * 1e4]
            kept.append(shapely.Polygon(single.exterior, holes))
    return shapely.union_all(kept) if kept else shapely.Polygon()


def close(geometry: Any, gap_m: float) -> Any:
    """Gaps narrower than twice `gap_m` closed, with mitred corners so that edges stay where they were."""
    return geometry.buffer(gap_m, join_style="mitre").buffer(-gap_m, join_style="mitre")


def hectares(geometry: Any) -> float:
    """Area in hectares of a geometry in EPSG:4547."""
    return round(float(shapely.area(geometry)) / 1e4, 1)


def to_wgs84(geometry: Any, grid: float = 1e-5) -> Any:
    """A geometry from EPSG:4547 to WGS84 on a grid of 1e-5 degrees (about a metre), valid."""
    moved = project(geometry, WORKING, WGS84)
    return shapely.normalize(shapely.make_valid(shapely.set_precision(moved, grid)))


def _coordinates(value: Any, digits: int) -> Any:
    if isinstance(value, float | int):
        return round(float(value), digits)
    return [_coordinates(v, digits) for v in value]


def write_geojson(name: str, rows: Iterable[tuple[Mapping[str, Any], Any]], digits: int = 5) -> Path:
    """Rows of (properties, WGS84 geometry) as GeoJSON, one feature a line, coordinates rounded."""
    lines = []
    for properties, geometry in rows:
        shape = shapely.geometry.mapping(geometry)
        shape = {"type": shape["type"], "coordinates": _coordinates(shape["coordinates"], digits)}
        clean = {k: (None if isinstance(v, float) and math.isnan(v) else v) for k, v in properties.items()}
        feature = {"type": "Feature", "properties": clean, "geometry": shape}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    path = OUT / name
    OUT.mkdir(exist_ok=True)
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8")
    print(f"{name}: {len(lines)} features, {path.stat().st_size / 1e3:.0f} kB")
    return path


def mainland_and_islands(sources: Path) -> list[Any]:
    """Land of the OpenStreetMap coastline 2017 (all cities), polygons in WGS84, within its clip."""
    lines = read_shapes(sources / "derived/geomaps_coastline_1m_2017_clip.gpkg", WGS84, WGS84).geometry.values
    merged = shapely.union_all([*lines, shapely.box(*OSM_CLIP).boundary])
    faces = shapely.get_parts(shapely.polygonize(list(shapely.get_parts(merged))))
    # a face is water if it holds one of these points: the estuary with its bays, and Daya Bay
    water = [shapely.Point(113.80, 22.30), shapely.Point(114.56, 22.675)]
    return [face for face in faces if not any(face.contains(point) for point in water)]


def read_layer(name: str) -> gpd.GeoDataFrame:
    """A layer that was built before, in EPSG:4547."""
    return read_shapes(OUT / name, WGS84)


Feature = tuple[dict[str, Any], Any]
"""Properties and shape of a feature."""


def simplified(rows: list[Feature], tolerance: float) -> list[Feature]:
    """Rows in WGS84, simplified by `tolerance` metres, small shapes by less. Points stay."""
    out = []
    for properties, shape in rows:
        if shape.geom_type != "Point":
            shape = shapely.make_valid(shape.simplify(min(tolerance, shape.area**0.5 / 50)))
        out.append((properties, to_wgs84(shape)))
    return out
