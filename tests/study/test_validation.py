"""Published times pinned, each with its id; the tables of docs/validation.md that need no reference data; the reckoning.

Tolerances are how far ours is today, rounded up: a change that makes a time worse fails here and has to be explained.
"""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.network.service import Network
from corridor.study.study import Study
from tests.build_scripts import script
from tests.paths import ROOT

PAGE = ROOT / "docs" / "validation.md"


FIGURES, LONG_LINKS, BUSES = (
    script("validation_figures"),
    script("validate_long_links"),
    script("validate_buses"),
)
TIMES = script("validate_times")


def minutes(network: Network, line: str, start: str, end: str) -> float:
    """From departure to arrival on the fastest train of a line that calls at both."""
    return min(
        (b.arrival_s - a.departure_s) / 60
        for p in network.patterns
        if p.line_id == line
        for i, a in enumerate(p.stops)
        for b in p.stops[i + 1 :]
        if (a.station_id, b.station_id) == (start, end)
    )


@pytest.mark.parametrize(
    ("source", "line", "start", "end", "published", "within"),
    [
        ("Transport Department, about", "east-rail", "admiralty", "lo-wu", 45, 1.5),
        ("C11, about", "east-rail", "admiralty", "lok-ma-chau", 50, 2.5),
        ("C09", "east-rail", "tai-wai", "admiralty", 17, 2),
        ("C09", "east-rail", "hung-hom", "admiralty", 7, 2),
        ("C14, 27 to 31", "tung-chung", "hong-kong", "tung-chung", 29, 2),
        ("LegCo 2003", "tuen-ma", "tuen-mun", "nam-cheong", 30, 0.1),
        ("C14, about", "tuen-ma", "tuen-mun", "wu-kai-sha", 75, 2.5),
        ("C14", "tuen-ma", "tuen-mun", "hung-hom", 37, 1.5),
        ("F03", "airport-express", "hong-kong", "airport", 24, 0.1),
        ("encyclopaedia", "airport-express", "hong-kong", "asiaworld-expo", 28, 1),
        ("encyclopaedia", "disneyland-resort", "sunny-bay", "disneyland-resort", 3.5, 0.25),
        ("X01, fastest", "xrl", "west-kowloon", "hsr-futian", 14, 0),
        ("X07, fastest", "xrl", "west-kowloon", "hsr-shenzhen-north", 18, 0),
        ("12306, median", "xrl", "hsr-futian", "hsr-shenzhen-north", 8, 0.5),
    ],
)
def test_hong_kong_and_express_rail_end_to_end(
    study: Study, source: str, line: str, start: str, end: str, published: float, within: float
) -> None:
    ours = minutes(study.network("baseline-2024").network, line, start, end)
    assert ours == pytest.approx(published, abs=within + 1e-6), source


def test_links_of_4_km_and_more_hold_to_the_evidence(study: Study) -> None:
    """Half a minute a long link on the mean, over all published runs that hold one; the source alone misses that."""
    runs = [r for r in LONG_LINKS.long_runs(study) if r.long]
    ours, source = (sum(abs(r.errors_min()[i]) / r.long for r in runs) / len(runs) for i in (0, 1))
    assert len(runs) == 11
    assert ours < 0.15 < 0.5 < source
    assert max(abs(r.errors_min()[0]) for r in runs) < 1.5


def test_no_link_is_faster_than_a_train(study: Study) -> None:
    """Tsing Yi - Airport: 22.3 km in 866 s is 93 km/h; no link is faster than the 135 km/h of C14."""
    network, metres = study.network("baseline-2024").network, FIGURES.track_m(study)
    links = FIGURES.rail_links(network, metres, {"airport-express", "tung-chung", "tuen-ma", "east-rail"})
    speeds = {(k.start, k.end): 3.6 * k.length_m / k.run_s for k in links}
    assert speeds["tsing-yi", "airport"] == pytest.approx(93, abs=1)
    assert max(speeds.values()) < 135


def test_the_night_trains_of_2024_are_not_what_is_modelled(study: Study) -> None:
    """C10: Admiralty - Lo Wu 50 min on one night of all-night service; ordinary trains take about 45."""
    assert 42 <= minutes(study.network("baseline-2024").network, "east-rail", "admiralty", "lo-wu") <= 45


@pytest.mark.parametrize(
    ("station", "published"),
    [
        ("sz-chegongmiao", 3),
        ("sz-hongshuwan-south", 9),
        ("sz-houhai", 14),
        ("sz-nanshan", 16),
        ("sz-qianhaiwan", 21),
        ("sz-baoan", 24),
        ("sz-bihaiwan", 28),
        ("sz-airport", 35),
        ("sz-airport-north", 38),
    ],
)
def test_line_11_from_futian(study: Study, station: str, published: float) -> None:
    """Z01: the last train of the timetable of 2022."""
    network = study.network("baseline-2024").network
    assert minutes(network, "sz-l11", "sz-futian", station) == pytest.approx(published, abs=1.5)


def test_line_13_south(study: Study) -> None:
    """Z03: Shenzhen Bay Port - Gaoxin Middle in 12 min."""
    network = study.network("baseline-2024").network
    ours = minutes(network, "sz-l13", "sz-shenzhen-bay-checkpoint", "sz-hi-tech-central")
    assert ours == pytest.approx(12, abs=0.5)


