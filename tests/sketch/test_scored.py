"""A drawing scored: the figures of the file that it is saved as, to the digit, and nothing stale."""

from __future__ import annotations

import copy
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import shapely

from corridor.ecology.connectivity.taxa import assess_taxa
from corridor.ecology.quality.quality import assess_quality
from corridor.schema.rows import names
from corridor.sketch.answer import first_answer, refined_answer
from corridor.sketch.desk import NICE, Desk
from corridor.sketch.drawing import read_drawing
from corridor.sketch.ideas import Ideas
from corridor.sketch.page import ground
from corridor.sketch.scored import STEPS, First, Nature, Refined, Sketcher
from corridor.study.access import COUNTED
from corridor.study.appraise import appraise
from corridor.study.line_view import line_view, of_line, with_names
from corridor.study.run import assess_scenario
from corridor.study.study import EVERYBODY, Study
from tests.sketch.conftest import COAST
from tests.waiting import until

HOUR = "08:30"


@pytest.fixture(scope="module")
def found(sketcher: Sketcher) -> First:
    return sketcher.first(read_drawing(COAST | {"id": "a-line-along-the-coast"}), HOUR)  # its id once saved


@pytest.fixture(scope="module")
def saved(sketcher: Sketcher, tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, str]:
    """The idea as `corridor run` has it: a scenario read from its file."""
    folder, study = tmp_path_factory.mktemp("saved"), Study.bundled()
    idea = Ideas(folder).save(read_drawing(COAST), sketcher.setting)
    return study, study.library.add_file(folder / f"{idea.id}.yaml")


@pytest.fixture(scope="module")
def as_run(sketcher: Sketcher, saved: tuple[Study, str], found: First) -> First:
    """What the first answer says, from what a run works out: networks built, works assessed, what is built priced."""
    study, idea_id = saved
    access, reference = sketcher.edit.access, sketcher.do_minimum
    before, after = (access.at(study.network(i).compiled, HOUR)[0] for i in (reference, idea_id))
    done, works = assess_scenario(study, idea_id), study.works(idea_id)
    alone = of_line(done.result, idea_id)
    (work,) = (w for w in works if w.line_id == idea_id)
    stops, sides = names(study.tables.stations, "station_id"), study.region.names
    view = line_view(work, alone, study.land, study.nature, stops, sides)
    appraised = appraise(study, [reference, idea_id], reference, {})
    assert appraised
    cost = appraised.cost.query("scope == 'added' and overrun").set_index("scenario_id")
    score = replace(found.score, before=before, after=after)
    section = with_names(view.section, study.scenario(idea_id).added_stations)
    nature = Nature(works, alone, view.seasons, section)
    return First(study.scenario(idea_id), score, nature, cost.loc[idea_id])


def test_every_number_of_the_first_answer_is_that_of_a_run(
    sketcher: Sketcher, found: First, as_run: First
) -> None:
    shown, run = first_answer(sketcher, found), first_answer(sketcher, as_run)
    for mine, other in zip(shown["groups"], run["groups"], strict=True):
        assert (mine.key, mine.rows) == (other.key, other.rows)
    assert shown["gain"] == run["gain"] and shown["row"] == run["row"]
    assert shown["figures"].keys() == run["figures"].keys()
    for name, value in run["figures"].items():  # sums in another order may differ in the last bit
        assert shown["figures"][name] == pytest.approx(value, rel=1e-12), name
    for what in COUNTED:
        assert shown["figures"][what] == run["figures"][what]


def test_the_long_section_is_that_of_a_run(found: First, as_run: First) -> None:
    mine, run = found.nature.section, as_run.nature.section
    assert mine and run
    assert mine == run


def test_every_number_of_the_slow_parts_is_that_of_a_run(
    sketcher: Sketcher, found: First, saved: tuple[Study, str]
) -> None:
    study, idea_id = saved
    nature, reference = study.nature, sketcher.do_minimum
    done = [assess_scenario(study, i) for i in (reference, idea_id)]
    prints = [one.result.footprint for one in done]
    parts = {part.step: part.table for part in sketcher.refined(found, HOUR)}
    assert set(parts) <= set(STEPS)
    assert parts["ranges"].to_dict() == {case: vars(one) for case, one in done[1].headlines.items()}
    assert nature.quality and nature.taxa
    assert parts["quality"].iloc[0].tolist() == [-assess_quality(nature.quality, p).loss_ha for p in prints]
    mesh = [nature.fragmented.change(p).groups.set_index("group")["mesh_ha_after"] for p in prints]
    assert parts["fragmentation"]["before"].equals(mesh[0].rename("before"))
    assert parts["fragmentation"]["after"].equals(mesh[1].rename("after"))
    access = sketcher.edit.access
    for scenario_id, column in ((reference, "minutes_before"), (idea_id, "minutes_after")):
        net = study.network(scenario_id)
        minutes = access.hub_minutes(net, access.costing(net, EVERYBODY, None), HOUR)["minutes"]
        assert parts["hubs"][column].tolist() == pytest.approx(minutes.tolist(), abs=0, nan_ok=True)
    taxa = assess_taxa(nature.taxa, study.works(idea_id), prints[1], ("central",), table=nature.profile)
    pd.testing.assert_frame_equal(parts["connectivity"], taxa.headline())


