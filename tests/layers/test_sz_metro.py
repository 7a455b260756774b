"""The Shenzhen metro tables: counts, orders, run times, dates, assumptions; needs the checkout alone."""

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


def table(name: str) -> list[dict[str, str]]:
    with (NETWORK / f"{name}_sz.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


STATIONS = {row["station_id"]: row for row in table("stations")}
STOPS: dict[str, list[dict[str, str]]] = defaultdict(list)
for _row in table("pattern_stops"):
    STOPS[_row["pattern_id"]].append(_row)

# published number of stations of each line (list of lines, 2026) and length in km
PUBLISHED = {
    "sz-l1": (30, 40.9),
    "sz-l2-8": (43, 63.6),
    "sz-l3": (38, 51.8),
    "sz-l4": (23, 31.3),
    "sz-l5": (37, 50.3),
    "sz-l6": (27, 49.5),
    "sz-l6-branch": (7, 11.1),
    "sz-l7": (29, 32.4),
    "sz-l9": (32, 36.2),
    "sz-l10": (24, 29.3),
    "sz-l11": (22, 57.8),
    "sz-l12": (39, 48.6),
    "sz-l13": (26, 41.3),
    "sz-l14": (18, 50.3),
    "sz-l16": (32, 38.7),
    "sz-l20": (5, 8.4),
}
# minutes of the last train from end to end (timetable of 2026-10, mean of the two directions)
LAST_TRAIN = {
    "sz-l1": 69,
    "sz-l2-8": 106,
    "sz-l3": 89,
    "sz-l4": 54,
    "sz-l5": 87.5,
    "sz-l6": 74,
    "sz-l6-branch": 13.5,
    "sz-l7": 61.5,
    "sz-l9": 68.5,
    "sz-l10": 54,
    "sz-l11": 70,
    "sz-l12": 86,
    "sz-l13": 63.5,
    "sz-l14": 55.5,
    "sz-l16": 65.5,
    "sz-l20": 11.5,
}
Z01 = {
    "sz-chegongmiao": 3,
    "sz-hongshuwan-south": 9,
    "sz-houhai": 14,
    "sz-nanshan": 16,
    "sz-qianhaiwan": 21,
    "sz-baoan": 24,
    "sz-bihaiwan": 28,
    "sz-airport": 35,
    "sz-airport-north": 38,
}


def existing(pattern: str) -> list[dict[str, str]]:
    return [row for row in STOPS[pattern] if row["status"] == "existing"]


def open_on(pattern: str, line_opened: str, day: str) -> list[str]:
    return [row["station_id"] for row in existing(pattern) if (row["opened"] or line_opened) <= day]


def total_s(rows: list[dict[str, str]]) -> int:
    """Departure at the first to arrival at the last stop: a stop not yet open costs no dwell."""
    rides = sum(int(row["run_s"] or 0) for row in rows)
    return rides + sum(int(row["dwell_s"]) for row in rows[1:-1] if row["status"] == "existing")


def test_351_stations_with_unique_ids_and_names_in_three_scripts() -> None:
    rows = table("stations")
    assert len(rows) == len(STATIONS) == 351
    assert len({row["name_en"] for row in rows}) == 351
    assert len({row["name_zh_hans"] for row in rows}) == 351
    for row in rows:
        assert re.fullmatch(r"sz-[a-z0-9]+(-[a-z0-9]+)*", row["station_id"])
        assert row["name_en"] and row["name_zh_hant"] and row["name_zh_hans"]
        assert len(row["name_zh_hant"]) == len(row["name_zh_hans"])
        assert (row["region"], row["system"], row["status"], row["street_access"]) == (
            "sz",
            "metro",
            "existing",
            "1",
        )
        assert row["confidence"] in set("ABCM")


@pytest.mark.parametrize(
    ("station", "hant"),
    [
        ("sz-luohu", "羅湖"),
        ("sz-futian-checkpoint", "福田口岸"),
        ("sz-huanggang-checkpoint", "皇崗口岸"),
        ("sz-shenzhen-bay-checkpoint", "深圳灣口岸"),
        ("sz-liantang-checkpoint", "蓮塘口岸"),
        ("sz-qianhaiwan", "前海灣"),
        ("sz-xili", "西麗"),
        ("sz-airport", "機場"),
        ("sz-shenzhen-north", "深圳北站"),
        ("sz-futian", "福田"),
        ("sz-shopping-park", "購物公園"),
        ("sz-houhai", "後海"),
        ("sz-antuo-hill", "安托山"),
    ],
)
def test_names_that_others_rely_on(station: str, hant: str) -> None:
    assert STATIONS[station]["name_zh_hant"] == hant


def test_no_position_is_further_from_its_check_than_its_accuracy() -> None:
    unchecked = []
    for row in STATIONS.values():
        assert 113.75 < float(row["lon"]) < 114.45
        assert 22.46 < float(row["lat"]) < 22.83
        assert row["position_source"] and row["checked_against"]
        if row["check_distance_m"]:
            assert float(row["check_distance_m"]) <= float(row["accuracy_m"])
        else:
            unchecked.append(row["station_id"])
            assert float(row["accuracy_m"]) >= 100
            assert row["confidence"] == "C"
    assert len(unchecked) <= 16


def test_known_faults_of_the_sources_are_mended() -> None:
    aobei, zhangbei = STATIONS["sz-aobei"], STATIONS["sz-zhangbei"]
    assert (float(aobei["lon"]), float(aobei["lat"])) == pytest.approx((114.2089, 22.6718), abs=0.0005)
    assert (float(zhangbei["lon"]), float(zhangbei["lat"])) == pytest.approx((114.2454, 22.6947), abs=0.0005)
    assert float(STATIONS["sz-shenzhen-world-north"]["accuracy_m"]) >= 266


@pytest.mark.parametrize("pattern", sorted(PUBLISHED))
def test_line_has_its_published_stops_and_length(pattern: str) -> None:
    count, km = PUBLISHED[pattern]
    rows = STOPS[pattern]
    assert [int(row["seq"]) for row in rows] == list(range(1, len(rows) + 1))
    ids = [row["station_id"] for row in existing(pattern)]
    assert len(ids) == len(set(ids)) == count
    assert set(ids) <= set(STATIONS)
    assert rows[-1]["run_s"] == rows[-1]["length_m"] == ""
    assert sum(int(row["length_m"] or 0) for row in rows) / 1000 == pytest.approx(km, rel=0.07)


def test_432_stops_are_421_of_2025_and_the_northern_extension_of_line_13() -> None:
    lines = {row["line_id"]: row["opened"] for row in table("lines")}
    assert len(lines) == 16
    stops = {
        day: sum(len(open_on(p, lines[p], day)) for p in PUBLISHED)
        for day in ("2024-12-31", "2025-12-31", "2026-12-31")
    }
    # published with 20 tram stops: 417 at the end of 2024, 441 at the end of 2025 (Z07)
    assert stops == {"2024-12-31": 397, "2025-12-31": 421, "2026-12-31": 432}


def test_a_scenario_of_2024_runs_no_line_of_2026() -> None:
    lines = {row["line_id"]: row["opened"] for row in table("lines")}
    l13 = open_on("sz-l13", lines["sz-l13"], "2024-12-31")
    assert l13[0] == "sz-shenzhen-bay-checkpoint"
    assert l13[-1] == "sz-hi-tech-central"
    assert len(l13) == 7
    assert open_on("sz-l13", lines["sz-l13"], "2024-12-27") == []
    assert open_on("sz-l13", lines["sz-l13"], "2026-01-31")[-1] == "sz-shangwu"
    assert open_on("sz-l5", lines["sz-l5"], "2024-12-31")[-1] == "sz-huangbeiling"
    assert open_on("sz-l11", lines["sz-l11"], "2024-12-31")[0] == "sz-huaqiang-south"
    assert open_on("sz-l2-8", lines["sz-l2-8"], "2024-12-31")[-1] == "sz-xiaomeisha"
    assert open_on("sz-l16", lines["sz-l16"], "2024-12-31")[-1] == "sz-universiade"
    assert open_on("sz-l6-branch", lines["sz-l6-branch"], "2024-12-31")[-1] == "sz-guangming"


def test_open_stops_of_a_line_are_always_one_stretch_and_stations_open_with_their_first_line() -> None:
    lines = {row["line_id"]: row["opened"] for row in table("lines")}
    first: dict[str, str] = {}
    for pattern in PUBLISHED:
        rows = existing(pattern)
        dates = [row["opened"] or lines[pattern] for row in rows]
        assert min(dates) == lines[pattern]
        for day in sorted(set(dates)):
            flags = "".join("1" if date <= day else "0" for date in dates)
            assert "01" not in flags.lstrip("0"), (pattern, day)
        for row, date in zip(rows, dates, strict=True):
            first[row["station_id"]] = min(first.get(row["station_id"], date), date)
    assert first == {key: row["opened"] for key, row in STATIONS.items()}


@pytest.mark.parametrize("pattern", sorted(LAST_TRAIN))
def test_runs_and_dwells_add_up_to_the_last_train(pattern: str) -> None:
    assert total_s(STOPS[pattern]) / 60 == pytest.approx(LAST_TRAIN[pattern], abs=1.1)


def test_line_11_against_its_published_run_times() -> None:
    time, start, seen = 0, 0, {}
    for row in STOPS["sz-l11"]:
        time += int(row["dwell_s"])
        if row["station_id"] == "sz-futian":
            start = time
        if row["station_id"] in Z01:
            seen[row["station_id"]] = (time - start) / 60
        time += int(row["run_s"] or 0)
    assert seen.keys() == Z01.keys()
    for station, minutes in seen.items():
        assert minutes == pytest.approx(Z01[station], abs=1.0), station


def test_line_13_south_takes_12_minutes_and_xili_is_passed() -> None:
    rows = STOPS["sz-l13"]
    ids = [row["station_id"] for row in rows]
    south = rows[: ids.index("sz-hi-tech-central") + 1]
    assert (total_s(south) - int(south[-1]["run_s"])) / 60 == pytest.approx(12, abs=0.7)
    xili = rows[ids.index("xili-hub")]
    assert xili["status"] == "construction"
    assert "xili-hub" not in STATIONS
    assert {p for p in PUBLISHED for row in STOPS[p] if row["station_id"] == "sz-xili"} == {"sz-l5", "sz-l7"}


def test_links_are_neither_shorter_than_the_straight_line_nor_too_fast() -> None:
    top = {
        "sz-l11": 120,
        "sz-l14": 120,
        "sz-l20": 120,
        "sz-l13": 100,
        "sz-l6": 100,
        "sz-l3": 100,
        "sz-l6-branch": 120,
    }
    for pattern in PUBLISHED:
        rows = existing(pattern)
        everything = STOPS[pattern]
        for a, b in zip(rows[:-1], rows[1:], strict=True):
            stretch = everything[everything.index(a) : everything.index(b)]
            length = sum(int(row["length_m"]) for row in stretch)
            run = sum(int(row["run_s"]) for row in stretch)
            ends = [STATIONS[row["station_id"]] for row in (a, b)]
            x, y = project_xy([float(e["lon"]) for e in ends], [float(e["lat"]) for e in ends])
            slack = sum(float(e["accuracy_m"]) for e in ends)
            assert hypot(x[1] - x[0], y[1] - y[0]) <= length + slack, (pattern, a["station_id"])
            # full speed all the way is never beaten, and no link crawls
            assert 10 < 3.6 * length / run < top.get(pattern, 80), (pattern, a["station_id"])


def test_interchange_counts() -> None:
    served = Counter(row["station_id"] for p in PUBLISHED for row in existing(p))
    assert served["sz-gangxia-north"] == served["sz-chegongmiao"] == 4
    assert served["sz-qianhaiwan"] == served["sz-houhai"] == 3
    assert sum(served.values()) == 432


def test_headways_are_positive_and_assumed_rows_are_named() -> None:
    named = {row["assumption_id"] for row in table("service_assumptions")}
    assert len(named) == len(table("service_assumptions"))
    patterns = {row["pattern_id"] for row in table("patterns")}
    rows = table("headways")
    assert {row["pattern_id"] for row in rows} == patterns
    for row in rows:
        assert row["period"] in PERIODS
        assert 60 <= int(row["headway_s"]) <= 1200
    for row in rows + table("hours"):
        assert row["assumed"] in {"0", "1"}
        assert (row["assumption_id"] in named) if row["assumed"] == "1" else row["assumption_id"] == ""
    keys = [(row["pattern_id"], row["period"]) for row in rows]
    assert len(keys) == len(set(keys))
    for row in table("interchanges"):
        for word in re.findall(r"szm-[a-z0-9-]+", row["source"] + " " + row["note"]):
            assert word in named
    for pattern in STOPS.values():
        for row in pattern:
            assert set(re.findall(r"szm-[a-z0-9-]+", row["source"])) <= named


def test_line_11_peaks_are_the_published_ones() -> None:
    both = defaultdict(float)
    for row in table("headways"):
        if row["pattern_id"].startswith("sz-l11"):
            both[row["period"]] += 1 / int(row["headway_s"])
    assert 1 / both["am_peak"] == pytest.approx(165)  # 2:45
    assert 1 / both["pm_peak"] == pytest.approx(263)  # 4:23
    short = [row["station_id"] for row in STOPS["sz-l11-airport-north"]]
    assert short == [row["station_id"] for row in STOPS["sz-l11"]][: len(short)]


def test_hours_of_both_directions() -> None:
    rows = {(row["pattern_id"], row["direction"]): (row["first"], row["last"]) for row in table("hours")}
    assert {key[0] for key in rows} == {row["pattern_id"] for row in table("patterns")}
    assert len(rows) == 2 * len(table("patterns"))
    for first, last in rows.values():
        assert re.fullmatch(r"\d\d:\d\d", first) and re.fullmatch(r"\d\d:\d\d", last)
        assert first < last
    assert rows["sz-l1", "forward"] == ("06:20", "23:00")
    assert rows["sz-l1", "backward"] == ("06:21", "23:00")
    assert rows["sz-l4", "forward"] == ("06:34", "23:00")
    assert rows["sz-l5", "forward"] == ("05:58", "23:13")
    assert rows["sz-l5", "backward"] == ("06:00", "22:45")
    assert rows["sz-l13", "forward"] == ("06:30", "23:00")


def test_every_control_point_of_the_shenzhen_side_is_reached() -> None:
    halls = {row["to_station"]: row for row in table("interchanges") if "@" in row["to_station"]}
    assert {hall: row["from_station"] for hall, row in halls.items()} == {
        "lo-wu@sz": "sz-luohu",
        "lok-ma-chau-spur@sz": "sz-futian-checkpoint",
        "huanggang@sz": "sz-huanggang-checkpoint",
        "shenzhen-bay@sz": "sz-shenzhen-bay-checkpoint",
        "heung-yuen-wai@sz": "sz-liantang-checkpoint",
        "man-kam-to@sz": "sz-wenjin",
        "sha-tau-kok@sz": "sz-shatoujiao",
    }
    for row in halls.values():
        assert row["assumed"] == "1"
        assert int(row["walk_s"]) == pytest.approx(int(row["length_m"]) / 1.2, abs=4)


def test_interchanges_name_known_ends_and_appear_once() -> None:
    seen = set()
    for row in table("interchanges"):
        ends = (row["from_station"], row["to_station"])
        assert ends[0] in STATIONS
        assert ends[1] in STATIONS or "@" in ends[1] or ends[1].startswith("hsr-")
        assert frozenset(ends) not in seen
        seen.add(frozenset(ends))
        assert 60 <= int(row["walk_s"]) <= 1500
        assert row["kind"] in {"in_station", "covered", "street"}
