"""Scenarios of hours, of closed links and of wetland parks change what their titles say, and nothing else of it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from corridor.ecology.appraisal.ledger import delivered_habitat
from corridor.network.service import Network
from corridor.study.study import Study

H = 3600


def hops(network: Network, line_id: str) -> set[frozenset[str]]:
    """Stations that trains of a line join without a stop between."""
    return {
        frozenset((a.station_id, b.station_id))
        for p in network.patterns
        if p.line_id == line_id
        for a, b in pairwise(p.stops)
    }


def test_service_hours_open_longer_and_run_more_often(study: Study) -> None:
    before, after = (study.network(i).network for i in ("committed-2030", "service-hours"))
    moved = {
        i: (point.open_s / H, point.close_s / H)
        for i, point in after.checkpoints.items()
        if (point.open_s, point.close_s) != (before.checkpoints[i].open_s, before.checkpoints[i].close_s)
    }
    assert moved.pop("lok-ma-chau-spur") == (6.5, 24)
    assert moved.pop("shenzhen-bay", (0, 24)) == (0, 24)
    assert moved == {"heung-yuen-wai": (7, 24)}
    headways = {p.pattern_id: p.headway_s for p in before.patterns}
    faster = {p.pattern_id for p in after.patterns if p.headway_s != headways[p.pattern_id]}
    assert {i.rstrip("<>") for i in faster} == {"east-rail-lok-ma-chau", "xrl-futian"}
    for p in after.patterns:
        assert all(p.headway_s[period] <= was for period, was in headways[p.pattern_id].items())
    # nothing is built
    assert not {w.id for w in study.scenario("service-hours").works} - {
        w.id for w in study.scenario("committed-2030").works
    }


@pytest.mark.parametrize(
    ("scenario_id", "line_id", "left_out"),
    [
        ("resilience-tuen-ma", "tuen-ma", ("hung-shui-kiu", "kam-sheung-road")),
        ("resilience-tunnel", "hswrl", ("lau-fau-shan", "shenzhen-bay-port")),
    ],
)
def test_a_cut_line_runs_on_both_sides_of_the_cut(
    study: Study, scenario_id: str, line_id: str, left_out: tuple[str, str]
) -> None:
    before, after = (study.network(i).network for i in ("both-2035", scenario_id))
    whole, rest = hops(before, line_id), hops(after, line_id)
    assert rest < whole and rest
    assert frozenset(left_out) not in rest
    # no way along the line joins the two ends of the cut
    reached = {left_out[0]}
    for _ in rest:
        reached |= {s for hop in rest if hop & reached for s in hop}
    assert left_out[1] not in reached and any(left_out[1] in hop for hop in rest)
    others = {p.line_id for p in before.patterns} - {line_id}
    assert all(hops(before, i) == hops(after, i) for i in others)


def test_lo_wu_is_closed_and_no_other_control_point(study: Study) -> None:
    before, after = (study.network(i).network.checkpoints for i in ("both-2035", "resilience-lo-wu"))
    assert {i for i in before if i not in after or after[i].status != before[i].status} == {"lo-wu"}
    assert "lo-wu" not in after or after["lo-wu"].status == "closed"


def test_wetland_parks_restore_habitat_late_and_build_nothing(study: Study) -> None:
    plain, stacked = study.scenario("western-2035"), study.scenario("western-2035+wetland-parks")
    assert len(stacked.restored_designations) == 4 and not plain.restored_designations
    assert [w.id for w in stacked.works] == [w.id for w in plain.works]
    found = delivered_habitat(study.land, (), stacked.restored_designations)
    assert found["enhanced_ha"].sum() > 100 and found["created_ha"].sum() == 0 and set(found["ready"]) == {0}
