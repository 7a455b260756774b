"""Parts and sites to footprint polygons: permanent and temporary land take, and shade.

Within one line nothing is counted twice: permanent comes before temporary, sites before parts. Shade is
over ground outside the permanent take; it is a category of its own and never added to the take.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from corridor.core.crs import WORKING
from corridor.ecology import M2_PER_HA
from corridor.ecology.works.parameters import (
    ASSUMPTION,
    PERMANENCES,
    SHIPPED,
    Component,
    ParameterTable,
    Permanence,
)
from corridor.ecology.works.profile import Part, Site, Work
from corridor.schema.tables import Case

VERTEX_SPACING_M = 500.0
"""Edges are cut to this length, so that a straight edge stays straight to 2 mm in other systems."""

CONFIDENCE = "ASBCM"
"""Confidence letters from the surest to the least sure."""

OPPOSITE: dict[Case, Case] = {"low": "high", "central": "central", "high": "low"}

SLIVER_M2 = 1e-3
"""Left-overs of a difference smaller than this are rounding."""

COLUMNS = [
    "line_id", "part_id", "site_id", "structure", "component", "permanence", "surface", "operation",
    "pieces", "area_ha", "declared_ha", "assumed", "source", "confidence", "geometry",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One component of one part or site: a row of the footprint. ``pieces`` counts piers and the like.

    ``rank`` says whose ground it is where pieces of one permanence meet: sites, then pads, then strips.
    """

    line_id: str
    part_id: str = ""
    site_id: str = ""
    structure: str = ""
    component: str
    permanence: Permanence
    operation: bool
    pieces: int = 1
    declared_ha: float = float("nan")
    assumed: bool
    source: str
    confidence: str
    geometry: BaseGeometry
    rank: int = 0


def footprint(work: Work, table: ParameterTable = SHIPPED, case: Case = "central") -> gpd.GeoDataFrame:
    """The footprint of a work: one row for each component of each part and site.

    Parameters
    ----------
    work
        The line to be built.
    table
        Widths and spacings of structures.
    case
        Which widths: low, central or high.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns :data:`COLUMNS`, EPSG:4547. ``permanence`` is permanent, temporary or shade; ``surface`` marks works at the
        surface or the sea bed; ``operation`` marks what disturbs when trains run; ``area_ha`` is what the row adds
        without overlap, ``declared_ha`` the area stated for a site (NaN for parts). A bored tunnel has no row.
    """
    pieces = [*site_pieces(work, table)]
    for part in work.parts:
        pieces.extend(part_pieces(work, part, table, case))
    return _frame(_without_overlap(sorted(pieces, key=lambda p: p.rank)))


def site_pieces(work: Work, table: ParameterTable = SHIPPED) -> Iterator[Piece]:
    """The sites of a work as they are drawn, before overlaps are taken out.

    A point becomes a square or circle of the stated area, as the table has it for the kind of site; a polygon stays as
    drawn. Only a permanent site disturbs in operation, and a station only where the line runs in the open.
    """
    for site in work.sites:
        rule = table.site(site.kind)
        shape = _site_shape(site, rule.shape)
        on = work.part_at(work.alignment.project(shapely.centroid(site.geometry)))
        open_air = any(not p.underground for p in on)
        operation = rule.operation == "permanent" or (rule.operation == "surface_station" and open_air)
        yield Piece(
            line_id=work.line_id,
            site_id=site.site_id,
            structure=" ".join(sorted({p.structure for p in on})),
            component=site.kind,
            permanence="permanent" if site.permanent else "temporary",
            operation=site.permanent and operation,
            declared_ha=shape.area / M2_PER_HA if site.area_ha is None else site.area_ha,
            assumed=site.assumed,
            source=" ".join(site.source) or ASSUMPTION,
            confidence=site.confidence,
            geometry=shape,
        )


def part_pieces(
    work: Work, part: Part, table: ParameterTable = SHIPPED, case: Case = "central"
) -> Iterator[Piece]:
    """The components of one part as they are drawn, before overlaps are taken out; none for a bored tunnel.

    Parameters
    ----------
    work, part
        The line, and one of its parts.
    table
        Widths and spacings of structures.
    case
        Which widths; ``low`` has the widest spacing of piers, because it takes least.

    Yields
    ------
    Piece
        Geometry in EPSG:4547. Strips follow the course of the part and end square at its ends.
    """
    for item in table.structure(part.structure):
        shape, count = _strip_or_pads(work, part, item, case)
        sources = {figure.source for figure in (item.size, item.spacing) if figure}
        assumed = part.assumed or ASSUMPTION in sources
        yield Piece(
            line_id=work.line_id,
            part_id=part.part_id,
            structure=part.structure,
            component=item.component,
            permanence=item.permanence,
            operation=item.operation,
            pieces=count,
            assumed=assumed,
            source=" ".join(dict.fromkeys([*part.source, *sorted(sources)])),
            confidence="M" if assumed else "C",
            geometry=shape,
            rank=1 if item.spacing else 2,
        )


