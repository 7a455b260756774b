"""A comparison, a review or a demand report written to a folder: pages, tables, data, provenance; whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corridor.core.output import CHOOSE_FILE, CHOOSE_FOLDER, whole_folder, writing
from corridor.core.progress import Progress, silent
from corridor.drawing.i18n import NotGiven
from corridor.formats.demand import write_demand_data
from corridor.formats.export import write_data, write_review_data, write_tables
from corridor.network.fares import CostParameters
from corridor.schema.catalog_entry import Role
from corridor.schema.comparison import TODAY
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.study.conflict_report import layer_notes, views_of_comparison, views_of_review
from corridor.study.demand_report import DemandReport
from corridor.study.groups import group_table
from corridor.study.nodes import Nodes, nodes_compared
from corridor.study.review import Review
from corridor.study.study import Study
from corridor.web.cities import write_cities
from corridor.web.ecology import write_ecology
from corridor.web.freight import write_freight
from corridor.web.index import write_further, write_index
from corridor.web.layers import PageLayers, basemap, build_out_share, cost_words
from corridor.web.nodes import write_nodes
from corridor.web.pages import write_compare, write_story
from corridor.web.proposal import Proposal, check_proposal, read_proposal, write_proposal
from corridor.web.review import write_review_page
from corridor.web.review_sheet import Sheet
from corridor.web.site import CITIES, ENSEMBLE, FREIGHT, INDEX, NODES, PROPOSAL, STORY, VALUE, Site
from corridor.web.story import Story, read_story
from corridor.web.travellers import write_demand_page, write_travellers
from corridor.web.value import write_value

if TYPE_CHECKING:
    import pandas as pd

    from corridor.study.ensemble.ensemble import Ensemble

DRAWN: tuple[Role, ...] = (
    "coastline", "districts", "designations", "green_corridors", "wildlife_sites", "stations", "lines", "checkpoints",
    "alignments", "cells",
)  # fmt: skip
UNDERLYING: tuple[Role, ...] = (
    "habitat", "terrain", "interchanges", "headways", "daily_crossings", "development_areas", "proposals", "walk_graph",
    "tariffs", "fare_matrix", "line_fares", "facilities", "entrances", "streams",
)  # fmt: skip
"""What the tables rest on besides, printed with the tables."""
DRAWN_WITH_CONFLICTS: tuple[Role, ...] = (
    "coastline", "districts", "designations", "green_corridors", "wildlife_sites", "stations", "alignments", "proposals",
    "habitat",
)  # fmt: skip
"""What the page of conflicts draws."""
REVIEWED: tuple[Role, ...] = (
    "habitat", "designations", "green_corridors", "wildlife_sites", "streams", "alignments", "proposals", "land_use", "taxa",
    "taxon_resistance", "threats", "sensitivity", "compensation", "significance", "profile_parameters",
    "seasonal_rules",
)  # fmt: skip
"""What a review rests on."""
IF_ANY: tuple[Role, ...] = ("designations", "green_corridors", "wildlife_sites")
"""Layers that a study may lack; pages say so."""


def write_comparison(
    study: Study,
    comparison: Comparison,
    out: Path,
    progress: Progress = silent,
    csv: bool = False,
    ensemble: Ensemble | None = None,
) -> None:
    """Write a comparison to a folder: pages, tables, GIS data, provenance.

    Parameters
    ----------
    study, comparison
        The study that was compared, for its layers and attributions, and its results.
    out
        The folder. It gets index.html, access.html, nature.html, method.html, compare.html, ecology.html, results.gpkg
        (EPSG:4326), results.csv, cells.parquet, scores.json, run.json and rasters/ (EPSG:4547), story.html where the study has a story whose
        scenarios were all compared, proposal.html where it has a proposal, nodes.html where it has nodes, travellers.html where
        demand is modelled, value.html with economy/ where the study has unit costs, recreation/ where it has entrances of green
        corridors, freight.html where it has control points for goods, and cities.html where it has cities. What was there before is
        replaced when all is written; a failed run leaves it as it was.
    progress
        Called with each step.
    csv
        Also write the table of cells as cells.csv, for spreadsheets.
    ensemble
        Draws of the study: the folder gets ensemble.html, with its tables and the picture of its fan in ensemble/.

    Raises
    ------
    AssetError
        Where a page would be over 2.5 MB.
    LayerError
        Where a layer lacks what a page draws.
    CorridorError
        Where the folder cannot be written.

    Examples
    --------
    >>> study = Study.bundled()
    >>> write_comparison(study, compare(study), Path("maps/comparison"))  # doctest: +SKIP
    """
    layers = _page_layers(study, DRAWN)
    told, proposal = _story(study, comparison), _proposal(study, comparison)
    nodes, views = nodes_compared(study, comparison), views_of_comparison(study, comparison)
    optional = {ENSEMBLE: ensemble, NODES: nodes, STORY: told, PROPOSAL: proposal}
    site = Site(comparison, layers, [page for page, there in optional.items() if there], _sure(ensemble))
    with whole_folder(out) as folder:
        progress("pages", 0, 2)
        write_index(site, folder / INDEX)
        write_further(site, folder)
        if ensemble:
            (folder / "ensemble").mkdir()
            _write_ensemble(study, ensemble, folder / "ensemble", folder, site)
        if nodes:
            _write_nodes(nodes, comparison, folder / NODES)
        if proposal:
            write_proposal(site, proposal, folder / PROPOSAL)
        if told:
            write_story(comparison, layers, told, folder / STORY)
        write_compare(comparison, layers, folder / "compare.html")
        conflicts = _page_layers(study, DRAWN_WITH_CONFLICTS)
        write_ecology(
            views, layer_notes(study), conflicts, folder / "ecology.html", first=comparison.opens_on
        )
        if comparison.travellers:
            write_travellers(comparison, layers, folder / "travellers.html")
        if comparison.appraisal:
            write_value(site, folder / VALUE)
        if comparison.freight:
            write_freight(site, comparison.freight, folder / FREIGHT)
        if comparison.cities:
            write_cities(site, comparison.cities, folder / CITIES)
        progress("data", 1, 2)
        write_data(study, comparison, views, folder, csv)


def _sure(ensemble: Ensemble | None) -> Sequence[Text]:
    """What draws say of the answer."""
    if ensemble is None:
        return ()
    from corridor.study.ensemble.sentences import answer  # loads figures, which no other page needs

    return answer(ensemble)


def _write_ensemble(
    study: Study, ensemble: Ensemble, tables: Path, folder: Path, site: Site | None = None
) -> None:
    """The tables of an ensemble and a picture of its fan in one folder, and ensemble.html in another."""
    from corridor.formats.ensemble import write_ensemble
    from corridor.web.ensemble import draw_fan, write_ensemble_page

    write_ensemble(ensemble, tables)
    layers, pages = (site.layers, site.pages) if site else (_page_layers(study, DRAWN), ())
    write_ensemble_page(ensemble, layers, folder / ENSEMBLE, pages)
    draw_fan(ensemble, study.catalog, tables)


def _write_nodes(nodes: Nodes, comparison: Comparison, path: Path) -> None:
    """The page of nodes with the travellers that the comparison has worked out, where demand is modelled."""
    travellers = comparison.travellers.get(TODAY, {})
    shown = {i: travellers[i] for i in nodes.scenario_ids if i in travellers}
    trips = nodes.trips({i: one.node_trips for i, one in shown.items()}) if shown else None
    table = comparison.groups.table if comparison.groups else group_table(nodes.study, nodes.scenario_ids)
    write_nodes(nodes, table, trips, path, in_comparison=True)


def _story(study: Study, comparison: Comparison) -> Story | None:
    if not study.story_path.is_file():
        return None
    told = read_story(study.story_path)
    return told if set(told.scenario_ids) <= set(comparison.results) else None


def _proposal(study: Study, comparison: Comparison) -> Proposal | None:
    if not study.proposal_path.is_file():
        return None
    proposal = read_proposal(study.proposal_path)
    check_proposal(proposal, comparison, study.library.ids())
    return proposal


def write_story_page(study: Study, comparison: Comparison, told: Story, path: Path) -> None:
    """Write story.html alone.

    Parameters
    ----------
    study, comparison
        The study, for its layers, and the comparison whose map is shown.
    told
        The story.
    path
        The file. An earlier one stays where this one cannot be written.
    """
    with writing(path, CHOOSE_FILE):
        write_story(comparison, _page_layers(study, DRAWN), told, path)


def _page_layers(study: Study, drawn: tuple[Role, ...]) -> PageLayers:
    """The layers under a map, with the words that must be printed for those drawn."""
    return PageLayers(
        coastline=study.coastline,
        districts=study.districts,
        **{role: study.catalog.vector_if_any(role) for role in IF_ANY},
        attributions=study.catalog.attributions(drawn),
        places=study.places,
        habitats=study.catalog.table_if_any("habitat_classes"),
        date=max(entry.date for entry in study.catalog.entries),
        sources=study.catalog.attributions(UNDERLYING),
        region=study.region,
        not_given=_not_given(study),
        cost=cost_words(CostParameters.load(study.catalog)),
        share=build_out_share(study),
        known_base=basemap(study),
    )


def _not_given(study: Study) -> tuple[NotGiven, ...]:
    layers: tuple[Role, ...] = ("habitat", *IF_ANY)
    lacking = tuple(role for role in layers if not study.catalog.having(role))
    return lacking if study.cells.jobs_given else ("jobs", *lacking)


def write_review(study: Study, reviewed: Review, out: Path, progress: Progress = silent) -> None:
    """Write a review to a folder: a report, the map of conflicts, tables, GIS data, provenance.

    Parameters
    ----------
    study, reviewed
        The study, for its layers and attributions, and what :func:`corridor.review` found.
    out
        The folder. It gets review.html, ecology.html, conflicts.csv, a CSV for each table, review.gpkg (EPSG:4326),
        rasters/ (EPSG:4547) and run.json; whole or not at all.
    progress
        Called with each step.
    """
    views, notes = views_of_review(study, reviewed), layer_notes(study)
    newest = max(entry.date for role in REVIEWED for entry in study.catalog.having(role))
    sheet = Sheet(
        review=reviewed,
        view=views[0],
        notes=notes,
        layers=replace(_page_layers(study, REVIEWED), date=newest),
        animals=study.catalog.table_if_any("taxa"),
        cores=study.nature.cores,
    )
    with whole_folder(out) as folder:
        progress("page", 0, 2)
        write_review_page(sheet, folder / "review.html")
        beside = ("review.html", "eco_open_review")
        write_ecology(
            views, notes, _page_layers(study, DRAWN_WITH_CONFLICTS), folder / "ecology.html", beside
        )
        progress("data", 1, 2)
        write_review_data(study, reviewed, views, folder)


def write_node_folder(nodes: Nodes, groups: pd.DataFrame, trips: pd.DataFrame | None, out: Path) -> None:
    """Write the nodes of a study to a folder: a page, tables, provenance by scenario ids in them.

    Parameters
    ----------
    nodes, groups, trips
        As of :func:`corridor.web.nodes.write_nodes`.
    out
        The folder. It gets nodes.html, nodes.csv, node_times.csv, node_land_use.csv, groups.csv, node_trips.csv where trips are given, and
        nodes.json with all of them; whole or not at all.
    """
    tables = {
        "nodes": nodes.table,
        "node_times": nodes.times,
        "node_land_use": nodes.land_use,
        "groups": groups,
    }
    if trips is not None:
        tables["node_trips"] = trips
    with whole_folder(out) as folder:
        write_nodes(nodes, groups, trips, folder / "nodes.html")
        write_tables(tables, folder, "nodes.json")


def write_ensemble_folder(study: Study, found: Ensemble, out: Path) -> Path:
    """Write ensemble.html, the tables of an ensemble and a picture of its fan beside its draws.

    Parameters
    ----------
    study, found
        The study, for the holders of its layers, and what :func:`corridor.study.ensemble.ensemble.ensemble` found in it.
    out
        The folder with the draws.

    Returns
    -------
    Path
        The page.
    """
    with writing(out, CHOOSE_FOLDER):
        _write_ensemble(study, found, out, out)
    return out / ENSEMBLE


def write_demand(report: DemandReport, out: Path) -> None:
    """Write a demand report to a folder: a page, tables, GIS data, matrices, provenance.

    Parameters
    ----------
    report
        What :meth:`corridor.Study.demand` found.
    out
        The folder. It gets demand.html, a CSV for each table, demand.json, run.json, demand.gpkg (EPSG:4326) and
        trips.omx; whole or not at all.
    """
    with whole_folder(out) as folder:
        write_demand_page(report, folder / "demand.html")
        write_demand_data(report, folder)
