"""Feeds read: what is right comes out as derived by hand, what is broken is mended and told, never a traceback."""

from __future__ import annotations

import datetime as dt
import zipfile
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from corridor.core.errors import LayerError, MissingColumnError
from corridor.importers.gtfs import read
from corridor.importers.gtfs.day import running
from corridor.importers.gtfs.findings import Findings
from corridor.importers.gtfs.headways import Service, Window, service_of
from corridor.importers.gtfs.lines import Hall, Lines, clock_text, lines_of
from corridor.importers.gtfs.patterns import FeedOptions, mode_of, shared_run_s
from corridor.importers.gtfs.read import read_feed
from corridor.importers.gtfs.transfers import numbers
from corridor.network.service import PERIODS
from corridor.schema.catalog import Catalog
from corridor.schema.table_checks import RowChecks
from corridor.schema.tables import TABLES
from corridor.study.folder import init
from tests.conftest import Cli
from tests.gtfs_factory import EVERY, SMALL, Files, changed, more, with_nothing_in, without, zipped
from tests.gtfs_rules import check_feed

HOUR = 3600


def lines(files: Files, tmp_path: Path, **wishes: object) -> Lines:
    """The lines of a feed in which every place is in Hong Kong."""
    findings = Findings()
    feed = read_feed(zipped(files, tmp_path / "feed.zip"), findings)
    return lines_of(feed, FeedOptions("t", **wishes), lambda x, y: "hk", findings)  # type: ignore[arg-type]


def runs(found: Lines, pattern: str) -> list[float]:
    stops = found.tables["pattern_stops"]
    return list(stops[stops["pattern_id"] == pattern]["run_s"].dropna())


def headways(found: Lines, pattern: str) -> dict[str, float]:
    rows = found.tables["headways"]
    return dict(zip(*(rows[rows["pattern_id"] == pattern][c] for c in ("period", "headway_s")), strict=True))


def told(found: Lines) -> str:
    return str(found.findings)


# --- what is right


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


def test_frequencies_take_the_place_of_clock_times(tmp_path: Path) -> None:
    rows = "trip_id,start_time,end_time,headway_secs\no1,06:00:00,07:30:00,600\no1,07:30:00,09:30:00,300\n"
    found = lines(more("frequencies.txt", rows), tmp_path)
    # o1 itself (08:00) is no departure; o2, o3 and o4 at 08:10, 08:20, 10:00 stand beside the windows
    assert headways(found, "t-l-1")["early"] == 600
    # 07:30 to 09:30: 7200 / 300 = 24, and 1 + 70/100 of the three trips: 7200 / 25.7 = 280.2
    assert headways(found, "t-l-1")["am_peak"] == 280
    assert found.tables["hours"].iloc[0]["first"] == "06:00"


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


def test_a_station_near_a_hall_walks_to_it(tmp_path: Path) -> None:
    from corridor.core.crs import project_xy

    x, y = (float(v) for v in project_xy(114.170, 22.320))
    findings = Findings()
    feed = read_feed(zipped(SMALL, tmp_path / "f.zip"), findings)
    halls = (Hall("p@hk", "hk", x + 120, y), Hall("p@sz", "sz", x, y), Hall("q@hk", "hk", x + 600, y))
    found = lines_of(feed, FeedOptions("t"), lambda x, y: "hk", findings, halls)
    rows = found.tables["interchanges"]
    assert [(r.from_station, r.to_station, r.walk_s) for r in rows.itertuples()] == [("t-c", "p@hk", 130)]


# --- headways


