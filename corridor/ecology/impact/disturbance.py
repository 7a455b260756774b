"""Disturbance around surface works and around trains in the open, in bands that do not overlap.

Two phases: *construction* spreads from every part of the footprint at the surface or the sea bed, permanent
or temporary; *operation* from viaducts, bridges, tracks at grade, portals, depots, ventilation buildings and
stations in the open. A tunnel below ground is no source of operation. Ground that a source takes is not
disturbed by it as well. The decay curves are assumptions (Q05 is from memory); hectares by band come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from corridor.core.crs import WORKING
from corridor.ecology.impact.overlap import designated_overlap, designation_overlap, habitat_overlap
from corridor.ecology.land.land import Land
from corridor.ecology.works.footprint import polygons_of
from corridor.schema.tables import Case

Phase = Literal["construction", "operation"]
PHASES: tuple[Phase, ...] = ("construction", "operation")
BANDS_M: tuple[float, ...] = (0, 100, 300, 500, 1000)
RING_STEP_M = 25.0
WILDLIFE_REACH_M = 500.0
EXCLUSION_RULE_M = 150.0
"""Q01: no activity within 150 m of a pond that holds more than 10 Black-faced Spoonbills."""


@dataclass(frozen=True)
class DecayCurve:
    """Effect against distance: 1 up to ``full_m``, falling in a straight line to 0 at ``zero_m``."""

    phase: Phase
    case: Case
    full_m: float
    zero_m: float
    reason: str
    source: str = "Q05"
    confidence: str = "M"

    def weight(self, distance_m: ArrayLike) -> NDArray[np.float64]:
        """The effect (0 to 1) at distances in metres."""
        distance = np.asarray(distance_m, dtype=float)
        if self.zero_m <= self.full_m:
            return (distance <= self.full_m).astype(float)
        return np.clip((self.zero_m - distance) / (self.zero_m - self.full_m), 0, 1)


_SMALL = "assumption: smaller ardeids and kingfishers, half of the central curve"
_MIDDLE = "assumption: large ardeids, spoonbill and eagles, middle of the range"
_FAR = "assumption: large ardeids, spoonbill and eagles, end of the range"

CURVES: tuple[DecayCurve, ...] = (
    DecayCurve("construction", "low", 50, 150, _SMALL),
    DecayCurve("construction", "central", 100, 300, _MIDDLE),
    DecayCurve("construction", "high", 100, 400, _FAR),
    DecayCurve("operation", "low", 0, 75, _SMALL),
    DecayCurve("operation", "central", 25, 150, _MIDDLE),
    DecayCurve("operation", "high", 50, 200, _FAR),
)

EQUIVALENTS = ["equivalent_low_ha", "equivalent_central_ha", "equivalent_high_ha"]
BAND_KEYS = ["line_id", "phase", "band", "inner_m", "outer_m"]


def sources(footprint: gpd.GeoDataFrame, phase: Phase) -> BaseGeometry:
    """What disturbs in a phase, EPSG:4547: works at the surface, or trains in the open; may be empty."""
    rows = _source_rows(footprint, phase)
    return shapely.union_all(rows.geometry.to_numpy())


def _source_rows(footprint: gpd.GeoDataFrame, phase: Phase) -> gpd.GeoDataFrame:
    flag = "surface" if phase == "construction" else "operation"
    return footprint[footprint[flag].astype(bool)]


def rings(
    footprint: gpd.GeoDataFrame, curves: tuple[DecayCurve, ...] = CURVES, bands_m: tuple[float, ...] = BANDS_M
) -> gpd.GeoDataFrame:
    """Narrow rings around the sources of one line: line_id, phase, band, inner_m, outer_m, ring_m, weights.

    Rings break at every band edge, every knot of a curve and every 25 m where a curve falls; the weight of
    a ring is the mean of the curve at its two edges. Rings of one phase do not overlap, and the ground that
    the source itself takes is left out. Ground under a deck is in the first ring, piers included: they are
    no source, and leaving them out would make a viaduct disturb less than the tunnel beside it.
    """
    rows = [row for phase in PHASES for row in _phase_rings(footprint, phase, curves, bands_m)]
    columns = [*BAND_KEYS, "ring_inner_m", "ring_outer_m", *EQUIVALENTS, "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=WORKING)


def _phase_rings(
    footprint: gpd.GeoDataFrame, phase: Phase, curves: tuple[DecayCurve, ...], bands_m: tuple[float, ...]
) -> Iterator[tuple[object, ...]]:
    source = sources(footprint, phase)
    if source.is_empty:
        return
    line_id = footprint["line_id"].iloc[0]
    rows = _source_rows(footprint, phase)
    taken = shapely.union_all(rows.geometry[rows["permanence"] != "shade"].to_numpy())
    mine = {c.case: c for c in curves if c.phase == phase}
    edges = _edges(list(mine.values()), bands_m)
    covered = taken
    # the first outline has no piers and slits left; those around it are then quick to draw
    nearest = shapely.buffer(source, edges[1], quad_segs=12)
    for inner_m, outer_m in pairwise(edges):
        reach = shapely.buffer(nearest, outer_m - edges[1], quad_segs=12)
        ring, covered = polygons_of(shapely.difference(reach, covered)), shapely.union(reach, covered)
        low, high = next((a, b) for a, b in pairwise(bands_m) if a <= inner_m < b)
        weights = [float(mine[case].weight([inner_m, outer_m]).mean()) for case in ("low", "central", "high")]
        yield (line_id, phase, f"{low:.0f}-{high:.0f}", low, high, inner_m, outer_m, *weights, ring)


def _edges(curves: list[DecayCurve], bands_m: tuple[float, ...]) -> list[float]:
    furthest = max((c.zero_m for c in curves), default=0.0)
    knots = {k for c in curves for k in (c.full_m, c.zero_m)}
    steps = set(np.arange(0, furthest, RING_STEP_M).tolist())
    return sorted(e for e in {*bands_m, *knots, *steps, EXCLUSION_RULE_M} if bands_m[0] <= e <= bands_m[-1])


def habitat_disturbance(ring_frame: gpd.GeoDataFrame, land: Land) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Habitat by band and phase, and habitat within 150 m of surface works (the rule of Q01).

    The first frame: line_id, phase, band, inner_m, outer_m, habitat columns, area_ha and the equivalent
    areas under the low, central and high curve (area weighted by decay). The second: line_id, habitat
    columns, area_ha, within_m.
    """
    keys = [*BAND_KEYS, "ring_outer_m", *EQUIVALENTS]
    rows = habitat_overlap(ring_frame, land, keys)
    habitat = ["habitat_code", "habitat_id", "group"]
    near = rows[(rows["phase"] == "construction") & (rows["ring_outer_m"] <= EXCLUSION_RULE_M)]
    near = near.groupby(["line_id", *habitat], as_index=False, sort=True)["area_ha"].sum()
    return _by_band(rows, habitat), near.assign(within_m=EXCLUSION_RULE_M, rule="Q01")


