"""Headline figures of a result, in all cases of widths, and one result against another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from corridor.ecology.impact.assess import EcologyResult, assess, totals
from corridor.ecology.impact.disturbance import EQUIVALENTS, PHASES
from corridor.ecology.land.land import DESIGNATION_CLASSES, NOT_ASSESSED, OUTSIDE, PROTECTED, Land
from corridor.ecology.works.parameters import PERMANENCES, SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work
from corridor.schema.tables import CASES

OUTSIDE_GROUPS = {
    "wetland": ("wetland",),
    "marine": ("marine",),
    "other": ("woodland", "open", "farmland", "freshwater"),
}
"""Habitat groups of a figure of land take outside all designations; built-up land is in none."""

NEAR_M = 500.0
"""Disturbance is counted within this distance of its source."""


@dataclass(frozen=True)
class Headline:
    """The figures that a score is built on, overlaps between lines counted once.

    ``_ha`` hectares, ``_m`` metres. *permanent*, *temporary* and *shade* are the footprint; *operation* and
    *construction* the area within 500 m of the sources of that phase; *equivalent* the area weighted by the
    central decay curve. wetland and marine are habitat groups, protected the union of designations; ramsar_sssi,
    wetland_area and park are its classes (each hectare in its highest one only, so that they add up to protected);
    *outside* is ground in none of them, *other* its woodland, open country, farmland and fresh water.
    """

    permanent_ha: float
    permanent_wetland_ha: float
    permanent_marine_ha: float
    permanent_protected_ha: float
    permanent_ramsar_sssi_ha: float
    permanent_wetland_area_ha: float
    permanent_park_ha: float
    permanent_wetland_outside_ha: float
    permanent_marine_outside_ha: float
    permanent_other_outside_ha: float
    temporary_ha: float
    temporary_wetland_ha: float
    temporary_marine_ha: float
    temporary_protected_ha: float
    shade_wetland_ha: float
    shade_marine_ha: float
    construction_wetland_ha: float
    construction_marine_ha: float
    construction_protected_ha: float
    construction_wetland_equivalent_ha: float
    construction_marine_equivalent_ha: float
    operation_wetland_ha: float
    operation_marine_ha: float
    operation_protected_ha: float
    operation_wetland_equivalent_ha: float
    operation_marine_equivalent_ha: float
    wildlife_sites_construction: float
    wildlife_sites_operation: float
    corridors_crossed_open_m: float
    corridors_crossed_underground_m: float
    corridors_taken_ha: float
    not_assessed_ha: float
    not_assessed_m: float


def headline(result: EcologyResult) -> Headline:
    """The headline figures of a result; all zero where there are no works.

    Hectares are those of :class:`~corridor.ecology.impact.assess.Together`, so that ground of two lines counts once. Metres
    and hectares of corridors are summed over parts and sites; each wildlife site counts once a phase.
    """
    total, crossings, wildlife = result.together, result.corridor_crossings, result.wildlife_conflicts
    under, classes = crossings["underground"].astype(bool), total.take_by_class
    found = {f"permanent_{name}_ha": _area(classes, designation_class=name) for name in DESIGNATION_CLASSES}
    for name, groups in OUTSIDE_GROUPS.items():
        outside = (_area(classes, designation_class=OUTSIDE, group=group) for group in groups)
        found[f"permanent_{name}_outside_ha"] = sum(outside)
    for kind in PERMANENCES:
        take = total.habitat_take[total.habitat_take["permanence"] == kind]
        found |= {f"{kind}_{group}_ha": _area(take, group=group) for group in ("wetland", "marine")}
        if kind != "shade":
            protected = _area(total.designated_take, permanence=kind, designation=PROTECTED)
            found |= {f"{kind}_ha": _area(take), f"{kind}_protected_ha": protected}
    for phase in PHASES:
        habitat, designated = (
            frame[(frame["phase"] == phase) & (frame["outer_m"] <= NEAR_M)]
            for frame in (total.habitat_disturbance, total.designated_disturbance)
        )
        for group in ("wetland", "marine"):
            found[f"{phase}_{group}_ha"] = _area(habitat, group=group)
            found[f"{phase}_{group}_equivalent_ha"] = _area(habitat, EQUIVALENTS[1], group=group)
        found[f"{phase}_protected_ha"] = _area(designated, designation=PROTECTED)
        sites = wildlife.loc[wildlife["phase"] == phase, "site_id"]
        found[f"wildlife_sites_{phase}"] = float(sites.nunique())
    return Headline(
        **found,
        corridors_crossed_open_m=float(crossings.loc[~under, "length_m"].sum()),
        corridors_crossed_underground_m=float(crossings.loc[under, "length_m"].sum()),
        corridors_taken_ha=float(crossings["area_ha"].sum()),
        not_assessed_ha=_area(total.habitat_take, group=NOT_ASSESSED),
        not_assessed_m=float(result.not_assessed_m["not_assessed_m"].sum()),
    )


def _area(frame: pd.DataFrame, column: str = "area_ha", **where: str) -> float:
    """The sum of a column where all named columns hold the given value."""
    wanted = np.ones(len(frame), dtype=np.bool_)
    for key, value in where.items():
        wanted &= frame[key].to_numpy(dtype=object) == value
    return float(frame[column].to_numpy(dtype=float)[wanted].sum())


@dataclass(frozen=True)
class Assessment:
    """What a set of works takes, disturbs and crosses.

    Attributes
    ----------
    result
        All tables, with the central widths.
    headlines
        Headline figures by case of widths: low, central, high.
    """

    result: EcologyResult
    headlines: Mapping[str, Headline]


def assess_cases(works: Sequence[Work], land: Land, table: ParameterTable = SHIPPED) -> Assessment:
    """Assess works in all cases of widths.

    Parameters
    ----------
    works, land, table
        As in :func:`corridor.ecology.impact.assess.assess`.

    Returns
    -------
    Assessment
        Tables of the central case. Of the headlines, areas taken and disturbed vary with the case; wildlife sites, corridors
        and unknown ground along the line are those of the central one.
    """
    result = assess(works, land, table)
    of = {case: replace(result, together=totals(works, land, table, case)) for case in CASES}
    return Assessment(result, {case: headline(r) for case, r in of.items()})


@dataclass(frozen=True)
class EcologyDifference:
    """One result less another. ``headline``: every headline figure (measure) of both (a, b), and the difference."""

    headline: pd.DataFrame


def difference(a: EcologyResult, b: EcologyResult) -> EcologyDifference:
    """What one result takes, disturbs and crosses beyond another.

    Parameters
    ----------
    a, b
        Two results on the same land.

    Returns
    -------
    EcologyDifference
        ``a`` less ``b`` (ha, m); negative where ``a`` has less impact.
    """
    both = pd.DataFrame({"a": asdict(headline(a)), "b": asdict(headline(b))}).rename_axis("measure")
    return EcologyDifference(both.assign(difference=both["a"] - both["b"]).reset_index())
