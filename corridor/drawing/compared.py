"""Scenarios and their criteria as charts take them, from a comparison in memory or from its written folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite

from corridor.drawing.i18n import joined
from corridor.drawing.numbers import flagged
from corridor.schema.measure import Measure
from corridor.schema.text import Text

LEAD = "jobs_60"
"""The measure, without its hour, that pages and pictures show by default."""
LEAD_WITHOUT_JOBS = "residents_60"


def lead_of(measures: Iterable[Measure]) -> str:
    """The measure to show first of those that there are: jobs within an hour, or residents where jobs are not given."""
    bases = {m.base_id for m in measures}
    return LEAD_WITHOUT_JOBS if LEAD_WITHOUT_JOBS in bases and LEAD not in bases else LEAD


@dataclass(frozen=True)
class Scenario:
    """One scenario; the title is without the mark of its flag (:attr:`corridor.schema.resolved.Scenario.flag`)."""

    scenario_id: str
    title: Text
    flag: str = ""

    @property
    def counterfactual(self) -> bool:
        """Whether nobody proposes it."""
        return self.flag == "counterfactual"

    @property
    def named(self) -> Text:
        """The title, marked by its flag."""
        return flagged(self.title, self.flag)


@dataclass(frozen=True)
class Criterion:
    """One criterion and its value for each scenario.

    Attributes
    ----------
    unit
        Key of the unit, of value and range alike.
    group
        Key of the heading that it belongs under.
    scored
        Whether it has an anchor, so that a change has a value in points.
    value, low, high
        By scenario: central value and the ends of its range; NaN where it is not known.
    """

    criterion_id: str
    title: Text
    unit: str
    higher_is_better: bool
    group: str
    scored: bool
    value: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]

    def span(self, scenario_id: str) -> tuple[float, float, float] | None:
        """Least, central and greatest value of a scenario; None where no value is known."""
        middle = self.value.get(scenario_id, float("nan"))
        ends = [side.get(scenario_id, middle) for side in (self.low, self.high)]
        known = [v for v in (middle, *ends) if isfinite(v)]
        return (min(known), middle, max(known)) if isfinite(middle) else None


@dataclass(frozen=True)
class Compared:
    """Scenarios in order and the criteria on today's people.

    Attributes
    ----------
    scenarios
        By id, in the order in which they are drawn.
    reference_id
        The scenario that changes are measured against.
    criteria
        In the order in which they are drawn.
    """

    scenarios: Mapping[str, Scenario]
    reference_id: str
    criteria: tuple[Criterion, ...]

    def title(self, scenario_id: str) -> Text:
        """The title of a scenario, or its id where it was not compared."""
        known = self.scenarios.get(scenario_id)
        return known.title if known else Text(en=scenario_id)

    def named(self, scenario_id: str) -> Text:
        """The title of a scenario, marked by its flag."""
        known = self.scenarios.get(scenario_id)
        return known.named if known else Text(en=scenario_id)

    def listed(self, scenario_ids: Iterable[str]) -> Text:
        """The titles of several scenarios, each marked by its flag."""
        return joined([self.named(i) for i in scenario_ids])

    @property
    def ids(self) -> list[str]:
        """All scenarios in order."""
        return list(self.scenarios)

    @property
    def others(self) -> list[str]:
        """All but the reference."""
        return [i for i in self.scenarios if i != self.reference_id]

    @property
    def drawn_criteria(self) -> list[Criterion]:
        """Every scored criterion; where nothing is scored, all."""
        return [c for c in self.criteria if c.scored] or list(self.criteria)
