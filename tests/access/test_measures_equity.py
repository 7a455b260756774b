"""Equity measures worked out by hand, and what always holds."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.access.measures import (
    concentration,
    corrected_concentration,
    gini,
    palma,
    palma_by_income,
    quantile_groups,
    spread,
    theil,
    theil_by_group,
)
from corridor.core.errors import CorridorError

ONES = np.ones(4)


@st.composite
def places(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, people and group of each place; somebody has something."""
    n = draw(st.integers(1, 12))
    values = draw(st.lists(st.integers(0, 1000), min_size=n, max_size=n).filter(any))
    people = draw(st.lists(st.integers(1, 1000), min_size=n, max_size=n))
    groups = draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    return np.array(values, float), np.array(people, float), np.array(groups)


def test_gini_by_hand() -> None:
    # 1, 2, 3, 4: |differences| over all 16 pairs sum to 2 (1+2+3+1+2+1) = 20; 20 / (2 * 2.5 * 16) = 0.25
    assert gini([1, 2, 3, 4], ONES) == pytest.approx(0.25)
    # one of four has all: 1 - 1/4
    assert gini([0, 0, 0, 5], ONES) == pytest.approx(0.75)
    # three people of 1 in one place, one of 5: mean 2; pairs 2 * 3 * 4 = 24; 24 / (2 * 2 * 16) = 0.375
    assert gini([1, 5], [3, 1]) == pytest.approx(0.375)


def test_palma_by_hand() -> None:
    # ten people with 1 to 10, 55 in all: the tenth with most has 10, the 40 % with least 1 + 2 + 3 + 4 = 10
    assert palma(np.arange(1, 11), np.ones(10)) == pytest.approx(1)
    # two places of 50: the tenth with most takes a tenth of 3, the least 40 % four tenths of 1
    assert palma([1, 3], [50, 50]) == pytest.approx(0.3 / 0.4)
    assert palma([7, 7], [10, 30]) == pytest.approx(0.25)
    assert palma([0, 1], [50, 50]) == math.inf


def test_palma_by_income_by_hand() -> None:
    # Ten people with incomes 1 to 10. The richest has 9 jobs, the four poorest 1, 2, 4, 5, a mean of 3: 9 / 3
    assert palma_by_income([1, 2, 4, 5, 7, 7, 7, 7, 7, 9], np.ones(10), range(1, 11)) == pytest.approx(3)
    # by access it would be (9 / 56) / (12 / 56), as ranks agree here: a quarter of it
    assert palma([1, 2, 4, 5, 7, 7, 7, 7, 7, 9], np.ones(10)) == pytest.approx(0.75)
    # Places of 50: the richest tenth takes its mean from the rich place alone, the poorest 40 % from the poor: 2 / 6
    assert palma_by_income([6, 2], [50, 50], [10_000, 40_000]) == pytest.approx(2 / 6)
    # all of one income: nobody is poorer, whatever they have
    assert palma_by_income([6, 2], [50, 50], [20_000, 20_000]) == pytest.approx(1)


def test_palma_by_income_where_the_tails_have_nothing() -> None:
    assert palma_by_income([0, 5, 2], [4, 5, 1], [1, 2, 3]) == math.inf
    assert palma_by_income([2, 5, 0], [4, 5, 1], [1, 2, 3]) == pytest.approx(0)
    assert math.isnan(palma_by_income([0, 5, 0], [4, 5, 1], [1, 2, 3]))
    assert math.isnan(palma_by_income([0, 0], [1, 1], [1, 2]))


