"""Advanced mode, one to all, all to one, and pairs included: circuits derived by hand, Circuitscape's own cases, laws."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corridor.core.errors import LayerError, ParameterError
from corridor.ecology.circuits import memory as circuit_memory
from corridor.ecology.circuits.flow import Flow, Grounds, Sources, solve_advanced
from corridor.ecology.circuits.graph import checked
from corridor.ecology.circuits.modes import FocalFlows, all_to_one, one_to_all
from corridor.ecology.circuits.points import focal_of_points, values_of_points
from corridor.ecology.circuits.resistance import CircuitGrid, effective_resistance
from tests.paths import DATA

SUITE: Mapping[str, Any] = json.loads((DATA / "circuitscape_modes.json").read_text(encoding="utf-8"))
OHM_TOLERANCE, MAP_TOLERANCE = 1e-8, 1e-10
"""Largest difference of a resistance; of a map, the sum of squared differences over its cells (the suite allows 1e-6)."""
X = np.nan


def floats(rows: Any) -> np.ndarray:
    return np.array([[X if v is None else v for v in row] for row in rows], dtype=float)


def flow(resistance: Any, amps: Any, ohm: Any, **options: Any) -> Flow:
    return solve_advanced(
        resistance, Sources(np.array(amps, float)), Grounds(np.array(ohm, float)), **options
    )


def far(ours: np.ndarray, rows: Any) -> float:
    """The suite's measure; Circuitscape writes 0 where there is no data or no way."""
    return float(((np.nan_to_num(ours) - floats(rows)) ** 2).sum())


def options(case: Mapping[str, Any]) -> dict[str, Any]:
    short = case["short_circuits"]
    return {
        **{k: case[k] for k in ("neighbours", "average", "conductances")},
        "short_circuits": None if short is None else floats(short),
    }


# --- cells without data in regions, by hand ----------------------------------------------------


def test_a_focal_cell_without_data_joins_the_region_it_lies_in() -> None:
    # focal 2 has no data, but lies in short-circuit region 7, whose other cell is 1 ohm from focal 1
    row, focal, short = [[1.0, 1.0, X]], [[1, 0, 2]], [[0, 7, 7]]
    circuit = effective_resistance(row, focal, short_circuits=short, maps=True)
    assert circuit.pairs["resistance"].tolist() == pytest.approx([1.0])
    assert circuit.focal["cells_nodata"].tolist() == [0, 1]
    assert circuit.pair_maps(1, 2).voltage.tolist() == [pytest.approx([0, 1, 1])]
    assert circuit.maximum.tolist() == [pytest.approx([1, 1, 1])]
    # without the region, or in one without any data, it stays alone
    assert effective_resistance(row, focal).pairs["state"].tolist() == ["no data"]
    assert effective_resistance(row, focal, short_circuits=[[0, 0, 7]]).pairs["state"].tolist() == ["no data"]


def test_regions_that_meet_without_data_are_one() -> None:
    # region 7 has data at the left; its cell without data is in focal 2 as well, whose other cell has none either
    row, focal, short = [[1.0, 1.0, X, X]], [[1, 0, 2, 2]], [[0, 7, 7, 0]]
    circuit = effective_resistance(row, focal, short_circuits=short)
    assert circuit.pairs["resistance"].tolist() == pytest.approx([1.0])
    # and a region without data joins a focal region that has some
    assert effective_resistance(
        [[1.0, 1.0, X, X]], [[1, 2, 2, 0]], short_circuits=[[0, 0, 7, 7]], maps=True
    ).maximum.tolist() == [pytest.approx([1, 1, 1, 1])]


def test_a_region_conducts_through_cells_without_data_by_average_conductance_alone() -> None:
    # the third cell, without data, belongs to the region of the second: to the fourth, of 1 S, it has (0 + 1) / 2 S, 2 ohm
    row, focal, short = [[1.0, 1.0, X, 1.0]], [[1, 0, 0, 2]], [[0, 7, 7, 0]]
    by_conductance = effective_resistance(row, focal, short_circuits=short, average="conductance")
    assert by_conductance.pairs["resistance"].tolist() == pytest.approx([1 + 2])
    assert effective_resistance(row, focal, short_circuits=short).pairs["state"].tolist() == ["apart"]


