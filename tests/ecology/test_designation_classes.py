"""Land take by class of designation: overlaps count once, in the highest class, and rows add up to the footprint."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from corridor.ecology.impact.assess import assess_work
from corridor.ecology.impact.difference import headline
from corridor.ecology.land.land import DESIGNATION_CLASSES, PROTECTED_KINDS
from corridor.ecology.works.profile import Site
from tests.ecology.test_impact import X, Y, frame, make_land, make_work

HABITAT = np.array([[1, 1, 1], [5, 5, 5], [8, 8, 8]])  # cells of 1 ha: a row of wood, one of pond, one of sea


def take(
    designations: list[tuple[str, float, float, float, float]], depot: tuple[float, float, float, float]
):
    """Headline figures of a tunnel whose one depot is a box; boxes are west, south, east, north in metres."""

    def shape(west: float, south: float, east: float, north: float):
        return box(X + west, Y + south, X + east, Y + north)

    rows = [
        {"designation_id": f"d{i}", "designation": kind, "geometry": shape(*at)}
        for i, (kind, *at) in enumerate(designations)
    ]
    land = make_land(HABITAT, designations=frame(rows, ("designation_id", "designation")))
    site = Site("depot", "depot", shape(*depot), None, True)
    return headline(assess_work(make_work("bored_tunnel", sites=(site,)), land))


def test_ground_in_two_classes_counts_once_in_the_higher() -> None:
    # a depot of 2 ha of pond; the west hectare is Ramsar, all of it Wetland Conservation Area
    found = take(
        [("ramsar", 0, 100, 100, 200), ("wetland_conservation_area", 0, 100, 300, 200)], (0, 100, 200, 200)
    )
    assert found.permanent_ramsar_sssi_ha == pytest.approx(1)
    assert found.permanent_wetland_area_ha == pytest.approx(1)
    assert found.permanent_park_ha == found.permanent_wetland_outside_ha == 0
    assert found.permanent_protected_ha == pytest.approx(2) == pytest.approx(found.permanent_wetland_ha)


def test_two_designations_of_one_class_count_once() -> None:
    found = take([("ramsar", 0, 100, 100, 200), ("sssi", 50, 100, 150, 200)], (0, 100, 200, 200))
    assert found.permanent_ramsar_sssi_ha == pytest.approx(1.5)
    assert found.permanent_wetland_outside_ha == pytest.approx(0.5)


def test_outside_all_classes_the_habitat_decides() -> None:
    # 3 ha, one each of wood, pond and sea, with a buffer area over all of it, which is no protected area
    found = take([("wetland_buffer_area", 0, 0, 300, 300)], (0, 0, 100, 300))
    assert found.permanent_other_outside_ha == pytest.approx(1)
    assert found.permanent_wetland_outside_ha == pytest.approx(1)
    assert found.permanent_marine_outside_ha == pytest.approx(1)
    assert found.permanent_protected_ha == 0


def test_no_kind_is_in_two_classes() -> None:
    assert sum(len(kinds) for kinds in DESIGNATION_CLASSES.values()) == len(PROTECTED_KINDS)


edge, size = st.integers(0, 4).map(lambda k: 30.0 * k), st.integers(1, 3).map(lambda k: 60.0 * k)
boxes = st.tuples(edge, edge, size, size).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(sorted(PROTECTED_KINDS)), boxes), max_size=4), boxes)
def test_classes_and_ground_outside_add_up_to_the_take(areas, depot) -> None:
    found = take([(kind, *at) for kind, at in areas], depot)
    classes = found.permanent_ramsar_sssi_ha + found.permanent_wetland_area_ha + found.permanent_park_ha
    outside = (
        found.permanent_wetland_outside_ha
        + found.permanent_marine_outside_ha
        + found.permanent_other_outside_ha
    )
    assert classes == pytest.approx(found.permanent_protected_ha, abs=1e-6)
    assert classes + outside == pytest.approx(found.permanent_ha, abs=1e-6)  # no built-up land here
