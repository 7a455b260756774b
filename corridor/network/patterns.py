"""The patterns of a scenario: those of the tables that run on its date, and those of the lines that it adds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from corridor.core.arrays import F64
from corridor.core.crs import project
from corridor.core.errors import NetworkError, ScenarioError
from corridor.network.service import PERIODS, Only, Pattern, Stop
from corridor.network.stations import Station
from corridor.schema.changes import DWELL_S, group_of
from corridor.schema.line import LineSpec, clock_s
from corridor.schema.rows import number_of, text_of

if TYPE_CHECKING:
    from shapely.geometry import LineString


@dataclass(frozen=True)
class Call:
    """One place of a route: run to the next and dwell in seconds, whether trains stop or pass, and since when they stop.

    Attributes
    ----------
    opened
        YYYY, YYYY-MM or YYYY-MM-DD; empty: long ago.
    only
        Whether passengers only board or only alight here, in the direction of the route.
    """

    station_id: str
    run_s: float
    dwell_s: float
    served: bool = True
    opened: str = ""
    existing: bool = True
    only: Only = ""


@dataclass(frozen=True)
class Route:
    """Where a pattern runs, in both directions where `both_ways`; the last run counts for nothing.

    `hours_s` has first and last departure in seconds by direction, `clearance` the control point by station.
    """

    pattern_id: str
    line_id: str
    both_ways: bool
    clearance: Mapping[str, str]
    calls: tuple[Call, ...]
    headway_s: Mapping[str, float]
    hours_s: Mapping[str, tuple[float, float]]
    assumed: bool

    def on(self, date: str, opened: set[str]) -> Route:
        """The route as it runs on a date: places that are not open yet are passed.

        Parameters
        ----------
        date
            YYYY-MM-DD.
        opened
            Stations that a scenario opens, whatever the tables say of them.
        """

        def on_date(call: Call) -> Call:
            served = call.station_id in opened or (call.existing and open_by(call.opened, date))
            return call if call.served == served else replace(call, served=served)

        return replace(self, calls=tuple(map(on_date, self.calls)))

    @property
    def stops(self) -> tuple[Call, ...]:
        """The calls that are served, each with its run to the next served one.

        A place that is passed inside gives its run to its neighbours and drops its dwell; passed ends are cut off.
        """
        served: list[Call] = []
        for call in self.calls:
            if call.served:
                served.append(call)
            elif served:
                served[-1] = replace(served[-1], run_s=served[-1].run_s + call.run_s)
        return tuple(served)

    @property
    def legs(self) -> tuple[tuple[str, str], ...]:
        """Stops that follow one another."""
        return tuple(pairwise(call.station_id for call in self.stops))


def route_of_rows(row: Any, stops: Sequence[Any], headways: Sequence[Any], hours: Sequence[Any]) -> Route:
    """A pattern's rows of the tables as a route that serves every stop.

    Parameters
    ----------
    row
        Of the table of patterns.
    stops
        Its rows of `pattern_stops`, in order of travel; run and dwell in seconds.
    headways, hours
        Its rows of these tables, one of the first at least. The route is an assumption as soon as one of them is.
    """
    calls = tuple(
        Call(
            r.station_id,
            number_of(r.run_s) or 0.0,
            number_of(r.dwell_s) or 0.0,
            opened=text_of(getattr(r, "opened", "")),
            existing=text_of(getattr(r, "status", "")) in {"", "existing"},
            only=cast(Only, text_of(getattr(r, "only", ""))),
        )
        for r in stops
    )
    pairs = text_of(getattr(row, "clearance", "")).split()
    return Route(
        row.pattern_id,
        row.line_id,
        row.direction == "both",
        dict(pair.split(":") for pair in pairs if ":" in pair),
        calls,
        {str(r.period): float(r.headway_s) for r in headways},
        {str(r.direction): (clock_s(str(r.first)), clock_s(str(r.last))) for r in hours},
        any(number_of(r.assumed) for r in (*headways, *hours)),
    )


def open_by(opened: object, date: str) -> bool:
    """Whether an opening date (YYYY, YYYY-MM or YYYY-MM-DD; empty: long ago) is on or before a date."""
    if not isinstance(opened, str) or not opened:
        return True
    return opened <= date[: len(opened)]


def clears_one_side(stops: Iterable[str], cleared: Collection[str], stations: Mapping[str, Station]) -> bool:
    """Whether a line lets nobody across the boundary without clearance.

    It does if all stops are on one side, or if passengers clear at every stop of one side: who rides over the boundary then
    clears at one end at least.

    Parameters
    ----------
    stops
        Station ids.
    cleared
        Stations where passengers clear.
    stations
        By id.
    """
    sides: dict[str, list[str]] = {}
    for stop in stops:
        sides.setdefault(stations[stop].region, []).append(stop)
    return len(sides) < 2 or any(set(own) <= set(cleared) for own in sides.values())


def routes_of(
    works: Iterable[LineSpec], stations: Mapping[str, Station], drawn: Mapping[str, LineString]
) -> Iterator[Route]:
    """The routes of the lines that a scenario adds, with their run time shared out between the stops.

    Parameters
    ----------
    works
        The lines.
    stations
        By id.
    drawn
        Alignments by line id, EPSG:4547.

    Raises
    ------
    ScenarioError
        Where the run time is shorter than the dwells.
    """
    for work in works:
        if not work.runs:
            continue
        assert work.headway_min and work.hours and work.run_time_min
        run_s, dwell_s = _split_run_time(work, stations, _course(work, drawn))
        hours_s = clock_s(work.hours[0]), clock_s(work.hours[1])
        yield Route(
            work.id,
            work.id,
            True,
            dict(work.clearance.checkpoint) if work.clearance else {},
            tuple(map(Call, work.stops, run_s, dwell_s)),
            {name: 60.0 * getattr(work.headway_min, group_of(name)) for name, _, _ in PERIODS},
            {"forward": hours_s},
            True,
        )


def _course(work: LineSpec, drawn: Mapping[str, LineString]) -> LineString | None:
    """Where a line runs (EPSG:4547): the course that it states, or the alignment that it names."""
    if work.course is None:
        return drawn.get(str(work.alignment))
    from shapely.geometry import LineString

    return cast("LineString", project(LineString(work.course)))


def _split_run_time(
    work: LineSpec, stations: Mapping[str, Station], course: LineString | None
) -> tuple[list[float], list[float]]:
    """Run and dwell of each stop: the published end-to-end time, shared out by distance between the stops.

    Distance runs along the drawn course, or straight where none is drawn. Only shares come from the map: the total is
    the published time, dwells included (straight lines are far off, trap 13). The dwell is an assumption.
    """
    assert work.run_time_min
    leg_m = _leg_m([(stations[s].x_m, stations[s].y_m) for s in work.stops], course)
    dwell = [0.0] + [DWELL_S] * (len(work.stops) - 2) + [0.0]
    moving_s = 60.0 * work.run_time_min - sum(dwell)
    if moving_s <= 0:
        expected = f"more than its {len(work.stops) - 2} dwells of {DWELL_S:.0f} s"
        raise ScenarioError.at(work.id, f"run_time_min {work.run_time_min}", expected, "correct it")
    return [*(moving_s * leg_m / leg_m.sum()), 0.0], dwell


def _leg_m(xy: Sequence[tuple[float, float]], course: LineString | None) -> F64:
    from shapely.geometry import Point

    if course is not None:
        along = np.diff([course.project(Point(p)) for p in xy])
        if (along > 0).all() or (along < 0).all():
            return np.asarray(np.abs(along))
    return np.asarray(np.hypot(*np.diff(np.array(xy), axis=0).T))


def directions(route: Route) -> Iterator[Pattern]:
    """The patterns of a route, one for each direction in which it runs.

    Yields
    ------
    Pattern
        Ids end in ``>`` (forward) and ``<`` (backward). None where fewer than two stops are open. Without hours of its own, the
        way back runs at those of the way there.

    Raises
    ------
    NetworkError
        Where neither has any.
    """
    stops = route.stops
    if len(stops) < 2:
        return
    for name, sign, calls in (("forward", ">", stops), ("backward", "<", _reversed(stops))):
        if name == "backward" and not route.both_ways:
            continue
        hours = route.hours_s.get(name, route.hours_s.get("forward"))
        if hours is None:
            what = f"{route.pattern_id} has no row {name!r}"
            raise NetworkError.at("hours", what, "first and last departure", "add it")
        yield Pattern(
            f"{route.pattern_id}{sign}",
            route.line_id,
            _clocked(calls, route.clearance),
            route.headway_s,
            *hours,
            route.assumed,
        )


def _clocked(calls: Sequence[Call], clearance: Mapping[str, str]) -> tuple[Stop, ...]:
    stops, clock = [], 0.0
    for i, call in enumerate(calls):
        arrival = clock
        departure = arrival + (call.dwell_s if 0 < i < len(calls) - 1 else 0.0)
        stops.append(Stop(call.station_id, arrival, departure, clearance.get(call.station_id), call.only))
        clock = departure + call.run_s
    return tuple(stops)


_ON_THE_WAY_BACK: Mapping[Only, Only] = {"": "", "board": "alight", "alight": "board"}
"""A coach that only collects passengers on the way there only sets them down on the way back."""


def _reversed(calls: Sequence[Call]) -> list[Call]:
    runs = [0.0, *(call.run_s for call in calls[:-1])]
    return [
        Call(c.station_id, run, c.dwell_s, only=_ON_THE_WAY_BACK[c.only])
        for c, run in zip(calls[::-1], runs[::-1], strict=True)
    ]