def _site_shape(site: Site, shape: str) -> BaseGeometry:
    """A polygon as drawn; a square or circle of the stated area around a point."""
    point = site.geometry
    if not isinstance(point, Point):
        return point
    area_m2 = (site.area_ha or 0.0) * M2_PER_HA
    if shape == "square":
        return point.buffer(np.sqrt(area_m2) / 2, cap_style="square")
    unit = Point(0, 0).buffer(1, quad_segs=16)
    scale = np.sqrt(area_m2 / unit.area)
    return shapely.transform(unit, lambda xy: xy * scale + [point.x, point.y])


def _strip_or_pads(work: Work, part: Part, item: Component, case: Case) -> tuple[BaseGeometry, int]:
    """The shape of a component along a part, and of how many pieces it is.

    Pads are in the middle of each span counted from the start of the line, not of the part, so that dividing a part in two
    changes nothing. The first is half a span from the start. The low case takes least, hence has the widest spacing.
    """
    half_m = item.size.at(case) / 2
    if item.spacing is None:
        return work.course(part).buffer(half_m, cap_style="flat", join_style="mitre"), 1
    spacing_m = item.spacing.at(OPPOSITE[case])
    first = int(np.ceil(part.from_m / spacing_m - 0.5))
    chainages_m = (np.arange(first, part.to_m // spacing_m + 2) + 0.5) * spacing_m
    chainages_m = chainages_m[(chainages_m >= part.from_m) & (chainages_m < part.to_m)]
    at, ahead, behind = (
        shapely.get_coordinates(shapely.line_interpolate_point(work.alignment, m))
        for m in (chainages_m, chainages_m + 0.5, np.maximum(chainages_m - 0.5, 0))
    )
    # the direction over a metre: at a vertex the pad is turned between the two sides
    along = ahead - behind
    along = along / np.linalg.norm(along, axis=1, keepdims=True) * half_m
    across = np.column_stack([-along[:, 1], along[:, 0]])
    corners = [at + along + across, at - along + across, at - along - across, at + along - across]
    return shapely.union_all(shapely.polygons(np.stack(corners, axis=1))), len(chainages_m)


def _without_overlap(pieces: list[Piece]) -> list[Piece]:
    """Each piece less what earlier pieces hold: permanent, then temporary. Shade yields to permanent."""
    kept: list[Piece] = []
    permanent: BaseGeometry = shapely.MultiPolygon()
    for permanence in PERMANENCES:
        held = permanent
        for piece in (p for p in pieces if p.permanence == permanence):
            rest = polygons_of(shapely.difference(piece.geometry, held))
            if rest.area > SLIVER_M2:
                held = shapely.union(held, piece.geometry)
                kept.append(replace(piece, geometry=rest))
        if permanence == "permanent":
            permanent = held
    return kept


def polygons_of(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry without the lines, points and slivers (up to :data:`SLIVER_M2`) that an overlay leaves.

    One polygon, or a multipolygon; it may be empty.
    """
    parts = shapely.get_parts(shape, return_index=False)
    whole = [p for p in parts if p.geom_type == "Polygon" and p.area > SLIVER_M2]
    return whole[0] if len(whole) == 1 else shapely.MultiPolygon(whole)


def _frame(pieces: list[Piece]) -> gpd.GeoDataFrame:
    rows: list[dict[str, Any]] = [dict(vars(p)) for p in pieces]
    for row in rows:
        row["surface"] = row["permanence"] != "shade"
        row["geometry"] = shapely.segmentize(row["geometry"], VERTEX_SPACING_M)
        row["area_ha"] = row["geometry"].area / M2_PER_HA
    return gpd.GeoDataFrame(rows, columns=COLUMNS, geometry="geometry", crs=WORKING)


def empty_footprint() -> gpd.GeoDataFrame:
    """The footprint of nothing: all columns, no rows."""
    return _frame([])


def combined(footprints: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Footprints of several lines as one: a row per permanence and operation, nothing counted twice.

    What one line takes permanently is neither taken temporarily nor shaded by another.
    """
    pieces = [
        Piece(
            line_id="all",
            component="all",
            permanence=permanence,
            operation=bool(operation),
            pieces=int(rows["pieces"].sum()),
            assumed=bool(rows["assumed"].any()),
            source=" ".join(sorted({s for text in rows["source"] for s in text.split()})),
            confidence=max(rows["confidence"], key=CONFIDENCE.index),
            geometry=shapely.union_all(rows.geometry.to_numpy()),
            rank=0 if operation else 1,
        )
        for (permanence, operation), rows in footprints.groupby(["permanence", "operation"], sort=True)
    ]
    return _frame(_without_overlap(sorted(pieces, key=lambda p: p.rank)))
