"""Every conflict as a feature: what is drawn is what the tables count."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from shapely.geometry import LineString, Point, box

from corridor.core.crs import project
from corridor.ecology.impact.assess import assess
from corridor.ecology.impact.conflicts import COLUMNS, KINDS, conflicts
from corridor.ecology.land.land import Land
from corridor.ecology.works.profile import Part, Site, Work
from corridor.study.study import Study
from tests.ecology.test_impact import CLASSES, X, Y, frame, make_land, make_work

# rows of 100 m cells: wood, pond that ends in nodata, sea; a reserve over the western 150 m, a corridor 100 m
# wide across the middle, an egretry 60 m north of the line at y = 150
RESERVE = box(X, Y, X + 150, Y + 300)
BAND = box(X + 100, Y, X + 200, Y + 300)


def land() -> Land:
    return make_land(
        np.array([[1, 1, 1], [5, 5, 0], [8, 8, 8]]),
        designations=frame(
            [{"designation_id": "r", "designation": "nature_reserve", "geometry": RESERVE}],
            ("designation_id", "designation"),
        ),
        corridors=frame([{"corridor_id": "c", "geometry": BAND}], ("corridor_id",)),
        wildlife_sites=frame(
            [{"site_id": "e", "kind": "egretry", "geometry": Point(X + 50, Y + 218)}], ("site_id", "kind")
        ),
    )


def found(structure: str = "at_grade", sites: tuple[Site, ...] = ()) -> gpd.GeoDataFrame:
    work = make_work(structure, sites=sites)
    return conflicts(assess([work], land()), [work], land())


def test_an_open_line_conflicts_with_all_it_meets():
    # at grade: formation 16 m permanent and a works strip up to 30 m wide, 300 m long
    rows = found().set_index("component", append=True)
    good = found().query("permanence == 'permanent'").set_index("kind")
    assert good.loc["designation_take", "area_ha"] == pytest.approx(150 * 16 / 1e4)
    assert good.loc["habitat_take", "area_ha"] == pytest.approx(200 * 16 / 1e4)  # the third cell is unknown
    assert good.loc["corridor_take", "area_ha"] == pytest.approx(100 * 16 / 1e4)
    crossing = found().query("kind == 'corridor_crossing'").iloc[0]
    assert crossing["length_m"] == pytest.approx(100)
    assert not crossing["underground"]
    unknown = found().query("kind == 'not_assessed'").iloc[0]
    assert unknown["length_m"] == pytest.approx(100, abs=1.0)
    # the works strip reaches 15 m from the line: the egretry lies 68 - 15 = 53 m from it
    near = found().query("kind == 'wildlife_near' and phase == 'construction'").iloc[0]
    assert near["distance_m"] == pytest.approx(53)
    assert set(rows.index.get_level_values("component")) >= {"formation", "works_strip"}


def test_a_bored_tunnel_crosses_underground_and_takes_nothing():
    rows = found("bored_tunnel")
    assert set(rows["kind"]) == {"corridor_crossing", "not_assessed"}
    assert rows.query("kind == 'corridor_crossing'")["underground"].all()


def test_its_shaft_takes_ground():
    shaft = Site("s", "shaft", Point(X + 50, Y + 150), 0.25, True, (), True)
    rows = found("bored_tunnel", (shaft,))
    taken = rows[rows["site_id"] == "s"].query("kind in ('designation_take', 'habitat_take')")
    assert taken["area_ha"].to_numpy() == pytest.approx(
        [0.25, 0.25], rel=2e-3
    )  # a circle drawn with 64 sides
    assert taken["assumed"].all()


def test_rows_are_numbered_in_an_order_that_depends_on_nothing_but_the_input():
    one = make_work(line_id="a")
    two = make_work(points=((0, 50), (300, 50)), line_id="b")
    first = conflicts(assess([one, two], land()), [one, two], land())
    second = conflicts(assess([two, one], land()), [two, one], land())
    assert list(first["conflict_id"]) == [f"C{n:03d}" for n in range(1, len(first) + 1)]
    assert first.drop(columns="geometry").equals(second.drop(columns="geometry"))
    order = [KINDS.index(k) for k in first["kind"]]
    assert order == sorted(order)


def test_a_stream_is_a_conflict_where_it_is_crossed_at_the_surface_or_built_on():
    stream = frame([{"stream_id": "s1", "geometry": box(X + 40, Y, X + 60, Y + 300)}], ("stream_id",))
    watered = replace(land(), streams=stream)

    def met(structure: str, sites: tuple[Site, ...] = ()) -> gpd.GeoDataFrame:
        work = make_work(structure, sites=sites)
        rows = conflicts(assess([work], watered), [work], watered)
        return rows[rows["layer"] == "streams"]

    open_line = met("at_grade").set_index("kind")
    assert open_line.loc["stream_crossing", "length_m"] == pytest.approx(20)
    taken = open_line.loc[["stream_take"]].set_index("permanence")["area_ha"]
    assert taken["permanent"] == pytest.approx(20 * 16 / 1e4)
    assert set(open_line["subject_id"]) == {"s1"} and set(open_line["subject"]) == {"stream"}
    # a tunnel leaves the stream as it is, but not a shaft in it
    assert met("bored_tunnel").empty
    shaft = Site("s", "shaft", Point(X + 50, Y + 150), 0.01, True, (), True)
    assert set(met("bored_tunnel", (shaft,))["kind"]) == {"stream_take"}
    # without a layer of streams nothing is said of them; numbers of other conflicts stay as they are
    plain, more = found(), conflicts(assess([make_work()], watered), [make_work()], watered)
    assert not (plain["layer"] == "streams").any()
    assert list(more["conflict_id"][: len(plain)]) == list(plain["conflict_id"])
    assert list(more["kind"][: len(plain)]) == list(plain["kind"])


def test_no_works_give_no_conflict_and_all_columns():
    rows = conflicts(assess([], land()), [], land())
    assert list(rows.columns) == COLUMNS and rows.empty


def test_built_up_ground_is_counted_but_is_no_conflict():
    town = Land(
        np.full((3, 3), 13, dtype=np.uint8), Affine(100, 0, X, 0, -100, Y + 300), CLASSES,
        frame([], ("designation_id", "designation")), frame([], ("corridor_id",)),
        frame([], ("site_id", "kind")), habitat_epsg=4547,
    )  # fmt: skip
    work = make_work()
    result = assess([work], town)
    assert result.habitat_take["area_ha"].sum() > 0
    assert conflicts(result, [work], town).empty


def test_a_raster_in_degrees_gives_the_same_hectares(study: Study):
    # the shipped land is in degrees: drawn habitat adds up to the table, and lies inside the footprint
    works = study.works("western-viaduct")
    result = assess(works, study.land)
    rows = conflicts(result, works, study.land)
    table = result.habitat_take[result.habitat_take["group"] != "built"]
    habitat = rows[rows["kind"] == "habitat_take"]
    assert habitat["area_ha"].sum() == pytest.approx(table["area_ha"].sum(), abs=1e-3)
    assert habitat.geometry.area.sum() / 1e4 == pytest.approx(table["area_ha"].sum(), rel=2e-3)
    whole = result.footprint.geometry.union_all().buffer(0.5)
    assert habitat.geometry.within(whole).all()
    assert rows.geometry.is_valid.all()


def test_a_line_off_the_raster_is_not_assessed_as_a_feature():
    work = Work(
        "far", {"en": "Far"}, "concept", False, LineString([(X + 5000, Y), (X + 5300, Y)]), {},
        (Part("p", "at_grade", 0, 300),),
    )  # fmt: skip
    rows = conflicts(assess([work], land()), [work], land())
    assert list(rows["kind"]) == ["not_assessed"]
    assert rows["length_m"].iloc[0] == pytest.approx(300)
    assert project(rows.geometry.iloc[0], 4547, 4326).length > 0
