"""What each criterion measures: an id and a function. Everything else about it stands in the comparison file.

A new criterion is one function here, one line of :data:`MEASURED`, and one entry in ``scenarios/comparison.yaml``. Every
headline figure of the ecology part (:class:`corridor.ecology.Headline`) is a criterion by its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cells import Cells
from corridor.ecology import Headline
from corridor.ecology.parameters import Case
from corridor.result import Result
from corridor.schema.comparison import BUILDOUT, ComparisonFile
from corridor.study import Study

MORNING, LATE = HOURS = ("08:30", "23:00")
CUTOFF_MIN = 60
LEAST_SERVED_SHARE = 0.4


@dataclass(frozen=True)
class Basis:
    """What a criterion is measured on: a result, a land state, an end of what is uncertain, and who lives where.

    `least`: the cells of the residents who reach least in the reference. `people`: residents of each cell.
    """

    study: Study
    result: Result
    least: NDArray[np.bool_]
    case: Case
    state: str
    people: NDArray[np.float64]

    def mean(self, values: NDArray[np.float32], only: NDArray[np.bool_] | None = None) -> float:
        """The mean of values of cells over residents, of some cells or of all."""
        if only is None:
            return float(np.average(values, weights=self.people))
        return float(np.average(values[only], weights=self.people[only]))

    @cached_property
    def jobs(self) -> NDArray[np.float32]:
        """Jobs within the cut-off in the morning."""
        return self.result.reach[MORNING].of(CUTOFF_MIN, "jobs", self.state)


def _all_jobs(basis: Basis) -> float:
    return basis.mean(basis.jobs)


def _jobs_of_least_served(basis: Basis) -> float:
    return basis.mean(basis.jobs, basis.least)


def _jobs_across(basis: Basis) -> float:
    return basis.mean(other_side_jobs(basis.study.cells, basis.result, CUTOFF_MIN, MORNING, basis.state))


def _late_jobs(basis: Basis) -> float:
    return basis.mean(basis.result.reach[LATE].of(CUTOFF_MIN, "jobs", basis.state))


def _hub_minutes(basis: Basis) -> float:
    """Mean minutes between hubs on opposite sides in the morning; a pair without a way within the limit counts as the limit."""
    column = {"central": "minutes", "low": "minutes_low", "high": "minutes_high"}[basis.case]
    side = {place_id: place.region for place_id, place in basis.study.hubs}
    table = basis.result.hub_minutes
    across = table[
        (table["hour"] == MORNING) & (table["from_place"].map(side) != table["to_place"].map(side))
    ]
    limit = basis.study.parameters.hub_limit_min
    return float(across[column].fillna(limit).clip(upper=limit).mean())


def _headline(name: str) -> Measured:
    return lambda basis: float(getattr(basis.result.headlines[basis.case], name))


Measured = Callable[[Basis], float]
MEASURED: Mapping[str, Measured] = {
    "jobs_60_0830": _all_jobs,
    "other_side_jobs_60_0830": _jobs_across,
    "least_served_jobs_60_0830": _jobs_of_least_served,
    "hub_minutes_0830": _hub_minutes,
    "jobs_60_2300": _late_jobs,
    **{field.name: _headline(field.name) for field in fields(Headline)},
}
"""The function of each criterion that can stand in a comparison file."""


def other_side_jobs(
    cells: Cells, result: Result, cutoff_min: int, hour: str, state: str = "census"
) -> NDArray[np.float32]:
    """Jobs across the boundary within a cut-off, for every cell."""
    south, north = (result.reach[hour].of(cutoff_min, "jobs", state, side) for side in cells.sides)
    return np.where(cells.side == 0, north, south).astype(np.float32)


def least_served(cells: Cells, reference: Result) -> NDArray[np.bool_]:
    """The cells of the 40 % of residents who reach least jobs within an hour in the reference."""
    reach = reference.reach[MORNING].of(CUTOFF_MIN, "jobs")
    order = np.argsort(reach, kind="stable")
    share = np.cumsum(cells.people()[order]) / cells.people().sum()
    chosen = np.zeros(len(reach), dtype=bool)
    chosen[order[share <= LEAST_SERVED_SHARE]] = True
    return chosen


def figures_of(
    study: Study, result: Result, least: NDArray[np.bool_], asked: ComparisonFile, case: Case
) -> pd.Series:
    """Every criterion's figure; `case` takes the low or high end of what is uncertain.

    Uncertain are where residents live whose homes are modelled (or spread evenly), clearance (times between hubs only) and
    the widths of structures.
    """
    pick = min if case == "low" else max
    found: dict[str, float] = {}
    on: dict[str, list[Basis]] = {}
    for criterion in asked.shown:
        buildout = criterion.id.endswith(BUILDOUT) and criterion.id not in MEASURED
        state = "buildout-2035" if buildout else "census"
        if state not in on:
            on[state] = [
                Basis(study, result, least, case, state, people)
                for people in _spreads(study.cells, state, case)
            ]
        function = MEASURED[criterion.id.removesuffix(BUILDOUT) if buildout else criterion.id]
        found[criterion.id] = pick(function(basis) for basis in on[state])
    return pd.Series(found)


def _spreads(cells: Cells, state: str, case: Case) -> Iterator[NDArray[np.float64]]:
    yield cells.people(state)
    if state == "census" and case != "central":
        yield cells.evenly_spread()


__all__ = ["MEASURED", "Basis", "Measured", "figures_of", "least_served", "other_side_jobs"]
