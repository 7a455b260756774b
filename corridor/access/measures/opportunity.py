"""What a place can reach: cumulative opportunities, gravity, log-sum, dual access, balancing cost; on any matrix.

`times` is an array (origin, destination) of minutes, a table with columns from, to, minutes, or what
:func:`corridor.access.measures.matrix.travel_matrix` read from either; its ``notes`` count what is unreachable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from corridor.access.measures.impedance import Impedance, weighted_blocks
from corridor.access.measures.matrix import F64, Inputs, Times, TravelMatrix


def cumulative(times: Times, opportunities: ArrayLike, cutoffs_min: Sequence[float]) -> pd.DataFrame:
    """Opportunities reached within each cut-off: ``A_i(c) = sum_j O_j [t_ij <= c]``, in units of the opportunities.

    A row for each origin, a column for each cut-off (minutes, as given; the cut-off itself counts as within).
    Geurs and van Wee 2004; Levinson and King 2020.
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

    In units of the opportunities, as many as at 0 minutes; `impedance` is f (:mod:`corridor.access.measures.impedance`).
    Hansen 1959.
    """
    inputs, matrix, held = _read(times, opportunities)
    inputs.raise_all()
    out = np.empty(matrix.shape[0])
    for part, weights in weighted_blocks(matrix, impedance):
        out[part] = weights @ held
    return pd.Series(out, index=matrix.origins, name="access")


def logsum(times: Times, opportunities: ArrayLike, scale_per_min: float) -> pd.Series:
    """Log-sum of a logit destination choice, in minutes: ``A_i = ln(sum_j O_j exp(-s t_ij)) / s``.

    `scale_per_min` is s, the sensitivity to time per minute, from a fitted destination choice or stated as an
    assumption; there is no default. Only differences between two matrices mean something: they are the benefit per
    person in minutes (where all times fall by 5 minutes, 5). Minus infinity where nothing is reached. The same as the
    logarithm of :func:`gravity` with ``Exponential(s)``, divided by s. Ben-Akiva and Lerman 1985; de Jong, Daly, Pieters
    and van der Hoorn 2007.
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
    """Minutes to reach n opportunities: ``T_i(n) = min {c : A_i(c) >= n}`` with A the cumulative access.

    A row for each origin, a column for each target n; infinite where no time suffices. With n = 1 the minimum cost, the
    minutes to the nearest. Cui and Levinson 2020.
    """
    inputs, matrix, held = _read(times, opportunities)
    wanted = inputs.rising(targets, "targets")
    inputs.raise_all()
    out = _soonest(matrix, held, np.broadcast_to(wanted, (matrix.shape[0], wanted.size)))
    return pd.DataFrame(out, index=matrix.origins, columns=pd.Index(list(targets), name="target"))


def balancing_cost(times: Times, opportunities: ArrayLike, demand: ArrayLike) -> pd.Series:
    """Minutes to reach as many opportunities as the origin has people: ``B_i = min {c : A_i(c) >= P_i}``.

    `demand`: P, people at origins. Dual access with each origin's own target: 0 where nobody lives, infinite where no
    time suffices. People and opportunities should be comparable (workers and jobs). Barboza, Carneiro, Falavigna, Luz and
    Orrico 2021 (balancing time).
    """
    inputs, matrix, held = _read(times, opportunities)
    people = inputs.at_origins(matrix, demand, "demand")
    inputs.raise_all()
    out = _soonest(matrix, held, people[:, None])[:, 0]
    return pd.Series(out, index=matrix.origins, name="balancing_min")


def _read(times: Times, opportunities: ArrayLike) -> tuple[Inputs, TravelMatrix, F64]:
    """Times, and opportunities in the order of the destinations; what is wrong with them is not raised yet."""
    inputs = Inputs()
    matrix = inputs.matrix(times)
    return inputs, matrix, inputs.at_destinations(matrix, opportunities, "opportunities")


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
