"""A network for those who leave at one clock time: strategies where nothing changes, the clock where something does.

Optimal strategies have no clock, and the clock search knows no strategy that mixes changes. Both give times that can be
kept, so the sooner of the two is taken:

* strategies on what runs unchanged from the start to a horizon, for journeys that end before that horizon;
* where a last departure or a closing is within the limit, the search of :mod:`corridor.access.search.clock`, started anew for
  every five minutes that a place may need to reach its station.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from corridor.access.search.clock import point_times
from corridor.access.search.strategy import (
    ANY_ROUNDS,
    NEVER_S,
    StrategyNetwork,
    network_of,
    settle_lanes,
)
from corridor.core.arrays import BOOL, F32
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import DAY_S, PERIODS, service_clock_s

STEP_S = 300.0
MANY_OPENINGS = 0.01
"""Share of openings: a line or two that starts later counts once it runs; the morning's start is searched by the clock."""
HORIZONS_S = (1_800.0, 3_600.0, 5_400.0, 10_800.0)
"""Besides the limit and the ends of periods, where something changes before it."""


@dataclass(frozen=True)
class Departure:
    """One network from one clock time on.

    Attributes
    ----------
    network
        The compiled network.
    start_clock_s
        Departure in seconds after midnight of the service day (05:00 to 29:00).
    limit_s
        The longest journey looked for, in seconds.
    fixed_wait
        Half a headway for each line alone in place of shared waits, to compare with plain shortest paths.
    """

    network: CompiledNetwork
    start_clock_s: float
    limit_s: float
    fixed_wait: bool = False
    _clocked: list[tuple[float, BOOL, F32]] = field(default_factory=list, repr=False)

    @cached_property
    def windows(self) -> tuple[tuple[float, StrategyNetwork], ...]:
        """Horizons in seconds, soonest first, with the network that runs up to each.

        A horizon up to which the same runs as up to the one before takes its place: one search serves both.
        """
        last = self.limit_s  # who arrives within the limit needs nothing that runs after it
        offsets = {*HORIZONS_S, *self._period_ends()} if self.changes else set()
        found: list[tuple[float, StrategyNetwork]] = []
        for horizon in sorted({h for h in offsets if h < last} | {last}):
            net = network_of(self.network, self.start_clock_s, horizon)
            if found and _same(found[-1][1], net):
                found.pop()
            found.append((horizon, net))
        return tuple(found)

    def _period_ends(self) -> set[float]:
        start = service_clock_s(self.start_clock_s % DAY_S)
        return {end - start for _, _, end in PERIODS if end > start}

    @cached_property
    def closes(self) -> bool:
        """Whether a last departure or a closing falls between the start and the limit, or the day's service begins."""
        network = self.network
        closing = self._within(np.concatenate([network.board_last_s, network.cp_close_s]))
        opening = self._within(np.concatenate([network.board_first_s, network.cp_open_s]))
        return bool(closing.any() or opening.mean() > MANY_OPENINGS)

    def _within(self, clock_s: F32) -> BOOL:
        after = (clock_s - self.start_clock_s) % DAY_S
        return np.asarray((after > 0) & (after < self.limit_s))

    @cached_property
    def changes(self) -> bool:
        """Whether anything, headways included, changes between the start and the limit."""
        return self.closes or any(end < self.limit_s for end in self._period_ends())

    def steps(self, longest_access_s: float) -> int:
        """How many steps of five minutes are kept apart on the way to the first station; one where nothing changes.

        Who takes longer than the limit to the first station arrives nowhere within it, so steps end there.
        """
        return int(min(longest_access_s, self.limit_s) // STEP_S) + 1 if self.changes else 1

    def within(self, limit_s: float) -> Departure:
        """The same for shorter journeys; what the clock search found serves them too."""
        return replace(self, limit_s=limit_s, _clocked=self._clocked)

    def on(self, network: CompiledNetwork) -> Departure:
        """The same on another network."""
        return replace(self, network=network, _clocked=[])

    def clocked_s(self, first: BOOL, limit_s: float) -> F32:
        """Seconds between points by the clock search; only needed where something closes before the limit.

        Parameters
        ----------
        first
            (step, point) whether anybody comes to the point first, so many steps of five minutes after the start; all others
            are not searched.
        limit_s
            Seconds from the start after which no arrival counts; a shorter limit changes no time within it.

        Returns
        -------
        ndarray of float32, shape (steps, points, points)
            To the second axis from the third; NEVER_S beyond the limit, or a time beyond it that is known.
        """
        steps, points = first.shape
        for longer_s, wider, times in self._clocked:
            if longer_s >= limit_s and len(wider) >= steps and not (first & ~wider[:steps]).any():
                return times[:steps]
        found = np.full((steps, points, points), NEVER_S, dtype=np.float32)
        for step in range(steps):
            from_points = np.flatnonzero(first[step]).astype(np.int32)
            # who reaches the first station late has so much less of the limit left
            spent_s = step * STEP_S
            clock_s, left_s = self.start_clock_s + spent_s, max(limit_s - spent_s, 0.0)
            times = point_times(self.network, from_points, clock_s, left_s, self.fixed_wait)
            found[step][:, from_points] = np.minimum(times.T, NEVER_S)
        self._clocked.append((limit_s, first, found))
        return found

    def settle(self, egress_s: F32, onward: F32) -> list[F32]:
        """Time left to some destinations, by window.

        Parameters
        ----------
        egress_s
            Seconds from each point without a ride, shape (points, lanes); NEVER_S where there is no such way.
        onward
            Workspace of the strategy kernel (:func:`corridor.access.search.strategy.workspace`).

        Returns
        -------
        list of ndarray of float32
            Shape (points, lanes) for each window; NEVER_S beyond its horizon.
        """
        settled = []
        for horizon, net in self.windows:
            block = egress_s.copy()
            limit = np.float32(min(horizon, self.limit_s))
            settle_lanes(block, limit, self.fixed_wait, ANY_ROUNDS, onward, net)
            settled.append(block)
        return settled


def with_clearance(departure: Departure, clearance_s: F32) -> Departure:
    """The same departure with other clearance times (by control point)."""
    return departure.on(replace(departure.network, cp_clear_s=clearance_s))


def _same(a: StrategyNetwork, b: StrategyNetwork) -> bool:
    """Whether two windows of one network have the same running in them."""
    changing = ("board_frequency", "board_s", "stop_alight_s", "link_s")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in changing)
