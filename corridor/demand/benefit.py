"""What travellers save: minutes and dollars a day, by the log-sum and, as a check, by the rule of a half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridor.core.arrays import F64
from corridor.demand.model import Key
from corridor.demand.predict import Demand, elasticity_share


@dataclass(frozen=True)
class Benefit:
    """What one segment saves a day in one direction, against a reference on the same land."""

    key: Key
    logsum_min: float
    """Generalised minutes, by the integral under the demand curve of the segment's total."""
    half_min: float
    """The same by the rule of a half over pairs of zones."""
    home_min: F64
    """By zone of the home side; sums to `half_min`."""
    trips_new: float
    trips_moved: float
    """Net trips that go through another gate, at least: swaps between gates cancel out."""

    @property
    def saved_hkd(self) -> float:
        """`logsum_min` at the segment's value of time."""
        return self.logsum_min / 60 * self.key[0].value_of_time_hkd_h


def benefits(demand: Demand, reference: Demand) -> tuple[Benefit, ...]:
    """For each segment and direction, what the network of `demand` saves against that of `reference`.

    With T_i trips of a home zone in the reference, A_i its accessibility and eta the part of its change that trips follow,
    the integral of T over the composite cost -ln(A) / beta is T_i,0 ((A_i,1 / A_i,0)^eta - 1) / (eta beta), which nears
    T_i,0 ln(A_i,1 / A_i,0) / beta as eta nears 0. The rule of a half is the sum of (T_0 + T_1) / 2 (L_0 - L_1) over pairs
    of zones that a way joins in both. Both demands must be of one land state.
    """
    return tuple(_benefit(demand, reference, key) for key in reference.flows)


def _benefit(demand: Demand, reference: Demand, key: Key) -> Benefit:
    before, after = reference.flows[key], demand.flows[key]
    home_axis = 0 if key[1] == key[0].home else 1
    beta = reference.base.model.assumptions.scales.destination_per_min
    eta = elasticity_share(reference.base, key)
    least_before, least_after = before.logsum_min, after.logsum_min
    joined = np.isfinite(least_before) & np.isfinite(least_after)
    saved = np.subtract(least_before, least_after, out=np.zeros_like(least_before), where=joined)
    half = (before.trips + after.trips) / 2 * saved
    a0, a1 = reference.accessibility[key], demand.accessibility[key]
    both = (a0 > 0) & (a1 > 0)
    growth = np.log(np.divide(a1, a0, out=np.ones_like(a0), where=both))
    composite_min = (growth if eta < 1e-9 else np.expm1(eta * growth) / eta) / beta
    # what is elastic is a home zone, or a pair where trips between zones are given
    by_pair = before.trips if home_axis == 0 else before.trips.T
    made = by_pair if a0.ndim == 2 else by_pair.sum(axis=1)
    return Benefit(
        key,
        float((made * composite_min).sum()),
        float(half.sum()),
        half.sum(axis=1 - home_axis),
        after.total - before.total,
        _moved(demand, reference, key),
    )


def _moved(demand: Demand, reference: Demand, key: Key) -> float:
    """Trips of the reference that go elsewhere: half of what shares differ, times the lesser total."""
    shares = []
    gates = sorted({*demand.gates, *reference.gates})
    for one in (reference, demand):
        by_gate = one.flows[key].by_gate
        total = by_gate.sum()
        # By control point, not by gate: the two networks may number gates differently, or have others.
        shares.append(
            np.array([sum(by_gate[k] for k, g in enumerate(one.gates) if g == gate) for gate in gates])
            / (total if total > 0 else 1.0)
        )
    least = min(float(one.flows[key].trips.sum()) for one in (demand, reference))
    return float(np.abs(shares[1] - shares[0]).sum() / 2 * least)
