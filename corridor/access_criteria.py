"""What a scenario does for access, as the figures that a comparison weighs: means over residents, and shares of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from corridor.access.cells import Cells
from corridor.result import Result
from corridor.study import Study

F64 = NDArray[np.float64]
LEAST_SERVED_SHARE = 0.4
MORNING, LATE = "08:30", "23:00"
CIRCLES_MIN = (45, 60, 75, 90)


def least_served(cells: Cells, reference: Result) -> NDArray[np.bool_]:
    """The cells of the 40 % of residents who reach least, by gravity, in the reference."""
    order = np.argsort(reference.gravity[MORNING].of("jobs"), kind="stable")
    share = np.cumsum(cells.people()[order]) / cells.people().sum()
    chosen = np.zeros(order.size, dtype=bool)
    chosen[order[share <= LEAST_SERVED_SHARE]] = True
    return chosen


def of_residents(
    study: Study, result: Result, least: NDArray[np.bool_], people: F64, state: str
) -> dict[str, float]:
    """Criteria that are means over residents or shares of them, by id; `people` lives where, in one land state."""
    cells, gravity = study.cells, result.gravity[MORNING]
    jobs = gravity.of("jobs", state)
    across = other_side(cells, lambda side: gravity.of("jobs", state, side))
    late = result.reach[LATE].of(60, "jobs", state)
    return {
        "jobs_gravity_0830": float(np.average(jobs, weights=people)),
        "other_side_jobs_gravity_0830": float(np.average(across, weights=people)),
        "least_served_jobs_gravity_0830": float(np.average(jobs[least], weights=people[least])),
        "jobs_60_2300": float(np.average(late, weights=people)),
        **{
            f"commuting_circle_{minutes}_0830": commuting_circle(study, result, people, minutes)
            for minutes in CIRCLES_MIN
        },
        "hospital_minutes_0830": hospital_minutes(study, result, people),
    }


def other_side(cells: Cells, of_side: Callable[[str], NDArray[np.float32]]) -> NDArray[np.float32]:
    """For each cell, what lies on the side that it does not."""
    values = np.stack([of_side(side) for side in cells.sides])
    return np.asarray(values[1 - cells.side, np.arange(cells.side.size)])


def commuting_circle(study: Study, result: Result, people: F64, minutes: float) -> float:
    """Share of residents, in per cent, within some minutes of the nearest centre of the other side (S13)."""
    cells = study.cells
    to_hubs = result.cell_hub_minutes[MORNING]
    side = np.array([cells.sides.index(place.region) for _, place in study.hubs])
    within = np.zeros(cells.side.size, dtype=bool)
    for other in range(len(cells.sides)):
        chosen = to_hubs[study.centres & (side == other)]
        if len(chosen):
            within |= (cells.side != other) & (np.nan_to_num(chosen, nan=np.inf).min(axis=0) <= minutes)
    return 100.0 * float(people[within].sum() / people.sum())


def hospital_minutes(study: Study, result: Result, people: F64) -> float:
    """Mean minutes of residents to the nearest public hospital, on the sides whose hospitals are known; NaN without any.

    Who reaches none within the limit on a hub's minutes counts as that limit.
    """
    cells, minutes = study.cells, result.hospital_minutes
    known = {cells.sides.index(place.region) for place in study.hospitals}
    home = np.isin(cells.side, list(known))
    if not known:
        return float("nan")
    limited = np.where(np.isfinite(minutes), minutes, study.parameters.hub_limit_min)
    return float(np.average(limited[home], weights=people[home]))


def hub_cost(study: Study, result: Result, column: str) -> float:
    """Mean generalised minutes between hubs on opposite sides in the morning (`cost_min`, `cost_low_min`, `cost_high_min`).

    A pair without a way counts as twice the limit on a hub's minutes.
    """
    side = {place_id: place.region for place_id, place in study.hubs}
    table = result.hub_minutes
    across = table[
        (table["hour"] == MORNING) & (table["from_place"].map(side) != table["to_place"].map(side))
    ]
    limit = 2.0 * study.parameters.hub_limit_min
    return float(across[column].fillna(limit).clip(upper=limit).mean())
