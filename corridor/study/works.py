"""What a scenario builds, placed on the ground for the ecology part."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd
from shapely import LineString

from corridor.core.crs import project_xy
from corridor.core.errors import Problems, ScenarioError, unknown
from corridor.ecology.works.profile import Work, work_from_spec
from corridor.schema.line import LineSpec
from corridor.schema.scenario import Scenario


def works_of(
    scenario: Scenario,
    stations: pd.DataFrame,
    alignments: Mapping[str, object],
    running: Collection[str],
) -> tuple[Work, ...]:
    """Place the works of a scenario on the ground.

    Parameters
    ----------
    scenario
        What is built, and which stations it moves.
    stations
        station_id, lon, lat (EPSG:4326).
    alignments
        Lines in EPSG:4326 by line id.
    running
        Ids of existing lines, whose track an added line may use.

    Returns
    -------
    tuple of Work
        Parts and sites in EPSG:4547; lines that only change service, and existing lines without
        alignment, profile and sites, have no works.

    Raises
    ------
    ScenarioError
        Naming every other line whose alignment is not known, and every one on the track of a line that is not there.
    """
    x, y = project_xy(stations["lon"].to_numpy(float), stations["lat"].to_numpy(float))
    xy = {s: (float(a), float(b)) for s, a, b in zip(stations["station_id"], x, y, strict=True)}
    placed = [(one.id, one.lonlat) for one in scenario.added_stations]
    placed += [(edit.id, edit.lonlat) for edit in scenario.moved_stations]
    for station_id, lonlat in placed:
        east, north = project_xy(*lonlat)
        xy[station_id] = (float(east), float(north))
    drawn = [spec for spec in scenario.works if _builds(spec)]
    problems = Problems(ScenarioError)
    known = {*running, *(spec.id for spec in drawn)}
    for spec in scenario.works:
        if spec.track_of and spec.track_of not in known:
            use = "a line that runs, or one that the scenario builds"
            problems.extend([unknown(f"{scenario.id}: line {spec.id}", "line", spec.track_of, use, known)])
    for spec in drawn:
        where = f"{scenario.id}: line {spec.id}"
        if spec.course is not None:
            continue
        if spec.alignment is None:
            what = "has no alignment, so that its land take is not known"
            expected = "alignment, a line_id of the alignments layer, or course, with profile and sites; or track_of, the line whose track it uses"
            remedy = "draw it (docs/draw_a_line.md); journeys and demand work without"
            problems.add(where, what, expected, remedy)
        elif spec.alignment not in alignments:
            use = "a line_id of the alignments layer"
            problems.extend([unknown(where, "alignment", str(spec.alignment), use, alignments)])
    problems.raise_all()
    return tuple(
        work_from_spec(spec, _course(spec, alignments), xy, scenario.counterfactual) for spec in drawn
    )


def _course(spec: LineSpec, alignments: Mapping[str, object]) -> object:
    """Where a line runs, EPSG:4326."""
    return LineString(spec.course) if spec.course else alignments[str(spec.alignment)]


def _builds(spec: LineSpec) -> bool:
    """Whether a line brings anything to the ground; to open a stop, or to run on what is there, does not."""
    built = bool(spec.alignment or spec.course or spec.profile or spec.sites)
    return built or (spec.runs and spec.status != "existing" and spec.track_of is None)
