"""The likeliest way of an optimal strategy, leg by leg."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.clock import WAIT_ALPHA
from corridor.access.search.journey import LINK_KINDS, Leg
from corridor.access.search.strategy import ANY_ROUNDS, NEVER_S, StrategyNetwork, settle_lanes, workspace
from corridor.network.compiled import CompiledNetwork

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]


@dataclass(frozen=True)
class StrategicWays:
    """Expected seconds from every point to one destination, and what to do at each."""

    compiled: CompiledNetwork
    network: StrategyNetwork
    names: Sequence[str]
    fixed_wait: bool
    egress_s: F32
    left_s: F32
    onward_s: F32
    timed: StrategyNetwork | None = None
    """The same network in seconds as they pass, where the search counted others: ways are chosen by these, told in those."""

    @classmethod
    def search(
        cls,
        compiled: CompiledNetwork,
        network: StrategyNetwork,
        names: Sequence[str],
        egress_s: F32,
        limit_s: float,
        fixed_wait: bool,
        timed: StrategyNetwork | None = None,
    ) -> StrategicWays:
        """Search to the destination reached from each point in `egress_s` (NEVER_S where it is not)."""
        left = np.minimum(egress_s, NEVER_S).astype(np.float32).reshape(-1, 1).copy()
        onward = workspace(network, 1)
        settle_lanes(left, np.float32(limit_s), fixed_wait, ANY_ROUNDS, onward, *network.kernel)
        return cls(compiled, network, names, fixed_wait, egress_s, left[:, 0], onward[:, 0], timed)

    @property
    def passing(self) -> StrategyNetwork:
        """The network in seconds as they pass."""
        return self.timed or self.network

    def expected_s(self, p: int) -> float:
        """Seconds, as they pass, from a point to the last point before the destination, over all ways of the strategy."""
        known: dict[int, float] = {}

        def from_point(p: int) -> float:
            if p not in known:
                known[p] = self._expected_s(p, from_point)
            return known[p]

        return from_point(p)

    def _expected_s(self, p: int, onward: Callable[[int], float]) -> float:
        if self.left_s[p] >= self.egress_s[p] - 1.0:
            return 0.0
        net = self.passing
        if (k := self._link(p)) is not None:
            return float(net.link_s[k]) + onward(int(net.link_to[k]))
        total, weighted = 0.0, WAIT_ALPHA
        for b, _ in self.chosen(p):
            stop, ride = self._exit(b)
            there = float(net.board_s[b]) + ride + float(net.stop_alight_s[stop])
            frequency = float(net.board_frequency[b])
            total += frequency
            weighted += frequency * (there + onward(int(net.stop_point[stop])))
        return weighted / total

    @cached_property
    def _stop_of_board(self) -> I32:
        stops = np.flatnonzero(self.network.stop_board >= 0).astype(np.int32)
        found = np.full(self.network.board_s.size, -1, dtype=np.int32)
        found[self.network.stop_board[stops]] = stops
        return found

    def chosen(self, p: int) -> list[tuple[int, float]]:
        """Boardings of the attractive set at a point with their shares, largest first; empty where one walks on."""
        net = self.network
        boards = net.point_board[net.point_board_start[p] : net.point_board_start[p + 1]]
        frequency, onward = net.board_frequency[boards], self.onward_s[boards]
        if self.fixed_wait:
            with np.errstate(divide="ignore"):
                best = np.argmin(np.where(frequency > 0, onward + WAIT_ALPHA / frequency, np.inf))
            return [(int(boards[best]), 1.0)]
        taken = (frequency > 0) & (onward < self.left_s[p])
        share = frequency[taken] / frequency[taken].sum()
        return sorted(zip(boards[taken].tolist(), share.tolist(), strict=True), key=lambda x: (-x[1], x[0]))

    def legs(self, start: int, clock_s: float) -> tuple[list[Leg], int]:
        """Legs of the likeliest way from a point, and the point from which it goes on foot to the destination."""
        legs: list[Leg] = []
        p = start
        while self.left_s[p] < self.egress_s[p] - 1.0:
            leg, p = self._walk(p, clock_s) or self._ride(p, clock_s)
            legs.append(leg)
            clock_s += leg.time_s
        return legs, p

    def _link(self, p: int) -> int | None:
        """The link that the time left from a point rests on, if it is one."""
        if (k := self._shorter(p)) is not None:
            return k
        if self._boards(p):
            return None
        net = self.network
        for k in range(net.link_start[p], net.link_start[p + 1]):  # another point at the same place
            q = int(net.link_to[k])
            same = net.link_s[k] <= 0 and self.left_s[q] <= self.left_s[p]
            if same and (self._boards(q) or self._shorter(q) is not None):
                return k
        return None

    def _boards(self, p: int) -> bool:
        """Whether some line attracts those at a point."""
        net = self.network
        boards = net.point_board[net.point_board_start[p] : net.point_board_start[p + 1]]
        return bool(((net.board_frequency[boards] > 0) & (self.onward_s[boards] < self.left_s[p])).any())

    def _shorter(self, p: int) -> int | None:
        """The link to a point with less time left that explains the time left from here."""
        net = self.network
        rows = [
            k
            for k in range(net.link_start[p], net.link_start[p + 1])
            if self.left_s[net.link_to[k]] < self.left_s[p]
        ]
        k = min(rows, key=lambda k: net.link_s[k] + self.left_s[net.link_to[k]], default=None)
        if k is None or net.link_s[k] + self.left_s[net.link_to[k]] > self.left_s[p] + 0.1:
            return None
        return k

    def _walk(self, p: int, clock_s: float) -> tuple[Leg, int] | None:
        net, compiled = self.passing, self.compiled
        k = self._link(p)
        if k is None:
            return None
        q, seconds, cp = int(net.link_to[k]), float(net.link_s[k]), int(compiled.link_cp[k])
        names = (self.names[p], self.names[q])
        if cp < 0:
            ends = (compiled.points[p], compiled.points[q])
            return Leg(
                LINK_KINDS.get(cp, "walk"), *names, clock_s, seconds, from_point=ends[0], to_point=ends[1]
            ), q
        cp_id = compiled.cp_ids[cp]
        return Leg("clear", *names, clock_s, seconds, checkpoint_id=cp_id, clearance_s=seconds), q

    def _ride(self, p: int, clock_s: float) -> tuple[Leg, int]:
        net, compiled = self.passing, self.compiled
        chosen = self.chosen(p)
        exits = {b: self._exit(b) for b, _ in chosen}
        by_point: dict[int, float] = {}
        for b, share in chosen:
            q = int(net.stop_point[exits[b][0]])
            by_point[q] = by_point.get(q, 0.0) + share
        q = max(by_point, key=lambda x: (by_point[x], -x))
        used = [(b, s) for b, s in chosen if net.stop_point[exits[b][0]] == q]
        shares = np.array([s for _, s in used]) / by_point[q]
        boards = np.array([b for b, _ in used])
        wait = WAIT_ALPHA / float(net.board_frequency[[b for b, _ in chosen]].sum())
        ride = float((shares * [exits[b][1] for b in boards]).sum())
        door = float((shares * net.board_s[boards]).sum())
        out = float((shares * [net.stop_alight_s[exits[b][0]] for b in boards]).sum())
        cps = {int(compiled.board_cp[b]) for b in boards} | {
            int(compiled.stop_alight_cp[exits[b][0]]) for b in boards
        }
        cps.discard(-1)
        lines = dict.fromkeys(compiled.board_line[b] for b in boards)
        others = dict.fromkeys(
            compiled.board_line[b] for b, _ in chosen if compiled.board_line[b] not in lines
        )
        return Leg(
            "ride",
            self.names[p],
            self.names[q],
            clock_s,
            wait + door + ride + out,
            wait_s=wait,
            in_vehicle_s=ride,
            lines=tuple(lines),
            also=tuple(others),
            share=by_point[q],
            checkpoint_id=compiled.cp_ids[min(cps)] if cps else None,
            clearance_s=sum(float(compiled.cp_clear_s[c]) for c in cps),
            from_point=compiled.points[p],
            to_point=compiled.points[q],
            ticketing_s=float((shares * compiled.board_ticketing_s[boards]).sum()),
        ), q

    def _exit(self, b: int) -> tuple[int, float]:
        """The stop at which to leave a vehicle, and seconds of riding to it."""
        net = self.network
        s = int(self._stop_of_board[b])
        best, ride, total = (s, 0.0), 0.0, np.inf
        end = int(net.pattern_start[np.searchsorted(net.pattern_start, s, side="right")])
        for k in range(s + 1, end):
            ride += float(net.stop_ride_s[k - 1]) + (float(net.stop_dwell_s[k - 1]) if k - 1 > s else 0.0)
            there = ride + float(net.stop_alight_s[k] + self.left_s[net.stop_point[k]])
            if there < total - 1e-3:
                best, total = (k, ride), there
        return best
