"""docs/ranking.md and docs/anchors.csv hold what the program says: the anchors of the comparison file, who is dominated, the ranking;
docs/read_the_results.md holds its first places. Figures in the text of both
pages, and some of docs/access.md and docs/layers.md, are those of today.

Where the figures change for a good reason, read the reasons on the page again and write its tables anew:

    CORRIDOR_WRITE_GOLDEN=1 python -m pytest tests/study/test_ranking_page.py
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from corridor.drawing.numbers import signed
from corridor.drawing.shares import percent
from corridor.study.access import counted
from corridor.study.compare import Comparison
from corridor.study.question import shipped_comparison
from corridor.study.ranking import DRAWS
from corridor.study.study import Study
from tests.paths import ROOT

DOCS = ROOT / "docs"
PAGE, RESULTS = DOCS / "ranking.md", DOCS / "read_the_results.md"
ANCHORS = DOCS / "anchors.csv"
ACCESS, LAYERS = DOCS / "access.md", DOCS / "layers.md"
BEFORE, LEVER, BOTH_EASED = "committed-2030", "committed-2030+clearance-joint", "both-2035+clearance-joint"
PROFILES = ("planner", "reviewer", "equal")


def ranking_table(comparison: Comparison) -> str:
    ids = list(comparison.ranking["scenario_id"].unique())
    found = comparison.ranking.pivot_table(index="scenario_id", columns="profile", values=["score", "rank"])
    lines = [
        "| scenario | " + " | ".join(f"{p}: rank | score" for p in PROFILES) + " |",
        "|---|" + "---:|---:|" * len(PROFILES),
    ]
    for i in ids:
        cells = [
            f"{found.loc[i, ('rank', p)]:.0f} | {found.loc[i, ('score', p)]:+.3f}".replace("-", "−")
            for p in PROFILES
        ]
        mark = " (counterfactual)" if comparison.results[i].counterfactual else ""
        lines.append(f"| `{i}`{mark} | " + " | ".join(cells).replace("+0.000", "0") + " |")
    return "\n".join(lines)


def dominance_table(comparison: Comparison) -> str:
    lines = ["| people and jobs | dominated | by |", "|---|---|---|"]
    states = (("today", comparison.dominance), ("planned build-out", comparison.dominance_buildout))
    for state, frame in states:
        for row in frame[frame["dominated"]].itertuples():
            mark = " (counterfactual)" if row.counterfactual else ""
            others = ", ".join(f"`{i}`" for i in row.dominated_by.split())
            lines.append(f"| {state} | `{row.scenario_id}`{mark} | {others} |")
    return "\n".join(lines)


def anchors_table() -> str:
    """docs/anchors.csv, which the page shows."""
    stream = io.StringIO(newline="")
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(("criterion", "anchor", "value there", "reason", "sources"))
    for c in shipped_comparison().scored:
        assert c.anchor
        change = f"{signed(c.anchor.change, '')} {c.unit}"
        sources = " ".join(c.anchor.source) or "–"
        value = "+1" if c.anchor.value > 0 else "−1"
        rows.writerow((c.id, change, value, c.anchor.reason.en, sources))
    return stream.getvalue()


def first_table(comparison: Comparison) -> str:
    """Who is first under each panel, how firmly, and who without the lever."""
    lines = ["| first place | " + " | ".join(PROFILES) + " |", "|---|---|---|---|"]

    def row(name: str, ranking: pd.DataFrame, share: bool) -> str:
        cells = []
        for profile in PROFILES:
            best = ranking[ranking["profile"] == profile].sort_values("score").iloc[-1]
            shares = f", {percent(best['first_share'], DRAWS).en} of draws" if share else ""
            cells.append(f"`{best['scenario_id']}`{shares}")
        return f"| {name} | " + " | ".join(cells) + " |"

    plain = comparison.ranking[~comparison.ranking["scenario_id"].str.contains("+", regex=False)]
    lines.append(row("today's people and jobs", comparison.ranking, True))
    lines.append(row("planned build-out", comparison.ranking_buildout, True))
    lines.append(row("today's, without the lever", plain, False))
    return "\n".join(lines)


def blocks(comparison: Comparison) -> Iterator[tuple[Path, str, str]]:
    yield PAGE, "dominance", dominance_table(comparison)
    yield PAGE, "ranking", ranking_table(comparison)
    yield RESULTS, "first", first_table(comparison)


def between(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->\n)((?:(?!<!--).)*)(\n<!-- end -->)", re.DOTALL)


def write(comparison: Comparison) -> None:
    for page, name, block in blocks(comparison):
        text = page.read_text(encoding="utf-8")
        page.write_text(between(name).sub(lambda m, b=block: m[1] + b + m[3], text), encoding="utf-8")


def test_the_anchors_are_those_of_the_comparison_file() -> None:
    if os.environ.get("CORRIDOR_WRITE_GOLDEN"):
        ANCHORS.write_text(anchors_table(), encoding="utf-8")
    assert ANCHORS.read_text(encoding="utf-8") == anchors_table(), "see the head of this file"


def test_the_pages_say_what_the_program_says(comparison: Comparison) -> None:
    if os.environ.get("CORRIDOR_WRITE_GOLDEN"):
        write(comparison)
    for page, name, block in blocks(comparison):
        found = between(name).search(page.read_text(encoding="utf-8"))
        assert found, name
        assert found[2] == block, f"{page.name}, {name}: see the head of this file"


def sayings(study: Study, comparison: Comparison) -> Iterator[tuple[Path, str]]:
    """What the text of the pages says in figures."""
    x, low, high = comparison.headline, comparison.headline_low, comparison.headline_high
    change = x - x.loc[BEFORE]

    def points(scenario: str, criterion: str) -> str:
        return f"{abs(comparison.value_points.loc[scenario, criterion]):.2f}"

    def ranged(scenario: str, criterion: str, digits: int) -> str:
        value, least, most = (round(frame.loc[scenario, criterion], digits) for frame in (x, low, high))
        shape = f",.{max(digits, 0)}f"
        return f"{value:{shape}} ({least:{shape}} - {most:{shape}})"

    cost, across, least = "hub_cost_0830", "other_side_jobs_gravity_0830", "least_served_jobs_gravity_0830"
    crossed = x.loc["western-viaduct", "corridors_crossed_open_m"]
    yield (
        PAGE,
        (
            f"generalised cost between hubs ({-change.loc['central-2035', cost]:.1f} min against "
            f"{-change.loc['western-2035', cost]:.1f})"
        ),
    )
    yield (
        PAGE,
        (
            f"{points(LEVER, across)} on jobs across the boundary by generalised cost (western tunnel "
            f"{points('western-2035', across)}), {points(LEVER, least)} on the least served ({points('western-2035', least)}), "
            f"{points(LEVER, cost)} on generalised cost between hubs ({points('western-2035', cost)})"
        ),
    )
    yield (
        PAGE,
        (
            f"the {-change.loc['both-2035', cost]:.1f} min of generalised cost that it saves between hubs count "
            f"{points('both-2035', cost)}"
        ),
    )
    yield (
        PAGE,
        (
            f"{-change.loc[BOTH_EASED, cost]:.1f} min count {points(BOTH_EASED, cost)}, and the least served {points(BOTH_EASED, least)}"
        ),
    )
    taken = x.loc["central-2035", "permanent_wetland_area_ha"]
    yield PAGE, f"Its {taken:.2f} ha in the Wetland Conservation Area"
    yield PAGE, f"Its value is −{points('central-2035', 'permanent_wetland_area_ha')}"
    anchors = abs(comparison.value_points.loc["western-viaduct", "corridors_crossed_open_m"])
    yield PAGE, f"It crosses {crossed:.0f} m of green corridor in the open, {anchors:.1f} times the anchor"
    west, both, lever = (change.loc[i] for i in ("western-2035", "both-2035", LEVER))
    yield (
        RESULTS,
        (
            f"disturbs {x.loc['western-2035', 'construction_wetland_equivalent_ha']:.1f} weighted hectares of wetland during the works; "
            f"{comparison.results['western-2035'].headlines['central'].construction_wetland_ha:.0f} ha are within 500 m"
        ),
    )
    first, then = (
        comparison.results[i].reach["08:30"].of(60, "jobs", "census") for i in (BEFORE, "western-2035")
    )
    people = study.cells.people()
    seen = people[then - first >= 10_000].sum() / 1e6
    yield RESULTS, f"+{round(west['jobs_60_0830'], -2):,.0f} jobs within 60 min is the mean"
    yield RESULTS, f"{seen:.1f} million live where it is 10,000 or more"
    today, built = both["jobs_gravity_0830"], both["jobs_gravity_0830_buildout"]
    yield RESULTS, f"bring +{round(built, -2):,.0f} jobs by generalised cost, not +{round(today, -2):,.0f}"
    yield RESULTS, f"within 60 min: {ranged('western-2035', 'jobs_60_0830', -2)}"
    yield (
        RESULTS,
        f"cost {ranged('western-2035', cost, 1)}, least time {ranged('western-2035', 'hub_minutes_0830', 1)}",
    )
    yield RESULTS, f"viaduct, permanent wetland loss: {ranged('western-viaduct', 'permanent_wetland_ha', 2)}"
    of_line = (100 * lever[c] / west[c] for c in ("other_side_jobs_60_0830", across))
    within, weighed = (f"{share:.0f} %" for share in of_line)
    yield (
        RESULTS,
        f"{within} of the jobs across the boundary within 60 min that the western line brings, and {weighed} by",
    )
    avoided = x.loc["western-viaduct"]
    yield (
        RESULTS,
        (
            f"(permanent loss of {avoided['permanent_wetland_ha']:.2f} ha of wetland and {avoided['permanent_marine_ha']:.1f} ha of sea bed, "
            f"{crossed:.0f} m of green corridor crossed in the open, {avoided['operation_wetland_equivalent_ha']:.1f} weighted hectares"
        ),
    )
    cells, results = study.cells, comparison.results
    beyond = [
        counted(results[i].reach["08:30"], 60, "jobs across", cells.side) for i in (BEFORE, "western-2035")
    ]
    south = cells.side == 0
    of = [np.average(jobs[side], weights=people[side]) for side in (south, ~south) for jobs in beyond]
    yield (
        ACCESS,
        (
            f"A resident of Hong Kong reaches {of[0]:,.0f} jobs in Shenzhen within 60 min in the do-minimum and {of[1]:,.0f} with the "
            f"line; one of Shenzhen {of[2]:,.0f} and {of[3]:,.0f} in Hong Kong"
        ),
    )
    hub = [name for name, _ in study.hubs].index("central")
    lost = people[south & np.isnan(results["baseline-2024"].cell_hub_minutes["08:30"][hub])].sum()
    yield (
        LAYERS,
        f"{round(lost, -2):,.0f} residents of Hong Kong have no service to Central within three hours",
    )


def test_the_text_of_the_pages_says_what_the_program_says(study: Study, comparison: Comparison) -> None:
    text = {
        page: " ".join(page.read_text(encoding="utf-8").split()) for page in (PAGE, RESULTS, ACCESS, LAYERS)
    }
    missing = [f"{page.name}: {said}" for page, said in sayings(study, comparison) if said not in text[page]]
    assert not missing, "write:\n" + "\n".join(missing)
