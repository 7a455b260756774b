"""Hand cases: probabilities, ranks, regret, and where an order turns round."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corridor.core.errors import CorridorError
from corridor.study.ensemble.attribution import flip_point, morris, sobol, tornado
from corridor.study.ensemble.findings import probability_better, rank_shares, regret, standard_error
from corridor.study.ensemble.store import Store
from corridor.study.ensemble.surrogate import COLUMNS, variance_shares


def test_equal_figures_count_half_and_unknown_ones_are_left_out() -> None:
    a, b = np.array([1.0, 2.0, 3.0, 4.0, np.nan]), np.array([0.0, 2.0, 9.0, 1.0, 1.0])
    assert probability_better(a, b) == (0.625, 0.25, 4)  # two wins and half of one, of four
    assert standard_error(0.5, 100) == pytest.approx(0.05)
    assert standard_error(1.0, 98) == pytest.approx(np.sqrt(0.01 * 0.99 / 98))


def test_ranks_are_shared_among_equals_and_every_place_is_filled() -> None:
    shares = rank_shares(np.array([[1, 2, 3], [1, 1, 3], [2, 3, 1], [1, 1, 1]]))
    assert shares.sum(axis=0) == pytest.approx(1) and shares.sum(axis=1) == pytest.approx(1)
    assert shares[0, 0] == pytest.approx((1 + 0.5 + 0 + 1 / 3) / 4)


def test_regret_is_what_the_best_of_a_draw_has_more() -> None:
    assert regret(np.array([[1.0, 3.0], [2.0, 0.5]])).tolist() == [[2.0, 0.0], [0.0, 1.5]]


def test_a_flip_point_is_found_on_the_assumption_that_makes_it() -> None:
    generator = np.random.default_rng(1)
    values = pd.DataFrame(generator.uniform(0, 10, (400, 3)), columns=["a", "b", "c"])
    lost = (values["b"] > 7).to_numpy()
    box = flip_point(values, lost)
    assert box and set(box.limits) == {"b"}
    assert box.limits["b"][0] == pytest.approx(7, abs=0.6) and box.density > 0.9
    assert flip_point(values, np.zeros(400, dtype=bool)) is None
    order = tornado(values, (5 * values["b"] - values["c"]).to_numpy())
    assert order["assumption_id"].head(2).tolist() == ["b", "c"] and order["correlation"].iloc[0] > 0.9


def test_shares_of_variance_are_those_known_of_ishigami_and_of_the_g_function() -> None:
    pytest.importorskip("SALib")

    def ishigami(x: np.ndarray) -> np.ndarray:
        return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])

    found = sobol(ishigami, dict.fromkeys(("x1", "x2", "x3"), (-np.pi, np.pi)), 2048)
    assert found["first"].to_numpy() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)  # Saltelli et al. 2008
    assert found["total"].to_numpy() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)

    weights = np.array([0.0, 1.0, 4.5, 9.0])

    def g_function(x: np.ndarray) -> np.ndarray:
        return np.prod((np.abs(4 * x - 2) + weights) / (1 + weights), axis=1)

    part = 1 / (3 * (1 + weights) ** 2)  # variance of each factor, whose mean is 1
    first = part / (np.prod(1 + part) - 1)
    found = sobol(g_function, dict.fromkeys("abcd", (0.0, 1.0)), 2048)
    assert found["first"].to_numpy() == pytest.approx(first, abs=0.03)
    screened = morris(g_function, dict.fromkeys("abcd", (0.0, 1.0)), 40)
    assert screened.sort_values("effect", ascending=False)["assumption_id"].tolist() == list("abcd")


def test_a_folder_goes_on_with_the_same_question_and_refuses_another(tmp_path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "out"
    frame = pd.DataFrame({"jobs": [1.0]}, index=pd.Index(["a"], name="scenario_id"))
    Store.begin(folder, {"draws": 3}).put(2, frame)
    again = Store.begin(folder, {"draws": 3})
    assert again.done == [2]
    assert again.draws().loc[(2, "a"), "jobs"] == 1.0
    with pytest.raises(CorridorError, match="another question: other draws"):
        Store.begin(folder, {"draws": 4})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x")
    with pytest.raises(CorridorError, match="not the folder of an ensemble"):
        Store.begin(tmp_path / "mine", {"draws": 3})


def test_a_surrogate_says_how_well_it_foretells_and_finds_the_shares_of_a_sum() -> None:
    pytest.importorskip("SALib")
    generator = np.random.default_rng(3)
    values = pd.DataFrame(generator.uniform(size=(200, 8)), columns=list("abcdefgh"))
    known = 4 * values["a"] + 2 * values["b"] + 4 * (values["a"] - 0.5) * (values["c"] - 0.5)
    found = variance_shares(values, known.to_numpy()).set_index("assumption_id")
    # variances: 16/12, 4/12 and, of the product of two centred uniforms, 16/144
    total = 16 / 12 + 4 / 12 + 16 / 144
    assert found.loc["a", "first"] == pytest.approx(16 / 12 / total, abs=0.05)
    assert found.loc["c", "first"] == pytest.approx(0, abs=0.03)
    assert found.loc["c", "total"] == pytest.approx(16 / 144 / total, abs=0.03)
    assert (
        ("assumption_id", *found) == COLUMNS
        and found["r2"].iloc[0] > 0.98
        and found["effect"].idxmax() == "a"
    )
    assert found["total"].notna().sum() == 6
    noise = generator.normal(size=200)
    assert variance_shares(values, noise).empty  # foretells nothing of draws it has not seen
    assert variance_shares(values.head(20), known.head(20).to_numpy()).empty  # fewer draws than terms
    assert variance_shares(values, np.ones(200)).empty
