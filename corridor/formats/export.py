"""Results as data: GeoPackage, CSV and JSON, with units in the headings and provenance beside them."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

import corridor
from corridor.access.measures.isochrone import isochrones
from corridor.core.crs import WGS84, WORKING, project
from corridor.core.csv_tables import for_people, wide_for_people
from corridor.drawing.legend import value_breaks
from corridor.ecology.impact.assess import TABLES
from corridor.formats.qgis import Style, write_styles
from corridor.formats.rasters import write_access_rasters, write_nature_rasters
from corridor.formats.styles import comparison_styles, review_styles
from corridor.schema.catalog import sha256
from corridor.study.compare import Comparison
from corridor.study.conflict_report import EcologyView
from corridor.study.criteria import MORNING
from corridor.study.review import LAYER_ROLES, Review, Reviewed
from corridor.study.study import Study

NOTICE = (
    "A screening aid modelled on the headings of the EIAO Technical Memorandum. "
    "It is not an environmental impact assessment and gives no statutory conclusion."
)
CELL_MEASURES = (
    "jobs_30_",
    "jobs_45_",
    "jobs_60_",
    "jobs_90_",
    "jobs_gravity_",
    "residents_60_",
    "other_side_jobs_60_",
    "other_side_jobs_gravity_",
    "to_",
)
MOST_COLUMNS = 1_900
"""Columns of measures in a layer of a GeoPackage; SQLite takes 2,000 in a table."""
RASTERS = "rasters"
_STAMP = "2000-01-01T00:00:00.000Z"  # the same inputs give the same bytes
_PACKAGES = (
    "numpy",
    "pandas",
    "geopandas",
    "shapely",
    "pyproj",
    "networkx",
    "numba",
    "rasterio",
    "folium",
    "exactextract",
)


def write_data(study: Study, comparison: Comparison, views: Sequence[EcologyView], folder: Path) -> None:
    """Write results.gpkg, results.csv, cells.csv, scores.json, run.json and rasters/ into an existing folder.

    `views`: the ecology of every scenario that builds something.
    """
    _write(folder / "results.csv", for_people(criteria_table(comparison), "%.6g"))
    cells = cell_table(study, comparison)
    _write(folder / "cells.csv", wide_for_people(cells, len(study.cells.table.columns)))
    _json(folder / "scores.json", scores(comparison))
    _json(folder / "run.json", provenance(study, comparison))
    write_geopackage(study, comparison, views, cells, folder / "results.gpkg")
    (folder / RASTERS).mkdir()
    write_access_rasters(study.cells, comparison, folder / RASTERS)


def criteria_table(comparison: Comparison) -> pd.DataFrame:
    """One row for each scenario and criterion: value, low, high, unit, change against the reference, value points."""
    rows, points = [], comparison.value_points
    reference = comparison.headline.loc[comparison.reference_id]
    for scenario_id, values in comparison.headline.iterrows():
        for criterion_id, value in values.items():
            criterion = comparison.criteria.loc[criterion_id]
            rows.append(
                {
                    "scenario": scenario_id,
                    "counterfactual": comparison.results[str(scenario_id)].counterfactual,
                    "criterion": criterion_id,
                    "title": criterion["title_en"],
                    "unit": criterion["unit"],
                    "value": value,
                    "low": comparison.headline_low.loc[scenario_id, criterion_id],
                    "high": comparison.headline_high.loc[scenario_id, criterion_id],
                    "change_against": comparison.reference_id,
                    "change": value - reference[criterion_id],
                    "value_points": points.loc[scenario_id, criterion_id] if criterion_id in points else None,
                    "better": criterion["direction"],
                    "confidence": criterion["confidence"],
                }
            )
    return pd.DataFrame(rows)


def scores(comparison: Comparison) -> dict[str, Any]:
    """Everything a program would want of a comparison, as plain data."""
    return {
        "notice": NOTICE,
        "reference": comparison.reference_id,
        "scenarios": {
            i: {
                "title": _texts(r.title),
                "question": _texts(r.question),
                "year": r.year,
                "counterfactual": r.counterfactual,
                "assumptions": [_texts(t) for t in r.assumptions],
                "not_modelled": [_texts(t) for t in r.scenario.not_modelled],
                "seasonal_rules": list(r.scenario.seasonal_rules),
                "ecology": asdict(r.headlines["central"]),
            }
            for i, r in comparison.results.items()
        },
        "criteria": json.loads(comparison.criteria.to_json(orient="index")),
        "values": _by_scenario(comparison.headline),
        "low": _by_scenario(comparison.headline_low),
        "high": _by_scenario(comparison.headline_high),
        "value_points": _by_scenario(comparison.value_points),
        "dominance": _records(comparison.dominance),
        "dominance_buildout": _records(comparison.dominance_buildout),
        "weights": _records(comparison.weights),
        "ranking": _records(comparison.ranking),
        "ranking_buildout": _records(comparison.ranking_buildout),
        "better": _records(comparison.better),
        "better_buildout": _records(comparison.better_buildout),
        "pairs": _records(comparison.pairs),
        "hub_minutes": _records(comparison.hub_minutes),
    }


def provenance(study: Study, comparison: Comparison) -> dict[str, Any]:
    """What went in: versions, scenarios, hashes of layers, comparison file and weights, parameters."""
    return {
        "program": _versions(),
        "scenarios": {i: r.scenario.model_dump(mode="json") for i, r in comparison.results.items()},
        "layers": _layers(study),
        "asked": {name: asdict(file) for name, file in comparison.asked.items()},
        "access_parameters": asdict(study.parameters),
        "walk_parameters": asdict(study.ground.parameters),
        "notice": NOTICE,
    }


def _versions() -> dict[str, str]:
    return {
        "corridor": corridor.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }


def _layers(study: Study) -> dict[str, dict[str, str]]:
    return {
        e.id: {"path": e.path, "sha256": sha256(study.catalog.file_of(e)), "date": e.date}
        for e in study.catalog.entries
    }


def _texts(text: Any) -> dict[str, str]:
    return {
        "en": text.in_script("en"),
        "zh-Hant": text.in_script("zh-Hant"),
        "zh-Hans": text.in_script("zh-Hans"),
    }


def _by_scenario(frame: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    return {
        str(i): {str(c): (round(float(v), 6) if pd.notna(v) else None) for c, v in row.items()}
        for i, row in frame.iterrows()
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return list(json.loads(frame.round(6).to_json(orient="records")))


def _json(path: Path, data: Mapping[str, Any]) -> None:
    _write(path, json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def cell_table(study: Study, comparison: Comparison) -> pd.DataFrame:
    """Exact values of every cell: opportunities within each cut-off, one column a scenario and measure, with its unit."""
    columns = {}
    for scenario_id, frame in comparison.cell_values.groupby("scenario_id", sort=False):
        for m in comparison.measures:
            if m.higher_is_better:
                columns[f"{scenario_id}:{m.measure_id} [{m.unit.en}]"] = (
                    frame[m.measure_id].round().astype("int32").to_numpy()
                )
    return pd.concat([study.cells.table, pd.DataFrame(columns)], axis=1)


def write_geopackage(
    study: Study, comparison: Comparison, views: Sequence[EcologyView], cells: pd.DataFrame, path: Path
) -> None:
    """Zones, cells, isochrones, lines by part, stations, control points, footprints, conflicts, the ground near works,
    designations and corridors, EPSG:4326."""
    layers: dict[str, gpd.GeoDataFrame] = {
        "zones": _zones(comparison),
        "cells": _cell_points(cells),
        "isochrones": _isochrones(study, comparison),
        "lines": _stack(comparison, "lines"),
        "stations": _stack(comparison, "stations"),
        "checkpoints": _stack(comparison, "checkpoints"),
        "footprint": _stack(comparison, "footprint"),
        "conflicts": _of_views(views, "conflicts"),
        "bands": _of_views(views, "bands"),
        "designations": study.catalog.vector_if_any("designations"),
        "green_corridors": study.catalog.vector_if_any("green_corridors"),
        "wildlife_sites": study.catalog.vector_if_any("wildlife_sites"),
    }
    column = f"{comparison.reference_id}:{comparison.measures[0].measure_id}"
    _write_layers(
        path, layers, comparison_styles(column, value_breaks(layers["zones"][column].to_numpy(float)))
    )


def _write_layers(path: Path, layers: Mapping[str, gpd.GeoDataFrame], styles: Mapping[str, Style]) -> None:
    """Write frames as layers of one kind of geometry each, a mixed one as several, with their styles."""
    # the folder is swapped in when all is written: no need to wait for the disk after each layer
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP, "OGR_SQLITE_SYNCHRONOUS": "OFF"})
    for name, frame in layers.items():
        kinds = frame.geometry.geom_type.str.removeprefix("Multi") if len(frame) else []
        found = sorted(set(kinds))
        for kind in found:
            layer = name if len(found) == 1 else f"{name}_{kind.lower()}s"
            _plain(frame[kinds == kind]).to_file(path, layer=layer, driver="GPKG", engine="pyogrio")
    write_styles(path, styles)


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Tuples and other objects as text, and headings that SQLite tells apart, so that every GIS reads them."""
    plain = frame.rename(columns=_headings(frame.columns.drop(frame.geometry.name)))
    for column in [c for c in plain.columns if pd.api.types.is_object_dtype(plain[c])]:
        if plain[column].map(lambda v: isinstance(v, tuple | list | dict)).any():
            plain[column] = plain[column].map(
                lambda v: " ".join(map(str, v)) if isinstance(v, tuple | list) else str(v)
            )
    return plain


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


