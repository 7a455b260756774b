"""Green corridors: for each corridor and each part and site of each line, crossed or not, and how.

Nothing crossed is a row as well, with its distance: a reviewer sees that it was looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from corridor.ecology.footprint import M2_PER_HA, footprint, site_pieces
from corridor.ecology.land import Land
from corridor.ecology.parameters import PERMANENCES, SHIPPED, ParameterTable
from corridor.ecology.profile import Work

CARRIED = {
    "corridor_id": "corridor_id",
    "part": "corridor_part",
    "name_en": "name_en",
    "name_zh_hant": "name_zh_hant",
    "name_zh_hans": "name_zh_hans",
    "part_en": "corridor_part_en",
    "part_zh_hant": "corridor_part_zh_hant",
    "part_zh_hans": "corridor_part_zh_hans",
    "region": "region",
    "width_m": "declared_width_m",
    "confidence": "confidence",
    "source": "source",
}
"""Columns of the layer that the table carries, and their names there."""

COLUMNS = [
    "corridor_id", "corridor_part", "name_en", "name_zh_hant", "name_zh_hans", "corridor_part_en",
    "corridor_part_zh_hant", "corridor_part_zh_hans", "region", "line_id", "part_id", "site_id", "structure",
    "crossed", "underground", "length_m", "area_ha", "permanent_ha", "temporary_ha", "shade_ha",
    "corridor_width_m", "declared_width_m", "distance_m", "species_note_id", "confidence", "source",
]  # fmt: skip
DIRECTIONS = 36

_Rows = tuple[dict[str, str], dict[str, Any]]


def corridor_crossings(
    work: Work, land: Land, prints: gpd.GeoDataFrame | None = None, table: ParameterTable = SHIPPED
) -> pd.DataFrame:
    """The crossing table of a work: a row for each corridor and each part or site of the work.

    ``length_m`` is the length of the alignment inside the corridor; ``permanent_ha``, ``temporary_ha`` and
    ``shade_ha`` what the footprint ``prints`` (by default that of the work) holds of it, ``area_ha`` the
    first two; ``corridor_width_m`` the shortest way across the corridor through the middle of the crossing
    (NaN where not crossed), beside the ``declared_width_m`` of the layer; ``underground`` says how a part
    passes; ``distance_m`` is 0 where crossed. ``species_note_id`` names the row of the layer whose species
    note applies: its ``part_id`` or ``corridor_id`` where it has no ids for notes.
    """
    if land.corridors.empty:
        return pd.DataFrame(columns=COLUMNS)
    prints = footprint(work, table) if prints is None else prints
    corridors = pd.DataFrame(land.corridors.reindex(columns=list(CARRIED))).rename(columns=CARRIED)
    corridors = corridors.assign(line_id=work.line_id, species_note_id=_notes(land.corridors))
    shapes = land.corridors.geometry.to_numpy()
    rows = [*_part_rows(work, shapes), *_site_rows(work, shapes, table)]
    frames = [
        corridors.assign(**head, **values, **_taken(prints, shapes, head["part_id"], head["site_id"]))
        for head, values in rows
    ]
    out = pd.concat(frames, ignore_index=True).assign(_site=lambda t: t["site_id"] != "")
    out["area_ha"] = out["permanent_ha"] + out["temporary_ha"]
    out = out.sort_values(["corridor_id", "corridor_part", "_site"], kind="stable", ignore_index=True)
    return out[COLUMNS]


def _taken(
    prints: gpd.GeoDataFrame, shapes: NDArray[Any], part_id: str, site_id: str
) -> dict[str, NDArray[Any]]:
    """Hectares of each corridor that one part or site takes or shades."""
    mine = prints[(prints["part_id"] == part_id) & (prints["site_id"] == site_id)]
    areas = {f"{permanence}_ha": np.zeros(len(shapes)) for permanence in PERMANENCES}
    for permanence, shape in zip(mine["permanence"], mine.geometry, strict=True):
        near = shapely.intersects(shapes, shape)
        areas[f"{permanence}_ha"][near] += shapely.area(shapely.intersection(shapes[near], shape)) / M2_PER_HA
    return areas


def _notes(corridors: gpd.GeoDataFrame) -> list[str]:
    """The id under which the layer holds the species note of each of its rows."""
    for column in ("species_note_id", "part_id", "corridor_id"):
        if column in corridors.columns and corridors[column].notna().all():
            return [str(name) for name in corridors[column]]
    return [""] * len(corridors)


def _part_rows(work: Work, shapes: NDArray[Any]) -> Iterator[_Rows]:
    for part in work.parts:
        course = work.course(part)
        inside = shapely.intersection(shapes, course)
        lengths_m = shapely.length(inside)
        crossed = lengths_m > 0
        widths_m = [
            width_at_m(s, i) if c else np.nan for s, i, c in zip(shapes, inside, crossed, strict=True)
        ]
        head = {"part_id": part.part_id, "site_id": "", "structure": part.structure}
        yield (
            head,
            {
                "crossed": crossed,
                "underground": part.underground,
                "length_m": lengths_m,
                "corridor_width_m": widths_m,
                "distance_m": np.where(crossed, 0.0, shapely.distance(shapes, course)),
            },
        )


def _site_rows(work: Work, shapes: NDArray[Any], table: ParameterTable) -> Iterator[_Rows]:
    for piece in site_pieces(work, table):
        crossed = shapely.area(shapely.intersection(shapes, piece.geometry)) > 0
        head = {"part_id": "", "site_id": piece.site_id, "structure": piece.component}
        yield (
            head,
            {
                "crossed": crossed,
                "underground": False,
                "length_m": 0.0,
                "corridor_width_m": np.nan,
                "distance_m": np.where(crossed, 0.0, shapely.distance(shapes, piece.geometry)),
            },
        )


def width_at_m(corridor: BaseGeometry, crossing: BaseGeometry) -> float:
    """The width of a corridor polygon at a crossing line inside it, in metres.

    The shortest chord through the middle of the longest piece of the crossing, over directions 5 degrees
    apart: for a straight band that is its width, however obliquely it is crossed.
    """
    longest = max(shapely.get_parts(crossing), key=lambda piece: piece.length)
    middle = longest.interpolate(0.5, normalized=True)
    west, south, east, north = corridor.bounds
    reach = float(np.hypot(east - west, north - south))
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    step = reach * np.column_stack([np.cos(angles), np.sin(angles)])
    centre = np.array([middle.x, middle.y])
    rays = np.array([LineString([centre - s, centre + s]) for s in step])
    chords = shapely.intersection(corridor, rays)
    return min(_chord_through(chord, middle) for chord in chords)


def _chord_through(chords: BaseGeometry, middle: shapely.Point) -> float:
    pieces = [p for p in shapely.get_parts(chords) if p.length > 0]
    return float(min(pieces, key=middle.distance).length) if pieces else 0.0
