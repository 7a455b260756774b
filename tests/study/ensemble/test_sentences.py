"""Hand cases of each sentence of an ensemble, in each script."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from corridor.drawing.i18n import STRINGS
from corridor.drawing.shares import percent
from corridor.schema.text import LANGS
from corridor.schema.varied import NO_TRAVELLERS, VARIED
from corridor.study.ensemble.ensemble import Ensemble
from corridor.study.ensemble.sentences import (
    answer,
    left_out,
    of_panel,
    of_travellers,
    sentences,
    weak,
    with_unit,
)
from tests.ensemble_factory import REFERENCE, TUNNEL, VIADUCT, made
from tests.paths import ROOT

EVEN = made(np.linspace(8, 25, 100), np.ones(100))
"""Waits evenly from 8 to 25 min. For the planner, the tunnel is worth 2 (25 - wait) / 17 - 0.01, the viaduct 0.48 - 0.2, so that
it leads unless the wait is above 22.5 min; for the reviewer, whose mean weight of jobs is 0.25, it is worth 0.625 (25 - wait) / 17
- 0.0375, the viaduct 0.15 - 0.75."""


def test_the_answer_has_its_probabilities_and_what_it_depends_on_most() -> None:
    first, leans = answer(EVEN)
    assert first.en.startswith("“Western line (tunnel)” ranks first under every panel of weights: planner")
    share = EVEN.findings.acceptability.set_index(["profile", "scenario_id", "rank"])["share"]
    for profile in ("planner", "reviewer"):
        assert f"(illustrative) {100 * share[profile, TUNNEL, 1]:.0f} %" in first.en
    assert leans.en == "The lead over the runner-up depends most on clearance there."
    assert "該處通關時間" in leans.zh_hant and "该处通关时间" in leans.zh_hans


def test_panels_that_disagree_are_named_each_with_its_leader() -> None:
    table = EVEN.findings.acceptability.copy()
    swap = {TUNNEL: VIADUCT, VIADUCT: TUNNEL}
    of = table["profile"] == "reviewer"
    table.loc[of, "scenario_id"] = table.loc[of, "scenario_id"].replace(swap)
    first, _ = answer(replace(EVEN, findings=replace(EVEN.findings, acceptability=table)))
    assert first.en.startswith(
        "Which scenario ranks first depends on the weights: “Western line (tunnel)”: planner"
    )
    assert "; “Western line (viaduct) (counterfactual)”: environmental reviewer" in first.en


def test_a_panel_is_told_in_order() -> None:
    said = [s.en for s in of_panel(EVEN, "planner")]
    wait = np.linspace(8, 25, 100)
    led = (2 * (25 - wait) / 17 - 0.01 > 0.28).mean()
    assert said[0].startswith("“Western line (tunnel)” ranks first in ")
    viaduct = "“Western line (viaduct) (counterfactual)”"
    error = 100 * np.sqrt(led * (1 - led) / 100)
    assert (
        said[1]
        == f"“Western line (tunnel)” scores above {viaduct} in {100 * led:.0f} % of draws (sampling error {error:.0f} points)."
    )
    assert said[2] == "The lead shrinks with: clearance there (rank correlation −1.00)."
    assert said[3].startswith(
        f"“Western line (tunnel)” leads {viaduct} unless clearance there is above 22.4 min. There, {viaduct} leads in"
    )
    assert said[4].startswith(
        "Better than the reference “Committed works”: “Western line (tunnel)” in over 97 % of draws, "
    )
    lost = np.maximum(0, 0.28 - (2 * (25 - wait) / 17 - 0.01))
    assert (
        said[5]
        == f"Choosing “Western line (tunnel)” costs at most {np.quantile(lost, 0.95):.2f} value points against the best choice in 95 % of draws."
    )
    assert len(said) == 6


def test_each_panel_is_told_under_its_name() -> None:
    said = [s.en for s in sentences(EVEN)]
    for profile, name in (
        ("planner", "planner (illustrative)"),
        ("reviewer", "environmental reviewer (illustrative)"),
    ):
        n = said.index(f"Weights: {name}")
        own = [s.en for s in of_panel(EVEN, profile)]
        assert said[n + 1 : n + 1 + len(own)] == own


def test_a_correlation_that_chance_may_give_is_not_named() -> None:
    table = EVEN.leans_on.assign(correlation=0.2)  # of 100 draws, one in twenty is as far from 0
    assert weak(EVEN.inputs) > 0.2
    said = [s.en for s in of_panel(replace(EVEN, leans_on=table), "planner")]
    assert not any(s.startswith(("The lead grows with", "The lead shrinks with")) for s in said)


def test_a_leader_is_set_against_all_after_the_runner_up() -> None:
    said = [s.en for s in of_panel(EVEN, "reviewer")]
    assert any(
        s.startswith(
            "“Western line (tunnel)” also scores above “Western line (viaduct) (counterfactual)” in "
        )
        for s in said
    )
    assert REFERENCE not in " ".join(said)


def test_what_draws_leave_out_is_named() -> None:
    not_yet, unscored = left_out(EVEN)
    assert not_yet.en == "Not varied yet: sensitivity (no criterion of travellers, or no tables of demand)."
    assert unscored.en == "Draws do not measure, and count as no change: Fullest point."


NEAR = replace(
    EVEN,
    score_thinning=pd.DataFrame(
        [["planner", TUNNEL, VIADUCT, 0.71, 0.9, True], ["reviewer", TUNNEL, VIADUCT, 0.9, 0.2, False]],
        columns=["profile", "scenario_id", "against", "middle", "apart", "near"],
    ),
    assumptions=tuple(replace(a, source="assumption; K02") for a in EVEN.assumptions),
)


def test_a_lead_within_the_error_of_thinned_cells_says_so_in_every_sentence_with_its_probability() -> None:
    first, _ = answer(NEAR)
    assert first.en.count("(the lead is within the error of thinned cells)") == 1
    planner = [s.en for s in of_panel(NEAR, "planner")]
    said = "The median lead of 0.71 value points is within the error of the thinned cells (0.9 points), so draws do not say"
    assert planner[2].startswith(said)
    assert not any("thinned" in s.en for s in of_panel(NEAR, "reviewer"))
    assert not any("thinned" in s.en for s in of_panel(EVEN, "planner"))


def test_the_assumption_without_a_published_range_that_matters_most_is_named() -> None:
    to_source = next(left_out(NEAR))
    assert to_source.en.startswith("First assumption to source better: clearance there.")
    assert not any("source better" in s.en for s in left_out(EVEN))


@pytest.mark.parametrize("found", [EVEN, NEAR])
def test_every_sentence_is_in_three_scripts(found: Ensemble) -> None:
    for said in sentences(found):
        assert len({said.in_script(lang) for lang in LANGS}) == 3, said.en


def test_without_panels_or_alternatives_there_is_no_answer() -> None:
    nothing = replace(EVEN.findings, scores={}, acceptability=pd.DataFrame(), regret=pd.DataFrame())
    assert answer(replace(EVEN, findings=nothing)) == []


@pytest.mark.parametrize(
    ("share", "draws", "words"),
    [
        (1.0, 1000, "over 99 %"), (0.995, 1000, "over 99 %"), (0.994, 1000, "99 %"), (0.5, 1000, "50 %"), (0.0, 1000, "under 1 %"),
        (1.0, 60, "over 95 %"), (56 / 60, 60, "93 %"), (0.0, 60, "under 5 %"), (1.0, 10, "over 70 %"),
    ],
)  # fmt: skip
def test_a_sample_never_says_all_or_none_nor_more_than_so_few_draws_can(
    share: float, draws: int, words: str
) -> None:
    assert percent(share, draws).en == words


def test_units_and_reasons_of_the_shipped_table_have_words() -> None:
    table = pd.read_csv(ROOT / "layers" / "assumptions.csv", dtype=str)
    for unit in table["unit"].dropna().unique():
        said = with_unit(-0.5, unit)
        assert said.zh_hant and said.en.startswith("−0.5 "), unit
    for varies, one in VARIED.items():
        if why := one.not_yet or NO_TRAVELLERS * one.needs_demand:
            assert STRINGS[f"not_varied_{varies}"].en == why


def test_who_carries_more_travellers_is_said_with_what_it_follows() -> None:
    new = "crossings_new_points_day"
    waits = EVEN.inputs["wait"].reindex(EVEN.draws.index.get_level_values("draw")).to_numpy()
    ids = EVEN.draws.index.get_level_values("scenario_id")
    crossings = np.select([ids == TUNNEL, ids == VIADUCT], [2_000 + 100 * waits, np.full(len(ids), 1_000.0)])
    assert list(of_travellers(EVEN)) == []
    (said,) = of_travellers(replace(EVEN, draws=EVEN.draws.assign(**{new: crossings})))
    more = f"{2_000 + 100 * EVEN.inputs['wait'].median():,.0f}"
    assert said.en == (
        "“Western line (tunnel)” carries more travellers over new control points than “Western line (viaduct) (counterfactual)” "
        f"in over 97 % of draws: {more} against 1,000 crossings a day (medians). "
        "The difference follows: clearance there (rank correlation +1.00)."
    )
    alike = EVEN.draws.assign(**{new: 0.0})
    assert list(of_travellers(replace(EVEN, draws=alike))) == []
