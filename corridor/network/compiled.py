"""A network as arrays: for every two points joined by a direct ride, the services that offer it.

A *section* is an ordered pair of points (stations) with one or more services that ride from one to the other
without a change, and the same clearance at both ends. Waiting is settled for a section as a whole, so that lines
that share a stretch share the wait (de Cea and Fernandez 1993, on the attractive sets of Spiess and Florian 1989).
"""

from __future__ import annotations

import hashlib
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.core.arrays import BOOL, F32, F64, I32
from corridor.core.csr import row_starts
from corridor.network.service import PERIODS, Link, Network, Pattern
from corridor.network.walk import Ground

ON_FOOT = -1  # in link_cp, where it passes no control point
BUS_LINK = -2  # in link_cp: a way by local bus
INSIDE_LINK = -3  # in link_cp: on foot inside the gates of one fare
FEEDER_LINK = -4  # in link_cp: on foot or by feeder, whichever is sooner
# Seconds from the concourse to the platform and back; 120 + 60 is the three-minute change of FACTS F06 (assumption).
BOARD_ALIGHT_S: Mapping[str, tuple[float, float]] = {
    "metro": (120.0, 60.0),
    "hsr": (180.0, 120.0),
    "light_rail": (30.0, 15.0),
    "road": (30.0, 0.0),
    "ferry": (180.0, 60.0),  # gates close two minutes before sailing; gangway and pier (assumption)
}
STREET_CHANGE_M = 500.0
"""Stations and halls this near are joined by a street walk where no interchange lists them."""
WAIT_ALPHA = 0.5
"""Mean wait in headways: uniform arrivals at services that interleave evenly (Spiess and Florian 1989)."""
_CLOSED = -2  # of a stop: where one would clear at a control point that is not open


KernelArrays = namedtuple(
    "KernelArrays",
    "section_start section_to section_board_cp section_alight_cp service_start service_board service_ride_s board_s "
    "board_headway_s board_first_s board_last_s link_start link_to link_s link_cp cp_open_s cp_close_s cp_clear_s",
)
"""The arrays of a :class:`CompiledNetwork` that the clock search takes; kernels read them by name or by place."""