def test_a_region_that_loses_a_cell_stays_one_conductor() -> None:
    row, focal = np.array([[1.0, 1.0, 1.0, 1.0]]), [[1, 0, 2, 2]]
    grid, cut = CircuitGrid(row, focal, average="conductance"), np.array([[1.0, 1.0, X, 1.0]])
    changed, fresh = grid.with_changes(cut).circuit(maps=True), CircuitGrid(cut, focal, average="conductance")
    assert changed.pairs["resistance"].tolist() == pytest.approx([1 + 2])  # into the cell that was lost
    assert changed.cumulative == pytest.approx(fresh.circuit(maps=True).cumulative)


# --- pairs included, by hand -------------------------------------------------------------------


def test_pairs_that_are_left_out_are_not_solved() -> None:
    # 1 - 2 - 3 in a row: 1-2 and 2-3 of 2 ohm each; 1-3, 4 ohm, is left out of the table and of the maps
    row, focal = np.ones((1, 5)), [[1, 0, 2, 0, 3]]
    circuit = effective_resistance(row, focal, include=[(2, 1), (2, 3)], maps=True)
    assert circuit.pairs["resistance"].tolist() == pytest.approx([2.0, 2.0])
    assert np.isnan(circuit.matrix().loc[1, 3])
    assert circuit.cumulative.tolist() == [pytest.approx([1, 1, 2, 1, 1])]
    one = effective_resistance(row, focal, include=[(1, 3)])
    assert (one.focal["focal"].tolist(), one.pairs["resistance"].tolist()) == ([1, 3], pytest.approx([4.0]))


def test_a_region_of_no_pair_is_habitat() -> None:
    # focal 3 of two cells lies between 1 and 2: in no pair, its inner 1 ohm counts, even where regions are joined
    for joined in ("all", "pair"):
        circuit = effective_resistance(np.ones((1, 4)), [[1, 3, 3, 2]], include=[(1, 2)], joined=joined)  # type: ignore[arg-type]
        assert circuit.pairs["resistance"].tolist() == pytest.approx([3.0])


@pytest.mark.parametrize("include", [[], [(1, 1)], [(1, 7)]])
def test_pairs_that_cannot_be_solved_are_named(include: list[tuple[int, int]]) -> None:
    said = {0: "no pair; expected one pair", 1: "focal id 1 with itself"}
    with pytest.raises(ParameterError, match=said.get(len({*sum(include, ())}), "include: no focal id 7")):
        effective_resistance(np.ones((1, 3)), [[1, 2, 2]], include=include)


# --- advanced mode, by hand --------------------------------------------------------------------


def test_current_runs_down_a_row_to_the_ground() -> None:
    # 1 A through two resistors of 1 ohm; with 3 ohm more to the ground all voltages rise by 3
    direct = flow(np.ones((1, 3)), [[1, 0, 0]], [[X, X, 0]])
    assert direct.voltage.tolist() == [pytest.approx([2, 1, 0])]
    assert direct.current.tolist() == [pytest.approx([1, 1, 1])]
    through = flow(np.ones((1, 3)), [[1, 0, X]], [[X, X, 3]])
    assert through.voltage.tolist() == [pytest.approx([5, 4, 3])]
    assert through.current.tolist() == [pytest.approx([1, 1, 1])]  # at the end it leaves through the ground


def test_current_divides_between_grounds() -> None:
    # from the middle 1 ohm to the left, tied to the ground; 1 + 1 ohm to the right: 2/3 V, 2/3 A and 1/3 A
    found = flow(np.ones((1, 3)), [[0, 1, 0]], [[0, X, 1]])
    assert found.voltage.tolist() == [pytest.approx([0, 2 / 3, 1 / 3])]
    assert found.current.tolist() == [pytest.approx([2 / 3, 1, 1 / 3])]


def test_two_by_two_and_three_by_three() -> None:
    # two ways of 2 ohm side by side, 1 ohm; 3 x 3 from corner to corner 1.5 ohm (tests/ecology/test_circuits.py), so 3 V for 2 A
    assert flow(np.ones((2, 2)), [[1, 0], [0, 0]], [[X, X], [X, 0]], neighbours=4).voltage.tolist() == [
        pytest.approx([1, 0.5]),
        pytest.approx([0.5, 0]),
    ]
    amps, ohm = np.zeros((3, 3)), np.full((3, 3), X)
    amps[0, 0], ohm[2, 2] = 2, 0
    found = flow(np.ones((3, 3)), amps, ohm, neighbours=4)
    assert found.voltage[0].tolist() == pytest.approx([3, 2, 1.5])
    assert found.current[1].tolist() == pytest.approx([1, 1, 1])


