"""How far a journey's time spreads: percentiles over random service phases and clearance times, with a fixed seed.

The traveller keeps to one policy, that of least generalised cost or of least expected time (its strategy, or the way
of the clock search where that is sooner), and meets, in each draw,

* lines whose phases are uniform and independent of each other: the next departure of a line of headway h comes
  uniformly within 0 and h after one reaches the platform, and the first of the attractive set is boarded;
* a clearance time at each control point, lognormal with the mean of the control point and its high value as the 90th
  percentile (an assumption);
* opening hours, first and last departures at the clock time of that draw. Who finds nothing left to board, or a
  control point closed, has missed the journey; percentiles are of those who arrive.

Walks, rides and ways in stations take their one time. The policy is not computed anew: it is the one whose mean is
reported. That mean counts departures that interleave evenly, h/2n for n lines of headway h (alpha 0.5, Spiess and
Florian 1989); independent phases wait h/(n + 1). So the simulated mean is above it where lines share a wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from corridor.access.journeys.moves import Boarding, Policy, Walk, policy_of
from corridor.access.journeys.tables import soonest_between
from corridor.access.search.cells import Place
from corridor.access.search.departure import Departure
from corridor.access.search.parameters import MAX_OPENING_WAIT_S
from corridor.access.surroundings.base import BaseLayer, Surroundings
from corridor.core.arrays import F64, I64
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import DAY_S, PERIODS, SERVICE_DAY_START_S

if TYPE_CHECKING:
    import pandas as pd

DRAWS = 2_000
SEED = 2_035
_Z90 = NormalDist().inv_cdf(0.9)
_PERIOD_END = np.array([end for _, _, end in PERIODS], dtype=np.float64)


@dataclass(frozen=True)
class Spread:
    """Door-to-door seconds over the draws that arrive; NaN where none does.

    Attributes
    ----------
    expected_s
        What the search expects: the strategy's mean.
    missed_share
        Share of the draws that miss a last departure or a closing.
    """

    expected_s: float
    least_s: float
    p10_s: float
    p50_s: float
    p90_s: float
    most_s: float
    mean_s: float
    missed_share: float
    draws: int
    seed: int


@dataclass(frozen=True)
class ClearanceTimes:
    """Lognormal clearance times by control point: ``exp(mu + sigma z)`` with z standard normal.

    Attributes
    ----------
    mean_s
        Mean in seconds, ``exp(mu + sigma^2 / 2)``; 0 is no clearance.
    sigma
        Of the logarithm; 0 is a constant.
    """

    mean_s: F64
    sigma: F64

    @classmethod
    def of(cls, mean_s: F64, high_s: F64) -> ClearanceTimes:
        """From means and 90th percentiles, both in seconds.

        With ``ln p90 = mu + z sigma`` and ``ln mean = mu + sigma^2 / 2``, sigma is the lesser root of
        ``sigma^2 / 2 - z sigma + ln(p90 / mean) = 0``. A p90 above 2.27 times the mean has no root: the mean is kept
        and sigma is z, which gives the highest p90 there is. A p90 at or below the mean leaves the constant mean.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(mean_s > 0, high_s / mean_s, 1.0)
        log_ratio = np.log(np.maximum(np.nan_to_num(ratio, nan=1.0), 1.0))
        sigma = _Z90 - np.sqrt(np.maximum(_Z90**2 - 2 * log_ratio, 0.0))
        return cls(np.asarray(mean_s, dtype=np.float64), sigma)

    def draw(self, c: int, n: int, rng: np.random.Generator) -> F64:
        """Clearance times of some travellers.

        Parameters
        ----------
        c
            Index of the control point.
        n
            How many travellers.
        rng
            What draws.

        Returns
        -------
        ndarray of float, shape (n,)
            Seconds; the mean of their distribution is exactly `mean_s`.
        """
        sigma = self.sigma[c]
        return np.asarray(self.mean_s[c] * np.exp(sigma * rng.standard_normal(n) - sigma**2 / 2))


def simulated_s(
    policy: Policy,
    network: CompiledNetwork,
    clearance: ClearanceTimes,
    start_clock_s: float,
    draws: int,
    rng: np.random.Generator,
) -> F64:
    """Door-to-door seconds of each draw, NaN where the journey is missed; shape (draws,).

    Parameters
    ----------
    policy
        What the traveller does at each point; see :func:`corridor.access.journeys.moves.policy_of`.
    network
        Hours of control points and headways by period are read from it.
    clearance
        Clearance times by control point.
    start_clock_s
        When one sets out, in seconds after midnight.
    draws, rng
        How many journeys, and what draws their phases and clearance times.
    """
    chance = _Chance(network, clearance, rng)
    clock = np.full(draws, start_clock_s + policy.access_s)
    node = np.full(draws, policy.start)
    arrival = np.full(draws, np.nan)
    for p in policy.order:
        who = np.flatnonzero(node == p)
        if not who.size:
            continue
        if p in policy.egress_s:
            arrival[who] = clock[who] + policy.egress_s[p]
            continue
        move = policy.moves[p]
        if isinstance(move, Walk):
            clock[who] = chance.cleared(clock[who] + move.time_s, move.checkpoint)
            node[who] = move.to
        else:
            clock[who], node[who] = chance.ride(move, clock[who])
        node[who[~np.isfinite(clock[who])]] = -1
    return arrival - start_clock_s


