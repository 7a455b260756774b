"""What a page draws beside the comparison, and what it needs of each frame, asked at the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite

import geopandas as gpd
import pandas as pd

from corridor.core.errors import CrsError, LayerError, MissingColumnError, Problems
from corridor.drawing.basemap import BaseGeometry, prepare
from corridor.drawing.i18n import NotGiven, fill, joined, term
from corridor.network.fares import CostParameters
from corridor.schema.region import Region, shipped_region
from corridor.schema.rows import names, text_of
from corridor.schema.tables import EVERYBODY
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.study.files import StudyFiles
from corridor.study.study import Study


@dataclass(frozen=True)
class PageLayers:
    """The layers under and over the zones, all EPSG:4326, and the words that must be printed for them.

    ``attributions`` are exactly those of the layers drawn. ``places`` and ``habitats`` only give names
    (place_id or habitat_id, names in three scripts); where they are missing, ids are shown.
    """

    coastline: gpd.GeoDataFrame  # region (id of a side), geometry: land
    districts: gpd.GeoDataFrame  # district_id, names, region
    designations: gpd.GeoDataFrame  # designation_id, names, designation, region, accuracy_m
    green_corridors: gpd.GeoDataFrame  # corridor_id, names, width_m
    wildlife_sites: gpd.GeoDataFrame  # site_id, names, kind
    attributions: tuple[Text, ...]
    places: pd.DataFrame = field(default_factory=pd.DataFrame)
    habitats: pd.DataFrame = field(default_factory=pd.DataFrame)
    date: str = ""
    sources: tuple[Text, ...] = ()
    region: Region = field(default_factory=shipped_region)
    not_given: tuple[NotGiven, ...] = ()
    """Of jobs, habitat, designations, green corridors and wildlife sites, those of which the study has nothing."""
    cost: Text | None = None
    """What generalised cost is made of."""
    share: Text | None = None
    """What "planned build-out" means, where the study counts a share of it."""
    known_base: BaseGeometry | None = None
    """The basemap of coastline and districts, where it is known."""

    @cached_property
    def base(self) -> BaseGeometry:
        """The basemap of coastline and districts."""
        return self.known_base or prepare(self.coastline, self.districts, self.region)

    def habitat(self, habitat_id: object) -> Text:
        """The name of a habitat class; its id, spaced, where it has none."""
        known = names(self.habitats, "habitat_id").by_id
        return known.get(text_of(habitat_id)) or term("habitat", habitat_id)


def basemap(study: Study) -> BaseGeometry:
    """The basemap of a study, which no scenario changes: it is kept from run to run."""
    titled = [study.parameters.build_out]  # names the build-out in the region
    return study.known(
        BaseGeometry, "basemap", titled, lambda: prepare(study.coastline, study.districts, study.region)
    )


def build_out_share(study: StudyFiles) -> Text | None:
    """What "planned build-out" means on the pages of a study; None where all of it counts."""
    title = study.region.build_out
    return fill("build_out_share", share=title) if study.parameters.build_out and title else None


def cost_words(cost: CostParameters) -> Text:
    """What generalised cost is made of, with weights, values of time (HKD an hour) and the rate of exchange.

    Without a value of time money does not count, and the sentence says so.
    """
    weights = {
        "wait": f"{cost.wait_weight:g}",
        "walk": f"{cost.walk_weight:g}",
        "clearance": f"{cost.clearance_weight:g}",
        "boarding": f"{cost.boarding_penalty_s / 60:g}",
    }
    if not isfinite(cost.of(None)):
        return fill("cost_note_time", **weights)
    groups = joined(
        [
            fill("cost_group", group=term("travellers", group), worth=f"{worth:g}")
            for group, worth in cost.value_of_time_hkd_h.items()
            if group != EVERYBODY
        ]
    )
    rate, worth = f"{cost.cny_per_hkd:g}", f"{cost.of(None):g}"
    return fill("cost_note", **weights, worth=worth, rate=rate, groups=groups)


LAYER_COLUMNS = {
    "coastline": ("region",),
    "districts": ("district_id", "name_en", "region"),
    "designations": ("name_en", "designation"),
    "green_corridors": ("corridor_id", "name_en"),
    "wildlife_sites": ("name_en", "kind"),
}


def check(comparison: Comparison, layers: PageLayers) -> None:
    """Refuse what a page cannot draw.

    Parameters
    ----------
    comparison
        For its zones, its reference and the shapes of its values.
    layers
        Layers under the zones; an empty one needs no columns.

    Raises
    ------
    LayerError
        With every column that is missing and every layer that is not in EPSG:4326; if there are none, with a
        reference that is not among the results and all values that are not (measure, zone).
    """
    wrong = Problems(LayerError)
    frames = {f"layer {name}": (getattr(layers, name), columns) for name, columns in LAYER_COLUMNS.items()}
    frames["comparison zones"] = (comparison.zones, ())
    for where, (frame, columns) in frames.items():
        missing = [c for c in columns if c not in frame.columns]
        if len(frame) and missing:
            what, expected = f"has no column {', '.join(missing)}", ", ".join(columns)
            wrong.add(where, what, expected, "add it or rename one", MissingColumnError)
        elif len(frame) and (frame.crs is None or frame.crs.to_epsg() != 4326):
            wrong.add(where, f"is in {frame.crs}", "EPSG:4326", "convert it with to_crs(4326)", CrsError)
    wrong.raise_all()
    if comparison.reference_id not in comparison.results:
        what = f"reference {comparison.reference_id!r} is not among its results"
        wrong.add("comparison", what, "one of " + ", ".join(comparison.results), "add the reference")
    shape = (len(comparison.measures), len(comparison.zones))
    for scenario_id in comparison.results:
        values = comparison.zone_values.get(scenario_id)
        if values is None or values.shape != shape:
            found = "no values" if values is None else f"values of shape {values.shape}"
            where, expected = f"zone values of {scenario_id}", f"{shape} (measure, zone)"
            wrong.add(where, f"has {found}", expected, "score it again")
    wrong.raise_all()