@pytest.mark.parametrize(
    ("departures", "windows", "expected"),
    [
        # every 10 min from 07:00 to 08:30: 600 s in both periods that it touches
        (range(7 * HOUR, int(8.5 * HOUR) + 1, 600), [], (7.0, 8.5, {"early": 600, "am_peak": 600})),
        # a night bus at 23:00, 00:00 and 01:00 is one stretch
        ([23 * HOUR, 0, HOUR], [], (23.0, 25.0, {"late": 3600})),
        # the same with clocks past 24:00
        ([23 * HOUR, 24 * HOUR, 25 * HOUR], [], (23.0, 25.0, {"late": 3600})),
        # hourly day and night
        (range(0, 24 * HOUR, HOUR), [], (5.0, 29.0, {name: 3600 for name, _, _ in PERIODS})),
        # a window shorter than its headway keeps it
        ([], [(22 * HOUR, 22 * HOUR + 300, 900)], (22.0, 22 + 1 / 12, {"late": 900})),
        # No service between two windows, no headway at midday. 08:00 to 09:30 are 5400 s with 12 departures, 17:00 to
        # 19:00 are 7200 s with 6: what is served counts from first to last departure.
        (
            [],
            [(8 * HOUR, 9 * HOUR, 300), (18 * HOUR, 19 * HOUR, 600)],
            (8.0, 19.0, {"am_peak": 450, "pm_peak": 1200}),
        ),
    ],
)
def test_headways_by_hand(
    departures: range,
    windows: list[tuple[float, float, float]],
    expected: tuple[float, float, dict[str, float]],
) -> None:
    service = service_of(departures, [Window(*w) for w in windows])
    first, last, by_period = expected
    assert service.first_s == pytest.approx(first * HOUR) and service.last_s == pytest.approx(last * HOUR)
    assert service.headway_s == by_period
    assert isinstance(service, Service) and not service.assumed


@pytest.mark.parametrize(
    ("run", "leg", "expected"),
    [
        ([60, 0, 60], [1, 500, 500], [60, 30, 30]),  # the zero shares the next minute
        ([120, 0], [100, 300], [30, 90]),  # at the end, the one before
        ([0, 0, 90], [100, 200, 600], [10, 20, 60]),
    ],
)
def test_minutes_that_are_nought_are_shared(
    run: list[float], leg: list[float], expected: list[float]
) -> None:
    import numpy as np

    assert list(shared_run_s(np.array(run, float), np.array(leg, float))) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("code", "mode"),
    [("0", "light_rail"), ("1", "metro"), ("2", "metro"), ("3", "bus"), ("4", "ferry"), ("6", "shuttle"), ("101", "high_speed"),
     ("109", "metro"), ("200", "coach"), ("702", "bus"), ("900", "light_rail"), ("1000", "ferry"), ("1200", "ferry"), ("1300", "shuttle"),
     ("1100", ""), ("1500", ""), ("99", ""), ("", ""), ("x", ""), ("²", ""), ("99999999999999999999", "")],
)  # fmt: skip
def test_route_types(code: str, mode: str) -> None:
    assert mode_of(code) == mode


def test_minutes_of_clock_texts() -> None:
    assert [clock_text(s) for s in (0, 29_999, 108_000)] == ["00:00", "08:19", "30:00"]


# --- the service day


def test_a_holiday_timetable_is_not_typical(tmp_path: Path) -> None:
    # On Wednesday 2026-01-07 alone a festival doubles the service: one of ten working days is just a tenth, which counts;
    # over four weeks it is one of twenty, which does not.
    extra = changed("trips.txt", "L,sa,o5\n", "L,fest,o5\n")
    extra["calendar_dates.txt"] = "service_id,date,exception_type\nfest,20260107,1\n"
    assert lines(extra, tmp_path).date == dt.date(2026, 1, 7)
    long = {**extra, "calendar.txt": extra["calendar.txt"].replace("20260118", "20260201")}
    assert lines(long, tmp_path).date == dt.date(2026, 1, 5)


def test_exceptions_take_a_service_off(tmp_path: Path) -> None:
    files = more("calendar_dates.txt", "service_id,date,exception_type\nwd,20260105,2\n")
    assert lines(files, tmp_path).date == dt.date(2026, 1, 6)
    with pytest.raises(
        LayerError, match=r"no trip runs on 2026-01-05; expected a day from 2026-01-05 to 2026-01-18"
    ):
        lines(files, tmp_path, date=dt.date(2026, 1, 5))


