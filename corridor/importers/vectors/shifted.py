"""Layers that are off as mainland web maps are: compared with the study's stations, coast and borders."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from corridor.core.containment import map_source
from corridor.core.crs import project
from corridor.core.errors import CorridorError, CrsError, Problem
from corridor.importers.entry.datum import NAMES, Known, Shift, find_line_shift, find_shift, plain_name
from corridor.importers.entry.enter import POINT_ROLES
from corridor.importers.vectors.read import Found
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import CatalogEntry, Role

NAME_COLUMNS = ("name", "name_en", "name_zh_hant", "name_zh_hans", "名称", "名稱", "站名")


def mostly_points(frame: gpd.GeoDataFrame) -> bool:
    """Whether more than half of the features are points, which are compared with stations and not with outlines."""
    return bool((shapely.get_type_id(np.asarray(frame.geometry.array)) == 0).mean() > 0.5)


def known_places(catalog: Catalog, outline: bool) -> Known:
    """The study's stations, or with `outline` its coast and borders as pieces of line in EPSG:4547.

    Parameters
    ----------
    catalog
        The study's, or the shipped one.
    outline
        Coast and borders instead of stations.
    """
    none = np.array([], dtype=float)
    if outline:
        return Known((), none, none, _pieces(catalog))
    frames = []
    for entry in catalog.having("stations"):
        # told when the layer is checked
        with contextlib.suppress(CorridorError, OSError, ValueError, KeyError):
            frames.append(_table_points(catalog.path(entry)))
    if not frames:
        return Known((), none, none, ())
    table = pd.concat(frames)
    return Known(tuple(plain_names(table)), table.geometry.x.to_numpy(), table.geometry.y.to_numpy(), ())


def plain_names(table: pd.DataFrame) -> list[frozenset[str]]:
    """The names of each row, in its columns ``name_...``, as they are compared.

    Returns
    -------
    list of frozenset
        A set of :func:`plain_name` for each row; empty for a row without names.
    """
    rows = table[[c for c in table.columns if c.startswith("name_")]].itertuples(index=False)
    return [frozenset(plain_name(v) for v in row if isinstance(v, str) and v) for row in rows]


def _table_points(path: Path) -> gpd.GeoDataFrame:
    """The rows of a table that have a position in its columns lon and lat."""
    table = pd.read_csv(path, dtype=str)
    xy = pd.DataFrame({c: pd.to_numeric(table[c], errors="coerce") for c in ("lon", "lat")}).dropna()
    points = gpd.points_from_xy(xy["lon"], xy["lat"])
    return gpd.GeoDataFrame(table.loc[xy.index], geometry=points, crs=4326)


def _pieces(catalog: Catalog) -> NDArray[np.object_]:
    pieces: list[NDArray[np.object_]] = []
    roles: tuple[Role, ...] = ("coastline", "districts")
    for role in roles:
        try:
            shapes = catalog.vector(role).geometry
        except CorridorError:
            continue
        lines = shapely.get_parts(project(shapely.boundary(np.asarray(shapes.array))))
        xy, index = shapely.get_coordinates(lines, return_index=True)
        same = index[1:] == index[:-1]
        ends = np.stack([xy[:-1][same], xy[1:][same]], axis=1)
        pieces.append(np.asarray(shapely.linestrings(ends), dtype=object))
    return np.concatenate(pieces) if pieces else np.array([], dtype=object)


def shift_of(frame: gpd.GeoDataFrame, known: Known) -> Shift | None:
    """The offset of a layer from the known places, where it is that of GCJ-02 or BD-09.

    Parameters
    ----------
    frame
        Features in degrees as stated. Where more than half are points, these are compared with stations, else all
        with lines.
    known
        See :func:`known_places`, made for stations or outlines as the frame needs.
    """
    shapes = np.asarray(frame.geometry.array)
    if not mostly_points(frame):
        return find_line_shift(shapes, known)
    points = shapely.get_type_id(shapes) == 0
    xy = shapely.get_coordinates(shapes[points])
    columns = [c for c in frame.columns if str(c).lower() in NAME_COLUMNS]
    names = frame.loc[points, columns].itertuples(index=False) if columns else None
    return find_shift(xy[:, 0], xy[:, 1], names, known)


def check_datum(found: Found, catalog: Catalog) -> None:
    """Refuse a layer stated as WGS84 whose positions fit GCJ-02 or BD-09 better, by what a catalogue knows.

    Raises
    ------
    CrsError
        With the offset and the datum it fits; the user decides, for either conversion could be wrong.
    """
    shift = shift_of(found.frame, known_places(catalog, outline=not mostly_points(found.frame)))
    if shift is not None:
        remedy = f"give --datum {shift.datum} to convert it, or --datum wgs84 to take it as it is"
        raise CrsError.at(found.name, f"looks like {NAMES[shift.datum]}: it {shift}", "WGS84", remedy)


def shifted_layers(catalog: Catalog) -> list[Problem]:
    """The user's layers whose positions fit GCJ-02 or BD-09 better than WGS84, compared with the bundled layers.

    Parameters
    ----------
    catalog
        The study's; bundled layers in it are taken as right.

    Returns
    -------
    list of Problem
        One for each such layer. A layer that cannot be read is passed over: the catalogue's check reports it.
    """
    shipped, problems = Catalog.bundled(), []
    for entry in catalog.entries:
        if entry.id in catalog.homes or catalog.folder == shipped.folder:
            continue
        frame = _own_frame(catalog, entry)
        if frame is None or frame.empty:
            continue
        try:
            check_datum(Found(entry.path, frame), shipped)
        except CrsError as error:
            remedy = f"convert it: 'corridor layers replace {entry.role} FILE --datum ...'"
            problems += [replace(p, remedy=remedy) for p in error.problems]
    return problems


def _own_frame(catalog: Catalog, entry: CatalogEntry) -> gpd.GeoDataFrame | None:
    """The features of an entry; None for what has no place, or cannot be read (which the catalogue's check reports)."""
    with contextlib.suppress(Exception):
        path = catalog.path(entry)
        if entry.kind == "vector":
            return gpd.read_file(map_source(path, entry.path)).to_crs(4326)
        if entry.kind == "table" and entry.role in POINT_ROLES and entry.role != "cells":
            return _table_points(path)
    return None
