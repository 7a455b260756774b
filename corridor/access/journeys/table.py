"""Travel times between lists of places, exact at the clock time of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.search.cells import Place
from corridor.access.search.clock import settle
from corridor.access.search.departure import Departure
from corridor.access.search.journey import LIMIT_S
from corridor.access.search.strategy import NEVER_S, strategy_times
from corridor.access.surroundings.base import BaseLayer, PlaceLinks
from corridor.core.progress import Progress, silent
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import service_clock_s


def travel_table(
    compiled: CompiledNetwork,
    base: BaseLayer,
    origins: Sequence[Place],
    destinations: Sequence[Place],
    clock_s: float,
    fixed_wait: bool = False,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Expected minutes door to door: columns from, to, minutes; NaN where there is no way within six hours.

    ``frame.attrs["without_train"]`` counts the pairs that are reached on foot or by local bus alone.
    """
    table = DoorToDoor.to(compiled, base, destinations, clock_s, fixed_wait)
    rows, without_train = [], 0
    for done, origin in enumerate(origins):
        progress(origin.name, done, len(origins))
        direct, seconds = table.direct_s(origin), table.seconds_from(origin)
        without_train += int(np.count_nonzero(np.isfinite(direct) & (direct <= seconds)))
        rows += [
            (origin.name, destination.name, s / 60 if np.isfinite(s) else np.nan)
            for destination, s in zip(destinations, seconds, strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["from", "to", "minutes"])
    frame.attrs["without_train"] = without_train
    return frame


class DoorToDoor:
    """Times to fixed destinations, from one origin after another, leaving each at one clock time."""

    def __init__(
        self,
        departure: Departure,
        base: BaseLayer,
        destinations: Sequence[Place],
        egress: Sequence[PlaceLinks],
    ):
        self.departure, self.base, self.destinations, self.egress = departure, base, destinations, egress
        block = np.full((len(departure.network.points), len(destinations)), NEVER_S, dtype=np.float32)
        for j, (points, seconds) in enumerate(egress):
            block[points, j] = seconds
        self.windows = [
            (horizon, net, strategy_times(net, block, min(horizon, departure.limit_s), departure.fixed_wait))
            for horizon, net in departure.windows
        ]

    @classmethod
    def to(
        cls,
        compiled: CompiledNetwork,
        base: BaseLayer,
        destinations: Sequence[Place],
        clock_s: float,
        fixed_wait: bool = False,
    ) -> DoorToDoor:
        """Prepared for destinations and a clock time."""
        departure = base.departure(compiled, service_clock_s(clock_s), LIMIT_S, fixed_wait)
        egress = [base.surroundings(departure, d).from_points for d in destinations]
        return cls(departure, base, destinations, egress)

    def seconds_from(self, origin: Place) -> NDArray[np.float64]:
        """Expected seconds from an origin to every destination; infinite where there is no way."""
        departure = self.departure
        points, seconds = self.base.surroundings(departure, origin).to_points
        best = self.direct_s(origin)
        if not points.size:
            return best
        for horizon, _, left in self.windows:
            total = (seconds[:, np.newaxis] + left[points]).min(axis=0)
            best = np.where(total <= min(horizon, departure.limit_s), np.minimum(best, total), best)
        clock = np.full(len(departure.network.points), np.inf)
        clock[points] = departure.start_clock_s + seconds
        settled, _, _ = settle(
            departure.network.kernel, clock, departure.start_clock_s + departure.limit_s, departure.fixed_wait
        )
        for j, (ends, out) in enumerate(self.egress):
            arrival = float(np.min(settled[ends] + out, initial=np.inf)) - departure.start_clock_s
            best[j] = min(best[j], arrival)
        return best

    def direct_s(self, origin: Place) -> NDArray[np.float64]:
        """Seconds on foot or by local bus alone from an origin to every destination; infinite where neither leads."""
        network = self.departure.network
        if not origin.on_street(network):
            return np.full(len(self.destinations), np.inf)
        best = self.base.direct_s(origin, self.destinations, self.departure.start_clock_s).astype(np.float64)
        best[[not d.on_street(network) for d in self.destinations]] = np.inf
        return best
