"""What a way costs a traveller: time, weighted by how it is spent, and money, all in seconds of riding.

The generalised cost of a way is (Ortuzar and Willumsen 2011, section 5.3)

    ride + w_wait wait + w_walk walk + w_clear clearance + b boardings + fare / value of time.

A fare that depends on where one enters and leaves is not a sum over lines, so rides are settled for each
:class:`FareGroup` as a whole: from every station to every other, by an optimal strategy inside the gates (waits shared
between lines, as in :mod:`corridor.access.search.strategy`) towards the station where one leaves, plus the fare of that pair.
Fares paid at each boarding are a part of the boarding instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corridor.access.search.clock import period_index
from corridor.access.search.parameters import TIME_ALONE, CostWeights
from corridor.access.search.strategy import (
    NEVER_S,
    StrategyNetwork,
    at_most_never,
    clearance_s,
    longest_headway_s,
    open_throughout,
    strategy_network,
    strategy_times,
)
from corridor.core.arrays import BOOL, F32, I32
from corridor.network.compiled import INSIDE_LINK, CompiledNetwork
from corridor.network.fares import CostParameters
from corridor.network.service import Network

MOST_COST_S = 60_000.0  # dearer ways count as none


@dataclass(frozen=True)
class FareGroup:
    """Patterns that one fare covers: from gate to gate, or at each boarding.

    Attributes
    ----------
    points
        Points of the network that they serve.
    fare_hkd
        (point, point) from where one enters to where one leaves; 0 where fares are paid at boarding.
    board_fare_hkd
        By boarding of the network.
    """

    patterns: I32
    points: I32
    fare_hkd: F32
    board_fare_hkd: F32

    def stops(self, compiled: CompiledNetwork) -> BOOL:
        """Whether each stop is one of the group's patterns."""
        return np.isin(compiled.pattern_of_stop, self.patterns)

    def inside(self, compiled: CompiledNetwork) -> BOOL:
        """Whether each link is a walk between two points of the group inside the gates."""
        ends = (np.isin(end, self.points) for end in (compiled.link_origin, compiled.link_to))
        return np.asarray(np.logical_and.reduce([compiled.link_cp == INSIDE_LINK, *ends]))

    def fare_of(self, a: int, b: int) -> float:
        """From point to point of the network, in HKD; what is paid at boarding aside."""
        i, j = np.searchsorted(self.points, (a, b))
        return float(self.fare_hkd[i, j])


def cost_weights(parameters: CostParameters, value_of_time_hkd_h: float) -> CostWeights:
    """Weights in seconds of riding, at a value of time.

    Parameters
    ----------
    parameters
        Weights against minutes in the vehicle, and the boarding penalty.
    value_of_time_hkd_h
        HKD an hour; infinite where money does not count.
    """
    riding = parameters.in_vehicle_weight
    return CostWeights(
        parameters.wait_weight / riding,
        parameters.walk_weight / riding,
        parameters.clearance_weight / riding,
        parameters.boarding_penalty_s / riding,
        3600 / value_of_time_hkd_h / riding,
    )


def fare_groups(network: Network, compiled: CompiledNetwork) -> tuple[FareGroup, ...]:
    """The groups of a scenario's network; without fares everything is one group that costs nothing.

    Lines with a flat fare are one group: whichever comes first is boarded, and each is paid.
    """
    fares = network.fares
    tariff = np.array(
        [(fares and fares.matrix_of(line)) or "" for line in compiled.pattern_line], dtype=object
    )
    flat = np.zeros(compiled.board_s.size, dtype=np.float32)
    if fares:
        flat[:] = [0.0 if fares.matrix_of(x) else fares.flat_hkd(x) for x in compiled.board_line]
    groups = []
    for name in sorted(set(tariff)):
        patterns = np.flatnonzero(tariff == name).astype(np.int32)
        points = np.unique(compiled.stop_point[np.isin(compiled.pattern_of_stop, patterns)])
        fare = np.zeros((points.size, points.size), dtype=np.float32)
        if fares and name:
            stations = [network.stations[compiled.points[p]] for p in points]
            fare = fares.matrix_hkd(name, stations)
        groups.append(FareGroup(patterns, points, fare, np.zeros_like(flat) if name else flat))
    return tuple(groups)


class Window(NamedTuple):
    """A departure and the horizon up to which everything used must run."""

    start_clock_s: float
    horizon_s: float


def group_network(
    compiled: CompiledNetwork, group: FareGroup, window: Window, weights: CostWeights
) -> StrategyNetwork:
    """A group's patterns and the ways inside its gates, in weighted seconds.

    A weight on waiting is the same as a rarer service: ``(alpha w + sum f v) / sum f = (alpha + sum f/w v) / sum f/w``. The
    choice counts with the headways of the hour of departure, whatever comes later; the time that the chosen way takes
    (`weights` is :data:`TIME_ALONE`) counts with the longest headway up to the horizon, as all expected times do.

    Parameters
    ----------
    compiled
        The network.
    group
        The patterns that one fare covers.
    window
        Departure and horizon; only what runs throughout counts.
    weights
        What a second and a dollar count.
    """
    now = compiled.board_headway_s[:, period_index(window.start_clock_s)]
    longest = longest_headway_s(compiled.board_headway_s, *window)
    headway = longest if weights == TIME_ALONE else now
    running = open_throughout(compiled.board_first_s, compiled.board_last_s, *window)
    stops = group.stops(compiled)
    ours = np.zeros(running.size, dtype=bool)
    ours[compiled.stop_board[stops & (compiled.stop_board >= 0)]] = True
    with np.errstate(divide="ignore"):
        # the period of departure is one of those that the window touches: where `longest` is there, so is `now`
        frequency = np.where(ours & running & (longest > 0), 1 / (headway * weights.wait), np.float32(0.0))
    clear = clearance_s(compiled, *window, weights.clearance)
    ticketing = compiled.board_ticketing_s
    door = (
        (compiled.board_s - ticketing) * weights.walk
        + ticketing * weights.clearance  # halls and gates, as clearance is
        + weights.boarding_s
        + group.board_fare_hkd * weights.s_per_hkd
        + clear[compiled.board_cp]
    )
    alight = compiled.stop_alight_s * weights.walk + clear[compiled.stop_alight_cp]
    return strategy_network(
        compiled,
        frequency,
        board_s=door,
        alight_s=np.where(stops, alight, NEVER_S),
        link_s=np.where(group.inside(compiled), compiled.link_s * weights.walk, NEVER_S),
    )


def ride_costs(
    network: StrategyNetwork, group: FareGroup, weights: CostWeights, fixed_wait: bool = False
) -> F32:
    """Generalised seconds of the rides of a fare group, fare included.

    Parameters
    ----------
    network
        That of the group: see :func:`group_network`.
    group
        Its points and fares.
    weights
        What a second and a dollar count.
    fixed_wait
        Half a headway for each line alone in place of shared waits.

    Returns
    -------
    ndarray of float32, shape (points of the group, points of the group)
        From row to column; NEVER_S where no ride leads.
    """
    egress = np.full((network.points, group.points.size), NEVER_S, dtype=np.float32)
    egress[group.points, np.arange(group.points.size)] = 0.0
    ride = strategy_times(network, egress, MOST_COST_S, fixed_wait)[group.points]
    return at_most_never(ride + group.fare_hkd * weights.s_per_hkd)
