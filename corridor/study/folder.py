"""New studies and scenarios on disk: a folder that runs at once, and a file to fill in."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from corridor.core import paths
from corridor.core.errors import CorridorError, Problem, ScenarioError
from corridor.core.output import whole_folder_new, write_whole

CATALOG = """\
# The layers of this study. It starts with everything that travels with the program.
# An entry below with the id of a shipped layer takes its place; one with a new id stands beside the others
# of its role. 'corridor layers list' shows all of them, 'corridor --study . layers check' says whether yours fit.
extends: shipped
layers: []
"""

SCENARIO = """\
# What is not stated here is taken from the scenario it extends.
# Check it with: corridor {check}
id: {id}
title:
  en: {title}
question:
  en: {question}
extends: {extends}
note:
  en: Made with 'corridor scenarios new'. Say here what the scenario stands for, and what is assumed.
assumptions: []
# lines:
#   add: []               # proposed lines of the bundle, or whole lines of your own
# checkpoints:
#   change: []            # e.g. {{id: a control point, open_24_hours: true}}
"""

SCRIPT = '''\
"""The study's own scenarios against the do-minimum, through the Python API.

python -P compare.py
"""

from pathlib import Path

from corridor import Study
from corridor.study.compare import compare
from corridor.web.write import write_comparison

here = Path(__file__).resolve().parent
study = Study.open(here)
comparison = compare(study)
write_comparison(study, comparison, here / "maps" / "comparison")
print(comparison.headline.T.round(1).to_string())
'''

README = """\
# A study of your own

- `catalog.yaml` lists the layers; `layers/` is for files of your own.
- `scenarios/` holds your scenarios; they may extend the shipped ones.
- `compare.py` compares them; so does `corridor --study . compare`.
- `maps/` is written by the program and may be removed at any time.
"""


def init(folder: Path) -> tuple[str, ...]:
    """Make a study folder: catalogue, one scenario, one script; returns the ids of its scenarios.

    A folder that holds anything is left alone.
    """
    with whole_folder_new(folder) as new:
        (new / "layers").mkdir()
        (new / "scenarios").mkdir()
        (new / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
        (new / "compare.py").write_text(SCRIPT, encoding="utf-8")
        (new / "README.md").write_text(README, encoding="utf-8")
        for first in _first_scenarios():
            shutil.copyfile(first, new / "scenarios" / first.name)
    return tuple(first.stem for first in _first_scenarios())


def _first_scenarios() -> list[Path]:
    """What a new study starts with: changes of the shipped scenarios."""
    return sorted((paths.scenarios_dir() / "first").glob("*.yaml"))


def new_scenario(folder: Path, scenario_id: str, extends: str) -> Path:
    """Write a scenario file to fill in; returns its path. Raises :class:`ScenarioError` where it cannot be made."""
    path = folder / f"{scenario_id}.yaml"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", scenario_id):
        raise ScenarioError(
            Problem(
                "scenario",
                f"id {scenario_id!r}",
                "small letters, digits and '-', at most 80",
                "choose another id",
            )
        )
    if path.exists():
        raise ScenarioError(Problem(str(path), "is there already", "a new id", "choose another id"))
    title = scenario_id.replace("-", " ").capitalize()
    check = f"scenarios validate {path.name}"
    text = SCENARIO.format(
        id=scenario_id, title=title, question="What does it change?", extends=extends, check=check
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise CorridorError(
            Problem(
                str(path), f"cannot be written ({error.strerror})", "a folder to write in", "choose another"
            )
        ) from None
    return path
