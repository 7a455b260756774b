"""Journeys on the shipped network: known times, closing hours, control points, and what nobody can walk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from corridor.access.search.journey import Journey, Leg
from corridor.core import paths
from corridor.core.crs import project
from corridor.core.errors import UnknownStationError, UnreachableError
from corridor.schema.catalog import Catalog
from corridor.study.question import shipped_comparison
from corridor.study.study import Study

BASELINE = "baseline-2024"
ROAD_LINES = ("bus-", "minibus-", "coach-", "yellow-bus")
OPEN_HALLS = ("heung-yuen-wai", "huanggang", "lo-wu", "lok-ma-chau-spur", "man-kam-to", "shenzhen-bay")


def rides(journey: Journey) -> list[Leg]:
    return [leg for leg in journey.legs if leg.kind == "ride"]


def through(journey: Journey, checkpoint: str) -> float | None:
    """Seconds by one control point alone, None where there is no way."""
    return next(a.time_s for a in journey.alternatives if a.checkpoint_id == checkpoint)


def costs(journey: Journey) -> dict[str, float]:
    """Generalised seconds by control point."""
    return {a.checkpoint_id: a.cost_s for a in journey.alternatives if a.cost_s is not None}


def minutes(seconds: float) -> float:
    return seconds / 60


# --- times that are known ----------------------------------------------------------------------


@pytest.mark.parametrize("way", [("admiralty", "lo-wu"), ("lo-wu", "admiralty")])
def test_admiralty_to_lo_wu(study: Study, way: tuple[str, str]) -> None:
    journey = study.journey(*way, BASELINE, "08:30")
    (leg,) = rides(journey)
    assert leg.lines == ("east-rail",)
    assert 42 <= minutes(leg.in_vehicle_s) <= 45
    assert 1 <= minutes(leg.wait_s) <= 10  # half a headway, beside the ride and not in it
    assert journey.time_s > leg.in_vehicle_s + leg.wait_s


@pytest.mark.parametrize("way", [("west-kowloon", "hsr-futian"), ("hsr-futian", "west-kowloon")])
def test_west_kowloon_to_futian_by_express_rail(study: Study, way: tuple[str, str]) -> None:
    journey = study.journey(*way, BASELINE, "09:00")
    (leg,) = rides(journey)
    assert leg.lines == ("xrl",)
    assert minutes(leg.in_vehicle_s) == pytest.approx(14)
    assert (leg.checkpoint_id, minutes(leg.clearance_s)) == ("west-kowloon", 15)
    assert journey.checkpoints == ("west-kowloon",)


def test_west_kowloon_to_shenzhen_north(study: Study) -> None:
    # 18 min without a stop, some 24 with a call at Futian: who takes the next train rides a mean of the two
    (leg,) = rides(study.journey("west-kowloon", "hsr-shenzhen-north", BASELINE, "09:00"))
    assert 18 <= minutes(leg.in_vehicle_s) < 24
    net = study.network(BASELINE).compiled
    start, end = (net.index[s] for s in ("west-kowloon", "hsr-shenzhen-north"))
    section = next(s for s in range(*net.section_start[start : start + 2]) if net.section_to[s] == end)
    first = net.service_start[section]
    fastest = net.service_ride_s[first] - net.service_alight_s[first]
    assert minutes(float(fastest)) == pytest.approx(18)


@pytest.mark.parametrize("scenario", ["western-2035", "both-2035", "western-viaduct"])
@pytest.mark.parametrize("way", [("hung-shui-kiu", "qianhai"), ("qianhai", "hung-shui-kiu")])
def test_hung_shui_kiu_to_qianhai(study: Study, scenario: str, way: tuple[str, str]) -> None:
    journey = study.journey(*way, scenario, "08:30")
    (leg,) = rides(journey)
    assert leg.lines == ("hswrl",)
    assert minutes(leg.in_vehicle_s) == pytest.approx(15)
    assert (leg.checkpoint_id, minutes(leg.clearance_s)) == ("hswrl-qianhai", 15)


def test_the_western_line_is_not_there_before_it_is_built(study: Study) -> None:
    journey = study.journey("hung-shui-kiu", "113.8936,22.5397", "committed-2030", "08:30")
    assert "hswrl" not in {line for leg in rides(journey) for line in leg.lines}
    assert minutes(journey.time_s) > 60


def test_the_parts_of_a_journey_add_up(study: Study) -> None:
    journey = study.journey("central", "futian-cbd", BASELINE, "08:30")
    clock = journey.depart_clock_s
    for leg in journey.legs:
        assert leg.start_clock_s == pytest.approx(clock, abs=1)
        assert min(leg.time_s, leg.wait_s, leg.in_vehicle_s, leg.clearance_s) >= 0
        assert leg.wait_s + leg.in_vehicle_s + leg.clearance_s <= leg.time_s + 1e-3
        clock += leg.time_s
    assert journey.time_s == pytest.approx(clock - journey.depart_clock_s, abs=1)
    assert min(costs(journey).values()) == pytest.approx(journey.cost_s, abs=1)
    soonest = study.journey("central", "futian-cbd", BASELINE, "08:30", least="time")
    best = min(a.time_s for a in soonest.alternatives if a.time_s is not None)
    assert best == pytest.approx(soonest.time_s, abs=1)
    assert soonest.time_s < journey.time_s
    assert soonest.cost_s > journey.cost_s


# --- closing hours -----------------------------------------------------------------------------


@pytest.mark.parametrize("destination", ["sz-futian-checkpoint", "futian-cbd"])
def test_lok_ma_chau_spur_in_the_evening(study: Study, destination: str) -> None:
    def spur(at: str) -> float | None:
        return through(study.journey("admiralty", destination, BASELINE, at), "lok-ma-chau-spur")

    assert spur("21:30") is not None
    assert spur("21:50") is None
    if (
        destination == "futian-cbd"
    ):  # at 23:00 no metro runs any more to a station; a position is still reached
        assert spur("23:00") is None


@pytest.mark.parametrize("at", ["21:50", "23:00"])
def test_huanggang_stays_open_by_road(study: Study, at: str) -> None:
    assert through(study.journey("admiralty", "futian-cbd", BASELINE, at), "huanggang") is not None


@pytest.fixture(scope="module")
def huanggang_alone(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The baseline with every control point closed but Huanggang, to see the legs of the way through it."""
    folder = tmp_path_factory.mktemp("scenarios")
    closed = [h for h in (*OPEN_HALLS, "west-kowloon") if h != "huanggang"]
    edits = "".join(f"  - {{id: {h}, status: closed}}\n" for h in closed)
    (folder / "huanggang-alone.yaml").write_text(
        "id: huanggang-alone\ntitle: {en: Huanggang alone}\nquestion: {en: Which legs lead there}\n"
        f"extends: {BASELINE}\ncheckpoints:\n  change:\n{edits}",
        encoding="utf-8",
    )
    return Study(Catalog.bundled(), (paths.scenarios_dir(), folder))


