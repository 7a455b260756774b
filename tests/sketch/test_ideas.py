"""The folder of ideas: saved whole, opened as they were drawn, never one over another's."""

from __future__ import annotations

import copy
import http.client
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from corridor.core.errors import ScenarioError
from corridor.schema.scenario import read_scenario
from corridor.schema.text import Text
from corridor.sketch.drawing import read_drawing, scenario_file
from corridor.sketch.ideas import Ideas, drawing_of
from corridor.sketch.page import worked
from corridor.sketch.scored import Sketcher
from tests.paths import ROOT
from tests.sketch.conftest import COAST


def test_an_idea_opens_as_it_was_drawn(sketcher: Sketcher, tmp_path: Path) -> None:
    ideas, drawing = Ideas(tmp_path / "ideas"), read_drawing(COAST)
    saved = ideas.save(drawing, sketcher.setting)
    assert saved.id == "a-line-along-the-coast"
    opened, revision = ideas.open(saved.id, sketcher.setting)
    assert revision == saved.revision
    assert opened.line and drawing.line
    assert opened.line.structures == drawing.line.structures
    assert [p.name or p.station for p in opened.line.points] == [
        "tuen-mun",
        None,
        "Sam Shing",
        "So Kwun Wat",
    ] or [p.name or p.station or "" for p in opened.line.points] == [
        "tuen-mun",
        "",
        "Sam Shing",
        "So Kwun Wat",
    ]
    assert ideas.save(opened, sketcher.setting, revision).id == saved.id
    assert (
        scenario_file(opened, sketcher.setting)["lines"]
        == scenario_file(drawing.model_copy(update={"id": saved.id}), sketcher.setting)["lines"]
    )


def test_an_idea_of_another_browser_is_never_written_over(sketcher: Sketcher, tmp_path: Path) -> None:
    ideas, drawing = Ideas(tmp_path), read_drawing(COAST)
    mine = ideas.save(drawing, sketcher.setting)
    theirs = ideas.save(drawing, sketcher.setting)
    assert theirs.id == f"{mine.id}-2"
    other = read_drawing(copy.deepcopy(COAST) | {"headways_min": {"east-rail": 4}})
    again = ideas.save(other, sketcher.setting, mine.revision)
    assert again.id == mine.id and again.revision != mine.revision
    assert ideas.save(drawing, sketcher.setting, mine.revision).id == f"{mine.id}-3"
    assert [idea.id for idea in ideas.all()] == [mine.id, f"{mine.id}-2", f"{mine.id}-3"]


@pytest.mark.parametrize("idea_id", ["../secret", "/etc/passwd", "nowhere", "..", ""])
def test_no_path_comes_from_the_page(sketcher: Sketcher, tmp_path: Path, idea_id: str) -> None:
    (tmp_path / "secret.yaml").write_text("id: secret\n")
    with pytest.raises(ScenarioError):
        Ideas(tmp_path / "ideas").open(idea_id, sketcher.setting)


def test_what_a_drawing_cannot_show_is_not_opened(sketcher: Sketcher, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        'id: mine\ntitle: {en: Mine}\nquestion: {en: "Why?"}\nextends: committed-2030\nlines: {add: [hswrl]}\n'
    )
    with pytest.raises(ScenarioError, match="cannot show"):
        Ideas(tmp_path).open("mine", sketcher.setting)


@pytest.mark.parametrize("beyond", ["a name too long", "too many points"])
def test_a_file_beyond_the_limits_of_a_drawing_is_refused_in_a_sentence(
    sketcher: Sketcher, tmp_path: Path, beyond: str
) -> None:
    stated = scenario_file(read_drawing(COAST | {"id": "mine"}), sketcher.setting)
    if beyond == "a name too long":
        stated["stations"]["add"][0]["name"]["en"] = "Far " * 30
    else:
        stated["lines"]["add"][0]["course"] = [[113.97331 + 0.001 * i, 22.39508] for i in range(300)]
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(stated))
    with pytest.raises(ScenarioError, match="cannot show"):
        Ideas(tmp_path).open("mine", sketcher.setting)


def test_a_station_keeps_its_names_in_three_scripts(sketcher: Sketcher, tmp_path: Path) -> None:
    named = copy.deepcopy(COAST)
    named["line"]["points"][2] |= {"name_zh_hant": "三聖", "name_zh_hans": "三圣"}
    drawing = read_drawing(named)
    idea = Ideas(tmp_path).save(drawing, sketcher.setting)
    sam_shing, so_kwun_wat = read_scenario(tmp_path / f"{idea.id}.yaml")[0].stations.add
    assert sam_shing.name == Text(en="Sam Shing", zh_hant="三聖", zh_hans="三圣")
    assert so_kwun_wat.name == Text(en="So Kwun Wat")
    opened, _ = Ideas(tmp_path).open(idea.id, sketcher.setting)
    assert opened.line and drawing.line
    assert [p.names for p in opened.line.points] == [p.names for p in drawing.line.points]


def test_the_worked_ideas_can_be_drawn(sketcher: Sketcher) -> None:
    found = worked(sketcher)
    assert len(found) == 3
    for title, drawing in found:
        assert title.zh_hant and title.zh_hans
        new = [p for p in drawing.line.points if p.name] if drawing.line else []
        assert all(p.name_zh_hant and p.name_zh_hans for p in new)
        assert sketcher.scenario(drawing)


