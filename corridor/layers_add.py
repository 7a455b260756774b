"""`corridor layers add walk`: a street graph for walking from a GraphML file, an OSM file, or OpenStreetMap by OSMnx.

The graph is written beside a catalogue's layers, checked, and entered there with the query that made it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import networkx as nx
import numpy as np
import yaml

from corridor.catalog import sha256
from corridor.crs import project_xy
from corridor.errors import CatalogError, CorridorError, LayerError, Problem
from corridor.network.streets import MEMORY_PER_FILE, StreetGraph, cache_folder, check_xml, read_graphml
from corridor.output import write_whole
from corridor.schema.yaml_source import read_yaml

ROLE = "walk_graph"
FILE = "walk_graph.graphml"
AREA_LIMIT_KM2 = 5_000.0
XML_LIMIT_MB = 200
TOLD_MB = 10.0  # above this the size is said first
PROBE_S = 10.0
_XML_TAGS = ("foot", "sidewalk", "area", "access", "service", "highway")
_NOT_WALKED = {
    "abandoned",
    "bus_guideway",
    "construction",
    "cycleway",
    "no",
    "planned",
    "platform",
    "proposed",
    "raceway",
    "razed",
    "rest_area",
    "services",
}


@dataclass(frozen=True)
class Query:
    """What a walking graph is made from: one of the four, the others None."""

    graphml: Path | None = None
    place: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    """West, south, east, north in degrees."""
    xml: Path | None = None

    def __post_init__(self) -> None:
        given = [v for v in (self.graphml, self.place, self.bbox, self.xml) if v is not None]
        if len(given) != 1:
            raise CorridorError(
                Problem(
                    "layers add walk",
                    f"{len(given)} sources given",
                    "one of --graphml, --place, --bbox, --xml",
                    "give one",
                )
            )
        if self.bbox is not None:
            check_bbox(self.bbox)

    def __str__(self) -> str:
        if self.graphml is not None:
            return f"--graphml {self.graphml.name}"
        if self.xml is not None:
            return f"--xml {self.xml.name}"
        if self.bbox is not None:
            return "--bbox " + ",".join(f"{v:.10g}" for v in self.bbox)
        return f'--place "{self.place}"'


@dataclass(frozen=True)
class Added:
    """What `add_walk` wrote: the file, its catalogue entry, and whether the entry is in the catalogue already."""

    path: Path
    entry: str
    entered: bool
    streets: StreetGraph

    def __str__(self) -> str:
        text = f"{self.path}: {self.streets}"
        return text if self.entered else f"{text}\nPut this into the catalogue beside it:\n\n{self.entry}"


def parse_bbox(text: str) -> tuple[float, float, float, float]:
    """ "W,S,E,N" in degrees as four numbers."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise CorridorError(
            Problem("--bbox", f"{text!r}", "W,S,E,N in degrees", "for example 113.99,22.51,114.05,22.56")
        ) from None
    return west, south, east, north


def check_bbox(bbox: tuple[float, float, float, float]) -> None:
    """Refuse a box that is no box, is not in degrees, or is too large to fetch."""
    west, south, east, north = bbox
    shown = ",".join(f"{v:g}" for v in bbox)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise CorridorError(
            Problem(
                "--bbox", shown, "W < E within 180 and S < N within 90 degrees", "give west,south,east,north"
            )
        )
    x, y = project_xy([west, east], [(south + north) / 2] * 2), project_xy([west] * 2, [south, north])
    area_km2 = float(np.hypot(*np.diff(x)[:, 0]) * np.hypot(*np.diff(y)[:, 0])) / 1e6
    if not area_km2 <= AREA_LIMIT_KM2:
        raise CorridorError(
            Problem(
                "--bbox", f"{area_km2:,.0f} km2", f"{AREA_LIMIT_KM2:,.0f} km2 at most", "take a smaller box"
            )
        )


