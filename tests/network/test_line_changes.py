"""What a scenario file changes of lines that run: headways and hours, files and levers, properties, messages."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridor.core.errors import CorridorError
from corridor.network.overlay import build_network
from corridor.schema.line import LineSpec
from tests.access.test_cost import cost_min
from tests.access.test_strategy import all_times
from tests.network.line_factory import (
    ALL_DAY_S,
    NEW,
    PEAK_S,
    TABLES,
    Build,
    calls,
    clock,
    pattern,
    resolve,
    tables,
)

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
    "lines:\n  change:\n  - {id: main, clears: {y: gate}}\n": ("mine.yaml:7", "clearance at y", "stops of one pattern"),
    "lines:\n  change:\n  - {id: main, clears: {a: gate}}\n": ("mine.yaml:7", "Unknown control point 'gate'"),
    "lines:\n  change:\n  - {id: main, pattern: main>, clears: {a: gate}}\n": ("mine.yaml:7", "a pattern without > or <"),
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
