"""Checks at the door: problems of geometry, coordinates and frames, gathered and raised together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

import geopandas as gpd
import pandas as pd

from corridor.core.crs import WORKING
from corridor.core.errors import CrsError, GeometryError, LayerError, MissingColumnError, Problem

DOMAIN_M = (300_000.0, 2_000_000.0, 700_000.0, 6_000_000.0)
"""Where EPSG:4547 coordinates can lie (west, south, east, north); anything else is another system."""


class LayerProblem(Problem):
    """A problem that knows which error class it belongs to."""

    error: ClassVar[type[LayerError]] = LayerError


class GeometryProblem(LayerProblem):
    """A geometry is missing, empty, invalid or of the wrong type."""

    error = GeometryError


class CrsProblem(LayerProblem):
    """Coordinates are in another system than stated."""

    error = CrsError


class ColumnProblem(LayerProblem):
    """A required column is absent."""

    error = MissingColumnError


def raise_all(problems: Iterable[LayerProblem]) -> None:
    """Raise all problems, if any, as one error: of the class they share, else LayerError."""
    found = list(problems)
    if found:
        classes = {p.error for p in found}
        raise (classes.pop() if len(classes) == 1 else LayerError)(found)


def domain_problems(where: str, bounds: tuple[float, float, float, float]) -> list[LayerProblem]:
    """The problem of coordinates that cannot be EPSG:4547; bounds are west, south, east, north."""
    west, south, east, north = bounds
    if west >= DOMAIN_M[0] and south >= DOMAIN_M[1] and east <= DOMAIN_M[2] and north <= DOMAIN_M[3]:
        return []
    degrees = -180 <= west <= east <= 180 and -90 <= south <= north <= 180
    what = f"coordinates from ({west:.6g}, {south:.6g}) to ({east:.6g}, {north:.6g})"
    return [
        CrsProblem(
            where,
            what + (" look like degrees" if degrees else ""),
            "EPSG:4547 metres (easting 300,000 to 700,000, northing above 2,000,000)",
            "project it first with corridor.core.crs.project",
        )
    ]


def frame_problems(where: str, frame: gpd.GeoDataFrame, columns: tuple[str, ...]) -> Iterator[LayerProblem]:
    """Problems of a vector layer: its CRS, its columns, and each missing, empty or invalid geometry."""
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        yield ColumnProblem(where, "no column " + ", ".join(missing), ", ".join(columns), "add or rename it")
    if frame.empty:
        return
    epsg = frame.crs.to_epsg() if frame.crs is not None else None
    if epsg != WORKING:
        stated = f"EPSG:{epsg}" if epsg else str(frame.crs)
        yield CrsProblem(where, f"CRS {stated}", f"EPSG:{WORKING}", "project it, or use Land.from_wgs84")
        return
    yield from _shape_problems(where, frame, columns[0])


def _shape_problems(where: str, frame: gpd.GeoDataFrame, id_column: str) -> Iterator[LayerProblem]:
    ids = frame[id_column] if id_column in frame.columns else pd.Series(frame.index, index=frame.index)
    empty = frame.geometry.isna() | frame.geometry.is_empty
    for name in ids[empty]:
        yield GeometryProblem(f"{where}, {name}", "an empty geometry", "a shape", "draw it or drop the row")
    for name in ids[~empty & ~frame.geometry.is_valid]:
        yield GeometryProblem(
            f"{where}, {name}", "an invalid geometry", "a simple outline", "mend it (shapely.make_valid)"
        )
    if not empty.all():
        yield from domain_problems(where, tuple(frame.geometry[~empty].total_bounds))
