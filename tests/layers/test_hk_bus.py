"""The Hong Kong bus tables: counts, stops on land, order, speeds, headways; needs the checkout alone."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np

from corridor.core.crs import WORKING, project_xy
from tests.build_scripts import script
from tests.paths import ROOT

LAYERS = ROOT / "layers"
BUS = LAYERS / "network" / "hk_bus"
HOURS = {  # start and end of the periods, hours of the service day
    "early": (5, 7.5), "am_peak": (7.5, 9.5), "midday": (9.5, 17), "pm_peak": (17, 19.5),
    "evening": (19.5, 22), "late": (22, 25.5), "night": (25.5, 29),
}  # fmt: skip
STOP_COLUMNS = "stop_id,lon,lat,name_en,name_zh_hant,name_zh_hans,street_access,road_station,operators"
PATTERN_COLUMNS = (
    "pattern_id,operator,route,way,service,stops,run_s,first,last,departures,headway_early_s,headway_am_peak_s,"
    "headway_midday_s,headway_pm_peak_s,headway_evening_s,headway_late_s,headway_night_s,also_in,mended,confidence,source,fare_hkd,fare_steps"
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


STOPS = rows(BUS / "stops.csv")
PATTERNS = rows(BUS / "patterns.csv")
BY_ID = {p["pattern_id"]: p for p in PATTERNS}
X, Y = project_xy([float(s["lon"]) for s in STOPS], [float(s["lat"]) for s in STOPS])


def calls(pattern: dict[str, str]) -> list[int]:
    return [int(s) for s in pattern["stops"].split()]


def hours(text: str) -> float:
    hour, minute = map(int, text.split(":"))
    return hour + minute / 60


def length_m(pattern: dict[str, str]) -> float:
    at = np.array(calls(pattern)) - 1
    return float(np.hypot(np.diff(X[at]), np.diff(Y[at])).sum())


RECORDS, STOP_JOINS = script("hk_bus_records"), script("hk_bus_stops")


def test_columns_and_size() -> None:
    for name, header in (("stops", STOP_COLUMNS), ("patterns", PATTERN_COLUMNS)):
        path = BUS / f"{name}.csv"
        text = path.read_bytes()
        assert text.split(b"\n", 1)[0].decode() == header
        assert b"\r" not in text
        assert len(text) < 2_000_000


def test_counts_by_operator() -> None:
    assert Counter(p["operator"] for p in PATTERNS) == {
        "KMB": 1414,
        "CTB": 482,
        "NLB": 50,
        "GMB": 1148,
        "MTR": 49,
    }
    assert len(STOPS) == 7273


def test_ids() -> None:
    assert [int(s["stop_id"]) for s in STOPS] == list(range(1, len(STOPS) + 1))
    assert len(BY_ID) == len(PATTERNS)
    assert [p["pattern_id"] for p in PATTERNS] == sorted(BY_ID)
    assert {n for p in PATTERNS for n in calls(p)} == set(range(1, len(STOPS) + 1))


def test_stops_run_from_west_to_east() -> None:
    lon = np.array([float(s["lon"]) for s in STOPS])
    assert (np.diff(lon) >= 0).all()


def test_neighbours_in_a_pattern_differ() -> None:
    for p in PATTERNS:
        listed = calls(p)
        assert len(set(listed)) > 1, p["pattern_id"]
        assert all(a != b for a, b in zip(listed, listed[1:], strict=False)), p["pattern_id"]


def test_speeds_are_those_of_buses() -> None:
    speed = {p["pattern_id"]: length_m(p) / float(p["run_s"]) * 3.6 for p in PATTERNS}
    assert min(speed.values()) >= 4
    assert max(speed.values()) <= 60
    for operator in ("KMB", "CTB", "NLB", "GMB"):
        middle = np.median([speed[p["pattern_id"]] for p in PATTERNS if p["operator"] == operator])
        assert 10 < middle < 25, operator


def test_stops_stand_on_land() -> None:
    coast = gpd.read_file(LAYERS / "land" / "coastline.geojson").to_crs(WORKING)
    points = gpd.GeoSeries(gpd.points_from_xy(X, Y), crs=coast.crs)
    hong_kong = coast[coast["region"] == "hk"].geometry.union_all().buffer(200)
    outside = ~points.within(hong_kong).to_numpy()
    # Shenzhen Bay Port is Hong Kong's by lease, on the Shenzhen side of the bay
    assert {s["road_station"] for s, out in zip(STOPS, outside, strict=True) if out} <= {
        "bus-shenzhen-bay-port"
    }


def test_every_stop_has_names() -> None:
    for s in STOPS:
        assert s["name_en"].strip(), s["stop_id"]
        assert s["name_en"].isascii(), s["stop_id"]
        assert s["name_zh_hant"].strip(), s["stop_id"]


def test_what_the_road_tables_hold_too() -> None:
    stations = {r["station_id"]: r for r in rows(LAYERS / "network" / "stations_road.csv")}
    for s in STOPS:
        if s["road_station"]:
            assert s["street_access"] == stations[s["road_station"]]["street_access"], s["stop_id"]
        else:
            assert s["street_access"] == "1", s["stop_id"]
    road = {r["pattern_id"] for r in rows(LAYERS / "network" / "patterns_road.csv")}
    buses = {p for p in road if p.startswith(("bus-", "minibus-"))}
    assert {p["also_in"] for p in PATTERNS} - {""} == buses


def test_the_road_tables_have_the_same_minutes() -> None:
    run: Counter[str] = Counter()
    for r in rows(LAYERS / "network" / "pattern_stops_road.csv"):
        run[r["pattern_id"]] += int(r["run_s"] or 0)
    for p in PATTERNS:
        if p["also_in"] and "circle" not in p["mended"]:
            assert float(p["run_s"]) == run[p["also_in"]], p["pattern_id"]


def test_headways_are_positive_and_fit_the_departures() -> None:
    for p in PATTERNS:
        found = {name: p[f"headway_{name}_s"] for name in HOURS}
        assert any(found.values()), p["pattern_id"]
        for name, text in found.items():
            start, end = HOURS[name]
            assert not text or int(text) >= 60, p["pattern_id"]
            # no headway beyond the period's length but by the rounding of a break shorter than the period
            assert not text or int(text) <= 3600 * (end - start), (p["pattern_id"], name)
        assert hours(p["first"]) <= hours(p["last"]) < 31, p["pattern_id"]
        assert hours(p["last"]) - hours(p["first"]) < 24, p["pattern_id"]


def test_departures_add_up() -> None:
    """Time in service by headway, over the periods, is about the number of departures."""
    wrong = 0
    for p in PATTERNS:
        if int(p["departures"]) < 20:
            continue
        first, last, count = hours(p["first"]), hours(p["last"]), 0.0
        for name, (start, end) in HOURS.items():
            served = sum(max(0.0, min(last, end + d) - max(first, start + d)) for d in (-24, 0, 24))
            if p[f"headway_{name}_s"]:
                count += 3600 * served / int(p[f"headway_{name}_s"])
        wrong += abs(count + 1 - int(p["departures"])) > 0.1 * int(p["departures"])
    assert wrong < 0.05 * len(PATTERNS)


def test_known_routes() -> None:
    # published 44 min from Chuk Yuen to Star Ferry, 74 departures, the first at 05:35
    one = BY_ID["kmb-1-o-1"]
    assert (one["run_s"], one["departures"], one["first"], one["last"]) == ("2640", "74", "05:35", "23:15")
    # 618 back goes on after 12:05, 59S is no longer every 3 min
    assert hours(BY_ID["gmb-2007438-2"]["last"]) > 20
    assert int(BY_ID["gmb-2009180-1"]["headway_midday_s"]) == 600


def test_fares() -> None:
    """As the operators publish them; the lower fares of sections by the place where one boards."""
    fare = {
        p: (BY_ID[p]["fare_hkd"], BY_ID[p]["fare_steps"]) for p in ("kmb-1-o-1", "kmb-68x-o-1", "nlb-1-1")
    }
    assert fare["kmb-1-o-1"] == ("6.7", "17:5.8")
    assert fare["kmb-68x-o-1"] == ("16.2", "19:7.2 26:5.8")
    assert fare["nlb-1-1"][0] == "12.7"  # HK$21.4 is the fare of Sundays
    assert {p["fare_hkd"] for p in PATTERNS if p["route"] == "K52" and p["operator"] == "MTR"} == {"5.1"}
    assert [p["pattern_id"] for p in PATTERNS if not p["fare_hkd"]] == ["gmb-2006612-1", "gmb-2006612-2"]
    for p in PATTERNS:
        steps = [(int(a), float(b)) for a, b in (s.split(":") for s in p["fare_steps"].split())]
        fares = [float(p["fare_hkd"] or 0), *(b for _, b in steps)]
        assert fares == sorted(set(fares), reverse=True), p["pattern_id"]
        assert all(1 < a <= len(calls(p)) for a, _ in steps)


def test_a_joint_route_runs_once() -> None:
    """101 is run by KMB and Citybus on one timetable."""
    assert {p["operator"] for p in PATTERNS if p["route"] == "101"} == {"KMB"}


def test_order_of_departures() -> None:
    # a day route: the break is 23:30 to 04:50, so 04:50 opens the day
    assert RECORDS.in_order([1410, 290, 600]) == [290, 600, 1410]
    # a night route: 23:20 first, small hours after it
    assert RECORDS.in_order([20, 1400, 60]) == [1400, 1460, 1500]
    # small hours only: they end the service day, 25:20 to 28:20
    assert RECORDS.in_order([80, 140, 200, 260]) == [1520, 1580, 1640, 1700]
    # every hour round the clock: cut at 05:00
    assert RECORDS.in_order([60 * h for h in range(24)])[0] == 300


def test_headway_by_overlap() -> None:
    # 07:00 to 09:20 every 20 min: in 07:30 to 09:30 there are 110 min of intervals of 20 min
    times = [420.0 + 20 * k for k in range(8)]
    assert RECORDS.headway_s(times, 450, 570) == 1200
    # 30 min until 08:30, then 10 min: of 07:30 to 09:30, 60 min by 30 and 60 min by 10 is 2 + 6 departures in 120 min
    times = [360.0 + 30 * k for k in range(6)] + [520.0 + 10 * k for k in range(8)]
    assert RECORDS.headway_s(times, 450, 570) == 900
    assert RECORDS.headway_s(times, 1020, 1170) is None


def test_headway_of_few_departures_is_the_period_by_them() -> None:
    # two departures in the two hours of the morning peak: 3,600 s, however close together
    assert RECORDS.headway_s([460.0, 470.0], 450, 570) == 3600
    # peaks only: the break of 8 h reaches into the morning peak, where 4 of 8 depart: 7,200 / 4
    times = [455.0, 465, 475, 485, 1020, 1030, 1040, 1050]
    assert RECORDS.headway_s(times, 450, 570) == 1800
    assert RECORDS.headway_s(times, 570, 1020) is None


def test_lists_out_and_back_are_chained() -> None:
    assert RECORDS.chained(["a", "b", "c", "d"], ["c", "d", "e", "a"]) == ["a", "b", "c", "d", "e", "a"]
    assert RECORDS.chained(["a", "b"], ["c", "a"]) == ["a", "b", "c", "a"]


def test_two_sides_of_a_road_stay_two() -> None:
    def stop(name: str, x: float, y: float, way: tuple[float, float] | None) -> object:
        heading = np.zeros(2) if way is None else np.array(way)
        place = STOP_JOINS.Stop((name, name), ("", "", ""), 0.0, 0.0, np.array([x, y]), "", True)
        place.heading, place.turns = heading, 0 if way is None else 1
        return place

    east, same, west = stop("a", 0, 0, (1, 0)), stop("b", 20, 0, (1, 0)), stop("c", 0, 20, (-1, 0))
    assert [len(g) for g in STOP_JOINS.joined([east, same, west])] == [2, 1]
    # the end of a route has no direction and joins its nearest; but no two of a group stand over 40 m apart
    ends = [stop("d", 0, 0, None), stop("e", 30, 0, None), stop("f", 60, 0, None)]
    assert sorted(len(g) for g in STOP_JOINS.joined(ends)) == [1, 2]
