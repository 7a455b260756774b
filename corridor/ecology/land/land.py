"""The land that works are judged against: habitat raster, designations, green corridors, wildlife sites, streams."""

from __future__ import annotations

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
from corridor.core.errors import CrsError, Problems
from corridor.ecology.land.checks import check_columns, check_frame

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
LAYER_COLUMNS = {
    "designations": ("designation_id", "designation", "geometry"),
    "corridors": ("corridor_id", "geometry"),
    "wildlife_sites": ("site_id", "kind", "geometry"),
    "streams": ("stream_id", "geometry"),
}


@dataclass(frozen=True, eq=False)
class Land:
    """Everything that overlap and distance are measured against. Two lands are equal only if they are one.

    Parameters
    ----------
    habitat
        Class codes, rows from north and columns from west.
    transform
        From (column, row) to (x, y) in EPSG ``habitat_epsg``.
    classes
        Columns code, habitat_id, group: a row for each code.
    designations, corridors, wildlife_sites
        Polygons in EPSG:4547 with designation_id and designation; corridor_id (green corridors with their width);
        site_id and kind. More columns (names, source, confidence) are carried into the results.
    nodata
        The code of cells that are not assessed, never zero.
    habitat_epsg
        The coordinate system of the raster, in degrees or metres.
    streams
        Polygons of streams and nullahs in EPSG:4547 with stream_id; None where there is no such layer, so that none is assessed.

    Raises
    ------
    LayerError, GeometryError, CrsError, MissingColumnError
        With all faults.
    """

    habitat: NDArray[Any]
    transform: Affine
    classes: pd.DataFrame
    designations: gpd.GeoDataFrame
    corridors: gpd.GeoDataFrame
    wildlife_sites: gpd.GeoDataFrame
    nodata: int = 0
    habitat_epsg: int = WGS84
    streams: gpd.GeoDataFrame | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.transform, Affine):
            object.__setattr__(self, "transform", Affine(*list(self.transform)[:6]))
        with Problems() as found:
            check_columns(found, "habitat classes", self.classes, CLASS_COLUMNS)
            _check_raster(found, self)
            for name, columns in LAYER_COLUMNS.items():
                if (frame := getattr(self, name)) is not None:
                    check_frame(found, f"layer {name}", frame, columns)

    @cached_property
    def names(self) -> pd.DataFrame:
        """The classes by code, with the row for what is not assessed."""
        rows = self.classes.loc[:, list(CLASS_COLUMNS)]
        unknown = pd.DataFrame([(NOT_ASSESSED_CODE, NOT_ASSESSED, NOT_ASSESSED)], columns=rows.columns)
        return pd.concat([rows.astype(unknown.dtypes.to_dict()), unknown]).set_index("code")

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the habitat raster in its own system."""
        rows, columns = self.habitat.shape
        t = self.transform
        return float(t.c), float(t.f + t.e * rows), float(t.c + t.a * columns), float(t.f)

    def to_raster_system(self, shapes: Any) -> Any:
        """Shapes from EPSG:4547 to the system of the habitat raster."""
        return shapes if self.habitat_epsg == WORKING else project(shapes, WORKING, self.habitat_epsg)

    def to_working(self, shapes: Any) -> Any:
        """Shapes from the system of the habitat raster to EPSG:4547."""
        return shapes if self.habitat_epsg == WORKING else project(shapes, self.habitat_epsg, WORKING)

    def codes_at(self, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.int64]:
        """The habitat code at points.

        Parameters
        ----------
        x, y
            Eastings and northings (m, EPSG:4547), arrays of one shape.

        Returns
        -------
        numpy.ndarray
            The code of the cell at each point; :data:`NOT_ASSESSED_CODE` off the raster and where no habitat is known.
        """
        if self.habitat_epsg != WORKING:
            x, y = project_xy(x, y, WORKING, self.habitat_epsg)
        rows, columns = self.habitat.shape
        column = np.floor((x - self.transform.c) / self.transform.a).astype(int)
        row = np.floor((y - self.transform.f) / self.transform.e).astype(int)
        on = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        codes = np.full(on.shape, NOT_ASSESSED_CODE, dtype=np.int64)
        codes[on] = self.habitat[row[on], column[on]]
        return np.where(on & (codes != self.nodata), codes, NOT_ASSESSED_CODE)

    @cached_property
    def designated(self) -> dict[str, BaseGeometry]:
        """The union (EPSG:4547) of each kind of designation, and under ``protected`` that of all protected kinds, if any."""
        groups = self.designations.groupby("designation", sort=True) if len(self.designations) else ()
        kinds = {str(kind): shapely.union_all(rows.geometry.to_numpy()) for kind, rows in groups}
        strict = [shape for kind, shape in kinds.items() if kind in PROTECTED_KINDS]
        return {**kinds, PROTECTED: shapely.union_all(strict)} if strict else kinds

    @cached_property
    def designation_classes(self) -> dict[str, BaseGeometry]:
        """The union of each class of designation, the highest first, EPSG:4547; ground may be in several."""
        unions = {
            name: [self.designated[kind] for kind in sorted(kinds & self.designated.keys())]
            for name, kinds in DESIGNATION_CLASSES.items()
        }
        return {name: shapely.union_all(shapes) for name, shapes in unions.items() if shapes}


def _check_raster(found: Problems, land: Land) -> None:
    where, t = "habitat raster", land.transform
    if land.habitat.ndim != 2 or land.habitat.size == 0:
        found.add(where, f"shape {land.habitat.shape}", "rows x columns", "read one band")
        return
    if t.b or t.d or t.a <= 0 or t.e >= 0:
        found.add(where, f"transform {tuple(t)[:6]}", "north up, not rotated", "warp it (gdalwarp)")
    west, south, east, north = land.extent
    degrees = CRS.from_epsg(land.habitat_epsg).is_geographic
    if degrees and not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        what = f"extent ({west:.6g}, {south:.6g}) to ({east:.6g}, {north:.6g})"
        expected = f"degrees, as EPSG:{land.habitat_epsg}"
        found.add(where, what, expected, "state the raster's own EPSG code", CrsError)
    if "code" not in land.classes.columns:
        return
    named = set(land.classes["code"].tolist())
    if unnamed := sorted(set(np.unique(land.habitat).tolist()) - {land.nodata} - named):
        what = "codes without a class: " + ", ".join(str(c) for c in unnamed)
        found.add(where, what, "a row for each code", "add it to the classes")
    if land.nodata in named:
        what = f"nodata {land.nodata} is also a class"
        found.add(where, what, "a code of its own", "change nodata or the class")