def test_every_file_of_worked_ideas_is_a_scenario(sketcher: Sketcher) -> None:
    for path in (ROOT / "scenarios/ideas").glob("*.yaml"):
        assert drawing_of(read_scenario(path)[0], sketcher.setting).id == path.stem


def test_a_killed_save_leaves_the_idea_as_it_was(tmp_path: Path) -> None:
    """A process that is killed between writing and renaming: the file is the old one, whole."""
    target = tmp_path / "idea.yaml"
    target.write_text("old\n")
    code = (
        "import os, signal; from pathlib import Path; from corridor.core.output import write_whole\n"
        "Path.replace = lambda self, to: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"write_whole(Path({str(target)!r}), b'new')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode != 0
    assert target.read_text() == "old\n"
    assert [p.name for p in tmp_path.glob("*.yaml") if not p.name.startswith(".")] == ["idea.yaml"]


def test_many_browsers_that_save_one_name_at_once_lose_nothing(sketcher: Sketcher, tmp_path: Path) -> None:
    drawings = [read_drawing(COAST | {"headways_min": {"east-rail": float(3 + i)}}) for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(lambda d: Ideas(tmp_path).save(d, sketcher.setting), drawings))
    assert len({idea.id for idea in saved}) == 8
    for idea, drawing in zip(saved, drawings, strict=True):
        assert Ideas(tmp_path).open(idea.id, sketcher.setting)[0].headways_min == drawing.headways_min


def test_a_killed_server_loses_no_saved_idea(sketcher: Sketcher, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "corridor", "sketch", "--no-open", "--ideas", str(tmp_path / "ideas")]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        address = running.stdout.readline().split()[1].removesuffix(";")
        port, token = urlsplit(address).port, urlsplit(address).path.strip("/")
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        for _ in range(3):
            body = json.dumps({"drawing": COAST, "revision": ""})
            asked.request("POST", f"/{token}/save", body, {"Content-Type": "application/json"})
            assert "idea" in json.loads(asked.getresponse().read())
        asked.close()
    finally:
        running.kill()
        running.wait()
        assert running.stdout
        running.stdout.close()
    ideas = Ideas(tmp_path / "ideas")
    assert [idea.id for idea in ideas.all()] == [f"a-line-along-the-coast{end}" for end in ("", "-2", "-3")]
    assert ideas.open("a-line-along-the-coast", sketcher.setting)[0].line


@pytest.mark.parametrize(
    "services",
    [
        {"headways_min": {"east-rail": 4}},
        {"headways_min": {"east-rail": {"peak": 3, "late": 12}, "tuen-ma": 2.5}},
        {"closed_lines": ["airport-express"]},
        {"checkpoints": [{"id": "shenzhen-bay", "open": "06:00", "close": "25:30"}]},
        {"checkpoints": [{"id": "lo-wu", "regime": "joint_clearance", "open_24_hours": True}]},
        {"checkpoints": [{"id": "lo-wu", "status": "closed"}]},
    ],
)
def test_every_change_of_services_is_saved_and_opened(
    sketcher: Sketcher, tmp_path: Path, services: dict[str, Any]
) -> None:
    drawing = read_drawing({"title": "Services", **services})
    opened, _ = Ideas(tmp_path).open(Ideas(tmp_path).save(drawing, sketcher.setting).id, sketcher.setting)
    assert opened.model_copy(update={"id": drawing.id}) == drawing
    assert sketcher._edited(sketcher.scenario(opened)).compiled


@pytest.mark.parametrize("headway", ["often", {"peak": 0}, {"noon": 4}, [4], None, -3])
def test_a_headway_that_cannot_be_one_is_refused_in_a_sentence(
    sketcher: Sketcher, tmp_path: Path, headway: object
) -> None:
    stated = {
        "id": "mine", "title": {"en": "Mine"}, "question": {"en": "Why?"}, "extends": sketcher.do_minimum,
        "lines": {"change": [{"id": "east-rail", "headway_min": headway}]},
    }  # fmt: skip
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(stated))
    with pytest.raises(ScenarioError, match="cannot show"):
        Ideas(tmp_path).open("mine", sketcher.setting)


def test_passengers_clear_on_the_side_that_is_chosen(sketcher: Sketcher, tmp_path: Path) -> None:
    line = {
        **COAST["line"],
        "points": [
            {"lonlat": [113.98672, 22.42804], "station": "hung-shui-kiu"},
            {"lonlat": [113.9441, 22.507], "station": "shenzhen-bay-port"},
        ],
        "structures": ["bored_tunnel"],
        "checkpoint": "hswrl-shenzhen-bay",
        "clears_on": "hk",
    }
    drawing = read_drawing({"id": "south", "title": "South", "line": line})
    clearance = sketcher.scenario(drawing).works[-1].clearance
    assert clearance and clearance.at == ("hung-shui-kiu",)
    opened, _ = Ideas(tmp_path).open(Ideas(tmp_path).save(drawing, sketcher.setting).id, sketcher.setting)
    assert opened.line and opened.line.clears_on == "hk"
    wrong = read_drawing({"title": "Nowhere", "line": {**line, "clears_on": "mars"}})
    with pytest.raises(ScenarioError, match="mars"):
        sketcher.scenario(wrong)
