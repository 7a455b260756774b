"""value.html and freight.html: their figures are those of the tables, nothing is one number, a browser opens them in each script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from corridor.drawing.numbers import figure
from corridor.schema.text import LANGS
from corridor.study.comparison import Comparison
from corridor.web.inline import addresses
from tests.web.test_browser import NARROW, WIDE, opened
from tests.web.test_travellers import english

PAGES = ("value.html", "freight.html")


def test_costs_are_ranges_and_a_lever_builds_nothing(comparison: Comparison, folder: Path) -> None:
    found, said = comparison.appraisal, english((folder / "value.html").read_text("utf-8"))
    assert found is not None
    for scenario_id in comparison.results:
        cost = found.cost_of(scenario_id)
        assert cost["low"] <= cost["central"] <= cost["high"]
        if cost["high"]:
            assert f"{figure(cost['low'])} – {figure(cost['high'])}" in said
    assert "no rail works" in said and found.cost_of("committed-2030+clearance-joint").sum() == 0
    assert (found.cost_of("both-2035", "all") >= found.cost_of("western-2035", "all")).all()
    assert (found.cost_of("western-viaduct") < found.cost_of("western-2035")).all()


def test_ratios_are_ranges_and_what_is_left_out_is_said(comparison: Comparison, folder: Path) -> None:
    found, said = comparison.appraisal, english((folder / "value.html").read_text("utf-8"))
    assert found is not None
    table = found.benefit_cost.dropna(subset=["ratio_low"])
    assert (table["ratio_low"] < table["ratio_high"]).all()
    assert set(found.benefit_cost["land_state"]) == set(comparison.travellers)
    falling = table.pivot_table(index=["land_state", "scenario_id"], columns="rate_id", values="ratio_high")
    assert (falling["mainland"] < falling["green_book"]).all()
    assert "This is not the benefit-cost ratio of a line" in said and "no price given" in said


def test_the_account_adds_up_and_values_differ(comparison: Comparison) -> None:
    found = comparison.appraisal
    assert found is not None
    by_scenario = found.account.groupby("scenario_id")
    assert np.allclose(by_scenario["area_ha"].sum(), by_scenario["area_ha"].sum().iloc[0])
    assert (found.account["quality_after_ha"] <= found.account["quality_before_ha"] + 1e-9).all()
    baseline = found.account[found.account["scenario_id"] == "baseline-2024"]
    assert (baseline["taken_ha"] == 0).all()
    values = found.ecosystem_values.pivot_table(
        index="scenario_id", columns="calibration", values="change_cny_m"
    )
    assert (values["city_average"] <= values["equivalent_2010"]).all()
    assert (values["equivalent_2010"] <= values["equivalent_grain"]).all()


def test_tables_are_written_as_they_are(comparison: Comparison, folder: Path) -> None:
    assert comparison.appraisal is not None and comparison.freight is not None
    for name, frame in {**comparison.appraisal.tables, "cargo_points": comparison.freight.points}.items():
        assert len(pd.read_csv(folder / "economy" / f"{name}.csv", comment="#")) == len(frame), name


def test_every_cargo_point_is_shown_with_what_frees_it(comparison: Comparison, folder: Path) -> None:
    assert comparison.freight is not None
    said = english((folder / "freight.html").read_text("utf-8"))
    assert all(freed in said for freed in comparison.freight.points["freed_en"])
    assert said.count("not assessed") >= len(comparison.freight.points)  # tonnes of each


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_fetched_and_the_index_leads_there(folder: Path, page: str) -> None:
    html = (folder / page).read_text("utf-8")
    assert list(addresses(html)) == [] and len(html.encode()) < 2_500_000
    assert f'href="{page}"' in (folder / "index.html").read_text("utf-8")


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_opens_clean(browser: Any, folder: Path, page: str, size: tuple[int, int], lang: str) -> None:
    with opened(browser, folder / page, size, f"#lang={lang}") as shown:
        assert shown.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
