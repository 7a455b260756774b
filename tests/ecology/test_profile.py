"""Profiles, footprints and parameters: answers derived by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from corridor.core.errors import CrsError, GeometryError, LayerError
from corridor.drawing.long_section import finding_text
from corridor.ecology.land.checks import read_csv
from corridor.ecology.works.footprint import combined, footprint
from corridor.ecology.works.parameters import SHIPPED, UNITS, Quantity, parameter_table
from corridor.ecology.works.profile import Part, Site, Work, findings
from corridor.schema.tables import Case

X, Y = 500_000.0, 2_500_000.0


def line(*points: tuple[float, float]) -> LineString:
    return LineString([(X + a, Y + b) for a, b in points])


def straight(
    length_m: float, structure: str = "viaduct", sites: tuple[Site, ...] = (), line_id: str = "l"
) -> Work:
    course = line((0, 0), (length_m, 0))
    return Work(
        line_id, {"en": "Line"}, "concept", False, course, {}, (Part("p", structure, 0, length_m),), sites
    )


def hectares(work: Work, component: str) -> float:
    frame = footprint(work)
    return float(frame.loc[frame["component"] == component, "area_ha"].sum())


def test_viaduct_piers_are_counted_and_squared():
    # 350 m at one pier every 35 m, the first at 17.5 m: 10 piers of 6 m x 6 m = 360 m2 = 0.036 ha
    frame = footprint(straight(350)).set_index("component")
    assert frame.loc["pier", "pieces"] == 10
    assert frame.loc["pier", "area_ha"] == pytest.approx(0.036)
    # works strip 350 x 25 = 8750 m2 holds the pier works 10 x (144 - 36) = 1080 m2 and the piers 360 m2
    assert frame.loc["pier_works", "area_ha"] == pytest.approx(0.108)
    assert frame.loc["works_strip", "area_ha"] == pytest.approx((8750 - 1440) / 1e4)
    # deck 350 x 11 less the piers below it
    assert frame.loc["deck_shade", "area_ha"] == pytest.approx((3850 - 360) / 1e4)
    assert set(frame["permanence"]) == {"permanent", "temporary", "shade"}
    assert frame["assumed"].all()


@pytest.mark.parametrize(
    ("structure", "component", "width_m", "permanence"),
    [
        ("at_grade", "formation", 16, "permanent"),
        ("embankment", "formation", 30, "permanent"),
        ("cut_and_cover", "trench", 30, "temporary"),
        ("immersed_tunnel", "rock_protection", 30, "permanent"),
    ],
)
def test_strips_are_length_times_width(structure: str, component: str, width_m: float, permanence: str):
    frame = footprint(straight(1000, structure)).set_index("component")
    assert frame.loc[component, "area_ha"] == pytest.approx(1000 * width_m / 1e4)
    assert frame.loc[component, "permanence"] == permanence


def test_immersed_trench_counts_the_sea_bed_once():
    # 60 m trench less the 30 m of rock that stays
    assert hectares(straight(1000, "immersed_tunnel"), "trench") == pytest.approx(3.0)


def test_bored_tunnel_takes_its_sites_only():
    shaft = Site("shaft", "shaft", Point(X + 500, Y), 0.25, True)
    depot = Site("depot", "depot", Point(X, Y + 900), 12.0, True, ("W03",), True, "B")
    assert footprint(straight(1000, "bored_tunnel")).empty
    frame = footprint(straight(1000, "bored_tunnel", (shaft, depot))).set_index("site_id")
    assert frame["area_ha"].to_dict() == pytest.approx({"depot": 12.0, "shaft": 0.25})
    assert frame.loc["depot", "source"] == "W03"
    assert frame["operation"].to_dict() == {"depot": True, "shaft": False}


def test_station_disturbs_in_operation_only_where_the_line_runs_in_the_open():
    box_site = Site("s", "station_box", Point(X + 500, Y), 1.0, True)
    assert not footprint(straight(1000, "bored_tunnel", (box_site,)))["operation"].any()
    frame = footprint(straight(1000, "viaduct", (box_site,)))
    assert frame.loc[frame["site_id"] == "s", "operation"].all()


def test_a_station_partly_in_the_open_disturbs_and_a_site_that_goes_again_does_not():
    # the station is where the tunnel ends and the viaduct begins; a depot that is cleared afterwards sees no trains
    station, yard = (
        Site("s", "station_box", Point(X + 500, Y), 1.0, True),
        Site("y", "depot", Point(X, Y + 900), 2.0, False),
    )
    parts = Part("t", "bored_tunnel", 0, 500), Part("v", "viaduct", 500, 1000)
    work = Work("l", {"en": "Line"}, "concept", False, line((0, 0), (1000, 0)), {}, parts, (station, yard))
    sites = footprint(work).query("site_id != ''").set_index("site_id")["operation"]
    assert sites.to_dict() == {"s": True, "y": False}


def test_a_pier_where_two_parts_meet_is_one_pier():
    # the first pier is at 17.5 m, half a span from the start: of the part that begins there
    parts = Part("p", "viaduct", 0, 17.5), Part("q", "viaduct", 17.5, 35)
    frame = footprint(Work("l", {"en": "Line"}, "concept", False, line((0, 0), (35, 0)), {}, parts))
    assert dict(frame.query("component == 'pier'")[["part_id", "pieces"]].to_numpy()) == {"q": 1}


def test_a_figure_with_a_source_is_surer_than_an_assumption_and_a_sum_no_surer_than_its_parts():
    known = read_csv("ecology/profile_parameters.csv")
    known.loc[
        (known["subject"] == "at_grade") & (known["component"] == "formation"), ["source", "confidence"]
    ] = "V01", "B"
    frame = footprint(straight(1000, "at_grade"), parameter_table(known)).set_index("component")
    assert (frame.loc["formation", "confidence"], frame.loc["works_strip", "confidence"]) == ("C", "M")
    assert not frame.loc["formation", "assumed"] and frame.loc["works_strip", "assumed"]
    # a surveyed depot (A) and a strip by assumption (M) are one row of the sum: M
    depot = Site("depot", "depot", Point(X, Y + 900), 12.0, True, ("W03",), True, "A")
    whole = combined(footprint(straight(1000, "at_grade", (depot,))))
    assert whole.query("permanence == 'permanent'")["confidence"].to_list() == ["M"]


def test_site_before_part_and_permanent_before_temporary():
    # a permanent yard of 100 x 100 m over the line takes the piers and the strip below it: nothing twice
    yard = Site("yard", "depot", box(X + 100, Y - 50, X + 200, Y + 50), None, True)
    frame = footprint(straight(350, sites=(yard,)))
    take = frame[frame["permanence"] != "shade"]
    assert take["area_ha"].sum() == pytest.approx(take.union_all().area / 1e4)
    # piers at 122.5, 157.5 and 192.5 m stand inside the yard
    assert frame.loc[frame["component"] == "pier", "area_ha"].item() == pytest.approx(7 * 36 / 1e4)


def test_low_case_takes_least_and_high_most():
    work = straight(2000)
    areas = [
        footprint(work, case=c).query("permanence == 'permanent'")["area_ha"].sum()
        for c in ("low", "central", "high")
    ]
    assert areas == sorted(areas) and areas[0] < areas[2]


@pytest.mark.parametrize(
    ("case", "spacing_m", "side_m"), [("low", 45, 4), ("central", 35, 6), ("high", 30, 8)]
)
def test_the_low_case_has_small_piers_far_apart(case: Case, spacing_m: float, side_m: float):
    # 1,260 m is a whole number of spans in each case: 28, 36 and 42
    piers = footprint(straight(1260), case=case).set_index("component").loc["pier"]
    assert piers["pieces"] == 1260 / spacing_m
    assert piers["area_ha"] == pytest.approx(1260 / spacing_m * side_m**2 / 1e4)


@settings(max_examples=25)
@given(
    st.lists(st.floats(10, 1990), min_size=1, max_size=5, unique=True),
    st.sampled_from(["viaduct", "at_grade", "bridge"]),
)
def test_dividing_a_part_changes_no_area(cuts: list[float], structure: str):
    ends = [0.0, *sorted(cuts), 2000.0]
    ends = [e for i, e in enumerate(ends) if i == 0 or e - ends[i - 1] > 1.5]
    ends[-1] = 2000.0
    course = line((0, 0), (2000, 0))
    parts = tuple(
        Part(f"p{i}", structure, a, b) for i, (a, b) in enumerate(zip(ends, ends[1:], strict=False))
    )
    divided = footprint(Work("l", {"en": "Line"}, "concept", False, course, {}, parts))
    whole = footprint(straight(2000, structure))
    for component, area_ha in whole.groupby("component")["area_ha"].sum().items():
        assert divided.groupby("component")["area_ha"].sum()[component] == pytest.approx(area_ha, rel=1e-6)


def test_lines_together_count_shared_ground_once():
    a, b = straight(1000, "at_grade"), straight(1000, "at_grade", line_id="m")
    import geopandas as gpd
    import pandas as pd

    both = gpd.GeoDataFrame(pd.concat([footprint(a), footprint(b)], ignore_index=True), crs=4547)
    whole = combined(both)
    assert whole["area_ha"].sum() == pytest.approx(footprint(a)["area_ha"].sum())


def test_parameters_are_declared_with_range_unit_and_source():
    frame = read_csv("ecology/profile_parameters.csv")
    assert (frame["low"] <= frame["central"]).all() and (frame["central"] <= frame["high"]).all()
    assert (frame["unit"] == frame["quantity"].map(UNITS)).all() and (frame["reason"].str.len() > 10).all()
    assert Quantity(1, 2, 3).at("high") == 3


def test_profile_faults_are_named_all_at_once():
    course = line((0, 0), (1000, 0))
    parts = (Part("a", "tube", 0, 400), Part("b", "viaduct", 300, 600), Part("b", "viaduct", 700, 1500))
    with pytest.raises(LayerError) as caught:
        Work(
            "l",
            {"en": "Line"},
            "concept",
            False,
            course,
            {"far": 2000.0},
            parts,
            (Site("s", "castle", Point(X, Y), 0, True),),
        )
    text = str(caught.value)
    for words in (
        "structure: 'tube'", "overlap from 300 to 400 m", "gap from 600 to 700 m", "outside the line",
        "'b' occurs 2 times", "kind: 'castle'", "area_ha 0", "chainage 2000 m",
    ):  # fmt: skip
        assert words in text, words


def test_gaps_at_the_ends_are_found():
    with pytest.raises(LayerError, match="gap from 0 to 10 m between the start of the line"):
        Work("l", {"en": "L"}, "concept", False, line((0, 0), (100, 0)), {}, (Part("a", "viaduct", 10, 100),))
    with pytest.raises(LayerError, match="gap from 90 to 100 m between part a and the end"):
        Work("l", {"en": "L"}, "concept", False, line((0, 0), (100, 0)), {}, (Part("a", "viaduct", 0, 90),))


def test_small_misses_are_joined_and_order_does_not_matter():
    course = line((0, 0), (1000, 0))
    parts = (Part("b", "viaduct", 500.4, 999.5), Part("a", "bored_tunnel", 0, 500))
    work = Work("l", {"en": "L"}, "concept", False, course, {}, parts)
    assert [(p.part_id, p.from_m, p.to_m) for p in work.parts] == [("a", 0, 500), ("b", 500, 1000)]
    again = Work("l", {"en": "L"}, "concept", False, course, {}, parts[::-1])
    assert work == again and hash(work) == hash(again)


@pytest.mark.parametrize(
    "course",
    [LineString([(114.0, 22.5), (114.1, 22.5)]), LineString([(836_000, 819_000), (836_900, 819_000)])],
)
def test_other_coordinates_are_refused(course: LineString):
    with pytest.raises(CrsError, match="EPSG:4547"):
        Work("l", {"en": "L"}, "concept", False, course, {}, (Part("a", "viaduct", 0, course.length),))


def test_bad_site_geometry_is_refused():
    bow_tie = Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])
    with pytest.raises(GeometryError, match="invalid polygon"):
        straight(100, sites=(Site("s", "depot", bow_tie, None, True),))
    with pytest.raises(GeometryError, match="empty geometry"):
        straight(100, sites=(Site("s", "depot", Point(), 1.0, True),))


def test_3_central_figures_of_30_have_a_source():
    # spans of the West Rail viaduct (piers and their works), exits of tunnels
    frame = read_csv("ecology/profile_parameters.csv")
    sourced = frame[frame["source"] != "assumption"]
    assert set(sourced["source"]) == {"V01", "V03"} and (len(sourced), len(frame)) == (3, 30)
    assert SHIPPED.surface_access.source == "V03" and SHIPPED.site("depot").area.range_source != "assumption"


def test_faults_of_the_file_are_named_all_at_once():
    frame = read_csv("ecology/profile_parameters.csv").astype({"low": float})
    wrong = frame[frame["component"] != "rock_protection"].copy()
    wrong.loc[wrong["component"] == "deck_shade", "low"] = 12.0
    wrong.loc[wrong["subject"] == "depot", "unit"] = "m"
    odd = frame.head(1).assign(subject="monorail")
    import pandas as pd

    with pytest.raises(LayerError) as caught:
        parameter_table(pd.concat([wrong, odd, frame.tail(1)], ignore_index=True))
    text = str(caught.value)
    for words in (
        "no row immersed_tunnel, rock_protection, width", "viaduct, deck_shade, width", "12, 11, 13",
        "bridge, deck_shade, width", "depot, site, area", "unit 'm'", "unknown row monorail", "occurs twice",
    ):  # fmt: skip
        assert words in text, words
    with pytest.raises(LayerError, match="no column central"):
        parameter_table(frame.drop(columns="central"))


def test_a_wider_figure_takes_more():
    # a reviewer's viaduct pier of 8 m instead of 6 m: 10 piers of 64 m2
    frame = read_csv("ecology/profile_parameters.csv")
    frame.loc[
        (frame["subject"] == "viaduct") & (frame["component"] == "pier") & (frame["quantity"] == "side"),
        "central",
    ] = 8.0
    piers = footprint(straight(350), parameter_table(frame)).set_index("component")
    assert piers.loc["pier", "area_ha"] == pytest.approx(0.064)


def tunnel(length_m: float, *shafts_m: float, stations: dict[str, float] | None = None) -> Work:
    sites = tuple(Site(f"s{m:.0f}", "shaft", Point(X + m, Y), 0.1, True) for m in shafts_m)
    part = Part("p", "bored_tunnel", 0, length_m)
    course = line((0, 0), (length_m, 0))
    return Work("l", {"en": "Line"}, "concept", False, course, stations or {}, (part,), sites)


def test_shafts_further_apart_than_the_rule_are_flagged():
    # 0-700 and 700-1400 keep 762 m; 1400-2400 is 1000 m, a note; 2400-4000 is 1600 m, beyond the precedent of 1330 m
    found = pd.DataFrame([vars(f) for f in findings(tunnel(4000, 700, 1400, 2400))])
    assert list(found["severity"]) == ["note", "warning"] and set(found["kind"]) == {"access_spacing"}
    assert list(zip(found["from_m"], found["to_m"], strict=True)) == [(1400, 2400), (2400, 4000)]
    assert set(found["limit"]) == {762} and set(found["source"]) == {"V03"}
    _, wide = (finding_text(f) for f in findings(tunnel(4000, 700, 1400, 2400)))
    assert "1.6 km of tunnel (2.4–4.0 km) without a way to the surface; rule: no more than 762 m" in wide.en
    assert wide.en.endswith("Wider than the precedent found (1,330 m).") and wide.zh_hant != wide.zh_hans


def test_a_station_is_a_way_out_and_a_far_or_temporary_site_is_none():
    assert not findings(tunnel(1400, 300, stations={"a": 700}))
    far = Site("far", "shaft", Point(X + 700, Y + 400), 0.1, True)
    while_built = Site("while", "shaft", Point(X + 700, Y), 0.1, False)
    (finding,) = findings(straight(1400, "bored_tunnel", (far, while_built)))
    assert finding.value == 1400 and finding.severity == "warning"


def test_parts_below_ground_are_one_tunnel_and_mouths_need_portals():
    # 0-600 bored and 600-1000 cut and cover are 1000 m without a way out; at 1000 m the line comes out
    parts = (
        Part("a", "bored_tunnel", 0, 600), Part("b", "cut_and_cover", 600, 1000), Part("c", "viaduct", 1000, 2000),
    )  # fmt: skip
    course = line((0, 0), (2000, 0))
    shaft = Site("s", "shaft", Point(X + 500, Y), 0.1, True)
    portal = Site("m", "portal", Point(X + 1000, Y), 0.5, True)

    def kinds(*sites: Site) -> list[tuple[str, float, float]]:
        work = Work("l", {"en": "L"}, "concept", False, course, {}, parts, sites)
        return [(f.kind, f.from_m, f.to_m) for f in findings(work)]

    assert kinds() == [("access_spacing", 0, 1000), ("no_sites", 0, 2000), ("no_portal", 1000, 1000)]
    assert kinds(shaft) == [("no_portal", 1000, 1000)]
    assert kinds(shaft, portal) == []


def test_areas_out_of_range_are_asked_about():
    # depots published here take 7.1 to 32.5 ha
    small = Site("d", "depot", Point(X + 50, Y), 3.0, True)
    (finding,) = findings(straight(100, "viaduct", (small,)))
    assert (finding.kind, finding.value, finding.limit, finding.unit) == ("site_area", 3.0, 7.1, "ha")
    assert "3.00 ha, less than the range of its kind (7.1–32.5 ha)" in finding_text(finding).en
    assert not findings(straight(100, "viaduct", (Site("d", "depot", Point(X + 50, Y), 12.0, True),)))
