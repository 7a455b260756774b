"""The vertical profile of a line: its parts by structure, and the sites that stay on the surface.

What a line does to nature follows from its structure far more than from its course on the map. A work is
therefore an alignment, contiguous parts of one structure each, and sites (depots, portals, shafts, ...).
All geometry is EPSG:4547 (metres).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, cast, get_args

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.ops import substring

from corridor.core.crs import project
from corridor.core.errors import GeometryError, Problems, ScenarioError
from corridor.ecology import M2_PER_HA
from corridor.ecology.land.checks import check_choice, check_domain, check_once
from corridor.ecology.works.parameters import SHIPPED, STRUCTURES, ParameterTable, Quantity
from corridor.schema.line import LineSpec, Section, SiteKind, SiteSpec
from corridor.schema.section import Finding, Severity
from corridor.schema.text import Text

UNDERGROUND = frozenset({"bored_tunnel", "immersed_tunnel", "cut_and_cover"})

SITE_KINDS: tuple[str, ...] = get_args(SiteKind)

JOINT_TOLERANCE_M = 1.0
"""Parts that miss each other, or an end of the line, by no more than this are joined silently."""
END_TOLERANCE_M = 5.0  # chainages of a specification are written to the metre


@dataclass(frozen=True)
class Part:
    """A stretch of one structure, by chainage along the alignment in metres."""

    part_id: str
    structure: str
    from_m: float
    to_m: float
    source: tuple[str, ...] = ()
    assumed: bool = False

    @property
    def length_m(self) -> float:
        """Length along the alignment."""
        return self.to_m - self.from_m

    @property
    def underground(self) -> bool:
        """Whether trains run below the surface here."""
        return self.structure in UNDERGROUND


@dataclass(frozen=True)
class Site:
    """A place where a work reaches the surface, permanently (``permanent``) or while it is built.

    A point means ``area_ha`` around it; a polygon is taken as drawn, and ``area_ha`` may then be None.
    """

    site_id: str
    kind: str
    geometry: Point | Polygon | MultiPolygon
    area_ha: float | None
    permanent: bool
    source: tuple[str, ...] = ()
    assumed: bool = False
    confidence: str = "M"

    @property
    def size_ha(self) -> float:
        """The area stated, or as drawn (ha)."""
        return self.geometry.area / M2_PER_HA if self.area_ha is None else self.area_ha


@dataclass(frozen=True)
class Work:
    """One line or section to be built: alignment, stations by chainage (m), profile parts and sites.

    The parts must cover the alignment from 0 to its length without gap or overlap. They may come in any
    order and are kept sorted, so that the order of the input changes nothing. ``name`` may be given as a
    mapping of scripts (en, zh-Hant, zh-Hans). Raises LayerError, GeometryError or CrsError with all faults.
    """

    line_id: str
    name: Text
    status: str
    counterfactual: bool
    alignment: LineString
    stations: Mapping[str, float] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    sites: tuple[Site, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.name, Mapping):
            object.__setattr__(self, "name", Text.model_validate(self.name))
        with Problems() as found:
            _check_alignment(found, self.line_id, self.alignment)
        parts = tuple(sorted(self.parts, key=lambda p: (p.from_m, p.to_m, p.part_id)))
        object.__setattr__(self, "parts", _joined(parts, self.alignment.length))
        object.__setattr__(self, "sites", tuple(sorted(self.sites, key=lambda s: s.site_id)))
        with Problems() as found:
            _check_parts(found, self)
            _check_sites(found, self)
            _check_stations(found, self)

    def __hash__(self) -> int:
        # results are kept by work, and the mapping of stations has no hash of its own
        return hash(
            (self.line_id, self.alignment, tuple(sorted(self.stations.items())), self.parts, self.sites)
        )

    @property
    def length_m(self) -> float:
        """Length of the alignment as drawn, in EPSG:4547."""
        return float(self.alignment.length)

    def course(self, part: Part) -> LineString:
        """The stretch of the alignment that a part runs on."""
        return cast(LineString, substring(self.alignment, part.from_m, part.to_m))

    def xy_at(self, chainages_m: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Easting and northing (m, EPSG:4547) at chainages along the alignment (m); beyond an end, those of the end."""
        vertices = shapely.get_coordinates(self.alignment)
        vertex_m = np.concatenate([[0.0], np.hypot(*np.diff(vertices, axis=0).T).cumsum()])
        x, y = (np.interp(chainages_m, vertex_m, column) for column in vertices.T)
        return x, y

    def part_at(self, chainage_m: float) -> tuple[Part, ...]:
        """The part at a chainage, or both where two parts meet (within :data:`JOINT_TOLERANCE_M`); none off the line."""
        low, high = chainage_m - JOINT_TOLERANCE_M, chainage_m + JOINT_TOLERANCE_M
        return tuple(p for p in self.parts if p.from_m <= high and p.to_m >= low)


