"""The pages of a comparison to read: what each is for, how they link one another, and what all of them show."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

from corridor.drawing.i18n import not_given, t
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web.compared import compared, label
from corridor.web.inline import write_page
from corridor.web.layers import PageLayers, check
from corridor.web.printed import printed_page

INDEX, ACCESS, NATURE, METHOD = "index.html", "access.html", "nature.html", "method.html"
READ = (INDEX, ACCESS, NATURE, METHOD)
"""The pages without a map, in the order of reading."""
DETAIL = {
    "lines": ACCESS, "travellers": ACCESS, "together": ACCESS, "lever": ACCESS, "tunnel": NATURE, "nature": NATURE,
    "first": METHOD,
}  # fmt: skip
"""The page that has the figures behind each point of the answer."""


def linked(comparison: Comparison, with_story: bool) -> list[tuple[str, Text]]:
    """The pages of a comparison with their names, in the order of their links.

    Parameters
    ----------
    comparison
        What is compared; without demand there is no page of travellers, without unit costs none of cost and value, without a
        table of control points for goods none of freight.
    with_story
        Whether there is a story.
    """
    beside = [("compare.html", "compare_title"), ("ecology.html", "eco_title")]
    if comparison.travellers:
        beside.append(("travellers.html", "group_travellers"))
    if comparison.appraisal:
        beside.append(("value.html", "page_value"))
    if comparison.freight:
        beside.append(("freight.html", "page_freight"))
    if with_story:
        beside.append(("story.html", "page_story"))
    read = [(INDEX, "page_index"), (ACCESS, "page_access"), (NATURE, "page_nature"), (METHOD, "page_method")]
    return [(file, t(key)) for file, key in read + beside]


def write_site_page(
    template: str, comparison: Comparison, layers: PageLayers, path: Path, title: Text, with_story: bool, **values: Any
) -> None:  # fmt: skip
    """Write one of the pages to read from its template.

    Parameters
    ----------
    template
        Name of a shipped template, after the page with ``.j2``.
    comparison, layers
        What is shown, and the layers under it with their attributions.
    path
        The file. An earlier one stays where this one cannot be written.
    title
        Heading of the page.
    with_story
        Whether story.html is written beside it, to link to.
    **values
        What the template reads besides.

    Raises
    ------
    LayerError
        Where a frame lacks what the page needs.
    AssetError
        Where the page would be over 2.5 MB.
    """
    check(comparison, layers)
    known = compared(comparison)
    labelled = cache(partial(label, known))
    html = printed_page(
        template,
        title,
        ("page.css", "index.css", "site.css"),
        here=template.removesuffix(".j2"),
        pages=linked(comparison, with_story),
        comparison=comparison,
        layers=layers,
        named=known,
        label=labelled,
        short=partial(label, known, short=True),
        labels=lambda ids: list(map(labelled, ids)),
        lacking=not_given(layers.not_given),
        **values,
    )
    write_page(html, path)
