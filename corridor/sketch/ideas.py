"""The folder of ideas: one scenario file each, written whole or not at all; the same records are drawn again from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import ValidationError

from corridor.core.errors import ScenarioError, unknown
from corridor.core.output import locked, write_whole, writing
from corridor.schema.changes import LineChange
from corridor.schema.line import LineSpec, LonLat
from corridor.schema.scenario import ScenarioFile, read_scenario
from corridor.sketch.drawing import (
    Drawing,
    DrawnLine,
    DrawnPoint,
    Setting,
    chainages_km,
    course_of,
    scenario_file,
    scenario_of,
)
from corridor.sketch.refusal import refused

MOST_IDEAS = 500
COMPARED = ("lines", "stations", "checkpoints")


@dataclass(frozen=True)
class Idea:
    """A saved idea: its id, title, and what its file holds, by a hash that changes with every save."""

    id: str
    title: str
    revision: str


class Ideas:
    """The ideas of a folder.

    Parameters
    ----------
    folder
        Made when the first idea is saved.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def all(self) -> list[Idea]:
        """Every idea whose file can be read, by id."""
        found = []
        for path in sorted(self.folder.glob("*.yaml"))[:MOST_IDEAS]:
            try:
                file, _ = read_scenario(path)
            except ScenarioError:
                continue  # somebody else's file, or one that is being mended: it is not ours to refuse
            found.append(Idea(file.id, file.title.en, _revision(path)))
        return sorted(found, key=lambda idea: idea.id)

    def save(self, drawing: Drawing, setting: Setting, revision: str = "") -> Idea:
        """Write an idea; a file that another wrote meanwhile stays.

        Parameters
        ----------
        drawing
            Its title becomes the id and the name of the file.
        setting
            What it is drawn on.
        revision
            That of the idea as it was opened or saved last; empty for a new one, which never replaces another.

        Returns
        -------
        Idea
            As written.

        Raises
        ------
        ScenarioError
            With everything that is wrong with the drawing.
        CorridorError
            Where the folder cannot be written.
        """
        with writing(self.folder, "choose another folder with --ideas"):
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder):
                idea_id = self._free_id(slug(drawing.title) or drawing.id, revision)
                named = drawing.model_copy(update={"id": idea_id})
                text = scenario_text(named, setting)
                write_whole(self.folder / f"{idea_id}.yaml", text.encode())
        return Idea(idea_id, drawing.title, _revision(self.folder / f"{idea_id}.yaml"))

    def _free_id(self, wanted: str, revision: str) -> str:
        """The id wanted, or with a number where another idea has it."""
        for number in range(1, MOST_IDEAS):
            idea_id = wanted if number == 1 else f"{wanted}-{number}"
            path = self.folder / f"{idea_id}.yaml"
            if not path.exists() or (revision and _revision(path) == revision):
                return idea_id
        raise refused("ideas", most=MOST_IDEAS)

    def open(self, idea_id: str, setting: Setting) -> tuple[Drawing, str]:
        """An idea as a drawing, and the revision of its file.

        Raises
        ------
        ScenarioError
            Where there is no such idea, and where its file holds what a drawing cannot show.
        """
        if idea_id not in (known := [p.stem for p in self.folder.glob("*.yaml")]):
            raise ScenarioError(unknown("", "idea", idea_id, "an idea of the list", known))
        path = self.folder / f"{idea_id}.yaml"
        return drawing_of(read_scenario(path)[0], setting), _revision(path)


