"""Lines and green corridors in words: what crosses is said with its size, a line that misses as plainly."""

from __future__ import annotations

from dataclasses import replace

from shapely.geometry import Point, box

from corridor.drawing.crossings import LineAndCorridor, lines_and_corridors
from corridor.ecology.impact.corridors import corridor_crossings, line_crossings
from corridor.ecology.land.land import Land
from corridor.ecology.works.profile import Site
from corridor.schema.text import Text
from tests.ecology.test_long_section import LAND, X, Y, work

PLACES = {("l", "over"): Text(en="km 0.4–1.0", zh_hant="0.4–1.0公里", zh_hans="0.4–1.0公里")}


def told(land: Land, *sites: Site) -> LineAndCorridor:
    """The one line and corridor of the made-up land."""
    (found,) = lines_and_corridors(line_crossings(corridor_crossings(work(*sites), land), land), PLACES)
    return found


def test_parts_and_sites_that_cross_follow_each_other_with_their_sizes() -> None:
    found = told(LAND, Site("depot", "depot", Point(X + 500, Y + 300), 1.0, True))
    assert found.crossed and found.species == Text(en="Crabs.", zh_hant="鱟。", zh_hans="鲎。")
    assert found.text.en.startswith(
        "km 0.4–1.0 (viaduct) crosses North, part of Coast at or above ground level for 200 m, where the corridor is 200 m wide;"
    )
    assert "permanent land take 1.00 ha, narrowing the corridor by 50 %" in found.text.en
    assert found.text.zh_hant.endswith(
        "depot（車廠）位於海岸的北段內，該處寬200米；永久佔用1.00公頃，佔寬度50%。"
    )


def test_a_line_that_misses_says_so_as_plainly() -> None:
    away = LAND.corridors.set_geometry([box(X + 450, Y + 700, X + 600, Y + 900)], crs=4547)
    found = told(replace(LAND, corridors=away))
    assert not found.crossed
    assert found.text.en == (
        "The alignment does not cross North, part of Coast; the nearest works (km 0.4–1.0) are 700 m away."
    )


def test_an_id_stands_for_a_place_that_is_not_known() -> None:
    away = LAND.corridors.set_geometry([box(X, Y + 700, X + 50, Y + 900)], crs=4547)
    assert "nearest works (under) are 700 m away" in told(replace(LAND, corridors=away)).text.en


def test_no_corridor_has_no_sentence() -> None:
    none = replace(LAND, corridors=LAND.corridors.iloc[:0])
    assert lines_and_corridors(line_crossings(corridor_crossings(work(), none), none), PLACES) == []
