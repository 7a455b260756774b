"""The ledger: every figure by hand, and what must always hold."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from corridor.core.errors import LayerError, MissingColumnError
from corridor.ecology.appraisal.ledger import (
    AREAS,
    CASES,
    NEED,
    REQUIRED,
    Compensation,
    assess_ledger,
    delivered_habitat,
)
from corridor.ecology.appraisal.mitigation import ACCOUNTS, VALUES, hierarchy
from corridor.ecology.impact.assess import Together, assess
from tests.ecology.test_impact import SMALL, X, Y, frame, make_land, make_work

CLASSES = pd.DataFrame(
    [
        ("woodland", "woodland", 4),
        ("fishpond", "wetland", 5),
        ("marine", "marine", 3),
        ("built_up", "built", 1),
    ],
    columns=["habitat_id", "group", "ecological_value"],
)


def table(**changes: tuple[float, float, float]) -> pd.DataFrame:
    """Round numbers: half lost each year late (r = 0.5), 1 year of works, so that fractions are exact."""
    rows = {
        ("discount_rate", ""): (0.5, 0.5, 0.5), ("works_years", ""): (1, 1, 2), ("place_factor", ""): (1, 0.5, 0.5),
        ("uplift", ""): (0.5, 0.5, 0), ("additional_share", ""): (1, 0.5, 0),
    }  # fmt: skip
    for habitat in CLASSES["habitat_id"]:
        rows[("years_to_function", habitat)] = (1, 1, 2)
        rows[("delivery_factor", habitat)] = (1, 0.5, 0.25)
        rows[("condition", habitat)] = (0.5, 0.5, 1)
        rows[("compensated", habitat)] = (0, 0, 0) if habitat == "built_up" else (1, 1, 1)
    for name, values in changes.items():
        quantity, _, habitat = name.partition("__")
        rows[(quantity, habitat)] = values
    return pd.DataFrame(
        [(*key, *values) for key, values in rows.items()],
        columns=["quantity", "habitat_id", "low", "central", "high"],
    )


def together(take: list[tuple], disturbed: list[tuple] = ()) -> Together:
    """take: permanence, habitat_id, area_ha; disturbed: phase, habitat_id, low, central, high equivalents."""
    names = ["permanence", "habitat_id", "area_ha"]
    equivalents = ["equivalent_low_ha", "equivalent_central_ha", "equivalent_high_ha"]
    return Together(
        habitat_take=pd.DataFrame(take, columns=names),
        designated_take=pd.DataFrame(columns=["permanence", "designation", "area_ha"]),
        habitat_disturbance=pd.DataFrame(disturbed, columns=["phase", "habitat_id", *equivalents]),
        designated_disturbance=pd.DataFrame(columns=["phase", "designation", *equivalents]),
        take_by_class=pd.DataFrame(columns=["permanence", "designation_class", "group", "area_ha"]),
    )


class Result:
    """A result that has nothing but its totals."""

    def __init__(self, whole: Together):
        self.together = whole


def ledger_of(whole: Together, compensation: pd.DataFrame | None = None, **options):
    return assess_ledger(Result(whole), CLASSES, table() if compensation is None else compensation, **options)


def test_pond_lost_permanently_by_hand():
    # 2 ha of pond; central: a hectare one year late keeps 0.5, delivers 0.5, in a place worth 0.5: 1 / 0.125 = 8
    pond = ledger_of(together([("permanent", "fishpond", 2.0)])).at("central").loc["fishpond"]
    assert pond["ratio"] == pytest.approx(8)
    assert pond["required_ha"] == pond["required_permanent_ha"] == pytest.approx(16)
    assert pond["balance_area_ha"] == pytest.approx(-2)
    assert pond["function_lost_units"] == pytest.approx(2 * 5 * 0.5)


def test_pond_lost_temporarily_is_a_share_of_one_lost_permanently():
    # one year of works and one to grow back, half kept each year: 1 - 0.25 = 0.75 of each hectare
    pond = ledger_of(together([("temporary", "fishpond", 4.0)])).at("central").loc["fishpond"]
    assert pond["temporary_debt_ha"] == pond["function_lost_ha"] == pytest.approx(3)
    assert pond["required_temporary_ha"] == pytest.approx(24)
    assert pond["balance_area_ha"] == 0


def test_disturbance_in_the_works_and_then_for_ever():
    # 1 ha equivalent during the one year of works: 1 - 0.5; 2 ha ever after: 2 x 0.5
    rows = [("construction", "marine", 0, 1.0, 0), ("operation", "marine", 0, 2.0, 0)]
    sea = ledger_of(together([], rows)).at("central").loc["marine"]
    assert sea["disturbance_debt_ha"] == sea["function_lost_ha"] == pytest.approx(0.5 + 1.0)
    # each case reads its own curve: the low and high equivalents are 0
    assert ledger_of(together([], rows)).at("low").loc["marine", "function_lost_ha"] == 0


def test_permanent_disturbance_is_as_bad_as_losing_it():
    # the same hectare disturbed fully in both phases is worth a hectare lost permanently, whatever the years
    rows = [("construction", "marine", 1.0, 1.0, 1.0), ("operation", "marine", 1.0, 1.0, 1.0)]
    found = ledger_of(together([], rows)).habitats.set_index(["habitat_id", "case"])["function_lost_ha"]
    assert found.loc["marine"].tolist() == pytest.approx([1, 1, 1])


def test_ground_without_habitat_is_listed_and_claims_nothing():
    built = ledger_of(together([("permanent", "built_up", 7.0)])).at("central").loc["built_up"]
    assert built["lost_permanently_ha"] == 7
    assert built[[*NEED, *REQUIRED, "balance_area_ha"]].tolist() == [0] * 9


def test_shade_is_not_added_to_the_loss():
    pond = ledger_of(together([("shade", "fishpond", 3.0)])).at("central").loc["fishpond"]
    assert pond["shaded_ha"] == 3
    assert pond["function_lost_ha"] == 0


def test_what_is_not_assessed_is_said_and_never_zero():
    found = ledger_of(together([("permanent", "not_assessed", 1.5), ("temporary", "not_assessed", 0.5)]))
    row = found.at("central").loc["not_assessed"]
    assert (row["lost_permanently_ha"], row["lost_temporarily_ha"]) == (1.5, 0.5)
    assert row[[*NEED, "required_ha", "function_lost_units"]].isna().all()
    assert found.totals["lost_permanently_ha"].sum() == 0


def test_delivered_ponds_by_hand():
    # 10 ha managed better, ready: low case 10 x 0.5 uplift x all of it = 5 ha; central x half = 2.5; high nothing
    parks = pd.DataFrame(
        [("fishpond", 0.0, 10.0, 1)], columns=["habitat_id", "created_ha", "enhanced_ha", "ready"]
    )
    found = ledger_of(together([("permanent", "fishpond", 4.0)]), delivered=parks)
    rows = {case: found.at(case).loc["fishpond"] for case in CASES}
    assert [rows[c]["function_delivered_ha"] for c in CASES] == pytest.approx([5, 2.5, 0])
    assert [rows[c]["balance_function_ha"] for c in CASES] == pytest.approx([1, -1.5, -4])
    # existing ponds are no new area, and what is still lost is to be created at the ratio 8
    assert rows["low"]["balance_area_ha"] == -4
    assert [rows[c]["still_required_ha"] for c in ("low", "central")] == pytest.approx([0, 1.5 * 8])
    # ponds pay for no other habitat: the surplus is not in the total
    assert found.totals.query("group == 'all' and case == 'low'")["balance_function_ha"].tolist() == [0]


def test_created_habitat_that_is_not_ready_is_discounted_by_the_ratio():
    parks = pd.DataFrame(
        [("fishpond", 8.0, 0.0, 0)], columns=["habitat_id", "created_ha", "enhanced_ha", "ready"]
    )
    pond = (
        ledger_of(together([("permanent", "fishpond", 1.0)]), delivered=parks).at("central").loc["fishpond"]
    )
    assert pond["function_delivered_ha"] == pytest.approx(1.0)  # 8 ha at 8 to 1
    assert pond["balance_function_ha"] == pytest.approx(0.0)
    assert pond["balance_area_ha"] == 7


def test_quality_replaces_the_condition_in_every_case():
    found = ledger_of(together([("permanent", "fishpond", 1.0)]), quality={"fishpond": 0.2})
    assert found.habitats.query("habitat_id == 'fishpond'")["function_lost_units"].tolist() == pytest.approx(
        [1] * 3
    )


def test_no_works_no_loss():
    found = assess_ledger(assess([], SMALL), CLASSES, table())
    assert "not_assessed" not in set(found.habitats["habitat_id"])
    assert (found.habitats[[*AREAS, *NEED, *REQUIRED]] == 0).all(axis=None)
    assert (found.totals[[*AREAS, *NEED, *REQUIRED]] == 0).all(axis=None)


def test_areas_are_those_of_the_result():
    result = assess([make_work("viaduct")], SMALL)
    found = assess_ledger(result, CLASSES, table()).at("central")
    taken = result.together.habitat_take.groupby(["permanence"])["area_ha"].sum()
    assert found["lost_permanently_ha"].sum() == pytest.approx(taken["permanent"])
    assert found["lost_temporarily_ha"].sum() == pytest.approx(taken["temporary"])


def test_faults_of_the_table_are_named_together():
    wrong = table(years_to_function__pond=(1, 1, 1), delivery_factor__marine=(1, 0, 0.5))
    wrong = wrong[~((wrong["quantity"] == "condition") & (wrong["habitat_id"] == "woodland"))]
    with pytest.raises(LayerError) as caught:
        Compensation.of(wrong, CLASSES)
    text = str(caught.value)
    assert "Unknown habitat 'pond'" in text
    assert "fishpond" in text
    assert "condition woodland: is missing" in text
    assert "delivery_factor marine: values [1.0, 0.0, 0.5]" in text


def test_a_table_without_a_column_is_refused():
    with pytest.raises(MissingColumnError, match="no column high"):
        Compensation.of(table().drop(columns="high"), CLASSES)


def test_unknown_delivered_habitat_is_refused():
    parks = pd.DataFrame([("pond", 0, 1, 1)], columns=["habitat_id", "created_ha", "enhanced_ha", "ready"])
    with pytest.raises(LayerError, match="fishpond"):
        ledger_of(together([]), delivered=parks)


def test_quality_outside_its_range_is_refused():
    with pytest.raises(LayerError, match="from 0 to 1"):
        ledger_of(together([]), quality={"fishpond": 3.0})


def test_delivered_habitat_counts_overlaps_once_and_only_wetland():
    # two parks over the same 100 x 100 m of pond and wood: a hectare of pond, once; wood is not managed as wetland
    shape = box(X, Y + 100, X + 100, Y + 300)
    parks = frame(
        [{"designation_id": i, "designation": "wetland_park", "geometry": shape} for i in ("a", "b")],
        ("designation_id", "designation"),
    )
    land = make_land(SMALL.habitat, designations=parks)
    ponds = delivered_habitat(land, ("a", "b"))
    assert ponds["habitat_id"].tolist() == ["fishpond"]
    assert ponds["enhanced_ha"].tolist() == pytest.approx([1.0])
    assert ponds["created_ha"].tolist() == [0]
    with pytest.raises(LayerError, match="designation 'c'"):
        delivered_habitat(land, ("c",))


def test_restored_habitat_comes_late_and_what_is_delivered_too_counts_once():
    # 'ready' is one hectare of pond, 'late' that and another: half of the two hectares is ready
    shapes = {"ready": box(X, Y + 100, X + 100, Y + 200), "late": box(X, Y + 100, X + 200, Y + 200)}
    parks = frame(
        [{"designation_id": i, "designation": "wetland_park", "geometry": g} for i, g in shapes.items()],
        ("designation_id", "designation"),
    )
    land = make_land(SMALL.habitat, designations=parks)
    (pond,) = delivered_habitat(land, ("ready",), ("late",)).to_dict("records")
    assert pond == pytest.approx({"habitat_id": "fishpond", "created_ha": 0, "enhanced_ha": 2, "ready": 0.5})
    assert delivered_habitat(land, (), ("late",))["ready"].tolist() == [0]
    # half of it works at once, half at one to eight: (0.5 + 0.5 / 8) x 0.25 gained of 2 ha
    found = ledger_of(together([]), delivered=pd.DataFrame([pond])).at("central").loc["fishpond"]
    assert found["function_delivered_ha"] == pytest.approx(0.28125)
    with pytest.raises(LayerError, match="designation 'c'"):
        delivered_habitat(land, (), ("c",))


def compare(reference: Together, alternative: Together, **options):
    return hierarchy(Result(reference), Result(alternative), CLASSES, table(), **options)


def gap(found) -> float:
    rows = found.accounts
    return float((rows["reference_ha"] - rows[ACCOUNTS].sum(axis=1)).abs().max())


def test_hierarchy_by_hand():
    # reference: 3 ha of pond permanently, 8 ha disturbed permanently; the alternative 1 ha and 2 ha, and 4 ha of new pond ready
    reference = together([("permanent", "fishpond", 3.0)], [("operation", "fishpond", 8.0, 8.0, 8.0)])
    alternative = together([("permanent", "fishpond", 1.0)], [("operation", "fishpond", 2.0, 2.0, 2.0)])
    parks = pd.DataFrame(
        [("fishpond", 1.5, 0.0, 1)], columns=["habitat_id", "created_ha", "enhanced_ha", "ready"]
    )
    found = compare(reference, alternative, delivered=parks)
    # avoided 2 ha of take; minimised (8 - 2) x 0.5 kept after one year of works; of 1 + 2 x 0.5 = 2 ha, 1.5 made good
    function = found.of("function").loc["fishpond", VALUES].tolist()
    assert function == pytest.approx([3 + 4, 2, 2, 3, 1.5, 0.5, 0])
    # in area 1 ha is still taken and 1.5 ha are new: at most all of it is compensated
    assert found.of("lost_permanently").loc["fishpond", VALUES].tolist() == pytest.approx(
        [3, 1, 2, 0, 1, 0, 0]
    )


def test_more_take_is_negative_avoidance_and_said_as_added():
    found = compare(together([("temporary", "woodland", 1.0)]), together([("temporary", "woodland", 4.0)]))
    assert found.of("lost_temporarily").loc["woodland", VALUES].tolist() == pytest.approx(
        [1, 4, -3, 0, 0, 4, 3]
    )


HECTARES = st.floats(0, 1e4, allow_nan=False, allow_infinity=False)
HABITATS = st.sampled_from(["woodland", "fishpond", "marine", "built_up", "not_assessed"])
TAKES = st.lists(
    st.tuples(st.sampled_from(["permanent", "temporary", "shade"]), HABITATS, HECTARES), max_size=6
)
DISTURBANCES = st.lists(
    st.tuples(st.sampled_from(["construction", "operation"]), HABITATS, HECTARES, HECTARES, HECTARES),
    max_size=6,
)


@settings(max_examples=10)
@given(TAKES, DISTURBANCES, TAKES, DISTURBANCES, HECTARES, HECTARES)
def test_the_accounts_close(take_a, rows_a, take_b, rows_b, created_ha, enhanced_ha):
    parks = pd.DataFrame(
        [("fishpond", created_ha, enhanced_ha, 1)],
        columns=["habitat_id", "created_ha", "enhanced_ha", "ready"],
    )
    found = compare(together(take_a, rows_a), together(take_b, rows_b), delivered=parks)
    assert not found.accounts[VALUES].isna().any(axis=None)
    assert gap(found) <= 1e-9 * max(1.0, found.accounts["reference_ha"].max())
    assert (found.accounts[["compensated_ha", "residual_ha", "added_ha"]] >= 0).all(axis=None)


@settings(max_examples=10)
@given(TAKES, DISTURBANCES)
def test_a_design_against_itself_avoids_nothing(take, rows):
    found = compare(together(take, rows), together(take, rows)).accounts
    assert (found[["avoided_ha", "minimised_ha", "compensated_ha", "added_ha"]] == 0).all(axis=None)
    assert found["residual_ha"].equals(found["reference_ha"])


@settings(max_examples=10)
@given(TAKES, DISTURBANCES)
def test_more_need_never_asks_for_less(take, rows):
    # equivalents that rise from the low to the high curve, as the shipped ones do
    rising = [(phase, habitat, *sorted(values)) for phase, habitat, *values in rows]
    needs = ledger_of(together(take, rising)).totals.query("group == 'all'").set_index("case")["required_ha"]
    assert needs["low"] <= needs["central"] * (1 + 1e-12) + 1e-12
    assert needs["central"] <= needs["high"] * (1 + 1e-12) + 1e-12


def test_designations_are_accounted_in_area_and_never_compensated():
    park = frame(
        [
            {
                "designation_id": "a",
                "designation": "wetland_park",
                "geometry": box(X, Y + 100, X + 300, Y + 200),
            }
        ],
        ("designation_id", "designation"),
    )
    land = make_land(SMALL.habitat, designations=park)
    reference, alternative = assess([make_work("at_grade")], land), assess([make_work("bored_tunnel")], land)
    found = hierarchy(reference, alternative, CLASSES, table())
    # 300 x 16 m of formation within the park, all of it avoided by a tunnel that takes nothing
    kept = found.of("lost_permanently", kind="designation").loc["wetland_park", VALUES].tolist()
    assert kept == pytest.approx([0.48, 0, 0.48, 0, 0, 0, 0])
    assert gap(found) < 1e-9


def test_widths_give_each_case_its_own_footprint():
    base, wide = (together([("permanent", "fishpond", ha)]) for ha in (1.0, 3.0))
    found = ledger_of(base, widths={"high": wide}).habitats.query("habitat_id == 'fishpond'")
    assert found["lost_permanently_ha"].tolist() == [1, 1, 3]


def test_cases_the_wrong_way_round_are_refused():
    with pytest.raises(LayerError) as caught:
        Compensation.of(
            table(years_to_function__marine=(3, 2, 1), delivery_factor__marine=(0.1, 0.5, 1)), CLASSES
        )
    assert "rising: the low case needs least" in str(caught.value)
    assert "falling: the low case needs least" in str(caught.value)
