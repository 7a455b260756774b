"""The measures of a study, and their values in each cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from corridor.access.reach.gravity import Gravity
from corridor.access.reach.reach import Reach
from corridor.access.search.cells import Cells
from corridor.access.search.parameters import AccessParameters
from corridor.ecology.impact.difference import Headline
from corridor.schema.measure import Measure
from corridor.schema.rows import names
from corridor.study.access import F32, across
from corridor.study.places import Gazetteer

ACROSS_MIN = (60, 75, 90)
"""Cut-offs of the opportunities across the boundary; less hardly reaches there."""


class Measurable(Protocol):
    """What measures are taken on: a study, or its cells thinned out."""

    @property
    def cells(self) -> Cells:
        """Populated cells."""

    @property
    def parameters(self) -> AccessParameters:
        """Hours, cut-offs and limits."""

    @property
    def gazetteer(self) -> Gazetteer:
        """Places by name."""


@dataclass(frozen=True)
class Scored:
    """What criteria are read off: the result of a scenario, or of one draw of it."""

    reach: Mapping[str, Reach]
    """By hour: opportunities within each cut-off, for every cell."""
    cell_hub_minutes: Mapping[str, F32]
    """By hour: (hub, cell) minutes from each cell to each hub, NaN where not reached."""
    gravity: Mapping[str, Gravity]
    """By hour: opportunities discounted by generalised cost, for every cell."""
    hospital_minutes: F32
    """(cell,) minutes to the nearest public hospital in the morning, NaN where none is reached or known."""
    hub_minutes: pd.DataFrame
    """A row a pair and hour, both ways: :data:`corridor.study.access.HUB_COLUMNS`. Least expected time with low and high clearance, and the
    control point of that way; least generalised cost likewise, with the minutes and the fare of the cheapest way."""
    headlines: Mapping[str, Headline]
    """Headline figures of the ecology part with low, central and high widths."""


def measures_of(study: Measurable) -> tuple[Measure, ...]:
    """List what a comparison holds of every cell.

    Returns
    -------
    tuple of Measure
        Hour by hour: jobs and residents within each cut-off; jobs discounted by cost, of both sides and of the other side, at
        hours of cost; jobs of the other side within the longer cut-offs; minutes to each hub. Residents take the place of
        jobs where the study has none.
    """
    found: list[Measure] = []
    cutoffs = study.parameters.cutoffs_min
    hubs = names(study.gazetteer.table, "place_id")
    leading = study.cells.leading
    for hour in study.parameters.hours:
        found += (
            Measure(hour, what, cut) for what in dict.fromkeys((leading, "residents")) for cut in cutoffs
        )
        if hour in study.parameters.cost_hours:
            found += (Measure(hour, leading), Measure(hour, leading, side="other"))
        found += (Measure(hour, leading, cut, "other") for cut in cutoffs if cut >= min(ACROSS_MIN))
        found += (
            Measure(hour, hub=place_id, hub_name=hubs[place_id]) for place_id, _ in study.gazetteer.hubs
        )
    return tuple(found)


def cell_values(study: Measurable, result: Scored, measure: Measure, state: str = "census") -> F32:
    """Take a measure of every cell from a result.

    Parameters
    ----------
    study, result
        The study, for its cells and hubs, and a result of it.
    measure
        Which opportunities (jobs, residents) within which cut-off or by cost, of which side, or the minutes to which hub.
    state
        The land state whose opportunities are counted, such as "census" or "buildout-2035".

    Returns
    -------
    numpy.ndarray
        Shape (cell,), float32; NaN where a hub is not reached.
    """
    if measure.hub:
        row = [place_id for place_id, _ in study.gazetteer.hubs].index(measure.hub)
        return np.asarray(result.cell_hub_minutes[measure.hour][row])

    def of_side(side: str | None) -> F32:
        if measure.cutoff_min is None:
            return result.gravity[measure.hour].of(measure.opportunity, state, side)
        return result.reach[measure.hour].of(measure.cutoff_min, measure.opportunity, state, side)

    cells = study.cells
    return across(cells.side, cells.sides, of_side) if measure.side == "other" else of_side(None)
