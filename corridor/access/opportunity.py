"""What a place can reach: cumulative opportunities, gravity and dual access, on any travel-time matrix.

`times` is an array (origin, destination) of minutes, a table with columns from, to, minutes, or what
:func:`corridor.access.matrix.travel_matrix` read from either; its ``notes`` count what is unreachable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from corridor.access.impedance import Impedance, weighted_blocks
from corridor.access.matrix import Checks, Times


def cumulative(times: Times, opportunities: ArrayLike, cutoffs_min: Sequence[float]) -> pd.DataFrame:
    """Opportunities reached within each cut-off: ``A_i(c) = sum_j O_j [t_ij <= c]``, in units of the opportunities.

    A row for each origin, a column for each cut-off (minutes, as given; the cut-off itself counts as within).
    Geurs and van Wee 2004; Levinson and King 2020.
    """
    checks = Checks()
    matrix = checks.matrix(times)
    held = checks.at_places(opportunities, "opportunities", matrix.destinations, matrix.named)
    cutoffs = checks.rising(cutoffs_min, "cutoffs_min")
    checks.done()
    out = np.empty((matrix.shape[0], cutoffs.size))
    for part, minutes in matrix.blocks():
        for k, cutoff in enumerate(cutoffs):
            out[part, k] = (minutes <= cutoff).astype(np.float64) @ held
    return pd.DataFrame(out, index=matrix.origins, columns=pd.Index(list(cutoffs_min), name="cutoff_min"))


def gravity(times: Times, opportunities: ArrayLike, impedance: Impedance) -> pd.Series:
    """Opportunities, each weighted by the time it takes: ``A_i = sum_j O_j f(t_ij)``.

    In units of the opportunities, as many as at 0 minutes; `impedance` is f (:mod:`corridor.access.impedance`).
    Hansen 1959.
    """
    checks = Checks()
    matrix = checks.matrix(times)
    held = checks.at_places(opportunities, "opportunities", matrix.destinations, matrix.named)
    checks.done()
    out = np.empty(matrix.shape[0])
    for part, weights in weighted_blocks(matrix, impedance):
        out[part] = weights @ held
    return pd.Series(out, index=matrix.origins, name="access")


def dual(times: Times, opportunities: ArrayLike, targets: Sequence[float]) -> pd.DataFrame:
    """Minutes to reach n opportunities: ``T_i(n) = min {c : A_i(c) >= n}`` with A the cumulative access.

    A row for each origin, a column for each target n; infinite where no time suffices. Cui and Levinson 2020.
    """
    checks = Checks()
    matrix = checks.matrix(times)
    held = checks.at_places(opportunities, "opportunities", matrix.destinations, matrix.named)
    wanted = checks.rising(targets, "targets")
    checks.done()
    out = np.empty((matrix.shape[0], wanted.size))
    for part, minutes in matrix.blocks():
        order = np.argsort(minutes, axis=1)
        reached = np.cumsum(held[order], axis=1)
        ranked = np.take_along_axis(minutes, order, axis=1)
        for k, target in enumerate(wanted):
            enough = reached >= target
            first = enough.argmax(axis=1)[:, None]
            soonest = np.take_along_axis(ranked, first, axis=1)[:, 0]
            out[part, k] = np.where(enough[:, -1], soonest, np.inf)
    out[:, wanted == 0] = 0.0
    return pd.DataFrame(out, index=matrix.origins, columns=pd.Index(list(targets), name="target"))
