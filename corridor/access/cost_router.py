"""One journey of least generalised cost, and what every other control point would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from corridor.access.cost import MOST_COST_S, FareGroup, Window
from corridor.access.cost_departure import CostDeparture, Costing
from corridor.access.journey import Alternative, Leg
from corridor.access.parameters import CostWeights
from corridor.access.router import Router, only_through
from corridor.network.compiled import BUS_LINK, CompiledNetwork


@dataclass(frozen=True)
class CostWay:
    """A way with its generalised cost; its time is expected over all ways of the strategy, its legs the likeliest."""

    cost_s: float
    time_s: float
    fare_hkd: float
    legs: tuple[Leg, ...]


@dataclass(frozen=True)
class CostRouter:
    """The cheapest ways between the two places of a router of soonest ways."""

    soonest: Router
    """Its network has the ways by bus in seconds as they pass."""
    leaving: CostDeparture

    def solve(self, only: int | None = None) -> CostWay | None:
        """The cheapest way that ends while all it uses runs; `only` through one control point, if given.

        Where no way of the cost search does, the soonest way stands in, priced.
        """
        in_time = [self._in_window(window, only) for window in self.leaving.windows]
        found = [way for way in (self._direct() if only is None else None, *in_time) if way]
        if found:
            return min(found, key=lambda way: way.cost_s)
        compiled = self.soonest.compiled
        best = self.soonest.solve(compiled if only is None else only_through(compiled, only, False))
        return self._priced(*best) if best else None

    def alternatives(self, best: CostWay | None) -> tuple[Alternative, ...]:
        """Every open control point taken alone: what it would cost, or why it is no way."""
        found = []
        for c, checkpoint_id in enumerate(self.leaving.departure.network.cp_ids):
            way = self.solve(c)
            if way is None:
                found.append(self.soonest.alternative(c, None))
                continue
            more = "" if best is None else f"{(way.cost_s - best.cost_s) / 60:+.0f} min of generalised cost"
            found.append(
                Alternative(
                    checkpoint_id, way.time_s, more, way.legs, cost_s=way.cost_s, fare_hkd=way.fare_hkd
                )
            )
        return tuple(sorted(found, key=lambda a: (a.cost_s is None, a.cost_s or 0.0, a.checkpoint_id)))

    @property
    def _costing(self) -> Costing:
        return self.leaving.costing

    def least_cost_s(self) -> float:
        """What the cheapest way costs, whatever closes on the way; infinite without one."""
        direct = self._direct()
        found = [self._least(window, None) for window in self.leaving.windows]
        return min([direct.cost_s if direct else np.inf, *(cost for cost, _, _ in found)])

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
        chain, start = ways.chain(end), ways.first_point(end)
        points, seconds = self.leaving.around(self.soonest.origin).to_points
        around = float(seconds[points == start][0]), out
        for passing in self.leaving.passing(window):
            time_s, legs = self._told(chain, (start, end), around, (window, passing), only)
            if time_s <= passing.horizon_s:
                return CostWay(cost_s, time_s, sum(leg.fare_hkd for leg in legs), tuple(legs))
        return None

    # --- legs ---

    def _told(
        self,
        chain: Sequence[tuple[int, int, int]],
        points: tuple[int, int],
        around: tuple[float, float],
        windows: tuple[Window, Window],
        only: int | None,
    ) -> tuple[float, list[Leg]]:
        """Expected seconds and the likeliest legs of a chain of edges with its way in and out (generalised seconds)."""
        router, compiled = self.soonest, self.leaving.network_through(only)
        access = self._walked("access", None, points[0], around[0])
        legs = [access] if access else []
        expected = sum(leg.time_s for leg in legs)
        clock = router.clock_s + expected
        for a, b, via in chain:
            if via < 0:
                time_s, parts = self._ride_legs(-1 - via, (a, b), clock, windows, only)
            else:
                parts = [self._link_leg(compiled, via, (a, b), clock)]
                time_s = parts[0].time_s
            legs += parts
            expected += time_s
            clock += sum(leg.time_s for leg in parts)
        if egress := self._walked("egress", points[1], None, around[1], clock):
            legs.append(egress)
            expected += egress.time_s
        return expected, legs

    def _ride_legs(
        self,
        g: int,
        ends: tuple[int, int],
        clock_s: float,
        windows: tuple[Window, Window],
        only: int | None,
    ) -> tuple[float, list[Leg]]:
        group = self._costing.groups[g]
        ways = replace(self.leaving.inside(g, ends[1], *windows, only), names=self.soonest.names)
        legs, _ = ways.legs(ends[0], clock_s)
        paid = [self._paid(ways.compiled, group, leg) for leg in legs]
        paid[0] = replace(paid[0], fare_hkd=paid[0].fare_hkd + group.fare_of(*ends))
        return ways.expected_s(ends[0]), paid

    def _paid(self, compiled: CompiledNetwork, group: FareGroup, leg: Leg) -> Leg:
        """A ride with the fare paid at boarding: the mean of the lines that go the same way."""
        if leg.kind != "ride":
            return leg
        boards = [
            b
            for b, line in enumerate(compiled.board_line)
            if line in leg.lines and compiled.points[compiled.board_point[b]] == leg.from_point
        ]
        return replace(leg, fare_hkd=float(np.mean(group.board_fare_hkd[boards])))

    def _link_leg(self, compiled: CompiledNetwork, k: int, ends: tuple[int, int], clock_s: float) -> Leg:
        router, cp = self.soonest, int(compiled.link_cp[k])
        names = router.names[ends[0]], router.names[ends[1]]
        points = compiled.points[ends[0]], compiled.points[ends[1]]
        if cp >= 0:
            seconds = float(compiled.cp_clear_s[cp])
            return Leg(
                "clear", *names, clock_s, seconds, checkpoint_id=compiled.cp_ids[cp], clearance_s=seconds
            )
        if cp != BUS_LINK:
            return Leg(
                "walk", *names, clock_s, float(compiled.link_s[k]), from_point=points[0], to_point=points[1]
            )
        leg = Leg("bus", *names, clock_s, 0.0, from_point=points[0], to_point=points[1])
        return self._by_bus(leg, float(compiled.link_s[k]))

    def _walked(
        self, kind: str, start: int | None, end: int | None, cost_s: float, clock_s: float | None = None
    ) -> Leg | None:
        """A way between a place and a point that costs `cost_s`: on foot, by feeder or by local bus."""
        if cost_s <= 0:
            return None
        router = self.soonest
        names = (
            router.origin.name if start is None else router.names[start],
            router.destination.name if end is None else router.names[end],
        )
        points = (None if p is None else self.leaving.departure.network.points[p] for p in (start, end))
        leg = Leg(
            kind,  # type: ignore[arg-type]
            *names,
            router.clock_s if clock_s is None else clock_s,
            0.0,
            **dict(zip(("from_point", "to_point"), points, strict=True)),
        )
        return self._by_bus(leg, cost_s)

    def _by_bus(self, leg: Leg, cost_s: float) -> Leg:
        """A leg that costs `cost_s` off the network, with the seconds that pass and what is paid."""
        router, base = self.soonest, self._costing.base
        (a, side), (b, _) = (
            router.where(leg.from_point, router.origin),
            router.where(leg.to_point, router.destination),
        )
        way = base.bus_way(side, a, b, router.clock_s)
        if abs(way.cost_s - cost_s) <= 1.0:
            return replace(leg, time_s=way.time_s, fare_hkd=way.fare_hkd, buses=way.rides)
        metres, by_feeder = base.ground.parameters.metres_of(cost_s)
        plain = router.base.ground.parameters
        if by_feeder and leg.kind in {"access", "egress"}:
            return replace(leg, time_s=plain.feeder_s(metres), fare_hkd=self._costing.feeder_fare_hkd)
        kind = "walk" if leg.kind == "bus" else leg.kind
        return replace(leg, kind=kind, time_s=cost_s / self._costing.weights.walk)

    def _direct(self) -> CostWay | None:
        """On foot or by local bus all the way."""
        router = self.soonest
        a, b = router.origin, router.destination
        if a.region != b.region or not (
            a.on_street(self.leaving.departure.network) and b.on_street(self.leaving.departure.network)
        ):
            return None
        cost = float(self._costing.base.direct_s(a, [b], router.clock_s)[0])
        if not np.isfinite(cost):
            return None
        leg = self._by_bus(Leg("bus", a.name, b.name, router.clock_s, 0.0), cost)
        return CostWay(cost, leg.time_s, leg.fare_hkd, (leg,))

    def _priced(self, time_s: float, legs: Sequence[Leg]) -> CostWay:
        """What a way of least time costs, by its likeliest legs."""
        group_of, weights = self._costing.group_of_line(self.leaving.departure.network), self._costing.weights
        index = self.leaving.departure.network.index
        paid: list[Leg] = []
        entered: tuple[int, int, int] | None = (
            None  # fare group, point where one entered, leg that bears the fare
        )
        for leg in map(self.soonest.with_buses, legs):
            if leg.kind == "ride" and leg.from_point and leg.to_point:
                g = group_of[leg.lines[0]]
                group = self._costing.groups[g]
                leg = self._paid(self.leaving.departure.network, group, leg)
                if entered is None or entered[0] != g:
                    entered = (g, index[leg.from_point], len(paid))
                    leg = replace(leg, fare_hkd=leg.fare_hkd + group.fare_of(entered[1], index[leg.to_point]))
                else:
                    first = paid[entered[2]]
                    paid[entered[2]] = replace(first, fare_hkd=group.fare_of(entered[1], index[leg.to_point]))
            elif leg.kind != "walk":
                entered = None
            fares = sum(ride.fare_hkd for ride in leg.buses)
            paid.append(replace(leg, fare_hkd=leg.fare_hkd + fares))
        fare = sum(leg.fare_hkd for leg in paid)
        weighted = sum(_weighted_s(leg, weights) for leg in paid)
        return CostWay(weighted + fare * weights.s_per_hkd, time_s, fare, tuple(paid))


def _weighted_s(leg: Leg, weights: CostWeights) -> float:
    waits = leg.wait_s + sum(ride.wait_s for ride in leg.buses)
    riding = leg.in_vehicle_s + sum(ride.in_vehicle_s for ride in leg.buses)
    on_foot = max(0.0, leg.time_s - waits - riding - leg.clearance_s)
    boardings = len(leg.buses) + (leg.kind == "ride")
    return (
        riding
        + weights.wait * waits
        + weights.walk * on_foot
        + weights.clearance * leg.clearance_s
        + weights.boarding_s * boardings
    )
