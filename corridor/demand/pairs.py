"""A demand model whose trips between zones are given: what remains to be modelled is the gate, and how many travel.

With T_ij the given trips of a segment, and L_ij the log-sum of a pair on the counted network (b) and on another (s),

    T_ij,s = T_ij  exp(-beta (L_ij,s - L_ij,b)) ^ eta,

so no trip goes to another destination, and a pair whose costs do not change keeps its trips. The gates that a pair uses follow
from the constants, which make all given trips pass the gates in the shares of the counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from corridor.core.arrays import F64
from corridor.demand.logit import Choice
from corridor.demand.model import Counts, Key, Model, NetworkCosts
from corridor.demand.segments import DIRECTIONS, LandUse, of_all_spells


class GivenTrips(NamedTuple):
    """Trips a day that were given."""

    total: float
    lost: float
    """Between zones that no counted gate joins: left out."""
    counted: float
    """Passengers that were counted, whose shares by gate the trips have."""


NO_TRIPS = GivenTrips(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class PairModel(Model):
    """A model with given trips; land use has no part in it.

    The unit that is elastic is a pair, not a home zone: `accessibility` is that of every pair, exp(-beta L_ij).

    Attributes
    ----------
    trips
        By segment and direction, (home zone, away zone) trips a day.
    given
        How many they are, with those that are left out.
    """

    trips: Mapping[Key, F64] = field(default_factory=dict)
    given: GivenTrips = NO_TRIPS

    def accessibility(self, choice: Choice, land: LandUse, key: Key) -> F64:
        """exp(-beta L_ij), shape (home zone, away zone); 0 where no gate leads."""
        return self.toward_home(choice, key)

    def made(self, key: Key, accessibility: F64, passengers: float, before: LandUse, land: LandUse) -> F64:
        """The given trips, shape (home zone, away zone)."""
        return self.trips[key]

    def trips_between(self, choice: Choice, land: LandUse, key: Key, trips_of_home: F64) -> F64:
        """(origin, destination) trips; those of a pair that no gate joins are lost."""
        joined = self.toward_home(choice, key) > 0
        return self.directed(np.where(joined, trips_of_home, 0.0), key)

    def loads(self, choice: Choice, land: LandUse, key: Key, trips_of: Callable[[F64], F64]) -> F64:
        """(gate,) trips: pair by pair, since any may change by its own share."""
        trips = trips_of(self.accessibility(choice, land, key))
        return choice.flows(self.trips_between(choice, land, key, trips)).by_gate

    def balanced(self, choice: Choice, land: LandUse, key: Key) -> PairModel:
        """The model itself: ends beyond the region are wherever the given trips have them."""
        return self

    def in_open_spells(self, costs: NetworkCosts, counts: Counts) -> PairModel:
        """The model itself: its trips are in the spells in which their pair has a way (:func:`fitted`)."""
        return self

    def living_inside(self, key: Key, land: LandUse) -> F64:
        """(home zone,) 1 where somebody lives: given trips do not say who comes from beyond the region."""
        return (land.residents[self.sides[key[0].home]] > 0).astype(float)


class Fitted(NamedTuple):
    """Given trips and the counts that they are held against."""

    model: PairModel
    counts: Counts
    """The counted shares of each gate, with the given totals of each counted group and direction."""


def fitted(model: Model, trips: Mapping[Key, F64], costs: NetworkCosts, counts: Counts) -> Fitted:
    """A model with given trips, and the counts in their number.

    Parameters
    ----------
    model
        Its segments, zones and sensitivities.
    trips
        By segment and direction, (home zone, away zone) trips a day.
    costs
        Of the counted network.
    counts
        Passengers by counted group; those of a gate that no modelled way reaches are left out.
    """
    counts = counts.at(costs.reached_in_any_spell(model.sides))
    kept = _where_joined(model, trips, costs, counts)
    totals = {group: np.zeros(len(DIRECTIONS)) for group in counts.by_group}
    for (segment, d), pairs in kept.items():
        totals[segment.counted_as][d] += pairs.sum()
    scaled = {}
    for group, counted in counts.by_group.items():
        whole = counted.sum(axis=1)
        rate = np.divide(totals[group], whole, out=np.zeros_like(whole), where=whole > 0)
        scaled[group] = counted * rate[:, None]
    total = sum(float(pairs.sum()) for pairs in trips.values())
    left_out = total - sum(float(pairs.sum()) for pairs in kept.values())
    given = GivenTrips(total, left_out, float(counts.passengers.sum()))
    fields = {name: getattr(model, name) for name in ("segments", "sides", "zone_class", "assumptions")}
    return Fitted(PairModel(**fields, trips=kept, given=given), Counts(scaled))


def _where_joined(
    model: Model, trips: Mapping[Key, F64], costs: NetworkCosts, counts: Counts
) -> dict[Key, F64]:
    """Trips of pairs that a counted gate joins; those of a spell in which none does are in the spells in which one does."""
    kept: dict[Key, F64] = {}
    alike: dict[Key, list[Key]] = {}
    for key in model.keys:
        segment, direction = key
        used = np.where(counts.by_group[segment.counted_as][direction] > 0, 0.0, np.inf)
        joined = model.toward_home(model.choice(costs, used, key), key) > 0
        kept[key] = np.where(joined, trips[key], 0.0)
        alike.setdefault((of_all_spells(segment), direction), []).append(key)
    for keys in alike.values():
        there = np.sum([kept[key] for key in keys], axis=0)
        rate = np.divide(
            np.sum([trips[key] for key in keys], axis=0), there, out=np.ones_like(there), where=there > 0
        )
        kept |= {key: kept[key] * rate for key in keys}
    return kept
