"""Ways between two places that no other way beats in both minutes and dollars, as far as a few searches find them.

Candidates are the way of least expected time and those of least generalised cost at stated values of time. So the ways
found are on the frontier that some weighting of time and money would choose (supported points); a way between them that
no stated value of time chooses is not looked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from corridor.access.cost.departure import CostDeparture
from corridor.access.cost.price import priced
from corridor.access.cost.router import CostRouter
from corridor.access.journeys.router import Router
from corridor.access.search.journey import Leg, checkpoints_of

SAME_S, SAME_HKD = 30.0, 0.05  # ways nearer than this in both are one


@dataclass(frozen=True)
class Choice:
    """One way: expected minutes of all its variants, fare of the likeliest.

    Attributes
    ----------
    soonest
        Whether it is the way of least expected time.
    money_apart
        Whether it costs least where only weighted time counts.
    values_hkd_h
        Values of time at which it costs least.
    """

    time_s: float
    fare_hkd: float
    legs: tuple[Leg, ...]
    soonest: bool = False
    money_apart: bool = False
    values_hkd_h: tuple[float, ...] = ()

    @property
    def checkpoints(self) -> tuple[str, ...]:
        """Control points passed, in order."""
        return checkpoints_of(self.legs)


def find_choices(soonest: Router, departures: Mapping[float, CostDeparture]) -> tuple[Choice, ...]:
    """The ways between two places that no other beats in both minutes and dollars.

    Parameters
    ----------
    soonest
        The router of least time between the two places.
    departures
        By value of time in HKD an hour, infinite where money does not count.

    Returns
    -------
    tuple of Choice
        Soonest first; empty where there is no service.
    """
    found = []
    for value, leaving in departures.items():
        if (way := CostRouter(soonest, leaving).solve()) is not None:
            apart = math.isinf(value)
            values = () if apart else (value,)
            found.append(Choice(way.time_s, way.fare_hkd, way.legs, money_apart=apart, values_hkd_h=values))
    if best := soonest.solve():
        costing = next(iter(departures.values())).costing
        way = priced(best.time_s, best.legs, costing, soonest.compiled)
        found.append(Choice(way.time_s, way.fare_hkd, way.legs, soonest=True))
    return undominated(found)


def undominated(ways: Iterable[Choice]) -> tuple[Choice, ...]:
    """The ways that no other beats in both minutes and dollars.

    Parameters
    ----------
    ways
        Candidates in any order; two within SAME_S and SAME_HKD of each other are one, with the marks of both.

    Returns
    -------
    tuple of Choice
        Soonest first, each cheaper than the one before.
    """
    kept: list[Choice] = []
    for way in sorted(ways, key=lambda w: (w.time_s, w.fare_hkd)):
        last = kept[-1] if kept else None
        if last and way.time_s <= last.time_s + SAME_S and abs(way.fare_hkd - last.fare_hkd) <= SAME_HKD:
            kept[-1] = replace(
                last,
                soonest=last.soonest or way.soonest,
                money_apart=last.money_apart or way.money_apart,
                values_hkd_h=(*last.values_hkd_h, *way.values_hkd_h),
            )
        elif last is None or way.fare_hkd < last.fare_hkd - SAME_HKD:
            kept.append(way)
    return tuple(kept)
