"""Discounting, benefits, funding, carbon and the ecological account: by hand, and what always holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.core.errors import LayerError, ScenarioError
from corridor.ecology.appraisal.account import ecological_account
from corridor.schema.catalog import Catalog
from corridor.schema.tables import CASES
from corridor.schema.text import Text
from corridor.study.appraisal.account import summed, valued
from corridor.study.appraisal.benefit import (
    DiscountRate,
    Horizon,
    benefit_cost,
    discount_rates,
    yearly_benefit,
)
from corridor.study.appraisal.carbon import NOT_REPAID, carbon
from corridor.study.appraisal.funding import funding
from corridor.study.compare import wanted
from corridor.study.question import own_table
from corridor.study.study import Study
from tests.quality_factory import RAIL, model, reference, works

TENTH = DiscountRate("tenth", Text(en="10 %"), ((0, 0.10),))


# --- discounting ---


def test_factors_by_hand() -> None:
    """10 % until year 1, 20 % from year 2: 1, 1 / 1.1, 1 / (1.1 * 1.2)."""
    falling = DiscountRate("two", Text(en="two"), ((0, 0.1), (2, 0.2)))
    assert falling.factors(3).tolist() == pytest.approx([1, 1 / 1.1, 1 / 1.32])


def test_the_green_book_discounts_year_31_at_3_percent() -> None:
    rates = {rate.rate_id: rate for rate in discount_rates(Catalog.bundled().table("discount_rates"))}
    factors = rates["green_book"].factors(61)
    assert factors[30] == pytest.approx(1.035**-30) and factors[31] == pytest.approx(1.035**-30 / 1.03)
    assert list(rates) == ["green_book", "four", "mainland"]


def test_costs_come_before_benefits() -> None:
    """Two years of works and two of benefits at 10 %: costs (1 + 1/1.1)/2, benefits 1.1^-2 + 1.1^-3."""
    horizon = Horizon(2, 2)
    assert horizon.cost_factor(TENTH) == pytest.approx((1 + 1 / 1.1) / 2)
    assert horizon.benefit_factor(TENTH) == pytest.approx(1.1**-2 + 1.1**-3)


# --- benefits ---


def cost(**ends: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(ends, index=list(CASES)).T.rename_axis("scenario_id")


def test_benefit_cost_by_hand() -> None:
    """No discount, one year of each: benefits 1 to 4 bn over costs 10 to 20 bn are 0.05 to 0.4. At HK$50 to 100 an hour and 100
    days, 10 to 20 bn are 1 to 4 million hours a day."""
    free = DiscountRate("none", Text(en="none"), ((0, 0.0),))
    yearly = pd.Series([1.0, 2.0, 4.0], index=list(CASES))
    found = benefit_cost(
        cost(a=(10, 15, 20)), {("census", "a"): yearly}, [free], Horizon(1, 1), (50, 100), 100
    ).iloc[0]
    assert (found["ratio_low"], found["ratio_high"]) == pytest.approx((0.05, 0.4))
    assert (found["break_even_h_low"], found["break_even_h_high"]) == pytest.approx((1e6, 4e6))


def test_without_works_there_is_no_ratio_and_a_loss_is_worst_over_the_low_cost() -> None:
    yearly = pd.Series([-4.0, -2.0, -1.0], index=list(CASES))
    both = cost(free=(0, 0, 0), dear=(10, 15, 20))
    found = benefit_cost(
        both, {("census", i): yearly for i in both.index}, [TENTH], Horizon(1, 1), (50, 100), 365
    )
    assert np.isnan(found["ratio_low"][0]) and np.isnan(found["break_even_h_low"][0])
    assert found["ratio_low"][1] == pytest.approx(-0.4 / 1.1) and found["ratio_high"][1] == pytest.approx(
        -0.05 / 1.1
    )


@given(st.floats(-1e5, 1e5), st.floats(0.5, 4))
def test_yearly_benefit_rises_from_low_to_high(hours: float, dearer: float) -> None:
    saved = pd.DataFrame(
        {"group": ["a", "b"], "saved_h": [hours, hours / 2], "saved_hkd": [hours * 60, hours * 30]}
    )
    worth = pd.DataFrame({"low": [40.0, 20.0], "high": [40 * dearer + 40, 132.0]}, index=["a", "b"])
    found = yearly_benefit(saved, worth, 365)
    assert found["low"] <= found["central"] <= found["high"]


# --- funding ---


def fund(**cells: float | None) -> pd.Series:
    columns = ("quantity", "price_hkd", "share_of_cost", "published_hkd_bn")
    row = {"line_id": "a", "instrument": "ppp"} | {c: cells.get(c, np.nan) for c in columns}
    return funding(pd.DataFrame([row]), pd.Series({"a": 100.0})).iloc[0]


def test_funding_uses_the_users_price_then_the_share_then_what_is_published() -> None:
    priced = fund(quantity=2_000_000, price_hkd=10_000, share_of_cost=0.5, published_hkd_bn=7)
    assert (priced["amount_hkd_bn"], priced["basis"]) == (20.0, "own_price")
    shared = fund(quantity=1, share_of_cost=0.3, published_hkd_bn=7)
    assert (shared["amount_hkd_bn"], shared["basis"]) == (30.0, "own_share")
    assert fund(published_hkd_bn=7)["basis"] == "published"
    nothing = fund(quantity=26)
    assert np.isnan(nothing["amount_hkd_bn"]) and nothing["basis"] == "none"


def test_the_shipped_table_invents_no_price() -> None:
    table = Catalog.bundled().table("funding")
    assert table[["price_hkd", "share_of_cost"]].isna().all(axis=None)
    assert table["published_hkd_bn"].dropna().tolist() == [39.05]


def test_a_users_prices_are_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "line_id,instrument,quantity,unit,price_hkd,share_of_cost\nhswrl,rail_property,1000000,m2,60000,\n"
    )
    assert own_table(Catalog.bundled(), "funding", path)["price_hkd"].tolist() == [60_000]
    path.write_text("line_id,instrument,quantity,unit,price_hkd,share_of_cost\nhswrl,lottery,1,m2,-5,2\n")
    with pytest.raises(LayerError) as told:
        own_table(Catalog.bundled(), "funding", path)
    said = str(told.value)
    assert all(
        words in said for words in ("mine.csv line 2", "lottery", "rail_property", "-5", "from 0 to 1")
    )


def test_prices_of_a_line_that_nothing_proposes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("line_id,instrument,quantity,unit,price_hkd,share_of_cost\nhswlr,ppp,,,,0.3\n")
    with pytest.raises(ScenarioError, match=r"mine.csv row 1: Unknown line 'hswlr'.*hswrl"):
        wanted(Study.bundled(), ["western-2035"], prices=path)
    with pytest.raises(LayerError, match="gone.csv"):
        wanted(Study.bundled(), ["western-2035"], prices=tmp_path / "gone.csv")


# --- carbon ---


def test_carbon_by_hand() -> None:
    """Built 100 to 300 t; 10 t a year saved repay it in 10 to 30 years, its stations within. A viaduct without a factor is not
    assessed, nor when travel makes good for it."""
    known, unknown = (100.0, 200.0, 300.0), (np.nan,) * 3
    rows = [
        ("a", "km", 2.0, *known), ("a", "station", 5.0, *unknown), ("b", "km", 1.0, *unknown), ("d", "km", 2.0, *known),
        ("d", "km", 7.0, *unknown),
    ]  # fmt: skip
    items = pd.DataFrame(rows, columns=["scenario_id", "unit", "quantity", *CASES])
    found = carbon(items, ["a", "b", "c", "d"], {"a": 10.0, "b": -1.0, "d": 10.0}).set_index("scenario_id")
    assert found.loc["a", ["repaid_years_low", "repaid_years_high", "not_assessed_stations"]].tolist() == [
        10,
        30,
        5,
    ]
    assert np.isnan(found.loc["b", "construction_low"]) and found.loc["c", "construction_low"] == 0
    assert found.loc["d", "not_assessed_km"] == 7 and np.isnan(found.loc["d", "repaid_years_low"])
    assert carbon(items, ["a"], {"a": -1.0})["repaid_years_low"][0] == NOT_REPAID


# --- the ecological account ---


def test_account_by_hand() -> None:
    """One cell of 1 ha, a quarter taken, no threat from the works: condition 1 before, and of the 0.75 ha left 1 after."""
    ref = reference(np.ones((1, 1), dtype=np.uint8), model(RAIL))
    found = ecological_account(ref, works(("permanent", False, (0, -50, 50, 0))))
    assert found[["area_ha", "taken_ha", "quality_before_ha", "quality_after_ha"]].iloc[
        0
    ].tolist() == pytest.approx([1, 0.25, 1, 0.75])
    whole = summed(found, ["side"]).iloc[0]
    assert (whole["left_ha"], whole["condition_before"], whole["condition_after"]) == pytest.approx(
        (0.75, 1, 1)
    )


def test_values_by_hand_and_what_has_none_is_not_assessed() -> None:
    account = pd.DataFrame(
        {"side": ["hk", "sz", "hk"], "habitat_id": ["pond", "pond", "sea"], "area_ha": [10.0, 20.0, 5.0],
         "taken_ha": [1.0, 0.0, 2.0], "quality_before_ha": [5.0, 9.0, 2.0], "quality_after_ha": [4.0, 9.0, 1.0]}
    )  # fmt: skip
    values = pd.DataFrame({"calibration": ["x"], "habitat_id": ["pond"], "cny_per_ha_year": [2e6]})
    whole = valued(account.assign(scenario_id="a"), values, ["scenario_id"]).iloc[0]
    assert whole[["before_cny_m", "change_cny_m", "assessed_ha", "not_assessed_ha"]].tolist() == [
        60,
        -2,
        30,
        5,
    ]
    by_side = summed(account, ["side"])
    assert by_side["area_ha"].sum() == summed(account, ["habitat_id"])["area_ha"].sum() == 35


def test_published_calibrations_differ_eightfold_for_wetland() -> None:
    """G09: one hectare is 78,000, 177,000 or 650,000 CNY a year; 52.02 equivalents of 1498.58 or 3406.5 CNY."""
    table = Catalog.bundled().table("ecosystem_values")
    pond = table[table["habitat_id"] == "fishpond"].set_index("calibration")["cny_per_ha_year"]
    assert pond["equivalent_grain"] == pytest.approx(52.02 * 1498.58, abs=1)
    assert pond["equivalent_2010"] == pytest.approx(52.02 * 3406.5, abs=1)
    assert pond.max() / pond.min() == pytest.approx(8.3, abs=0.1)
