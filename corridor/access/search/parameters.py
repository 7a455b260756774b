"""What the access part assumes, declared once with units.

Set elsewhere, with what they describe: walking speed and the feeder in :class:`corridor.network.walk.WalkParameters`;
weights of waiting and walking, the boarding (transfer) penalty and values of time in
:class:`corridor.network.fares.CostParameters`; local buses in :mod:`corridor.access.surroundings.buses`.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_OPENING_WAIT_S = 3_600.0
"""Nobody waits longer than this for a first train or an opening."""


@dataclass(frozen=True)
class AccessParameters:
    """Hours of departure, cut-offs and limits; all times door to door."""

    hours: tuple[str, ...] = ("08:30", "23:00")
    cutoffs_min: tuple[int, ...] = (30, 45, 60, 75, 90)
    hub_limit_min: int = 180  # beyond this a hub counts as not reached
    local_buses: bool = True  # where tables of them are given; without, the stated feeder on both sides
    cost_hours: tuple[str, ...] = ("08:30",)  # of the hours above, those at which cells weigh time and money
    gravity_per_min: float = 0.02  # assumption: 35 min of generalised cost halve what a place counts
    build_out: str = ""  # how much of the planned build-out has come: one of the region's, or all of it
    fixed_wait: bool = False  # half a headway for each line alone, for comparison with plain shortest paths


@dataclass(frozen=True)
class CostWeights:
    """What a second of each kind counts in seconds of riding, and what a ride costs besides.

    Attributes
    ----------
    boarding_s
        Added at each boarding.
    s_per_hkd
        Seconds worth a dollar: the inverse of the value of time.
    limit_factor
        Limits on time are so much higher for costs, so that they let the same ways through.
    """

    wait: float
    walk: float
    clearance: float
    boarding_s: float
    s_per_hkd: float
    limit_factor: float = 2.5


TIME_ALONE = CostWeights(1.0, 1.0, 1.0, 0.0, 0.0, limit_factor=1.0)
"""Unweighted seconds: nothing weighted, nothing paid."""
