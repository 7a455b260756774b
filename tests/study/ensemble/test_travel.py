"""Travellers in draws: the comparison's own figures where nothing is thinned, and each assumption as a hand-derived case says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corridor.access.search.threads import one_thread
from corridor.core import paths
from corridor.core.errors import LayerError
from corridor.demand.calibration import calibrate
from corridor.demand.logit import Scales
from corridor.demand.model import Assumptions, Counts, Model, NetworkCosts
from corridor.demand.predict import predict_loads
from corridor.demand.segments import Attraction, LandUse, Segment
from corridor.schema.assumptions import Assumption, read_assumptions
from corridor.schema.comparison import BUILDOUT, TODAY
from corridor.schema.varied import NO_TRAVELLERS
from corridor.study.compare import wanted
from corridor.study.compared_demand import STATES, travellers_of
from corridor.study.criteria import OF_TRAVELLERS as MEASURED_OF_TRAVELLERS
from corridor.study.ensemble.coarse import CoarseStudy
from corridor.study.ensemble.design import AS_IT_IS, Design, Draw
from corridor.study.ensemble.ensemble import _assumptions, _of_scores, task_of
from corridor.study.ensemble.score import Scorer
from corridor.study.ensemble.travel import Travel, check_travellers, draws_travellers
from corridor.study.ensemble.vary import demand_of, land_of, network_of
from corridor.study.question import question
from corridor.study.study import Study
from tests.demand_tables import DEMAND
from tests.zhuhai_macao import make_study

OF_TRAVELLERS = tuple(MEASURED_OF_TRAVELLERS)

IDS = ("today", "with-link")
TABLE = pd.read_csv(paths.layers_dir() / "assumptions.csv").assign(own_share=0.0)


def rows_of(**values: float) -> tuple[Assumption, ...]:
    """Rows of the shipped table that can take one value alone."""
    table = TABLE.set_index("assumption_id").loc[list(values)].reset_index()
    one = np.array(list(values.values()), dtype=float)
    return read_assumptions(table.assign(distribution="uniform", low=one, mode=one, high=one))


def draw_of(**values: float) -> Draw:
    """A draw of these values, all else as it is."""
    return Design(rows_of(**values), np.eye(len(values)), 10).draw(3)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    text = TABLE[TABLE["assumption_id"].isin(["choice_scale", "total_elasticity", "build_out"])].to_csv()
    tables = {**DEMAND, "assumptions.csv": text}
    return Study.open(make_study(tmp_path_factory.mktemp("travel") / "zhuhai-macao", tables))


def test_as_it_is_on_all_cells_and_spells_it_is_the_comparison(study: Study) -> None:
    exact = travellers_of(study, IDS, IDS[0])
    scorer = Scorer(study, IDS, IDS[0], question(study).file)
    scorer.coarse = CoarseStudy.of(study, 1.0)
    assert len(scorer.coarse.cells.region) == len(study.cells.region)
    travel = Travel.of(scorer.coarse, study.demand_study.zones.size_m, study.demand_study.spells, "")
    access = scorer._access(AS_IT_IS)
    counted, reference, link = (scorer._ways(i, access, AS_IT_IS) for i in (travel.counted_id, *IDS))
    found = travel.on(AS_IT_IS, counted, IDS[0], reference).crossed("with-link", link)
    for state in STATES:
        own, other = found[state], exact[state]["with-link"]
        assert other.saved_h > 1 and other.new_crossings
        assert own.saved_h == pytest.approx(other.saved_h, rel=1e-9)
        assert own.new_crossings == pytest.approx([other.new_crossings[1]] * 3, rel=1e-9)
        assert own.same_third_share == pytest.approx(other.same_third_share, rel=1e-9)
        assert own.fullest == pytest.approx(other.fullest, rel=1e-9, nan_ok=True)


def test_thinned_it_is_near_and_a_draw_moves_it(study: Study) -> None:
    exact = travellers_of(study, IDS, IDS[0])[TODAY]["with-link"]
    scorer = Scorer(study, IDS, IDS[0], question(study).file)
    with one_thread():
        plain, steep, again = (
            scorer.score(draw) for draw in (AS_IT_IS, draw_of(choice_scale=0.14), AS_IT_IS)
        )
    pd.testing.assert_frame_equal(plain, again, check_exact=True)
    hours, new = plain.loc["with-link", list(OF_TRAVELLERS[:2])]
    assert exact.new_crossings
    # two spells, other zones and fewer cells: a fifth at most
    assert hours == pytest.approx(exact.saved_h, rel=0.2)
    assert new == pytest.approx(exact.new_crossings[1], rel=0.2)
    assert plain.loc["today", OF_TRAVELLERS[0]] == 0 == plain.loc["today", OF_TRAVELLERS[1]]
    assert steep.loc["with-link", OF_TRAVELLERS[1]] != pytest.approx(new, rel=0.01)
    assert OF_TRAVELLERS[1] + "_buildout" in plain


def one_zone_a_side(to_gate_min: tuple[float, float]) -> tuple[Model, NetworkCosts, LandUse]:
    """One zone on each side, and two gates at sites of their own."""
    segment = Segment("g", "g", "other", 1.0, 0, 0.0, 60.0, Attraction(1.0, 0.0, 0.0))
    sides = np.array([0]), np.array([1])
    assumptions = Assumptions(Scales(0.08, 0.6, 0.03), -0.5, 60.0)
    model = Model((segment,), sides, np.zeros(2, dtype=np.int64), assumptions)
    to_gate = np.repeat(np.array(to_gate_min)[:, None], 2, axis=1)
    nothing, km = np.zeros((2, 2)), np.zeros((1, 2, 2))
    costs = NetworkCosts(
        ("a", "b"), ("a", "b"), np.array([True, True]), to_gate, np.full((2, 2), 30.0), nothing, nothing, ("m",), km, km
    )  # fmt: skip
    return model, costs, LandUse(np.ones(2), np.ones(2), np.ones(2), np.zeros(2))


@pytest.mark.parametrize("scale", [0.04, 0.12])
def test_a_steeper_choice_moves_more_travellers_by_the_incremental_logit(scale: float) -> None:
    # 600 by a and 400 by b; a becomes 10 min dearer, and no trip is lost: a keeps 600 x of 600 x + 400, x = exp(-10 scale)
    model, costs, land = one_zone_a_side((40.0, 50.0))
    _, dearer, _ = one_zone_a_side((50.0, 50.0))
    drawn = demand_of(model, draw_of(choice_scale=scale, total_elasticity=0.0))
    counts = Counts({"g": np.array([[600.0, 400.0], [600.0, 400.0]])})
    base = calibrate(drawn, costs, land, counts)
    kept = math.exp(-10 * scale)
    share = 600 * kept / (600 * kept + 400)
    loads = predict_loads(base, dearer, land, np.zeros_like)
    np.testing.assert_allclose(loads, [[1000 * share, 1000 * (1 - share)]] * 2, rtol=1e-4)


def test_a_draw_moves_all_values_of_time_and_the_elasticity() -> None:
    model = one_zone_a_side((40.0, 50.0))[0]
    drawn = demand_of(model, draw_of(value_of_time=2.0, total_elasticity=-0.3))
    assert [s.value_of_time_hkd_h for s in drawn.segments] == [60.0]  # over its mode, which is the same here
    assert drawn.assumptions.elasticity == -0.3 and drawn.assumptions.scales == model.assumptions.scales
    assert demand_of(model, AS_IT_IS) == model


def test_growth_comes_on_top_of_the_homes_of_a_draw() -> None:
    today = LandUse(np.array([10.0, 30.0]), np.array([4.0, 4.0]), np.ones(2), np.zeros(2))
    planned = LandUse(np.array([10.0, 50.0]), np.array([4.0, 8.0]), np.ones(2), np.zeros(2))
    even = np.array([20.0, 20.0])
    draw = draw_of(even_residents=0.5, build_out=0.25)
    now, later = (land_of(today, even, planned, state, draw) for state in (TODAY, BUILDOUT))
    assert now.residents.tolist() == [15.0, 25.0] and now.jobs.tolist() == [4.0, 4.0]
    assert later.residents.tolist() == [15.0, 30.0] and later.jobs.tolist() == [4.0, 5.0]


def test_the_low_end_of_a_clearance_moves_with_it(study: Study) -> None:
    plain = study.network("today")
    design = Design(read_assumptions(TABLE[TABLE["assumption_id"] == "clearance_walk"]), np.eye(1), 20)
    draw = design.draw(int(design.common["clearance_walk"].argmin()))
    before, after = (n.network.checkpoints["gongbei"] for n in (plain, network_of(plain, draw)))
    assert after.clearance_s < before.clearance_s
    assert after.clearance_low_s / after.clearance_s == pytest.approx(
        before.clearance_low_s / before.clearance_s
    )


def test_a_study_without_demand_draws_no_travellers_and_says_so(tmp_path: Path) -> None:
    text = TABLE[TABLE["assumption_id"].isin(["choice_scale", "build_out"])].to_csv()
    study = Study.open(make_study(tmp_path / "zhuhai-macao", {"assumptions.csv": text}))
    file = question(study).file
    assert not draws_travellers(study, file)
    task = task_of(study, wanted(study, [], []), 10)
    assert [a.assumption_id for a in task.design.assumptions] == ["build_out"]
    assert {a.assumption_id: a.not_yet for a in _assumptions(study)} == {
        "choice_scale": NO_TRAVELLERS,
        "build_out": "",
    }
    assert not set(OF_TRAVELLERS) & set(Scorer(study, IDS, IDS[0], file).criteria)


def test_values_that_the_demand_model_cannot_take_are_named_before_any_draw(study: Study) -> None:
    rows = rows_of(choice_scale=0.01, total_elasticity=0.2)
    with pytest.raises(LayerError) as caught:
        check_travellers(study, Design(rows, np.eye(2), 10))
    said = str(caught.value)
    assert "choice_scale is drawn from 0.01 to 0.01" in said and "total_elasticity is drawn from 0.2" in said


def test_scores_follow_the_demand_model_where_a_criterion_of_travellers_is_scored() -> None:
    file, rows = question(Study.bundled()).file, rows_of(choice_scale=0.08, build_out=0.75)
    assert _of_scores(file, rows) == ["build_out"]
    anchor = next(c.anchor for c in file.scored if c.direction == "higher")
    criteria = [
        c.model_copy(update={"anchor": anchor} if c.id in OF_TRAVELLERS else {}) for c in file.criteria
    ]
    assert _of_scores(file.model_copy(update={"criteria": tuple(criteria)}), rows) == [
        "choice_scale",
        "build_out",
    ]
