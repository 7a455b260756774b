"""The long section by hand: runs, stations, sites, boundary; and its drawing."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from shapely.geometry import LineString, Point, box

from corridor.drawing.long_section import WIDTH, long_section_drawing, section_in_words
from corridor.drawing.svg import svg
from corridor.drawing.wrap import em
from corridor.ecology.impact.corridors import (
    corridor_crossings,
    line_crossings,
    way_across,
)
from corridor.ecology.impact.long_section import long_section, side_outlines
from corridor.ecology.land.land import Land
from corridor.ecology.works.profile import Part, Site, Work
from corridor.schema.rows import Names
from corridor.schema.section import Band, LongSection
from corridor.schema.text import LANGS, Text

X, Y = 500_000.0, 2_500_000.0
CLASSES = pd.DataFrame(
    [
        (1, "woodland", "Woodland", "林地", "林地", "woodland", "#1B7837"),
        (5, "fishpond", "Ponds", "魚塘", "鱼塘", "wetland", "#2C7FB8"),
        (8, "marine", "Sea", "海域", "海域", "marine", "#C6DBEF"),
    ],
    columns=["code", "habitat_id", "name_en", "name_zh_hant", "name_zh_hans", "group", "colour"],
)


def draw_long_section(found: LongSection) -> str:
    return svg(long_section_drawing(found), "long-section")


def frame(rows: list[dict]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=4547)


# ten cells of 100 m along the line, 200 m either side: 300 m wood, 200 m ponds, 300 m sea, 200 m unknown
ROW = np.array([[1, 1, 1, 5, 5, 8, 8, 8, 0, 0]] * 4, dtype=np.uint8)
LAND = Land(
    ROW,
    Affine(100, 0, X, 0, -100, Y + 200),
    CLASSES,
    frame(
        [
            {"designation_id": "park", "designation": "country_park", "name_en": "Park", "source": "E20",
             "confidence": "B", "geometry": box(X + 50, Y - 90, X + 250, Y + 90)},
            {"designation_id": "far", "designation": "sssi", "name_en": "Far", "geometry": box(X, Y + 150, X + 9, Y + 190)},
        ]
    ),
    frame(
        [
            {"corridor_id": "coast", "part": "north", "part_id": "coast:north", "name_en": "Coast", "part_en": "North",
             "name_zh_hant": "海岸", "part_zh_hant": "北", "name_zh_hans": "海岸", "part_zh_hans": "北",
             "species_note_en": "Crabs.", "species_note_zh_hant": "鱟。", "species_note_zh_hans": "鲎。",
             "width_m": 200.0, "confidence": "M", "source": "E15", "geometry": box(X + 400, Y - 500, X + 600, Y + 500)},
        ]
    ),
    frame([{"site_id": "none", "kind": "egretry", "geometry": Point(X, Y + 9000)}]),
    habitat_epsg=4547,
)  # fmt: skip
SHAFT = Site("shaft", "shaft", Point(X + 300, Y), 0.1, True)
DEPOT = Site("depot", "depot", Point(X + 500, Y + 300), 9.0, True)


def work(*sites: Site, structure: str = "viaduct", name: str = "Line") -> Work:
    parts = (Part("under", "bored_tunnel", 0, 400), Part("over", structure, 400, 1000, ("W03",)))
    course = LineString([(X, Y), (X + 1000, Y)])
    stations = {"b": 1000.0, "a": 0.0}
    return Work("l", {"en": name}, "planned_official", False, course, stations, parts, sites)


def section(*sites: Site, name: str = "Line") -> LongSection:
    names = Names({"a": Text(en="A", zh_hant="甲", zh_hans="甲")})
    sides = {"hk": box(X - 10, Y - 10, X + 450, Y + 10), "sz": box(X + 820, Y - 10, X + 2000, Y + 10)}
    return long_section(work(*sites, name=name), LAND, names, sides)


def test_runs_cover_the_line_and_say_what_is_not_known():
    found = section()
    runs = [(r.key, r.kind, r.from_m, r.to_m) for r in found.habitat]
    assert runs == [
        ("woodland", "woodland", 0, 300),
        ("fishpond", "wetland", 300, 500),
        ("marine", "marine", 500, 800),
        ("not_assessed", "not_assessed", 800, 1000),
    ]
    assert found.not_assessed_m == 200 and [r.key for r in found.water] == ["marine"]
    assert sum(r.length_m for r in found.habitat) == found.length_m == 1000
    assert found.habitat[0].colour == "#1B7837" and found.habitat[3].colour == ""


def test_what_is_crossed_and_what_is_missed():
    found = section()
    assert [(r.key, r.from_m, r.to_m, r.source) for r in found.designations] == [("park", 50, 250, "E20")]
    (coast,) = found.corridors
    assert (coast.key, coast.kind, coast.from_m, coast.to_m) == ("coast:north", "coast", 400, 600)
    assert coast.name.en == "Coast: North" and coast.whole.en == "Coast" and coast.name.zh_hant == "海岸：北"


def test_bands_stations_sites_and_the_boundary():
    found = section(DEPOT, SHAFT)
    assert [(b.structure, b.level) for b in found.bands] == [("bored_tunnel", "below"), ("viaduct", "above")]
    assert [(s.station_id, s.name.en, s.chainage_m) for s in found.stations] == [
        ("a", "A", 0),
        ("b", "b", 1000),
    ]
    assert [(s.site_id, s.chainage_m, s.offset_m) for s in found.sites] == [
        ("shaft", 300, 0),
        ("depot", 500, 300),
    ]
    # Hong Kong ends at 450 m, Shenzhen begins at 820 m: the boundary lies somewhere between
    south, north = found.sides
    assert (south.to_m, north.from_m) == (450, 820)
    assert long_section(work(), LAND).sides == ()


def test_questions_come_with_the_section():
    # the mouth at 400 m has no portal; 0 to 400 m keeps the rule of 762 m
    assert [f.kind for f in section(SHAFT).findings] == ["no_portal"]


def test_a_published_level_is_said_and_no_other():
    parts = (Part("p", "bored_tunnel", 0, 1000, ("P02",)),)
    old = replace(work(), parts=parts)
    assert "−10 mPD" in draw_long_section(long_section(old, LAND))
    assert "No levels are published" in draw_long_section(section())


def test_outlines_from_a_table():
    degrees = gpd.GeoDataFrame({"region": ["hk"]}, geometry=[box(114.0, 22.4, 114.1, 22.5)], crs=4326)
    (west, _, east, _) = side_outlines(degrees)["hk"].bounds
    # the central meridian 114 E is 500,000 m; a tenth of a degree at 22.5 N is about 10.3 km
    assert west == pytest.approx(500_000, abs=1) and east - west == pytest.approx(10_300, rel=0.01)


def test_in_words_it_says_crossings_and_their_absence():
    says = section_in_words(section(DEPOT, SHAFT))
    for words in (
        "Structures: bored tunnel 0.40 km; viaduct 0.60 km.", "2 permanent, 0 for construction only",
        "Woodland 0.30 km", "Designated areas crossed: Park 0.20 km.", "Coast: North 0.20 km",
        "Habitat unknown along 0.20 km: not assessed.", "no portal is listed there",
    ):  # fmt: skip
        assert words in says.en, words
    empty = replace(section(), designations=(), corridors=())
    assert "No designated area is crossed. No green corridor is crossed." in section_in_words(empty).en
    assert "並無穿越保護地。並無穿越綠色走廊。" in section_in_words(empty).zh_hant


def test_the_drawing_is_sound_and_the_same_each_time():
    found = section(DEPOT, SHAFT, name='<script>alert("x")</script>')
    drawn = draw_long_section(found)
    assert drawn == draw_long_section(found) and "<script" not in drawn
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img" and [e.tag for e in root[:6]] == ["title"] * 3 + ["desc"] * 3
    assert "alert" in (root[0].text or "") and "No levels are published" not in (root[3].text or "")
    ids = re.findall(r' id="([^"]+)"', drawn)
    assert len(ids) == len(set(ids)) > 4
    assert set(re.findall(r"url\(#([^)]+)\)", drawn)) == set(ids)  # only the hatchings that are used
    # every text that differs by script stands in all three
    langs = [e.get("lang") for e in root.iter("text") if e.get("lang")]
    assert langs == list(LANGS) * (len(langs) // 3)


def test_the_drawing_places_things_by_chainage():
    # 1,000 m are 934 pixels from 152: ponds begin at 152 + 0.3 x 934 = 432.2 and are 186.8 wide
    drawn = draw_long_section(section())
    boxes = [e for e in ElementTree.fromstring(drawn).iter("rect") if e.get("fill") == "#2C7FB8"]
    assert ("432.2", "186.8") in {(b.get("x"), b.get("width")) for b in boxes}


def boxes(drawn: str, lang: str) -> list[tuple[str, float, float, float, float]]:
    """Each line of text of a script as left, right, top, bottom, in widths that are an upper estimate."""
    found = []
    for element in ElementTree.fromstring(drawn).iter("text"):
        if element.get("lang", lang) != lang:
            continue
        size = float(element.get("font-size", "0"))
        for part in [e for e in element if e.tag == "tspan"] or [element]:
            words = (
                "".join(part.itertext()) if part is not element else (element.text or element[-1].tail or "")
            )
            wide, x = em(words) * size, float(part.get("x", "0"))
            left = x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")]
            base = float(part.get("y", "0"))
            found.append((words, left, left + wide, base - 0.75 * size, base + 0.15 * size))
    return found


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "name", ["Line", "Western Rail Link (Hung Shui Kiu to Qianhai) on a viaduct over the bay " * 2]
)
def test_no_text_is_printed_over_another(name: str, lang: str) -> None:
    bands = (
        Band("v", "viaduct", "above", 0, 400, True, "W03"),
        Band("b", "bridge", "above", 400, 1000, True, "W03"),
    )
    levels = tuple(replace(b, published_mpd=m) for b in bands for m in ((-10.0, "P02"), (-31.5, "P03")))
    for change in ({}, {"counterfactual": True}, {"counterfactual": True, "bands": levels}):
        found = boxes(draw_long_section(replace(section(DEPOT, SHAFT, name=name), **change)), lang)
        assert len(found) > 20
        for i, (words, left, right, top, bottom) in enumerate(found):
            assert left >= 0 and right <= WIDTH, words
            for other, left_2, right_2, top_2, bottom_2 in found[i + 1 :]:
                assert min(right, right_2) <= max(left, left_2) or min(bottom, bottom_2) <= max(top, top_2), (
                    words,
                    other,
                )


def test_only_what_nobody_builds_is_called_counterfactual():
    found = replace(section(), counterfactual=True)
    assert "not proposed by anyone" in draw_long_section(found)
    assert "not proposed by anyone" not in draw_long_section(replace(found, status="construction"))


def test_two_drawings_on_a_page_share_no_ids():
    one, other = draw_long_section(section()), draw_long_section(section(SHAFT))
    assert not set(re.findall(r' id="([^"]+)"', one)) & set(re.findall(r' id="([^"]+)"', other))


def test_nothing_listed_and_nothing_crossed_is_written():
    drawn = draw_long_section(replace(section(), designations=(), corridors=(), sites=()))
    assert drawn.count(">none crossed<") == 2 and drawn.count(">no sites listed<") == 2


# The corridor of 200 m runs from south to north; the line crosses it eastwards from 400 to 600 m.


def crossing(structure: str, *sites: Site) -> pd.DataFrame:
    table = corridor_crossings(work(*sites, structure=structure), LAND)
    return table.assign(key=table["part_id"] + table["site_id"]).set_index("key")


def test_a_track_at_grade_takes_all_of_the_width():
    over = crossing("at_grade").loc["over"]
    assert (over["length_m"], over["corridor_width_m"]) == pytest.approx((200, 200))
    assert over["width_taken_m"] == pytest.approx(200) and over["width_taken_share"] == pytest.approx(1)


def test_a_viaduct_takes_the_width_of_its_piers():
    # piers of 6 m at 17.5 + 35 i: six from 402.5 to 577.5 m, that at 402.5 from 400 m on (5.5 m within the
    # corridor and the part); works strip: all of the width
    over = crossing("viaduct").loc["over"]
    assert over["width_taken_m"] == pytest.approx(5 * 6 + 5.5)
    assert over["width_worked_share"] == pytest.approx(1) and over["shade_ha"] > 0


def test_a_tunnel_takes_nothing_of_the_width_and_a_site_its_own():
    depot = Site("depot", "depot", Point(X + 500, Y + 300), 1.0, True)  # a square of 100 m in a band of 200 m
    rows = crossing("bored_tunnel", depot)
    assert rows.loc["over", "width_taken_m"] == 0 and bool(rows.loc["over", "underground"])
    assert rows.loc["depot", "width_taken_share"] == pytest.approx(0.5)
    assert np.isnan(rows.loc["under", "corridor_width_m"]) and not rows.loc["under", "crossed"]


def test_a_seam_between_parts_makes_no_corridor_narrow():
    # the same band in two halves, the seam along the line: the site in one half sees the width of both
    halves = [
        {"corridor_id": "coast", "part_id": "n", "geometry": box(X + 400, Y - 500, X + 500, Y + 500)},
        {"corridor_id": "coast", "part_id": "s", "geometry": box(X + 500, Y - 500, X + 600, Y + 500)},
    ]
    table = corridor_crossings(work(), replace(LAND, corridors=frame(halves)))
    widths = table.loc[table["crossed"], "corridor_width_m"]
    assert len(widths) == 2 and widths.to_numpy() == pytest.approx([200, 200])


def test_the_way_across_has_a_direction():
    width, direction = way_across(box(X, Y, X + 300, Y + 5000), Point(X + 150, Y + 2500))
    assert width == pytest.approx(300) and abs(direction) == pytest.approx([1, 0])


def test_of_a_line_the_crossings_are_told_else_the_nearest():
    depot = Site("depot", "depot", Point(X + 500, Y + 300), 1.0, True)
    table = line_crossings(corridor_crossings(work(depot), LAND), LAND)
    assert [p or s for p, s in zip(table["part_id"], table["site_id"], strict=True)] == ["over", "depot"]
    assert set(table["species_note_zh_hans"]) == {"鲎。"}
    far = replace(
        LAND, corridors=LAND.corridors.set_geometry([box(X + 450, Y + 700, X + 600, Y + 900)], crs=4547)
    )
    (nearest,) = line_crossings(corridor_crossings(work(), far), far).itertuples()
    assert not nearest.crossed and nearest.part_id == "over" and nearest.distance_m == pytest.approx(700)
