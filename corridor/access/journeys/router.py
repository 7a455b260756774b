"""One journey: the sooner of the best strategy and the clock search, and what every other control point would cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from corridor.access.journeys.moves import Policy, policy_of
from corridor.access.journeys.soonest import Way, clocked_from, direct_s, soonest_way, strategies_to
from corridor.access.search.cells import Place
from corridor.access.search.departure import Departure
from corridor.access.search.journey import (
    LIMIT_S,
    Alternative,
    FoundWay,
    Journey,
    Leg,
    LegKind,
    clock_text,
    closing_text,
)
from corridor.access.search.parameters import TIME_ALONE
from corridor.access.surroundings.base import BaseLayer, Surroundings
from corridor.access.surroundings.points import Position, point_key
from corridor.core.errors import Problem, UnreachableError
from corridor.core.in_memory import Kept
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import DAY_S, Network, is_hall


@dataclass(frozen=True)
class Router:
    """The ways of least expected time between two places.

    Attributes
    ----------
    departure
        With the ways by local bus between stations, in unweighted seconds.
    """

    network: Network
    departure: Departure
    base: BaseLayer
    origin: Place
    destination: Place
    # Routers between the same places may share it.
    _around: Kept[Place, Surroundings] = field(default_factory=Kept, repr=False)

    @property
    def compiled(self) -> CompiledNetwork:
        """The network that it searches."""
        return self.departure.network

    @property
    def clock_s(self) -> float:
        """When one sets out, in seconds after midnight of the service day."""
        return self.departure.start_clock_s

    def find(self) -> Journey:
        """The journey of least expected time, with those through each control point alone.

        Raises
        ------
        UnreachableError
            Where there is no service.
        """
        return self.journey(
            self.solve, lambda way, best: f"{(way.time_s - best.time_s) / 60:+.0f} min against the best"
        )

    def journey(
        self, solve: Callable[[int | None], FoundWay | None], more: Callable[[FoundWay, FoundWay], str]
    ) -> Journey:
        """The way that `solve` finds, as a journey, with those through each control point alone.

        `solve` takes a control point (None: any); `more` says what a way costs more than the best. Raises
        :class:`UnreachableError` where there is no service.
        """
        best = solve(None)
        crosses = self.origin.region != self.destination.region
        each = range(len(self.compiled.cp_ids)) if crosses else ()
        others = [self._alternative(c, solve(c), best, more) for c in each]
        others.sort(key=lambda a: (a.time_s is None, a.cost_s or a.time_s or 0.0, a.checkpoint_id))
        if best is None:
            raise self.no_way(others)
        return Journey(
            self.origin.name,
            self.destination.name,
            self.network.scenario_id,
            self.clock_s,
            best.time_s,
            best.legs,
            tuple(others),
            objective="time" if math.isnan(best.cost_s) else "cost",
            cost_s=best.cost_s,
            fare_hkd=best.fare_hkd,
        )

    def no_way(self, alternatives: Iterable[Alternative]) -> UnreachableError:
        """What to raise where no way was found."""
        reasons = "; ".join(f"{a.checkpoint_id}: {a.reason}" for a in alternatives)
        return UnreachableError(
            Problem(
                f"{self.origin.name} to {self.destination.name} at {clock_text(self.clock_s)}",
                f"no service ({reasons or 'at this hour'})",
                f"a journey within {LIMIT_S / 3600:.0f} hours",
                "choose another hour or scenario",
            )
        )

    # --- one way ---

    def solve(self, only: int | None = None) -> FoundWay | None:
        """The soonest way; None where there is none.

        Parameters
        ----------
        only
            Index of the one control point in use; None for any.
        """
        found = self._soonest(self.departure if only is None else only_through(self.departure, only))
        if found is None:
            return None
        off = (self.off_network(x, x.time_s, self.base) if x.kind in OFF_NETWORK else x for x in found.legs)
        return replace(found, legs=tuple(off))

    def policy(self) -> Policy | None:
        """What the traveller of the soonest way does at each point, or None without a way."""
        way = self._way(self.departure)
        return policy_of(way, self.compiled) if way else None

    def _way(self, departure: Departure) -> Way | None:
        a, b = self.origin, self.destination
        links = self._surroundings(a).to_points, self._surroundings(b).from_points
        direct = float(direct_s(departure.network, self.base, a, [b], self.clock_s)[0])
        searches = clocked_from(departure, links[0]), strategies_to(departure, links[1])
        return soonest_way(direct, *searches, *links, self.clock_s)

    def _soonest(self, departure: Departure) -> FoundWay | None:
        way = self._way(departure)
        if way is None:
            return None
        if way.by is None:
            leg = Leg("bus", self.origin.name, self.destination.name, self.clock_s, way.time_s)
            return FoundWay(way.time_s, (leg,))
        legs, (start, end), out_s = way.legs(departure.network, self.names, self.clock_s)
        if way.access_s > 0:
            legs = [replace(self.around_leg("access", start), time_s=way.access_s), *legs]
        if out_s > 0:
            reached = legs[-1].start_clock_s + legs[-1].time_s if legs else self.clock_s
            legs = [*legs, replace(self.around_leg("egress", end), start_clock_s=reached, time_s=out_s)]
        return FoundWay(way.time_s, tuple(legs))

    # --- off the network ---

    def around_leg(self, kind: LegKind, point: int) -> Leg:
        """The way between a place and a point ("access" or "egress"), before its time is known."""
        name, p = self.names[point], self.compiled.points[point]
        if kind == "access":
            return Leg(kind, self.origin.name, name, self.clock_s, 0.0, to_point=p)
        return Leg(kind, name, self.destination.name, self.clock_s, 0.0, from_point=p)

    def off_network(self, leg: Leg, cost_s: float, base: BaseLayer, feeder_fare_hkd: float = 0.0) -> Leg:
        """A leg off the network as it is gone: by its likeliest buses, by the feeder, or on foot.

        Parameters
        ----------
        leg
            From a place or point to another.
        cost_s
            What it costs in the seconds of `base`.
        base
            The base layer that found it.
        feeder_fare_hkd
            Paid for the feeder.

        Returns
        -------
        Leg
            With the seconds that pass and what is paid.
        """
        (a, side), (b, _) = (
            self._where(leg.from_point, self.origin),
            self._where(leg.to_point, self.destination),
        )
        way = base.bus_way(side, a, b, self.clock_s)
        if way.rides and abs(way.cost_s - cost_s) <= 1.0:
            time_s = cost_s if base.weights == TIME_ALONE else way.time_s
            return replace(leg, time_s=time_s, fare_hkd=way.fare_hkd, buses=way.rides)
        metres, by_feeder = base.ground.parameters.metres_of(cost_s)
        if by_feeder and self._fed(leg):
            plain = self.base.ground.parameters
            time_s, wait_s = plain.feeder_s(metres), plain.feeder_wait_s
            return replace(
                leg, time_s=time_s, wait_s=wait_s, in_vehicle_s=time_s - wait_s, fare_hkd=feeder_fare_hkd
            )
        # past a stop, where the straight walk is not free
        kind: LegKind = "walk" if leg.kind in {"bus", "feeder"} else leg.kind
        return replace(leg, kind=kind, time_s=cost_s / base.weights.walk)

    def _fed(self, leg: Leg) -> bool:
        """Whether the assumed feeder serves the stations that a leg leads to or from."""
        if leg.kind == "feeder":
            return True
        point = {"access": leg.to_point, "egress": leg.from_point}.get(leg.kind)
        return point is not None and not self.base.by_bus(
            point_key(self.compiled, self.compiled.index[point])
        )

    def _where(self, point: str | None, place: Place) -> tuple[Position, str]:
        """Position (EPSG:4547) and side of a point, or of a place where it is None."""
        if point is None:
            return (place.x_m, place.y_m), place.region
        region, x, y, _ = point_key(self.compiled, self.compiled.index[point])
        return (float(x), float(y)), region

    def _surroundings(self, place: Place) -> Surroundings:
        return self._around.known(place, lambda: self.base.surroundings(self.departure, place))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each point is called."""
        return tuple(self._name(point) for point in self.compiled.points)

    def _name(self, point: str) -> str:
        end = self.network.ends[point]
        return (
            f"{end.names.en} ({self.network.region.names[end.region].en} hall)"
            if is_hall(point)
            else end.names.en
        )

    # --- control points ---

    def _alternative(
        self,
        c: int,
        way: FoundWay | None,
        best: FoundWay | None,
        more: Callable[[FoundWay, FoundWay], str],
    ) -> Alternative:
        """One open control point taken alone: what it would cost, or why it is no way."""
        checkpoint_id = self.compiled.cp_ids[c]
        if way is None:
            opened = self._soonest(only_through(self.departure, c, always_open=True))
            legs, if_open = (opened.legs, opened.time_s) if opened else ((), None)
            return Alternative(checkpoint_id, None, self._why_not(c, legs), legs, if_open)
        cost_s = None if math.isnan(way.cost_s) else way.cost_s
        text = more(way, best) if best else ""
        return Alternative(checkpoint_id, way.time_s, text, way.legs, cost_s=cost_s, fare_hkd=way.fare_hkd)

    def _why_not(self, c: int, opened: Sequence[Leg]) -> str:
        """Why a control point is no way; `opened` are the legs if it never closed."""
        if not opened:
            return "no train or bus leads there, or on from there, at this hour"
        leg = next((x for x in opened if x.checkpoint_id == self.compiled.cp_ids[c]), None)
        reached = leg.start_clock_s if leg and leg.kind == "clear" else self.clock_s
        if leg and leg.kind == "ride":
            reached = leg.start_clock_s + leg.time_s - leg.clearance_s
        opens, closes = float(self.compiled.cp_open_s[c]), float(self.compiled.cp_close_s[c])
        return f"would be reached about {clock_text(reached)}; open {clock_text(opens)} to {closing_text(closes)}"


OFF_NETWORK = frozenset({"bus", "feeder", "access", "egress"})


def only_through(departure: Departure, c: int, always_open: bool = False) -> Departure:
    """The same departure with one control point in use.

    Parameters
    ----------
    departure
        A network at one clock time.
    c
        Index of the control point; all others are closed all day.
    always_open
        Whether it is open round the clock, to see what its hours alone prevent.
    """
    network = departure.network
    opens = np.full_like(network.cp_open_s, 1e9)
    closes = np.full_like(network.cp_close_s, -1e9)
    opens[c], closes[c] = (0.0, DAY_S) if always_open else (network.cp_open_s[c], network.cp_close_s[c])
    return departure.on(replace(network, cp_open_s=opens, cp_close_s=closes))