def designation_disturbance(ring_frame: gpd.GeoDataFrame, land: Land) -> pd.DataFrame:
    """Designated area by band and phase, with the equivalent areas; designations may overlap."""
    rows = designation_overlap(ring_frame, land, [*BAND_KEYS, *EQUIVALENTS])
    return _by_band(
        rows, [c for c in rows.columns if c.startswith(("designation", "name_")) or c == "region"]
    )


def _by_band(rows: pd.DataFrame, subject: list[str]) -> pd.DataFrame:
    """Rings summed to their bands; weights become equivalent hectares."""
    rows = rows.assign(**{name: rows[name] * rows["area_ha"] for name in EQUIVALENTS})
    summed = rows.groupby([*BAND_KEYS, *subject], as_index=False, sort=True, dropna=False)[
        ["area_ha", *EQUIVALENTS]
    ].sum()
    return summed.sort_values(["line_id", "phase", "inner_m", *subject[:1]], ignore_index=True).assign(
        curve_source="Q05", curve_confidence="M"
    )


def wildlife_conflicts(
    footprint: gpd.GeoDataFrame, land: Land, reach_m: float = WILDLIFE_REACH_M
) -> pd.DataFrame:
    """Egretries, roosts and flight corridors within ``reach_m`` of surface works or of operation.

    Columns: line_id, site_id, kind, names, phase, distance_m (0 inside), band, the nearest
    part or site, crossed (the source reaches into the area), within_150m (Q01), source, confidence.
    """
    found = [row for phase in PHASES for row in _phase_conflicts(footprint, land, phase, reach_m)]
    out = pd.DataFrame(found, columns=["line_id", "phase", "distance_m", "nearest", "row"])
    carried = ["site_id", "kind", "name_en", "name_zh_hant", "name_zh_hans", "region", "confidence", "source"]
    sites = pd.DataFrame(land.wildlife_sites.reindex(columns=carried))
    out = pd.concat([out, sites.iloc[out["row"].astype(int)].reset_index(drop=True)], axis=1).drop(
        columns="row"
    )
    out["crossed"] = out["distance_m"] == 0
    out["within_150m"] = out["distance_m"] <= EXCLUSION_RULE_M
    return out.sort_values(["line_id", "site_id", "phase"], ignore_index=True)


def _phase_conflicts(
    footprint: gpd.GeoDataFrame, land: Land, phase: Phase, reach_m: float
) -> Iterator[tuple[str, str, float, str, int]]:
    rows = _source_rows(footprint, phase)
    shapes = rows.geometry.to_numpy()
    if not len(shapes):
        return
    for at, area in enumerate(land.wildlife_sites.geometry if len(land.wildlife_sites) else ()):
        distances_m = shapely.distance(shapes, area)
        nearest = int(distances_m.argmin())
        if distances_m[nearest] <= reach_m:
            row = rows.iloc[nearest]
            yield row["line_id"], phase, float(distances_m[nearest]), row["part_id"] or row["site_id"], at


def designated_disturbance(ring_frame: gpd.GeoDataFrame, land: Land) -> pd.DataFrame:
    """Area of each kind of designation by band and phase, overlaps of one kind counted once."""
    return _by_band(designated_overlap(ring_frame, land, [*BAND_KEYS, *EQUIVALENTS]), ["designation"])
