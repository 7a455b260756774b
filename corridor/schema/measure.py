"""What a cell or a zone has a value of: opportunities within a time or by cost, or minutes to a hub, at an hour.

>>> Measure("08:30", "jobs", 60).measure_id
'jobs_60_0830'
>>> Measure("08:30", "jobs", side="other").title.en
'Jobs across the boundary by generalised cost, 08:30'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from corridor.core.csv_tables import table_rows
from corridor.schema.text import LANGS, Text

Opportunity = Literal["jobs", "residents"]
Side = Literal["both", "other"]
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
        """Read an id of opportunities back, such as jobs_60_0830.

        Returns
        -------
        Measure or None
            None where it is no such id. Minutes to a hub are not read back: their id does not hold the hub's name.
        """
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


@cache
def _words() -> dict[str, Text]:
    rows = table_rows(Path(__file__).with_name("measure.csv"))
    return {r["key"]: Text(en=r["en"], zh_hant=r["zh_hant"], zh_hans=r["zh_hans"]) for r in rows}


def _filled(key: str, **parts: Text) -> Text:
    en, hant, hans = (
        _words()[key].in_script(lang).format(**{n: p.in_script(lang) for n, p in parts.items()})
        for lang in LANGS
    )
    return Text(en=en, zh_hant=hant, zh_hans=hans)