def test_a_stated_day(tmp_path: Path) -> None:
    found = lines(SMALL, tmp_path, date=dt.date(2026, 1, 10))  # Saturday: one trip at 11:00
    assert found.date == dt.date(2026, 1, 10)
    assert list(found.tables["hours"]["first"]) == ["11:00"]


def test_without_calendars_all_run(tmp_path: Path) -> None:
    found = lines(without("calendar.txt"), tmp_path)
    assert found.date is None and found.tables["patterns"]["trips"].sum() == 6
    assert "no day is given" in told(found)


def test_eighty_years_are_not_walked_through(tmp_path: Path) -> None:
    files = changed("calendar.txt", "20260118", "20991231")
    feed = read_feed(zipped(files, tmp_path / "f.zip"), Findings())
    day, active = running(feed, None, pd.Series({"wd": 5, "sa": 1}), Findings())
    assert day == dt.date(2026, 1, 5) and active == {"wd"}


# --- what is broken

BROKEN: list[tuple[str, Files, str]] = [
    ("clock that starts anew", changed("stop_times.txt", "b1,24:40:00,24:40:00", "b1,00:40:00,00:40:00"), "starts anew"),
    ("position at 0,0", changed("stops.txt", "22.300,114.170", "0,0"), "position at 0,0"),
    ("swapped", changed("stops.txt", "22.300,114.170", "114.170,22.300"), "swapped back"),
    ("elsewhere", changed("stops.txt", "22.300,114.170", "48.8,2.3"), "outside the study's part"),
    ("position of the parent", changed("stops.txt", "platform 1,22.280,114.160", "platform 1,,"), "station's is taken"),
    ("unknown stop", changed("stop_times.txt", "o2,08:15:00,08:15:30,B", "o2,08:15:00,08:15:30,X"), "of an unknown stop"),
    ("unknown route", more("trips.txt", "M,wd,o9\n"), "of an unknown route (e.g. M)"),
    ("unknown service", more("trips.txt", "L,xx,o9\n"), "of an unknown service (e.g. xx)"),
    ("unknown trip", more("stop_times.txt", "zz,08:00:00,08:00:00,B,1\n"), "of an unknown trip (e.g. zz)"),
    ("trip twice", more("trips.txt", "L,wd,o1\n"), "trip_id twice (e.g. o1)"),
    ("stop twice", more("stops.txt", "B,Other,22.3,114.17,0,\n"), "stop_id twice (e.g. B)"),
    ("route twice", more("routes.txt", "L,op,L,Other,3,\n"), "route_id twice"),
    ("sequence twice", more("stop_times.txt", "o1,08:20:00,08:20:00,B,3\n"), "stop_sequence twice in one trip"),
    ("sequence no number", more("stop_times.txt", "o1,08:20:00,08:20:00,B,x\n"), "stop_sequence that is no number"),
    ("no clock", changed("stop_times.txt", "o2,08:15:00,08:15:30", "o2,soon,08:15:30"), "that is no clock time"),
    ("one stop", more("trips.txt", "L,wd,o9\n") | more("stop_times.txt", "o9,08:00:00,08:00:00,B,1\n"), ""),
    ("departure first", changed("stop_times.txt", "08:05:00,08:05:30", "08:05:30,08:05:00"), "two are swapped"),
    ("back in time", changed("stop_times.txt", "o4,10:09:00,10:09:30", "o4,09:09:00,09:09:30"), "runs back in time"),
    ("same stop twice", more("stop_times.txt", "o1,08:09:40,08:09:50,C,4\n"), "two calls running"),
    ("too fast", more("stops.txt", "D,Far,23.9,114.17,0,\n") | {}, ""),
    ("frequencies", more("frequencies.txt", "trip_id,start_time,end_time,headway_secs\no1,06:00:00,07:00:00,0\n"), "1 s or more"),
    ("overlap", more("frequencies.txt", "trip_id,start_time,end_time,headway_secs\no1,06:00:00,07:00:00,600\n"
                     "o1,06:30:00,08:00:00,600\n"), "overlaps the one before"),
    ("calendar twice", more("calendar.txt", "wd,1,1,1,1,1,1,1,20260105,20260118\n"), "service_id twice"),
    ("calendar backwards", more("calendar.txt", "zz,1,1,1,1,1,1,1,20260118,20260105\n"), "without a valid span"),
    ("exception without date", more("calendar_dates.txt", "service_id,date,exception_type\nwd,soon,2\n"), "without a date"),
    ("parent unknown", changed("stops.txt", "114.160,0,A\nB", "114.160,0,Z\nB"), "unknown parent_station"),
    ("row too long", more("stop_times.txt", "o1,08:20:00,08:20:00,B,9,,,x\n"), "more cells than the header"),
    ("byte 0", changed("stops.txt", "Alpha,", "Al\0pha,"), "byte 0"),
    ("column twice", changed("trips.txt", "route_id,service_id,trip_id\n", "route_id,service_id,trip_id,trip_id\n"), "column twice"),
    ("no name", changed("stops.txt", "B,Beta", "B,"), "its id is shown"),
    ("cable car", changed("routes.txt", "Line,1", "Line,6"), "cable car"),
    ("same departure", changed("stop_times.txt", "o2,08:10:00,08:10:00", "o2,08:00:00,08:00:00"), "counted once"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "says"), [pytest.param(f, s, id=i) for i, f, s in BROKEN])
