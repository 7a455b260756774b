"""GeoPackages of a comparison and of a review: layers in EPSG:4326 that open styled in QGIS."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from corridor.core.crs import WGS84, WORKING, frame_in_wgs84
from corridor.core.output import library_writes
from corridor.drawing.legend import value_breaks
from corridor.formats.qgis import STAMP, Style, comparison_styles, review_styles, write_styles
from corridor.formats.tables import in_front, of_scenario
from corridor.schema.comparison import TODAY
from corridor.schema.measure import Measure
from corridor.schema.rows import NAMES
from corridor.study import stages
from corridor.study.comparison import Comparison
from corridor.study.conflict_report import EcologyView, stacked
from corridor.study.criteria import MORNING
from corridor.study.groups import Groups
from corridor.study.review import LAYER_ROLES, Review, Reviewed
from corridor.study.study import Study

ON_ZONES: Mapping[tuple[str, str], Sequence[int | None]] = {
    ("jobs", "both"): (30, 45, 60, 90, None),
    ("residents", "both"): (60,),
    ("jobs", "other"): (60, None),
}
"""Cut-offs (None: by cost) of the measures that zones hold, by opportunity and side; minutes to hubs come besides."""
MOST_COLUMNS = 1_900
"""Columns of measures in a layer of a GeoPackage; SQLite takes 2,000 in a table."""


def write_comparison_layers(
    study: Study, comparison: Comparison, views: Sequence[EcologyView], cells: pd.DataFrame, path: Path
) -> None:
    """Zones, cells, isochrones, lines by part, stations, control points, footprints, conflicts, the ground near works, groups of
    districts, designations and corridors.

    Parameters
    ----------
    study
        The study.
    comparison
        Results of its scenarios.
    views
        The ecology of every scenario that builds something.
    cells
        The table of :func:`~corridor.formats.tables.cell_table`.
    path
        The GeoPackage to make. Layers are in EPSG:4326, areas in hectares, lengths in metres, times in minutes.
    """
    zones = _zones(comparison)
    results = comparison.results.items()
    beyond = [p for p in comparison.phases.known if p.scenario.id not in comparison.results]
    layers = {
        "zones": zones.assign(
            **{f"{p.scenario.id}:{comparison.phases.reached.measure_id}": np.round(p.jobs, 1) for p in beyond}
        ),
        "cells": gpd.GeoDataFrame(
            cells.iloc[:, :MOST_COLUMNS], geometry=gpd.points_from_xy(cells["lon"], cells["lat"]), crs=WGS84
        ),
        "isochrones": _isochrones(study, comparison),
        **{
            name: _stacked(getattr(r, name).assign(scenario_id=i) for i, r in results)
            for name in ("lines", "stations", "footprint")
        },
        "phase_lines": _stacked(
            p.lines.assign(year=p.year, scenario_id=p.scenario.id) for p in comparison.phases.known
        ),
        "checkpoints": _stacked(_with_trips(comparison, i).assign(scenario_id=i) for i, _ in results),
        **{name: _of_views(views, name) for name in ("conflicts", "bands")},
        **({"groups": _groups(comparison.groups)} if comparison.groups else {}),
        **_held_against(study),
    }
    first = next(measure for measure in comparison.measures if _on_zones(measure))
    column = f"{comparison.reference_id}:{first.measure_id}"
    write_layers(path, layers, comparison_styles(column, value_breaks(zones[column].to_numpy(float))))


def _groups(groups: Groups) -> gpd.GeoDataFrame:
    """A row for each group of each grouping, with its figures by scenario, such as ``western-2035:jobs_60``."""
    keys = ["grouping_id", "group_id"]
    wide = groups.table.pivot_table(index=keys, columns="scenario_id", sort=False)
    wide.columns = pd.Index([f"{scenario_id}:{name}" for name, scenario_id in wide.columns])
    return gpd.GeoDataFrame(groups.outlines.join(wide.iloc[:, :MOST_COLUMNS].round(3), on=keys), crs=WGS84)


def _with_trips(comparison: Comparison, scenario_id: str) -> gpd.GeoDataFrame:
    """Control points, with trips a day in both directions on today's people where demand is modelled."""
    points = comparison.results[scenario_id].checkpoints
    found = comparison.travellers.get(TODAY, {}).get(scenario_id)
    return points.join(found.by_control_point, on="checkpoint_id") if found else points


def write_review_layers(study: Study, reviewed: Review, views: Sequence[EcologyView], path: Path) -> None:
    """Conflicts by kind of geometry, footprints, parts of lines, the ground near works, and the layers they are held
    against.

    Parameters
    ----------
    study
        The study.
    reviewed
        The review.
    views
        The ecology of its scenarios.
    path
        The GeoPackage to make, in EPSG:4326.
    """
    frames = {
        "conflicts": lambda side: side.conflicts,
        "footprint": lambda side: frame_in_wgs84(side.ecology.footprint),
        "parts": _parts,
    }
    layers = {
        **{n: _stacked(of_scenario(side, of(side)) for side in reviewed.sides) for n, of in frames.items()},
        "bands": _of_views(views, "bands"),
        **_held_against(study),
    }
    write_layers(path, layers, review_styles())


def _held_against(study: Study) -> dict[str, gpd.GeoDataFrame]:
    """The layers of the catalogue that conflicts rest on, where it has them."""
    return {role: study.catalog.vector_if_any(role) for role in LAYER_ROLES if role != "habitat"}


