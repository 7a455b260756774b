"""Modes of circuits against the results of Circuitscape's own tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from corridor.ecology.circuits.flow import Grounds, Sources, solve_advanced
from corridor.ecology.circuits.graph import checked
from corridor.ecology.circuits.modes import FocalFlows, all_to_one, one_to_all
from corridor.ecology.circuits.resistance import CircuitGrid, effective_resistance
from tests.circuits import X
from tests.paths import DATA

SUITE: Mapping[str, Any] = json.loads((DATA / "circuitscape_modes.json").read_text(encoding="utf-8"))
OHM_TOLERANCE, MAP_TOLERANCE = 1e-8, 1e-10
"""Largest difference of a resistance; of a map, the sum of squared differences over its cells (the suite allows 1e-6)."""


def floats(rows: Any) -> np.ndarray:
    return np.array([[X if v is None else v for v in row] for row in rows], dtype=float)


def far(ours: np.ndarray, rows: Any) -> float:
    """The suite's measure; Circuitscape writes 0 where there is no data or no way."""
    return float(((np.nan_to_num(ours) - floats(rows)) ** 2).sum())


def options(case: Mapping[str, Any]) -> dict[str, Any]:
    short = case["short_circuits"]
    return {
        **{k: case[k] for k in ("neighbours", "average", "conductances")},
        "short_circuits": None if short is None else floats(short),
    }


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
