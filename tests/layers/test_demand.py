"""Tables of the demand model: observed crossings against published figures, shares that add up, wrong tables named."""

from __future__ import annotations

import pandas as pd
import pytest

from corridor.core.errors import LayerError, Problems
from corridor.schema.catalog import Catalog
from corridor.schema.role_checks import check_crossings, check_shares
from corridor.schema.table_checks import RowChecks
from tests.paths import ROOT

SEVEN = {  # published means of 2025, both directions
    "lo-wu": 192879, "lok-ma-chau-spur": 161755, "shenzhen-bay": 121669, "west-kowloon": 84741,
    "heung-yuen-wai": 80135, "huanggang": 38347, "man-kam-to": 5799,
}  # fmt: skip
ANNUAL = {"2017": {"lo-wu": 81707959, "west-kowloon": 0}, "2019": {"lo-wu": 78234223, "sha-tau-kok": 2681506}}
FAULTY = pd.DataFrame(
    {
        "period_id": "2025",
        "checkpoint_id": "lo-wu",
        "direction": "northbound",
        "group": "all",
        "day_type": ["weekday", "weekend", "all"],
        "days": [5, 2, 7],
        "passengers_per_day": [100.0, 200.0, 128.571],
    }
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.bundled()


@pytest.fixture(scope="module")
def crossings(catalog: Catalog) -> pd.DataFrame:
    return catalog.table("demand_crossings")


def mean_day(crossings: pd.DataFrame, period: str, group: str | None = None) -> pd.Series:
    """Passengers a day by control point, both directions."""
    rows = crossings[(crossings["period_id"] == period) & (crossings["day_type"] == "all")]
    if group:
        rows = rows[rows["group"] == group]
    return rows.groupby("checkpoint_id")["passengers_per_day"].sum()


def shares(crossings: pd.DataFrame, period: str, group: str | None = None) -> pd.Series:
    """Per cent of the seven control points that lead to Shenzhen."""
    seven = mean_day(crossings, period, group)[list(SEVEN)]
    return 100 * seven / seven.sum()


def test_the_means_of_2025_are_the_published_ones(crossings: pd.DataFrame) -> None:
    found = mean_day(crossings, "2025").round().astype(int)
    assert found[list(SEVEN)].to_dict() == SEVEN
    assert found["sha-tau-kok"] == 0 and found["hzmb"] == 84264


def test_annual_totals_are_the_reports(crossings: pd.DataFrame) -> None:
    for year, totals in ANNUAL.items():
        rows = crossings[crossings["period_id"] == year].set_index("checkpoint_id")
        assert set(rows["group"]) == {"all"} and set(rows["direction"]) == {"both"}
        for point, total in totals.items():
            assert rows.loc[point, "passengers_per_day"] * 365 == pytest.approx(total, abs=1)


def test_shenzhen_bay_gained_with_line_13(crossings: pd.DataFrame) -> None:
    bay = {p: shares(crossings, p)["shenzhen-bay"] for p in ("2024", "2024_q4", "2025_q1", "2025")}
    assert bay == pytest.approx({"2024": 15.7, "2024_q4": 15.9, "2025_q1": 17.5, "2025": 17.8}, abs=0.1)
    residents = [shares(crossings, p, "south_residents")["shenzhen-bay"] for p in ("2024", "2025")]
    assert residents == pytest.approx([15.1, 17.5], abs=0.05)
    for point, quarters in {"lok-ma-chau-spur": (25.0, 23.8), "lo-wu": (29.1, 28.3)}.items():
        found = [shares(crossings, p)[point] for p in ("2024_q4", "2025_q1")]
        assert found == pytest.approx(quarters, abs=0.06)


def test_the_means_of_working_days_and_weekends(crossings: pd.DataFrame) -> None:
    rows = crossings[(crossings["period_id"] == "2025") & crossings["checkpoint_id"].isin(SEVEN)]
    by_type = rows.groupby("day_type").agg(days=("days", "first"), mean=("passengers_per_day", "sum"))
    assert by_type["days"].to_dict() == {
        "weekday": 198,
        "friday": 48,
        "weekend": 102,
        "holiday": 17,
        "all": 365,
    }
    working = by_type.loc[["weekday", "friday"]]
    # Monday to Friday had about 618,000 with the holidays that fall there, which are a type of their own here
    mean = (working["days"] * working["mean"]).sum() / working["days"].sum()
    assert mean == pytest.approx(618_000, rel=0.02)
    assert by_type["mean"]["weekend"] == pytest.approx(845_000, rel=0.01)
    assert by_type["mean"]["weekday"] < by_type["mean"]["friday"] < by_type["mean"]["weekend"]


def test_heung_yuen_wai_begins_with_2023(crossings: pd.DataFrame) -> None:
    first = mean_day(crossings, "2023")["heung-yuen-wai"]
    assert 0 < first < mean_day(crossings, "2023_h2")["heung-yuen-wai"]
    assert mean_day(crossings, "2019")["heung-yuen-wai"] == 0


def test_holidays_are_seventeen_a_year_on_no_sunday() -> None:
    days = pd.read_csv(ROOT / "layers" / "build" / "records" / "holidays.csv", parse_dates=["date"])
    general = days[days["hong_kong_general_holiday"].notna()]
    assert general.groupby(general["date"].dt.year).size().to_dict() == {2023: 17, 2024: 17, 2025: 17}
    assert not (general["date"].dt.day_of_week == 6).any()
    golden = days[days["golden_week"] == 1]
    assert golden.groupby(golden["date"].dt.year).size().to_dict() == {2023: 15, 2024: 15, 2025: 16}


def test_groups_make_up_the_counted_groups(catalog: Catalog, crossings: pd.DataFrame) -> None:
    groups = catalog.table("demand_groups")
    assert set(groups["counted_as"]) == set(crossings["group"]) - {"all"}
    assert set(groups["value_of_time_group"]) <= set(catalog.table("value_of_time")["group_id"])
    away = groups.set_index("group_id")["share_of_counted"]["hk_residents_in_mainland"]
    assert away == pytest.approx(17.5 / (17.5 + 48), abs=0.001)


def test_purposes_by_day_make_up_the_week(catalog: Catalog, crossings: pd.DataFrame) -> None:
    purposes, groups = catalog.table("demand_purposes"), catalog.table("demand_groups").set_index("group_id")
    assert set(purposes["group_id"]) == set(groups.index)
    year = crossings[(crossings["period_id"] == "2025") & (crossings["day_type"] != "all")]
    passengers = year["passengers_per_day"] * year["days"]
    working = year["day_type"].isin(["weekday", "friday"])
    for group, rows in purposes.groupby("group_id"):
        own = year["group"] == groups.loc[group, "counted_as"]
        on_working_days = passengers[own & working].sum() / passengers[own].sum()
        week = on_working_days * rows["share_weekday"] + (1 - on_working_days) * rows["share_weekend"]
        assert week.tolist() == pytest.approx(rows["share"].tolist(), abs=0.001)


def test_commercial_land_is_mapped_in_hong_kong_and_a_proxy_in_shenzhen(catalog: Catalog) -> None:
    table = catalog.table("demand_commercial").merge(catalog.table("cells"), on="cell_id")
    assert set(table.loc[table["region"] == "hk", "assumed"]) == {0}
    assert set(table.loc[table["region"] == "sz", "assumed"]) == {1}
    hectares = table.groupby("region")["commercial_ha"].sum()
    assert 400 < hectares["hk"] < 500 and hectares["sz"] < 3 * hectares["hk"]
    assert (
        table["commercial_ha"].max() <= 6.25 or table.loc[table["commercial_ha"].idxmax(), "region"] == "sz"
    )
    assert (ROOT / "layers" / "demand" / "commercial.csv").stat().st_size < 300_000


def of_counts(frame: pd.DataFrame) -> Problems:
    checks = RowChecks(frame, lambda row: f"crossings.csv line {row}")
    check_crossings(checks)
    return checks.faults


def of_shares(role: str, frame: pd.DataFrame) -> Problems:
    checks = RowChecks(frame, str)
    check_shares(role, checks)
    return checks.faults


def told(faults: Problems) -> str:
    with pytest.raises(LayerError) as caught:
        faults.raise_all()
    return str(caught.value)


def test_counts_that_do_not_add_up_are_named() -> None:
    assert not of_counts(FAULTY)
    text = told(of_counts(FAULTY.assign(passengers_per_day=[100.0, 200.0, 150.0])))
    assert "crossings.csv line 2" in text and "1,050 passengers" in text and "900" in text
    assert "on 7 days" in told(of_counts(FAULTY.assign(days=[4, 2, 7])))
    alone = FAULTY[FAULTY["day_type"] == "all"].assign(passengers_per_day=1.0)
    assert not of_counts(alone)


@pytest.mark.parametrize(
    ("role", "column", "whole"),
    [
        ("demand_groups", "share_of_counted", "of south_residents"),
        ("demand_purposes", "share_weekend", "of others"),
        ("demand_gateways", "share", "share adds up"),
    ],
)
def test_shares_that_do_not_make_a_whole_are_named(
    catalog: Catalog, role: str, column: str, whole: str
) -> None:
    table = catalog.table(role)  # type: ignore[arg-type]
    at = 0 if role != "demand_purposes" else int((table["group_id"] == "others").idxmax())
    assert not of_shares(role, table)
    table.loc[at, column] = table.loc[at, column] + 0.1
    text = told(of_shares(role, table))
    assert whole in text and "adds up to 1.1" in text and "expected 1" in text
