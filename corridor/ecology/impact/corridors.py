"""Green corridors: for each corridor and each part and site of each line, crossed or not, and how. Streams likewise.

A corridor that is not crossed has a row too, with its distance: a reviewer sees that it was looked at. Rows hold figures; pages
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

from corridor.core import prepared
from corridor.ecology import M2_PER_HA
from corridor.ecology.land.land import Land
from corridor.ecology.works.footprint import footprint, site_pieces
from corridor.ecology.works.parameters import PERMANENCES, SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work
from corridor.schema.rows import NAMES

CARRIED = {
    **{c: c for c in ("corridor_id", *NAMES, "region", "confidence", "source")},
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
STREAM_COLUMNS = ["line_id", "stream_id", "part_id", "site_id", "structure", "surface", "length_m", "permanent_ha", "temporary_ha"]  # fmt: skip
BELOW = frozenset({"bored_tunnel", "immersed_tunnel"})
"""Parts that run below a stream and leave it as it is, unless a site or a works area of theirs is in it."""


def corridor_crossings(
    work: Work, land: Land, prints: gpd.GeoDataFrame | None = None, table: ParameterTable = SHIPPED
) -> pd.DataFrame:
    """The crossing table of a work: a row for each corridor and each part or site of the work, crossed or not.

    Parameters
    ----------
    work
        The line to be built.
    land
        The land with its green corridors (polygons, EPSG:4547).
    prints
        The footprint of the work; worked out where not given.
    table
        Widths and spacings of structures.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`. ``length_m`` is the length of the alignment inside the corridor; ``permanent_ha``,
        ``temporary_ha`` and ``shade_ha`` are what the footprint takes or shades of it, ``area_ha`` the first two.
        ``corridor_width_m`` is the shortest line across the whole corridor, all its parts together, through the middle of
        the crossing (NaN where not crossed); ``declared_width_m`` that of the layer. ``width_taken_m`` is how much of that
        line is abreast of permanent works, ``width_worked_m`` of permanent or temporary works; the shares are these over
        the width, at most 1: a track at grade takes all of the width, a viaduct its piers, a bored tunnel nothing.
        ``underground`` says how a part passes; ``distance_m`` is 0 where crossed. ``species_note_id`` names the row of the
        layer whose species note applies.
    """
    if land.corridors.empty:
        return pd.DataFrame(columns=COLUMNS)
    prints = footprint(work, table) if prints is None else prints
    layer = pd.DataFrame(land.corridors.reindex(columns=list(CARRIED))).rename(columns=CARRIED)
    layer = layer.assign(line_id=work.line_id, species_note_id=note_ids(land.corridors))
    corridors = list(zip(land.corridors.geometry, _wholes(land.corridors), strict=True))
    rows, pieces = [], list(parts_and_sites(work, table))
    for head, geometry in pieces:
        mine = prints[(prints["part_id"] == head["part_id"]) & (prints["site_id"] == head["site_id"])]
        held = list(zip(mine["permanence"], mine.geometry, strict=True))
        rows += [head | _crossing(geometry, held, shape, whole) for shape, whole in corridors]
    out = pd.concat([layer] * len(pieces), ignore_index=True).join(pd.DataFrame(rows))
    out["area_ha"] = out["permanent_ha"] + out["temporary_ha"]
    for what in ("taken", "worked"):
        out[f"width_{what}_share"] = (out[f"width_{what}_m"] / out["corridor_width_m"]).clip(upper=1.0)
    order = ["corridor_id", "corridor_part", "_site"]
    out = out.assign(_site=out["site_id"] != "").sort_values(order, kind="stable", ignore_index=True)
    return out[COLUMNS]


def parts_and_sites(work: Work, table: ParameterTable) -> Iterator[tuple[dict[str, Any], BaseGeometry]]:
    """Each part of a work with its course, and each site with its outline."""
    for part in work.parts:
        head = {"part_id": part.part_id, "site_id": "", "structure": part.structure}
        yield head | {"underground": part.underground}, work.course(part)
    for piece in site_pieces(work, table):
        head = {"part_id": "", "site_id": piece.site_id, "structure": piece.component}
        yield head | {"underground": False}, piece.geometry


def _crossing(
    geometry: BaseGeometry,
    held: list[tuple[str, BaseGeometry]],
    corridor: BaseGeometry,
    whole: BaseGeometry,
) -> dict[str, Any]:
    """One part or site against one corridor: crossed or not, what its footprint ``held`` takes or shades, how much of the width."""
    inside = shapely.intersection(corridor, geometry)
    along = shapely.get_dimensions(geometry) == 1
    crossed = bool(inside.length > 0 if along else inside.area > 0)
    taken: dict[str, list[BaseGeometry]] = {p: [] for p in PERMANENCES}
    for permanence, shape in held:
        if prepared.intersects(corridor, shape):
            taken[permanence].append(shapely.intersection(corridor, shape))
    width_m, direction = float("nan"), None
    if crossed:
        width_m, direction = way_across(whole, _middle(inside) if along else inside.representative_point())
    return {
        "crossed": crossed,
        "length_m": inside.length if along else 0.0,
        "corridor_width_m": width_m,
        "distance_m": 0.0 if crossed else shapely.distance(corridor, geometry),
        **{f"{p}_ha": sum((s.area / M2_PER_HA for s in shapes), 0.0) for p, shapes in taken.items()},
        "width_taken_m": _abreast(direction, taken["permanent"]),
        "width_worked_m": _abreast(direction, [*taken["permanent"], *taken["temporary"]]),
    }


def line_crossings(crossings: pd.DataFrame, land: Land) -> pd.DataFrame:
    """For each corridor part and line the rows that cross, or else the nearest row alone.

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


def _abreast(direction: NDArray[np.float64] | None, pieces: list[BaseGeometry]) -> float:
    """How much of the way across is abreast of some shapes: their shadows on it, overlaps once (m)."""
    if direction is None:
        return float("nan")
    shadows = []
    for piece in shapely.get_parts(np.array(pieces, dtype=object)):
        along = shapely.get_coordinates(piece) @ direction
        shadows.append((float(along.min()), float(along.max())))
    total, end = 0.0, -np.inf
    # from one end of the way to the other: only what reaches beyond all earlier shadows is added
    for low, high in sorted(shadows):
        total += max(0.0, high - max(low, end))
        end = max(end, high)
    return total


def note_ids(corridors: gpd.GeoDataFrame) -> list[str]:
    """The id under which the layer holds the species note of each of its rows: species_note_id, part_id or corridor_id.

    The first of these columns that is complete counts; empty texts where none is.
    """
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


def way_across(corridor: BaseGeometry, point: shapely.Point) -> tuple[float, NDArray[np.float64]]:
    """The shortest line across a corridor polygon through a point: its length in metres and its direction, a unit vector.

    The shortest chord over directions 5 degrees apart: for a straight band that is its width, however obliquely
    it is crossed.
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


def stream_crossings(
    work: Work, streams: gpd.GeoDataFrame, prints: gpd.GeoDataFrame, table: ParameterTable = SHIPPED
) -> pd.DataFrame:
    """The streams that parts and sites of a work cross or occupy.

    Parameters
    ----------
    work
        The line to be built.
    streams
        Polygons with stream_id, EPSG:4547.
    prints
        The footprint of the work, EPSG:4547.
    table
        Widths and spacings of structures.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`STREAM_COLUMNS`, a row for each part or site and stream that meet. ``length_m`` is the length of the
        alignment over or under the stream (0 for a site); ``permanent_ha`` and ``temporary_ha`` what the footprint takes of
        it; ``surface`` is False where a tunnel passes below and takes nothing: the stream is not crossed at the surface.
    """
    rows: list[dict[str, Any]] = []
    tree = shapely.STRtree(streams.geometry.values)
    for head, geometry in parts_and_sites(work, table):
        mine = prints[(prints["part_id"] == head["part_id"]) & (prints["site_id"] == head["site_id"])]
        taken = mine[mine["permanence"] != "shade"]
        for i in tree.query(shapely.union_all([geometry, *taken.geometry])):
            stream = streams.geometry.iloc[i]
            inside = shapely.intersection(stream, geometry)
            along = shapely.get_dimensions(geometry) == 1
            row = head | {"line_id": work.line_id, "stream_id": streams["stream_id"].iloc[i]}
            row["length_m"] = inside.length if along else 0.0
            for name in ("permanent", "temporary"):
                parts = taken.geometry[taken["permanence"] == name]
                row[f"{name}_ha"] = sum(shapely.intersection(stream, s).area for s in parts) / M2_PER_HA
            touched = row["permanent_ha"] + row["temporary_ha"] > 0
            row["surface"] = bool(touched or (along and head["structure"] not in BELOW and row["length_m"]))
            if row["surface"] or row["length_m"]:
                rows.append(row)
    return pd.DataFrame(rows, columns=STREAM_COLUMNS)
