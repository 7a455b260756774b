"""A scenario's changes of where lines stop: new orders of stops, stops added and closed, other run times.

Stops are added and runs changed on routes, for both directions at once; then patterns pass what is closed. What is
changed in one pattern counts before what is changed in its whole line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

import numpy as np

from corridor.core.errors import Problem, Problems, nearest, unknown
from corridor.network.patterns import Call, Route, clears_one_side
from corridor.network.service import Pattern, Stop
from corridor.network.stations import Station
from corridor.schema.changes import DWELL_S, AddedStop, LineChange, Pair, RunTime, breadth, same_leg, within
from corridor.schema.scenario import Scenario


def concerns(change: LineChange, run: Route | Pattern) -> bool:
    """Whether a change is one of a route, or of one direction of it."""
    return change.id == run.line_id and within(run.pattern_id, change.pattern)


def with_stops(
    routes: Sequence[Route], scenario: Scenario, stations: Mapping[str, Station], problems: Problems
) -> list[Route]:
    """Routes with new orders of stops, added stops, new run times and other places of clearance.

    Broad changes come first, so that what is stated for one pattern has the last word over its whole line; added stops go the
    other way round, as a stop finds its place once only.

    Parameters
    ----------
    routes
        As they run without the changes.
    scenario
        Its line changes.
    stations
        By id.
    problems
        Gets each change that cannot be made.

    Returns
    -------
    list of Route
        In the order given.
    """
    changes = sorted(scenario.line_changes, key=breadth)
    work = _Rerouting(list(routes), scenario, stations, problems)
    for change in changes:
        work.reroute(change)
    work.add([(change, stop) for change in reversed(changes) for stop in change.add_stops])
    for change in changes:
        for run in change.runs:
            work.run(change, run)
        work.clear(change)
    problems.extend(_open_boundaries(routes, work.routes, scenario, stations))
    return work.routes


def unknown_stops(scenario: Scenario, stations: Mapping[str, Station]) -> Iterator[Problem]:
    """Stops of changes that no table knows."""
    for change in scenario.line_changes:
        named = [("stops", s) for s in change.stops or ()]
        for what, station_id in (*named, *((f"stop {s.id}", s.id) for s in change.add_stops)):
            if station_id not in stations:
                where = scenario.place(change.subject, what)
                yield unknown(where, "stop", station_id, "a station id", stations)


@dataclass
class _Rerouting:
    """Routes as their stops are changed, one after the other, and what could not be."""

    routes: list[Route]
    scenario: Scenario
    stations: Mapping[str, Station]
    problems: Problems

    def _apply(self, concerned: Iterable[int], to: Callable[[Route], Route]) -> bool:
        chosen = list(concerned)
        for i in chosen:
            self.routes[i] = to(self.routes[i])
        return bool(chosen)

    def reroute(self, change: LineChange) -> None:
        """A new order of stops, for one pattern."""
        if not change.stops:
            return
        own = [i for i, route in enumerate(self.routes) if concerns(change, route)]
        if len(own) > 1:
            patterns = ", ".join(self.routes[i].pattern_id for i in own)
            where, what = (
                self.scenario.place(change.subject, "stops"),
                "new stops for a line of several patterns",
            )
            self.problems.add(where, what, f"pattern: one of {patterns}", "write an entry for each pattern")
            return
        stops = change.stops
        self._apply(own, lambda route: _rerouted(route, stops, self.stations))

    def add(self, stops: Sequence[tuple[LineChange, AddedStop]]) -> None:
        """Stops between two others, which may be added themselves: as often as one more finds its place."""
        waiting = list(stops)
        while True:
            left = [one for one in waiting if not self._added(*one)]
            if len(left) in {0, len(waiting)}:
                break
            waiting = left
        self.problems.extend(self._why_not_added(*one) for one in left)

    def _added(self, change: LineChange, stop: AddedStop) -> bool:
        """Whether it has found its place, in every pattern in which the two follow one another."""
        chosen = [
            i
            for i, route in enumerate(self.routes)
            if concerns(change, route) and any(same_leg(leg, stop.between) for leg in route.legs)
        ]
        if any(_serves(self.routes[i], stop.id) for i in chosen):
            return False
        return self._apply(chosen, lambda route: _with_stop(route, stop, self.stations))

    def _why_not_added(self, change: LineChange, stop: AddedStop) -> Problem:
        where = self.scenario.place(change.subject, f"stop {stop.id}")
        own = [route for route in self.routes if concerns(change, route)]
        if any(_serves(route, stop.id) for route in own):
            return Problem(where, f"{stop.id!r} is a stop of it already", "a new stop", "leave it")
        return self._no_leg(where, stop.between, own)

    def run(self, change: LineChange, run: RunTime) -> None:
        """Another run time between two stops that follow one another."""
        between, seconds = run.between, 60.0 * run.run_min
        own = [i for i, route in enumerate(self.routes) if concerns(change, route)]
        chosen = [i for i in own if any(same_leg(leg, between) for leg in self.routes[i].legs)]
        if not self._apply(chosen, lambda route: _with_run(route, between, seconds)):
            where = self.scenario.place(change.subject, f"run between {' and '.join(sorted(between))}")
            self.problems.extend([self._no_leg(where, between, [self.routes[i] for i in own])])

    def clear(self, change: LineChange) -> None:
        """Other stops at which passengers clear, of every pattern that calls at all of them."""
        if not change.clears:
            return
        clears, own = change.clears, [i for i, r in enumerate(self.routes) if concerns(change, r)]
        chosen = [i for i in own if all(_serves(self.routes[i], stop) for stop in clears)]
        if not self._apply(chosen, lambda route: replace(route, clearance=clears)):
            served = sorted({call.station_id for i in own for call in self.routes[i].stops})
            where, what = self.scenario.place(change.subject, "clears"), f"clearance at {', '.join(clears)}"
            self.problems.add(
                where, what, f"stops of one pattern, of {', '.join(served)}", "correct the stops"
            )

    def _no_leg(self, where: str, between: Pair, own: Iterable[Route]) -> Problem:
        legs = {f"{a} {b}" for route in own for a, b in route.legs}
        hint = nearest(" ".join(between), legs, "see the stops of the line")
        what = f"{between[0]} and {between[1]} do not follow one another"
        return Problem(where, what, "two stops that do", hint)


def _serves(route: Route, station_id: str) -> bool:
    return any(call.station_id == station_id for call in route.stops)


def _straight_m(stations: Mapping[str, Station], a: str, b: str) -> float:
    return float(np.hypot(stations[a].x_m - stations[b].x_m, stations[a].y_m - stations[b].y_m))


def _leg_at(route: Route, between: Pair) -> tuple[int, int]:
    """Where two stops that follow one another are among the calls; what is between them is passed."""
    served = [i for i, call in enumerate(route.calls) if call.served]
    return next(
        (i, j)
        for i, j in pairwise(served)
        if same_leg((route.calls[i].station_id, route.calls[j].station_id), between)
    )


def _with_stop(route: Route, stop: AddedStop, stations: Mapping[str, Station]) -> Route:
    """With one more stop; a station that it passes closed opens, with the run and dwell noted."""
    first, last = _leg_at(route, stop.between)
    calls = list(route.calls)
    for i in range(first + 1, last):
        if calls[i].station_id == stop.id:
            calls[i] = replace(calls[i], served=True)
            return replace(route, calls=tuple(calls))
    head, tail = calls[first], calls[last]
    before_m = _straight_m(stations, head.station_id, stop.id)
    after_m = _straight_m(stations, stop.id, tail.station_id)
    share = before_m / (before_m + after_m) if before_m + after_m > 0 else 0.5
    run_s = sum(call.run_s for call in calls[first:last])
    calls[first:last] = [
        replace(head, run_s=run_s * share + stop.braking_s / 2),
        Call(stop.id, run_s * (1 - share) + stop.braking_s / 2, stop.dwell_s),
    ]
    return replace(route, calls=tuple(calls))


def _with_run(route: Route, between: Pair, seconds: float) -> Route:
    first, last = _leg_at(route, between)
    calls = list(route.calls)
    calls[first:last] = [replace(calls[first], run_s=seconds)]
    return replace(route, calls=tuple(calls))


def _rerouted(route: Route, stops: Sequence[str], stations: Mapping[str, Station]) -> Route:
    """With a new order of stops.

    Runs between stops that follow one another already remain; new ones take the mean pace of the line over straight
    distance, which contains braking (assumption). A line that turns earlier keeps its times at the stops that remain.
    """
    known: dict[frozenset[str], float] = {}
    old = route.stops
    for calls in (route.calls, old):
        known |= {frozenset((a.station_id, b.station_id)): a.run_s for a, b in pairwise(calls)}
    straight_m = sum(_straight_m(stations, a, b) for a, b in route.legs)
    pace_s_m = sum(call.run_s for call in old[:-1]) / straight_m if straight_m > 0 else 0.0
    dwell_s = {call.station_id: call.dwell_s for call in route.calls[1:-1]}
    only = {call.station_id: call.only for call in route.calls}
    runs = [known.get(frozenset(leg), pace_s_m * _straight_m(stations, *leg)) for leg in pairwise(stops)]
    calls = tuple(
        Call(s, run, dwell_s.get(s, DWELL_S), only=only.get(s, ""))
        for s, run in zip(stops, (*runs, 0.0), strict=True)
    )
    return replace(route, calls=calls, hours_s=_kept_hours(route, stops))


def _kept_hours(route: Route, stops: Sequence[str]) -> dict[str, tuple[float, float]]:
    """First and last departures where ends are cut off: as trains have left the new ends so far."""
    hours = dict(route.hours_s)
    for name, calls, end in (("forward", route.stops, stops[0]), ("backward", route.stops[::-1], stops[-1])):
        given = route.hours_s.get(name, route.hours_s.get("forward"))
        ids = [call.station_id for call in calls]
        if given is None or end not in ids:
            continue
        at = ids.index(end)
        runs = calls[:at] if name == "forward" else calls[1 : at + 1]
        later_s = sum(c.run_s for c in runs) + sum(c.dwell_s for c in calls[1 : at + 1])
        hours[name] = (given[0] + later_s, given[1] + later_s)
    return hours


def _open_boundaries(
    before: Sequence[Route], after: Sequence[Route], scenario: Scenario, stations: Mapping[str, Station]
) -> Iterator[Problem]:
    """Changed routes that cross the boundary without clearance at every stop of one side."""
    for old, new in zip(before, after, strict=True):
        stops = [call.station_id for call in new.stops]
        if new is not old and not clears_one_side(stops, new.clearance, stations):
            yield Problem(
                scenario.place(f"line {new.line_id}"),
                f"{new.pattern_id} would allow crossing the boundary without immigration clearance",
                "new stops on a side where its passengers do not clear",
                "add a line with its clearance instead",
            )


def without_closed(patterns: Sequence[Pattern], scenario: Scenario, problems: Problems) -> list[Pattern]:
    """Patterns that pass the stops which a scenario closes, without those that have fewer than two stops left.

    Each closed stop where nothing stops goes to `problems`.
    """
    problems.extend(_not_served(patterns, scenario))
    passed = []
    for pattern in patterns:
        own = (c.close_stops for c in scenario.line_changes if concerns(c, pattern))
        closed = {*scenario.closed_stations, *chain.from_iterable(own)}
        passed.append(_passing(pattern, closed) if closed else pattern)
    return [p for p in passed if len(p.stops) > 1]


def _not_served(patterns: Sequence[Pattern], scenario: Scenario) -> Iterator[Problem]:
    """Closed stops where nothing stops."""
    everywhere = {s.station_id for p in patterns for s in p.stops}
    for station_id in scenario.closed_stations:
        if station_id not in everywhere:
            where, what = (
                scenario.place(f"station {station_id}"),
                f"closes {station_id!r}, where nothing stops",
            )
            yield Problem(where, what, "a station that is served", nearest(station_id, everywhere))
    for change in scenario.line_changes:
        own = {s.station_id for p in patterns if concerns(change, p) for s in p.stops}
        for station_id in change.close_stops:
            if station_id not in own:
                where = scenario.place(change.subject, f"stop {station_id}")
                what = f"closes {station_id!r}, which is not a stop of it"
                yield Problem(where, what, "one of its stops", nearest(station_id, own))


def _passing(pattern: Pattern, closed: set[str]) -> Pattern:
    """Without the calls at closed stations: runs remain, dwells fall away, and where an end is closed the line is shorter.

    Departures at the other stops keep their hours where the head falls away.
    """
    stops: list[Stop] = []
    saved = 0.0
    for stop in pattern.stops:
        if stop.station_id in closed:
            saved += stop.departure_s - stop.arrival_s
        else:
            arrival_s, departure_s = stop.arrival_s - saved, stop.departure_s - saved
            stops.append(replace(stop, arrival_s=arrival_s, departure_s=departure_s))
    if len(stops) == len(pattern.stops) or not stops:
        return replace(pattern, stops=tuple(stops))
    return _starting_at_first(pattern, stops)


def _starting_at_first(pattern: Pattern, stops: Sequence[Stop]) -> Pattern:
    """A pattern with some of its stops: its clock begins at the first, and departures keep their hours."""
    head = stops[0].departure_s
    shifted = [replace(s, arrival_s=s.arrival_s - head, departure_s=s.departure_s - head) for s in stops]
    shifted[0] = replace(shifted[0], arrival_s=0.0)
    shifted[-1] = replace(shifted[-1], departure_s=shifted[-1].arrival_s)
    return replace(
        pattern, stops=tuple(shifted), first_s=pattern.first_s + head, last_s=pattern.last_s + head
    )


def without_cut(patterns: Sequence[Pattern], scenario: Scenario, problems: Problems) -> list[Pattern]:
    """Patterns that turn back on both sides of a cut; what has a single stop left on a side does not run there.

    Each pattern that serves both stops of a cut is two, ``-part-1`` up to the cut and ``-part-2`` from it. Each cut between two
    stops that no pattern of the line serves goes to `problems`.
    """
    found = list(patterns)
    for change in sorted(scenario.line_changes, key=breadth):
        if not (cut := change.cut):
            continue
        own = [p for p in found if concerns(change, p)]
        parts = {p.pattern_id: _on_both_sides(p, cut) for p in own}
        if all(parts[p.pattern_id] == (p,) for p in own):
            served = sorted({s.station_id for p in own for s in p.stops})
            what = f"{' and '.join(cut)} are not both stops of it"
            hint = next((nearest(s, served) for s in cut if s not in served), "")
            problems.add(scenario.place(change.subject, "cut"), what, "two of its stops", hint)
        found = [part for p in found for part in parts.get(p.pattern_id, (p,))]
    return found


def _on_both_sides(pattern: Pattern, between: Pair) -> tuple[Pattern, ...]:
    """The parts of a pattern on both sides of a cut that have two stops or more; itself where it does not serve both."""
    ids = [stop.station_id for stop in pattern.stops]
    if not set(between) <= set(ids):
        return (pattern,)
    first, second = sorted(map(ids.index, between))
    stem, sign = pattern.pattern_id[:-1], pattern.pattern_id[-1]
    sides = enumerate((pattern.stops[: first + 1], pattern.stops[second:]), start=1)
    return tuple(
        replace(_starting_at_first(pattern, stops), pattern_id=f"{stem}-part-{n}{sign}")
        for n, stops in sides
        if len(stops) > 1
    )
