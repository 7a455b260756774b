"""What to do at each point under an optimal strategy, what to expect, and the likeliest way, leg by leg."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from corridor.access.search.journey import Leg, link_leg
from corridor.access.search.strategy import ANY_ROUNDS, NEVER_S, StrategyNetwork, settle_lanes, workspace
from corridor.core.arrays import F32, F64, I32
from corridor.network.compiled import WAIT_ALPHA, CompiledNetwork

AT_END_S = 1.0  # the time left is the way out, to so many seconds
TOLERANCE_S = 0.1


@dataclass(frozen=True)
class Exit:
    """Where a vehicle of a boarding is left: the stop, the point there, and the seconds of riding to it."""

    board: int
    stop: int
    point: int
    ride_s: float


@dataclass(frozen=True)
class Ride:
    """The likeliest way on from a point where one boards: the vehicles that lead there and their shares of its riders.

    Attributes
    ----------
    exits
        Of the boardings that lead there, the likeliest first.
    others
        Boardings of the attractive set that lead elsewhere.
    share
        How many of those who wait here go this way.
    """

    to: int
    exits: tuple[Exit, ...]
    shares: F64
    others: tuple[int, ...]
    share: float
    wait_s: float

    def mean(self, values: ArrayLike) -> float:
        """The mean of a value of each exit, weighted by shares."""
        return float((self.shares * np.asarray(values)).sum())


@dataclass(frozen=True)
class Strategy:
    """Expected seconds from every point to one destination by an optimal strategy (see :mod:`.strategy`).

    Attributes
    ----------
    egress_s
        From each point to the destination without a ride, NEVER_S where there is no such way.
    left_s
        From each point.
    onward_s
        From each boarding.
    fare_hkd
        Paid at each boarding; None where nothing is.
    timed
        The same network in unweighted seconds, where the search counted others: those choose the way, these
        describe it.
    riding
        What holds once a vehicle is boarded, where the number of vehicles is bounded; otherwise this strategy
        itself.
    """

    network: StrategyNetwork
    egress_s: F32
    left_s: F32
    onward_s: F32
    fixed_wait: bool = False
    fare_hkd: F32 | None = None
    timed: StrategyNetwork | None = None
    riding: Strategy | None = None
    _expected: dict[int, F64] = field(default_factory=dict, repr=False)

    @classmethod
    def search(
        cls,
        network: StrategyNetwork,
        egress_s: F32,
        limit_s: float,
        fixed_wait: bool = False,
        *,
        timed: StrategyNetwork | None = None,
        fare_hkd: F32 | None = None,
        rounds: int = ANY_ROUNDS,
    ) -> Strategy:
        """Search towards one destination.

        Parameters
        ----------
        network
            What runs in the window, in the seconds that the choice counts.
        egress_s
            Seconds from each point to the destination without a ride, NEVER_S where there is no such way; shape (points,).
        limit_s
            Longest journey in seconds.
        fixed_wait
            Half a headway for each line alone in place of shared waits.
        timed
            The same network in unweighted seconds, where `network` weighs them.
        fare_hkd
            Paid at each boarding, shape (boardings,).
        rounds
            Most vehicles boarded one after another.
        """
        left = np.minimum(egress_s, NEVER_S).astype(np.float32).reshape(-1, 1).copy()
        onward = workspace(network, 1)
        settle_lanes(left, np.float32(limit_s), fixed_wait, rounds, onward, network)
        return cls(network, egress_s, left[:, 0], onward[:, 0], fixed_wait, fare_hkd, timed)

    @property
    def passing(self) -> StrategyNetwork:
        """The network in unweighted seconds."""
        return self.timed or self.network

    @property
    def _after(self) -> Strategy:
        return self.riding or self

    def at_end(self, p: int) -> bool:
        """Whether one leaves the network at a point."""
        return bool(self.left_s[p] >= self.egress_s[p] - AT_END_S)

    def expected(self, p: int) -> F64:
        """Expected over all ways from a point: seconds to the last point, the way out from there, and fares in HKD.

        The way out is in seconds as searched, the others are unweighted.
        """
        if p not in self._expected:
            self._expected[p] = self._worked_out(p)
        return self._expected[p]

    def _worked_out(self, p: int) -> F64:
        net = self.passing
        if self.at_end(p):
            return np.array([0.0, float(self.egress_s[p]), 0.0])
        if (k := self.link(p)) is not None:
            return np.array([float(net.link_s[k]), 0.0, 0.0]) + self.expected(int(net.link_to[k]))
        total, weighted = 0.0, np.array([WAIT_ALPHA, 0.0, 0.0])
        for b in self.attractive(p):
            leave, frequency = self.exit(b), float(net.board_frequency[b])
            there_s = float(net.board_s[b]) + leave.ride_s + float(net.stop_alight_s[leave.stop])
            fare_hkd = 0.0 if self.fare_hkd is None else float(self.fare_hkd[b])
            total += frequency
            weighted += frequency * (self._after.expected(leave.point) + np.array([there_s, 0.0, fare_hkd]))
        return np.asarray(weighted / total)

    @cached_property
    def _stop_of_board(self) -> I32:
        stops = np.flatnonzero(self.network.stop_board >= 0).astype(np.int32)
        found = np.full(self.network.board_s.size, -1, dtype=np.int32)
        found[self.network.stop_board[stops]] = stops
        return found

    def attractive(self, p: int) -> list[int]:
        """Boardings of the attractive set at a point: those from which less time is left than is expected here.

        Returns
        -------
        list of int
            The most frequent first; empty where one walks on. With fixed waits one alone.
        """
        net = self.network
        boards = net.boards_at(p)
        frequency, onward = net.board_frequency[boards], self.onward_s[boards]
        if self.fixed_wait:
            with np.errstate(divide="ignore"):
                return [
                    int(boards[np.argmin(np.where(frequency > 0, onward + WAIT_ALPHA / frequency, np.inf))])
                ]
        taken = boards[(frequency > 0) & (onward < self.left_s[p])].tolist()
        return sorted(taken, key=lambda b: (-net.board_frequency[b], b))

    def link(self, p: int) -> int | None:
        """The link that the time left from a point rests on.

        Links of 0 seconds join points at one place, which all have the same time left. Only a point from which a line
        or a longer link leads on is followed, so that two such points cannot send one to and fro.

        Returns
        -------
        int or None
            None where one boards.
        """
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
        boards = self.network.boards_at(p)
        attracts = self.onward_s[boards] < self.left_s[p]
        return bool(((self.network.board_frequency[boards] > 0) & attracts).any())

    def _shorter(self, p: int) -> int | None:
        """The link to a point with less time left that explains the time left from here."""
        net, left = self.network, self.left_s
        part = slice(net.link_start[p], net.link_start[p + 1])
        onward = left[net.link_to[part]]
        total = np.where(onward < left[p], net.link_s[part] + onward, np.inf)
        if total.min(initial=np.inf) > left[p] + TOLERANCE_S:
            return None
        return int(part.start + total.argmin())

    def exit(self, b: int) -> Exit:
        """Where to leave a vehicle boarded: where ride and time left are least together, at the first of equals."""
        net, left = self.network, self._after.left_s
        s = int(self._stop_of_board[b])
        best, ride, total = Exit(b, s, int(net.stop_point[s]), 0.0), 0.0, np.inf
        end = int(net.pattern_start[np.searchsorted(net.pattern_start, s, side="right")])
        for k in range(s + 1, end):
            ride += float(net.stop_ride_s[k - 1]) + (float(net.stop_dwell_s[k - 1]) if k - 1 > s else 0.0)
            there = ride + float(net.stop_alight_s[k] + left[net.stop_point[k]])
            if there < total - 1e-3:
                best, total = Exit(b, k, int(net.stop_point[k]), ride), there
        return best

    def ride(self, p: int) -> Ride:
        """The likeliest way on from a point where one boards.

        Boardings share the riders in proportion to frequency; those that lead to one and the same point are one way.
        """
        frequency = self.network.board_frequency
        exits = [self.exit(b) for b in self.attractive(p)]
        whole = sum(float(frequency[e.board]) for e in exits)
        by_point: dict[int, float] = {}
        for e in exits:
            by_point[e.point] = by_point.get(e.point, 0.0) + float(frequency[e.board]) / whole
        q = max(by_point, key=lambda x: (by_point[x], -x))
        used = tuple(e for e in exits if e.point == q)
        shares = np.array([float(frequency[e.board]) / whole for e in used]) / by_point[q]
        others = tuple(e.board for e in exits if e.point != q)
        wait_s = WAIT_ALPHA / float(self.passing.board_frequency[[e.board for e in exits]].sum())
        return Ride(q, used, shares, others, by_point[q], wait_s)

    def legs(
        self, network: CompiledNetwork, names: Sequence[str], start: int, clock_s: float
    ) -> tuple[list[Leg], int]:
        """Legs of the likeliest way from a point.

        Parameters
        ----------
        network
            The compiled network of the strategy.
        names
            What each point is called.
        start
            The point.
        clock_s
            When one is there, in seconds after midnight.

        Returns
        -------
        legs, end
            The legs, and the point from which one goes on foot to the destination.
        """
        legs: list[Leg] = []
        p = start
        while not self.at_end(p):
            if (k := self.link(p)) is not None:
                q, seconds = int(self.network.link_to[k]), float(self.passing.link_s[k])
                legs.append(link_leg(network, names, k, (p, q), clock_s, seconds))
            else:
                ride = self.ride(p)
                q = ride.to
                legs.append(self._ride_leg(network, names, (p, ride), clock_s))
            p = q
            clock_s += legs[-1].time_s
        return legs, p

    def _ride_leg(
        self, network: CompiledNetwork, names: Sequence[str], start: tuple[int, Ride], clock_s: float
    ) -> Leg:
        net, (p, ride) = self.passing, start
        boards, stops = [e.board for e in ride.exits], [e.stop for e in ride.exits]
        in_vehicle = ride.mean([e.ride_s for e in ride.exits])
        cps = (
            {int(c) for c in network.board_cp[boards]} | {int(c) for c in network.stop_alight_cp[stops]}
        ) - {-1}
        lines = dict.fromkeys(network.board_line[b] for b in boards)
        also = dict.fromkeys(network.board_line[b] for b in ride.others if network.board_line[b] not in lines)
        return Leg(
            "ride",
            names[p],
            names[ride.to],
            clock_s,
            ride.wait_s + ride.mean(net.board_s[boards]) + in_vehicle + ride.mean(net.stop_alight_s[stops]),
            wait_s=ride.wait_s,
            in_vehicle_s=in_vehicle,
            lines=tuple(lines),
            also=tuple(also),
            share=ride.share,
            checkpoint_id=network.cp_ids[min(cps)] if cps else None,
            clearance_s=sum(float(network.cp_clear_s[c]) for c in cps),
            from_point=network.points[p],
            to_point=network.points[ride.to],
            ticketing_s=ride.mean(network.board_ticketing_s[boards]),
        )
