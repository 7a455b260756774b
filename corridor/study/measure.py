"""What a cell or a zone has a value of: opportunities within a time or by cost, or minutes to a hub, at an hour.

>>> Measure("08:30", "jobs", 60).measure_id
'jobs_60_0830'
>>> Measure("08:30", "jobs", side="other").title.en
'Jobs across the boundary by generalised cost, 08:30'
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np

from corridor.schema.rows import names
from corridor.schema.text import LANGS, Text
from corridor.study.access import F32, across
from corridor.study.run import Result
from corridor.study.study import Study

Opportunity = Literal["jobs", "residents"]
Side = Literal["both", "other"]
ACROSS_MIN = (60, 75, 90)
"""Cut-offs of the opportunities across the boundary; less hardly reaches there."""
_ID = re.compile(r"(other_side_)?(jobs|residents)_(\d+|gravity)_(\d\d)(\d\d)")


@dataclass(frozen=True)
class Measure:
    """One thing that cells and zones are coloured by: what, when, in which unit.

    With a ``hub`` it is the minutes to that hub. Else it counts an ``opportunity`` within ``cutoff_min``; without a cut-off
    each is discounted by its generalised cost (:mod:`corridor.access.reach.gravity`). ``side``: opportunities of both sides
    of the boundary, or of the other side alone.
    """

    hour: str
    opportunity: Opportunity = "jobs"
    cutoff_min: int | None = None
    side: Side = "both"
    hub: str = ""
    hub_name: Text | None = None

    @classmethod
    def parse(cls, measure_id: str) -> Measure | None:
        """The measure of an id that was read from a file; None where it is no id of opportunities."""
        found = _ID.fullmatch(measure_id)
        if not found:
            return None
        other, opportunity, cutoff, hour, minute = found.groups()
        what: Opportunity = "jobs" if opportunity == "jobs" else "residents"
        cutoff_min = None if cutoff == "gravity" else int(cutoff)
        return cls(f"{hour}:{minute}", what, cutoff_min, "other" if other else "both")

    @property
    def measure_id(self) -> str:
        """Its column in tables and layers, such as jobs_60_0830."""
        return f"{self.base_id}_{self.hour.replace(':', '')}"

    @property
    def base_id(self) -> str:
        """The id without the hour, such as jobs_60: what measures share that are drawn on one scale."""
        if self.hub:
            return f"to_{self.hub}"
        return f"{self._counted}_{'gravity' if self.by_cost else self.cutoff_min}"

    @property
    def _counted(self) -> str:
        return f"other_side_{self.opportunity}" if self.side == "other" else self.opportunity

    @property
    def by_cost(self) -> bool:
        """Whether opportunities are discounted by generalised cost, with no cut-off."""
        return not self.hub and self.cutoff_min is None

    @property
    def higher_is_better(self) -> bool:
        """Whether more is better: of opportunities, not of minutes."""
        return not self.hub

    @property
    def name(self) -> Text:
        """What it is, without the hour."""
        if self.hub:
            return _filled("minutes_to", hub=self.hub_name or Text(en=self.hub))
        if self.by_cost:
            return _filled(f"{self._counted}_by_cost")
        return _filled(f"{self._counted}_within", minutes=Text(en=str(self.cutoff_min)))

    @property
    def title(self) -> Text:
        """What it is, and the hour."""
        return _filled("at_hour", name=self.name, hour=Text(en=self.hour))

    @property
    def unit(self) -> Text:
        """Its unit: jobs, residents, either discounted, or minutes."""
        if self.hub:
            return _filled("unit_minutes")
        return _filled(f"unit_{self.opportunity}{'_discounted' if self.by_cost else ''}")


def measures_of(study: Study) -> tuple[Measure, ...]:
    """What a comparison of a study holds of every cell, hour by hour."""
    found: list[Measure] = []
    cutoffs = study.parameters.cutoffs_min
    hubs = names(study.places, "place_id")
    for hour in study.parameters.hours:
        found += (Measure(hour, what, cut) for what in ("jobs", "residents") for cut in cutoffs)
        if hour in study.parameters.cost_hours:
            found += (Measure(hour), Measure(hour, side="other"))
        found += (Measure(hour, "jobs", cut, "other") for cut in cutoffs if cut >= min(ACROSS_MIN))
        found += (Measure(hour, hub=place_id, hub_name=hubs[place_id]) for place_id, _ in study.hubs)
    return tuple(found)


def cell_values(study: Study, result: Result, measure: Measure, state: str = "census") -> F32:
    """A measure of every cell, NaN where a hub is not reached; `state` is the land state that is counted."""
    if measure.hub:
        row = [place_id for place_id, _ in study.hubs].index(measure.hub)
        return np.asarray(result.cell_hub_minutes[measure.hour][row])

    def of_side(side: str | None) -> F32:
        if measure.cutoff_min is None:
            return result.gravity[measure.hour].of(measure.opportunity, state, side)
        return result.reach[measure.hour].of(measure.cutoff_min, measure.opportunity, state, side)

    cells = study.cells
    return across(cells.side, cells.sides, of_side) if measure.side == "other" else of_side(None)


@cache
def _words() -> dict[str, Text]:
    rows = csv.DictReader(files("corridor.study").joinpath("measure.csv").read_text("utf-8").splitlines())
    return {r["key"]: Text(en=r["en"], zh_hant=r["zh_hant"], zh_hans=r["zh_hans"]) for r in rows}


def _filled(key: str, **parts: Text) -> Text:
    en, hant, hans = (
        _words()[key].in_script(lang).format(**{n: p.in_script(lang) for n, p in parts.items()})
        for lang in LANGS
    )
    return Text(en=en, zh_hant=hant, zh_hans=hans)
