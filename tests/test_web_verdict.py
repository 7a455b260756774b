"""The verdict on index.html: dominance before weights, anchors with their reasons, panels with their disagreement."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd

from corridor.web import verdict
from tests import web_factory as made

LAYERS = made.layers()


def english(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", re.sub(r'<span lang="zh[^>]*>[^<]*</span>', "", html))


def test_what_is_dominated_is_named_with_its_better() -> None:
    said = english(verdict.dominance(made.comparison(), LAYERS))
    assert re.search(r"“.*viaduct.* \(counterfactual.*is dominated by Western line", said, re.IGNORECASE)


def test_where_nothing_is_dominated_the_page_says_so() -> None:
    whole = made.comparison()
    free = whole.dominance.assign(dominated=False, dominated_by="")
    said = english(verdict.dominance(dataclasses.replace(whole, dominance_buildout=free), LAYERS))
    assert said.count("is dominated by") == 1 and said.count("No scenario is dominated") == 1


def test_a_value_stands_beside_its_anchor_reason_figure_and_change() -> None:
    html = verdict.values(made.comparison(), LAYERS)
    said = english(html)
    assert (
        "+100,000" in said and "large" in said and "+0.49" in said and "861,000" in said and "+48,700" in said
    )
    assert "permanent_marine" not in html and "Sea bed" not in said  # it has no anchor


def test_the_ranking_shows_disagreement_where_a_panel_has_several_judges() -> None:
    said = english(verdict.ranking(made.comparison(), LAYERS))
    assert "planner (illustrative)" in said and "3 judges" in said and "1 judges" not in said
    assert said.count("Judges who rank it first") == 2  # one panel, two land states
    assert "25 – 50 %" in said and "75 %" in said


def test_a_score_below_the_do_minimum_stands_left_of_it() -> None:
    row = {"score": -0.5, "score_low": -1.0, "score_high": 0.0}
    drawn = verdict._bar(row, -1.0, 1.0)
    assert 'x="4.0" y="4" width="86.0"' in drawn and 'x1="90.0" x2="90.0"' in drawn


def test_a_comparison_without_panels_has_no_ranking() -> None:
    whole = made.comparison()
    empty = pd.DataFrame(columns=whole.ranking.columns)
    assert verdict.ranking(dataclasses.replace(whole, ranking=empty, ranking_buildout=empty), LAYERS) == ""
