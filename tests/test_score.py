"""Utilities, weights and ranks on tables small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.schema.text import Text
from corridor.score import CRITERIA, PROFILES, Criterion, rank
from corridor.score.ranking import utilities, weights_of

JOBS = Criterion("jobs", Text(en="jobs"), "jobs", "higher", "access", 1.0, "C")
TAKE = Criterion("take", Text(en="take"), "ha", "lower", "nature", 1.0, "C")
PAIR = (JOBS, TAKE)


def table(jobs, take):
    return pd.DataFrame({"jobs": jobs, "take": take}, index=["a", "b", "c"][: len(jobs)])


def test_weights_of_a_group_sum_to_one():
    for group in ("access", "nature"):
        assert sum(c.weight for c in CRITERIA if c.group == group) == pytest.approx(1)
    for profile in PROFILES.values():
        assert weights_of(profile, CRITERIA).sum() == pytest.approx(1)
        assert sum(profile.values()) == pytest.approx(1)


def test_utilities_run_from_worst_to_best():
    # jobs 100, 150, 200: 0, 0.5, 1; hectares 4, 2, 0: 0, 0.5, 1
    found = utilities(table([100, 150, 200], [4, 2, 0]).to_numpy(float), PAIR)
    np.testing.assert_allclose(found, [[0, 0], [0.5, 0.5], [1, 1]])


def test_a_criterion_that_does_not_differ_favours_nobody():
    np.testing.assert_allclose(utilities(table([100, 200], [3, 3]).to_numpy(float), PAIR), [[0, 1], [1, 1]])


def test_scores_by_hand():
    # a: most jobs, most taken; b: the reverse. Planner 0.65 / 0.35, reviewer 0.3 / 0.7.
    values = table([200, 100], [5, 0])
    found = rank(values, values, values, PAIR).set_index(["profile", "scenario_id"])
    assert found.loc[("planner", "a"), "score"] == pytest.approx(0.65)
    assert found.loc[("reviewer", "b"), "score"] == pytest.approx(0.70)
    assert found.loc[("planner", "a"), "rank"] == 1
    assert found.loc[("reviewer", "a"), "rank"] == 2
    assert found.loc[("planner", "a"), "first_share"] > 0.9


def test_one_that_is_best_in_everything_is_always_first():
    values = table([300, 200, 100], [0, 1, 2])
    found = rank(values, values, values, PAIR)
    best = found[found["scenario_id"] == "a"]
    assert (best[["rank", "rank_low", "rank_high"]] == 1).all(axis=None)
    assert (best["first_share"] == 1).all()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 100)), min_size=2, max_size=3, unique=True))
def test_ranks_and_scores_are_what_they_say(rows):
    values = table([r[0] for r in rows], [r[1] for r in rows])
    found = rank(values, values, values, PAIR)
    again = rank(values, values, values, PAIR)
    pd.testing.assert_frame_equal(found, again)  # seeded
    for _, group in found.groupby("profile"):
        better = [(group["score"] > score + 1e-9).sum() for score in group["score"]]
        assert [b + 1 for b in better] == list(group["rank"])  # equal scores share the better rank
        assert group["first_share"].sum() == pytest.approx(1)
        assert group["score"].between(-1e-9, 1 + 1e-9).all()
        assert (group["rank_low"] <= group["rank_high"]).all()
