"""How QGIS draws the layers of our GeoPackages, with the colours, dashes and weights of the pages.

QGIS takes the styles from the table ``layer_styles``, one QML document for each layer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

from corridor.drawing import palette
from corridor.drawing.i18n import term

Geometry = Literal["marker", "line", "fill"]
_GEOMETRIES: Mapping[Geometry, tuple[str, str]] = {
    "marker": ("0", "SimpleMarker"), "line": ("1", "SimpleLine"), "fill": ("2", "SimpleFill"),
}  # fmt: skip
"""The code of each kind of geometry in QML, and the class of its symbol layer."""
STAMP = "2000-01-01T00:00:00.000Z"
"""The time that files bear, so that the same inputs give the same bytes."""
PX_MM = 0.26
"""Millimetres of a pixel on a screen of 96 dots an inch."""


@dataclass(frozen=True)
class Symbol:
    """How one class of features is drawn; sizes in millimetres, ``dash`` as lengths of strokes and gaps.

    A fill takes ``colour`` for its area and ``outline`` for its edge; without ``colour`` it is an outline.
    """

    colour: str = ""
    outline: str = "#404040"
    width_mm: float = 0.26
    size_mm: float = 2.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0


@dataclass(frozen=True)
class Style:
    """How QGIS draws one layer.

    Attributes
    ----------
    geometry
        What the symbols are: "marker", "line" or "fill".
    column
        The column whose values or ranges have a symbol each; empty where all features have the same.
    """

    geometry: Geometry
    column: str
    symbols: Sequence[tuple[str | tuple[float, float], str, Symbol]]
    """value or range of values, label, symbol."""

    @property
    def graduated(self) -> bool:
        """Whether classes are ranges of values."""
        return any(isinstance(value, tuple) for value, _, _ in self.symbols)


# --- the looks of our layers: by value of the column that tells the classes of a layer apart ---


def _filled(colours: Mapping[str, str], width_mm: float, opacity: float = 1.0) -> dict[str, Symbol]:
    """Areas and their edges in one colour."""
    return {value: Symbol(c, c, width_mm, opacity=opacity) for value, c in colours.items()}


_WATER = palette.CONFLICT_MARKS["water"]["colour"]
_CONFLICTS = {
    "designation_take": palette.FOOTPRINT, "habitat_take": "#b5651d", "corridor_take": palette.CORRIDOR,
    "corridor_crossing": palette.CORRIDOR, "wildlife_near": palette.WILDLIFE, "not_assessed": "#808080",
    "stream_crossing": _WATER, "stream_take": _WATER,
}  # fmt: skip
_PERMANENCE = {"permanent": palette.FOOTPRINT, "temporary": palette.WORSE[2], "shade": palette.DISTRICT}
_PHASES = {"construction": palette.WORSE[2], "operation": palette.RAIL}
_SITES = {
    kind: Symbol(colour, "#ffffff", 0.3, 2.4, opacity=0.8)
    for kind, colour in (
        ("egretry", palette.WILDLIFE),
        ("night_roost", "#a0642a"),
        ("flight_corridor", "#c08a50"),
    )
}
_CUTOFFS = {
    "30": Symbol("", "#111111", 0.7), "45": Symbol("", "#111111", 0.5), "60": Symbol("", "#00609c", 0.5),
    "90": Symbol("", "#00609c", 0.3),
}  # fmt: skip
"""Isochrones by cut-off in minutes."""


def _line(look: Mapping[str, Any]) -> Symbol:
    """A line as the pages draw it by status."""
    return _dashed(look, palette.EXISTING if look["weight"] < 1 else palette.RAIL)


def _dashed(look: Mapping[str, Any], colour: str) -> Symbol:
    dash = tuple(round(float(d) * PX_MM, 2) for d in str(look["dash"]).split())
    return Symbol(colour, width_mm=look["weight"] * PX_MM, dash=dash)


def _classes(geometry: Geometry, column: str, looks: Mapping[str, Symbol], words: str) -> Style:
    """A symbol for each value, labelled with the pages' term for it."""
    return Style(geometry, column, [(v, term(words, v).en, symbol) for v, symbol in looks.items()])


