"""The files of a demand report: CSV tables, a GeoPackage, OMX matrices for transport models, and a summary."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from corridor.core.crs import WGS84, WORKING
from corridor.core.csv_tables import for_people
from corridor.core.output import library_writes
from corridor.demand.segments import DIRECTIONS
from corridor.formats.geopackage import write_layers
from corridor.formats.provenance import demand_provenance
from corridor.formats.tables import travel_frames, write_csvs, write_json, write_text
from corridor.study.demand_report import DemandReport
from corridor.study.omx import ZONES, needed

NOTICE = (
    "A screening aid. Counts are observed; what a scenario makes of them is modelled, and most parameters are "
    "assumptions. Trips within one side are not modelled."
)


def summary(report: DemandReport) -> dict[str, Any]:
    """A demand report as plain values for JSON.

    Returns
    -------
    dict
        What was asked, totals of both networks in trips a day, relief by control point, benefit summed over groups (hours and
        HKD a day), and every table of :func:`tables` as a list of rows; missing values are None.
    """
    benefit = report.benefit[["saved_h", "saved_half_h", "saved_hkd", "trips_new", "trips_moved"]].sum()
    same, before = report.travellers.same_third_share
    return {
        "scenario": report.scenario_id,
        "reference": report.reference_id,
        "counts": report.counted,
        "own_files": {what: path.name for what, path in report.own.given.items()},
        "own_trips": report.given_trips._asdict() if report.given_trips else None,
        "rounds": report.demand.rounds,
        "gap_min": report.demand.gap_min,
        "calibration": {
            "rounds": report.demand.base.rounds,
            "largest_miss_per_day": report.demand.base.largest_miss_per_day,
        },
        "day": report.day,
        "land": report.state,
        "build_out": report.build_out,
        "notice": NOTICE,
        "trips_per_day": report.demand.total,
        "reference_trips_per_day": report.reference.total,
        "new_crossings_per_day": report.new_crossings,
        "relief_per_day": report.travellers.relief.to_dict(),
        "same_third_share": {"scenario": same, "reference": before},
        "benefit": benefit.to_dict(),
    } | {name: _records(frame) for name, frame in tables(report).items()}


def tables(report: DemandReport) -> dict[str, pd.DataFrame]:
    """The tables of a report, by name."""
    found = travel_frames(report, report.travellers.thirds) | {"constants": report.constants}
    return found | ({"ranges": report.ranges} if report.with_ranges else {})


def write_demand_data(report: DemandReport, folder: Path) -> None:
    """Write a demand report into a folder.

    Parameters
    ----------
    report
        The report.
    folder
        An existing folder; it takes a CSV for each table, trips_by_district.csv, demand.json, run.json, demand.gpkg (EPSG:4326)
        and, where the package h5py is installed, trips.omx.
    """
    write_csvs(tables(report), folder)
    write_text(folder / "trips_by_district.csv", for_people(trips_by_district(report), "%.9g"))
    write_json(folder / "demand.json", summary(report))
    write_json(folder / "run.json", demand_provenance(report))
    write_layers(folder / "demand.gpkg", {"control_points": _points(report), "zones": _zones(report)}, {})
    if has_omx():
        write_omx(report, folder / "trips.omx")


def trips_by_district(report: DemandReport) -> pd.DataFrame:
    """Trips a day of the scenario between districts, in the form that `--trips` reads.

    Returns
    -------
    pandas.DataFrame
        origin, destination (district_id), group, trips_per_day; pairs without trips are left out. Trips of a zone are shared
        out among its districts by residents and jobs of the census.
    """
    cells, zones = report.demand_study.study.cells, report.demand_study.zones
    people = cells.people() + cells.people("census", "jobs") + 1e-6
    share = pd.crosstab(
        zones.of_cell, cells.table["district_id"], people, aggfunc="sum", normalize="index"
    ).fillna(0)
    rows = []
    for group in dict.fromkeys(s.group for s, _ in report.demand.flows):
        every = sum(report.matrix(group, d) for d in range(len(DIRECTIONS)))
        between = pd.DataFrame(
            share.to_numpy().T @ every @ share.to_numpy(), share.columns, list(share.columns)
        )
        long = (
            between.rename_axis("origin")
            .reset_index()
            .melt("origin", var_name="destination", value_name="trips_per_day")
        )
        rows.append(long.assign(group=group))
    found = pd.concat(rows)[["origin", "destination", "group", "trips_per_day"]]
    return found[found["trips_per_day"] > 0]


def has_omx() -> bool:
    """Whether matrices can be written: the package h5py is an extra."""
    return find_spec("h5py") is not None


def _points(report: DemandReport) -> gpd.GeoDataFrame:
    """Control points with trips a day in both networks, EPSG:4326."""
    columns = ["trips_per_day", "reference_per_day", "change_per_day"]
    both = report.travellers.by_control_point[columns].sort_index()
    table = report.demand_study.study.catalog.table("checkpoints").set_index("checkpoint_id").loc[both.index]
    where = gpd.points_from_xy(table["north_lon"], table["north_lat"], crs=WGS84)
    return gpd.GeoDataFrame(both.assign(name_en=table["name_en"]).reset_index(), geometry=where)


def _zones(report: DemandReport) -> gpd.GeoDataFrame:
    """Squares with trips a day that begin or end in them, EPSG:4326."""
    zones, half = report.demand_study.zones, report.demand_study.zones.size_m / 2
    squares = [
        box(x - half, y - half, x + half, y + half)
        for x, y in zip(zones.centre_x_m, zones.centre_y_m, strict=True)
    ]
    data = {
        "zone_id": report.demand_study.zone_ids,
        "trips_per_day": report.trips_by_zone(report.demand),
        "reference_per_day": report.trips_by_zone(report.reference),
    }
    frame = gpd.GeoDataFrame(data, geometry=squares, crs=WORKING)
    return frame.assign(change_per_day=frame["trips_per_day"] - frame["reference_per_day"]).to_crs(WGS84)


def write_omx(report: DemandReport, path: Path) -> None:
    """Trips a day between all zones as an Open Matrix file (OMX 0.2), a matrix for each group and direction.

    Rows are origins and columns destinations, in the order of the lookup `zone_id`; `--trips` reads it back. Raises :class:`CorridorError` where
    the package h5py is not installed.
    """
    h5py = needed()
    zones = len(report.demand_study.zones)
    with library_writes(RuntimeError), h5py.File(path, "w", track_order=True) as file:
        file.attrs["OMX_VERSION"] = np.bytes_(b"0.2")
        file.attrs["SHAPE"] = np.array([zones, zones], dtype=np.int32)
        data, lookup = file.create_group("data"), file.create_group("lookup")
        lookup.create_dataset(ZONES, data=np.array(report.demand_study.zone_ids, dtype="S"))
        for group in dict.fromkeys(s.group for s, _ in report.demand.flows):
            for d, direction in enumerate(DIRECTIONS):
                matrix = report.matrix(group, d).astype(np.float32)
                made = data.create_dataset(
                    f"{group}_{direction}", data=matrix, compression="gzip", shuffle=True
                )
                made.attrs["NA"] = np.float32(-1)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [dict(row) for row in plain.to_dict("records")]
