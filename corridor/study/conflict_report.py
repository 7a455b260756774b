"""What the ecology page shows, gathered from a review or from a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray

from corridor.core.crs import WGS84, WORKING, frame_in_wgs84
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.impact.conflicts import COLUMNS, numbered
from corridor.ecology.works.profile import Work
from corridor.schema.rows import names
from corridor.schema.scenario import Scenario
from corridor.schema.section import LongSection
from corridor.schema.text import Text
from corridor.study import stages
from corridor.study.compare import Comparison
from corridor.study.line_view import bands, in_degrees, of_line, with_names
from corridor.study.review import LAYER_ROLES, Review, Reviewed
from corridor.study.study import Study


@dataclass(frozen=True)
class LayerNote:
    """What is printed of a layer on which a conflict rests."""

    title: Text
    date: str
    licence: str
    attribution: str


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells before and after the works (NaN: nothing known), placed in EPSG:4547 by ``transform``.

    ``kind``: ``current`` of the animal ``name`` (A a pair of core wetlands, summed) or habitat ``quality`` (0 to 1).
    """

    kind: str
    key: str
    name: Text
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    transform: Affine


@dataclass(frozen=True, eq=False)
class EcologyView:
    """One scenario as the ecology page shows it; frames with shapes are in EPSG:4326."""

    scenario: Scenario
    names: Mapping[str, Text]
    """Of lines, by line_id."""
    parts: gpd.GeoDataFrame
    """line_id, part_id, structure, assumed, status, counterfactual."""
    courses: gpd.GeoDataFrame
    """line_id; each line from its start to its end."""
    stations: gpd.GeoDataFrame
    """station_id, name (Text)."""
    footprint: gpd.GeoDataFrame
    """line_id, permanence."""
    bands: gpd.GeoDataFrame
    """phase, within_m: all ground within that distance."""
    conflicts: gpd.GeoDataFrame
    """conflict_id, kind, layer, subject, names, line, part or site, size, confidence: a row each."""
    crossings: pd.DataFrame
    """Rows of :func:`corridor.ecology.impact.corridors.line_crossings`: each line and corridor, crossed or not."""
    sections: tuple[LongSection, ...]
    seasons: pd.DataFrame
    """Rules on seasons and distances that apply to a part or site."""
    significance: pd.DataFrame
    """Level and reason for each part, site or line and group of habitat."""
    grids: tuple[Grid, ...]
    places: Mapping[tuple[str, str], tuple[float, ...]] = field(default_factory=dict)
    """Chainage of parts (from, to) and sites (nearest point), km, by line_id and part_id or site_id."""


def chainages_km(works: Iterable[Work]) -> dict[tuple[str, str], tuple[float, ...]]:
    """Chainages of the parts and sites of works.

    Returns
    -------
    dict
        By (line_id, part_id or site_id), in kilometres from the start of the line: (from, to) of a part, (nearest,) of a
        site, by the centroid of its ground.
    """
    found: dict[tuple[str, str], tuple[float, ...]] = {}
    for work in works:
        for part in work.parts:
            found[work.line_id, part.part_id] = (part.from_m / 1000, part.to_m / 1000)
        for site in work.sites:
            found[work.line_id, site.site_id] = (work.alignment.project(site.geometry.centroid) / 1000,)
    return found


def layer_notes(study: Study) -> dict[str, LayerNote]:
    """Title, date, licence and attribution of the layers that conflicts rest on.

    Returns
    -------
    dict
        By role; of several layers of a role the last of the catalogue.
    """
    entries = {e.role: e for role in LAYER_ROLES for e in study.catalog.having(role)}
    return {role: LayerNote(e.title, e.date, e.licence, e.attribution) for role, e in entries.items()}


def views_of_review(study: Study, reviewed: Review) -> tuple[EcologyView, ...]:
    """Show a review, with maps of animals and habitat quality.

    Returns
    -------
    tuple of EcologyView
        The subject and, where there is one, the scenario it is set against.
    """
    return tuple(
        _view(
            side.scenario, side.works, side.ecology, side.conflicts, side.sections,
            crossings=side.line_crossings, seasons=side.seasons, overall=side.significance.overall if side.significance else pd.DataFrame(),
            grids=_grids(study, side), bands=bands(side.ecology.footprint),
        )
        for side in reviewed.sides
    )  # fmt: skip