def test_theil_by_hand() -> None:
    # 1 and 3, mean 2: (0.5 ln 0.5 + 1.5 ln 1.5) / 2
    assert theil([1, 3], [1, 1]) == pytest.approx((0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 2)
    # one of four has all: ln 4
    assert theil([0, 0, 0, 5], ONES) == pytest.approx(math.log(4))


def test_theil_parts_by_hand() -> None:
    # groups {1, 3} and {4, 4}: means 2 and 4, all 3; shares of 12 are 1/3 and 2/3
    # between: 1/3 ln(2/3) + 2/3 ln(4/3); within: 1/3 of the T of {1, 3}, and nothing of the second
    parts = theil_by_group([1, 3, 4, 4], ONES, ["a", "a", "b", "b"])
    assert parts.between == pytest.approx(math.log(2 / 3) / 3 + 2 * math.log(4 / 3) / 3)
    assert parts.within == pytest.approx((0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 6)
    assert parts.groups.loc["b", ["population", "mean", "share", "theil_t"]].tolist() == pytest.approx(
        [2, 4, 2 / 3, 0]
    )


def test_concentration_by_hand() -> None:
    # Incomes 1, 2, 3; access 6, 3, 0, mean 3. Ranks 1/6, 1/2, 5/6; cov = (3 * -1/3 + 0 + -3 * 1/3) / 3 = -2/3
    # C = 2 / 3 * -2/3 = -4/9: access lies with the poor
    assert concentration([6, 3, 0], [1, 1, 1], [1, 2, 3]) == pytest.approx(-4 / 9)
    # where all have the same income, nobody ranks higher
    assert concentration([6, 3, 0], [1, 1, 1], [5, 5, 5]) == pytest.approx(0)


def test_concentration_as_published() -> None:
    # Under-five deaths in India 1982-92 by wealth, poorest first (O'Donnell and others 2008, table 8.1): -0.1694
    births, deaths = [29_939, 28_776, 26_528, 24_689, 19_739], [154.7, 152.9, 119.5, 86.9, 54.3]
    assert concentration(deaths, births, [1, 2, 3, 4, 5]) == pytest.approx(-0.1694, abs=5e-5)


def test_corrected_concentration_by_hand() -> None:
    # C is -4/9 and the mean 3 as above; of 12 jobs in all: 4 * 3 / 12 * -4/9 = -4/9; of 6, twice that
    assert corrected_concentration([6, 3, 0], [1, 1, 1], [1, 2, 3], 0, 12) == pytest.approx(-4 / 9)
    assert corrected_concentration([6, 3, 0], [1, 1, 1], [1, 2, 3], 0, 6) == pytest.approx(-8 / 9)
    # half have all there is, and they are the rich: 1
    assert corrected_concentration([0, 9], [5, 5], [1, 2], 0, 9) == pytest.approx(1)
    assert corrected_concentration([0, 0], [1, 1], [1, 2], 0, 9) == 0


def test_corrected_concentration_needs_bounds_that_hold() -> None:
    for lower, upper in ((0, 5), (1, 9)):
        with pytest.raises(CorridorError, match="values: are from 0 to 6; expected values from"):
            corrected_concentration([6, 3, 0], [1, 1, 1], [1, 2, 3], lower, upper)
    with pytest.raises(CorridorError, match="lower, upper: are 9 and 9"):
        corrected_concentration([6, 3, 0], [1, 1, 1], [1, 2, 3], 9, 9)


def test_quantile_groups_by_hand() -> None:
    # 10 people, halves of 5. Incomes 10 (4 people), 20 (3), 30 (3): the middle persons stand at 2, 5.5 and 8.5 of 10
    assert quantile_groups([30, 10, 20], [3, 4, 3], 2).tolist() == [2, 1, 2]
    assert quantile_groups(range(1, 11), np.ones(10), 5).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    # places of one income stay together; where nobody lives the income may be unknown
    assert quantile_groups([7, 7, 9, math.nan], [1, 9, 10, 0], 4).tolist() == [2, 2, 4, 0]
    with pytest.raises(CorridorError, match="count: is 0"):
        quantile_groups([1, 2], [1, 1], 0)


def test_an_income_may_be_unknown_only_where_nobody_lives() -> None:
    for measure in (concentration, palma_by_income):
        assert measure([1, 3, 8], [1, 1, 0], [1, 2, math.nan]) == measure([1, 3], [1, 1], [1, 2])
        with pytest.raises(CorridorError, match="rank_by: 1 missing values, the first at position 2"):
            measure([1, 3, 8], [1, 1, 1], [1, 2, math.nan])


def test_income_is_matched_by_name() -> None:
    access, people = pd.Series({"x": 6.0, "y": 2.0}), pd.Series({"y": 50.0, "x": 50.0})
    assert palma_by_income(access, people, pd.Series({"y": 4, "x": 1})) == pytest.approx(2 / 6)
    assert quantile_groups(pd.Series({"y": 4, "x": 1}), people, 2).to_dict() == {"y": 2, "x": 1}
    with pytest.raises(CorridorError, match="rank_by: 1 places have no value, the first x"):
        palma_by_income(access, people, pd.Series({"y": 4}))


def test_spread_has_a_row_for_each_group_and_for_all() -> None:
    table = spread([1, 3, 4, 4], ONES, ["b", "b", "a", "a"])
    assert table.index.tolist() == ["a", "b", "all"]
    assert table["population"].tolist() == [2, 2, 4]
    assert table["mean"].tolist() == [4, 2, 3]
    assert table["gini"].tolist() == pytest.approx([0, 0.25, gini([1, 3, 4, 4], ONES)])
    assert table["palma"].tolist()[0] == pytest.approx(0.25)


def test_nothing_to_spread_is_nan() -> None:
    for measure in (gini, palma, theil):
        assert math.isnan(measure([0, 0], [1, 2]))
    assert math.isnan(concentration([0, 0], [1, 2], [1, 2]))


def test_a_group_without_access_keeps_the_sum_whole() -> None:
    # group a has nothing: T = ln 2 (half the people have all), all of it between
    parts = theil_by_group([0, 0, 3, 3], ONES, ["a", "a", "b", "b"])
    assert (parts.total, parts.between, parts.within) == pytest.approx((math.log(2), math.log(2), 0))
    assert math.isnan(parts.groups.loc["a", "theil_t"])


def test_places_without_people_do_not_count() -> None:
    assert gini([1, 3, math.nan], [1, 1, 0]) == gini([1, 3], [1, 1])
    assert spread([1, 9], [1, 0], ["a", "b"]).index.tolist() == ["a", "all"]


def test_what_is_missing_where_people_live_is_an_error() -> None:
    with pytest.raises(CorridorError) as caught:
        gini([1, math.nan, math.inf], [1, 2, 3])
    assert [p.what.split(",")[0] for p in caught.value.problems] == ["1 missing values", "1 infinite values"]


def test_series_are_matched_by_index() -> None:
    values = pd.Series({"x": 1.0, "y": 5.0})
    people, district = pd.Series({"y": 1.0, "x": 3.0}), pd.Series({"y": "far", "x": "near"})
    assert gini(values, people) == pytest.approx(0.375)
    assert spread(values, people, district)["mean"].to_dict() == {"far": 5, "near": 1, "all": 2}
    with pytest.raises(CorridorError, match="1 places have no value, the first x"):
        gini(values, people.drop("x"))


@given(places())
def test_bounds(given_places: tuple[np.ndarray, ...]) -> None:
    x, p, _ = given_places
    assert 0 <= gini(x, p) < 1
    assert 0 <= theil(x, p) <= math.log(p.sum()) + 1e-9
    assert palma(x, p) >= 0.25 - 1e-9
    assert abs(concentration(x, p, x[::-1])) <= gini(x, p) + 1e-9


@given(places())
def test_gini_is_the_mean_difference(given_places: tuple[np.ndarray, ...]) -> None:
    x, p, _ = given_places
    pairs = (np.outer(p, p) * np.abs(x[:, None] - x)).sum()
    assert gini(x, p) == pytest.approx(pairs / (2 * np.average(x, weights=p) * p.sum() ** 2), abs=1e-9)


@given(places())
def test_theil_adds_up(given_places: tuple[np.ndarray, ...]) -> None:
    parts = theil_by_group(*given_places)
    assert parts.between + parts.within == pytest.approx(parts.total, abs=1e-9)
    assert parts.between >= -1e-9


@given(places())
def test_ranked_by_itself_concentration_is_gini(given_places: tuple[np.ndarray, ...]) -> None:
    x, p, _ = given_places
    assert concentration(x, p, x) == pytest.approx(gini(x, p), abs=1e-9)
    assert concentration(x, p, x.max() - x) == pytest.approx(-gini(x, p), abs=1e-9)


@given(places(), st.integers(2, 50), st.integers(2, 50))
def test_scale_order_and_splitting_do_not_matter(
    given_places: tuple[np.ndarray, ...], a: int, b: int
) -> None:
    x, p, _ = given_places
    for measure in (gini, palma, theil):
        base = measure(x, p)
        assert measure(a * x, b * p) == pytest.approx(base, abs=1e-9)
        assert measure(x[::-1], p[::-1]) == pytest.approx(base, abs=1e-9)
        assert measure(np.repeat(x, 2), np.repeat(p / 2, 2)) == pytest.approx(base, abs=1e-9)


@given(places(), st.integers(1, 1000))
def test_palma_by_income_of_equal_access_is_one(given_places: tuple[np.ndarray, ...], same: int) -> None:
    x, p, _ = given_places
    assert palma_by_income(np.full(x.size, same), p, x) == pytest.approx(1)
    # ranked by access itself it is four times the Palma of access
    assert palma_by_income(x, p, x) == pytest.approx(4 * palma(x, p))


@given(places(), st.integers(2, 50), st.integers(2, 50), st.randoms(use_true_random=False))
def test_income_measures_keep_scale_order_and_splitting(
    given_places: tuple[np.ndarray, ...], a: int, b: int, random: object
) -> None:
    x, p, _ = given_places
    income = np.array([random.randint(1, 5) for _ in x], float)  # type: ignore[attr-defined]
    for measure in (palma_by_income, concentration):
        base = pytest.approx(measure(x, p, income), abs=1e-9, nan_ok=True)
        assert measure(a * x, b * p, income) == base
        assert measure(x, p, a * income + b) == base  # ranks alone count
        assert measure(x[::-1], p[::-1], income[::-1]) == base
        assert measure(np.repeat(x, 2), np.repeat(p / 2, 2), np.repeat(income, 2)) == base


@given(places(), st.randoms(use_true_random=False))
def test_corrected_concentration_mirrors(given_places: tuple[np.ndarray, ...], random: object) -> None:
    x, p, _ = given_places
    income = np.array([random.randint(1, 5) for _ in x], float)  # type: ignore[attr-defined]
    found = corrected_concentration(x, p, income, 0, 1000)
    assert -1 <= found <= 1
    assert corrected_concentration(1000 - x, p, income, 0, 1000) == pytest.approx(-found, abs=1e-9)


@given(places(), st.integers(1, 10))
def test_quantile_groups_rise_with_standing(given_places: tuple[np.ndarray, ...], count: int) -> None:
    standing, p, _ = given_places
    group = quantile_groups(standing, p, count).to_numpy()
    assert (group >= 1).all() and (group <= count).all()
    order = np.argsort(standing, kind="stable")
    assert (np.diff(group[order]) >= 0).all()
    assert all(np.unique(group[standing == s]).size == 1 for s in standing)
