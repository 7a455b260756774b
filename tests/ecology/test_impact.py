"""The ecology engine on tiny lands: answers derived by hand, and what must always hold."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from corridor.core.crs import frame_in_metres, frame_in_wgs84, project
from corridor.core.errors import CrsError, GeometryError, LayerError, MissingColumnError
from corridor.ecology.impact.assess import assess, assess_work
from corridor.ecology.impact.corridors import corridor_crossings, way_across
from corridor.ecology.impact.difference import difference, headline
from corridor.ecology.impact.disturbance import rings
from corridor.ecology.impact.overlap import habitat_overlap
from corridor.ecology.land.land import NOT_ASSESSED, Land
from corridor.ecology.works.footprint import footprint
from corridor.ecology.works.profile import Part, Site, Work

X, Y = 500_000.0, 2_500_000.0
CLASSES = pd.DataFrame(
    [
        (1, "woodland", "woodland"),
        (5, "fishpond", "wetland"),
        (8, "marine", "marine"),
        (13, "built_up", "built"),
    ],
    columns=["code", "habitat_id", "group"],
)


def frame(rows: list[dict], columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, columns=[*columns, "geometry"], geometry="geometry", crs=4547)


def make_land(
    habitat: np.ndarray, cell_m: float = 100.0, west: float = X, north: float = Y + 300, **layers
) -> Land:
    defaults = {
        "designations": frame([], ("designation_id", "designation")),
        "corridors": frame([], ("corridor_id",)),
        "wildlife_sites": frame([], ("site_id", "kind")),
    }
    return Land(
        np.asarray(habitat, dtype=np.uint8), Affine(cell_m, 0, west, 0, -cell_m, north), CLASSES,
        **{**defaults, **layers}, habitat_epsg=4547,
    )  # fmt: skip


# cells of 100 m: a row of wood, a row of pond that ends in nodata, a row of sea
SMALL = make_land(np.array([[1, 1, 1], [5, 5, 0], [8, 8, 8]]))


def make_work(structure: str = "at_grade", points=((0, 150), (300, 150)), sites=(), line_id="l") -> Work:
    course = LineString([(X + a, Y + b) for a, b in points])
    return Work(
        line_id,
        {"en": "Line"},
        "concept",
        False,
        course,
        {},
        (Part("p", structure, 0, course.length),),
        sites,
    )


def by_habitat(table: pd.DataFrame) -> dict[str, float]:
    return table.groupby("habitat_id")["area_ha"].sum().to_dict()


def test_line_over_a_three_by_three_raster():
    # at grade, 16 m wide, 300 m long through the middle row: 200 m of pond, 100 m of nodata
    take = assess([make_work()], SMALL).habitat_take.query("component == 'formation'")
    assert by_habitat(take) == pytest.approx({"fishpond": 200 * 16 / 1e4, NOT_ASSESSED: 100 * 16 / 1e4})


def test_fractions_of_cells_are_exact():
    # along the border of the wood and pond rows: half of the 16 m on each side
    take = assess([make_work(points=((0, 200), (200, 200)))], SMALL).habitat_take.query(
        "component == 'formation'"
    )
    assert by_habitat(take) == pytest.approx({"woodland": 200 * 8 / 1e4, "fishpond": 200 * 8 / 1e4})


def test_half_outside_the_data_is_not_assessed():
    # a 100 x 100 m polygon with its western half off the raster, over the wood row
    shape = gpd.GeoDataFrame({"k": [1]}, geometry=[box(X - 50, Y + 200, X + 50, Y + 300)], crs=4547)
    assert by_habitat(habitat_overlap(shape, SMALL, ["k"])) == pytest.approx(
        {"woodland": 0.5, NOT_ASSESSED: 0.5}
    )


def test_wholly_outside_is_not_assessed_never_zero():
    result = assess([make_work(points=((5000, 0), (5300, 0)))], SMALL)
    assert set(result.habitat_take["habitat_id"]) == {NOT_ASSESSED}
    assert result.not_assessed_m["not_assessed_m"].item() == pytest.approx(300)
    assert headline(result).not_assessed_ha > 0


def test_metres_without_data_of_each_part():
    # 300 m on the raster, its last 100 m on nodata, then 50 m beyond the edge
    result = assess([make_work(points=((0, 150), (350, 150)))], SMALL)
    assert result.not_assessed_m["not_assessed_m"].item() == pytest.approx(150, abs=1)


def test_degrees_give_the_same_hectares():
    # the same cells in degrees: 0.001 degree squares, the polygon is one cell; its area is measured in metres
    cell = np.array([[1, 5], [8, 13]], dtype=np.uint8)
    empty = {k: getattr(SMALL, k) for k in ("designations", "corridors", "wildlife_sites")}
    land = Land(cell, Affine(0.001, 0, 114.0, 0, -0.001, 22.502), CLASSES, **empty)
    shape = project(box(114.0005, 22.5005, 114.0015, 22.5015))
    table = habitat_overlap(gpd.GeoDataFrame({"k": [1]}, geometry=[shape], crs=4547), land, ["k"])
    # a quarter each; 0.001 degree is 110.75 m north and 102.94 m east here (GRS80), together 1.140 ha
    assert table["area_ha"].sum() == pytest.approx(1.1400, abs=0.001)
    assert table["area_ha"].to_numpy() == pytest.approx(np.full(4, 0.2850), rel=1e-3)
    assert table["area_ha"].sum() == pytest.approx(shape.area / 1e4, rel=1e-12)


WIDE = make_land(np.full((60, 60), 5), west=X - 3000, north=Y + 3000)


def test_bands_around_a_round_site():
    # a circle of 1 ha has a radius of 56.42 m; ring 0-100 m: pi (156.42^2 - 56.42^2) = 6.687 ha
    work = make_work("bored_tunnel", sites=(Site("s", "ventilation_building", Point(X, Y), 1.0, True),))
    bands = (
        assess([work], WIDE).habitat_disturbance.query("phase == 'construction'").set_index("band")["area_ha"]
    )
    expected = {"0-100": (0, 100), "100-300": (100, 300), "300-500": (300, 500), "500-1000": (500, 1000)}
    for name, (inner, outer) in expected.items():
        exact = np.pi * ((56.419 + outer) ** 2 - (56.419 + inner) ** 2) / 1e4
        assert bands[name] == pytest.approx(exact, rel=0.005)


def test_rule_of_150_m():
    work = make_work("bored_tunnel", sites=(Site("s", "worksite", box(X, Y, X + 100, Y + 100), None, False),))
    near = assess([work], WIDE).habitat_150m
    # four sides of 100 x 150 m and a full circle of 150 m at the corners
    assert near["area_ha"].item() == pytest.approx((4 * 100 * 150 + np.pi * 150**2) / 1e4, rel=0.003)


def test_equivalent_area_of_a_straight_strip():
    # beside a long straight line the equivalent width of a side is the area under the curve:
    # construction central falls from 1 at 100 m to 0 at 300 m: 100 + 200 / 2 = 200 m a side
    shape = box(X - 500, Y - 15, X + 500, Y + 15)
    ring = rings(footprint(make_work("bored_tunnel", sites=(Site("s", "worksite", shape, None, False),))))
    side = box(X - 100, Y - 5000, X + 100, Y + 5000)
    inside = ring.query("phase == 'construction'").intersection(side).area
    equivalent = (inside * ring.query("phase == 'construction'")["equivalent_central_ha"]).sum()
    assert equivalent == pytest.approx(2 * 200 * 200)


def test_rings_do_not_overlap_and_leave_out_what_the_source_takes():
    prints = footprint(make_work("at_grade", points=((0, 0), (900, 100), (1200, 900))))
    for phase, group in rings(prints).groupby("phase"):
        source = prints[prints["surface"] if phase == "construction" else prints["operation"]]
        assert group.geometry.area.sum() == pytest.approx(group.union_all().area)
        assert group.union_all().intersection(source.union_all()).area == pytest.approx(0, abs=1e-3)


def test_ground_under_a_deck_is_disturbed_in_operation():
    # 300 m of deck, no ends: 25 m either side of the 11 m deck and the deck itself, piers included
    ring = rings(footprint(make_work("viaduct"))).query("phase == 'operation' and ring_outer_m == 25")
    middle = box(X + 50, Y, X + 250, Y + 300)
    assert ring.intersection(middle).area.item() == pytest.approx(200 * 61)


def test_tunnel_is_no_source_of_operation_and_immersed_tunnel_only_of_works():
    for structure, phases in (
        ("bored_tunnel", set()),
        ("immersed_tunnel", {"construction"}),
        ("bridge", {"construction", "operation"}),
    ):
        assert set(rings(footprint(make_work(structure)))["phase"]) == phases


def test_wildlife_within_500_m_with_its_distance():
    sites = frame(
        [
            {"site_id": "near", "kind": "egretry", "geometry": Point(X + 100, Y + 150 + 212.5)},
            {"site_id": "far", "kind": "night_roost", "geometry": Point(X + 100, Y + 900)},
            {"site_id": "flight", "kind": "flight_corridor", "geometry": box(X + 50, Y, X + 100, Y + 400)},
        ],
        ("site_id", "kind"),
    )
    land = replace(SMALL, wildlife_sites=sites)
    table = assess([make_work("viaduct")], land).wildlife_conflicts.set_index(["site_id", "phase"])
    # works strip half of 25 m, deck half of 11 m
    assert table.loc[("near", "construction"), "distance_m"] == pytest.approx(200)
    assert table.loc[("near", "operation"), "distance_m"] == pytest.approx(207)
    assert table.loc[("flight", "operation"), "crossed"]
    assert "far" not in table.index.get_level_values("site_id")
    assert assess([make_work("bored_tunnel")], land).wildlife_conflicts.empty


CORRIDOR = frame(
    [
        {"corridor_id": "bay", "width_m": 90.0, "geometry": box(X + 100, Y - 1000, X + 200, Y + 1000)},
        {"corridor_id": "hills", "width_m": 50.0, "geometry": box(X, Y + 800, X + 300, Y + 900)},
    ],
    ("corridor_id", "width_m"),
)


def test_corridor_table_has_a_row_for_each_part_crossed_or_not():
    course = LineString([(X, Y + 150), (X + 300, Y + 150)])
    parts = (
        Part("open", "viaduct", 0, 120),
        Part("under", "bored_tunnel", 120, 250),
        Part("rest", "at_grade", 250, 300),
    )
    depot = Site("depot", "depot", box(X + 150, Y, X + 250, Y + 100), None, True)
    work = Work("l", {"en": "L"}, "concept", False, course, {}, parts, (depot,))
    table = corridor_crossings(work, replace(SMALL, corridors=CORRIDOR)).set_index(["corridor_id", "part_id"])
    assert len(table) == 8
    bay = table.loc["bay"]
    assert bay["length_m"].to_dict() == pytest.approx({"open": 20, "under": 80, "rest": 0, "": 0})
    assert bay["underground"].to_dict() == {"open": False, "under": True, "rest": False, "": False}
    assert bay.loc["rest", "distance_m"] == pytest.approx(50) and not bay.loc["rest", "crossed"]
    assert bay.loc["open", "corridor_width_m"] == pytest.approx(100)
    assert bay.loc["", "permanent_ha"] == pytest.approx(0.5)
    # 20 m of viaduct in the corridor: a strip of 25 m is worked over, one pier at 87.5 m stands outside
    assert bay.loc["open", "temporary_ha"] == pytest.approx(20 * 25 / 1e4)
    assert bay.loc["open", "permanent_ha"] == 0 and bay.loc["under", "area_ha"] == 0
    assert table.loc["hills", "distance_m"].to_numpy() == pytest.approx([650, 650, 650, 700])
    assert not table.loc["hills", "crossed"].any()


def test_width_is_that_of_the_band_however_it_is_crossed():
    band = box(X, Y, X + 5000, Y + 300)
    for course in (
        LineString([(X + 2000, Y - 50), (X + 2000, Y + 400)]),
        LineString([(X + 1000, Y), (X + 4000, Y + 300)]),
    ):
        middle = band.intersection(course).interpolate(0.5, normalized=True)
        assert way_across(band, middle)[0] == pytest.approx(300)


DESIGNATIONS = frame(
    [
        {"designation_id": "a", "designation": "ramsar", "geometry": box(X, Y, X + 200, Y + 300)},
        {"designation_id": "b", "designation": "sssi", "geometry": box(X + 100, Y, X + 300, Y + 300)},
        {
            "designation_id": "c",
            "designation": "wetland_buffer_area",
            "geometry": box(X, Y, X + 300, Y + 300),
        },
    ],
    ("designation_id", "designation"),
)


def test_designations_and_their_union():
    result = assess([make_work()], replace(SMALL, designations=DESIGNATIONS))
    take = result.designation_take.query("component == 'formation'").set_index("designation_id")["area_ha"]
    assert take.to_dict() == pytest.approx({"a": 0.32, "b": 0.32, "c": 0.48})
    total = result.together.designated_take.query("permanence == 'permanent'").set_index("designation")[
        "area_ha"
    ]
    # ramsar and sssi share the middle cell: 300 m in all, and the buffer area is no protection
    assert total["protected"] == pytest.approx(0.48)


def test_nothing_to_build_is_zero_everywhere():
    result = assess([], replace(SMALL, designations=DESIGNATIONS, corridors=CORRIDOR))
    for name in (
        "footprint",
        "habitat_take",
        "habitat_disturbance",
        "designation_take",
        "corridor_crossings",
        "not_assessed_m",
    ):
        assert getattr(result, name).empty
    assert all(value == 0 for value in vars(headline(result)).values())
    filled = assess([make_work()], SMALL)
    assert set(result.habitat_take.columns) == set(filled.habitat_take.columns)
    assert set(result.habitat_disturbance.columns) == set(filled.habitat_disturbance.columns)
    assert set(result.footprint.columns) == set(filled.footprint.columns)


FULL = replace(
    make_land(np.random.default_rng(3).choice([0, 1, 5, 8, 13], (40, 40)), west=X - 2000, north=Y + 2000),
    designations=DESIGNATIONS, corridors=CORRIDOR,
    wildlife_sites=frame(
        [{"site_id": "e", "kind": "egretry", "geometry": Point(X, Y + 400)}], ("site_id", "kind")
    ),
)  # fmt: skip


def test_against_itself_is_zero_and_against_nothing_is_all():
    result = assess([make_work("viaduct")], FULL)
    assert (difference(result, result).headline["difference"] == 0).all()
    alone = difference(result, assess([], FULL)).headline.set_index("measure")
    assert (alone["difference"] == alone["a"]).all() and (alone["difference"] >= 0).all()
    assert alone.loc["wildlife_sites_operation", "difference"] == 1
    assert (difference(assess([], FULL), assess([], FULL)).headline["difference"] == 0).all()


def test_order_of_works_and_of_layers_changes_nothing():
    a = make_work("viaduct", line_id="a")
    b = make_work("at_grade", points=((100, 0), (900, 700)), line_id="b")
    first, second = assess([a, b], FULL), assess([b, a], FULL)
    pd.testing.assert_frame_equal(first.habitat_take, second.habitat_take)
    pd.testing.assert_frame_equal(first.together.habitat_disturbance, second.together.habitat_disturbance)
    shuffled = replace(FULL, designations=DESIGNATIONS.iloc[::-1], corridors=CORRIDOR.iloc[::-1])
    third = assess([a, b], shuffled)
    assert vars(headline(first)) == pytest.approx(vars(headline(third)))


def test_shared_ground_of_two_lines_counts_once_in_the_total():
    a, b = make_work(line_id="a"), make_work(line_id="b")
    one, two = assess([a], FULL), assess([a, b], FULL)
    assert vars(headline(one))["permanent_ha"] == pytest.approx(headline(two).permanent_ha)
    assert two.habitat_take["area_ha"].sum() == pytest.approx(2 * one.habitat_take["area_ha"].sum())
    assert headline(two).operation_wetland_ha == pytest.approx(headline(one).operation_wetland_ha)


def test_a_work_is_assessed_once():
    work = make_work("viaduct")
    assert assess_work(work, FULL) is assess_work(make_work("viaduct"), FULL)
    with pytest.raises(LayerError, match="occurs 2 times"):
        assess([work, make_work("at_grade")], FULL)


coordinate = st.tuples(st.floats(-1500, 1500), st.floats(-1500, 1500))


@st.composite
def courses(draw) -> tuple[tuple[float, float], ...]:
    a, b = draw(coordinate), draw(coordinate)
    if np.hypot(a[0] - b[0], a[1] - b[1]) < 50:
        b = (a[0] + 60, a[1])
    return (a, b)


@settings(max_examples=20)
@given(
    courses(),
    st.sampled_from(["viaduct", "bridge", "at_grade", "embankment", "immersed_tunnel", "cut_and_cover"]),
)
def test_areas_add_up(course, structure):
    result = assess([make_work(structure, course)], FULL)
    # habitats and not assessed make up the footprint, row by row, and the bands make up their rings
    rows = result.habitat_take.groupby(["component", "permanence"])["area_ha"].sum()
    whole = result.footprint.groupby(["component", "permanence"])["area_ha"].sum()
    pd.testing.assert_series_equal(rows, whole, rtol=1e-9)
    ring = rings(result.footprint)
    assert result.habitat_disturbance["area_ha"].sum() == pytest.approx(ring.area.sum() / 1e4)
    equivalents = result.habitat_disturbance[
        ["equivalent_low_ha", "equivalent_central_ha", "equivalent_high_ha", "area_ha"]
    ].sum()
    assert equivalents.is_monotonic_increasing


@settings(max_examples=15)
@given(courses(), st.floats(1, 200), st.floats(1, 200))
@example(course=((0.0, -286.0), (0.0, -174.0)), near=163.0, more=1.0)
def test_overlap_grows_with_the_buffer(course, near, more):
    line = make_work("at_grade", course).alignment
    shapes = gpd.GeoDataFrame({"k": [0, 1]}, geometry=[line.buffer(near), line.buffer(near + more)], crs=4547)
    table = habitat_overlap(shapes, FULL, ["k"]).pivot_table(
        index="habitat_id", columns="k", values="area_ha", fill_value=0
    )
    # shares of cells are single: a class that is covered whole differs by some square centimetres
    assert (table.get(1) >= table.get(0, 0) - 1e-6).all()


@settings(max_examples=15)
@given(courses(), st.sampled_from(["viaduct", "bridge"]))
def test_bored_takes_and_disturbs_no_more_than_a_viaduct(course, structure):
    shaft = Site("shaft", "ventilation_building", Point(X + 300, Y + 300), 0.3, True)
    open_air = vars(headline(assess([make_work(structure, course, (shaft,))], FULL)))
    bored = vars(headline(assess([make_work("bored_tunnel", course, (shaft,))], FULL)))
    for name, value in bored.items():
        if name.startswith(("permanent", "operation", "shade", "wildlife", "corridors_crossed_open")):
            assert value <= open_air[name] + 1e-6, name
    assert bored["permanent_ha"] > 0


def test_layers_in_another_system_and_with_faults_are_refused():
    with pytest.raises(CrsError, match="layer designations: CRS EPSG:4326"):
        replace(SMALL, designations=DESIGNATIONS.to_crs(4326))
    with pytest.raises(MissingColumnError, match="no column corridor_id"):
        replace(SMALL, corridors=CORRIDOR.drop(columns="corridor_id"))
    with pytest.raises(LayerError, match="codes without a class: 99"):
        make_land(np.array([[1, 99]]))
    with pytest.raises(LayerError, match="nodata 5 is also a class"):
        replace(SMALL, nodata=5)
    holed = DESIGNATIONS.copy()
    holed.loc[0, "geometry"] = None
    with pytest.raises(GeometryError, match="layer designations, a: an empty geometry"):
        replace(SMALL, designations=holed)
    with pytest.raises(CrsError, match="EPSG:4547"):
        replace(SMALL, designations=DESIGNATIONS.set_geometry(DESIGNATIONS.translate(-X + 100, -Y + 20)))
    with pytest.raises(CrsError, match="degrees"):
        replace(SMALL, habitat_epsg=4326)


def test_land_from_files_in_degrees():
    degrees = [frame_in_wgs84(f) for f in (DESIGNATIONS, CORRIDOR, FULL.wildlife_sites.iloc[:0])]
    land = Land(
        np.ones((4, 4), dtype=np.uint8),
        Affine(0.1, 0, 113.8, 0, -0.1, 22.8),
        CLASSES,
        *map(frame_in_metres, degrees),
    )
    assert land.designations.geometry.area.sum() == pytest.approx(DESIGNATIONS.area.sum(), rel=1e-6)
    assert by_habitat(
        assess([make_work()], land).habitat_take.query("component == 'formation'")
    ) == pytest.approx({"woodland": 0.48})
    with pytest.raises(CrsError, match="CRS EPSG:4326; expected EPSG:4547"):
        Land(land.habitat, land.transform, CLASSES, *degrees)


def test_far_off_lines_add_up_and_near_ones_share():
    near = make_work("viaduct", points=((0, 0), (500, 0)), line_id="a")
    beside = make_work("viaduct", points=((0, 300), (500, 300)), line_id="b")
    far = make_work("viaduct", points=((0, 9000), (500, 9000)), line_id="c")
    area = {k: assess(w, FULL).together.habitat_disturbance["area_ha"].sum() for k, w in
            (("a", [near]), ("b", [beside]), ("c", [far]), ("ab", [near, beside]), ("ac", [near, far]))}  # fmt: skip
    assert area["ac"] == pytest.approx(area["a"] + area["c"])
    assert area["a"] < area["ab"] < area["a"] + area["b"]
    # what is taken is the same whether lines are judged as one or apart
    take = assess([near, beside], FULL)
    assert take.together.habitat_take["area_ha"].sum() == pytest.approx(take.footprint["area_ha"].sum())


def test_widths_do_not_matter_to_a_bored_tunnel():
    work = make_work("bored_tunnel", sites=(Site("s", "depot", Point(X, Y), 2.0, True),))
    assert assess([work], FULL, case="low") is assess([work], FULL, case="high")
    open_air = [
        headline(assess([make_work("bridge")], FULL, case=c)).temporary_ha for c in ("low", "central", "high")
    ]
    assert open_air == sorted(set(open_air))