def add_walk(query: Query, folder: Path, tell: Callable[[str], None] = lambda _: None) -> Added:
    """Write the graph of `query` into a folder of layers and enter it in the folder's catalogue, if there is one.

    The file is checked before anything is written; a catalogue that has a walking graph already is left alone.
    `tell` is told before work that is large.
    """
    catalog = folder / "catalog.yaml"
    _check_folder(folder, catalog)
    _tell_size(query, tell)
    graph = walk_graph(query)
    streets = StreetGraph.from_graph(graph, str(query))
    path = folder / FILE
    try:
        write_whole(path, _graphml(query, graph))
        entry = catalog_entry(query, graph, streets, path)
        if catalog.is_file():
            text = catalog.read_text(encoding="utf-8")
            write_whole(catalog, (text.rstrip("\n") + "\n\n" + entry).encode())
    except OSError as error:
        raise CorridorError(
            Problem(str(path), f"cannot be written ({error.strerror})", "room and permission", "choose --out")
        ) from None
    return Added(path, entry, catalog.is_file(), streets)


def _tell_size(query: Query, tell: Callable[[str], None]) -> None:
    path = query.graphml or query.xml
    size_mb = path.stat().st_size / 1e6 if path is not None and path.is_file() else 0.0
    if size_mb > TOLD_MB:
        tell(f"reading {path} ({size_mb:,.0f} MB), about {size_mb * MEMORY_PER_FILE / 1e3:,.1f} GB of memory")


def _check_folder(folder: Path, catalog: Path) -> None:
    if not folder.is_dir():
        raise CorridorError(
            Problem(str(folder), "is no folder", "a folder of layers", "make it, or choose --out")
        )
    if catalog.is_file():
        entries = read_yaml(catalog, CatalogError).data
        entries = entries if isinstance(entries, list) else []
        if any(isinstance(e, dict) and e.get("role") == ROLE for e in entries):
            raise CatalogError(
                Problem(
                    str(catalog), f"has a layer with role {ROLE!r}", "none yet", "remove that entry first"
                )
            )
    if (folder / FILE).exists():
        raise CorridorError(Problem(str(folder / FILE), "exists", "no such file", "remove it, or move it"))


def walk_graph(query: Query) -> nx.MultiDiGraph:
    """The graph a query means, as OSMnx gives it. What comes from outside fails with a plain message."""
    import osmnx

    if query.graphml is not None:
        return read_graphml(query.graphml)
    if query.xml is not None:
        return graph_from_osm_file(query.xml)
    if query.bbox is not None:
        box = query.bbox
        return _fetched(
            lambda: osmnx.graph_from_bbox(box, network_type="walk"),
            str(query),
            (osmnx.settings.overpass_url,),
        )
    place = str(query.place)
    servers = (osmnx.settings.nominatim_url, osmnx.settings.overpass_url)
    return _fetched(lambda: osmnx.graph_from_place(place, network_type="walk"), str(query), servers)


def graph_from_osm_file(path: Path) -> nx.MultiDiGraph:
    """The ways of an OSM XML file that OSMnx's walking filter lets through; the largest connected part, simplified."""
    import osmnx

    check_xml(path, XML_LIMIT_MB, "OSM XML")
    with _osmnx_settings(useful_tags_way=sorted({*osmnx.settings.useful_tags_way, *_XML_TAGS})):
        try:
            graph = osmnx.graph_from_xml(path, bidirectional=True, simplify=False, retain_all=True)
        except Exception as error:  # the XML parser and OSMnx fail in many ways on a broken file
            raise LayerError(
                Problem(
                    path.name,
                    f"cannot be read as OSM XML ({_first_line(error)})",
                    "a file as openstreetmap.org or osmium write it",
                    "export it again",
                )
            ) from None
    graph.remove_edges_from([(u, v, k) for u, v, k, d in graph.edges(keys=True, data=True) if not walked(d)])
    graph.remove_nodes_from(list(nx.isolates(graph)))
    if not graph.number_of_edges():
        raise LayerError(
            Problem(path.name, "has no street to walk on", "ways with a highway tag", "export a larger area")
        )
    return osmnx.simplify_graph(osmnx.truncate.largest_component(graph))


