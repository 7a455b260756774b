"""The phases of a proposal as maps in one scale: the value of each, and its change since the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.drawing.canvas import Drawing, Mark
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import fill, joined, term
from corridor.drawing.legend import Scale, scales
from corridor.drawing.map_marks import Line, View, around, view
from corridor.drawing.numbers import flagged
from corridor.drawing.small_map import HEIGHT, MARGIN_M, WIDTH, line_words, shared, small_map
from corridor.schema.line import UNDECIDED
from corridor.schema.measure import Measure
from corridor.schema.text import Text

LEVELS = 60_000
REACHED = Measure("08:30", "jobs", 60)
"""What is drawn of every phase."""


@dataclass(frozen=True)
class Phase:
    """A phase as it is drawn.

    Attributes
    ----------
    year
        By which its lines run.
    scenario_id, title, flag
        The scenario, its title without the mark of its flag, and the flag.
    values
        (zone,) in the unit of the measure; NaN where not known.
    """

    year: int
    scenario_id: str
    title: Text
    flag: str
    lines: Sequence[Line]
    values: NDArray[np.float64]

    @property
    def named(self) -> Text:
        """Title, marked by the flag, with the year where the title does not say it."""
        found = flagged(self.title, self.flag)
        said = str(self.year) in self.title.en
        return found if said else fill("phase_title", year=f"{self.year}", scenario=found)


@dataclass(frozen=True)
class PhaseMaps:
    """Maps of some phases over one ground.

    Attributes
    ----------
    phases
        The earliest first; at least one.
    measure
        What their values are.
    zones
        (zone,) shapes, EPSG:4547.
    """

    phases: Sequence[Phase]
    measure: Measure
    zones: NDArray[Any]
    ground: Ground

    @cached_property
    def scale(self) -> Scale:
        """The one scale of all phases."""
        values = {phase.scenario_id: phase.values[np.newaxis] for phase in self.phases}
        return scales((self.measure,), values, self.phases[0].scenario_id, LEVELS)[0]

    @cached_property
    def _in_all(self) -> frozenset[str]:
        return frozenset(found.line_id for found in self.phases[0].lines)

    @cached_property
    def seen(self) -> View:
        """All lines that the phases add, with a margin; all zones where they add none."""
        lines = [found for phase in self.phases for found in phase.lines]
        added = [found.shape for found in lines if found.added and found.line_id not in self._in_all]
        return view(around(added or list(self.zones), MARGIN_M), 0, 0, WIDTH, HEIGHT)

    def shared(self) -> dict[str, list[Mark]]:
        """What all maps refer to."""
        return shared(self.seen, self.ground, self.phases[0].lines)

    def drawing(self, phase: Phase, change: bool) -> Drawing:
        """The map of one phase; lines that nobody has decided to build have their status beside them.

        Parameters
        ----------
        phase
            One of the phases.
        change
            Its change since the first, instead of its value.
        """
        shown = phase.values - self.phases[0].values if change else phase.values
        classes = (self.scale.change_classes if change else self.scale.value_classes)(shown)
        at = np.isfinite(shown)
        undecided = [found for found in phase.lines if found.added and found.status in UNDECIDED]
        marks = [
            *small_map(self.seen, self.zones[at], np.array(classes)[at].tolist(), phase.lines, self._in_all),
            *line_words(self.seen, [(found, term("status", found.status)) for found in undecided]),
        ]
        return Drawing(fill("picture_title", scenario=phase.named), self.told(change), WIDTH, HEIGHT, marks)

    def told(self, change: bool) -> Text:
        """What the maps of a row show."""
        return fill(
            "picture_change" if change else "picture_value", measure=self.scale.title, hour=self.measure.hour,
            unit=self.scale.unit, reference=self.phases[0].title,
        )  # fmt: skip

    @property
    def undecided(self) -> Text:
        """Names of the lines that are concepts or under study, of all phases."""
        names = {f.line_id: f.name for p in self.phases for f in p.lines if f.added and f.status in UNDECIDED}
        return joined(list(names.values()))
