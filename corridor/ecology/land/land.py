"""The land that works are judged against: habitat raster, designations, green corridors, wildlife sites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from corridor.core.crs import WGS84, WORKING, project, project_xy
from corridor.ecology.land.checks import ColumnProblem, CrsProblem, LayerProblem, frame_problems, raise_all

NOT_ASSESSED = "not_assessed"
NOT_ASSESSED_CODE = -1

PROTECTED = "protected"
OUTSIDE = "outside"
DESIGNATION_CLASSES: dict[str, frozenset[str]] = {
    "ramsar_sssi": frozenset({"ramsar", "nature_reserve", "sssi"}),
    "wetland_area": frozenset({"wetland_conservation_area", "wetland_park"}),
    "park": frozenset({"country_park", "marine_park", "conservation_area"}),
}
"""Kinds of protected area by class of significance, the highest first; the order is an assumption (docs/ranking.md)."""
PROTECTED_KINDS = frozenset().union(*DESIGNATION_CLASSES.values())
"""Kinds that count as protected; buffer areas and undesignated mudflat have rows of their own, no more."""

CLASS_COLUMNS = ("code", "habitat_id", "group")
DESIGNATION_COLUMNS = ("designation_id", "designation", "geometry")
CORRIDOR_COLUMNS = ("corridor_id", "geometry")
WILDLIFE_COLUMNS = ("site_id", "kind", "geometry")


@dataclass(frozen=True, eq=False)
class Land:
    """Everything that overlap and distance are measured against. Two lands are equal only if they are one.

    ``habitat``: class codes, north up, in EPSG ``habitat_epsg`` (degrees or metres) with its affine
    ``transform`` from (column, row) to (x, y); ``nodata`` cells are not assessed, never zero. ``classes``
    names each code: code, habitat_id, group. The frames are in EPSG:4547: ``designations`` (designation_id,
    designation), ``corridors`` (corridor_id, green corridors as polygons with width), ``wildlife_sites``
    (site_id, kind); more columns (names, source, confidence) travel into the results.
    Raises LayerError, GeometryError, CrsError or MissingColumnError with all faults at once.
    """

    habitat: NDArray[Any]
    transform: Affine
    classes: pd.DataFrame
    designations: gpd.GeoDataFrame
    corridors: gpd.GeoDataFrame
    wildlife_sites: gpd.GeoDataFrame
    nodata: int = 0
    habitat_epsg: int = WGS84

    def __post_init__(self) -> None:
        if not isinstance(self.transform, Affine):
            object.__setattr__(self, "transform", Affine(*list(self.transform)[:6]))
        raise_all(_land_problems(self))

    @classmethod
    def from_wgs84(
        cls,
        habitat: NDArray[Any],
        transform: Affine,
        classes: pd.DataFrame,
        designations: gpd.GeoDataFrame,
        corridors: gpd.GeoDataFrame,
        wildlife_sites: gpd.GeoDataFrame,
        nodata: int = 0,
    ) -> Land:
        """Land from layers as files hold them, all in EPSG:4326; the frames are projected to EPSG:4547."""
        named = {"designations": designations, "corridors": corridors, "wildlife_sites": wildlife_sites}
        wrong = [(name, f) for name, f in named.items() if not f.empty and _epsg(f) != WGS84]
        raise_all(
            CrsProblem(
                f"layer {name}",
                f"CRS {f.crs}",
                f"EPSG:{WGS84}",
                "state the CRS the file is in, or project it",
            )
            for name, f in wrong
        )
        frames = {name: _projected(f) for name, f in named.items()}
        return cls(habitat, transform, classes, **frames, nodata=nodata)

    @cached_property
    def names(self) -> pd.DataFrame:
        """The classes by code, with the row for what is not assessed."""
        rows = self.classes.loc[:, list(CLASS_COLUMNS)]
        unknown = pd.DataFrame([(NOT_ASSESSED_CODE, NOT_ASSESSED, NOT_ASSESSED)], columns=rows.columns)
        return pd.concat([rows.astype(unknown.dtypes.to_dict()), unknown], ignore_index=True).set_index(
            "code"
        )

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the habitat raster in its own system."""
        rows, columns = self.habitat.shape
        t = self.transform
        return float(t.c), float(t.f + t.e * rows), float(t.c + t.a * columns), float(t.f)

    def to_raster_system(self, shapes: Any) -> Any:
        """Shapes from EPSG:4547 to the system of the habitat raster."""
        return shapes if self.habitat_epsg == WORKING else project(shapes, WORKING, self.habitat_epsg)

    def known(self, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether a habitat is known at points in the system of the raster."""
        rows, columns = self.habitat.shape
        column = np.floor((x - self.transform.c) / self.transform.a).astype(int)
        row = np.floor((y - self.transform.f) / self.transform.e).astype(int)
        on = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        known: NDArray[np.bool_] = on.copy()
        known[on] = self.habitat[row[on], column[on]] != self.nodata
        return known

    def to_raster_system_xy(self, x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Points from EPSG:4547 to the system of the habitat raster."""
        return (x, y) if self.habitat_epsg == WORKING else project_xy(x, y, WORKING, self.habitat_epsg)

    @cached_property
    def designated(self) -> dict[str, BaseGeometry]:
        """The union of each kind of designation and of all protected kinds (``protected``), EPSG:4547."""
        groups = self.designations.groupby("designation", sort=True) if len(self.designations) else ()
        kinds = {str(kind): shapely.union_all(rows.geometry.to_numpy()) for kind, rows in groups}
        strict = [shape for kind, shape in kinds.items() if kind in PROTECTED_KINDS]
        return {**kinds, PROTECTED: shapely.union_all(strict)} if strict else kinds

    @cached_property
    def designation_classes(self) -> dict[str, BaseGeometry]:
        """The union of each class of designation, the highest first, EPSG:4547; ground may lie in several."""
        unions = {
            name: [self.designated[kind] for kind in sorted(kinds & self.designated.keys())]
            for name, kinds in DESIGNATION_CLASSES.items()
        }
        return {name: shapely.union_all(shapes) for name, shapes in unions.items() if shapes}


def _epsg(frame: gpd.GeoDataFrame) -> int | None:
    return None if frame.crs is None else frame.crs.to_epsg()


def _projected(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if frame.empty:
        return frame
    return frame.set_geometry(project(frame.geometry.to_numpy()), crs=WORKING)


def _land_problems(land: Land) -> Iterator[LayerProblem]:
    missing = [c for c in CLASS_COLUMNS if c not in land.classes.columns]
    if missing:
        yield ColumnProblem(
            "habitat classes", "no column " + ", ".join(missing), ", ".join(CLASS_COLUMNS), "add it"
        )
    yield from _raster_problems(land)
    yield from frame_problems("layer designations", land.designations, DESIGNATION_COLUMNS)
    yield from frame_problems("layer green corridors", land.corridors, CORRIDOR_COLUMNS)
    yield from frame_problems("layer wildlife sites", land.wildlife_sites, WILDLIFE_COLUMNS)


def _raster_problems(land: Land) -> Iterator[LayerProblem]:
    where, t = "habitat raster", land.transform
    if land.habitat.ndim != 2 or land.habitat.size == 0:
        yield LayerProblem(where, f"shape {land.habitat.shape}", "rows x columns", "read one band")
        return
    if t.b or t.d or t.a <= 0 or t.e >= 0:
        yield LayerProblem(where, f"transform {tuple(t)[:6]}", "north up, not rotated", "warp it (gdalwarp)")
    west, south, east, north = land.extent
    degrees = CRS.from_epsg(land.habitat_epsg).is_geographic
    if degrees and not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        what = f"extent ({west:.6g}, {south:.6g}) to ({east:.6g}, {north:.6g})"
        yield CrsProblem(
            where, what, f"degrees, as EPSG:{land.habitat_epsg}", "state the raster's own EPSG code"
        )
    if "code" not in land.classes.columns:
        return
    present = set(np.unique(land.habitat).tolist()) - {land.nodata}
    unnamed = sorted(present - set(land.classes["code"].tolist()))
    if unnamed:
        codes = ", ".join(str(c) for c in unnamed)
        yield LayerProblem(
            where, f"codes without a class: {codes}", "a row for each code", "add it to the classes"
        )
    if land.nodata in set(land.classes["code"].tolist()):
        yield LayerProblem(
            where, f"nodata {land.nodata} is also a class", "a code of its own", "change nodata or the class"
        )
