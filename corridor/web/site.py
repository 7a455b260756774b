"""The pages of a comparison to read: what each is for, how they link one another, and what all of them show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

from corridor.drawing.i18n import not_given, t
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.answer import Point, answer
from corridor.web.compared import compared, label
from corridor.web.layers import PageLayers, check
from corridor.web.printed import write_printed

INDEX, ACCESS, NATURE, METHOD = "index.html", "access.html", "nature.html", "method.html"
COMPARE, ECOLOGY, TRAVELLERS = "compare.html", "ecology.html", "travellers.html"
VALUE, FREIGHT, CITIES = "value.html", "freight.html", "cities.html"
ENSEMBLE, NODES, STORY, PROPOSAL = "ensemble.html", "nodes.html", "story.html", "proposal.html"
PAGES = {
    INDEX: "page_index", ACCESS: "page_access", NATURE: "page_nature", METHOD: "page_method", COMPARE: "compare_title",
    ECOLOGY: "eco_title", TRAVELLERS: "group_travellers", VALUE: "page_value", FREIGHT: "page_freight",
    CITIES: "page_cities", ENSEMBLE: "page_ensemble", NODES: "page_nodes", STORY: "page_story", PROPOSAL: "page_proposal",
}  # fmt: skip
"""The key of the name of each page, in the order of their links."""
DETAIL = {
    "lines": ACCESS, "travellers": ACCESS, "together": ACCESS, "lever": ACCESS, "tunnel": NATURE, "nature": NATURE,
    "first": METHOD,
}  # fmt: skip
"""The page that has the figures behind each point of the answer."""


@dataclass(frozen=True)
class Site:
    """The pages of one comparison to read.

    Attributes
    ----------
    comparison, layers
        What is shown, and the layers under it with their attributions.
    beside
        Pages written only where the study has what they show: ensemble.html, nodes.html, story.html, proposal.html.
    """

    comparison: Comparison
    layers: PageLayers
    beside: Sequence[str] = ()
    sure: Sequence[Text] = ()
    """What draws of all assumptions say of the answer, where an ensemble was drawn."""

    @cached_property
    def answer(self) -> tuple[Text, list[Point]]:
        """What changes are measured against, and the points of the answer."""
        return answer(self.comparison)

    def told_on(self, file: str) -> list[Point]:
        """The points of the answer whose figures a page has."""
        return [point for point in self.answer[1] if DETAIL[point.key] == file]

    @property
    def pages(self) -> list[tuple[str, Text]]:
        """The pages of the comparison with their names, in the order of their links.

        Without demand there is none of travellers, without unit costs none of cost and value, without a table of control
        points for goods none of freight, without a table of cities none of them.
        """
        known = self.comparison
        given: dict[str, object] = {page: page in self.beside for page in (ENSEMBLE, NODES, STORY, PROPOSAL)}
        given |= {
            TRAVELLERS: known.travellers,
            VALUE: known.appraisal,
            FREIGHT: known.freight,
            CITIES: known.cities,
        }
        return [(page, t(key)) for page, key in PAGES.items() if given.get(page, True)]

    def write_from(self, template: str, path: Path, title: Text, **values: Any) -> None:
        """Write one of the pages from its template.

        Parameters
        ----------
        template
            Name of a shipped template, after the page with ``.j2``.
        path
            The file. An earlier one stays where this one cannot be written.
        title
            Heading of the page.
        **values
            What the template reads besides.

        Raises
        ------
        LayerError
            Where a frame lacks what the page needs.
        AssetError
            Where the page would be over 2.5 MB.
        """
        check(self.comparison, self.layers)
        known = compared(self.comparison)
        labelled = cache(partial(label, known))
        write_printed(
            template,
            path,
            title,
            ("page.css", "index.css", "site.css"),
            here=template.removesuffix(".j2"),
            pages=self.pages,
            comparison=self.comparison,
            layers=self.layers,
            named=known,
            label=labelled,
            short=partial(label, known, short=True),
            labels=lambda ids: list(map(labelled, ids)),
            lacking=not_given(self.layers.not_given),
            share=self.layers.share,
            **values,
        )
