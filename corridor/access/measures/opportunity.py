"""What a place can reach: cumulative opportunities, gravity, logsum, dual access, balancing cost; on any matrix.

`times` is an array (origin, destination) of minutes, a table with columns from, to, minutes, or what
:func:`corridor.access.measures.matrix.travel_matrix` read from either; its ``notes`` count what is unreachable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from corridor.access.measures.impedance import Impedance, weighted_blocks
from corridor.access.measures.matrix import Inputs, Times, TravelMatrix
from corridor.core.arrays import F64


def cumulative(times: Times, opportunities: ArrayLike, cutoffs_min: Sequence[float]) -> pd.DataFrame:
    """Cumulative opportunities: what each origin reaches within each cut-off, ``A_i(c) = sum_j O_j [t_ij <= c]``.

    Parameters
    ----------
    times : TravelMatrix, DataFrame or array_like
        Minutes, shape (origins, destinations); see :func:`corridor.access.measures.matrix.travel_matrix`.
    opportunities : array_like, shape (destinations,)
        What each destination offers (jobs, say), finite and 0 or more; a Series by name where `times` is a table.
    cutoffs_min : sequence of float
        Cut-offs in minutes; the cut-off itself counts as within.

    Returns
    -------
    DataFrame
        Opportunities, in their own unit: a row for each origin, a column for each cut-off in the order given.

    Raises
    ------
    CorridorError
        With every problem found in times, opportunities and cut-offs.

    References
    ----------
    Geurs and van Wee 2004, Accessibility evaluation of land-use and transport strategies, Journal of Transport Geography
    12(2). Levinson and King 2020, Transport Access Manual.

    Examples
    --------
    >>> cumulative([[0, 40], [40, 0]], [100, 300], cutoffs_min=[30, 60]).to_numpy().tolist()
    [[100.0, 400.0], [300.0, 400.0]]
    """
    inputs, matrix, held = _read(times, opportunities)
    cutoffs = inputs.rising(cutoffs_min, "cutoffs_min")
    inputs.raise_all()
    out = np.empty((matrix.shape[0], cutoffs.size))
    for part, minutes in matrix.blocks():
        for k, cutoff in enumerate(cutoffs):
            out[part, k] = (minutes <= cutoff).astype(np.float64) @ held
    return pd.DataFrame(out, index=matrix.origins, columns=pd.Index(list(cutoffs_min), name="cutoff_min"))


def gravity(times: Times, opportunities: ArrayLike, impedance: Impedance) -> pd.Series:
    """Opportunities, each weighted by the time it takes: ``A_i = sum_j O_j f(t_ij)``.

    Parameters
    ----------
    times : TravelMatrix, DataFrame or array_like
        Minutes, shape (origins, destinations).
    opportunities : array_like, shape (destinations,)
        What each destination offers, finite and 0 or more.
    impedance : Impedance
        f, a weight from minutes: see :mod:`corridor.access.measures.impedance`.

    Returns
    -------
    Series
        By origin, in units of the opportunities: as many as if they were at 0 minutes.

    Raises
    ------
    CorridorError
        With every problem found in times and opportunities, or weights that are negative or not finite.

    References
    ----------
    Hansen 1959, How accessibility shapes land use, Journal of the American Institute of Planners 25(2).
    """
    inputs, matrix, held = _read(times, opportunities)
    inputs.raise_all()
    out = np.empty(matrix.shape[0])
    for part, weights in weighted_blocks(matrix, impedance):
        out[part] = weights @ held
    return pd.Series(out, index=matrix.origins, name="access")


def logsum(times: Times, opportunities: ArrayLike, scale_per_min: float) -> pd.Series:
    """Logsum of a logit destination choice, in minutes: ``A_i = ln(sum_j O_j exp(-s t_ij)) / s``.

    Only differences between two matrices have a meaning: the benefit per person in minutes (5, where all times fall by 5
    minutes). It is the logarithm of :func:`gravity` with ``Exponential(s)``, divided by s.

    Parameters
    ----------
    times : TravelMatrix, DataFrame or array_like
        Minutes, shape (origins, destinations).
    opportunities : array_like, shape (destinations,)
        What each destination offers, finite and 0 or more.
    scale_per_min : float
        s, the sensitivity to time per minute: from a fitted destination choice model or stated as an assumption. No default.

    Returns
    -------
    Series
        Minutes by origin; minus infinity where nothing is reached.

    Raises
    ------
    CorridorError
        With every problem found in times, opportunities and scale.

    References
    ----------
    Ben-Akiva and Lerman 1985, Discrete Choice Analysis. De Jong, Daly, Pieters and van der Hoorn 2007, The logsum as an
    evaluation measure, Transportation Research Part A 41(9).
    """
    inputs, matrix, held = _read(times, opportunities)
    inputs.positive(scale_per_min=scale_per_min)
    inputs.raise_all()
    offers = held > 0
    out = np.full(matrix.shape[0], -np.inf)
    for part, minutes in matrix.blocks():
        offered = minutes[:, offers]
        nearest = offered.min(axis=1, initial=np.inf)
        reached = np.isfinite(nearest)
        offered = offered[reached]
        offered -= nearest[reached, None]  # the nearest weighs 1, so that no sum is too small for a float
        offered *= -scale_per_min
        total = np.exp(offered, out=offered) @ held[offers]
        out[part][reached] = np.log(total) / scale_per_min - nearest[reached]
    return pd.Series(out, index=matrix.origins, name="access")


def dual(times: Times, opportunities: ArrayLike, targets: Sequence[float]) -> pd.DataFrame:
    """Dual access, the minutes to reach n opportunities: ``T_i(n) = min {c : A_i(c) >= n}``, A the cumulative access.

    Parameters
    ----------
    times : TravelMatrix, DataFrame or array_like
        Minutes, shape (origins, destinations).
    opportunities : array_like, shape (destinations,)
        What each destination offers, finite and 0 or more.
    targets : sequence of float
        n; with n = 1 the result is the minimum cost, the minutes to the nearest opportunity.

    Returns
    -------
    DataFrame
        Minutes: a row for each origin, a column for each target; infinite where no time suffices.

    Raises
    ------
    CorridorError
        With every problem found in times, opportunities and targets.

    References
    ----------
    Cui and Levinson 2020, Primal and dual access, Geographical Analysis 52(3).

    Examples
    --------
    >>> dual([[0, 40]], [1, 3], targets=[1, 4, 9]).to_numpy().tolist()
    [[0.0, 40.0, inf]]
    """
    inputs, matrix, held = _read(times, opportunities)
    wanted = inputs.rising(targets, "targets")
    inputs.raise_all()
    out = _soonest(matrix, held, np.broadcast_to(wanted, (matrix.shape[0], wanted.size)))
    return pd.DataFrame(out, index=matrix.origins, columns=pd.Index(list(targets), name="target"))


def balancing_cost(times: Times, opportunities: ArrayLike, demand: ArrayLike) -> pd.Series:
    """Minutes to reach as many opportunities as the origin has people: ``B_i = min {c : A_i(c) >= P_i}``.

    Dual access with each origin's own target. People and opportunities should be comparable (workers and jobs).

    Parameters
    ----------
    times : TravelMatrix, DataFrame or array_like
        Minutes, shape (origins, destinations).
    opportunities : array_like, shape (destinations,)
        What each destination offers, finite and 0 or more.
    demand : array_like, shape (origins,)
        P, the people of each origin.

    Returns
    -------
    Series
        Minutes by origin: 0 where nobody lives, infinite where no time suffices.

    Raises
    ------
    CorridorError
        With every problem found in times, opportunities and demand.

    References
    ----------
    Barboza, Carneiro, Falavigna, Luz and Orrico 2021, Balancing time: using a new accessibility measure in Rio de Janeiro,
    Journal of Transport Geography 90.
    """
    inputs, matrix, held = _read(times, opportunities)
    people = inputs.at_places(matrix, matrix.origins, demand, "demand")
    inputs.raise_all()
    out = _soonest(matrix, held, people[:, None])[:, 0]
    return pd.Series(out, index=matrix.origins, name="balancing_min")


def _read(times: Times, opportunities: ArrayLike) -> tuple[Inputs, TravelMatrix, F64]:
    """Times, and opportunities in the order of the destinations; what is wrong with them is not raised yet."""
    inputs = Inputs()
    matrix = inputs.matrix(times)
    return inputs, matrix, inputs.at_places(matrix, matrix.destinations, opportunities, "opportunities")


def _soonest(matrix: TravelMatrix, held: F64, wanted: F64) -> F64:
    """Minutes (origin, target) after which an origin has reached what it wants; `wanted`: (origin, target)."""
    out = np.empty(wanted.shape)
    for part, minutes in matrix.blocks():
        order = np.argsort(minutes, axis=1)
        reached = np.cumsum(held[order], axis=1)
        ranked = np.take_along_axis(minutes, order, axis=1)
        for k, target in enumerate(wanted[part].T):
            enough = reached >= target[:, None]
            first = enough.argmax(axis=1)[:, None]
            soonest = np.take_along_axis(ranked, first, axis=1)[:, 0]
            out[part, k] = np.where(enough[:, -1], soonest, np.inf)
    out[wanted == 0] = 0.0
    return out