def _check_alignment(found: Problems, line_id: str, line: Any) -> None:
    where = f"work {line_id}, alignment"
    if not isinstance(line, LineString):
        what = f"a {type(line).__name__}"
        found.add(where, what, "one LineString", "merge or draw it anew", GeometryError)
    elif line.is_empty or line.length == 0:
        found.add(where, "an empty line", "a line with length", "draw the alignment", GeometryError)
    else:
        check_domain(found, where, line.bounds)


def _joined(parts: tuple[Part, ...], length_m: float) -> tuple[Part, ...]:
    """Parts with joints and ends that are off by the tolerance moved onto each other."""
    joined: list[Part] = []
    here = 0.0
    for index, part in enumerate(parts):
        start = here if abs(part.from_m - here) <= JOINT_TOLERANCE_M else part.from_m
        last = index == len(parts) - 1 and abs(part.to_m - length_m) <= JOINT_TOLERANCE_M
        here = length_m if last else part.to_m
        joined.append(replace(part, from_m=start, to_m=here))
    return tuple(joined)


def _check_parts(found: Problems, work: Work) -> None:
    where = f"work {work.line_id}, profile"
    if not work.parts:
        remedy = "state a structure for the whole line"
        found.add(where, "no parts", "parts from 0 to the end", remedy)
        return
    check_once(found, where, "part id", [p.part_id for p in work.parts])
    for part in work.parts:
        at, stretch = f"{where}, part {part.part_id}", f"{part.from_m:.0f} to {part.to_m:.0f} m"
        check_choice(found, f"{at}, structure", part.structure, STRUCTURES)
        if not part.to_m > part.from_m:
            found.add(at, f"runs from {stretch}", "from before to", "swap or drop it")
        if part.from_m < 0 or part.to_m > work.length_m + JOINT_TOLERANCE_M:
            remedy = "shorten it, or scale published chainages to the alignment"
            found.add(at, f"{stretch} outside the line", f"0 to {work.length_m:.0f} m", remedy)
    _check_joints(found, where, work)


def _check_joints(found: Problems, where: str, work: Work) -> None:
    """Note gaps and overlaps between parts, and between the profile and the ends of the line."""
    here, name = 0.0, "the start of the line"
    ends = [(p.from_m, p.to_m, f"part {p.part_id}") for p in work.parts]
    for start, end, label in [*ends, (work.length_m, work.length_m, "the end of the line")]:
        if start - here > JOINT_TOLERANCE_M:
            what = f"gap from {here:.0f} to {start:.0f} m between {name} and {label}"
            found.add(where, what, "parts that meet", "name the structure of this stretch")
        elif here - start > JOINT_TOLERANCE_M and label.startswith("part"):
            what = f"overlap from {start:.0f} to {here:.0f} m of {name} and {label}"
            found.add(where, what, "parts that meet", "move one of the ends")
        if end >= here:
            here, name = end, label


def _check_sites(found: Problems, work: Work) -> None:
    check_once(found, f"work {work.line_id}", "site id", [s.site_id for s in work.sites])
    for site in work.sites:
        where, shape = f"work {work.line_id}, site {site.site_id}", site.geometry
        drawn = isinstance(shape, Point | Polygon | MultiPolygon)
        check_choice(found, f"{where}, kind", site.kind, SITE_KINDS)
        if not drawn or shape.is_empty:
            what = "an empty geometry" if drawn else f"a {type(shape).__name__}"
            found.add(where, what, "a point or a polygon", "give its position", GeometryError)
        elif not shape.is_valid:
            remedy = "mend it (shapely.make_valid)"
            found.add(where, "an invalid polygon", "a simple outline", remedy, GeometryError)
        elif isinstance(shape, Point) and not (site.area_ha and site.area_ha > 0):
            remedy = "state an area in hectares, assumed if need be, or draw the polygon"
            found.add(where, f"area_ha {site.area_ha}", "an area above 0 for a point", remedy)
        else:
            check_domain(found, where, shape.bounds)


