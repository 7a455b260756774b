"""A street graph for walkers, compiled from an OSMnx graph: positions, both ways on every street, lengths in metres.

OSMnx (Boeing 2017, Computers, Environment and Urban Systems 65) gives a NetworkX MultiDiGraph whose nodes have `x`
and `y` (longitude and latitude) and whose edges have `length` in metres. Walkers ignore one-way rules, so each
street is walked both ways; motorways are left out, as OSMnx leaves them out of its own walking graphs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

import networkx as nx
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely import LineString

from corridor.core.arrays import F64, I32, I64
from corridor.core.cache import Kept, key_of
from corridor.core.crs import project, project_xy
from corridor.core.csr import least_of_pairs, row_starts
from corridor.core.errors import CrsError, GeometryError, LayerError, MissingColumnError, Problems, first_line
from corridor.schema.catalog import sha256

SPACING_M = 60.0  # longer streets get nodes in between, so that a place finds one beside it
FILE_LIMIT_MB = 200
MEMORY_PER_FILE = 20  # what NetworkX needs to hold a graph, as a multiple of its GraphML (measured on 89 MB)
NODE_LIMIT = 3_000_000
MOTORWAYS = ("motorway", "motorway_link", "motorway_junction")
SHOWN = 5  # edges named in a message; the rest is counted


class Street(NamedTuple):
    """A street between two nodes, by number, with its length and its drawn course (WGS84) from first to last."""

    first: int
    last: int
    length_m: float
    course: LineString | None


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """Streets as arrays. The neighbours of node i are ``neighbour[start[i]:start[i+1]]``; each street is in both rows.

    Positions are EPSG:4547 metres, `length_m` metres.

    Attributes
    ----------
    read_nodes
        Nodes of the graph as it was given.
    read_edges
        Its directed edges.
    motorways
        Directed edges left out because nobody walks there.
    too_short
        Streets whose stated length is under the straight line between their ends; the line counts.
    """

    x_m: F64  # EPSG:4547
    y_m: F64
    start: I32
    neighbour: I32
    length_m: F64
    read_nodes: int
    read_edges: int
    motorways: int = 0
    too_short: int = 0

    @classmethod
    def load(cls, path: Path) -> StreetGraph:
        """Read a GraphML file saved by OSMnx. Every fault is a :class:`LayerError` that names the file.

        Reading a large one takes minutes, so the arrays are kept in the cache of results, by the file's hash.
        """
        check_xml(path, FILE_LIMIT_MB, "GraphML")
        kept, key = Kept.of_user(), key_of(["street graph", sha256(path)])
        if (known := kept.get(key, cls)) is not None:
            return known
        made = cls.from_graph(read_graphml(path), path.name)
        kept.put(key, made)
        return made

    @classmethod
    def from_graph(cls, graph: nx.MultiDiGraph, where: str = "street graph") -> StreetGraph:
        """Compile a graph as OSMnx gives it.

        Parameters
        ----------
        graph
            Nodes with `x` and `y` in degrees (WGS84), edges with `length` in metres, and `geometry` where they are simplified.
        where
            Its name in messages.

        Raises
        ------
        CorridorError
            With all faults that :func:`check_graph` finds.
        LayerError
            Where only motorways are left, or more nodes are needed than fit in memory.
        """
        check_graph(graph, where).raise_all()
        index = {node: i for i, node in enumerate(graph)}
        x, y = project_xy(*positions(graph))
        walkable = [
            (index[u], index[v], d) for u, v, d in graph.edges(data=True) if not is_only(d, MOTORWAYS)
        ]
        streets: dict[tuple[object, ...], Street] = {}
        for u, v, d in walkable:  # the two directions of one street are one street
            length, line = float(d["length"]), d.get("geometry")
            # two streets between the same nodes differ in length or extent, the two directions of one do not
            bounds = None if line is None else tuple(round(b, 6) for b in line.bounds)
            key = (min(u, v), max(u, v), round(length, 1), bounds)
            if key not in streets:
                course = line.reverse() if line is not None and u > v else line
                streets[key] = Street(min(u, v), max(u, v), length, course)
        left_out = graph.number_of_edges() - len(walkable)
        return _compiled(x, y, list(streets.values()), (len(graph), graph.number_of_edges(), left_out), where)

    @property
    def nodes(self) -> int:
        """Nodes, those along long streets included."""
        return self.x_m.size

    @property
    def street_km(self) -> float:
        """Length of all streets."""
        return float(self.length_m.sum() / 2_000.0)

    def __str__(self) -> str:
        text = (
            f"{self.read_nodes:,} nodes and {self.read_edges:,} edges read, {self.street_km:,.1f} km of street, "
            f"{self.nodes:,} nodes with those along long streets"
        )
        if self.motorways:
            text += f"; {self.motorways:,} edges of motorways left out"
        if self.too_short:
            text += f"; {self.too_short:,} lengths under the straight line raised to it"
        return text


def read_graphml(path: Path) -> nx.MultiDiGraph:
    """The graph in a GraphML file, types as OSMnx knows them.

    Parameters
    ----------
    path
        A file written by ``osmnx.save_graphml``, 200 MB at most.

    Raises
    ------
    LayerError
        Where the file is missing, too large, declares a document type or cannot be read.
    """
    import osmnx  # takes a second, and only those with a graph of their own need it

    check_xml(path, FILE_LIMIT_MB, "GraphML")
    try:
        return osmnx.load_graphml(path)
    except MemoryError:
        raise
    except Exception as error:  # XML, text of attributes, WKT and graph each fail in a way of their own
        what, expected = (
            f"cannot be read as GraphML ({first_line(error)})",
            "a file written by osmnx.save_graphml",
        )
        raise LayerError.at(path.name, what, expected, "save the graph again") from None


def check_xml(path: Path, limit_mb: int, what: str) -> None:
    """Refuse an XML file that is missing, too large or declares a document type.

    Entities of a document type can expand a small file to any size, so none is accepted.

    Parameters
    ----------
    path
        The file.
    limit_mb
        Largest size in MB (millions of bytes).
    what
        Its format, in messages.

    Raises
    ------
    LayerError
        Naming the file.
    """
    if not path.is_file():
        raise LayerError.at(str(path), "is missing", f"a file of {what}", "correct the path")
    size_mb = path.stat().st_size / 1e6
    if size_mb > limit_mb:
        raise LayerError.at(
            path.name, f"has {size_mb:,.0f} MB", f"{limit_mb} MB at most", "take a smaller area"
        )
    if _declares_type(path, what):
        raise LayerError.at(path.name, "declares a document type", f"plain {what}", "save it without one")


def _declares_type(path: Path, what: str) -> bool:
    """Whether entities may be declared before the first element, in any encoding and however far down."""
    found: list[bool] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: found.append(True)
    parser.StartElementHandler = lambda *_: found.append(False)
    try:
        with path.open("rb") as stream:
            while not found and (block := stream.read(65_536)):
                parser.Parse(block)
    except expat.ExpatError as error:
        if not found:
            wrong = f"cannot be read as {what} ({error})"
            raise LayerError.at(path.name, wrong, f"plain {what}", "save it again") from None
    return found[:1] == [True]


def check_graph(graph: nx.MultiDiGraph, where: str) -> Problems:
    """Find what keeps a graph from being walked or driven on; nothing is raised.

    Parameters
    ----------
    graph
        As OSMnx gives it.
    where
        Its name in messages.

    Returns
    -------
    Problems
        No nodes or edges, too many nodes, another CRS than WGS84, missing positions, missing or negative lengths.
    """
    faults = Problems()
    if not graph.number_of_nodes() or not graph.number_of_edges():
        faults.add(where, "has no nodes or no edges", "a street graph", "choose another area")
        return faults
    if len(graph) > NODE_LIMIT:
        faults.add(where, f"has {len(graph):,} nodes", f"{NODE_LIMIT:,} at most", "take a smaller area")
        return faults
    crs = graph.graph.get("crs")
    if crs is not None and not _is_wgs84(crs):
        faults.add(
            where, f"is in {crs}", "EPSG:4326", "osmnx.project_graph(graph, to_latlong=True)", CrsError
        )
    else:
        _check_positions(graph, where, faults)
    _check_lengths(graph, where, faults)
    return faults


def _is_wgs84(crs: object) -> bool:
    try:
        return CRS.from_user_input(crs).to_epsg() == 4326
    except CRSError:
        return False


def positions(graph: nx.MultiDiGraph) -> tuple[F64, F64]:
    """Longitude and latitude of each node, NaN where it has none."""
    return tuple(np.array([_number(d.get(axis)) for _, d in graph.nodes(data=True)]) for axis in ("x", "y"))  # type: ignore[return-value]


def _check_positions(graph: nx.MultiDiGraph, where: str, faults: Problems) -> None:
    lon, lat = positions(graph)
    missing = ~np.isfinite(lon) | ~np.isfinite(lat)
    if missing.any():
        nodes = np.array([str(n) for n in graph], dtype=object)[missing]
        faults.add(
            f"{where} nodes {', '.join(nodes[:SHOWN])}",
            f"{missing.sum():,} without a position",
            "x and y, longitude and latitude",
            "save the graph with osmnx.save_graphml",
            GeometryError,
        )
    elif (np.abs(lon) > 180).any() or (np.abs(lat) > 90).any():
        swapped = (np.abs(lat) <= 180).all() and (np.abs(lon) <= 90).all()
        what = f"x runs from {lon.min():g} to {lon.max():g}, y from {lat.min():g} to {lat.max():g}"
        remedy = "swap x and y" if swapped else "osmnx.project_graph(graph, to_latlong=True)"
        faults.add(where, what, "longitude and latitude in degrees", remedy, CrsError)


def _check_lengths(graph: nx.MultiDiGraph, where: str, faults: Problems) -> None:
    edges = [(u, v, d.get("length")) for u, v, d in graph.edges(data=True)]
    without = [(u, v) for u, v, length in edges if length is None]
    wrong = [(u, v) for u, v, length in edges if length is not None and not 0 <= _number(length) < np.inf]
    for found, what, expected, kind in (
        (without, "without 'length'", "metres on every edge", MissingColumnError),
        (wrong, "with a 'length' that is no distance", "metres, 0 or more", LayerError),
    ):
        if found:
            place, many = f"{where} edges {_named(found)}", f"{len(found):,} of {len(edges):,} {what}"
            faults.add(place, many, expected, "osmnx.distance.add_edge_lengths(graph)", kind)


def _named(edges: list[tuple[object, object]]) -> str:
    return ", ".join(f"{u}-{v}" for u, v in edges[:SHOWN]) + (" ..." if len(edges) > SHOWN else "")


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def is_only(tags: Mapping[str, object], kinds: Collection[str]) -> bool:
    """Whether a street is of these kinds of highway and of no other (simplified streets hold several values)."""
    highway = tags.get("highway")
    values = highway if isinstance(highway, list) else [highway]
    return all(isinstance(value, str) and value in kinds for value in values)


def _compiled(
    x: F64,
    y: F64,
    streets: Sequence[Street],
    read: tuple[int, int, int],
    where: str,
) -> StreetGraph:
    """Arrays of a graph from its streets; `read` holds nodes, edges and motorways of the graph as given."""
    if not streets:
        raise LayerError.at(where, "has motorways only", "streets to walk on", "choose another area")
    first = np.array([s.first for s in streets], dtype=np.int64)
    last = np.array([s.last for s in streets], dtype=np.int64)
    stated = np.array([s.length_m for s in streets], dtype=float)
    straight = np.hypot(x[first] - x[last], y[first] - y[last])
    length = np.maximum(stated, straight)
    pieces = np.maximum(1, np.ceil(length / SPACING_M)).astype(np.int64)
    needed = x.size + int((pieces - 1).sum())
    if needed > NODE_LIMIT:
        raise LayerError.at(
            where, f"needs {needed:,} nodes", f"{NODE_LIMIT:,} at most", "take a smaller area"
        )
    more_x, more_y = _between(x, y, streets, pieces)
    u, v, metres = _chains(x.size, first, last, pieces, length)
    all_x, all_y = np.concatenate([x, more_x]), np.concatenate([y, more_y])
    start, neighbour, both = both_ways(all_x.size, u, v, metres)
    too_short = int((stated < 0.99 * straight - 1.0).sum())
    return StreetGraph(all_x, all_y, start, neighbour, both, *read, too_short=too_short)


def _between(x: F64, y: F64, streets: Sequence[Street], pieces: I64) -> tuple[F64, F64]:
    """Positions of the nodes along streets of several pieces, along the drawn course or the straight line."""
    long = np.flatnonzero(pieces > 1)
    if not long.size:
        return np.empty(0), np.empty(0)
    chosen = [streets[int(i)] for i in long]
    ends = np.array([(s.first, s.last) for s in chosen])
    lines = np.asarray(shapely.linestrings(np.stack([x[ends], y[ends]], axis=-1)))
    courses = np.array([s.course for s in chosen], dtype=np.object_)
    drawn = np.array([isinstance(c, LineString) and not c.is_empty for c in courses])
    if drawn.any():
        lines[drawn] = project(courses[drawn])
    share = np.concatenate([np.arange(1, n) / n for n in pieces[long]])
    points = shapely.line_interpolate_point(np.repeat(lines, pieces[long] - 1), share, normalized=True)
    return shapely.get_x(points), shapely.get_y(points)


def _chains(nodes: int, first: I64, last: I64, pieces: I64, length: F64) -> tuple[I64, I64, F64]:
    """Ends and lengths of all pieces; the nodes along street i are numbered after those of the streets before it."""
    offset = nodes + np.concatenate([[0], np.cumsum(pieces - 1)])[:-1]
    street = np.repeat(np.arange(first.size), pieces)
    step = np.arange(street.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    u = np.where(step == 0, first[street], offset[street] + step - 1)
    v = np.where(step == pieces[street] - 1, last[street], offset[street] + step)
    return u, v, (length / pieces)[street]


def both_ways(nodes: int, u: I64, v: I64, length_m: F64) -> tuple[I32, I32, F64]:
    """CSR rows of an undirected graph, each edge in the rows of both its ends.

    Parameters
    ----------
    nodes
        Number of nodes.
    u, v
        Ends of each edge; an edge from a node to itself is left out.
    length_m
        Of each edge, metres; of several between two nodes the shortest counts.

    Returns
    -------
    start, neighbour, length_m
        The neighbours of node i are ``neighbour[start[i]:start[i+1]]``.
    """
    keep = u != v
    row, col = np.concatenate([u[keep], v[keep]]), np.concatenate([v[keep], u[keep]])
    row, col, metres = least_of_pairs(row, col, np.tile(length_m[keep], 2))
    return row_starts(np.bincount(row, minlength=nodes)), col.astype(np.int32), metres
