"""Departures of one pattern in one day as first, last and a headway for each period.

Each gap between two departures is one expected departure spread over the gap; a window of frequencies is one every
headway. The headway of a period is the part of it between first and last departure, over the expected departures in
it. Night services that run past midnight are one stretch: the day is cut at the longest gap.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corridor.network.service import DAY_S, PERIODS, SERVICE_DAY_START_S

ROUND_THE_CLOCK_GAP_S = 3600  # a service without a longer gap than this runs day and night
LAST_CLOCK_S = 30 * 3600 + 59 * 60  # the latest the tables can say
_PERIODS_S = {name: end - start for name, start, end in PERIODS}
_BEGIN_S = {name: start for name, start, _ in PERIODS}


@dataclass(frozen=True)
class Window:
    """A window of frequencies.txt: departures every `headway_s` from `start_s` to `end_s`.

    Attributes
    ----------
    start_s, end_s
        Seconds after midnight of the service day; may pass 24:00.
    headway_s
        Seconds between departures, 1 or more.
    """

    start_s: float
    end_s: float
    headway_s: float

    def later(self, seconds: float) -> Window:
        """The window as its vehicles pass a stop that they reach so many seconds later."""
        return replace(self, start_s=self.start_s + seconds, end_s=self.end_s + seconds)


@dataclass(frozen=True)
class Service:
    """First and last departure, and the headway of each period.

    Attributes
    ----------
    first_s, last_s
        Seconds after midnight; past 24:00 for a service that ends the day after.
    headway_s
        Seconds by period; only periods in which anything leaves.
    assumed
        Periods whose headway is an assumption: the length of the period, where no time passes between first and
        last departure in it.
    """

    first_s: float
    last_s: float
    headway_s: dict[str, float]
    assumed: frozenset[str]

    def reaching(self, there: Service) -> Service:
        """The same with the headways of periods into which vehicles run only on their way.

        Parameters
        ----------
        there
            The service as it leaves a later stop. Who boards there after the last departure at the first stop still
            meets a vehicle, and needs its headway.
        """
        known = there.headway_s | self.headway_s
        headways = {name: known[name] for name in _PERIODS_S if name in known}
        assumed = self.assumed | (there.assumed - set(self.headway_s))
        return replace(self, headway_s=headways, assumed=assumed)


def service_of(departures_s: Iterable[float], windows: Sequence[Window]) -> Service:
    """The service that departures and windows of one day make; at least one of either is needed.

    Parameters
    ----------
    departures_s
        Seconds after midnight; may pass 24:00.
    windows
        Windows of frequencies.

    Returns
    -------
    Service
        First and last departure, and a headway in seconds for each period in which anything leaves.

    Examples
    --------
    >>> service = service_of([7 * 3600 + 600 * n for n in range(13)], [])
    >>> service.first_s / 3600, service.last_s / 3600, service.headway_s["am_peak"]
    (7.0, 9.0, 600.0)
    """
    points = sorted({float(d) % DAY_S for d in departures_s})
    spans = [
        (w.start_s % DAY_S, w.start_s % DAY_S + min(w.end_s - w.start_s, DAY_S), w.headway_s) for w in windows
    ]
    first, last = _hours([(p, p) for p in points] + [(a, b) for a, b, _ in spans])
    points = sorted(p if p >= first else p + DAY_S for p in points)
    moments = [*points, points[0] + DAY_S] if points and last - first == DAY_S else points
    parts = [(a, b, 1.0) for a, b in itertools.pairwise(moments)]
    if len(points) == 1:
        parts = [(points[0], points[0], 1.0)]
    for start, end, headway in spans:
        begin = start if start >= first else start + DAY_S
        parts.append((begin, begin + end - start, (end - start) / headway if end > start else 1.0))
    begins, ends, counts = np.array(parts).T
    headways, assumed = {}, set()
    for name, length in _PERIODS_S.items():
        expected = float((_share(begins, ends, name) * counts).sum())
        served = float(_overlap(np.array([first]), np.array([last]), name)[0])
        if expected > 0:
            headways[name] = float(max(round(served / expected), 1)) if served > 0 else float(length)
            if served <= 0:
                assumed.add(name)
    return Service(first, last, headways, frozenset(assumed))


def _hours(occupied: list[tuple[float, float]]) -> tuple[float, float]:
    """First and last departure on the circle of the day: service starts after its longest gap."""
    occupied = sorted(occupied)
    reach, gaps = occupied[0][1], []
    for start, end in occupied[1:]:
        gaps.append((start - reach, start, reach))
        reach = max(reach, end)
    around = occupied[0][0] + DAY_S
    gaps.append((around - reach, around, reach))
    # what leaves before and after midnight is one night service; its day begins where nothing runs for longest
    gap, first, before = max(gaps)
    if gap <= ROUND_THE_CLOCK_GAP_S:
        return float(SERVICE_DAY_START_S), float(SERVICE_DAY_START_S + DAY_S)
    first %= DAY_S
    last = first + (before - first) % DAY_S
    if first < SERVICE_DAY_START_S and last + DAY_S <= LAST_CLOCK_S:
        first, last = first + DAY_S, last + DAY_S
    if last > LAST_CLOCK_S:
        return float(SERVICE_DAY_START_S), float(SERVICE_DAY_START_S + DAY_S)
    return first, last


def _overlap(start_s: NDArray[np.float64], end_s: NDArray[np.float64], period: str) -> NDArray[np.float64]:
    """Seconds of each stretch that lie in a period of any day."""
    begin, length = _BEGIN_S[period], _PERIODS_S[period]
    days = [
        np.minimum(end_s, begin + length + day) - np.maximum(start_s, begin + day)
        for day in range(-2 * DAY_S, 3 * DAY_S, DAY_S)
    ]
    return np.asarray(np.maximum(days, 0.0).sum(axis=0))


def _share(start_s: NDArray[np.float64], end_s: NDArray[np.float64], period: str) -> NDArray[np.float64]:
    """The share of each stretch that is in a period; a single moment is wholly in one period."""
    length = end_s - start_s
    moment = (start_s - _BEGIN_S[period]) % DAY_S < _PERIODS_S[period]
    return np.where(length > 0, _overlap(start_s, end_s, period) / np.where(length > 0, length, 1.0), moment)
