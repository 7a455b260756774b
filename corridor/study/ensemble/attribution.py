"""Which assumptions a difference between two scenarios leans on, and at which values an order turns round."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.errors import CorridorError

F64 = NDArray[np.float64]
B1 = NDArray[np.bool_]
Bounds = Mapping[str, tuple[float, float]]
LEAST_COVERED = 0.3
"""A box that holds less of the draws in question than this says little of them."""
LEAST_DRAWS = 20
STEPS = np.linspace(0.05, 0.95, 19)


def tornado(values: pd.DataFrame, difference: F64) -> pd.DataFrame:
    """Order assumptions by how strongly a difference follows them.

    Parameters
    ----------
    values
        Index draw, a column for each assumption.
    difference
        (draw,) one scenario less another.

    Returns
    -------
    pandas.DataFrame
        assumption_id, correlation (Spearman's, of ranks), low, high (mean difference in the draws below the 10th and above
        the 90th percentile of the assumption); the strongest first.
    """
    from scipy.stats import rankdata

    rows, target = [], rankdata(difference)
    varies = float(np.ptp(difference)) > 0
    for name in values:
        column = values[name].to_numpy(float)
        strength = (
            float(np.corrcoef(rankdata(column), target)[0, 1]) if varies and np.ptp(column) > 0 else 0.0
        )
        low, high = (
            difference[end].mean()
            for end in (column <= np.quantile(column, 0.1), column >= np.quantile(column, 0.9))
        )
        rows.append((name, strength, float(low), float(high)))
    frame = pd.DataFrame(rows, columns=["assumption_id", "correlation", "low", "high"])
    order = frame["correlation"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


@dataclass(frozen=True)
class Box:
    """A range of one assumption or two in which a scenario loses its lead.

    Attributes
    ----------
    limits
        By assumption, the least and the most value; infinite where only one end counts.
    density
        Share of the draws inside in which it has lost the lead.
    coverage
        Share of the draws in which it has lost the lead that are inside.
    """

    limits: Mapping[str, tuple[float, float]]
    density: float
    coverage: float


def flip_point(values: pd.DataFrame, lost: B1) -> Box | None:
    """Find where an order turns round: one limit on one assumption, or on each of two.

    A patient rule induction (Friedman and Fisher 1999) cut down to boxes that a sentence can hold: limits are percentiles of
    the draws, and the box with the highest ``density - share without a box``, weighted by the root of its coverage, is taken.

    Parameters
    ----------
    values
        Index draw, a column for each assumption; pass the few that matter.
    lost
        (draw,) whether the scenario that leads in most draws has lost the lead.

    Returns
    -------
    Box or None
        None where it never or nearly never loses, or no box holds more lost draws than kept ones.
    """
    if lost.sum() < LEAST_DRAWS // 2 or (~lost).sum() < LEAST_DRAWS // 2:
        return None
    halves = [half for name in values for half in _halves(str(name), values[name].to_numpy(float))]
    single = [({name: limits}, inside) for name, limits, inside in halves]
    double = [({a: x, b: y}, one & two) for (a, x, one), (b, y, two) in combinations(halves, 2) if a != b]
    best, most = None, 0.0
    for limits, inside in (*single, *double):
        if inside.sum() < LEAST_DRAWS // 2:
            continue
        density, coverage = float(lost[inside].mean()), float(lost[inside].sum() / lost.sum())
        gain = (density - float(lost.mean())) * np.sqrt(coverage) * (1.0 if len(limits) == 1 else 0.9)
        if density > 0.5 and coverage >= LEAST_COVERED and gain > most:
            best, most = Box(limits, density, coverage), gain
    return best


def _halves(name: str, column: F64) -> list[tuple[str, tuple[float, float], B1]]:
    cuts = np.unique(np.quantile(column, STEPS))
    above = [(name, (float(c), np.inf), column >= c) for c in cuts]
    return [*above, *((name, (-np.inf, float(c)), column <= c) for c in cuts)]


# --- SALib: shares of variance ---


@contextmanager
def _quietly() -> Iterator[None]:
    """SALib before 1.5.2, which needs NumPy 2, hands pandas lists, and pandas 2.2 warns of them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "unique with argument", FutureWarning)
        yield


@_quietly()
def sobol(function: Callable[[F64], F64], bounds: Bounds, base: int = 1024, seed: int = 1) -> pd.DataFrame:
    """First-order and total shares of variance (Sobol 1993; Saltelli et al. 2010), by SALib.

    Parameters
    ----------
    function
        (sample, input) to (sample,).
    bounds
        By input, each uniform between them and independent of the others.
    base
        A power of 2; the function is called for ``base * (inputs + 2)`` samples.
    seed
        Of the Sobol sequence's scrambling.

    Returns
    -------
    pandas.DataFrame
        assumption_id (the input), first, first_error, total, total_error (half of the 95 % interval).

    Raises
    ------
    CorridorError
        Where SALib is not installed.
    """
    sampler, analyser, problem = _salib("sobol", bounds)
    sample = sampler.sample(problem, base, calc_second_order=False, seed=seed)
    found = analyser.analyze(problem, function(sample), calc_second_order=False, seed=seed)
    shares = {"first": "S1", "first_error": "S1_conf", "total": "ST", "total_error": "ST_conf"}
    return pd.DataFrame({"assumption_id": list(bounds), **{ours: found[k] for ours, k in shares.items()}})


@_quietly()
def morris(function: Callable[[F64], F64], bounds: Bounds, paths: int = 20, seed: int = 1) -> pd.DataFrame:
    """Elementary effects (Morris 1991; Campolongo et al. 2007), by SALib: what does not matter is found with few runs.

    Parameters
    ----------
    function, bounds, seed
        As for :func:`sobol`.
    paths
        How many paths; the function is called for ``paths * (inputs + 1)`` samples.

    Returns
    -------
    pandas.DataFrame
        assumption_id, effect (mean of absolute effects, mu*), spread (sigma: effects that depend on other inputs).
    """
    sampler, analyser, problem = _salib("morris", bounds)
    sample = sampler.sample(problem, paths, seed=seed)
    found = analyser.analyze(problem, sample, function(sample), seed=seed)
    effects = {"effect": "mu_star", "spread": "sigma"}
    return pd.DataFrame(
        {"assumption_id": list(bounds), **{ours: np.asarray(found[k]) for ours, k in effects.items()}}
    )


def _salib(method: str, bounds: Bounds) -> tuple[Any, Any, dict[str, Any]]:
    """What samples and what analyses by a method, and the problem as both take it."""
    from importlib import import_module

    problem = {"num_vars": len(bounds), "names": list(bounds), "bounds": [list(b) for b in bounds.values()]}
    try:
        sampler, analyser = (import_module(f"SALib.{step}.{method}") for step in ("sample", "analyze"))
    except ImportError:
        what, remedy = "the package SALib is not installed", "pip install 'corridor[ensemble]'"
        raise CorridorError.at("attribution", what, "SALib", remedy) from None
    return sampler, analyser, problem
