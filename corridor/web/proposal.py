"""proposal.html: what a proposal asks, section by section, with what the comparison found and the map that shows it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import shapely
from markupsafe import Markup
from pydantic import Field

from corridor.core.errors import Problems, ScenarioError, nearest
from corridor.drawing.canvas import Drawing
from corridor.drawing.ground import Ground, ground_of
from corridor.drawing.group_map import GroupMaps, group_maps
from corridor.drawing.i18n import fill, sentences, t
from corridor.drawing.map_marks import Strip, change_strip, lines_of, value_strip
from corridor.drawing.phase_map import Phase, PhaseMaps
from corridor.schema.comparison import StackedId
from corridor.schema.line import Id, Model
from corridor.schema.text import Text
from corridor.schema.yaml_source import YamlSource, read_yaml
from corridor.study.compare import Comparison
from corridor.study.nodes import side_by_side
from corridor.web import tables
from corridor.web.compared import compared
from corridor.web.picture import metres
from corridor.web.site import DETAIL, Site
from corridor.web.templates import drawn, drawn_by_id, render

SCHEMA = "proposal: title, about and sections, each with id, title, asked, source and found"


class Link(Model):
    """A page of the comparison, with what follows ``#`` in its address, and what the reader finds there."""

    page: Annotated[str, Field(pattern=r"^[a-z]+\.html(#[\w=&+:.%-]*)?$", max_length=200)]
    text: Text


class Section(Model):
    """What one part of a proposal asks, and how the comparison answers it.

    Attributes
    ----------
    asked
        What the proposal says.
    source
        Ids of the facts that say so.
    found
        What was done about it, without figures: those come from the comparison.
    points
        Points of the answer that are printed with their figures (:data:`corridor.web.site.DETAIL`).
    criteria, scenarios
        Rows and columns of a table of figures; scenarios that were not compared are named with the command that does.
    maps
        Maps on the page: "phases" (those of the comparison file), or ids of groupings.
    missing
        What is not answered.
    links
        Pages and maps that show it; those that were not written are left out.
    """

    id: Id
    title: Text
    asked: Text
    source: Annotated[tuple[str, ...], Field(min_length=1)]
    found: Text
    points: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    scenarios: tuple[StackedId, ...] = ()
    maps: tuple[Id, ...] = ()
    missing: Text | None = None
    links: tuple[Link, ...] = ()


class ProposalFile(Model):
    """The file as written."""

    title: Text
    about: Text
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=40)]


@dataclass(frozen=True)
class Proposal:
    """A proposal and the file it came from, for messages that name a line."""

    file: ProposalFile
    source: YamlSource


def read_proposal(path: Path) -> Proposal:
    """Read a proposal file.

    Raises
    ------
    ScenarioError
        With every problem, its line and what to do. Names are checked against a comparison by :func:`check_proposal`.
    """
    source = read_yaml(path, ScenarioError)
    return Proposal(source.as_model(ProposalFile, SCHEMA), source)


def check_proposal(proposal: Proposal, comparison: Comparison, scenario_ids: Collection[str]) -> None:
    """Refuse a proposal that names points, criteria or scenarios that do not exist.

    Parameters
    ----------
    proposal
        The proposal.
    comparison
        For its criteria.
    scenario_ids
        Ids of the study's scenario files.

    Raises
    ------
    ScenarioError
        With every such name, its line and the nearest known one.
    """
    problems, criteria = Problems(ScenarioError), [str(c) for c in comparison.criteria.index]
    for number, section in enumerate(proposal.file.sections):
        named: list[tuple[str, str, Sequence[str]]] = [
            *(("points", name, list(DETAIL)) for name in section.points),
            *(("criteria", name, criteria) for name in section.criteria),
            *(("maps", name, [PHASES, *grouping_ids(comparison)]) for name in section.maps),
            *(("scenarios", part, sorted(scenario_ids)) for name in section.scenarios for part in name.split("+")),
        ]  # fmt: skip
        for key, name, known in named:
            if name not in known:
                where = proposal.source.where(("sections", number, key))
                problems.add(
                    where,
                    f"{name!r} is not known",
                    ", ".join(known),
                    nearest(name, known) or "use one of these",
                )
    problems.raise_all()


