"""The long section of a work: sites and stations along the line, and what it runs over or under, by chainage.

Everything is read off the alignment as drawn, in steps of about a metre, so chainages are right to a metre where
the layers are. No level is known: a section says above, at or below ground, never how deep.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from corridor.core import prepared
from corridor.core.crs import project
from corridor.ecology.land.land import NOT_ASSESSED, Land
from corridor.ecology.works.parameters import SHIPPED, ParameterTable
from corridor.ecology.works.profile import Part, Site, Work, chainage_m, findings
from corridor.schema.rows import Names, text_of
from corridor.schema.section import Band, LongSection, Run, SectionSite, Station
from corridor.schema.text import Text

STEP_M = 1.0
PUBLISHED_MPD = {"P02": -10.0}
"""What sources say of the mean level of a tunnel (m above principal datum), by source id."""


def long_section(
    work: Work,
    land: Land,
    names: Names | None = None,
    sides: Mapping[str, BaseGeometry] | None = None,
    table: ParameterTable = SHIPPED,
    side_names: Mapping[str, Text] | None = None,
) -> LongSection:
    """The long section of a work over a land.

    Parameters
    ----------
    work, land
        The line to be built, and what it runs over.
    names
        Station names by id.
    sides, side_names
        The outline (EPSG:4547) of each side of the boundary by region (:func:`side_outlines`), and its name.
    table
        Widths and spacings, for the findings.

    Returns
    -------
    corridor.schema.section.LongSection
        Chainages in metres from the start of the line.
    """
    along = _Along(work)
    return LongSection(
        line_id=work.line_id,
        name=work.name,
        status=work.status,
        counterfactual=work.counterfactual,
        length_m=work.length_m,
        bands=tuple(_band(part) for part in work.parts),
        stations=_stations(work, names or Names({})),
        sites=tuple(sorted((_site(work, s) for s in work.sites), key=lambda s: (s.chainage_m, s.site_id))),
        habitat=_habitat(along, land),
        designations=_crossed(along, land.designations, "designation_id", "designation"),
        corridors=_crossed(along, land.corridors, "part_id", "corridor_id"),
        sides=_sides(along, sides or {}, side_names or {}),
        findings=findings(work, table),
    )


def side_outlines(outlines: gpd.GeoDataFrame) -> dict[str, BaseGeometry]:
    """The outline of each region (EPSG:4547) of a frame in EPSG:4326 with a column ``region``."""
    return {
        str(region): shapely.union_all(np.asarray(project(rows.geometry.to_numpy()), dtype=object))
        for region, rows in outlines.groupby("region", sort=True)
    }


class _Along:
    """Points in the middle of each step along an alignment, and what is true of them as runs."""

    def __init__(self, work: Work) -> None:
        count = max(1, round(work.length_m / STEP_M))
        self.edges_m = np.linspace(0.0, work.length_m, count + 1)
        self.x, self.y = work.xy_at((self.edges_m[1:] + self.edges_m[:-1]) / 2)
        self.alignment = work.alignment

    def runs(self, values: NDArray[np.int64]) -> list[tuple[int, float, float]]:
        """Stretches of equal values: value, from and to in metres."""
        breaks = np.concatenate([[0], np.flatnonzero(np.diff(values)) + 1, [len(values)]])
        return [(int(values[a]), float(self.edges_m[a]), float(self.edges_m[b])) for a, b in pairwise(breaks)]

    def inside(self, shape: BaseGeometry) -> list[tuple[float, float]]:
        """Stretches inside a polygon."""
        if not prepared.intersects(shape, self.alignment):
            return []
        within = prepared.contains_xy(shape, self.x, self.y).astype(np.int64)
        return [(from_m, to_m) for value, from_m, to_m in self.runs(within) if value]


LEVELS = {"viaduct": "above", "bridge": "above", "embankment": "above", "at_grade": "at"}
"""Where trains run; below ground on any other structure."""


def _band(part: Part) -> Band:
    levels = [(PUBLISHED_MPD[s], s) for s in part.source if s in PUBLISHED_MPD and part.underground]
    return Band(
        part.part_id, part.structure, LEVELS.get(part.structure, "below"), part.from_m, part.to_m, part.assumed,
        " ".join(part.source), levels[0] if levels else None,
    )  # fmt: skip


def _stations(work: Work, names: Names) -> tuple[Station, ...]:
    found = [Station(s, names[s], m) for s, m in work.stations.items()]
    return tuple(sorted(found, key=lambda s: (s.chainage_m, s.station_id)))


def _site(work: Work, site: Site) -> SectionSite:
    offset_m, area_ha = float(work.alignment.distance(site.geometry)), site.size_ha
    return SectionSite(
        site.site_id, site.kind, site.permanent, chainage_m(work, site), offset_m, area_ha, site.assumed
    )


def _habitat(along: _Along, land: Land) -> tuple[Run, ...]:
    named = {row["code"]: row for row in land.classes.to_dict("records")}
    found = []
    for code, from_m, to_m in along.runs(land.codes_at(along.x, along.y)):
        row = named.get(code, {"habitat_id": NOT_ASSESSED, "group": NOT_ASSESSED, "name_en": NOT_ASSESSED})
        found.append(
            Run(row["habitat_id"], row["group"], _name(row), from_m, to_m, colour=text_of(row.get("colour")))
        )
    return tuple(found)


def _crossed(along: _Along, frame: gpd.GeoDataFrame, key: str, kind: str) -> tuple[Run, ...]:
    found = []
    for row in frame.to_dict("records"):
        own, name, whole = str(row.get(key) or row[kind]), _name(row, "part"), _name(row)
        certainty = text_of(row.get("source")), text_of(row.get("confidence"))
        for a, b in along.inside(row["geometry"]):
            found.append(Run(own, str(row[kind]), name, a, b, *certainty, belongs_to=whole))
    return tuple(sorted(found, key=lambda run: (run.from_m, run.to_m, run.key)))


def _sides(along: _Along, sides: Mapping[str, BaseGeometry], names: Mapping[str, Text]) -> tuple[Run, ...]:
    found = [
        Run(region, "side", names.get(region) or Text(en=region), a, b)
        for region, shape in sorted(sides.items())
        for a, b in along.inside(shape)
    ]
    return tuple(sorted(found, key=lambda run: run.from_m))


def _name(row: Mapping[Any, Any], part: str = "") -> Text:
    """The name of a row in three scripts, followed by that of its part where it has one."""
    scripts = {}
    for script, colon in (("en", ": "), ("zh_hant", "："), ("zh_hans", "：")):
        whole, piece = text_of(row.get(f"name_{script}")), text_of(row.get(f"{part}_{script}"))
        scripts[script] = f"{whole}{colon}{piece}" if piece else whole
    return Text(**scripts)
