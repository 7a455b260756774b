"""index.html: the answer of a comparison on three screens."""

from __future__ import annotations

from pathlib import Path

from corridor.drawing.basemap import prepare
from corridor.drawing.i18n import t
from corridor.study.compare import Comparison
from corridor.web import charts, summary, tables
from corridor.web.answer import answer
from corridor.web.layers import PageLayers
from corridor.web.picture import pictures
from corridor.web.site import DETAIL, write_site_page

FIRST_ROWS = 14
"""Scenarios in a table of the first page; more are folded away."""


def write_index(comparison: Comparison, layers: PageLayers, path: Path, with_story: bool = False) -> None:
    """Write index.html: the answer with its probabilities, the criteria that matter most, who gains, pictures.

    All else is on the pages that it links to (:func:`corridor.web.further.write_further`).

    Parameters
    ----------
    comparison, layers
        What is shown, and the layers under it with their attributions.
    path
        The file. An earlier one stays where this one cannot be written.
    with_story
        Whether story.html is written beside it, to link to.

    Raises
    ------
    LayerError
        Where a frame lacks what the page needs.
    AssetError
        Where the page would be over 2.5 MB.
    """
    basis, told = answer(comparison)
    criteria = summary.leading(comparison)
    known = {row["criterion_id"]: row for row in tables.criterion_rows(comparison)}
    gains = tables.gains(comparison, layers)
    write_site_page(
        "index.html.j2",
        comparison,
        layers,
        path,
        t("index_title"),
        with_story,
        first_rows=FIRST_ROWS,
        basis=basis,
        briefs=summary.briefs(comparison, told),
        detail=DETAIL,
        leading=[known[c] for c in criteria],
        scenario_rows=summary.scenario_rows(comparison, criteria),
        effects=summary.effects(comparison, layers),
        lead=gains[0][0] if gains else None,
        pictures=pictures(comparison, prepare(layers.coastline, layers.districts, layers.region)),
        glance=charts.pareto_chart(comparison),
    )
