"""The sections of a review that rest on a method, as rows: quality, animals, ledger, hierarchy, significance, seasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corridor.drawing.i18n import term
from corridor.drawing.long_section import long_section_drawing
from corridor.drawing.numbers import hectares, signed
from corridor.schema.rows import flag_of, names, number_of, rows_of
from corridor.schema.text import Text
from corridor.study.nature import QUALITY_ROLES, SIGNIFICANCE_ROLES, TAXA_ROLES
from corridor.web.conflict_card import level_name
from corridor.web.review_sheet import Sheet
from corridor.web.templates import drawn

SHOWN_RULES = 15


def views(sheet: Sheet) -> dict[str, Any]:
    """What the template of these sections reads, by its name there."""
    side = sheet.subject
    return {
        "drawings": [drawn(long_section_drawing(s), "long-section") for s in side.sections],
        "seasons": seasons(sheet),
        "shown_rules": SHOWN_RULES,
        "quality": quality(sheet),
        "taxa": [*taxa(sheet)],
        "animals": names(sheet.animals, "taxon_id"),
        "cores": names(sheet.cores, "core_id"),
        "ledger": ledger(sheet),
        "hierarchy": hierarchy(sheet),
        "significance": significance(sheet),
        "level_name": level_name,
        "roles": {
            "review_quality": QUALITY_ROLES,
            "review_taxa": TAXA_ROLES,
            "review_ledger": ("compensation",),
            "review_significance": SIGNIFICANCE_ROLES,
        },
    }


def seasons(sheet: Sheet) -> list[dict[str, Any]]:
    """Rules on seasons and distances that apply to parts and sites, those that are sure first."""
    rows = rows_of(sheet.subject.seasons)
    return sorted(rows, key=lambda r: (not flag_of(r["sure"]), r["rule_id"], r["line_id"], r["subject_id"]))


@dataclass(frozen=True)
class QualityLoss:
    """Habitat quality lost (ha), by habitat and side, a column for each cause and one for the sum; the last row is the sum."""

    causes: list[Text]
    rows: Sequence[tuple[Text, Text, Sequence[str]]]
    total: Sequence[str]


def quality(sheet: Sheet) -> QualityLoss | None:
    """The largest losses first; None where nothing is lost or quality was not assessed."""
    change = sheet.subject.quality
    if change is None or change.losses.empty:
        return None
    grid = change.losses.pivot_table(
        index=["side", "habitat_id"], columns="cause", values="loss_ha", aggfunc="sum", fill_value=0.0
    )
    grid = grid.loc[grid.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    grid = grid[grid.sum().sort_values(ascending=False).index]

    def amounts(values: Sequence[float]) -> list[str]:
        return [hectares(float(v)) for v in (*values, sum(values))]

    return QualityLoss(
        [term("cause", c) for c in grid.columns],
        [
            (sheet.habitat(h), sheet.region.names.get(s) or term("side", s), amounts(list(row)))
            for (s, h), row in grid.iterrows()
        ],
        amounts(list(grid.sum())),
    )


def taxa(sheet: Sheet) -> Iterator[dict[str, Any]]:
    """Each animal: what it can reach, and the way that suffers most, with the change of its resistance by case."""
    result = sheet.subject.taxa
    if result is None:
        return
    for row in rows_of(result.headline()):
        ways = result.resistance[
            (result.resistance["taxon_id"] == row["taxon_id"])
            & (result.resistance["from_core"] == row.get("from_core"))
            & (result.resistance["to_core"] == row.get("to_core"))
        ]
        by_case = dict(zip(ways["case"], ways["change_percent"], strict=True))
        changes = " / ".join(signed(by_case.get(c)) for c in ("low", "central", "high"))
        yield {"from_core": None, "to_core": None} | row | {"changes": changes}


def ledger(sheet: Sheet) -> list[dict[str, Any]]:
    """What is lost in area and in function, and the hectares that would have to be created; habitats with a loss."""
    if sheet.subject.ledger is None:
        return []
    lost = ("lost_for_good_ha", "lost_for_a_time_ha", "function_lost_ha")
    rows = rows_of(sheet.subject.ledger.at("central").reset_index())
    return [r for r in rows if any((number_of(r[c]) or 0.0) > 0 for c in lost)]


def hierarchy(sheet: Sheet) -> list[dict[str, Any]]:
    """What the subject avoids, minimises, compensates and leaves of the other's impact."""
    accounts = sheet.review.hierarchy
    if accounts is None:
        return []
    return list(rows_of(accounts.totals[accounts.totals["case"] == "central"]))


@dataclass(frozen=True)
class Significance:
    """Rows of the matrix that are significant, those that are not, and headings that were not assessed."""

    told: Sequence[Mapping[str, Any]]
    rest: Sequence[Mapping[str, Any]]
    missing: Sequence[Mapping[str, Any]]


def significance(sheet: Sheet) -> Significance | None:
    """Level and reasons for each part, site and line, the most significant first; None where there are no rows."""
    matrix = sheet.subject.significance
    if matrix is None or matrix.overall.empty:
        return None
    ordered = matrix.overall.sort_values("level", ascending=False, kind="stable", na_position="last")
    rows = list(rows_of(ordered))
    told = [r for r in rows if (number_of(r["level"]) or 0) > 0]
    rest = [r for r in rows if not (number_of(r["level"]) or 0) > 0]
    return Significance(told, rest, list(rows_of(matrix.not_assessed)))
