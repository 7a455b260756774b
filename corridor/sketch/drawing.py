"""A drawing as the page sends it, and the scenario file that it makes; what is wrong with it is said in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator
from shapely import LineString, Point

from corridor.core.crs import project
from corridor.core.errors import Problem, Problems, ScenarioError, unknown
from corridor.drawing.i18n import fill
from corridor.ecology.works.parameters import ParameterTable
from corridor.ecology.works.profile import UNDERGROUND
from corridor.network.clearance import REGIME_CLEARANCE_MIN
from corridor.schema.changes import DWELL_S, CheckpointEdit, Period, PeriodGroup
from corridor.schema.line import Headway, Hours, Id, LonLat, Model, Positive, Regime, Structure
from corridor.schema.resolved import SCHEMA as SCENARIO_SCHEMA
from corridor.schema.scenario import ScenarioFile
from corridor.schema.text import Text
from corridor.schema.yaml_source import YamlSource
from corridor.sketch.refusal import refusal, refused

MOST_POINTS = 200
LONGEST_KM = 250.0
"""Longer than any line between two neighbouring cities: a slip of the hand."""
LEAST_TURN_DEG = 10.0
"""No train takes a bend whose two legs are nearer to each other than that: the line folds back onto itself."""
LEAST_LEG_M = 20.0
"""Two points nearer than that are one point drawn twice."""
SCHEMA = "drawing"
HERE = "drawing"


def _is_mapping(value: object) -> str:
    return "by period" if isinstance(value, Mapping) else "all day"


ByPeriod = Annotated[dict[Period | PeriodGroup, Positive], Field(min_length=1)]
DrawnHeadway = Annotated[
    Annotated[Positive, Tag("all day")] | Annotated[ByPeriod, Tag("by period")], Discriminator(_is_mapping)
]
"""Minutes: one number for all day, or one for each period or group of periods."""


class DrawnPoint(Model):
    """A point of the course: a station of the study (`station`), a new one (`name`), or a bend."""

    lonlat: LonLat
    station: Id | None = None
    name: Annotated[str, Field(max_length=80)] = ""
    name_zh_hant: Annotated[str, Field(max_length=80)] = ""
    name_zh_hans: Annotated[str, Field(max_length=80)] = ""
    """The name in Chinese, where the file has one; else `name` is shown in all scripts."""

    @property
    def names(self) -> dict[str, str]:
        """The name by script, as a scenario file has it."""
        chinese = {"zh-Hant": self.name_zh_hant, "zh-Hans": self.name_zh_hans}
        return {"en": self.name, **{script: name for script, name in chinese.items() if name}}

    @property
    def stops(self) -> bool:
        """Whether trains stop here."""
        return bool(self.station or self.name)


class DrawnLine(Model):
    """A line as drawn: its points from end to end, the structure of each leg between two points, and its service."""

    points: Annotated[tuple[DrawnPoint, ...], Field(max_length=MOST_POINTS)]
    structures: Annotated[tuple[Structure, ...], Field(max_length=MOST_POINTS)]
    headway_min: Headway
    hours: Hours
    speed_kmh: Positive | None = None
    run_time_min: Positive | None = None
    regime: Regime = "co_location"
    checkpoint: Id | None = None
    """The control point at which those who ride across the boundary clear."""
    clears_on: Id | None = None
    """The side at whose stops they clear; the second one where none is named."""

    @model_validator(mode="after")
    def _one_of_both(self) -> DrawnLine:
        if (self.speed_kmh is None) == (self.run_time_min is None):
            raise ValueError("either speed_kmh or run_time_min is expected")
        if len(self.structures) != max(len(self.points) - 1, 0):
            raise ValueError("one structure for each leg between two points is expected")
        return self


class Drawing(Model):
    """Everything that one idea changes of the do-minimum."""

    id: Id = "idea"
    title: Annotated[str, Field(min_length=1, max_length=120)] = "Idea"
    line: DrawnLine | None = None
    headways_min: dict[Id, DrawnHeadway] = Field(default_factory=dict)
    """New headways of existing lines, by line id: all day, or by period or group of periods."""
    closed_lines: tuple[Id, ...] = ()
    checkpoints: tuple[CheckpointEdit, ...] = ()


@dataclass(frozen=True)
class Setting:
    """What a drawing is made on: the do-minimum, its stations, its sides, and what sites take."""

    do_minimum: str
    stations: Mapping[str, tuple[LonLat, str]]
    """Position and side of each station, by id."""
    side_at: Callable[[float, float], str | None]
    """The side at a longitude and latitude; None off the land."""
    bounds: tuple[float, float, float, float]
    """West, south, east, north of the land whose data there are, degrees."""
    sides: tuple[str, str]
    checkpoints: Mapping[str, str]
    """Control points of the study and their regimes, by id."""
    profile: ParameterTable


def read_drawing(data: object) -> Drawing:
    """A drawing from what the page sent.

    Raises
    ------
    ScenarioError
        With everything that is not as the page sends it.
    """
    return YamlSource(Path(HERE), data, {}).as_model(Drawing, SCHEMA)


def scenario_file(drawing: Drawing, setting: Setting) -> dict[str, Any]:
    """The scenario file of a drawing, as mappings and lists.

    Parameters
    ----------
    drawing
        As drawn.
    setting
        What it is drawn on.

    Returns
    -------
    dict
        The keys of a scenario file that extends the do-minimum, with the line's course in it.

    Raises
    ------
    ScenarioError
        With every fault of the course: fewer than two stations, a course that crosses itself or leaves the data, and so on.
    """
    stated: dict[str, Any] = {
        "id": drawing.id,
        "title": {"en": drawing.title},
        "question": {"en": f"What changes against {setting.do_minimum}?"},
        "extends": setting.do_minimum,
    }
    lines: dict[str, Any] = {}
    if drawing.line and drawing.line.points:
        check_course(drawing.line, setting)
        named = _named(drawing, drawing.line, setting)
        if added := [entry for _, entry in named if entry]:
            stated["stations"] = {"add": added}
        lines["add"] = [_line(drawing, drawing.line, [i for i, _ in named], setting)]
        stated["assumptions"] = [{"en": ASSUMED}]
    lines["change"] = [{"id": i, "headway_min": minutes} for i, minutes in drawing.headways_min.items()]
    lines["remove"] = list(drawing.closed_lines)
    if filled := {k: v for k, v in lines.items() if v}:
        stated["lines"] = filled
    if drawing.checkpoints:
        plain = [c.model_dump(mode="json", exclude_defaults=True) for c in drawing.checkpoints]
        stated["checkpoints"] = {"change": plain}
    return stated


def scenario_of(drawing: Drawing, setting: Setting) -> tuple[ScenarioFile, YamlSource]:
    """The scenario file of a drawing as if it had been read.

    Raises
    ------
    ScenarioError
        As :func:`scenario_file`, and with everything that no scenario file may hold.
    """
    source = YamlSource(Path(HERE), scenario_file(drawing, setting), {})
    return source.as_model(ScenarioFile, SCENARIO_SCHEMA), source


ASSUMED = (
    "Drawn by hand. Course, structures, service and clearance are assumptions; each station and each tunnel mouth takes "
    "the area of the table of profile parameters."
)


def check_course(line: DrawnLine, setting: Setting) -> None:
    """Refuse a course that cannot be a line.

    Raises
    ------
    ScenarioError
        With every fault at once.
    """
    problems = Problems(ScenarioError)
    problems.extend(_wrong_points(line, setting))
    problems.raise_all()
    problems.extend(_wrong_course(course_of(line, setting)))
    problems.raise_all()


def _wrong_course(course: LineString) -> Iterator[Problem]:
    length_km = course.length / 1000
    if length_km > LONGEST_KM:
        yield refusal("long", length=f"{length_km:,.0f}", most=f"{LONGEST_KM:.0f}")
    if not course.is_simple:
        yield refusal("crosses")
    for i in _folds(course):
        yield refusal("fold", i=i, least=f"{LEAST_TURN_DEG:.0f}")
    for i, (a, b) in enumerate(pairwise(map(Point, course.coords)), start=1):
        if (gap_m := a.distance(b)) < LEAST_LEG_M:
            yield refusal("near", i=i, j=i + 1, gap=f"{gap_m:.0f}", least=f"{LEAST_LEG_M:.0f}")


def _folds(course: LineString) -> Iterator[int]:
    """Numbers of the points at which a course folds back, from 1."""
    legs = np.diff(np.array(course.coords), axis=0)
    for i, (a, b) in enumerate(pairwise(legs), start=2):
        lengths_m2 = np.hypot(*a) * np.hypot(*b)
        if lengths_m2 > 0 and a @ b / lengths_m2 < -np.cos(np.radians(LEAST_TURN_DEG)):
            yield i


def places_of(line: DrawnLine, setting: Setting) -> list[LonLat]:
    """Longitude and latitude of each point, to a decimetre; a known station is where the study has it."""
    at = [setting.stations[p.station][0] if p.station else p.lonlat for p in line.points]
    return [(round(lon, 6), round(lat, 6)) for lon, lat in at]


def course_of(line: DrawnLine, setting: Setting) -> LineString:
    """The course of a line, EPSG:4547."""
    found = project(LineString(places_of(line, setting)))
    assert isinstance(found, LineString)
    return found


def _wrong_points(line: DrawnLine, setting: Setting) -> Iterator[Problem]:
    if sum(p.stops for p in line.points) < 2:
        yield refusal("stations")
        return
    for number, point in ((1, line.points[0]), (len(line.points), line.points[-1])):
        if not point.stops:
            yield refusal("end", point=_name(number, point))
    west, south, east, north = setting.bounds
    first_of: dict[str, int] = {}
    for i, point in enumerate(line.points, start=1):
        lon, lat = point.lonlat
        if not (west <= lon <= east and south <= lat <= north):
            yield refusal("outside", point=_name(i, point))
        elif point.station and point.station not in setting.stations:
            yield unknown(f"point {i}", "station", point.station, "a station id", setting.stations)
        elif point.stops and not point.station and setting.side_at(lon, lat) is None:
            yield refusal("off_land", point=_name(i, point))
        if point.station and first_of.setdefault(point.station, i) != i:
            yield refusal("twice", i=first_of[point.station], j=i)


def _name(number: int, point: DrawnPoint) -> Text:
    """A point by its number, with its name where the hand gave it one."""
    return fill("refused_named" if point.name else "refused_point", i=number, name=point.name)


def _named(drawing: Drawing, line: DrawnLine, setting: Setting) -> list[tuple[str, dict[str, Any] | None]]:
    """The id of each stop, with the entry of a station that is new."""
    found: list[tuple[str, dict[str, Any] | None]] = []
    for i, point in enumerate((p for p in line.points if p.stops), start=1):
        if point.station:
            found.append((point.station, None))
            continue
        new: dict[str, Any] = {
            "id": f"{drawing.id[:60]}-station-{i}", "name": point.names, "lonlat": [round(v, 6) for v in point.lonlat],
            "region": setting.side_at(*point.lonlat),
        }  # fmt: skip
        found.append((new["id"], new))
    return found


def _line(drawing: Drawing, line: DrawnLine, stops: list[str], setting: Setting) -> dict[str, Any]:
    at_km = chainages_km(course_of(line, setting))
    entry: dict[str, Any] = {
        "id": drawing.id,
        "name": {"en": drawing.title},
        "status": "concept",
        "stops": stops,
        "length_km": at_km[-1],
        "run_time_min": line.run_time_min or run_time_min(at_km[-1], line.speed_kmh or 0, len(stops)),
        "headway_min": line.headway_min.model_dump(),
        "hours": list(line.hours),
        "course": [list(lonlat) for lonlat in places_of(line, setting)],
        "profile": _profile(line, at_km),
        "sites": _sites(line, stops, at_km, setting.profile),
    }
    if clearance := _clearance(line, stops, setting):
        entry["clearance"] = clearance
    return entry


def chainages_km(course: LineString) -> list[float]:
    """Kilometres along a course (EPSG:4547) at each of its points, to the metre."""
    steps_m = np.hypot(*np.diff(np.array(course.coords), axis=0).T)
    return [round(float(m) / 1000, 3) for m in (0.0, *np.cumsum(steps_m))]


def run_time_min(length_km: float, speed_kmh: float, stops: int) -> float:
    """Minutes from end to end: length over the speed between stops, and 30 s at each stop between.

    Examples
    --------
    >>> run_time_min(10, 60, 4)
    11.0
    """
    return round(60 * length_km / speed_kmh + (stops - 2) * DWELL_S / 60, 2)


def _profile(line: DrawnLine, at_km: list[float]) -> list[dict[str, Any]]:
    """A part for each run of legs of one structure."""
    parts = []
    for number, (structure, legs) in enumerate(
        groupby(range(len(line.structures)), line.structures.__getitem__), start=1
    ):
        own = list(legs)
        stretch = [at_km[own[0]], at_km[own[-1] + 1]]
        parts.append(
            {"id": f"part-{number}", "structure": structure, "chainage_km": stretch, "assumed": True}
        )
    return parts


def _sites(
    line: DrawnLine, stops: list[str], at_km: list[float], table: ParameterTable
) -> list[dict[str, Any]]:
    """A box at every stop and a portal at every mouth of a tunnel, of the central area of the table."""
    found: list[tuple[str, str, dict[str, Any]]] = [
        ("station_box", f"box-{i}", {"station": stop}) for i, stop in enumerate(stops, start=1)
    ]
    mouths = [
        i
        for i, (a, b) in enumerate(pairwise(line.structures), start=1)
        if (a in UNDERGROUND) != (b in UNDERGROUND)
    ]
    found += [("portal", f"portal-{i}", {"chainage_km": at_km[m]}) for i, m in enumerate(mouths, start=1)]
    assumed = {"permanent": True, "assumed": True, "confidence": "M"}
    return [
        {"id": site_id, "kind": kind, "at": at, "area_ha": table.site(kind).area.central, **assumed}
        for kind, site_id, at in found
    ]


def _clearance(line: DrawnLine, stops: list[str], setting: Setting) -> dict[str, Any] | None:
    """Passengers clear at the stops of one side, where the line has stops on both."""
    sides = [
        setting.stations[p.station][1] if p.station else setting.side_at(*p.lonlat)
        for p in line.points if p.stops
    ]  # fmt: skip
    if len(set(sides)) < 2:
        return None
    if line.checkpoint is None:
        raise refused("boundary")
    if line.checkpoint not in setting.checkpoints:
        use = "a control point of the study"
        raise ScenarioError(unknown("the line", "control point", line.checkpoint, use, setting.checkpoints))
    cleared = line.clears_on or setting.sides[1]
    if cleared not in setting.sides:
        raise ScenarioError(unknown("the line", "side", cleared, "a side", setting.sides))
    at = [stop for stop, side in zip(stops, sides, strict=True) if side == cleared]
    mean, low, high = REGIME_CLEARANCE_MIN[line.regime]
    return {
        "regime": line.regime,
        "at": at,
        "checkpoint": dict.fromkeys(at, line.checkpoint),
        "mean_min": mean,
        "low_min": low,
        "high_min": high,
        "assumed": True,
    }
