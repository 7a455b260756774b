"""The shipped fares: published values, coverage of lines and stations, the rule that fills gaps."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from corridor.schema.line import LineSpec
from corridor.schema.region import Sides
from corridor.schema.scenario import read_proposals
from corridor.schema.tables import COST_PARAMETERS, MODES
from tests.paths import ROOT

LAYERS = ROOT / "layers"
NETWORK = LAYERS / "network"
FARES = NETWORK / "fares"
SIDES: Sides = ("hk", "sz")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def square(name: str) -> pd.DataFrame:
    """A matrix, read once; nobody changes it."""
    return pd.read_csv(FARES / f"fares_{name}.csv", index_col="station_id")


TARIFFS = {r["tariff_id"]: r for r in rows(FARES / "tariffs.csv")}
LINES = {r["line_id"]: r for r in rows(FARES / "line_fares.csv")}
NAMES = ("mtr", "light_rail", "airport_express", "sz_metro", "express_rail")


@pytest.mark.parametrize("name", NAMES)
def test_a_matrix_is_square_and_the_same_both_ways(name: str) -> None:
    table = square(name)
    fares = table.drop(columns="assumed")
    assert list(fares.index) == list(fares.columns) and fares.index.is_unique
    values = fares.to_numpy(float)
    assert (np.diag(values) == 0).all()
    assert np.array_equal(values, values.T, equal_nan=True)
    assert np.nanmin(values) == 0 and (FARES / f"fares_{name}.csv").stat().st_size < 2_000_000


@pytest.mark.parametrize(
    ("name", "a", "b", "fare"),
    [  # the open data of 2025-09; FACTS has ranges: F01 50 to 56, about 20 to 22; F03 110 to 120; F04 about 23 and 25
        ("mtr", "admiralty", "lo-wu", 52.2),
        ("mtr", "admiralty", "lok-ma-chau", 52.2),
        ("mtr", "admiralty", "sheung-shui", 22.2),
        ("mtr", "tuen-mun", "hung-hom", 22.1),
        ("mtr", "tung-chung", "hong-kong", 24.3),
        ("airport_express", "hong-kong", "airport", 120.0),
        ("express_rail", "west-kowloon", "hsr-futian", 78.0),
        ("express_rail", "west-kowloon", "hsr-shenzhen-north", 90.0),
        ("sz_metro", "sz-luohu", "sz-guomao", 2.0),
        ("sz_metro", "sz-luohu", "sz-airport-east", 9.0),
    ],
)
def test_published(name: str, a: str, b: str, fare: float) -> None:
    assert square(name).loc[a, b] == fare


def test_shenzhen_fares_follow_the_published_rule_on_track_distance() -> None:
    """The order of stations was read off the file: neighbours cost 2, and the rule (Z06) fits without any fitting."""
    table = square("sz_metro")
    fares = table.drop(columns="assumed")
    off_diagonal = fares.to_numpy(float)[~np.eye(len(fares), dtype=bool)]
    assert off_diagonal.min() == 2 and off_diagonal.max() == 15
    calls = pd.read_csv(NETWORK / "pattern_stops_sz.csv").sort_values(["pattern_id", "seq"])
    near, ride = [], []
    for _, line in calls[calls["station_id"].isin(fares.index)].groupby("pattern_id"):
        ids, metres = list(line["station_id"]), line["length_m"].to_numpy(float)
        near += [fares.loc[a, b] for a, b in zip(ids, ids[1:], strict=False)]
        for i in range(len(ids)):
            for j in range(i + 1, len(ids)):
                if not table.loc[[ids[i], ids[j]], "assumed"].any():
                    ride.append((metres[i:j].sum() / 1000, fares.loc[ids[i], ids[j]]))
    assert np.mean(np.array(near) == 2) > 0.95
    km, fare = np.array(ride).T
    # along one line the shortest way may be shorter, never longer: the fare is at most the rule's, or rounding of lengths
    rule = 2 + np.ceil(np.clip(km - 4, 0, 8) / 4) + np.ceil(np.clip(km - 12, 0, 12) / 6) + np.ceil(np.clip(km - 24, 0, None) / 8)  # fmt: skip
    assert np.mean(np.abs(fare - rule) <= 1) > 0.95 and np.mean(fare == rule) > 0.75


def test_stations_opened_since_2024_are_marked() -> None:
    table = square("sz_metro")
    marked = set(table.index[table["assumed"] == 1])
    assert len(table) == 351 and len(marked) == 45
    assert {"sz-shenzhen-bay-checkpoint", "sz-talent-park"} <= marked
    assert not {"sz-luohu", "sz-futian-checkpoint", "sz-huanggang-checkpoint"} & marked


def test_every_line_has_a_tariff() -> None:
    for name in ("lines_hk", "lines_sz", "lines_road", "lines_ferry"):
        for line in rows(NETWORK / f"{name}.csv"):
            assert line["line_id"] in LINES, line["line_id"]
    for row in LINES.values():
        tariff = TARIFFS[row["tariff_id"]]
        assert (tariff["kind"] == "flat") == bool(row["flat_fare"]), row["line_id"]


def test_every_rail_station_is_in_the_matrix_of_its_lines() -> None:
    lines = {
        p["pattern_id"]: p["line_id"]
        for n in ("patterns_hk", "patterns_sz")
        for p in rows(NETWORK / f"{n}.csv")
    }
    for name in ("pattern_stops_hk", "pattern_stops_sz"):
        for call in rows(NETWORK / f"{name}.csv"):
            tariff = TARIFFS[LINES[lines[call["pattern_id"]]]["tariff_id"]]
            table = square(tariff["matrix_layer"].removeprefix("fares_"))
            if call["status"] == "existing":
                assert call["station_id"] in table.index, call["station_id"]


def test_every_proposal_with_a_service_states_its_fare() -> None:
    proposals: dict[str, LineSpec] = read_proposals(LAYERS / "proposals" / "proposals.yaml")
    for work in proposals.values():
        if work.runs:
            assert work.fare and work.fare.tariff in TARIFFS, work.id


def test_there_is_a_default_for_each_kind_of_line() -> None:
    defaults = [token for r in TARIFFS.values() for token in r["default_for"].split()]
    assert sorted(defaults) == sorted(f"{m}@{s}" for m in MODES for s in (*SIDES, "both"))


def test_published_fares_of_road_lines() -> None:
    fares = {line: float(r["flat_fare"]) for line, r in LINES.items() if r["flat_fare"]}
    assert fares["yellow-bus"] == 10 and fares["coach-mong-kok-huanggang"] == 41
    assert fares["bus-b1"] == 15.3 and fares["bus-b3"] == 16.5 and fares["minibus-618"] == 15.1
    assert fares["bus-b2"] == 15.8  # of a working day
    assert fares["minibus-75"] == 11  # from Yuen Long, the dearest


def test_parameters_are_whole_and_say_what_is_assumed() -> None:
    found = {r["parameter"]: r for r in rows(FARES / "cost_parameters.csv")}
    assert set(found) == set(COST_PARAMETERS)
    assert all(r["assumed"] == "1" for name, r in found.items() if name != "in_vehicle_weight")
    worth = {r["group_id"]: r for r in rows(FARES / "value_of_time.csv")}
    assert all(r["assumed"] == "1" and r["reason"] for r in worth.values())
    # census of 2021: 19,500 a month at 45.2 h a week is HK$99.6 an hour; half of it is 50
    assert float(worth["resident"]["hkd_per_hour"]) == round(0.5 * 19_500 / (45.2 * 52 / 12))
    assert float(worth["resident"]["high"]) == 132  # 2.2 a minute on Bridge buses (D11)


def test_small_enough() -> None:
    assert sum(p.stat().st_size for p in FARES.iterdir()) < 500_000


def test_the_catalogue_names_every_file() -> None:
    entries = yaml.safe_load((LAYERS / "catalog.yaml").read_text(encoding="utf-8"))
    named = {Path(e["path"]).name for e in entries if e["path"].startswith("network/fares/")}
    assert named == {p.name for p in FARES.iterdir()}


def test_the_page_prints_what_the_tables_say() -> None:
    page = (LAYERS.parent / "docs" / "fares.md").read_text(encoding="utf-8")
    printed = {r[1].strip(" `"): [c.strip() for c in r[2:7]] for r in (x.split("|") for x in page.splitlines()) if len(r) == 8}  # fmt: skip
    for tariff_id in ("mtr", "light-rail", "sz-metro", "airport-express"):
        row, (base, per_km, premium, rmse, factors) = TARIFFS[tariff_id], printed[tariff_id]
        assert (float(base), float(per_km)) == (float(row["base"]), float(row["per_km"]))
        assert float(premium or 0) == pytest.approx(float(row["boundary_premium"]), abs=0.01)
        assert f"RMSE {rmse.split('$')[-1].removeprefix('CNY ').split()[0]}" in row["note"]
        assert factors == f"{row['low_factor']} to {row['high_factor']}"
    for row in rows(FARES / "value_of_time.csv"):
        assert f"| {row['hkd_per_hour']} | {row['low']} to {row['high']} |" in page, row["group_id"]
    stepping = sum(bool(p["fare_steps"]) for p in rows(NETWORK / "hk_bus" / "patterns.csv"))
    assert f"in {stepping:,} of 3,143 patterns" in page
