"""story.html: a presenter's sequence of views of the comparison map, with captions and notes, from a short YAML file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from corridor.core.errors import Problems, ScenarioError, nearest
from corridor.drawing import palette
from corridor.drawing.compared import LEAD
from corridor.schema.line import LonLat, Model
from corridor.schema.rows import number_of, rows_of, text_of
from corridor.schema.text import Text
from corridor.schema.yaml_source import YamlSource, read_yaml
from corridor.study.compare import Comparison
from corridor.web.layers import PageLayers

SHOWN = ("zones", "checkpoints", "stations", "hubs", "contours", "rail", "road", "footprint", "labels", "designations",
         "corridors", "wildlife")  # fmt: skip
"""What `layers` of a view may name, and every kind of designation besides; lines that a scenario adds are always drawn."""
SCHEMA = "story: title and views, each with scenario and caption"
PLACES = ("corridors", "all")
PLACE_ZOOM = 12.5


class StoryView(Model):
    """One view: which scenario, which measure at which hour, shown how, where, and what is said about it.

    Attributes
    ----------
    scenario
        Id of a scenario of the comparison.
    measure
        Id of a measure without its hour.
    hour
        HH:MM; empty for the first hour.
    show
        Value, change, change in percent, or both scenarios side by side.
    place
        ``corridors``, ``all`` or the id of a place, where no centre is given.
    center
        Longitude and latitude, degrees.
    zoom
        Zoom level of Leaflet.
    layers
        What is shown, see :data:`SHOWN`; None for what the page shows at first.
    """

    scenario: str
    measure: str = LEAD
    hour: str = ""
    show: Literal["value", "change", "percent", "side by side"] = "change"
    place: str = "corridors"
    center: LonLat | None = None
    zoom: Annotated[float, Field(ge=8, le=16)] | None = None
    layers: tuple[str, ...] | None = None
    caption: Text
    notes: Text | None = None


class StoryFile(Model):
    """The file as written."""

    title: Text
    views: Annotated[tuple[StoryView, ...], Field(min_length=1, max_length=60)]


@dataclass(frozen=True)
class Story:
    """A story and the file it came from, for messages that name a line."""

    file: StoryFile
    source: YamlSource

    @property
    def scenario_ids(self) -> tuple[str, ...]:
        """The scenarios that it shows, each once, in order."""
        return tuple(dict.fromkeys(view.scenario for view in self.file.views))


def read_story(path: Path) -> Story:
    """A story file, validated.

    Parameters
    ----------
    path
        A YAML file.

    Raises
    ------
    ScenarioError
        With every problem, its line and what to do. Names are checked against a comparison by :func:`check_story`.
    """
    source = read_yaml(path, ScenarioError)
    if not isinstance(source.data, dict):
        what, expected = "is not a mapping", "keys title and views"
        raise ScenarioError.at(path.name, what, expected, "see the user's guide")
    return Story(source.as_model(StoryFile, SCHEMA), source)


def check_story(story: Story, comparison: Comparison, layers: PageLayers) -> None:
    """Refuse a story that shows what the comparison does not have.

    Parameters
    ----------
    story
        The story.
    comparison
        For its scenarios, measures and hours.
    layers
        For the places that a view may name.

    Raises
    ------
    ScenarioError
        With every such name, its line and the nearest known one.
    """
    measures = list(dict.fromkeys(m.base_id for m in comparison.measures))
    hours = list(dict.fromkeys(m.hour for m in comparison.measures))
    wrong = Problems(ScenarioError)
    for number, view in enumerate(story.file.views):
        asked: list[tuple[str, str, Sequence[str]]] = [
            ("scenario", view.scenario, list(comparison.results)), ("measure", view.measure, measures),
            ("place", view.place, [*PLACES, *_places(layers)]),
        ]  # fmt: skip
        asked += [("hour", view.hour, hours)] if view.hour else []
        asked += [("layers", name, [*SHOWN, *palette.DESIGNATIONS]) for name in view.layers or ()]
        for key, value, known in asked:
            if value not in known:
                where = story.source.where(("views", number, key))
                what = f"{key} {value!r} is not in this comparison"
                wrong.add(where, what, ", ".join(known), nearest(value, known) or "use one of these")
    wrong.raise_all()


def _places(layers: PageLayers) -> dict[str, tuple[float, float]]:
    """Position (longitude, latitude) of every place that has one."""
    found = {}
    for row in rows_of(layers.places):
        lon, lat = number_of(row.get("lon")), number_of(row.get("lat"))
        if lon is not None and lat is not None:
            found[text_of(row["place_id"])] = (lon, lat)
    return found


def for_page(story: Story, comparison: Comparison, layers: PageLayers) -> dict[str, Any]:
    """The story as the page's script reads it."""
    places, ids = _places(layers), list(comparison.results)
    return {
        "title": story.file.title,
        "views": [
            {
                "s": ids.index(view.scenario), "m": view.measure, "h": view.hour,
                "v": "value" if view.show == "side by side" else view.show, "b": view.show == "side by side",
                "at": _at(view, places), "on": None if view.layers is None else list(view.layers),
                "caption": view.caption, "notes": view.notes if view.notes else None,
            }
            for view in story.file.views
        ],
    }  # fmt: skip


def _at(view: StoryView, places: dict[str, tuple[float, float]]) -> dict[str, Any]:
    centre = view.center or places.get(view.place)
    if centre is None:
        return {"box": "area" if view.place == "all" else "corridor", "zoom": view.zoom}
    return {"at": [round(centre[1], 5), round(centre[0], 5)], "zoom": view.zoom or PLACE_ZOOM}