def test_sources_may_draw_current_out() -> None:
    # 1 A in at the left, 1 A out at the right: the ground in the middle is at 0 V and gives and takes nothing
    found = flow(np.ones((1, 3)), [[1, 0, -1]], [[X, 0, X]])
    assert found.voltage.tolist() == [pytest.approx([1, 0, -1])]
    assert found.current.tolist() == [pytest.approx([1, 1, 1])]
    # the ground gives what is drawn out
    drawn = flow(np.ones((1, 2)), [[0, -1]], [[2, X]])
    assert drawn.voltage.tolist() == [pytest.approx([-2, -3])]
    assert drawn.current.tolist() == [pytest.approx([1, 1])]


def test_what_meets_in_one_conductor_adds_up() -> None:
    # the ends are one node: 1 + 1 A over two resistors of 1 ohm side by side, then 4 and 4 ohm side by side to the ground
    found = flow(np.ones((1, 4)), [[1, 0, 0, 1]], [[X, 4, 4, X]], short_circuits=[[5, 6, 6, 5]])
    assert found.voltage.tolist() == [pytest.approx([5, 4, 4, 5])]
    assert found.current.tolist() == [pytest.approx([2, 2, 2, 2])]


@pytest.mark.parametrize(
    ("remove", "voltage"),
    [
        # v0 (1 + 1) - v1 = 1; 3 v1 - v0 - v2 = 0; v2 - v1 = 2
        ("none", [4 / 3, 5 / 3, 11 / 3]),
        # the 1 A at the left is gone: 2 v0 = v1
        ("source", [2 / 3, 4 / 3, 10 / 3]),
        # its ground is gone: all 3 A leave through the middle
        ("ground", [4, 3, 5]),
        ("both", [2, 2, 4]),
    ],
)
def test_a_cell_with_source_and_ground(remove: Any, voltage: list[float]) -> None:
    found = flow(np.ones((1, 3)), [[1, 0, 2]], [[1, 1, X]], remove=remove)
    assert found.voltage.tolist() == [pytest.approx(voltage)]


def test_a_direct_ground_gives_way_to_a_source() -> None:
    # the right cell is tied to the ground and puts in 2 A: as in Circuitscape its ground goes, and 3 A leave by the left
    found = flow(np.ones((1, 2)), [[1, 2]], [[1, 0]])
    assert found.voltage.tolist() == [pytest.approx([3, 5])]
    assert found.current.tolist() == [pytest.approx([3, 2])]


def test_parts_without_source_or_ground() -> None:
    # the middle part has a ground and no source: 0 V; the right one has neither: nothing is known of it
    found = flow([[1, 1, X, 1, X, 1]], [[1, 0, 0, 0, 0, 0]], [[X, 0, X, 0, X, X]])
    assert found.voltage.tolist() == [pytest.approx([1, 0, X, 0, X, X], nan_ok=True)]
    assert found.current.tolist() == [pytest.approx([1, 1, X, 0, X, 0], nan_ok=True)]


def test_unit_sources_direct_grounds_and_conductances() -> None:
    assert Sources.unit([[True, False]]).amps.tolist() == [[1, 0]]
    assert Grounds.direct([[True, False]]).ohm.tolist() == [pytest.approx([0, X], nan_ok=True)]
    of = Grounds.of_conductances([[4, 0, np.inf, X]]).ohm
    assert of.tolist() == [pytest.approx([0.25, X, 0, X], nan_ok=True)]


# --- one to all, all to one, by hand -----------------------------------------------------------

ROW, THREE = np.ones((1, 5)), [[1, 0, 2, 0, 3]]


def test_one_to_all_in_a_row() -> None:
    # from an end only the middle is met, 2 ohm; from the middle both ways of 2 ohm, 1 ohm
    found = one_to_all(CircuitGrid(ROW, THREE), maps=True)
    assert found.table["resistance"].tolist() == pytest.approx([2, 1, 2])
    assert found.cumulative.tolist() == [pytest.approx([1.5, 1.5, 3, 1.5, 1.5])]
    assert found.maximum.tolist() == [pytest.approx([1, 1, 1, 1, 1])]
    middle = found.flow(2)
    assert middle.voltage.tolist() == [pytest.approx([0, 0.5, 1, 0.5, 0])]
    assert middle.current.tolist() == [pytest.approx([0.5, 0.5, 1, 0.5, 0.5])]


