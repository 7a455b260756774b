"""Access poverty worked out by hand, as published, and what always holds."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.access.measures import poverty, poverty_by_group, quantile_groups
from corridor.core.errors import CorridorError


@st.composite
def places(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, people and group of each place."""
    n = draw(st.integers(1, 12))
    values = draw(st.lists(st.integers(0, 1000), min_size=n, max_size=n))
    people = draw(st.lists(st.integers(1, 1000), min_size=n, max_size=n))
    groups = draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    return np.array(values, float), np.array(people, float), np.array(groups)


def test_poverty_by_hand() -> None:
    # Line 200. 30 people have 100 (half short), 10 have 150 (a quarter), 40 stand on it, 20 are above: 40 of 100 poor
    # gap (30 / 2 + 10 / 4) / 100 = 0.175, severity (30 / 4 + 10 / 16) / 100 = 0.08125
    found = poverty([100, 150, 200, 900], [30, 10, 40, 20], 200)
    assert (found.population, found.poor) == (100, 40)
    assert (found.fgt0, found.fgt1, found.fgt2) == pytest.approx((0.4, 0.175, 0.08125))


def test_poverty_as_published() -> None:
    # Haughton and Khandker 2009, Handbook on Poverty and Inequality, chapter 4, country C: gap 0.08, severity 0.0136
    found = poverty([100, 110, 150, 160], np.ones(4), 125)
    assert (found.fgt0, found.fgt1, found.fgt2) == pytest.approx((0.5, 0.08, 0.0136))


def test_who_has_nothing_is_poor_in_full() -> None:
    found = poverty([0, 0], [1, 2], 10)
    assert (found.fgt0, found.fgt1, found.fgt2) == (1, 1, 1)


def test_groups_have_a_row_each_and_all() -> None:
    table = poverty_by_group([100, 150, 200, 900], [30, 10, 40, 20], ["b", "a", "a", "b"], 200)
    assert table.index.tolist() == ["a", "b", "all"]
    assert table["population"].tolist() == [50, 50, 100]
    assert table["poor"].tolist() == [10, 30, 40]
    assert table["fgt0"].tolist() == pytest.approx([0.2, 0.6, 0.4])
    assert table["fgt1"].tolist() == pytest.approx([0.05, 0.3, 0.175])


def test_poverty_by_income() -> None:
    # the two poorer places of one head each have 1 and 5 of 4 needed, the two richer 8: half of the poor half are poor
    income = pd.Series({"w": 10, "x": 20, "y": 30, "z": 40})
    people, access = income * 0 + 1, pd.Series({"z": 8, "y": 8, "x": 5, "w": 1})
    table = poverty_by_group(access, people, quantile_groups(income, people, 2), 4)
    assert table["fgt0"].to_dict() == {1: 0.5, 2: 0, "all": 0.25}


def test_every_fault_at_once() -> None:
    with pytest.raises(CorridorError) as caught:
        poverty([1, math.nan, -1], [1, 1, 1], 0)
    assert [(p.where, p.what.split(",")[0]) for p in caught.value.problems] == [
        ("line", "is 0"),
        ("values", "1 missing values"),
        ("values", "1 negative values"),
    ]
    with pytest.raises(CorridorError, match="groups: 1 places have no group"):
        poverty_by_group([1, 2], [1, 1], ["a", None], 5)
    with pytest.raises(CorridorError, match="line: is inf"):
        poverty([1, 2], [1, 1], math.inf)


@given(places(), st.integers(1, 1200))
def test_bounds_and_head_count(given_places: tuple[np.ndarray, ...], line: int) -> None:
    x, p, _ = given_places
    found = poverty(x, p, line)
    assert 0 <= found.fgt2 <= found.fgt1 <= found.fgt0 <= 1
    assert found.poor == p[x < line].sum()
    assert found.fgt0 == pytest.approx(found.poor / p.sum())


@given(places(), st.integers(1, 1000), st.integers(0, 200))
def test_more_are_poor_under_a_higher_line(
    given_places: tuple[np.ndarray, ...], line: int, higher: int
) -> None:
    x, p, _ = given_places
    low, high = poverty(x, p, line), poverty(x, p, line + higher)
    assert all(getattr(low, name) <= getattr(high, name) + 1e-12 for name in ("fgt0", "fgt1", "fgt2"))


@given(places(), st.integers(1, 1000), st.integers(2, 50), st.integers(2, 50))
def test_scale_does_not_matter(given_places: tuple[np.ndarray, ...], line: int, a: int, b: int) -> None:
    x, p, _ = given_places
    one, other = poverty(x, p, line), poverty(a * x, b * p, a * line)
    assert (one.fgt0, one.fgt1, one.fgt2) == pytest.approx((other.fgt0, other.fgt1, other.fgt2), abs=1e-9)


@given(places(), st.integers(1, 1000))
def test_groups_make_up_the_whole(given_places: tuple[np.ndarray, ...], line: int) -> None:
    x, p, names = given_places
    table = poverty_by_group(x, p, names, line)
    groups, whole = table.drop("all"), table.loc["all"]
    for name in ("fgt0", "fgt1", "fgt2"):
        assert np.average(groups[name], weights=groups["population"]) == pytest.approx(whole[name], abs=1e-12)
    assert groups["poor"].sum() == whole["poor"]
