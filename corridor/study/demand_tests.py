"""Tests of the demand model on the past: calibrated on one period, shares of control points predicted for another.

The tests and every parameter were fixed before any was run; see docs/demand.md for the results. Each is held against the
naive prediction that shares stay as they were.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from corridor.demand.model import Counts
from corridor.demand.segments import DIRECTIONS
from corridor.study.demand import DemandStudy


class Test(NamedTuple):
    """From the counts of one period and day type to those of another."""

    name: str
    before: tuple[str, str]
    after: tuple[str, str]


TESTS = (
    Test("Line 13 reaches Shenzhen Bay, year to year", ("2024", "all"), ("2025", "all")),
    Test("Line 13 reaches Shenzhen Bay, quarter to quarter", ("2024_q4", "all"), ("2025_q1", "all")),
    Test("Express rail opens", ("2017", "all"), ("2019", "all")),
    Test("Heung Yuen Wai opens to passengers", ("2019", "all"), ("2023", "all")),
    Test("Weekend from weekday", ("2025", "weekday"), ("2025", "weekend")),
)


def run_tests(study: DemandStudy, tests: tuple[Test, ...] = TESTS) -> pd.DataFrame:
    """A row for each test and control point: test, checkpoint_id, before, predicted, observed; shares in per cent."""
    return pd.concat([_run(study, test) for test in tests], ignore_index=True)


def errors(shares: pd.DataFrame) -> pd.DataFrame:
    """By test: mean absolute error of the shares in points, that of the naive prediction, and signs that are right.

    A sign counts where the observed share moved by half a point or more.
    """
    table = shares.assign(
        error=(shares["predicted"] - shares["observed"]).abs(),
        naive=(shares["before"] - shares["observed"]).abs(),
        moved=(shares["observed"] - shares["before"]).abs() >= 0.5,
    )
    same = np.sign(table["predicted"] - table["before"]) == np.sign(table["observed"] - table["before"])
    table["right"] = same & table["moved"]
    by_test = table.groupby("test", sort=False)
    found = by_test[["error", "naive"]].mean()
    found["control_points_moved"], found["signs_right"] = by_test["moved"].sum(), by_test["right"].sum()
    return found.reset_index()


def _run(study: DemandStudy, test: Test) -> pd.DataFrame:
    base = study.calibrated(*test.before)
    scenario_id = study.scenario_of(test.after[0])
    costs = study.costs(scenario_id)
    day = test.after[1]
    model = base.model if day == test.before[1] else study.model(day)
    totals = base.counts if day == test.before[1] else study.counts(*test.after, base.costs.gates)
    flows = model.flows(costs, base.land, base.extra_min(costs, base.queue_of(costs), model))
    predicted = np.zeros(len(costs.gates))
    for (segment, d), flow in flows.items():
        trips = segment.share * totals.total(segment.counted_as, d)
        predicted += flow.by_gate * (trips / flow.weight if flow.weight > 0 else 0.0)
    observed = study.counts(*test.after, costs.gates)
    rows = pd.DataFrame(
        {
            "checkpoint_id": costs.gates,
            "before": _shares(base.counts, base.costs.gates, costs.gates),
            "predicted": 100 * predicted / predicted.sum(),
            "observed": _shares(observed, costs.gates, costs.gates),
        }
    )
    rows.insert(0, "test", test.name)
    return rows[(rows["before"] > 0) | (rows["observed"] > 0)]


def _shares(counts: Counts, counted: tuple[str, ...], gates: tuple[str, ...]) -> np.ndarray:
    """Per cent of all passengers at each gate, 0 where it was not counted."""
    loads = sum(counts.by_group.values(), np.zeros((len(DIRECTIONS), len(counted)))).sum(axis=0)
    share = dict(zip(counted, 100 * loads / loads.sum(), strict=True))
    return np.array([share.get(gate, 0.0) for gate in gates])
