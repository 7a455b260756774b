"""Modes of circuits: what holds for every landscape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corridor.core.errors import LayerError
from corridor.ecology.circuits.graph import checked
from corridor.ecology.circuits.modes import all_to_one, one_to_all
from corridor.ecology.circuits.resistance import CircuitGrid
from tests.circuits import X, flow

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