def write_layers(path: Path, layers: Mapping[str, gpd.GeoDataFrame], styles: Mapping[str, Style]) -> None:
    """Write frames as layers of one kind of geometry each, a mixed one as several, with their styles.

    Parameters
    ----------
    path
        The GeoPackage to make.
    layers
        Frames in EPSG:4326 by name; one without rows makes no layer.
    styles
        Styles by the name of the layer.
    """
    # the folder is swapped in when all is written: no need to wait for the disk after each layer
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP, "OGR_SQLITE_SYNCHRONOUS": "OFF"})
    with library_writes(DataLayerError, DataSourceError, sqlite3.Error):
        for name, frame in layers.items():
            kinds = frame.geometry.geom_type.str.removeprefix("Multi") if len(frame) else []
            found = sorted(set(kinds))
            for kind in found:
                layer = name if len(found) == 1 else f"{name}_{kind.lower()}s"
                plain(frame[kinds == kind]).to_file(
                    path, layer=layer, driver="GPKG", engine="pyogrio", use_arrow=True
                )
        write_styles(path, styles)


def plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A layer that every GIS reads.

    Parameters
    ----------
    frame
        Any columns.

    Returns
    -------
    geopandas.GeoDataFrame
        In a column of mixed types, and of tuples, lists or dictionaries, every value is text, parts with spaces between;
        headings that differ in capitals alone, or that a GeoPackage has itself (fid, geom), get a number.
    """
    found = frame.rename(columns=_headings(frame.columns.drop(frame.geometry.name)))
    for column in [c for c in found.columns if pd.api.types.is_object_dtype(found[c])]:
        # Arrow takes no column of texts and numbers
        if pd.api.types.infer_dtype(found[column], skipna=True) in {"mixed", "mixed-integer"}:
            found[column] = found[column].map(
                lambda v: " ".join(map(str, v)) if isinstance(v, tuple | list) else str(v), na_action="ignore"
            )
    return found


def _headings(names: Iterable[str]) -> dict[str, str]:
    """New headings for columns that a GeoPackage has itself, or that differ from others in capitals alone: numbered."""
    taken, new = {"fid", "geom", ""}, dict[str, str]()
    for name in names:
        stem, number = name, 2
        while name.lower() in taken:
            name, number = f"{stem}_{number}", number + 1
        taken.add(name.lower())
        new[stem] = name
    return new


def _stacked(frames: Iterable[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Frames in EPSG:4326 as one; those without rows give no columns."""
    whole = stacked(frames)
    if whole.empty:
        return gpd.GeoDataFrame(geometry=[], crs=WGS84)
    return gpd.GeoDataFrame(whole.infer_objects(), geometry="geometry", crs=WGS84)


def _of_views(views: Iterable[EcologyView], attribute: str) -> gpd.GeoDataFrame:
    """Frames of the ecology of scenarios as one, each row with its scenario in front."""
    return _stacked(in_front(getattr(v, attribute), v.scenario.id, v.scenario.counterfactual) for v in views)


def _zones(comparison: Comparison) -> gpd.GeoDataFrame:
    """Squares with their measures by scenario, minutes to the hubs last; where a table would not hold all, fewer measures."""
    measures = comparison.measures
    chosen = sorted(
        (row for row, measure in enumerate(measures) if _on_zones(measure)),
        key=lambda row: not measures[row].higher_is_better,
    )[: MOST_COLUMNS // len(comparison.results)]
    columns = {
        f"{scenario_id}:{measures[row].measure_id}": np.round(values[row], 1)
        for scenario_id, values in comparison.zone_values.items()
        for row in sorted(chosen)
    }
    return gpd.GeoDataFrame(pd.concat([comparison.zones, pd.DataFrame(columns)], axis=1), crs=WGS84)


def _on_zones(measure: Measure) -> bool:
    return bool(measure.hub) or measure.cutoff_min in ON_ZONES.get((measure.opportunity, measure.side), ())


def _isochrones(study: Study, comparison: Comparison) -> gpd.GeoDataFrame:
    """The area from which each hub is reached within each cut-off, morning: a row for each scenario, hub and cut-off."""
    areas = {i: study.stages.of(stages.HUB_AREAS, i, hour=MORNING) for i in comparison.results}
    whole = _stacked(frame.assign(scenario_id=i) for i, frame in areas.items())
    if whole.empty:
        return whole
    named = study.places.loc[whole["place_id"], list(NAMES)].reset_index(drop=True).assign(hour=MORNING)
    columns = ["scenario_id", "place_id", *NAMES, "hour", "cutoff_min", "area_ha", "geometry"]
    return gpd.GeoDataFrame(pd.concat([whole, named], axis=1)[columns], geometry="geometry", crs=WGS84)


def _parts(side: Reviewed) -> gpd.GeoDataFrame:
    """The parts of every line with their structure, chainage in metres and source."""
    rows = [
        {
            "line_id": work.line_id, "part_id": part.part_id, "structure": part.structure, "underground": part.underground,
            "from_m": round(part.from_m, 1), "to_m": round(part.to_m, 1), "assumed": part.assumed,
            "source": " ".join(part.source), "geometry": work.course(part),
        }
        for work in side.works
        for part in work.parts
    ]  # fmt: skip
    columns = None if rows else ["line_id", "geometry"]
    return frame_in_wgs84(gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=WORKING))
