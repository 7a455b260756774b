"""Past states of the network: what had opened by a date, and journeys on it."""

from __future__ import annotations

import datetime as dt

import pytest

from corridor.network.overlay import NetworkTables, build_network
from corridor.network.service import Network
from corridor.study.study import Study

ABSENT = {
    "baseline-2017": {"xrl", "sz-l6", "sz-l10", "sz-l12", "sz-l13", "sz-l14", "sz-l16", "sz-l20"},
    "baseline-2019": {"sz-l6", "sz-l10", "sz-l12", "sz-l13", "sz-l14", "sz-l16", "sz-l20"},
    "baseline-2023": {"sz-l13", "ma-on-shan"},
    "before-line-13": {"sz-l13", "ma-on-shan"},
}
PRESENT = {
    "baseline-2017": {"east-rail", "tuen-ma", "ma-on-shan", "sz-l7", "sz-l9", "sz-l11"},
    "baseline-2019": {"xrl", "ma-on-shan", "sz-l11"},
    "baseline-2023": {"xrl", "sz-l6", "sz-l12", "sz-l14", "sz-l16"},
    "before-line-13": {"xrl", "sz-l16"},
}
CLOSED = {
    "baseline-2017": {"heung-yuen-wai", "west-kowloon", "hzmb"},
    "baseline-2019": {"heung-yuen-wai"},
    "baseline-2023": {"sha-tau-kok"},
    "before-line-13": {"sha-tau-kok"},
    "baseline-2024": {"sha-tau-kok"},
}


def network(study: Study, scenario: str) -> Network:
    return study.network(scenario).network


def stops(net: Network, pattern: str) -> list[str]:
    return [s.station_id for p in net.patterns if p.pattern_id.rstrip("<>") == pattern for s in p.stops]


@pytest.mark.parametrize("scenario", ABSENT)
def test_lines_run_from_their_opening(study: Study, scenario: str) -> None:
    running = {p.line_id for p in network(study, scenario).patterns}
    assert not running & ABSENT[scenario]
    assert running >= PRESENT[scenario]


@pytest.mark.parametrize("scenario", CLOSED)
def test_control_points_open_from_their_opening(study: Study, scenario: str) -> None:
    points = network(study, scenario).checkpoints
    assert {k for k, p in points.items() if p.status == "closed"} == CLOSED[scenario]


@pytest.mark.parametrize(
    ("scenario", "first"), [("baseline-2019", "hung-hom"), ("baseline-2023", "admiralty")]
)
def test_east_rail_begins_at_hung_hom_before_2022(study: Study, scenario: str, first: str) -> None:
    assert stops(network(study, scenario), "east-rail-lo-wu")[0] == first


def test_west_rail_and_ma_on_shan_are_apart_in_2019(study: Study) -> None:
    past, now = network(study, "baseline-2019"), network(study, "baseline-2024")
    assert {"tai-wai", "hung-hom"} <= set(stops(now, "tuen-ma"))
    assert set(stops(past, "tuen-ma")).isdisjoint(stops(past, "ma-on-shan"))
    assert {"diamond-hill", "sung-wong-toi"}.isdisjoint(stops(past, "tuen-ma"))
    assert "tai-wai" in stops(past, "ma-on-shan") and "hung-hom" in stops(past, "tuen-ma")


def test_extensions_are_missing_before_they_opened(study: Study) -> None:
    assert "sz-liantang-checkpoint" not in stops(network(study, "baseline-2019"), "sz-l2-8")
    assert "sz-liantang-checkpoint" in stops(network(study, "baseline-2023"), "sz-l2-8")


@pytest.mark.parametrize(("day", "status"), [("2023-02-05", "closed"), ("2023-02-06", "existing")])
def test_heung_yuen_wai_opens_on_its_day(study: Study, day: str, status: str) -> None:
    tables = NetworkTables.load(study.catalog)
    on_day = study.scenario("baseline-2023").model_copy(update={"date": dt.date.fromisoformat(day)})
    assert build_network(tables, on_day).checkpoints["heung-yuen-wai"].status == status


@pytest.mark.parametrize(
    ("scenario", "start", "least", "most"),
    [
        (
            "baseline-2019",
            "hung-hom",
            40,
            48,
        ),  # Transport Department: Admiralty to Lo Wu 45, less 6 under the harbour
        ("baseline-2023", "hung-hom", 40, 48),
        ("baseline-2023", "admiralty", 45, 53),
        ("baseline-2019", "admiralty", 55, 70),  # by Kowloon Tong or East Tsim Sha Tsui, two changes
    ],
)
def test_journeys_to_lo_wu(study: Study, scenario: str, start: str, least: float, most: float) -> None:
    journey = study.journey(start, "lo-wu", scenario, "10:00", least="time")
    assert least < journey.time_s / 60 < most


def test_a_line_on_tracks_that_are_there_builds_nothing(study: Study) -> None:
    assert [work.id for work in study.scenario("baseline-2019").works] == ["ma-on-shan"]
    assert study.works("baseline-2019") == ()


def test_a_past_state_is_in_no_comparison(study: Study) -> None:
    from corridor.study.question import question

    assert not set(ABSENT) & {s.split("+")[0] for s in question(study).file.scenarios}
    assert set(ABSENT) < set(study.library.ids())
