"""Headline figures of a result, and one result against another."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd

from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.impact.disturbance import EQUIVALENTS
from corridor.ecology.land.land import DESIGNATION_CLASSES, NOT_ASSESSED, OUTSIDE, PROTECTED

OUTSIDE_GROUPS = {
    "wetland": ("wetland",),
    "marine": ("marine",),
    "other": ("woodland", "open", "farmland", "freshwater"),
}
"""Habitat groups of a figure of land take outside all designations; built-up land is in none."""


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
    """The headline figures of a result; all zero where there are no works."""
    total, crossings, wildlife = result.together, result.corridor_crossings, result.wildlife_conflicts
    under = crossings["underground"].astype(bool)
    take = {
        f"{p}_{name}ha": _area(total.habitat_take, permanence=p, **_group(name))
        for p in ("permanent", "temporary", "shade")
        for name in (("wetland_", "marine_") if p == "shade" else ("", "wetland_", "marine_"))
    }
    protected = {
        f"{p}_protected_ha": _area(total.designated_take, permanence=p, designation=PROTECTED)
        for p in ("permanent", "temporary")
    }
    classes = {
        f"permanent_{name}_ha": _area(total.take_by_class, designation_class=name)
        for name in DESIGNATION_CLASSES
    }
    outside = {
        f"permanent_{name}_outside_ha": sum(
            _area(total.take_by_class, designation_class=OUTSIDE, group=group) for group in groups
        )
        for name, groups in OUTSIDE_GROUPS.items()
    }
    phases: dict[str, float] = {}
    near = total.habitat_disturbance[total.habitat_disturbance["outer_m"] <= 500]
    near_protected = total.designated_disturbance[total.designated_disturbance["outer_m"] <= 500]
    for phase in ("construction", "operation"):
        for name in ("wetland_", "marine_"):
            phases[f"{phase}_{name}ha"] = _area(near, phase=phase, **_group(name))
            phases[f"{phase}_{name}equivalent_ha"] = _area(near, EQUIVALENTS[1], phase=phase, **_group(name))
        phases[f"{phase}_protected_ha"] = _area(near_protected, phase=phase, designation=PROTECTED)
    return Headline(
        **take,
        **protected,
        **classes,
        **outside,
        **phases,
        wildlife_sites_construction=_number(wildlife, "construction"),
        wildlife_sites_operation=_number(wildlife, "operation"),
        corridors_crossed_open_m=float(crossings.loc[~under, "length_m"].sum()),
        corridors_crossed_underground_m=float(crossings.loc[under, "length_m"].sum()),
        corridors_taken_ha=float(crossings["area_ha"].sum()),
        not_assessed_ha=_area(total.habitat_take, group=NOT_ASSESSED),
        not_assessed_m=float(result.not_assessed_m["not_assessed_m"].sum()),
    )


def _number(wildlife: pd.DataFrame, phase: str) -> float:
    return float(wildlife.loc[wildlife["phase"] == phase, "site_id"].nunique())


def _group(name: str) -> dict[str, str]:
    return {"group": name.rstrip("_")} if name else {}


def _area(frame: pd.DataFrame, column: str = "area_ha", **where: str) -> float:
    """The sum of a column where all named columns hold the given value."""
    wanted = np.ones(len(frame), dtype=np.bool_)
    for key, value in where.items():
        wanted &= frame[key].to_numpy(dtype=object) == value
    return float(frame[column].to_numpy(dtype=float)[wanted].sum())


@dataclass(frozen=True)
class EcologyDifference:
    """One result less another, line ids set aside. Each frame has ``*_a``, ``*_b`` and their difference.

    A row that only one of the two has counts as zero in the other. ``wildlife`` lists a site once for each
    phase with both distances (missing where farther than 500 m); ``corridors`` the metres crossed in the
    open and underground; ``headline`` every headline figure.
    """

    headline: pd.DataFrame
    habitat_take: pd.DataFrame
    designated_take: pd.DataFrame
    habitat_disturbance: pd.DataFrame
    designated_disturbance: pd.DataFrame
    wildlife: pd.DataFrame
    corridors: pd.DataFrame


def difference(a: EcologyResult, b: EcologyResult) -> EcologyDifference:
    """What ``a`` takes, disturbs and crosses beyond ``b``; negative where ``a`` spares."""
    x, y = a.together, b.together
    band = ["phase", "band", "inner_m", "outer_m"]
    areas = ["area_ha", *EQUIVALENTS]
    habitat, ha = ["habitat_id", "group"], ["area_ha"]
    crossed = [r.corridor_crossings.astype({"underground": bool}) for r in (a, b)]
    return EcologyDifference(
        headline=_headline_difference(headline(a), headline(b)),
        habitat_take=_less(x.habitat_take, y.habitat_take, ["permanence", *habitat], ha),
        designated_take=_less(x.designated_take, y.designated_take, ["permanence", "designation"], ha),
        habitat_disturbance=_less(x.habitat_disturbance, y.habitat_disturbance, [*band, *habitat], areas),
        designated_disturbance=_less(
            x.designated_disturbance, y.designated_disturbance, [*band, "designation"], areas
        ),
        wildlife=_wildlife_difference(a.wildlife_conflicts, b.wildlife_conflicts),
        corridors=_less(crossed[0], crossed[1], ["corridor_id", "underground"], ["length_m", "area_ha"]),
    )


def _less(a: pd.DataFrame, b: pd.DataFrame, keys: list[str], values: list[str]) -> pd.DataFrame:
    sums = [frame.groupby(keys, sort=True)[values].sum().astype(float) for frame in (a, b)]
    first, second = (s.reindex(sums[0].index.union(sums[1].index), fill_value=0.0) for s in sums)
    both = first.add_suffix("_a").join(second.add_suffix("_b"))
    return both.join(first - second).reset_index()


def _wildlife_difference(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    nearest = [f.groupby(["site_id", "kind", "phase"])["distance_m"].min().astype(float) for f in (a, b)]
    both = pd.concat(nearest, axis=1, keys=["distance_m_a", "distance_m_b"], sort=True)
    change = both["distance_m_a"].notna().astype(int) - both["distance_m_b"].notna().astype(int)
    return both.assign(conflicts=change).reset_index()


def _headline_difference(a: Headline, b: Headline) -> pd.DataFrame:
    x, y = asdict(a), asdict(b)
    rows = [(f.name, x[f.name], y[f.name], x[f.name] - y[f.name]) for f in fields(Headline)]
    return pd.DataFrame(rows, columns=["measure", "a", "b", "difference"])
