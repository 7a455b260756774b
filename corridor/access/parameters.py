"""What the access part assumes, declared once with units."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AccessParameters:
    """Hours asked, cut-offs and limits; all times door to door."""

    hours: tuple[str, ...] = ("08:30", "23:00")
    cutoffs_min: tuple[int, ...] = (30, 45, 60, 90)
    hub_limit_min: int = 180  # beyond this a hub counts as not reached
    local_buses: bool = True  # where tables of them are given; without, the stated feeder on both sides
    fixed_wait: bool = False  # half a headway for each line alone, for comparison with plain shortest paths
