"""A comparison or a review in a terminal: headline figures, dominance and scores."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridor.cli.terminal import columns, frame_table, table
from corridor.drawing.i18n import term
from corridor.formats.provenance import NOTICE
from corridor.study.stage import Done, Stages
from corridor.web.written import Figures

if TYPE_CHECKING:
    from rich.console import RenderableType

HEADLINES = (
    "jobs_gravity_0830",
    "other_side_jobs_gravity_0830",
    "residents_gravity_0830",
    "other_side_residents_gravity_0830",
    "hub_cost_0830",
    "commuting_circle_75_0830",
    "hospital_minutes_0830",
    "permanent_wetland_ha",
    "permanent_marine_ha",
    "operation_wetland_equivalent_ha",
    "corridors_crossed_open_m",
)
"""Criteria to print; the first seven of a comparison that has none of them."""
WIDTH = 110
"""Columns of a sentence, at most."""
PLACES = {"ha": 2, "min": 1, "%": 1}
"""Decimal places by unit; none for others."""


def of_comparison(comparison: Figures) -> tuple[object, ...]:
    """Headline figures side by side, dominated scenarios, the score of each scenario under each panel, and the answer."""
    ids = [c for c in HEADLINES if c in comparison.headline] or list(comparison.headline)[:7]
    unit = comparison.units
    figures = comparison.headline[ids].apply(lambda c: c.map(lambda v: _figure(v, unit[c.name])))
    figures.columns = pd.Index([f"{comparison.titles[c]} [{unit[c]}]" for c in ids])
    figures.index = figures.index.map(lambda i: _named(i, comparison.counterfactual[i]))
    parts = frame_table(figures.T), "", *_dominance(comparison), *_ranking(comparison)
    answer = [textwrap.fill(said, columns(WIDTH), subsequent_indent="  ") for said in comparison.answer]
    return *parts, "", *answer, "", NOTICE


def of_stages(stages: Stages) -> RenderableType:
    """What was kept and what was worked out, a row for each stage and scenario, and because of which input."""
    order = list(stages.table)
    rows = dict[tuple[str, str], list[Done]]()
    for done in sorted(stages.done, key=lambda d: order.index(d.stage)):
        rows.setdefault((done.stage, done.scenario_id), []).append(done)
    cells = [(stage, scenario, *_told(found)) for (stage, scenario), found in rows.items()]
    return table(cells, "llll", ("stage", "scenario", "", "because of"))


def _told(found: list[Done]) -> tuple[str, str]:
    new = [d for d in found if not d.kept]
    of = sorted(d.of for d in new if d.of)
    some = f" ({', '.join(of)})" if len(new) < len(found) and of else ""
    because = ", ".join(dict.fromkeys(b for d in new for b in d.because))
    return (f"worked out{some}" if new else "kept"), because


def _dominance(comparison: Figures) -> Iterator[str]:
    states = (("", comparison.dominance), ("on the planned build-out, ", comparison.dominance_buildout))
    for state, frame in states:
        dominated = frame[frame["dominated"].astype(bool)] if len(frame) else frame
        for row in dominated.itertuples():
            yield f"{state}{_named(row.scenario_id, row.counterfactual)} is dominated by {row.dominated_by}"
        if len(frame) and not len(dominated):
            yield f"{state}no scenario is dominated"


def _ranking(comparison: Figures) -> Iterator[object]:
    if len(comparison.ranking):
        scores = comparison.ranking.pivot_table(index="scenario_id", columns="profile", values="score")
        order = comparison.ranking["profile"].unique()
        scores = scores.loc[comparison.dominance["scenario_id"], order]
        yield f"\nScore ({comparison.reference_id} is 0; 1 is the anchor of every criterion):"
        yield frame_table(scores.rename(columns=lambda p: term("profile", p).en).map("{:+.3f}".format))


def of_review(figures: dict[str, Any]) -> tuple[object, ...]:
    """Headline figures of the scenarios reviewed, without those that are zero for all."""
    values = pd.DataFrame(figures["values"]).T
    values.index = values.index.map(lambda i: _named(i, i in figures["counterfactual"]))
    values = values.loc[:, (values != 0).any()]
    if not len(values.columns):
        return "No land take or disturbance.", "", NOTICE
    table = values.apply(lambda c: c.map(lambda v: _figure(v, str(c.name).rsplit("_", 1)[-1])))
    return frame_table(table.T), "", NOTICE


def _named(scenario_id: str, counterfactual: bool) -> str:
    return f"{scenario_id} (counterfactual)" if counterfactual else scenario_id


def _figure(value: float, unit: str) -> str:
    return f"{value:,.{PLACES.get(unit, 0)}f}"
