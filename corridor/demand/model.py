"""The demand of one network: constants that make a nested logit over control points reproduce passenger counts.

The counts themselves are not modelled: constants of each gate make the base model equal to them, so that what is applied
to them elsewhere (:mod:`.predict`) is a change alone (Ortuzar and Willumsen 2011, section 9.4, incremental logit).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

import numpy as np

from corridor.core.arrays import BOOL, F64, I64
from corridor.core.errors import CorridorError
from corridor.demand.logit import Choice, Classes, Costs, Flows, Margins, Scales, Through
from corridor.demand.segments import DIRECTIONS, Ends, LandUse, Segment, ends_of, in_open_spells

T = TypeVar("T")
THREADS = 2


@dataclass(frozen=True)
class NetworkCosts:
    """What ways through each gate cost, in generalised minutes at the mean value of time, and their fares.

    Arrays are (gate, zone) over all zones; infinite (cost, fare, length) where there is no way.
    """

    gates: tuple[str, ...]
    """Control point of each gate."""
    site_ids: tuple[str, ...]
    """Site of each gate: gates at one site are nested."""
    is_hall: BOOL
    """Whether a gate is a hall, and not the station of a line."""
    to_gate_min: F64
    from_gate_min: F64
    to_gate_hkd: F64
    from_gate_hkd: F64
    modes: tuple[str, ...]
    to_gate_km: F64
    """(mode, gate, zone) on vehicles of the network, as the crow flies from ride to ride; so is `from_gate_km`."""
    from_gate_km: F64
    group_clearance_min: Mapping[str, F64] = field(default_factory=dict)
    """By traveller group, (direction, gate): its clearance less that of all travellers, which the minutes contain."""
    other_spells: tuple[NetworkCosts, ...] = ()
    """The same gates in the other spells of the day; these costs are those of the first."""

    def at(self, spell: int) -> NetworkCosts:
        """Costs in a spell of the day, numbered from 0."""
        return self.other_spells[spell - 1] if spell else self

    def with_spells(self, others: Sequence[NetworkCosts]) -> NetworkCosts:
        """The same with the costs of the other spells of the day, in their order."""
        return replace(self, other_spells=tuple(others))

    def of(
        self, direction: int, sides: Sequence[I64], min_per_hkd: float, clearance_group: str = ""
    ) -> Costs:
        """Costs of one direction at another value of time.

        Parameters
        ----------
        direction
            0 northbound, 1 southbound.
        sides
            Zones of the south and of the north.
        min_per_hkd
            Minutes that a dollar counts more than at the mean value of time; negative for travellers with a higher one.
        clearance_group
            Traveller group whose clearance counts; that of all travellers for one that is not in `group_clearance_min`.

        Returns
        -------
        Costs
            Over the origin and destination zones of that direction; infinite where no way leads to or from a gate.
        """
        origin, destination = sides[direction], sides[1 - direction]
        to_gate = self.to_gate_min + min_per_hkd * _finite(self.to_gate_hkd)
        if clearance_group in self.group_clearance_min:
            to_gate += self.group_clearance_min[clearance_group][direction][:, None]
        from_gate = self.from_gate_min + min_per_hkd * _finite(self.from_gate_hkd)
        return Costs(
            np.ascontiguousarray(to_gate[:, origin]),
            np.ascontiguousarray(from_gate[:, destination]),
            np.array([list(dict.fromkeys(self.site_ids)).index(s) for s in self.site_ids], dtype=np.int64),
        )

    def reached(self, sides: Sequence[I64]) -> BOOL:
        """Whether some way leads to each gate and on from it.

        Parameters
        ----------
        sides
            Zones of the south and of the north.

        Returns
        -------
        ndarray of bool, shape (direction, gate)
        """
        found = []
        for d in range(len(DIRECTIONS)):
            to_gate = np.isfinite(self.to_gate_min[:, sides[d]]).any(axis=1)
            found.append(to_gate & np.isfinite(self.from_gate_min[:, sides[1 - d]]).any(axis=1))
        return np.stack(found)

    def reached_in_any_spell(self, sides: Sequence[I64]) -> BOOL:
        """Whether some way leads to each gate and on from it at some time of the day, (direction, gate)."""
        spells = (self, *self.other_spells)
        return np.asarray(np.logical_or.reduce([costs.reached(sides) for costs in spells]))


def _finite(values: F64) -> F64:
    # the minutes are infinite there already; infinite fares at a rate of 0 or less would make them NaN
    return np.where(np.isfinite(values), values, 0.0)


@dataclass(frozen=True)
class Assumptions:
    """What the model assumes beside the segments; see layers/demand/parameters.csv.

    Attributes
    ----------
    elasticity
        Of all trips to generalised cost; 0 or less.
    mean_value_of_time_hkd_h
        At which the ways were searched.
    new_gate_min
        What a gate that was not counted costs beside its constant: that of a counted gate at its site, else the
        passenger-weighted mean of the counted halls.
    """

    scales: Scales
    elasticity: float
    mean_value_of_time_hkd_h: float
    new_gate_min: float = 0.0

    def __post_init__(self) -> None:
        if not self.elasticity <= 0:
            where, expected = "demand parameter total_elasticity", "0 or less"
            raise CorridorError.at(where, f"{self.elasticity:g}", expected, "correct the table of parameters")


Key = tuple[Segment, int]
"""A segment and a direction: 0 northbound, 1 southbound."""


@dataclass(frozen=True)
class Model:
    """Segments, zones and sensitivities: everything but costs and counts.

    Trips are constrained at home: a home zone whose costs do not change keeps its trips, whatever happens elsewhere. With
    A_i the sum over destinations of O_j exp(-beta L_ij), the accessibility of home zone i, and T_i its trips,

        T_ij = T_i O_j exp(-beta L_ij) / A_i.

    Attributes
    ----------
    sides
        Zones of the south and of the north.
    zone_class
        Of every zone: by which trips are added up, such as thirds of the boundary.
    outside
        Weight of the ends beyond the region (:meth:`balanced`), found by calibration; a segment's share without it.
    """

    segments: tuple[Segment, ...]
    sides: tuple[I64, I64]
    zone_class: I64
    assumptions: Assumptions
    outside: Mapping[Key, float] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every segment in both directions."""
        return tuple((segment, d) for segment in self.segments for d in range(len(DIRECTIONS)))

    def ends(self, key: Key, land: LandUse) -> Ends:
        """Home and away ends of a segment in one direction."""
        return ends_of(key[0], land, self.sides, self.outside.get(key, key[0].outside_share))

    def living_inside(self, key: Key, land: LandUse) -> F64:
        """(home zone,) share of its trips that those make who live in it, and not beyond the region."""
        within = ends_of(key[0], land, self.sides, 0.0).home
        home = self.ends(key, land).home
        beyond = (
            self.outside.get(key, key[0].outside_share) if key[0].home == 1 and land.gateway.any() else 0.0
        )
        return np.divide((1 - beyond) * within, home, out=np.zeros_like(home), where=home > 0)

    def choice(self, costs: NetworkCosts, extra_min: F64, key: Key) -> Choice:
        """The choice of one segment in one direction, at the segment's value of time.

        Parameters
        ----------
        costs
            Of the network, in all spells.
        extra_min
            Constants and queue, shape (gate,), in minutes; added to the costs.
        key
            Segment and direction.
        """
        segment, direction = key
        dearer = 60 / segment.value_of_time_hkd_h - 60 / self.assumptions.mean_value_of_time_hkd_h
        own = costs.at(segment.spell).of(direction, self.sides, dearer, segment.clearance_group)
        return Choice.of(own, extra_min, self.assumptions.scales)

    def accessibility(self, choice: Choice, land: LandUse, key: Key) -> F64:
        """(home zone,) A_i of a segment, ``sum of O_j exp(-beta L_ij)``: without unit, 0 where a zone reaches nothing."""
        return np.asarray(self.toward_home(choice, key) @ self.ends(key, land).away)

    def made(self, key: Key, accessibility: F64, passengers: float, before: LandUse, land: LandUse) -> F64:
        """T_i, where every zone reaches what it reached: ``T H_i A_i / (sum of H_b A_b)``, T the counted passengers.

        Parameters
        ----------
        key
            Segment and direction.
        accessibility
            A_b of the counted network, shape (home zone,).
        passengers
            T, a day.
        before, land
            Who lives where when it was counted (H_b), and in the state looked at (H_i).
        """
        whole = (self.ends(key, before).home * accessibility).sum()
        weight = self.ends(key, land).home * accessibility
        return np.asarray(weight * (passengers / whole if whole > 0 else 0.0))

    def flows(self, choice: Choice, land: LandUse, key: Key, trips_of_home: F64) -> Flows:
        """Trips of a segment, ``T_ij = T_i O_j exp(-beta L_ij) / A_i``, shared out over the gates.

        Parameters
        ----------
        choice
            Of the same segment and direction.
        land
            For the away ends.
        key
            Segment and direction.
        trips_of_home
            T_i, shape (home zone,), trips a day; those of a zone that reaches nothing are lost.
        """
        here, there = (self.zone_class[self.sides[d]] for d in (key[1], 1 - key[1]))
        return choice.flows(self.trips_between(choice, land, key, trips_of_home), Classes(here, there))

    def loads(self, choice: Choice, land: LandUse, key: Key, trips_of: Callable[[F64], F64]) -> F64:
        """(gate,) trips of a segment: those of :meth:`flows`, in a third of the time; `trips_of` gives T_i for A_i."""
        (access,), (by_gate,) = self.through(choice, key, self.ends(key, land).away)
        rate = np.divide(trips_of(access), access, out=np.zeros_like(access), where=access > 0)
        return np.asarray((by_gate * rate).sum(axis=1))

    def through(self, choice: Choice, key: Key, *away: F64) -> Through:
        """See :meth:`corridor.demand.logit.Choice.through`."""
        return choice.through(np.stack(away), key[1] == key[0].home)

    def trips_between(self, choice: Choice, land: LandUse, key: Key, trips_of_home: F64) -> F64:
        """(origin, destination) trips of a segment, as :meth:`flows` has them."""
        trips = self.toward_home(choice, key) * self.ends(key, land).away
        whole = trips.sum(axis=1)
        trips *= np.divide(trips_of_home, whole, out=np.zeros_like(whole), where=whole > 0)[:, None]
        return self.directed(trips, key)

    def directed(self, trips: F64, key: Key) -> F64:
        """Trips (home zone, away zone) of a segment by origin and destination."""
        return np.ascontiguousarray(trips if key[1] == key[0].home else trips.T)

    def toward_home(self, choice: Choice, key: Key) -> F64:
        """(home zone, away zone) exp(-beta L), whichever way the trip goes."""
        return choice.deterrence if key[1] == key[0].home else choice.deterrence.T

    def balanced(self, choice: Choice, land: LandUse, key: Key) -> Model:
        """The model with that weight of the ends beyond the region with which a segment's trips have its share of them.

        Trips go with H_i exp(-beta L_ij) O_j, so costs draw them as well as ends. With W_0 and W_1 the sum of that product over
        all pairs, all ends of the north within the region or all at its gateways, the share s of the trips has the weight

            b = s W_0 / (s W_0 + (1 - s) W_1).
        """
        share, ends = key[0].outside_share, [ends_of(key[0], land, self.sides, b) for b in (0.0, 1.0)]
        reached = self.through(choice, key, *(e.away for e in ends)).accessibility
        inside, beyond = (float((e.home * access).sum()) for e, access in zip(ends, reached, strict=True))
        whole = share * inside + (1 - share) * beyond
        weight = share * inside / whole if whole > 0 and beyond > 0 else share
        return replace(self, outside={**self.outside, key: weight})

    def in_open_spells(self, costs: NetworkCosts, counts: Counts) -> Model:
        """The model with the passengers of closed spells in those in which a counted gate can be used."""
        reached = [costs.at(n).reached(self.sides) for n in range(len(costs.other_spells) + 1)]
        return replace(self, segments=in_open_spells(self.segments, reached, counts.by_group))

    def for_all(self, work: Callable[[Key], T]) -> dict[Key, T]:
        """What `work` makes of every segment and direction, two at a time."""
        with ThreadPoolExecutor(THREADS) as pool:
            return dict(zip(self.keys, pool.map(work, self.keys), strict=True))


