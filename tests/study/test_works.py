"""What lines build: a line without a course is refused, and one on another's track builds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor.core.errors import ScenarioError
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
