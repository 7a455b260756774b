"""One journey of least generalised cost, and what every other control point would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from corridor.access.cost.cost import MOST_COST_S, Window
from corridor.access.cost.departure import CostDeparture, Costing
from corridor.access.cost.price import CostWay, paid_at_boarding, priced
from corridor.access.journeys.router import Asked, Router, only_through
from corridor.access.search.departure import Departure
from corridor.access.search.journey import LIMIT_S, LINK_KINDS, Alternative, Journey, Leg
from corridor.access.surroundings.base import BaseLayer
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import Network


def find_cheapest(
    network: Network, compiled: CompiledNetwork, base: BaseLayer, asked: Asked, costing: Costing
) -> Journey:
    """The journey of least generalised cost; raises :class:`UnreachableError` where there is no way at all."""
    soonest = Router.of(network, compiled, base, asked)
    departure = Departure(compiled, soonest.clock_s, LIMIT_S, asked.fixed_wait)
    router = CostRouter(soonest, CostDeparture(departure, costing))
    best = router.solve()
    alternatives = router.alternatives(best) if soonest.crosses else ()
    if best is None:
        raise soonest.no_way(alternatives)
    found = soonest.journey(best.time_s, best.legs, alternatives)
    return replace(found, objective="cost", cost_s=best.cost_s, fare_hkd=best.fare_hkd)


@dataclass(frozen=True)
class CostRouter:
    """The cheapest ways between the two places of a router of soonest ways."""

    soonest: Router
    """Its network has the ways by bus in seconds as they pass."""
    leaving: CostDeparture

    def solve(self, only: int | None = None) -> CostWay | None:
        """The cheapest way that ends while all it uses runs; `only` through one control point, if given.

        Where something closes before the limit, the soonest way stands beside those of the cost search, priced.
        """
        in_time = [self._in_window(window, only) for window in self.leaving.windows]
        found = [way for way in (self._direct() if only is None else None, *in_time) if way]
        if not found or self.leaving.departure.closes:
            found += [way for way in (self._soonest(only),) if way]
        return min(found, key=lambda way: way.cost_s, default=None)

    def _soonest(self, only: int | None) -> CostWay | None:
        """The soonest way, priced: the clock search knows ways that end after something else has closed."""
        compiled = self.soonest.compiled
        best = self.soonest.solve(compiled if only is None else only_through(compiled, only, False))
        if best is None:
            return None
        legs = [self.soonest.with_buses(leg) for leg in best[1]]
        return priced(best[0], legs, self._costing, self.leaving.departure.network)

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
                fare_hkd = sum(leg.fare_hkd for leg in legs)
                return CostWay(cost_s, time_s, fare_hkd, tuple(legs), tuple(chain), (window, passing))
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
                parts = [self.link_leg(compiled, via, (a, b), clock)]
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
        paid = [paid_at_boarding(leg, group, ways.compiled) for leg in legs]
        paid[0] = replace(paid[0], fare_hkd=paid[0].fare_hkd + group.fare_of(*ends))
        return ways.expected_s(ends[0]), paid

    def link_leg(self, compiled: CompiledNetwork, k: int, ends: tuple[int, int], clock_s: float) -> Leg:
        """A walk, a way by local bus or a clearance between two points."""
        router, cp = self.soonest, int(compiled.link_cp[k])
        names = router.names[ends[0]], router.names[ends[1]]
        points = compiled.points[ends[0]], compiled.points[ends[1]]
        if cp >= 0:
            seconds = float(compiled.cp_clear_s[cp])
            return Leg(
                "clear", *names, clock_s, seconds, checkpoint_id=compiled.cp_ids[cp], clearance_s=seconds
            )
        kind, seconds = LINK_KINDS.get(cp, "walk"), float(compiled.link_s[k])
        leg = Leg(kind, *names, clock_s, seconds, from_point=points[0], to_point=points[1])
        return leg if kind == "walk" else self._by_bus(leg, seconds)

    def _walked(
        self,
        kind: Literal["access", "egress"],
        start: int | None,
        end: int | None,
        cost_s: float,
        clock_s: float | None = None,
    ) -> Leg | None:
        """A way between a place and a point that costs `cost_s`: on foot, by feeder or by local bus."""
        if cost_s <= 0:
            return None
        router = self.soonest
        names = (
            router.origin.name if start is None else router.names[start],
            router.destination.name if end is None else router.names[end],
        )
        points = [None if p is None else self.leaving.departure.network.points[p] for p in (start, end)]
        clock = router.clock_s if clock_s is None else clock_s
        leg = Leg(kind, *names, clock, 0.0, from_point=points[0], to_point=points[1])
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
        if by_feeder and router.fed(leg):
            time_s, wait_s = plain.feeder_s(metres), plain.feeder_wait_s
            fare_hkd = self._costing.feeder_fare_hkd
            return replace(leg, time_s=time_s, wait_s=wait_s, in_vehicle_s=time_s - wait_s, fare_hkd=fare_hkd)
        kind = "walk" if leg.kind in {"bus", "feeder"} else leg.kind
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
