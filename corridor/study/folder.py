"""New studies and scenarios on disk: a folder that runs at once, and a file to fill in."""

from __future__ import annotations

import re
import shutil
from importlib.resources import files
from pathlib import Path

from corridor.core import paths
from corridor.core.errors import ScenarioError
from corridor.core.output import whole_folder_new, write_whole, writing

TEMPLATES = files("corridor.study").joinpath("new_study")
"""The files of a new study, and of a new scenario with names in braces to fill in."""


def init(folder: Path) -> tuple[str, ...]:
    """Make a study folder: catalogue, one scenario, one script; returns the ids of its scenarios.

    A folder that holds anything is left alone.
    """
    with whole_folder_new(folder) as new:
        (new / "layers").mkdir()
        (new / "scenarios").mkdir()
        for name in ("catalog.yaml", "compare.py", "README.md"):
            (new / name).write_text(_template(name), encoding="utf-8")
        for first in _first_scenarios():
            shutil.copyfile(first, new / "scenarios" / first.name)
    return tuple(first.stem for first in _first_scenarios())


def _first_scenarios() -> list[Path]:
    """What a new study starts with: changes of the shipped scenarios."""
    return sorted((paths.scenarios_dir() / "first").glob("*.yaml"))


def new_scenario(folder: Path, name: str, extends: str) -> Path:
    """Write a scenario file from the template, for a user to fill in.

    Parameters
    ----------
    folder
        Where to write it; made where it does not exist.
    name
        An id (small letters, digits and '-', at most 80), or a title, of which the id is made; the id becomes the name of
        the file.
    extends
        The scenario that the new one extends.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ScenarioError
        Where the id is not well formed, or a file of that name exists.
    CorridorError
        Where the folder cannot be written.
    """
    plain = re.fullmatch(r"[A-Za-z0-9 ,-]+", name)
    scenario_id = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") if plain else name
    title = scenario_id.replace("-", " ").capitalize() if scenario_id == name else name.strip()
    path = folder / f"{scenario_id}.yaml"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", scenario_id):
        expected = "small letters, digits and '-', at most 80"
        raise ScenarioError.at("scenario", f"id {scenario_id!r}", expected, "choose another id")
    if path.exists():
        raise ScenarioError.at(str(path), "is there already", "a new id", "choose another id")
    text = _template("scenario.yaml").format(id=scenario_id, title=title, extends=extends)
    with writing(path, "choose another folder"):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode("utf-8"))
    return path


def _template(name: str) -> str:
    return TEMPLATES.joinpath(f"{name}.txt").read_text("utf-8")