def answered(proposal: Proposal, site: Site) -> list[dict[str, Any]]:
    """Set each section of a proposal beside the figures of a comparison.

    Parameters
    ----------
    proposal
        What is asked.
    site
        What was compared, and the pages to link to.

    Returns
    -------
    list of dict
        section; told, the points of the answer; compared and rows, the scenarios that were compared, and a criterion with a cell
        for each; not_compared, those that were not; maps, rows of maps; links, to the pages that were written.
    """
    comparison, pages = site.comparison, {file for file, _ in site.pages}
    maps = proposal_maps(site, {name for section in proposal.file.sections for name in section.maps})
    told, shown = {point.key: point for point in site.answer[1]}, tables.measured(comparison)
    return [
        {
            "section": section,
            "told": [told[key] for key in section.points if key in told],
            "compared": [i for i in section.scenarios if i in shown],
            "rows": _rows(comparison, section.criteria, [i for i in section.scenarios if i in shown]),
            "not_compared": _not_compared(comparison, section, shown),
            "maps": [row for name in section.maps for row in maps.get(name, ())],
            "links": [link for link in section.links if link.page.split("#")[0] in pages],
        }
        for section in proposal.file.sections
    ]


def _not_compared(comparison: Comparison, section: Section, shown: Collection[str]) -> list[str]:
    """Scenarios of its table and of its phases that are not there, each once."""
    phases = comparison.phases.not_compared if PHASES in section.maps else ()
    return list(dict.fromkeys([*(i for i in section.scenarios if i not in shown), *phases]))


def _rows(comparison: Comparison, criteria: Sequence[str], shown: Sequence[str]) -> list[tables.CriterionRow]:
    if not shown:
        return []
    known = tables.criterion_rows(comparison)
    return [
        (known[c], [tables.criterion_cell(comparison, known[c], i, wins=False) for i in shown])
        for c in criteria
        if c in comparison.headline.columns
    ]


def write_proposal(site: Site, proposal: Proposal, path: Path) -> None:
    """Write proposal.html: a proposal section by section, what was found, and the maps that show it.

    Parameters
    ----------
    site
        What is shown.
    proposal
        The proposal, checked by :func:`check_proposal`.
    path
        The file. An earlier one stays where this one cannot be written.
    """
    title, about, sections = proposal.file.title, proposal.file.about, answered(proposal, site)
    shared = {name: marks for part in sections for row in part["maps"] for name, marks in row.shared.items()}
    site.write_from("proposal.html.j2", path, title, about=about, sections=sections, shared=shared)


# --- maps ---------------------------------------------------------------------------------------------


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
        changes = comparison.groups.changes(ids[-1], ids[0])
        every = group_maps(metres(comparison.groups.outlines), changes, ground)
        asked = [maps for maps in every if maps.grouping_id in wanted]
        found |= {maps.grouping_id: [_of_groups(comparison, maps, ids, maps is asked[-1])] for maps in asked}
    return found


def _of_phases(comparison: Comparison, ground: Ground) -> Iterator[MapRow]:
    """A row of values, and where there are several phases one of changes since the first."""
    maps = phase_maps(comparison, ground)
    first, measure, (now, since) = maps.phases[0], maps.scale.title, (maps.told(False), maps.told(True))
    pictures = [_phase(comparison, maps, phase, False) for phase in maps.phases]
    row = _row(pictures, value_strip(maps.scale, 4, 4, LEGEND), now, sentences([now, t("phases_note")]))
    yield MapRow(fill("phases_values", measure=measure), row, drawn_by_id(maps.shared()))
    if maps.phases[1:]:
        said = [since, *([fill("phases_undecided", lines=maps.undecided)] if maps.undecided.en else [])]
        pictures = [_phase(comparison, maps, phase, True) for phase in maps.phases[1:]]
        row = _row(pictures, change_strip(maps.scale, 4, 4, LEGEND), since, sentences(said), "after")
        yield MapRow(fill("phases_changes", measure=measure, year=f"{first.year}"), row)


def phase_maps(comparison: Comparison, ground: Ground) -> PhaseMaps:
    """The phases of a comparison as they are drawn."""
    known = comparison.phases
    shapes = shapely.set_precision(metres(comparison.zones).geometry.to_numpy(), 1.0)
    phases = [
        Phase(
            phase.year, phase.scenario.id, phase.scenario.title, phase.scenario.flag,
            lines_of(metres(phase.lines), ground.region),
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
    said = fill("group_map_note", scenario=named(ids[-1]), reference=named(ids[0]))
    row = _row(pictures, None, said, said if last else Text(en=""), "large")
    return MapRow(maps.title, row, drawn_by_id(maps.shared()))


def _row(
    pictures: Sequence[Mapping[str, Any]], strip: Strip | None, told: Text, said: Text, kind: str = ""
) -> Markup:
    """Maps with the classes of their scale, and what is said of them."""
    return render(
        "pictures.html.j2",
        pictures=pictures,
        legend=drawn(Drawing(t("legend"), told, LEGEND + 8, strip[1], strip[0])) if strip else "",
        said=said,
        left_out=0,
        kind=f"row {kind}".strip(),
    )
