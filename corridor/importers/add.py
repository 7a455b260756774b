"""`corridor layers add` and `replace`: one way in for every kind of file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from corridor.core.csv_tables import for_programs
from corridor.core.errors import CatalogError, CorridorError, LayerError, nearest
from corridor.core.progress import Tell
from corridor.importers.entry.enter import (
    POINT_ROLES,
    TABLE_ROLES,
    VECTOR_ROLES,
    Entered,
    NewLayer,
    check_role,
    enter,
    study_catalog,
)
from corridor.importers.entry.limits import LIMITS, check_file
from corridor.importers.osm.graphs import ROAD, WALK, Query
from corridor.importers.osm.street_graphs import enter_graph
from corridor.importers.rasters.land_cover import land_cover_layer
from corridor.importers.rasters.population import NodataMeans, population_layer
from corridor.importers.vectors.layer import Wishes, vector_layer
from corridor.importers.vectors.postgis import is_url, read_postgis
from corridor.importers.vectors.read import Found
from corridor.schema.catalog import read_csv
from corridor.schema.catalog_entry import Role

RASTERS = ("population", "land_cover", "habitat", "land_use")


def add_vector(
    folder: Path | None,
    source: str,
    role: str,
    wishes: Wishes,
    table: str = "",
    query: str = "",
    replacing: bool = False,
    tell: Tell = lambda _: None,
) -> Entered:
    """Enter features of a file or of a PostGIS database (a URL, with a table or a query) in a study."""
    catalog = study_catalog(folder, "layers add vector")
    check_role(role, (*VECTOR_ROLES, *POINT_ROLES))
    found: Path | Found
    if is_url(source):
        found = read_postgis(source, table, query)
    else:
        if table or query:
            raise CorridorError.at(
                "--table, --query", f"given for the file {source}", "a postgresql:// URL", "leave them out"
            )
        found = Path(source)
    return enter(catalog.folder, vector_layer(found, role, catalog, wishes, tell), replacing)


@dataclass(frozen=True)
class RasterWishes:
    """What the user says about a raster beside its file."""

    nodata: float | None = None
    nodata_means: NodataMeans | None = None
    """People: zero or keep, or it is asked for. Classes: keep, else not assessed."""
    mapping: str = ""


def add_raster(
    folder: Path | None,
    source: Path,
    role: str,
    wishes: Wishes,
    raster: RasterWishes,
    replacing: bool = False,
    tell: Tell = lambda _: None,
) -> Entered:
    """Enter a raster in a study: people on its cells, or classes on its grid."""
    catalog = study_catalog(folder, "layers add raster")
    _check_raster_wishes(role, wishes, raster)
    entry_id = {"population": "cells", "land_use": "land_use"}.get(role, "habitat")
    own = entry_id not in catalog.homes and entry_id in {e.id for e in catalog.entries}
    if own and not replacing:
        raise CatalogError.at(
            entry_id,
            "the study has a layer of its own here",
            "none yet",
            f"use 'corridor layers replace {role} FILE'",
        )
    if role == "population":
        layer = population_layer(
            source, catalog, wishes.origin, raster.nodata_means, wishes.crs, raster.nodata, tell
        )
    else:
        layer = land_cover_layer(
            source,
            "land_use" if role == "land_use" else "habitat",
            catalog,
            wishes.origin,
            raster.mapping,
            raster.nodata_means == "keep",
            wishes.crs,
            raster.nodata,
            tell,
        )
    return enter(catalog.folder, layer, True)


def _check_raster_wishes(role: str, wishes: Wishes, raster: RasterWishes) -> None:
    if role not in RASTERS:
        raise CatalogError.at(
            "role", repr(role), "one of " + ", ".join(RASTERS), nearest(role, RASTERS, "choose one of these")
        )
    if wishes.datum not in (None, "wgs84"):
        raise CorridorError.at(
            "--datum", wishes.datum, "none, for a raster", "warp it to WGS84 first, with control points"
        )
    if role == "population" and raster.mapping:
        raise CorridorError.at("--mapping", "given for people", "none", "leave it out")
    if role != "population" and raster.nodata_means == "zero":
        raise CorridorError.at(
            "--nodata-means", "zero", "keep, for classes", "leave it out: not assessed is meant then"
        )


def replace_layer(
    folder: Path | None,
    role: str,
    source: str,
    wishes: Wishes,
    raster: RasterWishes | None = None,
    tell: Tell = lambda _: None,
) -> Entered:
    """Put a file in the place of the study's layer of a role, whatever kind that is."""
    catalog = study_catalog(folder, "layers replace")
    if role in RASTERS:
        return add_raster(folder, Path(source), role, wishes, raster or RasterWishes(), True, tell)
    if role in VECTOR_ROLES or role in POINT_ROLES:
        return add_vector(folder, source, role, wishes, replacing=True, tell=tell)
    known = check_role(role, get_args(Role))
    for kind in (WALK, ROAD):
        if known == kind.role:
            there = known in {e.role for e in catalog.entries}
            return enter_graph(folder, Query(graphml=Path(source)), kind, there, tell)
    if known in TABLE_ROLES:
        return enter(catalog.folder, _table(Path(source), known, wishes, tell), True)
    raise CatalogError.at(
        "role", repr(role), "a table, map or raster", "edit the file named in catalog.yaml by hand"
    )


def _table(path: Path, role: Role, wishes: Wishes, tell: Tell) -> NewLayer:
    """A table without geometry: its columns renamed, its cells checked when it is entered."""
    if path.suffix.lower() != ".csv":
        raise LayerError.at(path.name, f"is no table for role {role!r}", "a CSV file", "export it as CSV")
    check_file(path, tell, LIMITS)
    try:
        frame = read_csv(path, {}).rename(columns=dict(wishes.columns))
    except (OSError, ValueError, Warning) as error:
        raise LayerError.at(
            path.name, f"cannot be read as CSV ({error})", "UTF-8 CSV with a header", "mend it"
        ) from None
    for name, value in wishes.constants.items():
        frame[name] = value
    data = for_programs(frame).encode()
    return NewLayer(role, "table", ".csv", data, wishes.origin, (), wishes.entry_id, path.name)