@dataclass(frozen=True)
class Counts:
    """Passengers a day: (direction, gate) for each counted group."""

    by_group: Mapping[str, F64]

    @property
    def passengers(self) -> F64:
        """(direction, gate) of all groups together."""
        return np.asarray(np.sum(list(self.by_group.values()), axis=0))

    def total(self, group: str, direction: int) -> float:
        """All gates together."""
        return float(self.by_group[group][direction].sum())

    def at(self, gates: BOOL) -> Counts:
        """The counts of some gates (direction, gate), 0 at the others."""
        return Counts({group: np.where(gates, counted, 0.0) for group, counted in self.by_group.items()})


class Settled(NamedTuple):
    """Where a fixed point was found: the same search that starts there ends there in one round, with the same digits.

    Attributes
    ----------
    at
        What went into the last round, by what it is: (direction, gate) minutes.
    rounds
        How many it took from nothing.
    """

    at: dict[str, F64]
    rounds: int


@dataclass(frozen=True)
class Calibrated:
    """A model whose constants reproduce counts on one network.

    Attributes
    ----------
    constant_min
        By counted group, (direction, gate): what a gate costs beside what is modelled, in generalised minutes; the mean
        over the passengers is 0, and a gate without passengers has an infinite one. A large one names a missing variable.
    queue_min
        (direction, gate) of the counted day, beyond the mean day's.
    accessibility, flows
        Of every segment and direction, on the counted network and land; flows add up to the counts. Trips between zones would
        take hundreds of MB: a prediction for the same network has them.
    rounds
        Of the calibration.
    """

    model: Model
    costs: NetworkCosts
    land: LandUse
    counts: Counts
    constant_min: Mapping[str, F64]
    queue_min: F64
    accessibility: Mapping[Key, F64] = field(repr=False)
    flows: Mapping[Key, Margins] = field(repr=False)
    rounds: int = 0

    @property
    def settled(self) -> Settled:
        """The constants by counted group, from which :func:`corridor.demand.calibration.calibrate` finds all of this again."""
        return Settled(dict(self.constant_min), self.rounds)

    def passengers(self, key: Key) -> float:
        """Counted passengers of a segment in one direction."""
        segment, direction = key
        share = segment.share * segment.spell_share[direction]
        return share * self.counts.total(segment.counted_as, direction)

    @property
    def largest_miss_per_day(self) -> float:
        """Passengers a day by which the model misses a count: the worst of all groups, directions and gates."""
        missed = {group: -counted for group, counted in self.counts.by_group.items()}
        for (segment, d), flow in self.flows.items():
            missed[segment.counted_as] = (
                missed[segment.counted_as] + np.eye(len(DIRECTIONS))[d][:, None] * flow.by_gate
            )
        return max(float(np.abs(by_gate).max(initial=0.0)) for by_gate in missed.values())

    def mean_cost_min(self, key: Key) -> float:
        """Modelled cost of the mean trip at the mean value of time, by the gates used; constants and queues apart.

        Returns
        -------
        float
            Generalised minutes; 0 where nobody travels.
        """
        segment, direction = key
        flow, spell = self.flows[key], self.costs.at(segment.spell)
        costs = spell.of(direction, self.model.sides, 0.0, segment.clearance_group)
        total = sum(
            float((trips * np.where(trips > 0, cost, 0.0)).sum())
            for trips, cost in (
                (flow.by_origin, costs.to_gate_min),
                (flow.by_destination, costs.from_gate_min),
            )
        )
        return total / flow.total if flow.total > 0 else 0.0

    def constants(self, group: str, costs: NetworkCosts) -> F64:
        """(direction, gate) for the gates of another network, in minutes.

        A gate that was not counted gets the constant of a counted gate at its site, else the mean of the counted halls over
        their passengers, and the assumption for new gates on top.
        """
        own, counted = self.constant_min[group], self.counts.by_group[group]
        found = np.zeros((len(DIRECTIONS), len(costs.gates)))
        for k, (gate, site) in enumerate(zip(costs.gates, costs.site_ids, strict=True)):
            if gate in self.costs.gates:
                found[:, k] = own[:, self.costs.gates.index(gate)]
                continue
            alike = np.array([s == site for s in self.costs.site_ids]) & (counted > 0)
            for d in range(len(DIRECTIONS)):
                like = alike[d] if alike[d].any() else self.costs.is_hall & (counted[d] > 0)
                like = like if like.any() else counted[d] > 0
                mean = np.average(own[d][like], weights=counted[d][like]) if like.any() else 0.0
                found[d, k] = mean + self.model.assumptions.new_gate_min
        return found

    def extra_min(self, costs: NetworkCosts, queue_min: F64) -> dict[Key, F64]:
        """What the gates of another network cost besides the ways through them: constants and queue.

        Parameters
        ----------
        costs
            Of the other network.
        queue_min
            Shape (direction, gate), minutes, over the gates of `costs`.

        Returns
        -------
        dict
            Minutes by segment and direction, shape (gate,); infinite at a counted gate that the group did not use.
        """
        by_group = {g: self.constants(g, costs) + queue_min for g in self.constant_min}
        return {(s, d): by_group[s.counted_as][d] for s, d in self.model.keys}