def test_all_to_one_in_a_row() -> None:
    # to the left end flow 1 A from the middle and 1 A from the right end: 2 V, 4 V, then 1 V a step
    found = all_to_one(CircuitGrid(ROW, THREE), maps=True)
    first = found.flow(1)
    assert first.voltage.tolist() == [pytest.approx([0, 2, 4, 5, 6])]
    assert first.current.tolist() == [pytest.approx([2, 2, 2, 1, 1])]
    assert found.table["amps"].tolist() == pytest.approx([2, 2, 2])
    assert found.cumulative.tolist() == [pytest.approx([4, 4, 6, 4, 4])]


def test_strengths() -> None:
    # one to all: they scale the maps alone; all to one: each source has its own, the ground's is of no account
    grid = CircuitGrid(ROW, THREE)
    strong = one_to_all(grid, strength_a={1: 3.0, 3: 0.0}, maps=True)
    assert strong.table["resistance"].tolist() == pytest.approx([2, 1, 2])
    assert strong.table["amps"].tolist() == pytest.approx([3, 1, 0])
    assert strong.cumulative.tolist() == [pytest.approx([3.5, 3.5, 4, 0.5, 0.5])]
    mixed = all_to_one(grid, strength_a={1: 9.0, 2: 0.5, 3: 0.25})
    assert mixed.flow(1).current.tolist() == [pytest.approx([0.75, 0.75, 0.75, 0.25, 0.25])]


def test_partners_that_are_left_out() -> None:
    # 1-3 alone: 2 is habitat, 4 ohm; with 2-3 as well 3 meets both of them, 2 first
    grid = CircuitGrid(ROW, THREE)
    assert one_to_all(grid, include=[(1, 3)]).table.to_numpy().tolist() == [
        [1, "connected", 1.0, pytest.approx(4.0)],
        [3, "connected", 1.0, pytest.approx(4.0)],
    ]
    more = one_to_all(grid, include=[(1, 3), (2, 3)])
    assert more.table["resistance"].tolist() == pytest.approx([4, 2, 2])
    # as regions: 2 keeps its inner 1 ohm for 1, of which it is no partner
    wide = CircuitGrid(np.ones((1, 4)), [[1, 2, 2, 3]])
    chosen = one_to_all(wide, include=[(1, 3), (2, 3)], maps=True)
    assert chosen.table["resistance"].tolist() == pytest.approx([3, 1, 1])
    # 1 to 3 through all four cells; 2 to 3 and 3 to 2 through all but the first
    assert chosen.cumulative.tolist() == [pytest.approx([1, 3, 3, 3])]
    assert all_to_one(wide, include=[(1, 3), (2, 3)]).flow(1).voltage.tolist() == [
        pytest.approx([0, 1, 2, 3])
    ]


def test_regions_that_nothing_joins_say_so() -> None:
    grid = CircuitGrid([[1, 1, X, 1, X]], [[1, 0, 2, 3, 4]], short_circuits=None)
    for run in (one_to_all, all_to_one):
        found = run(grid, maps=True)
        assert found.table["state"].tolist() == ["apart", "no data", "apart", "no data"]
        assert np.nansum(found.cumulative) == 0
    assert np.isinf(one_to_all(grid).table["resistance"]).all()
    assert np.isnan(one_to_all(grid).flow(2).voltage).all()
    together = CircuitGrid(np.ones((1, 2)), [[1, 2]], short_circuits=[[7, 7]])
    assert one_to_all(together).table.to_numpy().tolist() == [
        [1, "shorted", 0.0, 0.0],
        [2, "shorted", 0.0, 0.0],
    ]


