"""The verdict on method.html: dominance before any weight, the value of each change, the ranking of each panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd

from corridor.drawing.i18n import STRINGS, region_words, term
from corridor.drawing.numbers import figure, points, signed
from corridor.drawing.shares import percent
from corridor.schema.comparison import ON_BUILDOUT
from corridor.schema.region import Region
from corridor.schema.rows import rows_of, text_of
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.study.ranking import DRAWS
from corridor.web.tables import Cell, CriterionRow, criterion_rows

START, WIDTH = 4.0, 172.0
"""Left end and length of the axis of a bar, in pixels."""


def views(comparison: Comparison, region: Region) -> dict[str, Any]:
    """What method.html.j2 reads, by its name there."""
    return {
        "dominance": [(state, frame) for state, _, frame in _states(comparison, region, "dominance")],
        "values": values(comparison),
        "rankings": ranking(comparison, region),
        "share_of_draws": partial(percent, draws=DRAWS),
        "profiles": [term("profile", p) for p in comparison.weights.get("profile", pd.Series()).unique()],
        "weights": weights(comparison),
    }


def _states(comparison: Comparison, region: Region, table: str) -> Iterator[tuple[Text, str, pd.DataFrame]]:
    """A table on today's people and on the planned build-out, where it is known: title, suffix of the field, frame."""
    for key, suffix in (("on_census", ""), ("on_buildout", ON_BUILDOUT)):
        frame = getattr(comparison, table + suffix)
        if len(frame):
            yield {**STRINGS, **region_words(region)}[key], suffix, frame


def values(comparison: Comparison) -> list[CriterionRow]:
    """By criterion with an anchor, what the change of every scenario but the reference is worth, in value points."""

    def cell(row: Mapping[str, Any], scenario_id: str) -> Cell:
        key, unit = row["criterion_id"], row["unit"]
        now, was = (comparison.headline.loc[i, key] for i in (scenario_id, comparison.reference_id))
        change = f"{figure(now, unit)} ({signed(now - was, unit)})"
        return Cell(points(comparison.value_points.loc[scenario_id, key]), (("change", change),))

    others = [i for i in comparison.results if i != comparison.reference_id]
    return [
        (row, [cell(row, i) for i in others])
        for key, row in criterion_rows(comparison).items()
        if key in comparison.value_points.columns
    ]


def bar(row: Mapping[str, Any], least: float, most: float) -> dict[str, float]:
    """The range of a score on an axis, in pixels: from `left` over `width`, the score at `centre`, 0 at `zero`.

    Parameters
    ----------
    row
        A row of a ranking: score_low, score, score_high.
    least, most
        Scores at the ends of the axis.
    """
    span = (most - least) or 1.0
    low, centre, high, zero = (
        round(START + WIDTH * (v - least) / span, 1)
        for v in (row["score_low"], row["score"], row["score_high"], 0.0)
    )
    return {"left": low, "width": max(round(high - low, 1), 1), "centre": round(centre - 1, 1), "zero": zero}


Panel = tuple[Text, int, list[dict[str, Any]]]
"""A panel of judges, how many they are, and its rows of the ranking, each with its `bar` and with `better`, the share of
the draws in which it is better than the reference (None: not known)."""


def ranking(comparison: Comparison, region: Region) -> list[tuple[Text, list[Panel]]]:
    """By state of the land, the ranking of each panel; bars of a state share their axis.

    Parameters
    ----------
    comparison
        The comparison.
    region
        For the name of the planned build-out.
    """
    judges = {text_of(r["profile"]): int(r["judges"]) for r in rows_of(comparison.weights)}
    found = []
    for state, suffix, frame in _states(comparison, region, "ranking"):
        better = {
            (r["profile"], r["scenario_id"]): float(r["probability"])
            for r in rows_of(getattr(comparison, "better" + suffix))
            if r["against"] == comparison.reference_id
        }
        ends = min(float(frame["score_low"].min()), 0.0), max(float(frame["score_high"].max()), 0.0)
        panels = []
        for profile, ranked in frame.groupby("profile", sort=False):
            rows = [
                r | {"bar": bar(r, *ends), "better": better.get((profile, r["scenario_id"]))}
                for r in rows_of(ranked.sort_values(["rank", "scenario_id"]))
            ]
            panels.append((term("profile", profile), judges.get(str(profile), 1), rows))
        found.append((state, panels))
    return found


def weights(comparison: Comparison) -> list[CriterionRow]:
    """By criterion, its weight under each panel, with the least and most of its judges where they are several."""

    def cell(row: Mapping[str, Any]) -> Cell:
        ends = f"{100 * row['weight_low']:.0f} – {100 * row['weight_high']:.0f} %"
        return Cell(f"{100 * row['weight']:.1f} %", (("range", ends),) if row["judges"] > 1 else ())

    found: dict[str, list[Cell]] = {}
    for row in rows_of(comparison.weights):
        found.setdefault(row["criterion"], []).append(cell(row))
    known = criterion_rows(comparison)
    return [(known[c], cells) for c, cells in found.items()]
