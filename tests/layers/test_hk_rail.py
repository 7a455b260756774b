"""The Hong Kong rail tables: counts, orders, run times, hours, assumptions; needs the checkout alone."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from math import hypot

import pytest

from corridor.core.crs import project_xy
from tests.paths import ROOT

NETWORK = ROOT / "layers" / "network"
PERIODS = {"early", "am_peak", "midday", "pm_peak", "evening", "late", "night"}
COLUMNS = {
    "stations": "station_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,system,status,opened,street_access,accuracy_m,"
    "position_source,checked_against,check_distance_m,confidence,source",
    "lines": "line_id,name_en,name_zh_hant,name_zh_hans,mode,operator,status,colour,opened,confidence,source",
    "patterns": "pattern_id,line_id,direction,clearance,note",
    "pattern_stops": "pattern_id,seq,station_id,run_s,dwell_s,length_m,opened,status,confidence,source",
    "headways": "pattern_id,period,headway_s,assumed,assumption_id,confidence,source",
    "hours": "pattern_id,direction,first,last,assumed,assumption_id,confidence,source",
    "interchanges": "from_station,to_station,walk_s,length_m,kind,assumed,confidence,source,note",
    "service_assumptions": "assumption_id,operator,mode,period,quantity,value,unit,reason,confidence,source",
}


def table(name: str) -> list[dict[str, str]]:
    with (NETWORK / f"{name}_hk.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def ids_of(name: str) -> set[str]:
    path = NETWORK / name
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["station_id"] for row in csv.DictReader(handle)}


STATIONS = {row["station_id"]: row for row in table("stations")}
PATTERNS = {row["pattern_id"]: row for row in table("patterns")}
ASSUMPTIONS = {row["assumption_id"]: row for row in table("service_assumptions")}
HEADWAY = {(row["pattern_id"], row["period"]): float(row["headway_s"]) for row in table("headways")}
HOURS = {(row["pattern_id"], row["direction"]): row for row in table("hours")}
STOPS: dict[str, list[dict[str, str]]] = defaultdict(list)
for _row in table("pattern_stops"):
    STOPS[_row["pattern_id"]].append(_row)


def today(pattern: str) -> list[tuple[str, float, float]]:
    """Stops served today: a closed one gives its run to its neighbours and drops its dwell."""
    served: list[tuple[str, float, float]] = []
    for row in STOPS[pattern]:
        run = float(row["run_s"] or 0)
        if row["status"] == "existing":
            served.append((row["station_id"], run, float(row["dwell_s"])))
        else:
            station, before, dwell = served[-1]
            served[-1] = (station, before + run, dwell)
    return served


def minutes(pattern: str, start: str | None = None, end: str | None = None) -> float:
    stops = today(pattern)
    names = [s[0] for s in stops]
    part = stops[names.index(start) if start else 0 : (names.index(end) if end else len(stops) - 1) + 1]
    return (sum(run for _, run, _ in part[:-1]) + sum(dwell for _, _, dwell in part[1:-1])) / 60


def clock(text: str) -> float:
    hour, minute = map(int, text.split(":"))
    return 60 * hour + minute


@pytest.mark.parametrize("name", COLUMNS)
def test_columns(name: str) -> None:
    with (NETWORK / f"{name}_hk.csv").open(encoding="utf-8") as handle:
        own = ",code" if name == "stations" else ""
        assert handle.readline().strip() == COLUMNS[name] + own


def test_codes_of_the_operator_are_those_of_one_station_each() -> None:
    with (NETWORK / "stations_hk.csv").open(encoding="utf-8") as handle:
        codes = {row["station_id"]: row["code"] for row in csv.DictReader(handle) if row["code"]}
    assert {codes[i] for i in ("west-kowloon", "lok-ma-chau", "admiralty")} == {"WEK", "LMC", "ADM"}
    assert len(set(codes.values())) == len(codes) == 100


def test_counts() -> None:
    assert Counter(row["system"] for row in STATIONS.values()) == {"metro": 97, "light_rail": 68, "hsr": 3}
    assert len(table("stations")) == len(STATIONS)
    assert Counter(row["mode"] for row in table("lines")) == {"metro": 10, "light_rail": 11, "high_speed": 1}


def test_ids_are_unique() -> None:
    for name, key in (
        ("stations", ("station_id",)),
        ("lines", ("line_id",)),
        ("patterns", ("pattern_id",)),
        ("pattern_stops", ("pattern_id", "seq")),
        ("headways", ("pattern_id", "period")),
        ("hours", ("pattern_id", "direction")),
        ("service_assumptions", ("assumption_id",)),
        ("interchanges", ("from_station", "to_station")),
    ):
        assert not [
            k for k, n in Counter(tuple(row[c] for c in key) for row in table(name)).items() if n > 1
        ], name


def test_every_stop_and_line_exists() -> None:
    known = STATIONS.keys() | ids_of("proposed_stations.csv")
    assert {row["station_id"] for rows in STOPS.values() for row in rows} <= known
    assert set(STOPS) == set(PATTERNS) == {p for p, _ in HEADWAY} == {p for p, _ in HOURS}
    assert {row["line_id"] for row in PATTERNS.values()} == {row["line_id"] for row in table("lines")}
    for pattern, row in PATTERNS.items():
        assert {d for p, d in HOURS if p == pattern} == (
            {"forward", "backward"} if row["direction"] == "both" else {"forward"}
        )


def test_stations_lie_in_the_study_area() -> None:
    for sid, row in STATIONS.items():
        assert 113.7 < float(row["lon"]) < 114.5, sid
        assert 22.1 < float(row["lat"]) < 22.9, sid
        assert float(row["check_distance_m"]) <= float(row["accuracy_m"]), sid
        assert row["name_zh_hant"], sid
        assert row["name_zh_hans"], sid


def test_positions_at_the_boundary_are_not_gcj02() -> None:
    """Known points in WGS84; a position in GCJ-02 would be some 500 m off."""
    known = {
        "lok-ma-chau": (114.0654, 22.5147),
        "lo-wu": (114.1133, 22.5283),
        "west-kowloon": (114.1649, 22.3037),
        "hsr-futian": (114.0512, 22.5413),
        "hsr-shenzhen-north": (114.0239, 22.6120),
    }
    for sid, lonlat in known.items():
        (x0, x1), (y0, y1) = project_xy(
            [lonlat[0], float(STATIONS[sid]["lon"])], [lonlat[1], float(STATIONS[sid]["lat"])]
        )
        assert hypot(x1 - x0, y1 - y0) < 150, sid


def test_closed_area_stations_have_no_street() -> None:
    assert {sid for sid, row in STATIONS.items() if row["street_access"] == "0"} == {"lo-wu", "lok-ma-chau"}


def test_run_times_against_published_ones() -> None:
    assert (
        42 <= minutes("east-rail-lo-wu") <= 45
    )  # about 45 published, 41.6 with the constant dwell of the source
    assert 44 <= minutes("east-rail-lok-ma-chau") <= 50  # about 50 published
    assert 14.5 <= minutes("east-rail-lo-wu", "admiralty", "tai-wai") <= 17  # 17 published
    assert 27 <= minutes("tung-chung") <= 31
    assert minutes("tuen-ma") == pytest.approx(75, abs=2.5)
    assert minutes("airport-express", "hong-kong", "airport") == pytest.approx(24, abs=2)
    assert minutes("xrl-futian") == 14
    assert minutes("xrl-shenzhen-north") == 18
    assert minutes("xrl-futian-shenzhen-north") == 24


def test_light_rail_against_its_schedule() -> None:
    """Minutes of the first tram from the first stop to the last listed one, mean of the directions where they mirror."""
    assert minutes("lr-505-out", end="lr-kei-lun") == pytest.approx(25, abs=0.3)
    assert minutes("lr-610", end="lr-tai-tong-road") == pytest.approx(42, abs=1.5)
    assert minutes("lr-705", end=None) == pytest.approx(25, abs=2)


def test_links_are_as_fast_as_trains_can_be() -> None:
    for pattern, rows in STOPS.items():
        assert [int(row["seq"]) for row in rows] == list(range(1, len(rows) + 1))
        for row in rows[:-1]:
            speed = 3.6 * float(row["length_m"]) / float(row["run_s"])
            assert 10 < speed < (200 if pattern.startswith("xrl") else 120), (pattern, row["station_id"])
        assert rows[-1]["run_s"] == rows[-1]["length_m"] == ""


def test_future_stops_change_nothing_today() -> None:
    future = {
        row["station_id"]: (pattern, row["opened"])
        for pattern, rows in STOPS.items()
        for row in rows
        if row["status"] != "existing"
    }
    assert future == {
        "kwu-tung": ("east-rail-lok-ma-chau", "2027"),
        "hung-shui-kiu": ("tuen-ma", "2030"),
        "oyster-bay": ("tung-chung", "2030"),
        "tung-chung-east": ("tung-chung", "2029"),
        "tung-chung-west": ("tung-chung", "2029"),
        "tuen-mun-area-16": ("tuen-ma", "2030"),
        "tuen-mun-south": ("tuen-ma", "2030"),
    }
    order = [row["station_id"] for row in STOPS["tung-chung"]]
    assert order[-5:] == ["sunny-bay", "oyster-bay", "tung-chung-east", "tung-chung", "tung-chung-west"]
    assert len(today("tuen-ma")) == 27
    assert today("east-rail-lok-ma-chau")[-2][1] == 427  # mtr-long-links


def test_trunk_frequencies_are_not_counted_twice() -> None:
    for period, (low, high) in {"am_peak": (2.7, 5.5), "pm_peak": (3.2, 3.2), "midday": (4, 8)}.items():
        trunk = (
            1 / (1 / HEADWAY["east-rail-lo-wu", period] + 1 / HEADWAY["east-rail-lok-ma-chau", period]) / 60
        )
        assert low - 0.01 <= trunk <= high + 0.01
    trunk = 1 / (1 / HEADWAY["tung-chung", "am_peak"] + 1 / HEADWAY["tung-chung-tsing-yi", "am_peak"]) / 60
    assert trunk == pytest.approx(3.5, abs=0.01)  # 3-4 min published
    trunk = (
        1
        / (
            1 / HEADWAY["tseung-kwan-o-po-lam", "am_peak"]
            + 1 / HEADWAY["tseung-kwan-o-lohas-park", "am_peak"]
        )
        / 60
    )
    assert trunk == pytest.approx(2.2, abs=0.05)  # 2.2 min published


def test_headways_and_hours() -> None:
    for row in table("headways"):
        assert row["period"] in PERIODS
        assert 60 <= float(row["headway_s"]) <= 7200
    for row in table("hours"):
        assert re.fullmatch(r"[0-2]\d:[0-5]\d", row["first"])
        assert re.fullmatch(r"[0-2]\d:[0-5]\d", row["last"])
        assert clock(row["first"]) < clock(row["last"]) < clock("26:00")


def test_assumed_rows_name_their_assumption() -> None:
    for name in ("headways", "hours"):
        for row in table(name):
            assert (row["assumed"] == "1") == bool(row["assumption_id"]), row
            assert not row["assumption_id"] or row["assumption_id"] in ASSUMPTIONS, row
    for row in table("interchanges"):
        if row["assumed"] == "1":
            assert "assumption" in row["note"], row
            assert all(part in ASSUMPTIONS for part in row["source"].split("; ")), row


def test_lok_ma_chau_late_in_the_evening() -> None:
    """Leaving Admiralty at 21:30 passes the control point before 22:30, at 21:50 no train goes there any more."""
    platform, to_hall = (
        240 * 2 / 3 / 60,
        1 + 2,
    )  # minutes from concourse to platform; off the train and to the hall
    last = clock(HOURS["east-rail-lok-ma-chau", "forward"]["last"])
    at = clock("21:30") + platform
    assert at <= last
    assert at + HEADWAY["east-rail-lok-ma-chau", "evening"] / 120 + minutes(
        "east-rail-lok-ma-chau"
    ) + to_hall <= clock("22:30")
    assert clock("21:50") + platform > last
    assert last + minutes("east-rail-lok-ma-chau") + to_hall <= clock("22:30")
    assert clock(HOURS["east-rail-lo-wu", "forward"]["last"]) + minutes("east-rail-lo-wu") + to_hall <= clock(
        "24:00"
    )


def test_sheung_shui_is_served_after_the_last_train_to_lo_wu() -> None:
    late = HOURS["east-rail-sheung-shui", "forward"]
    assert clock(HOURS["east-rail-lo-wu", "forward"]["last"]) < clock(late["first"]) < clock(late["last"])
    assert {period for pattern, period in HEADWAY if pattern == "east-rail-sheung-shui"} == {"late"}


def test_interchanges_end_at_known_places() -> None:
    known = STATIONS.keys() | ids_of("stations_sz.csv") | {"lo-wu@hk", "lok-ma-chau-spur@hk"}
    links = {(row["from_station"], row["to_station"]) for row in table("interchanges")}
    assert {end for link in links for end in link} <= known
    elsewhere = set()
    for name in NETWORK.glob("interchanges_*.csv"):
        if name.name != "interchanges_hk.csv":
            with name.open(encoding="utf-8", newline="") as handle:
                elsewhere |= {(row["from_station"], row["to_station"]) for row in csv.DictReader(handle)}
    both_ways = elsewhere | {(b, a) for a, b in elsewhere}
    assert not links & both_ways
    assert {("lo-wu", "lo-wu@hk"), ("lok-ma-chau", "lok-ma-chau-spur@hk"), ("hong-kong", "central")} <= links


def test_express_rail_clears_at_west_kowloon() -> None:
    for pattern in ("xrl-futian", "xrl-shenzhen-north", "xrl-futian-shenzhen-north"):
        assert PATTERNS[pattern]["clearance"] == "west-kowloon:west-kowloon"
