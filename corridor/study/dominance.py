"""Dominance, before any weight: who is no better in anything and worse in something (the Pareto rule)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from corridor.core.pareto import dominates


def dominance(values: pd.DataFrame, counterfactual: Collection[str]) -> pd.DataFrame:
    """Find the scenarios that another one dominates.

    Parameters
    ----------
    values
        Scenario (index) by criterion, in value points: more is better.
    counterfactual
        Scenarios that nobody proposes: they may be dominated, but are no better choice than anything.

    Returns
    -------
    pandas.DataFrame
        scenario_id, counterfactual, dominated, dominated_by (ids with spaces between): a row a scenario.
    """
    ids = [str(i) for i in values.index]
    beats = dominates(values.to_numpy(float))
    beats[[i in counterfactual for i in ids]] = False
    by = [" ".join(ids[row] for row in np.flatnonzero(beats[:, column])) for column in range(len(ids))]
    return pd.DataFrame(
        {
            "scenario_id": ids,
            "counterfactual": [i in counterfactual for i in ids],
            "dominated": [bool(others) for others in by],
            "dominated_by": by,
        }
    )
