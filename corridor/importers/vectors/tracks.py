"""KML and GPX: what people draw in web maps and record on the way, read without a driver that follows links.

Both are WGS84 in degrees, longitude and latitude apart from any datum of a web map. A KML may name other files
(NetworkLink, overlays, models): these are left out and counted. Heights and times are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import shapely

from corridor.core.errors import GeometryError, LayerError
from corridor.importers.entry.files import reading

Element = ElementTree.Element
_LINKS = ("NetworkLink", "GroundOverlay", "PhotoOverlay", "ScreenOverlay", "Model")
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read_xml(name: str, data: bytes, kind: str) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Features of a KML or GPX file.

    Parameters
    ----------
    name
        The file, for messages.
    data
        Its bytes.
    kind
        ``.kml`` or ``.gpx``.

    Returns
    -------
    tuple
        Features in EPSG:4326 with columns name, description and folder (of KML, with its extended data), and notes.

    Raises
    ------
    LayerError
        For what is no such file, declares entities, or holds coordinates that are no numbers.
    GeometryError
        Where nothing is drawn in it.
    """
    if _DECLARED.search(data):
        raise LayerError.at(name, "declares a document type", f"a plain {kind} file", "export it again")
    with reading(name, f"a whole {kind} file", faults=(ElementTree.ParseError, ValueError, RecursionError)):
        root = ElementTree.fromstring(data)
        if _tag(root) != kind[1:]:
            raise ValueError(f"its outermost element is {_tag(root)}")
        rows = list(_placemarks(root, "") if kind == ".kml" else _tracks(root))
    left = sum(_tag(element) in _LINKS for element in root.iter())
    notes = (f"{left} links, overlays and models left out",) if left else ()
    if not rows:
        what, expected = "has nothing drawn in it", "a point, line or area"
        raise GeometryError.at(name, what, expected, "export it with its shapes")
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=4326), notes


def _tag(element: Element) -> str:
    """The name of an element without its namespace, of which both formats have several."""
    return str(element.tag).rpartition("}")[2]


def _all(element: Element, *names: str) -> Iterator[Element]:
    return (child for child in element.iter() if _tag(child) in names)


def _text(element: Element, name: str) -> str:
    found = next((child for child in element if _tag(child) == name), None)
    return "" if found is None else (found.text or "").strip()


def _placemarks(element: Element, folder: str) -> Iterator[dict[str, object]]:
    for child in element:
        if _tag(child) in ("Document", "Folder"):
            yield from _placemarks(child, _text(child, "name") if _tag(child) == "Folder" else folder)
        elif _tag(child) == "Placemark" and (shapes := list(_kml_shapes(child))):
            data = {str(d.get("name")): _text(d, "value") for d in _all(child, "Data")}
            data |= {str(d.get("name")): (d.text or "").strip() for d in _all(child, "SimpleData")}
            said = {"name": _text(child, "name"), "description": _text(child, "description")}
            yield data | said | {"folder": folder, "geometry": _one(shapes)}


def _kml_shapes(placemark: Element) -> Iterator[Any]:
    for shape in _all(placemark, "Point", "LineString", "Polygon", "Track"):
        match _tag(shape):
            case "Polygon":
                outer, *holes = [_kml_xy(ring) for ring in _all(shape, "LinearRing")]
                yield shapely.Polygon(outer, holes)
            case "Track":  # gx:coord, with spaces
                yield shapely.LineString([_pair((c.text or "").split()) for c in _all(shape, "coord")])
            case "Point":
                yield shapely.Point(_kml_xy(shape)[0])
            case _:
                yield shapely.LineString(_kml_xy(shape))


def _kml_xy(shape: Element) -> list[tuple[float, float]]:
    """``lon,lat[,height]`` with spaces between; some programs write a space after the comma."""
    text = next((c.text or "" for c in _all(shape, "coordinates")), "")
    return [_pair(position.split(",")) for position in re.sub(r",\s+", ",", text).split()]


def _pair(parts: list[str]) -> tuple[float, float]:
    return float(parts[0]), float(parts[1])


def _tracks(root: Element) -> Iterator[dict[str, object]]:
    for item in root:
        kind = _tag(item)
        groups = {"trk": list(_all(item, "trkseg")), "rte": [item], "wpt": [item]}.get(kind, [])
        points = {"trk": "trkpt", "rte": "rtept", "wpt": "wpt"}
        runs = [
            [(float(p.attrib["lon"]), float(p.attrib["lat"])) for p in _all(g, points[kind])] for g in groups
        ]
        shapes = [
            shapely.Point(run[0]) if kind == "wpt" else shapely.LineString(run)
            for run in runs
            if len(run) > (kind != "wpt")
        ]
        if shapes:
            said = {"name": _text(item, "name"), "description": _text(item, "desc")}
            yield {**said, "folder": kind, "geometry": _one(shapes)}


def _one(shapes: list[Any]) -> Any:
    """Several shapes of a feature as one; lines that meet end to end as one line."""
    if len(shapes) == 1:
        return shapes[0]
    if all(shape.geom_type == "LineString" for shape in shapes):
        return shapely.line_merge(shapely.MultiLineString(shapes))
    if all(shape.geom_type == "Polygon" for shape in shapes):
        return shapely.MultiPolygon(shapes)
    return shapely.GeometryCollection(shapes)
