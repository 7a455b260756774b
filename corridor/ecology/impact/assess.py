"""Works against land: every table of the ecology part, for one line or a whole scenario."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from corridor.core.crs import WORKING
from corridor.core.errors import Problems
from corridor.core.stopping import next_step
from corridor.ecology.impact.corridors import COLUMNS as CROSSING_COLUMNS
from corridor.ecology.impact.corridors import corridor_crossings
from corridor.ecology.impact.disturbance import (
    BANDS_M,
    designated_disturbance,
    designation_disturbance,
    habitat_disturbance,
    rings,
    wildlife_conflicts,
)
from corridor.ecology.impact.overlap import (
    HABITAT_COLUMNS,
    designated_overlap,
    designation_overlap,
    habitat_overlap,
    take_by_class,
)
from corridor.ecology.land.checks import check_once
from corridor.ecology.land.land import NOT_ASSESSED_CODE, Land
from corridor.ecology.works.footprint import combined, empty_footprint, footprint
from corridor.ecology.works.parameters import SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work
from corridor.schema.tables import Case

TAKE_KEYS = [
    "line_id", "part_id", "site_id", "structure", "component", "permanence", "assumed", "confidence",
    "source",
]  # fmt: skip
NOT_ASSESSED_COLUMNS = ["line_id", "part_id", "structure", "length_m", "not_assessed_m"]
SAMPLE_M = 1.0


@dataclass(frozen=True)
class Together:
    """All lines of a scenario at once: what two of them take or disturb counts once (line_id is ``all``).

    ``habitat_take`` and ``designated_take`` by permanence, ``habitat_disturbance`` and
    ``designated_disturbance`` by phase and band; designations by kind, ``protected`` being their union.
    ``take_by_class``: the permanent take by class of designation (the highest that the ground has) and habitat group.
    """

    habitat_take: pd.DataFrame
    designated_take: pd.DataFrame
    habitat_disturbance: pd.DataFrame
    designated_disturbance: pd.DataFrame
    take_by_class: pd.DataFrame


@dataclass(frozen=True)
class LandTake:
    """What a set of works takes and crosses, and wildlife near it: a third of the work of a whole result.

    ``footprint``: one row for each component of each part and site, the sum of rows is the whole.
    ``habitat_take``, ``designation_take``: its overlap, by component. ``wildlife_conflicts``: egretries, roosts, flight
    paths within 500 m. ``corridor_crossings``: each green corridor against each part and site.
    Areas in hectares, lengths in metres, EPSG:4547.
    """

    footprint: gpd.GeoDataFrame
    habitat_take: pd.DataFrame
    designation_take: pd.DataFrame
    wildlife_conflicts: pd.DataFrame
    corridor_crossings: pd.DataFrame


@dataclass(frozen=True)
class EcologyResult(LandTake):
    """What a set of works takes, disturbs and crosses. Areas in hectares, lengths in metres, EPSG:4547.

    ``habitat_disturbance``, ``designation_disturbance``: by line, phase and band. ``habitat_150m``: habitat within
    150 m of surface works (Q01). ``not_assessed_m``: the length of each part where no habitat is known.
    ``together``: totals in which overlaps of lines count once. The others as of :class:`LandTake`.
    """

    habitat_disturbance: pd.DataFrame
    designation_disturbance: pd.DataFrame
    habitat_150m: pd.DataFrame
    not_assessed_m: pd.DataFrame
    together: Together


TABLES = (
    "habitat_take", "designation_take", "habitat_disturbance", "designation_disturbance", "habitat_150m",
    "wildlife_conflicts", "corridor_crossings", "not_assessed_m",
)  # fmt: skip
"""Tables of a result, in the order in which they are written."""


def assess(
    works: Iterable[Work], land: Land, table: ParameterTable = SHIPPED, case: Case = "central"
) -> EcologyResult:
    """Land take, disturbance and crossings of the works of a scenario.

    Parameters
    ----------
    works
        Lines to be built, one of each ``line_id``; their order changes nothing.
    land
        Habitat, designations, green corridors and wildlife sites.
    table
        Widths and spacings of structures.
    case
        Which widths: low, central or high.

    Returns
    -------
    EcologyResult
        Areas in hectares, lengths in metres, EPSG:4547. No works give empty tables, which is zero everywhere.

    Raises
    ------
    LayerError
        For two works of one line.

    Notes
    -----
    Each work is assessed once for each land and kept, because scenarios share works.
    """
    ordered = tuple(sorted(works, key=lambda w: w.line_id))
    with Problems() as found:
        check_once(found, "works", "line", [w.line_id for w in ordered])
    if not ordered:
        return _nothing(land)
    each = [assess_work(work, land, table, _effective(work, table, case)) for work in ordered]
    if len(each) == 1:
        return each[0]
    prints = gpd.GeoDataFrame(pd.concat([r.footprint for r in each], ignore_index=True), crs=WORKING)
    frames = {name: stacked([getattr(r, name) for r in each]) for name in TABLES}
    return EcologyResult(footprint=prints, **frames, together=totals(ordered, land, table, case))


def totals(
    works: Iterable[Work], land: Land, table: ParameterTable = SHIPPED, case: Case = "central"
) -> Together:
    """Only the scenario's totals, for another case of widths: the figures of :func:`assess`, without its tables by line.

    Parameters
    ----------
    works, land, table, case
        As in :func:`assess`; here the caller sees to it that each line occurs once.

    Returns
    -------
    Together
        Hectares, overlaps between lines counted once.
    """
    ordered = tuple(sorted(works, key=lambda w: w.line_id))
    effective = tuple(_effective(work, table, case) for work in ordered)
    return _whole_of(ordered, land, table, effective) if ordered else _nothing(land).together


@lru_cache(maxsize=64)
def assess_work(
    work: Work, land: Land, table: ParameterTable = SHIPPED, case: Case = "central"
) -> EcologyResult:
    """Land take, disturbance and crossings of one work.

    The result depends on nothing but the arguments and is kept for the last 64 of them: do not change its frames.

    Parameters
    ----------
    work, land, table, case
        As in :func:`assess`, for one line.
    """
    return _assess(take_of_work(work, land, table, case), land, not_assessed_m(work, land))


@lru_cache(maxsize=64)
def take_of_work(work: Work, land: Land, table: ParameterTable = SHIPPED, case: Case = "central") -> LandTake:
    """The part of :func:`assess_work` that a drawing shows at once, kept likewise: :func:`assess_work` starts from it."""
    next_step()
    prints = _footprint(work, table, case)
    return _take(prints, land, corridor_crossings(work, land, prints, table))


_footprint = lru_cache(maxsize=256)(footprint)


@lru_cache(maxsize=16)
def _whole_of(
    works: tuple[Work, ...], land: Land, table: ParameterTable, effective: tuple[Case, ...]
) -> Together:
    """Groups of lines that can meet are judged as one, and the groups added up.

    An edit that builds nothing else finds the totals here; so do cases in which no width differs.
    """
    cases = dict(zip(works, effective, strict=True))
    groups = _neighbours([(work, _footprint(work, table, cases[work])) for work in works])
    totals = [
        assess_work(group[0], land, table, "central").together
        if len(group) == 1 and cases[group[0]] == "central"
        else _joint(group, land, table, tuple(cases[work] for work in group))
        for group in groups
    ]
    if len(totals) == 1:
        return totals[0]
    names = [f.name for f in fields(Together)]
    return Together(**{name: _summed(stacked([getattr(t, name) for t in totals])) for name in names})


@lru_cache(maxsize=64)
def _joint(works: tuple[Work, ...], land: Land, table: ParameterTable, cases: tuple[Case, ...]) -> Together:
    next_step()
    pairs = zip(works, cases, strict=True)
    prints = [_footprint(work, table, case) for work, case in pairs]
    whole = combined(gpd.GeoDataFrame(pd.concat(prints, ignore_index=True), crs=WORKING))
    ring_frame, take = rings(whole), habitat_overlap(whole, land, TAKE_KEYS)
    return _together(whole, take, ring_frame, habitat_disturbance(ring_frame, land)[0], land)


def _neighbours(prints: Sequence[tuple[Work, gpd.GeoDataFrame]]) -> list[tuple[Work, ...]]:
    """Works in groups whose disturbance can meet: within twice the outermost band of each other."""
    reach_m = 2 * BANDS_M[-1]
    shapes = [shapely.GeometryCollection(frame.geometry.tolist()) for _, frame in prints]
    near = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach_m)
    graph = nx.empty_graph(len(prints))
    graph.add_edges_from(near.T.tolist())
    return [tuple(prints[i][0] for i in sorted(group)) for group in nx.connected_components(graph)]


def _effective(work: Work, table: ParameterTable, case: Case) -> Case:
    """The case, or the central one where no width is in play: a bored tunnel is then assessed only once."""
    return case if any(table.structure(part.structure) for part in work.parts) else "central"


def _nothing(land: Land) -> EcologyResult:
    """The result of no works: all tables with their columns and no rows."""
    crossings, unknown = pd.DataFrame(columns=CROSSING_COLUMNS), pd.DataFrame(columns=NOT_ASSESSED_COLUMNS)
    return _assess(_take(empty_footprint(), land, crossings), land, unknown)


def _take(prints: gpd.GeoDataFrame, land: Land, crossings: pd.DataFrame) -> LandTake:
    return LandTake(
        footprint=prints,
        habitat_take=habitat_overlap(prints, land, TAKE_KEYS),
        designation_take=designation_overlap(prints, land, TAKE_KEYS),
        wildlife_conflicts=wildlife_conflicts(prints, land),
        corridor_crossings=crossings,
    )


def _assess(take: LandTake, land: Land, unknown: pd.DataFrame) -> EcologyResult:
    ring_frame = rings(take.footprint)
    by_habitat, near = habitat_disturbance(ring_frame, land)
    return EcologyResult(
        **vars(take),
        habitat_disturbance=by_habitat,
        designation_disturbance=designation_disturbance(ring_frame, land),
        habitat_150m=near,
        not_assessed_m=unknown,
        together=_together(take.footprint, take.habitat_take, ring_frame, by_habitat, land),
    )


def _together(
    prints: gpd.GeoDataFrame,
    take: pd.DataFrame,
    ring_frame: gpd.GeoDataFrame,
    by_habitat: pd.DataFrame,
    land: Land,
) -> Together:
    """Totals of footprints and rings that do not overlap, under the line id ``all``."""
    return Together(
        habitat_take=_summed(take[["line_id", "permanence", *HABITAT_COLUMNS]]),
        designated_take=_summed(designated_overlap(prints, land, ["line_id", "permanence"])),
        habitat_disturbance=_summed(by_habitat),
        designated_disturbance=_summed(designated_disturbance(ring_frame, land)),
        take_by_class=_summed(take_by_class(prints[prints["permanence"] == "permanent"], land)),
    )


def _summed(frame: pd.DataFrame) -> pd.DataFrame:
    """All lines as one: hectares summed over rows that agree in everything else."""
    keys = [c for c in frame.columns if not c.endswith("_ha")]
    values = [c for c in frame.columns if c.endswith("_ha")]
    whole = frame.assign(line_id="all").groupby(keys, as_index=False, sort=True)[values].sum()
    order = [k for k in ("phase", "inner_m", "permanence") if k in keys]
    return whole.sort_values(order, kind="stable", ignore_index=True)


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames one below the other, those without rows left out; the first where none has any."""
    filled = [f for f in frames if len(f)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


def not_assessed_m(work: Work, land: Land) -> pd.DataFrame:
    """How many metres of each part run where no habitat is known: line_id, part_id, structure, lengths in m.

    Sampled in the middle of each metre of the part, so right to about a metre where data begin and end.
    """
    rows = []
    for part in work.parts:
        count = max(1, round(part.length_m / SAMPLE_M))
        middle_m = part.from_m + (np.arange(count) + 0.5) * part.length_m / count
        unknown = float(np.mean(land.codes_at(*work.xy_at(middle_m)) == NOT_ASSESSED_CODE))
        rows.append((work.line_id, part.part_id, part.structure, part.length_m, unknown * part.length_m))
    return pd.DataFrame(rows, columns=NOT_ASSESSED_COLUMNS)