@dataclass(frozen=True, eq=False)
class CompiledNetwork:
    """Arrays of one scenario's network; points are stations and halls, times are seconds. Equal only to itself.

    Sections of point p are rows ``section_start[p]:section_start[p+1]``; the services of section s are rows
    ``service_start[s]:service_start[s+1]``, fastest ride first. Links are walks and clearances likewise.

    Attributes
    ----------
    planned
        Whether a station is not built yet: no bus of today serves it.
    """

    points: tuple[str, ...]
    index: dict[str, int]
    x_m: F64
    y_m: F64
    region: tuple[str, ...]
    street: BOOL
    planned: BOOL
    section_start: I32
    section_to: I32
    section_board_cp: I32
    section_alight_cp: I32
    service_start: I32
    service_board: I32
    service_ride_s: F32  # in the vehicle and out to the street
    service_alight_s: F32  # of which out to the street
    board_s: F32  # ticketing included
    board_ticketing_s: F32
    board_headway_s: F32  # (boarding, period); 0 where there is no service
    board_first_s: F32
    board_last_s: F32
    board_pattern: tuple[str, ...]
    board_line: tuple[str, ...]
    board_cp: I32
    board_point: I32
    pattern_line: tuple[str, ...]
    pattern_start: I32  # stops of pattern i are rows pattern_start[i]:pattern_start[i+1], in order of travel
    stop_point: I32
    stop_board: I32  # the boarding at this stop, -1 where nobody boards
    stop_ride_s: F32  # from departure here to arrival at the next stop; 0 at the last
    stop_dwell_s: F32
    stop_alight_s: F32  # out to the street; infinite where nobody alights
    stop_alight_cp: I32
    link_start: I32
    link_to: I32
    link_s: F32
    link_cp: I32
    cp_ids: tuple[str, ...]
    cp_open_s: F32
    cp_close_s: F32
    cp_clear_s: F32

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything that times depend on: networks with the same one give the same times."""
        digest = hashlib.sha256(" ".join((*self.points, *self.region)).encode())
        for array in (self.x_m, self.y_m, self.street, self.planned, *self.kernel):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    @cached_property
    def kernel(self) -> KernelArrays:
        """The arrays in the order that the kernels take them."""
        return KernelArrays(*(getattr(self, name) for name in KernelArrays._fields))

    @cached_property
    def link_origin(self) -> I32:
        """The point that each link leaves."""
        return np.repeat(np.arange(len(self.points), dtype=np.int32), np.diff(self.link_start))

    @cached_property
    def pattern_of_stop(self) -> I32:
        """The pattern of each stop."""
        return np.repeat(np.arange(len(self.pattern_line), dtype=np.int32), np.diff(self.pattern_start))

    def with_links(self, code: int, origin: I32, to: I32, seconds: F32) -> CompiledNetwork:
        """The same network with further links.

        Parameters
        ----------
        code
            What goes into `link_cp`: one of the link codes of this module, or a control point's index.
        origin, to
            Points that each link leaves and reaches.
        seconds
            Of each link.
        """
        origin = np.concatenate([self.link_origin, origin])
        order = np.argsort(origin, kind="stable")
        return replace(
            self,
            link_start=row_starts(np.bincount(origin, minlength=len(self.points))),
            link_to=np.concatenate([self.link_to, to])[order],
            link_s=np.concatenate([self.link_s, seconds])[order],
            link_cp=np.concatenate([self.link_cp, np.full(to.size, code, dtype=np.int32)])[order],
        )


def compile_network(network: Network, ground: Ground) -> CompiledNetwork:
    """Compile what runs in one scenario.

    Parameters
    ----------
    network
        The scenario's network; the order of its stations, patterns and links changes nothing.
    ground
        What a walker may cross, for the walks by street between stations and halls that no table lists.

    Returns
    -------
    CompiledNetwork
        Points in order of id. Who would clear the boundary at a closed control point can neither board nor alight.
    """
    points = sorted(network.ends)
    ends, index = [network.ends[p] for p in points], {p: i for i, p in enumerate(points)}
    cp_ids = sorted(c.checkpoint_id for c in network.checkpoints.values() if c.is_open)
    cp_index, open_points = {c: i for i, c in enumerate(cp_ids)}, [network.checkpoints[c] for c in cp_ids]
    running = [p for p in network.patterns if p.headway_s and len(p.stops) > 1]
    # by ids, so that the order of the tables changes nothing, not even which of two equal ways is taken
    patterns = sorted(running, key=lambda p: stop_ids(p)[0])
    stops, boards = _stop_arrays(patterns, network, index, cp_index)
    arrays: dict[str, NDArray[Any]] = {
        **stops,
        **_section_arrays(stops, len(points)),
        **_link_arrays(network, ground, index, cp_index),
        "cp_open_s": np.array([c.open_s for c in open_points], dtype=float),
        "cp_close_s": np.array([c.close_s for c in open_points], dtype=float),
        "cp_clear_s": np.array([c.clearance_s for c in open_points], dtype=float),
    }
    compact: dict[str, Any] = {
        k: v.astype(np.float32 if v.dtype.kind == "f" else np.int32) for k, v in arrays.items()
    }
    return CompiledNetwork(
        points=tuple(points),
        index=index,
        x_m=np.array([end.x_m for end in ends]),
        y_m=np.array([end.y_m for end in ends]),
        region=tuple(end.region for end in ends),
        street=np.array([end.street_access for end in ends], dtype=bool),
        planned=np.array([end.planned for end in ends], dtype=bool),
        board_pattern=tuple(p.pattern_id for p in boards),
        board_line=tuple(p.line_id for p in boards),
        pattern_line=tuple(p.line_id for p in patterns),
        cp_ids=tuple(cp_ids),
        **compact,
    )


def _stop_arrays(
    patterns: Sequence[Pattern], network: Network, index: Mapping[str, int], cp_index: Mapping[str, int]
) -> tuple[dict[str, NDArray[Any]], list[Pattern]]:
    """The stops of every pattern in order of travel, the boardings, and the pattern of each boarding.

    Boardings are sorted, as the patterns are, by the ids of their stops.
    """
    calls = [(p, stop) for p in patterns for stop in p.stops]
    node = np.array([n for p in patterns for n in stop_ids(p)], dtype=str)
    start = row_starts([len(p.stops) for p in patterns])
    last = np.isin(np.arange(len(calls)), start[1:] - 1)
    arrival, departure = (
        np.array([getattr(s, f"{at}_s") for _, s in calls]) for at in ("arrival", "departure")
    )
    door, out = np.array([doors_s(network, s.station_id) for _, s in calls]).reshape(-1, 2).T
    at_lines = network.fares.ticketing_s if network.fares else {}
    of_patterns = [at_lines.get(p.line_id, 0.0) for p in patterns]
    ticketing = np.repeat(of_patterns, [len(p.stops) for p in patterns])
    point = np.array([index[s.station_id] for _, s in calls], dtype=int)
    cp = np.array([cp_index.get(s.clearance, _CLOSED) if s.clearance else -1 for _, s in calls], dtype=int)
    only = np.array([s.only for _, s in calls], dtype=str)
    ridden = ~last & (cp != _CLOSED) & (only != "alight")
    board = np.flatnonzero(ridden)[np.argsort(node[ridden])]
    of_stop = np.full(len(calls), -1)
    of_stop[board] = np.arange(board.size)
    no_way_out = np.isin(np.arange(len(calls)), start[:-1]) | (cp == _CLOSED) | (only == "board")
    boards = [calls[k] for k in board]
    headways = [[p.headway_s.get(name, 0.0) for name, _, _ in PERIODS] for p, _ in boards]
    return {
        "pattern_start": start,
        "stop_point": point,
        "stop_board": of_stop,
        "stop_ride_s": np.where(last, 0.0, np.roll(arrival, -1) - departure),
        "stop_dwell_s": np.where(last, 0.0, departure - arrival),
        "stop_alight_s": np.where(no_way_out, np.inf, out),
        "stop_alight_cp": np.where(no_way_out, -1, cp),
        "board_s": (door + ticketing)[board],
        "board_ticketing_s": ticketing[board],
        "board_headway_s": np.array(headways, dtype=float).reshape(board.size, len(PERIODS)),
        "board_first_s": np.array([p.first_s + s.departure_s for p, s in boards], dtype=float),
        "board_last_s": np.array([p.last_s + s.departure_s for p, s in boards], dtype=float),
        "board_cp": cp[board],
        "board_point": point[board],
    }, [p for p, _ in boards]


def _section_arrays(stops: Mapping[str, NDArray[Any]], points: int) -> dict[str, NDArray[Any]]:
    """Sections by point, and the services of each, fastest ride first."""
    boarded, left, in_vehicle_s = _rides(stops)
    point, alight_s, board = stops["stop_point"], stops["stop_alight_s"][left], stops["stop_board"][boarded]
    keys = np.stack([point[boarded], point[left], stops["board_cp"][board], stops["stop_alight_cp"][left]])
    ride_s = in_vehicle_s + alight_s
    # a loop that comes back to where it began offers no ride from a station to itself
    offered = np.flatnonzero((keys[0] != keys[1]) & (alight_s < np.inf))
    order = offered[np.lexsort(np.stack([alight_s, board, ride_s, *keys[::-1]])[:, offered])]
    keys = keys[:, order]
    is_first = np.ones(order.size, dtype=bool)
    is_first[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    origin, to, board_cp, alight_cp = keys[:, is_first]
    return {
        "section_start": row_starts(np.bincount(origin, minlength=points)),
        "section_to": to,
        "section_board_cp": board_cp,
        "section_alight_cp": alight_cp,
        "service_start": np.append(np.flatnonzero(is_first), order.size),
        "service_board": board[order],
        "service_ride_s": ride_s[order],
        "service_alight_s": alight_s[order],
    }


def _rides(stops: Mapping[str, NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Every ride without a change: the stop where it is boarded, the one where it is left, and seconds between."""
    moving_s = stops["stop_ride_s"] + stops["stop_dwell_s"]
    found = [(np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0))]
    for first, end in pairwise(stops["pattern_start"].tolist()):
        board = first + np.flatnonzero(stops["stop_board"][first:end] >= 0)[:, None]
        leg = np.arange(first, end - 1)
        # nobody waits aboard at the stop where they board
        steps = np.where(leg > board, moving_s[leg], np.where(leg == board, stops["stop_ride_s"][leg], 0.0))
        of, at = np.nonzero(leg >= board)
        found.append((board[of, 0], leg[at] + 1, np.cumsum(steps, axis=1)[of, at]))
    boarded, left, in_vehicle_s = (np.concatenate(part) for part in zip(*found, strict=True))
    return boarded, left, in_vehicle_s


