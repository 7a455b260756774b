"""One journey: the sooner of the best strategy and the clock search, and what every other control point would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from corridor.access.search.cells import Place
from corridor.access.search.clocked import ClockedWays
from corridor.access.search.departure import Departure
from corridor.access.search.journey import LIMIT_S, Alternative, Journey, Leg, clock_text, closing_text
from corridor.access.search.strategic import StrategicWays
from corridor.access.search.strategy import NEVER_S
from corridor.access.surroundings.base import BaseLayer, Surroundings
from corridor.access.surroundings.bus_hour import point_key
from corridor.core.errors import Problem, UnreachableError
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import DAY_S, Network, service_clock_s

LEAST_GAIN_S = 1.0  # a strategy that gains less is not worth explaining


@dataclass(frozen=True)
class Asked:
    """From where, to where, and when one leaves (seconds after midnight)."""

    origin: Place
    destination: Place
    clock_s: float
    fixed_wait: bool = False


def find_journey(network: Network, compiled: CompiledNetwork, base: BaseLayer, asked: Asked) -> Journey:
    """The journey of least expected time; raises :class:`UnreachableError` where there is none."""
    router = Router.of(network, compiled, base, asked)
    best = router.solve(router.compiled)
    alternatives = tuple(router.alternatives(best[0] if best else None)) if router.crosses else ()
    if best is None:
        raise router.no_way(alternatives)
    time_s, legs = best
    return router.journey(time_s, tuple(router.with_buses(leg) for leg in legs), alternatives)


Solution = tuple[float, list[Leg]]  # expected seconds, and the legs of the likeliest way


@dataclass(frozen=True)
class Router:
    """The ways of least expected time between two places."""

    network: Network
    compiled: CompiledNetwork
    base: BaseLayer
    origin: Place
    destination: Place
    clock_s: float
    fixed_wait: bool
    _around: dict[Place, Surroundings] = field(default_factory=dict, repr=False)
    """Routers between the same places may share it."""

    @classmethod
    def of(cls, network: Network, compiled: CompiledNetwork, base: BaseLayer, asked: Asked) -> Router:
        """On a network with the ways by local bus between its stations."""
        start = service_clock_s(asked.clock_s)
        linked = base.departure(compiled, start, LIMIT_S, asked.fixed_wait).network
        return cls(network, linked, base, asked.origin, asked.destination, start, asked.fixed_wait)

    @property
    def crosses(self) -> bool:
        """Whether the two places lie on two sides."""
        return self.origin.region != self.destination.region

    def journey(self, time_s: float, legs: tuple[Leg, ...], alternatives: tuple[Alternative, ...]) -> Journey:
        """A way as a journey."""
        names = self.origin.name, self.destination.name
        return Journey(*names, self.network.scenario_id, self.clock_s, time_s, legs, alternatives)

    def no_way(self, alternatives: Sequence[Alternative]) -> UnreachableError:
        """What to raise where no way was found."""
        reasons = (
            "; ".join(f"{a.checkpoint_id}: {a.reason}" for a in alternatives) or "no service at this hour"
        )
        return UnreachableError(
            Problem(
                f"{self.origin.name} to {self.destination.name} at {clock_text(self.clock_s)}",
                f"no way ({reasons})",
                f"a way within {LIMIT_S / 3600:.0f} hours",
                "ask another hour or scenario",
            )
        )

    def solve(self, compiled: CompiledNetwork) -> Solution | None:
        """The best of walking, the clock search and the strategies, or None."""
        found = [s for s in (self._on_foot(), self._by_clock(compiled)) if s]
        soonest = min((s[0] for s in found), default=LIMIT_S)
        if strategic := self._by_strategy(compiled, soonest - LEAST_GAIN_S):
            return strategic
        return min(found, key=lambda s: s[0], default=None)

    def _on_foot(self) -> Solution | None:
        a, b = self.origin, self.destination
        if a.region != b.region or not (a.on_street(self.compiled) and b.on_street(self.compiled)):
            return None
        direct = float(self.base.direct_s(a, [b], self.clock_s)[0])
        if not np.isfinite(direct):
            return None
        on_foot = direct >= float(self.base.walks_s(a, [b])[0])
        return direct, [Leg("walk" if on_foot else "bus", a.name, b.name, self.clock_s, direct)]

    def _by_clock(self, compiled: CompiledNetwork) -> Solution | None:
        first = np.full(len(compiled.points), np.inf)
        points, seconds = self.around_origin.to_points
        first[points] = self.clock_s + seconds
        ways = ClockedWays.search(compiled, self.names, first, self.clock_s + LIMIT_S, self.fixed_wait)
        ends, out = self.around_destination.from_points
        arrival = ways.settled_s[ends] + out
        if not np.isfinite(arrival.min(initial=np.inf)):
            return None
        k = int(arrival.argmin())
        end = int(ends[k])
        start = ways.chain(end)[0]
        legs = [
            *self._access(start, float(first[start]) - self.clock_s),
            *ways.legs(end),
            *self._egress(end, float(ways.settled_s[end]), float(out[k])),
        ]
        return float(arrival[k]) - self.clock_s, legs

    def _by_strategy(self, compiled: CompiledNetwork, below_s: float) -> Solution | None:
        """A strategy that takes less than `below_s`, within the window in which it ends."""
        points, seconds = self.around_origin.to_points
        ends, out = self.around_destination.from_points
        if not points.size or not ends.size:
            return None
        egress = np.full(len(compiled.points), NEVER_S, dtype=np.float32)
        egress[ends] = out
        for horizon, net in self._departure(compiled).windows:
            limit = min(horizon, below_s)
            ways = StrategicWays.search(compiled, net, self.names, egress, limit, self.fixed_wait)
            total = seconds + ways.left_s[points]
            k = int(total.argmin())
            if total[k] <= limit:
                start = int(points[k])
                legs, end = ways.legs(start, self.clock_s + float(seconds[k]))
                reached = (
                    legs[-1].start_clock_s + legs[-1].time_s if legs else self.clock_s + float(seconds[k])
                )
                around = self._access(start, float(seconds[k]))
                return float(total[k]), [*around, *legs, *self._egress(end, reached, float(egress[end]))]
        return None

    def _access(self, point: int, seconds: float) -> list[Leg]:
        if seconds <= 0:
            return []
        to = self.compiled.points[point]
        return [Leg("access", self.origin.name, self.names[point], self.clock_s, seconds, to_point=to)]

    def _egress(self, point: int, clock_s: float, seconds: float) -> list[Leg]:
        if seconds <= 0:
            return []
        start = self.compiled.points[point]
        return [Leg("egress", self.names[point], self.destination.name, clock_s, seconds, from_point=start)]

    def with_buses(self, leg: Leg) -> Leg:
        """A leg off the network with its likeliest buses, or as a ride with the feeder; any other as it is."""
        if leg.kind not in {"bus", "feeder", "access", "egress"}:
            return leg
        (a, side), (b, _) = (
            self.where(leg.from_point, self.origin),
            self.where(leg.to_point, self.destination),
        )
        if buses := self.base.buses_of(side, a, b, leg.time_s, self.clock_s):
            return replace(leg, buses=buses)
        parameters = self.base.ground.parameters
        if self.fed(leg) and parameters.metres_of(leg.time_s)[1]:
            wait_s = parameters.feeder_wait_s
            return replace(leg, wait_s=wait_s, in_vehicle_s=leg.time_s - wait_s)
        on_foot = leg.kind in {"bus", "feeder"}  # past a stop, where the straight walk is not free
        return replace(leg, kind="walk" if on_foot else leg.kind)

    def fed(self, leg: Leg) -> bool:
        """Whether the assumed feeder serves the stations that a leg leads to or from."""
        if leg.kind == "feeder":
            return True
        point = {"access": leg.to_point, "egress": leg.from_point}.get(leg.kind)
        return point is not None and not self.base._by_bus(
            point_key(self.compiled, self.compiled.index[point])
        )

    def where(self, point: str | None, place: Place) -> tuple[tuple[float, float], str]:
        """Position (EPSG:4547) and side of a point, or of a place where it is None."""
        if point is None:
            return (place.x_m, place.y_m), place.region
        region, x, y, _ = point_key(self.compiled, self.compiled.index[point])
        return (float(x), float(y)), region

    @cached_property
    def around_origin(self) -> Surroundings:
        """Points around the origin."""
        return self._surroundings(self.origin)

    @cached_property
    def around_destination(self) -> Surroundings:
        """Points around the destination."""
        return self._surroundings(self.destination)

    def _surroundings(self, place: Place) -> Surroundings:
        if place not in self._around:
            self._around[place] = self.base.surroundings(self._departure(self.compiled), place)
        return self._around[place]

    def _departure(self, compiled: CompiledNetwork) -> Departure:
        return Departure(compiled, self.clock_s, LIMIT_S, self.fixed_wait)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each point is called."""
        return tuple(self._name(point) for point in self.compiled.points)

    def _name(self, point: str) -> str:
        if point in self.network.stations:
            return self.network.stations[point].names.en
        checkpoint, side = point.split("@")
        return f"{self.network.checkpoints[checkpoint].names.en} ({self.network.region.names[side].en} hall)"

    def alternatives(self, best_s: float | None) -> list[Alternative]:
        """Every open control point taken alone: what it would cost, or why it is no way."""
        found = [self.alternative(c, best_s) for c in range(len(self.compiled.cp_ids))]
        return sorted(found, key=lambda a: (a.time_s is None, a.time_s or 0.0, a.checkpoint_id))

    def alternative(self, c: int, best_s: float | None) -> Alternative:
        """One control point taken alone."""
        checkpoint_id = self.compiled.cp_ids[c]
        way = self.solve(only_through(self.compiled, c, always_open=False))
        if way is not None:
            extra = "" if best_s is None else f"{(way[0] - best_s) / 60:+.0f} min against the best"
            return Alternative(checkpoint_id, way[0], extra, tuple(self.with_buses(leg) for leg in way[1]))
        opened = self.solve(only_through(self.compiled, c, always_open=True))
        if_open, legs = opened or (None, [])
        return Alternative(checkpoint_id, None, self._why_not(c, opened), tuple(legs), if_open)

    def _why_not(self, c: int, opened: Solution | None) -> str:
        if opened is None:
            return "no train or bus leads there, or on from there, at this hour"
        leg = next((x for x in opened[1] if x.checkpoint_id == self.compiled.cp_ids[c]), None)
        reached = leg.start_clock_s if leg and leg.kind == "clear" else self.clock_s
        if leg and leg.kind == "ride":
            reached = leg.start_clock_s + leg.time_s - leg.clearance_s
        opens, closes = float(self.compiled.cp_open_s[c]), float(self.compiled.cp_close_s[c])
        return f"would be reached about {clock_text(reached)}; open {clock_text(opens)} to {closing_text(closes)}"


def only_through(compiled: CompiledNetwork, c: int, always_open: bool) -> CompiledNetwork:
    """The network with one control point in use."""
    opens = np.full_like(compiled.cp_open_s, 1e9)
    closes = np.full_like(compiled.cp_close_s, -1e9)
    opens[c], closes[c] = (
        (0.0, float(DAY_S)) if always_open else (compiled.cp_open_s[c], compiled.cp_close_s[c])
    )
    return replace(compiled, cp_open_s=opens, cp_close_s=closes)
