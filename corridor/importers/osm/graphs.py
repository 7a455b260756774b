"""`corridor layers add walk` and `road`: a street graph from a GraphML file, an OSM file, or OpenStreetMap by OSMnx.

The graph is written beside a catalogue's layers, checked, and entered there with the query that made it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import networkx as nx
import shapely
from shapely import MultiPolygon, Polygon

from corridor.core.errors import CatalogError, CorridorError, GeometryError, LayerError, Problem, Problems
from corridor.core.output import write_whole, writing
from corridor.importers.entry.enter import Entered, NewLayer, catalog_entry, enter, entry_text, study_catalog
from corridor.importers.entry.files import shipped_rows, tell_size
from corridor.importers.entry.options import Origin
from corridor.importers.osm.ask import Asked, ask, osmnx_settings
from corridor.importers.osm.query import (
    ATTRIBUTION,
    LICENCE,
    XML_LIMIT_MB,
    Outline,
    Query,
    area_of,
    reading_xml,
    tell_area,
)
from corridor.importers.vectors.layer import to_wgs84
from corridor.importers.vectors.read import read_vector
from corridor.network.roads import RoadGraph
from corridor.network.streets import MEMORY_PER_FILE, StreetGraph, check_xml, read_graphml
from corridor.schema.catalog import Catalog, sha256
from corridor.schema.text import Text
from corridor.schema.yaml_source import read_yaml

Role = Literal["walk_graph", "road_graph"]
_XML_TAGS = ("foot", "sidewalk", "area", "access", "service", "highway", "motor_vehicle", "motorcar")


@dataclass(frozen=True)
class Kind:
    """A kind of street graph: its role in a study, OSMnx's network type, and who may use a way.

    Attributes
    ----------
    role
        walk_graph or road_graph.
    network_type
        OSMnx's name of the kind, and the verb of messages: walk or drive.
    title
        Title of its catalogue entry.
    both_ways
        Whether one-way streets are used in both directions, as on foot.
    read
        Turns a graph, with the name of its source for messages, into what the network uses.
    """

    role: Role
    network_type: str
    title: Text
    both_ways: bool
    read: Callable[[nx.MultiDiGraph, str], StreetGraph | RoadGraph]

    @cached_property
    def closed(self) -> set[tuple[str, str]]:
        """Tags with which a way is not used: the rule of OSMnx's network type, from ``osm_ways.csv``."""
        kinds, rows = ("both", self.network_type), shipped_rows("osm_ways.csv")
        return {(row["key"], row["value"]) for row in rows if row["network_type"] in kinds}

    def used(self, tags: Mapping[str, Any]) -> bool:
        """Whether a way with these tags is used.

        On foot motorways are not used, nor streets whose sidewalks are mapped as ways of their own: those ways are used
        instead.

        Parameters
        ----------
        tags
            Values by key, as OpenStreetMap states them.
        """
        highway = str(tags.get("highway", ""))
        if not highway or any((key, str(value)) in self.closed for key, value in tags.items()):
            return False
        sidewalk = {str(v) for k, v in tags.items() if k.startswith("sidewalk")}
        return not self.both_ways or not (highway.startswith("motor") or "separate" in sidewalk)


@dataclass(frozen=True)
class Added:
    """What was written into a folder of layers.

    Attributes
    ----------
    path
        The graph, a GraphML file.
    entry
        The text of its catalogue entry.
    entered
        Whether the entry is in the catalogue already; if not, the user puts it there.
    streets
        The graph as the network reads it.
    """

    path: Path
    entry: str
    entered: bool
    streets: StreetGraph | RoadGraph

    def __str__(self) -> str:
        text = f"{self.path}: {self.streets}"
        return text if self.entered else f"{text}\nPut this into the catalogue beside it:\n\n{self.entry}"


