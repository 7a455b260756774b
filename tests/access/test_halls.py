"""Halls and stations as places on the street: the feeder to halls, stations as ends of a journey, Shenzhen Bay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from corridor.access.reach.reach import minutes_to_places
from corridor.access.search.cells import Cells, Place
from corridor.access.search.departure import Departure
from corridor.access.surroundings.base import BaseLayer
from corridor.core import paths
from corridor.network.compiled import FEEDER_LINK, CompiledNetwork, compile_network
from corridor.network.service import hall
from corridor.network.walk import Ground, WalkParameters
from corridor.study.study import Study
from tests.bus_factory import cells_at
from tests.cell_seconds import seconds_between_cells
from tests.network_factory import checkpoint, network, pattern, station

BASELINE = "baseline-2024"
EIGHT = 8 * 3600.0
FEEDER_2_KM_S = 972.0  # 300 + 2000 * 1.4 / (15 / 3.6)


def two_sides() -> Ground:
    """Hong Kong west of 25 km, Shenzhen east of it."""
    land = np.full((80, 400), 1, dtype=np.uint8)
    land[:, 200:] = 2
    return Ground(land, 0.0, 0.0, 125.0, WalkParameters())


def leaving(base: BaseLayer, street: tuple[bool, bool] = (False, True)) -> Departure:
    """Halls at 24.9 and 26 km; stations a and b of the north side 2 and 5.5 km from its hall, h beside the south one."""
    gate = replace(
        checkpoint("gate"),
        south_xy_m=(24_900.0, 1000.0),
        north_xy_m=(26_000.0, 1000.0),
        street_access=street,
    )
    stations = [station("a", 28_000.0, "sz"), station("b", 31_500.0, "sz"), station("h", 24_000.0)]
    net = network(stations, [pattern("x", "ab", [300], 600)], checkpoints=[gate])
    return base.departure(compile_network(net, base.ground), EIGHT, 7200.0)


@pytest.fixture
def base() -> BaseLayer:
    ground = two_sides()
    return BaseLayer(cells_at([(26_000.0, 1000.0), (30_000.0, 1000.0)], ground), ground)


def links(net: CompiledNetwork, code: int) -> dict[tuple[str, str], float]:
    rows = np.repeat(np.arange(len(net.points)), np.diff(net.link_start))
    return {
        (net.points[rows[k]], net.points[net.link_to[k]]): float(net.link_s[k])
        for k in np.flatnonzero(net.link_cp == code)
    }


def test_a_hall_open_to_the_street_is_reached_by_feeder_from_the_stations_of_its_side(
    base: BaseLayer,
) -> None:
    north = hall("gate", "sz")
    found = links(leaving(base).network, FEEDER_LINK)
    assert found == pytest.approx({(north, "a"): FEEDER_2_KM_S, ("a", north): FEEDER_2_KM_S})


def test_a_closed_area_has_no_feeder(base: BaseLayer) -> None:
    assert links(leaving(base, (False, False)).network, FEEDER_LINK) == {}
    south = hall("gate", "hk")
    assert set(links(leaving(base, (True, False)).network, FEEDER_LINK)) == {(south, "h"), ("h", south)}


def test_a_feeder_opens_a_way_without_a_line(base: BaseLayer) -> None:
    # cell 0 stands at the hall, cell 1 2 km from a. Hall - a by feeder 972, a - b is the only line
    departure = leaving(base)
    b = Place("b", "b", 31_500.0, 1000.0, "sz")
    # from the cell at the hall: its own feeder to a (2 km) as well, 972; 30 + 300 + 300 by line: 1602 s
    assert minutes_to_places(departure, base, [b])[0, 0] * 60 == pytest.approx(972 + 630, abs=1.5)


def around(base: BaseLayer, departure: Departure, place: Place) -> dict[str, float]:
    points, seconds = base.surroundings(departure, place).to_points
    return {departure.network.points[p]: float(s) for p, s in zip(points, seconds, strict=True)}


def test_a_station_named_is_a_place_on_the_street(base: BaseLayer) -> None:
    departure = leaving(base)
    station_a = Place("a", "a", 28_000.0, 1000.0, "sz")
    by_feeder = 300 + 3500 * 1.4 / (15 / 3.6)
    assert around(base, departure, station_a) == pytest.approx(
        {"a": 0.0, hall("gate", "sz"): FEEDER_2_KM_S, "b": by_feeder}, abs=0.1
    )


def test_a_hall_in_the_closed_area_is_itself_alone(base: BaseLayer) -> None:
    south = Place("gate", hall("gate", "hk"), 24_900.0, 1000.0, "hk")
    assert around(base, leaving(base), south) == {hall("gate", "hk"): 0.0}


def test_a_station_that_does_not_stand_in_a_scenario_is_a_position(base: BaseLayer) -> None:
    place = Place("new", "not-built", 28_000.0, 1000.0, "sz")
    assert around(base, leaving(base), place)["a"] == 0.0


# --- the real study ----------------------------------------------------------------------------


@pytest.mark.parametrize("least", ["time", "cost"])
@pytest.mark.parametrize("end", ["sz-luohu", "sz-futian-checkpoint"])
@pytest.mark.parametrize("back", [False, True])
def test_stations_are_reached_by_street_at_night(study: Study, end: str, least: str, back: bool) -> None:
    ends = ("wan-chai", end)
    journey = study.journey(*(ends[::-1] if back else ends), BASELINE, "23:00", least=least)
    assert "huanggang" in {a.checkpoint_id for a in journey.alternatives if a.time_s is not None}
    if not back:
        assert journey.checkpoints == ("huanggang",)


@pytest.mark.parametrize("at", ["08:30", "23:00"])
def test_a_station_is_no_further_than_its_position(study: Study, at: str) -> None:
    net = study.network(BASELINE).compiled
    table = study.tables.stations.set_index("station_id")
    for a, b in (("wan-chai", "sz-luohu"), ("sz-houhai", "tin-shui-wai"), ("sha-tin", "sz-laojie")):
        where = [f"{table.loc[s, 'lon']},{table.loc[s, 'lat']}" for s in (a, b)]
        named = study.journey(a, b, BASELINE, at, least="time").time_s
        assert named <= study.journey(*where, BASELINE, at, least="time").time_s + 1.0
    assert net.index["wan-chai"] >= 0


@pytest.fixture(scope="module")
def without_line_13(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "no-l13.yaml").write_text(
        "id: no-l13\ntitle: {en: Without Line 13}\nquestion: {en: Is Shenzhen Bay still reached}\n"
        f"extends: {BASELINE}\nlines: {{remove: [sz-l13]}}\n",
        encoding="utf-8",
    )
    without = Study(study.catalog, (paths.scenarios_dir(), folder))
    assert study.base.cells is not None  # what both share is worked out once
    without.stages._memory.update(study.stages._memory)
    return without


@pytest.mark.parametrize("least", ["time", "cost"])
def test_shenzhen_bay_without_its_metro_line(without_line_13: Study, least: str) -> None:
    journey = without_line_13.journey("sz-houhai", "tin-shui-wai", "no-l13", "08:30", least=least)
    assert journey.checkpoints == ("shenzhen-bay",)
    assert journey.time_s < 75 * 60  # 68.7 min; by the Spur Line 107


def shut(net: CompiledNetwork, checkpoint_id: str) -> CompiledNetwork:
    c = net.cp_ids.index(checkpoint_id)
    opens, closes = net.cp_open_s.copy(), net.cp_close_s.copy()
    opens[c], closes[c] = 1e9, -1e9
    return replace(net, cp_open_s=opens, cp_close_s=closes)


def test_most_pairs_still_pass_shenzhen_bay_without_its_metro_line(without_line_13: Study) -> None:
    study, at = without_line_13, 8.5 * 3600
    cells: Cells = study.cells
    south = np.array(cells.region) == "hk"
    lived_in = np.where(south, cells.people(), 0.0)
    origins = np.random.default_rng(20).choice(lived_in.size, 40, False, lived_in / lived_in.sum())
    origins = np.sort(origins).astype(np.int32)

    def passing(scenario: str) -> np.ndarray:
        net = study.network(scenario).compiled
        times = [
            seconds_between_cells(study.base.departure(n, at, 7200.0), study.base, origins)
            for n in (net, shut(net, "shenzhen-bay"))
        ]
        return (times[1] > times[0] + 1) & ~south

    before, after = passing(BASELINE), passing("no-l13")
    assert before.sum() > 5000
    assert (before & after).sum() / before.sum() > 0.8  # 0.92 of 120 origins; 0.38 without the feeder
