"""Least generalised cost between named hubs, with the minutes, the fare and the control point of the cheapest way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cells import Place
from corridor.access.cost_departure import CostDeparture
from corridor.access.cost_router import CostRouter
from corridor.access.router import Router

COLUMNS = (
    "from_place",
    "to_place",
    "cost_min",
    "cost_low_min",
    "cost_high_min",
    "cost_way_min",
    "fare_hkd",
    "checkpoint_id",
)


def cost_hub_table(
    leaving: CostDeparture,
    routers: Mapping[tuple[str, str], Router],
    hubs: Sequence[tuple[str, Place]],
    clearance_low_s: NDArray[np.float32],
    clearance_high_s: NDArray[np.float32],
) -> pd.DataFrame:
    """A row a pair, both ways: :data:`COLUMNS`; NaN where there is no way within the limit.

    `cost_min` is the generalised cost and `cost_low_min`, `cost_high_min` the same with quick and slow clearance, in
    minutes of riding; `cost_way_min` the minutes that the cheapest way takes. `routers`: by pair of hubs.
    """
    quick, slow = leaving.with_clearance(clearance_low_s), leaving.with_clearance(clearance_high_s)
    rows = []
    for a, _ in hubs:
        for b, _ in hubs:
            if a == b:
                continue
            router = routers[a, b]
            way = CostRouter(router, leaving).solve()
            if way is None:
                rows.append((a, b, *[np.nan] * 5, ""))
                continue
            low, high = (CostRouter(router, other).least_cost_s() / 60 for other in (quick, slow))
            cost = way.cost_s / 60
            passed = "+".join(leg.checkpoint_id for leg in way.legs if leg.checkpoint_id)
            rows.append((a, b, cost, min(low, cost), max(high, cost), way.time_s / 60, way.fare_hkd, passed))
    return pd.DataFrame(rows, columns=list(COLUMNS))
