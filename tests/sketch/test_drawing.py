"""From a drawing to a scenario: small cases by hand, and drawings that cannot be lines."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from corridor.core.errors import ScenarioError
from corridor.sketch.drawing import read_drawing, run_time_min, scenario_file
from corridor.sketch.scored import Sketcher
from tests.sketch.conftest import COAST


def drawn(**line: Any) -> dict[str, Any]:
    data = copy.deepcopy(COAST)
    data["line"] |= line
    return data


def said(sketcher: Sketcher, data: dict[str, Any]) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        sketcher.scenario(read_drawing(data))
    return [str(problem) for problem in caught.value.problems]


def test_a_drawing_becomes_a_scenario_of_one_line(sketcher: Sketcher) -> None:
    scenario = sketcher.scenario(read_drawing(COAST))
    line = scenario.works[-1]
    assert line.stops == ("tuen-mun", "coast-station-2", "coast-station-3")
    assert [s.name.en for s in scenario.added_stations] == ["Sam Shing", "So Kwun Wat"]
    assert {s.region for s in scenario.added_stations} == {"hk"}
    assert line.course is not None and line.length_km is not None
    # two legs of tunnel are one part; the last is a viaduct, and parts meet and reach the end
    (tunnel, viaduct) = line.profile
    assert (tunnel.structure, viaduct.structure) == ("bored_tunnel", "viaduct")
    assert tunnel.chainage_km and viaduct.chainage_km
    assert (tunnel.chainage_km[0], tunnel.chainage_km[1]) == (0, viaduct.chainage_km[0])
    assert viaduct.chainage_km[1] == line.length_km
    # a box at each stop, and one portal where the tunnel meets the viaduct
    assert [site.kind for site in line.sites] == ["station_box"] * 3 + ["portal"]
    assert line.run_time_min == run_time_min(line.length_km, 60, 3)


def test_run_time_is_length_over_speed_and_half_a_minute_at_each_stop_between() -> None:
    assert run_time_min(30, 60, 2) == 30.0
    assert run_time_min(30, 60, 5) == 31.5


def test_the_works_are_where_they_were_drawn(sketcher: Sketcher) -> None:
    scenario = sketcher.scenario(read_drawing(COAST))
    work = sketcher._works(scenario)[-1]
    assert work.length_m / 1000 == pytest.approx(scenario.works[-1].length_km, abs=0.001)
    assert list(work.stations) == ["tuen-mun", "coast-station-2", "coast-station-3"]


def test_services_change_without_a_line(sketcher: Sketcher) -> None:
    data = {
        "title": "All night",
        "headways_min": {"east-rail": 4},
        "checkpoints": [{"id": "shenzhen-bay", "open_24_hours": True}],
    }
    scenario = sketcher.scenario(read_drawing(data))
    assert "east-rail" in {c.id for c in scenario.line_changes}
    assert "shenzhen-bay" in {c.id for c in scenario.checkpoint_edits}
    assert scenario.works == sketcher.study.scenario(sketcher.do_minimum).works


def test_a_line_across_the_boundary_names_its_control_point(sketcher: Sketcher) -> None:
    data = drawn(
        points=[
            {"lonlat": [113.98672, 22.42804], "station": "hung-shui-kiu"},
            {"lonlat": [113.9441, 22.507], "station": "shenzhen-bay-port"},
        ],
        structures=["bored_tunnel"],
    )
    (sentence,) = said(sketcher, data)
    assert sentence.startswith("The line crosses the boundary. Choose the control point")
    data["line"]["checkpoint"] = "hswrl-shenzhen-bay"
    line = sketcher.scenario(read_drawing(data)).works[-1]
    assert line.clearance and line.clearance.checkpoint == {"shenzhen-bay-port": "hswrl-shenzhen-bay"}
    assert (line.clearance.low_min, line.clearance.mean_min, line.clearance.high_min) == (8, 15, 25)


def named(lon: float, lat: float, name: str = "") -> dict[str, Any]:
    return {"lonlat": [lon, lat], "name": name}


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ([named(113.98, 22.38, "A")], "two stations or more"),
        ([named(113.98, 22.38), named(113.99, 22.39)], "two stations or more"),
        ([named(113.98, 22.40, "A"), named(114.0, 22.38)], "two stations or more"),
        (
            [named(113.97, 22.39), named(113.98, 22.40, "A"), named(113.99, 22.41, "B")],
            "Point 1: a line begins and ends at a station",
        ),
        (
            [named(113.98, 22.40, "A"), named(114.0, 22.42), named(114.0, 22.40), named(113.98, 22.42, "B")],
            "The line crosses itself",
        ),
        (
            [named(113.98, 22.40, "A"), named(114.0, 22.40), named(113.99, 22.40, "B")],
            "Point 2: the line turns back on itself",
        ),
        (
            [named(113.98, 22.40, "A"), named(88.0, 22.42, "B")],
            "Point 2 (B) is outside the area that the study has data for",
        ),
        (
            [named(113.98, 22.40, "A"), named(113.80, 22.40, "B")],
            "Point 2 (B) is not on land of the study area",
        ),
        ([named(113.98, 22.40, "A"), named(113.98001, 22.40, "B")], "m apart"),
        (
            [
                named(113.98, 22.40, "A"),
                *(named(113.99 + i * 1e-4, 22.40 + 0.13 * (i % 2)) for i in range(180)),
                named(114.02, 22.40, "B"),
            ],
            "km long; the limit is 250 km",
        ),
    ],
)
def test_what_cannot_be_a_line_gets_a_sentence(
    sketcher: Sketcher, points: list[dict[str, Any]], sentence: str
) -> None:
    data = drawn(points=points, structures=["bored_tunnel"] * (len(points) - 1))
    assert any(sentence in one for one in said(sketcher, data)), said(sketcher, data)


@pytest.mark.parametrize(
    "data",
    [
        {"line": {}},
        {"title": ""},
        {"id": "../../etc/passwd"},
        {"lines": 3},
        drawn(structures=["viaduct"]),
        drawn(speed_kmh=None),
        drawn(speed_kmh=float("inf")),
        drawn(headway_min={"peak": 0, "off_peak": 6}),
        drawn(points=[{"lonlat": [float("nan"), 22.4], "name": "A"}] * 4),
        {"headways_min": {"tuen-ma": float("nan")}},
        {"headways_min": {"tuen-ma": {}}},
        {"headways_min": {"tuen-ma": {"noon": 3}}},
        {"headways_min": {"nowhere": 3}},
        {"headways_min": {"tuen-ma": 3}, "closed_lines": ["tuen-ma"]},
        {"closed_lines": ["nowhere"]},
        {"checkpoints": [{"id": "nowhere", "regime": "co_location"}]},
        {"checkpoints": [{"id": "lo-wu", "open": "06:00", "close": "40:00"}]},
        {"checkpoints": [{"id": "lo-wu", "status": "closed"}, {"id": "lo-wu", "open": "07:00"}]},
        drawn(hours=["24:00", "06:00"]),
        drawn(points=[{"lonlat": [999, 0]}] * 4),
        drawn(run_time_min=0.5, speed_kmh=None),  # shorter than the stop between
        drawn(points=[{"lonlat": [113.97, 22.39], "station": "nowhere"}] * 4),
    ],
)
def test_what_the_page_does_not_send_gets_a_sentence(sketcher: Sketcher, data: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario = sketcher.scenario(read_drawing(data))
        assert sketcher._edited(scenario).compiled
    assert all(len(str(problem)) > 20 for problem in caught.value.problems)


def test_an_empty_drawing_is_the_do_minimum(sketcher: Sketcher) -> None:
    assert "lines" not in scenario_file(read_drawing({}), sketcher.setting)