def test_what_is_broken_is_mended_and_told(files: Files, says: str, tmp_path: Path) -> None:
    found = lines(files, tmp_path)
    assert says in told(found)
    assert len(found.tables["patterns"]) >= 1
    assert (found.tables["pattern_stops"]["run_s"].dropna() > 0).all()


def test_a_trip_past_midnight_goes_on(tmp_path: Path) -> None:
    found = lines(changed("stop_times.txt", "b1,24:40:00,24:40:00", "b1,00:40:00,00:40:00"), tmp_path)
    assert runs(found, "t-l-2") == [240, 340]


def test_a_passed_stop_gives_its_time_to_its_neighbours(tmp_path: Path) -> None:
    found = lines(changed("stops.txt", "22.300,114.170", "0,0"), tmp_path)
    assert runs(found, "t-l-1") == [570]  # 300 s, 30 s of dwell, 240 s
    assert "stop without a position" in told(found)


def test_missing_times_are_interpolated(tmp_path: Path) -> None:
    gone = SMALL["stop_times.txt"].replace("08:05:00,08:05:30", ",")
    # A - B is 2430 m in a straight line (2215 north, 1031 east), B - C 2215 m: 570 s x 2443 / 4658 = 299 s
    alone = {**SMALL, "stop_times.txt": gone, "trips.txt": "route_id,service_id,trip_id\nL,wd,o1\n"}
    found = lines(alone, tmp_path)
    assert runs(found, "t-l-1") == [pytest.approx(299, abs=1.5), pytest.approx(271, abs=1.5)]
    assert "straight distance" in told(found)
    rows = gone.replace("stop_sequence\n", "stop_sequence,shape_dist_traveled\n").splitlines()
    dist = {"A1": "0", "A2": "0", "B": "1", "C": "3"}
    shaped = [rows[0], *(f"{r},{dist[r.split(',')[3]]}" for r in rows[1:])]
    found = lines({**alone, "stop_times.txt": "\n".join(shaped) + "\n"}, tmp_path)
    assert runs(found, "t-l-1") == [190, 380]  # 570 s as 1 to 2
    assert "shape_dist_traveled" in told(found)


