"""What travellers save: minutes and dollars a day, by the log-sum and, as a check, by the rule of a half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridor.demand.model import Key
from corridor.demand.predict import Demand, elasticity_share

F64 = NDArray[np.float64]


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
    """Trips made in both that go through another gate."""

    @property
    def saved_hkd(self) -> float:
        """`logsum_min` at the segment's value of time."""
        return self.logsum_min / 60 * self.key[0].value_of_time_hkd_h


def benefits(demand: Demand, reference: Demand) -> tuple[Benefit, ...]:
    """For each segment and direction, what the network of `demand` saves against that of `reference`.

    With W as in :mod:`.predict`, T_0 trips in the reference and eta the part of the log-sum that totals follow, the
    integral of T over the composite cost -ln(W) / beta is T_0 ((W_1 / W_0)^eta - 1) / (eta beta), which nears
    T_0 ln(W_1 / W_0) / beta as eta nears 0. The rule of a half is sum of (T_0 + T_1) / 2 (L_0 - L_1) over pairs of zones
    that a way joins in both. Both demands must be of one land state.
    """
    return tuple(_benefit(demand, reference, key) for key in reference.flows)


def _benefit(demand: Demand, reference: Demand, key: Key) -> Benefit:
    before, after = reference.flows[key], demand.flows[key]
    beta = reference.base.model.assumptions.scales.destination_per_min
    eta = elasticity_share(reference.base, key)
    total = float(before.trips.sum())
    ratio = after.weight / before.weight if before.weight > 0 else 1.0
    growth = np.log(ratio) if eta < 1e-9 else (ratio**eta - 1) / eta
    joined = np.isfinite(before.logsum_min) & np.isfinite(after.logsum_min)
    saved = np.where(
        joined, np.where(joined, before.logsum_min, 0) - np.where(joined, after.logsum_min, 0), 0
    )
    half = (before.trips + after.trips) / 2 * saved
    segment, direction = key
    home_axis = 0 if direction == segment.home else 1
    return Benefit(
        key,
        float(total * growth / beta),
        float(half.sum()),
        half.sum(axis=1 - home_axis),
        float(after.trips.sum() - before.trips.sum()),
        _moved(demand, reference, key),
    )


def _moved(demand: Demand, reference: Demand, key: Key) -> float:
    """Trips of the reference that go elsewhere: half of what shares differ, times the lesser total."""
    shares = []
    gates = sorted({*demand.gates, *reference.gates})
    for one in (reference, demand):
        by_gate = one.flows[key].by_gate
        total = by_gate.sum()
        shares.append(
            np.array([sum(by_gate[k] for k, g in enumerate(one.gates) if g == gate) for gate in gates])
            / (total if total > 0 else 1.0)
        )
    least = min(float(one.flows[key].trips.sum()) for one in (demand, reference))
    return float(np.abs(shares[1] - shares[0]).sum() / 2 * least)
