"""The data files of a comparison or a review: GeoPackage, CSV, JSON and rasters, written into an existing folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridor.core.csv_tables import for_people, wide_for_people
from corridor.formats.geopackage import write_comparison_layers, write_review_layers
from corridor.formats.provenance import provenance, review_provenance
from corridor.formats.rasters import write_access_rasters, write_nature_rasters
from corridor.formats.tables import cell_table, criteria_table, review_tables, scores, traveller_tables
from corridor.study.comparison import Comparison
from corridor.study.conflict_report import EcologyView
from corridor.study.review import Review
from corridor.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

RASTERS = "rasters"
TRAVELLERS = "travellers"
ECONOMY = "economy"
RECREATION = "recreation"


def write_data(
    study: Study, comparison: Comparison, views: Sequence[EcologyView], folder: Path, csv: bool = False
) -> None:
    """Write results.gpkg, results.csv, cells.parquet, scores.json, run.json, rasters/, travellers/ where demand is modelled,
    economy/ where the study has unit costs, control points for goods or cities, recreation/ where it has entrances of green
    corridors, and streams.csv, the streams that lines cross, where it has a layer of them.

    Parameters
    ----------
    study
        The study.
    comparison
        What is written.
    views
        The ecology of every scenario that builds something.
    folder
        An existing folder.
    csv
        Also write cells.csv, which takes more than twice the room.
    """
    cells = cell_table(study, comparison)
    _write(folder / "results.csv", for_people(criteria_table(comparison), "%.6g"))
    # nearly every value is another one: a dictionary of them would take half as much again
    cells.to_parquet(
        folder / "cells.parquet", engine="pyarrow", compression="zstd", use_dictionary=False, index=False
    )
    if csv:
        _write(folder / "cells.csv", wide_for_people(cells, len(study.cells.table.columns)))
    _json(folder / "scores.json", scores(comparison))
    _json(folder / "run.json", provenance(study, comparison))
    write_comparison_layers(study, comparison, views, cells, folder / "results.gpkg")
    _tables(folder / TRAVELLERS, traveller_tables(comparison))
    goods = {"cargo_points": comparison.freight.points} if comparison.freight else {}
    wider = comparison.cities.tables if comparison.cities else {}
    _tables(folder / ECONOMY, (comparison.appraisal.tables if comparison.appraisal else {}) | goods | wider)
    if comparison.watershed is not None:
        _write(folder / "streams.csv", for_people(comparison.watershed, "%.6g"))
    if green := comparison.recreation:
        _tables(folder / RECREATION, {"near": green.near, "urban_nature": green.nature})
    (folder / RASTERS).mkdir()
    write_access_rasters(study.cells, comparison, folder / RASTERS)


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path, together: str) -> None:
    """Write tables as CSV for people, a file each, and all of them as one JSON file.

    Parameters
    ----------
    tables
        By name.
    folder
        An existing folder.
    together
        Name of the JSON file, which has the rows of each table by its name; missing figures are null.
    """
    for name, frame in tables.items():
        _write(folder / f"{name}.csv", for_people(frame, "%.6g"))
    _json(
        folder / together,
        {name: json.loads(frame.to_json(orient="records")) for name, frame in tables.items()},
    )


def write_review_data(study: Study, reviewed: Review, views: Sequence[EcologyView], folder: Path) -> None:
    """Write conflicts.csv, a CSV for each table, review.gpkg, rasters/ and run.json.

    Parameters
    ----------
    study
        The study.
    reviewed
        What is written.
    views
        The ecology of the scenarios of the review.
    folder
        An existing folder.
    """
    for name, frame in review_tables(reviewed).items():
        _write(folder / f"{name}.csv", for_people(frame, "%.6g"))
    _json(folder / "run.json", review_provenance(study, reviewed))
    write_review_layers(study, reviewed, views, folder / "review.gpkg")
    (folder / RASTERS).mkdir()
    for view in views:
        write_nature_rasters(view, folder / RASTERS)


def _tables(folder: Path, found: Mapping[str, pd.DataFrame]) -> None:
    """Tables as CSV files of a folder of their own; no folder without tables."""
    if found:
        folder.mkdir()
    for name, frame in found.items():
        _write(folder / f"{name}.csv", for_people(frame, "%.6g"))


def _json(path: Path, data: Mapping[str, Any]) -> None:
    _write(path, json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