@pytest.mark.parametrize("at", ["08:30", "21:50", "23:00", "26:00"])
@pytest.mark.parametrize("back", [False, True])
def test_huanggang_is_reached_by_coach_bus_or_shuttle_never_on_foot(
    huanggang_alone: Study, at: str, back: bool
) -> None:
    # after the last train the way begins on foot, from the street of Admiralty to a coach
    ends = ("114.1652,22.2790" if at == "26:00" else "admiralty", "futian-cbd")
    journey = huanggang_alone.journey(*(ends[::-1] if back else ends), "huanggang-alone", at)
    assert journey.checkpoints == ("huanggang",)
    legs = journey.legs[::-1] if back else journey.legs
    clear = next(i for i, leg in enumerate(legs) if leg.kind == "clear")
    before = next(leg for leg in reversed(legs[:clear]) if leg.kind != "walk")
    assert before.kind == "ride"
    assert all(line.startswith(ROAD_LINES) for line in before.lines), before
    names = {name for leg in journey.legs if leg.kind == "walk" for name in (leg.from_name, leg.to_name)}
    assert "Lok Ma Chau" not in names
    walked = sum(leg.time_s for leg in legs[legs.index(before) + 1 : clear])
    assert walked <= 5 * 60  # inside the control point


# --- every control point, from both cities ------------------------------------------------------


@pytest.mark.parametrize(("origin", "checkpoint"), [("tuen-mun", "shenzhen-bay"), ("yuen-long", "shenzhen-bay"), ("sheung-shui", "heung-yuen-wai"), ("tai-wai", "heung-yuen-wai")])  # fmt: skip
def test_hong_kong_reaches_road_control_points_by_bus(study: Study, origin: str, checkpoint: str) -> None:
    journey = study.journey(origin, f"{checkpoint}@sz", BASELINE, "10:00")
    assert journey.checkpoints == (checkpoint,)
    assert any(line.startswith(ROAD_LINES) for leg in rides(journey) for line in leg.lines)