# --- Circuitscape ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SUITE["pairwise"])
def test_pairwise_equals_circuitscape(name: str) -> None:
    case = SUITE["pairwise"][name]
    include = None if case["include"] is None else [(a, b) for a, b in case["include"]]
    circuit = effective_resistance(
        floats(case["cells"]), floats(case["focal"]), include=include, maps=True, **options(case)
    )
    # Circuitscape writes -1 where nothing joins two, for pairs that were left out and for ids of no pair
    ours = circuit.matrix().reindex(index=case["ids"], columns=case["ids"]).replace(np.inf, -1).fillna(-1)
    theirs = np.array(case["resistances"])
    apart = np.eye(len(theirs), dtype=bool)
    assert np.abs(ours.to_numpy() - theirs)[~apart].max() < OHM_TOLERANCE
    if case["maps"]:
        assert far(circuit.cumulative, case["maps"]["cum"]) < MAP_TOLERANCE


def check_focal(case: Mapping[str, Any], run: Any) -> None:
    grid = CircuitGrid(floats(case["cells"]), floats(case["focal"]), **options(case))
    include = None if case["include"] is None else [(a, b) for a, b in case["include"]]
    strengths = None if case["strength_a"] is None else {int(k): v for k, v in case["strength_a"].items()}
    found: FocalFlows = run(grid, include=include, strength_a=strengths, maps=True)
    if case["resistances"]:
        ours = found.table.set_index("focal")["resistance"].replace(np.inf, -1)  # -1 where none is reached
        assert ours[[i for i, _ in case["resistances"]]].tolist() == pytest.approx(
            [r for _, r in case["resistances"]], rel=0, abs=OHM_TOLERANCE
        )
    one = found.flow(1)
    maps = {"cum": found.cumulative, "curmap_1": one.current, "voltmap_1": one.voltage}
    for kind, rows in case["maps"].items():
        assert far(maps[kind], rows) < MAP_TOLERANCE, kind


@pytest.mark.parametrize("name", SUITE["one_to_all"])
def test_one_to_all_equals_circuitscape(name: str) -> None:
    check_focal(SUITE["one_to_all"][name], one_to_all)


@pytest.mark.parametrize("name", SUITE["all_to_one"])
def test_all_to_one_equals_circuitscape(name: str) -> None:
    check_focal(SUITE["all_to_one"][name], all_to_one)


@pytest.mark.parametrize("name", SUITE["advanced"])
def test_advanced_equals_circuitscape(name: str) -> None:
    case = SUITE["advanced"][name]
    cells, given = floats(case["cells"]), options(case)
    amps, grounds = floats(case["sources"]), floats(case["grounds"])
    ohm = grounds if case["ground_resistances"] else Grounds.of_conductances(grounds).ohm
    # the suite puts a source and grounds on cells without data, which Circuitscape passes over and we refuse
    raster, *_ = checked(cells, None, given)
    amps[np.isnan(raster)], ohm[np.isnan(raster)] = X, X
    found = solve_advanced(cells, Sources(amps), Grounds(ohm), **given)
    assert far(found.current, case["maps"]["curmap"]) < MAP_TOLERANCE
    assert far(found.voltage, case["maps"]["voltmap"]) < MAP_TOLERANCE


# --- what always holds -------------------------------------------------------------------------

SHAPE = (6, 5)
CELLS = SHAPE[0] * SHAPE[1]
whole = arrays(float, SHAPE, elements=st.floats(0.1, 100))
holed = arrays(float, SHAPE, elements=st.one_of(st.floats(0.1, 100), st.floats(0.1, 100), st.just(X)))
labels = arrays(int, SHAPE, elements=st.sampled_from([0, 0, 0, 0, 1, 2, 3])).filter(
    lambda a: np.unique(a[a > 0]).size > 1
)
ways = st.fixed_dictionaries(
    {"neighbours": st.sampled_from([4, 8]), "average": st.sampled_from(["resistance", "conductance"])}
)
amperes = arrays(float, SHAPE, elements=st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.5, -1.0])).filter(
    lambda a: a.any()
)
cell = st.integers(0, CELLS - 1)


def some_grounds(cells: list[int], ohm: float) -> np.ndarray:
    out = np.full(CELLS, X)
    out[cells] = ohm
    return out.reshape(SHAPE)


