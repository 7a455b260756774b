"""What every section of a review is made of: the review with its names, and tables of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from corridor.drawing.i18n import fill, t, term
from corridor.drawing.numbers import marked
from corridor.drawing.places import places, told_by_place
from corridor.schema.catalog_entry import Role
from corridor.schema.region import Region, shipped_region
from corridor.schema.rows import Names, names, row_name, text_of
from corridor.schema.text import Text
from corridor.study.conflict_report import chainages_km
from corridor.study.review import Review, Reviewed
from corridor.web.html import table, tag, tri


@dataclass(frozen=True)
class Sheet:
    """A review with the names that its tables print."""

    review: Review
    habitats: pd.DataFrame
    """habitat_id and names in three scripts."""
    animals: pd.DataFrame
    """taxon_id and names in three scripts."""
    cores: pd.DataFrame
    """core_id and names in three scripts."""
    layers: Mapping[str, Text]
    """Titles of layers by role."""
    attributions: tuple[Text, ...]
    date: str
    region: Region = field(default_factory=shipped_region)
    not_given: tuple[Role, ...] = ()
    """Of designations, green corridors and wildlife sites, those that the study has no layer of."""

    @property
    def subject(self) -> Reviewed:
        """The scenario under review."""
        return self.review.subject

    @property
    def title(self) -> Text:
        """The title of the page."""
        subject, other = self.review.subject, self.review.against
        if other is None:
            return fill("review_title", scenario=named(subject))
        return fill("review_title_against", scenario=named(subject), other=named(other))

    def habitat(self, habitat_id: object) -> Text:
        """The name of a habitat class."""
        known = names(self.habitats, "habitat_id")
        return known[habitat_id] if text_of(habitat_id) in known.by_id else term("habitat", habitat_id)

    def line(self, line_id: object) -> Text:
        """The name of a line."""
        return Names({w.line_id: w.name for w in self.subject.works})[line_id]

    @cached_property
    def _places(self) -> dict[tuple[str, str], Text]:
        return places(chainages_km(self.subject.works))

    def place(self, row: Mapping[str, Any]) -> Text:
        """Where along its line the part or site of a row lies."""
        own = text_of(row.get("part_id")) or text_of(row.get("site_id"))
        return self._places.get((text_of(row["line_id"]), own)) or Text(en=own)

    def told(self, row: Mapping[str, Any]) -> Text:
        """The sentence of a row on corridors, with places for ids."""
        return told_by_place(row_name(row, "text"), text_of(row["line_id"]), self._places)


def named(side: Reviewed) -> Text:
    """The title of a scenario, a counterfactual named so."""
    scenario = side.scenario
    return marked(scenario.title, "counterfactual_short") if scenario.counterfactual else scenario.title


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading and what a row shows in it (HTML)."""

    heading: str
    show: Callable[[dict[str, Any]], str]
    words: bool = False


def frame_table(rows: Iterable[dict[str, Any]], columns: Iterable[Column], caption: str = "") -> str:
    """A table of rows of a frame; texts stand left, figures right."""
    columns = tuple(columns)
    head = [tag("th", tri(t(c.heading)), scope="col", class_="words" if c.words else None) for c in columns]
    body = [
        [
            tag("td", c.show(row), class_="words") if c.words and at else c.show(row)
            for at, c in enumerate(columns)
        ]
        for row in rows
    ]
    return table(head, body, caption=caption)