def walked(tags: dict[str, Any]) -> bool:
    """Whether one walks on a way with these tags: the rule of OSMnx's network type "walk"."""
    highway = str(tags.get("highway", ""))
    sidewalk = (str(v) for k, v in tags.items() if k.startswith("sidewalk"))
    return (
        bool(highway)
        and highway not in _NOT_WALKED
        and not highway.startswith("motor")
        and tags.get("area") != "yes"
        and tags.get("foot") != "no"
        and tags.get("access") != "private"
        and tags.get("service") != "private"
        and "separate" not in sidewalk
    )


def _fetched(fetch: Callable[[], nx.MultiDiGraph], what: str, servers: tuple[str, ...]) -> nx.MultiDiGraph:
    """Run one of OSMnx's downloads; answers are kept in the user's cache folder."""
    import requests

    for server in servers:
        _probe(server, what)
    lookup = socket.getaddrinfo  # OSMnx pins the server's address in it and leaves it so
    try:
        with _osmnx_settings(use_cache=True, cache_folder=str(cache_folder("osmnx")), doh_url_template=None):
            return fetch()
    except (requests.exceptions.RequestException, OSError) as error:
        raise _offline(what, _first_line(error)) from None
    except (
        Exception
    ) as error:  # OSMnx's own classes for empty and refused answers, and what a bad answer causes
        raise LayerError(
            Problem(
                what, f"OpenStreetMap gave no streets ({_first_line(error)})", "a street graph", "other area"
            )
        ) from None
    finally:
        socket.getaddrinfo = lookup


def _probe(server: str, what: str) -> None:
    """See within seconds whether a server can be reached; OSMnx would wait a minute first. Proxies are not probed."""
    parts = urlparse(server)
    if any(
        os.environ.get(k) for k in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY")
    ):
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=PROBE_S).close()
    except OSError as error:
        raise _offline(what, f"{parts.hostname}: {error.strerror or error}") from None


def _offline(what: str, reason: str) -> CorridorError:
    return CorridorError(
        Problem(
            what,
            f"OpenStreetMap's servers cannot be reached ({reason})",
            "a network",
            "give a saved graph with --graphml, or an OSM file with --xml",
        )
    )


@contextlib.contextmanager
def _osmnx_settings(**values: object) -> Iterator[None]:
    """OSMnx settings for the length of a block."""
    from osmnx import settings

    before = {name: getattr(settings, name) for name in values}
    try:
        for name, value in values.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:140] if str(error) else type(error).__name__


def _graphml(query: Query, graph: nx.MultiDiGraph) -> bytes:
    """The bytes of the file: a saved graph as it is, a new one as OSMnx writes it."""
    import tempfile

    import osmnx

    if query.graphml is not None:
        return query.graphml.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        osmnx.save_graphml(graph, path)
        return path.read_bytes()


def catalog_entry(query: Query, graph: nx.MultiDiGraph, streets: StreetGraph, path: Path) -> str:
    """The catalogue entry as YAML; licence and date are only stated where the graph says it is OSMnx's."""
    made_by = str(graph.graph.get("created_with", ""))
    known = made_by.startswith("OSMnx")
    made_on = str(graph.graph.get("created_date", "")) if known else ""
    entry = {
        "id": ROLE,
        "role": ROLE,
        "title": {"en": "Streets to walk on", "zh-Hant": "步行路網", "zh-Hans": "步行路网"},
        "kind": "document",
        "path": path.name,
        "sha256": sha256(path),
        "crs": "EPSG:4326",
        "date": made_on[:10] or dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "source": f"OpenStreetMap by {made_by}, {query}" if known else f"{query}, maker not stated",
        "licence": "ODbL 1.0" if known else "not stated",
        "attribution": "© OpenStreetMap contributors" if known else "",
        "built_by": f"corridor layers add walk {query}",
        "notes": str(streets),
    }
    return str(yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=110))