@given(
    whole,
    amperes,
    amperes,
    st.lists(cell, min_size=1, max_size=4),
    st.floats(0.1, 50),
    st.floats(-3, 3),
    ways,
)
@settings(max_examples=60)
def test_flows_add_up_and_scale_and_lose_nothing(
    resistance: np.ndarray,
    one: np.ndarray,
    other: np.ndarray,
    at: list[int],
    ohm: float,
    times: float,
    chosen: dict[str, Any],
) -> None:
    # superposition: the equations are linear. Conservation: what is put in leaves through the grounds, v / ohm each
    grounds = some_grounds(at, ohm)
    both = one + times * other
    if not both.any():
        return
    a, b, sum_ = (flow(resistance, amps, grounds, **chosen) for amps in (one, other, both))
    assert sum_.voltage == pytest.approx(a.voltage + times * b.voltage, rel=1e-6, abs=1e-6)
    assert np.nansum(a.voltage / grounds) == pytest.approx(one.sum(), abs=1e-6)
    assert (a.current >= np.abs(one) * (np.isnan(grounds)) - 1e-6).all()


@given(holed, cell, cell, cell, st.floats(0.0, 50), ways)
@settings(max_examples=60)
def test_voltage_is_reciprocal(
    resistance: np.ndarray, a: int, b: int, ground: int, ohm: float, chosen: dict[str, Any]
) -> None:
    # 1 A at a lifts b by as much as 1 A at b lifts a
    flat = resistance.ravel()
    if np.isnan(flat[[a, b, ground]]).any() or ground in (a, b):
        return
    volts = []
    for source, there in ((a, b), (b, a)):
        amps = np.zeros(CELLS)
        amps[source] = 1
        try:
            found = flow(resistance, amps.reshape(SHAPE), some_grounds([ground], ohm), **chosen)
        except LayerError as error:
            assert "from which no path leads to a ground" in str(error)
            found = None
        volts.append(None if found is None else found.voltage.ravel()[there])
    if None not in volts and not np.isnan(volts).any():
        assert volts[0] == pytest.approx(volts[1], rel=1e-7, abs=1e-9)


@given(holed, labels, ways)
@settings(max_examples=60)
def test_two_regions_are_a_pair(resistance: np.ndarray, focal: np.ndarray, chosen: dict[str, Any]) -> None:
    # with two ids all three modes are the same circuit
    focal = np.where(focal == 3, 0, focal)
    if np.isnan(resistance).all() or np.unique(focal).size < 3:
        return
    grid = CircuitGrid(resistance, focal, **chosen)
    pair = grid.circuit(maps=True)
    there, back = one_to_all(grid, maps=True), all_to_one(grid, maps=True)
    ohm = pair.pairs["resistance"].iloc[0]
    if pair.pairs["state"].iloc[0] != "no data":
        assert there.table["resistance"].tolist() == pytest.approx([ohm, ohm], rel=1e-6, abs=1e-9)
    for found in (there, back):
        assert found.cumulative == pytest.approx(2 * pair.cumulative, rel=1e-6, abs=1e-6, nan_ok=True)
        assert found.maximum == pytest.approx(pair.maximum, rel=1e-6, abs=1e-6, nan_ok=True)
    if pair.pairs["state"].iloc[0] == "connected":
        assert back.flow(1).voltage == pytest.approx(
            pair.pair_maps(1, 2).voltage, rel=1e-6, abs=1e-6, nan_ok=True
        )


@given(holed, labels, ways)
@settings(max_examples=60)
def test_focal_modes_equal_the_advanced_mode(
    resistance: np.ndarray, focal: np.ndarray, chosen: dict[str, Any]
) -> None:
    # each of their solutions is one of sources and direct grounds; the general solver and the elimination agree
    if np.isnan(resistance).all():
        return
    grid = CircuitGrid(resistance, focal, **chosen)
    raster, *_ = checked(resistance, focal, chosen)
    out, into = one_to_all(grid), all_to_one(grid)
    node = grid.graph.focal.set_index("focal")["node"]
    first = {x: np.flatnonzero((focal == x).ravel() & ~np.isnan(raster).ravel())[:1] for x in node.index}
    for one, state in zip(out.table["focal"], out.table["state"], strict=True):
        if state != "connected":
            continue
        others = [x for x in node.index if x != one and len(first[x])]
        part = grid.graph.component[node[others]] == grid.graph.component[node[one]]
        near = [x for x, here in zip(others, part, strict=True) if here]
        amps, ohm = np.zeros(CELLS), np.full(CELLS, X)
        amps[first[one]], ohm[np.concatenate([first[x] for x in near])] = 1, 0
        given_rasters = {**chosen, "short_circuits": focal}
        found = flow(resistance, amps.reshape(SHAPE), ohm.reshape(SHAPE), **given_rasters)
        assert out.flow(one).current == pytest.approx(found.current, rel=1e-6, abs=1e-6, nan_ok=True)
        amps, ohm = np.zeros(CELLS), np.full(CELLS, X)
        ohm[first[one]], amps[np.concatenate([first[x] for x in near])] = 0, 1
        found = flow(resistance, amps.reshape(SHAPE), ohm.reshape(SHAPE), **given_rasters)
        assert into.flow(one).voltage == pytest.approx(found.voltage, rel=1e-6, abs=1e-6, nan_ok=True)
        assert into.flow(one).current == pytest.approx(found.current, rel=1e-6, abs=1e-6, nan_ok=True)


