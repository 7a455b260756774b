"""The query to OpenStreetMap: a place, a box, an outline, or a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from corridor.core.crs import project, project_xy
from corridor.core.errors import CorridorError, GeometryError
from corridor.core.progress import tell
from corridor.importers.entry.files import reading

LICENCE, ATTRIBUTION = "ODbL 1.0", "© OpenStreetMap contributors"
AREA_LIMIT_KM2 = 5_000.0
TOLD_KM2 = 100.0  # above this the area is announced first
EDGES_KM2 = 240
"""Edges of a walking graph on a square kilometre of central Shenzhen (4,009 on 16.7 km2, OpenStreetMap of 2023)."""
CORNERS = 5_000
XML_LIMIT_MB = 200  # of a file
PACKED = (".gz", ".bz2", ".xz", ".zip", ".pbf")
Tags = Mapping[str, bool | list[str]]


@dataclass(frozen=True)
class Outline:
    """An area of one's own, with the file it is from.

    Attributes
    ----------
    name
        File name.
    sha256
        Checksum of the file, by which a kept answer is known to be of the same outline.
    shape
        The area in WGS84 degrees.
    """

    name: str
    sha256: str
    shape: Polygon | MultiPolygon


@dataclass(frozen=True)
class Query:
    """Where streets or features are from: one of the first five, the others None.

    Attributes
    ----------
    graphml
        A saved street graph.
    place
        A name that Nominatim looks up.
    xml
        A file of plain OSM XML.
    outline
        An area of one's own.

    Raises
    ------
    CorridorError
        For none or several of them, a packed file, or an area that is too large to fetch.
    """

    graphml: Path | None = None
    place: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    """West, south, east, north in degrees."""
    xml: Path | None = None
    outline: Outline | None = None
    overpass: str = ""
    """The server, if not OSMnx's own."""
    again: bool = False
    """Ask anew, whatever is kept."""

    def __post_init__(self) -> None:
        named = (self.graphml, self.place, self.bbox, self.xml, self.outline)
        count = sum(v is not None for v in named)
        if count != 1:
            expected = "one of --graphml, --place, --bbox, --polygon, --xml"
            raise CorridorError.at("layers add", f"{count} sources given", expected, "give one")
        if self.place is not None and not self.place.strip():
            raise CorridorError.at("--place", "is empty", "a name", "for example 'Futian, Shenzhen'")
        if self.xml is not None and self.xml.suffix.lower() in PACKED:
            what = f"is packed ({self.xml.suffix})"
            expected = "plain OSM XML, whose size can be seen before it is read"
            remedy = "unpack it; osmium cat -o NAME.osm does so for a .pbf"
            raise CorridorError.at(self.xml.name, what, expected, remedy)
        if self.bbox is not None:
            check_bbox(self.bbox)
        if self.outline is not None:
            check_area(self.outline.shape, f"--polygon {self.outline.name}")

    def __str__(self) -> str:
        if self.graphml is not None:
            return f"--graphml {self.graphml.name}"
        if self.xml is not None:
            return f"--xml {self.xml.name}"
        if self.bbox is not None:
            return "--bbox " + ",".join(f"{v:.10g}" for v in self.bbox)
        if self.outline is not None:
            return f"--polygon {self.outline.name} (sha256 {self.outline.sha256[:12]})"
        return f'--place "{self.place}"'


def reading_xml(path: Path) -> AbstractContextManager[None]:
    """Turn what the XML parser and OSMnx raise on a broken file into a :class:`LayerError`.

    Parameters
    ----------
    path
        The file, for messages.

    Returns
    -------
    contextlib.AbstractContextManager
        To read the file in.
    """
    expected = "a file as openstreetmap.org or osmium write it"
    return reading(path.name, expected, what="cannot be read as OSM XML")


def area_of(query: Query) -> Polygon | MultiPolygon:
    """The area of a query that is no file.

    A place is looked up on a server, so call it in :func:`corridor.importers.osm.ask.ask`.

    Parameters
    ----------
    query
        With a place, a box or an outline.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        In WGS84 degrees.

    Raises
    ------
    GeometryError
        For a place without an area, or one with more than 5,000 corners.
    CorridorError
        For a place of more than 5,000 km2.
    """
    if query.bbox is not None:
        return shapely.box(*query.bbox)
    if query.outline is not None:
        return query.outline.shape
    import osmnx

    shape = osmnx.geocode_to_gdf(str(query.place)).union_all()
    if not isinstance(shape, (Polygon, MultiPolygon)):
        raise GeometryError.at(str(query), "has no area in OpenStreetMap", "a district", "use --bbox")
    check_area(shape, str(query))
    return shape


