"""What a scenario file changes of the stops of lines that run, by hand on a line of five stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corridor.network.overlay import NetworkTables
from corridor.network.service import Pattern
from tests.network.line_factory import NEW, TABLES, Build, calls, clock, pattern

# --- stops ---------------------------------------------------------------------------------------------


def test_a_closed_stop_is_passed_without_its_dwell(build: Build) -> None:
    # 100, 20 at b, 200 + 300 past c, 20 at d, 400
    expected = [(0, 0), (100, 120), (620, 640), (1040, 1040)]
    everywhere, on_line = (
        build("stations: {close: [c]}\n"),
        build("lines: {change: [{id: main, close_stops: [c]}]}\n"),
    )
    assert clock(pattern(everywhere)) == clock(pattern(on_line)) == expected
    assert "c" not in everywhere.stations


def test_a_stop_closed_in_one_pattern_stays_in_the_others(build: Build) -> None:
    net = build("lines: {change: [{id: main, pattern: branch, close_stops: [b]}]}\n")
    assert (calls(pattern(net)), calls(pattern(net, "branch>"))) == ("abcde", "ax")
    assert pattern(net, "branch>").stops[1].arrival_s == 600


def test_trains_turn_back_on_both_sides_of_a_cut(build: Build) -> None:
    net = build("lines: {change: [{id: main, cut: [d, b]}]}\n")
    found = {p.pattern_id: calls(p) for p in net.patterns}
    assert found == {
        "main-part-1>": "ab", "main-part-2>": "de", "main-part-1<": "ed", "main-part-2<": "ba",
        "branch>": "abx", "branch<": "xba",
    }  # fmt: skip
    # trains leave d as before: 100 to b, 20 there, 200 to c, 20, 300 to d, 20
    east = pattern(net, "main-part-2>")
    assert (east.first_s, clock(east)) == (6 * 3600 + 660, [(0, 0), (400, 400)])
    west = pattern(net, "main-part-1>")
    assert (west.first_s, clock(west)) == (6 * 3600, [(0, 0), (100, 100)])
    assert west.headway_s == pattern(build("")).headway_s


def test_a_cut_at_an_end_leaves_one_side(build: Build) -> None:
    net = build("lines: {change: [{id: main, pattern: main, cut: [a, b], headway_min: {am_peak: 4}}]}\n")
    found = {p.pattern_id: calls(p) for p in net.patterns if p.line_id == "main"}
    assert found == {"main-part-2>": "bcde", "main-part-1<": "edcb", "branch>": "abx", "branch<": "xba"}
    assert pattern(net, "main-part-2>").headway_s["am_peak"] == 240


def test_an_added_stop_shares_the_run_and_costs_dwell_and_braking(build: Build) -> None:
    # x is 3 and 2 legs of 0.01 degrees beyond d: straight distances c - x and x - d are as 3 to 2
    net = build(
        "lines: {change: [{id: main, add_stops: [{id: x, between: [d, c], dwell_s: 40, braking_s: 10}]}]}\n"
    )
    found = pattern(net)
    assert calls(found) == "abcxde" and calls(pattern(net, "main<")) == "edxcba"
    c, x, d = found.stops[2:5]
    assert x.arrival_s - c.departure_s == pytest.approx(300 * 3 / 5 + 5, abs=0.05)
    assert (x.departure_s - x.arrival_s, d.arrival_s - c.departure_s) == (40, pytest.approx(350))
    assert calls(pattern(net, "branch>")) == "abx"  # c and d are not on it


def test_an_added_stop_with_stated_runs(build: Build) -> None:
    net = build(
        "lines:\n  change:\n  - id: main\n    add_stops: [{id: y, between: [a, b]}]\n"
        "    runs: [{between: [a, y], run_min: 1}, {between: [y, b], run_min: 2}]\n    pattern: main\n"
    )
    assert clock(pattern(net))[:3] == [(0, 0), (60, 90), (210, 230)]


def test_a_stop_may_follow_another_that_is_added_in_any_order(build: Build) -> None:
    stops = [{"id": "x", "between": ["b", "c"]}, {"id": "y", "between": ["x", "c"]}]
    for order in (stops, stops[::-1]):
        net = build({"lines": {"change": [{"id": "main", "add_stops": order}]}})
        assert calls(pattern(net)) == "abxycde"


def test_a_run_time_changes_in_both_directions(build: Build) -> None:
    net = build("lines: {change: [{id: main, runs: [{between: [c, b], run_min: 5}]}]}\n")
    assert [a for a, _ in clock(pattern(net))] == [0, 100, 420, 740, 1160]
    assert [a for a, _ in clock(pattern(net, "main<"))] == [0, 400, 720, 1040, 1160]
    assert calls(pattern(net, "branch>")) == "abx"


def test_a_line_cut_short_keeps_its_times_at_the_stops_that_remain(build: Build) -> None:
    net = build("lines: {change: [{id: main, pattern: main, stops: [b, c, d]}]}\n")
    assert clock(pattern(net)) == [(0, 0), (200, 220), (520, 520)]
    assert (pattern(net).first_s, pattern(net, "main<").first_s) == (6 * 3600 + 120, 6 * 3600 + 420)


def test_a_new_way_takes_the_pace_of_the_line(build: Build) -> None:
    # 1,000 s over four legs of 0.01 degrees: 250 s each. b - x are four legs apart, x - e one.
    net = build("lines: {change: [{id: main, pattern: main, stops: [a, b, x, e]}]}\n")
    arrivals = [a for a, _ in clock(pattern(net))]
    assert arrivals == pytest.approx([0, 100, 100 + 20 + 1000, 1120 + 30 + 250], abs=0.2)
    stated = build(
        "lines: {change: [{id: main, pattern: main, stops: [a, b, x, e], runs: [{between: [b, x], run_min: 10}]}]}\n"
    )
    assert clock(pattern(stated))[2][0] == 720


def test_the_same_order_of_stops_changes_nothing(build: Build) -> None:
    same = build("lines: {change: [{id: main, pattern: main, stops: [a, b, c, d, e]}]}\n")
    assert same.patterns == build("").patterns


def test_an_added_line_takes_the_same_changes(build: Build) -> None:
    change = {"id": "new", "headway_min": {"am_peak": 2}, "hours": ["07:00", "23:00"], "close_stops": ["x"]}
    net = build({"lines": {"add": [NEW], "change": [change, {"id": "new", "run_time_min": 20}]}})
    found = pattern(net, "new>")
    # 20 min without the 30 s of dwell at x
    assert (calls(found), found.stops[-1].arrival_s) == ("ae", pytest.approx(1170))
    assert (found.headway_s["am_peak"], found.headway_s["pm_peak"], found.first_s) == (120, 360, 7 * 3600)


# --- calls for boarding or alighting alone


def collecting() -> NetworkTables:
    """`main` only takes up at b and only sets down at d."""
    stops = TABLES.pattern_stops.assign(only="")
    stops.loc[(stops["pattern_id"] == "main") & (stops["station_id"] == "b"), "only"] = "board"
    stops.loc[(stops["pattern_id"] == "main") & (stops["station_id"] == "d"), "only"] = "alight"
    return replace(TABLES, pattern_stops=stops)


def uses(run: Pattern) -> list[tuple[str, str]]:
    return [(s.station_id, s.only) for s in run.stops]


def test_what_only_takes_up_on_the_way_there_only_sets_down_on_the_way_back(build: Build) -> None:
    net = build("", of=collecting())
    assert uses(pattern(net)) == [("a", ""), ("b", "board"), ("c", ""), ("d", "alight"), ("e", "")]
    assert uses(pattern(net, "main<")) == [("e", ""), ("d", "board"), ("c", ""), ("b", "alight"), ("a", "")]
    assert {use for _, use in uses(pattern(net, "branch>"))} == {""}


def test_a_new_order_of_stops_keeps_what_they_are_for(build: Build) -> None:
    changed = {"lines": {"change": [{"id": "main", "pattern": "main", "stops": ["a", "b", "x", "d", "e"]}]}}
    net = build(changed, of=collecting())
    assert uses(pattern(net)) == [("a", ""), ("b", "board"), ("x", ""), ("d", "alight"), ("e", "")]


def test_a_closed_stop_leaves_the_others_as_they_are(build: Build) -> None:
    net = build({"lines": {"change": [{"id": "main", "close_stops": ["c"]}]}}, of=collecting())
    assert uses(pattern(net)) == [("a", ""), ("b", "board"), ("d", "alight"), ("e", "")]
