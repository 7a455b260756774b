"""proposal.html: what a proposal asks, section by section, with what the comparison found and the map that shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from corridor.core.errors import Problems, ScenarioError, nearest
from corridor.schema.comparison import StackedId
from corridor.schema.line import Id, Model
from corridor.schema.text import Text
from corridor.schema.yaml_source import YamlSource, read_yaml, validated
from corridor.study.compare import Comparison
from corridor.web import tables
from corridor.web.answer import Point
from corridor.web.proposal_maps import PHASES, MapRow, grouping_ids, proposal_maps
from corridor.web.site import DETAIL, Site
from corridor.web.tables import Cell

SCHEMA = "proposal: title, about and sections, each with id, title, asked, source and found"
NO_FIGURE = Cell("–")


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
    problems = Problems(ScenarioError)
    found = validated(source, ProposalFile, source.data, SCHEMA, problems)
    if found is None:
        raise ScenarioError(problems)
    return Proposal(found, source)


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


@dataclass(frozen=True)
class Answered:
    """A section with what the comparison has for it.

    Attributes
    ----------
    told
        Points of the answer.
    compared, rows
        Scenarios that were compared, and a criterion with a cell for each.
    not_compared
        Scenarios that were not.
    maps
        Rows of maps.
    links
        Pages that were written.
    """

    section: Section
    told: list[Point]
    compared: list[str]
    rows: list[tables.CriterionRow]
    not_compared: list[str]
    maps: list[MapRow]
    links: list[Link]


def answered(proposal: Proposal, site: Site) -> list[Answered]:
    """Set each section of a proposal beside the figures of a comparison.

    Parameters
    ----------
    proposal
        What is asked.
    site
        What was compared, and the pages to link to.
    """
    comparison, pages = site.comparison, {file for file, _ in site.pages}
    maps = proposal_maps(site, {name for section in proposal.file.sections for name in section.maps})
    told, shown = {point.key: point for point in site.answer[1]}, tables.measured(comparison)
    return [
        Answered(
            section=section,
            told=[told[key] for key in section.points if key in told],
            compared=[i for i in section.scenarios if i in shown],
            rows=_rows(comparison, section.criteria, [i for i in section.scenarios if i in shown]),
            not_compared=_not_compared(comparison, section, shown),
            maps=[row for name in section.maps for row in maps.get(name, ())],
            links=[link for link in section.links if link.page.split("#")[0] in pages],
        )
        for section in proposal.file.sections
    ]


def _not_compared(comparison: Comparison, section: Section, shown: Collection[str]) -> list[str]:
    """Scenarios of its table and of its phases that are not there, each once."""
    phases = comparison.phases.not_compared if PHASES in section.maps else ()
    return list(dict.fromkeys([*(i for i in section.scenarios if i not in shown), *phases]))


def _rows(comparison: Comparison, criteria: Sequence[str], shown: Sequence[str]) -> list[tables.CriterionRow]:
    if not shown:
        return []
    known = {row["criterion_id"]: row for row in tables.criterion_rows(comparison)}
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
    shared = {name: marks for part in sections for row in part.maps for name, marks in row.shared.items()}
    site.write_from("proposal.html.j2", path, title, about=about, sections=sections, shared=shared)
