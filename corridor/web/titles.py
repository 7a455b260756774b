"""Scenario titles as the pages print them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from corridor.drawing.numbers import marked
from corridor.schema.rows import text_of
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.templates import render


@dataclass(frozen=True)
class Titles:
    """The scenarios of a comparison as the tables name them."""

    comparison: Comparison

    def title(self, scenario_id: object) -> Text:
        """The title of a scenario, or its id where it is not in the comparison."""
        result = self.comparison.results.get(str(scenario_id))
        if result is None:
            return Text(en=text_of(scenario_id))
        return result.title

    def said(self, scenario_id: object) -> Text:
        """The title in a sentence, a counterfactual named so."""
        result = self.comparison.results.get(str(scenario_id))
        if result is None or not result.counterfactual:
            return self.title(scenario_id)
        return marked(result.title, "counterfactual_short")

    def label(self, scenario_id: str) -> Markup:
        """The title as HTML, marked as the reference or as counterfactual."""
        result = self.comparison.results.get(scenario_id)
        return render(
            "label.html.j2",
            title=self.title(scenario_id),
            reference=scenario_id == self.comparison.reference_id,
            counterfactual=result is not None and result.counterfactual,
        )

    def labels(self, scenario_ids: Iterable[str]) -> list[Markup]:
        """The titles of several scenarios as HTML."""
        return [self.label(i) for i in scenario_ids]

    @property
    def ids(self) -> list[str]:
        """All scenarios in order."""
        return list(self.comparison.results)

    @property
    def others(self) -> list[str]:
        """All but the reference."""
        return [i for i in self.ids if i != self.comparison.reference_id]
