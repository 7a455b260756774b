"""The cities of the wider area: strengths by hand, ranks, and what scenarios change between the two sides."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corridor.study.cities import Cities, cities, linkage
from corridor.study.study import Study


@pytest.fixture(scope="module")
def found(study: Study) -> Cities:
    """The shipped cities, with times of two scenarios made up."""
    ways = [("central", "qianhai"), ("hung-shui-kiu", "qianhai"), ("qianhai", "central"), ("central", "loop")]
    hubs = pd.DataFrame(
        [
            {"scenario_id": scenario, "hour": "08:30", "from_place": a, "to_place": b, "minutes": minutes}
            for scenario, times in (("before", (60.0, 50.0, 60.0, 70.0)), ("after", (58.0, 20.0, 5.0, 5.0)))
            for (a, b), minutes in zip(ways, times, strict=True)
        ]
    )
    made = cities(study.catalog, hubs, study.places, "before")
    assert made is not None
    return made


def test_strength_is_masses_over_a_power_of_distance() -> None:
    far = np.array([[0.0, 10.0, 20.0], [10.0, 0.0, 10.0], [20.0, 10.0, 0.0]])
    population, gdp = np.array([4.0, 1.0, 1.0]), np.array([1.0, 1.0, 1.0])
    assert np.allclose(linkage(population, gdp, far, 2)[0], [0, 100, 25])
    assert np.allclose(linkage(population, gdp, far, 1)[1], [100, 0, 50])


def test_every_pair_is_there_once_and_the_range_holds_the_centre(found: Cities) -> None:
    pairs = found.pairs
    assert len(found.table) == 11 and len(pairs) == 55
    assert (pairs["strength_low"] <= pairs["strength"] + 1e-9).all()
    assert (pairs["strength"] <= pairs["strength_high"] + 1e-9).all()
    assert pairs["strength"].is_monotonic_decreasing and pairs["strength"].iloc[0] == pytest.approx(100)
    assert (found.table["rank_low"] <= found.table["rank"]).all()


def test_one_pair_is_that_of_the_study_and_has_the_published_minutes(found: Cities) -> None:
    across = found.pairs[found.pairs["corridor"] == "across"]
    assert [*across[["from_city", "to_city"]].iloc[0]] == ["hong-kong", "shenzhen"] and len(across) == 1
    assert across["minutes"].iloc[0] == 14
    assert (found.pairs["corridor"] == "one_end").sum() == 18
    assert (
        not (found.pairs[["from_city", "to_city"]] == "macao")
        .any(axis=1)[found.pairs["minutes"].notna()]
        .any()
    )


def test_a_table_that_names_a_pair_the_other_way_round_is_read(found: Cities) -> None:
    back = found.pairs.set_index(["from_city", "to_city"])["minutes"]
    assert back["guangzhou", "dongguan"] == 26 and found.pairs["minutes"].notna().sum() == 12


def test_agreement_is_over_the_cities_that_are_ranked(found: Cities) -> None:
    from scipy.stats import spearmanr

    ranked = found.table.dropna(subset="published_class")
    central = found.agreement.set_index("exponent").loc[2.0]
    assert central["cities"] == len(ranked) == 9
    assert central["spearman"] == pytest.approx(
        spearmanr(ranked["rank"], ranked["published_class"]).statistic
    )


def test_scenarios_count_northbound_journeys_between_the_two_sides(found: Cities) -> None:
    after = found.corridors.set_index("scenario_id").loc["after"]
    assert after["ways"] == 2 and after["shorter"] == 1
    assert after["change_min"] == pytest.approx(-16) and after["best_change_min"] == -30
    assert (after["best_from"], after["best_to"]) == ("hung-shui-kiu", "qianhai")


def test_a_study_without_an_exponent_has_no_cities(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    table = study.catalog.table
    monkeypatch.setattr(
        type(study.catalog),
        "table",
        lambda _, role: table(role).iloc[:0] if "appraisal" in role else table(role),
    )
    assert cities(study.catalog, pd.DataFrame(), study.places, "before") is None
