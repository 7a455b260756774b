"""How far thinned cells are off: in a criterion, and in the difference between two scenarios.

What thinning changes in the study as it is, is known and taken off every draw. What it changes in a draw besides is not
known; differences that are smaller than what was taken off may be of that alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from corridor.schema.comparison import Criterion
from corridor.schema.weights import Panel
from corridor.study.ensemble.findings import ALIKE, Findings
from corridor.study.values import slopes

SCORE_COLUMNS = ("profile", "scenario_id", "against", "middle", "apart", "near")


def thinning(exact: pd.DataFrame, thinned: pd.DataFrame) -> pd.DataFrame:
    """How far figures on thinned cells are off in the study as it is.

    Parameters
    ----------
    exact, thinned
        Scenario by criterion, on all cells and on thinned ones.

    Returns
    -------
    pandas.DataFrame
        criterion, taken_off, apart, in the unit of the criterion; exact criteria left out.

    Examples
    --------
    >>> exact, thinned = (pd.DataFrame({"jobs": v}, index=["a", "b"]) for v in ([10.0, 12.0], [9.0, 12.5]))
    >>> thinning(exact, thinned).to_dict("records")
    [{'criterion': 'jobs', 'taken_off': 1.0, 'apart': 1.5}]
    """
    off = (exact - thinned).dropna(axis=1, how="all")
    table = pd.DataFrame({"taken_off": off.abs().max(), "apart": off.max() - off.min()})
    small = ALIKE * exact[off.columns].abs().max()
    return table[table["taken_off"] > small].rename_axis("criterion").reset_index()


def score_thinning(
    exact: pd.DataFrame, thinned: pd.DataFrame, scored: Sequence[Criterion], panels: Sequence[Panel], found: Findings
) -> pd.DataFrame:  # fmt: skip
    """Which differences in score thinned cells may account for.

    Parameters
    ----------
    exact, thinned
        As for :func:`thinning`.
    scored
        Criteria with an anchor.
    panels
        Panels of judges, whose mean weights count.
    found
        With the scores of draws.

    Returns
    -------
    pandas.DataFrame
        profile, scenario_id, against (each pair once), middle (median difference of the draws, value points), apart (what is
        taken off the one and not the other in the study as it is, ``sum_c w_c |slope_c (off_a,c - off_b,c)|``, so that
        criteria do not make good for each other), near (whether the median is within that).
    """
    names = [c.id for c in scored]
    off = (exact - thinned).reindex(columns=names).fillna(0.0) * slopes(scored)
    rows = []
    for panel in panels:
        scores, weights = found.scores[panel.panel_id], panel.weights.mean(axis=0)
        for a, b in combinations(scores.columns, 2):
            apart = float(np.abs(off.loc[a] - off.loc[b]).to_numpy() @ weights)
            middle = float((scores[a] - scores[b]).median())
            rows.append((panel.panel_id, a, b, middle, apart, 0 < abs(middle) < apart))
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))
