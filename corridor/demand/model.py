"""The demand of one network: constants that make a nested logit over control points reproduce passenger counts.

The counts themselves are not modelled: constants of each gate make the base model equal to them, so that what is applied
to them elsewhere (:mod:`.predict`) is a change alone (Ortuzar and Willumsen 2011, section 9.4, incremental logit).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from corridor.core.errors import CorridorError
from corridor.demand.logit import Choice, Classes, Costs, Flows, Scales
from corridor.demand.segments import DIRECTIONS, Ends, LandUse, Segment, ends_of
from corridor.demand.spells import in_open_spells

F64 = NDArray[np.float64]
T = TypeVar("T")
THREADS = 2
ROUNDS = 200
COUNT_TOLERANCE = 1e-6
"""Of the passengers of a counted group, by which a gate may miss its count."""


@dataclass(frozen=True)
class NetworkCosts:
    """What ways through each gate cost, in generalised minutes at the mean value of time, and their fares.

    Arrays are (gate, zone) over all zones; infinite (cost, fare, length) where there is no way.
    """

    gates: tuple[str, ...]
    """Control point of each gate."""
    site_ids: tuple[str, ...]
    """Site of each gate: gates at one site are nested."""
    is_hall: NDArray[np.bool_]
    """Whether a gate is a hall, and not the station of a line."""
    to_gate_min: F64
    from_gate_min: F64
    to_gate_hkd: F64
    from_gate_hkd: F64
    modes: tuple[str, ...]
    to_gate_km: F64
    """(mode, gate, zone) on vehicles of the network, as the crow flies from ride to ride; so is `from_gate_km`."""
    from_gate_km: F64
    other_spells: tuple[NetworkCosts, ...] = ()
    """The same gates in the other spells of the day; these costs are those of the first."""

    def at(self, spell: int) -> NetworkCosts:
        """Costs in a spell of the day, numbered from 0."""
        return self.other_spells[spell - 1] if spell else self

    def with_spells(self, others: Sequence[NetworkCosts]) -> NetworkCosts:
        """The same with the costs of the other spells of the day, in their order."""
        return replace(self, other_spells=tuple(others))

    def of(self, direction: int, sides: Sequence[NDArray[np.int64]], min_per_hkd: float) -> Costs:
        """Costs of one direction at another value of time.

        Parameters
        ----------
        direction
            0 northbound, 1 southbound.
        sides
            Zones of the south and of the north.
        min_per_hkd
            Minutes that a dollar counts more than at the mean value of time; negative for travellers with a higher one.

        Returns
        -------
        Costs
            Over the origin and destination zones of that direction; infinite where no way leads to or from a gate.
        """
        origin, destination = sides[direction], sides[1 - direction]
        to_gate = self.to_gate_min + min_per_hkd * _finite(self.to_gate_hkd)
        from_gate = self.from_gate_min + min_per_hkd * _finite(self.from_gate_hkd)
        return Costs(
            np.ascontiguousarray(to_gate[:, origin]),
            np.ascontiguousarray(from_gate[:, destination]),
            np.array([list(dict.fromkeys(self.site_ids)).index(s) for s in self.site_ids], dtype=np.int64),
        )

    def reached(self, sides: Sequence[NDArray[np.int64]]) -> NDArray[np.bool_]:
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

    def reached_in_any_spell(self, sides: Sequence[NDArray[np.int64]]) -> NDArray[np.bool_]:
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
    """

    segments: tuple[Segment, ...]
    sides: tuple[NDArray[np.int64], NDArray[np.int64]]
    zone_class: NDArray[np.int64]
    assumptions: Assumptions

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every segment in both directions."""
        return tuple((segment, d) for segment in self.segments for d in range(len(DIRECTIONS)))

    def ends(self, segment: Segment, land: LandUse) -> Ends:
        """Home and away ends of a segment."""
        return ends_of(segment, land, self.sides)

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
        return Choice.of(
            costs.at(segment.spell).of(direction, self.sides, dearer), extra_min, self.assumptions.scales
        )

    def accessibility(self, choice: Choice, land: LandUse, key: Key) -> F64:
        """A_i of a segment: the sum over away zones of ``O_j exp(-beta L_ij)``.

        Returns
        -------
        ndarray of float, shape (home zone,)
            A share-weighted deterrence without unit; 0 where a zone reaches nothing.
        """
        return np.asarray(self._toward_home(choice, key) @ self.ends(key[0], land).away)

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

        Returns
        -------
        Flows
            From origin to destination of the direction, whichever of the two is home.
        """
        segment, direction = key
        weight = self._toward_home(choice, key) * self.ends(segment, land).away
        whole = weight.sum(axis=1)
        rate = np.divide(trips_of_home, whole, out=np.zeros_like(whole), where=whole > 0)
        trips = weight * rate[:, None]
        here, there = (self.zone_class[self.sides[d]] for d in (direction, 1 - direction))
        trips = np.ascontiguousarray(trips if direction == segment.home else trips.T)
        return choice.flows(trips, Classes(here, there))

    def _toward_home(self, choice: Choice, key: Key) -> F64:
        """(home zone, away zone) exp(-beta L), whichever way the trip goes."""
        segment, direction = key
        return choice.deterrence if direction == segment.home else choice.deterrence.T

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

    def at(self, gates: NDArray[np.bool_]) -> Counts:
        """The counts of some gates (direction, gate), 0 at the others."""
        return Counts({group: np.where(gates, counted, 0.0) for group, counted in self.by_group.items()})


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
        Of every segment and direction, on the counted network and land; flows add up to the counts.
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
    flows: Mapping[Key, Flows] = field(repr=False)
    rounds: int = 0

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
        flow, costs = self.flows[key], self.costs.at(segment.spell).of(direction, self.model.sides, 0.0)
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


