"""Values, dominance, scores and shares on tables small enough to work out by hand, and what must always hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.core.pareto import dominates
from corridor.schema.comparison import Anchor, Criterion, Pair
from corridor.schema.text import Text
from corridor.schema.weights import Panel
from corridor.study.assemble import paired
from corridor.study.ranking import dominance, draw_weights, verdict
from corridor.study.values import Bounds, drawn_values, values_of


def criterion(name: str, direction: str, group: str, change: float, value: int) -> Criterion:
    anchor = Anchor(change=change, value=value, reason=Text(en="for a test"), confidence="M")
    return Criterion(
        id=name,
        title=Text(en=name),
        unit=name,
        direction=direction,
        group=group,
        anchor=anchor,
        confidence="C",
    )


JOBS = criterion("jobs", "higher", "access", 100_000, 1)
MINUTES = criterion("minutes", "lower", "access", -10, 1)
TAKE = criterion("take", "lower", "nature", 2, -1)
ALL = (JOBS, MINUTES, TAKE)
PLANNER = Panel("planner", ("a",), np.array([[0.4, 0.3, 0.3]]))


def figures(**rows: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=["jobs", "minutes", "take"])


def certain(table: pd.DataFrame) -> Bounds:
    return Bounds(table, table, table)


# --- values ----------------------------------------------------------------------------------------


def test_a_value_is_the_change_over_the_anchor() -> None:
    found = values_of(figures(none=(1e6, 90, 1), line=(1.05e6, 75, 5)), ALL, "none")
    assert list(found.loc["none"]) == [0, 0, 0]
    # 50,000 of 100,000 jobs; 15 min less of 10 counts more than 1; 4 ha more where 2 count -1
    assert list(found.loc["line"]) == pytest.approx([0.5, 1.5, -2.0])


def test_what_is_not_assessed_is_worth_nothing() -> None:
    table = figures(none=(1e6, 90, np.nan), line=(1.05e6, np.nan, 5))
    assert values_of(table, ALL, "none").loc["line"].tolist() == [0.5, 0, 0]
    assert drawn_values(certain(table), ALL, "none", np.zeros((1, 3)))[0, 1].tolist() == [0.5, 0, 0]


def test_a_drawn_value_goes_from_the_smaller_end_to_the_larger_whichever_case_is_which() -> None:
    # the low case of one criterion is its larger number: at 0 every figure is at its smaller end
    central = figures(none=(1e6, 90, 1), line=(1.05e6, 75, 3))
    low = figures(none=(1e6, 90, 1), line=(1.10e6, 70, 2))
    high = figures(none=(1e6, 90, 1), line=(1.02e6, 80, 4))
    ends = drawn_values(Bounds(central, low, high), ALL, "none", np.array([[0.0] * 3, [0.5] * 3, [1.0] * 3]))
    assert ends[:, 0].tolist() == [[0, 0, 0]] * 3  # the do-minimum
    # jobs 20,000 to 100,000 of 100,000; 20 to 10 min less, of 10; 1 to 3 ha more where 2 count -1
    expected = [[0.2, 2.0, -0.5], [0.6, 1.5, -1.0], [1.0, 1.0, -1.5]]
    np.testing.assert_allclose(ends[:, 1], expected)


def test_a_score_is_the_weighted_sum_of_values() -> None:
    table = figures(none=(1e6, 90, 1), line=(1.05e6, 75, 5))
    found = verdict(certain(table), ALL, "none", [PLANNER]).ranking.set_index("scenario_id")
    assert found.loc["line", "score"] == pytest.approx(0.4 * 0.5 + 0.3 * 1.5 - 0.3 * 2.0)
    assert found.loc["none", ["score", "score_low", "score_high"]].tolist() == [0, 0, 0]
    assert list(found["rank"]) == [2, 1]


number = st.floats(0, 1e5, allow_nan=False).map(lambda v: round(v, 3))
row = st.tuples(number, number, number)
tables = st.lists(row, min_size=3, max_size=6).map(
    lambda rows: figures(**{f"s{i}": values for i, values in enumerate(rows)})
)
weights = st.lists(st.integers(1, 9), min_size=3, max_size=3).map(lambda w: np.array(w, float) / sum(w))


def bounded(table: pd.DataFrame) -> Bounds:
    return Bounds(table, table * 0.8, table * 1.3)


def scores(bounds: Bounds, panel: Panel, criteria=ALL) -> pd.DataFrame:
    return verdict(bounds, criteria, "s0", [panel]).ranking.set_index("scenario_id")


@settings(max_examples=40)
@given(tables, weights, st.data())
def test_no_other_scenario_changes_a_score_or_an_order(table: pd.DataFrame, weight, data) -> None:
    """Adding, dropping and reordering scenarios: every score with its range, every order, every share of a pair."""
    panel = Panel("p", ("a",), weight[None])
    others = data.draw(st.permutations(list(table.index[1:])))
    some = others[: data.draw(st.integers(1, len(others)))]
    at = data.draw(st.integers(0, len(some)))
    fewer = [*some[:at], "s0", *some[at:]]
    whole, part = (verdict(bounded(t), ALL, "s0", [panel]) for t in (table, table.loc[fewer]))
    columns = ["score", "score_low", "score_high"]
    one, two = (v.ranking.set_index("scenario_id").loc[fewer, columns] for v in (whole, part))
    pd.testing.assert_frame_equal(one, two)
    keys = ["scenario_id", "against"]
    pairs = [v.better.set_index(keys).sort_index()["probability"] for v in (whole, part)]
    pd.testing.assert_series_equal(pairs[0].loc[pairs[1].index], pairs[1])
    ranks = [v.ranking.set_index("scenario_id").loc[fewer, "rank"].to_numpy() for v in (whole, part)]
    assert (
        np.sign(np.subtract.outer(ranks[0], ranks[0])) == np.sign(np.subtract.outer(ranks[1], ranks[1]))
    ).all()


@settings(max_examples=30)
@given(tables, weights)
def test_the_do_minimum_scores_nothing_in_every_draw(table: pd.DataFrame, weight) -> None:
    found = scores(bounded(table), Panel("p", ("a",), weight[None])).loc["s0"]
    assert found[["score", "score_low", "score_high"]].tolist() == [0, 0, 0]


@settings(max_examples=30)
@given(tables, weights, st.sampled_from([0.001, 60.0, 10_000.0]))
def test_a_unit_scaled_with_its_anchor_changes_nothing(table: pd.DataFrame, weight, factor: float) -> None:
    panel = Panel("p", ("a",), weight[None])
    scaled = (JOBS, criterion("minutes", "lower", "access", -10 * factor, 1), TAKE)
    other = table.assign(minutes=table["minutes"] * factor)
    columns = ["score", "score_low", "score_high", "first_share"]
    found = [scores(bounded(t), panel, c)[columns] for t, c in ((table, ALL), (other, scaled))]
    pd.testing.assert_frame_equal(found[0], found[1], rtol=1e-6, atol=1e-9)


@settings(max_examples=30)
@given(tables, weights, st.sampled_from(["jobs", "minutes", "take"]), st.floats(0.1, 1e4))
def test_better_in_one_thing_is_never_worse_in_score(table, weight, name: str, step: float) -> None:
    panel = Panel("p", ("a",), weight[None])
    better = table.copy()
    better.loc["s1", name] += step if name == "jobs" else -step
    before, after = (scores(certain(t), panel).loc["s1", "score"] for t in (table, better))
    assert after > before


# --- panels ----------------------------------------------------------------------------------------


def test_disagreement_of_judges_is_kept_beside_their_mean() -> None:
    # one judge looks at jobs alone, three at land take alone
    panel = Panel("p", ("a", "b", "c", "d"), np.array([[1.0, 0, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]))
    table = figures(none=(0, 0, 0), line=(1e5, 0, 1))  # values 1, 0, -0.5
    found = verdict(certain(table), ALL, "none", [panel])
    jobs = found.weights.set_index("criterion").loc["jobs"]
    assert (jobs["judges"], jobs["weight"], jobs["weight_low"], jobs["weight_high"]) == (4, 0.25, 0, 1)
    assert jobs["weight_sd"] == pytest.approx(np.sqrt(0.25 * 0.75))
    line = found.ranking.set_index("scenario_id").loc["line"]
    assert line["score"] == pytest.approx(0.25 * 1 - 0.75 * 0.5)
    assert line["judges_first"] == 0.25
    better = found.better.set_index(["scenario_id", "against"])
    assert better.loc[("line", "none"), "judges_share"] == 0.25
    # each draw takes one judge, whose zeros stay zero: about a quarter of the draws look at jobs
    assert better.loc[("line", "none"), "probability"] == pytest.approx(0.25, abs=0.04)


def test_drawn_weights_add_up_and_lie_around_the_judge() -> None:
    drawn = draw_weights(PLANNER)
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    np.testing.assert_allclose(drawn.mean(axis=0), [0.4, 0.3, 0.3], atol=0.01)
    # Dirichlet with concentration 60: variance w (1 - w) / 61
    assert drawn[:, 0].std() == pytest.approx(np.sqrt(0.4 * 0.6 / 61), rel=0.1)


def test_one_panel_does_not_change_another() -> None:
    table = figures(none=(0, 0, 0), line=(1e5, 0, 1))
    other = Panel("other", ("x",), np.array([[0.1, 0.1, 0.8]]))
    alone = verdict(certain(table), ALL, "none", [PLANNER]).ranking
    beside = verdict(certain(table), ALL, "none", [other, PLANNER]).ranking
    pd.testing.assert_frame_equal(alone, beside[beside["profile"] == "planner"].reset_index(drop=True))


def test_shares_of_a_pair_add_up_and_equals_share() -> None:
    table = figures(none=(0, 0, 0), a=(1e5, -5, 1), b=(9e4, -9, 1), twin=(9e4, -9, 1))
    found = verdict(bounded(table), ALL, "none", [PLANNER]).better.set_index(["scenario_id", "against"])
    both = found["probability"] + found["probability"].swaplevel().reindex(found.index)
    np.testing.assert_allclose(both, 1)
    assert found.loc[("b", "twin"), "probability"] == 0.5


def test_without_panels_or_rivals_there_is_no_ranking() -> None:
    table = figures(none=(0, 0, 0), a=(1, 1, 1))
    assert verdict(certain(table), ALL, "none", []).ranking.empty
    assert verdict(certain(table.iloc[:1]), ALL, "none", [PLANNER]).better.empty


# --- dominance -------------------------------------------------------------------------------------


def test_dominance_by_hand() -> None:
    points = np.array([(0, 0), (2, 1), (2, 3), (1, 4), (2, 3)])
    beats = dominates(points)
    assert [np.flatnonzero(beats[:, i]).tolist() for i in range(5)] == [[1, 2, 3, 4], [2, 4], [], [], []]


def test_a_counterfactual_dominates_nothing_and_may_be_dominated() -> None:
    points = pd.DataFrame({"x": [0.0, 2.0, 1.0], "y": [0.0, 2.0, 1.0]}, index=["a", "unreal", "b"])
    found = dominance(points, {"unreal"}).set_index("scenario_id")
    assert found["dominated_by"].to_dict() == {"a": "b", "unreal": "", "b": ""}
    assert dominance(points, {"a"}).set_index("scenario_id").loc["a", "dominated_by"] == "unreal b"


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=8))
def test_the_pareto_rule(points) -> None:
    beats = dominates(np.array(points, float))
    assert not (beats & beats.T).any()  # never each other
    for i, a in enumerate(points):
        for j, b in enumerate(points):
            assert beats[i, j] == (all(x >= y for x, y in zip(a, b, strict=True)) and a != b)
    assert not beats.any(axis=0).all()  # somebody is always left


@settings(max_examples=30)
@given(tables, weights)
def test_what_is_dominated_scores_no_more_under_any_weights(table, weight) -> None:
    values = values_of(table, ALL, "s0")
    found = dominance(values, ()).set_index("scenario_id")["dominated_by"]
    score = values.to_numpy() @ weight
    by = dict(zip(values.index, score, strict=True))
    assert all(by[i] <= by[other] + 1e-9 for i, others in found.items() for other in others.split())


# --- pairs -----------------------------------------------------------------------------------------


def test_a_pair_is_the_sum_of_its_terms() -> None:
    table = figures(a=(1, 2, 3), b=(10, 20, 30), c=(100, 200, 300))
    asked = [
        Pair(id="both", question=Text(en="?"), terms={"c": 1, "a": -1, "b": -1}),
        Pair(id="gone", question=Text(en="?"), terms={"c": 1, "nobody": -1}),
    ]
    found = paired(table, asked, ALL)
    assert list(found["value"]) == [89, 178, 267] and set(found["pair"]) == {"both"}
    assert found.loc[0, "terms"] == "c - a - b" and found.loc[2, "unit"] == "take"
