"""Feeds written: they keep the reference's rules, say what is proposed, and read back as what was written."""

from __future__ import annotations

import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from corridor.core.crs import project_xy
from corridor.formats.gtfs import _Feed, _text_colour, feed_tables, write_feed, zip_bytes
from corridor.importers.gtfs.lines import Lines, lines_of
from corridor.importers.gtfs.patterns import FeedOptions
from corridor.importers.gtfs.read import Findings, read_feed
from corridor.network.compiled import BOARD_ALIGHT_S
from corridor.network.service import PERIODS, Link, Network, Only, Pattern, Stop
from corridor.network.stations import Names
from corridor.schema.gtfs import WRITTEN
from corridor.study.study import Study
from tests import network_factory as small
from tests.conftest import Cli
from tests.gtfs_factory import SMALL, Files, changed, more, without, zipped
from tests.gtfs_rules import check_feed

SCENARIO = "western-2035"


@pytest.fixture(scope="module")
def feed(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gtfs") / "western.zip"
    write_feed(study, SCENARIO, path)
    return path


@pytest.fixture(scope="module")
def network(study: Study) -> Network:
    return study.network(SCENARIO).network


def rows(feed: Path, name: str) -> pd.DataFrame:
    with zipfile.ZipFile(feed) as archive, archive.open(f"{name}.txt") as stream:
        return pd.read_csv(stream, dtype=str, keep_default_na=False)


def test_the_feed_keeps_the_rules(feed: Path) -> None:
    assert check_feed(feed).found == []


def test_the_same_network_gives_the_same_bytes(feed: Path, study: Study) -> None:
    again = zip_bytes(
        feed_tables(
            study.network(SCENARIO).network, study.scenario(SCENARIO), study.catalog, study.tables.lines
        )
    )
    assert again == feed.read_bytes()
    with zipfile.ZipFile(feed) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert [i.filename for i in archive.infolist()] == [f"{name}.txt" for name in WRITTEN]


def test_proposed_lines_say_so(feed: Path, network: Network) -> None:
    routes = rows(feed, "routes").set_index("route_id")
    assert "Proposed line (planned_official), not in service" in routes.loc["hswrl", "route_desc"]
    assert routes.loc["hswrl", "agency_id"] == "proposed-line-no-operator"
    said = set(routes.index[routes["route_desc"] != ""])
    assert said == {
        i for i in routes.index if network.lines[i].added or network.lines[i].status != "existing"
    }


def test_it_is_valid_every_day_from_the_scenarios_date(feed: Path, study: Study) -> None:
    day = rows(feed, "calendar").iloc[0]
    assert day["start_date"] == study.scenario(SCENARIO).date.strftime("%Y%m%d")
    assert set(day[["monday", "saturday", "sunday"]]) == {"1"}
    assert SCENARIO in rows(feed, "feed_info")["feed_version"].iloc[0]
    assert rows(feed, "attributions")["organization_name"].str.contains(r"\(.+\)").all()


def test_clearance_is_the_transfer_between_the_halls(feed: Path, network: Network) -> None:
    seconds = (
        rows(feed, "transfers").set_index(["from_stop_id", "to_stop_id"])["min_transfer_time"].astype(int)
    )
    halls = [c for c in network.checkpoints.values() if c.is_open and c.kind == "hall"]
    assert len(halls) >= 5
    for point in halls:
        a, b = f"{point.checkpoint_id}@hk", f"{point.checkpoint_id}@sz"
        assert seconds[a, b] == seconds[b, a] == round(point.clearance_s)
    # Lo Wu platform to Luohu platform: 60 s from the platform, the walks to and from the halls, clearance, 120 s to the other
    walks = {frozenset((k.a, k.b)): k.walk_s for k in network.links}
    to, onward = walks[frozenset(("lo-wu", "lo-wu@hk"))], walks[frozenset(("lo-wu@sz", "sz-luohu"))]
    clear = network.checkpoints["lo-wu"].clearance_s
    assert seconds["lo-wu/east-rail", "sz-luohu/sz-l1"] == round(60 + to + clear + onward + 120)


def test_a_change_takes_both_clearances_and_the_shortest_way() -> None:
    # at b one leaves x through 5 min of clearance and enters y through 10; from a to c two ways lead, of 500 and 200 s
    stations = [small.station(name, 10_000 * i, system="metro") for i, name in enumerate("abc")]
    halls = [small.checkpoint("k", 300.0, kind="line"), small.checkpoint("m", 600.0, kind="line")]
    lines = [
        small.pattern("x", "ab", [600], 600, clearance={"b": "k"}),
        small.pattern("y", "bc", [600], 600, clearance={"b": "m"}),
    ]
    ways = [Link("a", "c", 500.0), Link("a", "c", 200.0)]
    scenario: Any = None  # for its name alone
    feed = _Feed(small.network(stations, lines, ways, halls), scenario, pd.DataFrame({"line_id": ["x", "y"]}))
    seconds = {(a, b): s for a, b, _, s in feed.transfers()}
    board_s, alight_s = BOARD_ALIGHT_S["metro"]
    assert seconds["b/x", "b/y"] == seconds["b/y", "b/x"] == alight_s + board_s + 300 + 600
    assert seconds["a/x", "c/y"] == seconds["c/y", "a/x"] == alight_s + 200 + board_s


def test_a_trip_back_says_so() -> None:
    there = small.pattern("x>", "ab", [600], 600)
    back = replace(small.pattern("x<", "ba", [600], 600), line_id="x>")
    scenario: Any = None
    net = small.network([small.station("a"), small.station("b", 10_000)], [there, back])
    feed = _Feed(net, scenario, pd.DataFrame({"line_id": ["x>"]}))
    # route, service, trip, headsign, direction
    assert feed.trip(there) == ("x>", "every-day", "x-out", "b", 0)
    assert feed.trip(back) == ("x>", "every-day", "x-back", "a", 1)


def test_a_name_that_is_the_same_in_every_script_is_not_translated() -> None:
    named = replace(small.station("a"), names=Names("a", "甲", "a"))
    net = small.network([named, small.station("b", 10_000)], [small.pattern("x", "ab", [600], 600)])
    scenario: Any = None
    feed = _Feed(net, scenario, pd.DataFrame({"line_id": ["x"]}))
    assert list(feed.translations()) == [("stops", "stop_name", "zh-Hant", "甲", "a")]


def test_clearance_at_a_lines_own_station_is_a_pathway(feed: Path, network: Network) -> None:
    ways = rows(feed, "pathways").set_index("to_stop_id")["traversal_time"].astype(int)
    board = 180  # to a high-speed platform
    assert ways["west-kowloon/xrl"] == round(board + network.checkpoints["west-kowloon"].clearance_s)


@pytest.fixture(scope="module")
def back(feed: Path, network: Network) -> Lines:
    """The feed read again, with what it cannot say stated: where one clears, and on which side a port lies."""
    findings = Findings()
    cleared = {s.station_id: s.clearance for p in network.patterns for s in p.stops if s.clearance}
    sides = {k: v.region for k, v in network.stations.items()}
    return lines_of(
        read_feed(feed, findings),
        FeedOptions("x", clearance=cleared, sides=sides),
        lambda x, y: "hk",
        findings,
    )


def met(pattern: Pattern, *calls: Stop) -> set[str]:
    """Periods in which a pattern leaves some of its stops."""
    leaves = [(pattern.first_s + s.departure_s, pattern.last_s + s.departure_s) for s in calls]
    days = (-86_400, 0, 86_400)
    return {
        name
        for name, begin, end in PERIODS
        if name in pattern.headway_s and any(a < end + d and begin + d < b for a, b in leaves for d in days)
    }


def test_what_is_written_reads_back(back: Lines, network: Network) -> None:
    """Runs to the second, dwells, headways and hours of every pattern whose stops no other pattern of its line has."""
    station = back.tables["stations"].set_index("station_id")["gtfs_stop_id"]
    line = back.tables["lines"].set_index("line_id")["gtfs_route_id"]
    stops = dict(tuple(back.tables["pattern_stops"].groupby("pattern_id")))
    headways = dict(tuple(back.tables["headways"].groupby("pattern_id")))
    hours = back.tables["hours"].set_index("pattern_id")
    found = {
        (line[p.line_id], tuple(station[stops[p.pattern_id]["station_id"]])): p.pattern_id
        for p in back.tables["patterns"].itertuples()
    }
    keys = Counter((p.line_id, tuple(s.station_id for s in p.stops)) for p in network.patterns)
    assert set(found) == set(keys)
    compared = 0
    for pattern in network.patterns:
        key = (pattern.line_id, tuple(s.station_id for s in pattern.stops))
        if keys[key] > 1:
            continue  # day and night services of one route run together: read as one
        rows = stops[found[key]]
        calls = pattern.stops
        run = [b.arrival_s - a.departure_s for a, b in zip(calls[:-1], calls[1:], strict=True)]
        assert np.abs(rows["run_s"].to_numpy()[:-1] - run).max() <= 1
        assert np.abs(rows["dwell_s"].to_numpy() - [c.departure_s - c.arrival_s for c in calls]).max() <= 1
        read = dict(zip(headways[found[key]]["period"], headways[found[key]]["headway_s"], strict=True))
        # a period that vehicles reach on their way only has the headway with which they set out
        here = met(pattern, calls[0])
        assert {k: read[k] for k in here} == {k: round(pattern.headway_s[k]) for k in here}
        assert met(pattern, *calls[:-1]) <= set(read)
        assert list(hours.loc[found[key], ["first", "last"]]) == [
            f"{int(t) // 3600:02d}:{int(t) // 60 % 60:02d}" for t in (pattern.first_s, pattern.last_s)
        ]
        compared += 1
    assert compared > 0.8 * len(network.patterns)


def test_stations_read_back_where_they_are(back: Lines, network: Network) -> None:
    table = back.tables["stations"].set_index("gtfs_stop_id")
    assert set(table.index) == {s.station_id for p in network.patterns for s in p.stops}
    for i, row in table.iterrows():
        station = network.stations[str(i)]
        x, y = project_xy(row["lon"], row["lat"])
        assert abs(x - station.x_m) < 0.2 and abs(y - station.y_m) < 0.2
        assert (row["region"], row["name_en"]) == (station.region, station.names.en)
        assert row["name_zh_hant"] in {station.names.zh_hant, ""}  # left out where it is the English
        assert row["name_zh_hans"] in {station.names.zh_hans, ""}


def test_calls_for_boarding_or_alighting_alone_read_back(
    study: Study, network: Network, tmp_path: Path
) -> None:
    line = next(p for p in network.patterns if p.line_id == "hswrl")
    use: tuple[Only, ...] = ("", "board", "alight", "", "")
    stops = tuple(replace(stop, only=only) for stop, only in zip(line.stops, use, strict=True))
    patterns = tuple(replace(p, stops=stops) if p is line else p for p in network.patterns)
    changed_network = replace(network, patterns=patterns)
    tables = feed_tables(changed_network, study.scenario(SCENARIO), study.catalog, study.tables.lines)
    calls = tables["stop_times"][tables["stop_times"]["trip_id"] == "hswrl-out"]
    assert list(calls["pickup_type"]) == [0, 0, 1, 0, 0] and list(calls["drop_off_type"]) == [0, 1, 0, 0, 0]
    path = tmp_path / "f.zip"
    path.write_bytes(zip_bytes(tables))
    assert check_feed(path).found == []
    findings = Findings()
    options = FeedOptions("x", routes=("hswrl",))
    back = lines_of(read_feed(path, findings), options, lambda x, y: "hk", findings).tables["pattern_stops"]
    read = {tuple(own["only"]) for _, own in back.groupby("pattern_id")}
    assert read == {use, ("",) * 5}  # the way back is a trip of its own


def test_changes_inside_and_between_stations_read_back(back: Lines, network: Network) -> None:
    walks = back.tables["interchanges"]
    stop = back.tables["stations"].set_index("station_id")["gtfs_stop_id"]
    read = {frozenset((stop[r.from_station], stop[r.to_station])): r.walk_s for r in walks.itertuples()}
    links = [k for k in network.links if "@" not in k.a + k.b and "/" not in k.a]
    several = {k for k, n in Counter(frozenset((x.a, x.b)) for x in links).items() if n == 1}
    same = [k for k in links if frozenset((k.a, k.b)) in read and frozenset((k.a, k.b)) in several]
    assert len(same) > 50
    for (
        link
    ) in same:  # a clearing platform's time is on top, and two platforms of one station count as their mean
        assert read[frozenset((link.a, link.b))] >= round(link.walk_s) - 1
    exact = [k for k in same if abs(read[frozenset((k.a, k.b))] - k.walk_s) <= 1]
    assert len(exact) > 0.9 * len(same)
    inside = {k: v for k, v in network.transfer_s.items() if frozenset((k,)) in read}
    assert len(inside) > 20
    assert all(read[frozenset((k,))] == round(v) for k, v in inside.items())


RULES: list[tuple[str, Files, str]] = [
    ("no agency", without("agency.txt"), "agency.txt: 1 x file missing"),
    ("no calendar", without("calendar.txt"), "neither calendar.txt nor"),
    ("no zone", changed("agency.txt", "Asia/Hong_Kong", "Asia/Hongkong City"), "agency_timezone that is none"),
    ("no address", changed("agency.txt", "https://example.org/", "example"), "agency_url that is not allowed"),
    ("stop twice", more("stops.txt", "B,Other,22.3,114.17,0,\n"), "stop_id twice"),
    ("stop elsewhere", changed("stops.txt", "22.300,114.170", "99,114.170"), "position missing or outside"),
    ("stop at 0,0", changed("stops.txt", "22.300,114.170", "0,0"), "position near 0,0"),
    ("parent unknown", changed("stops.txt", "0,A\nB", "0,Z\nB"), "parent_station that is not known"),
    ("parent no station", changed("stops.txt", "0,A\nB", "0,B\nB"), "parent_station that is no station"),
    ("no name", changed("stops.txt", "B,Beta", "B,"), "stop_name missing"),
    ("call at a station", changed("stop_times.txt", "A2,1", "A,1"), "call at a place that is no platform"),
    ("colour", changed("routes.txt", "FF0000", "#FF0000"), "route_color that is not allowed"),
    ("type", changed("routes.txt", "Line,1,", "Line,99,"), "route_type that is not allowed"),
    ("route unnamed", changed("routes.txt", "L,Line", ","), "route without a name"),
    ("route of nobody", more("agency.txt", "x,X,https://example.org/,Asia/Hong_Kong\n") | {
        "routes.txt": SMALL["routes.txt"].replace("L,op", "L,zz")}, "agency_id that is not known"),
    ("trip of no route", more("trips.txt", "M,wd,o9\n"), "route_id that is not known"),
    ("trip of no service", changed("trips.txt", "L,sa", "L,zz"), "service_id that is not known"),
    ("trip without calls", more("trips.txt", "L,wd,o9\n"), "fewer than two stops"),
    ("back in time", changed("stop_times.txt", "o4,10:09:00,10:09:30", "o4,09:09:00,09:09:30"), "arrival before the departure"),
    ("departure first", changed("stop_times.txt", "08:05:00,08:05:30", "08:05:30,08:05:00"), "departure before arrival"),
    ("untimed end", changed("stop_times.txt", "o4,10:13:30,10:13:30", "o4,,"), "first or last stop of a trip without"),
    ("no seconds", changed("stop_times.txt", "o4,10:09:00", "o4,10:09"), "arrival_time without seconds"),
    ("service backwards", changed("calendar.txt", "20260105,20260118", "20260118,20260105"), "end_date before"),
    ("overlap", more("frequencies.txt", "trip_id,start_time,end_time,headway_secs\no1,06:00:00,07:00:00,600\n"
                     "o1,06:30:00,08:00:00,600\n"), "windows that overlap"),
    ("no headway", more("frequencies.txt", "trip_id,start_time,end_time,headway_secs\no1,06:00:00,07:00:00,0\n"),
     "headway_secs that is not allowed"),
    ("pickup", changed("stop_times.txt", "stop_sequence\n", "stop_sequence,pickup_type\n") | {
        "stop_times.txt": SMALL["stop_times.txt"].replace("stop_sequence\n", "stop_sequence,pickup_type\n")
        .replace("B,2\n", "B,2,9\n")}, "pickup_type that is not allowed"),
    ("transfer", more("transfers.txt", "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nA1,B,2,\n"),
     "type 2 without min_transfer_time"),
    ("pathway", more("pathways.txt", "pathway_id,from_stop_id,to_stop_id,pathway_mode,is_bidirectional\np,A1,B,1,1\n"),
     "pathway between two stations"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "says"), [pytest.param(f, s, id=i) for i, f, s in RULES])
def test_what_breaks_a_rule_is_found(files: Files, says: str, tmp_path: Path) -> None:
    assert says in str(check_feed(zipped(files, tmp_path / "f.zip")))


def test_the_small_feed_breaks_none(tmp_path: Path) -> None:
    assert check_feed(zipped(SMALL, tmp_path / "f.zip")).found == []


def test_what_is_no_feed_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "f.zip").write_text("no zip")
    assert "cannot be read" in str(check_feed(tmp_path / "f.zip"))


def test_the_text_on_a_colour_stands_out() -> None:
    # contrast 21 for white on black; yellow is light, navy dark
    assert [_text_colour(c) for c in ("000000", "FFFFFF", "FFFF00", "000080")] == [
        "FFFFFF",
        "000000",
        "000000",
        "FFFFFF",
    ]


def test_the_command(cli: Cli, shared: Study, feed: Path, tmp_path: Path) -> None:
    done = cli("gtfs", SCENARIO, "--out", tmp_path / "x.zip")
    assert done.exit_code == 0 and "stop_times" in done.output
    assert (tmp_path / "x.zip").read_bytes() == feed.read_bytes()
    lost = cli("gtfs", SCENARIO, "--out", tmp_path / "none" / "x.zip")
    assert lost.exit_code == 1 and "could not be written" in lost.output
    unknown = cli("gtfs", "western-2053", "--out", tmp_path / "y.zip")
    assert unknown.exit_code == 1 and "western-2035" in unknown.output
