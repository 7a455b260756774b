"""Tests of the demand model on the past: calibrated on one period, shares of control points predicted for another.

Only the passengers of each counted group and direction of the later period are taken from it. Each prediction is held against
"no change": the shares of each group as they were, with the same later passengers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.demand.model import Calibrated, Counts
from corridor.demand.predict import predict
from corridor.study.demand import DemandStudy

F64 = NDArray[np.float64]
MOVED = 0.5
PREDICTED = 0.1
"""Points by which an observed share must move, and a predicted one, for a sign to count."""


class Backtest(NamedTuple):
    """From the counts of one period and day type to those of another."""

    name: str
    before: tuple[str, str]
    after: tuple[str, str]


BACKTESTS = (
    Backtest("line-13-year", ("2024", "all"), ("2025", "all")),
    Backtest("line-13-quarter", ("2024_q4", "all"), ("2025_q1", "all")),
    Backtest("express-rail", ("2017", "all"), ("2019", "all")),
    Backtest("heung-yuen-wai", ("2019", "all"), ("2023", "all")),
    Backtest("weekend", ("2025", "weekday"), ("2025", "weekend")),
)


def run_backtests(study: DemandStudy, tests: tuple[Backtest, ...] = BACKTESTS) -> pd.DataFrame:
    """Predict counts of the past, calibrated on an earlier period or another day type.

    Parameters
    ----------
    study
        Zones, segments and counts.
    tests
        The pairs of periods.

    Returns
    -------
    pandas.DataFrame
        A row for each test and control point in use before or after: test, checkpoint_id, no_change, predicted, observed;
        the last three in per cent of all passengers, both directions. `no_change` keeps the earlier shares of each group
        and direction and takes only the later passengers.
    """
    return pd.concat([_run(study, test) for test in tests], ignore_index=True)


def errors(shares: pd.DataFrame) -> pd.DataFrame:
    """By test: mean absolute error in points, that of no change, control points that moved, and signs that are right.

    A control point moved if its observed share is half a point or more from no change; the sign is right if the predicted
    share is a tenth of a point or more from it on the same side.
    """
    observed, predicted = (shares[c] - shares["no_change"] for c in ("observed", "predicted"))
    table = shares.assign(
        error=(shares["predicted"] - shares["observed"]).abs(),
        naive=observed.abs(),
        moved=observed.abs() >= MOVED,
        right=(observed.abs() >= MOVED) & (predicted.abs() >= PREDICTED) & (observed * predicted > 0),
    )
    by_test = table.groupby("test", sort=False)
    found = by_test[["error", "naive"]].mean()
    found["control_points_moved"], found["signs_right"] = by_test["moved"].sum(), by_test["right"].sum()
    return found.reset_index()


def _run(study: DemandStudy, test: Backtest) -> pd.DataFrame:
    base = study.calibrated(*test.before)
    scenario_id = study.scenario_of(test.after[0])
    costs = study.costs(scenario_id)
    reached = costs.reached_in_any_spell(base.model.sides)
    observed = study.counts(*test.after, costs.gates).at(reached)
    later = _with_passengers_of(base, observed)
    # the later totals are given: only the shares are under test
    demand = predict(later, costs, base.land, study.queue(scenario_id, costs.gates), elastic=False)
    at = [base.costs.gates.index(g) if g in base.costs.gates else -1 for g in costs.gates]
    unchanged = later.counts.passengers
    rows = pd.DataFrame(
        {
            "test": test.name,
            "checkpoint_id": costs.gates,
            "no_change": _per_cent(np.where(np.array(at) >= 0, unchanged[:, at], 0.0)),
            "predicted": _per_cent(demand.loads()),
            "observed": _per_cent(observed.passengers),
        }
    )
    return rows[(rows["no_change"] > 0) | (rows["observed"] > 0)]


def _with_passengers_of(base: Calibrated, observed: Counts) -> Calibrated:
    """The base with the later passengers of each counted group and direction, in the shares that it had.

    Where the base tells no groups apart, all later passengers are one group.
    """
    counts = {}
    for group, counted in base.counts.by_group.items():
        whole = counted.sum(axis=1, keepdims=True)
        later = observed.by_group.get(group, observed.passengers).sum(axis=1, keepdims=True)
        counts[group] = counted * np.divide(later, whole, out=np.zeros_like(whole), where=whole > 0)
    return replace(base, counts=Counts(counts))


def _per_cent(loads: F64) -> F64:
    both = loads.sum(axis=0)
    return np.asarray(100 * both / both.sum())
