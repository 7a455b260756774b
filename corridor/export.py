"""Results as data: GeoPackage, CSV and JSON, with units in the headings and provenance beside them."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

import corridor
from corridor.catalog import sha256
from corridor.comparison import Comparison
from corridor.crs import WGS84, WORKING, project
from corridor.ecology.assess import TABLES
from corridor.export_styles import comparison_styles, review_styles
from corridor.gis_styles import Style, write_styles
from corridor.review import LAYER_ROLES, Review, Reviewed
from corridor.study import Study

NOTICE = (
    "A screening aid modelled on the headings of the EIAO Technical Memorandum. "
    "It is not an environmental impact assessment and gives no statutory conclusion."
)
CELL_MEASURES = ("jobs_30_", "jobs_45_", "jobs_60_", "jobs_90_", "residents_60_", "other_side_jobs_60_")
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


def write_data(study: Study, comparison: Comparison, folder: Path) -> None:
    """Write results.gpkg, results.csv, cells.csv, scores.json and run.json into an existing folder."""
    criteria_table(comparison).to_csv(folder / "results.csv", index=False, float_format="%.6g")
    cells = cell_table(study, comparison)
    pyogrio.write_dataframe(cells, folder / "cells.csv", driver="CSV")
    _json(folder / "scores.json", scores(comparison))
    _json(folder / "run.json", provenance(study, comparison))
    write_geopackage(study, comparison, cells, folder / "results.gpkg")


def criteria_table(comparison: Comparison) -> pd.DataFrame:
    """One row for each scenario and criterion: value, low, high, unit, change against the reference."""
    rows = []
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
        "ranking": _records(comparison.ranking),
        "ranking_buildout": _records(comparison.ranking_buildout),
        "pairs": _records(comparison.pairs),
        "hub_minutes": _records(comparison.hub_minutes),
    }


def provenance(study: Study, comparison: Comparison) -> dict[str, Any]:
    """What went in: versions, hashes of layers and scenarios, parameters."""
    return {
        "program": _versions(),
        "scenarios": {i: r.scenario.model_dump(mode="json") for i, r in comparison.results.items()},
        "layers": _layers(study),
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
    path.write_text(
        json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n",
        encoding="utf-8",
    )


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


def write_geopackage(study: Study, comparison: Comparison, cells: pd.DataFrame, path: Path) -> None:
    """Zones, cells, lines by part, stations, control points, footprints, designations and corridors, EPSG:4326."""
    layers: dict[str, gpd.GeoDataFrame] = {
        "zones": _zones(comparison),
        "cells": _cell_points(cells),
        "lines": _stack(comparison, "lines"),
        "stations": _stack(comparison, "stations"),
        "checkpoints": _stack(comparison, "checkpoints"),
        "footprint": _stack(comparison, "footprint"),
        "designations": study.catalog.vector_if_any("designations"),
        "green_corridors": study.catalog.vector_if_any("green_corridors"),
        "wildlife_sites": study.catalog.vector_if_any("wildlife_sites"),
    }
    column = f"{comparison.reference_id}:{comparison.measures[0].measure_id}"
    _write_layers(path, layers, comparison_styles(column, _breaks(layers["zones"], column)))


def _breaks(zones: gpd.GeoDataFrame, column: str) -> list[float]:
    """Values that part the zones into seven classes of about equal number, rounded."""
    counted = zones.loc[zones[column] > 0, column].to_numpy(float) if column in zones else np.empty(0)
    if not len(counted):
        return []
    found = np.quantile(counted, np.linspace(0, 1, 8)[1:-1])
    return sorted({float(f"{v:.1g}") for v in found})


def _write_layers(path: Path, layers: Mapping[str, gpd.GeoDataFrame], styles: Mapping[str, Style]) -> None:
    """Write frames as layers of one kind of geometry each, a mixed one as several, with their styles."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    for name, frame in layers.items():
        kinds = frame.geometry.geom_type.str.removeprefix("Multi") if len(frame) else []
        found = sorted(set(kinds))
        for kind in found:
            layer = name if len(found) == 1 else f"{name}_{kind.lower()}s"
            _plain(frame[kinds == kind]).to_file(path, layer=layer, driver="GPKG", engine="pyogrio")
    write_styles(path, styles)


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Tuples and other objects as text, so that every GIS reads them."""
    plain = frame.copy()
    for column in [c for c in plain.columns if pd.api.types.is_object_dtype(plain[c])]:
        if plain[column].map(lambda v: isinstance(v, tuple | list | dict)).any():
            plain[column] = plain[column].map(
                lambda v: " ".join(map(str, v)) if isinstance(v, tuple | list) else str(v)
            )
    return plain


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


def _zones(comparison: Comparison) -> gpd.GeoDataFrame:
    columns = {
        f"{scenario_id}:{m.measure_id}": np.round(values[i], 1)
        for scenario_id, values in comparison.zone_values.items()
        for i, m in enumerate(comparison.measures)
        if m.measure_id.startswith(CELL_MEASURES)
    }
    return gpd.GeoDataFrame(pd.concat([comparison.zones, pd.DataFrame(columns)], axis=1), crs=4326)


def _cell_points(cells: pd.DataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(cells, geometry=gpd.points_from_xy(cells["lon"], cells["lat"]), crs=4326)


def write_review_data(study: Study, reviewed: Review, folder: Path) -> None:
    """Write conflicts.csv, a CSV for each table, review.gpkg and run.json into an existing folder."""
    sides = [s for s in (reviewed.subject, reviewed.against) if s is not None]
    conflicts = pd.concat([_plain_conflicts(s) for s in sides], ignore_index=True)
    conflicts.to_csv(folder / "conflicts.csv", index=False, float_format="%.6g")
    for name in TABLES:
        frame = pd.concat([_of(s, getattr(s.ecology, name)) for s in sides], ignore_index=True)
        frame.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")
    if reviewed.difference is not None:
        reviewed.difference.headline.to_csv(folder / "difference.csv", index=False, float_format="%.6g")
    _json(folder / "run.json", {
        "program": _versions(),
        "scenarios": {s.scenario.id: s.scenario.model_dump(mode="json") for s in sides},
        "layers": _layers(study),
        "notice": NOTICE,
    })  # fmt: skip
    _review_geopackage(study, sides, folder / "review.gpkg")


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


def _review_geopackage(study: Study, sides: list[Reviewed], path: Path) -> None:
    """Conflicts by kind of geometry, footprints, parts of lines and sites, and the layers they are held against."""
    conflicts = pd.concat([_of(s, s.conflicts) for s in sides], ignore_index=True)
    layers = {"conflicts": gpd.GeoDataFrame(conflicts, geometry="geometry", crs=WGS84)}
    layers["footprint"] = _stacked([_of(s, _wgs84(s.ecology.footprint)) for s in sides])
    layers["parts"] = _stacked([_of(s, _parts(s)) for s in sides])
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
    sides = [s for s in (reviewed.subject, reviewed.against) if s is not None]
    return {
        "notice": NOTICE,
        "values": {s.scenario.id: asdict(s.headlines["central"]) for s in sides},
        "low": {s.scenario.id: asdict(s.headlines["low"]) for s in sides},
        "high": {s.scenario.id: asdict(s.headlines["high"]) for s in sides},
        "counterfactual": [s.scenario.id for s in sides if s.scenario.counterfactual],
        "conflicts": {s.scenario.id: len(s.conflicts) for s in sides},
    }
