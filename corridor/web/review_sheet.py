"""What every section of a review is made of: the review with the names that its tables print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from corridor.drawing.i18n import fill, not_given, t
from corridor.drawing.numbers import flagged
from corridor.drawing.places import place_of, places
from corridor.schema.catalog_entry import Role
from corridor.schema.rows import Names
from corridor.schema.text import Text
from corridor.study.conflict_report import EcologyView, LayerNote
from corridor.study.review import Review, Reviewed
from corridor.web.layers import PageLayers


@dataclass(frozen=True)
class Sheet:
    """A review with the names that its tables print."""

    review: Review
    view: EcologyView
    """The subject as ecology.html shows it."""
    notes: Mapping[str, LayerNote]
    """Of the layers that conflicts rest on, by role."""
    layers: PageLayers
    """Names of habitats, attributions, date and region; of its maps none."""
    animals: pd.DataFrame
    """taxon_id and names in three scripts."""
    cores: pd.DataFrame
    """core_id and names in three scripts."""

    @property
    def subject(self) -> Reviewed:
        """The scenario under review."""
        return self.review.subject

    @property
    def sides(self) -> tuple[Reviewed, ...]:
        """The subject and, where there is one, what it is set against."""
        return self.review.sides

    @property
    def title(self) -> Text:
        """The title of the page."""
        subject, *other = map(named, self.sides)
        if other:
            return fill("review_title_against", scenario=subject, other=other[0])
        return fill("review_title", scenario=subject)

    def line(self, line_id: object) -> Text:
        """The name of a line."""
        return Names(self.view.names)[line_id]

    @cached_property
    def places(self) -> dict[tuple[str, str], Text]:
        """Where the parts and sites of the subject are, by line and part or site."""
        return places(self.view.places)

    def place(self, row: Mapping[str, Any]) -> Text:
        """Where along its line the part or site of a row is."""
        return place_of(row, self.places)

    def nothing(self, role: Role) -> Text:
        """What is printed for a table without rows: that nothing was found, or that there was no layer to look in."""
        return (not_given([role]) if role in self.layers.not_given else None) or t("none_found")


def named(side: Reviewed) -> Text:
    """The title of a scenario, marked by its flag."""
    return flagged(side.scenario.title, side.scenario.flag)
