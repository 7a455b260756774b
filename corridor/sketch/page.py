"""The page of the sketch: its one HTML text, the files it loads, and the ground that is drawn on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, get_args

import geopandas as gpd
import numpy as np
import shapely
from markupsafe import Markup

from corridor.core import paths
from corridor.drawing import palette
from corridor.drawing.basemap import prepare
from corridor.drawing.i18n import STRINGS, t, term
from corridor.schema.line import LineSpec, Regime, Structure
from corridor.schema.rows import names, row_name, rows_of
from corridor.schema.scenario import read_scenario
from corridor.schema.text import Text
from corridor.sketch.drawing import Drawing
from corridor.sketch.ideas import drawing_of, scenario_text
from corridor.sketch.scored import STEPS, Sketcher
from corridor.study import stages
from corridor.study.study import Study
from corridor.web.inline import asset, map_library, sealed
from corridor.web.templates import render, script_json

RAIL = frozenset({"metro", "light_rail", "hsr", "high_speed"})
FINE_DEG = 0.0002


STATIC = (
    "leaflet.js", "leaflet.css", "page.css", "sketch.css", "sketchmap.js", "labels.js", "sketchideas.js", "sketch.js",
)  # fmt: skip
"""The files that the page loads, by the names under which alone they may be asked for."""


def static(name: str) -> str:
    """The text of a file that the page loads, from the package or from the shipped map library."""
    return map_library(name) if name.startswith("leaflet") else asset(name)


@dataclass(frozen=True)
class Shared:
    """A drawing with its answer, to be read without the server."""

    drawing: Drawing
    hour: str
    answer: Mapping[str, Any]
    groups: tuple[Any, ...] = ()
    """The slow parts that are there."""
    done: bool = False
    """Whether they are all there."""


def shared_page(sketcher: Sketcher, ground: Mapping[str, Any], shared: Shared) -> str:
    """The page as one file that asks for nothing: it shows a drawing and its answer, and nothing can be drawn.

    Parameters
    ----------
    sketcher
        Whose study the drawing is on.
    ground
        As of :func:`ground`; only the cells whose change is shown are kept.
    shared
        The drawing, which 'corridor sketch' reads again from the file.

    Returns
    -------
    str
        HTML. Its element ``shared`` holds all of it as JSON, the scenario file (YAML) among it.
    """
    gain, cells = shared.answer["gain"], ground["cells"]
    shown = {key: [cells[key][i] for i in gain["cell"]] for key in ("lat", "lon")}
    answer = {**shared.answer, "gain": {**gain, "cell": list(range(len(gain["cell"])))}}
    held = {
        "ground": {**ground, "cells": {**cells, **shown}, "worked": []},
        "drawing": shared.drawing.model_dump(mode="json"),
        "answer": answer,
        "groups": shared.groups,
        "done": shared.done,
        "hour": shared.hour,
        "file": scenario_text(shared.drawing, sketcher.setting),
    }
    return sealed(page(sketcher, held))


def page(sketcher: Sketcher, held: Mapping[str, Any] | None = None) -> str:
    """The page as one text; it asks for :data:`STATIC` and for its ground, unless it holds them and a drawing."""
    study = sketcher.study
    words = {key.removeprefix("sketch_"): text for key, text in STRINGS.items() if key.startswith("sketch_")}
    structures = [(s, term("structure", s)) for s in get_args(Structure)]
    steps = [(step, t(f"sketch_{step}")) for step in STEPS]
    loaded = [(name, Markup(static(name)) if held else None) for name in STATIC]
    return str(
        render(
            "sketch.html.j2",
            title=t("sketch_title"),
            words=script_json(words | {"structures": structures, "steps": steps}),
            scripts=[(name, text) for name, text in loaded if name.endswith(".js")],
            styles=[(name, text) for name, text in loaded if name.endswith(".css")],
            shared=script_json(held) if held else None,
            do_minimum=study.scenario(sketcher.do_minimum).title,
            regimes=[(r, t(f"sketch_regime_{r}")) for r in get_args(Regime)],
            hours=sketcher.hours,
            attributions=study.catalog.attributions(
                ["coastline", "stations", "cells", "habitat", "designations", "green_corridors"]
            ),
        )
    )


def ground(sketcher: Sketcher) -> dict[str, Any]:
    """What the map shows before anything is drawn: land, stations, lines, cells, and ideas to start from."""
    study = sketcher.study
    base = prepare(study.coastline, study.districts, study.region)
    west, south, east, north = base.bounds
    cells = sketcher.cells
    return {
        "bounds": [[south, west], [north, east]],
        "land": _rings(base.land),
        "notMapped": _rings(base.not_mapped),
        "boundary": _rings(base.boundary),
        "districts": _rings(base.district_lines),
        "designations": list(_designations(study)),
        "corridors": _rings(_simple(study.catalog.vector_if_any("green_corridors"))),
        "stations": list(_stations(sketcher)),
        "lines": list(_lines(sketcher)),
        "checkpoints": [
            {
                "id": str(row["checkpoint_id"]),
                "name": row_name(row),
                "at": [row["north_lat"], row["north_lon"]],
                "open": row["status"] == "existing",
            }
            for row in rows_of(study.tables.checkpoints)
        ],
        "places": [{"name": name, "at": [at.y, at.x]} for name, _, at in base.districts.values()],
        "cells": {
            "lat": [round(float(v), 5) for v in cells.table["lat"]],
            "lon": [round(float(v), 5) for v in cells.table["lon"]],
            "size_m": float(np.diff(np.unique(cells.x_m)).min()) if len(cells.x_m) > 1 else 500.0,
        },
        "usual": _usual(study.proposals.values()),
        "worked": [{"title": title, "drawing": d.model_dump(mode="json")} for title, d in worked(sketcher)],
        "palette": {"land": palette.LAND, "sea": palette.SEA, "boundary": palette.BOUNDARY},
    }


def _rings(geometry: Any) -> list[list[list[float]]]:
    """Rings and lines of a geometry as latitude and longitude, to a metre or so."""
    parts = [p for p in shapely.get_parts(geometry) if not p.is_empty]
    rings = shapely.get_rings(parts) if any(p.geom_type == "Polygon" for p in parts) else parts
    return [[[round(y, 4), round(x, 4)] for x, y in shapely.get_coordinates(r).tolist()] for r in rings]


def _simple(frame: gpd.GeoDataFrame) -> Any:
    return shapely.simplify(shapely.union_all(frame.geometry.to_numpy()), FINE_DEG)


def _designations(study: Study) -> Iterator[dict[str, Any]]:
    """Protected areas of each kind as one shape, in the colour that they have on the other maps."""
    frame = study.catalog.vector_if_any("designations")
    for kind, own in frame.groupby("designation", sort=True) if len(frame) else ():
        colour = palette.DESIGNATIONS.get(str(kind), palette.OTHER_DESIGNATION)["colour"]
        yield {"kind": kind, "colour": colour, "rings": _rings(_simple(own))}


def _stations(sketcher: Sketcher) -> Iterator[dict[str, Any]]:
    """Railway stations, open or proposed, to which a drawing may snap."""
    for row in rows_of(sketcher.study.tables.stations):
        if row["system"] in RAIL:
            yield {
                "id": row["station_id"], "name": row_name(row), "at": [row["lat"], row["lon"]],
                "open": row["status"] == "existing",
            }  # fmt: skip


def _lines(sketcher: Sketcher) -> Iterator[dict[str, Any]]:
    """Lines that run in the do-minimum, with the courses of railways."""
    study = sketcher.study
    rows, _, _ = study.stages.of(stages.LAYERS, sketcher.do_minimum)
    called = names(rows, "line_id").by_id
    for line_id, own in rows.groupby("line_id", sort=True):
        mode = str(own["mode"].iloc[0])
        courses = [c for g in own.geometry for c in _rings(g)] if mode in RAIL else []
        yield {"id": line_id, "name": called[str(line_id)], "courses": courses}


def _usual(proposals: Any) -> dict[str, float]:
    """What the study's proposed lines have in common, to start a new drawing from: medians, to be changed at will."""
    lines: list[LineSpec] = [line for line in proposals if line.runs]
    if not lines:
        return {"speed_kmh": 60.0, "peak": 5.0, "off_peak": 10.0}
    speeds = [60 * (line.length_km or 0) / (line.run_time_min or 1) for line in lines]
    return {
        "speed_kmh": round(median(speeds)),
        "peak": median(line.headway_min.peak for line in lines if line.headway_min),
        "off_peak": median(line.headway_min.off_peak for line in lines if line.headway_min),
    }


def worked(sketcher: Sketcher) -> list[tuple[Text, Drawing]]:
    """Titles and drawings of the shipped ideas to start from, where the study is the one that they are drawn on."""
    folder = paths.scenarios_dir() / "ideas"
    if sketcher.study.scenario_folders[-1] != paths.scenarios_dir():
        return []
    files = [read_scenario(path)[0] for path in sorted(folder.glob("*.yaml"))]
    return [(file.title, drawing_of(file, sketcher.setting)) for file in files]
