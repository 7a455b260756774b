"""Scenario titles and section headings as HTML."""

from __future__ import annotations

from dataclasses import dataclass

from corridor.drawing.i18n import t
from corridor.drawing.numbers import marked
from corridor.schema.rows import text_of
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.html import tag, tri


@dataclass(frozen=True)
class Asked:
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

    def label(self, scenario_id: str) -> str:
        """The title as HTML, with what must stand beside it."""
        mark = ""
        if scenario_id == self.comparison.reference_id:
            mark = " " + tag("span", tri(t("reference")), class_="ref")
        if self.comparison.results[scenario_id].counterfactual:
            mark += " " + tag("span", tri(t("counterfactual")), class_="flag")
        return tri(self.title(scenario_id)) + mark

    @property
    def ids(self) -> list[str]:
        """All scenarios in order."""
        return list(self.comparison.results)

    @property
    def others(self) -> list[str]:
        """All but the reference."""
        return [i for i in self.ids if i != self.comparison.reference_id]


def section(key: str, *content: str) -> str:
    """A section of index.html under its heading."""
    return tag("section", tag("h2", tri(t(key))), *content, id=key.replace("_", "-"))
