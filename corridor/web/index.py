"""index.html, the answer of a comparison on three screens, and access.html, nature.html and method.html, the evidence behind it."""

from __future__ import annotations

from pathlib import Path

from corridor.drawing.i18n import t
from corridor.schema.rows import text_of
from corridor.web import charts, nature, summary, tables, verdict
from corridor.web.picture import pictures
from corridor.web.site import ACCESS, DETAIL, METHOD, NATURE, Site

FIRST_ROWS = 14
"""Rows of the longest tables; more are folded away."""
MANY = 20
"""With more scenarios than these the longest tables keep their first rows; scores.json and results.gpkg have the whole."""
OF_NATURE = "nature"
"""The group of criteria that nature.html has; access.html has all others."""


def write_index(site: Site, path: Path) -> None:
    """Write index.html: the answer with its probabilities, the criteria that matter most, who gains, pictures.

    All else is on the pages that it links to (:func:`write_further`).

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
    known = tables.criterion_rows(comparison)
    gains = tables.gains(comparison)
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
        effects=summary.effects(comparison),
        lead=gains[0][0] if gains else None,
        pictures=pictures(comparison, layers.base),
        glance=charts.pareto_chart(comparison),
    )


def write_further(site: Site, folder: Path) -> None:
    """Write access.html, nature.html and method.html: every table behind index.html.

    Parameters
    ----------
    site
        What is shown.
    folder
        Where they go. An earlier page stays where a new one cannot be written.

    Raises
    ------
    LayerError
        Where a frame lacks what a page needs.
    AssetError
        Where a page would be over 2.5 MB.
    """
    write_access(site, folder / ACCESS)
    write_nature(site, folder / NATURE)
    write_method(site, folder / METHOD)


def write_access(site: Site, path: Path) -> None:
    """Write access.html: criteria of access and travellers, pairs, hubs, districts."""
    comparison, layers = site.comparison, site.layers
    groups = [text_of(g) for g in comparison.criteria["group"].unique() if text_of(g) != OF_NATURE]
    site.write_from(
        "access.html.j2",
        path,
        t("page_access"),
        basis=site.answer[0],
        told=site.told_on(ACCESS),
        shown=tables.measured(comparison),
        criteria=tables.criteria(comparison, groups),
        criteria_chart=charts.criteria_chart(comparison, groups),
        pairs=tables.pairs(comparison, groups),
        hours_chart=charts.hours_chart(comparison),
        hubs=tables.hubs(comparison, layers),
        first_rows=FIRST_ROWS,
        many=len(comparison.results) > MANY,
        gains=tables.gains(comparison),
        districts_chart=charts.districts_chart(comparison, layers),
    )


def write_nature(site: Site, path: Path) -> None:
    """Write nature.html: criteria of nature, pairs, green corridors, land take, disturbance, wildlife, streams, recreation."""
    comparison, layers = site.comparison, site.layers
    many = len(comparison.results) > MANY
    site.write_from(
        "nature.html.j2",
        path,
        t("page_nature"),
        basis=site.answer[0],
        told=site.told_on(NATURE),
        shown=tables.measured(comparison),
        criteria=tables.criteria(comparison, [OF_NATURE]),
        criteria_chart=charts.criteria_chart(comparison, [OF_NATURE]),
        pairs=tables.pairs(comparison, [OF_NATURE]),
        building=nature.building(comparison),
        corridors=nature.corridors(comparison, layers),
        spared=nature.spared(comparison, layers),
        takes=[
            ("habitat", nature.habitat_take(comparison, layers)),
            ("designation", nature.designation_take(comparison)),
        ],
        disturbance=[] if many else nature.disturbance(comparison, layers),
        wildlife=nature.wildlife(comparison),
        streams=nature.streams(comparison),
        recreation=nature.recreation_tables(comparison, layers),
    )


def write_method(site: Site, path: Path) -> None:
    """Write method.html: what was asked, dominance, ranking, weights, values, assumptions, sources."""
    comparison = site.comparison
    site.write_from(
        "method.html.j2",
        path,
        t("page_method"),
        basis=site.answer[0],
        told=site.told_on(METHOD),
        assumptions=tables.said_in(comparison, lambda result: result.assumptions),
        not_modelled=tables.said_in(comparison, lambda result: result.scenario.not_modelled),
        **verdict.views(comparison, site.layers.region),
    )
