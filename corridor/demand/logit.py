"""Choice between control points by a nested logit, for every pair of zones at once.

From zone i to zone j by gate k a trip costs, in generalised minutes,

    c_ijk = to_gate_ik + from_gate_kj + extra_k,

where `extra` holds the constant of a gate and the queue. Gates at one site (a hall and the station of a line beside it, or
two stations of one line) are closer substitutes than others, so the choice is nested (Ortuzar and Willumsen 2011, section
7.4): with site scale mu and within-site parameter phi (0 < phi <= 1),

    S_ijm = sum over k in m of exp(-mu / phi c_ijk)      Z_ij = sum over m of S_ijm ^ phi
    P(m)  = S_ijm ^ phi / Z_ij                            P(k | m) = exp(-mu / phi c_ijk) / S_ijm
    L_ij  = -ln(Z_ij) / mu                                (the log-sum, in minutes)

Since a cost is a sum of two vectors, exp(-mu / phi c_ijk) is a product of two, and no exponential is taken for a pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.core.errors import CorridorError, Problems
from corridor.core.jit import njit

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Scales:
    """Sensitivities of the choice, per generalised minute, each level at most as sensitive as the one below.

    Attributes
    ----------
    site_per_min
        mu, above 0.
    within_site
        phi, above 0 and at most 1.
    destination_per_min
        beta, above 0 and at most mu.

    Raises
    ------
    CorridorError
        Naming every value outside its range.
    """

    site_per_min: float
    within_site: float
    destination_per_min: float

    def __post_init__(self) -> None:
        with Problems(CorridorError) as found:
            for name, value, most in (
                ("choice_scale_per_min", self.site_per_min, np.inf),
                ("way_nest_coefficient", self.within_site, 1.0),
                ("destination_scale_per_min", self.destination_per_min, self.site_per_min),
            ):
                if not 0 < value <= most:
                    expected = f"above 0 and at most {most:g}" if np.isfinite(most) else "above 0"
                    found.add(
                        f"demand parameter {name}", f"{value:g}", expected, "correct the table of parameters"
                    )

    @property
    def log_sum_power(self) -> float:
        """beta / mu: exp(-beta L) is Z to this power."""
        return self.destination_per_min / self.site_per_min


class Costs(NamedTuple):
    """What ways to and from the gates cost in one direction, in generalised minutes; infinite where there is none.

    Attributes
    ----------
    to_gate_min
        Shape (gate, origin zone).
    from_gate_min
        Shape (gate, destination zone).
    site
        The site of each gate, numbered from 0.
    """

    to_gate_min: F64
    from_gate_min: F64
    site: I64


class Classes(NamedTuple):
    """A class of each origin and destination zone, numbered from 0, by which trips are added up."""

    origin: I64
    destination: I64


class Flows(NamedTuple):
    """Trips of one group in one direction, by pair, and by gate at either end."""

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

    @property
    def total(self) -> float:
        """All trips."""
        return float(self.trips.sum())


@dataclass(frozen=True)
class Choice:
    """The choice between gates for every pair of zones in one direction.

    Attributes
    ----------
    toward, onward
        (origin, gate) and (destination, gate): the two factors of exp(-mu / phi c).
    site
        Of each gate.
    z
        (origin, destination), the sum over sites; 0 where no gate leads.
    scales
        Sensitivities.
    """

    toward: F64
    onward: F64
    site: I64
    z: F64
    scales: Scales

    @classmethod
    def of(cls, costs: Costs, extra_min: F64, scales: Scales) -> Choice:
        """The choice, from what the ways and the gates cost.

        Parameters
        ----------
        costs
            Generalised minutes of one direction.
        extra_min
            Constant and queue, shape (gate,), in minutes; infinite closes a gate.
        scales
            mu, phi and beta.

        Returns
        -------
        Choice
            With the composite Z of every pair (see the module), 0 where no gate leads from one zone to the other.
        """
        steep = scales.site_per_min / scales.within_site
        toward = np.ascontiguousarray(np.exp(-steep * (costs.to_gate_min + extra_min[:, None])).T)
        onward = np.ascontiguousarray(np.exp(-steep * costs.from_gate_min).T)
        sites = int(costs.site.max(initial=-1)) + 1
        return cls(
            toward,
            onward,
            costs.site,
            _composite(toward, onward, costs.site, sites, scales.within_site),
            scales,
        )

    @property
    def deterrence(self) -> F64:
        """(origin, destination) exp(-beta L), 0 where no gate leads."""
        return np.asarray(self.z**self.scales.log_sum_power)

    def flows(self, trips: F64, classes: Classes | None = None) -> Flows:
        """Trips shared out over the gates by P(m) P(k | m).

        Parameters
        ----------
        trips
            Shape (origin, destination), trips a day. Those of a pair that no gate joins pass through none.
        classes
            By which the trips are also added up; without them all zones are of one class.

        Returns
        -------
        Flows
            In the unit of `trips`; the log-sum of each pair in generalised minutes.
        """
        origin, destination = classes or (np.zeros(n, dtype=np.int64) for n in trips.shape)
        by_origin, by_destination, by_class = _share_out(
            self.toward, self.onward, self.site, self.z, trips, origin, destination, self.scales.within_site
        )
        with np.errstate(divide="ignore"):
            logsum_min = -np.log(self.z) / self.scales.site_per_min
        return Flows(trips, logsum_min, by_origin.T, by_destination.T, by_class)


@njit(cache=True, nogil=True)
def _composite(toward, onward, site, sites, phi):  # type: ignore[no-untyped-def]
    """(origin, destination) sum over sites of S ^ phi."""
    origins, gates = toward.shape
    destinations = onward.shape[0]
    z = np.zeros((origins, destinations))
    of_site = np.empty(sites)
    for i in range(origins):
        for j in range(destinations):
            of_site[:] = 0.0
            for k in range(gates):
                of_site[site[k]] += toward[i, k] * onward[j, k]
            for m in range(sites):
                z[i, j] += of_site[m] ** phi
    return z


@njit(cache=True, nogil=True)
def _share_out(toward, onward, site, z, trips, origin, destination, phi):  # type: ignore[no-untyped-def]
    """Trips by gate and origin, by gate and destination, and by class of both ends and gate."""
    origins, gates = toward.shape
    destinations = onward.shape[0]
    by_origin = np.zeros((origins, gates))
    by_destination = np.zeros((destinations, gates))
    by_class = np.zeros((origin.max() + 1, destination.max() + 1, gates))
    within = np.empty(gates)
    of_site = np.empty(gates)
    for i in range(origins):
        for j in range(destinations):
            if trips[i, j] <= 0.0 or z[i, j] <= 0.0:
                continue
            of_site[:] = 0.0
            for k in range(gates):
                within[k] = toward[i, k] * onward[j, k]
                of_site[site[k]] += within[k]
            for k in range(gates):
                if within[k] > 0.0:
                    # P(m) P(k | m) = S ^ (phi - 1) within / Z. A site that cannot be reached has S = 0, whose negative
                    # power is infinite, so its gates are left out.
                    through = trips[i, j] * of_site[site[k]] ** (phi - 1.0) * within[k] / z[i, j]
                    by_origin[i, k] += through
                    by_destination[j, k] += through
                    by_class[origin[i], destination[j], k] += through
    return by_origin, by_destination, by_class
