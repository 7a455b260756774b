"""Seasonal rules: published distances and months, and which part or site each meets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from shapely.geometry import LineString, Point, box

from corridor.core.errors import LayerError, MissingColumnError
from corridor.ecology.appraisal.seasons import FLAG_COLUMNS, RULE_COLUMNS, season_flags, season_rules
from corridor.ecology.impact.assess import assess
from corridor.ecology.impact.disturbance import CURVES_M, EXCLUSION_RULE_M, WILDLIFE_REACH_M
from corridor.ecology.land.checks import read_csv
from corridor.ecology.land.land import Land
from corridor.ecology.works.profile import Part, Site, Work

X, Y = 500_000.0, 2_500_000.0
RULES = season_rules(read_csv("ecology/seasonal_rules.csv"))
CLASSES = pd.DataFrame(
    [(1, "woodland", "Wood", "林", "林", "woodland"), (5, "fishpond", "Ponds", "魚塘", "鱼塘", "wetland")],
    columns=["code", "habitat_id", "name_en", "name_zh_hant", "name_zh_hans", "group"],
)


def frame(rows: list[dict], columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, columns=[*columns, "geometry"], geometry="geometry", crs=4547)


def land(*wildlife: dict, ponds_from_m: float = 2000) -> Land:
    """Woodland of 4 by 4 km about the origin, ponds east of a line; cells of 10 m."""
    codes = np.ones((400, 400), dtype=np.uint8)
    codes[:, int((ponds_from_m + 2000) / 10) :] = 5
    return Land(
        codes, Affine(10, 0, X - 2000, 0, -10, Y + 2000), CLASSES,
        frame([], ["designation_id", "designation"]), frame([], ["corridor_id"]),
        frame(list(wildlife), ["site_id", "kind", "name_en", "accuracy_m"]), habitat_epsg=4547,
    )  # fmt: skip


def place(kind: str, x: float, accuracy_m: float = 0.0) -> dict:
    return {
        "site_id": f"{kind}-{x:.0f}",
        "kind": kind,
        "name_en": kind,
        "accuracy_m": accuracy_m,
        "geometry": Point(X + x, Y),
    }


def flags(ground: Land, *sites: Site, structure: str = "bored_tunnel") -> pd.DataFrame:
    course = LineString([(X - 1000, Y), (X, Y)])
    work = Work("l", {"en": "L"}, "concept", False, course, {}, (Part("p", structure, 0, 1000),), sites)
    return season_flags(assess([work], ground), ground, RULES)


# a yard of 100 m square about the origin: its eastern edge stands at x = 50 m
YARD = Site("yard", "worksite", Point(X, Y), 1.0, False)


def test_the_shipped_rules_are_those_published():
    rules = {rule.cells["rule_id"]: rule.cells for rule in RULES}
    pond = rules["spoonbill_pond"]
    assert (pond["within_m"], pond["source"], pond["confidence"]) == (150, "Q01", "A")
    assert pond["within_m"] == EXCLUSION_RULE_M
    assert "more than 10" in pond["rule_en"]
    assert "17:00" in pond["rule_zh_hant"] and "07:30" in pond["rule_zh_hans"]
    assert pond["months"] == "10-3" and pond["months_source"] != pond["source"]
    assert (rules["night_roost"]["within_m"], rules["night_roost"]["source"]) == (100, "Q02")
    assert rules["egretry_breeding"]["months"] == "3-8"
    assert rules["egretry_breeding"]["distance_confidence"] == "M"
    assert rules["flight_path"]["months"] == "1-12"


def test_curves_are_those_of_the_noted_distances():
    # from memory (Q05): exclusion 100 m and reduced density to 200-400 m in construction, 0-50 and 100-200 m in
    # operation for the large birds; half of that for the small ones
    curves = {(phase, case): ends for phase, cases in CURVES_M.items() for case, ends in cases.items()}
    assert curves["construction", "high"] == (100, 400) and curves["operation", "high"] == (50, 200)
    for phase in ("construction", "operation"):
        full, zero = curves[phase, "central"]
        assert curves[phase, "low"] == (full / 2 if phase == "construction" else 0, zero / 2)
    assert WILDLIFE_REACH_M == 500  # the usual assessment area, Q04


def test_distances_run_from_the_edge_of_the_works():
    # 150 m from the edge is x = 200: a roost at 199 is within the rule, one at 201 is not
    found = flags(land(place("waterbird_roost", 199), place("waterbird_roost", 201)), YARD)
    (row,) = found.itertuples()
    assert (row.rule_id, row.site_id, row.subject_id) == ("spoonbill_roost", "yard", "waterbird_roost-199")
    assert row.distance_m == pytest.approx(149) and row.sure and row.months == "10-3"
    assert list(found.columns) == FLAG_COLUMNS


def test_a_place_known_badly_may_lie_within():
    # 280 m from the edge, known to 200 m: may lie within 100 m of the works, so it is asked about and not sure
    (row,) = flags(land(place("night_roost", 330, accuracy_m=200)), YARD).itertuples()
    assert row.distance_m == pytest.approx(280) and row.accuracy_m == 200 and not row.sure
    assert flags(land(place("night_roost", 351, accuracy_m=200)), YARD).empty


def test_kinds_go_by_their_own_rules():
    found = flags(land(place("egretry", 349), place("night_roost", 149), place("flight_corridor", 40)), YARD)
    assert found.set_index("rule_id")["subject_id"].to_dict() == {
        "egretry_breeding": "egretry-349",
        "flight_path": "flight_corridor-40",
        "night_roost": "night_roost-149",
    }


def test_ponds_within_150_m_are_measured():
    # ponds from x = 100 m on; the yard widened by 150 m reaches x = 200: a strip 100 m wide of a square of 400 m
    # with rounded corners; the corners at x = 50 to 200 cut 2 x (1 - pi/4) x 150^2 off the whole square, in the
    # strip beyond 100 m less: integral of 2 (50 + sqrt(150^2 - (x - 50)^2)) from 100 to 200
    t = np.linspace(50, 150, 200_001)
    strip_m2 = float(np.trapezoid(2 * (50 + np.sqrt(150**2 - t**2)), t))
    (row,) = flags(land(ponds_from_m=100), YARD).itertuples()
    assert row.rule_id == "spoonbill_pond" and row.subject_id == "fishpond" and row.subject_kind == "habitat"
    assert row.area_ha == pytest.approx(strip_m2 / 1e4, rel=0.005) and np.isnan(row.distance_m)
    assert flags(land(ponds_from_m=210), YARD).empty


def test_a_tunnel_raises_no_flag_and_a_viaduct_does():
    near = land(place("egretry", -500))
    assert flags(near).empty
    found = flags(near, structure="viaduct")
    assert set(found["part_id"]) == {"p"} and set(found["phase"]) == {"construction"}
    both = flags(land(place("flight_corridor", -500)), structure="viaduct")
    assert list(both["phase"]) == ["construction", "operation"]


def test_no_works_and_no_places_give_an_empty_table():
    assert list(flags(land(), YARD).columns) == FLAG_COLUMNS and flags(land(), YARD).empty
    nothing = land(place("egretry", 0))
    assert season_flags(assess([], nothing), nothing, RULES).empty


def test_faults_of_the_rules_are_named_all_at_once():
    good = dict.fromkeys(RULE_COLUMNS, "x") | {
        "applies_to": "wildlife", "phase": "both", "within_m": 100, "months": "3-8", "rule_id": "good",
    }  # fmt: skip
    bad = good | {"rule_id": "bad", "applies_to": "sky", "phase": "night", "within_m": -1, "months": "13-2"}
    with pytest.raises(LayerError) as caught:
        season_rules(pd.DataFrame([good, bad]))
    for words in ("seasonal rules, bad", "'sky'", "'night'", "within_m -1", "'13-2'"):
        assert words in str(caught.value), words
    with pytest.raises(MissingColumnError, match="months"):
        season_rules(pd.DataFrame([good]).drop(columns="months"))
    assert season_rules(pd.DataFrame([good]))[0].phases == ("construction", "operation")


def test_a_box_of_its_own_is_read():
    # a wildlife site as an outline: distance to its edge
    outline = place("waterbird_roost", 0) | {"geometry": box(X + 150, Y - 10, X + 300, Y + 10)}
    (row,) = flags(land(outline), YARD).itertuples()
    assert row.distance_m == pytest.approx(100)
