"""Edits: what they change, that a rescored edit equals a whole run, and what is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.access.cost.departure import CostDeparture
from corridor.access.reach.gravity import gravity_from_cells
from corridor.access.reach.reach import reach_from_cells
from corridor.access.search.cells import Cells
from corridor.access.search.departure import Departure
from corridor.access.surroundings.base import BaseLayer
from corridor.core import paths
from corridor.core.cache import Kept, Known, made, mark_of
from corridor.core.errors import CorridorError, ScenarioError
from corridor.network.changes import changed_points
from corridor.network.compiled import CompiledNetwork, compile_network
from corridor.network.loads import Travellers
from corridor.network.overlay import build_network
from corridor.network.service import PERIODS, Network, Pattern
from corridor.schema.scenario import Scenario, ScenarioLibrary
from corridor.study.access import Access
from corridor.study.edit import Edit
from corridor.study.network import ScenarioNetwork
from corridor.study.study import Study

CUTOFFS = (30, 60, 90)
CLOCKS = {"08:30": 30_600.0, "13:00": 46_800.0, "22:30": 81_000.0}
SHUTTLE = {
    "id": "tuen-mun-shuttle",
    "name": {"en": "Tuen Mun - Sunny Bay shuttle"},
    "status": "concept",
    "stops": ["tuen-mun", "sunny-bay"],
    "length_km": 16,
    "run_time_min": 14,
    "headway_min": {"peak": 5, "off_peak": 8},
    "hours": ["06:00", "24:00"],
}


@pytest.fixture(scope="module")
def access(study: Study) -> Access:
    """One cell in sixteen, with the real local buses, so that a whole run takes a second."""
    table = study.catalog.table("cells").iloc[::16].reset_index(drop=True)
    base = BaseLayer(Cells.from_table(table), study.ground, study.buses)
    return Access(base, study.parameters, study.gazetteer)


@pytest.fixture(scope="module")
def both(study: Study, access: Access) -> Edit:
    return replace(study.edit("both-2035"), access=access)


@pytest.fixture(scope="module")
def committed(study: Study, access: Access) -> Edit:
    return replace(study.edit("committed-2030"), access=access)


def from_scratch(edit: Edit) -> CompiledNetwork:
    return compile_network(edit.network, edit.access.base.ground)


def whole_run(edit: Edit, hour: str) -> np.ndarray:
    base = edit.access.base
    departure = base.departure(from_scratch(edit), CLOCKS[hour], 60.0 * max(CUTOFFS))
    return reach_from_cells(departure, base, CUTOFFS, keep=False).reach(hour, CUTOFFS).counts


def stops_of(edit: Edit, pattern_id: str) -> list[str]:
    return [s.station_id for s in next(p for p in edit.network.patterns if p.pattern_id == pattern_id).stops]


EDITS = {
    "headway": lambda both, committed: both.headway("hswrl", 4),
    "longer-headway": lambda both, committed: both.headway("disneyland-resort", 30),
    "headway-of-one-period": lambda both, committed: both.headway("east-rail-lo-wu", 3, "midday"),
    "removal": lambda both, committed: both.remove_line("hswrl"),
    "removal-of-an-existing-line": lambda both, committed: both.remove_line("tuen-ma"),
    "clearance": lambda both, committed: both.regime("lo-wu", clearance_min=10),
    "hours": lambda both, committed: both.regime("huanggang", open="07:00", close="22:40"),
    "regime-of-a-line": lambda both, committed: both.regime("west-kowloon", "joint_clearance"),
    "closed-hall": lambda both, committed: both.regime("shenzhen-bay", status="closed"),
    "closed-station": lambda both, committed: both.close_station("fanling"),
    "added-stop": lambda both, committed: both.add_stop("east-rail", "kai-tak", ("tai-wo", "fanling")),
    "added-proposal": lambda both, committed: committed.add_line("hswrl"),
    "added-line": lambda both, committed: committed.add_line(SHUTTLE),
    "hours-of-a-line": lambda both, committed: both.hours("tuen-ma", "07:00", "22:00"),
    "service-in-a-new-period": lambda both, committed: (
        both.hours("disneyland-resort", "06:00", "28:00").headway("disneyland-resort", 20, "night")
    ),
    "run-time": lambda both, committed: both.run_time("east-rail", ("sheung-shui", "lo-wu"), 8),
    "closed-stop": lambda both, committed: both.close_stop("east-rail-lo-wu", "fanling"),
    "cut-line": lambda both, committed: both.reroute("tuen-ma", stops_of(both, "tuen-ma>")[5:]),
    "new-way": lambda both, committed: both.reroute("tuen-ma", [*stops_of(both, "tuen-ma>")[5:], "sunny-bay"]),
    "stated-run-of-an-added-stop": lambda both, committed: (
        both.add_stop("hswrl", "tin-shui-wai", ("ha-tsuen", "hung-shui-kiu"))
        .run_time("hswrl", ("hung-shui-kiu", "tin-shui-wai"), 1.5)
    ),
    "capacity": lambda both, committed: both.regime("lo-wu", effective_capacity_pax_hour=16_000),
    "clearance-of-a-group": lambda both, committed: both.regime("lo-wu", clearance_by_group_min={"resident": 4}),
    "all-night": lambda both, committed: both.regime("lo-wu", open_24_hours=True),
    "several": lambda both, committed: (
        committed.add_line("hswrl").headway("hswrl", 6).regime("lo-wu", clearance_min=12).close_station("fanling")
    ),
}  # fmt: skip


FROM_ANOTHER = (
    "longer-headway", "removal", "clearance", "closed-station", "added-proposal", "run-time", "several",
)  # fmt: skip


@pytest.mark.parametrize("name", FROM_ANOTHER)
def test_gravity_that_starts_from_another_network_is_that_from_nothing(
    both: Edit, committed: Edit, name: str, tmp_path: Path
) -> None:
    edit = EDITS[name](both, committed)
    first = committed if name in {"added-proposal", "several"} else both
    kept = Known(lambda: Kept(tmp_path))
    before, after = gravity(first, kept), gravity(edit, made)
    assert before != after or name == "longer-headway"  # of a line that nobody here takes
    assert gravity(edit, kept) == after


def gravity(edit: Edit, known: Known) -> str:
    """A hash of the gravity of the edited network in the morning, from what is known of another."""
    net = ScenarioNetwork(edit.network, from_scratch(edit))
    costing = edit.access.costing(net, Travellers(), None)
    leaving = Departure(net.compiled, CLOCKS["08:30"], 60.0 * max(CUTOFFS))
    known_here = replace(costing, base=replace(costing.base, known=known))
    return mark_of(gravity_from_cells(CostDeparture(leaving, known_here), 0.04).sums.tobytes())


SOME = {  # where a period ends or something closes a run takes longer: only for some
    "08:30": {"removal", "added-proposal"},
    "13:00": set(EDITS),
    "22:30": {"hours"},
}
CASES = [(name, hour) for name in EDITS for hour in CLOCKS if name in SOME[hour]]


@pytest.mark.parametrize(("name", "hour"), CASES)
def test_a_rescored_edit_equals_a_whole_run_of_the_edited_network(
    both: Edit, committed: Edit, name: str, hour: str
) -> None:
    edit = EDITS[name](both, committed)
    score = edit.score(hour, CUTOFFS)
    np.testing.assert_array_equal(score.after.counts, whole_run(edit, hour))


LINES = ("hswrl", "east-rail", "tuen-ma", "sz-l11", "disneyland-resort")
STATIONS = ("tuen-mun", "sunny-bay", "fanling", "kai-tak", "tin-shui-wai", "hung-shui-kiu")
minutes = st.integers(1, 40)
one_change = st.one_of(
    st.builds(lambda line, m: lambda e: e.headway(line, m), st.sampled_from(LINES), minutes),
    st.builds(lambda line: lambda e: e.remove_line(line), st.sampled_from(LINES)),
    st.builds(lambda station: lambda e: e.close_station(station), st.sampled_from(STATIONS)),
    st.builds(lambda m: lambda e: e.regime("lo-wu", clearance_min=m), minutes),
    st.builds(
        lambda stops, m: lambda e: e.add_line(SHUTTLE | {"stops": list(stops), "run_time_min": m}),
        st.permutations(STATIONS).map(lambda order: order[:2]), minutes,
    ),
)  # fmt: skip


@settings(max_examples=8)
@given(changes=st.lists(one_change, min_size=1, max_size=3), hour=st.sampled_from(["08:30", "13:00"]))
def test_any_edit_equals_a_whole_run_of_the_edited_network(
    both: Edit, changes: Sequence[Callable[[Edit], Edit]], hour: str
) -> None:
    edit = both
    for change in changes:
        with contextlib.suppress(ScenarioError):  # of a line that was removed
            edit = change(edit)
    np.testing.assert_array_equal(edit.score(hour, CUTOFFS).after.counts, whole_run(edit, hour))


def read_back(study: Study, folder: Path, text: str, scenario_id: str = "mine") -> tuple[Scenario, Network]:
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    scenario = ScenarioLibrary([paths.scenarios_dir(), folder], study.proposals).resolve(scenario_id)
    return scenario, build_network(study.tables, scenario)


def same(one: Network, other: Network) -> None:
    assert repr(replace(one, scenario_id="")) == repr(replace(other, scenario_id=""))
    assert one.fares and other.fares and one.fares.lines == other.fares.lines


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_written_as_a_file_runs_the_same_network(
    study: Study, both: Edit, committed: Edit, tmp_path: Path, name: str
) -> None:
    edit = EDITS[name](both, committed)
    _, network = read_back(study, tmp_path, edit.to_scenario("mine"))
    same(network, edit.network)


@pytest.mark.parametrize("name", ["several", "new-way", "service-in-a-new-period"])
def test_a_file_scores_to_the_same_digits_as_the_edit_that_wrote_it(
    study: Study, both: Edit, committed: Edit, tmp_path: Path, name: str
) -> None:
    edit = EDITS[name](both, committed)
    scenario, _ = read_back(study, tmp_path, edit.to_scenario("mine"))
    net = study.network_of(scenario)
    unedited = replace(edit, unedited=scenario, unedited_net=net, scenario=scenario, changes=())
    of_file = unedited.score("13:00", CUTOFFS)
    np.testing.assert_array_equal(of_file.before.counts, edit.score("13:00", CUTOFFS).after.counts)


def test_an_edit_of_stacked_levers_is_written_as_a_lever(study: Study, tmp_path: Path) -> None:
    edit = study.edit("both-2035+clearance-joint").headway("hswrl", 4).regime("lo-wu", clearance_min=9)
    text = edit.to_scenario("mine")
    assert text.startswith("# Put it on both-2035+clearance-joint with '+'")
    same(read_back(study, tmp_path, text, "both-2035+clearance-joint+mine")[1], edit.network)


def test_a_stop_that_a_line_passes_closed_opens_with_its_own_times(study: Study, tmp_path: Path) -> None:
    start = study.edit("baseline-2024")
    edit = start.add_stop("east-rail-lok-ma-chau", "kwu-tung", ("sheung-shui", "lok-ma-chau"))
    before, after = (patterns(e, "east-rail-lok-ma-chau>") for e in (start, edit))
    assert after.stops[-1].arrival_s == before.stops[-1].arrival_s + 30  # the dwell noted, no braking
    same(read_back(study, tmp_path, edit.to_scenario("mine"))[1], edit.network)


def test_what_no_file_can_say_is_refused(both: Edit) -> None:
    stated = both.regime("lo-wu", "co_location", clearance_min=9)
    net = replace(both.unedited_net, network=stated.network, compiled=stated.compiled)
    unedited = replace(stated, unedited=stated.scenario, unedited_net=net, changes=())
    back = unedited.regime("lo-wu", "joint_clearance")
    with pytest.raises(CorridorError, match="takes back"):
        back.regime("lo-wu", "co_location").to_scenario("mine")


def test_a_line_on_a_new_way_keeps_its_tariff(both: Edit, committed: Edit) -> None:
    edit = EDITS["new-way"](both, committed)
    assert edit.network.fares and both.network.fares
    assert repr(edit.network.fares.lines["tuen-ma"]) == repr(both.network.fares.lines["tuen-ma"])
    added = EDITS["added-line"](both, committed).network.fares
    assert added and added.lines["tuen-mun-shuttle"].tariff_id == "mtr"


def test_an_edit_is_set_against_the_scenario_as_it_stands(both: Edit) -> None:
    before = both.headway("hswrl", 4).score("13:00", CUTOFFS).before
    np.testing.assert_array_equal(before.counts, whole_run(both, "13:00"))


@pytest.mark.parametrize(
    "name", ["headway", "clearance", "hours", "regime-of-a-line", "closed-hall", "several"]
)
def test_what_is_patched_is_what_would_be_compiled(both: Edit, committed: Edit, name: str) -> None:
    edit = EDITS[name](both, committed)
    expected = from_scratch(edit)
    for part in fields(CompiledNetwork):
        ours, theirs = getattr(edit.compiled, part.name), getattr(expected, part.name)
        assert np.array_equal(ours, theirs) if isinstance(ours, np.ndarray) else ours == theirs, part.name


@pytest.mark.parametrize("hour", ["08:30", "13:00"])
def test_an_edit_that_changes_nothing_changes_nothing(both: Edit, hour: str) -> None:
    headway_s = next(p for p in both.network.patterns if p.line_id == "hswrl").headway_s
    same = both.headway("hswrl", headway_s["midday"] / 60, "midday")
    for edit in (both, same, both.add_line(SHUTTLE).remove_line("tuen-mun-shuttle")):
        score = edit.score(hour, CUTOFFS)
        np.testing.assert_array_equal(score.after.counts, score.before.counts)
        assert score.renewed_cells == 0
        assert (score.table["change"] == 0).all()


def test_only_what_the_edit_can_reach_is_renewed(both: Edit) -> None:
    far = both.headway("disneyland-resort", 30).score("13:00", CUTOFFS)
    near = both.headway("east-rail", 2).score("13:00", CUTOFFS)
    assert 0 < far.renewed_batches < near.renewed_batches <= near.batches
    assert far.renewed_cells < near.renewed_cells < far.residents.size
    # beyond the cells that were renewed nobody reaches anything else
    assert (far.gain(60, "residents") != 0).sum() <= far.renewed_cells


@pytest.mark.parametrize("line", ["hswrl", "east-rail", "sz-l11"])
def test_a_shorter_headway_lowers_no_access(both: Edit, line: str) -> None:
    score = both.headway(line, 1).score("13:00", CUTOFFS)
    for cutoff in CUTOFFS:
        for what in ("jobs", "residents"):
            assert (score.gain(cutoff, what) >= 0).all()
    assert score.table["change"].max() > 0


def test_shorter_clearance_lowers_no_access_and_a_closed_hall_raises_none(both: Edit) -> None:
    quick = both.regime("lo-wu", clearance_min=5).score("13:00", CUTOFFS)
    shut = both.regime("lo-wu", status="closed").score("13:00", CUTOFFS)
    assert (quick.gain(60) >= 0).all()
    assert quick.gain(60).sum() > 0
    assert shut.table["change"].max() <= 0
    # who gains by a quicker boundary gains on the other side
    own = np.where(quick.side == 0, quick.gain(60, side="hk"), quick.gain(60, side="sz"))
    assert (own[quick.gain(60) > 0] == 0).any()


def test_the_table_is_the_mean_of_residents(both: Edit) -> None:
    score = both.headway("hswrl", 4).score("13:00", CUTOFFS)
    row = score.table.set_index(["cutoff_min", "measure"]).loc[(60, "jobs across")]
    hk = score.side == 0
    across = np.where(hk, score.after.of(60, "jobs", side="sz"), score.after.of(60, "jobs", side="hk"))
    assert row["after"] == pytest.approx(np.average(across, weights=score.residents))
    assert row["change"] == pytest.approx(row["after"] - row["before"])
    assert "hswrl every 4 min" in str(score)
    assert f"{score.renewed_cells:,} of" in str(score)


# --- what changes in the network ----------------------------------------------------------------------


def patterns(edit: Edit, pattern_id: str) -> Pattern:
    return next(p for p in edit.network.patterns if p.pattern_id == pattern_id)


def test_an_edit_leaves_the_one_before_as_it_was(both: Edit) -> None:
    before = patterns(both, "hswrl>").headway_s
    edited = both.headway("hswrl", 4)
    assert both.changes == ()
    assert patterns(both, "hswrl>").headway_s == before
    assert set(patterns(edited, "hswrl>").headway_s.values()) == {240.0}
    assert edited.remove_line("hswrl").changes == ("hswrl every 4 min", "without hswrl")


def test_a_headway_of_one_period_and_of_one_direction(both: Edit) -> None:
    edited = both.headway("hswrl>", 4, "midday")
    assert patterns(edited, "hswrl<").headway_s == patterns(both, "hswrl<").headway_s
    changed = {
        name
        for name, _, _ in PERIODS
        if patterns(edited, "hswrl>").headway_s.get(name) != patterns(both, "hswrl>").headway_s.get(name)
    }
    assert changed == {"midday"}


def test_an_added_stop_costs_a_minute_shared_out_by_distance(both: Edit) -> None:
    a, b, new = "tai-wo", "fanling", "kai-tak"
    edited = both.add_stop("east-rail", new, (b, a))
    for sign in "<>":
        before, after = (patterns(e, f"east-rail-lo-wu{sign}") for e in (both, edited))
        calls = [s.station_id for s in after.stops]
        at = calls.index(new)
        assert {calls[at - 1], calls[at + 1]} == {a, b}
        was = {s.station_id: s for s in before.stops}
        head, stop, tail = after.stops[at - 1 : at + 2]
        run_s = was[tail.station_id].arrival_s - was[head.station_id].departure_s
        assert tail.arrival_s - head.departure_s == pytest.approx(run_s + 60)
        assert stop.departure_s - stop.arrival_s == 30
        xy = {s: np.array([k.x_m, k.y_m]) for s, k in edited.network.stations.items()}
        d1 = np.linalg.norm(xy[head.station_id] - xy[new])
        d2 = np.linalg.norm(xy[tail.station_id] - xy[new])
        assert stop.arrival_s - head.departure_s == pytest.approx(run_s * d1 / (d1 + d2) + 15)
        assert after.stops[-1].arrival_s == pytest.approx(before.stops[-1].arrival_s + 60)


def test_an_added_stop_of_an_added_line(both: Edit) -> None:
    before = patterns(both, "hswrl>")
    a, b = before.stops[0].station_id, before.stops[1].station_id
    edited = both.add_stop("hswrl", "tin-shui-wai", (a, b))
    after = patterns(edited, "hswrl>")
    assert [s.station_id for s in after.stops][:3] == [a, "tin-shui-wai", b]
    assert after.stops[-1].arrival_s == pytest.approx(before.stops[-1].arrival_s + 60)


def test_two_stops_added_between_the_same_two(both: Edit) -> None:
    once = both.add_stop("east-rail", "kai-tak", ("tai-wo", "fanling"))
    twice = once.add_stop("east-rail", "tuen-mun", ("kai-tak", "fanling"))
    calls = [s.station_id for s in patterns(twice, "east-rail-lo-wu>").stops]
    at = calls.index("kai-tak")
    assert sorted((calls[at - 1], calls[at + 1])) == sorted(("tai-wo", "tuen-mun"))


def test_a_closed_station_is_passed_without_its_dwell(both: Edit) -> None:
    before, after = (patterns(e, "east-rail-lo-wu>") for e in (both, both.close_station("fanling")))
    was = {s.station_id: s for s in before.stops}
    dwell_s = was["fanling"].departure_s - was["fanling"].arrival_s
    assert dwell_s > 0
    assert "fanling" not in [s.station_id for s in after.stops]
    assert after.stops[-1].arrival_s == before.stops[-1].arrival_s - dwell_s


def test_a_closed_end_shortens_the_line_and_keeps_its_hours(both: Edit) -> None:
    before = patterns(both, "hswrl>")
    first, second = before.stops[:2]
    after = patterns(both.close_station(second.station_id).close_station(first.station_id), "hswrl>")
    third = before.stops[2]
    assert after.stops[0].station_id == third.station_id
    assert (after.stops[0].arrival_s, after.stops[0].departure_s) == (0.0, 0.0)
    dwell_s = second.departure_s - second.arrival_s
    assert after.first_s == pytest.approx(before.first_s + third.departure_s - dwell_s)


def test_a_clearance_time_moves_the_ends_of_its_range(both: Edit) -> None:
    before, after = (e.network.checkpoints["lo-wu"] for e in (both, both.regime("lo-wu", clearance_min=10)))
    assert after.clearance_s == 600
    assert after.clearance_high_s / 600 == pytest.approx(before.clearance_high_s / before.clearance_s)


def test_a_regime_brings_its_standard_times(both: Edit) -> None:
    point = both.regime("lo-wu", "co_location").network.checkpoints["lo-wu"]
    assert (point.clearance_low_s, point.clearance_s, point.clearance_high_s) == (480, 900, 1500)


def test_the_changed_points_of_a_headway_are_the_stations_of_the_line(both: Edit) -> None:
    changed = changed_points(both.compiled, both.headway("disneyland-resort", 30).compiled)
    assert {both.compiled.points[p] for p in np.flatnonzero(changed)} == {"sunny-bay", "disneyland-resort"}
    assert not changed_points(both.compiled, both.compiled).any()


def test_the_changed_points_of_a_clearance_are_the_halls(both: Edit) -> None:
    changed = changed_points(both.compiled, both.regime("man-kam-to", clearance_min=1).compiled)
    assert {both.compiled.points[p] for p in np.flatnonzero(changed)} == {"man-kam-to@hk", "man-kam-to@sz"}


# --- what is refused ----------------------------------------------------------------------------------

WRONG = {
    "no-headway": (lambda e: e.headway("hswrl", 0), "more than 0 min"),
    "negative-headway": (lambda e: e.headway("hswrl", -3), "more than 0 min"),
    "headway-nan": (lambda e: e.headway("hswrl", float("nan")), "more than 0 min"),
    "period": (lambda e: e.headway("hswrl", 3, "am-peak"), "did you mean 'am_peak'"),
    "line": (lambda e: e.headway("hswlr", 3), "did you mean 'hswrl'"),
    "removed-line": (lambda e: e.remove_line("east-rial"), "did you mean 'east-rail'"),
    "removed-twice": (lambda e: e.remove_line("hswrl").remove_line("hswrl"), "does not run"),
    "station": (lambda e: e.close_station("fan-ling"), "did you mean 'fanling'"),
    "checkpoint": (lambda e: e.regime("shenzen-bay", "co_location"), "Did you mean 'shenzhen-bay'"),
    "regime": (lambda e: e.regime("lo-wu", "joint"), "joint_clearance"),
    "clearance": (lambda e: e.regime("lo-wu", clearance_min=-1), "0 min or more"),
    "checkpoint-hours": (lambda e: e.regime("lo-wu", open="half past six"), "a clock time"),
    "proposal": (lambda e: e.add_line("nothern-link"), "Did you mean 'northern-link'"),
    "line-twice": (lambda e: e.add_line("hswrl"), "already"),
    "half-a-line": (lambda e: e.add_line({"id": "x", "stops": ["tuen-mun"]}), "name"),
    "line-to-nowhere": (lambda e: e.add_line({**SHUTTLE, "stops": ["tuen-mun", "suny-bay"]}), "sunny-bay"),
    "stop": (lambda e: e.add_stop("east-rail", "kaitak", ("tai-wo", "fanling")), "Did you mean 'kai-tak'"),
    "stop-of-the-line": (lambda e: e.add_stop("east-rail", "tai-wo", ("tai-wo", "fanling")), "already"),
    "stop-nowhere": (lambda e: e.add_stop("east-rail", "kai-tak", ("fanling", "admiralty")), "follow"),
    "stop-of-no-line": (lambda e: e.add_stop("east-rial", "kai-tak", ("fanling", "x")), "did you mean 'east-rail'"),
    "stop-over-the-boundary": (
        lambda e: e.add_stop("east-rail", "sz-futian", ("sheung-shui", "lo-wu")), "without immigration clearance",
    ),
    "hour": (lambda e: e.score("25 o'clock"), "write e.g. 08:30"),
    "cut-off": (lambda e: e.score("08:30", (0, 30)), "more than 0 min"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_with_a_remedy(both: Edit, name: str) -> None:
    change, expected = WRONG[name]
    with pytest.raises(CorridorError, match=expected):
        change(both)


def test_the_study_gives_an_edit_of_a_scenario(study: Study) -> None:
    edit = study.edit("both-2035+clearance-joint")
    assert edit.compiled is study.network("both-2035+clearance-joint").compiled
    assert edit.scenario == study.scenario("both-2035+clearance-joint")
