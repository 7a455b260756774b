"""A drawing scored: the figures of the file that it is saved as, to the digit, and nothing stale."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from corridor.sketch.answer import figures, first_answer, refined_answer
from corridor.sketch.desk import Desk
from corridor.sketch.drawing import read_drawing
from corridor.sketch.ideas import Ideas
from corridor.sketch.page import ground
from corridor.sketch.scored import CUTOFF_MIN, First, Refined, Sketcher
from corridor.study.access import COUNTED, counted
from corridor.study.line_view import of_line
from corridor.study.run import assess_scenario
from corridor.study.study import Study
from tests.sketch.conftest import COAST

HOUR = "08:30"


@pytest.fixture(scope="module")
def found(sketcher: Sketcher) -> First:
    return sketcher.first(read_drawing(COAST), HOUR)


def test_the_saved_file_scores_to_the_same_digits(sketcher: Sketcher, found: First, tmp_path: Path) -> None:
    """As `corridor run` scores it: the scenario read from its file, its network built, its works assessed."""
    idea = Ideas(tmp_path).save(read_drawing(COAST), sketcher.setting)
    study = Study.bundled()
    study.library.add_file(tmp_path / f"{idea.id}.yaml")
    net, access = study.network(idea.id), sketcher.edit.access
    reach, _ = access.at(net.compiled, HOUR)
    told = figures(found)
    for what in COUNTED:
        values = counted(reach, CUTOFF_MIN, what, sketcher.cells.side)
        assert told[what] == float(np.average(values, weights=sketcher.cells.people()))
    done = assess_scenario(study, idea.id)
    take = of_line(done.result, idea.id).habitat_take
    assert found.nature.line
    assert take["area_ha"].tolist() == found.nature.line.habitat_take["area_ha"].tolist()
    assert told["permanent_ha"] == pytest.approx(take[take["permanence"] == "permanent"]["area_ha"].sum())
    ranges = next(sketcher.refined(found, HOUR)).table
    assert ranges.to_dict() == {case: vars(one) for case, one in done.headlines.items()}


def test_the_map_shows_what_a_line_could_harm(sketcher: Sketcher) -> None:
    shown = ground(sketcher)
    ramsar = next(d for d in shown["designations"] if d["kind"] == "ramsar")
    mai_po = shapely.Point(22.4945, 114.0286)  # latitude first, as the map takes it
    assert any(shapely.Polygon(ring).contains(mai_po) for ring in ramsar["rings"])
    assert shown["corridors"]


def test_the_answer_has_what_a_pencil_asks(sketcher: Sketcher, found: First) -> None:
    answer = first_answer(sketcher, found)
    groups = {group.key: group for group in answer["groups"]}
    assert list(groups) == [
        "people",
        "districts",
        "cost",
        "land",
        "designations",
        "corridors",
        "wildlife",
        "seasons",
    ]
    assert groups["land"].rows and groups["designations"].rows[0][0].en == "Tai Lam Country Park"
    assert answer["section"].startswith("<svg") and len(answer["gain"]["cell"]) > 0
    assert answer["figures"]["jobs change"] > 0
    assert answer["figures"]["cost low"] < answer["figures"]["cost central"] < answer["figures"]["cost high"]


def test_the_slow_parts_follow_one_by_one(sketcher: Sketcher, found: First) -> None:
    parts = sketcher.refined(found, HOUR)
    for step in ("ranges", "quality", "fragmentation"):
        part = next(parts)
        assert part.step == step
        (group,) = refined_answer(sketcher, part)
        assert group.key == step and group.rows


def test_travellers_have_a_row_for_each_control_point(
    sketcher: Sketcher, found: First, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"lo-wu": (186_305.1, 180_556.0), "shenzhen-bay": (0.0, 56_950.6)}
    trips = pd.DataFrame.from_dict(rows, "index", columns=["before_per_day", "after_per_day"])
    monkeypatch.setattr(sketcher, "travellers", SimpleNamespace(after=lambda _: trips))
    table = sketcher._travellers(found, HOUR)
    assert table is not None
    (group,) = refined_answer(sketcher, Refined("travellers", table))
    assert [name.en for name, _ in group.rows] == ["Lo Wu / Luohu", "Shenzhen Bay", "All crossings"]
    assert group.rows[0][1] == ["186,300", "180,600", "−5,700"]
    assert group.rows[-1][1] == ["186,300", "237,500", "+51,200"]


class Counting(Sketcher):
    """Answers nothing but how often it was asked, slowly."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.stepped: list[str] = []

    def first(self, drawing: Any, hour: str) -> Any:
        self.asked.append(drawing.title)
        time.sleep(0.05)
        return drawing

    def refined(self, found: Any, hour: str) -> Any:
        for step in range(40):
            self.stepped.append(found.title)
            time.sleep(0.05)
            yield step


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("corridor.sketch.desk.first_answer", lambda _, found: {"title": found.title})
    monkeypatch.setattr("corridor.sketch.desk.refined_answer", lambda _, step: [step])
    monkeypatch.setattr("corridor.sketch.desk.ground", lambda _: {})
    monkeypatch.setattr("corridor.sketch.desk.QUIET_S", 0.01)
    desk = Desk(Counting())
    yield desk
    desk.end()


def test_a_newer_drawing_cancels_what_is_left_of_an_older(desk: Desk) -> None:
    assert desk.score("a", 1, {"title": "one"}, HOUR) == {"number": 1, "title": "one"}
    time.sleep(0.3)
    assert desk.refined("a", 1)["groups"]
    desk.score("a", 2, {"title": "two"}, HOUR)
    assert desk.refined("a", 1) == {"number": 1, "stale": True}
    time.sleep(0.4)
    stepped = desk.sketcher.stepped  # type: ignore[attr-defined]
    assert "two" in stepped and "one" not in stepped[stepped.index("two") :]
    assert desk.score("a", 1, {"title": "late"}, HOUR) == {"number": 1, "stale": True}


def test_two_browsers_do_not_mix(desk: Desk) -> None:
    assert desk.score("a", 1, {"title": "mine"}, HOUR)["title"] == "mine"
    assert desk.score("b", 1, {"title": "yours"}, HOUR)["title"] == "yours"
    assert not desk.refined("a", 1).get("stale") and not desk.refined("b", 1).get("stale")


def test_a_wrong_drawing_is_answered_with_sentences(desk: Desk) -> None:
    wrong = copy.deepcopy(COAST) | {"title": ""}
    assert "title" in desk.score("a", 1, wrong, HOUR)["problems"][0]


def test_browsers_that_are_gone_are_forgotten(desk: Desk) -> None:
    for i in range(40):
        desk._begin(f"browser-{i}", 1)
    assert len(desk._browsers) == 16