@dataclass(frozen=True)
class _Chance:
    """What is drawn on the way: waits and clearance times."""

    network: CompiledNetwork
    clearance: ClearanceTimes
    rng: np.random.Generator

    def ride(self, lines: Sequence[Boarding], clock: F64) -> tuple[F64, I64]:
        """Clock times and nodes after boarding the first line that comes; infinite where none comes."""
        # clearance is drawn once for all lines behind it: one passes the control point before one sees what comes
        cleared = {c: self.cleared(clock, c) for c in dict.fromkeys(line.board_checkpoint for line in lines)}
        platform = np.stack([cleared[line.board_checkpoint] + line.door_s for line in lines])
        wait = np.stack([self.wait_s(line, at) for line, at in zip(lines, platform, strict=True)])
        first = wait.argmin(axis=0)
        draws = np.arange(clock.size)
        out = platform[first, draws] + wait[first, draws] + np.array([line.ride_s for line in lines])[first]
        for j, line in enumerate(lines):
            if line.alight_checkpoint >= 0:
                out[first == j] = self.cleared(out[first == j], line.alight_checkpoint)
        return out, np.array([line.to for line in lines])[first]

    def wait_s(self, line: Boarding, clock: F64) -> F64:
        """Seconds to the next departure: uniform within the headway, at most to the last departure of the day.

        Before the first departure one waits for that one; infinite where the line does not run.
        """
        until, left = _hours(clock, line.first_s, line.last_s)
        headway = line.headway_s[_period(clock)].astype(np.float64)
        drawn = np.minimum(self.rng.random(clock.size) * headway, left)
        return np.where(until > 0, until, np.where(headway > 0, drawn, np.inf))

    def cleared(self, clock: F64, c: int) -> F64:
        """Clock times past a control point (none: -1) reached at `clock`; infinite where it is closed."""
        if c < 0:
            return clock
        until, _ = _hours(clock, float(self.network.cp_open_s[c]), float(self.network.cp_close_s[c]))
        return np.asarray(clock + until + self.clearance.draw(c, clock.size, self.rng))


def _hours(clock: F64, first_s: float, last_s: float) -> tuple[F64, F64]:
    """Seconds until hours first..last begin (0 within them, infinite if not within an hour), and until they end."""
    t = clock + np.array([[0.0], [-DAY_S], [DAY_S]])  # hours may run past midnight
    inside = (first_s <= t) & (t <= last_s)
    until = np.where(inside, 0.0, np.where(t < first_s, first_s - t, np.inf)).min(axis=0)
    left = np.where(inside, last_s - t, 0.0).max(axis=0)
    until[until > MAX_OPENING_WAIT_S] = np.inf
    return until, np.full(clock.shape, np.inf) if last_s - first_s >= DAY_S else left


def _period(clock: F64) -> I64:
    """The period of the service day that each clock time is in."""
    t = np.where(np.isfinite(clock), clock, 0.0) % DAY_S
    t = np.where(t < SERVICE_DAY_START_S, t + DAY_S, t)
    return np.minimum(np.searchsorted(_PERIOD_END, t, side="right"), _PERIOD_END.size - 1)


def summary(seconds: F64, expected_s: float, seed: int) -> Spread:
    """Percentiles (linear between draws), mean, least and most of the draws that arrive.

    Parameters
    ----------
    seconds
        Of each draw, NaN where it missed; shape (draws,).
    expected_s
        What the search expects.
    seed
        Noted with the result.
    """
    arrived = seconds[np.isfinite(seconds)]
    missed = 1 - arrived.size / seconds.size
    some = arrived if arrived.size else np.array([np.nan])
    least, p10, p50, p90, most = np.percentile(some, [0, 10, 50, 90, 100]).tolist()
    mean = float(some.mean())
    return Spread(expected_s, least, p10, p50, p90, most, mean, missed, seconds.size, seed)


def hub_spread(
    departure: Departure,
    base: BaseLayer,
    hubs: Sequence[tuple[str, Place]],
    around: Mapping[str, Surroundings],
    clearance: ClearanceTimes,
    draws: int = DRAWS,
    seed: int = SEED,
) -> pd.DataFrame:
    """How far times between hubs spread, a row a pair, both ways.

    Parameters
    ----------
    departure, base, hubs, around
        As for :func:`corridor.access.journeys.tables.hub_table`.
    clearance
        Clearance times by control point.
    draws, seed
        How many journeys of each pair; every pair starts from the same seed.

    Returns
    -------
    DataFrame
        from_place, to_place, then the fields of :class:`Spread` in minutes; NaN where there is no service.
    """
    import pandas as pd

    rows = []
    for a, b, way in soonest_between(departure, base, hubs, around):
        row: dict[str, object] = {"from_place": a, "to_place": b}
        if way is not None:
            policy = policy_of(way, departure.network)
            found = policy_spread(policy, departure, clearance, draws, seed)
            row |= {f"{c}_min": getattr(found, f"{c}_s") / 60 for c in _HUB_COLUMNS}
            row["missed_share"] = found.missed_share
        rows.append(row)
    columns = ["from_place", "to_place", *(f"{c}_min" for c in _HUB_COLUMNS), "missed_share"]
    return pd.DataFrame(rows, columns=columns)


_HUB_COLUMNS = ("expected", "least", "p10", "p50", "p90", "most", "mean")


def policy_spread(
    policy: Policy, departure: Departure, clearance: ClearanceTimes, draws: int, seed: int
) -> Spread:
    """The spread of one policy over random waits and clearance times.

    Parameters
    ----------
    policy
        What the traveller does at each point.
    departure
        The network and the clock time.
    clearance
        Clearance times by control point.
    draws, seed
        How many journeys, and what their random numbers start from.
    """
    rng = np.random.default_rng(seed)
    seconds = simulated_s(policy, departure.network, clearance, departure.start_clock_s, draws, rng)
    return summary(seconds, policy.expected_s, seed)