@given(holed, labels, ways)
@settings(max_examples=40)
def test_more_ways_out_never_hurt(resistance: np.ndarray, focal: np.ndarray, chosen: dict[str, Any]) -> None:
    # Rayleigh: tying more regions to the ground lowers the resistance, so all together are at most the nearest
    if np.isnan(resistance).all():
        return
    grid = CircuitGrid(resistance, focal, **chosen)
    square = grid.circuit().matrix()
    table = one_to_all(grid).table
    for one, ohm in zip(table["focal"], table["resistance"], strict=True):
        assert ohm <= square.loc[one].drop(one).min() * (1 + 1e-9) + 1e-9


# --- bad input ---------------------------------------------------------------------------------


def test_all_faults_of_sources_and_grounds_are_told_at_once() -> None:
    with pytest.raises(LayerError) as error:
        flow([[1, X, 1, 1]], [[np.inf, 2, 0, 0]], [[-1, 0, np.inf, X]], remove="nothing")
    text = str(error.value)
    assert "sources: 1 cells of infinite current, the first at row 0, column 0" in text
    assert "sources: 1 cells without data, the first at row 0, column 1" in text
    assert "grounds: 1 cells below 0 ohm, the first at row 0, column 0" in text
    assert "grounds: 1 cells of infinite ohm, the first at row 0, column 2" in text
    assert "grounds: 1 cells without data" in text
    assert "remove: 'nothing'; expected 'none', 'source', 'ground' or 'both'" in text


@pytest.mark.parametrize(
    ("amps", "ohm", "remove", "said"),
    [
        ([[0, X]], [[0, X]], "none", "sources: no source"),
        ([[1, 0]], [[X, X]], "none", "grounds: no ground"),
        ([[1]], [[0, X]], "none", r"sources: shape \(1, 1\), but the raster has \(1, 2\)"),
        (
            [[1, 0]],
            [[0, X]],
            "none",
            "1 of 1 from which no path leads to a ground, the first at row 0, column 0",
        ),
        ([[1, 0]], [[1, X]], "source", "no source is left"),
        ([[1, 0]], [[1, X]], "ground", "no path leads to a ground"),
    ],
)
def test_one_fault_of_sources_and_grounds(amps: Any, ohm: Any, remove: Any, said: str) -> None:
    with pytest.raises(LayerError, match=said):
        flow(np.ones((1, 2)), amps, ohm, remove=remove)


def test_a_source_apart_from_every_ground_is_named() -> None:
    with pytest.raises(
        LayerError, match="1 of 2 from which no path leads to a ground, the first at row 0, column 3"
    ):
        flow([[1, 1, X, 1]], [[1, 0, 0, 1]], [[X, 0, X, X]])


def test_what_is_no_number_is_named() -> None:
    with pytest.raises(LayerError, match="sources: values of .*; expected numbers"):
        solve_advanced(np.ones((1, 2)), Sources(np.array([["a", "b"]])), Grounds.direct([[False, True]]))  # type: ignore[arg-type]
    with pytest.raises(LayerError, match="grounds: values of object"):
        Grounds.of_conductances([[None, 1.0]])  # type: ignore[list-item]


@pytest.mark.parametrize("strength", [-1.0, np.inf, X, "much"])
def test_strengths_that_cannot_be(strength: Any) -> None:
    with pytest.raises(ParameterError, match="strength_a: .* for focal id 2; expected amperes, 0 or more"):
        all_to_one(CircuitGrid(ROW, THREE), strength_a={2: strength})


