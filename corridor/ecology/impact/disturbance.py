"""Disturbance around surface works and around trains in the open, in bands that do not overlap.

Two phases: *construction* spreads from every part of the footprint at the surface or the sea bed, permanent
or temporary; *operation* from viaducts, bridges, tracks at grade, portals, depots, ventilation buildings and
stations in the open. A tunnel below ground is no source of operation. Ground that a source takes is not
disturbed by it as well. The decay curves are assumptions (Q05 is from memory); hectares by band come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridor.core.crs import WORKING
from corridor.ecology.impact.overlap import (
    DESIGNATION_CARRIED,
    designated_overlap,
    designation_overlap,
    habitat_overlap,
)
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


CURVES_M: dict[Phase, dict[Case, tuple[float, float]]] = {
    "construction": {"low": (50, 150), "central": (100, 300), "high": (100, 400)},
    "operation": {"low": (0, 75), "central": (25, 150), "high": (50, 200)},
}
"""Distances (m) up to which the effect is whole, and from which there is none; a straight line between.

Assumptions (Q05, confidence M). Low: smaller ardeids and kingfishers, half of the central curve; central: large ardeids,
spoonbill and eagles, the middle of the range; high: the same birds, the end of the range.
"""

EQUIVALENTS = ["equivalent_low_ha", "equivalent_central_ha", "equivalent_high_ha"]
BAND_KEYS = ["line_id", "phase", "band", "inner_m", "outer_m"]


def source_rows(footprint: gpd.GeoDataFrame, phase: Phase) -> gpd.GeoDataFrame:
    """The pieces of a footprint that disturb in a phase: works at the surface (construction), or trains in the open (operation)."""
    return footprint[footprint["surface" if phase == "construction" else "operation"].astype(bool)]


def rings(footprint: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Narrow rings around the sources of one line (EPSG:4547), with the weight of the low, central and high decay curve.

    Columns: line_id, phase, band, inner_m, outer_m (of the band), ring_inner_m, ring_outer_m, :data:`EQUIVALENTS` (weights
    0 to 1), geometry. Rings break at every band edge, every knot of a curve and every 25 m where a curve falls; the weight of
    a ring is the mean of the curve at its two edges. Rings of one phase do not overlap, and the ground that
    the source itself takes is left out. Ground under a deck is in the first ring, piers included: they are
    no source, and leaving them out would make a viaduct disturb less than the tunnel beside it.
    """
    rows = [row for phase in PHASES for row in _phase_rings(footprint, phase)]
    columns = [*BAND_KEYS, "ring_inner_m", "ring_outer_m", *EQUIVALENTS, "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=WORKING)


def _phase_rings(footprint: gpd.GeoDataFrame, phase: Phase) -> Iterator[tuple[object, ...]]:
    rows, curves = source_rows(footprint, phase), CURVES_M[phase].values()
    source = shapely.union_all(rows.geometry.to_numpy())
    if source.is_empty:
        return
    steps = np.arange(0, max(zero_m for _, zero_m in curves), RING_STEP_M).tolist()
    knots = {*BANDS_M, *steps, EXCLUSION_RULE_M, *(m for curve in curves for m in curve)}
    edges = sorted(m for m in knots if m <= BANDS_M[-1])
    covered = shapely.union_all(rows.geometry[rows["permanence"] != "shade"].to_numpy())
    # the first outline has no piers and slits left; those around it are then quick to draw
    nearest = shapely.buffer(source, edges[1], quad_segs=12)
    for inner_m, outer_m in pairwise(edges):
        reach = shapely.buffer(nearest, outer_m - edges[1], quad_segs=12)
        # outlines of buffers are polygons and can cross: less all that is inside it, a ring overlaps no other
        ring, covered = polygons_of(shapely.difference(reach, covered)), shapely.union(reach, covered)
        low, high = next((a, b) for a, b in pairwise(BANDS_M) if a <= inner_m < b)
        at_m = np.array([inner_m, outer_m])
        weights = [
            float(np.clip((zero_m - at_m) / (zero_m - full_m), 0, 1).mean()) for full_m, zero_m in curves
        ]
        band = phase, f"{low:.0f}-{high:.0f}", low, high
        yield (footprint["line_id"].iloc[0], *band, inner_m, outer_m, *weights, ring)


def habitat_disturbance(ring_frame: gpd.GeoDataFrame, land: Land) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Habitat disturbed, by band and phase, and habitat within 150 m of surface works (the rule of Q01).

    Parameters
    ----------
    ring_frame
        Rings as of :func:`rings`.
    land
        The land with its habitat raster.

    Returns
    -------
    pandas.DataFrame
        Columns line_id, phase, band, inner_m, outer_m, habitat_code, habitat_id, group, area_ha and the equivalent areas
        (area times weight, ha) under the low, central and high curve.
    pandas.DataFrame
        Columns line_id, habitat_code, habitat_id, group, area_ha, within_m, rule.
    """
    keys = [*BAND_KEYS, "ring_outer_m", *EQUIVALENTS]
    rows = habitat_overlap(ring_frame, land, keys)
    habitat = ["habitat_code", "habitat_id", "group"]
    near = rows[(rows["phase"] == "construction") & (rows["ring_outer_m"] <= EXCLUSION_RULE_M)]
    near = near.groupby(["line_id", *habitat], as_index=False, sort=True)["area_ha"].sum()
    return _by_band(rows, habitat), near.assign(within_m=EXCLUSION_RULE_M, rule="Q01")


def designation_disturbance(ring_frame: gpd.GeoDataFrame, land: Land) -> pd.DataFrame:
    """Area of each designation by band and phase; designations overlap, so that their areas must not be added up.

    Parameters
    ----------
    ring_frame
        Rings as of :func:`rings`.
    land
        The land with its designations.

    Returns
    -------
    pandas.DataFrame
        Columns line_id, phase, band, inner_m, outer_m, the columns of the designation, area_ha and the equivalent areas
        (area times weight, ha) under the low, central and high curve.
    """
    rows = designation_overlap(ring_frame, land, [*BAND_KEYS, *EQUIVALENTS])
    return _by_band(rows, DESIGNATION_CARRIED)


def _by_band(rows: pd.DataFrame, subject: list[str]) -> pd.DataFrame:
    """Rings summed to their bands; weights become equivalent hectares."""
    rows = rows.assign(**{name: rows[name] * rows["area_ha"] for name in EQUIVALENTS})
    bands = rows.groupby([*BAND_KEYS, *subject], as_index=False, sort=True, dropna=False)
    summed = bands[["area_ha", *EQUIVALENTS]].sum().assign(curve_source="Q05", curve_confidence="M")
    return summed.sort_values(["line_id", "phase", "inner_m", *subject[:1]], ignore_index=True)


def wildlife_conflicts(footprint: gpd.GeoDataFrame, land: Land) -> pd.DataFrame:
    """Egretries, roosts and flight paths within 500 m of surface works or of operation.

    Columns: line_id, site_id, kind, names, phase, distance_m (0 inside), band, the nearest
    part or site, crossed (the source reaches into the area), within_150m (Q01), source, confidence.
    """
    found = [row for phase in PHASES for row in _phase_conflicts(footprint, land, phase)]
    out = pd.DataFrame(found, columns=["line_id", "phase", "distance_m", "nearest", "row"])
    carried = ["site_id", "kind", "name_en", "name_zh_hant", "name_zh_hans", "region", "confidence", "source"]
    sites = pd.DataFrame(land.wildlife_sites.reindex(columns=carried)).iloc[out.pop("row").astype(int)]
    out = pd.concat([out, sites.reset_index(drop=True)], axis=1)
    out = out.assign(crossed=out["distance_m"] == 0, within_150m=out["distance_m"] <= EXCLUSION_RULE_M)
    return out.sort_values(["line_id", "site_id", "phase"], ignore_index=True)


def _phase_conflicts(
    footprint: gpd.GeoDataFrame, land: Land, phase: Phase
) -> Iterator[tuple[str, str, float, str, int]]:
    rows = source_rows(footprint, phase)
    if rows.empty or land.wildlife_sites.empty:
        return
    for at, area in enumerate(land.wildlife_sites.geometry):
        distances_m = shapely.distance(rows.geometry.to_numpy(), area)
        nearest = int(distances_m.argmin())
        if distances_m[nearest] <= WILDLIFE_REACH_M:
            row = rows.iloc[nearest]
            yield row["line_id"], phase, float(distances_m[nearest]), row["part_id"] or row["site_id"], at


def designated_disturbance(ring_frame: gpd.GeoDataFrame, land: Land) -> pd.DataFrame:
    """Area of each kind of designation by band and phase, overlaps of one kind counted once.

    Columns as of :func:`designation_disturbance`, with ``designation`` alone; ``protected`` is the union of protected kinds.
    """
    return _by_band(designated_overlap(ring_frame, land, [*BAND_KEYS, *EQUIVALENTS]), ["designation"])
