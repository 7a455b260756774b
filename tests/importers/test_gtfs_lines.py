"""A feed as lines of a study: what is right comes out as derived by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from corridor.core.errors import LayerError
from corridor.importers.gtfs.lines import Hall, lines_of
from corridor.importers.gtfs.patterns import FeedOptions, mode_of
from corridor.importers.gtfs.read import Findings, read_feed
from corridor.schema.table_checks import RowChecks
from corridor.schema.tables import TABLES
from tests.gtfs_factory import SMALL, changed, more, zipped
from tests.importers.feed_lines import CALLS, HOUR, csv, headways, lines, one_trip, runs, told


def test_a_small_feed_by_hand(tmp_path: Path) -> None:
    found = lines(SMALL, tmp_path)
    assert found.date == dt.date(2026, 1, 5)
    assert list(found.tables["stations"]["gtfs_stop_id"]) == ["A", "B", "C"]  # platforms folded
    assert list(found.tables["patterns"]["trips"]) == [4, 1]
    # A to B takes 300, 300, 300 and 540 s: the median is 300; B to C 240 s four times
    assert runs(found, "t-l-1") == [300, 240]
    assert list(found.tables["pattern_stops"]["dwell_s"])[:3] == [0, 30, 0]
    # Departures 08:00, 08:10, 08:20, 10:00. Morning peak: 08:00 to 09:30 holds 1 + 1 + 70/100 departures: 5400 / 2.7
    # = 2000 s. Midday: 09:30 to 10:00 holds 30/100: 1800 / 0.3 = 6000 s.
    assert headways(found, "t-l-1") == {"am_peak": 2000, "midday": 6000}
    hours = found.tables["hours"].set_index("pattern_id")
    assert list(hours.loc["t-l-1", ["first", "last"]]) == ["08:00", "10:00"]
    assert list(hours.loc["t-l-2", ["first", "last"]]) == ["24:30", "24:30"]
    assert headways(found, "t-l-2") == {
        "late": 3.5 * HOUR
    }  # one departure: the period's length, an assumption
    assert list(found.tables["headways"]["assumed"]) == [0, 0, 1]
    line = found.tables["lines"].iloc[0]
    assert (line["mode"], line["operator"], line["colour"]) == ("metro", "Operator", "#ff0000")


def test_a_folder_reads_as_its_zip(tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    for name, text in SMALL.items():
        (folder / name).write_text(text, encoding="utf-8")
    findings = Findings()
    found = lines_of(read_feed(folder, findings), FeedOptions("t"), lambda x, y: "hk", findings)
    for role, table in lines(SMALL, tmp_path).tables.items():
        pd.testing.assert_frame_equal(found.tables[role], table)


def test_what_comes_out_fits_the_declared_tables(tmp_path: Path) -> None:
    for role, table in lines(SMALL, tmp_path).tables.items():
        table = table.replace("", None)
        rows = RowChecks(table, str)
        rows.check_cells(TABLES[role])
        rows.check_key(TABLES[role])
        if role == "pattern_stops":
            rows.check_run_times()
        assert not rows.faults, (role, list(rows.faults))


def test_names_in_three_scripts(tmp_path: Path) -> None:
    words = (
        "table_name,field_name,language,translation,record_id\n"
        "stops,stop_name,zh-HK,甲站,A\nstops,stop_name,zh-CN,甲站,A\nroutes,route_long_name,zh-Hant,甲綫,L\n"
    )
    found = lines(more("translations.txt", words), tmp_path)
    assert list(found.tables["stations"].iloc[0][["name_en", "name_zh_hant", "name_zh_hans"]]) == [
        "Alpha",
        "甲站",
        "甲站",
    ]
    assert found.tables["lines"].iloc[0]["name_zh_hant"] == "甲綫"


def test_a_station_near_a_hall_walks_to_it(tmp_path: Path) -> None:
    from corridor.core.crs import project_xy

    x, y = (float(v) for v in project_xy(114.170, 22.320))
    findings = Findings()
    feed = read_feed(zipped(SMALL, tmp_path / "f.zip"), findings)
    halls = (Hall("p@hk", "hk", x + 120, y), Hall("p@sz", "sz", x, y), Hall("q@hk", "hk", x + 600, y))
    found = lines_of(feed, FeedOptions("t"), lambda x, y: "hk", findings, halls)
    rows = found.tables["interchanges"]
    assert [(r.from_station, r.to_station, r.walk_s) for r in rows.itertuples()] == [("t-c", "p@hk", 130)]


@pytest.mark.parametrize(
    ("code", "mode"),
    [("0", "light_rail"), ("1", "metro"), ("2", "metro"), ("3", "bus"), ("4", "ferry"), ("6", "shuttle"), ("101", "high_speed"),
     ("109", "metro"), ("200", "coach"), ("702", "bus"), ("900", "light_rail"), ("1000", "ferry"), ("1200", "ferry"), ("1300", "shuttle"),
     ("1100", ""), ("1500", ""), ("99", ""), ("", ""), ("x", ""), ("²", ""), ("99999999999999999999", "")],
)  # fmt: skip
def test_route_types(code: str, mode: str) -> None:
    assert mode_of(code) == mode


def test_a_loop_calls_twice(tmp_path: Path) -> None:
    rows = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + "".join(
        f"o1,08:{m:02d}:00,08:{m:02d}:00,{s},{m}\n" for m, s in ((0, "A1"), (5, "B"), (10, "C"), (20, "A1"))
    )
    found = lines({**SMALL, "stop_times.txt": rows}, tmp_path)
    assert list(found.tables["pattern_stops"]["station_id"]) == ["t-a", "t-b", "t-c", "t-a"]
    assert runs(found, "t-l-1") == [300, 300, 600]


def north_is_sz(x: float, y: float) -> str:
    return "sz" if y > 2_468_500 else "hk"  # C at 22.32 N, not B at 22.30 N


def test_a_line_across_the_boundary_needs_clearance(tmp_path: Path) -> None:
    feed = read_feed(zipped(SMALL, tmp_path / "f.zip"), Findings())
    findings = Findings()
    with pytest.raises(LayerError, match="--clearance STOP=CHECKPOINT"):
        lines_of(feed, FeedOptions("t"), north_is_sz, findings)
    found = lines_of(feed, FeedOptions("t", clearance={"C": "port"}), north_is_sz, Findings())
    assert list(found.tables["patterns"]["clearance"]) == ["t-c:port", "t-c:port"]
    found = lines_of(feed, FeedOptions("t", sides={"C": "hk"}), north_is_sz, Findings())
    assert list(found.tables["patterns"]["clearance"]) == ["", ""]
    for wishes in (
        FeedOptions("t", clearance={"X": "port"}),
        FeedOptions("t", sides={"X": "hk"}),
        FeedOptions("t", sides={"C": "uk"}),
    ):
        with pytest.raises(LayerError, match=r"is not in the feed|one of hk, sz"):
            lines_of(feed, wishes, north_is_sz, Findings())


def test_nothing_usable_is_an_error_with_reasons(tmp_path: Path) -> None:
    with pytest.raises(LayerError) as caught:
        lines(changed("stop_times.txt", "o5,", "q5,"), tmp_path, date=dt.date(2026, 1, 10))
    assert "no line is left" in str(caught.value) and "row of an unknown trip" in str(caught.value)


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"routes": ("M",)}, "route 'M' is not there"),
        ({"modes": {"1": "rocket"}}, "'rocket'; expected one of metro"),
    ],
)
def test_wishes_that_cannot_be(wishes: dict[str, object], says: str, tmp_path: Path) -> None:
    with pytest.raises(LayerError, match=says):
        lines(SMALL, tmp_path, **wishes)


def test_a_mode_of_ones_own(tmp_path: Path) -> None:
    found = lines(SMALL, tmp_path, modes={"1": "high_speed"})
    assert list(found.tables["lines"]["mode"]) == ["high_speed"]
    assert set(found.tables["stations"]["system"]) == {"hsr"}


def test_a_feed_of_one_direction_says_that_there_is_no_way_back(tmp_path: Path) -> None:
    found = lines(one_trip(SMALL["stop_times.txt"]), tmp_path)
    assert (
        "line that runs one way only (e.g. L): kept; there is no way back by any line of this feed"
        in told(found)
    )
    assert list(found.tables["patterns"]["direction"]) == ["forward"]


def test_a_way_back_by_the_other_side_of_the_road_or_another_line_counts(tmp_path: Path) -> None:
    assert "one way only" not in told(lines(SMALL, tmp_path))
    stops = (
        SMALL["stops.txt"] + "Cx,Gamma opposite,22.3205,114.1705,0,\nAx,Alpha opposite,22.2805,114.1605,0,\n"
    )
    files = {
        **SMALL,
        "stops.txt": stops,
        "routes.txt": SMALL["routes.txt"] + "R,op,R,Return,3,\n",
        "trips.txt": csv("route_id,service_id,trip_id", "L,wd,o1", "R,wd,r1"),
        "stop_times.txt": SMALL["stop_times.txt"] + "r1,09:00:00,09:00:00,Cx,1\nr1,09:20:00,09:20:00,Ax,2\n",
    }
    assert "one way only" not in told(lines(files, tmp_path))


def test_a_ring_leads_back(tmp_path: Path) -> None:
    ring = csv(
        CALLS,
        *(f"o1,08:{m:02d}:00,08:{m:02d}:00,{s},{m}" for m, s in ((0, "A1"), (5, "B"), (10, "C"), (20, "A1"))),
    )
    assert "one way only" not in told(lines(one_trip(ring), tmp_path))
