"""The data files of a comparison or a review: GeoPackage, CSV, JSON and rasters, written into an existing folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from corridor.core.csv_tables import wide_for_people
from corridor.formats.geopackage import write_comparison_layers, write_review_layers
from corridor.formats.provenance import provenance, review_provenance
from corridor.formats.rasters import write_access_rasters, write_nature_rasters
from corridor.formats.tables import (
    cell_table,
    criteria_table,
    review_tables,
    scores,
    traveller_tables,
    write_csvs,
    write_json,
    write_text,
)
from corridor.study.comparison import Comparison
from corridor.study.conflict_report import EcologyView
from corridor.study.review import Review
from corridor.study.study import Study

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
    write_csvs({"results": criteria_table(comparison)}, folder)
    # nearly every value is another one: a dictionary of them would take half as much again
    cells.to_parquet(
        folder / "cells.parquet", engine="pyarrow", compression="zstd", use_dictionary=False, index=False
    )
    if csv:
        write_text(folder / "cells.csv", wide_for_people(cells, len(study.cells.table.columns)))
    write_json(folder / "scores.json", scores(comparison))
    write_json(folder / "run.json", provenance(study, comparison))
    write_comparison_layers(study, comparison, views, cells, folder / "results.gpkg")
    write_csvs(traveller_tables(comparison), folder / TRAVELLERS)
    goods = {"cargo_points": comparison.freight.points} if comparison.freight else {}
    wider = comparison.cities.tables if comparison.cities else {}
    costs = comparison.appraisal.tables if comparison.appraisal else {}
    write_csvs({**costs, **goods, **wider}, folder / ECONOMY)
    if comparison.watershed is not None:
        write_csvs({"streams": comparison.watershed}, folder)
    if green := comparison.recreation:
        write_csvs({"near": green.near, "urban_nature": green.nature}, folder / RECREATION)
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
    write_csvs(tables, folder)
    rows = {name: json.loads(frame.to_json(orient="records")) for name, frame in tables.items()}
    write_json(folder / together, rows)


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
    write_csvs(review_tables(reviewed), folder)
    write_json(folder / "run.json", review_provenance(study, reviewed))
    write_review_layers(study, reviewed, views, folder / "review.gpkg")
    (folder / RASTERS).mkdir()
    for view in views:
        write_nature_rasters(view, folder / RASTERS)
