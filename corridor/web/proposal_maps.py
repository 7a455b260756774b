"""Maps of proposal.html: the phases in one scale, and what a scenario changes in each circle or third."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup

from corridor.core.crs import WORKING, project
from corridor.drawing.canvas import Drawing, Mark
from corridor.drawing.ground import Ground, ground_of
from corridor.drawing.group_map import GroupMaps, group_maps
from corridor.drawing.i18n import fill, sentences, t
from corridor.drawing.map_marks import change_strip, lines_of, value_strip
from corridor.drawing.phase_map import Phase, PhaseMaps
from corridor.schema.text import Text
from corridor.study.comparison import Comparison
from corridor.study.nodes import side_by_side
from corridor.web.compared import compared
from corridor.web.site import Site
from corridor.web.templates import drawn, drawn_marks, render

PHASES = "phases"
LEGEND = 340.0


@dataclass(frozen=True)
class MapRow:
    """Maps side by side under a title.

    Attributes
    ----------
    drawn
        HTML of the maps with their legend.
    shared
        What they refer to, which the page holds once, by its id.
    """

    title: Text
    drawn: Markup
    shared: Mapping[str, Markup] = field(default_factory=dict)


def grouping_ids(comparison: Comparison) -> list[str]:
    """Ids of the groupings that can be mapped."""
    return list(comparison.groups.outlines["grouping_id"].unique()) if comparison.groups else []


def proposal_maps(site: Site, wanted: Collection[str]) -> dict[str, list[MapRow]]:
    """The rows of maps that a proposal asks for.

    Parameters
    ----------
    site
        What is shown.
    wanted
        "phases", or ids of groupings.

    Returns
    -------
    dict
        By name; one for which nothing is known is not in it.
    """
    if not wanted:
        return {}
    comparison, layers = site.comparison, site.layers
    ground = ground_of(layers.base)
    found = {}
    if PHASES in wanted and comparison.phases.known:
        found[PHASES] = list(_of_phases(comparison, ground))
    ids = side_by_side(comparison)
    if comparison.groups and len(ids) > 1:
        outlines = comparison.groups.outlines
        metres = outlines.set_geometry(project(outlines.geometry.to_numpy()), crs=WORKING)
        every = group_maps(metres, comparison.groups.changes(ids[-1], ids[0]), ground)
        asked = [maps for maps in every if maps.grouping_id in wanted]
        found |= {maps.grouping_id: [_of_groups(comparison, maps, ids, maps is asked[-1])] for maps in asked}
    return found


def _of_phases(comparison: Comparison, ground: Ground) -> Iterator[MapRow]:
    """A row of values, and where there are several phases one of changes since the first."""
    maps = phase_maps(comparison, ground)
    first, measure = maps.phases[0], maps.scale.title
    shared = {name: drawn_marks(marks) for name, marks in maps.shared().items()}
    strip, end = value_strip(maps.scale, 4, 4, LEGEND)
    said = sentences([maps.told(False), t("phases_note")])
    yield MapRow(
        fill("phases_values", measure=measure),
        _row(
            [_phase(comparison, maps, phase, False) for phase in maps.phases],
            strip,
            end,
            maps.told(False),
            said,
        ),
        shared,
    )
    if maps.phases[1:]:
        strip, end = change_strip(maps.scale, 4, 4, LEGEND)
        said = sentences(
            [maps.told(True), fill("phases_undecided", lines=maps.undecided)]
            if maps.undecided.en
            else [maps.told(True)]
        )
        yield MapRow(
            fill("phases_changes", measure=measure, year=f"{first.year}"),
            _row(
                [_phase(comparison, maps, phase, True) for phase in maps.phases[1:]],
                strip,
                end,
                maps.told(True),
                said,
                "after",
            ),
        )


def phase_maps(comparison: Comparison, ground: Ground) -> PhaseMaps:
    """The phases of a comparison as they are drawn."""
    known = comparison.phases
    shapes = shapely.set_precision(project(comparison.zones.geometry.to_numpy()), 1.0)
    phases = [
        Phase(
            phase.year, phase.scenario.id, phase.scenario.title, phase.scenario.flag,
            lines_of(phase.lines.set_geometry(project(phase.lines.geometry.to_numpy()), crs=WORKING), ground.region),
            np.asarray(phase.jobs, dtype=float),
        )
        for phase in known.known
    ]  # fmt: skip
    return PhaseMaps(phases, known.reached, shapes, ground)


def _phase(comparison: Comparison, maps: PhaseMaps, phase: Phase, change: bool) -> dict[str, Any]:
    """A picture as the template reads it; one that was compared is a link to the map, which shows changes from its reference."""
    linked = phase.scenario_id in comparison.results
    return {
        "id": phase.scenario_id, "measure": maps.scale.base, "view": "value" if linked else "",
        "label": phase.named, "change": None, "drawn": drawn(maps.drawing(phase, change)),
    }  # fmt: skip


def _of_groups(comparison: Comparison, maps: GroupMaps, ids: Sequence[str], last: bool) -> MapRow:
    """A row of one grouping; what is said of all of them comes below the last."""
    named = compared(comparison).named
    pictures = [
        {"view": "", "label": one.title, "change": None, "drawn": drawn(maps.drawing(one))} for one in maps.shown
    ]  # fmt: skip
    shared = {name: drawn_marks(marks) for name, marks in maps.shared().items()}
    said = fill("group_map_note", scenario=named(ids[-1]), reference=named(ids[0]))
    return MapRow(maps.title, _row(pictures, [], 0, said, said if last else Text(en=""), "large"), shared)


def _row(
    pictures: Sequence[Mapping[str, Any]],
    strip: Sequence[Mark],
    end: float,
    told: Text,
    said: Text,
    kind: str = "",
) -> Markup:
    """Maps with the classes of their scale, and what is said of them."""
    legend = drawn(Drawing(t("legend"), told, LEGEND + 8, end, strip)) if strip else ""
    return render(
        "pictures.html.j2",
        pictures=pictures,
        legend=legend,
        said=said,
        left_out=0,
        kind=f"row {kind}".strip(),
    )
