"""Modes of circuits by hand: regions, pairs included, sources and grounds, one to all and all to one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from corridor.core.errors import ParameterError
from corridor.ecology.circuits.flow import Grounds, Sources
from corridor.ecology.circuits.modes import all_to_one, one_to_all
from corridor.ecology.circuits.resistance import CircuitGrid, effective_resistance
from tests.circuits import ROW, THREE, X, flow

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
