"""Expected times to many destinations at once by optimal strategies (Spiess and Florian 1989).

At a point one boards whatever comes first of an attractive set of lines, and may then go on by different changes.
With frequencies f and, for each line, the seconds v still to go once it departs, the expected time u from the point is

    u = (alpha + sum f v) / sum f   over the lines with v < u,        alpha = 0.5,

which is the root of ``sum f max(0, u - v) = alpha``. The kernel finds it by Newton's method from above, which takes a
few steps and needs no sorting, for 128 destinations side by side; and it works backwards over patterns and links until
no time falls any more. That is value iteration: the result is exact, and the number of changes has no bound.

A strategy has no clock. What runs is what runs unchanged from the start to a horizon; see :func:`network_of`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.core.arrays import BOOL, F32, I32
from corridor.core.csr import row_starts
from corridor.core.jit import kernel_part, njit
from corridor.network.compiled import WAIT_ALPHA, CompiledNetwork
from corridor.network.service import DAY_S, PERIODS, service_clock_s

LANES = 128  # destinations worked on together
NEVER_S = np.float32(1e6)  # in place of infinity, since min and compare are faster
ANY_ROUNDS = 1_000_000
_ALPHA = np.float32(WAIT_ALPHA)
_LEAST_GAIN_S = np.float32(0.01)


class StrategyNetwork(NamedTuple):
    """What runs in a window of time, as arrays; times in seconds, clearance included, NEVER_S where closed.

    Stops of pattern i are rows ``pattern_start[i]:pattern_start[i+1]``; boardings of point p are
    ``point_board[point_board_start[p]:point_board_start[p+1]]``; links of p are rows ``link_start[p]:link_start[p+1]``.
    Kernels take it as it is.
    """

    pattern_start: I32
    stop_point: I32
    stop_board: I32
    stop_ride_s: F32
    stop_dwell_s: F32
    stop_alight_s: F32
    board_s: F32
    board_frequency: F32  # 1/s, 0 where it does not run throughout the window
    point_board_start: I32
    point_board: I32
    link_start: I32
    link_to: I32
    link_s: F32

    @property
    def points(self) -> int:
        """Number of points."""
        return self.link_start.size - 1

    def boards_at(self, p: int) -> I32:
        """Boardings at a point."""
        return self.point_board[self.point_board_start[p] : self.point_board_start[p + 1]]


def network_of(network: CompiledNetwork, start_clock_s: float, horizon_s: float) -> StrategyNetwork:
    """What can be counted on from a clock time to `horizon_s` later.

    A service or control point counts if it is open throughout, and a headway is the longest of the periods touched. So a
    journey that ends within the horizon is never promised a train that no longer runs.

    Parameters
    ----------
    network
        The compiled network.
    start_clock_s
        Departure in seconds after midnight.
    horizon_s
        Length of the window in seconds.

    Returns
    -------
    StrategyNetwork
        Clearance is part of boarding, alighting and links; what is closed takes :data:`NEVER_S`.
    """
    headway = longest_headway_s(network.board_headway_s, start_clock_s, horizon_s)
    running = open_throughout(network.board_first_s, network.board_last_s, start_clock_s, horizon_s)
    clear = clearance_s(network, start_clock_s, horizon_s)
    with np.errstate(divide="ignore"):
        frequency = np.where(running & (headway > 0), 1 / headway, 0.0)
    return strategy_network(
        network,
        frequency,
        board_s=network.board_s + clear[network.board_cp],
        alight_s=network.stop_alight_s + clear[network.stop_alight_cp],
        link_s=network.link_s + clear[np.maximum(network.link_cp, -1)],
    )


def clearance_s(network: CompiledNetwork, start_clock_s: float, horizon_s: float, weight: float = 1.0) -> F32:
    """Seconds at each control point times `weight`, NEVER_S where it closes in the window.

    Shape (control points + 1,): the last entry is 0, for index -1, which is none.
    """
    opened = open_throughout(network.cp_open_s, network.cp_close_s, start_clock_s, horizon_s)
    clear = np.where(opened, network.cp_clear_s * weight, NEVER_S)
    return np.concatenate([clear, [0.0]]).astype(np.float32)


def strategy_network(
    network: CompiledNetwork, frequency: NDArray[np.floating], *, board_s: F32, alight_s: F32, link_s: F32
) -> StrategyNetwork:
    """The patterns and links of a network with frequencies and seconds of one's own.

    Parameters
    ----------
    network
        The compiled network.
    frequency
        By boarding, in 1/s; 0 where it does not run.
    board_s, alight_s, link_s
        By boarding, by stop and by link, clearance included.
    """
    start, board = boards_by_point(network.board_point, len(network.points))
    return StrategyNetwork(
        network.pattern_start,
        network.stop_point,
        network.stop_board,
        network.stop_ride_s,
        network.stop_dwell_s,
        at_most_never(alight_s),
        at_most_never(board_s),
        frequency.astype(np.float32),
        start,
        board,
        network.link_start,
        network.link_to,
        at_most_never(link_s),
    )


def at_most_never(seconds: NDArray[np.floating]) -> F32:
    """Seconds as the kernels take them, NEVER_S where they are more or infinite."""
    return np.asarray(np.minimum(seconds, NEVER_S), dtype=np.float32)


def open_throughout(first_s: F32, last_s: F32, start_clock_s: float, horizon_s: float) -> BOOL:
    """Whether something is open during a whole window.

    Parameters
    ----------
    first_s, last_s
        Opening hours in seconds after midnight, past 86,400 where they run past it; of equal shape.
    start_clock_s
        Start of the window in seconds after midnight.
    horizon_s
        Length of the window in seconds.
    """
    ok = np.zeros(first_s.shape, dtype=bool)
    # hours and window may each run past midnight where the other does not
    for shift in (-DAY_S, 0, DAY_S):
        ok |= (first_s <= start_clock_s + shift) & (start_clock_s + shift + horizon_s <= last_s)
    round_the_clock = last_s - first_s >= DAY_S
    return np.asarray(ok | round_the_clock)


def longest_headway_s(headway_s: F32, start_clock_s: float, horizon_s: float) -> F32:
    """The longest headway of the periods that a window touches; 0 where one of them has no service.

    Parameters
    ----------
    headway_s
        Shape (lines, periods), 0 where there is no service.
    start_clock_s
        Start of the window in seconds after midnight.
    horizon_s
        Length of the window in seconds.
    """
    start = service_clock_s(start_clock_s % DAY_S)
    touched = [
        k
        for k, (_, begin, end) in enumerate(PERIODS)
        for shift in (0, DAY_S)
        if begin + shift < start + horizon_s and start < end + shift
    ]
    part = headway_s[:, touched]
    return np.where((part > 0).all(axis=1), part.max(axis=1, initial=0.0), 0.0).astype(np.float32)


def boards_by_point(board_point: I32, points: int) -> tuple[I32, I32]:
    """CSR of the boardings at each point: rows of point p are ``board[start[p]:start[p + 1]]``."""
    order = np.argsort(board_point, kind="stable").astype(np.int32)
    return row_starts(np.bincount(board_point, minlength=points)), order


def strategy_times(network: StrategyNetwork, egress_s: F32, limit_s: float, fixed_wait: bool = False) -> F32:
    """Expected seconds from every point to every destination by optimal strategies (Spiess and Florian 1989).

    Parameters
    ----------
    network
        What runs in the window.
    egress_s
        Seconds from a point to a destination without a ride, NEVER_S or more where there is no such way; shape (points,
        destinations).
    limit_s
        Longest journey in seconds.
    fixed_wait
        Half a headway for each line alone in place of shared waits.

    Returns
    -------
    ndarray of float32, shape (points, destinations)
        Seconds; NEVER_S beyond the limit.
    """
    points, n = egress_s.shape
    out = np.empty((points, n), dtype=np.float32)
    for first in range(0, n, LANES):
        block = np.full((points, LANES), NEVER_S, dtype=np.float32)
        part = egress_s[:, first : first + LANES]
        block[:, : part.shape[1]] = np.minimum(part, NEVER_S)
        settle_lanes(block, np.float32(limit_s), fixed_wait, ANY_ROUNDS, workspace(network), network)
        out[:, first : first + LANES] = block[:, : part.shape[1]]
    return out


def workspace(network: StrategyNetwork, lanes: int = LANES) -> F32:
    """Memory for one thread: the time from each boarding on, for every lane."""
    return np.empty((network.board_s.size, lanes), dtype=np.float32)


# Without NaN and signed zeros, the loops over lanes compile to vector minima; NEVER_S keeps infinities out of sums.
@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def settle_lanes(u, limit, fixed_wait, rounds, onward, net):  # type: ignore[no-untyped-def]
    """Lower `u` from the seconds known at first to the expected times, in place.

    Value iteration on ``u_p = min(walk, (alpha + sum f v) / sum f over the lines with v < u_p)`` (Spiess and Florian 1989,
    Optimal strategies: a new assignment model for transit networks, Transportation Research Part B 23(2)). A round relaxes
    links, sweeps the patterns that serve a point whose time fell, and renews the wait at the points where such a pattern
    boards. It ends when nothing falls by a hundredth of a second within the limit, or after `rounds`, which bounds the number
    of vehicles boarded one after another. The three steps are functions of their own: called once a round they cost nothing,
    while what is inside their loops is inlined.

    Parameters
    ----------
    u
        Seconds, shape (points, lanes): on entry those of the way out without a ride, NEVER_S where there is none.
    limit
        Longest journey in seconds; times beyond are NEVER_S.
    fixed_wait
        Half a headway for each line alone in place of shared waits.
    rounds
        Most vehicles boarded one after another.
    onward
        Workspace, shape (boardings, lanes); afterwards the time from each boarding on.
    net
        A :class:`StrategyNetwork`.
    """
    points = u.shape[0]
    onward[:] = NEVER_S
    fell = np.zeros(points, dtype=np.bool_)
    board_again = np.zeros(points, dtype=np.bool_)
    for p in range(points):
        known = False
        for o in range(u.shape[1]):
            s = u[p, o] if u[p, o] <= limit else NEVER_S
            known |= bool(s < NEVER_S)
            u[p, o] = s
        fell[p] = known
    pending = True
    while pending and rounds > 0:
        rounds -= 1
        _relax_links(u, fell, limit, net)
        _sweep_patterns(u, fell, board_again, limit, onward, net)
        pending = _renew_waits(u, fell, board_again, limit, fixed_wait, onward, net)
    # the rounds ran out: times that fell last have yet to reach the points around on foot
    if pending:
        _relax_links(u, fell, limit, net)


@kernel_part(fastmath={"nnan", "nsz"}, error_model="numpy")
def _sweep_patterns(u, fell, board_again, limit, onward, net):  # type: ignore[no-untyped-def]
    """Walk every pattern backwards from the last stop at which a time fell; mark where `onward` of a boarding fell."""
    lanes = u.shape[1]
    now = np.empty(lanes, dtype=np.float32)
    for i in range(net.pattern_start.size - 1):
        first = net.pattern_start[i]
        last = net.pattern_start[i + 1] - 1
        while last >= first and not fell[net.stop_point[last]]:
            last -= 1
        live = False
        for s in range(last, first - 1, -1):
            p = net.stop_point[s]
            if live:
                ride = net.stop_ride_s[s]
                dwell = net.stop_dwell_s[s]
                near = False
                for o in range(lanes):
                    now[o] += ride  # from departure here on
                    near |= now[o] <= limit
                live = near
                b = net.stop_board[s]
                if live and b >= 0 and net.board_frequency[b] > 0.0:
                    board = net.board_s[b]
                    sooner = False
                    for o in range(lanes):
                        v = now[o] + board
                        sooner |= v < onward[b, o]
                        onward[b, o] = v if v < onward[b, o] else onward[b, o]
                    if sooner:
                        board_again[p] = True
                for o in range(lanes):
                    # who stays aboard sits through the stop; who boards here does not
                    now[o] += dwell
            if fell[p]:
                alight = net.stop_alight_s[s]
                if not live:
                    now[:] = NEVER_S
                live = True
                for o in range(lanes):
                    v = u[p, o] + alight
                    now[o] = v if v < now[o] else now[o]


@kernel_part(fastmath={"nnan", "nsz"}, error_model="numpy")
def _renew_waits(u, fell, board_again, limit, fixed_wait, onward, net):  # type: ignore[no-untyped-def]
    """Lower the times at the points of `board_again` to wait and ride; `fell` gets those where one fell, if any did."""
    lanes = u.shape[1]
    now = np.empty(lanes, dtype=np.float32)
    total = np.empty(lanes, dtype=np.float32)
    weighted = np.empty(lanes, dtype=np.float32)
    lines = np.empty(net.point_board.size, dtype=np.int32)
    fell[:] = False
    pending = False
    for p in range(u.shape[0]):
        if not board_again[p]:
            continue
        board_again[p] = False
        now[:] = NEVER_S
        running = 0
        for k in range(net.point_board_start[p], net.point_board_start[p + 1]):
            b = net.point_board[k]
            if net.board_frequency[b] > 0.0:
                lines[running] = b
                running += 1
                wait = _ALPHA / net.board_frequency[b]
                for o in range(lanes):
                    v = onward[b, o] + wait
                    now[o] = v if v < now[o] else now[o]
        if not fixed_wait and running > 1:
            _share_wait(now, total, weighted, onward, net.board_frequency, lines, running)
        sooner = False
        for o in range(lanes):
            t = now[o] if now[o] <= limit else NEVER_S
            sooner |= u[p, o] - t > _LEAST_GAIN_S
            u[p, o] = t if t < u[p, o] else u[p, o]
        fell[p] = sooner
        pending = pending or sooner
    return pending


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"}, error_model="numpy", inline="always")
def _share_wait(now, total, weighted, onward, frequency, lines, running):  # type: ignore[no-untyped-def]
    """Newton's method from the best single line down to the expected time of the attractive set.

    Of the boardings `lines[:running]` those are dropped that attract nobody: they will not once less is expected.
    """
    lanes = now.size
    again = True
    while again:
        again = False
        total[:] = 0.0
        weighted[:] = _ALPHA
        kept = 0
        for k in range(running):
            b = lines[k]
            f = frequency[b]
            helps = False
            for o in range(lanes):
                attracts = onward[b, o] < now[o]
                helps |= attracts
                share = f if attracts else np.float32(0.0)
                total[o] += share
                weighted[o] += share * onward[b, o]
            lines[kept] = b
            kept += helps
        running = kept
        for o in range(lanes):
            # sum f max(0, u - v) is convex in u, so a step from above ends above the root again
            better = weighted[o] / total[o] if total[o] > 0.0 else NEVER_S
            again |= now[o] - better > _LEAST_GAIN_S
            now[o] = better if better < now[o] else now[o]


@kernel_part(fastmath={"nnan", "nsz"}, error_model="numpy")
def _relax_links(u, fell, limit, net):  # type: ignore[no-untyped-def]
    """Ways on foot and clearances, until none is shorter."""
    lanes = u.shape[1]
    fresh = fell.copy()
    again = True
    while again:
        again = False
        lower = np.zeros(fell.size, dtype=np.bool_)
        for p in range(u.shape[0]):
            for k in range(net.link_start[p], net.link_start[p + 1]):
                q = net.link_to[k]
                if not fresh[q]:
                    continue
                s = net.link_s[k]
                sooner = False
                for o in range(lanes):
                    t = u[q, o] + s
                    t = t if t <= limit else NEVER_S
                    sooner |= u[p, o] - t > _LEAST_GAIN_S
                    u[p, o] = t if t < u[p, o] else u[p, o]
                if sooner:
                    lower[p] = True
                    again = True
        fell |= lower
        fresh = lower
