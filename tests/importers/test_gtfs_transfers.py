"""Changes between stations and lines, and seats that are kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from corridor.importers.gtfs.transfers import numbers
from tests.gtfs_factory import SMALL, Files, more
from tests.importers.feed_lines import CALLS, calls, csv, lines, runs, told


def test_transfers_become_walks_between_stations(tmp_path: Path) -> None:
    rows = (
        "from_stop_id,to_stop_id,transfer_type,min_transfer_time\n"
        "A1,B,2,480\nB,A2,2,480\nA1,A2,2,240\nB,C,3,\nB,X,2,60\nA1,C,0,\n"
    )
    found = lines(more("transfers.txt", rows), tmp_path)
    walks = found.tables["interchanges"].set_index(["from_station", "to_station"])["walk_s"].to_dict()
    # 480 s less 60 s from one platform and 120 s to the other; inside Alpha 240 s stay. A to C is not timed:
    # 22.28 N 114.16 E to 22.32 N 114.17 E are 4548 m (4430 north, 1030 east): 4548 x 1.3 / 1.2 = 4927 s
    assert walks.pop(("t-a", "t-c")) == pytest.approx(4927, rel=0.002)
    assert walks == {("t-a", "t-b"): 300, ("t-a", "t-a"): 240}
    assert "not possible" in told(found) and "change of" not in told(found)


def test_numbers_of_no_texts_are_numbers() -> None:
    """Pandas 3 takes a map over no texts for texts, with which Arrow does not compute."""
    nobody = pd.Series(["A"])[[False]]
    assert numbers(nobody, pd.Series({"A": 1.0})).dtype == numbers(nobody, {}).dtype == float
    assert list(numbers(pd.Series(["B", "A"]), {"A": 1.0}).isna()) == [True, False]


CHANGES = "from_stop_id,to_stop_id,transfer_type,min_transfer_time,from_route_id,to_route_id,from_trip_id,to_trip_id"


def changes(tmp_path: Path, *rows: str) -> tuple[dict[tuple[str, str], float], str]:
    found = lines({**SMALL, "transfers.txt": csv(CHANGES, *rows)}, tmp_path)
    if "interchanges" not in found.tables:
        return {}, told(found)
    walks = found.tables["interchanges"].set_index(["from_station", "to_station"])["walk_s"]
    return dict(walks), told(found)


def test_rules_of_single_routes_and_trips_do_not_speak_for_all(tmp_path: Path) -> None:
    special = ("A1,B,2,1200,L,,,", "A1,B,2,900,,,o1,b1", "A1,B,3,,L,L,,")
    found, said = changes(tmp_path, *special, "A1,B,2,480,,,,")
    # 480 s less 60 s and 120 s on the platforms, whatever the others say
    assert found == {("t-a", "t-b"): 300}
    assert "3 x rule for single routes or trips (e.g. A1): left out" in said
    assert changes(tmp_path, *special)[0] == {}


def test_a_rule_for_the_station_counts_before_those_of_platforms(tmp_path: Path) -> None:
    found, _ = changes(tmp_path, "A,A,2,300,,,,", "A1,A2,2,60,,,,", "A,B,2,480,,,,", "A2,B,2,1200,,,,")
    assert found == {("t-a", "t-a"): 300, ("t-a", "t-b"): 300}


def test_a_rule_without_a_time_leaves_those_that_have_one(tmp_path: Path) -> None:
    assert changes(tmp_path, "A,B,0,,,,,", "A2,B,2,480,,,,")[0] == {("t-a", "t-b"): 300}


def test_one_pair_of_platforms_does_not_speak_for_the_station(tmp_path: Path) -> None:
    stops = SMALL["stops.txt"] + "A3,Alpha platform 3,22.280,114.160,0,A\n"
    files = {**SMALL, "stops.txt": stops, "transfers.txt": csv(CHANGES, "A1,A2,2,600,,,,")}
    walks = lines(files, tmp_path).tables["interchanges"]
    # three pairs of platforms: one at 600 s, two at the metro's usual 120 + 60 s
    assert list(walks["walk_s"]) == [320]


def test_a_stop_of_its_own_states_its_change(tmp_path: Path) -> None:
    assert changes(tmp_path, "B,B,2,200,,,,")[0] == {("t-b", "t-b"): 200}


def test_timed_and_impossible_changes(tmp_path: Path) -> None:
    found, said = changes(tmp_path, "B,C,1,,,,,", "A1,C,3,,,,,")
    # B to C is 2215 m: 2215 x 1.3 / 1.2 = 2400 s on foot, since a vehicle that waits states no walk
    assert found == {("t-b", "t-c"): pytest.approx(2400, rel=0.002)}
    assert "change that is not possible" in said


def seated(change: str = "4", second_route: str = "L", third_day: str = "sa") -> Files:
    """p1 from A to B, p2 on from B to C two minutes later; on Saturdays p3 in its place, or on the same day."""
    rows = (
        "p1,08:00:00,08:00:00,A1,1",
        "p1,08:05:00,08:05:00,B,2",
        "p2,08:07:00,08:07:00,B,1",
        "p2,08:11:00,08:11:00,C,2",
        "p3,08:07:00,08:07:00,B,1",
        "p3,08:13:00,08:13:00,C,2",
    )
    return {
        **SMALL,
        "routes.txt": SMALL["routes.txt"] + "M,op,M,Other,1,\n",
        "trips.txt": csv(
            "route_id,service_id,trip_id,block_id",
            "L,wd,p1,k",
            f"{second_route},wd,p2,k",
            f"M,{third_day},p3,",
        ),
        "stop_times.txt": csv(CALLS, *rows),
        "transfers.txt": csv(CHANGES, f"B,B,{change},,,,p1,p2", "B,B,4,,,,p1,p3"),
    }


def test_who_stays_seated_rides_through(tmp_path: Path) -> None:
    found = lines(seated(), tmp_path)
    assert calls(found) == [("t-a", ""), ("t-b", ""), ("t-c", "")]
    assert runs(found, "t-l-1") == [300, 240] and list(found.tables["pattern_stops"]["dwell_s"]) == [
        0,
        120,
        0,
    ]
    assert "interchanges" not in found.tables  # a rule of two trips is none of the station's


@pytest.mark.parametrize(
    ("files", "patterns"),
    [(seated("5"), 2), (seated(""), 2), (seated("4", "M"), 2), (seated("4", third_day="wd"), 3)],
)
def test_others_change(files: Files, patterns: int, tmp_path: Path) -> None:
    """Not to be kept (5), not said (a block alone), another line, or a vehicle that goes on as two."""
    assert len(lines(files, tmp_path).tables["patterns"]) == patterns


def test_what_cannot_be_joined_is_said(tmp_path: Path) -> None:
    said = told(lines(seated("4", "M"), tmp_path))
    assert "stay-seated change" in said and "too long rather than too short" in said
