"""What is broken or empty in a feed is mended and reported, or an error; never a traceback."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from corridor.core.errors import LayerError
from tests.gtfs_factory import EVERY, SMALL, Files, changed, more, with_nothing_in, zipped
from tests.gtfs_rules import check_feed
from tests.importers.feed_lines import lines, runs, told

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
    ("sequence no number", more("stop_times.txt", "o1,08:20:00,08:20:00,B,x\n"), "stop_sequence that is not a number"),
    ("no clock", changed("stop_times.txt", "o2,08:15:00,08:15:30", "o2,soon,08:15:30"), "that is not a clock time"),
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


def test_faster_than_any_train_is_left_out(tmp_path: Path) -> None:
    files = changed("stops.txt", "22.320,114.170", "23.900,114.170")  # 175 km in four minutes
    with pytest.raises(LayerError, match="faster than 450 km/h"):
        lines(files, tmp_path)


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
    if column is None:  # the rules, too, are asked of feeds that lack a file
        check_feed(zipped(with_nothing_in(file), tmp_path / "feed.zip"))