def test_unknown_ids_are_named() -> None:
    grid = CircuitGrid(ROW, THREE)
    with pytest.raises(ParameterError, match="strength_a: no focal id 7"):
        one_to_all(grid, strength_a={7: 1.0})
    with pytest.raises(ParameterError, match="include: no focal id 7"):
        one_to_all(grid, include=[(1, 7)])
    with pytest.raises(ParameterError, match="include: no focal id a") as error:
        one_to_all(grid, include=[("a", 7)])  # type: ignore[list-item]
    assert len(error.value.problems) == 2
    with pytest.raises(ParameterError, match="focal: no focal id 9"):
        one_to_all(grid).flow(9)


def test_too_large_an_advanced_request_is_refused_before_it_is_solved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(circuit_memory, "available_bytes", lambda: 1e4)
    with pytest.raises(
        ParameterError, match=r"900 cells with sources and grounds take about .* coarser cells"
    ):
        flow(np.ones((30, 30)), np.pad([[1]], ((0, 29), (0, 29))), np.zeros((30, 30)))


# --- points ------------------------------------------------------------------------------------

HUNDRED = Affine(100, 0, 1000, 0, -100, 5000)  # 2 rows of 3 cells of 100 m, from (1000, 5000) to (1300, 4800)


def table(rows: list[tuple[float, float, float]], value: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[value, "x_m", "y_m"])


def test_points_fall_on_cells() -> None:
    points = table([(4, 1000, 5000), (4, 1050, 4990), (7, 1299, 4801)], "focal")
    assert focal_of_points(points, HUNDRED, (2, 3)).tolist() == [[4, 0, 0], [0, 0, 7]]
    values = values_of_points(table([(0.5, 1250, 4850)], "value"), HUNDRED, (2, 3))
    assert values.tolist() == [pytest.approx([X, X, X], nan_ok=True), pytest.approx([X, X, 0.5], nan_ok=True)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(1, 1010, 4990), (2, 1090, 4910)], r"2 with another id in the same cell \(row 1, 2\)"),
        ([(1, 1010, 4990), (2, 1300, 4990)], r"1 outside the raster \(row 2\)"),
        ([(1, X, 4990), (2, 1010, 4990)], r"1 outside the raster \(row 1\)"),
        ([(0, 1010, 4990), (1.5, 1210, 4990)], r"2 ids that are not whole numbers above 0 \(row 1, 2\)"),
        ([], "no point"),
    ],
)
def test_focal_points_that_would_be_lost_are_named(rows: list[tuple[float, float, float]], said: str) -> None:
    points = table(rows, "focal").astype(float)
    with pytest.raises(LayerError, match=said):
        focal_of_points(points, HUNDRED, (2, 3))


def test_focal_ids_on_no_data_alone_are_named() -> None:
    # id 1 is on the cell without data, id 2 there and on the cell beside it: as in Circuitscape that one is a region
    raster = np.array([[np.nan, 1.0, 1.0]])
    points = pd.DataFrame({"focal": [1, 2, 3], "x_m": [50.0, 150.0, 250.0], "y_m": [50.0] * 3})
    place = Affine(100, 0, 0, 0, -100, 100)
    assert focal_of_points(points, place, (1, 3)).tolist() == [[1, 2, 3]]
    with pytest.raises(LayerError) as caught:
        focal_of_points(points, place, (1, 3), raster)
    assert str(caught.value) == (
        "- points: 1 with an id on cells without data alone (row 1); expected a cell with data; move one onto data, or give "
        "the cell a resistance"
    )
    beside = points.assign(focal=[1, 1, 3])
    assert focal_of_points(beside, place, (1, 3), raster).tolist() == [[1, 1, 3]]


def test_source_points_that_would_be_lost_are_named() -> None:
    with pytest.raises(LayerError, match="2 with another point in the same cell") as error:
        values_of_points(table([(1, 1010, 4990), (1, 1020, 4980), (X, 900, 4990)], "value"), HUNDRED, (2, 3))
    assert "1 without a value (row 3)" in str(error.value) and "1 outside the raster (row 3)" in str(
        error.value
    )
    with pytest.raises(LayerError, match="no column y_m"):
        values_of_points(pd.DataFrame({"value": [1], "x_m": [2]}), HUNDRED, (2, 3))
