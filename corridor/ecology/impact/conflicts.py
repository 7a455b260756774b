"""Every conflict of a set of works as one feature: what is taken, crossed or near, where, by which part.

The tables of :func:`corridor.ecology.impact.assess` count; this draws what they count, so that a reviewer can put
each row on a map with their own layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.features import shapes as raster_shapes
from rasterio.windows import Window, crop, from_bounds
from rasterio.windows import transform as window_transform
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from corridor.core.crs import WORKING
from corridor.ecology import M2_PER_HA
from corridor.ecology.impact.assess import TAKE_KEYS, EcologyResult
from corridor.ecology.impact.corridors import BELOW
from corridor.ecology.land.land import Land
from corridor.ecology.works.footprint import polygons_of
from corridor.ecology.works.profile import Part, Work

QUIET_GROUPS = frozenset({"built"})
"""Habitat groups whose loss is counted in the tables but is no conflict."""

LEAST_HA = 1e-5
"""A tenth of a square metre: less is rounding of one layer's edge against another's."""

COLUMNS = [
    "conflict_id", "kind", "layer", "subject_id", "subject", "name_en", "name_zh_hant", "name_zh_hans",
    "region", "line_id", "part_id", "site_id", "structure", "component", "permanence", "phase", "underground",
    "area_ha", "length_m", "distance_m", "assumed", "confidence", "source", "subject_confidence",
    "subject_source", "geometry",
]  # fmt: skip

_SIZES = ("area_ha", "length_m", "distance_m")
BLANK: dict[str, Any] = {
    **{c: "" for c in COLUMNS if c != "geometry"},
    **dict.fromkeys(_SIZES, np.nan),
    "underground": False,
    "assumed": False,
}
"""What a row holds where a kind of conflict has nothing to say."""

KINDS = (
    "designation_take", "habitat_take", "corridor_crossing", "corridor_take", "wildlife_near", "not_assessed",
    "stream_crossing", "stream_take",
)  # fmt: skip
"""What a row tells, in the order of the table."""


def conflicts(result: EcologyResult, works: Sequence[Work], land: Land) -> gpd.GeoDataFrame:
    """All conflicts of a result as features.

    Parameters
    ----------
    result, works, land
        A result, the works it was assessed from, and their land.

    Returns
    -------
    geopandas.GeoDataFrame
        A row and a geometry (EPSG:4547) for each conflict, columns :data:`COLUMNS`. ``kind`` is one of :data:`KINDS`;
        ``layer`` the role of the layer affected, ``subject_id`` its row (a designation, habitat class, corridor part,
        wildlife site or stream), ``subject`` the kind of that row. ``area_ha`` is taken or shaded, ``length_m`` inside a green
        corridor, across a stream at the surface or over unknown habitat, ``distance_m`` from a wildlife site to the nearest source of the ``phase``.
        ``confidence`` and ``source`` are of the work, ``subject_confidence`` and ``subject_source`` of the layer.
        Built-up land is no conflict. Ids number the rows in their order, which depends on nothing but the input.
    """
    rows = [
        *_designation_rows(result, land),
        *_habitat_rows(result, land),
        *_corridor_rows(result, works, land),
        *_wildlife_rows(result, land),
        *_unknown_rows(result, works),
        *_stream_rows(result, works, land),
    ]
    if not rows:
        return gpd.GeoDataFrame(columns=COLUMNS, geometry="geometry", crs=WORKING)
    frame = numbered(
        pd.DataFrame([BLANK | {k: v for k, v in row.items() if not _missing(v)} for row in rows])
    )
    return gpd.GeoDataFrame(frame[COLUMNS], geometry="geometry", crs=WORKING)


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Conflicts in the order of the table, with ids C001, C002, ...

    The order is by kind (as in :data:`KINDS`), then by the ids of line, part, site, component and subject: the same conflicts
    always have the same ids.
    """
    keys = ["line_id", "part_id", "site_id", "component", "permanence", "phase", "subject_id"]
    order = frame.assign(_kind=frame["kind"].map(KINDS.index))
    order = order.sort_values(["_kind", *keys], kind="stable", ignore_index=True).drop(columns="_kind")
    return order.assign(conflict_id=[f"C{n:03d}" for n in range(1, len(order) + 1)])