def _one(geometry: Geometry, symbol: Symbol) -> Style:
    return Style(geometry, "", [("", "", symbol)])


def _zones(column: str, breaks: Sequence[float]) -> Style:
    """Squares by one of their columns, in ranges that part at the breaks."""
    edges = [0.0, *breaks, 1e12]
    classes = zip(pairwise(edges), palette.sequential(len(edges) - 1), strict=True)
    return Style("fill", column, [
        ((low, high), f"{low:,.0f} – {high:,.0f}" if high < 1e12 else f"≥ {low:,.0f}", Symbol(c, c, 0.05))
        for (low, high), c in classes
    ])  # fmt: skip


def _shared_styles() -> dict[str, Style]:
    """Styles of the layers that a comparison and a review have in common."""
    designations = {d: str(look["colour"]) for d, look in palette.DESIGNATIONS.items()}
    points = {kind: Symbol(c, "#ffffff", 0.3, 2.6) for kind, c in _CONFLICTS.items()}
    strokes = {kind: Symbol(c, width_mm=1.0) for kind, c in _CONFLICTS.items()}
    bands = {phase: Symbol("", c, 0.4) for phase, c in _PHASES.items()}
    return {
        "conflicts_polygons": _classes("fill", "kind", _filled(_CONFLICTS, 0.3, 0.6), "kind"),
        "conflicts_linestrings": _classes("line", "kind", strokes, "kind"),
        "conflicts_points": _classes("marker", "kind", points, "kind"),
        "bands": _classes("fill", "phase", bands, "phase"),
        "footprint": _classes("fill", "permanence", _filled(_PERMANENCE, 0.2, 0.7), "permanence"),
        "designations": _classes("fill", "designation", _filled(designations, 0.3, 0.35), "designation"),
        "green_corridors": _one("fill", Symbol("", palette.CORRIDOR, 0.6)),
        "streams": _one("fill", Symbol(_WATER, _WATER, 0.2, opacity=0.6)),
        "wildlife_sites_points": _classes("marker", "kind", _SITES, "wildlife"),
        "wildlife_sites_polygons": _classes("fill", "kind", _SITES, "wildlife"),
    }


def comparison_styles(zone_column: str, breaks: Iterable[float]) -> dict[str, Style]:
    """Styles of results.gpkg.

    Parameters
    ----------
    zone_column
        The column by which zones are coloured.
    breaks
        Where its classes part, in its unit.
    """
    status = {name: _line(look) for name, look in palette.STATUS.items()}
    return _shared_styles() | {
        "zones": _zones(zone_column, sorted(breaks)),
        "lines": _classes("line", "status", status, "status"),
        "phase_lines": _classes("line", "status", status, "status"),
        "groups": _one("fill", Symbol("", palette.INK, 0.5)),
        "stations": _one("marker", Symbol("#ffffff", palette.EXISTING, 0.3, 1.2)),
        "checkpoints": _one("marker", Symbol("#ffffff", palette.CHECKPOINT, 0.6, 3.0)),
        "isochrones": Style("fill", "cutoff_min", [(m, f"{m} min", look) for m, look in _CUTOFFS.items()]),
        "cells": _one("marker", Symbol("#707070", "#707070", 0.0, 0.4)),
    }


def review_styles() -> dict[str, Style]:
    """Styles of review.gpkg."""
    return _shared_styles() | {
        "parts": _classes(
            "line",
            "structure",
            {key: _dashed(look, look["colour"]) for key, look in palette.STRUCTURES.items()},
            "structure",
        )
    }


# --- QML ---


