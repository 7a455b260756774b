"""The public names, and what a notebook shows of their values."""

from __future__ import annotations

import numpy as np
import pytest

import corridor
from corridor.access.search.journey import Journey, Leg
from corridor.core.notebook import MOST_ROWS, html_table
from corridor.schema.measure import Measure
from tests import web_factory as made


def test_measures_and_review_are_imported_from_the_package() -> None:
    from corridor import measures, review

    assert callable(measures.isochrones) and callable(review)
    assert set(corridor.__all__) <= set(dir(corridor)) | set(corridor._HOME)


def test_a_table_escapes_its_texts_and_says_what_it_leaves_out() -> None:
    shown = html_table(made.HOSTILE, ("a",), [(made.HOSTILE_IMAGE,)] * (MOST_ROWS + 2))
    assert "<script" not in shown and "<img" not in shown
    assert "... 2 more" in shown and shown.count("<tr>") == MOST_ROWS + 2


def test_a_journey_is_shown_leg_by_leg() -> None:
    legs = (Leg("ride", made.HOSTILE, "b", 30_600.0, 600.0, lines=("x",)),)
    shown = Journey("a", "b", "today", 30_600.0, 600.0, legs, ())._repr_html_()
    assert "10.0 min expected" in shown and "08:30" in shown and "<script" not in shown


def test_a_comparison_is_shown_criterion_by_criterion() -> None:
    comparison = made.comparison()
    shown = comparison._repr_html_()
    assert all(title in shown for title in comparison.criteria["title_en"])
    assert "western-2035" in shown


def test_zones_are_a_frame_that_can_be_explored() -> None:
    comparison = made.comparison()
    zones = comparison.zones_of("western-2035")
    assert zones.crs.to_epsg() == 4326
    np.testing.assert_array_equal(zones["jobs_60_0830 [jobs]"], comparison.zone_values["western-2035"][0])
    assert "to_qianhai_2300 [min]" in zones
    zones.explore("jobs_60_0830 [jobs]", tiles=None)


@pytest.mark.parametrize(
    ("measure", "measure_id", "title"),
    [
        (Measure("08:30", "jobs", 60), "jobs_60_0830", "Jobs within 60 min, 08:30"),
        (Measure("23:00", "residents", 90), "residents_90_2300", "Residents within 90 min, 23:00"),
        (
            Measure("08:30", side="other"),
            "other_side_jobs_gravity_0830",
            "Jobs across the boundary by generalised cost, 08:30",
        ),
    ],
)
def test_a_measure_has_one_id_and_is_read_back_from_it(measure: Measure, measure_id: str, title: str) -> None:
    assert measure.measure_id == measure_id and measure.title.en == title
    assert Measure.parse(measure_id) == measure
    assert Measure("08:30", hub="a").measure_id == "to_a_0830" and Measure.parse("to_a_0830") is None
