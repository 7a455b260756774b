"""Numbers and scenario titles as the pages print them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.html import tag, tri
from corridor.web.i18n import t, term
from corridor.web.layers import number_of, text_of

MODELLED = frozenset({"jobs", "residents"})
"""Units of what is modelled person by person: nobody knows them to the last one."""


def figure(value: object, unit: object = "") -> str:
    """A number as read: thousands parted, as many decimals as its size deserves; people and jobs to the hundred."""
    found = number_of(value)
    if found is None:
        return "–"
    if text_of(unit) in MODELLED:
        found = float(round(found, -2 if abs(found) >= 1000 else -1))
    if text_of(unit) == "min":
        found = round(found, 1)
    size = abs(found)
    digits = 0 if size >= 100 or found == 0 or abs(found - round(found)) < 1e-9 else 2
    if digits == 2 and (size >= 0.95 or text_of(unit) == "min"):
        digits = 1
    words = f"{size:,.{digits}f}"
    return ("−" if found < 0 and _counts(words) else "") + words


def signed(value: object, unit: object = "") -> str:
    """A change as read: with its sign, or 0."""
    found = number_of(value)
    if found is None:
        return "–"
    words = figure(found, unit)
    if not _counts(words):
        return "0" if found == 0 else "≈ 0"
    return "+" + words if found > 0 else words


def _counts(words: str) -> bool:
    return any(c in "123456789" for c in words)


def hectares(area_ha: float) -> str:
    """An area as read; what is there but tiny is not shown as zero."""
    return "0" if area_ha <= 0 else "< 0.01" if area_ha < 0.005 else f"{area_ha:,.2f}"


def unit_of(row: pd.Series[Any]) -> Text:
    """The unit of a criterion in three scripts."""
    return term("unit", row.get("unit"))


_ASIDE = re.compile(r"\s*[（(][^()（）]*(?:counterfactual|虛擬對照|虚拟对照)[^()（）]*[)）]\s*$")


def without_mark(title: Text) -> Text:
    """A title without its closing remark that it is counterfactual, which the pages print in their own words."""
    en, hant, hans = (_ASIDE.sub("", words) for words in (title.en, title.zh_hant, title.zh_hans))
    return Text(en=en, zh_hant=hant, zh_hans=hans)


def marked(title: Text, key: str) -> Text:
    """A title followed by a remark in brackets."""
    plain, mark = without_mark(title), t(key)
    return Text(
        en=f"{plain.en} ({mark.en})",
        zh_hant=f"{plain.zh_hant or plain.en}（{mark.zh_hant}）",
        zh_hans=f"{plain.zh_hans or plain.en}（{mark.zh_hans}）",
    )


@dataclass(frozen=True)
class Asked:
    """The scenarios of a comparison as the tables name them."""

    comparison: Comparison

    def title(self, scenario_id: object) -> Text:
        """The title of a scenario, or its id where it is not in the comparison."""
        result = self.comparison.results.get(str(scenario_id))
        if result is None:
            return Text(en=text_of(scenario_id))
        return without_mark(result.title) if result.counterfactual else result.title

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
