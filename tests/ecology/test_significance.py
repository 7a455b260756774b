"""The matrix under Annex 8 headings: thresholds, rule and reasons by hand; ecosystem value; the real lines."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from corridor.core.errors import LayerError, MissingColumnError
from corridor.ecology.appraisal.ledger import (
    CASES,
    Compensation,
    assess_ledger,
    delivered_habitat,
    kept_share,
)
from corridor.ecology.appraisal.mitigation import ACCOUNTS, hierarchy
from corridor.ecology.appraisal.significance import IMPACT, LEVELS, Thresholds, combined_level, significance
from corridor.ecology.impact.assess import assess
from corridor.schema.catalog import Catalog
from corridor.study.study import Study
from tests.ecology.test_impact import SMALL, X, Y, frame, make_land, make_work

CATALOG = Catalog.bundled()
CLASSES = CATALOG.table("habitat_classes")
TABLE = CATALOG.table("significance")
THRESHOLDS = Thresholds.of(TABLE)
COMPENSATION = Compensation.of(CATALOG.table("compensation"), CLASSES)


def matrix(result, land=SMALL):
    return significance(result, land, THRESHOLDS, CLASSES, COMPENSATION)


@pytest.mark.parametrize(
    ("criterion", "subject", "value", "level"),
    [
        ("size_abundance", "wetland", 0.0, 0),
        ("size_abundance", "wetland", 0.49, 1),
        ("size_abundance", "wetland", 0.5, 2),
        ("size_abundance", "wetland", 1.7, 3),  # P01: what the refused viaduct took
        ("size_abundance", "farmland", 1.7, 2),  # no steps of its own: those of all
        ("species", "", 501.0, 0),
        ("species", "", 500.0, 1),
        ("species", "", 150.0, 2),
        ("species", "", 0.0, 3),
    ],
)
def test_steps(criterion, subject, value, level):
    assert THRESHOLDS.level(criterion, value, subject) == level


@pytest.mark.parametrize(
    ("quality", "species", "size", "duration", "reversibility", "magnitude", "level"),
    [
        (0, 0, 3, 3, 3, 3, 0),  # ground of no value, however much
        (3, 0, 0, 3, 3, 0, 0),  # the best ground, untouched
        (3, 0, 3, 3, 3, 0, 3),
        (3, 0, 1, 3, 3, 0, 2),  # (3 + 1) / 2
        (3, 0, 1, 2, 2, 0, 1),  # the same for a while, and given back
        (1, 0, 1, 1, 1, 0, 1),  # never below minor
        (0, 3, 0, 3, 1, 0, 3),  # an egretry counts by itself
    ],
)
def test_rule_by_hand(quality, species, size, duration, reversibility, magnitude, level):
    values = (quality, species, size, duration, reversibility, magnitude)
    assert combined_level(dict(zip(IMPACT, values, strict=True))) == level


def test_a_worse_criterion_never_gives_a_lower_level():
    for values in product(range(4), repeat=6):
        level = combined_level(dict(zip(IMPACT, values, strict=True)))
        for i in range(6):
            worse = (*values[:i], min(3, values[i] + 1), *values[i + 1 :])
            assert combined_level(dict(zip(IMPACT, worse, strict=True))) >= level


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.sampled_from(sorted(THRESHOLDS.steps)))
def test_levels_rise_with_harm(a, b, key):
    minor, _, severe = THRESHOLDS.steps[key]
    less, more = (max(a, b), min(a, b)) if severe < minor else (min(a, b), max(a, b))
    assert THRESHOLDS.level(key[0], less, key[1]) <= THRESHOLDS.level(key[0], more, key[1])


def test_no_works_no_rows():
    found = matrix(assess([], SMALL))
    assert found.overall.empty
    assert len(found.not_assessed) > 0


def test_a_bored_tunnel_without_sites_is_none_with_its_reason():
    found = matrix(assess([make_work("bored_tunnel")], SMALL)).overall
    assert found[["unit_id", "level_name", "reason_en"]].to_numpy().tolist() == [
        ["p", "none", "takes no ground"]
    ]


def test_line_over_ponds_by_hand():
    # at grade 16 m wide over 200 m of pond and 100 m of nothing known: 0.32 ha of pond permanently, 0.28 for the works
    found = matrix(assess([make_work()], SMALL))
    part = found.overall[found.overall["unit_kind"] == "part"].set_index("group")
    pond = part.loc["wetland"]
    assert pond[list(IMPACT)].tolist() == [3, 0, 2, 3, 3, 0]  # 0.60 ha: above 0.5
    assert pond["level_name"] == "moderate"  # (3 + 2) / 2
    assert "0.60 ha taken: 0.32 permanently, 0.28 during the works" in pond["reason_en"]
    assert "永久" in pond["reason_zh_hant"]
    # what is not known has no level, and says how much it is
    unknown = part.loc["not_assessed"]
    assert pd.isna(unknown["level"])
    assert unknown["level_name"] == "not_assessed"
    assert "0.30 ha where no habitat is known" in unknown["reason_en"]


def test_habitat_of_little_value_is_negligible():
    # ponds of value 1.5 are below the first step, and nothing is left
    classes = CLASSES.astype({"ecological_value": float})
    classes.loc[classes["habitat_id"] == "fishpond", "ecological_value"] = 1.5
    needs = Compensation.of(CATALOG.table("compensation"), classes)
    found = significance(assess([make_work()], SMALL), SMALL, THRESHOLDS, classes, needs).overall
    row = found[(found["unit_kind"] == "part") & (found["group"] == "wetland")]
    assert row["level_name"].tolist() == ["none"]
    assert "negligible value" in row["reason_en"].iloc[0]


def test_egretry_inside_the_works_is_severe_and_named():
    nest = frame(
        [{"site_id": "nest", "kind": "egretry", "geometry": box(X + 50, Y + 100, X + 100, Y + 200)}],
        ("site_id", "kind"),
    )
    land = make_land(SMALL.habitat, wildlife_sites=nest)
    found = matrix(assess([make_work()], land), land)
    row = found.overall[found.overall["group"] == "wildlife_sites"].iloc[0]
    assert row["level_name"] == "severe"
    assert row["reason_en"].startswith("nest at 0 m")
    nursery = found.habitats[
        (found.habitats["criterion"] == "nursery") & (found.habitats["habitat_id"] == "fishpond")
    ]
    assert nursery["rating"].tolist() == [3]


def test_protected_ground_counts_once_whatever_lies_over_it():
    # two designations over the same ground: the larger is taken, 0.6 ha, not the sum
    shape = box(X, Y + 100, X + 200, Y + 200)
    rows = [
        {"designation_id": i, "designation": d, "geometry": shape}
        for i, d in (("a", "ramsar"), ("b", "sssi"))
    ]
    land = make_land(SMALL.habitat, designations=frame(rows, ("designation_id", "designation")))
    found = matrix(assess([make_work()], land), land).overall
    row = found[(found["group"] == "protected") & (found["unit_kind"] == "part")].iloc[0]
    assert row["habitat_quality"] == 3
    assert "0.60 ha taken" in row["reason_en"]


def test_rarity_is_the_share_of_the_map():
    # 2 of the 8 known cells are pond
    found = matrix(assess([make_work()], SMALL)).habitats.set_index(["habitat_id", "criterion"])
    assert found.loc[("fishpond", "rarity"), "value"] == pytest.approx(2 / 8)
    assert found.loc[("fishpond", "diversity"), "reason_en"] == "needs a field survey"
    assert pd.isna(found.loc[("fishpond", "diversity"), "rating"])


def test_table_without_a_threshold_or_a_word_is_refused():
    wrong = TABLE[~((TABLE["id"] == "rarity") & (TABLE["kind"] == "threshold"))]
    wrong = wrong[wrong["id"] != "taken"]
    with pytest.raises(LayerError) as caught:
        Thresholds.of(wrong)
    assert "rarity: no thresholds" in str(caught.value)
    assert "taken: no label" in str(caught.value)
    with pytest.raises(MissingColumnError):
        Thresholds.of(TABLE.drop(columns="severe"))


def test_steps_out_of_order_are_refused():
    wrong = TABLE.copy()
    wrong.loc[(wrong["id"] == "rarity") & (wrong["kind"] == "threshold"), "moderate"] = 0.9
    with pytest.raises(LayerError, match="rising or falling"):
        Thresholds.of(wrong)


def test_every_label_has_three_scripts():
    words = TABLE[~TABLE["kind"].isin(["threshold", "rating"])]
    for row in words.itertuples():
        texts = (row.label_en, row.label_zh_hant, row.label_zh_hans)
        assert all(isinstance(t, str) and t for t in texts), row.id
        places = [sorted(p.split("}")[0] for p in t.split("{")[1:]) for t in texts]
        assert places[0] == places[1] == places[2], row.id


# -- the shipped scenarios


@cache
def study() -> Study:
    return Study.bundled()


@cache
def result(scenario_id: str):
    return assess(study().works(scenario_id), study().land)


def test_shipped_multipliers_are_those_of_the_metric():
    # Metric 4.0, sheet G-4: 0.8368 after 5 years, 0.3198 at "30+"; sheet G-3: 0.67 medium
    pond = assess_ledger(result("western-2035"), CLASSES, COMPENSATION).at("central").loc["fishpond"]
    assert pond["ratio"] == pytest.approx(1 / (0.965**3 * 0.67 * 0.75))
    rate = COMPENSATION.general.loc["central", "discount_rate"]
    assert [kept_share(years, rate) for years in (5, 32)] == pytest.approx([0.8368287006, 0.3197967361])


def test_published_offer_lies_within_the_range_of_wet_farmland():
    # P01: 3.8 ha of permanent wetland offered for 1.7 ha of wet farmland lost in Long Valley, 2.24 to 1
    ledger = assess_ledger(result("western-2035"), CLASSES, COMPENSATION)
    low, central, high = (ledger.at(case).loc["farmland", "ratio"] for case in CASES)
    assert low < 3.8 / 1.7 < high
    assert low < central < high


def test_the_tunnel_avoids_what_the_viaduct_takes():
    found = hierarchy(result("western-viaduct"), result("western-2035"), CLASSES, COMPENSATION)
    taken = found.of("lost_permanently")
    assert taken.loc["mudflat", "reference_ha"] == pytest.approx(0.115, abs=0.002)
    assert taken.loc["mudflat", "avoided_ha"] == taken.loc["mudflat", "reference_ha"]
    assert taken.loc["marine", "avoided_ha"] == pytest.approx(1.21, abs=0.02)
    function = found.of("function")
    assert function.loc["mudflat", "residual_ha"] < 0.1 * function.loc["mudflat", "reference_ha"]
    gap = found.accounts["reference_ha"] - found.accounts[ACCOUNTS].sum(axis=1)
    assert gap.abs().max() < 1e-9


def test_ecology_first_spares_the_ponds_and_claims_no_new_area():
    delivered = delivered_habitat(study().land, study().scenario("ecology-first").delivered_designations)
    found = hierarchy(result("both-2035"), result("ecology-first"), CLASSES, COMPENSATION, delivered)
    assert found.of("lost_temporarily").loc["fishpond", "avoided_ha"] == pytest.approx(1.52, abs=0.02)
    assert delivered["created_ha"].sum() == 0
    # the parks are pledged to San Tin: nothing is counted in the central case, all that is left in the low one
    assert found.of("function").loc["fishpond", "compensated_ha"] == 0
    low = found.of("function", "low").loc["fishpond"]
    assert low["residual_ha"] == 0
    assert low["compensated_ha"] == low["alternative_ha"]


def test_the_viaduct_is_worse_for_wetland_than_the_tunnel():
    land = study().land
    rows = {}
    for scenario in ("western-viaduct", "western-2035"):
        o = matrix(result(scenario), land).overall
        rows[scenario] = o[(o["line_id"] == "hswrl") & (o["group"] == "wetland") & (o["unit_kind"] == "line")]
    viaduct, tunnel = (rows[s]["level"].iloc[0] for s in ("western-viaduct", "western-2035"))
    assert LEVELS[viaduct] == "severe"
    assert tunnel < viaduct


def test_a_baseline_has_no_losses_and_no_rows():
    today = result("baseline-2024")
    assert matrix(today, study().land).overall.empty
    accounts = hierarchy(today, today, CLASSES, COMPENSATION).accounts
    assert (accounts[[*ACCOUNTS, "reference_ha"]] == 0).all(axis=None)


def test_habitat_beyond_the_curve_is_none_and_says_so():
    # a strip of pond 800 m away: inside the outermost band, where the central curve is 0

    cells = np.full((12, 12), 13)
    cells[1] = 5
    land = make_land(cells, north=Y + 1200)
    found = matrix(assess([make_work(points=((300, 200), (900, 200)))], land), land).overall
    row = found[found["group"] == "wetland"]
    assert row[["level_name", "reason_en"]].to_numpy().tolist() == [
        ["none", "too far to be disturbed by the central curve"]
    ]
    built = found[(found["group"] == "built") & (found["unit_kind"] == "line")]
    assert built["reason_en"].tolist() == ["near it only ground of negligible value"]