def add_graph(query: Query, folder: Path, kind: Kind) -> Added:
    """Write the street graph of a query into a folder of layers, and into its catalogue, if there is one.

    The graph is checked before anything is written; a catalogue that has a graph of this kind already is left alone.

    Parameters
    ----------
    query
        Where the streets are from.
    folder
        An existing folder.
    kind
        :data:`WALK` or :data:`ROAD`.
    """
    catalog, path = folder / "catalog.yaml", folder / f"{kind.role}.graphml"
    _check_folder(folder, catalog, path, kind.role)
    layer, streets = make_graph(query, kind)
    entry = entry_text(catalog_entry(layer, kind.role, path.name))
    with writing(path, "choose --out"):
        write_whole(path, layer.data)
        if catalog.is_file():
            text = catalog.read_text(encoding="utf-8")
            write_whole(catalog, (text.rstrip("\n") + "\n\n" + entry).encode())
    return Added(path, entry, catalog.is_file(), streets)


def _check_folder(folder: Path, catalog: Path, path: Path, role: Role) -> None:
    if not folder.is_dir():
        raise CorridorError.at(str(folder), "is no folder", "a folder of layers", "make it, or choose --out")
    if catalog.is_file():
        entries = read_yaml(catalog, CatalogError).data
        entries = entries if isinstance(entries, list) else []
        if any(isinstance(e, dict) and e.get("role") == role for e in entries):
            what = f"has a layer with role {role!r}"
            raise CatalogError.at(str(catalog), what, "none yet", "remove that entry first")
    if path.exists():
        raise CorridorError.at(str(path), "exists", "no such file", "remove it, or move it")


def street_graph(query: Query, kind: Kind) -> tuple[nx.MultiDiGraph, Asked | None]:
    """The graph a query means, as OSMnx gives it, and how its answers came.

    Parameters
    ----------
    query
        Where the streets are from.
    kind
        :data:`WALK` or :data:`ROAD`.

    Returns
    -------
    tuple
        A simplified directed graph, and server and day of its answers (None for a file). A GraphML file is taken
        as it is.

    Raises
    ------
    CorridorError
        For a file that cannot be read or has no streets; see :func:`corridor.importers.osm.ask.ask` for servers.
    """
    import osmnx

    if query.graphml is not None:
        return read_graphml(query.graphml), None
    if query.xml is not None:
        return graph_from_osm_file(query.xml, kind), None

    def fetch() -> nx.MultiDiGraph:
        area = area_of(query)
        tell_area(area, streets=True)
        return osmnx.graph_from_polygon(area, network_type=kind.network_type)

    return ask(fetch, query, kind.network_type)


def graph_from_osm_file(path: Path, kind: Kind) -> nx.MultiDiGraph:
    """The ways of an OSM XML file that OSMnx's filter of this kind lets through.

    Parameters
    ----------
    path
        Plain OSM XML, at most 200 MB.
    kind
        :data:`WALK` or :data:`ROAD`.

    Returns
    -------
    networkx.MultiDiGraph
        The largest connected part, simplified; positions in WGS84 degrees.

    Raises
    ------
    LayerError
        For a file that is no OSM XML, or has no such way.
    """
    import osmnx

    tags = sorted({*osmnx.settings.useful_tags_way, *_XML_TAGS})
    with reading_xml(path), osmnx_settings(useful_tags_way=tags):
        check_xml(path, XML_LIMIT_MB, "OSM XML")
        graph = osmnx.graph_from_xml(path, bidirectional=kind.both_ways, simplify=False, retain_all=True)
    unused = [(u, v, k) for u, v, k, d in graph.edges(keys=True, data=True) if not kind.used(d)]
    graph.remove_edges_from(unused)
    graph.remove_nodes_from(list(nx.isolates(graph)))
    if not graph.number_of_edges():
        what = f"has no street to {kind.network_type} on"
        raise LayerError.at(path.name, what, "ways with a highway tag", "export a larger area")
    return osmnx.simplify_graph(osmnx.truncate.largest_component(graph))


