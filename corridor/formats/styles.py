"""How QGIS draws each layer of our GeoPackages: the colours, dashes and weights of the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from corridor.drawing import palette
from corridor.drawing.i18n import term
from corridor.formats.qgis import PX_MM, Geometry, Style, Symbol

_SITE_KINDS = {"egretry": "#7b3f00", "night_roost": "#a0642a", "flight_corridor": "#c08a50"}
_CONFLICTS = {
    "designation_take": "#6b1d0e",
    "habitat_take": "#b5651d",
    "corridor_take": "#2d7d32",
    "corridor_crossing": "#2d7d32",
    "wildlife_near": "#7b3f00",
    "not_assessed": "#808080",
}
_SPANS = {"permanent": "#6b1d0e", "temporary": "#d98021", "shade": "#8d8a84"}
_PHASES = {"construction": "#d98021", "operation": "#00609c"}
# Within each cut-off: minutes, colour and width of the outline in millimetres
_CUTOFFS = ((30, "#111111", 0.7), (45, "#111111", 0.5), (60, "#00609c", 0.5), (90, "#00609c", 0.3))
_STRUCTURES = {
    "bored_tunnel": Symbol("#5b6268", width_mm=0.7, dash=(2.0, 1.4)),
    "immersed_tunnel": Symbol("#3f77a8", width_mm=1.1, dash=(2.0, 1.4)),
    "cut_and_cover": Symbol("#8a6d1d", width_mm=0.8, dash=(4.0, 1.0)),
    "viaduct": Symbol("#c8321b", width_mm=1.0),
    "bridge": Symbol("#8e1b4f", width_mm=1.5),
    "at_grade": Symbol("#22262a", width_mm=0.7),
    "embankment": Symbol("#6b4a1d", width_mm=1.9),
}


def comparison_styles(zone_column: str, breaks: Iterable[float]) -> dict[str, Style]:
    """Styles of results.gpkg; zones are coloured by one of their columns, parted at ``breaks``."""
    return {
        "zones": _zones(zone_column, sorted(breaks)),
        "lines": Style(
            "line", "status", [(s, _label("status", s), _line(look)) for s, look in palette.STATUS.items()]
        ),
        "stations": _one("marker", Symbol("#ffffff", palette.EXISTING, 0.3, 1.2)),
        "checkpoints": _one("marker", Symbol("#ffffff", palette.CHECKPOINT, 0.6, 3.0)),
        "footprint": _spans(),
        "isochrones": Style(
            "fill",
            "cutoff_min",
            [(str(m), f"{m} min", Symbol("", c, w)) for m, c, w in _CUTOFFS],
        ),
        "cells": _one("marker", Symbol("#707070", "#707070", 0.0, 0.4)),
        **_conflicts(),
        **_layers(),
    }


def review_styles() -> dict[str, Style]:
    """Styles of review.gpkg."""
    return {
        **_conflicts(),
        "parts": Style(
            "line", "structure", [(s, _label("structure", s), look) for s, look in _STRUCTURES.items()]
        ),
        "footprint": _spans(),
        **_layers(),
    }


def _conflicts() -> dict[str, Style]:
    """Styles of conflicts by kind of geometry, and of the ground near works."""
    kinds = [(k, _label("kind", k), c) for k, c in _CONFLICTS.items()]
    return {
        "conflicts_polygons": Style(
            "fill", "kind", [(k, n, Symbol(c, c, 0.3, opacity=0.6)) for k, n, c in kinds]
        ),
        "conflicts_linestrings": Style(
            "line", "kind", [(k, n, Symbol(c, width_mm=1.0)) for k, n, c in kinds]
        ),
        "conflicts_points": Style(
            "marker", "kind", [(k, n, Symbol(c, "#ffffff", 0.3, 2.6)) for k, n, c in kinds]
        ),
        "bands": Style(
            "fill", "phase", [(p, _label("phase", p), Symbol("", c, 0.4)) for p, c in _PHASES.items()]
        ),
    }


def _layers() -> dict[str, Style]:
    """Styles of the bundled layers that travel along."""
    looks: Mapping[str, Mapping[str, Any]] = palette.DESIGNATIONS
    return {
        "designations": Style(
            "fill",
            "designation",
            [
                (d, _label("designation", d), Symbol(look["colour"], look["colour"], 0.3, opacity=0.35))
                for d, look in looks.items()
            ],
        ),
        "green_corridors": _one("fill", Symbol("", palette.CORRIDOR, 0.6)),
        "wildlife_sites_points": _wildlife("marker"),
        "wildlife_sites_polygons": _wildlife("fill"),
    }


def _wildlife(geometry: Geometry) -> Style:
    kinds = [
        (k, _label("wildlife", k), Symbol(c, "#ffffff", 0.3, 2.4, opacity=0.8))
        for k, c in _SITE_KINDS.items()
    ]
    return Style(geometry, "kind", kinds)


def _zones(column: str, breaks: list[float]) -> Style:
    edges = [0.0, *breaks, 1e12]
    colours = palette.sequential(len(edges) - 1)
    return Style(
        "fill",
        column,
        [
            (
                f"{low:g}:{high:g}",
                f"{low:,.0f} – {high:,.0f}" if high < 1e12 else f"≥ {low:,.0f}",
                Symbol(c, c, 0.05),
            )
            for low, high, c in zip(edges[:-1], edges[1:], colours, strict=True)
        ],
        graduated=True,
    )


def _spans() -> Style:
    spans = [(s, _label("permanence", s), Symbol(c, c, 0.2, opacity=0.7)) for s, c in _SPANS.items()]
    return Style("fill", "permanence", spans)


def _line(look: Mapping[str, Any]) -> Symbol:
    dash = tuple(round(float(d) * PX_MM, 2) for d in str(look["dash"]).split())
    return Symbol(
        palette.EXISTING if look["weight"] < 1 else "#00609c", width_mm=look["weight"] * PX_MM, dash=dash
    )


def _one(geometry: Geometry, symbol: Symbol) -> Style:
    return Style(geometry, "", [("", "", symbol)])


def _label(prefix: str, value: str) -> str:
    return term(prefix, value).en