def _check_stations(found: Problems, work: Work) -> None:
    for station, chainage in sorted(work.stations.items()):
        if not -JOINT_TOLERANCE_M <= chainage <= work.length_m + JOINT_TOLERANCE_M:
            where, expected = f"work {work.line_id}, station {station}", f"0 to {work.length_m:.0f} m"
            found.add(where, f"chainage {chainage:.0f} m", expected, "measure it along the alignment")


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


ACCESS_KINDS = frozenset({"shaft", "ventilation_building", "emergency_access", "portal", "station_box"})
"""Sites by which people reach the surface from a tunnel; a station of the line is a way as well."""
ACCESS_REACH_M = 300.0
"""A site further from the line than this is no way out of its tunnel."""
PORTAL_REACH_M = 500.0
"""A portal belongs to a mouth of a tunnel within this distance along the line."""


def findings(work: Work, table: ParameterTable = SHIPPED) -> tuple[Finding, ...]:
    """What to ask about a profile, along the line.

    A tunnel of a work that lists no site; stretches of tunnel with no station, shaft, ventilation building,
    emergency access or portal for longer than the table's ``surface_access`` (a note above its central figure,
    a warning above its high one); a mouth of a tunnel without a portal; a site whose area is outside the
    range of the table.
    """
    found = [
        *_without_sites(work), *_portal_findings(work), *_area_findings(work, table),
        *_access_findings(work, table.surface_access),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda f: (f.from_m, f.kind, f.site_id)))


def tunnels_m(work: Work) -> tuple[tuple[float, float], ...]:
    """Stretches of the line below ground: from and to in metres, in order.

    Bored, immersed and cut-and-cover parts that follow each other are one stretch.
    """
    stretches: list[tuple[float, float]] = []
    for part in (p for p in work.parts if p.underground):
        if stretches and part.from_m - stretches[-1][1] <= JOINT_TOLERANCE_M:
            stretches[-1] = (stretches[-1][0], part.to_m)
        else:
            stretches.append((part.from_m, part.to_m))
    return tuple(stretches)


def chainage_m(work: Work, site: Site) -> float:
    """The chainage of a site (m): the point of the alignment nearest to its centroid."""
    return float(work.alignment.project(site.geometry.centroid))


def _without_sites(work: Work) -> Iterator[Finding]:
    bored_m = sum(p.length_m for p in work.parts if p.structure == "bored_tunnel")
    if bored_m > 0 and not work.sites:
        figures = (bored_m, 0.0, 0.0, 0.0, "m")
        yield Finding(work.line_id, "no_sites", "warning", 0.0, work.length_m, "", *figures, "P04", "A")


def _access_findings(work: Work, rule: Quantity) -> Iterator[Finding]:
    shafts = (
        chainage_m(work, s)
        for s in work.sites
        if s.permanent and s.kind in ACCESS_KINDS and work.alignment.distance(s.geometry) <= ACCESS_REACH_M
    )
    ways = sorted([*work.stations.values(), *shafts])
    for start, end in tunnels_m(work):
        for here, there in pairwise([start, *(w for w in ways if start < w < end), end]):
            if there - here > rule.central:
                severity: Severity = "warning" if there - here > rule.high else "note"
                figures = (there - here, rule.central, rule.low, rule.high, "m", rule.source, rule.confidence)
                yield Finding(work.line_id, "access_spacing", severity, here, there, "", *figures)


def _portal_findings(work: Work) -> Iterator[Finding]:
    portals = [chainage_m(work, s) for s in work.sites if s.kind == "portal"]
    for mouth in (m for stretch in tunnels_m(work) for m in stretch):
        inside = JOINT_TOLERANCE_M < mouth < work.length_m - JOINT_TOLERANCE_M
        if inside and all(abs(p - mouth) > PORTAL_REACH_M for p in portals):
            figures = (0.0, 1.0, 1.0, 1.0, "portals", "P04", "A")
            yield Finding(work.line_id, "no_portal", "warning", mouth, mouth, "", *figures)


def _area_findings(work: Work, table: ParameterTable) -> Iterator[Finding]:
    for site in work.sites:
        usual = table.site(site.kind).area
        if not usual.low <= site.size_ha <= usual.high:
            at, limit = chainage_m(work, site), usual.low if site.size_ha < usual.low else usual.high
            figures = (site.size_ha, limit, usual.low, usual.high, "ha", usual.range_source, usual.confidence)
            yield Finding(work.line_id, "site_area", "note", at, at, site.site_id, *figures)
