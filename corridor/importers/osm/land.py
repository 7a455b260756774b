"""Tagged areas drawn on the study's grid of land use or habitat: which class a tag means, and which covers which."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

from corridor.core.crs import project
from corridor.core.errors import GeometryError
from corridor.importers.entry.files import SHIPPED
from corridor.importers.rasters.land_cover import (
    WATER_CODE,
    Role,
    geotiff,
    known_targets,
    read_classes,
    shares,
    split_water,
    study_grid,
)
from corridor.schema.catalog import Catalog

T = TypeVar("T")
LAND_TABLE = SHIPPED / "osm_land.csv"


def read_tag_classes(path: Path, catalog: Catalog, role: Role) -> dict[tuple[str, str], int]:
    """Codes by tag from a table (columns key, value, land_use, habitat) for one role; 0 is not assessed.

    A class is named by code or, for habitat, by id; ``water`` is sea off the coast and fresh water on land; a line whose
    cell is empty or ``not_assessed`` says nothing of this role. Raises every wrong line at once.
    """

    def tag(key: str, value: str) -> tuple[str, str] | None:
        odd = not key or not value or any(c in "'\"\\" or not c.isprintable() for c in key + value)
        return None if odd else (key, value)

    classes = catalog.table("habitat_classes" if role == "habitat" else "land_use_classes")
    known = known_targets(classes, role) | {"": 0}
    return read_classes(path, ("key", "value", role), known, tag, "a key and a value")


def by_tag(frame: gpd.GeoDataFrame, rules: Mapping[tuple[str, str], T], otherwise: T) -> NDArray[Any]:
    """What the first rule that fits says of each feature.

    Parameters
    ----------
    frame
        Features, a column for each tag.
    rules
        Values by key and value of a tag, in order of precedence.
    otherwise
        The value of features that no rule fits.

    Returns
    -------
    numpy.ndarray
        (features,) values, as objects.
    """
    found = np.full(len(frame), otherwise, dtype=object)
    for (key, value), says in reversed([*rules.items()]):
        if key in frame:
            # rules are applied from the last to the first, so that the first one that fits has the last word
            found[(frame[key] == value).to_numpy()] = says
    return found


def drawn(
    frame: gpd.GeoDataFrame, area: Any, classes: Mapping[tuple[str, str], int], catalog: Catalog, role: Role
) -> tuple[bytes, list[str]]:
    """The study's raster with tagged areas drawn over it.

    Where areas overlap the smaller is on top. A cell takes the class of what its middle is in.

    Parameters
    ----------
    frame
        Features in EPSG:4326, a column for each tag.
    area
        What was asked for, in degrees: areas are cut to it. None for all.
    classes
        Codes by tag; 0 is not assessed.
    catalog
        The study's.
    role
        habitat or land_use.

    Returns
    -------
    tuple of bytes and list of str
        A GeoTIFF, and what was done.

    Raises
    ------
    GeometryError
        Where no area of a known class covers a cell.
    """
    shapes = np.asarray(frame.geometry.array)
    flat = np.isin(shapely.get_type_id(shapes), (3, 6))
    codes = by_tag(frame, classes, -1).astype(int)
    notes, silent = [], flat & (codes <= 0)
    if not flat.all():
        notes.append(f"{(~flat).sum():,} of {len(frame):,} features are no areas and are left out")
    if silent.any():
        notes.append(f"{silent.sum():,} areas whose tags mean no class here are left out")
    used = flat & (codes > 0)
    shapes, codes = shapes[used], codes[used]
    if area is not None:
        shapes = shapely.intersection(shapes, area)
    size = shapely.area(project(shapes))
    # large areas first: rasterize paints in order, and a pond within a park must stay visible
    order = np.lexsort((codes, -size))
    order = order[size[order] > 0]
    grid = study_grid(catalog, role)
    over = np.zeros(grid.codes.shape, dtype=np.uint8)
    if len(order):
        pairs = ((shapes[i], int(codes[i])) for i in order)
        rasterize(pairs, out=over, transform=grid.transform)
    if not over.any():
        what = "no area of a known class is on the study's grid"
        expected = "areas that cover cells"
        raise GeometryError.at("OpenStreetMap", what, expected, "take an area inside the study")
    covered = over > 0
    table = catalog.table("habitat_classes" if role == "habitat" else "land_use_classes")
    if role == "habitat" and (over == WATER_CODE).any():
        over = split_water(over, grid, catalog, table)
    merged = np.where(covered, over, grid.codes)
    changed = int((merged != grid.codes).sum())
    notes.append(
        f"{len(order):,} areas drawn on {covered.sum():,} cells, {changed:,} of another class than before; "
        "elsewhere the study's class stays"
    )
    notes += [f"of those {text}" for text in shares(np.where(covered, merged, 0).astype(np.uint8), table)]
    return geotiff(merged.astype(np.uint8), grid), notes
