"""What a scenario file changes of lines that run: hand-derived cases on a line of five stops, properties, messages.

Line `main` runs a - b - c - d - e, 100, 200, 300, 400 s with 20 s of dwell inside, every 10 min; `branch` is a second
pattern of it, a - b - x, in the peaks only. Stations stand 0.01 degrees of longitude apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridor.core.errors import CorridorError
from corridor.network.overlay import NetworkTables, build_network
from corridor.network.service import Network, Pattern
from corridor.schema.changes import PERIOD_NAMES
from corridor.schema.line import LineSpec
from corridor.schema.resolved import Scenario
from corridor.schema.scenario import ScenarioLibrary
from tests.access.test_cost import cost_min
from tests.access.test_strategy import all_times

STATIONS = "abcdexyz"
PEAK_S, ALL_DAY_S = 300.0, 600.0
BASE = 'id: base\ntitle: {en: Base}\nquestion: {en: "What runs?"}\ndate: 2030-12-31\n'
MINE = 'id: mine\ntitle: {en: Mine}\nquestion: {en: "What changes?"}\nextends: base\n'
NEW = {
    "id": "new",
    "name": {"en": "New"},
    "status": "concept",
    "stops": ["a", "x", "e"],
    "length_km": 4,
    "run_time_min": 10,
    "headway_min": {"peak": 6, "off_peak": 12},
    "hours": ["06:00", "24:00"],
}


def _stops(pattern_id: str, runs: dict[str, float | None], dwell_s: float) -> list[dict[str, object]]:
    return [
        {"pattern_id": pattern_id, "seq": i, "station_id": s, "run_s": run, "dwell_s": dwell_s}
        for i, (s, run) in enumerate(runs.items())
    ]


def tables(dwell_s: float = 20.0) -> NetworkTables:
    main = {"a": 100.0, "b": 200.0, "c": 300.0, "d": 400.0, "e": None}
    patterns = [("main", "main"), ("branch", "main"), ("later", "later")]
    headways = [
        *(("main", p, ALL_DAY_S) for p in PERIOD_NAMES if p not in {"early", "night"}),
        *(("branch", p, PEAK_S) for p in ("am_peak", "pm_peak")),
        ("later", "midday", ALL_DAY_S),
    ]
    return NetworkTables(
        stations=pd.DataFrame(
            {
                "station_id": list(STATIONS),
                "name_en": list(STATIONS),
                "lon": [114.0 + 0.01 * i for i in range(len(STATIONS))],
                "lat": 22.5,
                "region": ["hk"] * 7 + ["sz"],
                "system": "metro",
                "status": "existing",
                "street_access": 1,
            }
        ),
        lines=pd.DataFrame(
            {
                "line_id": ["main", "later", "closed"],
                "name_en": ["Main", "Later", "Closed"],
                "mode": "metro",
                "status": ["existing", "existing", "planned"],
                "opened": [None, "2031-06", None],
            }
        ),
        patterns=pd.DataFrame([{"pattern_id": p, "line_id": x, "direction": "both"} for p, x in patterns]),
        pattern_stops=pd.DataFrame(
            [
                *_stops("main", main, dwell_s),
                *_stops("branch", {"a": 100.0, "b": 500.0, "x": None}, dwell_s),
                *_stops("later", {"a": 100.0, "y": None}, dwell_s),
            ]
        ),
        headways=pd.DataFrame(headways, columns=["pattern_id", "period", "headway_s"]).assign(assumed=0),
        hours=pd.DataFrame(
            [
                {"pattern_id": p, "direction": d, "first": "06:00", "last": "24:00", "assumed": 0}
                for p, _ in patterns
                for d in ("forward", "backward")
            ]
        ),
        interchanges=pd.DataFrame(columns=["from_station", "to_station", "walk_s"]),
        checkpoints=pd.DataFrame(columns=["checkpoint_id"]),
        courses={},
    )


TABLES = tables()
Build = Callable[..., Network]


def resolve(folder: Path, text: str | dict, *levers: str) -> Scenario:
    body = text if isinstance(text, str) else yaml.safe_dump(text)
    (folder / "base.yaml").write_text(BASE, encoding="utf-8")
    (folder / "mine.yaml").write_text(MINE + body, encoding="utf-8")
    for i, lever in enumerate(levers):
        head = f'id: lever{i}\nkind: lever\ntitle: {{en: Lever}}\nquestion: {{en: "And?"}}\n'
        (folder / f"lever{i}.yaml").write_text(head + lever, encoding="utf-8")
    library = ScenarioLibrary([folder], {})
    return library.resolve("+".join(["mine", *(f"lever{i}" for i in range(len(levers)))]))


@pytest.fixture
def build(tmp_path: Path) -> Build:
    def built(text: str | dict, *levers: str, of: NetworkTables = TABLES) -> Network:
        return build_network(of, resolve(tmp_path, text, *levers))

    return built


def pattern(net: Network, pattern_id: str = "main>") -> Pattern:
    return next(p for p in net.patterns if p.pattern_id == pattern_id)


def calls(found: Pattern) -> str:
    return "".join(s.station_id for s in found.stops)


def clock(found: Pattern) -> list[tuple[float, float]]:
    return [(s.arrival_s, s.departure_s) for s in found.stops]


# --- headway and hours ---------------------------------------------------------------------------------


def test_a_headway_by_period_concerns_the_patterns_that_run_in_it(build: Build) -> None:
    net = build("lines: {change: [{id: main, headway_min: {am_peak: 3, midday: 8}}]}\n")
    assert (pattern(net).headway_s["am_peak"], pattern(net, "branch<").headway_s["am_peak"]) == (180, 180)
    assert pattern(net, "main<").headway_s["midday"] == 480
    assert "midday" not in pattern(net, "branch>").headway_s
    assert (pattern(net).headway_s["pm_peak"], pattern(net, "branch>").headway_s["pm_peak"]) == (
        ALL_DAY_S,
        PEAK_S,
    )
    assert pattern(net).assumed and not pattern(build("")).assumed  # fmt: skip


def test_peak_and_off_peak_concern_the_periods_in_which_it_runs(build: Build) -> None:
    net = build("lines: {change: [{id: main, headway_min: {peak: 3, off_peak: 8, late: 20}}]}\n")
    expected = {"am_peak": 180, "midday": 480, "pm_peak": 180, "evening": 480, "late": 1200}
    assert pattern(net).headway_s == expected
    assert pattern(build("lines: {change: [{id: main, headway_min: 4}]}\n")).headway_s == dict.fromkeys(
        expected, 240
    )


def test_a_period_in_which_nothing_ran_gets_a_service(build: Build) -> None:
    net = build("lines: {change: [{id: main, headway_min: {early: 15}, hours: ['05:30', '24:30']}]}\n")
    for sign in "<>":
        found = pattern(net, f"main{sign}")
        assert (found.headway_s["early"], found.first_s, found.last_s) == (900, 5.5 * 3600, 24.5 * 3600)


def test_a_pattern_and_a_direction_count_before_the_line(build: Build) -> None:
    net = build(
        "lines:\n  change:\n  - {id: main, headway_min: {am_peak: 5}}\n"
        "  - {id: main, pattern: main>, hours: ['07:00', '23:00']}\n  - {id: main, pattern: branch, headway_min: {pm_peak: 2}}\n"
    )
    assert (pattern(net).first_s, pattern(net, "main<").first_s) == (7 * 3600, 6 * 3600)
    assert pattern(net, "branch<").headway_s == {"am_peak": 300, "pm_peak": 120}
    assert pattern(net).headway_s["pm_peak"] == ALL_DAY_S


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


# --- files and levers ----------------------------------------------------------------------------------


def test_a_later_file_counts_where_it_states_something(build: Build, tmp_path: Path) -> None:
    first = "lines: {change: [{id: main, headway_min: {am_peak: 5, late: 15}, hours: ['06:30', '23:00']}]}\n"
    second = "lines: {change: [{id: main, headway_min: {peak: 2}}]}\n"
    net = build(first, second)
    assert pattern(net).headway_s["am_peak"] == 120
    assert pattern(net).headway_s["late"] == 900
    assert pattern(net).first_s == 6.5 * 3600
    of_pattern = "lines: {change: [{id: main, pattern: main>, headway_min: {am_peak: 5, midday: 15}}]}\n"
    net = build(of_pattern, second)  # the whole line, said later
    assert (pattern(net).headway_s["am_peak"], pattern(net).headway_s["midday"]) == (120, 900)


def test_levers_that_state_the_same_otherwise_are_named(tmp_path: Path) -> None:
    change = "lines: {{change: [{{id: main, headway_min: {{am_peak: {}}}}}]}}\n"
    stacked = resolve(tmp_path, change.format(9), change.format(2), change.format(3))
    assert stacked.overruled == ("line main, headway in am_peak: lever1.yaml:5 overrules lever0.yaml:5",)
    assert resolve(tmp_path, "", change.format(2), change.format(2)).overruled == ()
    removed = resolve(tmp_path, "", change.format(2), "lines: {remove: [main]}\n")
    assert "line main, headway in am_peak" in removed.overruled[0]
    assert removed.line_changes == ()


ENTRIES = [
    {"id": "main", "headway_min": {"am_peak": 3}},
    {"id": "main", "hours": ["05:00", "25:00"]},
    {"id": "main", "pattern": "main", "stops": ["a", "b", "c", "d"]},
    {"id": "main", "add_stops": [{"id": "y", "between": ["b", "c"]}]},
    {"id": "main", "close_stops": ["c"]},
    {"id": "main", "runs": [{"between": ["a", "b"], "run_min": 4}]},
    {"id": "main", "pattern": "branch", "headway_min": {"pm_peak": 4}},
    {"id": "main", "cut": ["a", "b"]},
]


@given(st.permutations(ENTRIES))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_changes_in_a_file_changes_nothing(tmp_path: Path, entries: list[dict]) -> None:
    one, other = (resolve(tmp_path, {"lines": {"change": e}}) for e in (ENTRIES, entries))
    assert one.model_dump_json() == other.model_dump_json()
    assert build_network(TABLES, one).patterns == build_network(TABLES, other).patterns


def test_an_empty_change_changes_nothing(build: Build, tmp_path: Path) -> None:
    empty = {"lines": {"change": [{"id": "main"}]}, "stations": {"close": []}, "checkpoints": {"change": []}}
    assert resolve(tmp_path, empty).model_dump() == resolve(tmp_path, "").model_dump()
    assert repr(build(empty)) == repr(build(""))


def test_every_change_is_part_of_the_key(tmp_path: Path) -> None:
    texts = [{"lines": {"change": [entry]}} for entry in ENTRIES]
    keys = [resolve(tmp_path, t).model_dump_json() for t in ("", *texts, {"stations": {"close": ["c"]}})]
    assert len(set(keys)) == len(keys)


def test_the_words_of_a_scenario(tmp_path: Path) -> None:
    said = list(resolve(tmp_path, {"lines": {"change": ENTRIES}, "stations": {"close": ["e"]}}).words())
    assert "e closed" in said and "main every 3 min in am_peak" in said and "main passes c" in said
    assert "main stops at y, between b and c" in said and "main takes 4 min between a and b" in said


# --- what always holds ---------------------------------------------------------------------------------

TREE = tables(dwell_s=0.0)
PAIRS = list(itertools.permutations("abcde", 2))


@given(st.floats(1.0, 10.0), st.floats(0.2, 1.0), st.sampled_from(["main", "main>", "branch"]))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_lower_headway_raises_no_time_and_no_cost(
    tmp_path: Path, before: float, factor: float, who: str
) -> None:
    nets = [
        build_network(
            TREE, resolve(tmp_path, {"lines": {"change": [{"id": "main", "pattern": who, "headway_min": m}]}})
        )
        for m in (before, before * factor)
    ]
    (_, slow), (_, quick) = map(all_times, nets)
    assert (quick <= slow + 1e-3).all()
    for a, b in PAIRS[::5]:
        assert cost_min(nets[1], a, b) <= cost_min(nets[0], a, b) + 1e-3


@pytest.mark.parametrize("stop", ["b", "c", "d"])
def test_closing_a_stop_where_trains_do_not_wait_lowers_nothing(build: Build, stop: str) -> None:
    """With dwell others gain by a closure: they pass the station without waiting there."""
    before, after = (
        build("", of=TREE),
        build({"lines": {"change": [{"id": "main", "close_stops": [stop]}]}}, of=TREE),
    )
    (points, was), (left, now) = map(all_times, (before, after))
    for a, b in itertools.permutations(sorted(set(left.index) & set("abcdex")), 2):
        then, since = (s[c.index[b], c.index[a]] for c, s in ((points, was), (left, now)))
        assert since >= then - 1e-3, (a, b)


# --- messages ------------------------------------------------------------------------------------------

WRONG = {
    "lines: {change: [{id: mian, headway_min: 3}]}\n": ("mine.yaml:5", "line mian: does not run", "did you mean 'main'"),
    "lines: {change: [{id: later, headway_min: 3}]}\n": ("mine.yaml:5", "2031-06", "2030-12-31"),
    "lines: {change: [{id: closed, headway_min: 3}]}\n": ("mine.yaml:5", "is not open"),
    "lines:\n  change:\n  - id: main\n    headway_min: {am-peak: 3}\n": ("mine.yaml:8", "did you mean 'am_peak'"),
    "lines:\n  change:\n  - id: main\n    headway_min: {am_peak: 0}\n": ("mine.yaml:8", "found 0", "greater than 0"),
    "lines:\n  change:\n  - id: main\n    headway_min: 0\n": ("mine.yaml:8", "found 0", "more than 0 min"),
    "lines:\n  change:\n  - {id: main, hours: ['24:00', '06:00']}\n": ("mine.yaml:7", "first departure before the last"),
    "lines:\n  change:\n  - {id: main, hours: ['6', '24:00']}\n": ("mine.yaml:7", "'6'", "HH:MM"),
    "lines:\n  change:\n  - {id: main, pattern: brunch, headway_min: 3}\n": ("mine.yaml:7", "brunch", "did you mean 'branch'"),
    "lines:\n  change:\n  - {id: main, pattern: branch, headway_min: {off_peak: 9}}\n": ("mine.yaml:7", "off_peak", "am_peak"),
    "lines:\n  change:\n  - id: main\n    close_stops: [y]\n": ("mine.yaml:8", "'y', which is not a stop of it"),
    "lines:\n  change:\n  - id: main\n    cut: [a, y]\n": ("mine.yaml:8", "a and y are not both stops of it"),
    "stations:\n  close: [f]\n": ("mine.yaml:6", "'f', where nothing stops"),
    "lines:\n  change:\n  - id: main\n    add_stops:\n    - {id: q, between: [a, b]}\n": ("mine.yaml:9", "Unknown stop 'q'"),
    "lines:\n  change:\n  - id: main\n    add_stops:\n    - {id: y, between: [a, c]}\n": ("mine.yaml:9", "a and c do not follow one another"),
    "lines:\n  change:\n  - id: main\n    add_stops:\n    - {id: c, between: [a, b]}\n": ("mine.yaml:9", "'c' is a stop of it already"),
    "lines:\n  change:\n  - id: main\n    add_stops:\n    - {id: z, between: [a, b]}\n": ("mine.yaml:7", "without immigration clearance"),
    "lines:\n  change:\n  - id: main\n    runs:\n    - {between: [a, d], run_min: 3}\n": ("mine.yaml:9", "a and d do not follow"),
    "lines:\n  change:\n  - id: main\n    runs:\n    - {between: [a, b], run_min: -3}\n": ("mine.yaml:9", "found -3"),
    "lines:\n  change:\n  - id: main\n    stops: [a, c]\n": ("mine.yaml:8", "several patterns", "main, branch"),
    "lines:\n  change:\n  - {id: main, pattern: main>, stops: [a, c]}\n": ("mine.yaml:7", "a pattern without > or <"),
    "lines:\n  change:\n  - {id: main, run_time_min: 3}\n": ("mine.yaml:7", "run_time_min of line 'main'", "add_stops"),
    "lines:\n  change:\n  - {headway_min: 3}\n": ("mine.yaml:7", "id is missing"),
    "lines:\n  change: [{id: main, headway_min: 3}]\n  remove: [main]\n": ("mine.yaml:7", "a second time", "mine.yaml:6"),
    "lines:\n  change:\n  - {id: main, headway_min: {am_peak: 3}}\n  - {id: main, pattern: main, headway_min: {peak: 4}}\n": (
        "mine.yaml:8", "headway in am_peak: stated a second time", "mine.yaml:7",
    ),
    "lines:\n  change:\n  - {id: main, add_stops: [{id: x, between: [a, b]}, {id: y, between: [b, a]}]}\n": (
        "a stop between a and b: stated a second time",
    ),
    "checkpoints:\n  change:\n  - {id: gate, open: '06:00'}\n  - {id: gate, close: '22:00'}\n": (
        "mine.yaml:8", "control point gate a second time", "mine.yaml:7",
    ),
    "checkpoints:\n  change:\n  - {id: gate, open: '06:00'}\n": ("mine.yaml:7", "Unknown control point 'gate'"),
    "lines:\n  remove: [mian]\n": ("mine.yaml:6", "'mian'", "did you mean 'main'"),
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_is_named_with_its_line(build: Build, text: str) -> None:
    with pytest.raises(CorridorError) as caught:
        build(text)
    for part in WRONG[text]:
        assert part in str(caught.value)


def test_new_stops_of_an_added_line_need_its_run_time(build: Build) -> None:
    text = {"lines": {"add": [NEW], "change": [{"id": "new", "stops": ["a", "e"]}]}}
    with pytest.raises(CorridorError, match="without its run time"):
        build(text)
    text["lines"]["change"][0]["run_time_min"] = 8
    assert calls(pattern(build(text), "new>")) == "ae"
    assert LineSpec.model_validate(NEW).stops == ("a", "x", "e")


def test_an_axis_that_the_region_lacks_is_named_with_its_line(build: Build) -> None:
    text = {"lines": {"add": [{**NEW, "axis": "westren"}]}}
    with pytest.raises(
        CorridorError, match=r"mine\.yaml:\d+: line new: Unknown axis 'westren'. Did you mean 'western'"
    ):
        build(text)


def test_all_that_is_wrong_is_told_at_once(build: Build) -> None:
    with pytest.raises(CorridorError) as caught:
        build("lines: {change: [{id: mian, headway_min: 3}, {id: later, hours: ['06:00', '24:00']}]}\n")
    assert len(caught.value.problems) == 2
    with pytest.raises(CorridorError) as caught:
        build(
            "lines: {change: [{id: main, close_stops: [y], runs: [{between: [a, d], run_min: 3}]},"
            " {id: main, pattern: branch, headway_min: {off_peak: 4}}]}\n"
        )
    assert len(caught.value.problems) == 3


def test_a_headway_stated_twice_for_all_day_is_one_problem(build: Build) -> None:
    with pytest.raises(CorridorError) as caught:
        build("lines: {change: [{id: main, headway_min: 3}, {id: main, headway_min: 4}]}\n")
    assert len(caught.value.problems) == 1


def test_times_are_finite(build: Build) -> None:
    net = build({"lines": {"change": ENTRIES}})
    assert all(np.isfinite(clock(p)).all() for p in net.patterns)


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
