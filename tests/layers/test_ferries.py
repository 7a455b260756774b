"""Ferries to the islands: tables, sailing times, journeys, who is reached; needs the checkout alone."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from corridor.schema.tables import ROAD_AND_SEA_MODES
from corridor.study.study import Study
from tests.paths import ROOT

NETWORK = ROOT / "layers" / "network"


def table(name: str) -> list[dict[str, str]]:
    with (NETWORK / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


PIERS = {r["station_id"]: r for r in table("stations_ferry.csv")}
CALLS = table("pattern_stops_ferry.csv")


def test_the_tables_refer_to_each_other() -> None:
    lines = {r["line_id"] for r in table("lines_ferry.csv")}
    patterns = {r["pattern_id"]: r["line_id"] for r in table("patterns_ferry.csv")}
    assert len(lines) == 10
    assert set(patterns.values()) == lines
    for name in ("pattern_stops", "headways", "hours"):
        assert {r["pattern_id"] for r in table(f"{name}_ferry.csv")} == set(patterns)
    assert {r["station_id"] for r in CALLS} == set(PIERS)
    assert {r["mode"] for r in table("lines_ferry.csv")} == {"ferry"} < set(ROAD_AND_SEA_MODES)
    assumed = {r["assumption_id"] for r in table("service_assumptions_ferry.csv")}
    cited = {w.strip("()") for r in CALLS for w in r["source"].split() if w.startswith("(ferry-")}
    assert cited == {"ferry-cheung-chau-mix", "ferry-kaito-speed"} < assumed


def test_names_stand_in_three_scripts() -> None:
    for row in (*PIERS.values(), *table("lines_ferry.csv")):
        assert row["name_en"].isascii()
        assert not row["name_zh_hant"].isascii()
        assert not row["name_zh_hans"].isascii()
    assert PIERS["pier-cheung-chau"]["name_zh_hant"] == "長洲碼頭"
    assert PIERS["pier-cheung-chau"]["name_zh_hans"] == "长洲码头"


def test_no_ferry_crosses_the_boundary() -> None:
    assert {r["region"] for r in PIERS.values()} == {"hk"}
    assert {r["clearance"] for r in table("patterns_ferry.csv")} == {""}


@pytest.mark.parametrize(
    ("line", "low", "high"),
    [("cheung-chau", 35, 60), ("mui-wo", 35, 40), ("peng-chau", 25, 30), ("yung-shue-wan", 25, 30), ("discovery-bay", 25, 30), ("ma-wan", 20, 30)],
)  # fmt: skip
def test_sailing_times_are_those_printed(line: str, low: float, high: float) -> None:
    minutes = {
        float(r["run_s"]) / 60 for r in CALLS if r["pattern_id"][:-2] == f"ferry-{line}" and r["run_s"]
    }
    assert len(minutes) == 1
    assert low <= minutes.pop() <= high


def test_no_ferry_is_slower_than_a_sampan_or_faster_than_a_catamaran() -> None:
    """12 to 45 km/h: 6 to 24 knots."""
    for row in CALLS:
        if row["run_s"]:
            assert 12 < 3.6 * float(row["length_m"]) / float(row["run_s"]) < 45, row["pattern_id"]


def test_from_cheung_chau_to_central(study: Study) -> None:
    """Sail 46 min of a ferry every 15, gates and gangway 4, walk to the station 7: within 55 to 75 min at 08:30."""
    sail = study.journey("pier-cheung-chau", "pier-central-5", "baseline-2024", "08:30", least="time")
    assert sail.time_s / 60 == pytest.approx(46 + 15 / 2 + 4, abs=0.1)
    cheapest = study.journey("pier-cheung-chau", "hong-kong", "baseline-2024", "08:30")
    assert 55 < cheapest.time_s / 60 < 75
    assert [leg.lines for leg in cheapest.legs if leg.kind == "ride"] == [("ferry-cheung-chau",)]
    assert cheapest.fare_hkd == pytest.approx((16.7 + 32.9) / 2, abs=0.06)


def test_the_islands_are_reached(study: Study) -> None:
    """Nine residents in ten of each island are within two hours and a half of Central in the morning; none was before."""
    central = study.place("central", "baseline-2024")
    minutes = study.cell_minutes([central], "baseline-2024", "08:30", 150.0)[0]
    cells = study.catalog.table("cells")
    people = cells["residents_census"].to_numpy(float)
    lon, lat = cells["lon"].to_numpy(float), cells["lat"].to_numpy(float)
    for west, south, east, north in (
        (114.015, 22.195, 114.045, 22.225),  # Cheung Chau
        (114.030, 22.278, 114.046, 22.296),  # Peng Chau
        (113.985, 22.255, 114.012, 22.280),  # Mui Wo
    ):
        here = (lon > west) & (lon < east) & (lat > south) & (lat < north)
        assert people[here & ~np.isnan(minutes)].sum() > 0.9 * people[here].sum() > 3000