def _link_arrays(
    network: Network, ground: Ground, index: Mapping[str, int], cp_index: Mapping[str, int]
) -> dict[str, NDArray[Any]]:
    """Walks and clearances, in both directions, by the point they leave."""
    walks = chain(network.links, street_changes(network, ground))
    ways = [(w.a, w.b, w.walk_s, INSIDE_LINK if w.inside else ON_FOOT) for w in walks]
    for checkpoint_id, cp in cp_index.items():
        halls = network.checkpoints[checkpoint_id].halls(network.sides)
        ways += [(a.point, b.point, 0.0, cp) for a, b in combinations(halls, 2)]
    links = [(index[u], index[v], *way) for a, b, *way in ways for u, v in ((a, b), (b, a))]
    origin, to, seconds, code = np.array(sorted(links), dtype=float).reshape(-1, 4).T
    return {
        "link_start": row_starts(np.bincount(origin.astype(int), minlength=len(index))),
        "link_to": to.astype(int),
        "link_s": seconds,
        "link_cp": code.astype(int),
    }


def doors_s(network: Network, station_id: str) -> tuple[float, float]:
    """Seconds from a station's concourse to the platform, and from the platform out again.

    A change between lines is one way out and one way in. Where a table states it for the station, two thirds of it are the way
    in and one third the way out; elsewhere the times go by system.
    """
    change_s = network.transfer_s.get(station_id)
    if change_s is None:
        return BOARD_ALIGHT_S[network.stations[station_id].system]
    return change_s * 2 / 3, change_s / 3


