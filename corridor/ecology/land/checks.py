"""Checks at the door: problems of geometry, coordinates and frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from corridor.core import paths
from corridor.core.crs import WORKING
from corridor.core.errors import CrsError, GeometryError, MissingColumnError, Problems, unknown

Neighbours = Literal[4, 8]
"""Cells that touch: 4 across sides, 8 across corners too."""

DOMAIN_M = (300_000.0, 2_000_000.0, 700_000.0, 6_000_000.0)
"""Where EPSG:4547 coordinates can be (west, south, east, north); anything else is another system."""


def read_csv(name: str) -> pd.DataFrame:
    """A bundled table by its path below ``layers/``, empty cells as empty texts."""
    return pd.read_csv(paths.layers_dir() / name, encoding="utf-8", keep_default_na=False)


def check_columns(found: Problems, where: str, frame: pd.DataFrame, columns: Sequence[str]) -> bool:
    """Whether a frame has the columns that it needs; if not, the problem is noted."""
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        what, remedy = "no column " + ", ".join(missing), "add or rename it"
        found.add(where, what, ", ".join(columns), remedy, MissingColumnError)
    return not missing


def check_choice(found: Problems, where: str, value: str, choices: Sequence[str]) -> None:
    """Note an option that is none of its choices."""
    if value not in choices:
        *first, last = map(repr, choices)
        found.add(where, repr(value), f"{', '.join(first)} or {last}", "choose one of them")


def check_length(found: Problems, name: str, value: float, zero: bool = False) -> None:
    """Note a length that is not finite and above 0 (or 0, with ``zero``)."""
    if not (np.isfinite(value) and (value > 0 or (zero and value == 0))):
        expected = "metres, 0 or more" if zero else "metres above 0"
        found.add(name, f"{value!r}", expected, "correct it")


def check_neighbours(found: Problems, neighbours: int) -> None:
    """Note a neighbour rule that is not 4 or 8."""
    if neighbours not in get_args(Neighbours):
        found.add("neighbours", f"{neighbours!r}", "4 (sides) or 8 (sides and corners)", "state one")


def check_once(found: Problems, where: str, noun: str, ids: Iterable[object]) -> None:
    """Note every id that occurs more than once."""
    for name, times in Counter(map(str, ids)).items():
        if times > 1:
            found.add(
                where, f"{noun} {name!r} occurs {times} times", f"each {noun} once", "drop or rename one"
            )


def check_known(
    found: Problems, where: str, what: str, names: Iterable[object], known: Iterable[str], use: str
) -> None:
    """Note every id of a ``what`` that is none of the known ones; ``use`` says what to write instead."""
    listed = set(known)
    found.extend(unknown(where, what, name, use, listed) for name in sorted(set(map(str, names)) - listed))


def check_domain(found: Problems, where: str, bounds: tuple[float, float, float, float]) -> None:
    """Note coordinates that cannot be EPSG:4547; bounds are west, south, east, north."""
    west, south, east, north = bounds
    if west >= DOMAIN_M[0] and south >= DOMAIN_M[1] and east <= DOMAIN_M[2] and north <= DOMAIN_M[3]:
        return
    degrees = -180 <= west <= east <= 180 and -90 <= south <= north <= 180
    what = f"coordinates from ({west:.6g}, {south:.6g}) to ({east:.6g}, {north:.6g})"
    expected = "EPSG:4547 metres (easting 300,000 to 700,000, northing above 2,000,000)"
    remedy = "project it first with corridor.core.crs.project"
    found.add(where, what + (" look like degrees" if degrees else ""), expected, remedy, CrsError)


def check_frame(found: Problems, where: str, frame: gpd.GeoDataFrame, columns: Sequence[str]) -> None:
    """Note what is wrong with a vector layer: columns, CRS, each missing, empty or invalid geometry.

    The first of ``columns`` holds the id by which a geometry is named.
    """
    check_columns(found, where, frame, columns)
    if frame.empty:
        return
    epsg = frame.crs.to_epsg() if frame.crs is not None else None
    if epsg != WORKING:
        stated = f"EPSG:{epsg}" if epsg else str(frame.crs)
        remedy = "project it (corridor.core.crs.frame_in_metres)"
        found.add(where, f"CRS {stated}", f"EPSG:{WORKING}", remedy, CrsError)
        return
    ids = frame[columns[0]] if columns[0] in frame.columns else pd.Series(frame.index, index=frame.index)
    empty = frame.geometry.isna() | frame.geometry.is_empty
    for name in ids[empty]:
        found.add(
            f"{where}, {name}", "an empty geometry", "a shape", "draw it or drop the row", GeometryError
        )
    for name in ids[~empty & ~frame.geometry.is_valid]:
        remedy = "mend it (shapely.make_valid)"
        found.add(f"{where}, {name}", "an invalid geometry", "a simple outline", remedy, GeometryError)
    if not empty.all():
        check_domain(found, where, tuple(frame.geometry[~empty].total_bounds))
