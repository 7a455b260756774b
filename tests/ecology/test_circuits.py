"""Circuits on tiny rasters: resistances derived by hand, Circuitscape's own cases, and what must always hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csc_array, csr_array, diags_array
from scipy.sparse.linalg import splu

from corridor.core.errors import LayerError, ParameterError
from corridor.ecology.circuits import memory as circuit_memory
from corridor.ecology.circuits.resistance import CircuitGrid, effective_resistance
from corridor.ecology.connectivity.cost_distance import cost_distance
from tests.paths import DATA

CASES: Mapping[str, Any] = json.loads((DATA / "circuitscape_cases.json").read_text(encoding="utf-8"))["cases"]
OHM_TOLERANCE, MAP_TOLERANCE = 1e-8, 1e-10
"""Largest difference of a resistance; of a map, the sum of squared differences over its cells (the suite allows 1e-6)."""
X = np.nan


def ohm(resistance: Any, focal: Any, **options: Any) -> float:
    """The one resistance between two focal ids."""
    (value,) = effective_resistance(resistance, focal, **options).pairs["resistance"]
    return float(value)


def floats(rows: Any) -> np.ndarray:
    return np.array([[X if v is None else v for v in row] for row in rows], dtype=float)


# --- by hand -----------------------------------------------------------------------------------


def test_three_cells_in_a_row_are_in_series() -> None:
    # 1 - 2 - 4: (1 + 2) / 2 + (2 + 4) / 2 = 4.5 ohm by average resistance;
    # conductances 1, 1/2, 1/4: 1 / (3/4) + 1 / (3/8) = 4/3 + 8/3 = 4 ohm by average conductance
    focal = [[1, 0, 2]]
    assert ohm([[1.0, 2.0, 4.0]], focal) == pytest.approx(4.5)
    assert ohm([[1.0, 2.0, 4.0]], focal, average="conductance") == pytest.approx(4.0)
    assert ohm([[1.0, 0.5, 0.25]], focal, conductances=True) == pytest.approx(4.5)


def test_two_by_two_has_two_ways_round_and_one_across() -> None:
    # 4 neighbours: two ways of 2 ohm side by side, 1 ohm. With the corner: 1 / (1/2 + 1/2 + 1/sqrt 2) ohm, for
    # the other corner's resistor joins two cells of the same voltage
    ones, focal = np.ones((2, 2)), [[1, 0], [0, 2]]
    assert ohm(ones, focal, neighbours=4) == pytest.approx(1.0)
    assert ohm(ones, focal) == pytest.approx(1 / (1 + 1 / np.sqrt(2)))


def test_three_by_three_from_corner_to_corner() -> None:
    # 4 neighbours, all 1 ohm: by symmetry the cells on the other diagonal and the middle are at half the voltage,
    # 2 resistors in parallel, then 4: 2 (1/2 + 1/4) = 1.5 ohm, for no current passes along the diagonal of equals
    circuit = effective_resistance(
        np.ones((3, 3)), [[1, 0, 0], [0, 0, 0], [0, 0, 2]], neighbours=4, maps=True
    )
    assert circuit.pairs["resistance"].tolist() == pytest.approx([1.5])
    # 1/2 A leaves the corner each way; of it half goes on to the middle, which both ways feed: 1/4 A to the far corner
    current = [[1, 0.5, 0.25], [0.5, 0.5, 0.5], [0.25, 0.5, 1]]
    assert circuit.cumulative == pytest.approx(np.array(current))
    maps = circuit.pair_maps(1, 2)
    assert maps.voltage[0] == pytest.approx([0, 0.5, 0.75])  # the first is at 0 V
    assert maps.voltage[2, 2] == pytest.approx(1.5)


def test_cells_without_data_carry_nothing() -> None:
    # the middle is gone: a ring of eight, half of it each way, 4 ohm beside 4 ohm
    ring = [[1, 1, 1], [1, X, 1], [1, 1, 1]]
    circuit = effective_resistance(ring, [[1, 0, 0], [0, 0, 0], [0, 0, 2]], neighbours=4, maps=True)
    assert circuit.pairs["resistance"].tolist() == pytest.approx([2.0])
    assert np.isnan(circuit.cumulative[1, 1]) and circuit.cumulative[0, 2] == pytest.approx(0.5)
    assert ohm(
        [[1, 1, 1], [1, np.inf, 1], [1, 1, 1]], [[1, 0, 0], [0, 0, 0], [0, 0, 2]], neighbours=4
    ) == pytest.approx(2.0)


def test_a_region_in_pieces_is_one_conductor() -> None:
    # focal 1 at both ends of five cells, focal 2 in the middle: 2 ohm beside 2 ohm
    circuit = effective_resistance(np.ones((1, 5)), [[1, 0, 2, 0, 1]], maps=True)
    assert circuit.pairs["resistance"].tolist() == pytest.approx([1.0])
    assert circuit.maximum.tolist() == [pytest.approx([1, 0.5, 1, 0.5, 1])]


def test_another_region_is_a_conductor_or_habitat() -> None:
    # focal 3 covers two cells between 1 and 2: as a conductor it saves the 1 ohm inside it, as habitat it does not
    focal = [[1, 3, 3, 2]]
    joined = effective_resistance(np.ones((1, 4)), focal, joined="all").matrix()
    alone = effective_resistance(np.ones((1, 4)), focal, maps=True)  # as Circuitscape does
    assert (joined.loc[1, 2], alone.matrix().loc[1, 2]) == pytest.approx((2.0, 3.0))
    assert alone.matrix().loc[1, 3] == pytest.approx(1.0)
    # 1 A through all four cells for 1-2; for 1-3 and for 3-2 also in each cell of the region that it ends in
    assert alone.cumulative.tolist() == [pytest.approx([2, 3, 3, 2])]
    assert alone.pair_maps(1, 2).voltage.tolist() == [pytest.approx([0, 1, 2, 3])]


def test_cells_of_no_resistance_are_one_node() -> None:
    # 1 - 0 - 0 - 1: half an ohm at each end, nothing between
    circuit = effective_resistance([[1.0, 0.0, 0.0, 1.0]], [[1, 0, 0, 2]], maps=True)
    assert circuit.pairs["resistance"].tolist() == pytest.approx([1.0])
    assert circuit.pair_maps(1, 2).voltage.tolist() == [pytest.approx([0, 0.5, 0.5, 1])]
    # by average conductance a cell of infinite conductance joins its neighbours too
    row = effective_resistance([[1.0, 0.0, 1.0]], [[1, 0, 2]], average="conductance").pairs.iloc[0]
    assert (row["resistance"], row["state"]) == (0.0, "shorted")


def test_a_short_circuit_joins_what_lies_apart() -> None:
    bridge = effective_resistance([[1, 1, X, 1, 1]], [[1, 0, 0, 0, 2]], short_circuits=[[0, 7, 0, 7, 0]])
    assert bridge.pairs["resistance"].tolist() == pytest.approx([2.0])


def test_pairs_that_nothing_joins_say_so() -> None:
    circuit = effective_resistance([[1, 1, X, 1, X]], [[1, 0, 2, 3, 3]], maps=True)
    assert circuit.pairs["state"].tolist() == ["no data", "apart", "no data"]
    assert np.isinf(circuit.pairs["resistance"]).all()
    assert circuit.focal["cells_nodata"].tolist() == [0, 1, 1]
    assert np.nansum(circuit.cumulative) == 0
    maps = circuit.pair_maps(1, 3)
    assert np.isnan(maps.voltage).all() and np.nansum(maps.current) == 0


# --- Circuitscape ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CASES))
def test_equal_to_circuitscape(name: str) -> None:
    case = CASES[name]
    short = case["short_circuits"]
    circuit = effective_resistance(
        floats(case["cells"]),
        floats(case["focal"]),
        neighbours=case["neighbours"],
        average=case["average"],
        conductances=case["conductances"],
        short_circuits=None if short is None else floats(short),
        maps=True,
    )
    matrix = circuit.matrix()
    assert matrix.index.tolist() == case["ids"]
    ours = matrix.replace(np.inf, -1).to_numpy()  # Circuitscape writes -1 where nothing joins two
    assert np.abs(ours - np.array(case["resistances"])).max() < OHM_TOLERANCE
    for key, rows in case["maps"].items():
        kind, *pair = key.split("_")
        if kind in ("curmap", "voltmap"):
            maps = circuit.pair_maps(int(pair[0]), int(pair[1]))
            got = maps.current if kind == "curmap" else maps.voltage
        else:
            got = circuit.cumulative if kind == "cum" else circuit.maximum
        assert ((np.nan_to_num(got) - np.array(rows)) ** 2).sum() < MAP_TOLERANCE, key


# --- what always holds -------------------------------------------------------------------------

SHAPE = (7, 6)
values = arrays(
    float, SHAPE, elements=st.one_of(st.floats(0.1, 100), st.floats(0.1, 100), st.just(X), st.just(0.0))
)
labels = arrays(int, SHAPE, elements=st.sampled_from([0, 0, 0, 0, 0, 1, 2, 3])).filter(
    lambda a: np.unique(a[a > 0]).size > 1
)
options = st.fixed_dictionaries(
    {"neighbours": st.sampled_from([4, 8]), "average": st.sampled_from(["resistance", "conductance"])}
)


def dense_ohm(resistance: np.ndarray, focal: np.ndarray, neighbours: int) -> np.ndarray:
    """The textbook way for points and average resistance: the pseudo-inverse of the Laplacian, R = Gii + Gjj - 2 Gij."""
    cells = [tuple(c) for c in np.argwhere(~np.isnan(resistance))]
    matrix = np.zeros((len(cells), len(cells)))
    for a, (i, j) in enumerate(cells):
        for b, (k, m) in enumerate(cells):
            steps = abs(i - k) + abs(j - m)
            if steps == 1 or (neighbours == 8 and steps == 2 and i != k and j != m):
                g = 2 / ((resistance[i, j] + resistance[k, m]) * np.sqrt(steps))
                matrix[a, b], matrix[a, a] = -g, matrix[a, a] + g
    at = [cells.index(tuple(np.argwhere(focal == f)[0])) for f in np.unique(focal[focal > 0])]
    inverse = np.linalg.pinv(matrix)[np.ix_(at, at)]
    return np.diag(inverse)[:, None] + np.diag(inverse)[None, :] - 2 * inverse


@given(
    arrays(float, (9, 8), elements=st.floats(0.5, 50)), st.permutations(range(72)), st.sampled_from([4, 8])
)
@settings(max_examples=30)
def test_equal_to_the_pseudo_inverse(resistance: np.ndarray, cells: list[int], neighbours: int) -> None:
    focal = np.zeros(72, dtype=int)
    focal[cells[:4]] = [1, 2, 3, 4]
    focal = focal.reshape(9, 8)
    ours = effective_resistance(resistance, focal, neighbours=neighbours).matrix().to_numpy()  # type: ignore[arg-type]
    assert ours == pytest.approx(dense_ohm(resistance, focal, neighbours), rel=1e-8, abs=1e-10)


@given(values, labels, options, st.data())
@settings(max_examples=60)
def test_a_changed_raster_gives_what_a_fresh_one_gives(
    resistance: np.ndarray, focal: np.ndarray, chosen: dict[str, Any], data: st.DataObject
) -> None:
    if np.isnan(resistance).all():
        return
    after = resistance.copy()
    for cell in data.draw(st.lists(st.integers(0, after.size - 1), min_size=1, max_size=6)):
        after.flat[cell] = data.draw(st.sampled_from([X, 1.0, 1e4, 0.0]))
    if np.isnan(after).all():
        return
    grid = CircuitGrid(resistance, focal, **chosen)
    before = grid.circuit(maps=True)
    changed, fresh = (
        grid.with_changes(after).circuit(maps=True),
        CircuitGrid(after, focal, **chosen).circuit(maps=True),
    )
    assert changed.pairs["state"].tolist() == fresh.pairs["state"].tolist()
    assert changed.pairs["resistance"].to_numpy() == pytest.approx(
        fresh.pairs["resistance"].to_numpy(), rel=1e-6
    )
    assert changed.cumulative == pytest.approx(fresh.cumulative, rel=1e-6, abs=1e-6, nan_ok=True)
    assert changed.maximum == pytest.approx(fresh.maximum, rel=1e-6, abs=1e-6, nan_ok=True)
    again = grid.circuit(maps=True)  # the first is as it was
    assert again.pairs.equals(before.pairs) and np.array_equal(
        again.cumulative, before.cumulative, equal_nan=True
    )


@given(values, labels, options, st.integers(0, SHAPE[0] * SHAPE[1] - 1), st.floats(1, 100))
@settings(max_examples=60)
def test_more_resistance_never_joins_better(
    resistance: np.ndarray, focal: np.ndarray, chosen: dict[str, Any], cell: int, times: float
) -> None:
    # Rayleigh's law of monotonicity
    if np.isnan(resistance).all():
        return
    worse = resistance.copy()
    worse.flat[cell] = worse.flat[cell] * times + times
    before = effective_resistance(resistance, focal, **chosen).pairs["resistance"].to_numpy()
    after = effective_resistance(worse, focal, **chosen).pairs["resistance"].to_numpy()
    both = np.isfinite(after)
    assert (after[both] >= before[both] * (1 - 1e-9) - 1e-9).all()
    assert not np.isinf(before[both]).any()


@given(values, labels, options)
@settings(max_examples=60)
def test_resistance_is_a_distance_and_current_is_kept(
    resistance: np.ndarray, focal: np.ndarray, chosen: dict[str, Any]
) -> None:
    if np.isnan(resistance).all():
        return
    circuit = effective_resistance(resistance, focal, joined="all", **chosen)
    matrix = circuit.matrix().to_numpy()
    assert (matrix >= -1e-9).all()
    for k in range(len(matrix)):  # the triangle inequality (Klein and Randic 1993)
        assert (matrix <= matrix[:, [k]] + matrix[[k], :] + 1e-6).all()
    turned = effective_resistance(resistance[::-1].T, focal[::-1].T, joined="all", **chosen)
    assert matrix == pytest.approx(turned.matrix().to_numpy(), rel=1e-7, abs=1e-9)
    for a, b, r, state in circuit.pairs.itertuples(index=False):
        if state != "connected":
            continue
        one, back = circuit.pair_maps(a, b), circuit.pair_maps(b, a)
        at_a, at_b = focal == a, focal == b
        assert np.nanmax(one.current) == pytest.approx(1.0, abs=1e-6)  # 1 A flows, and no cell carries more
        assert np.nanmax(np.where(at_b, one.current, 0)) == pytest.approx(1.0, abs=1e-6)
        assert np.nanmax(np.where(at_a, one.current, 0)) == pytest.approx(1.0, abs=1e-6)
        assert np.nanmax(one.voltage) == pytest.approx(r, rel=1e-6, abs=1e-9)
        assert np.nanmin(one.voltage) == pytest.approx(0, abs=1e-6)
        assert one.current == pytest.approx(back.current, abs=1e-6, nan_ok=True)


def test_a_large_raster_with_large_fronts() -> None:
    # 260 x 260 cells of 1 ohm have fronts above the size that is worked on by parts, and a strip is 512 columns wide.
    # Between two sides that are each one conductor, every row is 259 ohm and no current crosses: 259 / 260 ohm
    focal = np.zeros((260, 260), dtype=int)
    focal[:, 0], focal[:, -1] = 1, 2
    grid = CircuitGrid(np.ones((260, 260)), focal, neighbours=4)
    circuit = grid.circuit(maps=True)
    assert circuit.pairs["resistance"].tolist() == pytest.approx([259 / 260])
    assert circuit.cumulative[:, 1:-1] == pytest.approx(np.full((260, 258), 1 / 260))
    # one row is cut: 259 rows are left
    cut = np.ones((260, 260))
    cut[130, 130] = X
    less = grid.with_changes(cut).circuit().pairs["resistance"].iloc[0]
    assert less == pytest.approx(
        CircuitGrid(cut, focal, neighbours=4).circuit().pairs["resistance"].iloc[0], rel=1e-12
    )
    assert 259 / 260 < less < 259 / 259


@pytest.mark.parametrize("neighbours", [4, 8])
def test_regions_far_apart_equal_a_general_solver(neighbours: Any) -> None:
    # regions whose pieces lie all over a raster with holes, before and after a barrier, beside scipy's splu
    rng = np.random.default_rng(3)
    raster = np.exp(rng.normal(1, 1.5, (140, 110)))
    raster[rng.random(raster.shape) < 0.1] = X
    short, focal = np.zeros(raster.shape, dtype=int), np.zeros(raster.shape, dtype=int)
    for label in range(1, 12):
        short.flat[rng.integers(0, short.size, 8)] = label
    for label, (i, j) in enumerate(rng.integers(0, 100, (5, 2)), start=1):
        focal[i : i + 6, j : j + 6] = label
    barrier = raster.copy()
    barrier[70, 10:90] = X
    grid = CircuitGrid(raster, focal, neighbours=neighbours, short_circuits=short)
    for circuit in (grid, grid.with_changes(barrier)):
        graph = circuit.graph
        node = graph.focal["node"].to_numpy()
        part = np.flatnonzero(graph.component == graph.component[node[0]])
        matrix = csr_array(
            (graph.conductance, graph.neighbour, graph.start), shape=(graph.nodes, graph.nodes)
        )
        matrix = matrix[part][:, part]
        laplacian = csc_array(diags_array(matrix.sum(axis=1)) - matrix)
        at = np.searchsorted(part, node)
        unit = np.zeros((part.size, node.size))
        unit[at, np.arange(node.size)] = 1.0
        inverse = np.zeros_like(unit)
        inverse[1:] = splu(laplacian[1:, 1:]).solve(unit[1:])  # the first node is grounded
        g = inverse[at]
        expected = np.diag(g)[:, None] + np.diag(g)[None, :] - 2 * g
        assert circuit.circuit().matrix().to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-12)


# --- bad input ---------------------------------------------------------------------------------


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(LayerError) as error:
        effective_resistance([[1, -9999, 2]], [[0, 1, 0], [0, 0, 0]], neighbours=6)  # type: ignore[arg-type]
    text = str(error.value)
    assert "neighbours: 6; expected 4 or 8" in text
    assert "1 negative cells, -9999 most often" in text and "write NaN there" in text
    assert "focal: shape (2, 3), but the resistance has (1, 3)" in text
    assert "focal: one focal id, 1; expected two focal ids or more" in text


@pytest.mark.parametrize(
    ("resistance", "focal", "said"),
    [
        ([[X, X]], [[1, 2]], "no cell that conducts"),
        ([[1.0, 1.0]], [[0, 0]], "no focal cell"),
        ([[1.0, 1.0]], [[1.5, 2.0]], "ids with fractions"),
        ([[1.0, 1e12]], [[1, 2]], r"values from 1 to 1e\+12"),
        ([1.0, 1.0], [1, 2], "1 dimensions"),
        ([["a", "b"]], [[1, 2]], "rows and columns of numbers"),
    ],
)
def test_one_fault(resistance: Any, focal: Any, said: str) -> None:
    with pytest.raises(LayerError, match=said):
        effective_resistance(resistance, focal)


def test_an_unknown_pair_is_named() -> None:
    circuit = effective_resistance(np.ones((1, 3)), [[1, 0, 2]])
    with pytest.raises(ParameterError, match="no focal id 7"):
        circuit.pair_maps(1, 7)


def test_too_large_a_request_is_refused_before_it_is_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit_memory, "available_bytes", lambda: 1e4)
    with pytest.raises(ParameterError, match=r"900 cells and 2 focal regions take about .* coarser cells"):
        CircuitGrid(np.ones((30, 30)), np.pad([[1, 2]], ((0, 29), (0, 28))))


def test_the_estimate_grows_with_all_that_counts() -> None:
    base = circuit_memory.estimated_bytes(1000, 900, 8, 4, maps=True)
    assert base < circuit_memory.estimated_bytes(1000, 1000, 8, 4, maps=True)
    assert base < circuit_memory.estimated_bytes(1000, 900, 8, 9, maps=True)
    assert base > circuit_memory.estimated_bytes(1000, 900, 8, 4, maps=False)
    assert base > circuit_memory.estimated_bytes(1000, 900, 4, 4, maps=True)
    assert circuit_memory.available_bytes() > 1e6


# --- cost distance -----------------------------------------------------------------------------


def test_cost_distance_takes_the_cheapest_way() -> None:
    # from the left end over 1, 9, 1 in the top row: (1 + 9) / 2 + (9 + 1) / 2 = 10; below all is 1: across a corner
    # and back up, 2 sqrt 2
    raster = [[1.0, 9.0, 1.0], [1.0, 1.0, 1.0]]
    start = [[1, 0, 0], [0, 0, 0]]
    assert cost_distance(raster, start)[0].tolist() == pytest.approx([0, 5, 2 * np.sqrt(2)])
    assert cost_distance(raster, start, neighbours=4)[0].tolist() == pytest.approx([0, 5, 4])
    assert cost_distance(raster, start, cell_m=100)[0, 1] == pytest.approx(500)
    assert cost_distance([[1.0, X, 1.0]], [[1, 0, 0]])[0, 2] == np.inf
    with pytest.raises(LayerError, match="negative"):
        cost_distance([[1.0, -1.0]], [[1, 0]])
    with pytest.raises(LayerError, match="no cell"):
        cost_distance([[1.0, 1.0]], [[0, 0]])


@given(arrays(float, (6, 6), elements=st.floats(0.1, 50)), st.integers(0, 35), st.integers(0, 35))
@settings(max_examples=40)
def test_all_ways_together_are_never_worse_than_the_best(resistance: np.ndarray, a: int, b: int) -> None:
    # current may take the cheapest way too: effective resistance is at most the cost distance, and the way back as dear
    if a == b:
        return
    focal = np.zeros(36, dtype=int)
    focal[a], focal[b] = 1, 2
    focal = focal.reshape(6, 6)
    there, back = cost_distance(resistance, focal == 1), cost_distance(resistance, focal == 2)
    assert there[focal == 2][0] == pytest.approx(back[focal == 1][0])
    assert ohm(resistance, focal) <= there[focal == 2][0] * (1 + 1e-9)
