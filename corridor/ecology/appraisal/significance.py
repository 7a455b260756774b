"""A matrix under the headings of Annex 8 of the EIAO Technical Memorandum: a level, its figure and its reason.

A **screening aid**, never a statutory conclusion. Each part and site of each line is looked at for each group of
habitat that it takes, and each line for each group that it disturbs. A criterion gets one of four levels (none,
minor, moderate, severe) by thresholds declared in ``layers/ecology/significance.csv``; most are assumptions. The
level of a row is worked out from its six criteria by one rule, :func:`combined_level`. Every level carries the
figure that set it and a reason in English, traditional and simplified Chinese.

Annex 8, Table 1 (impact): habitat quality, species, size/abundance, duration, reversibility, magnitude
(:mod:`corridor.ecology.appraisal.impact_criteria`). Table 2 (habitat): eleven headings, of which some need a field survey and
say so. Table 3 (species) is not assessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd

from corridor.ecology.appraisal.impact_criteria import UNIT, ImpactCriteria, wildlife_reason
from corridor.ecology.appraisal.ledger import Compensation, kept_share
from corridor.ecology.appraisal.thresholds import HABITAT, IMPACT, REASONS, Finding, Reason, Thresholds
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.land.land import NOT_ASSESSED, NOT_ASSESSED_CODE, Land
from corridor.schema.rows import NAMES

LEVELS = ("none", "minor", "moderate", "severe")
OVERALL = [*UNIT, "level", "level_name", *IMPACT, *REASONS]
SURVEYED = ("diversity", "potential_value", "age", "abundance_richness")
"""Headings of Table 2 that need a field survey."""
ASSESSED_M = 500.0

Rating = tuple[int | None, float, Reason]


@dataclass(frozen=True, eq=False)
class Significance:
    """The matrix of a result.

    ``overall``: a row for each line, part or site (unit_kind: part, site; ``line`` for what a line disturbs) and
    group of habitat (or ``protected``, ground inside protected areas, and for a line ``wildlife_sites``): level (0 to 3, missing where no habitat is known), level_name, one column of levels for each of
    the six criteria, reason_en, reason_zh_hant, reason_zh_hans (of the criteria at or above its level).
    ``habitats``: Annex 8 Table 2 for each habitat affected: habitat_id, criterion, rating (0 to 3 or missing),
    value, reason. ``not_assessed``: headings without a figure, and why.
    """

    overall: pd.DataFrame
    habitats: pd.DataFrame
    not_assessed: pd.DataFrame


def significance(
    result: EcologyResult,
    land: Land,
    thresholds: pd.DataFrame | Thresholds,
    classes: pd.DataFrame,
    compensation: pd.DataFrame | Compensation,
) -> Significance:
    """The significance matrix of a result, a screening aid under the headings of EIAO-TM Annex 8.

    Parameters
    ----------
    result, land
        Works assessed, and their land.
    thresholds
        The declared table of steps and words (``layers/ecology/significance.csv``), or one already read.
    classes, compensation
        As in :func:`corridor.ecology.appraisal.ledger.assess_ledger`; ``classes`` with names in three scripts.

    Returns
    -------
    Significance
        No works give an empty matrix: nothing was assessed, which is not "no impact".

    References
    ----------
    Technical Memorandum on Environmental Impact Assessment Process (EIAO-TM), Annex 8, Tables 1 and 2.
    """
    table = thresholds if isinstance(thresholds, Thresholds) else Thresholds.of(thresholds)
    ledger = (
        compensation if isinstance(compensation, Compensation) else Compensation.of(compensation, classes)
    )
    names = _names(classes)
    criteria = ImpactCriteria(result, table, ledger, names)
    cells = chain(criteria.units(), criteria.lines())
    overall = pd.DataFrame([_row(*cell) for cell in cells], columns=OVERALL)
    overall = overall.astype({"level": "Int64", **dict.fromkeys(IMPACT, "Int64")})
    habitats = _habitat_ratings(result, land, table, ledger, names)
    return Significance(overall, habitats, _headings_not_assessed(table))


def combined_level(levels: Mapping[str, int]) -> int:
    """The level of a row from its six criteria, 0 to 3.

    importance = the higher of habitat quality and species; extent = the higher of size, magnitude and species. None if
    either is none, else their mean rounded down; one level less, not below minor, where duration and reversibility
    are at most moderate, since what is short and comes back weighs less (Annex 8, Table 1). An assumption of this
    screening.
    """
    importance = max(levels["habitat_quality"], levels["species"])
    extent = max(levels["size_abundance"], levels["magnitude"], levels["species"])
    if not importance or not extent:
        return 0
    level = (importance + extent) // 2
    passing = max(levels["duration"], levels["reversibility"]) < 3
    return max(1, level - 1) if passing else level


def _row(unit: tuple[str, ...], findings: Mapping[str, Finding], plain: Reason | None) -> tuple[object, ...]:
    """A row of ``overall``: with findings, or with one plain reason (nothing taken: none; unknown: missing)."""
    if not findings:
        known = unit[-1] != NOT_ASSESSED
        level_name = LEVELS[0] if known else NOT_ASSESSED
        return (*unit, 0 if known else None, level_name, *[None] * 6, *(plain or ("", "", "")))
    levels = {c: findings[c].level for c in IMPACT}
    level = combined_level(levels)
    telling = [findings[c].reason for c in IMPACT if levels[c] >= max(level, 1)]
    texts = zip(*(telling or [findings["habitat_quality"].reason]), strict=True)
    reasons = [join.join(dict.fromkeys(mine)) for join, mine in zip(("; ", "；", "；"), texts, strict=True)]
    return (*unit, level, LEVELS[level], *levels.values(), *reasons)


def _names(classes: pd.DataFrame) -> dict[str, Reason]:
    columns = [name if name in classes.columns else "habitat_id" for name in NAMES]
    rows = classes[["habitat_id", *columns]].astype(str).itertuples(index=False, name=None)
    return {habitat: (en, hant, hans) for habitat, en, hant, hans in rows}


def _habitat_ratings(
    result: EcologyResult, land: Land, table: Thresholds, ledger: Compensation, names: Mapping[str, Reason]
) -> pd.DataFrame:
    """Each habitat affected under the headings of Annex 8, Table 2.

    Affected ground is what the footprint takes or shades, and what is within 500 m of the sources of the phase that reaches
    more of it.

    Parameters
    ----------
    result, land
        A result and its land.
    table
        Steps and texts.
    ledger
        The multipliers; ``re_creatability`` is rated by 1 / ((1 - r)^years * delivery), hectares to create for each lost.
    names
        Names of habitats in three scripts, by id.

    Returns
    -------
    pandas.DataFrame
        Columns habitat_id, names, criterion, rating (0 to 3, missing where a survey is needed), value (the figure rated) and
        reasons in three scripts.
    """
    near = result.together.habitat_disturbance
    near = near[near["outer_m"] <= ASSESSED_M].groupby(["phase", "habitat_id"])["area_ha"].sum()
    near = near.groupby("habitat_id").max()
    take = result.together.habitat_take.groupby("habitat_id")["area_ha"].sum()
    affected = take.add(near, fill_value=0.0).drop(NOT_ASSESSED, errors="ignore").astype(float)
    shares, common = _shares(land), _of_all_habitats(result, table)
    rows: list[tuple[object, ...]] = []
    for habitat, area_ha in ((str(h), float(a)) for h, a in affected.items()):
        own = _of_habitat(habitat, area_ha, shares.get(habitat, 0.0), table, ledger)
        for heading in HABITAT:
            rating, value, reason = own.get(heading) or common[heading]
            rows.append((habitat, *names.get(habitat, (habitat,) * 3), heading, rating, value, *reason))
    columns = ["habitat_id", *NAMES, "criterion", "rating", "value", *REASONS]
    return pd.DataFrame(rows, columns=columns).astype({"rating": "Int64", "value": float})


def _headings_not_assessed(table: Thresholds) -> pd.DataFrame:
    """Headings of Tables 2 and 3 that have no figure here: columns table, criterion, reasons in three scripts."""
    survey = table.say("survey")
    rows = [("Table 2", heading, *survey) for heading in SURVEYED]
    rows.append(("Table 2", "fragmentation", *table.say("elsewhere")))
    rows += [("Table 3", h, *survey) for h in ("protection_status", "distribution", "rarity")]
    return pd.DataFrame(rows, columns=["table", "criterion", *REASONS])


def _of_habitat(
    habitat: str, area_ha: float, share: float, table: Thresholds, ledger: Compensation
) -> dict[str, Rating]:
    """Ratings by what is known of the habitat itself."""
    row = ledger.habitats.loc[("central", habitat)]
    rate = float(ledger.general.loc["central", "discount_rate"])
    ratio = 1.0 / (float(kept_share(float(row["years_to_function"]), rate)) * float(row["delivery_factor"]))
    found: dict[str, Rating] = {
        "size": (table.level("size", area_ha), area_ha, table.say("hectares", ha=area_ha)),
        "rarity": (table.level("rarity", share), share, table.say("share", share=f"{share:.1%}")),
        "re_creatability": (
            table.level("re_creatability", ratio), ratio, table.say("ratio", ratio=f"{ratio:.2f}"),
        ),
    }  # fmt: skip
    if ("naturalness", habitat) in table.ratings:
        rating = table.ratings["naturalness", habitat]
        found["naturalness"] = (rating, float(rating), table.say("man_made"))
    return found


def _of_all_habitats(result: EcologyResult, table: Thresholds) -> dict[str, Rating]:
    """Ratings that are the same for every habitat of a result, or that need a survey."""
    found: dict[str, Rating] = {h: (None, float("nan"), table.say("survey")) for h in HABITAT}
    found["fragmentation"] = (None, float("nan"), table.say("elsewhere"))
    c = result.corridor_crossings
    touched = c[(c["area_ha"] > 0) | ((c["length_m"] > 0) & ~c["underground"].astype(bool))]
    count = int(touched["corridor_id"].nunique())
    linked = table.level("ecological_linkage", count)
    found["ecological_linkage"] = (linked, count, table.say("corridors", count=count))
    found["nursery"] = (0, float("nan"), table.say("no_wildlife"))
    nests = result.wildlife_conflicts[result.wildlife_conflicts["kind"] == "egretry"]
    for first in nests.sort_values("distance_m", kind="stable").head(1).to_dict("records"):
        distance_m = float(first["distance_m"])
        found["nursery"] = (table.level("species", distance_m), distance_m, wildlife_reason(table, first))
    return found


def _shares(land: Land) -> dict[str, float]:
    """The share of each habitat in the ground that is known, rows of a raster in degrees weighted by latitude."""
    rows = land.habitat.shape[0]
    north, step = land.transform.f, land.transform.e
    degrees = abs(north) <= 90
    weight = np.cos(np.radians(north + (np.arange(rows) + 0.5) * step)) if degrees else np.ones(rows)
    size = int(max(land.habitat.max(), land.nodata)) + 1
    counts = np.zeros(size)
    for row, w in zip(land.habitat, weight, strict=True):
        counts += w * np.bincount(row, minlength=size)
    counts[land.nodata] = 0.0
    total = counts.sum()
    known = land.names[land.names.index != NOT_ASSESSED_CODE]["habitat_id"]
    return {str(h): float(counts[c] / total) if c < size else 0.0 for c, h in known.items()}


__all__ = ["IMPACT", "LEVELS", "Significance", "Thresholds", "combined_level", "significance"]
