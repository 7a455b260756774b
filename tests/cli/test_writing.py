"""Commands where the system is against them: a full disk, a closed pipe, another encoding, a user without a home.

Folders that commands write: `test_output_folders.py` and `core/test_whole_output.py`; an installation that cannot be
written: `core/test_jit.py`.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import yaml

from corridor.core import cache
from corridor.drawing import write as drawing
from corridor.study.study import Study
from tests.conftest import Cli, contents
from tests.paths import ROOT
from tests.zhuhai_macao import make_study

POINTS = "id,lon,lat\na,114.16,22.28\n"
STORY = "title: {en: A story}\n"


def _full(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, no file and no folder is made."""

    def fill() -> None:
        monkeypatch.setattr(tempfile, "mkstemp", _full)
        monkeypatch.setattr(tempfile, "mkdtemp", _full)

    return fill


@pytest.fixture
def worked_out(shared: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """What commands compute is there: these tests look at the writing alone."""
    hours = [{"hour": "08:30", "hub_minutes": 1.0, "lost_hub_minutes": 0.0, "open_control_points": 1}]
    for name in ("jobs", "residents", "jobs_across", "lost_jobs", "lost_jobs_across"):
        hours[0] |= {f"{name}_{minutes}": 1.0 for minutes in shared.parameters.cutoffs_min}
    monkeypatch.setattr(Study, "times", lambda *_: pd.DataFrame({"minutes": [1.0]}))
    monkeypatch.setattr("corridor.study.hours.what_closing_costs", lambda *_: pd.DataFrame(hours))
    monkeypatch.setattr("corridor.formats.gtfs.feed_tables", lambda *_: {})
    monkeypatch.setattr("corridor.web.story.read_story", lambda _: SimpleNamespace(scenario_ids=()))
    monkeypatch.setattr("corridor.study.compare.compare", lambda *_: None)
    monkeypatch.setattr("corridor.web.write._page_layers", lambda *_: None)
    monkeypatch.setattr("corridor.web.write.write_story", _full)
    monkeypatch.setattr(drawing, "read", lambda _: None)
    monkeypatch.setattr(drawing, "ground", lambda _: None)
    monkeypatch.setattr(drawing.maps, "Drawn", lambda *_: None)
    monkeypatch.setattr(drawing, "_figures", lambda *_: [SimpleNamespace(name="a map")])
    monkeypatch.setattr(drawing, "write_figure", _full)


@pytest.mark.parametrize(
    "command",
    [
        "scenarios new my-idea",
        "init mine",
        "times --origins points.csv --destinations points.csv --out minutes.csv",
        "hours baseline-2024 --out hours.csv",
        "gtfs baseline-2024 --out feed.zip",
        "story story.yaml",
        "map . --out figures",
        "watch baseline-2024 --out watch",
        "layers check --seal",
    ],
)
def test_a_full_disk_is_said_and_leaves_no_file(
    command: str, cli: Cli, worked_out: None, full_disk: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "points.csv").write_text(POINTS, encoding="utf-8")
    (tmp_path / "story.yaml").write_text(STORY, encoding="utf-8")
    words = command.split()
    if words[0] == "layers":
        words = ["--study", str(make_study(tmp_path / "mine")), *words]
    full_disk()
    with contents(tmp_path):
        result = cli(*words)
    assert result.exit_code == 1
    assert (
        "could not be written (No space left on device)" in result.output
        or "cannot be written" in result.output
    )
    assert "Traceback" not in result.output


def test_a_kill_while_a_file_is_written_leaves_the_earlier_one(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from corridor.core.output import write_whole
Path.chmod = lambda *_: (print("written", flush=True), time.sleep(60))
write_whole(Path(sys.argv[1]), b"new")
"""
    path = tmp_path / "minutes.csv"
    path.write_text("earlier", encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    ) as run:  # fmt: skip
        assert run.stdout is not None and run.stdout.readline() == b"written\n"
        run.send_signal(signal.SIGKILL)
    assert path.read_text(encoding="utf-8") == "earlier"


def _run(*words: str, **environment: str) -> subprocess.Popen[bytes]:
    code = "from corridor.__main__ import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["scenarios list", "scenarios schema", "layers list --json"])
def test_output_that_is_closed_ends_the_command_without_a_word(command: str) -> None:
    with _run(*command.split()) as run:  # as in `corridor ... | head -1`
        assert run.stdout is not None and run.stderr is not None
        assert run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode in {0, 1}


ENCODINGS = {
    "of the system, C": {"LC_ALL": "C"},
    "of the system, ASCII": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "of Western Windows": {"PYTHONIOENCODING": "cp1252"},
}


@pytest.mark.parametrize("name", list(ENCODINGS))
def test_any_encoding_prints_texts_that_read_back(name: str, shared: Study) -> None:
    encoding = ENCODINGS[name].get("PYTHONIOENCODING", "utf-8")
    title = shared.scenario("western-2035").title
    with _run("scenarios", "show", "western-2035", **ENCODINGS[name]) as run:
        said, fault = run.communicate()
    assert run.returncode == 0 and not fault
    assert yaml.safe_load(said.decode(encoding))["title"]["zh-Hant"] == title.zh_hant
    with _run("scenarios", "list", "--json", **ENCODINGS[name]) as run:
        said, fault = run.communicate()
    assert json.loads(said.decode(encoding))["western-2035"]["title"]["zh-Hant"] == title.zh_hant


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A user of whom the system knows no home, as in a container."""

    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("CORRIDOR_CACHE", raising=False)
    cache._of_this_run.cache_clear()
    yield
    cache._of_this_run.cache_clear()


def test_without_a_home_results_are_kept_for_this_run_alone(homeless: None, cli: Cli) -> None:
    folder = cache.cache_folder("kernels")
    assert folder == cache.cache_folder() / "kernels" and cache.cache_folder().is_dir()
    assert cache.cache_folder().stat().st_mode & 0o077 == 0  # nobody else can put compiled code there
    assert cli("scenarios", "list").exit_code == 0
