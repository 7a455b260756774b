"""Street graphs entered in a study: as `corridor layers add walk` and `road` make them, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import shapely
from shapely import MultiPolygon, Polygon

from corridor.core.errors import GeometryError
from corridor.core.progress import Tell
from corridor.importers.entry.enter import Entered, enter, study_catalog
from corridor.importers.osm.graphs import WALK, Kind, make_graph
from corridor.importers.osm.query import Outline, Query
from corridor.importers.vectors.layer import to_wgs84
from corridor.importers.vectors.read import read_vector
from corridor.schema.catalog import sha256


def enter_graph(
    folder: Path | None, query: Query, kind: Kind = WALK, replacing: bool = False, tell: Tell = lambda _: None
) -> Entered:
    """The street graph of a query as the study's graph of its kind."""
    catalog = study_catalog(folder, "layers")
    layer, _ = make_graph(query, kind, tell)
    return enter(catalog.folder, layer, replacing)


def outline_of(path: Path, crs: str = "", tell: Tell = lambda _: None) -> Outline:
    """The polygons of any vector file, joined, as an area to ask for."""
    found = to_wgs84(read_vector(path, tell=tell), crs, None)
    shapes = found.frame.geometry
    areas = shapes[shapes.geom_type.isin(["Polygon", "MultiPolygon"])].to_numpy()
    shape = shapely.make_valid(shapely.union_all(areas))
    if shape.is_empty or not isinstance(shape, (Polygon, MultiPolygon)):
        raise GeometryError.at(path.name, "holds no area", "a polygon, or several", "draw one, or use --bbox")
    return Outline(path.name, sha256(path), shape)
