"""The choice of one segment between gates beside the same formulas in plain NumPy with SciPy's logsumexp.

    python -m tests.benchmarks.demand [ZONES ...]

Random costs, seven gates at six sites; the same result to 1e-9 is asserted before anything is timed. Growth with zones
is that of pairs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import logsumexp

from corridor.demand.logit import Choice, Costs, Scales

SCALES = Scales(0.08, 0.6, 0.03)
SITE = np.array([0, 1, 2, 3, 4, 5, 5])


def made(zones: int) -> tuple[Costs, np.ndarray, np.ndarray]:
    """A boundary with so many zones on each side."""
    rng = np.random.default_rng(7)
    costs = Costs(rng.uniform(20, 150, (7, zones)), rng.uniform(20, 150, (7, zones)), SITE)
    return costs, rng.uniform(-10, 20, 7), rng.uniform(1, 1e4, (zones, zones))


def ours(costs: Costs, extra: np.ndarray, trips: np.ndarray) -> np.ndarray:
    """(gate,) trips by the kernels of the program."""
    return Choice.of(costs, extra, SCALES).flows(trips).by_gate


def in_numpy(costs: Costs, extra: np.ndarray, trips: np.ndarray) -> np.ndarray:
    """(gate,) trips, with all costs as one array (gate, origin, destination)."""
    steep = SCALES.site_per_min / SCALES.within_site
    c = costs.to_gate_min[:, :, None] + costs.from_gate_min[:, None, :] + extra[:, None, None]
    sites = np.stack([logsumexp(-steep * c[costs.site == m], axis=0) for m in range(SITE.max() + 1)])
    z = logsumexp(SCALES.within_site * sites, axis=0)
    share = np.exp(SCALES.within_site * sites - z)[costs.site] * np.exp(-steep * c - sites[costs.site])
    return np.asarray((share * trips).sum(axis=(1, 2)))


def seconds(call: Callable[[], object], repeats: int = 5) -> float:
    """The least of some runs."""
    found = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return min(found)


def main() -> None:
    """Print a row for each number of zones."""
    print("zones a side   kernel s   numpy s   ratio   ns a pair and gate")
    for zones in [int(z) for z in sys.argv[1:]] or [250, 500, 1000]:
        asked = made(zones)
        np.testing.assert_allclose(ours(*asked), in_numpy(*asked), rtol=1e-9)
        kernel, plain = seconds(partial(ours, *asked)), seconds(partial(in_numpy, *asked), 2)
        print(
            f"{zones:12d} {kernel:10.3f} {plain:9.3f} {plain / kernel:7.1f} {1e9 * kernel / zones**2 / 7:10.1f}"
        )


if __name__ == "__main__":
    main()
