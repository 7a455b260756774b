"""Draws: their distributions, their correlations, and that they depend on nothing but seed and number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corridor.core import paths
from corridor.core.errors import Problems
from corridor.schema.assumptions import Assumption, check_assumptions, correlations, read_assumptions
from corridor.schema.table_checks import RowChecks
from corridor.study.ensemble.design import AS_IT_IS, Design, design_of


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(paths.layers_dir() / "assumptions.csv")


@pytest.fixture(scope="module")
def design(table: pd.DataFrame) -> Design:
    return design_of(read_assumptions(table), correlations(table), 400)


def test_every_draw_is_within_its_ends_and_one_in_each_stratum(design: Design) -> None:
    for one in design.assumptions:
        drawn = design.common[one.assumption_id].to_numpy()
        if one.distribution != "lognormal":
            assert one.low <= drawn.min() and drawn.max() <= one.high
    uniform = design.common["build_out"].to_numpy()
    strata = np.floor((uniform - 0.5) / 0.5 * 400)
    assert len(set(strata.tolist())) == 400
    assert np.median(design.common["value_of_time"]) == pytest.approx(1, abs=0.01)


def test_what_goes_together_is_correlated_and_own_parts_are_less(design: Design) -> None:
    ranks = design.common.rank()
    assert ranks["clearance_walk"].corr(ranks["clearance_bus"]) == pytest.approx(0.48, abs=0.1)
    one, other = (pd.Series(design.own("clearance_walk", i)).rank() for i in ("lo-wu", "futian"))
    assert one.corr(other) == pytest.approx(0.68, abs=0.1)


def test_another_assumption_changes_no_other_column(design: Design, table: pd.DataFrame) -> None:
    fewer = table[table["assumption_id"] != "fares"]
    again = design_of(read_assumptions(fewer), correlations(fewer), 400)
    assert (again.common["build_out"] == design.common["build_out"]).all()


def test_without_a_design_all_is_as_it_is(design: Design) -> None:
    assert (
        AS_IT_IS.ratio("clearance", "co_location", "x") == 1 and AS_IT_IS.value("overrun_share", 0.45) == 0.45
    )
    assert design.draw(3).value("build_out_share", 1.0) == design.common["build_out"][3]


def _faults(table: pd.DataFrame) -> str:
    rows = RowChecks(table.reset_index(drop=True), lambda row: f"line {row + 2}", Problems())
    check_assumptions(rows, ("hk", "sz"))
    return "\n".join(map(str, rows.faults))


def test_what_is_wrong_is_named_at_once(table: pd.DataFrame) -> None:
    assert _faults(table) == ""
    bad = table.set_index("assumption_id")
    bad.loc["fares", ["low", "distribution"]] = [-0.1, "triangular"]
    bad.loc["feeder_wait", "distribution"] = "normal"
    bad.loc["jobs_north", "scope"] = "szz"
    bad.loc["clearance_walk", "correlated_with"] = "clearance_bus:0.9 clearance_co_location:-0.9 nothing:0.2"
    bad.loc["clearance_bus", "correlated_with"] = "clearance_co_location:0.9"
    found = _faults(bad.reset_index())
    for words in (
        "low -0.1",
        "normal distribution of feeder_wait",
        "scope 'szz'",
        "'nothing'",
        "positive definite",
    ):
        assert words in found


def test_triangular_quantiles() -> None:
    from corridor.schema.text import Text

    one = Assumption("a", "fare", "", "g", "triangular", 0, 1, 4, "", 0, Text(en="a"), "", "M", Text(en=""))
    # the rising side holds 1/4 of the area: F(1) = 1/4; F(2) = 1 - (4-2)^2 / (4*3) = 2/3
    assert one.at(np.array([0.0, 0.25, 2 / 3, 1.0])) == pytest.approx([0, 1, 2, 4])