def stop_ids(pattern: Pattern) -> list[str]:
    """The node ids of a pattern's stops, in order of travel."""
    return [f"{pattern.pattern_id}{i}:{stop.station_id}" for i, stop in enumerate(pattern.stops)]


def street_changes(network: Network, ground: Ground) -> Iterator[Link]:
    """Walks between stations and halls of one side that no interchange lists.

    Parameters
    ----------
    network
        Its ends with access from the street.
    ground
        What a walker may cross, and how long it takes.

    Yields
    ------
    Link
        Up to STREET_CHANGE_M (500 m) of straight distance, where :meth:`Ground.walkable` holds (an assumption).
    """
    from scipy.spatial import cKDTree

    ends = [(p, end.region, end.x_m, end.y_m) for p, end in network.ends.items() if end.street_access]
    if len(ends) < 2:
        return
    listed = {frozenset((link.a, link.b)) for link in network.links}
    for i, j in sorted(cKDTree([end[2:] for end in ends]).query_pairs(STREET_CHANGE_M)):
        (a, side, *start), (b, other, *end) = ends[i], ends[j]
        from_xy, to_xy = (start[0], start[1]), (end[0], end[1])
        if side == other and frozenset((a, b)) not in listed and ground.walkable(side, from_xy, to_xy):
            metres = float(np.hypot(from_xy[0] - to_xy[0], from_xy[1] - to_xy[1]))
            yield Link(a, b, ground.walk_s(metres))
