"""A matrix under the headings of Annex 8 of the EIAO Technical Memorandum: a level, its figure and its reason.

A **screening aid**, never a statutory conclusion. Each part and site of each line is looked at for each group of
habitat that it takes, and each line for each group that it disturbs. A criterion gets one of four levels (none,
minor, moderate, severe) by thresholds declared in ``layers/ecology/significance.csv``; most are assumptions. The
level of a row is worked out from its six criteria by one rule, :func:`combined_level`. Every level carries the
figure that set it and a reason in English, traditional and simplified Chinese.

Annex 8, Table 1 (impact): habitat quality, species, size/abundance, duration, reversibility, magnitude
(:mod:`corridor.ecology.appraisal.impact_criteria`). Table 2 (habitat): eleven headings, of which some need a field survey and
say so (:mod:`corridor.ecology.appraisal.habitat_criteria`). Table 3 (species) is not assessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from corridor.ecology.appraisal.habitat_criteria import habitat_ratings, headings_not_assessed
from corridor.ecology.appraisal.impact_criteria import UNIT, Cell, ImpactCriteria
from corridor.ecology.appraisal.ledger import Compensation
from corridor.ecology.appraisal.thresholds import HABITAT, IMPACT, REASONS, Finding, Reason, Thresholds
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.land.land import NOT_ASSESSED, PROTECTED, Land
from corridor.schema.rows import NAMES

LABEL = "screening aid modelled on the headings of EIAO-TM Annex 8, not an impact assessment"
LEVELS = ("none", "minor", "moderate", "severe")
OVERALL = [*UNIT, "level", "level_name", *IMPACT, *REASONS]


@dataclass(frozen=True, eq=False)
class Significance:
    """The matrix of a result.

    ``overall``: a row for each line, part or site (unit_kind: part, site; ``line`` for what a line disturbs) and
    group of habitat (or ``protected``, ground inside protected areas, and for a line ``wildlife_sites``): level (0 to 3, missing where no habitat is known), level_name, one column of levels for each of
    the six criteria, reason_en, reason_zh_hant, reason_zh_hans (of the criteria at or above its level).
    ``impacts``: the same cells in long form: criterion, level, value, measure, reason in three scripts.
    ``habitats``: Annex 8 Table 2 for each habitat affected: habitat_id, criterion, rating (0 to 3 or missing),
    value, reason. ``lines``: the highest level of each line and how many rows reach it. ``not_assessed``: headings
    without a figure, and why.
    """

    overall: pd.DataFrame
    impacts: pd.DataFrame
    habitats: pd.DataFrame
    lines: pd.DataFrame
    not_assessed: pd.DataFrame
    label: str = LABEL


def significance(
    result: EcologyResult,
    land: Land,
    thresholds: pd.DataFrame | Thresholds,
    classes: pd.DataFrame,
    compensation: pd.DataFrame | Compensation,
    quality: Mapping[str, float] | None = None,
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
    quality
        Factor (0 to 1) on the ecological value of a habitat.

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
    criteria = ImpactCriteria(result, table, ledger, quality or {}, names)
    cells = [*criteria.units(), *criteria.lines()]
    overall = pd.DataFrame([_row(*cell) for cell in cells], columns=OVERALL)
    overall = overall.astype({"level": "Int64", **dict.fromkeys(IMPACT, "Int64")})
    return Significance(
        overall,
        _long(cells),
        habitat_ratings(result, land, table, ledger, names),
        _lines(overall),
        headings_not_assessed(table),
    )


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


def _long(cells: Sequence[Cell]) -> pd.DataFrame:
    rows = [
        (*unit, criterion, f.level, f.value, f.measure, *f.reason)
        for unit, findings, _ in cells
        for criterion, f in findings.items()
    ]
    return pd.DataFrame(rows, columns=[*UNIT, "criterion", "level", "value", "measure", *REASONS])


def _lines(overall: pd.DataFrame) -> pd.DataFrame:
    """The highest level of each line: line_id, level, level_name, rows at that level, rows without a level."""
    rows = []
    for line_id, levels in overall.groupby("line_id", sort=True)["level"]:
        known = levels.dropna()
        top = int(known.max()) if len(known) else 0
        rows.append((line_id, top, LEVELS[top], int((known == top).sum()), int(levels.isna().sum())))
    return pd.DataFrame(rows, columns=["line_id", "level", "level_name", "rows", "rows_not_assessed"])


def _names(classes: pd.DataFrame) -> dict[str, Reason]:
    columns = [name if name in classes.columns else "habitat_id" for name in NAMES]
    rows = classes[["habitat_id", *columns]].astype(str).itertuples(index=False, name=None)
    return {habitat: (en, hant, hans) for habitat, en, hant, hans in rows}


__all__ = [
    "HABITAT", "IMPACT", "LEVELS", "PROTECTED", "Finding", "Significance", "Thresholds", "combined_level",
    "significance",
]  # fmt: skip