WALK = Kind(
    "walk_graph",
    "walk",
    Text(en="Streets to walk on", zh_hant="步行路網", zh_hans="步行路网"),
    True,
    StreetGraph.from_graph,
)
ROAD = Kind(
    "road_graph",
    "drive",
    Text(en="Roads to drive on", zh_hant="行車路網", zh_hans="行车路网"),
    False,
    RoadGraph.from_graph,
)


def check_graphs(catalog: Catalog) -> list[Problem]:
    """What is wrong with the street graphs of a catalogue, whoever entered them.

    Returns
    -------
    list of Problem
        Empty where all can be read, or there are none.
    """
    faults = Problems(CorridorError)
    for kind in (WALK, ROAD):
        for entry in catalog.having(kind.role):
            try:
                kind.read(read_graphml(catalog.path(entry)), entry.path)
            except CorridorError as error:
                faults.extend(error)
    return list(faults)


def make_graph(query: Query, kind: Kind) -> tuple[NewLayer, StreetGraph | RoadGraph]:
    """The street graph of a query as a layer, and as the program reads it.

    Licence and date are stated only where the graph says it is OSMnx's.

    Parameters
    ----------
    query
        Where the streets are from.
    kind
        :data:`WALK` or :data:`ROAD`.

    Raises
    ------
    CorridorError
        For a query or a file that gives no usable graph.
    """
    import osmnx

    if (file := query.graphml or query.xml) is not None and file.is_file():
        tell_size(file, MEMORY_PER_FILE)
    graph, asked = street_graph(query, kind)
    streets = kind.read(graph, str(query))
    with tempfile.TemporaryDirectory(prefix="corridor-") as folder:
        path = query.graphml or Path(folder) / "graph.graphml"  # a saved graph stays as it is
        if query.graphml is None:
            osmnx.save_graphml(graph, path)
        data = path.read_bytes()
    made_by, origin = str(graph.graph.get("created_with", "")), Origin(source=f"{query}, maker not stated")
    if made_by.startswith("OSMnx"):
        date = str(graph.graph.get("created_date", ""))[:10]
        origin = Origin("", date, f"OpenStreetMap by {made_by}, {query}", LICENCE, ATTRIBUTION)
    if asked is not None:
        origin = replace(origin, date=asked.data_of[:10] or asked.on)
    notes = f"{streets}" + (f"; network type {kind.network_type!r}, {asked}" if asked else "")
    built_by = f"corridor layers add {'road' if kind is ROAD else 'walk'} {query}"
    layer = NewLayer(
        kind.role, "document", ".graphml", data, origin, (notes,), kind.role, str(query), built_by, kind.title
    )
    return layer, streets


def enter_graph(folder: Path | None, query: Query, kind: Kind = WALK, replacing: bool = False) -> Entered:
    """The street graph of a query as the study's graph of its kind.

    Parameters
    ----------
    folder
        The study's folder.
    query
        Where the streets are from.
    kind
        :data:`WALK` or :data:`ROAD`.
    replacing
        Put it in the place of the study's graph.
    """
    catalog = study_catalog(folder, "layers")
    layer, _ = make_graph(query, kind)
    return enter(catalog.folder, layer, replacing)


def outline_of(path: Path, crs: str = "") -> Outline:
    """The polygons of any vector file, joined, as an area to ask for.

    Parameters
    ----------
    path
        Any vector file of polygons.
    crs
        Its system, where it states none.

    Returns
    -------
    Outline
        In degrees.
    """
    found = to_wgs84(read_vector(path), crs, None)
    shapes = found.frame.geometry
    areas = shapes[shapes.geom_type.isin(["Polygon", "MultiPolygon"])].to_numpy()
    shape = shapely.make_valid(shapely.union_all(areas))
    if shape.is_empty or not isinstance(shape, (Polygon, MultiPolygon)):
        raise GeometryError.at(path.name, "holds no area", "a polygon, or several", "draw one, or use --bbox")
    return Outline(path.name, sha256(path), shape)
