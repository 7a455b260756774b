"""Expected times from point to point at a clock time: services, waits, hours and clearance.

A label-setting search over stations and halls. From a station at clock time t every direct section is offered
with its *attractive set*: services are taken in order of ride time while they lower

    (alpha + sum of ride / headway) / (sum of 1 / headway),      alpha = 0.5

(Spiess and Florian 1989 for one stretch; de Cea and Fernandez 1993 for a network of sections). One line of headway h
waits h/2, two such lines on one stretch h/4. First and last departures, opening hours of control points and the
period of the headway are looked up at the expected clock time of reaching them; last admission is at closing.
Strategies that mix lines to different change points are left out, so a time is never too short.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corridor.access.search.journey import Leg, link_leg
from corridor.access.search.parameters import MAX_OPENING_WAIT_S
from corridor.access.search.threads import in_threads
from corridor.core.arrays import F32, F64, I32
from corridor.core.heap import pop, push
from corridor.core.jit import njit
from corridor.network.compiled import WAIT_ALPHA, CompiledNetwork
from corridor.network.service import DAY_S, PERIODS, SERVICE_DAY_START_S

_PERIOD_END = np.array([end for _, _, end in PERIODS], dtype=np.float64)
_DAY = float(DAY_S)


@njit(cache=True, nogil=True, inline="always")
def period_index(clock):  # type: ignore[no-untyped-def]
    """The period of the service day that a clock time is in.

    Parameters
    ----------
    clock
        Seconds after midnight, of any day.

    Returns
    -------
    int
        Index into :data:`corridor.network.service.PERIODS`.
    """
    t = clock % _DAY
    if t < SERVICE_DAY_START_S:
        t += _DAY
    for k in range(_PERIOD_END.size):
        if t < _PERIOD_END[k]:
            return k
    return _PERIOD_END.size - 1


@njit(cache=True, nogil=True, inline="always")
def until_open(clock, first, last):  # type: ignore[no-untyped-def]
    """Seconds until something is open.

    Parameters
    ----------
    clock
        Seconds after midnight.
    first, last
        Its hours; past 86,400 where they run past midnight.

    Returns
    -------
    float
        0 while it is open, infinite where it opens in more than an hour only.
    """
    wait = np.inf
    # hours and clock may each run past midnight where the other does not
    for shift in (0.0, -_DAY, _DAY):
        t = clock + shift
        if first <= t <= last:
            return 0.0
        if t < first and first - t < wait:
            wait = first - t
    return wait if wait <= MAX_OPENING_WAIT_S else np.inf


@njit(cache=True, nogil=True, inline="always")
def _cleared(at, cp, opens, closes, clear):  # type: ignore[no-untyped-def]
    """The clock time past a control point (-1: none) reached at `at`, infinite where it is closed."""
    if cp < 0:
        return at
    return at + (until_open(at, opens[cp], closes[cp]) + clear[cp])


@njit(cache=True, nogil=True, inline="always")
def _section_s(  # type: ignore[no-untyped-def]
    t, s, fixed_wait, service_start, service_board, service_ride, board_s, headway, first, last, taken, record
):
    """Expected seconds from reaching the platform entrance at clock t to the street at the other end of section s.

    Services are taken by ride time while each still lowers the expectation ``(alpha + sum ride / h) / sum 1 / h``. One
    pass suffices: the expectation only falls, so a service that does not help now will not help later. To
    `record`, `taken` gets the services of the attractive set (before the first departure of the day, that service alone), and
    their number is returned second. A search does without, which is faster.
    """
    frequency = 0.0
    weighted = 0.0
    best = np.inf
    count = 0
    for r in range(service_start[s], service_start[s + 1]):
        b = service_board[r]
        at = t + board_s[b]
        ride = board_s[b] + service_ride[r]
        if ride >= best:
            continue
        h = headway[b, period_index(at)]
        until = until_open(at, first[b], last[b])
        if until > 0.0:
            if until < np.inf and until + ride < best and frequency == 0.0:
                best = until + ride  # the first departure of the day
                if record:
                    taken[0] = r
                    count = 1
            continue
        if h <= 0.0:
            continue
        if fixed_wait:
            if ride + WAIT_ALPHA * h < best:
                best = ride + WAIT_ALPHA * h
                if record:
                    taken[0] = r
                    count = 1
        else:
            if record:
                count = count if frequency > 0.0 else 0
                taken[count] = r
                count += 1
            frequency += 1.0 / h
            weighted += ride / h
            best = min(best, (WAIT_ALPHA + weighted) / frequency)
    return best, count


@njit(cache=True, nogil=True)
def attractive_set(t, s, fixed_wait, net):  # type: ignore[no-untyped-def]
    """The services of a section worth taking at a clock time.

    Parameters
    ----------
    t
        Clock time at the platform entrance, in seconds after midnight.
    s
        The section.
    fixed_wait
        Half a headway for each line alone, so that one service is taken.
    net
        :attr:`CompiledNetwork.kernel`.

    Returns
    -------
    ndarray of int32
        Services, fastest ride first; the first departure of the day alone where nothing runs yet, none where nothing comes.
    """
    taken = np.empty(net.service_start[s + 1] - net.service_start[s], dtype=np.int32)
    start, board, ride, board_s, headway, first, last = net[4:11]
    _, count = _section_s(t, s, fixed_wait, start, board, ride, board_s, headway, first, last, taken, True)
    return taken[:count]


@njit(cache=True, nogil=True)
def _settle(clock, limit, fixed_wait, net, memory):  # type: ignore[no-untyped-def]
    """Settle `clock` (expected arrival at each point, infinite where not yet known) up to the clock time `limit`.

    `memory` gets the point before each and the way taken: a section s as s, a link l as -1 - l.
    """
    previous, via, heap_key, heap_point = memory
    # Taken apart once: a member of a record that is read in a loop is counted as a reference each time.
    section_start, section_to, section_board_cp, section_alight_cp = net[:4]
    start, board, ride_s, board_s, headway, first, last = net[4:11]
    link_start, link_to, link_s, link_cp, opens, closes, clear = net[11:]
    done = np.zeros(clock.size, dtype=np.bool_)
    size = np.int64(0)  # a plain number would be compiled for by itself
    for p in range(clock.size):
        if clock[p] < limit:
            size = push(heap_key, heap_point, size, clock[p], np.int32(p))
    while size > 0:
        t = heap_key[0]
        p = heap_point[0]
        size = pop(heap_key, heap_point, size)
        if done[p] or t > clock[p]:
            continue
        done[p] = True
        for s in range(section_start[p], section_start[p + 1]):
            q = section_to[s]
            if done[q] or t + ride_s[start[s]] >= clock[q]:
                continue  # even the fastest ride without a wait comes too late
            at = _cleared(t, section_board_cp[s], opens, closes, clear)
            if at == np.inf:
                continue
            ride, _ = _section_s(
                at, s, fixed_wait, start, board, ride_s, board_s, headway, first, last, via, False
            )
            at += ride
            if at < np.inf:
                at = _cleared(at, section_alight_cp[s], opens, closes, clear)
            if at < clock[q] and at < limit:
                clock[q] = at
                previous[q] = p
                via[q] = s
                size = push(heap_key, heap_point, size, at, q)
        for k in range(link_start[p], link_start[p + 1]):
            q = link_to[k]
            at = _cleared(t + link_s[k], link_cp[k], opens, closes, clear)
            if at < clock[q] and at < limit:
                clock[q] = at
                previous[q] = p
                via[q] = -1 - k
                size = push(heap_key, heap_point, size, at, q)


@njit(cache=True, nogil=True)
def _memory(points, edges):  # type: ignore[no-untyped-def]
    """The point before each, the way taken, and a heap of keys and points."""
    # a point is settled once and offers each of its edges once, so no heap grows beyond this
    most = edges + points
    return (
        np.full(points, -1, dtype=np.int32),
        np.zeros(points, dtype=np.int32),
        np.empty(most, dtype=np.float64),
        np.empty(most, dtype=np.int32),
    )


@njit(cache=True, nogil=True)
def _rows(a, b, sources, start_clock, limit_s, fixed_wait, out, net):  # type: ignore[no-untyped-def]
    clock = np.empty(out.shape[1], dtype=np.float64)
    memory = _memory(clock.size, net.section_to.size + net.link_to.size)
    for row in range(a, b):
        clock[:] = np.inf
        clock[sources[row]] = start_clock
        _settle(clock, start_clock + limit_s, fixed_wait, net, memory)
        for q in range(clock.size):
            out[row, q] = clock[q] - start_clock


def point_times(
    network: CompiledNetwork, sources: I32, start_clock_s: float, limit_s: float, fixed_wait: bool = False
) -> F32:
    """Expected seconds from each source point to every point, at one clock time.

    Parameters
    ----------
    network
        The compiled network; links by local bus are part of it where they are wanted.
    sources
        Indices of points, shape (sources,).
    start_clock_s
        Departure in seconds after midnight.
    limit_s
        Longest journey in seconds.
    fixed_wait
        Half a headway for each line alone in place of shared waits.

    Returns
    -------
    ndarray of float32, shape (sources, points)
        Seconds, infinite beyond the limit.
    """
    out = np.empty((sources.size, len(network.points)), dtype=np.float32)
    net = network.kernel
    in_threads(_rows, sources.size, sources, float(start_clock_s), float(limit_s), fixed_wait, out, net)
    return out


@dataclass(frozen=True)
class ClockedWays:
    """Clock times from one origin to every point, and how each is reached.

    Attributes
    ----------
    first_s
        Clock time at which the first points are reached, infinite elsewhere; shape (points,), as all others.
    settled_s
        Expected clock time at each point, in seconds after midnight.
    previous
        The point before each, -1 at the first.
    via
        The way taken to each: a section s as s, a link l as -1 - l.
    """

    network: CompiledNetwork
    fixed_wait: bool
    first_s: F64
    settled_s: F64
    previous: I32
    via: I32

    @classmethod
    def search(
        cls, network: CompiledNetwork, first_s: F64, limit_clock_s: float, fixed_wait: bool
    ) -> ClockedWays:
        """Search from the clock times at which the first points are reached.

        Parameters
        ----------
        network
            The compiled network.
        first_s
            Clock times in seconds, infinite elsewhere; shape (points,).
        limit_clock_s
            Clock time after which no arrival counts.
        fixed_wait
            Half a headway for each line alone in place of shared waits.
        """
        clock, net = first_s.copy(), network.kernel
        memory = _memory(clock.size, net.section_to.size + net.link_to.size)
        _settle(clock, float(limit_clock_s), fixed_wait, net, memory)
        return cls(network, fixed_wait, first_s, clock, *memory[:2])

    def chain(self, end: int) -> list[int]:
        """Points on the way to a point, first to last."""
        points = [end]
        while self.previous[points[-1]] >= 0:
            points.append(int(self.previous[points[-1]]))
        return points[::-1]

    def attractive(self, section: int, start: int) -> tuple[I32, F64]:
        """The services of a section taken by those who set out from its first point.

        Returns
        -------
        services, share
            In the order of rides, and how many of the travellers take each, in proportion to frequency; shares sum to 1.
        """
        network, clock = self.network, float(self.settled_s[start])
        if network.section_board_cp[section] >= 0:
            clock += float(network.cp_clear_s[network.section_board_cp[section]])
        services = attractive_set(clock, section, self.fixed_wait, network.kernel)
        boards = network.service_board[services]
        if boards.size == 1:  # whose headway may be unknown: the first departure of the day
            return services, np.ones(1)
        periods = [period_index(clock + float(network.board_s[b])) for b in boards]
        frequency = 1 / network.board_headway_s[boards, periods].astype(np.float64)
        return services, frequency / frequency.sum()

    def legs(self, names: Sequence[str], end: int) -> list[Leg]:
        """Legs from the first point on the way to `end`."""
        return [self._leg(names, a, b) for a, b in itertools.pairwise(self.chain(end))]

    def _leg(self, names: Sequence[str], a: int, b: int) -> Leg:
        network, way = self.network, int(self.via[b])
        start, end = float(self.settled_s[a]), float(self.settled_s[b])
        if way < 0:
            return link_leg(network, names, -1 - way, (a, b), start, end - start)
        services, share = self.attractive(way, a)
        boards = network.service_board[services]
        door, ticketing, alight, ride = (
            float((share * seconds).sum())
            for seconds in (
                network.board_s[boards],
                network.board_ticketing_s[boards],
                network.service_alight_s[services],
                network.service_ride_s[services],
            )
        )
        cps = [int(c) for c in (network.section_board_cp[way], network.section_alight_cp[way]) if c >= 0]
        clear = sum(float(network.cp_clear_s[c]) for c in cps)
        return Leg(
            "ride",
            names[a],
            names[b],
            start,
            end - start,
            wait_s=end - start - clear - ride - door,
            in_vehicle_s=ride - alight,
            lines=tuple(dict.fromkeys(network.board_line[b] for b in boards)),
            checkpoint_id=network.cp_ids[cps[0]] if cps else None,
            clearance_s=clear,
            from_point=network.points[a],
            to_point=network.points[b],
            ticketing_s=ticketing,
        )