def _missing(value: Any) -> bool:
    return value is None or (np.isscalar(value) and bool(pd.isna(value)))


def _piece(row: Any) -> dict[str, Any]:
    """What a row of the footprint says of the work."""
    return {name: getattr(row, name) for name in TAKE_KEYS}


def _subject(row: Any, layer: str, subject_id: str, subject: str) -> dict[str, Any]:
    """What a row of a layer says of itself."""
    carried = {
        name: getattr(row, name, None) for name in ("name_en", "name_zh_hant", "name_zh_hans", "region")
    }
    certainty = {f"subject_{name}": getattr(row, name, None) for name in ("confidence", "source")}
    return {"layer": layer, "subject_id": subject_id, "subject": subject, **carried, **certainty}


def _designation_rows(result: EcologyResult, land: Land) -> Iterator[dict[str, Any]]:
    prints, areas = result.footprint, land.designations
    for at, of, common in _common(prints, areas):
        row = areas.iloc[of]
        who = _subject(row, "designations", row["designation_id"], row["designation"])
        yield {"kind": "designation_take", **_piece(prints.iloc[at]), **who, **_area(common)}


def _area(common: BaseGeometry) -> dict[str, Any]:
    return {"area_ha": common.area / M2_PER_HA, "geometry": common}


def _common(prints: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> Iterator[tuple[int, int, BaseGeometry]]:
    """Positions of footprints and areas that share ground, with that ground."""
    if prints.empty or areas.empty:
        return
    shapes, others = prints.geometry.to_numpy(), areas.geometry.to_numpy()
    for at, of in zip(*shapely.STRtree(others).query(shapes, predicate="intersects"), strict=True):
        common = polygons_of(shapely.intersection(shapes[at], others[of]))
        if common.area >= LEAST_HA * M2_PER_HA:
            yield int(at), int(of), common


def _habitat_rows(result: EcologyResult, land: Land) -> Iterator[dict[str, Any]]:
    """Habitat under each footprint; hectares are those of the table, shapes are cut from the cells."""
    if result.footprint.empty:
        return
    names = land.classes.set_index("code")
    areas = result.habitat_take.groupby([*TAKE_KEYS, "habitat_code"])["area_ha"].sum()
    for piece in result.footprint.itertuples():
        for code, drawn in _habitat_shapes(piece.geometry, land):
            row = names.loc[code]
            key = (*(getattr(piece, k) for k in TAKE_KEYS), code)
            area_ha = float(areas.get(key, drawn.area / M2_PER_HA))
            if row["group"] in QUIET_GROUPS or area_ha < LEAST_HA:
                continue
            who = _subject(row, "habitat", row["habitat_id"], row["group"])
            yield {"kind": "habitat_take", **_piece(piece), **who, "area_ha": area_ha, "geometry": drawn}


def _habitat_shapes(geometry: BaseGeometry, land: Land) -> list[tuple[int, BaseGeometry]]:
    """The pieces of a polygon (EPSG:4547) by known habitat code, cut along cell edges."""
    moved = _valid(land.to_raster_system(geometry))  # projecting may tie a slit
    window = from_bounds(*moved.bounds, land.transform).round_offsets().round_lengths()
    around = Window(window.col_off - 1, window.row_off - 1, window.width + 3, window.height + 3)
    near = crop(around, *land.habitat.shape)
    if not (near.width and near.height):
        return []  # off the raster altogether
    block = np.ascontiguousarray(land.habitat[near.toslices()])
    cells: dict[int, list[BaseGeometry]] = {}
    for drawn, code in raster_shapes(
        block.astype(np.int16), block != land.nodata, transform=window_transform(near, land.transform)
    ):
        common = shapely.intersection(shape(drawn), moved)
        if not common.is_empty:
            cells.setdefault(int(code), []).append(common)
    union = {code: shapely.union_all(found) for code, found in sorted(cells.items())}
    back = [(code, polygons_of(_valid(land.to_working(shape)))) for code, shape in union.items()]
    return [(code, drawn) for code, drawn in back if not drawn.is_empty]


def _valid(polygons: BaseGeometry) -> BaseGeometry:
    return shapely.make_valid(polygons, method="structure", keep_collapsed=False)


def _corridor_rows(result: EcologyResult, works: Sequence[Work], land: Land) -> Iterator[dict[str, Any]]:
    corridors = land.corridors
    for of in range(len(corridors)):
        row = corridors.iloc[of]
        who = _subject(row, "green_corridors", row.get("part_id", row["corridor_id"]), row["corridor_id"])
        if row.get("part_en"):
            who |= {f"name_{s}": row.get(f"part_{s}") for s in ("en", "zh_hant", "zh_hans")}
        for work in works:
            for stretch in work.parts:
                inside = shapely.intersection(row.geometry, work.course(stretch))
                if inside.length > 0:
                    yield {"kind": "corridor_crossing", **who, **_stretch(work, stretch, inside)}
        for at, _, common in _common(result.footprint, corridors.iloc[[of]]):
            yield {"kind": "corridor_take", **_piece(result.footprint.iloc[at]), **who, **_area(common)}


def _wildlife_rows(result: EcologyResult, land: Land) -> Iterator[dict[str, Any]]:
    places = land.wildlife_sites.set_index("site_id") if len(land.wildlife_sites) else land.wildlife_sites
    sites = {site.site_id for site in result.footprint.itertuples() if site.site_id}
    for row in result.wildlife_conflicts.itertuples():
        place = places.loc[row.site_id]
        yield {
            "kind": "wildlife_near",
            **_subject(place, "wildlife_sites", row.site_id, row.kind),
            "line_id": row.line_id,
            "site_id": row.nearest if row.nearest in sites else "",
            "part_id": "" if row.nearest in sites else row.nearest,
            "phase": row.phase,
            "distance_m": row.distance_m,
            "geometry": place.geometry,
        }


def _unknown_rows(result: EcologyResult, works: Sequence[Work]) -> Iterator[dict[str, Any]]:
    courses = {(w.line_id, p.part_id): w.course(p) for w in works for p in w.parts}
    for row in result.not_assessed_m.itertuples():
        if row.not_assessed_m > 0:
            yield {
                "kind": "not_assessed",
                "layer": "habitat",
                "line_id": row.line_id,
                "part_id": row.part_id,
                "structure": row.structure,
                "length_m": row.not_assessed_m,
                "geometry": courses[row.line_id, row.part_id],
            }


def _stream_rows(result: EcologyResult, works: Sequence[Work], land: Land) -> Iterator[dict[str, Any]]:
    """Streams that a part crosses at the surface, and what the footprint takes of them; a tunnel below leaves them as they are."""
    streams = land.streams
    if streams is None or streams.empty:
        return
    shapes = streams.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    subjects = [_subject(row, "streams", str(row.stream_id), "stream") for row in streams.itertuples()]
    for work in works:
        for part in work.parts:
            course = work.course(part)
            for of in tree.query(course, predicate="intersects") if part.structure not in BELOW else ():
                inside = shapely.intersection(shapes[of], course)
                if inside.length > 0:
                    yield {"kind": "stream_crossing", **subjects[of], **_stretch(work, part, inside)}
    for at, of, common in _common(result.footprint, streams):
        piece = _piece(result.footprint.iloc[at])
        if piece["permanence"] != "shade":
            yield {"kind": "stream_take", **piece, **subjects[of], **_area(common)}


def _stretch(work: Work, part: Part, inside: BaseGeometry) -> dict[str, Any]:
    """What a part of a line that crosses something says of itself."""
    return {
        "line_id": work.line_id,
        "part_id": part.part_id,
        "structure": part.structure,
        "underground": part.underground,
        "assumed": part.assumed,
        "confidence": "M" if part.assumed else "C",
        "source": " ".join(part.source),
        "length_m": inside.length,
        "geometry": inside,
    }
