"""The full report of an idea: written by a process of its own, one at a time, and given file by file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corridor.core.child import child
from corridor.core.errors import ScenarioError
from corridor.sketch.ideas import Ideas
from corridor.sketch.report import Report, Reports
from corridor.study.study import Study
from tests.waiting import until

IDEA = 'id: {0}\ntitle: {{en: An idea}}\nquestion: {{en: "Why?"}}\nextends: committed-2030\nlines: {{add: [hswrl]}}\n'
WRITES = """
import json, pathlib, sys
task = json.loads(sys.stdin.readline())
print(json.dumps({"step": "pages", "done": 1, "total": 2}), flush=True)
out = pathlib.Path(task["out"])
(out / "figures").mkdir(parents=True)
(out / "index.html").write_text("<!DOCTYPE html><title>report</title><script>document.title = 'it runs'</script>")
(out / "figures" / "map.png").write_bytes(b"PNG")
(out / "run.json").write_text(json.dumps({"file": task["file"]}))
"""
"""In place of the process that takes minutes."""


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reports]:
    monkeypatch.setattr("corridor.sketch.report._CHILD", WRITES)
    folder = tmp_path / "ideas"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text(IDEA.format(name))
    made = Reports(Study.bundled(), Ideas(folder))
    yield made
    made.end()


def states(reports: Reports) -> dict[str, str]:
    return {report.id: report.state for report in reports.all()}


def test_a_report_is_written_and_given_file_by_file(reports: Reports) -> None:
    assert reports.all() == []
    assert reports.start("one") == Report("one", "working")
    until(lambda: states(reports) == {"one": "done"})
    page, picture = (reports.file("one", name) for name in ("index.html", "figures/map.png"))
    assert page and picture and picture.read_bytes() == b"PNG"
    secret = reports.ideas.folder / "secret"
    secret.write_text("secret")
    (page.parent / "link").symlink_to(secret)
    for idea, name in (("one", "../../secret"), ("one", "link"), ("one", str(secret)), ("..", "secret"), ("two", "index.html")):  # fmt: skip
        assert reports.file(idea, name) is None


def test_the_report_of_an_idea_that_was_changed_is_not_shown(reports: Reports) -> None:
    reports.start("one")
    until(lambda: states(reports) == {"one": "done"})
    time.sleep(0.02)
    (reports.ideas.folder / "one.yaml").write_text(IDEA.format("one"))
    assert reports.all() == []


def test_one_report_at_a_time(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corridor.sketch.report._CHILD", "import time; time.sleep(60)")
    reports.start("one")
    with pytest.raises(ScenarioError, match="Another report is being written"):
        reports.start("two")
    reports.end()
    until(lambda: states(reports) == {"one": "failed"})
    monkeypatch.setattr("corridor.sketch.report._CHILD", WRITES)
    reports.start("one")
    until(lambda: states(reports) == {"one": "done"})


def test_no_report_of_what_is_no_idea(reports: Reports) -> None:
    for name in ("three", "../one", ""):
        with pytest.raises(ScenarioError):
            reports.start(name)


def test_what_is_wrong_with_an_idea_is_said(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the process as it is: it opens the study and stops at the first fault, before any computing."""
    monkeypatch.undo()
    text = IDEA.format("one").replace("hswrl", "nowhere")
    (reports.ideas.folder / "one.yaml").write_text(text)
    reports.start("one")
    until(lambda: states(reports) == {"one": "failed"})
    (told,) = reports.all()
    assert any("nowhere" in problem for problem in told.problems)


def test_a_child_finds_this_package_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('a strange numpy')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    out, _ = child("import corridor, numpy; print(corridor.__file__, numpy.__version__)").communicate()
    import corridor

    assert out.decode().startswith(corridor.__file__)