def test_a_loop_calls_twice(tmp_path: Path) -> None:
    rows = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + "".join(
        f"o1,08:{m:02d}:00,08:{m:02d}:00,{s},{m}\n" for m, s in ((0, "A1"), (5, "B"), (10, "C"), (20, "A1"))
    )
    found = lines({**SMALL, "stop_times.txt": rows}, tmp_path)
    assert list(found.tables["pattern_stops"]["station_id"]) == ["t-a", "t-b", "t-c", "t-a"]
    assert runs(found, "t-l-1") == [300, 300, 600]


def test_faster_than_any_train_is_left_out(tmp_path: Path) -> None:
    files = changed("stops.txt", "22.320,114.170", "23.900,114.170")  # 175 km in four minutes
    with pytest.raises(LayerError, match="faster than 450 km/h"):
        lines(files, tmp_path)


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


# --- what is empty


def test_numbers_of_no_texts_are_numbers() -> None:
    """Pandas 3 takes a map over no texts for texts, with which Arrow does not compute."""
    nobody = pd.Series(["A"])[[False]]
    assert numbers(nobody, pd.Series({"A": 1.0})).dtype == numbers(nobody, {}).dtype == float
    assert list(numbers(pd.Series(["B", "A"]), {"A": 1.0}).isna()) == [True, False]


def test_every_file_is_read(tmp_path: Path) -> None:
    assert len(lines(EVERY, tmp_path).tables["interchanges"]) == 2
    assert check_feed(tmp_path / "feed.zip").found == []


@pytest.mark.parametrize(
    ("file", "column"),
    [(file, column) for file in EVERY for column in [None, *EVERY[file].splitlines()[0].split(",")]],
)
def test_nothing_is_no_traceback(file: str, column: str | None, tmp_path: Path) -> None:
    with suppress(LayerError):
        lines(with_nothing_in(file, column), tmp_path)
    check_feed(zipped(with_nothing_in(file, column), tmp_path / "feed.zip"))


# --- what cannot be used


@pytest.mark.parametrize("file", ["stops.txt", "routes.txt", "trips.txt", "stop_times.txt"])
def test_a_missing_file_is_named(file: str, tmp_path: Path) -> None:
    with pytest.raises(LayerError, match=f"feed.zip: {file}: is missing or empty"):
        lines(without(file), tmp_path)
    with pytest.raises(LayerError, match=f"feed.zip: {file}: is missing or empty"):
        lines({**SMALL, file: ""}, tmp_path)


def test_missing_columns_are_named_together(tmp_path: Path) -> None:
    files = changed("stops.txt", "stop_lat", "y") | {
        "trips.txt": SMALL["trips.txt"].replace("service_id", "s")
    }
    with pytest.raises(MissingColumnError) as caught:
        lines(files, tmp_path)
    assert [p.what for p in caught.value.problems] == [
        "column 'stop_lat' is missing",
        "column 'service_id' is missing",
    ]


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


# --- files


def test_a_folder_in_the_zip(tmp_path: Path) -> None:
    findings = Findings()
    feed = read_feed(zipped(SMALL, tmp_path / "f.zip", folder="export/gtfs/"), findings)
    assert len(feed["stops"]) == 5 and "read from there" in str(findings)


@pytest.mark.parametrize(
    ("encoding", "says"),
    [("utf-8-sig", "nothing was broken"), ("gbk", "read as gb18030"), ("utf-16", "read as utf-16")],
)
def test_encodings(encoding: str, says: str, tmp_path: Path) -> None:
    text = SMALL["stops.txt"].replace("Alpha,", "福田口岸,")
    findings = Findings()
    files = {n: t.encode() for n, t in SMALL.items()} | {"stops.txt": text.encode(encoding)}
    feed = read_feed(zipped(files, tmp_path / "f.zip"), findings)
    assert feed["stops"]["stop_name"].iloc[0] == "福田口岸"
    assert says in str(findings)


