"""One journey of least generalised cost, what every other control point would cost, and what its traveller does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from corridor.access.cost.cost import MOST_COST_S, Window
from corridor.access.cost.departure import CostDeparture, Costing
from corridor.access.cost.price import CostWay, paid_at_boarding, priced
from corridor.access.journeys.moves import Move, Policy, Walk, policy_of
from corridor.access.journeys.router import OFF_NETWORK, Router
from corridor.access.journeys.soonest import Way, by_strategy, direct_s
from corridor.access.search.journey import Journey, Leg, link_leg


@dataclass(frozen=True)
class CostRouter:
    """The cheapest ways between the two places of a router of soonest ways.

    Attributes
    ----------
    soonest
        Its network has the ways by bus in unweighted seconds.
    """

    soonest: Router
    leaving: CostDeparture

    def find(self) -> Journey:
        """The journey of least generalised cost, with those through each control point alone.

        Raises
        ------
        UnreachableError
            Where there is no service.
        """
        return self.soonest.journey(
            self.solve, lambda way, best: f"{(way.cost_s - best.cost_s) / 60:+.0f} min of generalised cost"
        )

    def solve(self, only: int | None = None) -> CostWay | None:
        """The cheapest way that ends while all it uses runs; None where there is none.

        Where something closes before the limit, the soonest way, priced, is beside those of the cost search: the clock search
        knows ways that end after something else has closed.

        Parameters
        ----------
        only
            Index of the one control point in use; None for any.
        """
        in_time = [self._in_window(window, only) for window in self.leaving.windows]
        found = [way for way in (self._direct() if only is None else None, *in_time) if way]
        if (not found or self.leaving.departure.closes) and (soonest := self.soonest.solve(only)):
            network = self.leaving.departure.network
            found.append(priced(soonest.time_s, soonest.legs, self._costing, network))
        return min(found, key=lambda way: way.cost_s, default=None)

    @property
    def _costing(self) -> Costing:
        return self.leaving.costing

    def least_cost_s(self) -> float:
        """Generalised seconds of the cheapest way, whatever closes on the way; infinite without one.

        A lower bound of what :meth:`solve` finds by the cost search, and much quicker, as it works out no legs.
        """
        direct = self._direct()
        found = [self._least(window, None)[0] for window in self.leaving.windows]
        return min([direct.cost_s if direct else np.inf, *found])

    def _least(self, window: Window, only: int | None) -> tuple[float, int, float]:
        """Generalised seconds of the cheapest way, the point where it leaves the network, and seconds on from there."""
        ends, out = self.leaving.around(self.soonest.destination).from_points
        if not ends.size:
            return np.inf, -1, 0.0
        total = self.leaving.ways_from(self.soonest.origin, window, only).cost_s[ends] + out
        k = int(total.argmin())
        return float(total[k]), int(ends[k]), float(out[k])

    def _in_window(self, window: Window, only: int | None) -> CostWay | None:
        cost_s, end, out = self._least(window, only)
        if not cost_s < MOST_COST_S:
            return None
        ways = self.leaving.ways_from(self.soonest.origin, window, only)
        chain = ways.chain(end)
        start = chain[0][0] if chain else end
        points, seconds = self.leaving.around(self.soonest.origin).to_points
        around = (
            self._around("access", start, float(seconds[points == start][0])),
            self._around("egress", end, out),
        )
        for passing in self.leaving.passing(window):
            time_s, legs = self._along(chain, around, (window, passing), only)
            if time_s <= passing.horizon_s:
                fare_hkd = sum(leg.fare_hkd for leg in legs)
                return CostWay(time_s, tuple(legs), cost_s, fare_hkd, tuple(chain), (window, passing))
        return None

    # --- legs ---

    def _around(self, kind: Literal["access", "egress"], point: int, cost_s: float) -> list[Leg]:
        """The way between a place and a point, if it is one."""
        return [self._off_network(self.soonest.around_leg(kind, point), cost_s)] if cost_s > 0 else []

    def _off_network(self, leg: Leg, cost_s: float) -> Leg:
        costing = self._costing
        return self.soonest.off_network(leg, cost_s, costing.base, costing.feeder_fare_hkd)

    def _along(
        self,
        chain: Sequence[tuple[int, int, int]],
        around: tuple[list[Leg], list[Leg]],
        windows: tuple[Window, Window],
        only: int | None,
    ) -> tuple[float, list[Leg]]:
        """Expected seconds and the likeliest legs of a chain of edges, with the ways in and out."""
        access, egress = around
        legs, expected = list(access), sum(leg.time_s for leg in access)
        clock = self.soonest.clock_s + expected
        for a, b, via in chain:
            if via < 0:
                time_s, parts = self._ride_legs(-1 - via, (a, b), clock, windows, only)
            else:
                parts = [self.link_leg(via, (a, b), clock, only)]
                time_s = parts[0].time_s
            legs += parts
            expected += time_s
            clock += sum(leg.time_s for leg in parts)
        legs += [replace(leg, start_clock_s=clock) for leg in egress]
        return expected + sum(leg.time_s for leg in egress), legs

    def _ride_legs(
        self,
        g: int,
        ends: tuple[int, int],
        clock_s: float,
        windows: tuple[Window, Window],
        only: int | None,
    ) -> tuple[float, list[Leg]]:
        group, network = self._costing.groups[g], self.leaving.network_through(only)
        strategy = self.leaving.inside(g, ends[1], *windows, only)
        legs, _ = strategy.legs(network, self.soonest.names, ends[0], clock_s)
        paid = [paid_at_boarding(leg, group, network) for leg in legs]
        paid[0] = replace(paid[0], fare_hkd=paid[0].fare_hkd + group.fare_of(*ends))
        return float(strategy.expected(ends[0])[0]), paid

    def link_leg(self, k: int, ends: tuple[int, int], clock_s: float, only: int | None = None) -> Leg:
        """A walk, a way by local bus or feeder, or a clearance between two points.

        Parameters
        ----------
        k, ends
            The link, and the points that it leads from and to.
        clock_s
            When it begins, in seconds after midnight.
        only
            Index of the one control point in use; None for all.

        Returns
        -------
        Leg
            In the seconds that pass, not in those that the search counted.
        """
        network = self.leaving.network_through(only)
        cp, cost_s = int(network.link_cp[k]), float(network.link_s[k])
        time_s = float(network.cp_clear_s[cp]) if cp >= 0 else cost_s
        leg = link_leg(network, self.soonest.names, k, ends, clock_s, time_s)
        return self._off_network(leg, cost_s) if leg.kind in OFF_NETWORK else leg

    def _direct(self) -> CostWay | None:
        """On foot or by local bus all the way."""
        a, b, clock_s = self.soonest.origin, self.soonest.destination, self.soonest.clock_s
        cost_s = float(direct_s(self.leaving.departure.network, self._costing.base, a, [b], clock_s)[0])
        if not np.isfinite(cost_s):
            return None
        leg = self._off_network(Leg("bus", a.name, b.name, clock_s, 0.0), cost_s)
        return CostWay(leg.time_s, (leg,), cost_s, leg.fare_hkd)

    # --- what the traveller does ---

    def policy(self) -> Policy | None:
        """What the traveller of the cheapest way does at each point, or None without a way.

        Its expected time is that of :meth:`solve`.
        """
        way = self.solve()
        if way is None:
            return None
        if way.windows is not None:
            return self._policy_along(way, way.windows)
        if not any(leg.kind in {"ride", "clear"} for leg in way.legs):
            return policy_of(Way(way.time_s), self.soonest.compiled)
        return self.soonest.policy()

    def _policy_along(self, way: CostWay, windows: tuple[Window, Window]) -> Policy:
        """One policy an edge, joined where the next one begins; the nodes of edge e are its points plus e times their number."""
        points = len(self.soonest.names)
        moves: dict[int, Move] = {}
        order: list[int] = []
        for e, edge in enumerate(way.chain):
            beyond = (e + 1) * points + edge[1]
            done = self._ride_moves(windows, edge) if edge[2] < 0 else self._link_moves(edge)
            nodes = {p: beyond if p == edge[1] else e * points + p for p in (*done, edge[1])}
            moves |= {nodes[p]: _renamed(move, nodes) for p, move in done.items()}
            order += [nodes[p] for p in done]
        access_s, egress_s = (
            sum(leg.time_s for leg in way.legs if leg.kind == kind) for kind in ("access", "egress")
        )
        start = way.chain[0][0] if way.chain else 0
        last = len(way.chain) * points + way.chain[-1][1] if way.chain else 0
        return Policy(float(way.time_s), access_s, start, (*order, last), moves, {last: egress_s})

    def _ride_moves(self, windows: tuple[Window, Window], edge: tuple[int, int, int]) -> dict[int, Move]:
        """The strategy inside the gates, in the order in which anyone can pass its points."""
        start, end, via = edge
        strategy = self.leaving.inside(-1 - via, end, *windows, None)
        inside = by_strategy(strategy, (np.array([start], np.int32), np.zeros(1, np.float32)))
        assert inside is not None
        policy = policy_of(inside, self.leaving.network)
        return {p: policy.moves[p] for p in policy.order if p in policy.moves}

    def _link_moves(self, edge: tuple[int, int, int]) -> dict[int, Move]:
        start, end, k = edge
        leg = self.link_leg(k, (start, end), self.soonest.clock_s)
        return {start: Walk(end, leg.time_s - leg.clearance_s, int(self.leaving.network.link_cp[k]))}


def _renamed(move: Move, nodes: Mapping[int, int]) -> Move:
    if isinstance(move, Walk):
        return replace(move, to=nodes[move.to])
    return tuple(replace(boarding, to=nodes[boarding.to]) for boarding in move)
