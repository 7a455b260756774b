"""What each criterion measures: an id and a function. Everything else about it is in the comparison file.

A new criterion is one function here, one line of :data:`MEASURED`, and one entry in ``scenarios/comparison.yaml``. Every
headline figure of the ecology part (:class:`corridor.ecology.impact.difference.Headline`) is a criterion by its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.search.cells import Cells
from corridor.ecology.impact.difference import Headline
from corridor.schema.comparison import BUILDOUT, TODAY, ComparisonFile
from corridor.schema.measure import Measure, Opportunity
from corridor.schema.tables import CASES, Case
from corridor.study.measure import ACROSS_MIN, Measurable, Scored, cell_values
from corridor.study.travellers import ByState, Crossed

if TYPE_CHECKING:
    from corridor.study.run import Result

MORNING, LATE = HOURS = ("08:30", "23:00")
CUTOFF_MIN = 60
LEAST_SERVED_SHARE = 0.4
CIRCLES_MIN = (45, 60, 75, 90)


@dataclass(frozen=True)
class Basis:
    """What a criterion is measured on: a result, a land state, an end of what is uncertain, and who lives where.

    `least`: the cells of the residents who reach least in the reference. `people`: residents of each cell. `travellers`: who
    crosses where, against the reference; None where demand is not modelled.
    """

    study: Measurable
    result: Scored
    least: NDArray[np.bool_]
    case: Case
    state: str
    people: NDArray[np.float64]
    travellers: Crossed | None

    def mean(self, values: NDArray[np.float32], only: NDArray[np.bool_] | None = None) -> float:
        """Mean of a value of cells over residents, ``sum(p v) / sum(p)``.

        Parameters
        ----------
        values
            (cell,) values; NaN in a cell that counts makes the mean NaN.
        only
            (cell,) the cells that count; all of them where it is None.
        """
        chosen = slice(None) if only is None else only
        return float(np.average(values[chosen], weights=self.people[chosen]))


Measured = Callable[[Basis], float]


def _mean_of(measure: Measure, least_served: bool = False) -> Measured:
    """The mean of a measure over residents, of all or of those who reach least in the reference."""

    def mean(basis: Basis) -> float:
        values = cell_values(basis.study, basis.result, measure, basis.state)
        return basis.mean(values, basis.least if least_served else None)

    return mean


def _between_hubs(column: str, limits: float) -> Measured:
    """The mean between hubs on opposite sides in the morning; a pair without a way counts as some limits of a hub's minutes.

    `column` has a brace for the case: "minutes{}" is minutes, minutes_low and minutes_high.
    """

    def mean(basis: Basis) -> float:
        side = {place_id: place.region for place_id, place in basis.study.gazetteer.hubs}
        table = basis.result.hub_minutes
        opposite = table["from_place"].map(side) != table["to_place"].map(side)
        values = table.loc[(table["hour"] == MORNING) & opposite, column.format(_ENDS[basis.case])]
        limit = limits * basis.study.parameters.hub_limit_min
        return float(values.fillna(limit).clip(upper=limit).mean())

    return mean


_ENDS: Mapping[Case, str] = {"low": "_low", "central": "", "high": "_high"}


def _commuting_circle(minutes: float) -> Measured:
    """Share of residents, in per cent, within some minutes of the nearest centre of the other side (S13)."""

    def share(basis: Basis) -> float:
        study, cells = basis.study, basis.study.cells
        to_hubs = basis.result.cell_hub_minutes[MORNING]
        side = np.array([cells.sides.index(place.region) for _, place in study.gazetteer.hubs])
        within = np.zeros(cells.side.size, dtype=bool)
        for other in range(len(cells.sides)):
            chosen = to_hubs[study.gazetteer.centres & (side == other)]
            if len(chosen):
                nearest = np.nan_to_num(chosen, nan=np.inf).min(axis=0)
                within |= (cells.side != other) & (nearest <= minutes)
        return 100.0 * float(basis.people[within].sum() / basis.people.sum())

    return share


def _hospital_minutes(basis: Basis) -> float:
    """Mean minutes to the nearest public hospital, of residents of the sides whose hospitals are known; NaN without any.

    Who reaches none within the limit on a hub's minutes counts as that limit.
    """
    study, cells = basis.study, basis.study.cells
    known = [cells.sides.index(place.region) for place in study.gazetteer.hospitals]
    if not known:
        return float("nan")
    minutes = basis.result.hospital_minutes
    limited = np.where(np.isfinite(minutes), minutes, study.parameters.hub_limit_min)
    return basis.mean(limited.astype(np.float32), np.isin(cells.side, known))


def _of_travellers(figure: Callable[[Crossed, Case], float]) -> Measured:
    """A figure of the demand model; NaN where demand is not modelled."""
    return lambda basis: figure(basis.travellers, basis.case) if basis.travellers else float("nan")


def _new_crossings(travellers: Crossed, case: Case) -> float:
    """Trips a day through control points that were not counted; 0 where there is none."""
    few_to_many = travellers.new_crossings or (0.0, 0.0, 0.0)
    return few_to_many[CASES.index(case)]


def _headline(name: str) -> Measured:
    return lambda basis: float(getattr(basis.result.headlines[basis.case], name))


_COUNTED: tuple[Opportunity, ...] = ("jobs", "residents")
_MEANS = [
    measure
    for what in _COUNTED
    for measure in (
        Measure(MORNING, what, CUTOFF_MIN),
        *(Measure(MORNING, what, minutes, "other") for minutes in ACROSS_MIN),
        Measure(LATE, what, CUTOFF_MIN),
        Measure(MORNING, what),
        Measure(MORNING, what, side="other"),
    )
]
_LEAST_SERVED = [m for what in _COUNTED for m in (Measure(MORNING, what, CUTOFF_MIN), Measure(MORNING, what))]
OF_TRAVELLERS: Mapping[str, Measured] = {
    "traveller_hours_saved_day": _of_travellers(lambda t, _: t.saved_h),
    "crossings_new_points_day": _of_travellers(_new_crossings),
    "fullest_point_load": _of_travellers(lambda t, _: 100 * t.fullest),
    "crossings_same_third": _of_travellers(lambda t, _: 100 * t.same_third_share[0]),
}
"""Criteria of the demand model."""
MEASURED: Mapping[str, Measured] = {
    **{m.measure_id: _mean_of(m) for m in _MEANS},
    **{f"least_served_{m.measure_id}": _mean_of(m, least_served=True) for m in _LEAST_SERVED},
    "hub_minutes_0830": _between_hubs("minutes{}", 1.0),
    "hub_cost_0830": _between_hubs("cost{}_min", 2.0),
    **{f"commuting_circle_{minutes}_0830": _commuting_circle(minutes) for minutes in CIRCLES_MIN},
    "hospital_minutes_0830": _hospital_minutes,
    **OF_TRAVELLERS,
    **{field.name: _headline(field.name) for field in fields(Headline)},
}
"""The function of each criterion that can stand in a comparison file."""


def least_served(cells: Cells, reference: Scored) -> NDArray[np.bool_]:
    """Find the cells of the 40 % of residents who reach least jobs (residents where jobs are not given) in the reference.

    What is reached is discounted by cost. The cells are chosen once, in the reference, so that every scenario is judged on the same people.

    Parameters
    ----------
    cells
        Populated cells of the study.
    reference
        The result that changes are measured against.

    Returns
    -------
    numpy.ndarray
        (cell,) booleans. The cell in which the share passes 40 % is left out.
    """
    reach = reference.gravity[MORNING].of(cells.leading)
    order = np.argsort(reach, kind="stable")
    share = np.cumsum(cells.people()[order]) / cells.people().sum()
    chosen = np.zeros(len(reach), dtype=bool)
    chosen[order[share <= LEAST_SERVED_SHARE]] = True
    return chosen


def figures_of(
    study: Measurable, result: Result, least: NDArray[np.bool_], asked: ComparisonFile, case: Case, travellers: ByState
) -> pd.Series:  # fmt: skip
    """Compute every criterion of a result.

    Parameters
    ----------
    study, result
        The study, and a result of it.
    least
        Shape (cell,): the cells of the least served residents, see :func:`least_served`.
    asked
        The comparison file, with the criteria to compute.
    case
        "low" and "high" take that end of what is uncertain: where residents live whose homes are modelled (or spread
        evenly), clearance times (between hubs only), the widths of structures, and the constant of new control points.
    travellers
        By land state and scenario; empty where demand is not modelled.

    Returns
    -------
    pandas.Series
        By criterion id, in the criterion's unit; NaN where it was not assessed.
    """
    # low and high are numeric ends, whichever is better; the central case has one spread of residents
    pick = min if case == "low" else max
    bases = {
        state: [
            Basis(
                study, result, least, case, state, people, travellers.get(state, {}).get(result.scenario_id)
            )
            for people in _spreads(study.cells, state, case)
        ]
        for state in (TODAY, BUILDOUT)
    }
    measured = measured_as(asked).items()
    return pd.Series({i: pick(MEASURED[name](b) for b in bases[state]) for i, (state, name) in measured})


def measured_as(asked: ComparisonFile) -> dict[str, tuple[str, str]]:
    """By id of each criterion, in order: the land state that it is taken on, and its id on today's people."""
    today = {c.on_buildout().id: c.id for c in asked.criteria if c.buildout}
    return {c.id: (BUILDOUT, today[c.id]) if c.id in today else (TODAY, c.id) for c in asked.shown}


def _spreads(cells: Cells, state: str, case: Case) -> Iterator[NDArray[np.float64]]:
    yield cells.people(state)
    if state == TODAY and case != "central":
        yield cells.evenly_spread()
