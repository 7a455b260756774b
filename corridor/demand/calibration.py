"""Constants that make the demand model reproduce passenger counts, by iterative proportional scaling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from corridor.core.arrays import F64
from corridor.core.errors import CorridorError
from corridor.demand.logit import Choice, Margins
from corridor.demand.model import Calibrated, Counts, Key, Model, NetworkCosts, Settled
from corridor.demand.segments import DIRECTIONS, LandUse

ROUNDS = 200
COUNT_TOLERANCE = 1e-6
"""Of the passengers of a counted group, by which a gate may miss its count."""


def calibrate(
    model: Model, costs: NetworkCosts, land: LandUse, counts: Counts, queue_min: F64 | None = None,
    start: Settled | None = None,
) -> Calibrated:  # fmt: skip
    """Constants by iterative proportional scaling: each round adds ln(model / count) / mu to every gate, phi of it where gates share a site.

    Parameters
    ----------
    model, costs, land
        The network and land of the counted period.
    counts
        Passengers of a gate that no modelled way reaches are left out.
    queue_min
        (direction, gate), what the queues of the counted day add to the costs.
    start
        Where the same calibration ended before.

    Raises
    ------
    CorridorError
        Where the counts cannot be reproduced.
    """
    counts = counts.at(costs.reached_in_any_spell(model.sides))
    model = model.in_open_spells(costs, counts)
    scales = model.assumptions.scales
    # where several gates share a site, a longer step would overshoot
    shared = np.array([costs.site_ids.count(site) > 1 for site in costs.site_ids])
    step = np.where(shared, scales.within_site, 1.0) / scales.site_per_min
    queue = np.zeros((len(DIRECTIONS), len(costs.gates))) if queue_min is None else queue_min
    constant = {
        g: start.at[g].copy() if start else np.where(n > 0, 0.0, np.inf) for g, n in counts.by_group.items()
    }
    passengers = {(s, d): s.share * s.spell_share[d] * counts.total(s.counted_as, d) for s, d in model.keys}
    for n in range(start.rounds if start else 1, ROUNDS + 1):
        extra = {(s, d): constant[s.counted_as][d] + queue[d] for s, d in model.keys}

        def of(key: Key) -> tuple[Choice, Model]:
            choice = model.choice(costs, extra[key], key)  # noqa: B023 - used at once
            return choice, model.balanced(choice, land, key)

        def loads(key: Key) -> F64:
            choice, own = of(key)
            return own.loads(
                choice, land, key, lambda reached: own.made(key, reached, passengers[key], land, land)
            )

        def whole(key: Key) -> tuple[Model, F64, Margins]:
            choice, own = of(key)
            access = own.accessibility(choice, land, key)
            trips = own.made(key, access, passengers[key], land, land)
            return own, access, own.flows(choice, land, key, trips).margins

        # margins by zone are for the last round alone
        found = model.for_all(whole) if start else {}
        by_gate = {key: m.by_gate for key, (*_, m) in found.items()} or model.for_all(loads)
        if _adjust(constant, counts, by_gate, step) < COUNT_TOLERANCE:
            found = found or model.for_all(whole)
            flows = {key: margins for key, (*_, margins) in found.items()}
            outside = {key: weight for own, *_ in found.values() for key, weight in own.outside.items()}
            access = {key: a for key, (_, a, _) in found.items()}
            return Calibrated(
                replace(model, outside=outside), costs, land, counts, constant, queue, access, flows, n
            )
    what = f"constants do not reproduce the counts after {ROUNDS} rounds"
    raise CorridorError.at(
        "demand",
        what,
        "counts that the network can carry in every spell of the day",
        "check the counts, your own trips, the shares of spells, or choice_scale_per_min",
    )


def _adjust(constant: Mapping[str, F64], counts: Counts, loads: Mapping[Key, F64], step: F64) -> float:
    """Change constants in place; the largest share of a counted group by which a gate missed its count before."""
    worst = 0.0
    for group, counted in counts.by_group.items():
        for d, count in enumerate(counted):
            if not (whole := count.sum()) > 0:
                continue
            parts = [by_gate for (s, at), by_gate in loads.items() if s.counted_as == group and at == d]
            modelled, used = np.sum(parts, axis=0), count > 0
            worst = max(worst, float(np.abs(modelled - count).max() / whole))
            if worst >= COUNT_TOLERANCE:
                own = constant[group][d]
                # trips of a gate go with exp(-mu constant), or -mu / phi within a shared site, so this step scales them by
                # count / modelled; without the floor, a gate that nobody takes yet would stay unused
                own[used] += step[used] * np.log(np.maximum(modelled[used], 1e-12 * whole) / count[used])
                # totals are fixed, so only differences between gates matter: the mean is free, and set to 0
                own[used] -= np.average(own[used], weights=count[used])
    return worst
