"""Styles that QGIS applies when it opens our GeoPackage: a ``layer_styles`` table with one QML for each layer."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

Geometry = Literal["marker", "line", "fill"]
_GEOMETRY_TYPE: Mapping[Geometry, str] = {"marker": "0", "line": "1", "fill": "2"}
_STAMP = "2000-01-01T00:00:00.000Z"  # the same inputs give the same bytes
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
    """One layer's style: a symbol for each value of ``column``, or one for all where there is no column."""

    geometry: Geometry
    column: str
    symbols: Sequence[tuple[str, str, Symbol]]
    """value, label, symbol; for a graduated style the value is 'low upto high' as 'low:high'."""
    graduated: bool = False


def qml(style: Style) -> str:
    """The style as QGIS writes it (symbology only)."""
    root = ET.Element("qgis", version="3.28.0", styleCategories="Symbology")
    kind = "graduatedSymbol" if style.graduated else "categorizedSymbol" if style.column else "singleSymbol"
    renderer = ET.SubElement(
        root, "renderer-v2", type=kind, symbollevels="0", enableorderby="0", forceraster="0"
    )
    if style.column:
        renderer.set("attr", style.column)
        classes = ET.SubElement(renderer, "ranges" if style.graduated else "categories")
        for number, (value, label, _) in enumerate(style.symbols):
            if style.graduated:
                low, high = value.split(":")
                ET.SubElement(
                    classes, "range", lower=low, upper=high, symbol=str(number), label=label, render="true"
                )
            else:
                ET.SubElement(
                    classes, "category", value=value, symbol=str(number), label=label, render="true"
                )
    symbols = ET.SubElement(renderer, "symbols")
    for number, (_, _, symbol) in enumerate(style.symbols):
        _symbol(symbols, str(number), style.geometry, symbol)
    ET.SubElement(root, "layerGeometryType").text = _GEOMETRY_TYPE[style.geometry]
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(
        root, encoding="unicode"
    )


def _symbol(parent: ET.Element, name: str, geometry: Geometry, symbol: Symbol) -> None:
    element = ET.SubElement(
        parent,
        "symbol",
        type=geometry,
        name=name,
        alpha=f"{symbol.opacity:g}",
        clip_to_extent="1",
        force_rhr="0",
    )
    kind = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}[geometry]
    layer = ET.SubElement(
        element, "layer", attrib={"class": kind, "enabled": "1", "locked": "0", "pass": "0"}
    )
    options = ET.SubElement(layer, "Option", type="Map")
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
    """Put styles of layers into a GeoPackage; layers that it does not hold are passed over."""
    with closing(sqlite3.connect(geopackage)) as base, base:
        held = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        base.execute(_CREATE)
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
            " VALUES ('', '', ?, ?, ?, ?, '', 1, 'corridor', '', ?)",
            [
                (layer, held[layer], layer, qml(style), _STAMP)
                for layer, style in styles.items()
                if layer in held
            ],
        )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
            (_STAMP,),
        )
