"""Alignments as people draw them: pieces joined to one line each, named by what they are called, beside the study's others."""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd
import shapely

from corridor.core.errors import GeometryError, Problems
from corridor.importers.vectors.read import Found

ASSUMED = "M"
"""The confidence of a line for which the user states none: an assumption."""


def named_by_name(found: Found) -> Found:
    """Lines with a line_id made from their names, where they have names of their own and no ids.

    Parameters
    ----------
    found
        Lines; from KML and GPX with a column ``name``.
    """
    frame = found.frame
    if "line_id" in frame or "name" not in frame:
        return found
    ids = [re.sub(r"[^a-z0-9]+", "-", str(name).lower()).strip("-") for name in frame["name"]]
    if not all(ids) or len(set(ids)) < len(ids):
        return found
    return found.now(frame.assign(line_id=ids), f"line_id made from the name: {', '.join(ids)}")


def in_one_piece(found: Found) -> Found:
    """The pieces of each line as one: those of one line_id, and the parts of a feature, which meet end to end.

    Parameters
    ----------
    found
        Lines in EPSG:4326 with a column line_id.

    Raises
    ------
    GeometryError
        Naming every line whose pieces do not meet, or meet in more than two.
    """
    frame, merged = found.frame, dict[object, object]()
    with Problems(GeometryError) as problems:
        for line_id, pieces in frame.groupby("line_id", sort=False):
            # a single line stays as it is drawn: one that crosses itself would be cut where it does
            line = (
                shapely.union_all(pieces.geometry.to_numpy()) if len(pieces) > 1 else pieces.geometry.iloc[0]
            )
            line = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
            if line.geom_type != "LineString":
                what = f"line {line_id!r} is in {len(shapely.get_parts(line))} pieces that do not meet end to end"
                remedy = "join them in the drawing, or give each an id of its own (--map COLUMN=line_id)"
                problems.add(found.name, what, "one line", remedy)
            merged[line_id] = line
    joined = len(frame) - len(merged)
    one = frame.drop_duplicates("line_id").reset_index(drop=True)
    one = one.set_geometry(gpd.GeoSeries([merged[i] for i in one["line_id"]], index=one.index), crs=4326)
    return found.now(one, *([f"{joined} pieces joined to the lines they continue"] if joined else []))


def beside_others(found: Found, others: gpd.GeoDataFrame | None) -> Found:
    """Lines beside those that the study has; of one line_id the new one counts.

    Parameters
    ----------
    found
        The new lines.
    others
        Those of the study; None where the new ones take their place.
    """
    frame = found.frame
    if "confidence" not in frame:
        frame = frame.assign(confidence=ASSUMED)
    if others is None or others.empty:
        return found.now(frame)
    kept = others[~others["line_id"].isin(frame["line_id"])]
    shared = [c for c in frame if c in others and c not in ("line_id", "geometry")]
    new = frame[["line_id", "geometry", *shared]]
    notes = f"{', '.join(new['line_id'])} beside {len(kept)} other lines of the study; 'replace' would remove those"
    return found.now(gpd.GeoDataFrame(pd.concat([kept, new], ignore_index=True), crs=4326), notes)
