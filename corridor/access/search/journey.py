"""A journey: legs with clock times, the control point used, and what every other one would cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from corridor.access.search.parameters import CostWeights
from corridor.core.notebook import html_table
from corridor.network.compiled import BUS_LINK, FEEDER_LINK, CompiledNetwork
from corridor.network.service import DAY_S

LIMIT_S = 6 * 3600.0  # no journey is looked for beyond
LegKind = Literal["walk", "bus", "feeder", "access", "egress", "ride", "clear"]
LINK_KINDS: Mapping[int, LegKind] = {BUS_LINK: "bus", FEEDER_LINK: "feeder"}
"""By the code of a link that passes no control point; any other is a walk."""


@dataclass(frozen=True)
class BusRide:
    """One local bus of a leg, after a walk to its stop; seconds.

    Attributes
    ----------
    routes
        Operator and route of those that lead to the same stop: the first to come is taken.
    wait_s
        Half a headway of all that are useful here, and the seconds to board.
    share
        How many of those who wait here go this way.
    """

    routes: tuple[str, ...]
    from_stop: str
    to_stop: str
    walk_s: float
    wait_s: float
    in_vehicle_s: float
    share: float
    fare_hkd: float = 0.0


@dataclass(frozen=True)
class Leg:
    """One part of a journey; seconds, and clock times in seconds after midnight.

    Attributes
    ----------
    also
        Lines that are taken too if they come first, but lead on another way.
    share
        How many of those who wait here go this way.
    from_point
        Station or hall where the leg begins, None at a place.
    buses
        The likeliest local buses of the leg; `time_s` is expected over all that are useful.
    fare_hkd
        Paid on this leg; a fare that covers several rides counts on the first.
    fare_assumed
        Whether the fare is an assumption and not published.
    ticketing_s
        Ticketing and early arrival before a ride, beside the wait.
    """

    kind: LegKind
    from_name: str
    to_name: str
    start_clock_s: float
    time_s: float
    wait_s: float = 0.0
    in_vehicle_s: float = 0.0
    lines: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    share: float = 1.0
    checkpoint_id: str | None = None
    clearance_s: float = 0.0
    from_point: str | None = None
    to_point: str | None = None
    buses: tuple[BusRide, ...] = ()
    fare_hkd: float = 0.0
    fare_assumed: bool = False
    ticketing_s: float = 0.0

    @property
    def by_feeder(self) -> bool:
        """Whether a way to, from or between stations is by the assumed feeder."""
        return self.kind in {"access", "egress", "feeder"} and self.in_vehicle_s > 0


def link_leg(
    network: CompiledNetwork,
    names: Sequence[str],
    k: int,
    ends: tuple[int, int],
    clock_s: float,
    time_s: float,
) -> Leg:
    """Link k of a network from point to point: a walk, a way by bus or feeder, or a clearance with its wait to open.

    Parameters
    ----------
    network, names
        The compiled network, and what each point is called.
    k, ends
        The link, and the points that it leads from and to.
    clock_s, time_s
        When it begins, in seconds after midnight, and how long it takes.
    """
    a, b = ends
    cp = int(network.link_cp[k])
    if cp < 0:
        kind, points = LINK_KINDS.get(cp, "walk"), network.points
        return Leg(kind, names[a], names[b], clock_s, time_s, from_point=points[a], to_point=points[b])
    clear, cp_id = float(network.cp_clear_s[cp]), network.cp_ids[cp]
    wait = time_s - clear
    return Leg("clear", names[a], names[b], clock_s, time_s, wait, checkpoint_id=cp_id, clearance_s=clear)


def checkpoints_of(legs: Sequence[Leg]) -> tuple[str, ...]:
    """Control points passed, in order."""
    return tuple(leg.checkpoint_id for leg in legs if leg.checkpoint_id)


@dataclass(frozen=True)
class Alternative:
    """A control point not used, and what going that way would take (None: no way at that hour, and why).

    Attributes
    ----------
    legs
        Its likeliest way; where it is no way only because of its hours, the way if it never closed.
    if_open_s
        What it would take if it never closed, where its hours alone are in the way.
    cost_s
        Generalised seconds.
    """

    checkpoint_id: str
    time_s: float | None
    reason: str
    legs: tuple[Leg, ...] = ()
    if_open_s: float | None = None
    cost_s: float | None = None
    fare_hkd: float = 0.0

    @property
    def fare_assumed(self) -> bool:
        """Whether a part of the fare is an assumption."""
        return any(leg.fare_assumed for leg in self.legs)


@dataclass(frozen=True)
class FoundWay:
    """A way between two places: seconds expected over all ways of its strategy, and the legs of the likeliest one.

    Attributes
    ----------
    cost_s
        Generalised seconds; NaN where it was not priced.
    """

    time_s: float
    legs: tuple[Leg, ...]
    cost_s: float = math.nan
    fare_hkd: float = math.nan


Objective = Literal["cost", "time"]


@dataclass(frozen=True)
class Rates:
    """At what a journey's minutes and fares were counted.

    Attributes
    ----------
    weights
        Of each kind of second, a boarding and a dollar.
    value_of_time_hkd_h
        HKD an hour; NaN without fares.
    cny_per_hkd
        Rate of exchange; NaN without fares.
    """

    weights: CostWeights
    value_of_time_hkd_h: float = math.nan
    cny_per_hkd: float = math.nan


@dataclass(frozen=True)
class Journey:
    """The journey of least generalised cost or least expected time, and the alternatives through other control points.

    Times are in seconds, clocks in seconds after midnight, money in HKD. Expected figures are over all lines that the
    strategy may take (Spiess and Florian 1989); the legs are those of the likeliest way, so their sum may differ from
    `time_s` (:attr:`share` says how likely they are).

    Attributes
    ----------
    time_s
        Expected door-to-door time, over all ways that the strategy may take.
    legs
        The likeliest way.
    direction
        Northbound, southbound, or both where it stays on one side.
    group
        Traveller group; None is the mean of all.
    load
        Passengers at the control points, over the mean day of 2025.
    no_queue
        Open control points where a load changes nothing, as their capacity is unknown.
    cost_s
        Generalised seconds of the way: see :mod:`corridor.access.cost.cost`.
    fare_hkd
        Of the likeliest way; NaN where the region has no fares.

    Examples
    --------
    >>> found = study.journey("admiralty", "qianhai", "baseline-2024", "08:30")  # doctest: +SKIP
    >>> found.time_s / 60, found.checkpoints, [leg.kind for leg in found.legs]  # doctest: +SKIP
    """

    origin: str
    destination: str
    scenario_id: str
    depart_clock_s: float
    time_s: float
    legs: tuple[Leg, ...]
    alternatives: tuple[Alternative, ...]
    direction: str = "both"
    group: str | None = None
    load: float = 1.0
    no_queue: tuple[str, ...] = ()
    objective: Objective = "time"
    cost_s: float = float("nan")
    fare_hkd: float = float("nan")
    rates: Rates | None = None

    @property
    def share(self) -> float:
        """How likely the way shown is."""
        return math.prod(leg.share for leg in self.legs)

    @property
    def checkpoints(self) -> tuple[str, ...]:
        """Control points passed, in order."""
        return checkpoints_of(self.legs)

    def _repr_html_(self) -> str:
        rows = [
            (
                clock_text(x.start_clock_s),
                x.kind,
                x.from_name,
                x.to_name,
                ", ".join(x.lines),
                f"{x.time_s / 60:.1f}",
            )
            for x in self.legs
        ]
        caption = (
            f"{self.origin} to {self.destination}, {self.scenario_id}: {self.time_s / 60:.1f} min expected"
        )
        return html_table(caption, ("at", "by", "from", "to", "lines", "minutes"), rows)


def closing_text(clock_s: float) -> str:
    """A closing time as HH:MM, midnight as 24:00."""
    return "24:00" if clock_s == DAY_S else clock_text(clock_s)


def clock_text(clock_s: float) -> str:
    """A clock time as HH:MM of the day."""
    minutes = round(clock_s / 60) % (DAY_S // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
