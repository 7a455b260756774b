"""One journey, exact: legs with clock times, the control point used, and what every other one would cost."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corridor.access.cells import BaseLayer, Place, place_links
from corridor.access.clock import MAX_OPENING_WAIT_S, WAIT_ALPHA, settle
from corridor.errors import Problem, UnreachableError
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import DAY_S, PERIODS, Network, service_clock_s

LIMIT_S = 6 * 3600.0


@dataclass(frozen=True)
class Leg:
    """One part of a journey; seconds, and clock times in seconds after midnight."""

    kind: Literal["walk", "access", "egress", "ride", "clear"]
    from_name: str
    to_name: str
    start_clock_s: float
    time_s: float
    wait_s: float = 0.0
    in_vehicle_s: float = 0.0
    lines: tuple[str, ...] = ()
    checkpoint_id: str | None = None
    clearance_s: float = 0.0


@dataclass(frozen=True)
class Alternative:
    """A control point not used, and what going that way would take (None: no way at that hour, and why)."""

    checkpoint_id: str
    time_s: float | None
    reason: str


@dataclass(frozen=True)
class Journey:
    """The expected journey of least time, and the alternatives through other control points."""

    origin: str
    destination: str
    scenario_id: str
    depart_clock_s: float
    legs: tuple[Leg, ...]
    alternatives: tuple[Alternative, ...]

    @property
    def time_s(self) -> float:
        """Expected door-to-door time."""
        return sum(leg.time_s for leg in self.legs)

    @property
    def checkpoints(self) -> tuple[str, ...]:
        """Control points passed, in order."""
        return tuple(leg.checkpoint_id for leg in self.legs if leg.checkpoint_id)


def find_journey(
    network: Network,
    compiled: CompiledNetwork,
    base: BaseLayer,
    origin: Place,
    destination: Place,
    clock_s: float,
    fixed_wait: bool = False,
) -> Journey:
    """The expected journey of least time; raises :class:`UnreachableError` where there is none."""
    router = _Router(network, compiled, base, origin, destination, service_clock_s(clock_s), fixed_wait)
    best = router.solve(compiled)
    alternatives = (
        tuple(router.alternatives(best[0] if best else None)) if origin.region != destination.region else ()
    )
    if best is None:
        reasons = (
            "; ".join(f"{a.checkpoint_id}: {a.reason}" for a in alternatives) or "no service at this hour"
        )
        raise UnreachableError(
            Problem(
                f"{origin.name} to {destination.name} at {clock_text(clock_s)}",
                f"no way ({reasons})",
                f"a way within {LIMIT_S / 3600:.0f} hours",
                "ask another hour or scenario",
            )
        )
    _, legs = best
    return Journey(
        origin.name,
        destination.name,
        network.scenario_id,
        service_clock_s(clock_s),
        tuple(legs),
        alternatives,
    )


def closing_text(clock_s: float) -> str:
    """A closing time as HH:MM, midnight as 24:00."""
    return "24:00" if clock_s == DAY_S else clock_text(clock_s)


def clock_text(clock_s: float) -> str:
    """A clock time as HH:MM of the day."""
    minutes = round(clock_s / 60) % (DAY_S // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True)
class _Router:
    network: Network
    compiled: CompiledNetwork
    base: BaseLayer
    origin: Place
    destination: Place
    clock_s: float
    fixed_wait: bool

    def solve(self, compiled: CompiledNetwork) -> tuple[float, list[Leg]] | None:
        """Total seconds and legs, or None."""
        clock = np.full(len(compiled.points), np.inf)
        for p, s in self._links(compiled, self.origin):
            clock[p] = self.clock_s + s
        first = clock.copy()
        settled, previous, via = settle(compiled.kernel, clock, self.clock_s + LIMIT_S, self.fixed_wait)
        ends = [
            (settled[p] + s, p, s)
            for p, s in self._links(compiled, self.destination)
            if np.isfinite(settled[p])
        ]
        on_foot = self._on_foot()
        best = min(ends, default=None)
        if on_foot is not None and (best is None or self.clock_s + on_foot <= best[0]):
            return on_foot, [Leg("walk", self.origin.name, self.destination.name, self.clock_s, on_foot)]
        if best is None:
            return None
        legs = self._legs(compiled, settled, previous, via, first, best[1])
        if best[2] > 0:
            legs.append(
                Leg(
                    "egress",
                    self._name(compiled, best[1]),
                    self.destination.name,
                    float(settled[best[1]]),
                    float(best[2]),
                )
            )
        return float(best[0] - self.clock_s), legs

    def _on_foot(self) -> float | None:
        a, b = self.origin, self.destination
        if a.region != b.region or not (self._on_street(a) and self._on_street(b)):
            return None
        limit = self.base.ground.parameters.walk_limit_m
        _, _, metres = self.base.ground.distances(
            np.array([a.x_m]),
            np.array([a.y_m]),
            [a.region],
            np.array([b.x_m]),
            np.array([b.y_m]),
            [b.region],
            limit,
        )
        return self.base.ground.walk_s(float(metres[0])) if metres.size else None

    def _on_street(self, place: Place) -> bool:
        index = self.compiled.index.get(place.point) if place.point else None
        return index is None or bool(self.compiled.street[index])

    def _links(self, compiled: CompiledNetwork, place: Place) -> Sequence[tuple[int, float]]:
        points, seconds = place_links(self.base, compiled, place)
        return list(zip(points.tolist(), seconds.astype(float).tolist(), strict=True))

    def _name(self, compiled: CompiledNetwork, p: int) -> str:
        point = compiled.points[p]
        if point in self.network.stations:
            return self.network.stations[point].names.en
        checkpoint, side = point.split("@")
        return f"{self.network.checkpoints[checkpoint].names.en} ({'Hong Kong' if side == 'hk' else 'Shenzhen'} hall)"

    def _legs(
        self,
        compiled: CompiledNetwork,
        settled: NDArray[np.float64],
        previous: NDArray[np.int32],
        via: NDArray[np.int32],
        first: NDArray[np.float64],
        end: int,
    ) -> list[Leg]:
        chain = [end]
        while previous[chain[-1]] >= 0:
            chain.append(int(previous[chain[-1]]))
        chain.reverse()
        legs = []
        start = chain[0]
        if first[start] > self.clock_s:
            legs.append(
                Leg(
                    "access",
                    self.origin.name,
                    self._name(compiled, start),
                    self.clock_s,
                    float(first[start] - self.clock_s),
                )
            )
        for a, b in itertools.pairwise(chain):
            legs.append(self._leg(compiled, a, b, int(via[b]), float(settled[a]), float(settled[b])))
        return legs

    def _leg(self, compiled: CompiledNetwork, a: int, b: int, way: int, start: float, end: float) -> Leg:
        names = (self._name(compiled, a), self._name(compiled, b))
        if way < 0:
            cp = int(compiled.link_cp[-1 - way])
            if cp < 0:
                return Leg("walk", *names, start, end - start)
            clear = float(compiled.cp_clear_s[cp])
            return Leg(
                "clear",
                *names,
                start,
                end - start,
                wait_s=end - start - clear,
                checkpoint_id=compiled.cp_ids[cp],
                clearance_s=clear,
            )
        lines, in_vehicle, board, alight = self._section(compiled, way, start)
        cps = [int(c) for c in (compiled.section_board_cp[way], compiled.section_alight_cp[way]) if c >= 0]
        clear = sum(float(compiled.cp_clear_s[c]) for c in cps)
        wait = end - start - clear - in_vehicle - board - alight
        return Leg(
            "ride",
            *names,
            start,
            end - start,
            wait_s=wait,
            in_vehicle_s=in_vehicle,
            lines=lines,
            checkpoint_id=compiled.cp_ids[cps[0]] if cps else None,
            clearance_s=clear,
        )

    def _section(
        self, compiled: CompiledNetwork, s: int, clock: float
    ) -> tuple[tuple[str, ...], float, float, float]:
        """Lines of the attractive set, expected seconds in the vehicle, to the platform and out of it."""
        if compiled.section_board_cp[s] >= 0:
            clock += float(compiled.cp_clear_s[compiled.section_board_cp[s]])
        rows = range(compiled.service_start[s], compiled.service_start[s + 1])
        used = attractive_set(compiled, rows, clock, self.fixed_wait)
        share = np.array([f for _, f in used]) / sum(f for _, f in used)
        picked = np.array([r for r, _ in used])
        board = float((share * compiled.board_s[compiled.service_board[picked]]).sum())
        alight = float((share * compiled.service_alight_s[picked]).sum())
        ride = float((share * compiled.service_ride_s[picked]).sum()) - alight
        lines = dict.fromkeys(compiled.board_line[compiled.service_board[r]] for r in picked)
        return tuple(lines), ride, board, alight

    def alternatives(self, best_s: float | None) -> list[Alternative]:
        """Every open control point taken alone: what it would cost, or why it is no way."""
        found = []
        for c, checkpoint_id in enumerate(self.compiled.cp_ids):
            only = self.solve(_only(self.compiled, c, always_open=False))
            if only is not None:
                extra = "" if best_s is None else f"{(only[0] - best_s) / 60:+.0f} min against the best"
                found.append(Alternative(checkpoint_id, only[0], extra))
                continue
            opened = self.solve(_only(self.compiled, c, always_open=True))
            found.append(Alternative(checkpoint_id, None, self._why_not(c, opened)))
        return sorted(found, key=lambda a: (a.time_s is None, a.time_s or 0.0, a.checkpoint_id))

    def _why_not(self, c: int, opened: tuple[float, list[Leg]] | None) -> str:
        if opened is None:
            return "no train or bus leads there, or on from there, at this hour"
        leg = next((x for x in opened[1] if x.checkpoint_id == self.compiled.cp_ids[c]), None)
        reached = leg.start_clock_s if leg and leg.kind == "clear" else self.clock_s
        if leg and leg.kind == "ride":
            reached = leg.start_clock_s + leg.time_s - leg.clearance_s
        opens, closes = float(self.compiled.cp_open_s[c]), float(self.compiled.cp_close_s[c])
        return f"would be reached about {clock_text(reached)}; open {clock_text(opens)} to {closing_text(closes)}"


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


def _only(compiled: CompiledNetwork, c: int, always_open: bool) -> CompiledNetwork:
    """The network with one control point in use."""
    opens = np.full_like(compiled.cp_open_s, 1e9)
    closes = np.full_like(compiled.cp_close_s, -1e9)
    opens[c], closes[c] = (
        (0.0, float(DAY_S)) if always_open else (compiled.cp_open_s[c], compiled.cp_close_s[c])
    )
    return replace(compiled, cp_open_s=opens, cp_close_s=closes)
