"""A line specification and its drawn alignment turned into a work that can be assessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shapely.geometry import LineString, Point

from corridor.core.crs import project
from corridor.core.errors import Problems, ScenarioError
from corridor.ecology.works.profile import Part, Site, Work
from corridor.schema.line import LineSpec, Section, SiteSpec

END_TOLERANCE_M = 5.0  # chainages are written to the metre


def work_from_spec(
    spec: LineSpec, alignment: Any, station_xy_m: Mapping[str, tuple[float, float]], counterfactual: bool
) -> Work:
    """A work in EPSG:4547 from a specification and its alignment in WGS84.

    Chainages of the specification run along the line as drawn, in kilometres. Stops take the chainage of the
    nearest point of the line, the first and last its ends.
    Raises :class:`ScenarioError` for stops without a position, and what :class:`Work` raises.
    """
    line = project(alignment)
    where = f"line {spec.id}"
    with Problems(ScenarioError) as found:
        if not isinstance(line, LineString):
            what = f"its alignment is a {type(alignment).__name__}"
            found.add(where, what, "one LineString", "merge it")
        asked = [*spec.stops, *spec.opens, *(s for p in spec.profile for s in (p.from_stop, p.to_stop))]
        named = dict.fromkeys(s for s in (*asked, *(site.at.station for site in spec.sites)) if s)
        for station in (s for s in named if s not in station_xy_m):
            found.add(where, f"stop {station!r} has no position", "a station id", "add it")
    stations = {s: float(line.project(Point(station_xy_m[s]))) for s in named}
    if spec.stops and stations[spec.stops[0]] > stations[spec.stops[-1]]:
        what = f"its alignment runs from {spec.stops[-1]!r} to {spec.stops[0]!r}"
        remedy = "reverse the alignment, or the order of stops"
        raise ScenarioError.at(where, what, "the direction of its stops, by which chainage counts", remedy)
    ends = dict.fromkeys(spec.stops[-1:], line.length) | dict.fromkeys(spec.stops[:1], 0.0)
    chainage = stations | ends
    return Work(
        line_id=spec.id,
        name=spec.name,
        status=spec.status,
        counterfactual=counterfactual or spec.status == "counterfactual",
        alignment=line,
        stations={s: c for s, c in stations.items() if s in (*spec.stops, *spec.opens)},
        parts=tuple(_part(section, chainage, line.length) for section in spec.profile),
        sites=tuple(_site(site, line, station_xy_m) for site in spec.sites),
    )


def _part(section: Section, chainage_m: Mapping[str, float], length_m: float) -> Part:
    if section.chainage_km:
        ends_m = (1000 * km for km in section.chainage_km)
        from_m, to_m = (length_m if abs(m - length_m) <= END_TOLERANCE_M else m for m in ends_m)
    else:
        assert section.from_stop and section.to_stop
        from_m, to_m = chainage_m[section.from_stop], chainage_m[section.to_stop]
    return Part(section.id, section.structure, from_m, to_m, section.source, section.assumed)


def _site(site: SiteSpec, line: LineString, station_xy_m: Mapping[str, tuple[float, float]]) -> Site:
    if site.at.station:
        geometry = Point(station_xy_m[site.at.station])
    elif site.at.chainage_km is not None:
        geometry = line.interpolate(1000 * site.at.chainage_km)
    else:
        assert site.at.lonlat
        geometry = project(Point(*site.at.lonlat))
    return Site(
        site.id, site.kind, geometry, site.area_ha, site.permanent, site.source, site.assumed, site.confidence
    )
