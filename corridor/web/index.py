"""index.html: what was asked, the answer, and every table of a comparison."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from corridor.drawing.basemap import prepare
from corridor.drawing.i18n import not_given, t
from corridor.study.compare import Comparison
from corridor.web import charts, nature, tables, verdict
from corridor.web.answer import answer
from corridor.web.compared import compared, label
from corridor.web.inline import write_page
from corridor.web.layers import PageLayers, check
from corridor.web.picture import pictures
from corridor.web.printed import printed_page

FIRST_ROWS = 14
MANY = 20
"""With more scenarios than these the longest tables keep their first rows; scores.json and results.gpkg have the whole."""


def write_index(comparison: Comparison, layers: PageLayers, path: Path, with_story: bool = False) -> None:
    """Write index.html: what was asked, the answer, and every table of a comparison.

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
    check(comparison, layers)
    basis, told = answer(comparison)
    base = prepare(layers.coastline, layers.districts, layers.region)
    known = compared(comparison)
    labelled = cache(partial(label, known))
    html = printed_page(
        "index.html.j2",
        t("index_title"),
        ("page.css", "index.css"),
        comparison=comparison,
        layers=layers,
        named=known,
        label=labelled,
        labels=lambda ids: list(map(labelled, ids)),
        with_story=with_story,
        lacking=not_given(layers.not_given),
        first_rows=FIRST_ROWS,
        many=len(comparison.results) > MANY,
        basis=basis,
        told=told,
        pictures=pictures(comparison, base),
        glance=charts.pareto_chart(comparison) + charts.hours_chart(comparison),
        criteria_chart=charts.criteria_chart(comparison),
        districts_chart=charts.districts_chart(comparison, layers),
        **tables.views(comparison, layers),
        **verdict.views(comparison, layers.region),
        **nature.views(comparison, layers),
    )
    write_page(html, path)
