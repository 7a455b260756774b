"""The verdict on method.html: dominance before weights, anchors with their reasons, panels with their disagreement."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pandas as pd
import pytest

from corridor.study.compare import Comparison
from corridor.web import verdict
from corridor.web.index import write_method
from corridor.web.site import Site
from tests import web_factory as made


def english(comparison: Comparison, section: str, folder: Path) -> str:
    """The words of a section of method.html in English; empty where it is left out."""
    write_method(Site(comparison, made.layers()), folder / "method.html")
    html = (folder / "method.html").read_text("utf-8")
    found = re.search(rf'<section id="{section}">.*?</section>', html, re.DOTALL)
    plain = re.sub(r'<span lang="zh[^>]*>[^<]*</span>', "", found[0] if found else "")
    return " ".join(re.sub(r"<[^>]+>", " ", plain).split())


def test_what_is_dominated_is_named_with_its_better(tmp_path: Path) -> None:
    said = english(made.comparison(), "dominance-title", tmp_path)
    assert re.search(r"“.*viaduct.* \(counterfactual.*is dominated by Western line", said, re.IGNORECASE)


def test_where_nothing_is_dominated_the_page_says_so(tmp_path: Path) -> None:
    whole = made.comparison()
    free = whole.dominance.assign(dominated=False, dominated_by="")
    said = english(dataclasses.replace(whole, dominance_buildout=free), "dominance-title", tmp_path)
    assert said.count("is dominated by") == 1 and said.count("No scenario is dominated") == 1


def test_a_value_is_printed_beside_its_anchor_reason_figure_and_change(tmp_path: Path) -> None:
    said = english(made.comparison(), "values-title", tmp_path)
    assert (
        "+100,000" in said and "large" in said and "+0.49" in said and "861,000" in said and "+48,700" in said
    )
    assert "Sea bed" not in said  # it has no anchor


def test_the_ranking_shows_disagreement_where_a_panel_has_several_judges(tmp_path: Path) -> None:
    said = english(made.comparison(), "ranking-title", tmp_path)
    assert "planner (illustrative)" in said and "3 judges" in said and "1 judges" not in said
    # one panel, two land states: once over the column, and once in each of three rows for narrow windows
    assert said.count("Judges ranking it first") == 2 * (1 + 3)
    assert "75 %" in said
    assert "25 – 50 %" in english(made.comparison(), "weights-title", tmp_path)


def test_a_score_below_the_do_minimum_is_drawn_left_of_it() -> None:
    drawn = verdict.bar({"score": -0.5, "score_low": -1.0, "score_high": 0.0}, -1.0, 1.0)
    assert (drawn["left"], drawn["width"], drawn["zero"]) == pytest.approx((4.0, 86.0, 90.0))


def test_a_comparison_without_panels_has_no_ranking(tmp_path: Path) -> None:
    whole = made.comparison()
    empty = pd.DataFrame(columns=whole.ranking.columns)
    without = dataclasses.replace(whole, ranking=empty, ranking_buildout=empty)
    assert english(without, "ranking-title", tmp_path) == ""