def _stack(comparison: Comparison, attribute: str) -> gpd.GeoDataFrame:
    frames = [
        getattr(r, attribute).assign(scenario_id=i)
        for i, r in comparison.results.items()
        if len(getattr(r, attribute))
    ]
    return (
        gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=4326)
        if frames
        else gpd.GeoDataFrame(geometry=[], crs=4326)
    )


def _of_views(views: Iterable[EcologyView], attribute: str) -> gpd.GeoDataFrame:
    """Frames of the ecology of scenarios as one, each row with its scenario in front."""
    frames = []
    for view in views:
        frame = getattr(view, attribute).copy()
        frame.insert(0, "scenario_id", view.scenario_id)
        frame.insert(1, "counterfactual", view.counterfactual)
        frames.append(frame)
    filled = [f.astype({c: object for c in f.columns if c != "geometry"}) for f in frames if len(f)]
    if not filled:
        return gpd.GeoDataFrame(geometry=[], crs=WGS84)
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True).infer_objects(), crs=WGS84)


def _isochrones(study: Study, comparison: Comparison) -> gpd.GeoDataFrame:
    """The area from which each hub is reached within each cut-off, morning: a row for each scenario, hub and cut-off."""
    hour, cells, cutoffs = MORNING, study.cells, study.parameters.cutoffs_min
    known: dict[bytes, gpd.GeoDataFrame] = {}
    rows, shapes = [], []
    for scenario_id, result in comparison.results.items():
        for (place_id, _), minutes in zip(study.hubs, result.cell_hub_minutes[hour], strict=True):
            key = np.searchsorted(cutoffs, minutes).astype(np.uint8).tobytes()  # scenarios share most of them
            if key not in known:
                known[key] = isochrones(cells.x_m, cells.y_m, minutes, cutoffs)
            place = study.places.loc[place_id]
            for row in known[key].itertuples():
                if row.cells:
                    rows.append({
                        "scenario_id": scenario_id, "place_id": place_id,
                        **{name: place[name] for name in ("name_en", "name_zh_hant", "name_zh_hans")},
                        "hour": hour, "cutoff_min": int(row.cutoff_min), "area_ha": row.area_ha,
                    })  # fmt: skip
                    shapes.append(row.geometry)
    if not rows:
        return gpd.GeoDataFrame(geometry=[], crs=WGS84)
    moved = project(np.array(shapes, dtype=object), WORKING, WGS84)
    return gpd.GeoDataFrame(rows, geometry=moved, crs=WGS84)


