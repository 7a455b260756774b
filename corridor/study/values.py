"""Value functions: what a change against the do-minimum is worth, in points of its criterion's anchor.

value = s (x - x_do_minimum) / anchor, with s = 1 or -1 so that more is better: 0 at the do-minimum, 1 or -1 at the anchor,
and straight on beyond. A value depends on its scenario and the do-minimum alone (Belton and Stewart 2002, chapter 5:
partial value functions on a scale that is fixed beforehand).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.schema.comparison import Criterion


@dataclass(frozen=True)
class Bounds:
    """Figures of scenarios (index) by criterion (columns): the central one, and the low and high end of each."""

    central: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame

    def of(self, scenario_ids: Sequence[str]) -> Bounds:
        """Some of the scenarios, in the order given.

        Raises
        ------
        KeyError
            Where a scenario is not among them.
        """
        rows = list(scenario_ids)
        return Bounds(self.central.loc[rows], self.low.loc[rows], self.high.loc[rows])


def slopes(criteria: Sequence[Criterion]) -> NDArray[np.float64]:
    """Value points per unit of each criterion, positive where more is better.

    Returns
    -------
    numpy.ndarray
        (criterion,): the anchor's value over its change. Criteria without an anchor are left out, so pass none.
    """
    return np.array([c.anchor.of(1.0) for c in criteria if c.anchor])


def values_of(figures: pd.DataFrame, criteria: Sequence[Criterion], do_minimum: str) -> pd.DataFrame:
    """Value the change of each scenario against the do-minimum.

    Parameters
    ----------
    figures
        Scenario (index) by criterion (columns), each in its own unit.
    criteria
        Those to value; each has an anchor.
    do_minimum
        The scenario whose values are 0.

    Returns
    -------
    pandas.DataFrame
        Scenario by criterion, in value points: 1 is a change as large as the anchor, for the better. What is not assessed is
        worth 0.
    """
    ids = [c.id for c in criteria]
    change = (figures[ids] - figures.loc[do_minimum, ids]).fillna(0.0)
    return change * slopes(criteria) + 0.0  # no -0


def drawn_values(
    bounds: Bounds, criteria: Sequence[Criterion], do_minimum: str, position: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Value scenarios with every uncertain figure drawn between its low and its high end.

    Parameters
    ----------
    bounds, criteria, do_minimum
        As for :func:`values_of`.
    position
        Shape (draw, criterion), from 0 (the low end) to 1 (the high end). It is shared by all scenarios, as what is uncertain
        (clearance times, widths of structures) is the same thing in each of them.

    Returns
    -------
    numpy.ndarray
        Shape (draw, scenario, criterion), in value points.
    """
    ids = [c.id for c in criteria]
    ends = np.sort(np.stack([bounds.low[ids].to_numpy(float), bounds.high[ids].to_numpy(float)]), axis=0)
    sampled = ends[0][None] + position[:, None, :] * (ends[1] - ends[0])[None]
    base = list(bounds.central.index).index(do_minimum)
    return np.asarray(np.nan_to_num((sampled - sampled[:, base : base + 1]) * slopes(criteria)))
