"""The way that the clock search takes, leg by leg."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.clock import ClockArrays, attractive_set, period_index, settle
from corridor.access.search.journey import Leg, link_leg
from corridor.access.search.rows import I32
from corridor.network.compiled import CompiledNetwork

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class ClockedWays:
    """Clock times from one origin to every point, and how each is reached."""

    network: CompiledNetwork
    fixed_wait: bool
    first_s: F64
    settled_s: F64
    previous: I32
    via: I32

    @classmethod
    def search(
        cls, network: CompiledNetwork, first_s: F64, limit_clock_s: float, fixed_wait: bool
    ) -> ClockedWays:
        """Search from the clock times at which the first points are reached (infinite elsewhere)."""
        return cls(network, fixed_wait, first_s, *settle(network, first_s, limit_clock_s, fixed_wait))

    def chain(self, end: int) -> list[int]:
        """Points on the way to a point, first to last."""
        points = [end]
        while self.previous[points[-1]] >= 0:
            points.append(int(self.previous[points[-1]]))
        return points[::-1]

    def attractive(self, section: int, start: int) -> tuple[I32, F64]:
        """The services of a section taken by those who set out from its first point, and how many take each."""
        network, clock = self.network, float(self.settled_s[start])
        if network.section_board_cp[section] >= 0:
            clock += float(network.cp_clear_s[network.section_board_cp[section]])
        services = attractive_set(clock, section, self.fixed_wait, ClockArrays(*network.kernel))
        boards = network.service_board[services]
        if boards.size == 1:  # whose headway may be unknown: the first departure of the day
            return services, np.ones(1)
        periods = [period_index(clock + float(network.board_s[b])) for b in boards]
        frequency = 1 / network.board_headway_s[boards, periods].astype(np.float64)
        return services, frequency / frequency.sum()

    def legs(self, names: Sequence[str], end: int) -> list[Leg]:
        """Legs from the first point on the way to `end`."""
        return [self._leg(names, a, b) for a, b in itertools.pairwise(self.chain(end))]

    def _leg(self, names: Sequence[str], a: int, b: int) -> Leg:
        network, way = self.network, int(self.via[b])
        start, end = float(self.settled_s[a]), float(self.settled_s[b])
        if way < 0:
            return link_leg(network, names, -1 - way, (a, b), start, end - start)
        services, share = self.attractive(way, a)
        boards = network.service_board[services]
        door, ticketing, alight, ride = (
            float((share * seconds).sum())
            for seconds in (
                network.board_s[boards],
                network.board_ticketing_s[boards],
                network.service_alight_s[services],
                network.service_ride_s[services],
            )
        )
        cps = [int(c) for c in (network.section_board_cp[way], network.section_alight_cp[way]) if c >= 0]
        clear = sum(float(network.cp_clear_s[c]) for c in cps)
        return Leg(
            "ride",
            names[a],
            names[b],
            start,
            end - start,
            wait_s=end - start - clear - ride - door,
            in_vehicle_s=ride - alight,
            lines=tuple(dict.fromkeys(network.board_line[b] for b in boards)),
            checkpoint_id=network.cp_ids[cps[0]] if cps else None,
            clearance_s=clear,
            from_point=network.points[a],
            to_point=network.points[b],
            ticketing_s=ticketing,
        )
