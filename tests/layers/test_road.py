"""The service tables of all systems together: rows that hold, walks that stay on one side, assumptions that are named."""

from __future__ import annotations

import csv
import re

import pytest

from tests.paths import ROOT

NETWORK = ROOT / "layers" / "network"
PERIODS = {"early", "am_peak", "midday", "pm_peak", "evening", "late", "night"}
CONFIDENCE = set("ABCMS")
FILES = [p.name for kind in ("headways", "hours") for p in sorted(NETWORK.glob(f"{kind}_*.csv"))]


def rows(name: str) -> list[dict[str, str]]:
    with (NETWORK / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def all_of(kind: str) -> list[dict[str, str]]:
    return [row for path in sorted(NETWORK.glob(f"{kind}_*.csv")) for row in rows(path.name)]


STATIONS = {r["station_id"]: r for r in [*all_of("stations"), *rows("proposed_stations.csv")]}
HALLS = {f"{r['checkpoint_id']}@{side}": side for r in rows("checkpoints.csv") for side in ("hk", "sz")}
ASSUMPTIONS = {r["assumption_id"]: r for r in all_of("service_assumptions")}


def side(point: str) -> str:
    return HALLS[point] if point in HALLS else STATIONS[point]["region"]


@pytest.mark.parametrize("name", FILES)
def test_assumed_rows_name_their_assumption(name: str) -> None:
    for row in rows(name):
        assert row["assumed"] in {"0", "1"}
        if row["assumed"] == "1":
            assert row["assumption_id"] in ASSUMPTIONS, row
        assert row["confidence"] in CONFIDENCE
        assert row["source"].strip()


def test_assumptions_say_what_and_why() -> None:
    assert len(ASSUMPTIONS) == len(all_of("service_assumptions"))
    for row in ASSUMPTIONS.values():
        assert row["quantity"] and len(row["reason"]) > 10, row
        assert row["confidence"] in CONFIDENCE


@pytest.mark.parametrize("name", [f for f in FILES if f.startswith("headways")])
def test_headways(name: str) -> None:
    seen = set()
    for row in rows(name):
        most_s = 10_800 if name == "headways_ferry.csv" else 7_200
        assert 60 <= float(row["headway_s"]) <= most_s, row
        assert row["period"] in PERIODS
        assert (row["pattern_id"], row["period"]) not in seen
        seen.add((row["pattern_id"], row["period"]))


@pytest.mark.parametrize("name", [f for f in FILES if f.startswith("hours")])
def test_hours(name: str) -> None:
    for row in rows(name):
        assert re.fullmatch(r"\d\d:[0-5]\d", row["first"]) and re.fullmatch(r"\d\d:[0-5]\d", row["last"])
        assert row["first"] < row["last"] <= "30:59", row
        assert row["direction"] in {"forward", "backward"}


def test_every_pattern_has_headways_hours_and_stops() -> None:
    patterns = {r["pattern_id"]: r for r in all_of("patterns")}
    for kind in ("headways", "hours", "pattern_stops"):
        assert {r["pattern_id"] for r in all_of(kind)} == set(patterns), kind
    assert {r["line_id"] for r in patterns.values()} == {r["line_id"] for r in all_of("lines")}


def test_no_walk_joins_the_two_sides() -> None:
    for walk in all_of("interchanges"):
        assert side(walk["from_station"]) == side(walk["to_station"]), walk
        assert 0 < float(walk["walk_s"]) <= 1_800


def test_no_line_but_the_express_rail_stops_on_both_sides() -> None:
    lines = {r["pattern_id"]: r["line_id"] for r in all_of("patterns")}
    sides: dict[str, set[str]] = {}
    for call in all_of("pattern_stops"):
        sides.setdefault(lines[call["pattern_id"]], set()).add(side(call["station_id"]))
    assert {line for line, both in sides.items() if len(both) == 2} == {"xrl"}
    assert all(
        "west-kowloon:west-kowloon" in r["clearance"] for r in all_of("patterns") if r["line_id"] == "xrl"
    )


def test_nothing_serves_sha_tau_kok() -> None:
    closed = {r["checkpoint_id"] for r in rows("checkpoints.csv") if r["status"] == "closed"}
    assert closed == {"sha-tau-kok"}


def test_the_spur_and_the_road_control_point_are_not_joined_by_any_chain_of_walks() -> None:
    """Not even by way of a third stop."""
    neighbours: dict[str, set[str]] = {}
    for walk in all_of("interchanges"):
        neighbours.setdefault(walk["from_station"], set()).add(walk["to_station"])
        neighbours.setdefault(walk["to_station"], set()).add(walk["from_station"])
    reached, new = {"lok-ma-chau"}, {"lok-ma-chau"}
    while new:
        new = {n for point in new for n in neighbours.get(point, ())} - reached
        reached |= new
    assert "lok-ma-chau-spur@hk" in reached
    assert not reached & {"huanggang@hk", "bus-huanggang-hk", "bus-lok-ma-chau-road", "bus-san-tin-pti"}


@pytest.mark.parametrize("kind", ["stations", "lines", "checkpoints", "places"])
def test_names_stand_in_three_scripts(kind: str) -> None:
    table = all_of(kind) if kind in {"stations", "lines"} else rows(f"{kind}.csv")
    for row in table:
        assert row["name_en"].strip() and row["name_zh_hant"].strip() and row["name_zh_hans"].strip(), row
