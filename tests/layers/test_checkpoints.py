"""Control points, the road services that serve them, hubs: published values, ids, walks; needs the checkout alone."""

from __future__ import annotations

import csv
from collections import defaultdict
from math import hypot

import pytest

from corridor.core.crs import project_xy
from tests.paths import ROOT

NETWORK = ROOT / "layers" / "network"
PERIODS = {  # seconds after midnight
    "early": (18000, 27000), "am_peak": (27000, 34200), "midday": (34200, 61200), "pm_peak": (61200, 70200),
    "evening": (70200, 79200), "late": (79200, 91800), "night": (91800, 104400),
}  # fmt: skip
DAILY_2025 = {  # Immigration Department's daily table, both directions
    "lo-wu": 192879, "lok-ma-chau-spur": 161755, "shenzhen-bay": 121669, "west-kowloon": 84741,
    "heung-yuen-wai": 80135, "huanggang": 38347, "man-kam-to": 5799, "sha-tau-kok": 0,
}  # fmt: skip
HOURS = {  # January 2024
    "lo-wu": ("06:30", "24:00"), "lok-ma-chau-spur": ("06:30", "22:30"), "huanggang": ("00:00", "24:00"),
    "shenzhen-bay": ("06:30", "24:00"), "west-kowloon": ("06:30", "23:30"), "heung-yuen-wai": ("07:00", "22:00"),
    "man-kam-to": ("07:00", "22:00"), "hzmb": ("00:00", "24:00"),
}  # fmt: skip
REGIMES = {
    "separate_walk": ("20", "12", "35"),
    "separate_bus": ("30", "20", "45"),
    "co_location": ("15", "8", "25"),
    "joint_clearance": ("5", "3", "10"),
}
TEN_HUBS = {
    "central", "futian-cbd", "qianhai", "hung-shui-kiu", "loop", "hk-airport", "sz-airport", "xili", "lo-wu", "shenzhen-bay",
}  # fmt: skip
# minutes between departures of 10:00-16:00 and minutes end to end, as published
PUBLISHED = {
    "bus-b1-1": (15, 53), "bus-b2-1": (20, 33), "bus-b3-1": (30, 36), "bus-b3x-1": (10, 19), "bus-b7-1": (17, 32),
    "bus-b8-1": (16, 53), "bus-b9-1": (26, 56), "bus-79k-1": (28, 48), "minibus-75-1b": (22, 29),
    "minibus-618-1": (12, 32), "yellow-bus-1": (7, 6), "coach-mong-kok-huanggang-1": (12, 55),
    "coach-wan-chai-huanggang-1": (18, 60), "coach-tsuen-wan-huanggang-1": (17, 41), "coach-kwun-tong-huanggang-1": (15, 61),
}  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    with (NETWORK / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def everywhere(kind: str) -> list[dict[str, str]]:
    return [row for path in sorted(NETWORK.glob(f"{kind}_*.csv")) for row in rows(path.name)]


def seconds(text: str) -> int:
    hours, minutes = text.split(":")
    return 3600 * int(hours) + 60 * int(minutes)


def metres(a: tuple[str, str], b: tuple[str, str]) -> float:
    x, y = project_xy([float(a[0]), float(b[0])], [float(a[1]), float(b[1])])
    return hypot(x[0] - x[1], y[0] - y[1])


POINTS = {row["checkpoint_id"]: row for row in rows("checkpoints.csv")}
STATIONS = {row["station_id"]: row for row in everywhere("stations")}
ROAD = {row["station_id"]: row for row in rows("stations_road.csv")}
WALKS = everywhere("interchanges")
ROAD_WALKS = rows("interchanges_road.csv")
CALLS: dict[str, list[dict[str, str]]] = defaultdict(list)
for _row in rows("pattern_stops_road.csv"):
    CALLS[_row["pattern_id"]].append(_row)
HEADWAY = {(row["pattern_id"], row["period"]): row for row in rows("headways_road.csv")}
SERVICE = {row["pattern_id"]: row for row in rows("hours_road.csv")}
ASSUMPTIONS = {row["assumption_id"] for row in rows("service_assumptions_road.csv")}
OPEN_HALLS = [k for k, row in POINTS.items() if row["status"] == "existing" and row["kind"] == "hall"]
ALL_STOPS = everywhere("pattern_stops")


# --- control points --------------------------------------------------------------------------


@pytest.mark.parametrize(("point", "passengers"), DAILY_2025.items())
def test_daily_passengers_are_the_observed_means(point: str, passengers: int) -> None:
    assert int(POINTS[point]["daily_2025"]) == passengers
    parts = [
        float(r["passengers_per_day"])
        for r in rows("daily_crossings_2025.csv")
        if r["checkpoint_id"] == point
    ]
    assert len(parts) == 6  # two directions, three groups
    assert sum(parts) == pytest.approx(passengers, abs=1)


@pytest.mark.parametrize(("point", "hours"), HOURS.items())
def test_hours(point: str, hours: tuple[str, str]) -> None:
    assert (POINTS[point]["open"], POINTS[point]["close"]) == hours


def test_ten_control_points_and_the_planned_lines() -> None:
    assert {r["fact_id"] for r in POINTS.values()} >= {f"B{n:02d}" for n in range(1, 11)}
    assert POINTS["sha-tau-kok"]["status"] == "closed"
    assert POINTS["hzmb"]["kind"] == "external"
    assert POINTS["west-kowloon"]["kind"] == "line"
    for point in ("hswrl-shenzhen-bay", "hswrl-qianhai", "nol-spur-huanggang"):
        row = POINTS[point]
        assert (row["kind"], row["status"], row["regime"]) == ("line", "planned_official", "co_location")
    assert sorted(OPEN_HALLS) == [
        "heung-yuen-wai", "huanggang", "lo-wu", "lok-ma-chau-spur", "man-kam-to", "shenzhen-bay",
    ]  # fmt: skip


@pytest.mark.parametrize("point", POINTS)
def test_clearance_follows_the_regime_and_is_called_an_assumption(point: str) -> None:
    row = POINTS[point]
    times = row["clearance_mean_min"], row["clearance_low_min"], row["clearance_high_min"]
    assert times == REGIMES[row["regime"]]
    assert row["clearance_assumed"] == "1"


@pytest.mark.parametrize("point", POINTS)
def test_effective_capacity_bears_the_mean_day_and_is_explained(point: str) -> None:
    row = POINTS[point]
    if row["effective_capacity_pax_hour"]:
        assert int(row["daily_2025"]) / 10 <= int(row["effective_capacity_pax_hour"])
        assert "assumption" in row["capacity_note"]
    else:
        assert "no queue" in row["capacity_note"]


@pytest.mark.parametrize(
    ("point", "highest"),
    # highest days in the facts: press of 2024-08-24 (T22), Express Rail Link 2019 (T28)
    [("lo-wu", 261000), ("lok-ma-chau-spur", 237000), ("shenzhen-bay", 157000), ("heung-yuen-wai", 102000), ("west-kowloon", 96000)],
)  # fmt: skip
def test_effective_capacity_is_at_least_what_was_borne(point: str, highest: int) -> None:
    row = POINTS[point]
    open_h = (seconds(row["close"]) - seconds(row["open"])) / 3600
    assert int(row["effective_capacity_pax_hour"]) * 10 >= highest
    assert int(row["effective_capacity_pax_hour"]) * open_h >= highest


@pytest.mark.parametrize("point", ["huanggang", "man-kam-to", "hzmb"])
def test_no_queue_where_capacity_is_unknown(point: str) -> None:
    assert POINTS[point]["effective_capacity_pax_hour"] == ""


def test_halls_lie_where_they_should() -> None:
    for point, row in POINTS.items():
        hk, sz = (row["south_lon"], row["south_lat"]), (row["north_lon"], row["north_lat"])
        apart = metres(hk, sz)
        assert apart < (2000 if point == "huanggang" else 400), point
        if row["kind"] == "hall":
            assert apart > 100, point
            assert float(row["north_lat"]) > float(row["south_lat"]), point  # Shenzhen lies north
            assert row["south_street_access"] == str(int(point == "fu-lin")), point
            assert row["north_street_access"] == "1", point
    # both halls of Shenzhen Bay stand in the port, north of the bridge
    assert float(POINTS["shenzhen-bay"]["south_lat"]) > 22.50


# --- reach -----------------------------------------------------------------------------------


@pytest.mark.parametrize("point", OPEN_HALLS)
@pytest.mark.parametrize("side", ["hk", "sz"])
def test_every_open_hall_is_reached_by_a_line_on_each_side(point: str, side: str) -> None:
    hall = f"{point}@{side}"
    near = {w["to_station"] if w["from_station"] == hall else w["from_station"] for w in WALKS if hall in (w["from_station"], w["to_station"])}  # fmt: skip
    served = {r["station_id"] for r in ALL_STOPS if r["status"] == "existing"}
    assert near & served
    assert all(STATIONS[s]["region"] == side for s in near & served)


@pytest.mark.parametrize("point", ["shenzhen-bay", "huanggang", "heung-yuen-wai", "man-kam-to"])
def test_road_control_points_are_reached_by_road_both_ways(point: str) -> None:
    stops = {w["from_station"] for w in ROAD_WALKS if w["to_station"] == f"{point}@hk"}
    assert any(calls[-1]["station_id"] in stops for calls in CALLS.values())
    assert any(calls[0]["station_id"] in stops for calls in CALLS.values())


def test_lok_ma_chau_spur_does_not_walk_to_the_road_hall() -> None:
    joined = {frozenset((w["from_station"], w["to_station"])) for w in WALKS}
    for a in ("lok-ma-chau", "lok-ma-chau-spur@hk", "bus-lok-ma-chau-spur"):
        for b in (
            "huanggang@hk",
            "huanggang@sz",
            "bus-huanggang-hk",
            "bus-lok-ma-chau-road",
            "bus-san-tin-pti",
        ):
            assert frozenset((a, b)) not in joined
    # none of them is a street place, so no street walk arises by nearness either
    for stop in ("lok-ma-chau", "bus-lok-ma-chau-spur", "bus-huanggang-hk", "bus-lok-ma-chau-road"):
        assert STATIONS[stop]["street_access"] == "0"
    spur, road = POINTS["lok-ma-chau-spur"], POINTS["huanggang"]
    assert metres((spur["south_lon"], spur["south_lat"]), (road["south_lon"], road["south_lat"])) > 1000


def runs_at(pattern: str, clock: int) -> bool:
    """Whether a departure window is open at seconds after midnight of the service day (05:00 to 29:00)."""
    period = next(name for name, (a, b) in PERIODS.items() if a <= clock < b)
    first, last = seconds(SERVICE[pattern]["first"]), seconds(SERVICE[pattern]["last"])
    return (pattern, period) in HEADWAY and any(
        first - 1800 <= clock + day <= last for day in (-86400, 0, 86400)
    )


@pytest.mark.parametrize("clock", range(18000, 104400, 900))
def test_the_yellow_bus_runs_day_and_night(clock: int) -> None:
    for way in (1, 2):
        assert any(runs_at(f"yellow-bus{night}-{way}", clock) for night in ("", "-night"))


@pytest.mark.parametrize("town", ["kwun-tong", "mong-kok", "wan-chai", "tsuen-wan", "yau-tsim"])
def test_coaches_to_huanggang_run_late_and_through_the_night(town: str) -> None:
    line = f"coach-{town}-huanggang"
    for clock in (seconds("23:30"), seconds("25:00"), seconds("27:00")):
        assert any(runs_at(f"{line}{night}-1", clock) for night in ("", "-night"))
    for pattern in (f"{line}-1", f"{line}-night-1"):
        assert CALLS[pattern][-1]["station_id"] == "bus-huanggang-hk"


def test_san_tin_is_reached_late_at_night() -> None:
    to_san_tin = [
        p for p, calls in CALLS.items() if any(c["station_id"] == "bus-san-tin-pti" for c in calls[1:])
    ]
    assert any(runs_at(p, seconds("24:15")) for p in to_san_tin)  # after the last train to Sheung Shui
    assert {"bus-276b-1", "bus-276b-2", "bus-76k-1", "bus-b1-1", "bus-n73-1"} <= set(to_san_tin)


# --- tables ----------------------------------------------------------------------------------


def test_ids_exist_and_are_unique() -> None:
    lines = {r["line_id"] for r in rows("lines_road.csv")}
    patterns = [r["pattern_id"] for r in rows("patterns_road.csv")]
    halls = {f"{p}@{side}" for p in POINTS for side in ("hk", "sz")}
    assert len(set(patterns)) == len(patterns)
    assert {r["line_id"] for r in rows("patterns_road.csv")} == lines
    assert set(CALLS) == set(SERVICE) == {p for p, _ in HEADWAY} == set(patterns)
    assert {c["station_id"] for calls in CALLS.values() for c in calls} == set(ROAD)
    for walk in ROAD_WALKS:
        assert {walk["from_station"], walk["to_station"]} <= set(STATIONS) | halls
    assert len(STATIONS) == len(everywhere("stations"))


def test_stations_are_road_stops_of_hong_kong() -> None:
    for row in ROAD.values():
        assert row["station_id"].startswith("bus-")
        assert (row["region"], row["system"]) == ("hk", "road")
        assert row["name_en"].isascii()
        assert row["name_zh_hant"] and row["name_zh_hans"]
    inside = {s for s, row in ROAD.items() if row["street_access"] == "0"}
    assert inside == {
        "bus-heung-yuen-wai-port", "bus-huanggang-hk", "bus-lok-ma-chau-road", "bus-lok-ma-chau-spur", "bus-shenzhen-bay-port",
    }  # fmt: skip


@pytest.mark.parametrize("pattern", sorted(CALLS))
def test_patterns_are_whole(pattern: str) -> None:
    calls = CALLS[pattern]
    assert [int(c["seq"]) for c in calls] == list(range(1, len(calls) + 1))
    assert all(int(c["run_s"]) > 0 for c in calls[:-1]) and calls[-1]["run_s"] == ""
    assert all(a["station_id"] != b["station_id"] for a, b in zip(calls, calls[1:], strict=False))
    periods = [HEADWAY[key] for key in HEADWAY if key[0] == pattern]
    assert periods and all(0 < float(r["headway_s"]) <= 3600 for r in periods)
    hours = SERVICE[pattern]
    assert seconds(hours["first"]) < seconds(hours["last"]) <= seconds("30:59")
    for row in (*periods, hours):
        assert row["assumed"] in {"0", "1"}
        assert (row["assumed"] == "1") == (row["assumption_id"] in ASSUMPTIONS)
        assert (row["confidence"] == "M") == (row["assumed"] == "1")
    # a headway for every period in which the pattern departs, and none outside its hours
    first, last = seconds(hours["first"]), seconds(hours["last"])
    touched = {
        name for name, (a, b) in PERIODS.items()
        if any(first + day < b and last + day >= a for day in (-86400, 0, 86400))
    }  # fmt: skip
    assert {r["period"] for r in periods} <= touched


@pytest.mark.parametrize(("pattern", "published"), PUBLISHED.items())
def test_published_minutes(pattern: str, published: tuple[float, float]) -> None:
    headway, minutes = published
    assert sum(int(c["run_s"] or 0) for c in CALLS[pattern]) == 60 * minutes
    assert float(HEADWAY[pattern, "midday"]["headway_s"]) / 60 == pytest.approx(headway, rel=0.12)


def test_walks_are_assumptions_at_the_stated_pace() -> None:
    for walk in ROAD_WALKS:
        assert walk["assumed"] == "1" and walk["source"] == "road-walk"
        assert float(walk["walk_s"]) > 0
        if walk["length_m"] and "@" not in walk["to_station"]:
            a, b = STATIONS[walk["from_station"]], STATIONS[walk["to_station"]]
            straight = metres((a["lon"], a["lat"]), (b["lon"], b["lat"]))
            assert float(walk["walk_s"]) == pytest.approx(1.3 * straight / 1.2, abs=3)


# --- hubs ------------------------------------------------------------------------------------


def test_hubs() -> None:
    places = {r["place_id"]: r for r in rows("places.csv")}
    assert {k for k, r in places.items() if r["hub"] == "1"} == TEN_HUBS
    assert {"admiralty", "tuen-mun", "yuen-long", "shenzhen-north", "luohu", "houhai", "kowloon", "sha-tin", "sheung-shui"} <= set(places)  # fmt: skip
    assert places["shenzhen-bay"]["region"] == "sz" and places["lo-wu"]["region"] == "hk"
    xili = STATIONS["sz-xili"]  # today's metro station, not the coming high speed station
    assert metres((places["xili"]["lon"], places["xili"]["lat"]), (xili["lon"], xili["lat"])) < 1