def slug(title: str) -> str:
    """A title as an id.

    Examples
    --------
    >>> slug("A leg to Tuen Mun!"), slug("西線")
    ('a-leg-to-tuen-mun', '')
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-")


def scenario_text(drawing: Drawing, setting: Setting) -> str:
    """The text of the scenario file of a drawing."""
    stated = scenario_file(drawing, setting)
    return yaml.safe_dump(stated, allow_unicode=True, sort_keys=False, width=110)


def _revision(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]


def drawing_of(file: ScenarioFile, setting: Setting) -> Drawing:
    """A scenario file as a drawing.

    Parameters
    ----------
    file
        One that extends the do-minimum and changes only what a drawing can show.
    setting
        What it is drawn on.

    Raises
    ------
    ScenarioError
        Where it holds anything else, which saving it again would lose.
    """
    drawing = _drawn(file, setting)
    if (
        drawing is None
        or file.extends != setting.do_minimum
        or _stated(scenario_of(drawing, setting)[0]) != _stated(file)
    ):
        raise refused("more_than_drawn", file=f"{file.id}.yaml", reference=setting.do_minimum)
    return drawing


def _drawn(file: ScenarioFile, setting: Setting) -> Drawing | None:
    """What a drawing can show of a file; None where that is more than a drawing may hold."""
    added = [line for line in file.lines.add if isinstance(line, LineSpec)]
    try:
        return Drawing(
            id=file.id,
            title=file.title.en[:120],
            line=_line(added[0], file, setting) if len(added) == 1 and added[0].course else None,
            headways_min=_headways(file),
            closed_lines=file.lines.remove,
            checkpoints=file.checkpoints.change,
        )
    except ValidationError:
        return None


def _headways(file: ScenarioFile) -> dict[str, Any]:
    """New headways by line, in the form in which the file has them; a change of anything else is none."""
    return {
        change["id"]: change["headway_min"]
        for change in file.lines.change
        if set(change) == {"id", "headway_min"} and _is_change(change)
    }


def _is_change(change: Mapping[str, Any]) -> bool:
    try:
        LineChange.model_validate(change)
    except ValidationError:
        return False
    return True


def _stated(file: ScenarioFile) -> Mapping[str, Any]:
    return file.model_dump(mode="json", include=set(COMPARED))


def _line(spec: LineSpec, file: ScenarioFile, setting: Setting) -> DrawnLine | None:
    """The line as it was drawn: stops by their positions on the course, a structure for each leg."""
    assert spec.course
    places = {s.id: (s.lonlat, s.name) for s in file.stations.add}
    stops: dict[LonLat, DrawnPoint] = {}
    for stop in spec.stops:
        if stop in places:
            lonlat, name = places[stop]
            chinese = {"name_zh_hant": name.zh_hant, "name_zh_hans": name.zh_hans}
            stops[_rounded(lonlat)] = DrawnPoint(lonlat=lonlat, name=name.en, **chinese)
        elif stop in setting.stations:
            lonlat = setting.stations[stop][0]
            stops[_rounded(lonlat)] = DrawnPoint(lonlat=lonlat, station=stop)
    points = tuple(stops.get(_rounded(p)) or DrawnPoint(lonlat=p) for p in spec.course)
    if spec.headway_min is None or spec.hours is None or spec.run_time_min is None:
        return None
    line = DrawnLine(
        points=points,
        structures=("bored_tunnel",) * (len(points) - 1),
        headway_min=spec.headway_min,
        hours=spec.hours,
        run_time_min=spec.run_time_min,
        regime=spec.clearance.regime if spec.clearance else "co_location",
        checkpoint=next(iter(spec.clearance.checkpoint.values()), None) if spec.clearance else None,
        clears_on=_clears_on(spec, file, setting),
    )
    at_km = np.array(chainages_km(course_of(line, setting)))
    middles = (at_km[1:] + at_km[:-1]) / 2
    parts = [(s.chainage_km, s.structure) for s in spec.profile if s.chainage_km]
    structures = tuple(
        next((kind for (start, end), kind in parts if start <= km <= end), "bored_tunnel") for km in middles
    )
    return line.model_copy(update={"structures": structures})


def _clears_on(spec: LineSpec, file: ScenarioFile, setting: Setting) -> str | None:
    """The side at whose stops passengers clear; None for the second, which is meant where none is named."""
    sides = {
        **{k: side for k, (_, side) in setting.stations.items()},
        **{s.id: s.region for s in file.stations.add},
    }
    cleared = {sides.get(stop) for stop in spec.clearance.checkpoint} if spec.clearance else set()
    return setting.sides[0] if cleared == {setting.sides[0]} else None


def _rounded(lonlat: LonLat) -> LonLat:
    return round(lonlat[0], 6), round(lonlat[1], 6)
