"""Dominance, before any weight: who is no better in anything and worse in something (the Pareto rule)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from corridor.core.pareto import dominates


def dominance(values: pd.DataFrame, counterfactual: Collection[str]) -> pd.DataFrame:
    """scenario_id, counterfactual, dominated, dominated_by (ids, spaced) of each scenario of `values`.

    What nobody proposes may be dominated, but is no better choice than anything.
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
