"""The full report of a saved idea: what `corridor run` writes, with pictures, by a process of its own while drawing goes on."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from corridor.access.search.parameters import AccessParameters
from corridor.core import paths
from corridor.core.cache import Kept
from corridor.core.child import child
from corridor.core.errors import CorridorError, ScenarioError, unknown
from corridor.core.output import MARK
from corridor.drawing.write import draw_figures
from corridor.sketch.ideas import Ideas
from corridor.sketch.refusal import refused
from corridor.study.compare import compare
from corridor.study.study import Study
from corridor.web.write import write_comparison

FOLDER = "reports"
NICE = 10
"""Processors belong to the drawing first."""
_CHILD = "from corridor.sketch.report import serve; serve()"


@dataclass(frozen=True)
class Report:
    """How far the report of an idea is."""

    id: str
    state: Literal["working", "done", "failed"]
    step: str = ""
    done: int = 0
    total: int = 0
    problems: tuple[str, ...] = ()


class Task(BaseModel):
    """What the process is to write, and from which study."""

    study: Path | None
    """Folder of the study; None for the one that travels with the program."""
    kept: Path | None
    parameters: AccessParameters
    file: Path
    out: Path


class Reports:
    """The reports of a folder of ideas, written one at a time.

    Parameters
    ----------
    study
        Opened again by the process, with the same parameters.
    ideas
        The folder of ideas; reports are in a folder beside the files.
    """

    def __init__(self, study: Study, ideas: Ideas):
        self.study, self.ideas = study, ideas
        self._told: dict[str, Report] = {}
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None

    def all(self) -> list[Report]:
        """Reports under way or failed, and those written since their idea was saved last."""
        written = {p.parent.name: p for p in self.ideas.folder.glob(f"{FOLDER}/*/{MARK}")}
        fresh = [i for i, mark in written.items() if self._is_fresh(i, mark)]
        with self._lock:
            return list({**{i: Report(i, "done") for i in sorted(fresh)}, **self._told}.values())

    def _is_fresh(self, idea_id: str, mark: Path) -> bool:
        file = self.ideas.folder / f"{idea_id}.yaml"
        return file.is_file() and mark.stat().st_mtime >= file.stat().st_mtime

    def start(self, idea_id: str) -> Report:
        """Begin the report of a saved idea.

        Raises
        ------
        ScenarioError
            Where there is no such idea, or another report is being written.
        """
        if idea_id not in (known := [idea.id for idea in self.ideas.all()]):
            raise ScenarioError(unknown("", "idea", idea_id, "an idea of the list", known))
        with self._lock:
            if self._running is not None:
                raise refused("report")
            self._running = child(_CHILD)
            self._told[idea_id] = report = Report(idea_id, "working")
        threading.Thread(target=self._follow, args=(self._running, idea_id), daemon=True).start()
        return report

    def _follow(self, running: subprocess.Popen[bytes], idea_id: str) -> None:
        with running:
            assert running.stdin and running.stdout
            with contextlib.suppress(OSError):  # it died: its exit is all there is to say
                running.stdin.write(self._task(idea_id).model_dump_json().encode() + b"\n")
                running.stdin.close()
            for line in running.stdout:
                with contextlib.suppress(ValueError), self._lock:
                    self._told[idea_id] = replace(self._told[idea_id], **json.loads(line))
        status = running.returncode
        with self._lock:
            self._running = None
            told = self._told[idea_id]
            if status == 0 and not told.problems:
                del self._told[idea_id]  # it is in the folder
            else:
                why = told.problems or (f"the process ended with {status}",)
                self._told[idea_id] = replace(told, state="failed", problems=why)

    def _task(self, idea_id: str) -> Task:
        own = self.study.scenario_folders[-1]
        return Task(
            study=None if own == paths.scenarios_dir() else own.parent.absolute(),
            kept=self.study.kept.folder and self.study.kept.folder.absolute(),
            parameters=self.study.parameters,
            file=(self.ideas.folder / f"{idea_id}.yaml").absolute(),
            out=(self.ideas.folder / FOLDER / idea_id).absolute(),
        )

    def file(self, idea_id: str, name: str) -> Path | None:
        """A file of a written report: one of those that are there; no path is made from the names asked for."""
        for folder in self.ideas.folder.glob(f"{FOLDER}/*"):
            if folder.name == idea_id and (folder / MARK).is_file():
                return {p.relative_to(folder).as_posix(): p for p in _plain_files(folder)}.get(name)
        return None

    def end(self) -> None:
        """Stop the report under way; what was there before stays."""
        with self._lock:
            if self._running is not None:
                self._running.kill()


def _plain_files(folder: Path) -> Iterator[Path]:
    return (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


# --- in the process ---


def serve() -> None:
    """Write the report that standard input asks for, and say each step on standard output: the process's whole work."""
    task = Task.model_validate_json(sys.stdin.buffer.readline())
    if hasattr(os, "nice"):
        os.nice(NICE)
    try:
        write_report(task)
    except CorridorError as error:
        _say(problems=[str(problem) for problem in error.problems])


def write_report(task: Task) -> None:
    """Write pages, tables and pictures of an idea against the do-minimum.

    Raises
    ------
    CorridorError
        As :func:`corridor.compare`, :func:`corridor.write_comparison` and :func:`corridor.drawing.write.draw_figures`.
    """
    kept = Kept(task.kept)
    study = Study.open(task.study, kept) if task.study else Study.bundled(kept)
    study.parameters = task.parameters
    scenario_id = study.library.add_file(task.file)

    def tell(step: str, done: int, total: int) -> None:
        _say(step=step, done=done, total=total)

    write_comparison(study, compare(study, [scenario_id], tell), task.out, tell)
    draw_figures(task.out, task.out / "figures", catalog=study.catalog, progress=tell)


def _say(**told: Any) -> None:
    print(json.dumps(told), flush=True)
