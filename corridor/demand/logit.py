"""Choice between control points by a nested logit, for every pair of zones at once.

From zone i to zone j by gate k a trip costs, in generalised minutes,

    c_ijk = to_gate_ik + from_gate_kj + extra_k,

where `extra` holds the constant of a gate and the queue. Gates at one site (a hall and the station of a line beside it, or
two stations of one line) are closer substitutes than others, so the choice is nested (Ortuzar and Willumsen 2011, section
7.4): with site scale mu and within-site parameter phi (0 < phi <= 1),

    S_ijm = sum over k in m of exp(-mu / phi c_ijk)      Z_ij = sum over m of S_ijm ^ phi
    P(m)  = S_ijm ^ phi / Z_ij                            P(k | m) = exp(-mu / phi c_ijk) / S_ijm
    L_ij  = -ln(Z_ij) / mu                                (the log-sum, in minutes)

Since a cost is a sum of two vectors, exp(-mu / phi c_ijk) is a product of two. At a site with one gate S_ijm ^ phi is such a
product too, exp(-mu c_ijk): a power is taken for each pair only at sites with several gates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from corridor.core.arrays import F64, I64
from corridor.core.errors import CorridorError, Problems
from corridor.core.jit import kernel_part, njit
from corridor.core.power import power, power_of


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


@dataclass(frozen=True)
class Margins:
    """Trips of one group in one direction by gate and one end, and all of them; pairs would take hundreds of times the room."""

    by_origin: F64
    """(gate, origin)"""
    by_destination: F64
    """(gate, destination)"""
    by_class: F64
    """(class of the origin, class of the destination, gate)"""
    total: float
    """All trips."""

    @property
    def by_gate(self) -> F64:
        """Trips through each gate."""
        return np.asarray(self.by_origin.sum(axis=1))


@dataclass(frozen=True)
class Flows(Margins):
    """Trips of one group in one direction, by pair too."""

    trips: F64
    """(origin, destination)"""
    z: F64
    """(origin, destination), the composite of the choice (see the module); 0 where no gate leads."""
    site_per_min: float
    """mu of the choice."""

    @property
    def logsum_min(self) -> F64:
        """(origin, destination) L in generalised minutes, infinite where no gate leads; worked out when asked for."""
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log(self.z) / self.site_per_min)

    @property
    def margins(self) -> Margins:
        """The same without pairs."""
        return Margins(self.by_origin, self.by_destination, self.by_class, self.total)


class Through(NamedTuple):
    """What home zones reach, and by which gates; the first axis is that of cases."""

    accessibility: F64
    """(case, home zone) the sum over away zones of ``O_j exp(-beta L_ij)``."""
    by_gate: F64
    """(case, gate, home zone) the part of it by each gate."""


class _Site(NamedTuple):
    """The gates of a site, or all gates alone at theirs, and the two factors of exp(-s c): s is mu / phi, or mu alone."""

    gates: I64
    toward: F64
    """(gate, origin)"""
    onward: F64
    """(gate, destination)"""

    @classmethod
    def of(cls, gates: I64, steep_per_min: float, to_gate_min: F64, from_gate_min: F64) -> _Site:
        return cls(
            gates, *(np.exp(-steep_per_min * minutes[gates]) for minutes in (to_gate_min, from_gate_min))
        )

    @property
    def within(self) -> F64:
        """(origin, destination) the sum over the gates: S, or that of S ^ phi of gates alone."""
        return np.asarray(_sum_of_products(self.toward, self.onward))


class _OfPairs(NamedTuple):
    """What every pair of zones has, shape (origin, destination)."""

    z: F64
    power: tuple[F64, ...]
    """S ^ (phi - 1) of each site of several gates, 0 where none leads."""


@dataclass(frozen=True)
class Choice:
    """The choice between gates for every pair of zones in one direction.

    Attributes
    ----------
    alone
        The gates that are alone at their sites.
    shared
        Each site of several gates.
    scales
        Sensitivities.
    """

    alone: _Site
    shared: tuple[_Site, ...]
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
        """
        minutes = costs.to_gate_min + extra_min[:, None], costs.from_gate_min
        gates_at = np.bincount(costs.site, minlength=1)
        # the power phi of a site and the scale mu / phi within it cancel out where there is one gate
        alone = _Site.of(np.flatnonzero(gates_at[costs.site] == 1), scales.site_per_min, *minutes)
        steep = scales.site_per_min / scales.within_site
        shared = (np.flatnonzero(costs.site == m) for m in np.flatnonzero(gates_at > 1))
        return cls(alone, tuple(_Site.of(gates, steep, *minutes) for gates in shared), scales)

    @cached_property
    def _of_pairs(self) -> _OfPairs:
        z, powers = self.alone.within, []
        for site in self.shared:
            within = site.within
            of_site = power(within, self.scales.within_site)
            z += of_site
            powers.append(_ratio(of_site, within))
        return _OfPairs(z, tuple(powers))

    @cached_property
    def deterrence(self) -> F64:
        """(origin, destination) exp(-beta L), 0 where no gate leads."""
        return power(self._of_pairs.z, self.scales.log_sum_power)

    def through(self, away: F64, home_at_origin: bool) -> Through:
        """What each home zone reaches, and by which gates: without a number for each pair, in less than half the time.

        Parameters
        ----------
        away
            O_j, shape (case, away zone): several cases at once.
        home_at_origin
            Whether trips begin at home, or end there.
        """
        sites = (self.alone, *self.shared)
        toward, onward = (np.concatenate([site[n] for site in sites]) for n in (1, 2))
        last = np.cumsum([site.gates.size for site in sites], dtype=np.int64)
        ways = (toward, onward) if home_at_origin else (onward, toward)
        accessibility, by_gate = _through(
            *ways, last, away, self.scales.within_site, self.scales.log_sum_power
        )
        in_order = np.argsort(np.concatenate([site.gates for site in sites]))
        return Through(accessibility, by_gate[:, in_order])

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
            In the unit of `trips`.
        """
        ends = classes or Classes(*(np.zeros(n, dtype=np.int64) for n in trips.shape))
        z, powers = self._of_pairs
        rate = _ratio(trips, z)
        # P(m) P(k | m) = S ^ (phi - 1) exp(-mu / phi c) / Z
        shared = ((site, rate * power) for site, power in zip(self.shared, powers, strict=True))
        # gates, and what times exp(-mu c), or exp(-mu / phi c) where they share a site, is the trips through each
        parts = [(self.alone, rate), *shared]
        gates = sum(site.gates.size for site, _ in parts)
        by_origin, by_destination = (np.zeros((gates, n)) for n in trips.shape)
        by_class = np.zeros((ends.origin.max() + 1, ends.destination.max() + 1, gates))
        for (k, toward, onward), through in parts:
            by_origin[k], by_destination[k], by_class[..., k] = _share_out(toward, onward, through, *ends)
        margins = by_origin, by_destination, by_class, float(trips.sum())
        return Flows(*margins, trips, z, self.scales.site_per_min)


@njit(cache=True, nogil=True)
def _ratio(a, b):  # type: ignore[no-untyped-def]
    """a / b, 0 where b is 0."""
    found = np.empty_like(b)
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            found[i, j] = a[i, j] / b[i, j] if b[i, j] > 0.0 else 0.0
    return found


@njit(cache=True, nogil=True)
def _sum_of_products(toward, onward):  # type: ignore[no-untyped-def]
    """(origin, destination) sum over gates; loops, since a library of matrices would start threads of its own here."""
    gates, origins = toward.shape
    found = np.zeros((origins, onward.shape[1]))
    for i in range(origins):
        for k in range(gates):
            _add(found[i], toward[k, i], onward[k])
    return found


@njit(cache=True, nogil=True)
def _share_out(toward, onward, through, origin, destination):  # type: ignore[no-untyped-def]
    """Trips by gate and origin, by gate and destination, and by class of both ends and gate.

    A trip count is a product of three, so each margin takes out the factor that its sum does not run over: two passes over a
    row for each gate, which the processor does several numbers at a time.
    """
    gates, origins = toward.shape
    destinations = onward.shape[1]
    by_destination = np.zeros_like(onward)
    by_class = np.zeros((origin.max() + 1, destination.max() + 1, gates))
    arriving = np.zeros((origin.max() + 1, gates, destinations))  # without the factor onward
    for i in range(origins):
        row = through[i]
        for k in range(gates):
            if toward[k, i] > 0.0:
                of_class = arriving[origin[i], k]
                for j in range(destinations):
                    of_class[j] += toward[k, i] * row[j]
    for a in range(arriving.shape[0]):
        for k in range(gates):
            for j in range(destinations):
                trips = arriving[a, k, j] * onward[k, j]
                by_destination[k, j] += trips
                by_class[a, destination[j], k] += trips
    return _by_origin(toward, onward, through), by_destination, by_class


@njit(cache=True, nogil=True, error_model="numpy")
def _through(home, other, last, away, within_site, log_sum_power):  # type: ignore[no-untyped-def]
    """:class:`Through`, home zone by home zone, whose rows stay in the fastest memory of the processor.

    The first ``last[0]`` gates are alone at their sites; those of shared site m end before ``last[m + 1]``.
    """
    cases, zones = away.shape
    accessibility = np.zeros((cases, home.shape[1]))
    by_gate = np.zeros((cases, *home.shape))
    z, drawn, rate = np.empty(zones), np.empty(zones), np.empty(zones)
    within, of_site = np.zeros((last.size, zones)), np.zeros((last.size, zones))
    for i in range(home.shape[1]):
        if not home[:, i].any():
            continue
        z[:] = 0.0
        for k in range(last[0]):
            _add(z, home[k, i], other[k])
        for m in range(1, last.size):
            within[m] = 0.0
            for k in range(last[m - 1], last[m]):
                _add(within[m], home[k, i], other[k])
            power_of(within[m], within_site, of_site[m])
            for j in range(zones):
                z[j] += of_site[m, j]
                of_site[m, j] = of_site[m, j] / within[m, j] if within[m, j] > 0.0 else 0.0
        power_of(z, log_sum_power, drawn)
        for c in range(cases):
            accessibility[c, i] = _dot(drawn, away[c])
            for j in range(zones):
                rate[j] = drawn[j] * away[c, j] / z[j] if z[j] > 0.0 else 0.0
            for k in range(last[0]):
                by_gate[c, k, i] = home[k, i] * _dot(other[k], rate)
            for m in range(1, last.size):
                for j in range(zones):
                    within[m, j] = rate[j] * of_site[m, j]
                for k in range(last[m - 1], last[m]):
                    by_gate[c, k, i] = home[k, i] * _dot(other[k], within[m])
    return accessibility, by_gate


@kernel_part
def _add(row, times, other):  # type: ignore[no-untyped-def]
    if times > 0.0:
        for j in range(row.size):
            row[j] += times * other[j]


@njit(cache=True, nogil=True)
def _by_origin(toward, onward, through):  # type: ignore[no-untyped-def]
    """(gate, origin) trips."""
    found = np.zeros_like(toward)
    for i in range(toward.shape[1]):
        for k in range(toward.shape[0]):
            if toward[k, i] > 0.0:
                found[k, i] = toward[k, i] * _dot(onward[k], through[i])
    return found


@njit(cache=True, nogil=True)
def _dot(a, b):  # type: ignore[no-untyped-def]
    """The sum of products as four sums side by side: one alone waits for each addition, and a compiler's own split differs by machine."""
    first = second = third = fourth = 0.0
    whole = a.size - a.size % 4
    for j in range(0, whole, 4):
        first += a[j] * b[j]
        second += a[j + 1] * b[j + 1]
        third += a[j + 2] * b[j + 2]
        fourth += a[j + 3] * b[j + 3]
    for j in range(whole, a.size):
        first += a[j] * b[j]
    return first + second + (third + fourth)