def views_of_comparison(study: Study, comparison: Comparison) -> tuple[EcologyView, ...]:
    """Show every scenario of a comparison that builds something, or the reference where none does.

    A line that many scenarios build is assessed once: its conflicts depend on its own works and the land alone. Maps of
    animals and habitat quality are left to reviews, as they take long.
    """
    of = study.stages.of
    views = []
    ids = list(comparison.results)
    built = [i for i in ids if len(comparison.results[i].ecology.footprint)] or [comparison.reference_id]
    for scenario_id in built:
        works, result = study.works(scenario_id), comparison.results[scenario_id]
        found = result.ecology
        lines = [of(stages.LINE_VIEW, work=w, alone=of_line(found, w.line_id)) for w in works]
        views.append(_view(
            result.scenario, works, found, _together([x.conflicts for x in lines]), tuple(with_names(x.section, result.scenario.added_stations) for x in lines),
            crossings=of(stages.CROSSINGS, scenario_id, rows=found.corridor_crossings),
            seasons=stacked(x.seasons for x in lines), overall=stacked(x.overall for x in lines), grids=(),
            bands=of(stages.BANDS, scenario_id, footprint=found.footprint),
        ))  # fmt: skip
    return tuple(views)


def _together(frames: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Conflicts of lines in the order, and under the numbers, that those of the whole scenario have."""
    whole = stacked(frames)
    if whole.empty:
        return gpd.GeoDataFrame(columns=COLUMNS, geometry="geometry", crs=WGS84)
    whole = numbered(whole)
    return frame_in_wgs84(gpd.GeoDataFrame(whole[COLUMNS], geometry="geometry", crs=WORKING))


def stacked(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put frames one below the other.

    Cells become objects, so that whole numbers and flags stay what they are where another frame lacks the column. Frames
    without rows are left out, with their columns.
    """
    filled = [pd.DataFrame(f).astype(object) for f in frames if len(f)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def _view(
    scenario: Scenario, works: Sequence[Work], result: EcologyResult, found: gpd.GeoDataFrame,
    sections: tuple[LongSection, ...], *, crossings: pd.DataFrame, seasons: pd.DataFrame, overall: pd.DataFrame, grids: tuple[Grid, ...],
    bands: gpd.GeoDataFrame,
) -> EcologyView:  # fmt: skip
    prints = result.footprint
    return EcologyView(
        scenario=scenario, names={w.line_id: w.name for w in works}, parts=_parts(works),
        courses=in_degrees({"line_id": [w.line_id for w in works]}, [w.alignment for w in works]),
        stations=_stations(works, sections),
        footprint=in_degrees({c: list(prints[c]) for c in ("line_id", "permanence")}, list(prints.geometry)),
        bands=bands, conflicts=found, crossings=crossings, sections=sections, seasons=seasons, significance=overall, grids=grids,
        places=chainages_km(works),
    )  # fmt: skip


def _parts(works: Sequence[Work]) -> gpd.GeoDataFrame:
    rows = [(work, part) for work in works for part in work.parts]
    return in_degrees(
        {
            "line_id": [w.line_id for w, _ in rows], "part_id": [p.part_id for _, p in rows],
            "structure": [p.structure for _, p in rows], "assumed": [p.assumed for _, p in rows],
            "status": [w.status for w, _ in rows], "counterfactual": [w.counterfactual for w, _ in rows],
        },
        [w.course(p) for w, p in rows],
    )  # fmt: skip


def _stations(works: Sequence[Work], sections: Sequence[LongSection]) -> gpd.GeoDataFrame:
    courses = {work.line_id: work.alignment for work in works}
    stops = {
        s.station_id: (s.name, courses[x.line_id].interpolate(s.chainage_m))
        for x in sections
        for s in x.stations
    }
    return in_degrees(
        {"station_id": list(stops), "name": [n for n, _ in stops.values()]}, [g for _, g in stops.values()]
    )


def _grids(study: Study, side: Reviewed) -> tuple[Grid, ...]:
    """Current of each animal and habitat quality, before and after; nothing where nothing is built."""
    if not side.works:
        return ()
    animals = names(study.catalog.table_if_any("taxa"), "taxon_id")
    found = []
    if (taxa := side.taxa) is not None:
        for taxon_id in dict.fromkeys(taxa.patches["taxon_id"]):
            now = taxa.current(taxon_id)
            found.append(Grid("current", taxon_id, animals[taxon_id], now.before, now.after, now.transform))
    maps = side.quality.maps if side.quality else None
    if maps is not None:
        found.append(Grid("quality", "quality", Text(en=""), maps.before, maps.after, maps.transform))
    return tuple(found)
