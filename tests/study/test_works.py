"""What lines build: a line without a course is refused, and one on another's track builds nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corridor.core.errors import ScenarioError
from corridor.network.overlay import build_network
from corridor.study.study import Study

SHUTTLE = """
id: shuttle
title: {en: Shuttle}
question: {en: "Who gains?"}
extends: western-2035
lines:
  add:
  - id: local-trains
    name: {en: Local trains}
    status: concept
    stops: [hung-shui-kiu, ha-tsuen]
    length_km: 2
    run_time_min: 3
    headway_min: {peak: 8, off_peak: 12}
    hours: ["06:00", "24:00"]
"""


def works_with(folder: Path, more: str = "") -> list[str]:
    study = Study.bundled()
    path = folder / "shuttle.yaml"
    path.write_text(SHUTTLE + more, encoding="utf-8")
    study.library.add_file(path)
    return [work.line_id for work in study.works("shuttle")]


def test_a_line_without_a_course_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        works_with(tmp_path)
    assert str(caught.value) == (
        "- shuttle: line local-trains: has no alignment, so that its land take is not known; expected alignment, a line_id of "
        "the alignments layer, or course, with profile and sites; or track_of, the line whose track it uses; draw it "
        "(docs/draw_a_line.md); journeys and demand work without"
    )


def test_a_line_on_the_track_of_another_builds_nothing(tmp_path: Path, study: Study) -> None:
    found = works_with(tmp_path, "    track_of: hswrl\n")
    assert found == [work.line_id for work in study.works("western-2035")]


def test_what_has_no_such_track_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="Unknown line 'hswrll'"):
        works_with(tmp_path, "    track_of: hswrll\n")


OWN_COURSE = """
id: own-course
title: {en: A line with its own course}
question: {en: "Who gains?"}
extends: committed-2030
stations:
  add:
  - {id: sam-shing, name: {en: Sam Shing}, lonlat: [113.985, 22.3815], region: hk}
lines:
  add:
  - id: own-course
    name: {en: Coast line}
    status: concept
    stops: [tuen-mun, sam-shing]
    length_km: 2
    run_time_min: 3
    headway_min: {peak: 4, off_peak: 6}
    hours: ["06:00", "24:00"]
    course: [[113.97331, 22.39508], [113.977, 22.388], [113.985, 22.3815]]
    profile:
    - {id: all, from: tuen-mun, to: sam-shing, structure: viaduct, assumed: true}
"""


def own_course(folder: Path, *changes: tuple[str, str]) -> Study:
    study, text = Study.bundled(), OWN_COURSE
    for before, after in changes:
        text = text.replace(before, after)
    path = folder / "own-course.yaml"
    path.write_text(text, encoding="utf-8")
    study.library.add_file(path)
    return study


def test_a_file_brings_its_stations_and_its_course(tmp_path: Path) -> None:
    study = own_course(tmp_path)
    work = study.works("own-course")[-1]
    assert work.line_id == "own-course" and list(work.stations) == ["tuen-mun", "sam-shing"]
    station = build_network(study.tables, study.scenario("own-course")).stations["sam-shing"]
    assert (station.names.en, station.region, station.status) == ("Sam Shing", "hk", "concept")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("id: sam-shing, name", "id: tuen-mun, name"), "has the id of a station of the layer"),
        (("region: hk", "region: macau"), "one of the two sides (hk, sz)"),
        (("    course:", "    alignment: hswrl\n    course:"), "either alignment or course"),
    ],
)
def test_a_wrong_station_or_course_is_said(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    study = own_course(tmp_path, change)
    with pytest.raises(ScenarioError, match=re.escape(sentence)):
        build_network(study.tables, study.scenario("own-course"))
