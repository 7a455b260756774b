"""access.html, nature.html and method.html: the evidence behind the answer, a page for each kind of reader."""

from __future__ import annotations

from pathlib import Path

from corridor.drawing.i18n import t
from corridor.schema.rows import text_of
from corridor.study.compare import Comparison
from corridor.web import charts, nature, tables, verdict
from corridor.web.answer import Point, answer
from corridor.web.layers import PageLayers
from corridor.web.site import ACCESS, DETAIL, METHOD, NATURE, write_site_page

FIRST_ROWS = 14
MANY = 20
"""With more scenarios than these the longest tables keep their first rows; scores.json and results.gpkg have the whole."""
OF_NATURE = "nature"
"""The group of criteria that nature.html has; access.html has all others."""


def write_further(comparison: Comparison, layers: PageLayers, folder: Path, with_story: bool = False) -> None:
    """Write access.html, nature.html and method.html: every table behind index.html.

    Parameters
    ----------
    comparison, layers
        What is shown, and the layers under it with their attributions.
    folder
        Where they go. An earlier page stays where a new one cannot be written.
    with_story
        Whether story.html is written beside them, to link to.

    Raises
    ------
    LayerError
        Where a frame lacks what a page needs.
    AssetError
        Where a page would be over 2.5 MB.
    """
    write_access(comparison, layers, folder / ACCESS, with_story)
    write_nature(comparison, layers, folder / NATURE, with_story)
    write_method(comparison, layers, folder / METHOD, with_story)


def write_access(comparison: Comparison, layers: PageLayers, path: Path, with_story: bool = False) -> None:
    """Write access.html: criteria of access and travellers, pairs, hubs, districts.

    Parameters
    ----------
    comparison, layers, path, with_story
        As for :func:`corridor.web.index.write_index`.
    """
    groups = [text_of(g) for g in comparison.criteria["group"].unique() if text_of(g) != OF_NATURE]
    basis, told = answer(comparison)
    write_site_page(
        "access.html.j2",
        comparison,
        layers,
        path,
        t("page_access"),
        with_story,
        basis=basis,
        told=_on(path, told),
        shown=tables.measured(comparison),
        criteria=tables.criteria(comparison, groups),
        criteria_chart=charts.criteria_chart(comparison, groups),
        pairs=tables.pairs(comparison, groups),
        hours_chart=charts.hours_chart(comparison),
        hubs=tables.hubs(comparison, layers),
        first_rows=FIRST_ROWS,
        many=len(comparison.results) > MANY,
        gains=tables.gains(comparison, layers),
        districts_chart=charts.districts_chart(comparison, layers),
    )


def write_nature(comparison: Comparison, layers: PageLayers, path: Path, with_story: bool = False) -> None:
    """Write nature.html: criteria of nature, pairs, green corridors, land take, disturbance, wildlife.

    Parameters
    ----------
    comparison, layers, path, with_story
        As for :func:`corridor.web.index.write_index`.
    """
    basis, told = answer(comparison)
    many = len(comparison.results) > MANY
    write_site_page(
        "nature.html.j2",
        comparison,
        layers,
        path,
        t("page_nature"),
        with_story,
        basis=basis,
        told=_on(path, told),
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
    )


def write_method(comparison: Comparison, layers: PageLayers, path: Path, with_story: bool = False) -> None:
    """Write method.html: what was asked, dominance, ranking, weights, values, assumptions, sources.

    Parameters
    ----------
    comparison, layers, path, with_story
        As for :func:`corridor.web.index.write_index`.
    """
    basis, told = answer(comparison)
    write_site_page(
        "method.html.j2",
        comparison,
        layers,
        path,
        t("page_method"),
        with_story,
        basis=basis,
        told=_on(path, told),
        assumptions=tables.said_in(comparison, lambda result: result.assumptions),
        not_modelled=tables.said_in(comparison, lambda result: result.scenario.not_modelled),
        **verdict.views(comparison, layers.region),
    )


def _on(path: Path, told: list[Point]) -> list[Point]:
    """The points of the answer whose figures a page has."""
    return [point for point in told if DETAIL[point.key] == f"{path.stem}.html"]
