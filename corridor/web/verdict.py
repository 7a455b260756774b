"""The verdict of index.html as rows: dominance before any weight, the value of each change, the ranking of each panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from corridor.drawing.i18n import fill, joined, region_words, t, term
from corridor.drawing.numbers import figure, signed
from corridor.schema.comparison import ON_BUILDOUT
from corridor.schema.region import Region
from corridor.schema.rows import number_of, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.tables import Cell, CriterionRow, criterion_rows
from corridor.web.titles import Titles

START, WIDTH = 4.0, 172.0
"""Left end and length of the axis of a bar, in pixels."""


def views(comparison: Comparison, region: Region) -> dict[str, Any]:
    """What verdict.html.j2 reads, by its name there."""
    profiles, rows = weights(comparison)
    return {
        "dominance": dominance(comparison, region),
        "values": values(comparison),
        "points": points,
        "rankings": ranking(comparison, region),
        "profiles": profiles,
        "weights": rows,
    }


def _states(comparison: Comparison, region: Region, table: str) -> Iterator[tuple[Text, str, pd.DataFrame]]:
    """A table on today's people and on the planned build-out, where it is known: title, suffix of the field, frame."""
    for key, suffix in (("on_census", ""), ("on_buildout", ON_BUILDOUT)):
        frame = getattr(comparison, table + suffix)
        if len(frame):
            yield region_words(region).get(key) or t(key), suffix, frame


def dominance(comparison: Comparison, region: Region) -> list[tuple[Text, list[Text]]]:
    """By state of the land, which scenarios another one that someone proposes dominates."""
    named = Titles(comparison)
    found = []
    for state, _, frame in _states(comparison, region, "dominance"):
        said = [
            fill(
                "dominated_by",
                scenario=named.said(row["scenario_id"]),
                others=joined([named.said(i) for i in text_of(row["dominated_by"]).split()]),
            )
            for row in rows_of(frame[frame["dominated"].astype(bool)])
        ]
        found.append((state, said or [t("dominated_none")]))
    return found


def values(comparison: Comparison) -> list[CriterionRow]:
    """By criterion with an anchor, what the change of every scenario but the reference is worth."""
    return [
        CriterionRow(row, [_value_cell(comparison, row, i) for i in Titles(comparison).others])
        for row in criterion_rows(comparison)
        if row["criterion_id"] in comparison.value_points.columns
    ]


def _value_cell(comparison: Comparison, row: Mapping[str, Any], scenario_id: str) -> Cell:
    key, unit = row["criterion_id"], row["unit"]
    now, was = (comparison.headline.loc[i, key] for i in (scenario_id, comparison.reference_id))
    change = f"{figure(now, unit)} ({signed(now - was, unit)})"
    return Cell(points(comparison.value_points.loc[scenario_id, key]), (("change", change),))


def points(value: object) -> str:
    """Value points with their sign, to two places."""
    found = number_of(value) or 0.0
    words = f"{abs(found):.2f}"
    return words if words == "0.00" else ("−" if found < 0 else "+") + words


@dataclass(frozen=True)
class Bar:
    """The range of a score on an axis, in pixels: from `left` over `width`, the score at `centre`, 0 at `zero`."""

    left: float
    width: float
    centre: float
    zero: float
    label: str


def bar(row: Mapping[str, Any], least: float, most: float) -> Bar:
    """The range of a score on an axis from `least` to `most`."""
    span = (most - least) or 1.0
    low, centre, high, zero = (
        round(START + WIDTH * (v - least) / span, 1)
        for v in (row["score_low"], row["score"], row["score_high"], 0.0)
    )
    label = f"{points(row['score_low'])} … {points(row['score_high'])}"
    return Bar(low, max(round(high - low, 1), 1), round(centre - 1, 1), zero, label)


@dataclass(frozen=True)
class Panel:
    """The ranking of one panel of judges: rows of the frame, each with its `bar` and with `better`, the share of the
    draws in which it is better than the reference (None: not known)."""

    profile: Text
    judges: int
    rows: Sequence[Mapping[str, Any]]


def ranking(comparison: Comparison, region: Region) -> list[tuple[Text, list[Panel]]]:
    """By state of the land, the ranking of each panel; bars of a state share their axis."""
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
        for profile, rows in frame.groupby("profile", sort=False):
            ordered = rows_of(rows.sort_values(["rank", "scenario_id"]))
            extended = [
                r | {"bar": bar(r, *ends), "better": better.get((profile, r["scenario_id"]))} for r in ordered
            ]
            panels.append(Panel(term("profile", profile), judges.get(str(profile), 1), extended))
        found.append((state, panels))
    return found


def weights(comparison: Comparison) -> tuple[list[Text], list[tuple[dict[Any, Any], list[Cell]]]]:
    """The weights of each panel by criterion, with the least and most of its judges."""
    frame = comparison.weights
    if not len(frame):
        return [], []
    profiles = list(dict.fromkeys(frame["profile"]))
    found = {(r["profile"], r["criterion"]): r for r in rows_of(frame)}

    def cell(row: Mapping[str, Any]) -> Cell:
        spread = f"{100 * row['weight_low']:.0f} – {100 * row['weight_high']:.0f} %"
        return Cell(f"{100 * row['weight']:.1f} %", (("", spread),) if int(row["judges"]) > 1 else ())

    rows = [
        (dict(comparison.criteria.loc[c]), [cell(found[p, c]) for p in profiles])
        for c in dict.fromkeys(frame["criterion"])
    ]
    return [term("profile", p) for p in profiles], rows
