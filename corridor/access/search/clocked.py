"""The way that the clock search takes, leg by leg."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.clock import MAX_OPENING_WAIT_S, WAIT_ALPHA, settle
from corridor.access.search.journey import LINK_KINDS, Leg
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import DAY_S, PERIODS, service_clock_s


@dataclass(frozen=True)
class ClockedWays:
    """Clock times from one origin to every point, and how each is reached."""

    network: CompiledNetwork
    names: Sequence[str]
    fixed_wait: bool
    first_s: NDArray[np.float64]
    settled_s: NDArray[np.float64]
    previous: NDArray[np.int32]
    via: NDArray[np.int32]

    @classmethod
    def search(
        cls,
        network: CompiledNetwork,
        names: Sequence[str],
        first_s: NDArray[np.float64],
        limit_clock_s: float,
        fixed_wait: bool,
    ) -> ClockedWays:
        """Search from the clock times at which the first points are reached (infinite elsewhere)."""
        settled, previous, via = settle(network.kernel, first_s, limit_clock_s, fixed_wait)
        return cls(network, names, fixed_wait, first_s, settled, previous, via)

    def chain(self, end: int) -> list[int]:
        """Points on the way to a point, first to last."""
        points = [end]
        while self.previous[points[-1]] >= 0:
            points.append(int(self.previous[points[-1]]))
        return points[::-1]

    def legs(self, end: int) -> list[Leg]:
        """Legs from the first point on the way to `end`."""
        return [self._leg(a, b) for a, b in itertools.pairwise(self.chain(end))]

    def _leg(self, a: int, b: int) -> Leg:
        network, way = self.network, int(self.via[b])
        start, end = float(self.settled_s[a]), float(self.settled_s[b])
        names = (self.names[a], self.names[b])
        if way < 0:
            cp = int(network.link_cp[-1 - way])
            if cp < 0:
                kind = LINK_KINDS.get(cp, "walk")
                ends = (network.points[a], network.points[b])
                return Leg(kind, *names, start, end - start, from_point=ends[0], to_point=ends[1])
            clear = float(network.cp_clear_s[cp])
            wait = end - start - clear
            cp_id = network.cp_ids[cp]
            return Leg("clear", *names, start, end - start, wait, checkpoint_id=cp_id, clearance_s=clear)
        lines, in_vehicle, board, alight, ticketing = self._section(way, start)
        cps = [int(c) for c in (network.section_board_cp[way], network.section_alight_cp[way]) if c >= 0]
        clear = sum(float(network.cp_clear_s[c]) for c in cps)
        return Leg(
            "ride",
            *names,
            start,
            end - start,
            wait_s=end - start - clear - in_vehicle - board - alight,
            in_vehicle_s=in_vehicle,
            lines=lines,
            checkpoint_id=network.cp_ids[cps[0]] if cps else None,
            clearance_s=clear,
            from_point=network.points[a],
            to_point=network.points[b],
            ticketing_s=ticketing,
        )

    def _section(self, s: int, clock_s: float) -> tuple[tuple[str, ...], float, float, float, float]:
        """Lines of the attractive set, expected seconds in the vehicle, to the platform, out of it, and for ticketing."""
        network = self.network
        if network.section_board_cp[s] >= 0:
            clock_s += float(network.cp_clear_s[network.section_board_cp[s]])
        rows = range(network.service_start[s], network.service_start[s + 1])
        used = attractive_set(network, rows, clock_s, self.fixed_wait)
        share = np.array([f for _, f in used]) / sum(f for _, f in used)
        picked = np.array([r for r, _ in used])
        boards = network.service_board[picked]
        board, ticketing = (
            float((share * seconds[boards]).sum()) for seconds in (network.board_s, network.board_ticketing_s)
        )
        alight = float((share * network.service_alight_s[picked]).sum())
        ride = float((share * network.service_ride_s[picked]).sum()) - alight
        lines = dict.fromkeys(network.board_line[b] for b in boards)
        return tuple(lines), ride, board, alight, ticketing


def attractive_set(
    compiled: CompiledNetwork, rows: Sequence[int], clock_s: float, fixed_wait: bool = False
) -> list[tuple[int, float]]:
    """The services of a section worth taking at a clock time, with their frequencies (1/s).

    The plain form of what the kernel does; before the first departure of the day it is that departure alone.
    """
    best, frequency, weighted = np.inf, 0.0, 0.0
    used: list[tuple[int, float]] = []
    for r in rows:
        b = compiled.service_board[r]
        at = clock_s + float(compiled.board_s[b])
        ride = float(compiled.board_s[b] + compiled.service_ride_s[r])
        if ride >= best:
            continue
        headway = float(compiled.board_headway_s[b, period_index(at)])
        until = until_open(at, float(compiled.board_first_s[b]), float(compiled.board_last_s[b]))
        if until > 0:
            if until + ride < best and frequency == 0:
                best, used = until + ride, [(r, 1.0)]
            continue
        if headway <= 0:
            continue
        if fixed_wait:
            if ride + WAIT_ALPHA * headway < best:
                best, used = ride + WAIT_ALPHA * headway, [(r, 1 / headway)]
            continue
        used = [*used, (r, 1 / headway)] if frequency > 0 else [(r, 1 / headway)]
        frequency += 1 / headway
        weighted += ride / headway
        best = min(best, (WAIT_ALPHA + weighted) / frequency)
    return used


def period_index(clock_s: float) -> int:
    """The period of the service day a clock time lies in."""
    t = service_clock_s(clock_s % DAY_S)
    return next((k for k, (_, _, end) in enumerate(PERIODS) if t < end), len(PERIODS) - 1)


def until_open(clock_s: float, first_s: float, last_s: float) -> float:
    """Seconds until something with hours first..last is open; infinite when that is more than an hour away."""
    shifted = [clock_s + d for d in (0, -DAY_S, DAY_S)]
    if any(first_s <= t <= last_s for t in shifted):
        return 0.0
    wait = min((first_s - t for t in shifted if t < first_s), default=np.inf)
    return float(wait) if wait <= MAX_OPENING_WAIT_S else np.inf
