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

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.threads import in_threads
from corridor.core.heap import pop, push
from corridor.core.jit import njit
from corridor.network.service import DAY_S, PERIODS, SERVICE_DAY_START_S

WAIT_ALPHA = 0.5
MAX_OPENING_WAIT_S = 3_600.0  # nobody waits longer than this for a first train or an opening
_PERIOD_END = np.array([end for _, _, end in PERIODS], dtype=np.float64)
_ALPHA = WAIT_ALPHA
_DAY = float(DAY_S)
_DAY_START = float(SERVICE_DAY_START_S)
_MAX_OPENING = MAX_OPENING_WAIT_S


@njit(cache=True, nogil=True, inline="always")
def _period(clock):  # type: ignore[no-untyped-def]
    t = clock % _DAY
    if t < _DAY_START:
        t += _DAY
    for k in range(_PERIOD_END.size):
        if t < _PERIOD_END[k]:
            return k
    return _PERIOD_END.size - 1


@njit(cache=True, nogil=True, inline="always")
def _until_open(clock, first, last):  # type: ignore[no-untyped-def]
    """Seconds until something with hours first..last is open: 0 when it is, infinite when it is not soon."""
    wait = np.inf
    for shift in (0.0, -_DAY, _DAY):
        t = clock + shift
        if first <= t <= last:
            return 0.0
        if t < first and first - t < wait:
            wait = first - t
    return wait if wait <= _MAX_OPENING else np.inf


@njit(cache=True, nogil=True, inline="always")
def _section_s(  # type: ignore[no-untyped-def]
    t, s, fixed_wait, service_start, service_board, service_ride, board_s, headway, first, last
):
    """Expected seconds from reaching the platform entrance at clock t to the street at the other end."""
    frequency = 0.0
    weighted = 0.0
    best = np.inf
    for r in range(service_start[s], service_start[s + 1]):
        b = service_board[r]
        at = t + board_s[b]
        ride = board_s[b] + service_ride[r]
        if ride >= best:
            continue
        h = headway[b, _period(at)]
        until = _until_open(at, first[b], last[b])
        if until > 0.0:
            if until < np.inf and until + ride < best and frequency == 0.0:
                best = until + ride  # the first departure of the day
            continue
        if h <= 0.0:
            continue
        if fixed_wait:
            best = min(best, ride + _ALPHA * h)
        else:
            frequency += 1.0 / h
            weighted += ride / h
            best = min(best, (_ALPHA + weighted) / frequency)
    return best


@njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    clock,
    limit,
    fixed_wait,
    previous,
    via,
    heap_key,
    heap_point,
    section_start,
    section_to,
    section_board_cp,
    section_alight_cp,
    service_start,
    service_board,
    service_ride,
    board_s,
    headway,
    first,
    last,
    link_start,
    link_to,
    link_s,
    link_cp,
    cp_open,
    cp_close,
    cp_clear,
):
    """Settle `clock` (expected arrival at each point, infinite where not yet known) up to the clock time `limit`.

    `previous` and `via` get the point before and the way taken: a section s as s, a link l as -1 - l.
    """
    n = clock.size
    done = np.zeros(n, dtype=np.bool_)
    size = 0
    for p in range(n):
        if clock[p] < limit:
            size = push(heap_key, heap_point, size, clock[p], p)
    while size > 0:
        t = heap_key[0]
        p = heap_point[0]
        size = pop(heap_key, heap_point, size)
        if done[p] or t > clock[p]:
            continue
        done[p] = True
        for s in range(section_start[p], section_start[p + 1]):
            q = section_to[s]
            if done[q] or t + service_ride[service_start[s]] >= clock[q]:
                continue  # even the fastest ride without a wait comes too late
            at = t
            if section_board_cp[s] >= 0:
                c = section_board_cp[s]
                at += _until_open(at, cp_open[c], cp_close[c]) + cp_clear[c]
                if at == np.inf:
                    continue
            at += _section_s(
                at, s, fixed_wait, service_start, service_board, service_ride, board_s, headway, first, last
            )
            if section_alight_cp[s] >= 0 and at < np.inf:
                c = section_alight_cp[s]
                at += _until_open(at, cp_open[c], cp_close[c]) + cp_clear[c]
            if at < clock[q] and at < limit:
                clock[q] = at
                previous[q] = p
                via[q] = s
                size = push(heap_key, heap_point, size, at, q)
        for k in range(link_start[p], link_start[p + 1]):
            q = link_to[k]
            at = t + link_s[k]
            if link_cp[k] >= 0:
                c = link_cp[k]
                at += _until_open(at, cp_open[c], cp_close[c]) + cp_clear[c]
            if at < clock[q] and at < limit:
                clock[q] = at
                previous[q] = p
                via[q] = -1 - k
                size = push(heap_key, heap_point, size, at, q)


@njit(cache=True, nogil=True)
def _rows(a, b, sources, start_clock, limit_s, fixed_wait, out, kernel):  # type: ignore[no-untyped-def]
    n = out.shape[1]
    edges = kernel[1].size + kernel[12].size + n
    key = np.empty(edges, dtype=np.float64)
    point = np.empty(edges, dtype=np.int32)
    previous = np.empty(n, dtype=np.int32)
    via = np.empty(n, dtype=np.int32)
    clock = np.empty(n, dtype=np.float64)
    for row in range(a, b):
        clock[:] = np.inf
        clock[sources[row]] = start_clock
        _search(clock, start_clock + limit_s, fixed_wait, previous, via, key, point, *kernel)
        for q in range(n):
            out[row, q] = clock[q] - start_clock


def point_times(
    kernel: tuple[Any, ...],
    sources: NDArray[np.int32],
    start_clock_s: float,
    limit_s: float,
    n: int,
    fixed_wait: bool = False,
) -> NDArray[np.float32]:
    """Expected seconds from each source point to every point (source, point), infinite beyond the limit."""
    out = np.empty((sources.size, n), dtype=np.float32)
    in_threads(_rows, sources.size, sources, float(start_clock_s), float(limit_s), fixed_wait, out, kernel)
    return out


def settle(
    kernel: tuple[Any, ...], clock_s: NDArray[np.float64], limit_clock_s: float, fixed_wait: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    """Settle clock times from given starting clocks; returns clocks, the point before each, and the way taken."""
    clock = clock_s.copy()
    n = clock.size
    edges = kernel[1].size + kernel[12].size + n
    previous = np.full(n, -1, dtype=np.int32)
    via = np.zeros(n, dtype=np.int32)
    _search(
        clock,
        float(limit_clock_s),
        fixed_wait,
        previous,
        via,
        np.empty(edges),
        np.empty(edges, dtype=np.int32),
        *kernel,
    )
    return clock, previous, via
