"""Journeys on a scenario's network: the expected one, its choices between minutes and money, and how far times spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from corridor.access.cost.choices import Choice, find_choices
from corridor.access.cost.departure import CostDeparture, Costing
from corridor.access.cost.hubs import hub_choices
from corridor.access.cost.price import priced_journey, with_assumed
from corridor.access.cost.router import CostRouter
from corridor.access.journeys.router import Router
from corridor.access.journeys.spread import ClearanceTimes, Spread, hub_spread, policy_spread
from corridor.access.search.cells import Place
from corridor.access.search.departure import Departure
from corridor.access.search.journey import LIMIT_S, Journey, Objective, Rates
from corridor.access.surroundings.base import BaseLayer
from corridor.core.errors import ScenarioError
from corridor.network.fares import CostParameters, Fares
from corridor.network.loads import Travellers, without_queue
from corridor.study.network import ScenarioNetwork

if TYPE_CHECKING:
    import pandas as pd

Hubs = tuple[tuple[str, Place], ...]


@dataclass(frozen=True, eq=False)
class Leaving:
    """Some travellers who leave at one clock time, on a network with their clearance times.

    Attributes
    ----------
    clock_s
        Seconds of the service day.
    fixed_wait
        Whether each line is waited for alone, half a headway, for comparison with plain shortest paths.
    """

    net: ScenarioNetwork
    base: BaseLayer
    travellers: Travellers
    clock_s: float
    fixed_wait: bool
    costing: Callable[[float | None], Costing]
    """What generalised costs are worked out from at a value of time in HKD an hour; None: that of the travellers."""

    @cached_property
    def _linked(self) -> Departure:
        """On the network with the ways by local bus between its stations."""
        return self.base.departure(self.net.compiled, self.clock_s, LIMIT_S, self.fixed_wait)

    @cached_property
    def _plain(self) -> Departure:
        return Departure(self.net.compiled, self.clock_s, LIMIT_S, self.fixed_wait)

    def _by_value(self) -> dict[float, CostDeparture]:
        """By value of time: the low, central and high one of the travellers, and one at which money does not count."""
        fares = self.net.network.fares
        parameters = fares.cost if fares else CostParameters()
        values = dict.fromkeys((*parameters.values_of(self.travellers.group), float("inf")))
        return {value: CostDeparture(self._plain, self.costing(value)) for value in values}

    def _clearance_times(self) -> ClearanceTimes:
        """Means and 90th percentiles: the high end of a range is read as what nine of ten stay under."""
        points = [self.net.network.checkpoints[c] for c in self.net.compiled.cp_ids]
        mean, high = ([getattr(p, f) for p in points] for f in ("clearance_s", "clearance_high_s"))
        return ClearanceTimes.of(np.array(mean, dtype=float), np.array(high, dtype=float))

    def hub_choices(self, hubs: Hubs) -> pd.DataFrame:
        """See :meth:`corridor.study.study.Study.hub_choices`."""
        return hub_choices(self._by_value(), self.net.network, self._linked.network, self.base, hubs)

    def hub_spread(self, hubs: Hubs, draws: int, seed: int) -> pd.DataFrame:
        """See :meth:`corridor.study.study.Study.hub_spread`."""
        around = {hub: self.base.surroundings(self._linked, place) for hub, place in hubs}
        clearance = self._clearance_times()
        return hub_spread(self._linked, self.base, hubs, around, clearance, _some(draws), seed)


@dataclass(frozen=True, eq=False)
class Trip:
    """Travellers from one place to another, northbound, southbound or on one side ("both")."""

    leaving: Leaving
    origin: Place
    destination: Place
    direction: str

    @cached_property
    def _router(self) -> Router:
        leaving = self.leaving
        return Router(leaving.net.network, leaving._linked, leaving.base, self.origin, self.destination)

    @property
    def _cost_router(self) -> CostRouter:
        return CostRouter(self._router, CostDeparture(self.leaving._plain, self.leaving.costing(None)))

    def journey(self, least: Objective) -> Journey:
        """The expected journey.

        Parameters
        ----------
        least
            What it minimises: "cost" (generalised cost) or "time" (expected time).

        Returns
        -------
        Journey
            Legs, times, fare and alternatives, with the rates at which time and money were weighed; the fare is NaN without
            a table of fares.

        Raises
        ------
        UnreachableError
            Where there is no service at that hour.
        """
        leaving = self.leaving
        net, who, costing = leaving.net, leaving.travellers, leaving.costing(None)
        if least == "time":
            found = priced_journey(self._router.find(), costing, net.compiled)
        else:
            found = self._cost_router.find()
        unknown = without_queue(net.network, self.direction)
        found = replace(found, direction=self.direction, group=who.group, load=who.load, no_queue=unknown)
        return _at_rates(found, costing, net.network.fares)

    def choices(self) -> tuple[Choice, ...]:
        """See :meth:`corridor.study.study.Study.choices`."""
        found = find_choices(self._router, self.leaving._by_value())
        if not found:
            raise self._router.no_way(())
        fares = self.leaving.net.network.fares
        return tuple(replace(c, legs=with_assumed(c.legs, fares)) for c in found) if fares else found

    def spread(self, draws: int, seed: int, least: Objective) -> Spread:
        """See :meth:`corridor.study.study.Study.spread`."""
        leaving, departure = self.leaving, self.leaving._linked
        policy = self._router.policy() if least == "time" else self._cost_router.policy()
        if policy is None:
            raise self._router.no_way(())
        return policy_spread(policy, departure, leaving._clearance_times(), _some(draws), seed)


def _at_rates(journey: Journey, costing: Costing, fares: Fares | None) -> Journey:
    """A journey with what its money and minutes were counted at, and the fares that are assumptions marked."""
    if fares is None:
        return replace(journey, fare_hkd=float("nan"), rates=Rates(costing.weights))
    rates = Rates(costing.weights, fares.cost.of(journey.group), fares.cost.cny_per_hkd)
    others = tuple(replace(a, legs=with_assumed(a.legs, fares)) for a in journey.alternatives)
    return replace(journey, legs=with_assumed(journey.legs, fares), alternatives=others, rates=rates)


def _some(draws: int) -> int:
    if draws < 1:
        raise ScenarioError.at("draws", f"{draws}", "1 or more", "write e.g. 2000")
    return draws