def qml(style: Style) -> str:
    """Write a style as QGIS stores it in a GeoPackage or beside a layer.

    Returns
    -------
    str
        A QML document with symbology only, in the form of QGIS 3.28, which later versions read.
    """
    root = ET.Element("qgis", version="3.28.0", styleCategories="Symbology")
    kind = "graduatedSymbol" if style.graduated else "categorizedSymbol" if style.column else "singleSymbol"
    renderer = ET.SubElement(
        root, "renderer-v2", type=kind, symbollevels="0", enableorderby="0", forceraster="0"
    )
    if style.column:
        renderer.set("attr", style.column)
        classes = ET.SubElement(renderer, "ranges" if style.graduated else "categories")
        for number, (value, label, _) in enumerate(style.symbols):
            shown = {"symbol": str(number), "label": label, "render": "true"}
            if isinstance(value, tuple):
                ET.SubElement(classes, "range", lower=f"{value[0]:g}", upper=f"{value[1]:g}", attrib=shown)
            else:
                ET.SubElement(classes, "category", value=value, attrib=shown)
    symbols = ET.SubElement(renderer, "symbols")
    for number, (_, _, symbol) in enumerate(style.symbols):
        _symbol(symbols, str(number), style.geometry, symbol)
    code, _ = _GEOMETRIES[style.geometry]
    ET.SubElement(root, "layerGeometryType").text = code
    text = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{text}"


def _symbol(parent: ET.Element, name: str, geometry: Geometry, symbol: Symbol) -> None:
    opacity = f"{symbol.opacity:g}"
    element = ET.SubElement(
        parent, "symbol", type=geometry, name=name, alpha=opacity, clip_to_extent="1", force_rhr="0"
    )
    _, kind = _GEOMETRIES[geometry]
    stated = {"class": kind, "enabled": "1", "locked": "0", "pass": "0"}
    options = ET.SubElement(ET.SubElement(element, "layer", attrib=stated), "Option", type="Map")
    for key, value in _properties(geometry, symbol).items():
        ET.SubElement(options, "Option", name=key, type="QString", value=value)


def _properties(geometry: Geometry, symbol: Symbol) -> dict[str, str]:
    if geometry == "line":
        dashed = {"use_custom_dash": "1", "customdash": ";".join(f"{d:g}" for d in symbol.dash)}
        return {
            "line_color": _rgba(symbol.colour),
            "line_width": f"{symbol.width_mm:g}",
            "line_width_unit": "MM",
            "line_style": "solid",
            "customdash_unit": "MM",
            **(dashed if symbol.dash else {"use_custom_dash": "0"}),
        }
    shared = {
        "color": _rgba(symbol.colour or "#ffffff", 255 if symbol.colour else 0),
        "outline_color": _rgba(symbol.outline),
        "outline_style": "solid",
        "outline_width": f"{symbol.width_mm:g}",
        "outline_width_unit": "MM",
    }
    if geometry == "fill":
        return {**shared, "style": "solid" if symbol.colour else "no"}
    return {**shared, "name": "circle", "size": f"{symbol.size_mm:g}", "size_unit": "MM"}


def _rgba(colour: str, alpha: int = 255) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"


_CREATE = """CREATE TABLE layer_styles (
 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
 f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
 useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)"""


def write_styles(geopackage: Path, styles: Mapping[str, Style]) -> None:
    """Put styles of layers into a GeoPackage; layers that it does not hold are passed over.

    Parameters
    ----------
    geopackage
        An existing GeoPackage without styles.
    styles
        By the name of the layer.
    """
    with closing(sqlite3.connect(geopackage)) as base, base:
        held = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        base.execute(_CREATE)
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
            " VALUES ('', '', ?, ?, ?, ?, '', 1, 'corridor', '', ?)",
            [
                (layer, held[layer], layer, qml(style), STAMP)
                for layer, style in styles.items()
                if layer in held
            ],
        )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
            (STAMP,),
        )