def test_late_at_night_one_cut_off_alone_counts_what_a_run_counts(sketcher: Sketcher) -> None:
    """Services end: the clock search stops at the cut-off, which changes no time within it."""
    access, compiled = sketcher.edit.access, sketcher._edited(sketcher.scenario(read_drawing(COAST))).compiled
    whole, alone = (access.reached(compiled, "23:00", cutoffs) for cutoffs in ((45, 60, 90), (60,)))
    assert alone.departure.closes
    assert (alone.counts[:, :, 0] == whole.counts[:, :, 1]).all() and alone.counts.any()
    begun = access.kept_reached(sketcher.edit.unedited_net.compiled, "23:00", (60,))
    edited = access.reached(compiled, "23:00", (60,), begun)
    assert (edited.counts == alone.counts).all() and (edited.counts != begun.counts).any()


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


def test_a_pencil_does_not_wait_for_rings_of_disturbance(
    sketcher: Sketcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are most of the work of nature, and only slow parts show them."""
    drawn = []
    monkeypatch.setattr("corridor.ecology.impact.assess.rings", lambda prints: drawn.append(prints))
    moved = copy.deepcopy(COAST)
    moved["line"]["points"][1]["lonlat"] = [113.978, 22.387]
    answer = first_answer(sketcher, sketcher.first(read_drawing(moved), HOUR))
    assert answer["figures"]["permanent_ha"] > 0 and not drawn


def test_the_slow_parts_follow_one_by_one(sketcher: Sketcher, found: First) -> None:
    parts = sketcher.refined(found, HOUR)
    for step in ("ranges", "quality", "fragmentation"):
        part = next(parts)
        assert part.step == step
        group = refined_answer(sketcher, part)
        assert group.key == step and group.rows


def test_travellers_have_a_row_for_each_control_point(
    sketcher: Sketcher, found: First, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"lo-wu": (186_305.1, 180_556.0), "shenzhen-bay": (0.0, 56_950.6)}
    trips = pd.DataFrame.from_dict(rows, "index", columns=["before_per_day", "after_per_day"])
    monkeypatch.setattr(sketcher, "travellers", SimpleNamespace(after=lambda _: trips))
    table = sketcher._travellers(found, HOUR)
    assert table is not None
    group = refined_answer(sketcher, Refined("travellers", table))
    assert [name.en for name, _ in group.rows] == ["Lo Wu / Luohu", "Shenzhen Bay", "All crossings"]
    assert group.rows[0][1] == ["186,300", "180,600", "−5,700"]
    assert group.rows[-1][1] == ["186,300", "237,500", "+51,200"]


class Counting(Sketcher):
    """Answers nothing but how often it was asked, slowly, and at which priority the slow parts run."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.stepped: list[str] = []
        self.priorities: set[int] = set()

    def first(self, drawing: Any, hour: str) -> Any:
        self.asked.append(drawing.title)
        time.sleep(0.05)
        return drawing

    def refined(self, found: Any, hour: str) -> Any:
        for step in range(40):
            self.stepped.append(found.title)
            with ThreadPoolExecutor(1) as pool:
                self.priorities |= {priority(), pool.submit(priority).result()}
            time.sleep(0.05)
            yield step


def priority() -> int:
    """Of the thread that asks, where threads have one of their own."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) if sys.platform == "linux" else 0


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("corridor.sketch.desk.first_answer", lambda _, found: {"title": found.title})
    monkeypatch.setattr("corridor.sketch.desk.refined_answer", lambda _, step: step)
    monkeypatch.setattr("corridor.sketch.desk.ground", lambda _: {})
    monkeypatch.setattr("corridor.sketch.desk.QUIET_S", 0.01)
    desk = Desk(Counting())
    yield desk
    desk.end()


def test_a_newer_drawing_cancels_what_is_left_of_an_older(desk: Desk) -> None:
    assert desk.score("a", 1, {"title": "one"}, HOUR) == {"number": 1, "title": "one"}
    until(lambda: desk.refined("a", 1)["groups"])
    desk.score("a", 2, {"title": "two"}, HOUR)
    assert desk.refined("a", 1) == {"number": 1, "stale": True}
    stepped = desk.sketcher.stepped  # type: ignore[attr-defined]
    until(lambda: stepped.count("two") > 3)
    assert "one" not in stepped[stepped.index("two") :]
    assert desk.score("a", 1, {"title": "late"}, HOUR) == {"number": 1, "stale": True}


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_slow_parts_give_way_to_a_drawing_and_nothing_else_does(desk: Desk) -> None:
    before = priority()
    desk.score("a", 1, {"title": "one"}, HOUR)
    until(lambda: desk.refined("a", 1)["groups"])
    assert desk.sketcher.priorities == {min(before + NICE, 19)}  # type: ignore[attr-defined]
    assert priority() == before == desk._starting.submit(priority).result()


def test_two_browsers_do_not_mix(desk: Desk) -> None:
    assert desk.score("a", 1, {"title": "mine"}, HOUR)["title"] == "mine"
    assert desk.score("b", 1, {"title": "yours"}, HOUR)["title"] == "yours"
    assert not desk.refined("a", 1).get("stale") and not desk.refined("b", 1).get("stale")


def test_a_wrong_drawing_is_answered_with_sentences(desk: Desk) -> None:
    wrong = copy.deepcopy(COAST) | {"title": ""}
    assert "title" in desk.score("a", 1, wrong, HOUR)["problems"][0].en


def test_browsers_that_are_gone_are_forgotten(desk: Desk) -> None:
    for i in range(40):
        desk._begin(f"browser-{i}", 1)
    assert len(desk._browsers) == 16