def _zones(comparison: Comparison) -> gpd.GeoDataFrame:
    """Squares with their measures by scenario, minutes to the hubs last; where a table would not hold all, fewer measures."""
    chosen = sorted(
        (i for i, m in enumerate(comparison.measures) if m.measure_id.startswith(CELL_MEASURES)),
        key=lambda i: not comparison.measures[i].higher_is_better,
    )[: MOST_COLUMNS // len(comparison.results)]
    columns = {
        f"{scenario_id}:{comparison.measures[i].measure_id}": np.round(values[i], 1)
        for scenario_id, values in comparison.zone_values.items()
        for i in sorted(chosen)
    }
    return gpd.GeoDataFrame(pd.concat([comparison.zones, pd.DataFrame(columns)], axis=1), crs=4326)


def _cell_points(cells: pd.DataFrame) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(cells["lon"], cells["lat"])
    return gpd.GeoDataFrame(cells.iloc[:, :MOST_COLUMNS], geometry=points, crs=4326)


def write_review_data(study: Study, reviewed: Review, views: Sequence[EcologyView], folder: Path) -> None:
    """Write conflicts.csv, a CSV for each table, review.gpkg, rasters/ and run.json into an existing folder."""
    sides = _sides(reviewed)
    for name, frame in review_tables(reviewed).items():
        _write(folder / f"{name}.csv", for_people(frame, "%.6g"))
    _json(folder / "run.json", review_provenance(study, reviewed))
    _review_geopackage(study, sides, views, folder / "review.gpkg")
    (folder / RASTERS).mkdir()
    for view in views:
        write_nature_rasters(view, folder / RASTERS)


def review_tables(reviewed: Review) -> dict[str, pd.DataFrame]:
    """The tables of a review by the names of their files; each row says which scenario it is of."""
    sides = _sides(reviewed)
    tables = {"conflicts": pd.concat([_plain_conflicts(s) for s in sides], ignore_index=True)}
    for name in TABLES:
        tables[name] = pd.concat([_of(s, getattr(s.ecology, name)) for s in sides], ignore_index=True)
    if reviewed.difference is not None:
        tables["difference"] = reviewed.difference.headline
    return tables


def review_provenance(study: Study, reviewed: Review) -> dict[str, Any]:
    """What a review was made of and with."""
    sides = _sides(reviewed)
    return {
        "program": _versions(),
        "review": {"scenario": sides[0].scenario.id, "against": sides[1].scenario.id if sides[1:] else None},
        "scenarios": {s.scenario.id: s.scenario.model_dump(mode="json") for s in sides},
        "layers": _layers(study),
        "notice": NOTICE,
    }


def _sides(reviewed: Review) -> list[Reviewed]:
    return [s for s in (reviewed.subject, reviewed.against) if s is not None]


def _of(side: Reviewed, frame: pd.DataFrame) -> pd.DataFrame:
    """A table with the scenario it is of in front."""
    named = frame.copy()
    named.insert(0, "scenario_id", side.scenario.id)
    named.insert(1, "counterfactual", side.scenario.counterfactual)
    return named


def _plain_conflicts(side: Reviewed) -> pd.DataFrame:
    """Conflicts as rows, with a point of each."""
    points = side.conflicts.geometry.representative_point()
    plain = _of(side, pd.DataFrame(side.conflicts.drop(columns="geometry")))
    return plain.assign(lon=points.x.round(6), lat=points.y.round(6))


def _review_geopackage(study: Study, sides: list[Reviewed], views: Sequence[EcologyView], path: Path) -> None:
    """Conflicts by kind of geometry, footprints, parts of lines and sites, and the layers they are held against."""
    conflicts = pd.concat([_of(s, s.conflicts) for s in sides], ignore_index=True)
    layers = {"conflicts": gpd.GeoDataFrame(conflicts, geometry="geometry", crs=WGS84)}
    layers["footprint"] = _stacked([_of(s, _wgs84(s.ecology.footprint)) for s in sides])
    layers["parts"] = _stacked([_of(s, _parts(s)) for s in sides])
    layers["bands"] = _of_views(views, "bands")
    for role in LAYER_ROLES:
        if role != "habitat":
            layers[role] = study.catalog.vector_if_any(role)
    _write_layers(path, layers, review_styles())


def _wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    moved = project(frame.geometry.to_numpy(), WORKING, WGS84) if len(frame) else frame.geometry
    return frame.set_geometry(moved, crs=WGS84)


def _parts(side: Reviewed) -> gpd.GeoDataFrame:
    """The parts of every line with their structure, chainage and source."""
    rows = [
        {
            "line_id": work.line_id,
            "part_id": part.part_id,
            "structure": part.structure,
            "underground": part.underground,
            "from_m": round(part.from_m, 1),
            "to_m": round(part.to_m, 1),
            "assumed": part.assumed,
            "source": " ".join(part.source),
            "geometry": work.course(part),
        }
        for work in side.works
        for part in work.parts
    ]
    columns = ["line_id", "part_id", "structure", "geometry"]
    return _wgs84(gpd.GeoDataFrame(rows, columns=None if rows else columns, geometry="geometry", crs=WORKING))


def _stacked(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    filled = [f for f in frames if len(f)]
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=WGS84) if filled else frames[0]


def review_figures(reviewed: Review) -> dict[str, Any]:
    """The headline figures of a review as plain data."""
    sides = _sides(reviewed)
    return {
        "notice": NOTICE,
        "values": {s.scenario.id: asdict(s.headlines["central"]) for s in sides},
        "low": {s.scenario.id: asdict(s.headlines["low"]) for s in sides},
        "high": {s.scenario.id: asdict(s.headlines["high"]) for s in sides},
        "counterfactual": [s.scenario.id for s in sides if s.scenario.counterfactual],
        "conflicts": {s.scenario.id: len(s.conflicts) for s in sides},
    }