def test_the_open_halls_are_those_of_the_table(study: Study) -> None:
    network = study.network(BASELINE).network
    found = {c.checkpoint_id for c in network.checkpoints.values() if c.is_open and c.kind == "hall"}
    assert found == set(OPEN_HALLS)
    assert not network.checkpoints["sha-tau-kok"].is_open
    assert not network.checkpoints["hzmb"].is_open  # leads out of the region


@pytest.mark.parametrize("scenario", [BASELINE, "committed-2030", "both-2035"])
@pytest.mark.parametrize("checkpoint", OPEN_HALLS)
def test_every_open_hall_is_reached_from_both_cities(study: Study, scenario: str, checkpoint: str) -> None:
    for city, side in (("central", "hk"), ("futian-cbd", "sz")):
        for way in ((city, f"{checkpoint}@{side}"), (f"{checkpoint}@{side}", city)):
            journey = study.journey(*way, scenario, "10:00")
            assert journey.checkpoints == ()
            assert minutes(journey.time_s) < 120


def test_sha_tau_kok_is_closed(study: Study) -> None:
    assert not any(p.startswith("sha-tau-kok@") for p in study.network(BASELINE).compiled.points)


def test_a_closed_control_point_says_when_it_would_be_reached(study: Study) -> None:
    with pytest.raises(UnreachableError, match=r"lo-wu: would be reached about 03:0\d; open 06:30 to"):
        study.journey("lo-wu", "sz-luohu", BASELINE, "03:00")


def test_closing_at_midnight_reads_as_24_00(study: Study) -> None:
    with pytest.raises(UnreachableError, match="lo-wu: would be reached about 03:0.; open 06:30 to 24:00"):
        study.journey("lo-wu", "sz-luohu", BASELINE, "03:00")


# --- what the compiled network joins ------------------------------------------------------------


def rows(start: Sequence[int]) -> np.ndarray:
    return np.repeat(np.arange(len(start) - 1), np.diff(start))


@pytest.mark.parametrize("scenario", shipped_comparison().scenarios)
def test_the_two_sides_are_joined_by_control_points_alone(study: Study, scenario: str) -> None:
    net = study.network(scenario).compiled
    side = np.array(net.region)
    assert set(side) == {"hk", "sz"}
    across = side[rows(net.link_start)] != side[net.link_to]
    assert across.any()
    assert (net.link_cp[across] >= 0).all()
    assert (net.link_cp[~across] < 0).all()
    rides_across = side[rows(net.section_start)] != side[net.section_to]
    assert rides_across.any()
    cleared = (net.section_board_cp >= 0) | (net.section_alight_cp >= 0)
    assert cleared[rides_across].all()


def test_nobody_rides_along_one_side_through_a_control_point(study: Study) -> None:
    # Hung Shui Kiu to Lau Fau Shan by the western line stays in Hong Kong and clears nowhere
    journey = study.journey("hung-shui-kiu", "lau-fau-shan", "western-2035", "08:30")
    assert journey.checkpoints == ()
    assert {line for leg in rides(journey) for line in leg.lines} == {"hswrl"}


@pytest.mark.parametrize("scenario", [BASELINE, "both-2035"])
def test_no_walk_crosses_water(study: Study, scenario: str) -> None:
    net = study.network(scenario).compiled
    coast = study.coastline
    land = {
        side: shapely.union_all(shapely.make_valid(project(part.geometry.to_numpy())))
        for side, part in coast.groupby("region")
    }
    far = {}
    for a, b, checkpoint in zip(rows(net.link_start), net.link_to, net.link_cp, strict=True):
        if checkpoint < 0 and a < b:
            line = shapely.LineString([(net.x_m[a], net.y_m[a]), (net.x_m[b], net.y_m[b])])
            wet = shapely.get_parts(shapely.difference(line, land[net.region[a]]))
            longest = max((part.length for part in wet), default=0.0)
            if longest > 250:  # the width of a channel that counts as bridged
                far[net.points[a], net.points[b]] = round(longest)
    assert far == {}


def test_walks_between_stations_keep_to_a_walking_pace(study: Study) -> None:
    net = study.network(BASELINE).compiled
    a, b = rows(net.link_start), net.link_to
    walks = net.link_cp < 0
    metres = np.hypot(net.x_m[a] - net.x_m[b], net.y_m[a] - net.y_m[b])[walks]
    assert (net.link_s[walks] > 0).all()
    fast = metres / net.link_s[walks] > 2.0  # metres a second, straight; accuracy of positions included
    assert not fast[metres > 200].any()