def test_limits_are_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = {**SMALL, "shapes.txt": "", "stop_times.txt": SMALL["stop_times.txt"] + "\n" * 3_000_000}
    with pytest.raises(
        LayerError, match=r"stop_times.txt unpacks to .* times its size; expected 200 times at most"
    ):
        lines(bomb, tmp_path)
    monkeypatch.setattr(read, "MAX_ROWS", 10)
    with pytest.raises(LayerError, match=r"stop_times.txt: has 19 rows; expected 10 at most"):
        lines(SMALL, tmp_path)
    monkeypatch.setattr(read, "MAX_TOTAL_MB", 0.001)
    with pytest.raises(LayerError, match="unpacks to 0 MB; expected 0.001 MB at most"):
        lines(SMALL, tmp_path)
    monkeypatch.setattr(read, "MAX_MEMBERS", 3)
    with pytest.raises(LayerError, match="holds 7 files; expected 3 at most"):
        lines(SMALL, tmp_path)


def test_what_is_no_feed(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("no zip")
    zipped({"other.txt": "a"}, tmp_path / "other.zip")
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "none.zip", "w"):
        pass
    for name, says in (
        ("text.zip", "cannot be read"),
        ("other.zip", "holds no table of a feed"),
        ("none.zip", "holds no table of a feed"),
        ("empty", "holds no table of a feed"),
        ("lost.zip", "is not there"),
    ):
        with pytest.raises(LayerError, match=says):
            read_feed(tmp_path / name, Findings())


# --- into a study


def test_a_study_rides_what_was_added(cli: Cli, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    init(mine)
    often = "trip_id,start_time,end_time,headway_secs\no1,06:00:00,22:00:00,60\n"
    feed = zipped(more("frequencies.txt", often), tmp_path / "Small Feed.zip")
    added = cli(
        "--study",
        mine,
        "layers",
        "add",
        "gtfs",
        feed,
        "--licence",
        "CC0",
        "--source",
        "own",
        "--attribution",
        "us",
    )
    assert added.exit_code == 0, added.output
    assert "service day 2026-01-05" in added.output and "pattern with one departure" in added.output
    assert (mine / "layers" / "gtfs-small-feed" / "report.csv").is_file()
    catalog = Catalog.open(mine / "catalog.yaml")
    entry = next(e for e in catalog.entries if e.id == "gtfs_small_feed_lines")
    assert (entry.licence, entry.source, entry.attribution, entry.date) == ("CC0", "own", "us", "2026-01-05")
    assert (mine / "catalog.yaml").read_text(encoding="utf-8").startswith("# The layers of this study.")
    rode = cli("--study", mine, "journey", "small-feed-a", "small-feed-c", "--at", "08:00", "--json")
    assert rode.exit_code == 0 and '"small-feed-l"' in rode.output
    again = cli("--study", mine, "layers", "add", "gtfs", feed)
    assert again.exit_code == 1 and "remove these entries" in again.output


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--clearance", "A"], "two names with '=' between"),
        (["--date", "soon"], "expected YYYY-MM-DD"),
        (["--id", "Not This"], "small letters"),
        (["--out", "../elsewhere"], "a folder inside the study"),
    ],
)
def test_options_that_are_wrong(args: list[str], says: str, cli: Cli, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    init(mine)
    before = (mine / "catalog.yaml").read_bytes()
    done = cli("--study", mine, "layers", "add", "gtfs", zipped(SMALL, tmp_path / "f.zip"), *args)
    assert done.exit_code == 1 and says in done.output
    assert (mine / "catalog.yaml").read_bytes() == before and not list((mine / "layers").iterdir())


def test_the_shipped_study_takes_no_layers(cli: Cli, tmp_path: Path) -> None:
    done = cli("layers", "add", "gtfs", zipped(SMALL, tmp_path / "f.zip"))
    assert done.exit_code == 1 and "corridor init" in done.output
