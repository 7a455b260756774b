"""What an environmental reviewer reads of one scenario, alone or against another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from corridor.core.crs import WGS84, frame_in_wgs84
from corridor.core.errors import LayerError, ScenarioError
from corridor.core.progress import Progress, silent
from corridor.ecology.appraisal.ledger import Ledger, assess_ledger, delivered_habitat
from corridor.ecology.appraisal.mitigation import Hierarchy, hierarchy
from corridor.ecology.appraisal.seasons import season_flags
from corridor.ecology.appraisal.significance import Significance
from corridor.ecology.connectivity.taxa import TaxaResult, assess_taxa
from corridor.ecology.fragmentation.fragmentation import FragmentationChange
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.impact.conflicts import conflicts
from corridor.ecology.impact.corridors import line_crossings
from corridor.ecology.impact.difference import EcologyDifference, Headline, difference
from corridor.ecology.impact.long_section import long_section
from corridor.ecology.quality.quality import QualityChange, assess_quality
from corridor.ecology.works.profile import Work
from corridor.schema.catalog_entry import Role
from corridor.schema.rows import names
from corridor.schema.scenario import Scenario
from corridor.schema.section import LongSection
from corridor.schema.tables import CASES
from corridor.study.line_view import with_names
from corridor.study.run import assess_scenario
from corridor.study.study import Study
from corridor.study.watershed import watershed

LAYER_ROLES: tuple[Role, ...] = ("designations", "habitat", "green_corridors", "wildlife_sites", "streams")


@dataclass(frozen=True)
class Reviewed:
    """The ecology part of one scenario, with every conflict as a feature."""

    scenario: Scenario
    works: tuple[Work, ...]
    ecology: EcologyResult
    headlines: Mapping[str, Headline]
    """By case of widths: low, central, high."""
    conflicts: gpd.GeoDataFrame
    """EPSG:4326; columns of :func:`corridor.ecology.impact.conflicts.conflicts` and layer_date, layer_licence,
    layer_attribution."""
    line_crossings: pd.DataFrame
    """Rows of :func:`corridor.ecology.impact.corridors.line_crossings`."""
    sections: tuple[LongSection, ...]
    """Each line along its length."""
    seasons: pd.DataFrame
    """Rules on seasons and distances that apply, as flags."""
    quality: QualityChange | None
    """Habitat quality lost, by side, habitat and cause; this and what follows None where its layers are not given."""
    fragmentation: FragmentationChange
    """Patches, mesh and core area by habitat group, and the patches that are cut."""
    taxa: TaxaResult | None
    """Ways of named animals, with and without the works."""
    ledger: Ledger | None
    significance: Significance | None
    streams: pd.DataFrame | None
    """Streams crossed (:func:`corridor.study.watershed.watershed`); None where the study has no layer of them."""


@dataclass(frozen=True)
class Review:
    """A scenario under review and, where asked, the one it is set against."""

    subject: Reviewed
    against: Reviewed | None
    difference: EcologyDifference | None
    """The subject less the other; negative where the subject spares."""
    hierarchy: Hierarchy | None
    """What the subject avoids, minimises, compensates and leaves of the other's impact."""

    @property
    def sides(self) -> tuple[Reviewed, ...]:
        """The subject and, where there is one, what it is set against."""
        return (self.subject, self.against) if self.against else (self.subject,)


def review(study: Study, scenario_id: str, against: str | None = None, progress: Progress = silent) -> Review:
    """Review what a scenario does to nature, alone or against another.

    Parameters
    ----------
    study
        Layers and scenario files.
    scenario_id
        The scenario under review, levers stacked with '+'.
    against
        Another scenario, such as the same line on a viaduct: differences and the mitigation hierarchy are taken against it.
    progress
        Called with each scenario as its work begins.

    Returns
    -------
    Review
        Land take (ha), disturbance, habitat quality, fragmentation, connectivity, significance and every conflict as a
        feature (EPSG:4326). A screening aid, never a statutory conclusion.

    Raises
    ------
    ScenarioError
        Where a scenario is set against itself, or with all that is wrong with a file, before any computing.
    LayerError
        Where the study has no layer of habitat.

    Examples
    --------
    >>> done = review(Study.bundled(), "western-2035", "western-viaduct")  # doctest: +SKIP
    >>> done.subject.conflicts.explore("kind"), done.difference.headline  # doctest: +SKIP
    """
    resolved = study.scenario(scenario_id).id  # a wrong id is refused before any work
    if not study.catalog.having("habitat"):
        expected, remedy = (
            "land cover: a review is of nature",
            "add one, e.g. with corridor layers add raster",
        )
        raise LayerError.at("catalog.yaml", "has no layer of role habitat", expected, remedy)
    if against is not None and study.scenario(against).id == resolved:
        remedy = "name another after --against, or leave it out"
        where, what = f"scenario {scenario_id}", "is set against itself"
        raise ScenarioError.at(where, what, "two different scenarios", remedy)
    progress(scenario_id, 0, 1 if against is None else 2)
    subject = _reviewed(study, scenario_id)
    if against is None:
        return Review(subject, None, None, None)
    progress(against, 1, 2)
    other, nature = _reviewed(study, against), study.nature
    accounts = None
    if needs := nature.compensation:
        delivered = _delivered(study, subject.scenario)
        accounts = hierarchy(other.ecology, subject.ecology, nature.classes, needs, delivered)
    return Review(subject, other, difference(subject.ecology, other.ecology), accounts)


def _reviewed(study: Study, scenario_id: str) -> Reviewed:
    works, nature, land = study.works(scenario_id), study.nature, study.land
    scenario, needs = study.scenario(scenario_id), nature.compensation
    done = assess_scenario(study, scenario_id)
    result, taken = done.result, done.result.footprint
    stops, sides = names(study.tables.stations, "station_id"), study.region.names
    sections = (long_section(w, land, stops, nature.sides, nature.profile, sides) for w in works)
    return Reviewed(
        scenario=scenario,
        works=works,
        ecology=result,
        headlines=done.headlines,
        conflicts=_with_layers(study, conflicts(result, works, land)),
        line_crossings=line_crossings(result.corridor_crossings, land),
        sections=tuple(with_names(s, scenario.added_stations) for s in sections),
        seasons=season_flags(result, land, nature.season_rules),
        quality=assess_quality(nature.quality, taken, maps=True) if nature.quality else None,
        fragmentation=nature.fragmented.change(taken),
        taxa=assess_taxa(nature.taxa, works, taken, CASES, table=nature.profile) if nature.taxa else None,
        ledger=assess_ledger(result, nature.classes, needs, _delivered(study, scenario)) if needs else None,
        significance=nature.significance(result),
        streams=watershed(study, [scenario.id]),
    )


def _delivered(study: Study, scenario: Scenario) -> pd.DataFrame | None:
    """Habitat inside the areas that a scenario delivers or restores; None where it names none."""
    delivered, restored = scenario.delivered_designations, scenario.restored_designations
    return delivered_habitat(study.land, delivered, restored) if delivered or restored else None


def _with_layers(study: Study, found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Conflicts in WGS84, each with the date and licence of the layer it rests on."""
    entries = {e.role: e for role in LAYER_ROLES for e in study.catalog.having(role)}
    placed = frame_in_wgs84(found)
    for name in ("date", "licence", "attribution"):
        placed[f"layer_{name}"] = [getattr(entries[role], name) for role in placed["layer"]]
    order = [c for c in placed.columns if c != "geometry"] + ["geometry"]
    return gpd.GeoDataFrame(placed[order], geometry="geometry", crs=WGS84)
