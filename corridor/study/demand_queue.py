"""Queues at control points, as a function of who passes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corridor.demand.predict import Queue
from corridor.demand.segments import DIRECTIONS
from corridor.network.loads import extra_wait_s
from corridor.network.service import Network

F64 = NDArray[np.float64]


def queue_of(network: Network, gates: Sequence[str]) -> Queue:
    """Minutes of queue beyond the mean day of 2025, by direction and gate; none where the capacity is unknown.

    The wait is that of the busiest hour. Only those who cross in the busy spell meet it, so the mean traveller waits
    that share of it; and no relief takes a clearance below its low end.

    Parameters
    ----------
    network
        Its control points.
    gates
        Control point of each gate.

    Returns
    -------
    callable
        From passengers a day to minutes, both of shape (direction, gate).
    """
    assumed = network.clearance
    if assumed is None:
        return np.zeros_like
    busy = min(1.0, assumed.peak_hour_share * assumed.queue.period_s / 3600)
    points = [network.checkpoints[gate] for gate in gates]

    def wait_min(loads: F64) -> F64:
        found = np.zeros_like(loads)
        for d, direction in enumerate(DIRECTIONS):
            for k, point in enumerate(points):
                if direction not in point.loads:
                    continue
                load = float(loads[d, k]) / point.loads[direction].mean_pax_day
                extra_s = busy * (extra_wait_s(point, direction, assumed, load) or 0.0)
                found[d, k] = max(extra_s, point.clearance_low_s - point.clearance_s) / 60
        return found

    return wait_min