def calibrate(
    model: Model, costs: NetworkCosts, land: LandUse, counts: Counts, queue_min: F64 | None = None
) -> Calibrated:
    """Constants by iterative proportional scaling: each round adds ln(model / count) / mu to every gate, phi of it where gates share a site.

    Parameters
    ----------
    model, costs, land
        The network and land of the counted period.
    counts
        Passengers of a gate that no modelled way reaches are left out.
    queue_min
        (direction, gate), what the queues of the counted day add to the costs.

    Raises
    ------
    CorridorError
        Where the counts cannot be reproduced.
    """
    counts = counts.at(costs.reached_in_any_spell(model.sides))
    model = in_open_spells(model, costs, counts)
    scales = model.assumptions.scales
    # where several gates share a site, a longer step would overshoot
    shared = np.array([costs.site_ids.count(site) > 1 for site in costs.site_ids])
    step = np.where(shared, scales.within_site, 1.0) / scales.site_per_min
    queue = np.zeros((len(DIRECTIONS), len(costs.gates))) if queue_min is None else queue_min
    constant = {g: np.where(n > 0, 0.0, np.inf) for g, n in counts.by_group.items()}
    empty = Calibrated(model, costs, land, counts, constant, queue, {}, {})
    for n in range(1, ROUNDS + 1):
        extra = {(s, d): constant[s.counted_as][d] + queue[d] for s, d in model.keys}
        choice = model.for_all(lambda key: model.choice(costs, extra[key], key))  # noqa: B023 - used at once
        access = {key: model.accessibility(choice[key], land, key) for key in model.keys}
        trips = {key: _base_trips(empty, key, access[key]) for key in model.keys}
        flows = model.for_all(lambda key: model.flows(choice[key], land, key, trips[key]))  # noqa: B023
        if _adjust(constant, counts, flows, step) < COUNT_TOLERANCE:
            return Calibrated(model, costs, land, counts, constant, queue, access, flows, n)
    what = f"constants do not reproduce the counts after {ROUNDS} rounds"
    raise CorridorError.at(
        "demand",
        what,
        "counts that the network can carry in every spell of the day",
        "check the counts, the shares of spells, or choice_scale_per_min",
    )


def _base_trips(base: Calibrated, key: Key, accessibility: F64) -> F64:
    """(home zone,) the counted passengers, in proportion to those who live there and to what they reach."""
    weight = base.model.ends(key[0], base.land).home * accessibility
    whole = weight.sum()
    return np.asarray(weight * (base.passengers(key) / whole if whole > 0 else 0.0))


def _adjust(constant: Mapping[str, F64], counts: Counts, flows: Mapping[Key, Flows], step: F64) -> float:
    """Change constants in place; the largest share of a counted group by which a gate missed its count before."""
    worst = 0.0
    for group, counted in counts.by_group.items():
        for d, count in enumerate(counted):
            if not (whole := count.sum()) > 0:
                continue
            parts = [f.by_gate for (s, at), f in flows.items() if s.counted_as == group and at == d]
            modelled, used = np.sum(parts, axis=0), count > 0
            worst = max(worst, float(np.abs(modelled - count).max() / whole))
            if worst >= COUNT_TOLERANCE:
                own = constant[group][d]
                # trips of a gate go with exp(-mu constant), or -mu / phi within a shared site, so this step scales them by
                # count / modelled; without the floor, a gate that nobody takes yet would stay unused
                own[used] += step[used] * np.log(np.maximum(modelled[used], 1e-12 * whole) / count[used])
                # totals are fixed, so only differences between gates matter: the mean is free, and set to 0
                own[used] -= np.average(own[used], weights=count[used])
    return worst