@pytest.mark.parametrize(
    ("source", "scenario", "line", "start", "end", "published"),
    [
        ("C01", "central-2035", "northern-link", "kam-sheung-road", "kwu-tung", 12),
        ("C02", "central-2035", "northern-link-spur", "san-tin", "huanggang-port", 11),
        ("W05", "western-2035", "hswrl", "hung-shui-kiu", "qianhai", 15),
    ],
)
def test_planned_lines_keep_their_published_time(
    study: Study, source: str, scenario: str, line: str, start: str, end: str, published: float
) -> None:
    network = study.network(scenario).network
    assert minutes(network, line, start, end) == pytest.approx(published, abs=0.01), source
    assert minutes(network, line, end, start) == pytest.approx(published, abs=0.01), source


def test_tuen_mun_south_is_less_than_five_minutes_on(study: Study) -> None:
    """W18."""
    network = study.network("committed-2030").network
    assert 4 < minutes(network, "tuen-ma", "tuen-mun", "tuen-mun-south") < 5


def test_buses_of_control_points_take_their_published_minutes(study: Study) -> None:
    """Timetables of 2026-08: run minutes end to end of one pattern of each route."""
    published = {
        "bus-b1": 53,
        "bus-b2": 33,
        "bus-b3": 36,
        "bus-b3x": 19,
        "bus-b7": 32,
        "bus-b9": 56,
        "bus-79k": 48,
        "minibus-75": 29,
        "minibus-618": 32,
        "yellow-bus": 6,
    }
    ends: dict[str, set[float]] = {line: set() for line in published}
    for p in study.network("baseline-2024").network.patterns:
        if p.line_id in ends:
            ends[p.line_id].add(round(p.stops[-1].arrival_s / 60, 1))
    assert {line: m for line, m in published.items() if not any(abs(m - e) < 0.2 for e in ends[line])} == {}


def test_journey_planner_sample(study: Study) -> None:
    """Sheung Shui - Mong Kok 39 min by the operator's planner of 2025-04-03, counted from the train's departure."""
    network = study.network("baseline-2024").network
    for period in ("am_peak", "midday"):
        assert TIMES.journey_min(network, period) == pytest.approx(39, abs=1)


# --- the page ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "maker"),
    [
        ("hk-rail-end-to-end", TIMES.end_to_end),
        ("hk-rail-long-runs", LONG_LINKS.long_run_table),
        ("line-11", TIMES.line_11),
        ("planned", TIMES.planned),
        ("headways", BUSES.headway_table),
        ("door-to-door", TIMES.door_table),
    ],
)
def test_the_page_holds_what_the_script_makes(study: Study, mark: str, maker: Callable[[Study], str]) -> None:
    page, (body, rows) = PAGE.read_text("utf-8"), TIMES.apart(mark, maker(study))
    assert page.split(f"<!-- {mark} -->")[1].split(f"<!-- /{mark} -->")[0].strip() == body
    if rows:
        with (PAGE.parent / "validation" / f"{mark}.csv").open(encoding="utf-8", newline="") as stream:
            assert list(csv.reader(stream)) == rows


def test_a_page_without_a_mark_is_refused() -> None:
    assert (
        TIMES.put("a\n<!-- x -->\nold\n<!-- /x -->\nb", {"x": "new"}) == "a\n<!-- x -->\nnew\n<!-- /x -->\nb"
    )
    with pytest.raises(SystemExit, match="<!-- x -->"):
        TIMES.put("a page", {"x": "new"})


# --- the reckoning -----------------------------------------------------------------------------


def test_figures_by_hand() -> None:
    """Errors +60, -30, 0, +90 s: mean 30, sizes 60, 30, 0, 90 with mean 45.

    90th percentile: of 0, 30, 60, 90 at position 0.9 x 3 = 2.7: 60 + 0.7 x 30 = 81. Theirs add up to 900, sizes to 180: 20 %.
    """
    pairs = [FIGURES.Pair("", o, t) for o, t in ((360, 300), (170, 200), (200, 200), (290, 200))]
    assert FIGURES.figures(pairs) == ("4", "+30", "45", "81", "20 %")
    assert FIGURES.figures(pairs, 60.0) == ("4", "+0.5", "0.8", "1.4", "20 %")
    assert [p.error_s for p in FIGURES.worst(pairs, 2)] == [90, 60]


def test_error_against_a_range_counts_from_its_nearer_end() -> None:
    published = FIGURES.Published("", "", "", "", 27, 31, "input", "C14")
    assert [published.error_min(m) for m in (25.5, 27, 29, 31, 33)] == [-1.5, 0, 0, 0, 2]
    assert published.text == "27 to 31"


@given(st.lists(st.tuples(st.floats(1, 1e4), st.floats(1, 1e4)), min_size=1, max_size=20))
def test_mean_absolute_error_is_never_below_the_mean_error(values: list[tuple[float, float]]) -> None:
    pairs = [FIGURES.Pair("", o, t) for o, t in values]
    _, mean, size, most, _ = FIGURES.figures(pairs)
    assert float(size) >= abs(float(mean))
    assert float(most) <= round(max(abs(p.error_s) for p in pairs))
