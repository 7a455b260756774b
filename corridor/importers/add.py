"""`corridor layers add` and `replace`: one way in for every kind of file."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from corridor.core.csv_tables import for_programs, read_table
from corridor.core.errors import CatalogError, CorridorError, LayerError
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
from corridor.importers.entry.files import check_file
from corridor.importers.entry.options import Options
from corridor.importers.osm.graphs import ROAD, WALK, enter_graph
from corridor.importers.osm.query import Query
from corridor.importers.rasters.land_cover import land_cover_layer
from corridor.importers.rasters.population import population_layer
from corridor.importers.vectors.layer import vector_layer
from corridor.importers.vectors.postgis import is_url, read_postgis
from corridor.schema.catalog_entry import Role

RASTERS = ("population", "land_cover", "habitat", "land_use")


def add_vector(
    folder: Path | None,
    source: str,
    role: str,
    options: Options,
    table: str = "",
    query: str = "",
    replacing: bool = False,
) -> Entered:
    """Enter features of a file or of a PostGIS database in a study.

    Parameters
    ----------
    folder
        The study's folder.
    source
        A file, or a ``postgresql://`` URL, with a table or a query.
    role
        What the layer is to the program.
    options
        What the user says about it: CRS, datum, names of columns.
    table
        ``schema.table`` of a database.
    query
        A SELECT instead.
    replacing
        Put it in the place of the study's layer of the role.

    Returns
    -------
    Entered
        What was written, and what was done to the features.

    Raises
    ------
    LayerError
        For what cannot be used, with every problem at once.
    CatalogError
        For an id that is taken, or a folder that is no study.

    Examples
    --------
    >>> add_vector(Path("mystudy"), "clinics.gpkg", "facilities", Options())  # doctest: +SKIP
    """
    catalog = study_catalog(folder, "layers add vector")
    known = check_role(role, (*VECTOR_ROLES, *POINT_ROLES))
    if (table or query) and not is_url(source):
        what = f"given for the file {source}"
        raise CorridorError.at("--table, --query", what, "a postgresql:// URL", "leave them out")
    found = read_postgis(source, table, query) if is_url(source) else Path(source)
    joins = role == "alignments" and not replacing
    layer = vector_layer(found, known, catalog, options, joins)
    return enter(catalog.folder, layer, replacing or (joins and bool(catalog.having("alignments"))))


def add_raster(
    folder: Path | None,
    source: Path,
    role: str,
    options: Options,
    replacing: bool = False,
) -> Entered:
    """Enter a raster in a study: population on its cells, or classes on its grid.

    Parameters
    ----------
    folder
        The study's folder.
    source
        A GeoTIFF.
    role
        population, land_cover, habitat or land_use.
    options
        What the user says about it: CRS, nodata, a table of classes.
    replacing
        Put it in the place of the study's own layer.

    Returns
    -------
    Entered
        What was written, and what was done.

    Raises
    ------
    LayerError
        As :func:`add_vector`.
    CatalogError
        As :func:`add_vector`.
    """
    catalog = study_catalog(folder, "layers add raster")
    _check_raster_options(role, options)
    entry_id = {"population": "cells", "land_use": "land_use"}.get(role, "habitat")
    if not replacing and any(e.id == entry_id and e.id not in catalog.homes for e in catalog.entries):
        remedy = f"use 'corridor layers replace {role} FILE'"
        raise CatalogError.at(entry_id, "the study has a layer of its own here", "none yet", remedy)
    if role == "population":
        layer = population_layer(source, catalog, options)
    else:
        layer = land_cover_layer(source, "land_use" if role == "land_use" else "habitat", catalog, options)
    return enter(catalog.folder, layer, True)


def _check_raster_options(role: str, options: Options) -> None:
    check_role(role, RASTERS)
    if options.datum not in (None, "wgs84"):
        remedy = "warp it to WGS84 first, with control points"
        raise CorridorError.at("--datum", options.datum, "none, for a raster", remedy)
    if role == "population" and options.mapping:
        raise CorridorError.at("--mapping", "given for population", "none", "leave it out")
    if role != "population" and options.per:
        raise CorridorError.at("--per", options.per, "population", "leave it out")
    if role != "population" and options.nodata_means == "zero":
        remedy = "leave it out: not assessed is meant then"
        raise CorridorError.at("--nodata-means", "zero", "keep, for classes", remedy)


def replace_layer(folder: Path | None, role: str, source: str, options: Options) -> Entered:
    """Put a file in the place of the study's layer of a role, whatever kind that is.

    Parameters
    ----------
    folder
        The study's folder.
    role
        What the layer is to the program.
    source
        A file, or a ``postgresql://`` URL.
    options
        What the user says about it.
    """
    catalog = study_catalog(folder, "layers replace")
    if role in RASTERS:
        return add_raster(folder, Path(source), role, options, True)
    if role in VECTOR_ROLES or role in POINT_ROLES:
        return add_vector(folder, source, role, options, replacing=True)
    known = check_role(role, get_args(Role))
    for kind in (WALK, ROAD):
        if known == kind.role:
            there = known in {e.role for e in catalog.entries}
            return enter_graph(folder, Query(graphml=Path(source)), kind, there)
    if known in TABLE_ROLES:
        return enter(catalog.folder, _table(Path(source), known, options), True)
    remedy = "edit the file named in catalog.yaml by hand"
    raise CatalogError.at("role", repr(role), "a table, map or raster", remedy)


def _table(path: Path, role: Role, options: Options) -> NewLayer:
    """A table without geometry: its columns renamed, its cells checked when it is entered."""
    if path.suffix.lower() != ".csv":
        raise LayerError.at(path.name, f"is no table for role {role!r}", "a CSV file", "export it as CSV")
    check_file(path)
    frame = read_table(path, text=()).rename(columns=dict(options.columns)).assign(**options.constants)
    data = for_programs(frame).encode()
    return NewLayer(role, "table", ".csv", data, options.origin, (), options.entry_id, path.name)
