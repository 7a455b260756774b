"""Trips between zones by a gravity model whose deterrence is the log-sum of a nested logit over control points.

From zone i to zone j by gate k a trip costs, in generalised minutes,

    c_ijk = to_gate_ik + from_gate_kj + extra_k,

where `extra` holds the constant of a gate and the queue. Gates at one site (a hall, and the station of a line beside it)
are closer substitutes than others, so the choice is nested (Ortuzar and Willumsen 2011, section 7.4): with site scale mu
and within-site parameter phi (0 < phi <= 1),

    S_ijm = sum over k in m of exp(-mu / phi c_ijk)      Z_ij = sum over m of S_ijm ^ phi
    P(m)  = S_ijm ^ phi / Z_ij                            P(k | m) = exp(-mu / phi c_ijk) / S_ijm
    L_ij  = -ln(Z_ij) / mu                                (the log-sum, in minutes)

and the destination by gravity with scale beta <= mu: T_ij is proportional to H_i O_j exp(-beta L_ij), H being what
produces trips at the one end and O the share of attraction at the other.

Since a cost is a sum of two vectors, exp(-mu / phi c_ijk) is a product of two, and no exponential is taken for a pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.core.jit import njit

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Scales:
    """Sensitivities of the choice, per generalised minute, each level at most as sensitive as the one below.

    `site_per_min` is mu, `within_site` phi, `destination_per_min` beta.
    """

    site_per_min: float
    within_site: float
    destination_per_min: float


class Costs(NamedTuple):
    """Generalised minutes of one direction: (gate, origin zone), (gate, destination zone), and the site of each gate."""

    to_gate_min: F64
    from_gate_min: F64
    site: I64


class Classes(NamedTuple):
    """A class of each origin and destination zone, numbered from 0, by which trips are added up."""

    origin: I64
    destination: I64


class Flows(NamedTuple):
    """Trips of one group in one direction.

    `weight` is the sum of H_i O_j exp(-beta L_ij), to which totals are elastic; the arrays are scaled to `total` trips.
    """

    weight: float
    trips: F64
    """(origin, destination)"""
    logsum_min: F64
    """(origin, destination), infinite where no gate leads."""
    by_origin: F64
    """(gate, origin)"""
    by_destination: F64
    """(gate, destination)"""
    by_class: F64
    """(class of the origin, class of the destination, gate)"""

    @property
    def by_gate(self) -> F64:
        """Trips through each gate."""
        return np.asarray(self.by_origin.sum(axis=1))

    def scaled(self, factor: float) -> Flows:
        """The same with every trip counted `factor` times."""
        return self._replace(
            trips=self.trips * factor,
            by_origin=self.by_origin * factor,
            by_destination=self.by_destination * factor,
            by_class=self.by_class * factor,
        )


def flows(
    costs: Costs, extra_min: F64, ends: tuple[F64, F64], scales: Scales, classes: Classes | None = None
) -> Flows:
    """Trips in the proportions of the model, unscaled: their sum is `weight`.

    Parameters
    ----------
    costs
        Generalised minutes to and from each gate.
    extra_min
        (gate,) constant and queue; infinite where a gate is closed.
    ends
        What produces or attracts trips in each origin zone and each destination zone.
    scales
        Sensitivities.
    classes
        Of the zones; without, all are of one class.
    """
    origin, destination = classes or (np.zeros(e.size, dtype=np.int64) for e in ends)
    steep = scales.site_per_min / scales.within_site
    toward = np.exp(-steep * (costs.to_gate_min + extra_min[:, None]))
    onward = np.exp(-steep * costs.from_gate_min)
    weight, trips, total, by_origin, by_destination, by_class = _gravity(
        np.ascontiguousarray(toward.T),
        np.ascontiguousarray(onward.T),
        costs.site,
        int(costs.site.max(initial=-1)) + 1,
        np.ascontiguousarray(ends[0]),
        np.ascontiguousarray(ends[1]),
        origin,
        destination,
        scales.within_site,
        scales.destination_per_min / scales.site_per_min,
    )
    with np.errstate(divide="ignore"):
        logsum_min = -np.log(total) / scales.site_per_min
    return Flows(weight, trips, logsum_min, by_origin.T, by_destination.T, by_class)


@njit(cache=True, nogil=True)
def _gravity(toward, onward, site, sites, at_origin, at_destination, origin, destination, phi, theta):  # type: ignore[no-untyped-def]
    origins, gates = toward.shape
    destinations = onward.shape[0]
    trips = np.zeros((origins, destinations))
    total = np.zeros((origins, destinations))
    by_origin = np.zeros((origins, gates))
    by_destination = np.zeros((destinations, gates))
    by_class = np.zeros((origin.max() + 1, destination.max() + 1, gates))
    within = np.empty(gates)
    of_site = np.empty(sites)
    weight = 0.0
    for i in range(origins):
        for j in range(destinations):
            of_site[:] = 0.0
            for k in range(gates):
                within[k] = toward[i, k] * onward[j, k]
                of_site[site[k]] += within[k]
            z = 0.0
            for m in range(sites):
                z += of_site[m] ** phi
            total[i, j] = z
            if z <= 0.0:
                continue
            w = at_origin[i] * at_destination[j] * z**theta
            if w <= 0.0:
                continue
            trips[i, j] = w
            weight += w
            for k in range(gates):
                if within[k] > 0.0:
                    through = w * of_site[site[k]] ** (phi - 1.0) * within[k] / z
                    by_origin[i, k] += through
                    by_destination[j, k] += through
                    by_class[origin[i], destination[j], k] += through
    return weight, trips, total, by_origin, by_destination, by_class
