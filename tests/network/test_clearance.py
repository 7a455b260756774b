"""Clearance by group, the queue and its calibration, what a scenario changes at a control point, and why one is chosen."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from corridor import Study
from corridor.access.cost.explain import Explanation, explanation
from corridor.cli import main
from corridor.cli.journey_text import explanation_text
from corridor.core import paths
from corridor.core.errors import ScenarioError
from corridor.network.clearance import (
    BOTH,
    GROUPS,
    REGIME_CLEARANCE_MIN,
    QueueCurve,
    calibrated,
    end_of_range,
    group_clearance,
    group_passengers,
    mean_over,
    queue_s,
)
from corridor.network.loads import (
    Travellers,
    direction_between,
    extra_wait_s,
    for_travellers,
    mean_day_wait_s,
)
from corridor.network.service import Checkpoint, Network
from corridor.schema.catalog import Catalog
from tests.network_factory import checkpoint
from tests.paths import ROOT

BASELINE = "baseline-2024"
NETWORK = ROOT / "layers" / "network"
WAYS = ("northbound", "southbound", BOTH)
QUEUED = ("lo-wu", "lok-ma-chau-spur", "shenzhen-bay", "west-kowloon", "heung-yuen-wai")
loads = st.floats(0.01, 5)
curves = st.builds(QueueCurve, st.floats(1, 3600), st.floats(600, 36000))


@pytest.fixture(scope="module")
def base(study: Study) -> Network:
    return study.network(BASELINE).network


def rows(name: str) -> list[dict[str, str]]:
    with (NETWORK / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


# --- the queue ----------------------------------------------------------------------------------


def test_at_capacity_the_wait_is_the_root_of_half_delay_times_spell() -> None:
    # x = 1: T/4 sqrt(8 k / T) = sqrt(k T / 2); k 200 s, T 10,000 s: sqrt(1,000,000) = 1,000 s
    assert queue_s(500, 500, QueueCurve(200, 10_000)) == pytest.approx(1000)


def test_a_case_by_hand_below_capacity() -> None:
    # x = 0.5, k = 100, T = 400: 100 (-0.5 + sqrt(0.25 + 8 * 100 * 0.5 / 400)) = 100 (-0.5 + sqrt(1.25))
    assert queue_s(50, 100, QueueCurve(100, 400)) == pytest.approx(100 * (math.sqrt(1.25) - 0.5))


def test_far_below_capacity_it_is_the_steady_state() -> None:
    # a long spell: k x / (1 - x) = 60 * 0.5 / 0.5
    assert queue_s(50, 100, QueueCurve(60, 1e9)) == pytest.approx(60, rel=1e-4)


def test_far_above_capacity_it_is_half_the_queue_that_built_up() -> None:
    # x = 3 for 2 h: T/2 (x - 1) = 2 h, and a little
    assert queue_s(300, 100, QueueCurve(1, 7200)) == pytest.approx(7200, rel=1e-3)


@given(loads, loads, curves)
def test_the_wait_is_finite_and_grows_with_load(a: float, b: float, curve: QueueCurve) -> None:
    low, high = sorted((a, b))
    assert 0 <= queue_s(low, 1, curve) <= queue_s(high, 1, curve) + 1e-6 < math.inf
    assert queue_s(0, 1, curve) == 0


@given(loads, st.floats(1, 10), curves)
def test_more_capacity_never_makes_it_longer(load: float, more: float, curve: QueueCurve) -> None:
    assert queue_s(load, more, curve) <= queue_s(load, 1, curve) + 1e-6


@given(st.floats(0.1, 0.99), st.floats(60, 3600), st.floats(3600, 20000))
def test_the_curve_goes_through_the_point_it_is_calibrated_on(load: float, wait: float, spell: float) -> None:
    assert queue_s(load, 1, calibrated(load, wait, spell)) == pytest.approx(wait, rel=1e-6)


@pytest.mark.parametrize(
    ("passengers", "least_min", "most_min"),
    [
        (
            80135 / 2,
            0,
            5,
        ),  # an hour with half of the busiest one's passengers: "a few minutes off-peak" (K02)
        (69700, 0, 15),  # the mean day of 2024 (T27)
        (80135, 0, 15),  # the mean day of 2025
        (95787, 0, 15),  # the mean Saturday or Sunday of 2025: "mostly <= 15 min" (K02)
        (102150, 14.5, 15.5),  # fourth highest day of 2024: more than 15 min on four occasions (T27)
        (104612, 15, 30),  # highest day of 2024
        (114988, 15, 30),  # highest day seen: "worst < 30" (K02)
    ],
)
def test_heung_yuen_wai_waits_as_reported(
    base: Network, passengers: float, least_min: float, most_min: float
) -> None:
    point, assumed = base.checkpoints["heung-yuen-wai"], base.clearance
    assert assumed
    load = passengers / point.loads[BOTH].mean_pax_day
    assert least_min <= mean_day_wait_s(point, BOTH, assumed, load) / 60 <= most_min


@pytest.mark.parametrize("point", QUEUED)
@pytest.mark.parametrize("way", WAYS)
def test_capacity_is_what_the_busiest_hour_of_the_highest_day_took(
    base: Network, point: str, way: str
) -> None:
    c, assumed = base.checkpoints[point], base.clearance
    assert assumed
    assert c.capacity_pax_hour(way) >= c.loads[way].highest_pax_day * assumed.peak_hour_share - 1e-6
    # so the mean day's wait is part of the mean clearance, not more than it
    assert 0 < mean_day_wait_s(c, way, assumed) < 0.6 * c.clearance_s


@pytest.mark.parametrize("point", ["huanggang", "man-kam-to", "hzmb", "fu-lin"])  # B03, B07, B09, B10
def test_no_queue_where_capacity_is_unknown(base: Network, point: str) -> None:
    c, assumed = base.checkpoints[point], base.clearance
    assert assumed
    assert extra_wait_s(c, BOTH, assumed, 3.0) is None
    met = for_travellers(base, Travellers(load=3.0), BOTH).checkpoints[point]
    assert met.clearance_s == c.clearance_s


def test_a_load_of_one_adds_nothing(base: Network) -> None:
    assert for_travellers(base, Travellers(), "northbound") is base
    for c in base.checkpoints.values():
        assert base.clearance
        assert extra_wait_s(c, "northbound", base.clearance, 1.0) in {0.0, None}


@given(loads, loads)
def test_clearance_grows_with_load_and_stays_in_order(base: Network, a: float, b: float) -> None:
    low, high = (for_travellers(base, Travellers(load=x), "southbound").checkpoints for x in sorted((a, b)))
    for point in QUEUED:
        assert low[point].clearance_s <= high[point].clearance_s + 1e-6
        for c in (low[point], high[point]):
            assert 0 < c.clearance_low_s <= c.clearance_s <= c.clearance_high_s


# --- groups -------------------------------------------------------------------------------------


def test_groups_by_hand() -> None:
    # 60 residents, half of them through e-channels, 30 and 10 visitors; factors 1, 2, 2, 3:
    # mean factor (30 + 60 + 60 + 30) / 100 = 1.8; a mean of 18 min is 10 min a unit
    people = group_passengers(60, 30, 10, 0.5)
    factor = dict(zip(GROUPS, (1.0, 2.0, 2.0, 3.0), strict=True))
    assert list(group_clearance(18, factor, people).values()) == pytest.approx([10, 20, 20, 30])


people = st.fixed_dictionaries(dict.fromkeys(GROUPS, st.floats(0, 1e5))).filter(lambda n: sum(n.values()) > 1)


@given(st.floats(1, 60), st.fixed_dictionaries(dict.fromkeys(GROUPS, st.floats(0.1, 5))), people)
def test_the_mean_over_the_groups_is_the_mean(
    mean: float, factor: dict[str, float], n: dict[str, float]
) -> None:
    assert mean_over(group_clearance(mean, factor, n), n) == pytest.approx(mean)


def test_passengers_and_times_may_be_in_any_unit() -> None:
    # shares in place of heads, hours in place of minutes: a mean of 0.25 h with a high end of 0.75, a group twice as slow
    shares = {"resident": 0.25, "visitor": 0.25}
    assert group_clearance(10, {"resident": 1.0, "visitor": 3.0}, shares) == {"resident": 5, "visitor": 15}
    assert end_of_range(0.25, 0.75, 0.5) == pytest.approx(1.5)


def test_nobody_counted_means_the_mean() -> None:
    assert group_clearance(7.0, dict.fromkeys(GROUPS, 2.0), dict.fromkeys(GROUPS, 0.0)) == dict.fromkeys(
        GROUPS, 7.0
    )


@pytest.mark.parametrize("way", WAYS)
def test_every_control_point_keeps_the_mean_of_its_regime(base: Network, way: str) -> None:
    for c in base.checkpoints.values():
        assert c.clearance_s / 60 == REGIME_CLEARANCE_MIN[c.regime][0]
        if c.loads:
            assert mean_over(c.clearance_by_group_s[way], c.loads[way].passengers) == pytest.approx(
                c.clearance_s
            )
        by_group = c.clearance_by_group_s[way]
        assert (
            by_group["e-channel-resident"]
            < c.clearance_s
            < by_group["mainland-visitor"]
            < by_group["visitor"]
        )


def test_the_high_end_is_the_90th_percentile_of_a_group_too(base: Network) -> None:
    assert end_of_range(20, 35, 20) == 35
    assert end_of_range(20, 35, 10) == 17.5  # a group of half the mean
    for group in GROUPS:
        met = for_travellers(base, Travellers(group), "northbound").checkpoints["lo-wu"]
        assert met.clearance_high_s / met.clearance_s == pytest.approx(35 / 20)
        assert met.clearance_low_s / met.clearance_s == pytest.approx(12 / 20)


def test_passengers_are_those_counted(base: Network) -> None:
    # northbound at Lo Wu in 2025: 78,713.2 residents, 18,196.3 and 945.0 visitors a day
    load = base.checkpoints["lo-wu"].loads["northbound"]
    assert load.mean_pax_day == pytest.approx(97854.5)
    assert load.passengers["e-channel-resident"] + load.passengers["resident"] == pytest.approx(78713.2)
    assert base.checkpoints["lo-wu"].loads[BOTH].mean_pax_day == pytest.approx(192879, abs=1)


def test_the_highest_day_is_no_lower_than_the_mean_and_than_a_part() -> None:
    highest = {
        (r["checkpoint_id"], r["direction"], r["group"]): int(r["highest_pax_day"])
        for r in rows("checkpoint_highest_days.csv")
    }
    for r in rows("daily_crossings_2025.csv"):
        key = r["checkpoint_id"], r["direction"], r["group"]
        assert highest[key] >= float(r["passengers_per_day"])
        assert highest[key] <= highest[*key[:2], "all"] <= highest[key[0], "both", "all"]
    assert highest["heung-yuen-wai", "both", "all"] == 114988
    assert highest["shenzhen-bay", "both", "all"] >= 157000  # T22


def test_every_assumption_has_its_reason() -> None:
    for row in rows("clearance_assumptions.csv"):
        assert row["reason"]
        assert row["source"]
        assert row["confidence"] in {"A", "B", "C"}
        if row["assumption_id"].startswith(("factor", "e_channel")):
            assert row["confidence"] == "C"


def test_directions() -> None:
    assert direction_between("hk", "sz", ("hk", "sz")) == "northbound"
    assert direction_between("sz", "hk", ("hk", "sz")) == "southbound"
    assert direction_between("hk", "hk", ("hk", "sz")) == BOTH


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"group": "tourist"}, "mainland-visitor"), ({"load": -1}, "0 to 10"), ({"load": math.nan}, "0 to 10")],
)
def test_what_travellers_cannot_be(asked: dict[str, object], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        Travellers(**asked)  # type: ignore[arg-type]


def test_without_the_layers_groups_are_an_error(base: Network) -> None:
    bare = replace(base, clearance=None, checkpoints={"gate": checkpoint("gate")})
    with pytest.raises(ScenarioError, match="clearance_assumptions"):
        for_travellers(bare, Travellers("visitor"), BOTH)


# --- what a scenario changes --------------------------------------------------------------------


def edited(folder: Path, change: str, extends: str = BASELINE) -> Checkpoint:
    """The control point that `change` (the inside of a flow mapping) edits."""
    (folder / "mine.yaml").write_text(
        f"id: mine\ntitle: {{en: t}}\nquestion: {{en: q}}\nextends: {extends}\n"
        f"checkpoints: {{change: [{{{change}}}]}}\n",
        encoding="utf-8",
    )
    study = Study(Catalog.bundled(), (paths.scenarios_dir(), folder))
    network = study.network("mine").network
    return network.checkpoints[change.split(",")[0].removeprefix("id: ")]


def test_a_scenario_opens_around_the_clock(tmp_path: Path) -> None:
    point = edited(tmp_path, "id: shenzhen-bay, open_24_hours: true")
    assert (point.open_s, point.close_s) == (0, 86400)


def test_a_lever_on_hours_wins_over_what_it_lies_on(tmp_path: Path) -> None:
    (tmp_path / "always.yaml").write_text(
        f"id: always\ntitle: {{en: t}}\nquestion: {{en: q}}\nextends: {BASELINE}\n"
        "checkpoints: {change: [{id: lo-wu, open_24_hours: true}]}\n",
        encoding="utf-8",
    )
    point = edited(tmp_path, "id: lo-wu, close: '25:00'", extends="always")
    assert (point.open_s, point.close_s) == (0, 25 * 3600)


def test_a_group_that_is_stated_moves_the_mean_by_its_share(tmp_path: Path, base: Network) -> None:
    before = base.checkpoints["west-kowloon"]
    point = edited(tmp_path, "id: west-kowloon, clearance_by_group_min: {mainland-visitor: 6}")
    n = before.loads[BOTH].passengers
    share = n["mainland-visitor"] / sum(n.values())
    gain = before.clearance_by_group_s[BOTH]["mainland-visitor"] - 360
    assert point.clearance_s == pytest.approx(before.clearance_s - share * gain)
    for way in WAYS:
        assert point.clearance_by_group_s[way]["mainland-visitor"] == 360
        assert point.clearance_by_group_s[way]["visitor"] == before.clearance_by_group_s[way]["visitor"]
    assert point.clearance_low_s <= point.clearance_s <= point.clearance_high_s


def test_more_capacity_shortens_the_mean_by_the_wait_it_saves(tmp_path: Path, base: Network) -> None:
    before, assumed = base.checkpoints["heung-yuen-wai"], base.clearance
    assert assumed
    point = edited(tmp_path, "id: heung-yuen-wai, effective_capacity_pax_hour: 16000")
    hourly = before.loads[BOTH].mean_pax_day * assumed.peak_hour_share
    saved = queue_s(hourly, 11499, assumed.queue) - queue_s(hourly, 16000, assumed.queue)
    assert saved > 60
    assert point.clearance_s == pytest.approx(before.clearance_s - saved)


def test_a_stated_mean_is_not_moved_by_capacity(tmp_path: Path) -> None:
    point = edited(tmp_path, "id: lo-wu, effective_capacity_pax_hour: 40000, clearance_mean_min: 18")
    assert point.clearance_s == 18 * 60
    assert point.effective_capacity_pax_hour == 40000


def test_a_capacity_where_none_was_known_brings_a_queue(tmp_path: Path, base: Network) -> None:
    point = edited(tmp_path, "id: huanggang, regime: joint_clearance, effective_capacity_pax_hour: 20000")
    assert base.clearance
    assert point.clearance_s == 300  # the mean stands: there was no wait to compare with
    assert (extra_wait_s(point, "northbound", base.clearance, 5.0) or 0) > 60


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("id: lo-wu, clearance_by_group_min: {tourist: 10}", "e-channel-resident, resident"),
        ("id: lo-wu, clearance_by_group_min: {visitor: -1}", "visitor"),
        ("id: huanggang, open_24_hours: true, open: '06:00'", "open_24_hours: true, or open and close"),
        ("id: lo-wu, open_24_hours: false", "open_24_hours: true, or open and close"),
        ("id: lo-wu, effective_capacity_pax_hour: 0", "effective_capacity_pax_hour"),
    ],
)
def test_a_wrong_change_is_told(tmp_path: Path, change: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        edited(tmp_path, change)


# --- journeys -----------------------------------------------------------------------------------


def test_a_group_changes_a_journey_by_its_clearance(study: Study, base: Network) -> None:
    mean, channel = (
        study.journey("sheung-shui", "luohu", BASELINE, "10:00", group=g)
        for g in (None, "e-channel-resident")
    )
    point = base.checkpoints["lo-wu"]
    gain = point.clearance_s - point.clearance_by_group_s["northbound"]["e-channel-resident"]
    assert mean.checkpoints == channel.checkpoints == ("lo-wu",)
    assert mean.time_s - channel.time_s == pytest.approx(gain, abs=1)
    assert (channel.direction, channel.group) == ("northbound", "e-channel-resident")


def test_a_load_adds_the_queue_of_its_direction(study: Study, base: Network) -> None:
    assert base.clearance
    for ends, way in ((("sheung-shui", "luohu"), "northbound"), (("luohu", "sheung-shui"), "southbound")):
        usual, busy = (study.journey(*ends, BASELINE, "10:00", load=x, least="time") for x in (1.0, 1.5))
        extra = extra_wait_s(base.checkpoints["lo-wu"], way, base.clearance, 1.5)
        assert extra
        by_lo_wu = [
            next(a.time_s for a in found.alternatives if a.checkpoint_id == "lo-wu")
            for found in (usual, busy)
        ]
        assert by_lo_wu[0] and by_lo_wu[1]
        assert by_lo_wu[1] - by_lo_wu[0] == pytest.approx(extra, abs=1)
        assert "man-kam-to" in busy.no_queue


def whys(study: Study, *ends: str, at: str = "08:30", **who: object) -> Explanation:
    journey = study.journey(*ends, BASELINE, at, **who)  # type: ignore[arg-type,misc]
    return explanation(journey, study.network(BASELINE).network)


@pytest.mark.parametrize("ends", [("admiralty", "futian-cbd"), ("qianhai", "tuen-mun"), ("loop", "luohu")])
@pytest.mark.parametrize("who", [{}, {"group": "visitor", "load": 1.5}])
def test_the_parts_add_up(study: Study, ends: tuple[str, str], who: dict[str, object]) -> None:
    why = whys(study, *ends, **who)
    assert why.parts
    assert why.next_best
    assert sum(vars(why.parts).values()) == pytest.approx(why.time_s)
    best, spent = why.next_best, why.next_best.cost_difference
    assert sum(vars(best.difference).values()) == pytest.approx(best.more_s)
    assert spent and best.more_cost_s is not None
    parts = sum(seconds for name, seconds in vars(spent).items() if name.endswith("_s"))
    assert parts == pytest.approx(best.more_cost_s, abs=0.1)
    assert why.parts.clearance_s / 60 == pytest.approx(sum(c.total_min for c in why.chosen), abs=0.01)
    assert best.more_cost_s >= -1


def test_a_station_that_clears_is_cut_on_the_right_side(study: Study) -> None:
    # Kowloon to Futian: the walk to West Kowloon lies before clearance, the 14 min of train after it; back, the other way
    there, back = (
        whys(study, *ends, least="time") for ends in (("kowloon", "futian-cbd"), ("futian-cbd", "kowloon"))
    )
    assert there.parts
    assert back.parts
    assert there.chosen[0].checkpoint_id == back.chosen[0].checkpoint_id == "west-kowloon"
    assert there.parts.onward_s > 14 * 60 > there.parts.there_s
    assert back.parts.there_s > 14 * 60 > back.parts.onward_s


def test_a_closed_one_says_what_it_would_cost(study: Study) -> None:
    # 22:35 at Lok Ma Chau: the Spur closed at 22:30, Huanggang never closes
    why = whys(study, "lok-ma-chau", "futian-cbd", at="22:35")
    assert [c.checkpoint_id for c in why.chosen] == ["huanggang"]
    closed = {n.checkpoint_id: n for n in why.no_way}
    spur = closed["lok-ma-chau-spur"]
    assert "06:30 to 22:30" in spur.reason
    assert spur.if_open_s
    assert spur.if_open_s < why.time_s
    assert closed["sha-tau-kok"].reason == "closed in this scenario"
    assert closed["fu-lin"].reason == "not built in this scenario"
    text = explanation_text(why)
    assert "no queue modelled: capacity unknown" in text
    assert "if it never closed" in text


def test_direct_trains_may_clear_at_another_station(study: Study) -> None:
    network = study.network("committed-2030+co-location-shenzhen-north").network
    clears = {
        p.pattern_id: {s.station_id: s.clearance for s in p.stops if s.clearance}
        for p in network.patterns
        if p.line_id == "xrl"
    }
    assert clears.pop("xrl-shenzhen-north>") == {"hsr-shenzhen-north": "xrl-shenzhen-north"}
    assert clears.pop("xrl-shenzhen-north<") == {"hsr-shenzhen-north": "xrl-shenzhen-north"}
    assert clears and all(c == {"west-kowloon": "west-kowloon"} for c in clears.values())
    assert network.checkpoints["xrl-shenzhen-north"].status == "existing"


def test_a_journey_on_one_side_says_so(study: Study) -> None:
    assert explanation_text(whys(study, "central", "tuen-mun")) == "This journey crosses no control point."


def test_the_command_explains(shared: Study) -> None:
    words = ["journey", "admiralty", "futian-cbd", "--group", "resident", "--load", "1.5", "--explain"]
    plain = CliRunner().invoke(main, words)
    assert plain.exit_code == 0, plain.output
    for part in (
        "Why lok-ma-chau-spur",
        "Next best lo-wu: generalised cost",
        "other residents",
        "at 1.5 times",
    ):
        assert part in plain.output
    soonest = CliRunner().invoke(main, [*words, "--least", "time"]).output
    assert "Why west-kowloon" in soonest
    assert "a lower fare" in soonest  # by Lok Ma Chau, the next soonest
    assert "No queue modelled at huanggang, man-kam-to" in plain.output
    data = json.loads(CliRunner().invoke(main, [*words, "--json"]).output)
    assert data["explanation"]["next_best"]["clearing"]["checkpoint_id"] == "lo-wu"
    assert (data["group"], data["load"], data["direction"]) == ("resident", 1.5, "northbound")
