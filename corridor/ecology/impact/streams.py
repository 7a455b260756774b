"""Streams and nullahs that a line crosses: at the surface, or below in a tunnel."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from corridor.ecology import M2_PER_HA
from corridor.ecology.impact.corridors import parts_and_sites
from corridor.ecology.works.parameters import SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work

COLUMNS = ["line_id", "stream_id", "part_id", "site_id", "structure", "surface", "length_m", "permanent_ha", "temporary_ha"]  # fmt: skip
BELOW = frozenset({"bored_tunnel", "immersed_tunnel"})
"""Parts that run below a stream and leave it as it is, unless a site or a works area of theirs is in it."""


def stream_crossings(
    work: Work, streams: gpd.GeoDataFrame, prints: gpd.GeoDataFrame, table: ParameterTable = SHIPPED
) -> pd.DataFrame:
    """The streams that parts and sites of a work cross or occupy.

    Parameters
    ----------
    work
        The line to be built.
    streams
        Polygons with stream_id, EPSG:4547.
    prints
        The footprint of the work, EPSG:4547.
    table
        Widths and spacings of structures.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`, a row for each part or site and stream that meet. ``length_m`` is the length of the
        alignment over or under the stream (0 for a site); ``permanent_ha`` and ``temporary_ha`` what the footprint takes of
        it; ``surface`` is False where a tunnel passes below and takes nothing: the stream is not crossed at the surface.
    """
    rows: list[dict[str, Any]] = []
    tree = shapely.STRtree(streams.geometry.values)
    for head, geometry in parts_and_sites(work, table):
        mine = prints[(prints["part_id"] == head["part_id"]) & (prints["site_id"] == head["site_id"])]
        taken = mine[mine["permanence"] != "shade"]
        for i in tree.query(shapely.union_all([geometry, *taken.geometry])):
            stream = streams.geometry.iloc[i]
            inside = shapely.intersection(stream, geometry)
            along = shapely.get_dimensions(geometry) == 1
            row = head | {"line_id": work.line_id, "stream_id": streams["stream_id"].iloc[i]}
            row["length_m"] = inside.length if along else 0.0
            for name in ("permanent", "temporary"):
                parts = taken.geometry[taken["permanence"] == name]
                row[f"{name}_ha"] = sum(shapely.intersection(stream, s).area for s in parts) / M2_PER_HA
            touched = row["permanent_ha"] + row["temporary_ha"] > 0
            row["surface"] = bool(touched or (along and head["structure"] not in BELOW and row["length_m"]))
            if row["surface"] or row["length_m"]:
                rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)
