"""The sections of a review that rest on a method, as rows: quality, animals, ledger, hierarchy, significance, seasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from corridor.drawing.i18n import fill, t, term
from corridor.drawing.long_section import long_section_drawing
from corridor.drawing.numbers import hectares, signed
from corridor.schema.rows import flag_of, names, number_of, rows_of
from corridor.schema.tables import CASES
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
        "restored": restored(sheet),
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


def quality(sheet: Sheet) -> tuple[list[Text], list[tuple[Text, Text, list[str]]]] | None:
    """Habitat quality lost (ha): the causes, and by habitat and side the loss by each and their sum, the largest first and
    the sums last; None where nothing is lost or quality was not assessed."""
    change = sheet.subject.quality
    if change is None or change.losses.empty:
        return None
    grid = change.losses.pivot_table(
        index=["side", "habitat_id"], columns="cause", values="loss_ha", aggfunc="sum", fill_value=0.0
    )
    grid = grid.loc[grid.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    grid = grid[grid.sum().sort_values(ascending=False).index]

    def amounts(values: pd.Series[float]) -> list[str]:
        return [hectares(float(v)) for v in (*values, sum(values))]

    sides = sheet.layers.region.names
    rows = [
        (sheet.layers.habitat(h), sides.get(s) or term("side", s), amounts(row))
        for (s, h), row in grid.iterrows()
    ]
    causes = [term("cause", c) for c in grid.columns]
    return causes, [*rows, (t("total"), Text(en=""), amounts(grid.sum()))]


def taxa(sheet: Sheet) -> Iterator[dict[str, Any]]:
    """Each animal: what it can reach, and the link that suffers most.

    Yields
    ------
    dict
        A row of the headline of the taxa, with ``changes``: the change of effective resistance in percent by case (low /
        central / high).
    """
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
    """Habitats with a loss: what is lost in area and in function, and the hectares that would have to be created.

    Returns
    -------
    list of dict
        Rows of the central case; empty where no ledger was made.
    """
    if sheet.subject.ledger is None:
        return []
    lost = ("lost_permanently_ha", "lost_temporarily_ha", "function_lost_ha")
    rows = rows_of(sheet.subject.ledger.at("central").reset_index())
    return [r for r in rows if any((number_of(r[c]) or 0.0) > 0 for c in lost)]


def restored(sheet: Sheet) -> Text | None:
    """What wetland managed better gives, beside what is lost; None where the scenario names no area for it.

    Function by case of need: the low case counts most, the high case least.
    """
    if sheet.subject.ledger is None:
        return None
    cases = {case: sheet.subject.ledger.at(case) for case in CASES}
    area = float(cases["central"]["enhanced_ha"].sum())
    if not area:
        return None
    gained = {case: hectares(rows["function_delivered_ha"].sum()) for case, rows in cases.items()}
    lost = hectares(cases["central"]["function_lost_ha"].sum())
    return fill("review_restored", area=hectares(area), lost=lost, **gained)


def hierarchy(sheet: Sheet) -> list[dict[str, Any]]:
    """What the subject avoids, minimises, compensates and leaves of the other's impact.

    Returns
    -------
    list of dict
        Totals of the central case; empty where the review has no other scenario, or the study no compensation
        ratios.
    """
    accounts = sheet.review.hierarchy
    if accounts is None:
        return []
    return list(rows_of(accounts.totals[accounts.totals["case"] == "central"]))


def significance(sheet: Sheet) -> tuple[list[dict[str, Any]], list[dict[str, Any]]] | None:
    """Level and reasons for each part, site and line, the most significant first, and apart those of no significance;
    None where there are no rows."""
    matrix = sheet.subject.significance
    if matrix is None or matrix.overall.empty:
        return None
    ordered = matrix.overall.sort_values("level", ascending=False, kind="stable", na_position="last")
    told = pd.to_numeric(ordered["level"], errors="coerce") > 0
    return [*rows_of(ordered[told])], [*rows_of(ordered[~told])]
