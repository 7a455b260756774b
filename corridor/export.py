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
        "program": {
            "corridor": corridor.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        "scenarios": {i: r.scenario.model_dump(mode="json") for i, r in comparison.results.items()},
        "layers": {
            e.id: {"path": e.path, "sha256": sha256(study.catalog.folder / e.path), "date": e.date}
            for e in study.catalog.entries
        },
        "access_parameters": asdict(study.parameters),
        "walk_parameters": asdict(study.ground.parameters),
        "notice": NOTICE,
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
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    layers: dict[str, gpd.GeoDataFrame] = {
        "zones": _zones(comparison),
        "cells": _cell_points(cells),
        "lines": _stack(comparison, "lines"),
        "stations": _stack(comparison, "stations"),
        "checkpoints": _stack(comparison, "checkpoints"),
        "footprint": _stack(comparison, "footprint"),
        "designations": study.catalog.vector("designations"),
        "green_corridors": study.catalog.vector("green_corridors"),
        "wildlife_sites": study.catalog.vector("wildlife_sites"),
    }
    for name, frame in layers.items():
        if len(frame):
            _plain(frame).to_file(path, layer=name, driver="GPKG", engine="pyogrio")


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
