"""index.html: the answer of a comparison on three screens."""

from __future__ import annotations

from pathlib import Path

from corridor.drawing.i18n import t
from corridor.web import charts, summary, tables
from corridor.web.picture import pictures
from corridor.web.site import DETAIL, Site

FIRST_ROWS = 14
"""Scenarios in a table of the first page; more are folded away."""


def write_index(site: Site, path: Path) -> None:
    """Write index.html: the answer with its probabilities, the criteria that matter most, who gains, pictures.

    All else is on the pages that it links to (:func:`corridor.web.further.write_further`).

    Parameters
    ----------
    site
        What is shown.
    path
        The file. An earlier one stays where this one cannot be written.

    Raises
    ------
    LayerError
        Where a frame lacks what the page needs.
    AssetError
        Where the page would be over 2.5 MB.
    """
    comparison, layers = site.comparison, site.layers
    basis, told = site.answer
    criteria = summary.leading(comparison)
    known = {row["criterion_id"]: row for row in tables.criterion_rows(comparison)}
    gains = tables.gains(comparison, layers)
    site.write_from(
        "index.html.j2",
        path,
        t("index_title"),
        first_rows=FIRST_ROWS,
        basis=basis,
        briefs=summary.briefs(comparison, told),
        sure=site.sure,
        detail=DETAIL,
        leading=[known[c] for c in criteria],
        scenario_rows=summary.scenario_rows(comparison, criteria),
        effects=summary.effects(comparison, layers),
        lead=gains[0][0] if gains else None,
        pictures=pictures(comparison, layers.base),
        glance=charts.pareto_chart(comparison),
    )