def parse_bbox(text: str) -> tuple[float, float, float, float]:
    """ "W,S,E,N" in degrees as four numbers.

    Examples
    --------
    >>> parse_bbox("113.99,22.51,114.05,22.56")
    (113.99, 22.51, 114.05, 22.56)
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        example = "for example 113.99,22.51,114.05,22.56"
        raise CorridorError.at("--bbox", f"{text!r}", "W,S,E,N in degrees", example) from None
    return west, south, east, north


def check_bbox(bbox: tuple[float, float, float, float]) -> None:
    """Refuse a box that is no box, is not in degrees, or is too large to fetch.

    Parameters
    ----------
    bbox
        West, south, east, north in degrees.

    Raises
    ------
    CorridorError
        Where the corners are not in order or off the globe, or the box has more than 5,000 km2.
    """
    west, south, east, north = bbox
    shown = ",".join(f"{v:g}" for v in bbox)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        expected = "W < E within 180 and S < N within 90 degrees"
        raise CorridorError.at("--bbox", shown, expected, "give west,south,east,north")
    x, y = project_xy([west, east], [(south + north) / 2] * 2), project_xy([west] * 2, [south, north])
    _check_size(float(np.hypot(*np.diff(x)[:, 0]) * np.hypot(*np.diff(y)[:, 0])) / 1e6, "--bbox", "box")


def check_area(shape: Any, where: str) -> None:
    """Refuse an area that is too large to fetch, or has so many corners that a server chokes on them.

    Parameters
    ----------
    shape
        A geometry in WGS84 degrees.
    where
        What it is, for messages.

    Raises
    ------
    GeometryError
        For more than 5,000 corners.
    CorridorError
        For more than 5,000 km2.
    """
    corners = int(shapely.get_num_coordinates(shape))
    if corners > CORNERS:
        most = f"{CORNERS:,} at most"
        raise GeometryError.at(where, f"has {corners:,} corners", most, "simplify it, or take its box")
    _check_size(area_km2(shape), where, "area")


def _check_size(size_km2: float, where: str, what: str) -> None:
    # written so that an area that is not a number is refused too
    if not size_km2 <= AREA_LIMIT_KM2:
        remedy = f"take a smaller {what}, or a file of the area (an extract) with --xml"
        raise CorridorError.at(where, f"{size_km2:,.0f} km2", f"{AREA_LIMIT_KM2:,.0f} km2 at most", remedy)


def area_km2(shape: Any) -> float:
    """Square kilometres of a shape in degrees."""
    return float(shapely.area(project(shape))) / 1e6


def tell_area(shape: Any, streets: bool) -> None:
    """Announce the size of an area of more than 100 km2 before it is queried.

    Parameters
    ----------
    shape
        A geometry in WGS84 degrees.
    streets
        Whether streets are asked for, whose number is then estimated.
    """
    size_km2 = area_km2(shape)
    if size_km2 > TOLD_KM2:
        edges = f", up to {size_km2 * EDGES_KM2:,.0f} edges where it is as dense as Futian" if streets else ""
        tell(f"{size_km2:,.0f} km2{edges}; this may take minutes")


def parse_tags(texts: Sequence[str]) -> dict[str, bool | list[str]]:
    """``key=value`` and ``key`` (any value) of --tags as OSMnx takes them.

    Examples
    --------
    >>> parse_tags(["leisure=park", "leisure=garden", "natural"])
    {'leisure': ['park', 'garden'], 'natural': True}
    """
    tags: dict[str, bool | list[str]] = {}
    for text in texts:
        key, sign, value = (part.strip() for part in text.partition("="))
        if not key or (sign and not value) or any(not c.isprintable() or c in "'\"\\" for c in text):
            expected = "key=value, or key for any value"
            raise CorridorError.at("--tags", repr(text), expected, "for example landuse=forest")
        known = tags.get(key, [])
        if not sign or value == "*" or known is True:
            tags[key] = True
        elif isinstance(known, list) and value not in known:
            tags[key] = [*known, value]
    return tags


def tags_text(tags: Tags) -> str:
    """Tags in one line in order of key, ``*`` for any value; the cache knows a query by it."""
    listed = {key: values if isinstance(values, list) else ["*"] for key, values in sorted(tags.items())}
    return ", ".join(f"{key}={value}" for key, values in listed.items() for value in values)
