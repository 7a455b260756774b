"""Green corridors: for each corridor and each part and site of each line, crossed or not, and how.

Nothing crossed is a row as well, with its distance: a reviewer sees that it was looked at. Rows hold figures; pages
compose the sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from corridor.ecology import M2_PER_HA
from corridor.ecology.land.land import Land
from corridor.ecology.works.footprint import footprint, site_pieces
from corridor.ecology.works.parameters import PERMANENCES, SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work

CARRIED = {
    **{
        c: c
        for c in ("corridor_id", "name_en", "name_zh_hant", "name_zh_hans", "region", "confidence", "source")
    },
    **{f"part{c}": f"corridor_part{c}" for c in ("", "_en", "_zh_hant", "_zh_hans")},
    "width_m": "declared_width_m",
}
"""Columns of the layer that the table carries, and their names there."""

COLUMNS = [
    "corridor_id", "corridor_part", "name_en", "name_zh_hant", "name_zh_hans", "corridor_part_en",
    "corridor_part_zh_hant", "corridor_part_zh_hans", "region", "line_id", "part_id", "site_id", "structure",
    "crossed", "underground", "length_m", "area_ha", "permanent_ha", "temporary_ha", "shade_ha",
    "corridor_width_m", "width_taken_m", "width_worked_m", "width_taken_share", "width_worked_share",
    "declared_width_m", "distance_m", "species_note_id", "confidence", "source",
]  # fmt: skip
SPECIES_NOTES = ["species_note_en", "species_note_zh_hant", "species_note_zh_hans"]
DIRECTIONS = 36

_Way = tuple[float, NDArray[np.float64]]
_Rows = tuple[dict[str, str], dict[str, Any], list[_Way | None]]


def corridor_crossings(
    work: Work, land: Land, prints: gpd.GeoDataFrame | None = None, table: ParameterTable = SHIPPED
) -> pd.DataFrame:
    """The crossing table of a work: a row for each corridor and each part or site of the work.

    ``length_m`` is the length of the alignment inside the corridor; ``permanent_ha``, ``temporary_ha`` and
    ``shade_ha`` what the footprint ``prints`` (by default that of the work) holds of it, ``area_ha`` the
    first two; ``corridor_width_m`` the shortest way across the whole corridor, all its parts together, through
    the middle of the crossing (NaN where not crossed), beside the ``declared_width_m`` of the layer. ``width_taken_m`` is how much of that
    way is abreast of permanent works, ``width_worked_m`` of permanent or temporary works, and the shares
    are these by the width, at most 1: a track at grade takes all of the width, a viaduct its piers, a bored
    tunnel nothing. ``underground`` says how a part passes; ``distance_m`` is 0 where crossed. ``species_note_id`` names the row of the layer whose species
    note applies: its ``part_id`` or ``corridor_id`` where it has no ids for notes.
    """
    if land.corridors.empty:
        return pd.DataFrame(columns=COLUMNS)
    prints = footprint(work, table) if prints is None else prints
    held = _held(prints)
    corridors = pd.DataFrame(land.corridors.reindex(columns=list(CARRIED))).rename(columns=CARRIED)
    corridors = corridors.assign(line_id=work.line_id, species_note_id=note_ids(land.corridors))
    shapes, wholes = land.corridors.geometry.to_numpy(), _wholes(land.corridors)
    rows = _pieces(work, shapes, wholes, table)
    found = [
        {**head, **values, **_taken(held.get((head["part_id"], head["site_id"]), []), shapes, ways)}
        for head, values, ways in rows
    ]
    columns = {
        name: np.concatenate([np.broadcast_to(f[name], len(shapes)) for f in found]) for name in found[0]
    }
    out = corridors.iloc[np.tile(np.arange(len(shapes)), len(found))].reset_index(drop=True)
    out = out.assign(**columns, _site=columns["site_id"] != "")
    out["area_ha"] = out["permanent_ha"] + out["temporary_ha"]
    for what in ("taken", "worked"):
        out[f"width_{what}_share"] = (out[f"width_{what}_m"] / out["corridor_width_m"]).clip(upper=1.0)
    out = out.sort_values(["corridor_id", "corridor_part", "_site"], kind="stable", ignore_index=True)
    return out[COLUMNS]


def line_crossings(crossings: pd.DataFrame, land: Land) -> pd.DataFrame:
    """What there is to say of each corridor part and line: the rows that cross, or else the nearest row alone.

    Columns: those of the crossing table, then the species note of the corridor layer in three scripts (empty where it
    has none). Rows of one corridor part and line follow each other, parts before sites, in the order of the table.
    """
    keys = ["corridor_id", "corridor_part", "line_id"]
    rows = crossings.sort_values(keys, kind="stable", ignore_index=True)
    each = rows.groupby(keys, sort=False, dropna=False)
    crossed = rows["crossed"].astype(bool)
    told = crossed | ~crossed.groupby(each.ngroup()).transform("any") & rows.index.isin(
        each["distance_m"].idxmin()
    )
    notes = (
        _species_notes(land.corridors).reindex(rows.loc[told, "species_note_id"]).astype(object).fillna("")
    )
    return pd.concat([rows[told].reset_index(drop=True), notes.reset_index(drop=True)], axis=1)


def _species_notes(corridors: gpd.GeoDataFrame) -> pd.DataFrame:
    """The species note of each corridor part by its id."""
    notes = pd.DataFrame(corridors.reindex(columns=SPECIES_NOTES), index=corridors.index)
    return notes.set_axis(note_ids(corridors)).loc[lambda found: ~found.index.duplicated()]


_Held = list[tuple[str, BaseGeometry]]


def _held(prints: gpd.GeoDataFrame) -> dict[tuple[str, str], _Held]:
    """Permanence and shape of every piece of the footprint, by part and site."""
    found: dict[tuple[str, str], _Held] = {}
    columns = (prints[c].to_numpy() for c in ("part_id", "site_id", "permanence", "geometry"))
    for part_id, site_id, permanence, shape in zip(*columns, strict=True):
        found.setdefault((part_id, site_id), []).append((permanence, shape))
    return found


def _taken(mine: _Held, shapes: NDArray[Any], ways: list[_Way | None]) -> dict[str, NDArray[Any]]:
    """What one part or site takes or shades of each corridor (ha), and how much of its width (m)."""
    areas = {f"{permanence}_ha": np.zeros(len(shapes)) for permanence in PERMANENCES}
    held: dict[str, list[list[BaseGeometry]]] = {p: [[] for _ in shapes] for p in PERMANENCES}
    for permanence, shape in mine:
        near = shapely.intersects(shapes, shape)
        common = shapely.intersection(shapes[near], shape)
        areas[f"{permanence}_ha"][near] += shapely.area(common) / M2_PER_HA
        for at, piece in zip(np.flatnonzero(near), common, strict=True):
            held[permanence][at].append(piece)
    taken = [_abreast(way, held["permanent"][i]) for i, way in enumerate(ways)]
    worked = [_abreast(way, [*held["permanent"][i], *held["temporary"][i]]) for i, way in enumerate(ways)]
    return {**areas, "width_taken_m": np.array(taken), "width_worked_m": np.array(worked)}


def _abreast(way: _Way | None, pieces: list[BaseGeometry]) -> float:
    """How much of the way across is abreast of some shapes: their shadows on it, overlaps once (m)."""
    if way is None:
        return float("nan")
    _, direction = way
    shadows = []
    for piece in shapely.get_parts(np.array(pieces, dtype=object)):
        along = shapely.get_coordinates(piece) @ direction
        shadows.append((float(along.min()), float(along.max())))
    total, end = 0.0, -np.inf
    for low, high in sorted(shadows):
        total += max(0.0, high - max(low, end))
        end = max(end, high)
    return total


def note_ids(corridors: gpd.GeoDataFrame) -> list[str]:
    """The id under which the layer holds the species note of each of its rows."""
    for column in ("species_note_id", "part_id", "corridor_id"):
        if column in corridors.columns and corridors[column].notna().all():
            return [str(name) for name in corridors[column]]
    return [""] * len(corridors)


def _wholes(corridors: gpd.GeoDataFrame) -> NDArray[Any]:
    """For each row the whole corridor it is a part of: a seam between parts makes no corridor narrow."""
    ids = corridors["corridor_id"].to_numpy()
    shapes = corridors.geometry.to_numpy()
    whole = {name: shapely.union_all(shapes[ids == name]) for name in dict.fromkeys(ids)}
    return np.array([whole[name] for name in ids], dtype=object)


def _pieces(work: Work, shapes: NDArray[Any], wholes: NDArray[Any], table: ParameterTable) -> Iterator[_Rows]:
    """Each part and site of a work against all corridors."""
    for part in work.parts:
        course = work.course(part)
        inside = shapely.intersection(shapes, course)
        lengths_m = shapely.length(inside)
        middles = [_middle(i) if m > 0 else None for i, m in zip(inside, lengths_m, strict=True)]
        head = {"part_id": part.part_id, "site_id": "", "structure": part.structure}
        yield _against(head, part.underground, lengths_m, course, middles, shapes, wholes)
    for piece in site_pieces(work, table):
        inside = shapely.intersection(shapes, piece.geometry)
        hit = shapely.area(inside) > 0
        middles = [i.representative_point() if h else None for i, h in zip(inside, hit, strict=True)]
        head = {"part_id": "", "site_id": piece.site_id, "structure": piece.component}
        yield _against(head, False, np.zeros(len(shapes)), piece.geometry, middles, shapes, wholes)


def _against(
    head: dict[str, str],
    underground: bool,
    length_m: NDArray[np.float64],
    geometry: BaseGeometry,
    middles: list[shapely.Point | None],
    shapes: NDArray[Any],
    wholes: NDArray[Any],
) -> _Rows:
    """One part or site against all corridors; ``middles`` of its crossings, None where there is none."""
    ways = [None if m is None else way_across(s, m) for s, m in zip(wholes, middles, strict=True)]
    crossed = np.array([m is not None for m in middles])
    values = {
        "crossed": crossed,
        "underground": underground,
        "length_m": length_m,
        "corridor_width_m": [np.nan if way is None else way[0] for way in ways],
        "distance_m": np.where(crossed, 0.0, shapely.distance(shapes, geometry)),
    }
    return head, values, ways


def way_across(corridor: BaseGeometry, point: shapely.Point) -> _Way:
    """The shortest way across a corridor polygon through a point: its length in metres and its direction.

    The shortest chord over directions 5 degrees apart: for a straight band that is its width, however obliquely
    it is crossed. The direction is a unit vector.
    """
    west, south, east, north = corridor.bounds
    reach = float(np.hypot(east - west, north - south))
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    units = np.column_stack([np.cos(angles), np.sin(angles)])
    centre = np.array([point.x, point.y])
    rays = shapely.linestrings(np.stack([centre - reach * units, centre + reach * units], axis=1))
    lines = np.atleast_1d(np.asarray(shapely.intersection(corridor, rays), dtype=object))
    chords = [_chord_through(chord, point) for chord in lines]
    shortest = int(np.argmin(chords))
    return chords[shortest], units[shortest]


def _middle(crossing: BaseGeometry) -> shapely.Point:
    """The middle of the longest piece of a crossing."""
    longest = max(shapely.get_parts(crossing), key=lambda piece: piece.length)
    middle: shapely.Point = longest.interpolate(0.5, normalized=True)
    return middle


def _chord_through(chords: BaseGeometry, middle: shapely.Point) -> float:
    pieces = [p for p in shapely.get_parts(chords) if p.length > 0]
    return float(min(pieces, key=middle.distance).length) if pieces else 0.0
