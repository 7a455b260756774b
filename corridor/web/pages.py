"""compare.html and story.html: the map of a comparison, with a switch or as a sequence of views."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from corridor.drawing.compared import LEAD, LEAD_WITHOUT_JOBS, lead_of
from corridor.drawing.i18n import t
from corridor.drawing.legend import scales
from corridor.schema.measure import Measure
from corridor.study.compare import Comparison
from corridor.web import model, story
from corridor.web.inline import MAX_BYTES, write_page
from corridor.web.layers import PageLayers, check
from corridor.web.pack import pack
from corridor.web.story import Story
from corridor.web.switch import StorySwitch, Switch, beside_map, map_page
from corridor.web.templates import render

LEVELS = (60_000, 12_000, 2_500)
"""Steps to which values are rounded; the next is taken where a page would not fit its budget."""
FAR_OVER = 1.6
"""A page so many times over its budget goes to the coarsest steps at once."""
FIXED_BYTES = 600_000
"""What a page holds besides values, about; a guess from which the measures that fit are counted."""
FIRST_KEPT = (
    LEAD, "jobs_gravity", "other_side_jobs_gravity", "other_side_jobs_60", LEAD_WITHOUT_JOBS, "residents_gravity",
    "other_side_residents_gravity", "other_side_residents_60", "to_hubs",
)  # fmt: skip
"""Which measures stay where not all fit; the others follow in their order."""


def write_compare(comparison: Comparison, layers: PageLayers, path: Path) -> None:
    """Write compare.html: all scenarios on one map, with a switch, a legend and a table.

    Values are rounded as finely as the byte budget allows, and the page says to what; with very many scenarios it holds
    fewer measures, says so, and says what to do. An earlier file stays where this one cannot be written.

    Raises
    ------
    LayerError, AssetError
        As :func:`corridor.web.index.write_index`.
    """
    check(comparison, layers)
    write_page(_fitting(comparison, layers), path)


def _fitting(comparison: Comparison, layers: PageLayers) -> str:
    """The map with every measure rounded as little as fits; failing that, with fewer measures, which it says."""
    shapes = model.shapes_of(comparison, layers)
    html = _compare_html(comparison, layers, shapes, LEVELS[0])
    for levels in LEVELS[1:] if _size(html) < FAR_OVER * MAX_BYTES else LEVELS[-1:]:
        if _size(html) <= MAX_BYTES:
            return html
        html = _compare_html(comparison, layers, shapes, levels)
    bases = _by_weight(comparison)
    count = len(bases)
    while _size(html) > MAX_BYTES and count > 1:
        share = max(MAX_BYTES - FIXED_BYTES, 0) / max(_size(html) - FIXED_BYTES, 1)
        count = max(1, min(count - 1, int(count * share)))
        some = _with_measures(comparison, bases[:count])
        html = _compare_html(some, layers, shapes, LEVELS[-1], (count, len(bases)))
    return html


def _size(html: str) -> int:
    return len(html.encode())


def _by_weight(comparison: Comparison) -> list[str]:
    """Measures without their hour, those first that must not go."""

    def place(measure: Measure) -> int:
        kept = "to_hubs" if measure.hub else measure.base_id
        return FIRST_KEPT.index(kept) if kept in FIRST_KEPT else len(FIRST_KEPT)

    return list(dict.fromkeys(m.base_id for m in sorted(comparison.measures, key=place)))


def _with_measures(comparison: Comparison, bases: list[str]) -> Comparison:
    rows = [i for i, m in enumerate(comparison.measures) if m.base_id in bases]
    return replace(
        comparison,
        measures=tuple(comparison.measures[i] for i in rows),
        zone_values={s: np.asarray(v)[rows] for s, v in comparison.zone_values.items()},
    )


def _compare_html(
    comparison: Comparison,
    layers: PageLayers,
    shapes: model.Shapes,
    levels: int,
    kept: tuple[int, int] | None = None,
    told: Story | None = None,
) -> str:
    """The page; `kept` says how many measures of how many it holds, where not all; `told` makes it a presentation."""
    rounded = scales(comparison.measures, comparison.zone_values, comparison.reference_id, levels)
    described, sections = model.build(comparison, layers, rounded, shapes)
    if told:
        described["story"] = story.for_page(told, comparison, layers)
    return map_page(
        told.file.title.en if told else t("compare_title").en,
        layers.base.bounds,
        StorySwitch() if told else Switch(),
        render("over_compare.html.j2", attributions=layers.attributions),
        beside_map(
            "compare.html.j2", layers.region, pack(described, sections), kept=kept, with_story=bool(told)
        ),
    )


def write_story(comparison: Comparison, layers: PageLayers, told: Story, path: Path) -> None:
    """Write story.html: the views of a story one after another, on the map of the comparison.

    It holds the scenarios and measures that the story shows, and the reference. An earlier file stays where this one cannot
    be written.

    Raises
    ------
    ScenarioError
        With every name in the story that the comparison lacks, by line.
    LayerError, AssetError
        As :func:`corridor.web.index.write_index`.
    """
    check(comparison, layers)
    story.check_story(told, comparison, layers)
    shown = {*told.scenario_ids, comparison.reference_id}
    bases = list(dict.fromkeys([*(view.measure for view in told.file.views), lead_of(comparison.measures)]))
    some = replace(
        comparison,
        results={i: r for i, r in comparison.results.items() if i in shown},
        zone_values={i: v for i, v in comparison.zone_values.items() if i in shown},
    )
    some = _with_measures(some, bases)
    shapes = model.shapes_of(some, layers)
    for levels in LEVELS:
        html = _compare_html(some, layers, shapes, levels, told=told)
        if _size(html) <= MAX_BYTES:
            break
    write_page(html, path)
