"""Least generalised cost between named hubs, with the minutes, the fare and the control point of the cheapest way."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from corridor.access.cost.choices import find_choices
from corridor.access.cost.cost import MOST_COST_S
from corridor.access.cost.departure import CostDeparture
from corridor.access.cost.router import CostRouter
from corridor.access.journeys.router import Router
from corridor.access.search.cells import Place
from corridor.access.search.journey import checkpoints_of
from corridor.access.surroundings.base import BaseLayer, Surroundings
from corridor.core.arrays import F32
from corridor.core.in_memory import Kept
from corridor.core.stopping import next_step
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import Network

if TYPE_CHECKING:
    import pandas as pd

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
    network: Network,
    linked: CompiledNetwork,
    base: BaseLayer,
    hubs: Sequence[tuple[str, Place]],
    clearance_s: tuple[F32, F32],
) -> pd.DataFrame:
    """Least generalised cost between hubs, a row a pair, both ways.

    Parameters
    ----------
    leaving
        The network at one clock time with its costs.
    network
        That of the scenario.
    linked
        The same compiled, with the ways by local bus in unweighted seconds.
    base
        Ways off the network in unweighted seconds.
    hubs
        Id and place of each.
    clearance_s
        Quick and slow clearance by control point, in seconds.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, NaN where there is no service within the limit. `cost_min` is the generalised cost in minutes of riding,
        `cost_low_min` and `cost_high_min` the same with quick and slow clearance; `cost_way_min` the minutes that the cheapest
        way takes.
    """
    import pandas as pd

    quick, slow = (leaving.with_clearance(seconds) for seconds in clearance_s)
    departure, rows = leaving.departure.on(linked), []
    around: Kept[Place, Surroundings] = Kept()
    places = [place for _, place in hubs]
    for place in places:  # walks to all others at once
        leaving.costing.base.direct_s(place, places, departure.start_clock_s)
    for (a, origin), (b, destination) in itertools.permutations(hubs, 2):
        next_step()
        router = Router(network, departure, base, origin, destination, around)
        way = CostRouter(router, leaving).solve()
        if way is None:
            rows.append((a, b, *[np.nan] * 5, ""))
            continue
        low, high = (CostRouter(router, other).least_cost_s() / 60 for other in (quick, slow))
        cost = way.cost_s / 60
        passed = "+".join(checkpoints_of(way.legs))
        rows.append((a, b, cost, min(low, cost), max(high, cost), way.time_s / 60, way.fare_hkd, passed))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def least_costs(
    leaving: CostDeparture,
    network: Network,
    linked: CompiledNetwork,
    base: BaseLayer,
    pairs: Sequence[tuple[tuple[str, Place], tuple[str, Place]]],
) -> pd.DataFrame:
    """Least generalised cost of pairs of hubs alone: much quicker than :func:`cost_hub_table`, as no way is traced.

    Parameters
    ----------
    leaving, network, linked, base
        As for :func:`cost_hub_table`.
    pairs
        Id and place of both ends of each.

    Returns
    -------
    DataFrame
        from_place, to_place, cost_min: minutes of riding, NaN where there is no service within the limit.
    """
    import pandas as pd

    departure, rows = leaving.departure.on(linked), []
    for (a, origin), (b, destination) in pairs:
        cost_s = CostRouter(Router(network, departure, base, origin, destination), leaving).least_cost_s()
        rows.append((a, b, cost_s / 60 if cost_s < MOST_COST_S else np.nan))
    return pd.DataFrame(rows, columns=["from_place", "to_place", "cost_min"])


def hub_choices(
    departures: Mapping[float, CostDeparture],
    network: Network,
    linked: CompiledNetwork,
    base: BaseLayer,
    hubs: Sequence[tuple[str, Place]],
) -> pd.DataFrame:
    """Ways between hubs that no other beats in both minutes and dollars.

    Parameters
    ----------
    departures
        By value of time in HKD an hour.
    network, linked, base, hubs
        As for :func:`cost_hub_table`.

    Returns
    -------
    DataFrame
        from_place, to_place, minutes, fare_hkd, checkpoint_id: a row a way, soonest first within a pair; a pair without a way
        has none. See :func:`corridor.access.cost.choices.find_choices`.
    """
    import pandas as pd

    departure = next(iter(departures.values())).departure.on(linked)
    around: Kept[Place, Surroundings] = Kept()
    rows = []
    for (a, origin), (b, destination) in itertools.permutations(hubs, 2):
        router = Router(network, departure, base, origin, destination, around)
        for way in find_choices(router, departures):
            rows.append((a, b, way.time_s / 60, way.fare_hkd, "+".join(way.checkpoints)))
    return pd.DataFrame(rows, columns=["from_place", "to_place", "minutes", "fare_hkd", "checkpoint_id"])