def test_lok_ma_chau_spur_and_the_road_control_point_are_not_joined(study: Study) -> None:
    for scenario in shipped_comparison().scenarios:
        net = study.network(scenario).compiled
        pairs = {
            frozenset((net.points[a], net.points[b]))
            for a, b in zip(rows(net.link_start), net.link_to, strict=True)
        }
        for spur in ("lok-ma-chau", "lok-ma-chau-spur@hk", "bus-lok-ma-chau-spur"):
            for road in ("huanggang@hk", "bus-huanggang-hk", "bus-lok-ma-chau-road", "bus-san-tin-pti"):
                assert frozenset((spur, road)) not in pairs


# --- places -------------------------------------------------------------------------------------


def test_the_hub_xili_is_todays_metro_station(study: Study) -> None:
    hub = dict(study.hubs)["xili"]
    station = study.network(BASELINE).network.stations["sz-xili"]
    assert np.hypot(hub.x_m - station.x_m, hub.y_m - station.y_m) < 1
    assert station.names.en == "Xili"


@pytest.mark.parametrize("name", ["Admiralty", "admiralty", "金鐘", "金钟"])
def test_a_station_by_its_name_in_any_script(study: Study, name: str) -> None:
    assert study.place(name, BASELINE).point == "admiralty"


def test_times_are_those_of_journeys(study: Study) -> None:
    origins = pd.DataFrame({"id": ["a"], "lon": [114.1652], "lat": [22.2790]})
    ends = pd.DataFrame({"id": ["b", "c"], "lon": [114.0559, 114.1600], "lat": [22.5375, 22.2800]})
    table = study.times(origins, ends, BASELINE, "08:30").set_index("to")["minutes"]
    for row in ends.itertuples():
        there = f"{row.lon},{row.lat}"
        journey = study.journey("114.1652,22.2790", there, BASELINE, "08:30", least="time")
        assert table[row.id] == pytest.approx(minutes(journey.time_s), abs=0.05)


def test_a_name_of_both_sides_asks_which(study: Study) -> None:
    choices = r"one of lo-wu \(metro station Lo Wu, Hong Kong\), sz-luohu \(metro station Luohu, Shenzhen\)"
    with pytest.raises(UnknownStationError, match=choices):
        study.place("羅湖", BASELINE)


@pytest.mark.parametrize(
    ("said", "point"),
    [
        ("Huanggang", "huanggang@sz"), ("huanggang", "huanggang@sz"), ("皇崗口岸", "sz-huanggang-checkpoint"),
        ("Man Kam To", "man-kam-to@hk"), ("man-kam-to", "man-kam-to@hk"), ("Wenjindu", "man-kam-to@sz"),
        ("Lok Ma Chau", "lok-ma-chau"), ("LMC", "lok-ma-chau"), ("WEK", "west-kowloon"), ("adm", "admiralty"),
        ("福田口岸", "sz-futian-checkpoint"), ("Futian checkpoint", "sz-futian-checkpoint"), ("Lo Wu station", "lo-wu"),
        ("Shenzhen Bay", None), ("深圳灣", None), ("深圳湾", None),
    ],
)  # fmt: skip
def test_places_are_found_as_people_say_them(study: Study, said: str, point: str | None) -> None:
    place = study.place(said, BASELINE)
    assert place.point == point
    if point is None:
        assert (place.name, place.region) == ("Shenzhen Bay", "sz")  # the hub, as by its name in full


def test_a_control_point_without_its_side_is_on_that_of_the_other_end(study: Study) -> None:
    net, find = study.network(BASELINE), study.gazetteer.find_two
    for origin, side in (("Central", "hk"), ("Futian CBD", "sz")):
        for ends in ((origin, "Lok Ma Chau / Huanggang"), ("Man Kam To / Wenjindu", origin)):
            places = find(*ends, net)
            assert {str(p.point).partition("@")[2] for p in places if "@" in str(p.point)} == {side}
    with pytest.raises(
        UnknownStationError,
        match=r"man-kam-to@hk \(hall of .*, Hong Kong\), man-kam-to@sz \(hall of .*, Shenzhen\)",
    ):
        study.place("Man Kam To / Wenjindu", BASELINE)


def test_past_midnight_a_clock_may_be_written_either_way(study: Study) -> None:
    ends = ("114.1694,22.3193", "futian-cbd")  # Mong Kok, where coaches leave all night
    early, late = (study.journey(*ends, BASELINE, at) for at in ("01:30", "25:30"))
    assert early.time_s == pytest.approx(late.time_s)


def test_the_session_reads_the_checkout(study: Study) -> None:
    assert study.catalog.folder == Path(paths.layers_dir())
