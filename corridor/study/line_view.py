"""What one line does to nature, whatever else is built: its conflicts, long section, seasons and significance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from corridor.core.crs import WORKING, frame_in_wgs84
from corridor.ecology.appraisal.seasons import season_flags
from corridor.ecology.impact.assess import TABLES, EcologyResult, Together
from corridor.ecology.impact.conflicts import conflicts
from corridor.ecology.impact.disturbance import PHASES, source_rows
from corridor.ecology.impact.long_section import long_section
from corridor.ecology.land.land import Land
from corridor.ecology.works.profile import Work
from corridor.schema.changes import AddedStation
from corridor.schema.rows import Names
from corridor.schema.section import LongSection
from corridor.schema.text import Text
from corridor.study.nature import NatureLand

BANDS_M = (100, 300, 500)
"""Distances drawn around works and operation; the tables go on to 1,000 m."""
OUTLINE_M = 5.0


@dataclass(frozen=True)
class LineView:
    """What one line does to nature, whatever else is built."""

    conflicts: gpd.GeoDataFrame
    """:data:`corridor.ecology.impact.conflicts.COLUMNS`, EPSG:4547."""
    section: LongSection
    seasons: pd.DataFrame
    """Rules on seasons and distances that apply to a part or site."""
    overall: pd.DataFrame
    """Significance of each part, site or line and group of habitat."""


def line_view(
    work: Work, alone: EcologyResult, land: Land, nature: NatureLand, stops: Names, sides: Mapping[str, Text]
) -> LineView:  # fmt: skip
    """Work out the conflicts, long section, seasonal rules and significance of one line.

    Parameters
    ----------
    work
        The line.
    alone
        Its own rows of a result (:func:`of_line`).
    land, nature
        The land and the tables of the ecology methods.
    stops, sides
        Names of stations by station_id, and of the two sides by id.
    """
    judged = nature.significance(alone)
    return LineView(
        conflicts=conflicts(alone, [work], land),
        section=long_section(work, land, stops, nature.sides, nature.profile, sides),
        seasons=season_flags(alone, land, nature.season_rules),
        overall=judged.overall if judged else pd.DataFrame(),
    )


def with_names(section: LongSection, added: Sequence[AddedStation]) -> LongSection:
    """A long section with the names of stations that the scenario itself adds, which no table has."""
    own = {station.id: station.name for station in added}
    named = (replace(s, name=own.get(s.station_id, s.name)) for s in section.stations)
    return replace(section, stations=tuple(named))


def of_line(result: EcologyResult, line_id: str) -> EcologyResult:
    """The rows of one line, of which a result is made; without the totals of all lines together."""
    tables = {name: getattr(result, name) for name in ("footprint", *TABLES)}
    own = {
        name: frame[frame["line_id"] == line_id].reset_index(drop=True) if len(frame) else frame
        for name, frame in tables.items()
    }
    nothing = {f.name: getattr(result.together, f.name).iloc[:0] for f in fields(Together)}
    return replace(result, **own, together=Together(**nothing))


def bands(prints: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """All ground within each distance of works at the surface, and of trains and sites in operation."""
    rows = []
    for phase in PHASES:
        source = shapely.union_all(source_rows(prints, phase).geometry.to_numpy())
        if source.is_empty:
            continue
        near = shapely.simplify(shapely.buffer(source, BANDS_M[0], quad_segs=6), OUTLINE_M)
        rows += [
            (phase, m, shapely.simplify(shapely.buffer(near, m - BANDS_M[0], quad_segs=6), OUTLINE_M))
            for m in BANDS_M
        ]
    return in_degrees(
        {"phase": [p for p, *_ in rows], "within_m": [m for _, m, _ in rows]}, [g for *_, g in rows]
    )


def in_degrees(columns: Mapping[str, Sequence[Any]], shapes: Sequence[Any]) -> gpd.GeoDataFrame:
    """Rows with shapes of EPSG:4547 as a frame in EPSG:4326."""
    return frame_in_wgs84(gpd.GeoDataFrame(dict(columns), geometry=list(shapes), crs=WORKING))
